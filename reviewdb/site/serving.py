"""Serving: the site of one review, read-only, until Ctrl-C."""

from __future__ import annotations

import asyncio
import logging
import socket
import sqlite3
import tempfile
import threading
import webbrowser
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import uvicorn
from datasette.app import Datasette
from datasette.database import Database

from reviewdb import bounds, database
from reviewdb.errors import ReviewError
from reviewdb.release import Released
from reviewdb.review import Review
from reviewdb.site import about
from reviewdb.site.repeating import repeating
from reviewdb.site.securing import Asgi, Receive, Scope, Send, securing
from reviewdb.site.watching import Watcher

#: The name of the database on the site, whatever its file is called.
NAME = "review"

#: Longer than proxies (nginx: 60 s) keep an idle connection: who closes it first meets no request on it.
_IDLE_SECONDS = 75
#: How Datasette is to serve a review, here or elsewhere.
SETTINGS = {
    "allow_download": True,
    "allow_signed_tokens": False,
    "default_cache_ttl": 0,  # a new decision shows at once, not when a browser's copy has aged
    "default_page_size": 50,
    "sql_time_limit_ms": 2000,
    "suggest_facets": False,
    "truncate_cells_html": 300,
}
#: Of what Datasette tells about itself and the machine that it runs on, all that a reader needs.
_OPEN = ("/-/static/", "/-/static-plugins/", "/-/review.db", "/-/review/")
_HIDDEN = "/-/"
_SHUT = "This site is closed for the moment: what its review keeps back from readers now is being taken out.\n"


class _ReadOnly(Database):
    """A database that nothing can write to, with any marks in its path, and found again where it was replaced."""

    def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 - as Datasette takes them
        super().__init__(*args, **named)
        self._held = threading.local()

    def connect(self, write: bool = False) -> sqlite3.Connection:
        if write:
            raise sqlite3.OperationalError("attempt to write a readonly database")
        connection = database.view(Path(self.path), follows=self.is_mutable)
        bounds.guard(connection)
        connection.set_authorizer(_authorize)
        self._all_file_connections.append(connection)
        return connection

    async def execute_fn(self, fn: Callable[[sqlite3.Connection], Any]) -> Any:  # noqa: ANN401 - what `fn` gives
        def in_thread() -> Any:  # noqa: ANN401 - what `fn` gives
            return fn(self._current())

        return await asyncio.get_running_loop().run_in_executor(self.ds.executor, in_thread)

    def state(self) -> object:
        """Return what is another whenever the database is, by whomever and in whatever way it was changed."""
        try:
            connection = self._current()
            connection.execute("PRAGMA busy_timeout = 0")  # the event loop waits for no lock
            return connection, connection.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error:
            return object()

    def _current(self) -> sqlite3.Connection:
        """Return this thread's connection to the file that is there now; Datasette would keep to a deleted one."""
        key = _identity(Path(self.path))
        held: tuple[object, sqlite3.Connection] | None = getattr(self._held, "connection", None)
        if held and key in (None, held[0]):
            return held[1]
        if held:
            self._let_go(held[1])  # it would keep a deleted file on the disk
        self._held.connection = None
        connection = self.connect()
        try:
            self.ds._prepare_connection(connection, self.name)  # noqa: SLF001 - as Datasette prepares its own
        except BaseException:
            self._let_go(connection)
            raise
        self._held.connection = (key, connection)
        return connection

    def _let_go(self, connection: sqlite3.Connection) -> None:
        self._all_file_connections.remove(connection)
        connection.close()


def _authorize(action: int, name: str | None, *_: str | None) -> int:
    """Tell nobody where on this machine the database lies; Datasette asks too, and is content with nothing."""
    hidden = action == sqlite3.SQLITE_PRAGMA and name == "database_list"
    return sqlite3.SQLITE_IGNORE if hidden else sqlite3.SQLITE_OK


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells one file from another of the same name; None where there is none."""
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_dev, about.st_ino


def app(database_path: Path, *, settings: Mapping[str, Any] | None = None, published: bool = False) -> Datasette:
    """Return the site of a built database; with a page that searches, where pages are to be `published` as files."""
    # What Datasette hands to plugins: the same place that a person who runs Datasette would write it to.
    metadata = {"plugins": {about.PLUGIN: {"published": published}}}
    datasette = Datasette([], settings={**SETTINGS, **(settings or {})}, metadata=metadata)
    datasette.remove_database("_memory")
    datasette.add_database(
        _ReadOnly(datasette, str(database_path), is_mutable=database.can_follow(database_path)), name=NAME
    )
    return datasette


def application(datasette: Datasette, base: str, shut: threading.Event) -> Asgi:
    """Return what answers for a site under `base`: nothing of the machine, each page made once, none while `shut`."""
    return while_open(repeating(silent(datasette.app(), base), datasette.get_database(NAME).state), shut)


def close(datasette: Datasette) -> None:
    """Let go of a site's threads and connections."""
    if datasette.executor:
        datasette.executor.shutdown()
    for name in list(datasette.databases):
        datasette.get_database(name).close()


