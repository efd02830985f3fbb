"""Pages for what goes wrong: a sentence for the reader and a way on, the details for whoever runs the site."""

from __future__ import annotations

import logging
import sqlite3
from typing import TYPE_CHECKING, Any

from datasette.utils.asgi import Response

if TYPE_CHECKING:  # Datasette loads this plugin while it is itself half loaded
    from datasette.app import Datasette
    from datasette.utils.asgi import Request

_LOG = logging.getLogger("reviewdb.site")
_BAD, _ONLY_READS, _BROKEN = 400, 405, 500
#: How SQLite complains of a full-text query.
_OF_SEARCH = ("fts5", "unterminated string")


async def page(datasette: Datasette, request: Request, exception: Exception) -> Response:
    """Return the answer to a request that failed."""
    status = _status(exception) if request.method in ("GET", "HEAD") else _ONLY_READS
    message = _told(exception, status)
    if status == _BROKEN:
        _LOG.error("%s failed", request.path, exc_info=exception)
    context: dict[str, Any] = {"ok": False, "status": status, "error": message, "title": None}
    if request.path.endswith(".json"):
        answer: Response = Response.json(context, status=status)
    else:
        answer = Response.html(await datasette.render_template("error.html", context, request=request), status=status)
    return answer


def _status(exception: Exception) -> int:
    # A ValueError is what Datasette trips over in an address that was typed or cut, such as _next=abc.
    if isinstance(exception, sqlite3.Error | ValueError | OverflowError):
        return _BAD
    status = int(getattr(exception, "status", _BROKEN))
    # Datasette's own errors are about what was asked, though it calls some of them its fault.
    return _BAD if status == _BROKEN and hasattr(exception, "error_dict") else status


def _told(exception: Exception, status: int) -> str:
    """Return what to say to the reader."""
    message = str(getattr(exception, "message", exception.args[0] if exception.args else ""))
    told = {
        "This site can only be read.": status == _ONLY_READS,
        "This search could not be understood. Try plain words, without marks.": any(w in message for w in _OF_SEARCH),
        f"The database cannot answer that: {message}.": isinstance(exception, sqlite3.Error),
        "Something in the address of this page makes no sense.": isinstance(exception, ValueError | OverflowError),
        "The query took too long and was stopped. Ask for less at once.": message.startswith("<p>SQL query took"),
        "Something went wrong here. It has been noted where the site runs.": status == _BROKEN,
        "There is nothing at this address.": message in ("", "404"),
    }
    return next((words for words, applies in told.items() if applies), message)
