"""The list of papers: those that a reader chose, in order and page by page, and what else there is to choose."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from reviewdb.site import catalogue, charts, choosing, chosen, faceting, links, papers, ranges, searching, spelling
from reviewdb.site.about import About, Question
from reviewdb.site.catalogue import CITED, CODED, NEWEST, OLDEST, SUGGESTED, TITLE, Catalogue, Papers
from reviewdb.site.choosing import Code, Wanted
from reviewdb.site.faceting import Count, Facet
from reviewdb.site.keeping import Kept
from reviewdb.site.links import Pair
from reviewdb.site.searching import Hits, Marked

#: Papers on a page, and pages that are linked on each side of the one at hand.
SIZE, _BESIDE = 20, 2
_YEARS_HIGH, _YEARS_LABELLED, _LONGEST_SPAN = 56, 7, 60
_ORDERS = {NEWEST: "newest first", OLDEST: "oldest first", CITED: "most cited", TITLE: "by title"}


@dataclass(frozen=True, slots=True)
class Order:
    """A way to sort the list."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page of the list; without a number, pages left out."""

    number: int
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Way:
    """A way out where nothing was found: what it is, the words or codes of it, and where it leads."""

    label: str
    words: str
    url: str
    papers: int


@dataclass(frozen=True, slots=True)
class Listing:
    """What the page of papers shows; `total` counts the selection, `all` every paper of the review."""

    wanted: Wanted
    total: int
    all: int
    cards: Sequence[papers.Card]
    marked: dict[str, Marked]
    choices: Sequence[chosen.Choice]
    clear_url: str
    orders: Sequence[Order]
    statuses: Sequence[tuple[str, Count]]
    years: charts.Chart
    undated: int
    facets: Sequence[Facet]
    numbers: Sequence[ranges.Range]
    #: What a new search, and other years, keep of the address.
    kept: Sequence[Pair]
    kept_by_years: Sequence[Pair]
    pages: Sequence[Leaf]
    first: int
    previous_url: str
    next_url: str
    selection: str
    meant: Way | None
    ways: Sequence[Way]


@dataclass(frozen=True, slots=True)
class _Shelf:
    """The papers that a search found, from which the rest is chosen."""

    of: Catalogue
    hits: Hits | None
    wanted: Wanted
    path: str

    @property
    def found(self) -> Papers:
        return self.hits.papers if self.hits else self.of.every

    def chosen(self, wanted: Wanted | None = None, apart_from: str = "") -> Papers:
        return (wanted or self.wanted).papers(self.of, self.found, apart_from=apart_from)

    def in_order(self) -> Iterator[int]:
        """Yield the places of what was chosen in the order asked for."""
        ranked = self.hits.ranked if self.hits and not self.wanted.order else None
        order = self.of.orders.get(self.wanted.order, self.of.orders[NEWEST]) if ranked is None else ranked
        chosen = self.chosen()
        return iter(order) if chosen == self.of.every else catalogue.inside(chosen, order, len(self.of.ids))


def _shelf(connection: sqlite3.Connection, kept: Kept, wanted: Wanted, path: str) -> _Shelf:
    of = catalogue.of(connection, kept)
    return _Shelf(of, searching.hits(connection, kept, of, wanted.search), wanted, path)


def ids(connection: sqlite3.Connection, kept: Kept, wanted: Wanted) -> list[str]:
    """Return the ids of all papers that are wanted, in order."""
    shelf = _shelf(connection, kept, wanted, "")
    return [shelf.of.ids[place] for place in shelf.in_order()]


