"""Which template shows what: the part of the review that is read for each page."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from datasette.utils import tilde_decode, tilde_encode

from reviewdb.site import (
    about,
    browsing,
    citing,
    describing,
    finding,
    home,
    likening,
    links,
    neighbours,
    paper,
    querying,
)
from reviewdb.site.about import About
from reviewdb.site.catalogue import Keeper

if TYPE_CHECKING:  # Datasette loads this plugin while it is itself half loaded
    from datasette.app import Datasette
    from datasette.database import Database
    from datasette.utils.asgi import Request

Vars = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A page that somebody asked for; `path` is the address of the list of papers."""

    datasette: Datasette
    about: About
    request: Request

    @property
    def served(self) -> Database:
        served: Database = self.datasette.get_database(self.about.database)
        return served

    @property
    def path(self) -> str:
        return str(self.datasette.urls.table(self.about.database, "papers"))


async def variables(
    datasette: Datasette, found: About, request: Request | None, template: str, table: str | None
) -> Vars:
    """Return what the templates of a review see besides what Datasette gives them."""
    common = {
        "review": found,
        "papers_url": datasette.urls.table(found.database, "papers"),
        "taken_url": datasette.urls.path(f"/-/review/{tilde_encode(found.database)}"),
        "selection": links.selection(request.query_string) if request else "",
        # Addresses without the name of a database are those of the only one.
        "alone": about.only(datasette) is not None,
    }
    page = _PAGES.get((template, table if template == "row.html" and table == "papers" else None))
    if page is None or request is None:
        return common
    return {**common, **await page(_Asked(datasette, found, request))}


async def _home(asked: _Asked) -> Vars:
    return {"home": await about.snapshot(asked.served, partial(home.read, about=asked.about, path=asked.path))}


async def _paper(asked: _Asked) -> Vars:
    wanted = tilde_decode(asked.request.url_vars["pks"])
    keeper = finding.keeper(asked.datasette, asked.about.database)
    read = partial(_whole_paper, about=asked.about, keeper=keeper, id_=wanted, path=asked.path)
    return await about.snapshot(asked.served, read)


def _whole_paper(connection: sqlite3.Connection, about: About, keeper: Keeper, id_: str, path: str) -> Vars:
    page = paper.read(connection, about, id_, path)
    if page is None:
        return {"paper": None}
    return {
        "paper": page,
        "alike": likening.alike(connection, about, keeper.catalogue(connection), page.card, path),
        "graph": neighbours.graph(connection, id_),
        "citation": citing.citation(page.columns),
        "formats": finding.FORMATS,
    }


async def _query(_: _Asked) -> Vars:
    return {"shown": querying.shown}


async def _database(_: _Asked) -> Vars:
    return {"table_groups": describing.groups(), "described": describing.tables()}


async def _raw(_: _Asked) -> Vars:
    return {"readable": browsing.readable, "described": describing.tables()}


_PAGES: Mapping[tuple[str, str | None], Callable[[_Asked], Awaitable[Vars]]] = {
    ("index.html", None): _home,
    ("row.html", "papers"): _paper,
    ("table.html", None): _raw,
    ("query.html", None): _query,
    ("database.html", None): _database,
}
