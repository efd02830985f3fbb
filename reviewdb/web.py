"""The web: one bounded request, and what can go wrong with it, in words. Nothing else touches the network."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import threading
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlsplit

from reviewdb.errors import ReviewError

#: Seconds that a request may take in all, from looking the name up to the last byte.
SECONDS = 20.0
#: Bytes of the largest body that is taken in, packed or unpacked.
LARGEST = 20_000_000

_AGAIN = "Check the connection to the internet (and HTTPS_PROXY, if it is set), then try again."
_ADDRESS = "Mend the address (and HTTPS_PROXY, HTTP_PROXY and ALL_PROXY, where they are set)."
_OTHER_SIDE = "Wait some minutes, then try again."
_SETTINGS = "Check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and SSL_CERT_FILE, where they are set."
_GZIP_MARK = b"\x1f\x8b"
_GZIP, _ZLIB, _BARE_DEFLATE = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
# HTML wants it there: https://html.spec.whatwg.org/multipage/semantics.html#charset
_META_WITHIN = 1024
_META = re.compile(rb"<meta\b[^>]*charset[^>]*>", re.IGNORECASE)
# Browsers mean it by these names: https://encoding.spec.whatwg.org/#names-and-labels
_LATIN, _LATIN_NAMES = "cp1252", frozenset(("ascii", "us-ascii", "iso-8859-1", "iso8859-1", "latin1", "latin-1"))
_LOST = "\ufffd"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered, whatever the status; the names of `headers` are in lower case, `body` is unpacked."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body in the charset of the header, else of a <meta>, else in UTF-8; damaged letters become U+FFFD."""
        said = _CHARSET.search(self.headers.get("content-type", ""))
        if not said and (meta := _META.search(self.body[:_META_WITHIN])):
            said = _CHARSET.search(meta.group().decode("ascii", errors="replace"))
        named = said[1].lower() if said else "utf-8"
        for charset in (_LATIN if named in _LATIN_NAMES else named, "utf-8"):
            try:
                return self.body.decode(charset, errors="replace").removeprefix("\ufeff")
            except (LookupError, ValueError):  # no such charset, or one that has no mark for what is damaged
                continue
        raise AssertionError("UTF-8 reads everything")

    @property
    def damaged(self) -> bool:
        """Whether the body is in another charset than it is read in, so that letters are lost or are others."""
        if self.body.isascii():
            return False
        # What was lost before it was sent stands in the body by its own name.
        if self.text.count(_LOST) > self.body.count(_LOST.encode()):
            return True
        try:
            # Text in another charset is next to never valid UTF-8 by chance.
            return self.body.decode("utf-8-sig") != self.text
        except UnicodeDecodeError:
            return False


class Client:
    """Makes requests that have `headers` in common, and keeps the cookies that it is given."""

    def __init__(self, headers: Mapping[str, str], seconds: float = SECONDS) -> None:
        self._headers = {"Accept-Encoding": "gzip, deflate", **headers}
        self._seconds = seconds
        self._cookies = CookieJar()
        self._trust: ssl.SSLContext | None = None

    def get(self, url: str) -> Answer:
        """Make one request, follow no redirect, and return what came.

        Raises ReviewError where nothing whole comes within the seconds and the bytes that there are.
        """
        import httpx  # noqa: PLC0415 - slow to import, and most commands ask nobody

        host = _host(url)
        try:
            with asyncio.Runner(loop_factory=_Loop) as runner:
                status, headers, packed = runner.run(self._fetch(url))
            return Answer(url, status, headers, _unpacked(packed, headers.get("content-encoding", "")))
        except TimeoutError as error:
            raise ReviewError(f"{host}: timed out after {self._seconds:g} seconds.", _AGAIN) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            what, todo = _cause(error)
            raise ReviewError(f"{host}: {what}", todo) from error
        except _BodyError as error:
            raise ReviewError(f"{host}: {error}", _OTHER_SIDE) from error
        except (OSError, ValueError, ImportError, ExceptionGroup) as error:
            # httpx takes proxies and certificates from the environment, and checks them only when they are used.
            raise ReviewError(f"{host}: nothing could be asked: {str(error).rstrip('.')}.", _SETTINGS) from error

    async def _fetch(self, url: str) -> tuple[int, dict[str, str], bytes]:
        import httpx  # noqa: PLC0415 - as above

        # Reading the certificates takes longer than many an answer.
        self._trust = self._trust or httpx.create_ssl_context()
        client = httpx.AsyncClient(headers=self._headers, cookies=self._cookies, verify=self._trust, timeout=None)  # noqa: S113 - below
        # httpx can only bound each single read, which a server that drips keeps up for ever.
        async with asyncio.timeout(self._seconds), client, client.stream("GET", url) as response:
            packed = bytearray()
            async for part in response.aiter_raw():
                packed += part
                if len(packed) > LARGEST:
                    raise _BodyError(_TOO_LARGE)
            return response.status_code, dict(response.headers), bytes(packed)


