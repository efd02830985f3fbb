"""The flow of PRISMA 2020 at the width of a column: the boxes of `diagram`, as in SVG and TikZ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reviewdb.diagram import Diagram
from reviewdb.diagram import Line as Said
from reviewdb.figures.sheet import GREY, LEADING, MARGIN, PAPER, Box, Line, Sheet, Text

_BAND, _SIDE = "#17587a", "#f3f0e8"
_PAD, _INDENT, _ARROW, _BETWEEN, _BELOW = 4.0, 6.0, 12.0, 9.0, 11.0
_BAND_WIDE, _BAND_GAP = LEADING + 4, 5.0


def draw(sheet: Sheet, drawn: Diagram) -> None:
    """Draw the diagram from top to bottom."""
    _Chart(sheet, drawn).draw()


class _Chart:
    def __init__(self, sheet: Sheet, drawn: Diagram) -> None:
        self._sheet = sheet
        self._drawn = drawn
        columns = len(drawn.heads)
        left = MARGIN + self._band_wide() + _BAND_GAP
        self._column = (sheet.right - left - _BETWEEN * (columns - 1)) / columns
        self._box = (self._column - _ARROW) / 2
        self._lefts = [left + n * (self._column + _BETWEEN) for n in range(columns)]
        self._tops: list[tuple[float, float]] = []

    def draw(self) -> None:
        heads = [self._sheet.fold(head, self._column - 2 * _PAD, bold=True) for head in self._drawn.heads]
        high = max(map(len, heads)) * LEADING + 2 * _PAD
        for left, lines in zip(self._lefts, heads, strict=True):
            self._sheet.add(Box(left, MARGIN, self._column, high, _SIDE))
            for n, line in enumerate(lines):
                y = MARGIN + high / 2 + (n - (len(lines) - 1) / 2) * LEADING
                self._sheet.add(Text(left + self._column / 2, y, line, "center", bold=True))
        self._tops = list(self._spans(MARGIN + high + _BELOW))
        for label, rows in self._drawn.spans:
            self._band(label, self._tops[rows[0]][0], self._tops[rows[-1]][1])
        for n, left in enumerate(self._lefts):
            self._draw_column(n, left)
        self._draw_box(self._drawn.included, self._lefts[0], len(self._drawn.rows), PAPER)
        self._sheet.height = self._tops[-1][1] + MARGIN

    def _draw_column(self, n: int, left: float) -> None:
        mains = []
        for number, row in enumerate(self._drawn.rows):
            main = self._draw_box(row[n].main, left, number, PAPER)
            self._draw_box(row[n].side, left + self._box + _ARROW, number, _SIDE)
            y = (main[0] + main[1]) / 2
            self._arrow((left + self._box, y), (left + self._box + _ARROW, y))
            mains.append(main)
        middle = left + self._box / 2
        top, bottom = self._tops[-1]
        high = self._high(self._drawn.included)
        included = ((top + bottom - high) / 2, (top + bottom + high) / 2)
        for above, below in zip(mains, [*mains[1:], included], strict=True):
            if below is not included or n == 0:
                self._arrow((middle, above[1]), (middle, below[0]))
            else:
                y = (below[0] + below[1]) / 2
                self._arrow((middle, above[1]), (middle, y), (self._lefts[0] + self._box, y))

    def _arrow(self, *points: tuple[float, float]) -> None:
        self._sheet.add(Line(points, GREY, 0.8, arrow=True))

    def _draw_box(self, lines: Sequence[Said], left: float, row: int, fill: str) -> tuple[float, float]:
        top, bottom = self._tops[row]
        high = self._high(lines)
        begin = (top + bottom - high) / 2
        self._sheet.add(Box(left, begin, self._box, high, fill, GREY))
        for n, (text, inner) in enumerate(self._folded(lines)):
            x = left + _PAD + _INDENT * inner
            self._sheet.add(Text(x, begin + _PAD + (n + 0.5) * LEADING, text))
        return begin, begin + high

    def _band(self, label: str, top: float, bottom: float) -> None:
        lines = self._sheet.fold(label, bottom - top - 4, bold=True)
        wide = self._band_wide()
        self._sheet.add(Box(MARGIN, top, wide, bottom - top, _BAND))
        for n, line in enumerate(lines):
            # An upright text stands above its foot: its foot is half of it below the middle.
            foot = (top + bottom + self._sheet.measure(line, bold=True)) / 2
            x = MARGIN + wide / 2 + (n - (len(lines) - 1) / 2) * LEADING
            self._sheet.add(Text(x, foot, line, colour=PAPER, bold=True, upright=True))

    def _band_wide(self) -> float:
        # On two lines where a label has several words: its rows are high enough for that.
        return _BAND_WIDE + LEADING * any(" " in label for label, _ in self._drawn.spans)

    def _spans(self, top: float) -> Iterator[tuple[float, float]]:
        """Yield where each row begins and ends, with room for the label of its band."""
        needed = [
            max(self._high(lines) for pair in row for lines in (pair.main, pair.side)) for row in self._drawn.rows
        ]
        needed.append(self._high(self._drawn.included))
        for label, rows in self._drawn.spans:
            high = sum(needed[n] for n in rows) + _BELOW * (len(rows) - 1)
            lacking = max(0.0, self._room(label) + 5 - high)
            for n in rows:
                bottom = top + needed[n] + lacking / len(rows)
                yield top, bottom
                top = bottom + _BELOW

    def _room(self, label: str) -> float:
        """Return about the least room in which a label takes no more than two lines, no word of it broken."""
        least = max(self._sheet.measure(word, bold=True) for word in label.split() or [""])
        while len(self._sheet.fold(label, least, bold=True)) > 2:  # noqa: PLR2004 - lines of a band
            least += 1
        return least

    def _folded(self, lines: Sequence[Said]) -> Iterator[tuple[str, bool]]:
        for line in lines:
            for text in self._sheet.fold(line.text, self._box - 2 * _PAD - _INDENT * line.inner):
                yield text, line.inner

    def _high(self, lines: Sequence[Said]) -> float:
        return sum(1 for _ in self._folded(lines)) * LEADING + 2 * _PAD
