"""The build: from the text of a review to its database, whole or as much as a new decision touches."""

from __future__ import annotations

import gc
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from itertools import count
from typing import Literal

from reviewdb import (
    __version__,
    criteria,
    database,
    derive,
    grouping,
    journal,
    papers,
    query,
    review,
    rows,
    scheme,
    sources,
)
from reviewdb.criteria import Assessment
from reviewdb.errors import BadReviewError, Problem
from reviewdb.model import NO_CODE, RULE_PREFIX, Decision, Paper, Span
from reviewdb.review import Content, Review
from reviewdb.scheme import Scheme

#: Who says what the patterns of the coding scheme say.
RULES = f"{RULE_PREFIX}coding-scheme"
#: Who says what follows from the criteria of the protocol.
CRITERIA = f"{RULE_PREFIX}criteria"

_MEND = "The database is as it was. Mend these, then: reviewdb build"

#: Told what the build is doing, one word at a time.
Tell = Callable[[str], None]


def refresh(
    place: Review, tell: Tell = lambda _: None, *, held: bool = False
) -> Literal["current", "updated", "built"]:
    """Bring the database up to date with the text, with work in proportion to what changed.

    With `held`, the caller holds `journal.writing()` already.

    Raises:
        BadReviewError: the text has problems; the database is as it was.
        ReviewError: the disk or another process refuses.

    """
    if not sources.changes(place, sources.states(place)):
        return "current"
    with nullcontext() if held else journal.writing(place.root):
        if _update(place):
            return "updated"
        _build(place, tell)
        return "built"


def rebuild(place: Review, tell: Tell = lambda _: None) -> None:
    """Build the database anew from all of the text. Raises as `refresh` does."""
    with journal.writing(place.root):
        _build(place, tell)


def examine(place: Review) -> tuple[list[Problem], list[str]]:
    """Return everything wrong with the text, and the rulings that contradict each other.

    The problems include what only shows when the queries meet the tables.
    """
    content = review.load(place)
    with _uncollected(), closing(_assembled(content, lambda _: None)) as built:
        return content.problems + _query_problems(content, built), _contradictions(content, built)


def _contradictions(content: Content, built: sqlite3.Connection) -> list[str]:
    disputed = [
        f"{said[0].a} and {said[0].b}: " + ", ".join(f"{r.coder} rules {r.relation}" for r in said) + ". Agree on one."
        for said in grouping.disagreements(content.rulings)
    ]
    # Grouping has set these aside.
    cut = built.execute("SELECT a, b, relation, coder FROM links WHERE rule = 'ruling' AND cut ORDER BY a, b")
    return disputed + [
        f"{a} and {b}: {coder} rules {relation}, for which other rulings leave no room. Withdraw one of them."
        for a, b, relation, coder in cut
    ]


def _build(place: Review, tell: Tell) -> None:
    now = sources.states(place)  # taken before reading: a file that changes meanwhile is read again next time
    tell("reading")
    with _uncollected(), closing(_assembled(content := review.load(place), tell)) as built:
        found = content.problems + _query_problems(content, built)
        if found:
            raise BadReviewError(found, _MEND)
        sources.note(built, place, now)
        tell("writing")
        database.swap(built, place.database)


@contextmanager
def _uncollected() -> Iterator[None]:
    # A build makes many values and no cycles: looking for cycles among them took a fifth of its time.
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _query_problems(content: Content, built: sqlite3.Connection) -> list[Problem]:
    if not content.scheme.questions and content.problems:
        return []  # without the scheme, every query would lack its columns
    found = []
    tables = database.tables(built)
    for asked in content.queries:
        if asked.name in tables:
            todo = "Rename the file: on the site, one would hide the other."
            found.append(Problem(f"queries/{asked.name}.sql", 0, "a table has that name.", todo))
        fault = database.fault_of(built, asked.sql)
        if fault:
            line = query.place_of(asked.source, fault)
            found.append(Problem(f"queries/{asked.name}.sql", line, f"{fault.rstrip('.')}.", "Mend the SQL."))
    return found


def _assembled(content: Content, tell: Tell) -> sqlite3.Connection:
    """Return the database of a review, in memory."""
    from reviewdb.matching import match  # noqa: PLC0415 - numpy, which only a whole build needs

    built = database.in_memory()
    asked = content.scheme.questions
    records = dict(sorted(content.records.items()))
    database.add_facets(built, derive.in_questions(content.scheme))
    database.insert(built, "build_info", [("schema", database.schema()), ("version", __version__)])
    database.insert(built, "protocol", rows.protocol(content.protocol))
    database.insert(built, "reported", rows.reported(content.protocol))
    database.insert(built, "queries", rows.queries(content.queries))
    database.insert(built, "questions", rows.questions(asked))
    database.insert(built, "codes", rows.codes(asked))
    database.insert(built, "criteria", rows.criteria(content.protocol))
    database.insert(built, "searches", map(rows.search, content.searches))
    database.insert(built, "pages", (row for search in content.searches for row in rows.pages(search)))
    database.insert(built, "records", map(rows.record, records.values()))

    tell("matching")
    hits = {id_: record for id_, record in records.items() if not record.about}
    links = match(list(hits.values()))
    rulings = grouping.rulings_as_links(content.rulings)
    on_hits = [ruling for ruling in rulings if ruling.a in hits and ruling.b in hits]
    on_more = [ruling for ruling in rulings if ruling not in on_hits]
    groups, links = grouping.group(hits, links, on_hits)
    groups, told = grouping.attach(groups, on_more, [r for r in records.values() if r.about])
    database.insert(built, "links", map(rows.link, [*links, *on_more, *told]))

    tell("tagging")
    names = papers.keys([[records[r] for r in group.records] for group in groups], _arrivals(content))
    merged = [papers.merge(g, [records[r] for r in g.records], key) for g, key in zip(groups, names, strict=True)]
    said = list(_rule_decisions(content))
    told_of = list(_assessed(content, merged, said))
    said += (made for paper, told in told_of for made in criteria.suggestions(told, paper.id, CRITERIA))
    decisions = list(enumerate([*said, *content.decisions], 1))
    database.insert(built, "decisions", (rows.decision(n, made) for n, made in decisions))
    database.insert(built, "answers", (row for n, made in decisions for row in rows.answers(n, made, asked)))

    tell("deriving")
    by_record: dict[str, list[derive.Numbered]] = defaultdict(list)
    for number, made in decisions:
        by_record[made.record].append((number, made))
    derived = [derive.derive(p.id, (d for r in p.records for d in by_record[r]), content.scheme) for p in merged]
    database.insert(built, "studies", sorted(Counter(p.study for p in merged).items()))
    database.insert(built, "papers", map(rows.paper, merged, derived))
    database.insert(built, "paper_records", ((r, paper.id) for paper in merged for r in paper.records))
    database.insert(built, "current_decisions", (row for about in derived for row in about.current))
    database.insert(built, "paper_codes", (row for about in derived for row in about.codes))
    database.insert(
        built,
        "paper_criteria",
        (row for paper, told in told_of for row in rows.assessments(paper, told)),
    )
    built.execute("INSERT INTO paper_search (paper_search) VALUES ('rebuild')")
    built.execute("ANALYZE")
    return built


