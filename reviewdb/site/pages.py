"""Which template shows what: the part of the review that is read for each page."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from datasette.utils import tilde_decode, tilde_encode
from datasette.utils.asgi import NotFound

from reviewdb import changes
from reviewdb.errors import ReviewError
from reviewdb.site import (
    about,
    browsing,
    catalogue,
    citing,
    describing,
    finding,
    home,
    keeping,
    likening,
    links,
    methods,
    neighbours,
    paper,
    querying,
    shelving,
    telling,
)
from reviewdb.site.about import About
from reviewdb.site.keeping import Kept

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
    def kept(self) -> Kept:
        return keeping.of(self.datasette, self.about.database)

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
        "published": about.is_published(datasette),
    }
    page = _PAGES.get((template, table if template == "row.html" and table == "papers" else None))
    if page is None or request is None:
        return common
    return {**common, **await page(_Asked(datasette, found, request))}


async def _home(asked: _Asked) -> Vars:
    read = partial(
        home.read, about=asked.about, kept=asked.kept, path=asked.path, query_string=asked.request.query_string
    )
    return {"home": await about.snapshot(asked.served, read)}


async def _methods(asked: _Asked) -> Vars:
    def read(connection: sqlite3.Connection) -> methods.Methods:
        return asked.kept.value(connection, "methods", lambda: methods.read(connection, asked.about, asked.path))

    return {"methods": await about.snapshot(asked.served, read)}


async def _worklists(asked: _Asked) -> Vars:
    def read(connection: sqlite3.Connection) -> list[shelving.Worklist]:
        return asked.kept.value(connection, "worklists", lambda: shelving.worklists(connection))

    return {"worklists": await about.snapshot(asked.served, read)}


async def changes_of(datasette: Datasette, found: About, request: Request) -> telling.Page:
    """Return the page of changes that a request asks for."""
    asked = _Asked(datasette, found, request)

    before = request.args.get("before") or ""

    def read(connection: sqlite3.Connection) -> telling.Page:
        def page() -> telling.Page:
            of = catalogue.of(connection, asked.kept)
            return telling.page(found, changes.days(connection, of.included_with, telling.NAMED), before)

        # Any text may be asked for; only what is linked is kept.
        return asked.kept.value(connection, "changes", page) if not before else page()

    return await about.snapshot(asked.served, read)


async def _changes(asked: _Asked) -> Vars:
    return {"changes": await changes_of(asked.datasette, asked.about, asked.request)}


async def _paper(asked: _Asked) -> Vars:
    wanted = tilde_decode(asked.request.url_vars["pks"])
    read = partial(_whole_paper, about=asked.about, kept=asked.kept, id_=wanted, path=asked.path)
    shown = await about.snapshot(asked.served, read)
    if shown is None:
        raise NotFound("404")
    return shown


def _whole_paper(connection: sqlite3.Connection, about: About, kept: Kept, id_: str, path: str) -> Vars | None:
    page = paper.read(connection, about, id_, path)
    if page is None:
        return None
    return {
        "paper": page,
        "alike": likening.alike(connection, about, catalogue.of(connection, kept), page.card, path),
        "graph": neighbours.graph(connection, id_),
        "citation": citing.citation(connection, page.columns),
        "formats": finding.FORMATS,
    }


async def paper_of(datasette: Datasette, database: str, record: str) -> str:
    """Return the id of the paper that a record is of; empty where there is none."""

    def read(connection: sqlite3.Connection) -> str:
        row = connection.execute("SELECT paper_id FROM paper_records WHERE record_id = ?", [record]).fetchone()
        return row[0] if row else ""

    return await about.snapshot(datasette.get_database(database), read)


async def overview(datasette: Datasette, found: About) -> browsing.Overview:
    """Return the tables and queries of a review, counted once for each state of it."""
    kept = keeping.of(datasette, found.database)

    def read(connection: sqlite3.Connection) -> browsing.Overview:
        return kept.value(connection, "data", lambda: browsing.overview(connection))

    return await about.snapshot(datasette.get_database(found.database), read)


async def answer(datasette: Datasette, found: About, name: str) -> querying.Answer | None:
    """Return what a query of the review gives, from before while the database is the same; None: there is none."""
    kept = keeping.of(datasette, found.database)
    seconds, most = datasette.setting("sql_time_limit_ms") / 1000, datasette.setting("max_returned_rows")

    def read(connection: sqlite3.Connection) -> querying.Answer | None:
        asked = next(
            (dict(row) for row in about.rows(connection, about.statement("queries")) if row["name"] == name), None
        )
        if asked is None:
            return None
        run = partial(querying.answer, connection, asked, seconds=seconds, most=most)
        try:
            return kept.lately(connection, "tables", name, run)
        except ReviewError as error:
            return querying.Answer(asked, error=error.what)

    return await about.snapshot(datasette.get_database(found.database), read)


async def _query(asked: _Asked) -> Vars:
    async def shown(columns: Sequence[str], rows: Sequence[Any], across: str, keys: str) -> querying.Shown:
        # Datasette has run the query by now; its template waits for what is known of the papers besides.
        read = partial(querying.named, columns=columns, rows=rows)
        return querying.shown(columns, rows, across, keys, await about.snapshot(asked.served, read))

    return {"shown": shown}


async def _raw(_: _Asked) -> Vars:
    return {"readable": browsing.readable, "described": describing.tables()}


_PAGES: Mapping[tuple[str, str | None], Callable[[_Asked], Awaitable[Vars]]] = {
    ("index.html", None): _home,
    ("review/methods.html", None): _methods,
    ("review/changes.html", None): _changes,
    ("review/worklists.html", None): _worklists,
    ("row.html", "papers"): _paper,
    ("table.html", None): _raw,
    ("row.html", None): _raw,
    ("query.html", None): _query,
}
