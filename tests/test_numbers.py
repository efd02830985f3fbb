"""The numbers of every query are the same wherever they are read: terminal, LaTeX, running site, published files.

A reader takes the name of a query and returns its rows as texts. The notebook is held to what the terminal prints in
test_notebook.py, as it takes seconds to run.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import ROOT
from site_pages import Html, Site, site
from typer.testing import CliRunner
from typeset import parsed

from reviewdb import database, tables
from reviewdb.cli import app
from reviewdb.review import Review
from reviewdb.site.publishing import publish
from reviewdb.text import clean

Rows = Sequence[Sequence[str]]
QUERIES = sorted(path.stem for path in (ROOT / "queries").glob("*.sql"))


@dataclass(frozen=True)
class Places:
    """Where the same review is read."""

    review: Review
    site: Site
    files: Path

    def printed(self, name: str, kind: str, *more: str) -> str:
        """Return what `reviewdb table` prints."""
        done = CliRunner().invoke(app, ["--review", str(self.review.root), "table", name, "--format", kind, *more])
        assert done.exit_code == 0, done.output
        return done.stdout


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _from_csv(text: str) -> Rows:
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


def _from_json(text: str) -> Rows:
    return [[_text(value) for value in row.values()] for row in json.loads(text)]


def _from_markdown(text: str) -> Rows:
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    cells = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines[2:]]
    return [[re.sub(r"\\(.)", r"\1", cell.strip().replace("<br>", "\n")) for cell in row] for row in cells]


def _from_page(text: str) -> Rows:
    return Html(text.replace('<span class="dots">…</span>', "")).cells[1:]


#: Ways to read the rows as the query gives them, and those for people, where a cross table is crossed.
READERS: dict[str, Callable[[Places, str], Rows]] = {
    "terminal, CSV": lambda at, name: _from_csv(at.printed(name, "csv")),
    "terminal, JSON": lambda at, name: _from_json(at.printed(name, "json")),
    "site, Datasette's JSON": lambda at, name: _told(at, name, at.site.get(f"/review/{name}.json?_shape=array").text),
    "site, CSV": lambda at, name: _from_csv(at.site.get(f"/-/review/review/queries/{name}.csv").text),
    "site, JSON": lambda at, name: _from_json(at.site.get(f"/-/review/review/queries/{name}.json").text),
    "files, CSV": lambda at, name: _from_csv(_taken(at, name, "csv")),
    "files, JSON": lambda at, name: _from_json(_taken(at, name, "json")),
    "published database": lambda at, name: _rows(at.files / "review.db", name, crossed=False),
}
CROSSED: dict[str, Callable[[Places, str], Rows]] = {
    "terminal, Markdown": lambda at, name: _from_markdown(at.printed(name, "md")),
    "site, page": lambda at, name: _from_page(at.site.get(f"/review/{name}").text),
    "files, page": lambda at, name: _from_page(_file(at, f"review/{name}.html")),
}
#: Ways in which a text has other quotation marks and blanks than the query gives.
TYPESET: dict[str, Callable[[Places, str], Rows]] = {
    "terminal, LaTeX": lambda at, name: parsed(at.printed(name, "latex", "--engine", "xelatex"))[1],
}


def _as_typeset(cell: str) -> str:
    return clean(cell).replace('"', "”")


def _file(at: Places, name: str) -> str:
    return (at.files / name).read_bytes().decode()


def _told(at: Places, name: str, text: str) -> Rows:
    """Read JSON that holds the column of keys as well, which the table itself keeps for citing."""
    with closing(database.reader(at.review.database)) as connection:
        columns = tables.run(connection, name).columns
    return [[_text(row[column]) for column in columns] for row in json.loads(text)]


def _taken(at: Places, name: str, kind: str) -> str:
    """Return the file that the page of a query offers; one without rows offers none."""
    if "No rows." in _file(at, f"review/{name}.html"):
        return {"csv": "", "json": "[]"}[kind]
    return _file(at, f"data/queries/{name}.{kind}")


def _rows(file: Path, name: str, *, crossed: bool) -> Rows:
    with closing(database.reader(file)) as connection:
        found = tables.run(connection, name)
    return [[_text(value) for value in row] for row in (tables.crossed(found) if crossed else found).rows]


@pytest.fixture(scope="module")
def places(built: Review, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    files = tmp_path_factory.mktemp("numbers") / "site"
    publish(built, files)
    with site(built.database) as opened:
        yield Places(built, opened, files)


def test_there_are_queries_with_numbers(built: Review) -> None:
    assert len(QUERIES) > 10
    assert (
        sum(cell.isdigit() for name in QUERIES for row in _rows(built.database, name, crossed=False) for cell in row)
        > 100
    )


@pytest.mark.parametrize("name", QUERIES)
def test_every_reader_finds_the_same(places: Places, name: str) -> None:
    for readers, crossed, read_as in ((READERS, False, str), (CROSSED, True, str), (TYPESET, True, _as_typeset)):
        expected = [list(map(read_as, row)) for row in _rows(places.review.database, name, crossed=crossed)]
        for where, read in readers.items():
            assert [list(row) for row in read(places, name)] == expected, where
