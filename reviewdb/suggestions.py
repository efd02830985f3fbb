"""Suggestions: what the patterns of a coding scheme say of many records, a decision a question."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

from reviewdb import papers
from reviewdb.apart import Worker
from reviewdb.model import SCHEME_RULES, Decision, Record, Span
from reviewdb.scheme import Scheme
from reviewdb.tagging import Tagger, Told

#: What is read of a record.
_READ = ("title", "abstract")
#: Batches that are with the other process, besides the one whose reply is waited for.
_AHEAD = 2

Texts = Mapping[str, str]


def suggested(
    scheme: Scheme, batches: Iterable[Iterable[Sequence[Record]]], worker: Worker
) -> Iterator[dict[str, list[Decision]]]:
    """Yield for each batch of papers, given as their records, the decisions about each record, by its id.

    `worker` works by the module `tagging`; what it does not reply to is done here.
    """
    tagger = Tagger(scheme)
    worker.send([scheme])
    sent: deque[dict[str, Texts]] = deque()
    for batch in batches:
        texts = {id_: fields for records in batch for id_, fields in _texts(records)}
        worker.send([list(texts.values())])
        sent.append(texts)
        if len(sent) > _AHEAD:
            yield _replied(worker, tagger, sent.popleft())
    while sent:
        yield _replied(worker, tagger, sent.popleft())


def _texts(records: Sequence[Record]) -> Iterator[tuple[str, Texts]]:
    """Yield what is read of each record of a paper: of a text that a person put right, that one."""
    if not any(map(papers.is_correction, records)):
        yield from ((record.id, {field: getattr(record, field) for field in _READ}) for record in records)
        return
    right = papers.corrected(records)
    for record in records:
        yield record.id, {field: getattr(record, field) for field in _READ if _reads(record, right.get(field))}


def _reads(record: Record, right: Record | None) -> bool:
    """Say whether a text of a record is read, given who put it right, if anybody did."""
    return record is right or (right is None and not papers.is_correction(record))


def _replied(worker: Worker, tagger: Tagger, texts: Mapping[str, Texts]) -> dict[str, list[Decision]]:
    replies = worker.reply(lambda: [tagger.told(fields) for fields in texts.values()])
    return {
        id_: list(_decisions(id_, fields, told)) for (id_, fields), told in zip(texts.items(), replies, strict=True)
    }


def _decisions(id_: str, fields: Texts, told: Told) -> Iterator[Decision]:
    by_question: dict[str, list[tuple[str, Span]]] = defaultdict(list)
    for question, code, field, start, end in told:
        by_question[question].append((code, Span(field, start, end, fields[field][start:end])))
    for question, evidence in by_question.items():
        codes = tuple(dict.fromkeys(code for code, _ in evidence))
        yield Decision(SCHEME_RULES, id_, question, codes, at="", evidence=tuple(evidence))
