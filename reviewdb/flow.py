"""The flow of papers through a review, as PRISMA 2020 counts it, derived from searches, papers and their standing.

Page et al., The PRISMA 2020 statement, BMJ 2021;372:n71, doi:10.1136/bmj.n71. Its reports are our papers; records and
studies are the same in both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from reviewdb.consensus import CONTESTED, EXCLUDED, INCLUDED, PENDING
from reviewdb.model import ENRICHMENT, EXCLUDE, SEARCH, Search
from reviewdb.scheme import Question

#: The columns of the diagram: PRISMA's "databases and registers", its "other methods", and both together.
DATABASES, OTHER, ALL = "databases", "other", "all"
#: Reasons that no scheme can define: coders exclude and name none, or do not agree on one.
NO_REASON, NOT_AGREED = "no-reason", "not-agreed"
_UNDEFINED = {NO_REASON: "No reason given", NOT_AGREED: "Reason not agreed"}


class Judged(NamedTuple):
    """Where a paper stands, as `consensus.status` says: `stage` decides it, and `reason` is why it is out there.

    Of a study that has several papers, each is one of these. All others that stand alike may be one together: `papers`
    says how many, and `paper` and `study` are empty.
    """

    paper: str
    study: str
    status: str
    stage: str = ""
    #: An id of the scheme, or NO_REASON, or NOT_AGREED; empty for a paper that is not excluded.
    reason: str = ""
    #: Whether a search of a database found it, whatever else did.
    in_databases: bool = True
    papers: int = 1


@dataclass(frozen=True, slots=True)
class Count:
    """How many papers, and how many studies."""

    papers: int = 0
    studies: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.papers + other.papers, self.studies + other.studies)

    def __sub__(self, other: Count) -> Count:
        return Count(self.papers - other.papers, self.studies - other.studies)


def total(counts: Iterable[Count]) -> Count:
    """Return the sum of counts."""
    return sum(counts, Count())


@dataclass(frozen=True, slots=True)
class Searched:
    """One search, and how many records it found."""

    search: Search
    records: int


@dataclass(frozen=True, slots=True)
class Source:
    """All searches of one kind in one source, such as all that followed citations in OpenAlex."""

    name: str
    kind: str
    searches: tuple[Searched, ...]

    @property
    def records(self) -> int:
        """Records of all its searches."""
        return sum(searched.records for searched in self.searches)


@dataclass(frozen=True, slots=True)
class Reason:
    """How many were excluded at a stage for one reason. `not_retrieved`: they were sought and could not be had."""

    id: str
    label: str
    count: Count
    not_retrieved: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of screening: `entered` is the sum of `reasons`, `contested`, `pending` and `passed`.

    `reasons` holds every reason of the scheme in its order, then, where a paper has one, those of no scheme.
    """

    id: str
    label: str
    entered: Count
    reasons: tuple[Reason, ...]
    contested: Count
    #: Nobody has said include or exclude yet (a `maybe` is neither).
    pending: Count
    passed: Count

    @property
    def seeks(self) -> bool:
        """Whether papers are sought for this stage: the scheme marks one of its reasons `not_retrieved`."""
        return any(reason.not_retrieved for reason in self.reasons)

    @property
    def not_retrieved(self) -> Count:
        """Those sought for this stage that could not be had."""
        return total(reason.count for reason in self.reasons if reason.not_retrieved)

    @property
    def assessed(self) -> Count:
        """Those of which coders said something at this stage, agreed or not: all but pending and not retrieved."""
        return self.entered - self.pending - self.not_retrieved

    @property
    def excluded(self) -> Count:
        """Those assessed and excluded, for any reason."""
        return total(reason.count for reason in self.reasons if not reason.not_retrieved)


@dataclass(frozen=True, slots=True)
class Column:
    """The way from records to what is included, for what one method found: records - duplicates = identified.

    The first stage's `entered` is `identified`, that of each later one is what the one before has `passed`, and what
    the last one has passed is `included`. Without stages, nothing is.
    """

    method: str
    sources: tuple[Source, ...]
    records: int
    duplicates: int
    identified: Count
    stages: tuple[Stage, ...]
    included: Count


