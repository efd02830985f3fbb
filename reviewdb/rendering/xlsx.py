"""Tables as a workbook of one sheet."""

from __future__ import annotations

import re
from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter

from reviewdb.rendering.table import Table, aligned, heading, numeric

#: Excel's limits: characters of the name of a sheet and of a cell; whole numbers beyond the last lose digits.
_LONGEST_NAME, _LONGEST_CELL, _LARGEST = 31, 32_767, 2**53
_WIDEST = 60
# XML has no such characters.
_NO_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")
# The same table gives the same bytes.
_MADE = datetime(2000, 1, 1)  # noqa: DTZ001 - the package writes times without a zone


def as_xlsx(table: Table) -> bytes:
    """Return a workbook: numbers as numbers, text as text and never as a formula, the header frozen.

    A text longer than a cell of Excel can hold is cut, and ends in an ellipsis.
    """
    out = BytesIO()
    workbook = xlsxwriter.Workbook(out, {"in_memory": True})
    workbook.set_properties({"title": table.title, "comments": table.description, "created": _MADE})
    sheet = workbook.add_worksheet(table.name[:_LONGEST_NAME])
    numbers = numeric(table)
    for n, (column, side) in enumerate(zip(table.columns, aligned(table), strict=True)):
        cells = [_text(row[n]) for row in table.rows]
        width = max((len(line) for cell in cells for line in cell.splitlines()), default=0)
        sheet.set_column(
            n,
            n,
            min(_WIDEST, max(width, len(heading(column))) + 2),
            workbook.add_format({"align": side, "valign": "top", "text_wrap": not numbers[n]}),
        )
        sheet.write_string(0, n, _text(heading(column)), workbook.add_format({"bold": True, "align": side}))
        for at, row in enumerate(table.rows, 1):
            _write(sheet, at, n, row[n])
    sheet.freeze_panes(1, 0)
    workbook.close()
    return out.getvalue()


def _write(sheet: Any, row: int, column: int, cell: object) -> None:  # noqa: ANN401 - the package's, without types
    if isinstance(cell, float) or (isinstance(cell, int) and abs(cell) <= _LARGEST):
        sheet.write_number(row, column, cell)
    elif cell is not None:
        sheet.write_string(row, column, _text(cell))


def _text(cell: object) -> str:
    text = _NO_XML.sub("\N{REPLACEMENT CHARACTER}", "" if cell is None else str(cell))
    return text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 1] + "…"
