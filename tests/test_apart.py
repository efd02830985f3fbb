"""Work apart: another process finds the same, and where it fails or nobody waits for it, nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from made_reviews import derived

from reviewdb import apart, assembling, build, correcting, matching, proposing
from reviewdb.review import Review
from reviewdb.tagging import Tagger

HALF = "import sys; sys.stdin.buffer.read(9); print('half', flush=True); raise SystemExit(1)"
# Answers once, and no second time.
ONCE = """
import sys
import time
from itertools import islice
from importlib import import_module
from reviewdb import apart
module = import_module(sys.argv[1])
answers = module.answers
module.answers = lambda jobs: islice(answers(jobs), 1)
apart.main(sys.argv[1])
"""
FAILING = {
    "ends at once": (sys.executable, "-c", "raise SystemExit(1)"),
    "ends with half": (sys.executable, "-c", HALF),
    "answers once": (sys.executable, "-c", ONCE),
    "is not there": ("no-such-program-anywhere",),
}
# Sends less than it says that it will, as who is killed amid it does.
ABANDONED = """
import time
from reviewdb import apart
with apart.working("reviewdb.tagging") as worker:
    print(worker._process.pid, flush=True)
    worker._process.stdin.write(b"\\x80\\x05\\x8c\\xff" + b"text")
    worker._process.stdin.flush()
    time.sleep(60)
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
    apart_from_here = derived(corrected)
    monkeypatch.setattr(apart, "COMMAND", command)
    build.rebuild(corrected)
    assert derived(corrected) == apart_from_here


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

    monkeypatch.setattr(proposing, "_decisions", interrupt)
    with pytest.raises(KeyboardInterrupt):
        build.rebuild(example)
    assert len(begun) == 2
    assert all(process.returncode is not None for process in begun)


@pytest.mark.skipif(os.name != "posix", reason="Windows ends no process so")
def test_who_is_killed_leaves_no_process(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ABANDONED], stdout=subprocess.PIPE, cwd=tmp_path) as process:
        assert process.stdout
        other = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
    for _ in range(200):
        try:
            os.kill(other, 0)
        except ProcessLookupError:
            return
        status = Path(f"/proc/{other}/stat")
        if status.exists() and status.read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z":
            return  # ended, and not yet waited for by anybody
        time.sleep(0.05)
    pytest.fail("it goes on")
