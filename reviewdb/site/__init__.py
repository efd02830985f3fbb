"""The site: a Datasette plugin that makes a review's database readable, and leaves every other database alone."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from datasette.hookspecs import hookimpl
from jinja2 import TemplateError
from markupsafe import Markup

from reviewdb import text
from reviewdb.site import (
    about,
    catalogue,
    choosing,
    chosen,
    describing,
    errors,
    instead,
    keeping,
    links,
    pages,
    querying,
    rendering,
    routes,
    securing,
    spelling,
)

if TYPE_CHECKING:  # Datasette loads this plugin while it is itself half loaded
    from datasette.app import Datasette
    from datasette.filters import FilterArguments
    from datasette.utils.asgi import Request, Response
    from jinja2 import Environment

Vars = dict[str, Any]
Later = Callable[[], Awaitable[Any]]
Asgi = Callable[[Vars, Any, Any], Awaitable[None]]

_UNRELEASED = (
    "{name}: the protocol of this review keeps notes or blind answers back, and this database holds them all. "
    "For others, serve it with `reviewdb serve`, or serve what `reviewdb publish` writes."
)

# The reviews that each Datasette serves, by database, for hooks that may not wait for one to be read.
_known: WeakKeyDictionary[Datasette, dict[str, about.About]] = WeakKeyDictionary()


async def _find(datasette: Datasette, database: str | None = None) -> about.About | None:
    found = await about.find(datasette, database)
    if found:
        _known.setdefault(datasette, {})[found.database] = found
    return found


@hookimpl
def startup(datasette: Datasette) -> Later:
    """Look for reviews among the databases, and read what the first page would else wait for."""

    async def look() -> None:
        for name in datasette.databases:
            found = await _find(datasette, name)
            if found is None:
                continue
            if found.keeps_back and found.withheld is None:
                print(_UNRELEASED.format(name=name), file=sys.stderr)  # noqa: T201 - to whoever starts Datasette
            await about.snapshot(datasette.get_database(name), partial(_read_ahead, keeping.of(datasette, name)))
        templates = rendering.environment(datasette)
        for template in templates.list_templates(filter_func=lambda path: path.startswith("review/")):
            with suppress(TemplateError):  # told to whoever asks for its page
                templates.get_template(template)  # which takes 5 ms each to be compiled

    return look


def _read_ahead(kept: keeping.Kept, connection: sqlite3.Connection) -> None:
    catalogue.of(connection, kept)
    spelling.vocabulary(connection, kept)


@hookimpl(trylast=True)
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Let the search of papers take what the search of the terminal takes, and never be a syntax error."""
    # Last, so that it replaces the function that Datasette itself registers.
    if about.is_review(conn):
        conn.create_function("escape_fts", 1, lambda typed: text.full_text_query(str(typed)) or '""')


@hookimpl(optionalhook=True)
def get_metadata(datasette: Datasette) -> Vars:
    """Describe the tables. Datasette 1.0 has no such hook; there, tables go without."""
    databases: Vars = {}
    for found in _known.get(datasette, {}).values():
        databases |= describing.metadata(found)
    return {"databases": databases}


@hookimpl(optionalhook=True)
def canned_queries(datasette: Datasette, database: str) -> Later:
    """Serve the queries of the review, read each time. Datasette 1.0 has no such hook."""

    async def read() -> Mapping[str, Vars]:
        # Every page of a table asks for queries first: what is known of the review is renewed for the rest of it.
        if not await _find(datasette, database):
            return {}
        found = await datasette.get_database(database).execute(about.statement("queries"))
        return {
            row["name"]: {**dict(row), "across": row["across"] or "", "keys_column": row["keys"] or ""} for row in found
        }

    return read


@hookimpl
def prepare_jinja2_environment(env: Environment) -> None:
    """Add the filters of the templates."""
    env.filters["review_web"] = links.web
    env.filters["review_doi"] = links.doi
    env.filters["review_key"] = links.of_key


