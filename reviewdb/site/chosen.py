"""What a reader chose of the papers, in words, and the way back from each choice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from reviewdb.site import choosing
from reviewdb.site.about import About
from reviewdb.site.catalogue import CODED, SUGGESTED
from reviewdb.site.choosing import Code, Wanted


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that a reader chose, and the address without it."""

    label: str
    url: str


def choices(about: About, wanted: Wanted, path: str) -> list[Choice]:
    """Return each choice of a reader, with the address without it."""
    found: list[tuple[str, Wanted]] = []
    if wanted.search:
        found.append((f"“{wanted.search}”", replace(wanted, search="")))
    found += _chosen_codes(about, wanted)
    found += _chosen_statuses(wanted)
    if years := years_in_words(wanted):
        found.append((years, replace(wanted, first=None, last=None)))
    if wanted.paper:
        found.append((f"id: {wanted.paper}", replace(wanted, paper="")))
    return [Choice(label, replace(rest, page=1).address(path)) for label, rest in found]


def _chosen_codes(about: About, wanted: Wanted) -> Iterator[tuple[str, Wanted]]:
    """Yield each code that was chosen; one that may be coded or suggested, as from the map, is one choice."""
    done: list[Code] = []
    for code in wanted.codes:
        if code in done:
            continue
        other = replace(code, standing=SUGGESTED if code.standing == CODED else CODED)
        if other in wanted.codes:
            done.append(other)
            label = about.full_label(code.question, code.code)
            yield f"{label} (coded or suggested)", wanted.toggled(code).toggled(other)
        else:
            yield in_words(about, code), wanted.toggled(code)


def _chosen_statuses(wanted: Wanted) -> Iterator[tuple[str, Wanted]]:
    """Yield each status that was chosen; all but one are a choice against that one."""
    others = [status for status in choosing.STATUSES if status not in wanted.statuses]
    if len(others) == 1:
        yield f"status: not {others[0]}", replace(wanted, statuses=())
        return
    for status in wanted.statuses:
        yield f"status: {status}", wanted.with_status(status)


def in_words(about: About, code: Code) -> str:
    """Return a chosen code as people read it."""
    suggested = " (suggested)" if code.standing == SUGGESTED else ""
    return f"{about.full_label(code.question, code.code)}{suggested}"


def years_in_words(wanted: Wanted) -> str:
    """Return the years that were chosen, as people read them."""
    first, last = wanted.first, wanted.last
    if first == last:
        return "" if first is None else str(first)
    if first is None or last is None:
        return f"until {last}" if first is None else f"from {first}"
    return f"{first} to {last}"
