"""Quantities: the numbers that papers report, such as a Dice of 0.83, as people write them and as they are kept."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Literal

#: What people write where a paper reports no number.
NONE = frozenset(("-", "–", "—", "n/a", "na", "n.a.", "nr", "none", "not reported"))
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_HEADING = re.compile(r"(.+?)\s*[(\[]([^()\[\]]+)[)\]]")
_COMMA = re.compile(r"[+-]?\d+,\d+")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
_DECIMALS = re.compile(r"[+-]?(\d+|[1-9]\d{0,2}(\.\d{3})+),\d+")
_BELOW_THOUSAND = re.compile(r"[+-]?\d{1,3}")

#: What commas do in the numbers of a column: part thousands or decimals, nothing, or it cannot be told.
Commas = Literal["thousands", "decimals", "unclear", ""]


def commas(cells: Sequence[str], unit: str = "") -> Commas:
    """Return what commas do in a column of numbers, by all of its cells: 1,200 alone may be either.

    It is the thousands where a cell could be nothing else (1,200,300), or where whole numbers below 1000 have no comma
    and those above all have one; decimals where a cell could be nothing else (0,83), and none may be thousands.
    """
    bare = [_bare(cell, unit) for cell in cells if cell.strip().casefold() not in NONE]
    having = [one for one in bare if "," in one]
    others = [one for one in bare if "," not in one]
    if not having:
        return ""
    thousands = all(map(_THOUSANDS.fullmatch, having))
    decimals = all(map(_DECIMALS.fullmatch, having)) and not any("." in one for one in others)
    if decimals and not thousands and any(map(_THOUSANDS.fullmatch, having)):
        return "unclear"  # of 83,1 and 1,200, the second may be either
    if thousands and decimals:
        return "thousands" if others and all(map(_BELOW_THOUSAND.fullmatch, others)) else "unclear"
    return "thousands" if thousands else "decimals" if decimals else "unclear"


def without_commas(said: str, meaning: Commas) -> str:
    """Return a number as it is read, with a point for its decimals, given what commas do in its column."""
    if meaning == "decimals" and "," in said:
        return said.replace(".", "").replace(",", ".")
    return said.replace(",", "") if meaning == "thousands" else said


def read(said: str, unit: str = "") -> str:
    """Return the number that a text says, in the one form that a number is kept in: `.830` and `0.83` are `0.83`.

    The unit may stand behind it. Raises ValueError with a sentence for a person where the text is anything else: a
    comma is refused, as it parts thousands for some and decimals for others.
    """
    bare = _bare(said, unit)
    if readings := without_comma(bare):
        raise ValueError(f"{said.strip()!r} has a comma: write {' or '.join(readings)}")
    if not _NUMBER.fullmatch(bare):
        raise ValueError(f"{said.strip()!r} is no number{f' in {unit}' if unit else ''}")
    return written(float(bare))


def without_comma(said: str, unit: str = "") -> list[str]:
    """Return what a number with one comma may mean: 83,1 is 83.1, and 1,200 may be 1.200 or 1200; else nothing."""
    bare = _bare(said, unit)
    if not _COMMA.fullmatch(bare):
        return []
    return [bare.replace(",", "."), *([bare.replace(",", "")] if _THOUSANDS.fullmatch(bare) else [])]


def _bare(said: str, unit: str) -> str:
    bare = said.strip().replace("\N{MINUS SIGN}", "-")
    return bare[: -len(unit)].strip() if unit and bare.casefold().endswith(unit.casefold()) else bare


def parted(heading: str) -> tuple[str, str]:
    """Return the name and the unit of a heading such as `Dice (%)` or `Time [s]`; without one, an empty unit."""
    heading = " ".join(heading.split())
    found = _HEADING.fullmatch(heading)
    return (found[1].strip(), found[2].strip()) if found else (heading, "")


def written(number: float) -> str:
    """Return a number in the form that it is kept in. Raises ValueError where it is not finite."""
    if not math.isfinite(number):
        raise ValueError(f"{number!r} is not a finite number")
    # Without the sign of a zero: -0 and 0 are one number.
    return repr(number + 0.0).removesuffix(".0")


def outside(number: float, minimum: float | None, maximum: float | None) -> str:
    """Return which limit a number is beyond, in words, or an empty string."""
    if minimum is not None and number < minimum:
        return f"below the minimum of {written(minimum)}"
    if maximum is not None and number > maximum:
        return f"above the maximum of {written(maximum)}"
    return ""


def limits(minimum: float | None, maximum: float | None) -> str:
    """Return the limits in words, or an empty string where there are none."""
    if minimum is not None and maximum is not None:
        return f"from {written(minimum)} to {written(maximum)}"
    if minimum is not None:
        return f"{written(minimum)} or more"
    return "" if maximum is None else f"{written(maximum)} or less"
