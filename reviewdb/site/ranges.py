"""Ranges: between what the numbers lie that papers report, as no two papers may report the same."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from reviewdb import quantities
from reviewdb.site.about import About, Question
from reviewdb.site.catalogue import Catalogue, Papers

#: Of a median.
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Range:
    """What papers report as the number of a question, as text; `papers` counts those that do."""

    question: Question
    papers: int
    least: str
    median: str
    most: str


def of(about: About, catalogue: Catalogue, chosen: Papers) -> list[Range]:
    """Return the range of each question of numbers that any of the chosen papers answers."""
    found = []
    for question in about.numbers:
        values = [value for value, place in catalogue.numbers[question.id] if chosen >> place & 1]
        if values:
            told = (quantities.written(round(one, _DIGITS)) for one in (values[0], median(values), values[-1]))
            found.append(Range(question, len(values), *told))
    return found
