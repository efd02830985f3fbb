"""The evidence map: a cell for each pair of codes, with how many papers carry both; gaps are hatched."""

from __future__ import annotations

from reviewdb import evidence
from reviewdb.errors import ReviewError
from reviewdb.evidence import Code, Grid
from reviewdb.figures.sheet import (
    FAINT,
    GREY,
    INCH,
    INDENT,
    INK,
    LEADING,
    MARGIN,
    ON_SHADES,
    PAPER,
    SHADES,
    Box,
    Line,
    Sheet,
    Text,
)
from reviewdb.text import clean

#: The part of the width that labels of rows may take.
_LABELS = 0.42
#: The most points that the labels of columns may take.
_HEADS = 120.0
#: The least width of labels of rows, in points.
_LEAST = 60.0
_GAP = 4.0
_CELL = 11.0


def draw(sheet: Sheet, grid: Grid, which: str) -> None:
    """Draw the map; `which` says which papers count. Raises ReviewError where its columns have no room."""
    rows, columns = grid.rows.codes, grid.columns.codes
    need = max(LEADING, *(sheet.measure(str(n)) + 2 for cells in grid.cells for n in cells))
    # Labels of rows give way to cells, as they can be folded.
    room = min(sheet.width * _LABELS, sheet.right - MARGIN - _GAP - need * len(columns))
    if room < _LEAST:
        raise ReviewError(
            f"{len(columns)} columns have no room on {sheet.width / INCH:g} inches: with labels, "
            f"they take {(2 * MARGIN + _GAP + _LEAST + need * len(columns)) / INCH:.1f}.",
            "Print it wider (--width 7in), or choose other --rows and --columns.",
        )
    labels = {code.id: sheet.fold(_label(code), room - INDENT * code.depth) for code in rows}
    corner = sheet.fold(clean(grid.rows.label), room, bold=True)
    wide = max(INDENT * c.depth + max(map(sheet.measure, labels[c.id])) for c in rows)
    wide = max(wide, *(sheet.measure(line, bold=True) for line in corner))
    left = MARGIN + wide + _GAP
    cell = (sheet.right - left) / len(columns)
    heads = [sheet.fold(_label(code), _HEADS if cell >= 2 * LEADING else sheet.width) for code in columns]
    high = max(
        INDENT * code.depth + sheet.measure(line) for code, lines in zip(columns, heads, strict=True) for line in lines
    )
    title = sheet.fold(clean(grid.columns.label), sheet.right - left, bold=True)
    top = MARGIN + len(title) * LEADING + 2 + high + 3
    for n, line in enumerate(title):
        sheet.add(Text(left, MARGIN + (n + 0.5) * LEADING, line, bold=True))
    sheet.lines(MARGIN, top - 3 - len(corner) * LEADING / 2, corner, bold=True)
    for n, (code, lines) in enumerate(zip(columns, heads, strict=True)):
        middle = left + (n + 0.5) * cell
        for k, line in enumerate(lines):
            x = middle + (k - (len(lines) - 1) / 2) * LEADING
            sheet.add(Text(x, top - 3 - INDENT * code.depth, line, colour=_colour(code), upright=True))
        finer = next((m for m, other in enumerate(columns[n + 1 :]) if other.depth <= code.depth), len(columns) - n - 1)
        if finer:
            # What a code is parted into has a line below its labels.
            y, x = top - 1 - INDENT * (code.depth + 0.5), left + (n + 1) * cell
            sheet.add(Line(((x, y), (x + finer * cell - 2, y)), GREY, 0.5))
    bottom = _cells(sheet, grid, labels, (left, top, cell))
    _key(sheet, grid, which, bottom + 5)


def _cells(sheet: Sheet, grid: Grid, labels: dict[str, list[str]], place: tuple[float, float, float]) -> float:
    left, y, cell = place
    level, _ = evidence.levels(n for cells in grid.cells for n in cells)
    for code, cells in zip(grid.rows.codes, grid.cells, strict=True):
        high = max(_CELL, len(labels[code.id]) * LEADING + 2)
        sheet.lines(MARGIN + INDENT * code.depth, y + high / 2, labels[code.id], colour=_colour(code))
        for n, papers in enumerate(cells):
            x = left + n * cell
            if papers:
                shade = level[papers] - 1
                sheet.add(
                    Box(x, y, cell, high, SHADES[shade], PAPER),
                    Text(x + cell / 2, y + high / 2, str(papers), "center", ON_SHADES[shade]),
                )
            else:
                sheet.add(_gap(x, y, cell, high))
        y += high
    return y


def _gap(x: float, y: float, width: float, height: float) -> Box:
    # A hair inside of its place, so that gaps side by side are told apart as cells are.
    return Box(x + 0.5, y + 0.5, width - 1, height - 1, PAPER, FAINT, "////")


def _key(sheet: Sheet, grid: Grid, which: str, y: float) -> None:
    _, legend = evidence.levels(n for cells in grid.cells for n in cells)
    swatches = [(Box(0, 0, 0, 0, SHADES[shade - 1], GREY), said) for shade, said in legend]
    hatched = Box(0, 0, 0, 0, PAPER, FAINT, "////")
    sheet.height = sheet.key(y, [(None, "papers:"), *swatches, (hatched, "none"), (None, which)]) + MARGIN


def _label(code: Code) -> str:
    return f"{clean(code.label)} ({code.papers})"


def _colour(code: Code) -> str:
    """Return the colour of a label: that of a finer code is lighter than that of the one above it."""
    return GREY if code.depth else INK
