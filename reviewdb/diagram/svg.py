"""The diagram as SVG: text that can be selected, in light and in dark, without anything from outside.

Colours are attributes, so that programs that know no style sheets (Inkscape, LibreOffice) show the light ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from xml.sax.saxutils import quoteattr

from reviewdb.diagram import Diagram, Line, diagram
from reviewdb.diagram.folding import fold, room
from reviewdb.diagram.prose import paragraph
from reviewdb.flow import Flow
from reviewdb.text import clean

_FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Helvetica Neue', Arial, sans-serif"
_SIZE, _LEADING, _PADDING, _INDENT = 13, 18, 10, 12
_BAND_PADDING = 4
_BOX, _ARROW, _BETWEEN, _BELOW, _MARGIN, _BAND_GAP = 276, 30, 28, 24, 16, 12
_COLUMN = 2 * _BOX + _ARROW
_TIP, _ROUND = 7, 3
#: The part of the size of a font that stands above the base line.
_ASCENT = 0.76
#: How much wider bold letters are.
_BOLD = 1.08
# Light; then, where the reader's system is dark, dark. Contrast is 4.5 to 1 at least for text, 3 to 1 for lines.
_LIGHT = {
    "paper": "#ffffff",
    "box": "#ffffff",
    "side": "#f3f0e8",
    "band": "#17587a",
    "ink": "#1e2226",
    "line": "#565c63",
}
_DARK = {
    "paper": "#16181b",
    "box": "#1c1f23",
    "side": "#2a2e33",
    "band": "#213d4d",
    "ink": "#e7e4dd",
    "line": "#a4a9ae",
    "tip": "#a4a9ae",
}
_ON_BAND = "#ffffff"


@dataclass(frozen=True, slots=True)
class _Box:
    """A box on the drawing, its lines folded; measures are pixels."""

    left: float
    top: float
    height: float
    lines: tuple[tuple[str, bool], ...]

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


def svg(flow: Flow, title: str, *, name: str = "prisma", styled: bool = True) -> str:
    """Return the diagram of a flow as one `<svg>` element, to stand in a file or in a page.

    `title` is that of the review. `name` is the class of the element and begins the ids inside, for pages with several
    diagrams. A page whose policy forbids style elements takes it without, and has `css` in its own style sheet.
    """
    style = f"<style>{css(name)}</style>\n" if styled else ""
    drawn = _Drawing(diagram(flow), name)
    return drawn.written(f"PRISMA 2020 flow diagram: {clean(title)}", paragraph(flow), style)


def css(name: str = "prisma") -> str:
    """Return the style sheet of diagrams of that name: no wider than there is room, dark where the system is."""
    dark = " ".join(f".{name} .{part} {{ {_property(part)}: {colour} }}" for part, colour in _DARK.items())
    return f".{name} {{ max-width: 100%; height: auto }} @media (prefers-color-scheme: dark) {{ {dark} }}"


class _Drawing:
    """Lays out a diagram from top to bottom, then writes it."""

    def __init__(self, drawn: Diagram, name: str) -> None:
        self._drawn = drawn
        self._name = name
        self._head = max(len(fold(text, _room(_COLUMN))) for text in drawn.heads) * _LEADING + _PADDING
        self._spans = list(_spans(drawn, _MARGIN + self._head + _BELOW))
        #: Each band: its label folded, where it begins, where it ends.
        self._bands = [
            _labelled(label, self._spans[rows[0]][0], self._spans[rows[-1]][1]) for label, rows in drawn.spans
        ]
        self._band = max(len(lines) for lines, _, _ in self._bands) * _LEADING + _PADDING
        left = _MARGIN + self._band + _BAND_GAP
        self._lefts = [left + n * (_COLUMN + _BETWEEN) for n in range(len(drawn.heads))]
        self._width = self._lefts[-1] + _COLUMN + _MARGIN
        self._height = self._spans[-1][1] + _MARGIN

    def written(self, title: str, description: str, style: str) -> str:
        name = escape(self._name)
        root = {
            "xmlns": "http://www.w3.org/2000/svg",
            "class": self._name,
            "role": "img",
            "aria-labelledby": f"{self._name}-title",
            "aria-describedby": f"{self._name}-desc",
            "width": _n(self._width),
            "height": _n(self._height),
            "viewBox": f"0 0 {_n(self._width)} {_n(self._height)}",
            "font-family": _FONTS,
            "font-size": str(_SIZE),
        }
        parts = [
            f"<svg {' '.join(f'{key}={quoteattr(value)}' for key, value in root.items())}>",
            f'<title id="{name}-title">{escape(title)}</title>',
            f'<desc id="{name}-desc">{escape(description)}</desc>',
            f'{style}<rect class="paper" width="100%" height="100%" fill="{_LIGHT["paper"]}"/>',
            *self._heads(),
            *self._bands_written(),
            *self._columns(),
        ]
        return "\n".join(parts) + "\n</svg>\n"

    def _heads(self) -> Iterator[str]:
        for left, text in zip(self._lefts, self._drawn.heads, strict=True):
            yield _rect("side", left, _MARGIN, _COLUMN, self._head)
            lines = fold(text, _room(_COLUMN))
            yield from _centred(lines, left + _COLUMN / 2, _MARGIN + self._head / 2, "ink", _LIGHT["ink"], "")

    def _bands_written(self) -> Iterator[str]:
        for lines, top, bottom in self._bands:
            yield _rect("band", _MARGIN, top, self._band, bottom - top)
            x, y = _MARGIN + self._band / 2, (top + bottom) / 2
            yield from _centred(lines, x, y, "on-band", _ON_BAND, f' transform="rotate(-90 {_n(x)} {_n(y)})"')

    def _columns(self) -> Iterator[str]:
        included = self._box(self._drawn.included, self._lefts[0], len(self._drawn.rows))
        for n, left in enumerate(self._lefts):
            rows = list(enumerate(row[n] for row in self._drawn.rows))
            mains = [self._box(pair.main, left, number) for number, pair in rows]
            sides = [self._box(pair.side, left + _BOX + _ARROW, number) for number, pair in rows]
            for main, side in zip(mains, sides, strict=True):
                yield from (*_written(main, "box"), *_written(side, "side"))
                yield from _arrow([(left + _BOX, main.middle), (side.left, main.middle)])
            middle = left + _BOX / 2
            for above, below in zip(mains, [*mains[1:], included], strict=True):
                down = (middle, above.top + above.height)
                if below is not included or n == 0:
                    yield from _arrow([down, (middle, below.top)])
                else:
                    yield from _arrow([down, (middle, below.middle), (below.left + _BOX, below.middle)])
        yield from _written(included, "box")

    def _box(self, lines: Sequence[Line], left: float, row: int) -> _Box:
        top, bottom = self._spans[row]
        height = _height(lines)
        return _Box(left, (top + bottom - height) / 2, height, tuple(_folded(lines)))


def _spans(drawn: Diagram, top: float) -> Iterator[tuple[float, float]]:
    """Yield where each row begins and ends: high enough for its boxes, and its band for a label on two lines."""
    needed = [max(_height(lines) for pair in row for lines in (pair.main, pair.side)) for row in drawn.rows]
    needed.append(_height(drawn.included))
    for label, rows in drawn.spans:
        high = sum(needed[n] for n in rows) + _BELOW * (len(rows) - 1)
        lacking = room(label, 2) * _BOLD * _SIZE + 2 * _BAND_PADDING - high
        for n in rows:
            bottom = top + needed[n] + max(0, lacking) / len(rows)
            yield top, bottom
            top = bottom + _BELOW


def _labelled(label: str, top: float, bottom: float) -> tuple[list[str], float, float]:
    """Return the label of a band folded to its height, with where it begins and ends; a pixel is for rounding."""
    return fold(label, (bottom - top - 2 * _BAND_PADDING + 1) / _SIZE / _BOLD), top, bottom


def _folded(lines: Sequence[Line]) -> Iterator[tuple[str, bool]]:
    for line in lines:
        for text in fold(line.text, _room(_BOX - _INDENT * line.inner)):
            yield text, line.inner


def _room(pixels: float) -> float:
    return (pixels - 2 * _PADDING) / _SIZE


def _height(lines: Sequence[Line]) -> float:
    return sum(1 for _ in _folded(lines)) * _LEADING + 2 * _PADDING - (_LEADING - _SIZE)


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def _property(part: str) -> str:
    return "stroke" if part == "line" else "fill"


def _rect(part: str, left: float, top: float, wide: float, high: float) -> str:
    place = f'x="{_n(left)}" y="{_n(top)}" width="{_n(wide)}" height="{_n(high)}" rx="{_ROUND}"'
    return f'<rect class="{part}" {place} fill="{_LIGHT[part]}"/>'


def _written(box: _Box, part: str) -> Iterator[str]:
    place = f'x="{_n(box.left)}" y="{_n(box.top)}" width="{_BOX}" height="{_n(box.height)}" rx="{_ROUND}"'
    yield f'<g class="line" stroke="{_LIGHT["line"]}"><rect class="{part}" {place} fill="{_LIGHT[part]}"/></g>'
    for number, (text, inner) in enumerate(box.lines):
        x, y = box.left + _PADDING + _INDENT * inner, box.top + _PADDING + _ASCENT * _SIZE + number * _LEADING
        yield f'<text class="ink" x="{_n(x)}" y="{_n(y)}" fill="{_LIGHT["ink"]}">{escape(text)}</text>'


def _centred(lines: Sequence[str], x: float, y: float, part: str, colour: str, more: str) -> Iterator[str]:
    first = y - (len(lines) - 1) * _LEADING / 2 + (_ASCENT - 0.4) * _SIZE
    for number, text in enumerate(lines):
        place = f'x="{_n(x)}" y="{_n(first + number * _LEADING)}" text-anchor="middle" font-weight="600"'
        yield f'<text class="{part}" {place} fill="{colour}"{more}>{escape(text)}</text>'


def _arrow(points: Sequence[tuple[float, float]]) -> Iterator[str]:
    (x0, y0), (x, y) = points[-2:]
    dx, dy = (x > x0) - (x < x0), (y > y0) - (y < y0)
    # The line ends inside of its tip.
    drawn = [*points[:-1], (x - dx * _TIP / 2, y - dy * _TIP / 2)]
    path = " ".join(f"{_n(a)},{_n(b)}" for a, b in drawn)
    yield f'<polyline class="line" points="{path}" fill="none" stroke="{_LIGHT["line"]}" stroke-width="1.25"/>'
    back = (x - dx * _TIP, y - dy * _TIP)
    half = _TIP / 2
    corners = [(x, y), (back[0] + dy * half, back[1] + dx * half), (back[0] - dy * half, back[1] - dx * half)]
    tip = " ".join(f"{_n(a)},{_n(b)}" for a, b in corners)
    yield f'<polygon class="tip" points="{tip}" fill="{_LIGHT["line"]}"/>'
