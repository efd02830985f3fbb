"""Ink: the only user of matplotlib. It measures type, draws sheets, and writes them as SVG, PDF and PNG.

The same sheet gives the same bytes: nothing of the day, the machine's settings or chance goes into a file.
"""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle
from matplotlib.textpath import text_to_path

from reviewdb.figures.sheet import INCH, TYPE, Box, Dot, Draw, Line, Mark, Sheet, Text

#: Whatever a person's own settings of matplotlib say.
_SETTINGS: dict[str, Any] = {
    "font.family": "sans-serif",
    # It comes with matplotlib, so it is the same everywhere.
    "font.sans-serif": ["DejaVu Sans"],
    "text.parse_math": False,  # a label may hold a dollar sign
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "reviewdb",
    "pdf.fonttype": 42,  # whole outlines of TrueType, as publishers demand, not Type 3
    "hatch.linewidth": 0.5,
}
_DOTS_PER_INCH = 300
#: What would say when and with what a file was made.
_UNDATED: dict[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": "reviewdb"},
    "pdf": {"CreationDate": None, "Creator": "reviewdb", "Producer": "reviewdb"},
    "png": {"Software": "reviewdb"},
}
_TIP = 4.0
_SHAPES = {"circle": "o", "diamond": "D"}


def laid_out(width: float, draw: Draw) -> Sheet:
    """Return a sheet of a width in inches with what `draw` puts on it."""
    sheet = Sheet(width * INCH, _wide)
    draw(sheet)
    return sheet


def drawn(sheet: Sheet) -> Figure:
    """Return a sheet as a figure of matplotlib."""
    with _settings():
        figure = Figure(figsize=(sheet.width / INCH, sheet.height / INCH))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, sheet.width)
        axes.set_ylim(sheet.height, 0)
        for order, mark in enumerate(sheet.marks):
            for artist in _artists(mark):
                artist.set_zorder(order)
                artist.set_clip_on(False)
                axes.add_artist(artist)
        return figure


def written(sheet: Sheet, format_: str, title: str) -> bytes:
    """Return a sheet as a file of a format: `svg`, `pdf`, `png`."""
    figure = drawn(sheet)
    out = io.BytesIO()
    logging.getLogger("fontTools").setLevel(logging.ERROR)  # its log is for programmers
    with _settings():
        figure.savefig(out, format=format_, dpi=_DOTS_PER_INCH, metadata={**_UNDATED[format_], "Title": title})
    return out.getvalue()


def lacking(sheet: Sheet) -> str:
    """Return the letters of a sheet that the font does not have: SVG leaves them to the reader's fonts."""
    every = "".join(mark.text for mark in sheet.marks if isinstance(mark, Text))
    return "".join(letter for letter in sorted(set(every)) if not _has(letter))


@contextmanager
def _settings() -> Iterator[None]:
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # who asked for the figure is told once
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)  # type: ignore[arg-type]  # its keys are typed one by one
        yield


@lru_cache(maxsize=4096)
def _wide(text: str, *, bold: bool = False) -> float:
    known = "".join(filter(_has, text))
    with _settings():
        wide = float(text_to_path.get_text_width_height_descent(known, _font(bold=bold), ismath=False)[0])
    return wide + TYPE * (len(text) - len(known))  # what other fonts have in its place is a square at most


@cache
def _has(letter: str) -> bool:
    with _settings():
        return get_font(findfont(_font(bold=False))).get_char_index(ord(letter)) > 0


def _font(*, bold: bool) -> FontProperties:
    return FontProperties(family=["DejaVu Sans"], size=TYPE, weight="bold" if bold else "normal")


def _artists(mark: Mark) -> Iterator[mpl.artist.Artist]:
    if isinstance(mark, Text):
        yield _text(mark)
    elif isinstance(mark, Box):
        edge = mark.edge or "none"
        if mark.hatch:
            # The colour of the hatch is that of the edge: the lines lie in a box of their own.
            place = ((mark.x, mark.y), mark.width, mark.height)
            yield Rectangle(*place, facecolor=mark.fill, edgecolor=edge, hatch=mark.hatch, linewidth=0.5)
        else:
            yield Rectangle(
                (mark.x, mark.y), mark.width, mark.height, facecolor=mark.fill, edgecolor=edge, linewidth=0.6
            )
    elif isinstance(mark, Line):
        yield from _line(mark)
    else:
        yield _dot(mark)


def _text(mark: Text) -> mpl.text.Text:
    # In figures of matplotlib, an upright line begins below.
    across: dict[str, Literal["bottom", "center", "top"]] = {"left": "bottom", "center": "center", "right": "top"}
    return mpl.text.Text(
        mark.x,
        mark.y,
        mark.text,
        color=mark.colour,
        fontproperties=_font(bold=mark.bold),
        rotation=90 if mark.upright else 0,
        rotation_mode="default",
        horizontalalignment="center" if mark.upright else mark.align,
        verticalalignment=across[mark.align] if mark.upright else "center_baseline",
    )


def _line(mark: Line) -> Iterator[mpl.artist.Artist]:
    points = list(mark.points)
    if mark.arrow:
        (x0, y0), (x, y) = points[-2:]
        dx, dy = (x > x0) - (x < x0), (y > y0) - (y < y0)
        back, half = (x - dx * _TIP, y - dy * _TIP), _TIP / 2.5
        corners = [(x, y), (back[0] + dy * half, back[1] + dx * half), (back[0] - dy * half, back[1] - dx * half)]
        yield Polygon(corners, closed=True, facecolor=mark.colour, edgecolor="none")
        points[-1] = (x - dx * _TIP / 2, y - dy * _TIP / 2)
    xs, ys = zip(*points, strict=True)
    yield Line2D(xs, ys, color=mark.colour, linewidth=mark.width, solid_capstyle="butt")


def _dot(mark: Dot) -> Line2D:
    return Line2D(
        [mark.x],
        [mark.y],
        linestyle="none",
        marker=_SHAPES[mark.shape],
        markersize=mark.size,
        markerfacecolor=mark.fill,
        markeredgecolor=mark.colour,
        markeredgewidth=0.8,
    )
