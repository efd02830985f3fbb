"""The home page: what the review asks, where it stands, and the ways into it."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reviewdb import database, origins
from reviewdb.changes import Named
from reviewdb.consensus import INCLUDED
from reviewdb.site import catalogue, charts, evidence, links, shelving
from reviewdb.site.about import About, Question, rows, statement
from reviewdb.site.catalogue import Catalogue
from reviewdb.site.faceting import Facet, coverage, facet
from reviewdb.site.keeping import Kept
from reviewdb.site.shelving import Shelf

#: Longer stretches of years are not filled up where no paper was published.
_LONGEST_SPAN = 60
#: New papers that the home page names.
_NEWEST = 6


@dataclass(frozen=True, slots=True)
class Harvest:
    """The last day, or month, of searching: its searches, how many papers are new by them, and some of these.

    `taken_in`: it is only when lists were taken in that somebody had made before.
    """

    date: str
    searches: Sequence[str]
    new: int
    named: Sequence[Named]
    taken_in: bool


@dataclass(frozen=True, slots=True)
class Home:
    """What the home page shows."""

    counts: Mapping[str, int]
    #: None where the coding scheme has no facet with codes.
    map: evidence.Map | None
    harvest: Harvest | None
    shelf: Shelf
    years: charts.Chart
    undated: int
    facets: Sequence[Facet]


def read(connection: sqlite3.Connection, about: About, kept: Kept, path: str, query_string: str) -> Home:
    """Return the home page of a review; `path` is that of its papers, `query_string` says which map to show."""
    of = catalogue.of(connection, kept)
    by_year = kept.value(connection, "years", lambda: _by_year(of))
    counted = kept.value(connection, "codes", lambda: _counts(of))
    chosen = _choice(about, counted, query_string)
    return Home(
        counts=kept.value(connection, "overview", lambda: dict(rows(connection, database.statement("overview")))),
        map=kept.value(connection, chosen, lambda: evidence.read(of, about, chosen, path)) if chosen else None,
        # What searches found, only a whole build changes; what words find changes with it, and hardly else.
        harvest=kept.words.value(connection, "harvest", lambda: _harvest(connection)),
        shelf=shelving.shelf(connection),
        years=charts.columns(_bars(by_year, path)),
        undated=by_year.get(None, (0, 0))[1],
        facets=_facets(about, of, counted, path),
    )


def _choice(about: About, counts: _Counts, query_string: str) -> evidence.Choice | None:
    used = {id_: len(counts.get((id_, "coded"), ())) for id_ in about.questions}
    return evidence.choice(about, used, query_string)


def _harvest(connection: sqlite3.Connection) -> Harvest | None:
    made = rows(connection, statement("last-searches"))
    if not made:
        return None
    date = made[0]["date"]
    named = rows(connection, statement("newest"), {"date": date, "limit": _NEWEST})
    new = named[0]["new"] if named else 0
    searches = [origins.told(origins.name(row["source"]), row["query"]) for row in made]
    taken_in = all(row["taken_in"] for row in made)
    return Harvest(date, searches, new, [Named(row["key"], row["title"]) for row in named], taken_in)


_ByYear = Mapping[int | None, tuple[int, int]]


def _by_year(of: Catalogue) -> _ByYear:
    """Return how many papers are included, and how many there are, by year."""
    included = of.statuses.get(INCLUDED, 0)
    return {year: ((papers & included).bit_count(), papers.bit_count()) for year, papers in of.years.items()}


def _bars(by_year: _ByYear, path: str) -> list[charts.Bar]:
    years = sorted(year for year in by_year if year is not None)
    if years and years[-1] - years[0] <= _LONGEST_SPAN:
        years = list(range(years[0], years[-1] + 1))
    return [
        charts.Bar(
            label=str(year),
            short=f"’{year % 100:02}",
            whole=by_year.get(year, (0, 0))[1],
            part=by_year.get(year, (0, 0))[0],
            url=links.address(path, [("year", str(year))]),
        )
        for year in years
    ]


_Counts = Mapping[tuple[str, str], Mapping[str, int]]


def _counts(of: Catalogue) -> _Counts:
    """Return on how many papers codes stand, by question and standing: coded or suggested."""
    counts: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for (question, code, standing), papers in of.codes.items():
        counts[question, standing][code] = papers.bit_count()
    return dict(counts)


def _facets(about: About, of: Catalogue, counts: _Counts, path: str) -> list[Facet]:
    included = of.statuses.get(INCLUDED, 0)

    def one(question: Question) -> Facet | None:
        coded, suggested = (counts.get((question.id, standing), {}) for standing in ("coded", "suggested"))
        return facet(question, coded, suggested, coverage(of, question.id, included), path)

    return [found for question in about.facets if (found := one(question))]
