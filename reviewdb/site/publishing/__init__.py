"""Publishing: the whole site as files, made by asking the site itself for every page and writing what it answers."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from datasette.app import DEFAULT_SETTINGS

from reviewdb import __version__, build, database
from reviewdb.errors import ReviewError
from reviewdb.folder import Review
from reviewdb.site import about, describing, links, serving
from reviewdb.site.publishing import crawling, naming, placing, rewriting
from reviewdb.site.publishing.crawling import NOWHERE, Crawl, Tell
from reviewdb.site.publishing.rules import HOME, HOST, SEARCH, Address, Kind, Rules

#: In a review of more records, these have no pages of their own, and lists by a choice have their first page only: the
#: files would be many times as many as there are papers.
_MOST_RECORDS = 1000
#: Nobody waits for a page: what a running site would stop or leave out is made, and is the same on every machine.
_PATIENT = {"sql_time_limit_ms": 60_000, "facet_time_limit_ms": 60_000}
#: Seconds that a browser may keep a page of the published database, which stands still.
_CACHED = 300
_DATABASE = "review.db"


@dataclass(frozen=True, slots=True)
class Published:
    """What was published: how many pages and other files, of how many bytes, and what became of other addresses."""

    pages: int
    others: int
    bytes: int
    seconds: float
    searched: int
    left_out: int
    missing: tuple[str, ...]
    kept: int


def publish(
    at: Review,
    folder: Path,
    *,
    url: str = "",
    whole: bool = True,
    force: bool = False,
    tell: Tell = lambda *_: None,
) -> Published:
    """Write the site of a review into a folder, all of it or nothing.

    Args:
        at: the review; it is built anew from its text.
        folder: where to; made where there is none, replaced where only publishing wrote there.
        url: where the site will lie, for what needs whole addresses: feeds, and the page for what is not there.
        whole: whether to publish the database as well, to be taken and for `datasette publish`.
        force: keep files of others in the folder beside the site, instead of refusing.
        tell: told of pages done and known, and, before, what goes on.

    Raises:
        BadReviewError: the text has problems.
        ReviewError: nothing may be written there, or a page cannot be made; the folder is as it was.

    """
    begun = time.monotonic()
    target = placing.check(at, folder)
    _check(url)
    kept = placing.foreign(target)
    if not force:
        placing.refuse(folder, kept)
    with placing.beside(target) as work:
        site, raw = work / "site", work / "raw"
        site.mkdir()
        raw.mkdir()
        database_file = work / _DATABASE
        build.write(at, database_file, lambda doing: tell(0, 1, doing))
        rules, crawl = asyncio.run(_crawl(database_file, raw, tell, whole=whole))
        _Writer(rules, crawl, crawl.files(), url).write(site)
        if whole:
            _write_settings(site, database_file)
        size = sum(path.stat().st_size for path in site.rglob("*") if path.is_file())
        count = sum(path.is_file() for path in site.rglob("*"))
        placing.swap(site, target, kept, work / "former")
    pages = sum(answer.is_html for answer in crawl.answers.values())
    counts = crawl.counts()
    missing = tuple(sorted(at.url for at in crawl.missing))
    seconds = time.monotonic() - begun
    return Published(pages, count - pages, size, seconds, counts[Kind.SEARCH], counts[Kind.NONE], missing, len(kept))


def _check(url: str) -> None:
    parts = urlsplit(url)
    if url and (parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment):
        raise ReviewError(f"{url} is no address of a site.", "Give one such as https://example.org/review/")


async def _crawl(database_file: Path, raw: Path, tell: Tell, *, whole: bool) -> tuple[Rules, Crawl]:
    datasette = serving.app(database_file, settings={**_PATIENT, "allow_download": whole}, published=True)
    try:
        await datasette.invoke_startup()
        rules = await _rules(datasette, whole=whole)
        return rules, await crawling.crawl(datasette, rules, raw, tell)
    finally:
        serving.close(datasette)


async def _rules(datasette: Any, *, whole: bool) -> Rules:  # noqa: ANN401 - Datasette has no types
    found = await about.find(datasette)
    if found is None:
        raise ReviewError("The database that was built is none of a review.", "Please report this.")
    served = datasette.get_database(found.database)
    small = (await served.execute("SELECT count(*) FROM records")).single_value() <= _MOST_RECORDS
    return Rules(
        database=found.database,
        tables=frozenset([*describing.tables(), *await served.table_names(), *await served.view_names()]),
        rows=frozenset(["searches", "records"] if small else ["searches"]),
        columns=frozenset(c for q in found.facets for c in (q.column, q.suggested_column) if c),
        small=small,
        whole=whole,
    )


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes what was found: `names` are those of the files."""

    rules: Rules
    crawl: Crawl
    names: Mapping[Address, str]
    url: str

    def write(self, site: Path) -> None:
        for at, answer in self.crawl.answers.items():
            file = site / self.names[at]
            file.parent.mkdir(parents=True, exist_ok=True)
            content = answer.stored.read_bytes()
            # The page for what is not there is shown at any address, so its links cannot begin at its own.
            url = self.url if answer.is_feed or at == NOWHERE else ""
            if answer.is_html:
                resolve, send = partial(self._resolve, at, url), partial(self._send, at, url)
                content = rewriting.html(content.decode(), resolve, send).encode()
            elif answer.is_feed:
                content = rewriting.feed(content.decode(), HOST, partial(self._resolve, at, url)).encode()
            file.write_bytes(content)
            answer.stored.unlink()

    def _link(self, at: Address, url: str, to: Address, fragment: str = "") -> str:
        """Return the link to a page: whole with a `url`, else relative to the file at hand."""
        if url:
            return f"{url.rstrip('/')}/{naming.relative(self.names[to], self.names[HOME], fragment)}"
        return naming.relative(self.names[to], self.names[at], fragment)

    def _resolve(self, at: Address, url: str, href: str) -> str | None:
        led = self.rules.led(at, href)
        if led is None:
            return href
        to, fragment = led
        if to == at and fragment:
            return f"#{fragment}"
        to = self.crawl.aliases.get(to, to)
        if to in self.names:
            return self._link(at, url, to, fragment)
        if self.rules.kind(to, at) is Kind.SEARCH:
            return links.address(self._link(at, url, Address(SEARCH)), to.pairs)
        return None

    def _send(self, at: Address, url: str, action: str) -> str | None:
        """Return where a form is sent to: what chooses papers, to the page of search."""
        led = self.rules.led(at, action)
        return self._link(at, url, Address(SEARCH)) if led and led[0].path == self.rules.papers else None


def _write_settings(site: Path, database_file: Path) -> None:
    """Write what `datasette publish` needs beside the database, and how to run it."""
    with closing(database.reader(database_file)) as connection:
        title, source = (_said(connection, key) for key in ("title", "url"))
    database_file.replace(site / _DATABASE)
    # Only a later Datasette knows some of them, and this one refuses to start with them in a file.
    settings = {n: v for n, v in serving.SETTINGS.items() if n in DEFAULT_SETTINGS} | {"default_cache_ttl": _CACHED}
    metadata = {"title": title or "A literature review", **({"source_url": source} if links.web(source) else {})}
    for name, values in (("settings.json", settings), ("metadata.json", metadata)):
        (site / name).write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8", newline="")
    options = " ".join(f"--setting {name} {int(value)}" for name, value in settings.items())
    text = (files("reviewdb.site") / "publishing" / "README.txt").read_text(encoding="utf-8")
    (site / "README.txt").write_text(
        text.replace("VERSION", __version__).replace("OPTIONS", options), encoding="utf-8", newline=""
    )


def _said(connection: sqlite3.Connection, key: str) -> str:
    found = connection.execute("SELECT value FROM protocol WHERE key = ?", [key]).fetchone()
    return found[0] if found else ""
