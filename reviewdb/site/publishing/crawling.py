"""Following the links of the site, asked inside this process, from its first page to every page that is published."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from reviewdb.errors import ReviewError
from reviewdb.site.publishing import naming, rewriting
from reviewdb.site.publishing.rules import HOME, HOST, INDEX, SEARCH, Address, Kind, Rules

if TYPE_CHECKING:
    from datasette.app import Datasette

_HTML = "text/html"
_OK, _MISSING = 200, 404
_REDIRECTS = (301, 302, 303, 307, 308)
#: An address that no page of a review has.
NOWHERE = Address("/-/nothing")
#: Where the crawl begins. All else is found by following links.
_BEGINNINGS = (HOME, Address(SEARCH), Address(INDEX), NOWHERE)
_IN_FEED = re.compile(rf'{re.escape(HOST)}/[^\s"\'<>]*')

#: Told how many pages are done, how many are known of so far, and which is next.
Tell = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the site answered: `stored` is the file that holds the body until all are known."""

    address: Address
    kind: Kind
    #: The number of a page of a list.
    page: int = 1
    type: str = ""
    stored: Path = Path()

    @property
    def is_html(self) -> bool:
        """Whether it is a page to read."""
        return self.type == _HTML

    @property
    def is_feed(self) -> bool:
        """Whether it is a feed."""
        return self.type in ("application/atom+xml", "application/rss+xml", "application/xml", "text/xml")


@dataclass(slots=True)
class Crawl:
    """All that was found: answers in order, addresses that lead to others, links that are not published."""

    answers: dict[Address, Answer] = field(default_factory=dict)
    aliases: dict[Address, Address] = field(default_factory=dict)
    missing: set[Address] = field(default_factory=set)
    left: dict[Address, Kind] = field(default_factory=dict)

    def files(self) -> dict[Address, str]:
        """Return the name of the file of every answer; a page that has a shorter address is named by that."""
        short: dict[Address, Address] = {}
        for alias, to in sorted(self.aliases.items(), key=lambda pair: (len(pair[0].path), pair[0].path)):
            if not to.pairs:
                short.setdefault(to, alias)
        names = {at: naming.file_of(short.get(at, at), answer.kind, answer.page) for at, answer in self.answers.items()}
        names[NOWHERE] = "404.html"
        return naming.apart(names)

    def counts(self) -> Counter[Kind]:
        """Return how many addresses became of each kind, those left out among them."""
        return Counter([answer.kind for answer in self.answers.values()] + list(self.left.values()))


async def crawl(datasette: Datasette, rules: Rules, folder: Path, tell: Tell) -> Crawl:
    """Ask for every page that is published, and store the answers in `folder`.

    Raises ReviewError where a page fails that a link of the site leads to.
    """
    found = Crawl()
    queue: list[tuple[Address, Kind, int]] = [(at, Kind.PAGE, 1) for at in _BEGINNINGS]
    known = set(_BEGINNINGS)
    for at, kind, page in queue:  # grows as links are found
        tell(len(found.answers), len(queue), at.path)
        for to in await _ask(datasette, rules, found, folder, Answer(at, kind, page=page)):
            becomes = rules.kind(to, at)
            if to in known:
                continue
            if becomes.is_published:
                known.add(to)
                queue.append((to, becomes, _number(at, page, to)))
                found.left.pop(to, None)
            else:
                found.left[to] = becomes
    tell(len(found.answers), len(queue), "")
    return found


async def _ask(datasette: Datasette, rules: Rules, found: Crawl, folder: Path, asked: Answer) -> list[Address]:
    """Ask for one page, note what comes, and return where it leads."""
    at = asked.address
    response = await datasette.client.get(at.url)
    if response.status_code in _REDIRECTS:
        led = rules.led(at, response.headers["location"])
        if led is None or not rules.kind(led[0], at).is_published:
            return []
        found.aliases[at] = led[0]
        return [led[0]]
    if response.status_code == (_MISSING if at == NOWHERE else _OK):
        type_ = response.headers.get("content-type", "").partition(";")[0]
        stored = folder / str(len(found.answers))
        stored.write_bytes(response.content)
        kind = asked.kind if type_ == _HTML else Kind.FILE
        answer = found.answers[at] = replace(asked, kind=kind, type=type_, stored=stored)
        return list(_leads(rules, answer, response.text)) if answer.is_html or answer.is_feed else []
    if response.status_code == _MISSING:
        found.missing.add(at)
        return []
    raise ReviewError(
        f"the page {at.url} cannot be made: the site answers {response.status_code}.",
        "Look at it in reviewdb serve, mend it, then publish again. Nothing was published.",
    )


def _leads(rules: Rules, answer: Answer, text: str) -> Iterable[Address]:
    hrefs = rewriting.links(text) if answer.is_html else _IN_FEED.findall(text)
    led = dict.fromkeys(rules.led(answer.address, href) for href in hrefs)
    return dict.fromkeys(to for to, _ in filter(None, led))


def _number(at: Address, page: int, to: Address) -> int:
    """Return the number of a page of a list: as its address says, or the next where another page of it leads there."""
    if not to.place:
        return 1
    said = dict(to.pairs).get("_page", "")
    if said.isdecimal():
        return int(said)
    return page + 1 if (at.path, at.choices) == (to.path, to.choices) else 1
