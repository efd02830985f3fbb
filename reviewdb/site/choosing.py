"""Choosing: what an address says that a reader wants to see of the papers, and the address that says it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from reviewdb.site import catalogue, links
from reviewdb.site.about import About, Question
from reviewdb.site.catalogue import CODED, SUGGESTED, Catalogue, Papers
from reviewdb.site.links import Pair

#: Longer searches are cut: every link of the page repeats them.
_LONGEST_SEARCH, _LONGEST_CODE = 300, 80
#: Where a paper can stand.
STATUSES = ("included", "contested", "pending", "excluded")
_ORDERS = {
    ("_sort_desc", "year"): catalogue.NEWEST,
    ("_sort", "year"): catalogue.OLDEST,
    ("_sort_desc", "citations"): catalogue.CITED,
    ("_sort", "title"): catalogue.TITLE,
}
_SORTS = {order: pair for pair, order in _ORDERS.items()}
#: The parameter of a code, and what Datasette calls the same.
CODE, _ARRAY = "_code", "__arraycontains"
#: Of a year; of the number of a page, to be more than there are.
_DIGITS, _MORE_DIGITS = 4, 7


@dataclass(frozen=True, slots=True)
class Code:
    """A code to be carried, as coders say or, by `standing`, as only a rule does."""

    question: Question
    code: str
    standing: str = CODED

    @property
    def name(self) -> str:
        """The code as an address names it: the column of papers that holds it, and its id."""
        column = self.question.suggested_column if self.standing == SUGGESTED else self.question.column
        return f"{column}.{self.code}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which papers in which order: OR within a question and within the statuses, AND across; no order: the best."""

    search: str = ""
    codes: tuple[Code, ...] = ()
    statuses: tuple[str, ...] = ()
    first: int | None = None
    last: int | None = None
    paper: str = ""
    order: str = ""
    page: int = 1
    #: Codes that the address names, and the review has not.
    unknown: tuple[str, ...] = ()

    def pairs(self) -> list[Pair]:
        """Return what an address says of it, apart from the page."""
        said: list[Pair] = [("_search", self.search)] if self.search else []
        said += [(CODE, code.name) for code in self.codes]
        if self.statuses:
            said.append(("status__in" if len(self.statuses) > 1 else "status", ",".join(self.statuses)))
        if self.first is not None and self.first == self.last:
            said.append(("year", str(self.first)))
        else:
            said += [("year__gte", str(self.first))] if self.first is not None else []
            said += [("year__lte", str(self.last))] if self.last is not None else []
        said += [("id", self.paper)] if self.paper else []
        return [*said, _SORTS[self.order]] if self.order else said

    def address(self, path: str) -> str:
        """Return the address of its page below the path of the list."""
        page = [("_page", str(self.page))] if self.page > 1 else []
        return links.address(path, [*self.pairs(), *page])

    def toggled(self, code: Code) -> Wanted:
        """Return it with a code more, or without it where it has it."""
        kept = tuple(one for one in self.codes if one.name != code.name)
        return replace(self, codes=kept if len(kept) < len(self.codes) else (*kept, code), page=1)

    def with_status(self, status: str) -> Wanted:
        """Return it with a status more, or without it where it has it."""
        return replace(
            self, statuses=tuple(one for one in STATUSES if (one in self.statuses) != (one == status)), page=1
        )

    @property
    def is_filtered(self) -> bool:
        """Whether anything but words is asked for."""
        return replace(self, search="", order="", page=1, unknown=()) != Wanted()

    def without_filters(self) -> Wanted:
        """Return the search alone."""
        return Wanted(search=self.search, order=self.order)

    def papers(self, of: Catalogue, hits: Papers, *, apart_from: str = "") -> Papers:
        """Return the papers wanted among the hits; `apart_from`, a question, status or year, does not count."""
        found = hits
        for question in {one.question.id for one in self.codes} - {apart_from}:
            asked = (one for one in self.codes if one.question.id == question)
            found &= catalogue.union(of.carrying(question, one.code, one.standing) for one in asked)
        if self.statuses and apart_from != "status":
            found &= catalogue.union(of.statuses.get(status, 0) for status in self.statuses)
        if apart_from != "year":
            found &= of.between(self.first, self.last)
        if self.paper:
            found &= of.set_of(place for place, id_ in enumerate(of.ids) if id_ == self.paper)
        return found


