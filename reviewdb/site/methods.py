"""The page of methods: protocol, searches, flow, agreement and coding scheme, with the numbers of the terminal."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reviewdb import boxes, origins, prisma, tables
from reviewdb.diagram.prose import paragraph
from reviewdb.diagram.svg import svg
from reviewdb.errors import ReviewError
from reviewdb.flow import Flow, Stage
from reviewdb.model import EXCLUDE, LIST
from reviewdb.protocol import FACET_RULE, IN_WINDOW, PEER_REVIEWED, Reported
from reviewdb.site import links
from reviewdb.site.about import About, Code, Question, rows, statement
from reviewdb.tables import Table
from reviewdb.text import clean

#: The name of the diagram on its page; the style sheet has the colours of it.
DIAGRAM = "prisma"
#: The query that derives what a published review leads with: its columns are figure, papers and percent.
HEADLINES = "headline-figures"


@dataclass(frozen=True, slots=True)
class Plan:
    """How the protocol would have it searched."""

    sources: Sequence[str]
    terms: Sequence[str]
    #: Those of them that no search here asked for.
    unasked: Sequence[str]
    #: Hits of each search at most.
    hits: int
    window: str


@dataclass(frozen=True, slots=True)
class Ran:
    """A search that was made; `new` are the papers that no search before it had found."""

    id: str
    source: str
    kind: str
    query: str
    date: str
    taken_in: bool
    records: int
    new: int


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason to exclude: the criteria that it stands for, what rules can tell of them, and whom it kept out."""

    label: str
    definition: str
    criteria: Sequence[str]
    told: Sequence[str]
    papers: int


@dataclass(frozen=True, slots=True)
class Screening:
    """A stage of screening with its reasons."""

    label: str
    definition: str
    flow: Stage
    reasons: Sequence[Reason]


@dataclass(frozen=True, slots=True)
class Used:
    """A code, and on how many papers it stands."""

    code: Code
    depth: int
    coded: int
    suggested: int
    coded_url: str
    suggested_url: str


@dataclass(frozen=True, slots=True)
class Printed:
    """What the published review prints of itself, and the same as derived here; empty where nothing measures it."""

    reported: Reported
    derived: str


@dataclass(frozen=True, slots=True)
class Methods:
    """What the page of methods shows; `agreement` is None where nobody decided anything."""

    plan: Plan
    flow: Flow
    diagram: Markup
    paragraph: str
    boxes: Sequence[boxes.Box]
    searches: Sequence[Ran]
    stages: Sequence[Screening]
    #: Who decided, each with what the protocol says of them, or nothing.
    coders: Sequence[tuple[str, str]]
    #: The lists of others that records were taken from.
    lists: Sequence[str]
    agreement: Table | None
    agreement_legend: str
    facets: Sequence[tuple[Question, Sequence[Used]]]
    reported: Sequence[Printed]


def read(connection: sqlite3.Connection, about: About, path: str) -> Methods:
    """Return the page of methods of a review; `path` is that of its papers."""
    from reviewdb import reliability  # noqa: PLC0415 - numpy, which only this page needs

    counted = prisma.count(connection)
    agreed = reliability.measure(connection)
    known = json.loads(about.protocol.get("coders", "{}"))
    return Methods(
        plan=_plan(about, counted.flow),
        flow=counted.flow,
        diagram=Markup(svg(counted.flow, about.title, name=DIAGRAM, styled=False)),  # noqa: S704 - it escapes
        paragraph=paragraph(counted.flow),
        boxes=[box for box in boxes.boxes(counted.flow) if box.method == counted.flow.all.method],
        searches=_searches(connection, counted.flow),
        stages=_stages(connection, about, counted.flow),
        coders=[(coder, known.get(coder, "")) for coder in agreed.coders],
        lists=[source.name for source in counted.flow.all.sources if source.kind == LIST],
        agreement=reliability.table(agreed) if agreed.agreements else None,
        agreement_legend=agreed.legend,
        facets=_facets(connection, about, path),
        reported=_reported(connection, counted),
    )


