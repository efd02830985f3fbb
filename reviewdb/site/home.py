"""The home page: what the review asks, where it stands, and the ways into it."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reviewdb import database
from reviewdb.site import charts, links
from reviewdb.site.about import About, rows, statement
from reviewdb.site.faceting import Facet, facet

#: Longer stretches of years are not filled up where no paper was published.
_LONGEST_SPAN = 60


@dataclass(frozen=True, slots=True)
class Home:
    """What the home page shows."""

    counts: Mapping[str, int]
    reported: Sequence[Any]
    queries: Sequence[Any]
    years: charts.Chart
    undated: int
    facets: Sequence[Facet]


def read(connection: sqlite3.Connection, about: About, path: str) -> Home:
    """Return the home page of a review; `path` is that of its papers."""
    by_year = rows(connection, statement("years"))
    return Home(
        counts=dict(rows(connection, database.statement("overview"))),
        reported=rows(connection, "SELECT label, value, note, figure FROM reported ORDER BY position"),
        queries=rows(connection, statement("queries")),
        years=charts.columns(_bars(by_year, path)),
        undated=next((row["papers"] for row in by_year if row["year"] is None), 0),
        facets=_facets(connection, about, path),
    )


def _bars(by_year: Sequence[Any], path: str) -> list[charts.Bar]:
    found = {row["year"]: row for row in by_year if row["year"] is not None}
    years = sorted(found)
    if years and years[-1] - years[0] <= _LONGEST_SPAN:
        years = list(range(years[0], years[-1] + 1))
    return [
        charts.Bar(
            label=str(year),
            short=f"’{year % 100:02}",
            whole=found[year]["papers"] if year in found else 0,
            part=found[year]["included"] if year in found else 0,
            url=links.address(path, [("year", str(year))]),
        )
        for year in years
    ]


def _facets(connection: sqlite3.Connection, about: About, path: str) -> list[Facet]:
    counts: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for row in connection.execute(statement("code-counts")):
        counts[row["question_id"], row["status"]][row["code"]] = row["papers"]
    found = [
        facet(question, counts[question.id, "coded"], counts[question.id, "suggested"], path, [])
        for question in about.facets
    ]
    return [one for one in found if one]
