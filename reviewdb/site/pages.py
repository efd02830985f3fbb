"""Which template shows what: the part of the review that is read for each page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from datasette.utils import tilde_decode, tilde_encode

from reviewdb.site import about, browsing, describing, home, links, paper, papers, querying
from reviewdb.site.about import About

if TYPE_CHECKING:  # Datasette loads this plugin while it is itself half loaded
    from datasette.app import Datasette
    from datasette.database import Database
    from datasette.utils.asgi import Request

Vars = dict[str, Any]

#: The list of papers seen from itself: hundreds of links are shorter so.
_HERE = "papers"


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
        "published": about.is_published(datasette),
    }
    page = _PAGES.get((template, table if table == "papers" else None))
    if page is None or request is None:
        return common
    return {**common, **await page(_Asked(datasette, found, request))}


async def _home(asked: _Asked) -> Vars:
    return {"home": await about.snapshot(asked.served, partial(home.read, about=asked.about, path=asked.path))}


async def _paper(asked: _Asked) -> Vars:
    wanted = tilde_decode(asked.request.url_vars["pks"])
    read = partial(paper.read, about=asked.about, paper=wanted, path=asked.path)
    return {"paper": await about.snapshot(asked.served, read)}


async def _papers(asked: _Asked) -> Vars:
    async def listing(rows: Any, facet_results: Any, next_: str | None) -> papers.Listing:  # noqa: ANN401 - Datasette's
        ids = [row["id"] for row in rows]
        read = partial(papers.cards, about=asked.about, ids=ids, path=_HERE)
        cards = await about.snapshot(asked.served, read)
        if asked.request.args.get("_next"):
            facet_results = await _facets_of_all_pages(asked)
        return papers.listing(asked.about, _HERE, asked.request.query_string, cards, facet_results, next_)

    return {"listing": listing}


async def _facets_of_all_pages(asked: _Asked) -> Any:  # noqa: ANN401 - Datasette's
    # Datasette counts facets from the page at hand on, so those of a later page would be wrong.
    chosen = [pair for pair in links.pairs(asked.request.query_string) if pair[0] not in ("_next", "_size")]
    path = links.address(str(asked.datasette.urls.table(asked.about.database, "papers", format="json")), chosen)
    answer = await asked.datasette.client.get(path + ("&" if chosen else "?") + "_size=0")
    return answer.json().get("facet_results", {})


async def _query(_: _Asked) -> Vars:
    return {"shown": querying.shown}


async def _database(_: _Asked) -> Vars:
    return {"table_groups": describing.groups(), "described": describing.tables()}


async def _raw(_: _Asked) -> Vars:
    return {"readable": browsing.readable, "described": describing.tables()}


_PAGES: Mapping[tuple[str, str | None], Callable[[_Asked], Awaitable[Vars]]] = {
    ("index.html", None): _home,
    ("table.html", "papers"): _papers,
    ("row.html", "papers"): _paper,
    ("table.html", None): _raw,
    ("query.html", None): _query,
    ("database.html", None): _database,
}
