r"""The diagram as TikZ: one `tikzpicture`, for `\input` in an article or in a document of the class standalone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from anyascii import anyascii

from reviewdb.diagram import Diagram, Line, diagram
from reviewdb.diagram.folding import room
from reviewdb.flow import Flow
from reviewdb.formats.ours import MARK
from reviewdb.formats.typesetting import tex
from reviewdb.text import clean

_PREAMBLE = r"""% PRISMA 2020 flow diagram: {title}. {mark}.
% It needs, before \begin{{document}}:
%   \usepackage{{tikz}}
%   \usetikzlibrary{{arrows.meta,calc,fit}}  (with the package babel, also: babel)
% Where it is wider than the text: \resizebox{{\textwidth}}{{!}}{{\input{{FILE}}}}
"""
_STYLES = r"""\begin{tikzpicture}[
  font=\sffamily\footnotesize,
  main/.style={draw=black!65, rounded corners=1pt, align=flush left, text width=42mm, inner sep=2mm},
  side/.style={main, fill=black!5},
  head/.style={fill=black!10, rounded corners=1pt, align=center, inner ysep=1.5mm, inner xsep=0pt,
    text width=99mm, anchor=south west,
    text height=1.6ex, text depth=.4ex, font=\sffamily\footnotesize\bfseries},
  band/.style={fill={rgb,255:red,23;green,88;blue,122}, rounded corners=1pt},
  stage/.style={rotate=90, align=center, inner sep=0pt, text=white, font=\sffamily\footnotesize\bfseries},
  way/.style={-{Latex[length=2mm]}, draw=black!65, semithick},
]"""
#: Millimetres: between two rows, and of the size of the font.
_ROW_SEP, _EM = 5, 2.8


def tikz(flow: Flow, title: str) -> str:
    """Return the diagram of a flow; `title` is that of the review, and stands in a comment.

    It is ASCII, so that it compiles under every encoding: accents are commands, and letters of scripts that pdflatex
    does not set are transliterated.
    """
    drawn = diagram(flow)
    head = _PREAMBLE.format(title=anyascii(clean(title)), mark=MARK)
    parts = [_STYLES, *_matrix(drawn), *_frames(drawn), *_ways(drawn), r"\end{tikzpicture}"]
    return head + "\n".join(parts) + "\n"


def _matrix(drawn: Diagram) -> Iterator[str]:
    # A matrix makes each row as high as its highest box, which only TeX knows.
    yield r"\matrix[row sep=5mm, column sep=7mm, ampersand replacement=\nextcell] {"
    struts = [strut for label, rows in drawn.spans for strut in _struts(label, rows)]
    for n, row in enumerate(drawn.rows):
        cells = [
            _node(style, f"{style}-{n}-{c}", lines)
            for c, pair in enumerate(row)
            for style, lines in (("main", pair.main), ("side", pair.side))
        ]
        yield "  " + struts[n]
        yield "  " + "\n  \\nextcell ".join(cells) + r" \\"
    last = len(drawn.rows)
    yield "  " + struts[last]
    yield "  " + _node("main", f"main-{last}-0", drawn.included) + r" \\"
    yield "};"


def _struts(label: str, rows: range) -> Iterator[str]:
    """Yield for each row of a band the coordinates that make it high enough for the label on two lines."""
    high = (room(label, 2) * _EM + _ROW_SEP) / len(rows) - _ROW_SEP
    for n in rows:
        yield rf"\path (0mm, {high / 2:.1f}mm) coordinate (top-{n}) (0mm, {-high / 2:.1f}mm) coordinate (low-{n});"


def _node(style: str, name: str, lines: Sequence[Line]) -> str:
    texts = (rf"\hangindent=1em\hangafter=0 {tex(line.text)}" if line.inner else tex(line.text) for line in lines)
    written = "".join(rf"{text}\par " for text in texts)
    return rf"\node[{style}] ({name}) {{{written}}};"


def _frames(drawn: Diagram) -> Iterator[str]:
    last = len(drawn.rows)
    for n in range(last + 1):
        boxes = (
            "".join(f"(main-{n}-{c})(side-{n}-{c})" for c in range(len(drawn.heads))) if n < last else f"(main-{n}-0)"
        )
        yield rf"\node[fit={boxes}(top-{n})(low-{n}), inner sep=0pt] (row-{n}) {{}};"
    for c, text in enumerate(drawn.heads):
        yield rf"\node[head] at ([yshift=5mm]main-0-{c}.west |- row-0.north) {{{tex(text)}}};"
    for text, rows in drawn.spans:
        top, bottom = f"row-{rows[0]}.north", f"row-{rows[-1]}.south"
        yield rf"\path[band] let \p1=($({top})-({bottom})$) in"
        yield rf"  ([xshift=-11mm]main-0-0.west |- {top}) rectangle ([xshift=-3mm]main-0-0.west |- {bottom})"
        yield rf"  node[midway, stage, text width=\y1] {{{tex(text)}}};"


def _ways(drawn: Diagram) -> Iterator[str]:
    last = len(drawn.rows)
    for c in range(len(drawn.heads)):
        for n in range(last):
            yield rf"\draw[way] (main-{n}-{c}) -- (side-{n}-{c});"
        for n in range(1, last):
            yield rf"\draw[way] (main-{n - 1}-{c}) -- (main-{n}-{c});"
        turn = "--" if c == 0 else "|-"
        yield rf"\draw[way] (main-{last - 1}-{c}) {turn} (main-{last}-0);"
