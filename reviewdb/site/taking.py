"""Taking: all rows of a selection or of a query, where Datasette gives one page of them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from functools import partial
from typing import TYPE_CHECKING, Any

from datasette.utils.asgi import AsgiStream, BadRequest, NotFound, Response

from reviewdb import database, tables
from reviewdb.errors import ReviewError
from reviewdb.rendering.table import parted
from reviewdb.site import about, describing, links

if TYPE_CHECKING:  # Datasette loads this plugin while it is itself half loaded
    from datasette.app import Datasette
    from datasette.utils import PrefixedUrlString
    from datasette.utils.asgi import Request

_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json; charset=utf-8"}
_WRITE = {"csv": tables.as_csv, "json": tables.as_json}


async def selection(datasette: Datasette, request: Request) -> AsgiStream:
    """Send every row of a table that the address selects as JSON, an array of objects."""
    found = await about.find(datasette, request.url_vars["database"])
    table = request.url_vars["name"]
    if found is None or table not in describing.tables():
        raise NotFound("404")
    path = datasette.urls.table(found.database, table, format="json")
    order = [("_sort", "id")] if table == "papers" else []  # else Datasette takes the order of the page of papers
    pages = _pages(datasette, path, request.query_string, order)
    first = await anext(pages)  # before the answer begins: what cannot be selected is told on a page

    async def send(writer: Any) -> None:  # noqa: ANN401 - Datasette's
        mark = "["
        for row in first:
            await writer.write(mark + json.dumps(row, ensure_ascii=False))
            mark = ",\n"
        async for rows in pages:
            await writer.write("".join(f",\n{json.dumps(row, ensure_ascii=False)}" for row in rows))
        await writer.write("]\n" if first else "[]\n")

    return AsgiStream(send, content_type=_TYPES["json"])


async def _pages(
    datasette: Datasette, path: PrefixedUrlString, query_string: str, order: list[links.Pair]
) -> AsyncIterator[list[Any]]:
    settings = [*order, ("_shape", "objects"), ("_size", "max"), ("_nofacet", "1"), ("_nocount", "1")]
    place: list[links.Pair] = []
    while True:
        # Added to and not put into a string, the path stays one that Datasette knows to hold its base.
        asked = path + f"?{links.selection(query_string, [*settings, *place])}"
        answer = (await datasette.client.get(asked)).json()
        if "rows" not in answer:
            raise BadRequest(answer.get("error", "This cannot be selected."))
        yield answer["rows"]
        if not answer["next"]:
            return
        place = [("_next", answer["next"])]


async def query(datasette: Datasette, request: Request) -> Response:
    """Send every row of a query of the review, as the terminal prints it."""
    found = await about.find(datasette, request.url_vars["database"])
    if found is None:
        raise NotFound("404")
    name, kind = request.url_vars["name"], request.url_vars["kind"]
    served = datasette.get_database(found.database)
    asked = next((row for row in await served.execute(about.statement("queries")) if row["name"] == name), None)
    if asked is None:
        raise NotFound("404")
    await datasette.ensure_permissions(
        request.actor,
        [("view-query", (found.database, name)), ("view-database", found.database), "view-instance"],
    )
    read = partial(_run, name=name, asked=asked, seconds=datasette.setting("sql_time_limit_ms") / 1000)
    table = await about.snapshot(served, read)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'} if kind == "csv" else {}
    return Response(_WRITE[kind](table), headers=headers, content_type=_TYPES[kind])


def _run(connection: sqlite3.Connection, name: str, asked: Any, seconds: float) -> tables.Table:  # noqa: ANN401 - a row
    try:
        found = database.ask(connection, asked["sql"], seconds=seconds)
        columns, rows, _ = parted(found.columns, found.rows, asked["keys"] or "")
    except ReviewError as error:
        raise BadRequest(error.what) from error
    except ValueError as error:
        raise BadRequest(f"The column {asked['keys']} of {name} is no list of citation keys.") from error
    return tables.Table(name, "", "", columns, rows)
