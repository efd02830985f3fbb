"""The assembly: from all that a review says to its database, the papers a batch at a time."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, count

from reviewdb import __version__, apart, criteria, database, derive, grouping, papers, rows
from reviewdb.criteria import Assessment
from reviewdb.model import CRITERIA_RULES, Decision, Link, Paper, Record
from reviewdb.review import Content

#: Told what the build is doing, a few words at a time.
Tell = Callable[[str], None]

#: Papers of which all that follows is in memory at once, besides the database.
_AT_ONCE = 2_000
#: Of fewer records, another process would take longer to begin than to match or to tag them.
_MANY = 20_000


def assembled(content: Content, tell: Tell) -> sqlite3.Connection:
    """Return the database of a review, which is gone when it is closed."""
    built = database.temporary()
    try:
        database.add_facets(built, derive.in_questions(content.scheme))
        _file_plan(built, content)
        records = dict(sorted(content.records.items()))
        many = len(records) >= _MANY
        with (
            apart.working("reviewdb.matching", wanted=many) as matcher,
            apart.working("reviewdb.tagging", wanted=many) as tagger,
        ):
            tell("matching")
            matches = _matches(records, matcher)
            _file_records(built, content, records)
            said = _file_people(built, content)
            settled = _group(built, content, records, matches())
            _Papers(built, content, records, settled, said).file(tagger, tell)
        tell("indexing")
        database.complete(built)
    except BaseException:
        built.close()  # nothing was kept that it could be rolled back to
        raise
    return built


def _file_plan(built: sqlite3.Connection, content: Content) -> None:
    asked = content.scheme.questions
    database.insert(built, "build_info", [("schema", database.schema()), ("version", __version__)])
    database.insert(built, "protocol", rows.protocol(content.protocol))
    database.insert(built, "reported", rows.reported(content.protocol))
    database.insert(built, "queries", rows.queries(content.queries))
    database.insert(built, "questions", rows.questions(asked))
    database.insert(built, "codes", rows.codes(asked))
    database.insert(built, "criteria", rows.criteria(content.protocol))
    database.insert(built, "recodings", map(rows.recoding, content.recodings.made))


def _file_records(built: sqlite3.Connection, content: Content, records: Mapping[str, Record]) -> None:
    database.insert(built, "searches", map(rows.search, content.searches))
    database.insert(built, "pages", (row for search in content.searches for row in rows.pages(search)))
    database.insert(built, "records", map(rows.record, records.values()))
    works = rows.works(records.values())
    database.insert(built, "record_works", works)
    database.insert(built, "record_references", rows.references(records.values(), {work for _, work in works}))


def _file_people(built: sqlite3.Connection, content: Content) -> list[Decision]:
    """File what people said, and return it in the codes of now."""
    recoded = [content.recodings.recoded(made, content.scheme) for made in content.decisions]
    spoken = enumerate(zip(content.decisions, recoded, strict=True), 1)
    database.insert(built, "decisions", (rows.decision(n, made, now) for n, (made, now) in spoken))
    _file_answers(built, content, enumerate((now.made for now in recoded), 1))
    return [now.made for now in recoded]


def _file_answers(built: sqlite3.Connection, content: Content, numbered: Iterable[derive.Numbered]) -> None:
    asked = content.scheme.questions
    database.insert(built, "answers", (row for n, made in numbered for row in rows.answers(n, made, asked)))


def _matches(records: Mapping[str, Record], matcher: apart.Worker) -> Callable[[], list[Link]]:
    """Begin to match records, and return what waits for the links, in order of ids."""
    from reviewdb import matching  # noqa: PLC0415 - numpy, which only a whole build needs

    hits = [record for record in records.values() if not record.about]
    matcher.send(matching.jobs(hits))
    return lambda: matcher.reply(lambda: matching.match(hits))


def _group(
    built: sqlite3.Connection, content: Content, records: Mapping[str, Record], matches: Sequence[Link]
) -> papers.Settled:
    """File why records are one paper, and return which they are."""
    database.insert(built, "matches", map(rows.match, matches))
    arrived = papers.arrivals(content.searches)
    settled = papers.settle(records, matches, grouping.rulings_as_links(content.rulings), arrived)
    database.insert(built, "links", map(rows.link, settled.links))
    database.insert(built, "studies", rows.studies(settled.groups))
    return settled


class _Papers:
    """The papers of a review with what people and rules say of them, to be filed."""

    def __init__(
        self,
        built: sqlite3.Connection,
        content: Content,
        records: Mapping[str, Record],
        settled: papers.Settled,
        said: Sequence[Decision],
    ) -> None:
        self._built, self._content, self._records, self._settled = built, content, records, settled
        self._studies = criteria.by_study(settled.groups)
        self._arrived = papers.arrivals(content.searches)
        #: A record that only told more of one, and was ruled out, is of no paper.
        self._paper_of = {record: group.paper for group in settled.groups for record in group.records}
        self._said = self._by_paper(said)
        #: The numbers of the decisions of rules, which follow those of people.
        self._number = count(len(said) + 1)

    def _by_paper(self, said: Sequence[Decision]) -> dict[str, list[derive.Numbered]]:
        found: dict[str, list[derive.Numbered]] = defaultdict(list)
        for number, made in enumerate(said, 1):
            if made.record in self._paper_of:
                found[self._paper_of[made.record]].append((number, made))
        return found

    def file(self, tagger: apart.Worker, tell: Tell) -> None:
        """File what rules say, and the papers with what follows from all that is said."""
        from reviewdb.suggestions import suggested  # noqa: PLC0415 - only a whole build tags

        number = len(self._settled.groups)
        suggestions = suggested(self._content.scheme, self._batches(), tagger)
        self._file_said(self._numbered(chain.from_iterable(next(suggestions).values())))
        for at, by_record in zip(range(0, number, _AT_ONCE), suggestions, strict=True):
            tell(f"filing {min(at + _AT_ONCE, number):,} of {number:,} papers")
            some = self._settled.papers(self._records, slice(at, at + _AT_ONCE))
            self._file(some, self._told(some, by_record))

    def _batches(self) -> Iterator[list[list[Record]]]:
        """Yield the records that are of no paper, and then those of some papers at a time."""
        yield [[record] for id_, record in self._records.items() if id_ not in self._paper_of]
        for at in range(0, len(self._settled.groups), _AT_ONCE):
            some = self._settled.groups[at : at + _AT_ONCE]
            yield [[self._records[id_] for id_ in group.records] for group in some]

    def _file(self, some: Sequence[Paper], told_of: Sequence[tuple[Paper, list[Assessment]]]) -> None:
        derived = [derive.derive(paper.id, self._said.pop(paper.id, ()), self._content.scheme) for paper in some]
        self._insert("papers", map(rows.paper, some, derived))
        for table in derived[0].beside:
            self._insert(table, (row for about in derived for row in about.beside[table]))
        self._insert("paper_criteria", (row for paper, told in told_of for row in rows.assessments(paper, told)))
        self._insert("paper_records", ((record, paper.id) for paper in some for record in paper.records))
        self._insert("paper_arrivals", (papers.arrival(paper, self._records, self._arrived) for paper in some))
        self._insert("paper_fields", (row for paper in some for row in rows.fields(paper)))

    def _told(
        self, some: Sequence[Paper], by_record: Mapping[str, Sequence[Decision]]
    ) -> list[tuple[Paper, list[Assessment]]]:
        """File what rules say of some papers, add it to what was said, and return what can be told of the criteria."""
        plan, scheme = self._content.protocol, self._content.scheme
        tagged = chain.from_iterable(by_record.values())
        told_of = list(criteria.assessed(plan, scheme, self._records, some, self._studies, tagged))
        every: list[derive.Numbered] = []
        for paper, told in told_of:
            own = self._numbered(made for record in paper.records for made in by_record[record])
            own += self._numbered(criteria.suggestions(told, paper.id, CRITERIA_RULES))
            self._said[paper.id] += own
            every += own
        self._file_said(every)
        return told_of

    def _numbered(self, said: Iterable[Decision]) -> list[derive.Numbered]:
        return [(next(self._number), made) for made in said]

    def _file_said(self, numbered: Sequence[derive.Numbered]) -> None:
        self._insert("decisions", (rows.decision(n, made) for n, made in numbered))
        _file_answers(self._built, self._content, numbered)

    def _insert(self, table: str, values: Iterable[database.Row]) -> None:
        database.insert(self._built, table, values)
