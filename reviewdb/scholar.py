"""Google Scholar: asked at the address that scholarly builds, and read row by row with scholarly's parser.

What lies between is ours. Left to itself, scholarly asks again and again where it is refused, starts a browser for a
captcha, and takes a page that it does not know for one without hits. Here a page is one request, and what comes is
one of four things: hits, no hits, a refusal (BlockedError), or a page that is none of these (ChangedError).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from reviewdb import hits, web
from reviewdb.errors import BlockedError, ChangedError, ReviewError
from reviewdb.model import Fetched
from reviewdb.text import clean

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

URL = "REVIEWDB_SCHOLAR_URL"
_HOME = "https://scholar.google.com"
# The same for every request: nobody changes browsers between two pages, and telephones are given other pages.
_HEADERS = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en-US,en;q=0.5",
}
_SIZE = 10
_OK = 200
_MOVED, _ERRORS, _SERVER_ERRORS = range(300, 400), range(400, 600), range(500, 600)
_REFUSALS = {403: "403, forbidden", 429: "429, too many requests"}
# A page of ten hits has some 150,000 characters, most of them styles and scripts, and less than 1,000 tags.
_LONGEST, _MOST_TAGS, _MOST_ROWS = 2_000_000, 20_000, 100
_HEAD = 4096

_TRAFFIC = "sees unusual traffic from your network"
# What stands only on a page that wants something before it answers, and what it wants.
_BARRIERS = {
    'form[action*="//consent."]': "asks for consent to cookies",
    "#gs_captcha_f, #gs_captcha_ccl": "asks for a captcha",
    "#captcha-form, #recaptcha, .g-recaptcha, .rc-doscaptcha-body": "asks for a captcha",
    'body[onload*="solveSimpleChallenge"]': "asks for a captcha",
}
_BARRIER_HOSTS = {"consent.": "asks for consent to cookies", "accounts.": "asks us to sign in"}
# These could be words of a hit as well: they only count where there is none.
_SORRY = re.compile(r"unusual traffic|not a robot|g-recaptcha|captcha-form|gs_captcha", re.IGNORECASE)
_EMPTY = re.compile(r"did not match any articles", re.IGNORECASE)

_ROWS = "div.gs_r.gs_or"
# It stands beside the dashes that part authors, venue and host.
_NO_BREAK = re.compile("\xa0|&nbsp;|&#160;|&#xa0;", re.IGNORECASE)
_SCHOLAR_MARK = re.compile(r"""\bid\s*=\s*["']?gs_(?:res_ccl|res_glb|captcha_ccl|captcha_f)\b""")
_SAVED_FROM = re.compile(r"<!-- saved from url=\(\d+\)(\S+) -->")

_HELP = "Blocks go by network: most end within a day, and another network may be let in at once."
_LOOK = "Look at Scholar in a browser."
_REPORT = f"{_LOOK} If its pages look otherwise now, please report it, with the page that came."


def version() -> str:
    """Return the name and version of what asks, besides reviewdb."""
    return f"scholarly {metadata.version('scholarly')}"


class Scholar:
    """Google Scholar, asked for a page at a time and by one request each; who asks has to keep the pace."""

    name = "scholar"
    paced = False

    def __init__(self, base: str = "", seconds: float = web.SECONDS) -> None:
        """Make the client; `base` comes from REVIEWDB_SCHOLAR_URL by default. Raises ReviewError for a wrong one."""
        self.version = version()
        self.parameters: Mapping[str, Any] = {"patents": False, "language": "en"}
        self._base = _address(base or os.environ.get(URL, "") or _HOME)
        self._client = web.Client(_HEADERS, seconds)

    def page(self, query: str, next_: str, size: int, rank: int) -> Fetched:
        """Return the page that begins after `next_` hits (text; empty: the first page), ranked from `rank`.

        Raises BlockedError where Scholar refuses for now, ChangedError where what comes is no page of hits, and
        ReviewError for all else that can go wrong.
        """
        if size != _SIZE:
            what = f"Google Scholar gives {_SIZE} hits a page, not {size}."
            raise ReviewError(what, f"Write page_size = {_SIZE} into data/protocol.toml, under [search].")
        if next_ and not (next_.isascii() and next_.isdigit()):
            raise ReviewError(f"{next_!r} is not where a page of Google Scholar begins.", "Make the search anew.")
        start = int(next_ or 0)
        answer = self._client.get(self._base + _path(query, start))
        return _fetched(_page(answer.url, _text(answer), answer.body), start, rank)


def is_results(text: str) -> bool:
    """Say whether a file could be a page of Google Scholar that a browser saved: hits, none, or a refusal."""
    return "gs_" in text and _is_html(text) and bool(_SCHOLAR_MARK.search(text))


def saved(text: str) -> tuple[str, Fetched]:
    """Return what was searched for on a page that a browser saved, and the page as `Scholar.page` gives it.

    Raises BlockedError and ChangedError as that does.
    """
    noted = _SAVED_FROM.search(text[:_HEAD])
    page = _page(noted[1] if noted else "", text, text.encode(errors="replace"))
    box = page.soup.select_one("#gs_hdr_tsi, input[name=q]")
    row = page.soup.select_one(f"{_ROWS}[data-rp]")
    # Where the browser did not note the address, the place of the first row is known from its number.
    start = hits.start(page.url) or hits.number(str(row["data-rp"]) if row else "") or 0
    return clean(str(box.get("value") or "")) if box else "", _fetched(page, start, start + 1)


