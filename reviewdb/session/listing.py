"""The list of papers: each as one coder sees it, in an order, and filtered."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from reviewdb import consensus, database
from reviewdb.model import EXCLUDE, INCLUDE, MAYBE
from reviewdb.session.views import Mode, Row
from reviewdb.text import full_text_query

# What is searched of a paper and comes from its sources.
_OF_SOURCES = ("title", "abstract", "authors", "venue", "key", "doi")
# Ids are made of letters, digits and . _ -
_AFTER_ALL = "~"


@dataclass(frozen=True, slots=True)
class Seat:
    """Who sits before the screen, for what, and what that coder may see."""

    coder: str
    mode: Mode
    #: The stage that is being screened, and the ones before it that a paper must have passed; none: any paper comes.
    stage: str
    before: tuple[str, ...]
    stages: tuple[str, ...]
    unblind: bool
    #: The coder takes part in screening, so that verdicts of others stay hidden until the own one is given.
    screens: bool = True

    def waits(self, row: Row) -> bool:
        """Say whether a paper still waits for this coder."""
        return self.untagged(row) if self.mode == "tag" else self.unscreened(row)

    def untagged(self, row: Row) -> bool:
        """Say whether the coder has answered no facet of a paper that is not out of the review."""
        return not row.tagged and self.status(row) != consensus.EXCLUDED and not row.verdict.startswith(EXCLUDE)

    def unscreened(self, row: Row) -> bool:
        """Say whether the coder has said nothing at this stage of a paper that passed the stages before it."""
        out = row.verdict.startswith(EXCLUDE) or (self.unblind and row.status == consensus.EXCLUDED)
        return self.stage not in row.screened and not out and row.included.issuperset(self.before)

    def status(self, row: Row) -> str:
        """Return where a paper stands, as far as this coder may know: by the own word alone, until it is given.

        Who only codes is told: that screening is no business of theirs, and they need to know what is in the review.
        """
        if self.unblind or not self.screens or (self.mode == "tag" and row.screened):
            return row.status
        if row.verdict.startswith(EXCLUDE):
            return consensus.EXCLUDED
        return consensus.INCLUDED if row.included.issuperset(self.stages) else consensus.PENDING


def load(connection: sqlite3.Connection, seat: Seat, paper: str | None = None) -> list[Row]:
    """Return all papers in the order of their ids, which is that of arrival, or one of them."""
    first, last = (paper, paper) if paper else ("", _AFTER_ALL)
    asked = {"coder": seat.coder, "unblind": seat.unblind, "first": first, "last": last}
    return [_row(row, seat.stages) for row in connection.execute(database.statement("session-rows"), asked)]


def _row(found: Sequence[object], stages: Sequence[str]) -> Row:
    id_, key, title, year, status, verdicts, tagged, contested = found
    said: Mapping[str, str] = json.loads(str(verdicts)) if verdicts != "{}" else {}
    in_order = [said[stage] for stage in stages if stage in said]
    out = next((verdict for verdict in in_order if verdict.startswith(EXCLUDE)), "")
    return Row(
        id=str(id_),
        key=str(key),
        title=str(title),
        year=year if isinstance(year, int) else None,
        verdict=out or (in_order[-1] if in_order else ""),
        included=frozenset(stage for stage, verdict in said.items() if verdict == INCLUDE),
        screened=frozenset(said),
        tagged=int(str(tagged)),
        contested=bool(contested),
        status=str(status),
    )


def ordered(rows: Iterable[Row], order: Iterable[str] | None) -> list[Row]:
    """Return the papers in the order of the ids given; those not named come after, as they were."""
    if order is None:
        return list(rows)
    place = {id_: n for n, id_ in reversed(list(enumerate(order)))}
    return sorted(rows, key=lambda row: place.get(row.id, len(place)))


_WORDS: Mapping[str, Callable[[Seat, Row], bool]] = {
    "untagged": Seat.untagged,
    "unscreened": Seat.unscreened,
    "conflicts": lambda _, row: row.contested,
    "mine": lambda _, row: bool(row.tagged or row.screened),
    "maybe": lambda _, row: row.verdict == MAYBE,
    "included": lambda seat, row: seat.status(row) == consensus.INCLUDED,
    "excluded": lambda seat, row: seat.status(row) == consensus.EXCLUDED,
    "pending": lambda seat, row: seat.status(row) in (consensus.PENDING, consensus.CONTESTED),
}
# What the rows do not say, and a filter asks for.
_REOPENED = "reopened"
#: The words of a filter that are not looked for in the text.
FILTERS = (*_WORDS, _REOPENED)


def filtered(connection: sqlite3.Connection, seat: Seat, rows: Sequence[Row], asked: str) -> list[Row]:
    """Return the papers that a filter lets through: all of its known words hold, and the rest is found in the text."""
    words = asked.split()
    tests = [_WORDS[word.lower()] for word in words if word.lower() in _WORDS]
    text = " ".join(word for word in words if word.lower() not in FILTERS)
    found = with_words(connection, text, every=seat.unblind) if text else None
    if any(word.lower() == _REOPENED for word in words):
        asked_of = {"coder": seat.coder, "unblind": seat.unblind}
        here = {paper for (paper,) in connection.execute(database.statement("papers-open-again"), asked_of)}
        found = here if found is None else found & here
    return [row for row in rows if (found is None or row.id in found) and all(test(seat, row) for test in tests)]


def with_words(connection: sqlite3.Connection, text: str, *, every: bool) -> set[str]:
    """Return the papers that words are found in; unless in `every` column, not in those that tell what coders said."""
    query = full_text_query(text)
    if not query:
        return set()
    asked = {"query": query if every else f"{{{' '.join(_OF_SOURCES)}}} : ({query})"}
    return {paper for (paper,) in connection.execute(database.statement("papers-with-words"), asked)}
