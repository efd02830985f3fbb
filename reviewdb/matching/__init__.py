"""The matcher: which records may be one document, by which rule, and why. Values in, links out.

Prepare once a record, compare what shares a blocking key, decide by an ordered table of rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from reviewdb.matching.blocking import candidates
from reviewdb.matching.bridges import doubted
from reviewdb.matching.evidence import Evidence, compare, sift
from reviewdb.matching.prepared import Columns, Prepared, of_records, prepare
from reviewdb.matching.rules import Rule, decide, rules
from reviewdb.matching.wording import AGREE
from reviewdb.model import Link, Record

if TYPE_CHECKING:
    from reviewdb.matching.prepared import Integers

__all__ = [
    "Columns",
    "Evidence",
    "Prepared",
    "Rule",
    "candidates",
    "compare",
    "evidence_of",
    "jobs",
    "links",
    "match",
    "of_records",
    "prepare",
    "replies",
    "rules",
]

#: Told how many pairs are done, and of how many.
Watch = Callable[[int, int], None]

# Pairs compared at a time: what they need at once does not grow with the records.
_AT_ONCE = 250_000


def match(records: Iterable[Record]) -> list[Link]:
    """Return a link for every pair of records that a rule relates, in order of ids.

    The order of `records` changes nothing.
    """
    return links(prepare(of_records(records)))


def jobs(records: Iterable[Record]) -> Iterator[object]:
    """Yield what `replies` is given to match records: one column after the other."""
    columns = of_records(records)
    yield from (getattr(columns, field.name) for field in fields(columns))


def replies(told: Iterator[Any]) -> Iterator[list[Link]]:
    """Work apart: yield the links of the records."""
    yield links(prepare(Columns(*islice(told, len(fields(Columns))))))


def links(records: Prepared, watch: Watch = lambda _done, _of: None) -> list[Link]:
    """Return a link for every pair that a rule relates, in order of ids; `watch` hears how many pairs are done."""
    found: list[Link] = []
    weak: list[bool] = []
    for link, is_weak in _links(records, watch):
        found.append(link)
        weak.append(is_weak)
    whole = (records.year > 0) & ~records.cut
    return doubted(found, weak, {id_ for id_, is_whole in zip(records.ids, whole.tolist(), strict=True) if is_whole})


def _links(records: Prepared, watch: Watch) -> Iterator[tuple[Link, bool]]:
    left, right = candidates(records)
    for start in range(0, len(left), _AT_ONCE):
        watch(start, len(left))
        some = slice(start, start + _AT_ONCE)
        one, other = sift(records, left[some], right[some])
        evidence = compare(records, one, other)
        yield from _linked(records, one, other, evidence)


def _linked(records: Prepared, left: Integers, right: Integers, evidence: Evidence) -> Iterator[tuple[Link, bool]]:
    """Yield the links of the pairs, each with whether it rests on an incomplete record, and on no place or DOI."""
    decided = decide(evidence)
    placed = (evidence.doi == AGREE) | (evidence.page == AGREE) | (evidence.link == AGREE)
    weak = ((evidence.cut == AGREE) | np.isnan(evidence.years_apart)) & ~placed
    table = rules()
    for at in np.flatnonzero(decided >= 0).tolist():
        rank = int(decided[at])
        rule = table[rank]
        a, b = records.ids[left[at]], records.ids[right[at]]
        score = round(float(max(evidence.title[at], evidence.part[at])), 1)
        yield Link(a, b, rule.relation, rule.name, score, rule.because(evidence, at), rank=rank), bool(weak[at])


def evidence_of(records: Prepared, a: str, b: str) -> dict[str, float | str | None]:
    """Return what is known of one pair of records, by field of the evidence: a number, an answer, None if unknown.

    Raises KeyError where there is no such record.
    """
    place = {id_: at for at, id_ in enumerate(records.ids)}
    left, right = (np.array([at], np.int64) for at in sorted((place[a], place[b])))
    return compare(records, left, right).told(0)
