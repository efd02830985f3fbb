"""The build: from the text of a review to its database, whole or as much as a new decision touches."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
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
    recodings,
    review,
    rows,
    sources,
    updating,
)
from reviewdb.collecting import uncollected
from reviewdb.errors import BadReviewError, Problem
from reviewdb.model import CRITERIA_RULES, SCHEME_RULES, Decision, Span
from reviewdb.review import Content, Review

_MEND = "The database is as it was. Mend these, then: reviewdb build"

#: Papers whose rows are in memory at once, besides the database.
_AT_ONCE = 2_000

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
        if updating.update(place):
            return "updated"
        _build(place, tell)
        return "built"


def rebuild(place: Review, tell: Tell = lambda _: None) -> None:
    """Build the database anew from all of the text. Raises as `refresh` does."""
    with journal.writing(place.root):
        _build(place, tell)


def write(place: Review, file: Path, tell: Tell = lambda _: None) -> None:
    """Build the database into another file: the same text gives the same bytes, wherever and whenever it is built.

    What the file was built from is left out of it. Raises as `refresh` does, and where the file is there already.
    """
    with _checked(place, tell) as built:
        tell("writing")
        database.write(built, file)


def examine(place: Review) -> tuple[list[Problem], list[str], list[str]]:
    """Return everything wrong with the text, the rulings that contradict each other, and queries to look at.

    These name codes that are not in use any more, and so miss papers.

    The problems include what only shows when the queries meet the tables.
    """
    content = review.load(place)
    with uncollected(), closing(_assembled(content, lambda _: None)) as built:
        faults = content.problems + _query_problems(content, built)
        return faults, _contradictions(content, built), list(_outdated(content))


def _outdated(content: Content) -> Iterator[str]:
    questions = content.scheme.questions.values()
    used = {code for question in questions for code in question.codes}
    former = {code for question in questions for code in question.former}
    for one in content.queries:
        for line, code in recodings.outdated(one.source, used, former, content.recodings):
            yield f"queries/{one.name}.sql:{line}: {code!r} is in use no more. Change it, or it finds nothing by it."


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
    with _checked(place, tell) as built:
        sources.note(built, place, now)
        database.begin_anew(built)
        tell("writing")
        database.swap(built, place.database)


@contextmanager
def _checked(place: Review, tell: Tell) -> Iterator[sqlite3.Connection]:
    tell("reading")
    with uncollected(), in_memory(review.load(place), tell) as connection:
        yield connection


@contextmanager
def in_memory(content: Content, tell: Tell) -> Iterator[sqlite3.Connection]:
    """Give the database of what a review says, in memory. Raises BadReviewError where that has problems."""
    with uncollected(), closing(_assembled(content, tell)) as connection:
        found = content.problems + _query_problems(content, connection)
        if found:
            raise BadReviewError(found, _MEND)
        yield connection


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
    with database.transaction(built):  # one record may be about another that sorts after it
        database.insert(built, "records", map(rows.record, records.values()))
    works = rows.works(records.values())
    database.insert(built, "record_works", works)
    database.insert(built, "record_references", rows.references(records.values(), {work for _, work in works}))

    tell("matching")
    matches = match([record for record in records.values() if not record.about])
    database.insert(built, "matches", map(rows.match, matches))
    rulings = grouping.rulings_as_links(content.rulings)
    arrived = papers.arrivals(content.searches)
    settled = papers.settle(records, matches, rulings, arrived)
    merged = settled.papers
    database.insert(built, "links", map(rows.link, settled.links))

    tell("tagging")
    said = list(_rule_decisions(content))
    told_of = list(criteria.assessed(content.protocol, content.scheme, records, merged, said))
    said += (made for paper, told in told_of for made in criteria.suggestions(told, paper.id, CRITERIA_RULES))
    decisions = _file_decisions(built, said, content)

    tell("deriving")
    by_record: dict[str, list[derive.Numbered]] = defaultdict(list)
    for number, made in decisions:
        by_record[made.record].append((number, made))
    database.insert(built, "studies", sorted(Counter(p.study for p in merged).items()))
    for at in range(0, len(merged), _AT_ONCE):
        some = merged[at : at + _AT_ONCE]
        derived = [derive.derive(p.id, (d for r in p.records for d in by_record[r]), content.scheme) for p in some]
        database.insert(built, "papers", map(rows.paper, some, derived))
        for table in derived[0].beside:
            database.insert(built, table, (row for about in derived for row in about.beside[table]))
    database.insert(built, "paper_fields", (row for paper in merged for row in rows.fields(paper)))
    database.insert(built, "paper_records", ((r, paper.id) for paper in merged for r in paper.records))
    database.insert(built, "paper_arrivals", (papers.arrival(paper, records, arrived) for paper in merged))
    database.insert(
        built,
        "paper_criteria",
        (row for paper, told in told_of for row in rows.assessments(paper, told)),
    )
    built.execute("INSERT INTO paper_search (paper_search) VALUES ('rebuild')")
    built.execute("ANALYZE")
    return built


def _file_decisions(built: sqlite3.Connection, said: list[Decision], content: Content) -> list[derive.Numbered]:
    """File what rules and people said, and return it in the codes of now."""
    recoded = [content.recodings.recoded(made, content.scheme) for made in content.decisions]
    decisions = list(enumerate([*said, *(one.made for one in recoded)], 1))
    database.insert(built, "recodings", map(rows.recoding, content.recodings.made))
    database.insert(built, "decisions", (rows.decision(n, made) for n, made in enumerate(said, 1)))
    spoken = enumerate(zip(content.decisions, recoded, strict=True), len(said) + 1)
    database.insert(built, "decisions", (rows.decision(n, made, now) for n, (made, now) in spoken))
    asked = content.scheme.questions
    database.insert(built, "answers", (row for n, made in decisions for row in rows.answers(n, made, asked)))
    return decisions


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
            yield Decision(SCHEME_RULES, record.id, question, codes, at="", evidence=tuple(evidence))
