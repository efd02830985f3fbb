"""Work apart: another process finds the same, and where it fails or nobody waits for it, nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from made_reviews import derived

from reviewdb import apart, assembling, build, correcting, matching, suggestions
from reviewdb.model import Record
from reviewdb.review import Review
from reviewdb.scheme import parse
from reviewdb.tagging import Tagger

HALF = "import sys; sys.stdin.buffer.read(9); print('half', flush=True); raise SystemExit(1)"
# Replies once, and no second time.
ONCE = """
import sys
from itertools import islice
from importlib import import_module
from reviewdb import apart
module = import_module(sys.argv[1])
replies = module.replies
module.replies = lambda jobs: islice(replies(jobs), 1)
apart.main(sys.argv[1])
"""
FAILING = {
    "ends at once": (sys.executable, "-c", "raise SystemExit(1)"),
    "ends with half": (sys.executable, "-c", HALF),
    "replies once": (sys.executable, "-c", ONCE),
    "is not there": ("no-such-program-anywhere",),
}
# Is killed where nothing is sent, amid a job, or while the other process is busy with one.
ABANDONED = """
import os, sys, time
from reviewdb import apart
os.cpu_count = lambda: 2
with apart.working("busy") as worker:
    print(worker._process.pid, flush=True)
    if sys.argv[1] == "busy":
        worker.send([1])
        print(worker.reply(sys.exit), flush=True)
    if sys.argv[1] == "amid":
        worker._process.stdin.write(b"\\x80\\x05\\x8c\\xff" + b"text")
        worker._process.stdin.flush()
    print("ready", flush=True)
    time.sleep(60)
"""
BUSY = """
def replies(jobs):
    yield next(jobs)
    while True:
        pass
"""


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every review for a large one, of many batches, on a machine of two cores."""
    monkeypatch.setattr(assembling, "_MANY", 1)
    monkeypatch.setattr(assembling, "_AT_ONCE", 10)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """Return the processes that are begun."""
    noted: list[subprocess.Popen[bytes]] = []
    begin = subprocess.Popen

    def note(*arguments: Any, **named: Any) -> subprocess.Popen[bytes]:  # noqa: ANN401 - as Popen takes them
        noted.append(begin(*arguments, **named))
        return noted[-1]

    monkeypatch.setattr(subprocess, "Popen", note)
    return noted


@pytest.fixture
def corrected(ready: Review) -> Review:
    """Return a review in which a person put a title right, which rules read in place of the others."""
    correcting.correct(ready, "schlegl2017unsupervised", {"title": "A transformer for chest CT"}, [], "ana")
    return ready


@pytest.mark.usefixtures("parts")
def test_other_processes_find_the_same(
    corrected: Review, begun: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assembling, "_MANY", 10**9)
    build.rebuild(corrected)
    here = derived(corrected)
    assert not begun
    monkeypatch.setattr(assembling, "_MANY", 1)
    monkeypatch.setattr(matching, "match", None)  # it is not done here
    monkeypatch.setattr(Tagger, "told", None)
    build.rebuild(corrected)
    assert derived(corrected) == here
    assert len(begun) == 2


@pytest.mark.usefixtures("parts")
@pytest.mark.parametrize("command", FAILING.values(), ids=FAILING)
def test_where_they_fail_it_is_done_here(
    command: tuple[str, ...], corrected: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    build.rebuild(corrected)
    elsewhere = derived(corrected)
    here: list[str] = []
    match, told = matching.match, Tagger.told
    monkeypatch.setattr(matching, "match", lambda records: here.append("matched") or match(records))
    monkeypatch.setattr(Tagger, "told", lambda self, fields: here.append("tagged") or told(self, fields))
    monkeypatch.setattr(apart, "COMMAND", command)
    build.rebuild(corrected)
    assert derived(corrected) == elsewhere
    assert "tagged" in here
    assert "matched" in here or command == FAILING["replies once"]


def nobody() -> list[object]:
    """Do what the other process is to do."""
    pytest.fail("it did not reply")


@pytest.mark.usefixtures("parts")
def test_who_has_replied_ends_as_it_should(begun: list[subprocess.Popen[bytes]]) -> None:
    with apart.working("reviewdb.matching") as worker:
        worker.send(matching.jobs([Record("a", "s", 1, "One title"), Record("b", "s", 2, "Another")]))
        assert worker.reply(nobody) == []
        assert begun[0].wait(10) == 0


@pytest.mark.usefixtures("parts")
def test_nothing_of_the_folder_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "queue.py").write_text("raise SystemExit(1)", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with apart.working("reviewdb.matching") as worker:
        worker.send(matching.jobs([]))
        assert worker.reply(nobody) == []


def test_a_correction_that_is_of_no_paper_is_read_for_what_it_puts_right() -> None:
    scheme = parse((ROOT / "data" / "coding-scheme.toml").read_text(encoding="utf-8"), "x")[0]
    stray = Record("a", "s", 1, "A GAN for chest X-ray", about="b", extra={"corrects": ["title"]})
    of_year = replace(stray, id="c", extra={"corrects": ["year"]})
    with apart.working("reviewdb.tagging", wanted=False) as nobody:
        (told,) = suggestions.suggested(scheme, [[[stray], [of_year]]], nobody)
    assert {made.question for made in told["a"]} >= {"modality", "method"}
    assert told["c"] == []


@pytest.mark.usefixtures("parts")
def test_one_core_does_it_alone(
    example: Review, begun: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    build.rebuild(example)
    assert not begun


@pytest.mark.usefixtures("parts")
def test_who_is_interrupted_leaves_no_process(
    example: Review, begun: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(suggestions, "_decisions", interrupt)
    with pytest.raises(KeyboardInterrupt):
        build.rebuild(example)
    assert len(begun) == 2
    assert all(process.returncode is not None for process in begun)


@pytest.mark.skipif(os.name != "posix", reason="Windows ends no process so")
@pytest.mark.parametrize("when", ["idle", "amid", "busy"])
def test_who_is_killed_leaves_no_process(when: str, tmp_path: Path) -> None:
    (tmp_path / "busy.py").write_text(BUSY, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, "-c", ABANDONED, when]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as process:
        assert process.stdout
        other = int(process.stdout.readline())
        assert any(line == "ready\n" for line in process.stdout)
        process.send_signal(signal.SIGKILL)
    for _ in range(200):
        if has_ended(other):
            return
        time.sleep(0.05)
    os.kill(other, signal.SIGKILL)
    pytest.fail("it goes on")


def has_ended(process: int) -> bool:
    """Say whether a process that is no child of ours has ended; nobody may have waited for it yet."""
    try:
        os.kill(process, 0)
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except ProcessLookupError:
        return True
    except FileNotFoundError:  # it went meanwhile, or this system tells no states
        return False
    return state == "Z"
