"""Criteria: what can be told of a paper from where and when it appeared, and from its words, as yes, no or unknown."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from reviewdb.model import EXCLUDE, INCLUDE, NO_CODE, Decision, Group, Paper, Record, Span
from reviewdb.protocol import FACET_RULE, IN_WINDOW, PEER_REVIEWED, Criterion, Protocol
from reviewdb.scheme import Scheme

Holds = Literal["yes", "no", "unknown"]

_REVIEWED = ("journal", "conference", "book")
_NOT_REVIEWED = ("repository", "thesis", "patent", "report")
# What sources that know no types of venues call a preprint.
_PREPRINT = re.compile(
    r"\b(arxiv|biorxiv|medrxiv|chemrxiv|ssrn|preprints?|techrxiv|authorea|research square|openreview)\b", re.IGNORECASE
)


_Told = tuple[Holds, Span | None]
_UNKNOWN: _Told = ("unknown", None)


@dataclass(frozen=True, slots=True)
class Assessment:
    """Whether a paper meets a criterion, and what says so; no evidence where that is unknown."""

    #: The place of the criterion in the protocol, from 1.
    position: int
    criterion: Criterion
    holds: Holds
    evidence: Span | None


def by_study(groups: Sequence[Group]) -> Mapping[str, Sequence[Group]]:
    """Return the papers of each study that has several."""
    several = {group.study for group in groups if group.study != group.paper}
    found: dict[str, list[Group]] = defaultdict(list)
    for group in groups:
        if group.study in several:
            found[group.study].append(group)
    return found


def assessed(
    plan: Protocol,
    coding_scheme: Scheme,
    records: Mapping[str, Record],
    some: Iterable[Paper],
    studies: Mapping[str, Sequence[Group]],
    said: Iterable[Decision],
) -> Iterator[tuple[Paper, list[Assessment]]]:
    """Yield each of some papers with what can be told of the criteria.

    `studies` has all papers of those of their studies that have several; `said` is what the patterns of the scheme say
    of their records.
    """
    by_record: dict[str, dict[str, Span]] = defaultdict(dict)
    for made in said:
        spans = [span for code, span in made.evidence if code != NO_CODE]
        if spans:
            by_record[made.record].setdefault(coding_scheme.questions[made.question].facet, spans[0])
    for paper in some:
        own = [records[r] for r in paper.records]
        versions = [records[r] for g in studies.get(paper.study, ()) if g.paper != paper.id for r in g.records]
        mentions = {facet: span for r in reversed(paper.records) for facet, span in by_record[r].items()}
        yield paper, assess(plan, paper, own, versions, mentions)


def assess(
    plan: Protocol,
    paper: Paper,
    records: Sequence[Record],
    versions: Sequence[Record],
    mentions: Mapping[str, Span],
) -> list[Assessment]:
    """Return an assessment for each criterion of a protocol that names a rule.

    `records` are those of the paper, `versions` those of other papers of its study; `mentions` has, for each facet
    of which a rule found a code, the words that it found.
    """

    def told(rule: str) -> _Told:
        if rule == PEER_REVIEWED:
            return _peer_reviewed(records, versions)
        if rule == IN_WINDOW:
            return _in_window(paper, plan.window)
        return _mentions(records, mentions.get(rule.removeprefix(FACET_RULE)))

    return [Assessment(n, c, *told(c.rule)) for n, c in enumerate(plan.criteria, 1) if c.rule]


def suggestions(assessments: Iterable[Assessment], paper: str, coder: str) -> list[Decision]:
    """Return what assessments propose for each stage: out where a criterion fails, in where all of them hold."""
    by_stage: dict[str, list[Assessment]] = {}
    for assessment in assessments:
        by_stage.setdefault(assessment.criterion.stage, []).append(assessment)
    made = []
    for stage, told in by_stage.items():
        failed = next((a for a in told if a.holds == "no"), None)
        if failed:
            answer, because = f"{EXCLUDE}.{failed.criterion.reason}", [failed]
        elif all(a.holds == "yes" for a in told):
            answer, because = INCLUDE, told
        else:
            continue
        evidence = tuple((answer, a.evidence) for a in because if a.evidence)
        made.append(Decision(coder, paper, stage, (answer,), at="", evidence=evidence))
    return made


def _peer_reviewed(records: Sequence[Record], versions: Sequence[Record]) -> _Told:
    reviewed = next((r for r in records if _reviewed(r) == "yes"), None)
    if reviewed:
        return "yes", _venue(reviewed)
    failing = next((r for r in records if _reviewed(r) == "no"), None)
    # A preprint whose study has appeared elsewhere is for a person to judge.
    if failing is None or any(_reviewed(r) == "yes" for r in versions):
        return _UNKNOWN
    return "no", _venue(failing)


def _reviewed(record: Record) -> Holds:
    if record.venue_type in _REVIEWED:
        return "yes"
    if record.venue_type in _NOT_REVIEWED or _PREPRINT.search(record.venue):
        return "no"
    return "unknown"


def _venue(record: Record) -> Span:
    if record.venue:
        words = f"{record.venue} ({record.venue_type})" if record.venue_type else record.venue
        return Span("venue", 0, len(record.venue), words)
    return Span("venue_type", 0, len(record.venue_type), record.venue_type)


def _in_window(paper: Paper, window: tuple[str, str]) -> _Told:
    # A year of its own says when the paper counts as published; a date of another year is that of a version.
    year = str(paper.year) if paper.year else ""
    exact = paper.published if paper.published[:4] == year or not year else ""
    date = exact or year
    field = "published" if exact else "year"
    if not date:
        return _UNKNOWN
    first, last = window
    evidence = Span(field, 0, len(date), date)
    if (first and _last(date) < first) or (last and _first(date) > _last(last)):
        return "no", evidence
    if (first and _first(date) < _first(first)) or (last and _last(date) > _last(last)):
        return _UNKNOWN
    return "yes", evidence


def _first(date: str) -> str:
    """Return the first month that a date may mean."""
    return date[:7] if len(date) > len("2021") else f"{date}-01"


def _last(date: str) -> str:
    """Return the last month that a date may mean."""
    return date[:7] if len(date) > len("2021") else f"{date}-12"


def _mentions(records: Sequence[Record], found: Span | None) -> _Told:
    if found:
        return "yes", found
    # Only a whole abstract can say by its silence that a paper is about something else.
    whole = next((r for r in records if r.abstract and "abstract" not in r.cut), None)
    if whole is None:
        return _UNKNOWN
    return "no", Span("abstract", 0, 0, "title and abstract name none")
