"""The command that counts: flow."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Annotated

import typer

from reviewdb.cli.app import Json, Output, app, deliver, format_of, opened
from reviewdb.formats.ours import MARK
from reviewdb.prisma import Counted


def _text(counted: Counted) -> str:
    from reviewdb.diagram.outline import outline  # noqa: PLC0415 - each drawing where it is asked for

    return outline(counted.flow, counted.title, counted.reported)


def _json(counted: Counted) -> str:
    from reviewdb import boxes  # noqa: PLC0415

    said = {"title": counted.title, **boxes.as_object(counted.flow, counted.reported)}
    return json.dumps(said, ensure_ascii=False, indent=2) + "\n"


def _csv(counted: Counted) -> str:
    from reviewdb import boxes, tables  # noqa: PLC0415

    rows = boxes.rows(counted.flow, counted.reported)
    return tables.as_csv(tables.Table("flow", "", "", boxes.COLUMNS, rows))


def _svg(counted: Counted) -> str:
    from reviewdb.diagram.svg import svg  # noqa: PLC0415

    return svg(counted.flow, counted.title)


def _tikz(counted: Counted) -> str:
    from reviewdb.diagram.tikz import tikz  # noqa: PLC0415 - LaTeX's table of symbols, which only this needs

    return tikz(counted.flow, counted.title)


def _paragraph(counted: Counted) -> str:
    from reviewdb.diagram.prose import paragraph  # noqa: PLC0415

    return paragraph(counted.flow) + "\n"


def _latex(counted: Counted) -> str:
    from reviewdb.diagram.commands import commands  # noqa: PLC0415 - as above

    return commands(counted.flow, counted.title, counted.question)


_FORMATS: Mapping[str, Callable[[Counted], str]] = {
    "text": _text,
    "json": _json,
    "csv": _csv,
    "svg": _svg,
    "tikz": _tikz,
    "paragraph": _paragraph,
    "latex": _latex,
}
_ENDINGS = {"txt": "text", "json": "json", "csv": "csv", "svg": "svg", "tex": "tikz"}
#: What else is LaTeX, or text.
_OTHERS = {"tex": ("latex", "paragraph"), "txt": ("paragraph",)}


@app.command()
def flow(
    format_: Annotated[
        str,
        typer.Option("--format", metavar="FORMAT", help=f"How to print it: {', '.join(_FORMATS)}."),
    ] = "",
    output: Output = None,
    as_json: Json = False,
) -> None:
    """Count what was found, excluded and included, as PRISMA 2020 does.

    Every number is derived from searches and decisions, for papers and for studies; what the protocol says that a
    published review reports stands beside it. SVG and TikZ are the diagram, paragraph is for the methods of a paper;
    latex has that paragraph and every number as commands, so that a paper types none.

    Example: reviewdb flow -o flow.svg
    """
    from reviewdb import prisma  # noqa: PLC0415 - the names of sources, which only this needs

    asked = format_of(_FORMATS, format_, output, _ENDINGS, as_json=as_json, others=_OTHERS)
    with opened() as connection:
        counted = prisma.count(connection)
    said = _FORMATS[asked or "text"](counted)
    if asked == "paragraph" and output and output.suffix.lower() == ".tex":
        said = f"% The flow of papers. {MARK}.\n{said}"  # so that it may be written anew
    deliver(said, output)
