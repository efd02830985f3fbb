"""Guessing: what a column of a sheet asks of papers: codes, a number in some unit, or a line of text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from reviewdb import quantities
from reviewdb.text import alike, ancestors, words

#: In a cell: no code applies.
NO_CODE = "-"
_CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")
# A code is a name, and is used again: what is longer, or new in most rows, is a text.
_WORDS_OF_A_CODE = 5
_CODES_OF_A_FEW = 3
_LETTERS_OF_AN_ACRONYM = 5
_USES_OF_A_CODE = 1.5
#: What is in per cent, or lies between 0 and 1 in every row, lies so in the next one.
_HUNDRED = 100.0
# A column with so many numbers was meant for numbers.
_NEARLY = 0.5
_LIKE_A_NUMBER = re.compile(r"[+\-\N{MINUS SIGN}]?\d[\d.,]*\s*(?:%|±.*|\(.*)?$")


@dataclass(frozen=True, slots=True)
class Guess:
    """What a column asks: the name and label of a facet, and what answers it."""

    id: str
    label: str
    kind: Literal["codes", "text", "number"]
    #: Codes with their labels, those used most first, and any code after the one above it.
    codes: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    #: What a person should know of how its cells were read, or why they were not; empty: nothing.
    notice: str = ""


def guess(heading: str, cells: Sequence[str], lines: Sequence[int] = ()) -> Guess:
    """Return what a column with this heading asks; `cells` are those that are not empty, on `lines` of their sheet."""
    said = [cell for cell in cells if cell.casefold() not in quantities.NONE]
    name, unit = quantities.parted(heading)
    if not unit and said and all(cell.endswith("%") for cell in said):
        unit = "%"
    meaning = quantities.commas(said, unit)
    numbers, alike, fault = _numbers([quantities.without_commas(cell, meaning) for cell in said], unit)
    if numbers and not fault:
        limits = _limits(numbers, unit)
        notes = [f"its commas part {meaning}."] if meaning else []
        where = [line for line, cell in zip(lines, cells, strict=False) if cell.casefold() not in quantities.NONE]
        notes += _beyond(numbers, where, limits, unit)
        return Guess(facet_id(name), name, "number", {}, unit, *limits, " ".join(notes))
    parts = [part for cell in cells if cell != NO_CODE for part in parted(cell, cells)]
    is_nearly = bool(said) and len(numbers) + alike >= _NEARLY * len(said)
    if _are_codes(parts) and not (is_nearly and meaning == "unclear"):
        return Guess(facet_id(heading), heading, "codes", codes(parts, facet_id(heading)))
    return Guess(facet_id(heading), heading, "text", notice=_why_text(fault) if is_nearly else "")


def _numbers(cells: Sequence[str], unit: str) -> tuple[list[float], int, str]:
    """Return the numbers of a column, how many other cells look like some, and why the first of all others is none."""
    numbers, alike, fault = [], 0, ""
    for cell in cells:
        try:
            numbers.append(float(quantities.read(cell, unit)))
        except ValueError as error:
            fault = fault or str(error)
            alike += _LIKE_A_NUMBER.match(cell) is not None
    return numbers, alike, fault


def _why_text(fault: str) -> str:
    return f"most of its cells are numbers, but {fault}. Make all of them numbers in one form, and draft it again."


def parted(cell: str, cells: Sequence[str]) -> Iterator[str]:
    """Yield the values of a cell: where any of its column has a semicolon, commas part nothing."""
    mark = ";" if any(";" in one for one in cells) else ","
    yield from filter(None, map(str.strip, cell.split(mark)))


def codes(values: Sequence[str], facet: str) -> dict[str, str]:
    """Return a code and its label for each value; spellings of one are one, under that which is used most."""
    spellings: dict[str, Counter[str]] = {}
    for value in values:
        spellings.setdefault(alike(value), Counter())[value] += 1
    ordered = sorted(spellings.values(), key=lambda counts: -counts.total())
    found: dict[str, str] = {}
    for counts in ordered:
        label = max(counts, key=lambda spelling: (counts[spelling], _is_written(spelling)))
        code = label if _CODE.fullmatch(label) else _slug(label, facet)
        for above in ancestors(code):
            found.setdefault(above, above)
        while code in found and found[code] != code:
            code += "_2"
        found[code] = label
    return found


def _is_written(label: str) -> bool:
    """Say whether a label is written as one: Ultrasound, not ultrasound or ULTRASOUND."""
    return label[:1].isupper() and not (label.isupper() and len(label) > _LETTERS_OF_AN_ACRONYM)


def facet_id(heading: str) -> str:
    """Return the name of a facet that a heading gives."""
    return _slug(heading, "facet")


def _slug(label: str, before: str) -> str:
    """Return a name of small letters, digits and _; `before` stands before one that would begin with a digit."""
    ascii_only = "_".join(words(label.replace("+", " plus "))).encode("ascii", "ignore").decode()
    slug = re.sub("_+", "_", ascii_only).strip("_")
    return slug if slug and slug[0].isalpha() else f"{before}_{slug}".rstrip("_")


def _are_codes(parts: Sequence[str]) -> bool:
    different = {alike(part) for part in parts}
    if not different or any(len(part.split()) > _WORDS_OF_A_CODE for part in parts):
        return False
    return len(different) <= _CODES_OF_A_FEW or len(parts) >= _USES_OF_A_CODE * len(different)


def _limits(numbers: list[float], unit: str) -> tuple[float | None, float | None]:
    """Return between what numbers seem to lie: a share typed in per cent among those of 1 is the commonest mistake."""
    most = _HUNDRED if unit == "%" else 1.0
    within = [number for number in numbers if 0 <= number <= most]
    if unit == "%":  # one above it among many is a slip, not another scale
        return (0.0, most) if len(within) > _NEARLY * len(numbers) else (None, None)
    return (0.0, most) if within == numbers and not all(map(float.is_integer, numbers)) else (None, None)


def _beyond(
    numbers: Sequence[float], lines: Sequence[int], limits: tuple[float | None, float | None], unit: str
) -> Iterator[str]:
    """Yield which numbers of a column in per cent are beyond its limits, or would be if it had any."""
    least, most = limits if None not in limits else (0.0, _HUNDRED)
    found = [n for n, number in enumerate(numbers) if unit == "%" and quantities.outside(number, least, most)]
    if not found:
        return
    where = f"line {lines[found[0]]}: " if found[0] < len(lines) else ""
    what = f"{where}{quantities.written(numbers[found[0]])} is {quantities.outside(numbers[found[0]], least, most)}"
    more = f", as are {len(found) - 1} more" if found[1:] else ""
    if None in limits:
        yield f"{what}{more}, so it has no limits."
    else:
        yield f"{what}{more}: mend it, or the limits."
