"""Which addresses of the site are published as files: a closed set, though those that lead out of it are endless.

Followed are all pages without a query or with a small one (a map by other facets), every paper, every page of the list
of papers as it is and by one choice (by several where the first page leads there, as the cells of its map do), the
searches and records that papers name, and what can be taken of all papers. Not followed: raw tables, SQL, Datasette's
own JSON and CSV, for which the database is there. A list by more choices is one that the page of search can make.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from reviewdb.site import links
from reviewdb.site.links import Pair

#: What stands for the host of a site that is asked inside this process.
HOST = "http://localhost"
#: The page that searches in the browser, and what it searches in.
SEARCH, INDEX = "/search", "/search-index.js"

#: Parameters that say where in a list a page begins, and those that ask for another order or shape of it.
PLACES = ("_next", "_page")
_SHAPES = ("_sort", "_sort_desc", "_size", "_shape", "_stream", "_dl", "_nofacet", "_nocount", "_nocol")
#: Orders that the page of search knows, and what it knows of papers besides codes.
_ORDERS = ("year", "title", "citations")
_SEARCHED = ("_search", "_code", "status", "status__in", "status__not", "year", "year__gte", "year__lte")
_ARRAY = "__arraycontains"
#: Pairs in the query of another page, such as a map by other facets: in a small review every such page, else the plain.
_MOST_PAIRS, _FEW_PAIRS = 3, 1
#: What only a running Datasette answers.
_OF_DATASETTE = (".json", ".csv", ".blob", ".db")


class Kind(Enum):
    """What becomes of a link."""

    PAGE = "a page"
    LIST = "a page of the list of papers"
    FILE = "a file"
    SEARCH = "left to the page of search"
    NONE = "left out"

    @property
    def is_published(self) -> bool:
        """Whether there is a file for it."""
        return self not in (Kind.SEARCH, Kind.NONE)


@dataclass(frozen=True, slots=True)
class Address:
    """An address of the site: its decoded path, and the names and values of its query in the order of their names."""

    path: str
    pairs: tuple[Pair, ...] = ()

    @property
    def url(self) -> str:
        """The address as the site is asked for it."""
        return links.address(self.path, self.pairs)

    @property
    def choices(self) -> tuple[Pair, ...]:
        """What of the query chooses rows."""
        return tuple(pair for pair in self.pairs if pair[0] not in (*PLACES, *_SHAPES))

    @property
    def place(self) -> str:
        """Where in a list the page begins; empty for its first page."""
        return next((value for name, value in self.pairs if name in PLACES), "")


HOME = Address("/")
#: The endings of addresses of references that each list of papers has.
REFERENCES = (".bibtex", ".ris")


@lru_cache(maxsize=65_536)
def _split(url: str) -> tuple[str, tuple[Pair, ...], str] | None:
    """Return the path, the pairs and the fragment of an address of the site; None where it is none."""
    parts = urlsplit(url)
    if f"{parts.scheme}://{parts.netloc}" != HOST:
        return None
    return unquote(parts.path) or "/", tuple(sorted(parse_qsl(parts.query, keep_blank_values=True))), parts.fragment


@dataclass(frozen=True, slots=True)
class Rules:
    """What is published of a review.

    Attributes:
        database: the name of its database on the site.
        tables: the names of its raw tables.
        rows: the tables whose rows are pages of their own.
        columns: the columns of papers that hold codes.
        small: whether there are so few papers that lists by a choice go on after their first page.
        whole: whether the database itself is published.

    """

    database: str
    tables: Collection[str]
    rows: Collection[str]
    columns: Collection[str]
    small: bool = True
    whole: bool = True

    @property
    def papers(self) -> str:
        """The path of the list of papers."""
        return f"/{self.database}/papers"

    def led(self, base: Address, href: str) -> tuple[Address, str] | None:
        """Return where a link on a page leads, and the fragment there; None where it leads out of the site."""
        # From "/" on, where a link leads does not depend on where it stands: most links are such, on every page again.
        from_top = href.startswith("/") and not href.startswith("//")
        split = _split(HOST + href if from_top else urljoin(f"{HOST}{base.url}", href.strip()))
        if split is None:
            return None
        path, pairs, fragment = split
        return Address(path, self._plain(pairs)), fragment

    def _plain(self, pairs: tuple[Pair, ...]) -> tuple[Pair, ...]:
        """Return the pairs with a single code said in one way: one list of papers, one file."""
        coded = [value for name, value in pairs if name == "_code"]
        column = next((c for c in self.columns if len(coded) == 1 and coded[0].startswith(f"{c}.")), None)
        if column is None:
            return pairs
        plain = (f"{column}{_ARRAY}", coded[0].removeprefix(f"{column}."))
        return tuple(sorted(plain if pair[0] == "_code" else pair for pair in pairs))

    def kind(self, to: Address, source: Address = HOME) -> Kind:
        """Return what becomes of a link from one page to another."""
        if to.path.startswith("/-/"):
            return self._kind_of_file(to)
        if to.path == self.papers:
            return self._kind_of_list(to, source)
        if to.path == f"{self.papers}.csv":
            return Kind.NONE if to.choices else Kind.FILE
        if self._is_raw(to.path) or self._is_of_datasette(to.path):
            return Kind.NONE
        endless = any(name.startswith("_") or name == "sql" for name, _ in to.pairs)
        most = _MOST_PAIRS if self.small else _FEW_PAIRS
        return Kind.NONE if endless or len(to.pairs) > most else Kind.PAGE

    def _kind_of_file(self, to: Address) -> Kind:
        if to.path.startswith(("/-/static/", "/-/static-plugins/")):
            return Kind.FILE
        if to.path == "/-/review.db":
            return Kind.FILE if self.whole else Kind.NONE
        raw = tuple(f"/-/review/{self.database}/tables/{name}." for name in self.tables if name != "papers")
        ours = to.path.startswith("/-/review/") and not to.path.startswith(raw)
        # The references of each list that is published, and of every paper at once all formats.
        most = 1 if to.path.startswith(f"/-/review/{self.database}/papers.") and to.path.endswith(REFERENCES) else 0
        return Kind.FILE if ours and len(to.choices) <= most else Kind.NONE

    def _kind_of_list(self, to: Address, source: Address) -> Kind:
        # Choices of every list by every other would not end.
        few = len(to.choices) <= 1 or source == HOME
        shaped = any(name in _SHAPES or name == "_search" for name, _ in to.pairs)
        beyond = bool(to.choices and to.place) and (not self.small or len(to.choices) > 1)
        if few and not shaped and not beyond:
            return Kind.LIST
        return Kind.SEARCH if all(map(self._can_search, to.pairs)) else Kind.NONE

    def _can_search(self, pair: Pair) -> bool:
        name, value = pair
        if name in ("_sort", "_sort_desc"):
            return value in _ORDERS
        return name in (*_SEARCHED, *PLACES) or (name.endswith(_ARRAY) and name.removesuffix(_ARRAY) in self.columns)

    def _is_of_datasette(self, path: str) -> bool:
        """Say whether an address is one of Datasette's own formats: they are what a database is taken for."""
        top = path.split("/")[1].partition(".")[0]
        return top in ("", self.database) and path.endswith(_OF_DATASETTE)

    def _is_raw(self, path: str) -> bool:
        """Say whether an address is one of a raw table or of a row of it that nobody needs to read."""
        begins = f"/{self.database}/"
        table, _, row = path.removeprefix(begins).partition("/")
        if not path.startswith(begins) or table == "papers":
            return False
        return table in self.tables and not (row and table in self.rows)
