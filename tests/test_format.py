"""Versions: a review of the first format is read as it is, one of a newer format not at all; databases are rebuilt."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from conftest import ROOT, Program

from reviewdb import build, database, protocol, review
from reviewdb.errors import ReviewError
from reviewdb.review import Review

#: The example as the first commit of this repository wrote it, never touched since.
FIRST = ROOT / "tests" / "samples" / "format-1"


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _of_newer(at: Review) -> Review:
    path = at.root / review.PROTOCOL
    text = path.read_text("utf-8").replace(f"format = {protocol.FORMAT}\n", f"format = {protocol.FORMAT + 1}\n", 1)
    # As a newer reviewdb might write: what this one knows nothing of.
    path.write_text(f'{text}\n[novelty]\nkind = "unheard of"\n', "utf-8")
    return at


def test_a_review_of_the_first_format_is_read_as_it_is(program: Program, tmp_path: Path) -> None:
    folder = shutil.copytree(FIRST, tmp_path / "first")
    before = _files(folder)
    content = review.load(Review(folder))
    assert content.problems == []
    assert (len(content.records), len(content.decisions), len(content.rulings)) == (117, 393, 11)
    assert "\nok  database" in program("check", "--repair", folder=folder).stdout
    headline = program("table", "headline-figures", "--format", "csv", folder=folder)
    assert "papers,39,100.0,39" in headline.stdout.splitlines(), headline.stderr
    assert "brain MRI,15,38.46,38.46 %" in headline.stdout.splitlines()
    for name, data in before.items():
        assert (folder / name).read_bytes() == data


def test_a_review_of_the_first_format_goes_on(program: Program, tmp_path: Path) -> None:
    folder = shutil.copytree(FIRST, tmp_path / "first")
    said = program("screen", "2025-cited-by-001", "include", "--coder", "ana", folder=folder)
    assert said.returncode == 0, said.stderr
    assert program("check", folder=folder).returncode == 0
    assert [made.coder for made in review.load(Review(folder)).decisions].count("ana") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("status",),
        ("search", "brain"),
        ("table", "table-1"),
        ("tag", "schlegl2017unsupervised", "method=gan", "--coder", "ana"),
        ("dedupe", "same", "2025-cited-by-001", "2025-cited-by-002", "--coder", "ana"),
        ("harvest", "--dry-run"),
        ("import", str(ROOT / "tests" / "samples" / "references.bib")),
        ("build", "--fresh"),
        ("check", "--repair"),
        ("publish", "site"),
        ("serve", "--port", "0"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_review_of_a_newer_format_is_neither_read_nor_changed(
    arguments: tuple[str, ...], program: Program, ready: Review
) -> None:
    before = _files(_of_newer(ready).root)
    done = program(*arguments, folder=ready.root)
    assert (done.returncode, done.stdout) == (1, "")
    assert "protocol.toml: format = 2 was written by a newer reviewdb" in done.stderr
    assert "reads up to format = 1" in done.stderr
    assert "Upgrade reviewdb" in done.stderr
    assert _files(ready.root) == before


def test_a_review_of_a_newer_format_is_refused_by_name_and_where_one_stands(example: Review) -> None:
    _of_newer(example)
    for found in (lambda: review.at(example.root), lambda: review.find(example.root / "data")):
        with pytest.raises(ReviewError, match="newer reviewdb"):
            found()


@pytest.mark.parametrize("bad", ["format = \n", 'format = "2"\n', "format = 0\n", "format = 1.5\n", "x = 1\n", "\xff"])
def test_a_format_that_is_none_is_told_with_all_other_problems(bad: str, example: Review) -> None:
    (example.root / review.PROTOCOL).write_text(bad, "latin-1")
    assert any(problem.path == review.PROTOCOL for problem in review.load(review.at(example.root)).problems)


@pytest.mark.parametrize(("key", "value"), [("version", "0.0.1"), ("version", "99.0"), ("schema", "ffffffff")])
def test_a_database_of_another_reviewdb_is_built_anew(key: str, value: str, program: Program, ready: Review) -> None:
    with closing(sqlite3.connect(ready.database)) as connection, connection:
        stored = connection.execute("SELECT value FROM build_info WHERE key = ?", [key]).fetchone()
        connection.execute("UPDATE build_info SET value = ? WHERE key = ?", [value, key])
        connection.execute("UPDATE papers SET title = 'stale'")
    done = program("status", folder=ready.root)
    assert done.returncode == 0, done.stderr
    with closing(database.reader(ready.database)) as connection:
        assert connection.execute("SELECT value FROM build_info WHERE key = ?", [key]).fetchone() == stored
        assert connection.execute("SELECT count(*) FROM papers WHERE title = 'stale'").fetchone() == (0,)
    assert build.refresh(ready) == "current"
