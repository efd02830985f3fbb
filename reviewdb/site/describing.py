"""What Datasette is told about the tables of a review: titles, descriptions, facets, which table searches papers."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from reviewdb.site.about import About


@cache
def tables() -> Mapping[str, Mapping[str, Any]]:
    """Return what `tables.toml` says of each table of a review, in the order of its groups."""
    text = (files("reviewdb.site") / "tables.toml").read_text(encoding="utf-8")
    return {name: table for name, table in tomllib.loads(text).items() if isinstance(table, dict)}


def groups() -> dict[str, list[str]]:
    """Return the names of the tables by the group that they are shown in."""
    found: dict[str, list[str]] = {}
    for name, table in tables().items():
        found.setdefault(table["group"], []).append(name)
    return found


def metadata(about: About) -> dict[str, Any]:
    """Return Datasette's metadata for the database of a review; new each time, as Datasette writes into it."""
    described: dict[str, dict[str, Any]] = {
        name: {
            "description": table["description"],
            "columns": dict(table.get("columns", {})),
            **{key: table[key] for key in ("label_column", "size", "sort", "sort_desc") if key in table},
        }
        for name, table in tables().items()
    }
    columns = [column for q in about.facets for column in (q.column, q.suggested_column) if column]
    described["papers"] |= {
        "facets": ["status", "year", *({"array": column} for column in columns)],
        "facet_size": "max",
        "fts_table": "paper_search",
        "fts_pk": "rowid",
    }
    return {about.database: {"title": about.title, "tables": described}}
