"""What the answers of a review tell browsers not to do, whoever serves it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Scope]]
Send = Callable[[Scope], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

_HEADERS = {
    # Nothing but our own stylesheet and drawings; no script at all, so none that a record could bring.
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}


def securing(send: Send) -> Send:
    """Return what sends an answer with our headers in the place of others of their names."""

    async def sending(message: Scope) -> None:
        if message["type"] == "http.response.start":
            ours = {name.encode(): value.encode() for name, value in _HEADERS.items()}
            theirs = [pair for pair in message.get("headers", []) if pair[0].lower() not in ours]
            message = {**message, "headers": [*theirs, *ours.items()]}
        await send(message)

    return sending