def read(connection: sqlite3.Connection, about: About, kept: Kept, wanted: Wanted, path: str) -> Listing:
    """Return the page of papers that is wanted; `path` is that of the list."""
    shelf = _shelf(connection, kept, wanted, path)
    total = shelf.chosen().bit_count()
    last = max(-(-total // SIZE), 1)
    page = min(max(wanted.page, 1), last)
    first = (page - 1) * SIZE
    shown = [shelf.of.ids[place] for place in islice(shelf.in_order(), first, first + SIZE)]

    def leaf(number: int) -> str:
        return replace(wanted, page=number).address(path) if 1 <= number <= last else ""

    years = shelf.chosen(apart_from="year")
    meant = None
    if wanted.search and not total:
        meant = _meant(connection, kept, shelf)
    return Listing(
        wanted=wanted,
        total=total,
        all=len(shelf.of.ids),
        cards=papers.cards(connection, about, shown, path),
        marked=searching.marked(connection, wanted.search, shown) if wanted.search else {},
        choices=chosen.choices(about, wanted, path),
        clear_url=Wanted(order=wanted.order).address(path),
        orders=_orders(shelf.of, wanted, path),
        statuses=_statuses(shelf),
        years=charts.columns(_bars(shelf, years), _YEARS_HIGH, _YEARS_LABELLED),
        undated=(shelf.of.years.get(None, 0) & years).bit_count(),
        facets=_facets(about, shelf),
        numbers=ranges.of(about, shelf.of, shelf.chosen()),
        kept=replace(wanted, search="").pairs(),
        kept_by_years=replace(wanted, first=None, last=None).pairs(),
        pages=[Leaf(n, leaf(n), n == page) for n in _numbers(page, last)] if last > 1 else [],
        first=first + 1,
        previous_url=leaf(page - 1),
        next_url=leaf(page + 1),
        selection=links.address("", wanted.pairs()).removeprefix("?"),
        meant=meant,
        ways=[] if total else list(_ways(connection, about, kept, shelf)),
    )


def _numbers(page: int, last: int) -> list[int]:
    """Return the pages to link: the ends, those beside this one, and 0 for each gap."""
    near = sorted({1, last, *range(max(page - _BESIDE, 1), min(page + _BESIDE, last) + 1)})
    found: list[int] = []
    for number in near:
        found += [0] if found and number > found[-1] + 1 else []
        found.append(number)
    return found


def _facets(about: About, shelf: _Shelf) -> list[Facet]:
    return [found for question in about.facets if (found := _facet(question, shelf))]


def _facet(question: Question, shelf: _Shelf) -> Facet | None:
    # Within a facet, codes are joined by OR: what another one adds is counted without those chosen already.
    among = shelf.chosen(apart_from=question.id)

    def count(column: str, code: str, number: int) -> Count:
        one = Code(question, code, CODED if column == question.column else SUGGESTED)
        selected = one in shelf.wanted.codes
        # Half of the codes are on no paper of a list, and an address takes longer than to count.
        url = shelf.wanted.toggled(one).address(shelf.path) if number or selected else ""
        return Count(number, url, selected=selected)

    coded, suggested = (
        {code: (among & shelf.of.carrying(question.id, code, standing)).bit_count() for code in question.codes}
        for standing in (CODED, SUGGESTED)
    )
    return faceting.counted(question, coded, suggested, faceting.coverage(shelf.of, question.id, among), count)


def _statuses(shelf: _Shelf) -> list[tuple[str, Count]]:
    among = shelf.chosen(apart_from="status")
    found = []
    for status in choosing.STATUSES:
        number = (among & shelf.of.statuses.get(status, 0)).bit_count()
        selected = status in shelf.wanted.statuses
        if number or selected:
            url = shelf.wanted.with_status(status).address(shelf.path)
            found.append((status, Count(number, url, selected=selected)))
    return found


def _bars(shelf: _Shelf, among: Papers) -> list[charts.Bar]:
    """Return a bar for each year of the review, so that the chart keeps its place whatever is chosen."""
    wanted = shelf.wanted
    years = sorted(year for year in shelf.of.years if year is not None)
    if years and years[-1] - years[0] <= _LONGEST_SPAN:
        years = list(range(years[0], years[-1] + 1))
    bars = []
    for year in years:
        number = (among & shelf.of.years.get(year, 0)).bit_count()
        inside = (wanted.first is None or year >= wanted.first) and (wanted.last is None or year <= wanted.last)
        ends = (None, None) if (wanted.first, wanted.last) == (year, year) else (year, year)
        url = replace(wanted, first=ends[0], last=ends[1], page=1).address(shelf.path)
        bars.append(charts.Bar(str(year), f"’{year % 100:02}", number, number * inside, url))
    return bars


def _orders(of: Catalogue, wanted: Wanted, path: str) -> list[Order]:
    known = {order: label for order, label in _ORDERS.items() if order in of.orders}
    named = {"": "best match" if wanted.search else _ORDERS[NEWEST], **known}
    if not wanted.search:
        del named[NEWEST]
    current = wanted.order if wanted.order in named else ""
    return [
        Order(label, replace(wanted, order=order, page=1).address(path), order == current)
        for order, label in named.items()
    ]


def _count(connection: sqlite3.Connection, kept: Kept, shelf: _Shelf, wanted: Wanted) -> int:
    return wanted.papers(shelf.of, searching.among(connection, kept, shelf.of, wanted.search)).bit_count()


def _meant(connection: sqlite3.Connection, kept: Kept, shelf: _Shelf) -> Way | None:
    """Return the search that was probably meant; without the filters where nothing is left by them."""
    typed = shelf.wanted.search
    known = spelling.vocabulary(connection, kept)
    for search in kept.words.lately(connection, "meant", typed, lambda: spelling.meant(connection, typed, known)):
        for asked in (replace(shelf.wanted, search=search, page=1), Wanted(search=search)):
            if number := _count(connection, kept, shelf, asked):
                return Way("Did you mean", search, asked.address(shelf.path), number)
    return None


def _ways(connection: sqlite3.Connection, about: About, kept: Kept, shelf: _Shelf) -> Iterator[Way]:
    """Yield what may be tried where nothing was found, each with what it would find."""
    wanted = replace(shelf.wanted, page=1)
    tries: list[tuple[str, str, Wanted]] = []
    if wanted.is_filtered and wanted.search:
        tries.append(("The same words, without filters:", wanted.search, wanted.without_filters()))
    for code in wanted.codes:
        if code.standing == CODED and code.question.suggested_column:
            also = Code(code.question, code.code, SUGGESTED)
            label = "Papers where a rule suggests it, too:"
            tries.append(
                (label, about.full_label(code.question, code.code), replace(wanted, codes=(*wanted.codes, also)))
            )
    if len(wanted.pairs()) > 1:
        tries += [("Without", chosen.in_words(about, code), wanted.toggled(code)) for code in wanted.codes]
        if years := chosen.years_in_words(wanted):
            tries.append(("Without", years, replace(wanted, first=None, last=None)))
        tries += [("Without", status, wanted.with_status(status)) for status in wanted.statuses]
    for one in searching.attempts(connection, wanted.search) if wanted.search else ():
        tries.append((f"{one.label.capitalize()}:", one.search, Wanted(search=one.search)))
    offered: set[str] = set()
    for label, words, asked in tries:
        url = asked.address(shelf.path)
        number = 0 if url in offered else _count(connection, kept, shelf, asked)
        if number:
            offered.add(url)
            yield Way(label, words, url, number)
