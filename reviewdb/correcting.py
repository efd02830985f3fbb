"""Correcting: what a person puts right of a paper, filed as an enrichment of theirs; what sources said stays."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from reviewdb import __version__, build, coding, database, entries, journal, locks, papers, reading, rows, searches
from reviewdb.errors import ReviewError
from reviewdb.hints import hint
from reviewdb.lengths import too_long
from reviewdb.model import CORRECTABLE, CORRECTS, ENRICHMENT, RESTORES, Record, Search
from reviewdb.review import Review
from reviewdb.text import clean, doi

_MARK = f"reviewdb {__version__}"


@dataclass(frozen=True, slots=True)
class Corrected:
    """What became of one field of a paper, as text."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a correction came to: the key of the paper, its fields that are others now, and the file that says so."""

    key: str
    fields: Sequence[Corrected]
    file: str


def correct(place: Review, name: str, values: Mapping[str, str], restored: Sequence[str], coder: str) -> Outcome:
    """Put fields of a paper right, as text by their names, and leave others to what its sources say again.

    Authors are held apart by semicolons. The last correction of a field counts, whoever made it.

    Raises:
        ReviewError: there is no such paper or field, a value is none of the field, or the text has problems.

    """
    coding.check_coder(place, coder, "decisions")
    for field in (*values, *restored):
        if field not in CORRECTABLE:
            raise ReviewError(f"papers have no {field!r} to correct.", hint(field, list(CORRECTABLE)))
    with locks.writing(place.root):
        build.refresh(place, held=True)
        paper, before, stands = _paper(place, name)
        given = {field: _value(field, value) for field, value in values.items()}
        given = {field: value for field, value in given.items() if _text(field, value) != before[field]}
        back = [field for field in dict.fromkeys(restored) if field in stands]
        if not given and not back:
            return Outcome(paper.key, [], "")
        now = datetime.now(UTC)
        id_, told = searches.free_id(place, coder), f"{', '.join([*given, *back])} of {paper.key}"
        search = Search(id_, coder, told, f"{now:%Y-%m-%d}", {}, ENRICHMENT, _MARK)
        says = {"at": entries.moment_text(now), "because": f"put right by {coder}", CORRECTS: list(given)}
        hit: dict[str, Any] = {"title": before["title"], **given, "about": paper.id}
        record = Record(f"{id_}-001", id_, 1, extra={**says, **({RESTORES: back} if back else {})}, **hit)
        path = place.search_file(id_)
        journal.append(path, [entries.of_search(search), entries.of_record(record)])
        build.refresh(place, held=True)
        after = _paper(place, paper.id)[1]
    changed = [Corrected(field, before[field], after[field]) for field in (*given, *back)]
    return Outcome(paper.key, changed, place.shown(path))


def _paper(place: Review, name: str) -> tuple[reading.Found, dict[str, str], set[str]]:
    """Return a paper, the text of each of its fields that can be corrected, and those of them that are."""
    with closing(database.reader(place.database)) as connection:
        paper = reading.find(connection, name)
        connection.row_factory = sqlite3.Row
        row = connection.execute("SELECT * FROM papers WHERE id = ?", [paper.id]).fetchone()
        told = connection.execute(database.statement("records"), {"ids": json.dumps(_members(connection, paper.id))})
        stands = papers.corrected(rows.of_record(tuple(record)) for record in told.fetchall())
        return paper, {field: "" if row[field] is None else str(row[field]) for field in CORRECTABLE}, set(stands)


def _members(connection: sqlite3.Connection, paper: str) -> list[str]:
    found = connection.execute("SELECT record_id FROM paper_records WHERE paper_id = ?", [paper])
    return [record for (record,) in found]


def _value(field: str, value: str) -> Any:  # noqa: ANN401 - as `Record` has the field
    text = clean(value)
    if field == "authors":
        names = tuple(filter(None, map(clean, value.split(";"))))
        if not names:
            raise ReviewError("a paper has authors.", 'Hold them apart by semicolons: authors="A. One; B. Two"')
        return names
    if field == "year":
        if not (text.isascii() and text.isdigit() and int(text) in entries.YEARS):
            raise ReviewError(f"{value!r} is no year.", "Write it in four digits: year=2021")
        return int(text)
    if field == "title" and not text:
        raise ReviewError("a paper has a title.", 'Write it in quotes: title="What it is called"')
    if field == "doi" and text and not doi(text):
        raise ReviewError(f"{value!r} is no DOI.", "Write it as doi=10.1000/182")
    if fault := too_long(field, text):
        raise ReviewError(f"{fault}.", "Shorten it.")
    return text


def _text(field: str, value: Any) -> str:  # noqa: ANN401 - as above
    if field == "doi":
        return doi(value)
    return "; ".join(value) if isinstance(value, tuple) else str(value)
