"""Drawing: tables and hits on a terminal, fitted to its width; hits elsewhere, one fact a line."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap

import typer

from reviewdb.reading import Hit
from reviewdb.tables import Table, numeric

_INDENT = "    "
_MARKED = re.compile(r"\[([^\]]*)\]")
# A column of names stays whole up to this width; other columns fold.
_WHOLE = 32


def draw(table: Table) -> None:
    """Draw a table on stdout; cells are shown as they are, never taken for markup."""
    from rich import box  # noqa: PLC0415 - rich only where somebody looks
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table as Drawn  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    drawn = Drawn(title=table.title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for n, (column, right) in enumerate(zip(table.columns, numeric(table), strict=True)):
        cells = [row[n] for row in table.rows]
        drawn.add_column(
            Text(column.replace("_", " ")),
            justify="right" if right else "left",
            overflow="fold",
            no_wrap=all(len(str(cell)) <= _WHOLE and " " not in str(cell) for cell in cells),
        )
    for row in table.rows:
        drawn.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    console = Console(highlight=False)
    console.print(drawn)
    if table.description:
        console.print(Text(table.description, style="dim"))


def list_hits(hits: list[Hit]) -> None:
    """List what a search found: key and title, authors and venue, and the words that matched."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    lines = []
    for hit in hits:
        head = _fitted(f"{hit.key}  {hit.title} ({hit.year or 'n.d.'})", width, "")
        lines.append(head.replace(hit.key, typer.style(hit.key, bold=True), 1))
        lines.append(typer.style(_fitted(hit.byline, width, _INDENT), dim=True))
        if _MARKED.sub(r"\1", hit.snippet) not in f"{hit.key} {hit.title}":
            lines.append(_MARKED.sub(_emphasised, _fitted(hit.snippet, width, _INDENT)))
    if lines:
        typer.echo("\n".join(lines))


def write(lines: list[str]) -> None:
    """Write lines, folded to the width of a terminal, as they are anywhere else."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    typer.echo("\n".join(_fitted(line, width, "") if line else "" for line in lines))


def _fitted(text: str, width: int, indent: str) -> str:
    if not width:
        return indent + text
    return textwrap.fill(text, width, initial_indent=indent, subsequent_indent=_INDENT, break_on_hyphens=False)


def _emphasised(marked: re.Match[str]) -> str:
    return typer.style(marked.group(1), bold=True) if sys.stdout.isatty() else marked.group()
