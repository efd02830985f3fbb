"""Bars: papers by year and by where they stand, and a facet over time, one row a code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reviewdb.evidence import Code, Grid
from reviewdb.figures.sheet import (
    BLUE,
    FAINT,
    GREY,
    INCH,
    INDENT,
    INK,
    LEADING,
    MARGIN,
    ORANGE,
    PAPER,
    VERMILION,
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
#: Of rows: the least width of a block, what is free between two, the part of it for labels, and the highest bar.
_BLOCK, _BETWEEN, _LABELS, _ROW = 3.25 * INCH, 14.0, 0.55, 18.0


@dataclass(frozen=True, slots=True)
class Year:
    """How many papers of a year stand where."""

    year: int
    included: int = 0
    pending: int = 0
    contested: int = 0
    excluded: int = 0

    @property
    def parts(self) -> tuple[int, ...]:
        """The counts, from the bottom of a bar to its top."""
        return self.included, self.pending, self.contested, self.excluded

    @property
    def papers(self) -> int:
        """All papers of the year."""
        return sum(self.parts)


_PARTS: tuple[tuple[str, str, str, Hatch], ...] = (
    ("included", BLUE, BLUE, ""),
    ("pending", PAPER, ORANGE, "////"),
    ("contested", PAPER, VERMILION, "xxxx"),
    ("excluded", PAPER, GREY, "...."),
)


def draw_years(sheet: Sheet, years: Sequence[Year], undated: int) -> None:
    """Draw a bar for each year, in parts by where its papers stand, with its number above."""
    most = max(year.papers for year in years)
    ticks = _ticks(most)
    left = MARGIN + LEADING + max(sheet.measure(str(tick)) for tick in ticks) + 4
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
    below, beside = "Year of publication", "Papers"
    at = (top + bottom + sheet.measure(beside)) / 2
    sheet.add(Text(MARGIN + LEADING / 2, at, beside, colour=GREY, upright=True))
    sheet.add(Text((left + sheet.right) / 2, bottom + 1.5 * LEADING + 3, below, "center", GREY))
    used = [place for place in range(len(_PARTS)) if any(year.parts[place] for year in years)]
    swatches = [(Box(0, 0, 0, 0, *_PARTS[n][1:]), _PARTS[n][0]) for n in used]
    said = [*swatches, *([(None, f"{counted(undated, 'paper')} without a year")] if undated else [])]
    sheet.height = sheet.key(bottom + 2 * LEADING + 9, said) + MARGIN


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


@dataclass(frozen=True, slots=True)
class _Row:
    """The label of a code, its papers of each year, how high their bars are, and the whole row."""

    lines: Sequence[str]
    indent: float
    cells: Sequence[int]
    bars: Sequence[float]
    high: float


def draw_rows(sheet: Sheet, grid: Grid, which: str) -> None:
    """Draw a row for each code (the rows) with a bar a year (the columns), all on one scale.

    Where there is room, rows stand in blocks beside each other, each with its years.
    """
    years = [int(code.id) for code in grid.columns.codes]
    most = max((papers for cells in grid.cells for papers in cells), default=1) or 1
    blocks = max(1, min(len(grid.rows.codes), int(sheet.width // _BLOCK)))
    wide = (sheet.right - MARGIN + _BETWEEN) / blocks - _BETWEEN
    rows = [_row(sheet, code, cells, most, wide) for code, cells in zip(grid.rows.codes, grid.cells, strict=True)]
    labels = 4 + max(row.indent + max(map(sheet.measure, row.lines)) for row in rows)
    end = MARGIN
    for block, here in enumerate(_blocks(rows, blocks)):
        x, y = MARGIN + block * (wide + _BETWEEN), MARGIN
        for row in here:
            y += row.high
            middle = y - len(row.lines) * LEADING / 2
            sheet.lines(x + row.indent, middle, row.lines, colour=GREY if row.indent else INK)
            _bars(sheet, row, (x + labels, y, wide - labels))
        _years_below(sheet, years, x + labels, (wide - labels) / len(years), y)
        end = max(end, y)
    said = "Bars are papers a year, all on one scale; the number is that of a row's highest bar"
    sheet.height = sheet.key(end + LEADING + 5, [(None, f"{clean(grid.rows.label)}: {which}. {said}")]) + MARGIN


def _blocks(rows: Sequence[_Row], number: int) -> list[list[_Row]]:
    """Part rows into blocks about as high as each other; a finer code stays with the one above it."""
    part, done = sum(row.high for row in rows) / number, 0.0
    found: list[list[_Row]] = [[]]
    for row in rows:
        if done >= part * len(found) and not row.indent:
            found.append([])
        found[-1].append(row)
        done += row.high
    return found


def _row(sheet: Sheet, code: Code, cells: Sequence[int], most: int, wide: float) -> _Row:
    indent = INDENT * code.depth
    lines = sheet.fold(f"{clean(code.label)} ({code.papers})", wide * _LABELS - indent)
    bars = [papers / most * _ROW for papers in cells]
    return _Row(lines, indent, cells, bars, max(len(lines) * LEADING, max(bars) + LEADING) + 2)


def _bars(sheet: Sheet, row: _Row, place: tuple[float, float, float]) -> None:
    x, bottom, wide = place
    step = wide / len(row.cells)
    sheet.add(Line(((x, bottom), (x + wide, bottom)), FAINT, 0.4))
    for n, high in enumerate(row.bars):
        if high:
            sheet.add(Box(x + (n + (1 - _BAR) / 2) * step, bottom - high, step * _BAR, high, BLUE))
    if highest := max(row.cells):
        n = row.cells.index(highest)
        half = sheet.measure(str(highest)) / 2
        at = min(max(x + (n + 0.5) * step, x + half), x + wide - half)
        sheet.add(Text(at, bottom - row.bars[n] - LEADING / 2, str(highest), "center"))
