"""Tables as Markdown."""

from __future__ import annotations

from reviewdb.rendering.table import Table, aligned

_MARKS = {"left": ("", "-"), "right": ("", ":"), "center": (":", ":")}


def as_markdown(table: Table) -> str:
    """Return a Markdown table under its title; numbers stand right, `|` and line ends are escaped."""
    sides = aligned(table)
    cells = [[_cell(cell) for cell in row] for row in (table.columns, *table.rows)]
    widths = [max(3, *(len(row[n]) for row in cells)) for n in range(len(table.columns))]

    def line(row: list[str]) -> str:
        return f"| {' | '.join(_padded(*cell) for cell in zip(row, widths, sides, strict=True))} |"

    ruler = " | ".join(_ruler(w, side) for w, side in zip(widths, sides, strict=True))
    head = f"### {_cell(table.title)}\n\n" if table.title else ""
    return head + "\n".join([line(cells[0]), f"| {ruler} |", *map(line, cells[1:])]) + "\n"


def _padded(cell: str, width: int, side: str) -> str:
    return cell.rjust(width) if side == "right" else cell.center(width) if side == "center" else cell.ljust(width)


def _ruler(width: int, side: str) -> str:
    before, after = _MARKS[side]
    return before + "-" * (width - len(before) - 1) + after


def _cell(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return "<br>".join(text.replace("\\", "\\\\").replace("|", "\\|").splitlines())
