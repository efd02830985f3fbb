"""Faults: a sample of tests/benchmarks/faults.py; nothing acknowledged is lost, and the same again mends the rest.

And locks: writers of one review wait for each other, and a drive that has no locks is told.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import faulting
import pytest
import scholar_server
from conftest import Program
from faulting import Place

from reviewdb import checking, locks, review
from reviewdb.folder import Review

traced = pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace: apt-get install strace")
STRACE = ("strace", "-f", "-qq", "-o", "/dev/null")
TAG = ("tag", "hong2024outofdistribution", "modality=ct", "--coder", "ana")


@pytest.fixture(scope="module")
def struck(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Mapping[str, str]]]:
    root = tmp_path_factory.mktemp("struck")
    with scholar_server.serving() as scholar:
        environment = {"REVIEWDB_SCHOLAR_URL": scholar.url, "REVIEWDB_PACE": "0"}
        faulting.base(root / "base", environment)
        yield root, environment


@traced
@pytest.mark.parametrize(
    ("name", "call", "fault"),
    [
        ("tag", "write", "signal=KILL"),
        ("tag", "fsync", "error=EIO"),
        ("import", "rename", "error=EACCES"),
        ("harvest", "write", "error=ENOSPC"),
        ("build", "pwrite64", "signal=KILL"),
    ],
)
def test_a_call_that_fails_loses_nothing(
    name: str, call: str, fault: str, struck: tuple[Path, Mapping[str, str]]
) -> None:
    root, environment = struck
    faulting.prepare(root, name, environment)
    kind = next(kind for kind, calls in faulting.KINDS.items() if call in calls)
    places = faulting.places(faulting.fresh(root, "counted"), faulting.COMMANDS[name], environment, kind)[call]
    code, broken = faulting.strike(root, name, environment, places[len(places) // 2], fault)
    assert code != 0
    assert broken == []


@traced
def test_a_line_that_is_cut_off_in_its_middle_is_told_and_set_aside(struck: tuple[Path, Mapping[str, str]]) -> None:
    root, environment = struck
    faulting.prepare(root, "tag --from", environment)
    limit = (root / "base" / faulting.GROWING).stat().st_size + 40
    code, broken = faulting.strike(root, "tag --from", environment, Place("write", 2), "signal=KILL", limit)
    assert code != 0
    assert broken == []
    (aside,) = (root / "disturbed" / ".reviewdb" / "cut-off").iterdir()
    assert len(aside.read_bytes()) == 40


@traced
@pytest.mark.parametrize("error", ["ENOLCK", "ENOSYS", "EOPNOTSUPP"])
def test_a_drive_without_locks_is_told_in_one_message(error: str, ready: Review) -> None:
    done = subprocess.run(
        [*STRACE, "-e", "trace=flock", "-e", f"inject=flock:error={error}", sys.executable, "-m", "reviewdb", *TAG],
        cwd=ready.root,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == (
        f"reviewdb: {ready.root}: the drive has no locks, so two who write at once could spoil each other's lines.\n"
        "Nothing was written. Work on a copy on a local disk, and bring it together with git.\n"
    )
    assert not ready.decisions_of("ana").exists()


def start(place: Review, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "reviewdb", *arguments], cwd=place.root, stderr=subprocess.PIPE, encoding="utf-8"
    )


def test_two_terminals_and_a_build_write_after_one_another(ready: Review) -> None:
    commands = (
        TAG,
        ("tag", "schlegl2017unsupervised", "method+=vae", "--coder", "ben"),
        ("build", "--fresh"),
        ("dedupe", "different", "2021-mini-review-002", "2021-mini-review-003", "--coder", "ana"),
    )
    with locks.writing(ready.root):
        running = [start(ready, *command) for command in commands]
        # They are up, and wait: none may write as long as this process holds the review.
        for one in running:
            with pytest.raises(subprocess.TimeoutExpired):
                one.wait(1)
        assert not ready.decisions_of("ana").exists()
    for one in running:
        _, told = one.communicate()
        assert (one.returncode, "Traceback" in told) == (0, False), told
    content = review.load(ready)
    assert {made.coder for made in content.decisions} >= {"ana", "ben"}
    assert [made.coder for made in content.rulings].count("ana") == 1
    assert all(one.ok for one in checking.check(ready))


def test_reading_waits_for_nobody(ready: Review, program: Program) -> None:
    with locks.writing(ready.root):
        done = program("table", "papers-by-year", "--json", folder=ready.root)
    assert done.returncode == 0
