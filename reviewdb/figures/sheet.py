"""A sheet: what stands where in a figure, before any program draws it. All measures are points, from the top left."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

#: Points in an inch.
INCH = 72.0
#: The size of all type: the least that journals print.
TYPE = 7.0
#: From one line of type to the next.
LEADING = 8.75
MARGIN = 3.0
#: By which the label of a finer code stands in.
INDENT = 6.0

INK, GREY, FAINT, PAPER = "#1a1a1a", "#595959", "#c9c9c9", "#ffffff"
#: Of Okabe and Ito (Color Universal Design, 2008): told apart by the colour-blind.
BLUE, ORANGE, VERMILION = "#0072b2", "#e69f00", "#d55e00"
#: Of viridis, from its light end to its dark one; what is written on the first ones is dark, on the others light.
SHADES = ("#d8e219", "#4ec36b", "#2d708e", "#440154")
ON_SHADES = (INK, INK, PAPER, PAPER)

_PARTS = re.compile(r"[^/-]+[/-]*|[/-]+")

Hatch = Literal["", "////", "xxxx", "...."]
Point = tuple[float, float]


class Measure(Protocol):
    """Tells how wide a text is in points, as it will be drawn."""

    def __call__(self, text: str, *, bold: bool = False) -> float:
        """Return the width."""


@dataclass(frozen=True, slots=True)
class Text:
    """A line of type. `x` and `y` are its place by `align`; `y` is its middle. `upright`: it reads from below."""

    x: float
    y: float
    text: str
    align: Literal["left", "center", "right"] = "left"
    colour: str = INK
    bold: bool = False
    upright: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float
    fill: str = PAPER
    edge: str = ""
    hatch: Hatch = ""


@dataclass(frozen=True, slots=True)
class Line:
    """Lines from point to point; `arrow`: with a tip at the last one."""

    points: tuple[Point, ...]
    colour: str = INK
    width: float = 0.6
    arrow: bool = False


@dataclass(frozen=True, slots=True)
class Dot:
    """A mark at a point."""

    x: float
    y: float
    shape: Literal["circle", "diamond"] = "circle"
    colour: str = INK
    fill: str = INK
    size: float = 4.5


Mark = Text | Box | Line | Dot


@dataclass(slots=True)
class Sheet:
    """A figure as wide as it is printed; drawing adds marks, the later above the earlier, and sets the height."""

    width: float
    measure: Measure
    marks: list[Mark] = field(default_factory=list)
    height: float = 0.0

    @property
    def right(self) -> float:
        """Where the right margin begins."""
        return self.width - MARGIN

    def add(self, *marks: Mark) -> None:
        """Add marks."""
        self.marks += marks

    def fold(self, text: str, room: float, *, bold: bool = False) -> list[str]:
        """Break a text into lines no wider than `room`: between words, or inside of a word that is wider by itself."""
        lines = [""]
        for word in text.split(" "):
            glue = " " if lines[-1] else ""
            for piece in self._pieces(word, room, bold=bold):
                if lines[-1] and self.measure(f"{lines[-1]}{glue}{piece}", bold=bold) > room:
                    lines.append(piece)
                else:
                    lines[-1] += glue + piece
                glue = ""
        return lines

    def _pieces(self, word: str, room: float, *, bold: bool) -> Iterator[str]:
        """Yield the parts of a word between which it may be broken: after a hyphen or slash, else anywhere."""
        if self.measure(word, bold=bold) <= room:
            yield word
            return
        for part in _PARTS.findall(word):
            yield from [part] if self.measure(part, bold=bold) <= room else part

    def lines(self, x: float, y: float, lines: Sequence[str], *, bold: bool = False, colour: str = INK) -> None:
        """Write lines one below the other, the middle of them all at `y`."""
        first = y - (len(lines) - 1) * LEADING / 2
        for number, line in enumerate(lines):
            self.add(Text(x, first + number * LEADING, line, bold=bold, colour=colour))

    def key(self, y: float, entries: Sequence[tuple[Box | Dot | None, str]]) -> float:
        """Write a key of swatches with what they stand for, in as many rows as it takes; return where it ends.

        The swatches' own places are ignored. `y` is the top.
        """
        x, middle = MARGIN, y + LEADING / 2
        for swatch, said in entries:
            wide = (12 if swatch else 0) + self.measure(said) + 9
            if x > MARGIN and x + wide - 9 > self.right:
                x, middle = MARGIN, middle + LEADING + 2
            if isinstance(swatch, Box):
                self.add(Box(x, middle - 3.5, 9, 7, swatch.fill, swatch.edge, swatch.hatch))
            elif swatch:
                self.add(Dot(x + 4.5, middle, swatch.shape, swatch.colour, swatch.fill, swatch.size))
            for number, line in enumerate(self.fold(said, self.right - x - (12 if swatch else 0))):
                middle += LEADING if number else 0
                self.add(Text(x + (12 if swatch else 0), middle, line, colour=GREY))
            x += wide
        return middle + LEADING / 2


#: Draws on a sheet.
Draw = Callable[[Sheet], None]
