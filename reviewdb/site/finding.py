"""Finding: the page of papers, and the papers on it in every format."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from datasette.utils import tilde_decode
from datasette.utils.asgi import BadRequest, NotFound, Response

from reviewdb import database, reading, references, tables
from reviewdb.formats import writing
from reviewdb.site import about, choosing, keeping, listing, rendering
from reviewdb.site.choosing import Wanted
from reviewdb.site.keeping import Kept

if TYPE_CHECKING:  # Datasette loads this plugin while it is itself half loaded
    from datasette.app import Datasette
    from datasette.utils.asgi import Request

#: The list of papers seen from itself: hundreds of links are shorter so.
_HERE = "papers"


@dataclass(frozen=True, slots=True)
class Format:
    """What papers can be taken as: what readers call it, the ending of the file, and its media type."""

    label: str
    ending: str
    media_type: str


FORMATS: Mapping[str, Format] = {
    "bibtex": Format("BibTeX", "bib", "application/x-bibtex; charset=utf-8"),
    "ris": Format("RIS", "ris", "application/x-research-info-systems; charset=utf-8"),
    "csl-json": Format("CSL-JSON", "csl.json", "application/vnd.citationstyles.csl+json; charset=utf-8"),
    "csv": Format("CSV", "csv", "text/csv; charset=utf-8"),
    "json": Format("JSON", "json", "application/json; charset=utf-8"),
    "latex": Format("LaTeX rows", "tex", "application/x-tex; charset=utf-8"),
}


async def page(datasette: Datasette, request: Request) -> Response:
    """Answer with the page of papers."""
    found, wanted = await _asked(datasette, request)
    read = partial(listing.read, about=found, kept=keeping.of(datasette, found.database), wanted=wanted, path=_HERE)
    shown = await about.snapshot(datasette.get_database(found.database), read)
    context = {"database": found.database, "table": "papers", "page": shown, "formats": FORMATS}
    return await rendering.page(datasette, request, "review/papers.html", context)


async def download(datasette: Datasette, request: Request) -> Response:
    """Answer with every paper of a selection, as a file."""
    found, wanted = await _asked(datasette, request)
    kind = request.url_vars["format"]
    read = partial(_written, kept=keeping.of(datasette, found.database), wanted=wanted, kind=kind)
    text = await about.snapshot(datasette.get_database(found.database), read)
    name = f"papers.{FORMATS[kind].ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, headers=headers, content_type=FORMATS[kind].media_type)


async def _asked(datasette: Datasette, request: Request) -> tuple[about.About, Wanted]:
    found = await about.find(datasette, tilde_decode(request.url_vars["database"]))
    if found is None:
        raise NotFound("404")
    await datasette.ensure_permissions(
        request.actor,
        [("view-table", (found.database, "papers")), ("view-database", found.database), "view-instance"],
    )
    wanted = choosing.wanted(found, request.query_string)
    if wanted is None:
        raise BadRequest("Something in the address of this page makes no sense.")
    return found, wanted


def _written(connection: sqlite3.Connection, kept: Kept, wanted: Wanted, kind: str) -> str:
    ids = listing.ids(connection, kept, wanted)
    papers = taken(connection, ids)
    if kind == "csv":
        return tables.as_csv(papers)
    if kind == "json":
        return reading.papers_as_json(papers, connection)
    return writing.FORMATS[kind](references.of_papers(connection, papers.columns, papers.rows))


def taken(connection: sqlite3.Connection, ids: list[str]) -> tables.Table:
    """Return every column of some papers, in the order of their ids given."""
    found = database.ask(connection, database.statement("papers"), {"ids": json.dumps(ids)})
    place = {id_: n for n, id_ in enumerate(ids)}
    return tables.Table("papers", "Papers", "", found.columns, sorted(found.rows, key=lambda row: place[row[0]]))
