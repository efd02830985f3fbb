"""The file of a search: its header, its pages, and what a page that was cut off while it was written leaves."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import small_review

from reviewdb import review, searches
from reviewdb.searches import SearchFile

HEADER = {"source": "scholar", "query": "q", "date": "2026-11-23", "parameters": {"pages": 3}}
AT = "2026-11-23T15:00:00.000000Z"


def page(number: int, hits: int, next_: str = "10") -> dict[str, Any]:
    return {"page": number, "at": AT, "url": "u", "hits": hits, "total": 1740, "next": next_}


def hit(number: int) -> dict[str, Any]:
    return {"id": f"s-{number:03}", "rank": number, "title": f"Title {number}"}


def read(folder: Path, lines: list[object], *, cut: int = 0) -> SearchFile:
    """Read a file of these lines, without its last `cut` bytes."""
    data = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines).encode()
    path = folder / "s.jsonl"
    path.write_bytes(data[: len(data) - cut])
    return searches.read(path, "data/searches/s.jsonl")


def test_pages_and_hits_are_told_apart(tmp_path: Path) -> None:
    found = read(tmp_path, [HEADER, page(1, 2), hit(1), hit(2), page(2, 1, ""), hit(3)])
    assert found.search is not None
    assert found.problems == []
    assert found.whole is None
    assert [(p.number, p.hits, p.total, p.next) for p in found.search.pages] == [(1, 2, 1740, "10"), (2, 1, 1740, "")]
    assert [(line, record.rank, record.search) for line, record in found.hits] == [
        (3, 1, "s"),
        (4, 2, "s"),
        (6, 3, "s"),
    ]


def test_conflicts_are_told_where_they_are_and_count_on_their_pages(tmp_path: Path) -> None:
    """Of each page, the line of the conflict and both its hits follow, and two where one side has nothing."""
    one = ["<<<<<<< HEAD", json.dumps(hit(2)), "=======", json.dumps(hit(3)), ">>>>>>> theirs"]
    other = ["<<<<<<< HEAD", "=======", json.dumps(hit(5)), ">>>>>>> theirs"]
    found = read(tmp_path, [HEADER, page(1, 2), hit(1), *one, page(2, 1, ""), hit(4), *other])
    assert [(problem.line, problem.what.split(":")[0]) for problem in found.problems] == [
        (4, "git could not join two changes here"),
        (11, "git could not join two changes here"),
        (2, "page 1 says that it has 2 hits, and 4 follow."),
        (9, "page 2 says that it has 1 hits, and 3 follow."),
    ]
    assert found.whole is None


def test_sides_of_a_conflict_are_no_second_record(tmp_path: Path) -> None:
    """To give one of them another id, as two hits of one id are told to get, would make a record that nobody found."""
    place = small_review.write(tmp_path)
    path = tmp_path / "data" / "searches" / "s.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    other = json.dumps({**json.loads(lines[2]), "title": "The other side"})
    lines[2:3] = ["<<<<<<< HEAD", lines[2], "=======", other, ">>>>>>> theirs"]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    (problem,) = review.load(place).problems
    assert (problem.line, problem.what) == (
        3,
        "git could not join two changes here: line 4 of HEAD, and line 6 of theirs.",
    )


READ = """
import sys
from pathlib import Path
from reviewdb import searches
found = searches.read(Path(sys.argv[1]), "s.jsonl")
print(found.whole, *found.problems)
"""


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_a_file_that_ends_in_a_failing_disk_was_not_cut_off(tmp_path: Path) -> None:
    """It may well be whole: a page of it that is set aside would be asked for again, and decisions on it be lost."""
    read(tmp_path, [HEADER, page(1, 500), *map(hit, range(1, 501)), page(2, 500, ""), *map(hit, range(501, 1001))])
    path = tmp_path / "s.jsonl"
    failing = ["strace", "-qq", "-o", "/dev/null", "-P", path, "-e", "inject=read:error=EIO:when=6+"]
    done = subprocess.run([*failing, sys.executable, "-c", READ, path], capture_output=True, text=True, check=True)
    told = "s.jsonl: cannot be read: Input/output error. Check the file and its permissions."
    assert done.stdout == f"None {told}\n"


def test_a_search_without_pages_needs_none(tmp_path: Path) -> None:
    found = read(tmp_path, [HEADER, hit(1), hit(2)])
    assert found.search is not None
    assert (found.search.pages, found.problems, found.whole, len(found.hits)) == ((), [], None, 2)


FIRST = [HEADER, page(1, 2), hit(1), hit(2)]


@pytest.mark.parametrize(
    ("lines", "cut", "whole", "told"),
    [
        ([*FIRST, page(2, 2), hit(3)], 0, 4, ["5: page 2 says that it has 2 hits, and 1 follow."]),
        ([*FIRST, page(2, 2)], 0, 4, ["5: page 2 says that it has 2 hits, and 0 follow."]),
        ([*FIRST, page(2, 2), hit(3), hit(4)], 9, 4, ["5: page 2 says", "7: the last line is cut off."]),
        ([*FIRST, page(2, 2)], 30, 4, ["5: the last line is cut off."]),
        ([*FIRST], 9, 1, ["2: page 1 says", "4: the last line is cut off."]),
        ([HEADER], 9, 0, ["1: the last line is cut off."]),
        # A page whose last line only lacks its end is whole.
        ([*FIRST], 1, None, []),
        # Somebody edited the file: nothing of it is the harvest's to set aside.
        ([*FIRST, hit(3)], 0, None, ["2: page 1 says that it has 2 hits, and 3 follow."]),
        (
            [HEADER, page(1, 2), hit(1), page(2, 1), hit(3)],
            0,
            None,
            ["2: page 1 says that it has 2 hits, and 1 follow"],
        ),
        ([HEADER, page(1, 2), hit(1), "{", page(2, 1), hit(3)], 0, None, ["4: not JSON"]),
        ([HEADER, hit(1)], 9, None, ["2: the last line is cut off."]),
    ],
)
def test_only_a_page_that_was_cut_off_may_be_set_aside(
    tmp_path: Path, lines: list[object], cut: int, whole: int | None, told: list[str]
) -> None:
    found = read(tmp_path, lines, cut=cut)
    assert found.whole == whole
    problems = sorted(str(problem) for problem in found.problems)
    assert len(problems) == len(told), problems
    for problem, expected in zip(problems, told, strict=True):
        assert problem.startswith(f"data/searches/s.jsonl:{expected}")
        assert ("reviewdb harvest" in problem) == (whole not in (None, 0))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ({"page": 1, "at": AT}, "hits is missing"),
        ({"page": 0, "at": AT, "hits": 1}, "page is 0, not a number from 1"),
        ({"page": 1, "at": "yesterday", "hits": 0}, "not a moment"),
        ({"page": 1, "at": AT, "hits": 0, "total": -1}, "total is -1"),
        ({"id": "s-1", "title": "T", "venue_type": "shop"}, "venue_type is 'shop', not one of journal"),
        ({"id": "s-1", "title": "T", "published": "May 2020"}, "published is 'May 2020', not a date"),
        ({"id": "s-1", "title": "T", "cut": ["year"]}, "cut is ['year'], not a list of title"),
        ({"id": "s-1", "title": "T", "about": "a b"}, "about is 'a b', not a name"),
    ],
)
def test_what_a_line_says_wrong_is_told(tmp_path: Path, line: dict[str, Any], told: str) -> None:
    found = read(tmp_path, [HEADER, line])
    assert [problem.line for problem in found.problems] == [2]
    assert told in str(found.problems[0])


def test_a_header_has_one_of_four_purposes(tmp_path: Path) -> None:
    assert "kind is 'fun', not one of search, citations, list, enrichment" in str(
        read(tmp_path, [{**HEADER, "kind": "fun"}]).problems[0]
    )
    found = read(tmp_path, [{**HEADER, "kind": "enrichment", "version": "x 1"}])
    assert found.search is not None
    assert (found.search.kind, found.search.version) == ("enrichment", "x 1")
