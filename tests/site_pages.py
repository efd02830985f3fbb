"""Pages of the site for tests: the site inside this process, the real server, and a reader of HTML."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from datasette.app import Datasette

from reviewdb.review import Review
from reviewdb.site import serving

#: One page of each kind.
PAGES = (
    "/",
    "/?map=method,year&codes=suggested&colour=recency",
    "/?map=modality,method&codes=suggested",
    "/methods",
    "/changes",
    "/worklists",
    "/review",
    "/review/papers",
    "/review/papers?_search=brain&modality__arraycontains=mri",
    "/review/papers?_search=zzzz",
    "/review/papers?status=included",
    "/review/papers/2021-mini-review-001",
    "/review/papers/2025-cited-by-015",
    "/review/records",
    "/review/records/2021-mini-review-001",
    "/review/decisions?_sort=coder",
    "/review/codes",
    "/review/table-1",
    "/review/modality-by-method",
    "/review/unconfirmed-suggestions",
    "/review?sql=select+*+from+studies",
)

#: What loads a resource; `a` only leads somewhere.
_LOADING = {"src", "srcset", "poster", "data"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the site answered."""

    status: int
    text: str
    headers: dict[str, str]


@dataclass
class Html(HTMLParser):
    """What a page holds: its elements with their attributes, and the texts of its table cells.

    How readers know a paper is told beside its key: it is no part of what a query gives, and none of a cell here.
    """

    text: str
    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    cells: list[list[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._in_cell = False
        self._in_name = 0
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag == "tr":
            self.cells.append([])
        if tag == "span" and (self._in_name or dict(attrs).get("class") == "named"):
            self._in_name += 1
        if tag in ("td", "th"):
            self.cells[-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._in_cell = False
        if tag == "span" and self._in_name:
            self._in_name -= 1

    def handle_data(self, data: str) -> None:
        if self._in_cell and not self._in_name:
            self.cells[-1][-1] += data

    def all(self, tag: str) -> list[dict[str, str]]:
        """Return the attributes of every element of one kind."""
        return [attributes for name, attributes in self.elements if name == tag]

    def links(self) -> list[str]:
        """Return where the page leads."""
        return [a["href"] for a in self.all("a") if "href" in a]

    def loaded(self) -> list[str]:
        """Return the addresses of what the page loads."""
        found = [value for _, attributes in self.elements for name, value in attributes.items() if name in _LOADING]
        return found + [link["href"] for link in self.all("link") if link.get("rel") != "alternate"]


class Site:
    """The site of a database inside this process."""

    def __init__(self, datasette: Datasette) -> None:
        self.datasette = datasette
        self._loop = asyncio.new_event_loop()
        self._loop.run_until_complete(datasette.invoke_startup())

    def get(self, path: str, method: str = "get", **more: Any) -> Answer:  # noqa: ANN401 - what httpx takes
        """Ask for a page."""
        client = self.datasette.client
        response = self._loop.run_until_complete(client.request(method, path, **more))
        return Answer(response.status_code, response.text, dict(response.headers))

    def json(self, path: str) -> Any:  # noqa: ANN401 - whatever JSON can say
        """Ask for JSON."""
        return json.loads(self.get(path).text)

    def html(self, path: str) -> Html:
        """Ask for a page that must be there."""
        answer = self.get(path)
        assert answer.status == 200, answer.text[-2000:]
        return Html(answer.text)

    def close(self) -> None:
        """Let go of threads and connections."""
        for name in list(self.datasette.databases):
            self.datasette.get_database(name).close()
        with warnings.catch_warnings():
            # Datasette leaves it to its threads to drop their connections to a database of its own.
            warnings.simplefilter("ignore", ResourceWarning)
            self.datasette.executor.shutdown()
        self._loop.close()


@contextmanager
def site(of: Path | Datasette) -> Iterator[Site]:
    """Open the site of a database, or any Datasette."""
    opened = Site(of if isinstance(of, Datasette) else serving.app(of))
    try:
        yield opened
    finally:
        opened.close()


class Server:
    """`reviewdb serve` as its users run it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._said: list[str] = []
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self.url = self.wait(lambda: re.search(r"http://[\w.:]+(?=/)", self.said)).group()

    @property
    def said(self) -> str:
        """What it said on stderr so far."""
        return "".join(self._said)

    def _listen(self) -> None:
        assert self._process.stderr
        with self._process.stderr as lines:
            for line in lines:
                self._said.append(line)

    def wait(self, condition: Callable[[], Any], seconds: float = 15) -> Any:  # noqa: ANN401 - what the condition gives
        """Return what a condition gives once it holds."""
        deadline = time.monotonic() + seconds
        while True:
            found = condition()
            if found:
                return found
            assert time.monotonic() < deadline, f"waited {seconds} seconds in vain; it said: {self.said}"
            assert self._process.poll() is None, f"it ended: {self.said}"
            time.sleep(0.05)

    def get(self, path: str) -> Answer:
        """Ask for a page."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as response:  # noqa: S310 - loopback, http
                return Answer(response.status, response.read().decode(), dict(response.headers))
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.read().decode(), dict(error.headers))

    def limit_files(self, most: int | None) -> None:
        """Let no file that it writes grow beyond so many bytes, as if the disk were full; None: as before."""
        import resource  # noqa: PLC0415 - Windows has none

        resource.prlimit(
            self._process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY if most is None else most, -1)
        )

    def interrupt(self) -> tuple[int, float]:
        """Press Ctrl-C; return the exit code and the seconds that it took."""
        begun = time.monotonic()
        self._process.send_signal(signal.SIGINT)
        code = self._process.wait(10)
        took = time.monotonic() - begun
        self._listener.join(5)
        return code, took


@contextmanager
def served(review: Review, *arguments: str, **environment: str) -> Iterator[Server]:
    """Run `reviewdb serve` on a free port."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("REVIEWDB_")} | environment
    command: Sequence[str] = [sys.executable, "-m", "reviewdb", "--review", str(review.root), "serve", "--port", "0"]
    with subprocess.Popen([*command, *arguments], stderr=subprocess.PIPE, text=True, env=outside) as process:
        try:
            yield Server(process)
        finally:
            process.kill()
