"""Repeating: a page that was made is sent again to whoever else asks for it before the database changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from reviewdb.site.securing import Asgi, Receive, Scope, Send

#: So many pages are kept, and none with more bytes.
RECENT, LARGEST = 150, 250_000
#: Who sends one of these may be shown what others are not.
_PERSONAL = {b"authorization", b"cookie"}
_PAGE = "reviewdb.page"


@dataclass(slots=True)
class _Page:
    """A page that one reader asks for, and others may wait for."""

    #: Head and body once it is made; None where it is for that reader alone.
    made: asyncio.Future[tuple[Scope, Scope] | None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    is_for_all: bool = False


def allow(scope: MutableMapping[str, Any]) -> None:
    """Say that the page which answers a request depends on nothing but its address and the database."""
    if page := scope.get(_PAGE):
        page.is_for_all = True


def repeating(inner: Asgi, state: Callable[[], object]) -> Asgi:
    """Return an application that sends again what `inner` allows to, as long as `state` gives the same.

    Whoever asks for what is being made waits for it. `state` is asked in the thread of the event loop; it must give
    something else before any page is another.
    """
    before: object = None
    pages: dict[object, _Page] = {}

    async def outer(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal before, pages
        address = _address(scope)
        if address is None:
            await inner(scope, receive, send)
            return
        now = state()
        if now != before:
            # What is being made is of the state before: it ends up where nobody looks.
            before, pages = now, {}
        known = pages.pop(address, None)
        pages[address] = page = known or _Page()
        for old in list(pages)[:-RECENT]:
            del pages[old]
        if known is None:
            of_now = pages  # others may take their place meanwhile
            try:
                await _make(inner, {**scope, _PAGE: page}, receive, send, page)
            finally:
                if page.made.result() is None and of_now.get(address) is page:
                    del of_now[address]
        # A reader who is gone takes nothing from the others.
        elif messages := await asyncio.shield(page.made):
            for message in messages:
                await send(message)
        else:
            await inner(scope, receive, send)

    return outer


def _address(scope: Scope) -> object:
    """Return what a page depends on besides the database; None where that is more than an address."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    headers = dict(scope["headers"])
    if _PERSONAL & headers.keys():
        return None
    # A page names its own address, with the host by which it was asked for.
    return scope["scheme"], headers.get(b"host"), scope["raw_path"], scope["query_string"]


async def _make(inner: Asgi, scope: Scope, receive: Receive, send: Send, page: _Page) -> None:
    """Answer one reader, and whoever waits before that one: who reads slowly keeps nobody waiting."""
    head: Scope = {}

    async def noting(message: Scope) -> None:
        nonlocal head
        if message["type"] == "http.response.start":
            head = message
            return
        if head:
            page.made.set_result((head, message) if page.is_for_all and _is_whole(head, message) else None)
            await send(head)
            head = {}
        await send(message)

    try:
        await inner(scope, receive, noting)
    finally:
        if not page.made.done():
            page.made.set_result(None)


def _is_whole(head: Scope, body: Scope) -> bool:
    """Say whether a page is all that is sent, and no error, which may pass."""
    is_short = not body.get("more_body") and len(body.get("body", b"")) <= LARGEST
    return (
        is_short
        and head["status"] == HTTPStatus.OK
        and all(name.lower() != b"set-cookie" for name, _ in head["headers"])
    )
