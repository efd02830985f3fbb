"""Suggesting: any file of titles is read or refused with the number of the entry that is wrong."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import Program

from reviewdb.errors import ReviewError
from reviewdb.review import Review
from reviewdb.suggesting import suggest

GOOD = '{"title": "Brain MRI"}\n'
HEADER = '{"source": "scholar", "query": "brain", "date": "2026-01-01"}\n'


def ids(place: Review, path: Path, text: str) -> set[str]:
    """Return the ids of the entries of a file of `text` that have suggestions."""
    path.write_text(text, encoding="utf-8")
    return {row[0] for row in suggest(place, path).rows}


def test_an_id_may_be_any_number_and_its_lack_is_the_number_of_the_row(built: Review, tmp_path: Path) -> None:
    entries = [{"id": id_, "title": "Brain MRI"} for id_ in (0, "a", None, "", "\ud800", 5)]
    assert ids(built, tmp_path / "x.json", json.dumps(entries)) == {"0", "a", "3", "4", "5"}


def test_a_search_of_a_review_will_do(built: Review) -> None:
    found = suggest(built, built.files("searches")[0])
    assert {row[0] for row in found.rows} >= {"2021-mini-review-001"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[1, 2]", "entry 1 is not an object"),
        ('[{"title": "a"}, [2]]', "entry 2 is not an object"),
        ("[null]", "entry 1 is not an object"),
        (GOOD + "[2]\n", "entry 2 is not an object"),
        (GOOD + '"x"\n', "entry 2 is not an object"),
        ('[{"id": 1}]', "entry 1 has no title"),
        ('{"name": "x"}\n' + GOOD, "entry 1 has no title"),
        ('{\n"title2": 1}', "entry 1 has no title"),
        (GOOD + HEADER, "entry 2 has no title"),
        (GOOD + '{"id": 2}\n', "entry 2 has no title"),
        (GOOD + "{\n", "cannot be read after entry 1"),
        ("[" * 100_000, "entry 1 has too many brackets"),
        (GOOD + "[" * 100_000 + "\n", "entry 2 has too many brackets"),
        (GOOD + '{"title": ' + "9" * 5000 + "}\n", "cannot be read after entry 1"),
        (HEADER, "there is nothing in it"),
        ("[]", "there is nothing in it"),
        ("", "there is nothing in it"),
        ("id,title\n1,a,b\n", "extra values"),
        ("id\ttitle\n1\ta\tb\n", "extra values"),
        ("\n1,2\n", "cannot be read"),
        ("id,name\n1,x\n", "there is no column title"),
    ],
)
def test_what_is_no_list_of_titles_is_refused_in_one_message(
    text: str, says: str, built: Review, tmp_path: Path
) -> None:
    with pytest.raises(ReviewError) as refused:
        ids(built, tmp_path / "x.json", text)
    assert says in refused.value.what
    assert str(tmp_path / "x.json") in refused.value.what
    assert refused.value.todo


def test_a_row_that_is_too_short_has_no_title_and_is_no_fault(built: Review, tmp_path: Path) -> None:
    assert ids(built, tmp_path / "x.csv", "id,title\na\nb,Brain MRI\n") == {"b"}


def test_a_dash_is_stdin(built: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"id,title\nb,Brain MRI\n")))
    assert {row[0] for row in suggest(built, Path("-")).rows} == {"b"}


def test_the_command_takes_a_search_of_the_review(built: Review, program: Program) -> None:
    done = program("suggest", built.files("searches")[0], folder=built.root)
    assert done.returncode == 0, done.stderr
    assert "2021-mini-review-001" in done.stdout
