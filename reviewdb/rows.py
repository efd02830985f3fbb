"""Rows: the values of a review as the tables of the database hold them, column by column."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from reviewdb import derive
from reviewdb.criteria import Assessment
from reviewdb.model import Decision, Group, Link, Paper, Recoding, Record, Relation, Search
from reviewdb.protocol import Protocol
from reviewdb.query import Query
from reviewdb.recodings import Recoded
from reviewdb.scheme import Question

Row = tuple[Any, ...]

# json.dumps would make an encoder for each of a million values.
_json = json.JSONEncoder(ensure_ascii=False).encode


def protocol(plan: Protocol) -> list[Row]:
    """Return the rows of `protocol`: key, value."""
    return [
        ("title", plan.title),
        ("question", plan.question),
        ("citation", plan.citation),
        ("url", plan.url),
        ("sources", _json(plan.sources)),
        ("terms", _json(plan.terms)),
        ("pages", str(plan.pages)),
        ("page_size", str(plan.page_size)),
        ("window_from", plan.window[0]),
        ("window_to", plan.window[1]),
        ("coders", _json(dict(plan.coders))),
        ("publish_notes", _json(plan.publish.notes)),
        ("publish_blind", _json(plan.publish.blind)),
    ]


def reported(plan: Protocol) -> list[Row]:
    """Return the rows of `reported`."""
    return [(n, r.label, r.value, r.note, r.figure or None) for n, r in enumerate(plan.reported, 1)]


def criteria(plan: Protocol) -> list[Row]:
    """Return the rows of `criteria`."""
    return [(n, c.stage, c.reason, c.text, c.rule or None) for n, c in enumerate(plan.criteria, 1)]


def assessments(paper: Paper, told: Iterable[Assessment]) -> Iterator[Row]:
    """Yield the rows of `paper_criteria`."""
    for one in told:
        span = one.evidence
        yield paper.id, one.position, one.holds, span.field if span else None, span.words if span else None


def queries(asked: Iterable[Query]) -> list[Row]:
    """Return the rows of `queries`."""
    return [
        (
            *(q.name, q.title, q.description, q.across or None, q.sql),
            *(said or None for said in (q.keys, q.widths, q.align, q.audience)),
        )
        for q in asked
    ]


def questions(asked: Mapping[str, Question]) -> list[Row]:
    """Return the rows of `questions`."""
    return [
        (q.id, n, q.kind, q.facet, q.label, q.definition, *(column or None for column in q.columns), q.unit or None)
        for n, q in enumerate(asked.values(), 1)
    ]


def codes(asked: Mapping[str, Question]) -> list[Row]:
    """Return the rows of `codes`, parents before their children."""
    return [
        (
            *(q.id, c.id, n, c.label, c.definition, c.id.rpartition(".")[0] or None, c.group or None),
            *(_json(dict(c.anchors)), int(c.not_retrieved)),
        )
        for q in asked.values()
        for n, c in sorted(enumerate(q.codes.values(), 1), key=lambda item: item[1].id.count("."))
    ]


def search(made: Search) -> Row:
    """Return the row of `searches`."""
    head = (made.id, made.source, made.query, made.date, _json(dict(made.parameters)))
    return (*head, made.kind, made.version or None)


def pages(made: Search) -> Iterator[Row]:
    """Yield the rows of `pages`."""
    for page in made.pages:
        yield made.id, page.number, page.at, page.url, page.hits, page.total, page.next or None


def record(hit: Record) -> Row:
    """Return the row of `records`."""
    texts = (hit.venue, hit.volume, hit.pages, hit.doi, hit.url, hit.abstract)
    head = (hit.id, hit.search, hit.rank, hit.title, _json(hit.authors), hit.year)
    more = (hit.citations, hit.venue_type or None, hit.published or None, _json(hit.cut), hit.about or None)
    return (*head, *(text or None for text in texts), *more, _json(dict(hit.extra)))


def of_record(row: Sequence[Any]) -> Record:
    """Return the record of a row of `records`."""
    id_, made, rank, title, authors, year, *texts, citations, venue_type, published, cut, about, extra = row
    venue, volume, pages_, doi, url, abstract = (text or "" for text in texts)
    return Record(
        id=id_,
        search=made,
        rank=rank,
        title=title,
        authors=tuple(json.loads(authors)),
        year=year,
        venue=venue,
        volume=volume,
        pages=pages_,
        doi=doi,
        url=url,
        abstract=abstract,
        citations=citations,
        venue_type=venue_type or "",
        published=published or "",
        cut=tuple(json.loads(cut)),
        about=about or "",
        extra=json.loads(extra),
    )


def of_match(row: Sequence[Any]) -> Link:
    """Return the link of a row of `matches`."""
    a, b, relation, rule, score, reason, rank = row
    return Link(a, b, Relation(relation), rule, score, reason, rank=rank)


def of_link(row: Sequence[Any]) -> Link:
    """Return the link of a row of `links`."""
    a, b, relation, rule, score, reason, coder, cut = row
    return Link(a, b, Relation(relation), rule, score, reason, coder or "", bool(cut))


def link(found: Link) -> Row:
    """Return the row of `links`."""
    return (
        *(found.a, found.b, str(found.relation), found.rule, found.score, found.reason),
        found.coder or None,
        int(found.cut),
    )


def match(found: Link) -> Row:
    """Return the row of `matches`."""
    return (found.a, found.b, str(found.relation), found.rule, found.score, found.reason, found.rank)


def studies(groups: Iterable[Group]) -> list[Row]:
    """Return the rows of `studies`."""
    return sorted(Counter(group.study for group in groups).items())


def fields(merged: Paper) -> Iterator[Row]:
    """Yield the rows of `paper_fields`."""
    if len(merged.records) > 1:
        for field, record_id in merged.given.items():
            yield merged.id, field, record_id


def paper(merged: Paper, about: derive.Derived) -> Row:
    """Return the row of `papers`."""
    texts = (merged.venue, merged.volume, merged.pages, merged.doi, merged.url, merged.abstract)
    head = (merged.id, merged.key, merged.title, "; ".join(merged.authors), merged.year)
    more = (merged.citations, merged.venue_type or None, merged.published or None, merged.study)
    return (*head, *(text or None for text in texts), *more, *about.values.values())


def works(records: Iterable[Record]) -> list[Row]:
    """Return the rows of `record_works`."""
    return [(record.id, work) for record in records if isinstance(work := record.extra.get("openalex"), str)]


def references(records: Iterable[Record], known: Collection[str]) -> Iterator[Row]:
    """Yield the rows of `record_references`: the `known` works that records cite."""
    for record in records:
        cited = record.extra.get("references")
        for work in dict.fromkeys(cited if isinstance(cited, list) else ()):
            if isinstance(work, str) and work in known:
                yield record.id, work


def decision(number: int, made: Decision, recoded: Recoded | None = None) -> Row:
    """Return the row of `decisions` of a decision as it was said, and what became of it."""
    head = (number, made.record, made.question, made.coder, made.at, made.why)
    withdrawn = int(made.answer is None and not made.undoes)
    said, now = (made.answer_text, recoded.made) if recoded and recoded.by else (None, made)
    return (*head, int(made.settles), withdrawn, made.undoes or None, said, int(now.reopened))


def recoding(made: Recoding) -> Row:
    """Return the row of `recodings`."""
    codes = (_json(list(made.codes)), _json(list(made.became)))
    return (made.facet, made.at, made.coder, *codes, made.why, made.undoes or None)


def of_recoding(row: Sequence[Any]) -> Recoding:
    """Return the recoding of a row of `recodings`."""
    facet, at, coder, codes, became, why, undoes = row
    return Recoding(coder, facet, tuple(json.loads(codes)), tuple(json.loads(became)), at, why, undoes or "")


def answers(number: int, made: Decision, asked: Mapping[str, Question]) -> Iterator[Row]:
    """Yield the rows of `answers`: one a code, text or number; for a rule, one a code and span."""
    question = asked[made.question]
    is_number = question.kind == "number"
    for code, span in made.evidence:
        yield number, made.question, code, None, None, span.field, span.start, span.end, span.words
    if not made.evidence:
        for said in made.answer or ():
            answer = (said, None, None) if question.has_codes else (None, said, float(said) if is_number else None)
            yield number, made.question, *answer, None, None, None, None
