"""Pages for what goes wrong: a sentence for the reader and a way on, the details for whoever runs the site."""

from __future__ import annotations

import logging
import sqlite3
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datasette.utils.asgi import Response

from reviewdb.site import links

if TYPE_CHECKING:  # Datasette loads this plugin while it is itself half loaded
    from datasette.app import Datasette
    from datasette.utils.asgi import Request

_LOG = logging.getLogger("reviewdb.site")
_BAD, _MISSING, _ONLY_READS, _BROKEN = 400, 404, 405, 500
_OURS = Path(__file__).resolve().parents[1]
#: Through it pass Datasette's own queries, and with them what a reader typed.
_PASSES_ON = _OURS / "site" / "serving.py"
#: What SQLite says of a function in Python that failed.
_OF_A_FUNCTION = "user-defined function raised"
#: How SQLite complains of a full-text query.
_OF_SEARCH = ("fts5", "unterminated string")


async def page(datasette: Datasette, request: Request, exception: Exception) -> Response:
    """Return the answer to a request that failed."""
    status = _status(exception) if request.method in ("GET", "HEAD") else _ONLY_READS
    message = _told(exception, status)
    if status == _BROKEN:
        _LOG.error("%s failed: %s", request.path, _in_one_line(exception))
    context: dict[str, Any] = {"ok": False, "status": status, "error": message, "title": None}
    if request.path.endswith(".json"):
        answer: Response = Response.json(context, status=status)
    else:
        context |= {"sql": request.args.get("sql"), "values": _values(request)}
        answer = Response.html(await datasette.render_template("error.html", context, request=request), status=status)
    return answer


def _values(request: Request) -> list[links.Pair]:
    """Return the values that a reader gave for the parameters of the SQL."""
    return [pair for pair in links.pairs(request.query_string) if pair[0] != "sql" and not pair[0].startswith("_")]


def _status(exception: Exception) -> int:
    if _is_bug(exception):
        return _BROKEN
    # A ValueError is what Datasette trips over in an address that was typed or cut, such as _next=abc.
    if isinstance(exception, sqlite3.Error | ValueError | OverflowError):
        return _BAD
    status = int(getattr(exception, "status", _BROKEN))
    # Datasette's own errors are about what was asked, though it calls some of them its fault.
    return _BAD if status == _BROKEN and hasattr(exception, "error_dict") else status


def _is_bug(exception: Exception) -> bool:
    """Say whether our own code failed, and not what a reader asked; what carries a status was raised on purpose."""
    if hasattr(exception, "status") and not hasattr(exception, "error_dict"):
        return False
    # Datasette raises its own error where it met one of SQLite.
    chain = [exception, exception.__context__] if hasattr(exception, "error_dict") else [exception]
    return any(_is_ours(one) or _OF_A_FUNCTION in str(one) for one in chain if one)


def _is_ours(exception: BaseException) -> bool:
    """Say whether an exception came out of our code or one of our templates."""
    return any(Path(place.filename) != _PASSES_ON for place in _places(exception))


def _places(exception: BaseException) -> Iterator[traceback.FrameSummary]:
    for place in traceback.extract_tb(exception.__traceback__):
        if Path(place.filename).is_relative_to(_OURS):
            yield place


def _in_one_line(exception: Exception) -> str:
    place = [*traceback.extract_tb(exception.__traceback__)[-1:], *_places(exception)][-1:]
    where = "".join(f" ({one.filename}, line {one.lineno})" for one in place)
    return f"{type(exception).__name__}: {' '.join(str(exception).split())}{where}"


def _told(exception: Exception, status: int) -> str:
    """Return what to say to the reader."""
    message = str(getattr(exception, "message", exception.args[0] if exception.args else ""))
    told = {
        "This site can only be read.": status == _ONLY_READS,
        "Something went wrong here. It has been noted where the site runs.": status == _BROKEN,
        "There is no such page here.": (status == _MISSING and not _is_ours(exception)) or message in ("", "404"),
        "This search could not be understood. Try plain words, without marks.": any(w in message for w in _OF_SEARCH),
        f"The database cannot answer that: {message}.": isinstance(exception, sqlite3.Error),
        "Something in the address of this page makes no sense.": isinstance(exception, ValueError | OverflowError),
        "The query took too long and was stopped. Ask for less at once.": message.startswith("<p>SQL query took"),
    }
    return next((words for words, applies in told.items() if applies), message)
