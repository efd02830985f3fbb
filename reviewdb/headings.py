"""Headings: what the columns of a sheet of answers are for, by their names."""

from __future__ import annotations

from collections.abc import Sequence

from reviewdb.formats.fields import column
from reviewdb.quantities import Commas
from reviewdb.questions import Question, Scheme
from reviewdb.scheme import PAPER_COLUMNS

#: The names of columns that say which paper a row is about; all of one row must mean the same one.
NAMING = {
    "key": ("key", "citationkey", "citekey", "paper"),
    "id": ("id", "paperid", "record", "recordid"),
    "doi": ("doi",),
    "title": ("title",),
    "year": ("year",),
}
QUESTION, ANSWER = ("question", "facet"), ("answer", "codes", "code")
VERDICT, REASON, STAGE = ("answer", "verdict", "decision"), ("reason",), ("stage",)
WHY = ("why", "note")
#: What is said of papers elsewhere, and asked of nobody.
BIBLIOGRAPHY = [
    *([name] for name in PAPER_COLUMNS),
    *(["author"], ["journal"], ["booktitle"], ["publisher"], ["reference"], ["citation"], ["isbn"], ["issn"], ["pmid"]),
]
NAME_PAPERS = "Call one column key, id or doi; or give title and year."


class Columns:
    """The columns of a sheet, by what they are for; each is used once."""

    def __init__(self, header: Sequence[str]) -> None:
        self._left = {n: column(name) for n, name in enumerate(header) if name}
        self._header = header
        #: Each row is one answer, whatever the question.
        self.is_long = False
        #: What commas do in the numbers of a question, by its name in the sheet.
        self.commas: dict[str, Commas] = {}
        self._naming = {field: n for field, names in NAMING.items() if (n := self.take(names)) is not None}

    def take(self, names: Sequence[str]) -> int | None:
        """Return the first column that has one of the names, and hold it as used."""
        found = next((n for name in names for n, own in self._left.items() if own == column(name)), None)
        if found is not None:
            del self._left[found]
        return found

    def taken(self, questions: Sequence[Question], scheme: Scheme) -> dict[int, Question]:
        """Return the columns that are called as one of the questions, or as its facet."""
        named = [
            (q, (q.id, q.columns[0], q.facet if scheme.question(q.facet) is q else "", q.label)) for q in questions
        ]
        # "Dice (%)" is that number in that unit, and in no other.
        units = [(q, [f"{name}{unit}" for name in called for unit in _units(q) if name]) for q, called in named]
        names: dict[str, Question] = {}
        for q, called in [*named, *units]:
            for name in filter(None, called):
                names.setdefault(column(name), q)
        found = {n: names[own] for n, own in self._left.items() if own in names}
        self._left = {n: own for n, own in self._left.items() if n not in found}
        return found

    @property
    def name_papers(self) -> bool:
        """Some column says which paper a row is about."""
        return bool(self._naming.keys() - {"year"})

    @property
    def left(self) -> dict[int, str]:
        """The columns that nobody asked for yet, by place."""
        return {n: self._header[n] for n in self._left}

    @property
    def unused(self) -> list[str]:
        """The names of the columns that nobody asked for."""
        return list(self.left.values())

    def named(self, cells: Sequence[str]) -> dict[str, str]:
        """Return how a row names its paper."""
        return {field: cells[n].strip() for field, n in self._naming.items() if cells[n].strip()}


def _units(question: Question) -> tuple[str, ...]:
    return (f" ({question.unit})", f" [{question.unit}]") if question.unit else ()
