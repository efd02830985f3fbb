"""Agreement: for each question its coefficients, each with its interval of 95 %."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

from reviewdb.agreement import Estimate
from reviewdb.figures.sheet import BLUE, FAINT, GREY, LEADING, MARGIN, ORANGE, PAPER, Dot, Line, Sheet, Text
from reviewdb.text import clean, counted

_LABELS = 0.34
_ROW = 2 * LEADING + 7
_STEP = 0.25


@dataclass(frozen=True, slots=True)
class Row:
    """A question, in words, with the number of papers that two coders answered and what they come to."""

    label: str
    papers: int
    kappa: Estimate | None
    alpha: Estimate | None


def draw(sheet: Sheet, rows: Sequence[Row], whose: str) -> None:
    """Draw two lines for each question: kappa (`whose`), then alpha, with their numbers on the right."""
    labels = [sheet.fold(clean(row.label), sheet.width * _LABELS) for row in rows]
    wide = max(sheet.measure(line) for lines in labels for line in lines)
    counts = [f"{counted(row.papers, 'paper')}" for row in rows]
    wide = max(wide, *map(sheet.measure, counts))
    numbers = [[_shown("κ", row.kappa), _shown("α", row.alpha)] for row in rows]
    left = MARGIN + wide + 8
    right = sheet.right - max(sheet.measure(said) for pair in numbers for said in pair) - 8
    least = min(0.0, *(_least(found) for row in rows for found in (row.kappa, row.alpha)))
    lowest = -_STEP * ceil(-least / _STEP)
    scale = (right - left) / (1 - lowest)

    def at(value: float) -> float:
        return left + (value - lowest) * scale

    heights = [max(_ROW, (len(lines) + 1) * LEADING + 7) for lines in labels]
    bottom = MARGIN + sum(heights)
    for n in range(round((1 - lowest) / _STEP) + 1):
        x = at(lowest + n * _STEP)
        zero = n == round(-lowest / _STEP)
        sheet.add(Line(((x, MARGIN), (x, bottom)), GREY if zero else FAINT, 0.8 if zero else 0.4))
        if n % 2 == round(-lowest / _STEP) % 2:
            sheet.add(Text(x, bottom + LEADING / 2 + 2, _minus(f"{lowest + n * _STEP:g}"), "center", GREY))
    y = MARGIN
    for row, lines, said, count, high in zip(rows, labels, numbers, counts, heights, strict=True):
        middle = y + high / 2
        sheet.lines(MARGIN, middle - LEADING / 2, lines)
        sheet.add(Text(MARGIN, middle + len(lines) * LEADING / 2, count, colour=GREY))
        for found, text, offset, kind in (
            (row.kappa, said[0], -0.5, "circle"),
            (row.alpha, said[1], 0.5, "diamond"),
        ):
            line = middle + offset * LEADING
            if found:
                _estimate(sheet, found, line, at, kind == "circle")
            sheet.add(Text(right + 8, line, text))
        y += high
        sheet.add(Line(((MARGIN, y), (sheet.right, y)), FAINT, 0.4))
    entries = [
        (_mark(0, 0, True), f"kappa ({whose})" if whose else "kappa"),
        (_mark(0, 0, False), "alpha (Krippendorff, MASI)"),
        (None, "line: 95 % interval"),
    ]
    sheet.height = sheet.key(bottom + LEADING + 7, entries) + MARGIN


def _least(found: Estimate | None) -> float:
    if found is None:
        return 0.0
    return min(found.value, found.interval[0]) if found.interval else found.value


def _shown(name: str, found: Estimate | None) -> str:
    if found is None:
        return f"{name} not defined"
    interval = f" [{found.interval[0]:.2f}, {found.interval[1]:.2f}]" if found.interval else ""
    return _minus(f"{name} {found.value:.2f}{interval}")


def _minus(number: str) -> str:
    """Return numbers with a minus as it is printed, which is no hyphen."""
    return number.replace("-", "\u2212")


def _estimate(sheet: Sheet, found: Estimate, y: float, at: Callable[[float], float], first: bool) -> None:
    colour = BLUE if first else ORANGE
    if found.interval:
        low, high = found.interval
        sheet.add(Line(((at(low), y), (at(high), y)), colour, 1.2))
    sheet.add(_mark(at(found.value), y, first))


def _mark(x: float, y: float, first: bool) -> Dot:
    return Dot(x, y, "circle", BLUE, BLUE) if first else Dot(x, y, "diamond", ORANGE, PAPER, 4)
