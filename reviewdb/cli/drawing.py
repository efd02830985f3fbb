"""Drawing: a table on a terminal, fitted to its width."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table as Drawn
from rich.text import Text

from reviewdb.tables import Table


def draw(table: Table) -> None:
    """Draw a table on stdout; cells are shown as they are, never taken for markup."""
    drawn = Drawn(title=table.title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for n, column in enumerate(table.columns):
        numeric = all(isinstance(row[n], int | float | None) for row in table.rows)
        drawn.add_column(Text(column.replace("_", " ")), justify="right" if numeric else "left", overflow="fold")
    for row in table.rows:
        drawn.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    console = Console(highlight=False)
    console.print(drawn)
    if table.description:
        console.print(Text(table.description, style="dim"))
