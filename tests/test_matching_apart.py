"""Matching apart: another process finds the same links, and where it fails or nobody waits for it, nothing is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from reviewdb.matching import apart, match
from reviewdb.model import Record

FAILING = {
    "ends at once": (sys.executable, "-c", "raise SystemExit(1)"),
    "ends with half": (
        *(sys.executable, "-c"),
        "import sys; sys.stdin.buffer.read(); print('half', flush=True); raise SystemExit(1)",
    ),
    "is not there": ("no-such-program-anywhere",),
}


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> list[Record]:
    """Return records that are many, on a machine of two cores."""
    monkeypatch.setattr(apart, "MANY", 4000)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    return [
        Record(f"r-{n:04}", "s", n + 1, f"A title of words about number {n // 2}", (f"A. Name{n // 2}",), 2000 + n % 9)
        for n in range(4000)
    ]


def test_another_process_finds_the_links(records: list[Record], monkeypatch: pytest.MonkeyPatch) -> None:
    here = match(records)
    assert len(here) > 1000
    monkeypatch.setattr(apart, "match", None)  # they are not found here
    with apart.matching(records) as found:
        assert found() == here


@pytest.mark.parametrize("command", FAILING.values(), ids=FAILING)
def test_where_it_fails_they_are_found_here(
    command: tuple[str, ...], records: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "COMMAND", command)
    with apart.matching(records) as found:
        assert found() == match(records)


def test_few_records_are_matched_here(records: list[Record], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", None)
    with apart.matching(records[1:]) as found:
        assert found() == match(records[1:])


def test_who_waits_for_nothing_leaves_no_process(records: list[Record], monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[subprocess.Popen[bytes]] = []
    begin = subprocess.Popen

    def noted(*arguments: Any, **named: Any) -> subprocess.Popen[bytes]:  # noqa: ANN401 - as Popen takes them
        begun.append(begin(*arguments, **named))
        return begun[-1]

    monkeypatch.setattr(subprocess, "Popen", noted)
    with pytest.raises(KeyboardInterrupt), apart.matching(records):
        raise KeyboardInterrupt
    (other,) = begun
    assert other.returncode is not None
