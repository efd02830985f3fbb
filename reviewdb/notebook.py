"""A review in a notebook: what its queries give as frames of pandas, and its figures as pictures.

The review is the one that the notebook lies in, found upwards as git does, and brought up to date first. Numbers are
those of the terminal, the site and LaTeX, as they come from the same queries.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from reviewdb import build, database, folder, reading, tables
from reviewdb.rendering.table import Table

__all__ = ["Picture", "figure", "quality", "table"]


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure that a notebook shows."""

    title: str
    svg: str

    def _repr_svg_(self) -> str:
        return self.svg


def table(name: str, *, crossed: bool = False, review: Path | None = None) -> pd.DataFrame:
    """Return what `queries/NAME.sql` gives, a row a row; `crossed`: as the terminal prints a cross table, 0 for blanks.

    Its title and description are in `attrs`. Raises ReviewError where there is no such query or review.
    """
    with _opened(review) as connection:
        found = tables.run(connection, name)
    if not crossed:
        return _frame(found)
    return _frame(tables.crossed(found)).fillna(0)


def quality(review: Path | None = None) -> pd.DataFrame:
    """Return how suggestions fare against what people decided, a row a code, as `reviewdb tag --quality` prints it."""
    with _opened(review) as connection:
        return _frame(reading.quality(connection))


def figure(  # each option is one of `reviewdb figure`
    name: str,
    *,
    width: float = 7.0,
    rows: str = "",
    columns: str = "",
    facet: str = "",
    year: str = "",
    status: str = "",
    suggested: bool = False,
    review: Path | None = None,
) -> Picture:
    """Return a figure of `reviewdb figure`, with its options; `width` is in inches.

    Raises ReviewError where there is nothing to draw, and ImportError without matplotlib (`reviewdb[figures]`).
    """
    from reviewdb import figures  # noqa: PLC0415 - what computes agreement, which tables do without
    from reviewdb.figures import ink  # noqa: PLC0415 - matplotlib, which tables do without

    chosen = reading.selection("", {}, year=year, status=status)
    asked = figures.Asked(rows, columns, facet, chosen.status, chosen.first, chosen.last, suggested)
    with _opened(review) as connection:
        found = figures.read(connection, name, asked)
    title = found.numbers.title
    return Picture(title, ink.written(ink.laid_out(width, found.draw), "svg", title).decode())


@contextmanager
def _opened(root: Path | None) -> Iterator[sqlite3.Connection]:
    place = folder.at(Path(root).resolve()) if root else folder.find(Path.cwd())
    build.refresh(place)
    with closing(database.reader(place.database)) as connection:
        yield connection


def _frame(found: Table) -> pd.DataFrame:
    # From objects, so that a blank among whole numbers does not make them fractions.
    rows: list[Any] = [list(row) for row in found.rows]
    frame = pd.DataFrame(rows, columns=list(found.columns), dtype=object).convert_dtypes()
    frame.attrs.update(name=found.name, title=found.title, description=found.description)
    return frame
