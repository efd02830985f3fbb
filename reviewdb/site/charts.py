"""Charts: where the parts of a drawing stand, in percent across and pixels down, so that text keeps its size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: Height of the drawing area of a column chart, in pixels.
HEIGHT = 120
_LABELS_AT_MOST = 20
_GAP = 0.22


@dataclass(frozen=True, slots=True)
class Bar:
    """One column: a whole, a part of it drawn solid, and where a click leads."""

    label: str
    short: str
    whole: int
    part: int
    url: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column where it is drawn: left, width and middle in percent; tops and heights in pixels."""

    bar: Bar
    left: float
    width: float
    middle: float
    whole: tuple[float, float]
    part: tuple[float, float]
    labelled: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """A column chart; `height` is that of the drawing area in pixels."""

    columns: Sequence[Column]
    height: int = HEIGHT


def columns(bars: Sequence[Bar], height: int = HEIGHT, labels: int = _LABELS_AT_MOST) -> Chart:
    """Lay out columns side by side over the whole width, with at most so many labels below."""
    most = max((bar.whole for bar in bars), default=0) or 1
    step = 100 / max(len(bars), 1)
    every = -(-len(bars) // labels) or 1

    def upright(count: int) -> tuple[float, float]:
        high = round(height * count / most, 1)
        return round(height - high, 1), high

    return Chart(
        [
            Column(
                bar=bar,
                left=round(n * step + step * _GAP / 2, 3),
                width=round(step * (1 - _GAP), 3),
                middle=round((n + 0.5) * step, 3),
                whole=upright(bar.whole),
                part=upright(bar.part),
                labelled=n % every == 0,
            )
            for n, bar in enumerate(bars)
        ],
        height,
    )
