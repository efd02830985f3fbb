"""Tables as HTML: a fragment without classes or scripts, for any page."""

from __future__ import annotations

from html import escape

from reviewdb.rendering.table import Table, aligned, heading


def as_html(table: Table) -> str:
    """Return a `table` element, one row a line, its title and description as the caption; sides are inline styles."""
    sides = ["" if side == "left" else f' style="text-align:{side}"' for side in aligned(table)]
    said = ". ".join(filter(None, (table.title, table.description)))
    head = (f'<th scope="col"{s}>{_cell(heading(c))}</th>' for c, s in zip(table.columns, sides, strict=True))
    rows = (
        "".join(f"<td{side}>{_cell(cell)}</td>" for cell, side in zip(row, sides, strict=True)) for row in table.rows
    )
    lines = [
        "<table>",
        *([f"<caption>{_cell(said)}</caption>"] if said else []),
        f"<thead>\n<tr>{''.join(head)}</tr>\n</thead>",
        "<tbody>",
        *(f"<tr>{row}</tr>" for row in rows),
        "</tbody>",
        "</table>",
    ]
    return "\n".join(lines) + "\n"


def _cell(cell: object) -> str:
    return "" if cell is None else "<br>".join(escape(str(cell)).splitlines())
