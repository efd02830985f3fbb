"""Tables as CSV, for programs or made safe for spreadsheets."""

from __future__ import annotations

import csv
import io
from typing import Any

from reviewdb.rendering.table import Table

# Spreadsheets take a cell that begins so for a formula: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def as_csv(table: Table, *, spreadsheet_safe: bool = False) -> str:
    """Return CSV with a header; None is an empty cell.

    With `spreadsheet_safe`, an apostrophe goes before text that a spreadsheet would take for a formula: numbers are
    left alone.
    """
    out = io.StringIO()
    # The mark "\r\n" also puts cells into quotes that hold a lone "\r", which Python 3.12 else leaves bare.
    writer = csv.writer(out, lineterminator="\r\n")
    lines = []
    for row in (table.columns, *table.rows):
        writer.writerow([_safe(cell) for cell in row] if spreadsheet_safe else row)
        lines.append(out.getvalue()[:-2])
        out.seek(0)
        out.truncate()
    return "\n".join([*lines, ""])


def _safe(cell: Any) -> Any:  # noqa: ANN401 - whatever SQLite gives
    if cell is None or isinstance(cell, int | float):
        return cell
    text = str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text
