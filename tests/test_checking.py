"""Checking: what was cut off is set aside, and nothing but that; what is wrong is told with its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Program

from reviewdb import checking, review
from reviewdb.review import Review

DECISIONS, RULINGS = "data/decisions/mini-review.jsonl", "data/rulings/ana.jsonl"
PAGE = '{"page": 1, "at": "2026-11-23T10:00:00Z", "url": "u", "hits": 2, "total": 2, "next": ""}\n'
SEARCH = '{"source": "scholar", "query": "q", "date": "2026-11-23"}\n'


@pytest.mark.parametrize(
    ("name", "whole", "torn"),
    [
        (DECISIONS, None, '{"at": "2026-'),
        (RULINGS, "", '{"at": "2026-11-2'),
        ("data/searches/2026-x.jsonl", SEARCH, PAGE + '{"id": "2026-x-001", "title": "A"}\n'),
        ("data/searches/2026-x.jsonl", "", '{"source": "scho'),
        ("data/searches/2026-x.jsonl", "", ""),
        ("data/searches/2026-x.jsonl", SEARCH, '{"id": "2026-x-001", "ti'),
    ],
)
def test_what_was_cut_off_is_set_aside_whole(name: str, whole: str | None, torn: str, example: Review) -> None:
    path = example.root / name
    before = path.read_bytes() if whole is None else whole.encode()
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(before + torn.encode())
    ((told, where, begins),) = checking.repair(example)
    assert (told, begins) == (name, torn.partition("\n")[0])
    assert (example.root / where).read_bytes() == torn.encode()
    assert (path.read_bytes() if path.exists() else b"") == before
    assert review.load(example).problems == []
    assert checking.repair(example) == []


def test_a_file_that_did_not_come_to_its_place_is_set_aside(example: Review) -> None:
    part = example.root / "data" / "searches" / ".2026-x.jsonl.part"
    part.write_text("half", encoding="utf-8")
    ((told, where, begins),) = checking.repair(example)
    assert (told, begins) == ("data/searches/.2026-x.jsonl.part", "half")
    assert ((example.root / where).read_text(encoding="utf-8"), part.exists()) == ("half", False)


def test_what_people_have_to_mend_stays(example: Review) -> None:
    path = example.root / DECISIONS
    text = path.read_text(encoding="utf-8") + "not json\n" + '{"a": 1}\n'
    path.write_text(text, encoding="utf-8")
    assert checking.repair(example) == []
    assert path.read_text(encoding="utf-8") == text


def test_the_command_says_what_it_set_aside_and_then_checks(example: Review, program: Program) -> None:
    with (example.root / DECISIONS).open("a", encoding="utf-8") as handle:
        handle.write('{"at": "2026-')
    found = program("check", folder=example.root)
    assert found.returncode == 1
    assert "reviewdb check --repair" in found.stdout
    done = program("check", "--repair", "--json", folder=example.root)
    assert done.returncode == 0
    assert all(one["ok"] for one in json.loads(done.stdout))
    aside = Path(".reviewdb/cut-off/decisions-mini-review-1.jsonl")
    assert f"{DECISIONS}: what was cut off is in {aside.as_posix()} now." in done.stderr
    assert 'It begins: {"at": "2026-\n' in done.stderr
    assert (example.root / aside).read_text(encoding="utf-8") == '{"at": "2026-'