def _address(base: str) -> str:
    try:
        parts = urlsplit(base)
        good = parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment)
        good = good and parts.port != 0 and base.isascii() and base.isprintable() and " " not in base
    except ValueError:
        good = False
    if not good:
        raise ReviewError(f"{URL} is not the address of a service.", f"Write it as {_HOME}")
    return base.rstrip("/")


def _path(query: str, start: int) -> str:
    """Return path and query of the address at which scholarly looks for `query`."""
    scholarly = hits.library()
    asked: list[str] = []

    def note(url: str) -> str:
        asked.append(url)
        return ""

    navigator = scholarly._navigator.Navigator()  # noqa: SLF001 - of which there is only one
    # It tells an address to nobody but what fetches the page. An empty page is no harm: nobody looks at it.
    navigator._get_page = note  # noqa: SLF001 - as above
    try:
        scholarly.scholarly.search_pubs(query, patents=False, start_index=start)
    finally:
        del navigator._get_page  # noqa: SLF001 - as above
    return asked[0].removeprefix(_HOME)


def _text(answer: web.Answer) -> str:
    """Return the text of an answer that is a page. Raises what each other answer is."""
    status = answer.status
    if status in _MOVED:
        raise _sent_on(answer.url, answer.headers.get("location", ""))
    if status in _REFUSALS:
        raise BlockedError(f"Google Scholar refuses to answer ({_REFUSALS[status]}).", _HELP)
    if status in _ERRORS and _SORRY.search(answer.text):
        raise BlockedError(f"Google Scholar {_TRAFFIC} ({status}).", _HELP)
    if status in _SERVER_ERRORS:
        raise ReviewError(f"Google Scholar is out of order ({status}).", "Try again in some minutes.")
    if status != _OK:
        raise ReviewError(f"Google Scholar does not take the question ({status}).", f"Check {URL}, if it is set.")
    if answer.damaged:
        raise _changed("its letters are damaged, as they are in another charset than it says", answer.body)
    return answer.text


def _sent_on(url: str, location: str) -> ReviewError:
    try:
        here, there = urlsplit(url), urlsplit(urljoin(url, location))
    except ValueError:
        return ReviewError("Google Scholar sends us on to what is no address.", _LOOK)
    host = clean(there.netloc.rpartition("@")[2])
    if there.path.startswith("/sorry"):
        return BlockedError(f"Google Scholar {_TRAFFIC}: it sends us to {host}/sorry.", _HELP)
    for begin, what in _BARRIER_HOSTS.items():
        if host.startswith(begin):
            return BlockedError(f"Google Scholar {what}: it sends us to {host}.", _HELP)
    if there[:2] == here[:2]:
        return ReviewError(f"Google Scholar sends us on to another of its pages: {there.path}.", _LOOK)
    return ReviewError(f"Google Scholar sends us on to {host}.", f"Where that is right: {URL}={there.scheme}://{host}")


@dataclass(frozen=True, slots=True)
class _Page:
    """A whole page: where it is from, as it came, and as it is read."""

    url: str
    raw: bytes
    soup: BeautifulSoup


def _page(url: str, text: str, raw: bytes) -> _Page:
    """Parse a page, with the parser that scholarly uses. Raises BlockedError where it wants something first."""
    from bs4 import BeautifulSoup  # noqa: PLC0415 - slow to import, as scholarly is
    from bs4.exceptions import ParserRejectedMarkup  # noqa: PLC0415 - as above

    if not _is_html(text):
        raise _changed("it is not HTML", raw)
    if len(text) > _LONGEST or text.count("<") > _MOST_TAGS:
        raise _changed("it is longer than a page of hits can be", raw)
    try:
        soup = BeautifulSoup(_NO_BREAK.sub(" ", text), "html.parser")
    except ParserRejectedMarkup as error:
        raise _changed("it is not HTML", raw) from error
    for mark, what in _BARRIERS.items():
        if soup.select_one(mark):
            raise BlockedError(f"Google Scholar {what}.", _HELP)
    if "</html>" not in text.lower():
        raise _changed("it is truncated", raw)
    return _Page(url, raw, soup)


def _is_html(text: str) -> bool:
    return "<html" in text[:_HEAD].lower()


def _changed(what: str, page: bytes) -> ChangedError:
    return ChangedError(f"Google Scholar's page is none that we know: {what}.", _REPORT, page=page)


def _fetched(page: _Page, start: int, rank: int) -> Fetched:
    """Return the hits of a page that begins after `start` of them, ranked from `rank`."""
    rows = page.soup.select(_ROWS, limit=_MOST_ROWS)
    for row in rows:
        # What is left is the frame, in which no word of a hit is taken for one of Scholar's.
        row.extract()
    if page.soup.select_one("[data-rp]"):
        raise _changed("its hits, or some of them, have another form", page.raw)
    total = hits.total(page.soup)
    if not rows:
        _check_empty(page, total)
        return Fetched(page.url, (), 0, "")
    read = hits.reader(page.soup, page.url or _HOME)
    try:
        found = tuple(read(row, number) for number, row in enumerate(rows, rank))
        return Fetched(page.url, found, total, hits.after(page.soup, start))
    except hits.FAULTS as error:
        raise _changed("one of its hits, or the link to the next page, cannot be read", page.raw) from error


def _check_empty(page: _Page, total: int | None) -> None:
    """Raise what a page without rows is, unless it says that there are no hits."""
    text = clean(page.soup.get_text(" "))
    if not total and _EMPTY.search(text):
        return
    if _SORRY.search(text):
        raise BlockedError(f"Google Scholar {_TRAFFIC}.", _HELP)
    raise _changed(f"it counts {total:,} hits and shows none" if total else "it says nothing of hits", page.raw)
