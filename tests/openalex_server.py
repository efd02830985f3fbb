"""An OpenAlex of our own on loopback: works that a test gives, and made ones for any search, in OpenAlex's JSON.

with serving() as server:
server.works = [work("W1", title="A title", doi="10.1000/x")]
server.behave({2: "429"})  # the second request is refused; all others are answered
"""

from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from reviewdb.text import words

Work = dict[str, Any]
#: What can come instead of an answer: by request, counted from 1.
Plan = Mapping[int, str] | Callable[[int], str]


def work(id_: str, title: str = "A title", doi: str = "", **more: Any) -> Work:  # noqa: ANN401 - what JSON can say
    """Return a work as OpenAlex shows it; some of `more` is short for what it nests."""
    place = {"source": {"display_name": more.pop("venue", "A Journal"), "type": more.pop("venue_type", "journal")}}
    abstract = more.pop("abstract", "").split()
    return {
        "id": f"https://openalex.org/{id_}",
        "doi": f"https://doi.org/{doi}" if doi else None,
        "title": title,
        "publication_year": more.pop("year", None),
        "publication_date": more.pop("date", None),
        "type": "article",
        "cited_by_count": more.pop("citations", 0),
        "primary_location": place,
        "authorships": [{"author": {"display_name": name}} for name in more.pop("authors", ())],
        "abstract_inverted_index": {word: [n for n, w in enumerate(abstract) if w == word] for word in abstract},
        "referenced_works": [f"https://openalex.org/{cited}" for cited in more.pop("cites", ())],
        **more,
    }


def made(query: str, number: int) -> Work:
    """Return one of the works that do not exist and that a search finds; two searches share two of five."""
    own = 0 if number % 5 in (0, 2) else zlib.crc32(query.lower().encode()) % 300 * 1000
    n = 1000 + own + number
    return work(
        f"W{n}",
        f"Unsupervised anomaly detection in imaginary brain MRI, part {n} of a series that nobody wrote",
        f"10.1000/made.{n}",
        year=2015 + n % 8,
        date=f"{2015 + n % 8}-03-01",
        authors=[f"A. Nobody{n % 13}", "B. Noone"],
        venue="Journal of Imaginary Radiology",
        abstract="We look for what was never there in images of nobody",
    )


@dataclass
class OpenAlexServer:
    """The server, while it runs."""

    url: str = ""
    #: What it knows.
    works: list[Work] = field(default_factory=list)
    #: Hits of every search that is not for titles.
    total: int = 1240
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    plan: Plan = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)

    def behave(self, plan: Plan) -> None:
        """Answer as planned, by the number of the request from now on."""
        self.paths.clear()
        self.headers.clear()
        self.plan = plan

    def behaviour(self, number: int) -> str:
        """Return how a request is answered."""
        return self.plan(number) if callable(self.plan) else self.plan.get(number, "ok")

    def answer(self, path: str) -> tuple[int, Any]:
        """Return the status and the JSON that answer a request."""
        parts = urlsplit(path)
        if parts.path.startswith("/works/"):
            name = unquote(parts.path.removeprefix("/works/"))
            found = next((w for w in self.works if name in _names(w)), None)
            return (200, found) if found else (404, {"error": "Not Found"})
        asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
        size, cursor = int(asked.get("per_page", 25)), asked.get("cursor", "*")
        start = 0 if cursor == "*" else int(cursor.removeprefix("c"))
        kind, _, value = asked.get("filter", "").partition(":")
        if asked.get("search"):
            found = [made(asked["search"], n) for n in range(start, min(start + size, self.total))]
            total = self.total
        else:
            every = list(filter(_FILTERS[kind](value, self.works), self.works))
            found, total = every[start : start + size], len(every)
        after = f"c{start + size}" if found else None
        return 200, {"meta": {"count": total, "next_cursor": after}, "results": found}


def _names(shown: Work) -> tuple[str, ...]:
    return shown["id"].rpartition("/")[2], f"doi:{str(shown['doi']).removeprefix('https://doi.org/')}"


def _by_doi(value: str, _: list[Work]) -> Callable[[Work], bool]:
    asked = {f"doi:{name}" for name in value.split("|")}
    return lambda shown: bool(asked & set(_names(shown)))


def _by_title(value: str, _: list[Work]) -> Callable[[Work], bool]:
    return lambda shown: set(words(value)) <= set(words(shown["title"] or ""))


def _citing(value: str, _: list[Work]) -> Callable[[Work], bool]:
    return lambda shown: f"https://openalex.org/{value}" in shown["referenced_works"]


def _cited_by(value: str, works: list[Work]) -> Callable[[Work], bool]:
    cited = {cited for shown in works if value in _names(shown) for cited in shown["referenced_works"]}
    return lambda shown: shown["id"] in cited


_FILTERS = {"doi": _by_doi, "title.search": _by_title, "cites": _citing, "cited_by": _cited_by}


@contextmanager
def serving() -> Iterator[OpenAlexServer]:
    """Run a server as long as the block."""
    server = OpenAlexServer()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            """Say nothing: the requests are kept."""

        def do_GET(self) -> None:
            server.paths.append(self.path)
            server.headers.append(dict(self.headers))
            how = server.behaviour(len(server.paths))
            if how == "closed":
                return
            if how == "silence":
                server.stopping.wait(60)
                return
            status, said, headers = _BEHAVIOURS.get(how, lambda s, p: (*s.answer(p), {}))(server, self.path)
            body = said if isinstance(said, bytes) else json.dumps(said).encode()
            with suppress(ConnectionError):
                self.send_response(status)
                for name, value in {"content-length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    server.url = f"http://127.0.0.1:{listener.server_port}"
    thread = threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        listener.shutdown()
        listener.server_close()
        thread.join()


_SPENT = {"x-ratelimit-remaining": "0", "retry-after": "7200"}
#: Status, body and headers.
_BEHAVIOURS: dict[str, Callable[[OpenAlexServer, str], tuple[int, Any, dict[str, str]]]] = {
    "429": lambda *_: (429, {"error": "Rate limit exceeded", "message": "Too many requests"}, {}),
    "429 spent": lambda *_: (429, {"message": "Daily budget used"}, _SPENT),
    "429 later": lambda *_: (429, {"message": "Slow down"}, {"retry-after": "0"}),
    "403": lambda *_: (403, {"message": "Invalid key sk-secret"}, {}),
    "500": lambda *_: (500, b"<html>broken</html>", {}),
    "503": lambda *_: (503, b"", {}),
    "400": lambda *_: (400, {"message": "Invalid query parameter"}, {}),
    "not json": lambda *_: (200, b"<html>hello</html>", {}),
    "a list": lambda *_: (200, [], {}),
    "no results": lambda *_: (200, {"meta": {"count": 1}}, {}),
    "truncated": lambda s, p: (200, json.dumps(s.answer(p)[1]).encode()[:-20], {}),
    "to elsewhere": lambda *_: (301, b"", {"location": "https://example.org/works/W1"}),
    "to W2": lambda s, _: (301, b"", {"location": f"{s.url}/works/W2"}),
}