@hookimpl
def render_cell(value: object, column: str, table: str | None, database: str, datasette: Datasette) -> Markup | None:
    """Make a link of a citation key in the results of a query."""
    key = querying.key(column, value)
    if table is None and key and database in _known.get(datasette, {}) and about.only(datasette) == database:
        return Markup('<a href="{}">{}</a>').format(datasette.urls.path(links.of_key(key)), key)
    return None


@hookimpl
def register_routes(datasette: Datasette) -> list[tuple[str, routes.View]]:
    """Add the addresses that only a review has."""
    return routes.of(datasette)


@hookimpl
def asgi_wrapper(datasette: Datasette) -> Callable[[Asgi], Asgi]:
    """Answer for the papers of a review with our own page, and with Datasette's what only that can show.

    Where the review is all that is served, every answer tells browsers what not to do.

    A search for nothing finds every paper there too, as in the terminal; Datasette would find none.
    """

    def wrap(inner: Asgi) -> Asgi:
        async def outer(scope: Vars, receive: Any, send: Any) -> None:  # noqa: ANN401 - as ASGI gives them
            if scope["type"] != "http":
                await inner(scope, receive, send)
                return
            with about.answering():
                await answer(scope, receive, send)

        async def answer(scope: Vars, receive: Any, send: Any) -> None:  # noqa: ANN401 - as above
            if about.only(datasette) in _known.get(datasette, {}):
                send = securing.securing(send)
            found, within = await _within(datasette, scope["path"])
            if found:
                asked = scope.get("query_string", b"").decode("latin-1")
                if within.partition(".")[0] == "papers":
                    scope = {**scope, "query_string": links.without_blank_search(asked).encode("latin-1")}
                if path := instead.place(found, scope["method"], within, asked):
                    scope = {**scope, "path": path, "raw_path": path.encode()}
            await inner(scope, receive, send)

        return outer

    return wrap


async def _within(datasette: Datasette, path: str) -> tuple[about.About | None, str]:
    """Return the review that an address lies in, and the rest of it; a slash alone is Datasette's to lead elsewhere."""
    for name in datasette.databases:
        base = str(datasette.urls.database(name))
        if path == base or path.startswith(f"{base}/"):
            rest = path.removeprefix(base)
            return await _find(datasette, name), rest if rest == "/" else rest.removeprefix("/")
    return None, ""


@hookimpl
def filters_from_request(request: Request, database: str, table: str, datasette: Datasette) -> Later:
    """Let Datasette's own pages and data of papers know the codes that an address of our page names."""

    async def read() -> FilterArguments | None:
        from datasette import filters  # noqa: PLC0415 - Datasette loads this plugin while it is itself half loaded

        found = await _find(datasette, database) if table == "papers" else None
        codes = choosing.codes(found, request.query_string) if found else ()
        if not found or not codes:
            return None
        said = [chosen.in_words(found, code) for code in codes]
        return filters.FilterArguments(
            [about.statement("carrying").strip()],
            params={"review_codes": json.dumps(choosing.as_json(codes))},
            human_descriptions=[f"codes: {', '.join(said)}"],
        )

    return read


@hookimpl(hookwrapper=True)
def handle_exception(datasette: Datasette, request: Request, exception: Exception) -> Generator[None, Any, None]:
    """Answer what fails with a page of the review; Datasette's own answer would also print a trace for every 404."""
    outcome = yield
    others = outcome.get_result()

    async def answer() -> Response | None:
        if await _find(datasette):
            return await errors.page(datasette, request, exception)
        for other in others:
            given = other() if callable(other) else other
            response: Response | None = await given if isinstance(given, Awaitable) else given
            if response is not None:
                return response
        return None

    outcome.force_result([answer])


@hookimpl
def extra_template_vars(
    template: str, database: str | None, table: str | None, request: Request | None, datasette: Datasette
) -> Later:
    """Give the templates the review, and what the page at hand shows of it."""

    async def read() -> Vars:
        found = await _find(datasette, database)
        return await pages.variables(datasette, found, request, template, table) if found else {"review": None}

    return read
