"""Notebooks run as Jupyter runs them, and the tables in what they show read back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from bs4 import BeautifulSoup
from nbclient import NotebookClient

#: A cell that shows what a query gives, and nothing else.
_SHOWS = re.compile(r'review\.table\("([a-z0-9-]+)"(?:, crossed=True)?\)')


@dataclass(frozen=True, slots=True)
class Shown:
    """A table as a notebook shows it: heads, and cells of text."""

    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]

    def as_objects(self, like: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return the rows as `reviewdb table --format json` has them: a cross table a row a pair, numbers as numbers.

        `like` has the names of columns, and nothing else of it is read.
        """
        names = list(like[0])
        if list(self.columns) == names:
            return [dict(zip(names, map(_value, row), strict=True)) for row in self.rows]
        heads = [name for name in names if name in self.columns]
        (across,) = (name for name in names[:-1] if name not in heads)
        at = len(heads)
        return [
            {**dict(zip(heads, row, strict=False)), across: _value(label), names[-1]: _value(cell)}
            for row in self.rows
            for label, cell in zip(self.columns[at:], row[at:], strict=True)
            if cell != "0"
        ]


def run(path: Path, *more: str) -> nbformat.NotebookNode:
    """Run a notebook in a process of its own, in its own folder, with cells more; an error in a cell is raised."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells += [nbformat.v4.new_code_cell(source) for source in more]
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}}).execute()
    return notebook


def shown(notebook: nbformat.NotebookNode) -> dict[str, Shown]:
    """Return what a notebook that was run shows of each query, by its name."""
    found = {}
    for cell in notebook.cells:
        if cell.cell_type == "code" and (asks := _SHOWS.fullmatch(cell.source)):
            found[asks[1]] = _read(cell.outputs[-1].data["text/html"])
    return found


def asked(notebook: nbformat.NotebookNode) -> set[str]:
    """Return the names of all queries that a notebook asks."""
    sources = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    return set(re.findall(r'review\.table\(\s*"([^"]+)"', sources))


def said(notebook: nbformat.NotebookNode) -> list[Any]:
    """Return what the last cell printed, as JSON."""
    return json.loads("".join(output.text for output in notebook.cells[-1].outputs if output.name == "stdout"))


def _read(html: str) -> Shown:
    soup = BeautifulSoup(html, "html.parser")
    heads = tuple(cell.get_text() for cell in soup.select("thead tr:last-child th")[1:])
    rows = [tuple(cell.get_text() for cell in row.select("td")) for row in soup.select("tbody tr")]
    return Shown(heads, rows)


def _value(text: str) -> str | float | None:
    if text in ("<NA>", "None", "NaN"):
        return None
    try:
        return float(text)
    except ValueError:
        return text
