"""The flow as an indented list for the terminal: all together and by method, with what is reported beside it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from reviewdb.boxes import Beside, Box, beside, boxes
from reviewdb.diagram import numbered
from reviewdb.flow import ALL, Flow
from reviewdb.protocol import Reported
from reviewdb.text import clean

#: Letters of the first column at most, and of each number with the gap before it.
_NAMES, _NUMBER = 44, 11
_INDENT = "  "


def outline(flow: Flow, title: str, reported: Sequence[Reported]) -> str:
    """Return the flow as lines: a heading for each stage, then a line for each of its boxes.

    The numbers are of records or papers (all), of studies, then, where both methods were used, of records or papers by
    method, then what is reported. Reasons, and papers still open, stand there where there are any.
    """
    said = beside(flow, reported)
    methods = [column.method for column in flow.columns[1:]]
    heads = ["all", "studies", *methods, *(["reported"] if said else [])]
    cells = {(box.figure, box.method): box for box in boxes(flow)}
    printed = {one.derived.figure: one.reported.value for one in said}
    lines = [clean(f"PRISMA 2020 flow: {title}"), "", _row("", heads)]
    band = ""
    for box in _shown(flow):
        if (heading := _band(box)) != band:
            lines.append(clean(band := heading))
        shown = [numbered(box.number), "" if box.studies is None else numbered(box.studies)]
        # A method has no line for what it never met: another's source, or a reason that no scheme defines.
        nought = "0" if box.stage else ""
        shown += [numbered(cells[at].number) if (at := (box.figure, method)) in cells else nought for method in methods]
        shown += [clean(printed.get(box.figure, ""))] if said else []
        *first, last = textwrap.wrap(_name(box), _NAMES, subsequent_indent=_INDENT * 3) or [""]
        lines += [*first, _row(last, shown)]
    return "\n".join([*lines, *_notes(said)]) + "\n"


def _shown(flow: Flow) -> Iterator[Box]:
    several = {one.search.id for s in flow.all.sources if len(s.searches) > 1 for one in s.searches}
    for box in boxes(flow):
        open_ = box.figure.endswith((".contested", ".pending"))
        is_search = box.figure.startswith("search.")
        if box.method != ALL or box.figure.endswith(".passed"):
            continue
        if (is_search and box.of not in several) or (box.number == 0 and (open_ or (box.of and box.stage))):
            continue
        yield box


def _band(box: Box) -> str:
    if box.figure == "papers":
        return "Included"
    return box.stage or "Identification"


def _name(box: Box) -> str:
    depth = 1 + bool(box.of) + box.figure.startswith("search.")
    return f"{_INDENT * depth}{clean(box.of or box.what)}"


def _row(name: str, cells: Sequence[str]) -> str:
    return (name.ljust(_NAMES) + "".join(cell.rjust(_NUMBER) for cell in cells)).rstrip()


def _notes(said: Sequence[Beside]) -> Iterator[str]:
    if said:
        yield from ("", "What the published review reports")
    for one in said:
        label, value = clean(one.reported.label), clean(one.reported.value)
        yield f"{_INDENT}{label}: {value}; derived here: {numbered(one.derived.number)}"
        if one.reported.note:
            yield f"{_INDENT * 2}{clean(one.reported.note)}"