def silent(inner: Asgi, base: str = "/") -> Asgi:
    """Return an application that says nothing of the machine, and answers addresses under `base` alone."""

    async def outer(scope: Scope, receive: Receive, send: Send) -> None:
        await inner(_without_hidden(scope, base) if "path" in scope else scope, receive, send)

    return outer


def while_open(inner: Asgi, shut: threading.Event) -> Asgi:
    """Return an application that shows readers nothing as long as `shut` is set."""

    async def outer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not shut.is_set():
            await inner(scope, receive, send)
            return
        told = {"content-type": "text/plain; charset=utf-8", "cache-control": "no-store", "retry-after": "5"}
        headers = [(name.encode(), value.encode()) for name, value in told.items()]
        answer = securing(send)
        await answer({"type": "http.response.start", "status": 503, "headers": headers})
        await answer({"type": "http.response.body", "body": _SHUT.encode()})

    return outer


def _without_hidden(scope: Scope, base: str) -> Scope:
    """Return the request, or, where it asks for what is hidden, one that asks for what is not there."""
    path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
    below = path.removeprefix(base[:-1])
    if path.startswith(base) and (not below.startswith(_HIDDEN) or below.startswith(_OPEN)):
        return scope
    nothing = f"{base}-/nothing"
    return {**scope, "path": nothing, "raw_path": nothing.encode()}


def serve(at: Review, host: str, port: int, *, base: str = "/", browse: bool, say: Callable[[str], None]) -> None:
    """Serve a review until Ctrl-C, with all its addresses under `base`, which begins and ends with a slash.

    Raises ReviewError where the address cannot be listened on.
    """
    # Only this user may look into it, and it is gone in the end.
    with _listen(host, port) as listener, tempfile.TemporaryDirectory(prefix="reviewdb-") as folder:
        url = _url(host, listener.getsockname()[1]) + base
        _serve(at, listener, Path(folder), base, url, browse=browse, say=say)


def _serve(
    at: Review, listener: socket.socket, folder: Path, base: str, url: str, *, browse: bool, say: Callable[[str], None]
) -> None:
    released = Released(at, folder)
    datasette = app(released.renew(), settings={"base_url": base})
    served = datasette.get_database(NAME)

    shut = threading.Event()

    def is_open() -> bool:
        shut.set() if released.has_too_much(Path(served.path)) else shut.clear()
        return not shut.is_set()

    def renew() -> None:
        served.path = str(released.renew())
        shut.clear()

    _log_to(say)
    config = uvicorn.Config(
        application(datasette, base, shut),
        log_level="critical",
        access_log=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=_IDLE_SECONDS,
    )
    watcher = Watcher(at, say, is_open, renew) if database.can_follow(at.database) else None
    if watcher:
        watcher.start()
    else:
        say(f"{at.root} cannot be written to: the site stays as it is, whatever changes there.")
    asyncio.run(datasette.invoke_startup())  # Datasette would let the first reader wait for it
    say(f"Serving {at.root} at {url} (Ctrl-C ends it)")
    if browse:
        webbrowser.open(url)
    try:
        uvicorn.Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        say("")  # the next prompt begins on a line of its own, after the terminal's ^C
    finally:
        if watcher:
            watcher.stop()
        close(datasette)  # Windows deletes no file that is open


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        raise ReviewError(
            f"cannot listen on {host}, port {port}: {error.strerror or error}.",
            "Stop what listens there, or take another port: reviewdb serve --port 0",
        ) from error
    # Connections inherit it. asyncio sets it only for sockets that it made itself; without it, every page but the first
    # of a connection comes a twentieth of a second late, when the browser has said that it has the head of it.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _url(host: str, port: int) -> str:
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - not bound here: told to a person
    shown = everywhere.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}"


def _log_to(say: Callable[[str], None]) -> None:
    class Saying(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            say(self.format(record))

    logger = logging.getLogger("reviewdb.site")
    logger.handlers = [Saying()]
    logger.propagate = False
