"""The home page: what the review asks, where it stands, and the ways into it."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reviewdb import database, prisma
from reviewdb.changes import Named
from reviewdb.site import charts, evidence, links
from reviewdb.site.about import About, rows, statement
from reviewdb.site.faceting import Facet, facet
from reviewdb.site.keeping import Kept

#: Longer stretches of years are not filled up where no paper was published.
_LONGEST_SPAN = 60
#: New papers that the home page names.
_NEWEST = 6


@dataclass(frozen=True, slots=True)
class Harvest:
    """The last day, or month, of searching: its searches, how many papers are new by them, and some of these."""

    date: str
    searches: Sequence[str]
    new: int
    named: Sequence[Named]


@dataclass(frozen=True, slots=True)
class Home:
    """What the home page shows."""

    counts: Mapping[str, int]
    #: None where the coding scheme has no facet with codes.
    map: evidence.Map | None
    harvest: Harvest | None
    queries: Sequence[Any]
    years: charts.Chart
    undated: int
    facets: Sequence[Facet]


def read(connection: sqlite3.Connection, about: About, kept: Kept, path: str, query_string: str) -> Home:
    """Return the home page of a review; `path` is that of its papers, `query_string` says which map to show."""
    by_year = kept.value(connection, "years", lambda: rows(connection, database.statement("years")))
    counted = kept.value(connection, "codes", lambda: _counts(connection))
    chosen = _choice(about, counted, query_string)
    return Home(
        counts=kept.value(connection, "overview", lambda: dict(rows(connection, database.statement("overview")))),
        map=kept.value(connection, chosen, lambda: evidence.read(connection, about, chosen, path)) if chosen else None,
        harvest=kept.value(connection, "harvest", lambda: _harvest(connection)),
        queries=rows(connection, statement("queries")),
        years=charts.columns(_bars(by_year, path)),
        undated=next((row["papers"] for row in by_year if row["year"] is None), 0),
        facets=_facets(about, counted, path),
    )


def default_map(connection: sqlite3.Connection, about: About, kept: Kept) -> tuple[str, str] | None:
    """Return the two axes of the map that is shown at first."""
    chosen = _choice(about, kept.value(connection, "codes", lambda: _counts(connection)), "")
    return (chosen.rows, chosen.columns) if chosen else None


def _choice(about: About, counts: _Counts, query_string: str) -> evidence.Choice | None:
    used = {id_: len(counts.get((id_, "coded"), ())) for id_ in about.questions}
    return evidence.choice(about, used, query_string)


def _harvest(connection: sqlite3.Connection) -> Harvest | None:
    made = rows(connection, statement("last-searches"))
    if not made:
        return None
    date = made[0]["date"]
    new = rows(connection, statement("newest"), {"date": date})
    searches = [f"{prisma.source_name(row['source'])}, “{row['query']}”" for row in made]
    return Harvest(date, searches, len(new), [Named(row["key"], row["title"]) for row in new[:_NEWEST]])


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


_Counts = Mapping[tuple[str, str], Mapping[str, int]]


def _counts(connection: sqlite3.Connection) -> _Counts:
    """Return on how many papers codes stand, by question and standing."""
    counts: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for row in connection.execute(statement("code-counts")):
        counts[row["question_id"], row["status"]][row["code"]] = row["papers"]
    return dict(counts)


def _facets(about: About, counts: _Counts, path: str) -> list[Facet]:
    found = [
        facet(question, counts.get((question.id, "coded"), {}), counts.get((question.id, "suggested"), {}), path)
        for question in about.facets
    ]
    return [one for one in found if one]