def _host(url: str) -> str:
    """Return the host that a message names. Raises ReviewError where the address cannot be one."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - it is checked when it is read
    except ValueError as error:
        raise ReviewError(f"{url}: this is no address on the web: {error}.", _ADDRESS) from error
    return parts.netloc.rpartition("@")[2] or repr(url)


class _Loop(asyncio.SelectorEventLoop):
    """An event loop that does not wait for a name server: one that is silent would outlast every bound and Ctrl-C."""

    def __init__(self) -> None:
        super().__init__()
        self._opened: list[asyncio.Transport] = []

    async def create_connection(self, *arguments: Any, **more: Any) -> Any:  # noqa: ANN401 - as it is given
        made = await super().create_connection(*arguments, **more)
        self._opened.append(made[0])
        return made

    def close(self) -> None:
        # Nobody closes the connection whose TLS was still being talked about when the time was over.
        for transport in self._opened:
            transport.abort()
        if not self.is_closed():
            self.run_until_complete(asyncio.sleep(0))
        super().close()

    async def getaddrinfo(
        self, host: bytes | str | None, port: bytes | str | int | None, **hints: int
    ) -> list[tuple[Any, ...]]:
        found: asyncio.Future[list[tuple[Any, ...]]] = self.create_future()

        def look_up() -> None:
            answer: list[tuple[Any, ...]] = []
            error = None
            try:
                answer.extend(socket.getaddrinfo(host, port, **hints))
            except Exception as raised:  # noqa: BLE001 - it is raised where it is waited for
                error = raised
            with suppress(RuntimeError):  # nobody waits any more: the loop is closed
                self.call_soon_threadsafe(settle, answer, error)

        def settle(answer: list[tuple[Any, ...]], error: Exception | None) -> None:
            if error and not found.done():
                found.set_exception(error)
            elif not found.done():
                found.set_result(answer)

        threading.Thread(target=look_up, daemon=True).start()
        return await found


class _BodyError(Exception):
    """A body that cannot be taken in, and why."""


_TOO_LARGE = f"the answer is larger than {LARGEST // 1_000_000} MB."


def _unpacked(body: bytes, encodings: str) -> bytes:
    for name in reversed(encodings.lower().replace("x-gzip", "gzip").split(",")):
        if name.strip() not in ("", "identity") and body:
            body = _inflated(body, name.strip())
    return body


def _inflated(body: bytes, encoding: str) -> bytes:
    if encoding not in ("gzip", "deflate"):
        raise _BodyError(f"the body cannot be decompressed: it is packed as {encoding!r}, which was not asked for.")
    # Some servers send what they call deflate without the frame that belongs around it.
    bare = body[0] & 15 != 8 or int.from_bytes(body[:2]) % 31  # noqa: PLR2004 - the mark of a frame: RFC 1950, 2.2
    bits = _GZIP if encoding == "gzip" else _BARE_DEFLATE if bare else _ZLIB
    whole = bytearray()
    while True:
        unpacker = zlib.decompressobj(bits)
        try:
            # No more is unpacked than can be kept: 20 kB can hold 20 MB of noughts.
            whole += unpacker.decompress(body, LARGEST + 1 - len(whole))
        except zlib.error as error:
            raise _BodyError(f"the body cannot be decompressed: {error}.") from error
        if len(whole) > LARGEST:
            raise _BodyError(_TOO_LARGE)
        if not unpacker.eof:
            raise _BodyError("the body cannot be decompressed: it ends too early.")
        body = unpacker.unused_data
        if not (bits == _GZIP and body.startswith(_GZIP_MARK)):
            return bytes(whole)


def _cause(error: Exception) -> tuple[str, str]:
    """Return why a request failed, and what to do about it."""
    import httpx  # noqa: PLC0415 - as above

    chain = list(_chain(error))
    for known in chain:
        for kind, what, todo in _CAUSES:
            if isinstance(known, kind):
                return what.format(known), todo
    text = str(error).rstrip(".")
    kinds: tuple[tuple[_Kind, str, str], ...] = (
        ((httpx.InvalidURL, httpx.UnsupportedProtocol), f"this is no address on the web: {text}.", _ADDRESS),
        (httpx.ProxyError, f"the proxy does not let us through: {text}.", _SETTINGS),
        (httpx.ConnectError, f"cannot be reached: {chain[-1]}.", _AGAIN),
        (httpx.NetworkError, "the connection was closed before the answer was whole.", _AGAIN),
    )
    for kind, what, todo in kinds:
        if isinstance(error, kind):
            return what, todo
    # Only the text tells these apart.
    if "disconnected" in text:
        return "the connection was closed before an answer came.", _AGAIN
    if "closed" in text:
        return "the connection was closed within the answer: it is truncated.", _AGAIN
    return f"the answer is not in the protocol of the web: {text}.", _SETTINGS


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, what it came from, and so on; the members of a group for the group."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for member in error.exceptions:
                yield from _chain(member)
        error = error.__cause__ or error.__context__


_Kind = type[Exception] | tuple[type[Exception], ...]
#: What the operating system says, found below whatever httpx makes of it; the first that fits counts.
_CAUSES: tuple[tuple[_Kind, str, str], ...] = (
    (socket.gaierror, "the name was not found ({0.strerror}).", _AGAIN),
    (
        ssl.SSLCertVerificationError,
        "its TLS certificate was not accepted ({0.verify_message}).",
        "Somebody may be reading along. Where your network has a certificate authority of its own, set SSL_CERT_FILE.",
    ),
    (ssl.SSLError, "no TLS connection could be made ({0.reason}).", _SETTINGS),
    (ConnectionRefusedError, "connection refused.", _AGAIN),
    (TimeoutError, "nobody answers there.", _AGAIN),
)