def _assessed(
    content: Content, merged: Sequence[Paper], said: Sequence[Decision]
) -> Iterator[tuple[Paper, list[Assessment]]]:
    """Yield each paper with what can be told of the criteria; `said` is what the patterns of the scheme say."""
    by_record: dict[str, dict[str, Span]] = defaultdict(dict)
    for made in said:
        spans = [span for code, span in made.evidence if code != NO_CODE]
        if spans:
            by_record[made.record].setdefault(content.scheme.questions[made.question].facet, spans[0])
    by_study: dict[str, list[Paper]] = defaultdict(list)
    for paper in merged:
        by_study[paper.study].append(paper)
    for paper in merged:
        records = [content.records[r] for r in paper.records]
        versions = [content.records[r] for p in by_study[paper.study] if p is not paper for r in p.records]
        mentions = {facet: span for r in reversed(paper.records) for facet, span in by_record[r].items()}
        yield paper, criteria.assess(content.protocol, paper, records, versions, mentions)


def _arrivals(content: Content) -> dict[str, int]:
    """Return the order in which the searches were made; one without a date came last."""
    ordered = sorted(content.searches, key=lambda search: (not search.date, search.date, search.id))
    return {search.id: number for number, search in enumerate(ordered)}


def _rule_decisions(content: Content) -> Iterator[Decision]:
    from reviewdb.tagging import Tagger  # noqa: PLC0415 - only a whole build tags

    tagger = Tagger(content.scheme)
    for record in sorted(content.records.values(), key=lambda r: r.id):
        proposed: dict[str, list[tuple[str, Span]]] = defaultdict(list)
        for suggestion in tagger.suggest({"title": record.title, "abstract": record.abstract}):
            question = content.scheme.suggested_question(suggestion.facet).id
            proposed[question] += [(suggestion.code, span) for span in suggestion.evidence]
        for question, evidence in proposed.items():
            codes = tuple(dict.fromkeys(code for code, _ in evidence))
            yield Decision(RULES, record.id, question, codes, at="", evidence=tuple(evidence))


def _update(place: Review) -> bool:
    """Apply decisions appended since the last build; return False where something else changed as well."""
    now = sources.states(place)
    changes = sources.changes(place, now)
    if not all(sources.is_decisions(name) and name in now for name in changes) or review.same_coder(place):
        return False
    coding_scheme, faults = scheme.parse((place.root / review.SCHEME).read_text(encoding="utf-8-sig"), review.SCHEME)
    with database.writer(place.database) as connection:
        added: list[Decision] = []
        for name, before in changes.items():
            path = place.root / name
            size = before.size if before else 0
            if before and (now[name].size < size or not sources.grew(path, before)):
                return False
            added += review.read_decisions(
                path, name, coding_scheme, _Known(connection), faults, (size, now[name].size)
            )
        if faults:
            return False  # the whole build finds them again, and says on which lines
        with database.transaction(connection):
            _apply(connection, sorted(added, key=lambda made: made.at), coding_scheme)
            sources.note(connection, place, now)
    return True


class _Known:
    """The ids of the records in a database, looked up one by one."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __contains__(self, record: object, /) -> bool:
        return self._connection.execute("SELECT 1 FROM records WHERE id = ?", [record]).fetchone() is not None


def _apply(connection: sqlite3.Connection, added: Sequence[Decision], coding_scheme: Scheme) -> None:
    number = count(connection.execute("SELECT coalesce(max(id), 0) + 1 FROM decisions").fetchone()[0])
    touched = set()
    for n, made in zip(number, added, strict=False):
        database.insert(connection, "decisions", [rows.decision(n, made)])
        database.insert(connection, "answers", rows.answers(n, made, coding_scheme.questions))
        found = connection.execute("SELECT paper_id FROM paper_records WHERE record_id = ?", [made.record])
        paper = found.fetchone()
        touched |= {paper[0]} if paper else set()  # none: a record that only told more of one, and was ruled out
    for id_ in sorted(touched):
        about = derive.derive(id_, database.decisions_on(connection, id_), coding_scheme)
        database.replace(connection, id_, about.values, current_decisions=about.current, paper_codes=about.codes)
