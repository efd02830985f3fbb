"""Effects: which answers a recoding changes, and what that does to the tables, told before it is written."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any

from reviewdb import consensus, database
from reviewdb.errors import ReviewError
from reviewdb.model import Decision
from reviewdb.review import Content, Review

_NO_ANSWER = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One coder's answer about one paper that counts as something else then; empty: as no answer."""

    key: str
    question: str
    coder: str
    before: str
    after: str
    #: Its code was split: somebody is to say which.
    reopened: bool


@dataclass(frozen=True, slots=True)
class Count:
    """On how many papers coders agree on a code."""

    question: str
    code: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What a recoding changes."""

    changes: tuple[Change, ...]
    #: The codes that gain or lose papers, finer codes implying coarser ones.
    counts: tuple[Count, ...]
    #: Conflicts of the facet, before and after.
    conflicts: tuple[int, int]
    #: Queries of the review that name a code which is no longer in use: file and line, and the code.
    queries: tuple[tuple[str, str], ...]

    @property
    def papers(self) -> list[str]:
        """The keys of the papers whose answers change."""
        return list(dict.fromkeys(change.key for change in self.changes))

    @property
    def coders(self) -> list[str]:
        """Those whose answers change."""
        return sorted({change.coder for change in self.changes})

    def as_object(self) -> dict[str, Any]:
        """Return the effect for JSON."""
        return {
            "changes": [asdict(change) for change in self.changes],
            "counts": [asdict(count) for count in self.counts],
            "conflicts": {"before": self.conflicts[0], "after": self.conflicts[1]},
            "queries": [{"place": place, "code": code} for place, code in self.queries],
        }


#: What the coders of a paper say, by question and coder, with whether it is open again.
_Said = Mapping[tuple[str, str], Decision]


def effect(place: Review, before: Content, after: Content, facet: str) -> Effect:
    """Return what changes between two states of a review, of the questions of one facet."""
    keys = _keys(place)
    was, now = (_by_paper(content, keys, facet) for content in (before, after))
    changes: list[Change] = []
    counts: tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]] = (Counter(), Counter())
    conflicts = [0, 0]
    for paper in sorted(was.keys() | now.keys()):
        states = [consensus.current(said.get(paper, ())) for said in (was, now)]
        changes += _changes(paper, states[0], states[1], now.get(paper, []))
        for n, (content, state) in enumerate(zip((before, after), states, strict=True)):
            for question, standing in consensus.stand(state.values(), content.scheme.questions).items():
                counts[n].update((question, code) for code in standing.agreed)
                conflicts[n] += bool(standing.contested)
    order = {
        (question.id, code): None
        for scheme in (before.scheme, after.scheme)
        for question in scheme.questions.values()
        for code in question.codes
    }
    return Effect(
        tuple(changes),
        tuple(Count(*key, counts[0][key], counts[1][key]) for key in order if counts[0][key] != counts[1][key]),
        (conflicts[0], conflicts[1]),
        tuple(_naming(before, after, facet)),
    )


def _keys(place: Review) -> dict[str, str]:
    """Return the key of the paper of each record, as the database knows them."""
    try:
        with closing(database.reader(place.database)) as connection:
            return dict(connection.execute(database.statement("keys-of-records")))
    except (ReviewError, sqlite3.Error):
        return {}


def _by_paper(content: Content, keys: Mapping[str, str], facet: str) -> dict[str, list[Decision]]:
    found: dict[str, list[Decision]] = defaultdict(list)
    for made in content.decisions:
        if content.scheme.questions[made.question].facet == facet:
            found[keys.get(made.record, made.record)].append(content.recodings.recoded(made, content.scheme).made)
    return found


def _changes(paper: str, was: _Said, now: _Said, every: list[Decision]) -> Iterator[Change]:
    waiting = consensus.open_again(every)
    for (question, coder), made in was.items():
        became = now.get((question, coder))
        if became is None:
            yield Change(paper, question, coder, made.answer_text, _NO_ANSWER, (question, coder) in waiting)
        elif became.answer != made.answer:
            yield Change(paper, question, coder, made.answer_text, became.answer_text, reopened=False)
    for (question, coder), made in now.items():
        if (question, coder) not in was:
            yield Change(paper, question, coder, _NO_ANSWER, made.answer_text, reopened=False)


def _naming(before: Content, after: Content, facet: str) -> Iterator[tuple[str, str]]:
    used = [
        {code for question in content.scheme.questions.values() if question.facet == facet for code in question.codes}
        for content in (before, after)
    ]
    for query in after.queries:
        for number, line in enumerate(query.source.splitlines(), 1):
            for code in sorted(used[0] - used[1]):
                if f"'{code}'" in line:
                    yield f"queries/{query.name}.sql:{number}", code
