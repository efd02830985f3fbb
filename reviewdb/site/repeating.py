"""Repeating: what was answered is sent again as it was, as long as the database is the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus

from reviewdb.site.securing import Asgi, Receive, Scope, Send

#: So many answers are kept, and none with more bytes.
RECENT, LARGEST = 200, 250_000
#: Who sends one of these may be shown what others are not.
_PERSONAL = {b"authorization", b"cookie"}
#: What SQL of a reader gives may be the time, or a number by chance.
_SQL = b"sql="

#: The two messages of an answer, or that they are yet to come; None: whoever asks is to be answered apart.
Answer = asyncio.Future[tuple[Scope, Scope] | None]


def repeating(inner: Asgi, state: Callable[[], object]) -> Asgi:
    """Return an application that asks `inner` once for each address as long as `state` gives the same.

    Whoever asks for what is being answered waits for that answer. Only what is found, is for everybody and comes in one
    piece is sent again. `state` is asked in the thread of the event loop; it must be another before any answer is.
    """
    before: object = None
    answers: dict[object, Answer] = {}

    async def outer(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal before, answers
        address = _address(scope)
        if address is None:
            await inner(scope, receive, send)
            return
        now = state()
        if now != before:
            # What is still being answered is of the state before: it ends up where nobody looks.
            before, answers = now, {}
        known = answers.pop(address, None)
        answers[address] = answer = known or asyncio.get_running_loop().create_future()
        if known is None:
            for old in list(answers)[:-RECENT]:
                del answers[old]
            await _ask(inner, scope, receive, send, answer)
        elif messages := await known:
            for message in messages:
                await send(message)
        else:
            await inner(scope, receive, send)

    return outer


def _address(scope: Scope) -> object:
    """Return what an answer depends on besides the database; None where that is more than an address."""
    if scope["type"] != "http" or scope["method"] != "GET" or _SQL in scope["query_string"]:
        return None
    headers = dict(scope["headers"])
    if _PERSONAL & headers.keys():
        return None
    # A page names its own address, with the host by which it was asked for.
    return scope["scheme"], headers.get(b"host"), scope["raw_path"], scope["query_string"]


async def _ask(inner: Asgi, scope: Scope, receive: Receive, send: Send, answer: Answer) -> None:
    """Answer one reader, and whoever waits before that one: who reads slowly keeps nobody waiting."""
    start: Scope = {}

    async def noting(message: Scope) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            start = message
            return
        if not answer.done():
            answer.set_result((start, message) if _is_for_all(start, message) else None)
            await send(start)
        await send(message)

    try:
        await inner(scope, receive, noting)
    finally:
        if not answer.done():
            answer.set_result(None)


def _is_for_all(start: Scope, body: Scope) -> bool:
    is_whole = not body.get("more_body") and len(body.get("body", b"")) <= LARGEST
    sets_a_cookie = any(name.lower() == b"set-cookie" for name, _ in start["headers"])
    return is_whole and start["status"] == HTTPStatus.OK and not sets_a_cookie
