"""Suggesting: the coding scheme tried on any file of titles."""

from __future__ import annotations

import csv
from pathlib import Path

from sqlite_utils.utils import Format, RowError, rows_from_file

from reviewdb import coding
from reviewdb.errors import ReviewError
from reviewdb.review import Review
from reviewdb.tables import Table
from reviewdb.tagging import Tagger
from reviewdb.text import clean

_COLUMNS = ("id", "facet", "code", "field", "start", "end", "words")
_FIELDS = ("title", "abstract")


def suggest(place: Review, path: Path) -> Table:
    """Return what the scheme of a review proposes for each entry of a CSV, TSV or JSON file, one row a span of words.

    `start` and `end` count characters of the field as the file gives it. An entry without an id has the
    number of its row, from 1. Raises ReviewError where the file cannot be read or has no titles.
    """
    tagger = Tagger(coding.load_scheme(place))
    rows = []
    number = 0
    try:
        with path.open("rb") as handle:
            first = handle.readline()
            handle.seek(0)
            entries, _ = rows_from_file(handle, _format(first), encoding="utf-8-sig")
            for number, entry in enumerate(entries, 1):
                if number == 1 and "title" not in entry:
                    raise ReviewError(f"{path}: there is no column title.", "Name the column of titles so.")
                texts = {field: str(entry.get(field) or "") for field in _FIELDS}
                name = clean(str(entry.get("id") or number))
                rows += [
                    (name, found.facet, found.code, span.field, span.start, span.end, span.words)
                    for found in tagger.suggest(texts)
                    for span in found.evidence
                ]
    except UnicodeDecodeError as error:
        raise ReviewError(f"{path}: byte {error.start + 1} is not UTF-8.", "Save the file as UTF-8.") from error
    except (OSError, RowError, ValueError, csv.Error) as error:
        what = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise ReviewError(f"{path}: cannot be read: {what}.", "Give a CSV, TSV or JSON file with a title.") from error
    if not number:
        raise ReviewError(f"{path}: there is nothing in it.", "Give a CSV, TSV or JSON file with a title.")
    return Table("suggestions", "", "", _COLUMNS, rows)


def _format(first: bytes) -> Format:
    # Told from the first line: guessing by statistics takes a letter for a separator in a file of one column.
    start = first.lstrip(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"{") and start.rstrip().endswith(b"}"):
        return Format.NL
    if start.startswith((b"[", b"{")):
        return Format.JSON
    return Format.TSV if b"\t" in first else Format.CSV
