"""Instead: pages that are answered here instead of by Datasette, which asks for and lays out what no reader sees.

Whatever else is asked for (another database, a raw table, parameters that only Datasette knows) is left to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from datasette.utils import tilde_decode, tilde_encode
from datasette.utils.asgi import NotFound, Response

from reviewdb.site import about, browsing, choosing, links, pages, rendering
from reviewdb.site.about import About

if TYPE_CHECKING:  # Datasette loads this plugin while it is itself half loaded
    from datasette.app import Datasette
    from datasette.utils.asgi import Request

_READING = ("GET", "HEAD")
_PAPERS = "papers"


def place(found: About, method: str, within: str, query_string: str) -> str:
    """Return where a page of a review is answered from, given the rest of its address; empty: by Datasette.

    Readers see the addresses that Datasette has for the same.
    """
    here = f"/-/review/{tilde_encode(found.database)}"
    first, _, rest = within.partition("/")
    if method not in _READING or "." in within or "/" in rest or within.endswith("/"):
        return ""
    if within == _PAPERS:
        return f"{here}/papers" if choosing.wanted(found, query_string) is not None else ""
    if not within:
        return "" if any(name == "sql" for name, _ in links.pairs(query_string)) else f"{here}/data"
    if rest:
        return f"{here}/paper/{rest}" if first == _PAPERS else ""
    return f"{here}/table/{first}" if tilde_decode(first) in found.queries and not query_string else ""


async def data(datasette: Datasette, request: Request) -> Response:
    """Answer with the page of all tables; Datasette would ask for every query whether its reader may see it."""
    found = await _found(datasette, request)
    name = found.database
    await datasette.ensure_permissions(request.actor, [("view-database", name), "view-instance"])
    overview = await pages.overview(datasette, found)
    if _restricts(datasette):
        tables = await _visible(datasette, request, "view-table", name, overview.tables)
        queries = await _visible(datasette, request, "view-query", name, overview.queries)
        overview = browsing.visible(overview, tables | queries)
    context = {
        "database": name,
        "overview": overview,
        "size": datasette.get_database(name).size,
        "allow_download": datasette.setting("allow_download"),
        "allow_execute_sql": await datasette.permission_allowed(request.actor, "execute-sql", name, default=True),
    }
    return await _page(datasette, request, "database.html", context, datasette.urls.database(name, format="json"))


async def table(datasette: Datasette, request: Request) -> Response:
    """Answer with the table of a query; Datasette would run it each time, and lay its rows out for nobody."""
    found = await _found(datasette, request)
    name = tilde_decode(request.url_vars["table"])
    await datasette.ensure_permissions(
        request.actor, [("view-query", (found.database, name)), ("view-database", found.database), "view-instance"]
    )
    answer = await pages.answer(datasette, found, name)
    if answer is None:  # it went just now
        raise NotFound("404")
    may_ask = await datasette.permission_allowed(request.actor, "execute-sql", found.database, default=True)
    at = str(datasette.urls.database(found.database))
    asked = answer.query
    context = {
        "database": found.database,
        "canned_query": name,
        "metadata": {**asked, "across": asked["across"] or "", "keys_column": asked["keys"] or ""},
        "query": {"sql": asked["sql"]},
        "edit_sql_url": links.address(at, [("sql", asked["sql"])]) if may_ask else "",
        "answer": answer,
        "error": answer.error,
    }
    data = datasette.urls.query(found.database, name, format="json")
    return await _page(datasette, request, "query.html", context, data, status=400 if answer.error else 200)


async def paper(datasette: Datasette, request: Request) -> Response:
    """Answer with the page of a paper; Datasette would read its row, and count what names it, for nobody."""
    name, id_ = (await _found(datasette, request)).database, request.url_vars["pks"]
    await datasette.ensure_permissions(
        request.actor, [("view-table", (name, _PAPERS)), ("view-database", name), "view-instance"]
    )
    context = {"database": name, "table": _PAPERS, "primary_key_values": [tilde_decode(id_)]}
    try:
        at = datasette.urls.row(name, _PAPERS, id_, format="json")
        return await _page(datasette, request, "row.html", context, at)
    except NotFound:
        # The paper that took its records in, if there is one: what leads here may be older than a ruling.
        taken_in = await pages.paper_of(datasette, name, tilde_decode(id_))
        if not taken_in:
            raise
        moved: Response = Response.redirect(datasette.urls.row(name, _PAPERS, tilde_encode(taken_in)))
        return moved


async def _found(datasette: Datasette, request: Request) -> About:
    found = await about.find(datasette, tilde_decode(request.url_vars["database"]))
    if found is None:
        raise NotFound("404")
    return found


async def _page(
    datasette: Datasette, request: Request, template: str, context: Mapping[str, Any], data: str, *, status: int = 200
) -> Response:
    """Return a page that names where the same is `data`."""
    context = {**context, "alternate_url_json": datasette.absolute_url(request, data)}
    return await rendering.page(datasette, request, template, context, status)


def _restricts(datasette: Datasette) -> bool:
    """Say whether anything here keeps a table or a query from anybody: to ask for each takes as long as all else."""
    from datasette.plugins import pm  # noqa: PLC0415 - Datasette loads this plugin while it is itself half loaded

    deciding = pm.hook.permission_allowed.get_hookimpls()
    own = all(one.plugin_name.startswith("datasette.") for one in deciding)
    return not own or '"allow' in json.dumps(datasette.metadata("databases") or {}, default=str)


async def _visible(
    datasette: Datasette, request: Request, action: str, database: str, names: Iterable[str]
) -> set[tuple[str, str]]:
    """Return those of the names that a reader may see, each with the action that is to see it."""
    return {
        (action, name)
        for name in names
        if await datasette.permission_allowed(request.actor, action, (database, name), default=True)
    }