@dataclass(frozen=True, slots=True)
class Flow:
    """What became of every record: all together, and apart for each method that was used."""

    all: Column
    #: DATABASES, OTHER, or both in this order; never none.
    methods: tuple[Column, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that differ: all together and each method, or the only one."""
        return (self.all, *self.methods) if len(self.methods) > 1 else (self.all,)


def flow(
    searches: Sequence[Search], records: Mapping[str, int], judged: Iterable[Judged], stages: Sequence[Question]
) -> Flow:
    """Derive the flow.

    Counted are papers. One that a database and another method found stands in the column of databases, as if the
    other hit were the duplicate that is removed before screening: PRISMA counts a report once. Hits of a search of any
    other kind than `search` (citations that were followed, lists that were taken in) are of other methods; records that
    only tell more of one (enrichment) are not identified anew, and are none of `records`.

    A paper leaves at the one stage that decides its status, whatever was said of it elsewhere, and has passed the
    stages before. Excluded by several coders, it counts once: for the reason on which they agree, or as NOT_AGREED.

    Studies are counted by the same rules, each by the one of its papers that has come furthest: one that is included,
    else one that is still open, else the one excluded last. So a study is out only when all of its papers are.

    Args:
        searches: all searches; those of kind `enrichment` are left out where they have no records.
        records: how many records each search found, by its id; every paper has one at least.
        judged: each paper once.
        stages: the stages of the coding scheme, in order.

    """
    papers = sorted(judged, key=lambda one: one.paper)
    order = {stage.id: number for number, stage in enumerate(stages)}

    def how_far(one: Judged) -> tuple[int, int, bool]:
        standing = {INCLUDED: 2, CONTESTED: 1, PENDING: 1}.get(one.status, 0)
        return standing, order.get(one.stage, -1), one.in_databases

    furthest: dict[str, Judged] = {}
    for one in filter(lambda one: one.study, papers):
        furthest[one.study] = max(furthest.get(one.study, one), one, key=how_far)
    standing_for = {one.paper for one in furthest.values()}
    searched = [Searched(s, records.get(s.id, 0)) for s in searches if s.id in records or s.kind != ENRICHMENT]

    def column(method: str) -> Column:
        ours = [one for one in searched if method in (ALL, _method(one.search.kind))]
        here = [one for one in papers if method == ALL or one.in_databases == (method == DATABASES)]
        return _column(method, ours, _counted(here, standing_for), stages)

    used = [column(method) for method in (DATABASES, OTHER)]
    return Flow(column(ALL), tuple(one for one in used if one.sources) or (used[0],))


def _method(kind: str) -> str:
    return DATABASES if kind == SEARCH else OTHER


#: How many papers have which status, at which stage, for which reason.
_Counted = Mapping[tuple[str, str, str], Count]


def _counted(papers: Iterable[Judged], standing_for: set[str]) -> _Counted:
    number, studies = Counter[tuple[str, str, str]](), Counter[tuple[str, str, str]]()
    for one in papers:
        key = one.status, one.stage, one.reason
        number[key] += one.papers
        studies[key] += one.papers if not one.study else one.paper in standing_for
    return {key: Count(papers, studies[key]) for key, papers in number.items()}


def _column(method: str, searched: Sequence[Searched], counted: _Counted, stages: Sequence[Question]) -> Column:
    records, identified = sum(one.records for one in searched), total(counted.values())
    found: list[Stage] = []
    entered = identified
    for asked in stages:
        found.append(_stage(asked, entered, counted))
        entered = found[-1].passed
    included = entered if found else Count()
    duplicates = records - identified.papers
    return Column(method, _sources(searched), records, duplicates, identified, tuple(found), included)


def _sources(searched: Iterable[Searched]) -> tuple[Source, ...]:
    grouped: dict[tuple[str, str], list[Searched]] = {}
    for one in searched:
        grouped.setdefault((one.search.kind, one.search.source), []).append(one)
    # Databases before other methods, each in the order in which they were searched.
    ordered = sorted(grouped.items(), key=lambda item: _method(item[0][0]) != DATABASES)
    return tuple(Source(name, kind, tuple(ones)) for (kind, name), ones in ordered)


def _stage(asked: Question, entered: Count, counted: _Counted) -> Stage:
    defined = {
        code.id.removeprefix(f"{EXCLUDE}."): code for code in asked.codes.values() if code.id.startswith(f"{EXCLUDE}.")
    }
    out = {
        reason: count for (status, stage, reason), count in counted.items() if (status, stage) == (EXCLUDED, asked.id)
    }
    reasons = [Reason(id_, code.label, out.get(id_, Count()), code.not_retrieved) for id_, code in defined.items()] + [
        Reason(id_, _UNDEFINED.get(id_, id_), out[id_]) for id_ in sorted(out.keys() - defined.keys())
    ]
    contested, pending = (counted.get((status, asked.id, ""), Count()) for status in (CONTESTED, PENDING))
    gone = total(reason.count for reason in reasons) + contested + pending
    return Stage(asked.id, asked.label, entered, tuple(reasons), contested, pending, entered - gone)