def wanted(about: About, query_string: str) -> Wanted | None:
    """Return what an address asks for; None where it asks for what only Datasette's own page of a table can show."""
    found = Wanted()
    for name, value in links.pairs(query_string):
        if value.strip() or name == "_search":
            changed = _with(about, found, name, value.strip())
            if changed is None:
                return None
            found = changed
    return found


def _with(about: About, found: Wanted, name: str, value: str) -> Wanted | None:
    """Return what is wanted with one more pair of the address; None where it is not ours."""
    if name.endswith(_ARRAY):
        return _with_array(about, found, f"{name.removesuffix(_ARRAY)}.{value}")
    if name == CODE:
        return _with_code(about, found, value)
    read = _READ.get(name)
    return read(found, value) if read else None


def _with_code(about: About, found: Wanted, name: str) -> Wanted:
    code = _code(about, name)
    if code is None:
        return replace(found, unknown=(*found.unknown, name[:_LONGEST_CODE]))
    return found if code in found.codes else replace(found, codes=(*found.codes, code))


def _with_array(about: About, found: Wanted, name: str) -> Wanted | None:
    code = _code(about, name)
    # Datasette joins several codes of one column by AND, where ours are joined by OR.
    if code is None or any(one.question.id == code.question.id for one in found.codes):
        return None
    return replace(found, codes=(*found.codes, code))


def _with_statuses(found: Wanted, value: str) -> Wanted | None:
    said = set(value.split(","))
    # In one order, whatever was chosen first: the same papers have one address.
    statuses = tuple(one for one in STATUSES if one in said)
    return replace(found, statuses=statuses) if said <= set(STATUSES) and not found.statuses else None


def _without_status(found: Wanted, value: str) -> Wanted | None:
    return _with_statuses(found, ",".join(one for one in STATUSES if one != value)) if value in STATUSES else None


def _with_years(found: Wanted, value: str, *, first: bool, last: bool) -> Wanted | None:
    year = _number(value, _DIGITS)
    if year is None:
        return None
    return replace(found, first=year if first else found.first, last=year if last else found.last)


def _with_order(found: Wanted, value: str, *, name: str) -> Wanted | None:
    return replace(found, order=_ORDERS[name, value]) if (name, value) in _ORDERS else None


def _number(text: str, digits: int) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


#: What each parameter of an address adds.
_READ: Mapping[str, Callable[[Wanted, str], Wanted | None]] = {
    "_search": lambda found, value: replace(found, search=value[:_LONGEST_SEARCH]),
    "id": lambda found, value: replace(found, paper=value[:_LONGEST_SEARCH]),
    "status": _with_statuses,
    "status__in": _with_statuses,
    "status__not": _without_status,
    "year": partial(_with_years, first=True, last=True),
    "year__gte": partial(_with_years, first=True, last=False),
    "year__lte": partial(_with_years, first=False, last=True),
    "_sort": partial(_with_order, name="_sort"),
    "_sort_desc": partial(_with_order, name="_sort_desc"),
    "_page": lambda found, value: replace(found, page=_number(value, _MORE_DIGITS) or 1),
}


def _code(about: About, name: str) -> Code | None:
    """Return the code that a name such as modality.mri.brain is; None where there is no such column."""
    for question in about.facets:
        for column, standing in ((question.column, CODED), (question.suggested_column, SUGGESTED)):
            if column and name.startswith(f"{column}.") and name.removeprefix(f"{column}.") in question.codes:
                return Code(question, name.removeprefix(f"{column}."), standing)
    return None


def codes(about: About, query_string: str) -> list[Code]:
    """Return the codes that an address names, whatever else it asks for."""
    named = (_code(about, value) for name, value in links.pairs(query_string) if name == CODE)
    return [code for code in named if code]


def as_json(codes: Sequence[Code]) -> list[list[list[str]]]:
    """Return codes for SQL: for each question, the codes and standings one of which a paper must carry."""
    asked: dict[str, list[list[str]]] = {}
    for one in codes:
        asked.setdefault(one.question.id, []).append([one.question.id, one.code, one.standing])
    return list(asked.values())
