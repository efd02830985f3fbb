"""Formats: files of references that other programs write, recognised by what is in them and read record by record."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TextIO

from reviewdb.formats import delimited, objects, tagged
from reviewdb.formats.fields import SOURCES, Found, Hit, Source

__all__ = ["HEAD", "READABLE", "Format", "Found", "Hit", "recognise"]

#: Characters from the beginning of a file that tell what it is: databases put notes before the first record.
HEAD = 1 << 16
#: What can be read, for people.
READABLE = (
    "Publish or Perish (CSV, JSON), RIS, BibTeX, CSL-JSON, PubMed (nbib), Zotero (CSV), Scopus (CSV), Web of Science"
    " (tab-delimited, plain text), what reviewdb exports, any CSV, TSV or JSON with a title in each row,"
    " and saved Google Scholar pages"
)


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file. `read` yields what is in one, in its order; no more than a record of it is held in memory."""

    name: str
    source: Source
    read: Callable[[TextIO], Iterator[Found]]


_TAGGED = (
    ("ris", re.compile(r"^\ufeff?TY  - ", re.MULTILINE), tagged.RIS),
    ("nbib", re.compile(r"^\ufeff?PMID- ", re.MULTILINE), tagged.NBIB),
    ("tagged", re.compile(r"^\ufeff?(?:FN|VR) .*\n(?:.*\n)?PT ", re.MULTILINE), tagged.WOS),
)
_BIBTEX = re.compile(r"^[^\S\n]*@[A-Za-z]+\s*[{(]", re.MULTILINE)
_TABLES = {"\t": "tsv"}


def recognise(head: str) -> Format | None:
    """Return the format of a file that begins so, None where nobody here can read it."""
    if table := delimited.of_head(head):
        source, delimiter = table
        return Format(_TABLES.get(delimiter, "csv"), source, partial(delimited.read, source, delimiter))
    if listed := objects.of_head(head):
        return Format("json", listed, partial(objects.read, listed))
    for name, begin, dialect in _TAGGED:
        if begin.search(head):
            return Format(name, dialect.source, partial(tagged.read, dialect))
    if _BIBTEX.search(head):
        from reviewdb.formats import bibtex  # noqa: PLC0415 - with its table of symbols a fifth of the start-up

        return Format("bibtex", SOURCES["bibtex"], bibtex.read)
    return None
