"""The flow as an indented list for the terminal: all together and by method, with what is reported beside it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from reviewdb.boxes import Beside, Box, beside, boxes
from reviewdb.diagram import numbered
from reviewdb.flow import ALL, Flow
from reviewdb.protocol import Reported
from reviewdb.text import clean

#: Letters of the first column at most, of the gap before each other one, and of a line of notes.
_NAMES, _GAP, _NOTE = 36, 2, 80
_INDENT = "  "


def outline(flow: Flow, title: str, reported: Sequence[Reported]) -> str:
    """Return the flow as lines: a heading for each stage, then a line for each of its boxes.

    The numbers are of records or papers (all), of studies, then, where both methods were used, of records or papers by
    method, then what is reported. Reasons, and papers still open, stand there where there are any.
    """
    said = beside(flow, reported)
    methods = [column.method for column in flow.columns[1:]]
    heads = ["all", "studies", *methods, *(["reported"] if said else [])]
    by_method = {(box.figure, box.method): box for box in boxes(flow)}
    printed = {one.derived.figure: one.reported.value for one in said}
    table = [("", heads)]
    band = ""
    for box in _shown(flow):
        if (heading := _band(box)) != band:
            table.append((clean(band := heading), []))
        cells = [numbered(box.number), "" if box.studies is None else numbered(box.studies)]
        # A method has no line for what it never met: another's source, or a reason that no scheme defines.
        nought = "0" if box.stage else ""
        of_methods = (by_method.get((box.figure, method)) for method in methods)
        cells += [numbered(one.number) if one else nought for one in of_methods]
        cells += [clean(printed.get(box.figure, ""))] if said else []
        *first, last = textwrap.wrap(_name(box), _NAMES, subsequent_indent=_INDENT * 3) or [""]
        table += [*((line, []) for line in first), (last, cells)]
    return "\n".join([clean(f"PRISMA 2020 flow: {title}"), "", *_aligned(table), *_notes(said)]) + "\n"


def _aligned(table: Sequence[tuple[str, Sequence[str]]]) -> Iterator[str]:
    names = max(len(name) for name, cells in table if cells)
    widths = [_GAP + max(map(len, column)) for column in zip(*(cells for _, cells in table if cells), strict=True)]
    for name, cells in table:
        numbers = "".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=False))
        yield f"{name:{names}}{numbers}".rstrip()


def _shown(flow: Flow) -> Iterator[Box]:
    several = {one.search.id for s in flow.all.sources if len(s.searches) > 1 for one in s.searches}
    for box in boxes(flow):
        open_ = box.figure.endswith((".contested", ".pending"))
        is_search = box.figure.startswith("search.")
        if box.method != ALL or box.figure.endswith(".passed"):
            continue
        if (is_search and box.part not in several) or (box.number == 0 and (open_ or (box.part and box.stage))):
            continue
        yield box


def _band(box: Box) -> str:
    if box.figure == "papers":
        return "Included"
    return box.stage or "Identification"


def _name(box: Box) -> str:
    depth = 1 + bool(box.part) + box.figure.startswith("search.")
    return f"{_INDENT * depth}{clean(box.part or box.what)}"


def _notes(said: Sequence[Beside]) -> Iterator[str]:
    if said:
        yield from ("", "What the published review reports")
    for one in said:
        label, value = clean(one.reported.label), clean(one.reported.value)
        yield f"{_INDENT}{label}: {value}; derived here: {numbered(one.derived.number)}"
        indent = _INDENT * 2
        yield from textwrap.wrap(clean(one.reported.note), _NOTE, initial_indent=indent, subsequent_indent=indent)
