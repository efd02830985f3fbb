"""Dates of publication as bibliographies write them, read as exactly as they are clear."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple

# A time of the day may follow; RIS has the slashes of what is missing.
_NUMBERS = re.compile(r"([12]\d{3})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2})(?:[T ]\d\S*)?)?)?[-/.]*")
_COMPACT = re.compile(r"([12]\d{3})(\d\d)(\d\d)")
_MONTH_YEAR = re.compile(r"(\d{1,2})[/.]([12]\d{3})")
_YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)")
_PART = re.compile(r"[^\W\d_]+|\d+")
_MONTHS = {name: n for n, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}  # noqa: SIM905
_SHORTEST_MONTH = 3
_DAYS = range(1, 32)


class Date(NamedTuple):
    """A date that was read: YYYY-MM or YYYY-MM-DD where it is known so exactly, else an empty string."""

    year: int | None
    published: str
    #: It says nothing besides.
    whole: bool


@lru_cache(maxsize=4096)
def read(text: str) -> Date:
    """Read a date. One that can be read in two ways (05/12/2017) is only a year."""
    if found := _NUMBERS.fullmatch(text) or _COMPACT.fullmatch(text):
        return _date(*(int(part or 0) for part in found.groups()))
    if found := _MONTH_YEAR.fullmatch(text):
        return _date(int(found[2]), int(found[1]), 0)
    year = _YEAR.search(text)
    if not year:
        return Date(None, "", whole=False)
    parts = _PART.findall(text[: year.start()] + " " + text[year.end() :])
    months = [_MONTHS[part[:3].lower()] for part in parts if _is_month(part)]
    days = [int(part) for part in parts if part.isdecimal() and len(part) <= 2 and int(part) in _DAYS]  # noqa: PLR2004
    if len(months) != 1 or len(months) + len(days) != len(parts) or len(days) > 1:
        return Date(int(year.group()), "", whole=False)
    return _date(int(year.group()), months[0], days[0] if days else 0)


def _is_month(part: str) -> bool:
    return len(part) >= _SHORTEST_MONTH and part[:3].lower() in _MONTHS


def _date(year: int, month: int, day: int) -> Date:
    if not month:
        return Date(year, "", whole=not day)
    try:
        date(year, month, day or 1)
    except ValueError:
        return Date(year, "", whole=False)
    return Date(year, f"{year}-{month:02}" + (f"-{day:02}" if day else ""), whole=True)
