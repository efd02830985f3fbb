"""Tables as JSON."""

from __future__ import annotations

import json

from reviewdb.rendering.table import Table


def as_json(table: Table) -> str:
    """Return an array of objects, one a row; the papers of a cell are an array of their keys."""
    records = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    return json.dumps(records, ensure_ascii=False, indent=2) + "\n"
