"""Bars: papers by year and by where they stand, and a facet over time, one small chart a code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reviewdb.evidence import Grid
from reviewdb.figures.sheet import (
    BLUE,
    FAINT,
    GREY,
    LEADING,
    MARGIN,
    ORANGE,
    PAPER,
    Box,
    Hatch,
    Line,
    Sheet,
    Text,
)
from reviewdb.text import clean, counted

_HEIGHT = 110.0
_BAR = 0.74
_TICKS = 4
#: The least width of a small chart, the height of its bars, and what is free between two.
_PANEL, _PANEL_HIGH, _BETWEEN = 74.0, 28.0, 8.0


@dataclass(frozen=True, slots=True)
class Year:
    """How many papers of a year stand where."""

    year: int
    included: int = 0
    undecided: int = 0
    excluded: int = 0

    @property
    def parts(self) -> tuple[int, int, int]:
        """The counts, from the bottom of a bar to its top."""
        return self.included, self.undecided, self.excluded

    @property
    def papers(self) -> int:
        """All papers of the year."""
        return sum(self.parts)


_PARTS: tuple[tuple[str, str, str, Hatch], ...] = (
    ("included", BLUE, BLUE, ""),
    ("undecided", PAPER, ORANGE, "////"),
    ("excluded", PAPER, GREY, "...."),
)


def draw_years(sheet: Sheet, years: Sequence[Year], undated: int) -> None:
    """Draw a bar for each year, in parts by where its papers stand, with its number above."""
    most = max(year.papers for year in years)
    ticks = _ticks(most)
    left = MARGIN + max(sheet.measure(str(tick)) for tick in ticks) + 4
    top, step = MARGIN + LEADING + 4, (sheet.right - left) / len(years)
    bottom = top + _HEIGHT
    scale = _HEIGHT / max(most, ticks[-1])
    for tick in ticks:
        y = bottom - tick * scale
        sheet.add(Line(((left, y), (sheet.right, y)), FAINT, 0.4), Text(left - 3, y, str(tick), "right", GREY))
    widest = max(sheet.measure(str(year.papers)) for year in years)
    for n, year in enumerate(years):
        x, y = left + (n + (1 - _BAR) / 2) * step, bottom
        for (_, fill, edge, hatch), papers in zip(_PARTS, year.parts, strict=True):
            if papers:
                y -= papers * scale
                sheet.add(Box(x, y, step * _BAR, papers * scale, fill, edge, hatch))
        if year.papers and widest + 1 <= step:
            sheet.add(Text(x + step * _BAR / 2, y - LEADING / 2, str(year.papers), "center"))
    sheet.add(Line(((left, bottom), (sheet.right, bottom))))
    _years_below(sheet, [year.year for year in years], left, step, bottom)
    used = [place for place in range(len(_PARTS)) if any(year.parts[place] for year in years)]
    swatches = [(Box(0, 0, 0, 0, *_PARTS[n][1:]), _PARTS[n][0]) for n in used]
    said = [*swatches, *([(None, f"{counted(undated, 'paper')} without a year")] if undated else [])]
    sheet.height = sheet.key(bottom + LEADING + 8, said) + MARGIN


def _years_below(sheet: Sheet, years: Sequence[int], left: float, step: float, bottom: float) -> None:
    """Write as many years as have room, the last one among them."""
    every = 1
    while step * every < sheet.measure("2000") + 4:
        every += 1
    for n, year in enumerate(years):
        if (len(years) - 1 - n) % every == 0:
            wide = sheet.measure(str(year)) / 2
            x = min(max(left + (n + 0.5) * step, MARGIN + wide), sheet.right - wide)
            sheet.add(Text(x, bottom + LEADING / 2 + 2, str(year), "center"))


def _ticks(most: int) -> list[int]:
    """Return a few round numbers from 0 on, the last at most `most` (but not 0)."""
    step, grow = 1, [2, 2.5, 2]
    n = 0
    while most / step > _TICKS:
        step = round(step * grow[n % 3])
        n += 1
    return list(range(0, max(most, 1) + 1, step))


def draw_panels(sheet: Sheet, grid: Grid, which: str) -> None:
    """Draw a small chart for each code (the rows) with a bar a year (the columns), all on one scale."""
    years = [int(code.id) for code in grid.columns.codes]
    across = max(1, min(len(grid.rows.codes), int((sheet.right - MARGIN + _BETWEEN) // (_PANEL + _BETWEEN))))
    wide = (sheet.right - MARGIN + _BETWEEN) / across - _BETWEEN
    most = max((papers for cells in grid.cells for papers in cells), default=1) or 1
    heads = [sheet.fold(f"{clean(code.label)} ({code.papers})", wide) for code in grid.rows.codes]
    y = MARGIN
    for begin in range(0, len(heads), across):
        here = range(begin, min(begin + across, len(heads)))
        lines = max(len(heads[n]) for n in here)
        top = y + lines * LEADING
        for n in here:
            x = MARGIN + (n - begin) * (wide + _BETWEEN)
            for k, line in enumerate(heads[n]):
                at = top - (len(heads[n]) - k - 0.5) * LEADING
                sheet.add(Text(x, at, line))
            _panel(sheet, grid.cells[n], years, most, (x, top + LEADING + 1, wide))
        y = top + LEADING + 1 + _PANEL_HIGH + LEADING + 9
    said = f"{clean(grid.rows.label)}: {which}; one scale, the most is numbered"
    sheet.height = sheet.key(y - 3, [(None, said)]) + MARGIN


def _panel(
    sheet: Sheet, cells: Sequence[int], years: Sequence[int], most: int, place: tuple[float, float, float]
) -> None:
    x, top, wide = place
    bottom, step = top + _PANEL_HIGH, wide / len(cells)
    highest = max(cells)
    for n, papers in enumerate(cells):
        if papers:
            high = papers / most * _PANEL_HIGH
            sheet.add(Box(x + (n + (1 - _BAR) / 2) * step, bottom - high, step * _BAR, high, BLUE))
    if highest:
        n = cells.index(highest)
        half = sheet.measure(str(highest)) / 2
        at = min(max(x + (n + 0.5) * step, x + half), x + wide - half)
        sheet.add(Text(at, bottom - highest / most * _PANEL_HIGH - LEADING / 2, str(highest), "center"))
    sheet.add(Line(((x, bottom), (x + wide, bottom)), GREY))
    below = bottom + LEADING / 2 + 2
    sheet.add(Text(x, below, str(years[0]), colour=GREY))
    if len(years) > 1:
        sheet.add(Text(x + wide, below, str(years[-1]), "right", GREY))