def _reported(connection: sqlite3.Connection, counted: prisma.Counted) -> list[Printed]:
    if not counted.reported:
        return []
    derived = {one.reported: f"{one.derived.number:,}" for one in boxes.beside(counted.flow, counted.reported)}
    headlines = _headlines(connection)
    for one in counted.reported:
        if one not in derived and one.figure in headlines:
            papers, percent = headlines[one.figure]
            # In the unit of what is printed, with the papers behind a share.
            is_share = one.value.endswith("%") and percent is not None
            derived[one] = f"{percent:g} % ({papers:,})" if is_share else f"{papers:,}"
    return [Printed(one, derived.get(one, "")) for one in counted.reported]


def _headlines(connection: sqlite3.Connection) -> dict[str, tuple[int, float | None]]:
    """Return papers, and their share in percent, by figure, as the review's own query derives them; none without it."""
    try:
        table = tables.run(connection, HEADLINES)
    except ReviewError:
        return {}
    if not {"figure", "papers", "percent"} <= set(table.columns):
        return {}
    said = (dict(zip(table.columns, row, strict=True)) for row in table.rows)
    return {row["figure"]: (row["papers"], row["percent"]) for row in said}


def _plan(about: About, flow: Flow) -> Plan:
    said = about.protocol
    asked = {clean(one.search.query).casefold() for source in flow.all.sources for one in source.searches}
    terms = json.loads(said.get("terms", "[]"))
    window = [said.get(f"window_{end}", "") for end in ("from", "to")]
    return Plan(
        sources=[origins.name(source) for source in json.loads(said.get("sources", "[]"))],
        terms=terms,
        unasked=[term for term in terms if clean(term).casefold() not in asked],
        hits=int(said.get("pages", "0")) * int(said.get("page_size", "0")),
        window="" if not any(window) else f"{window[0] or 'the beginning'} to {window[1] or 'now'}",
    )


def _searches(connection: sqlite3.Connection, flow: Flow) -> list[Ran]:
    new = dict(rows(connection, statement("new-by-search")))
    return [
        Ran(
            id=one.search.id,
            source=source.name,
            kind=origins.kind(source.name, source.kind),
            query=one.search.query,
            date=one.search.date,
            taken_in=one.search.taken_in,
            records=one.records,
            new=new.get(one.search.id, 0),
        )
        for source in flow.all.sources
        for one in source.searches
    ]


def _stages(connection: sqlite3.Connection, about: About, flow: Flow) -> list[Screening]:
    criteria: Mapping[tuple[str, str], list[str]] = defaultdict(list)
    told: Mapping[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows(connection, statement("criteria")):
        criteria[row["stage"], row["reason"]].append(row["text"])
        told[row["stage"], row["reason"]] += filter(None, [_rule(about, row["rule"])])
    found = []
    for stage in flow.all.stages:
        asked = about.questions[stage.id]
        reasons = [
            Reason(
                label=reason.label,
                definition=_definition(asked, f"{EXCLUDE}.{reason.id}"),
                criteria=criteria[stage.id, reason.id],
                told=told[stage.id, reason.id],
                papers=reason.count.papers,
            )
            for reason in stage.reasons
        ]
        found.append(Screening(stage.label, asked.definition, stage, reasons))
    return found


def _definition(question: Question, code: str) -> str:
    known = question.codes.get(code)
    return known.definition if known else ""


def _rule(about: About, rule: str) -> str:
    """Return from what a rule proposes an answer."""
    if rule.startswith(FACET_RULE):
        facet = rule.removeprefix(FACET_RULE)
        labels = [q.label for q in about.facets if q.id.partition(".")[0] == facet]
        return f"words for {labels[0].lower() if labels else facet} in title and abstract"
    return {PEER_REVIEWED: "the kind of venue", IN_WINDOW: "the date of publication"}.get(rule, rule)


def _facets(connection: sqlite3.Connection, about: About, path: str) -> list[tuple[Question, list[Used]]]:
    counts = {
        (row["question_id"], row["code"], row["status"]): row["papers"]
        for row in connection.execute(statement("code-counts"))
    }

    def used(question: Question, code: Code) -> Used:
        coded, suggested = (counts.get((question.id, code.id, status), 0) for status in ("coded", "suggested"))
        urls = (
            links.address(path, [(f"{column}__arraycontains", code.id)]) if papers else ""
            for column, papers in ((question.column, coded), (question.suggested_column, suggested))
        )
        return Used(code, code.id.count("."), coded, suggested, *urls)

    asked = [question for question in about.questions.values() if question.kind != "stage"]
    return [(question, [used(question, code) for code in question.codes.values()]) for question in asked]
