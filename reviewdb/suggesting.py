"""Suggesting: the coding scheme tried on any file of titles."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlite_utils.utils import Format, RowError, rows_from_file

from reviewdb import coding
from reviewdb.errors import ReviewError
from reviewdb.review import Review
from reviewdb.tables import Table
from reviewdb.tagging import Tagger
from reviewdb.text import clean

_COLUMNS = ("id", "facet", "code", "field", "start", "end", "words")
_FIELDS = ("title", "abstract")
_TODO = "Give a CSV, TSV or JSON file with a title."
_STDIN = Path("-")
# What the first line of a review's own search says, before the hits.
_HEADER = {"source", "query"}


def suggest(place: Review, path: Path) -> Table:
    """Return what the scheme of a review proposes for each entry of a CSV, TSV or JSON file, one row a span of words.

    `start` and `end` count characters of the field as the file gives it. An entry without an id has the
    number of its row, from 1. A search of a review will do, and `-` is stdin. Raises ReviewError where the file
    cannot be read or an entry has no title.
    """
    tagger = Tagger(coding.load_scheme(place))
    rows = []
    count = 0
    for number, entry in _entries(path):
        count += 1
        said = entry.get("id")
        name = clean("" if said is None else str(said)) or str(number)
        texts = {field: str(entry.get(field) or "") for field in _FIELDS}
        rows += [
            (name, found.facet, found.code, span.field, span.start, span.end, span.words)
            for found in tagger.suggest(texts)
            for span in found.evidence
        ]
    if not count:
        raise ReviewError(f"{path}: there is nothing in it.", _TODO)
    return Table("suggestions", "", "", _COLUMNS, rows)


def _entries(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the entries of a file, each with its number, from 1."""
    number = 0
    try:
        content = sys.stdin.buffer.read() if path == _STDIN else path.read_bytes()
        form = _format(content.partition(b"\n")[0])
        for number, entry in enumerate(rows_from_file(io.BytesIO(content), form, encoding="utf-8-sig")[0], 1):
            if not isinstance(entry, dict):
                raise ReviewError(f"{path}: entry {number} is not an object.", 'Write each as {"title": "..."}.')
            if "title" in entry:
                yield number, entry
            elif form in (Format.CSV, Format.TSV):
                raise ReviewError(f"{path}: there is no column title.", "Name the column of titles so.")
            elif number > 1 or not entry.keys() >= _HEADER:
                raise ReviewError(f"{path}: entry {number} has no title.", 'Give each a "title".')
    except UnicodeDecodeError as error:
        raise ReviewError(f"{path}: byte {error.start + 1} is not UTF-8.", "Save the file as UTF-8.") from error
    except RecursionError as error:
        raise ReviewError(f"{path}: entry {number + 1} has too many brackets in brackets.", _TODO) from error
    except (OSError, RowError, ValueError, csv.Error) as error:
        what = getattr(error, "strerror", None) or str(error) or type(error).__name__
        after = f" after entry {number}" if number else ""
        raise ReviewError(f"{path}: cannot be read{after}: {what.rstrip('.')}.", _TODO) from error


def _format(first: bytes) -> Format:
    # Told from the first line: guessing by statistics takes a letter for a separator in a file of one column.
    start = first.lstrip(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"{") and start.rstrip().endswith(b"}"):
        return Format.NL
    if start.startswith((b"[", b"{")):
        return Format.JSON
    return Format.TSV if b"\t" in first else Format.CSV
