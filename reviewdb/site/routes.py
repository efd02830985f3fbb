"""Addresses that only a review has: its methods, its changes, a paper by its citation key, the database as a file."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from datasette.utils import tilde_decode, tilde_encode
from datasette.utils.asgi import AsgiStream, NotFound, Response
from rapidfuzz.process import extractOne

from reviewdb import database, reading
from reviewdb.site import about, feed, finding, indexing, instead, pages, rendering, taking

if TYPE_CHECKING:  # Datasette loads this plugin while it is itself half loaded
    from datasette.app import Datasette
    from datasette.utils.asgi import Request

View = Callable[..., Awaitable[Response | AsgiStream]]

_NEAR_ENOUGH = 70
#: No id is longer, and hardly a key.
_LONGEST = 128
#: What has a template of its name, and an address where no database has it.
_PAGES = ("methods", "changes", "worklists")


def of(datasette: Datasette) -> list[tuple[str, View]]:
    """Return the routes that are added to a Datasette."""
    views: list[tuple[str, View]] = [
        (r"/(?P<format>)$", _home),  # the view that it stands before asks for the name
        (r"/-/review\.db$", _download),
        (r"/-/review/(?P<database>[^/]+)/papers$", finding.page),
        (r"/-/review/(?P<database>[^/]+)/data$", instead.data),
        (r"/-/review/(?P<database>[^/]+)/table/(?P<table>[^/]+)$", instead.table),
        (r"/-/review/(?P<database>[^/]+)/paper/(?P<pks>[^/]+)$", instead.paper),
        (rf"/-/review/(?P<database>[^/]+)/papers\.(?P<format>{'|'.join(finding.FORMATS)})$", finding.download),
        (r"/-/review/(?P<database>[^/]+)/tables/(?P<name>[^/]+)\.json$", taking.selection),
        (r"/-/review/(?P<database>[^/]+)/queries/(?P<name>[^/]+)\.(?P<kind>csv|json)$", taking.query),
    ]
    # Where a database has such a name, its tables lie there.
    views += [(rf"/(?P<page>{page})$", _page) for page in _PAGES if page not in datasette.databases]
    if "changes" not in datasette.databases:
        views.append((r"/changes\.atom$", _feed))
    if "paper" not in datasette.databases:  # whose tables would lie there
        views.append((r"/paper/(?P<key>[^/]+)$", _paper))
    if "papers" not in datasette.databases:
        views.append((r"/papers$", _papers))
    if about.is_published(datasette):  # a running site searches by itself
        views += [(r"/search$", _search), (r"/search-index\.js$", _index)]
    return views


async def _only(datasette: Datasette, request: Request) -> about.About:
    """Return the only review, for somebody who may see it."""
    found = await about.find(datasette)
    if found is None:
        raise NotFound("404")
    await datasette.ensure_permissions(request.actor, [("view-database", found.database), "view-instance"])
    return found


async def _home(datasette: Datasette, request: Request, send: Any) -> Response:  # noqa: ANN401 - ASGI's
    """Answer with the home page of a review; Datasette would count and describe all tables first, which it ignores."""
    if await about.find(datasette) is None:
        from datasette.views.index import IndexView  # noqa: PLC0415 - where there is no review to show

        answer: Response = await IndexView.as_view(datasette)(request, send)
        return answer
    return await _rendered(datasette, request, "index.html")


async def _page(datasette: Datasette, request: Request) -> Response:
    return await _rendered(datasette, request, f"review/{request.url_vars['page']}.html")


async def _rendered(datasette: Datasette, request: Request, template: str) -> Response:
    await _only(datasette, request)
    return await rendering.page(datasette, request, template)


async def _feed(datasette: Datasette, request: Request) -> Response:
    found = await _only(datasette, request)
    shown = await pages.changes_of(datasette, found, request)
    base = datasette.absolute_url(request, datasette.urls.instance())
    return Response(feed.feed(found, shown.days, base), content_type=feed.TYPE)


async def _papers(datasette: Datasette, request: Request) -> Response:
    """Lead to the list of papers, whatever the database is called."""
    found = await _only(datasette, request)
    asked = f"?{request.query_string}" if request.query_string else ""
    answer: Response = Response.redirect(f"{datasette.urls.table(found.database, 'papers')}{asked}")
    return answer


async def _paper(datasette: Datasette, request: Request) -> Response:
    found = await about.find(datasette)
    if found is None:
        raise NotFound("404")
    name = tilde_decode(request.url_vars["key"])
    id_, hint = await about.snapshot(datasette.get_database(found.database), partial(_look_up, name=name[:_LONGEST]))
    if id_:
        answer: Response = Response.redirect(datasette.urls.row(found.database, "papers", tilde_encode(id_)))
        return answer
    raise NotFound(f"No paper of this review has the key “{name[:_LONGEST]}”.{hint}")


def _look_up(connection: sqlite3.Connection, name: str) -> tuple[str, str]:
    """Return the id of the paper with a key or an id, and where there is none, what may have been meant."""
    row = connection.execute(database.statement("find-paper"), {"name": name}).fetchone()
    if row:
        return row["id"], ""
    if said := reading.so_called(connection, name):
        return "", f" {said}"
    keys = [row["key"] for row in connection.execute("SELECT key FROM papers")]
    near = extractOne(name, keys, score_cutoff=_NEAR_ENOUGH)
    return "", f" Did you mean {near[0]}?" if near else ""


async def _search(datasette: Datasette, request: Request) -> Response:
    """Send the page that searches in the browser."""
    return await rendering.page(datasette, request, "review/search.html")


async def _index(datasette: Datasette) -> Response:
    found = await about.find(datasette)
    if found is None:
        raise NotFound("404")
    script = await about.snapshot(datasette.get_database(found.database), partial(indexing.script, about=found))
    return Response(script, content_type="text/javascript; charset=utf-8")


async def _download(datasette: Datasette, request: Request) -> Response:
    """Send the database in one state; the file alone would lack what is still in its write-ahead log."""
    found = await about.find(datasette)
    if found is None or not datasette.setting("allow_download"):
        raise NotFound("404")
    await datasette.ensure_permissions(
        request.actor,
        [("view-database-download", found.database), ("view-database", found.database), "view-instance"],
    )
    content = await about.snapshot(datasette.get_database(found.database), lambda connection: connection.serialize())
    headers = {"Content-Disposition": f'attachment; filename="{found.database}.db"'}
    return Response(content, headers=headers, content_type="application/vnd.sqlite3")
