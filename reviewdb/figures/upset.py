"""Search overlap: a column for each set of searches that found the same papers, a row for each search.

After UpSet: Lex et al., IEEE Transactions on Visualization and Computer Graphics 20(12), 2014.
"""

from __future__ import annotations

from reviewdb.figures.sheet import BLUE, FAINT, GREY, INK, LEADING, MARGIN, PAPER, Box, Dot, Line, Sheet, Text
from reviewdb.overlap import Finder, Overlap
from reviewdb.text import clean, counted

_HIGH = 70.0
_LABELS = 0.4
_SIZES = 44.0
_LEAST, _MOST = 11.0, 24.0


def draw(sheet: Sheet, found: Overlap) -> None:
    """Draw as many sets as have room, those with most papers first; what is left out is said."""
    labels = [sheet.fold(_label(finder), sheet.width * _LABELS) for finder in found.searches]
    wide = max(sheet.measure(line) for lines in labels for line in lines)
    biggest = max(sheet.measure(str(finder.papers)) for finder in found.searches)
    size_left = MARGIN + wide + 6
    left = size_left + _SIZES + 8
    numbers = [sheet.measure(str(one.papers)) + 3 for one in found.shared]
    step = min(max(_LEAST, *numbers, (sheet.right - left) / len(found.shared)), _MOST)
    shown = found.shared[: max(1, int((sheet.right - left) // step))]
    top = MARGIN + LEADING
    bottom = top + _HIGH
    scale = _HIGH / max(one.papers for one in shown)
    heights = [max(13.0, len(lines) * LEADING + 4) for lines in labels]
    rows = [bottom + 6 + sum(heights[:n]) + high / 2 for n, high in enumerate(heights)]
    end = bottom + 6 + sum(heights)
    for n, (lines, y, high) in enumerate(zip(labels, rows, heights, strict=True)):
        if n % 2 == 0:
            sheet.add(Box(MARGIN, y - high / 2, left + step * len(shown) - MARGIN, high, "#f2f2f2"))
        sheet.lines(MARGIN, y, lines)
    most = max(finder.papers for finder in found.searches) or 1
    for finder, y in zip(found.searches, rows, strict=True):
        long = finder.papers / most * (_SIZES - biggest - 3)
        sheet.add(Box(size_left, y - 3.5, long, 7, GREY), Text(size_left + long + 3, y, str(finder.papers)))
    sheet.add(Text(size_left, bottom, "papers", colour=GREY))
    order = [finder.id for finder in found.searches]
    for n, one in enumerate(shown):
        x, high = left + (n + 0.5) * step, one.papers * scale
        sheet.add(Box(x - step * 0.36, bottom - high, step * 0.72, high, BLUE))
        sheet.add(Text(x, bottom - high - LEADING / 2, str(one.papers), "center"))
        places = [order.index(search) for search in one.searches]
        sheet.add(Line(((x, rows[places[0]]), (x, rows[places[-1]])), INK, 1.2))
        for place, y in enumerate(rows):
            here = place in places
            sheet.add(Dot(x, y, "circle", INK if here else FAINT, INK if here else PAPER, 5))
    sheet.add(Line(((left, bottom), (left + step * len(shown), bottom))))
    left_out = found.shared[len(shown) :]
    said = f"{counted(found.papers, 'paper')}; above each column, those that just these searches found"
    more = (
        f"{counted(len(left_out), 'smaller set')} of {counted(sum(one.papers for one in left_out), 'paper')} left out"
    )
    sheet.height = sheet.key(end + 5, [(None, said), *([(None, more)] if left_out else [])]) + MARGIN


def _label(finder: Finder) -> str:
    return clean(f"{finder.source} {finder.date}: {finder.query}")
