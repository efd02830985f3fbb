"""The assembly: from all that a review says to its database, the papers a batch at a time."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import chain, count, islice

from reviewdb import __version__, criteria, database, derive, grouping, papers, rows
from reviewdb.criteria import Assessment
from reviewdb.model import CRITERIA_RULES, SCHEME_RULES, Decision, Link, Paper, Record, Span
from reviewdb.review import Content

#: Told what the build is doing, a few words at a time.
Tell = Callable[[str], None]

#: Papers of which all that follows is in memory at once, besides the database.
_AT_ONCE = 2_000
#: Records of which all that rules say is in memory at once.
_AHEAD = 200_000
#: What the patterns of a coding scheme are looked for in.
_READ = ("title", "abstract")


def assembled(content: Content, tell: Tell) -> sqlite3.Connection:
    """Return the database of a review, which is gone when it is closed."""
    built = database.temporary()
    try:
        built.execute("BEGIN")
        database.add_facets(built, derive.in_questions(content.scheme))
        _file_plan(built, content)
        records = dict(sorted(content.records.items()))
        tell("matching")
        with _matching(records) as matches:
            _file_records(built, content, records)
            tagged = _Tagged(content, records)
            tagged.ahead(tell)
            settled = _group(built, content, records, matches())
        _Papers(built, content, records, settled, tagged).file(tell)
        tell("indexing")
        built.execute("INSERT INTO paper_search (paper_search) VALUES ('rebuild')")
        built.execute("COMMIT")
        database.check_references(built)
        built.execute("PRAGMA foreign_keys = ON")
        built.execute("ANALYZE")
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


def _matching(records: Mapping[str, Record]) -> AbstractContextManager[Callable[[], list[Link]]]:
    from reviewdb.matching import apart  # noqa: PLC0415 - numpy, which only a whole build needs

    return apart.matching([record for record in records.values() if not record.about])


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


class _Tagged:
    """What the patterns of the coding scheme say of each record, a decision a question."""

    def __init__(self, content: Content, records: Mapping[str, Record]) -> None:
        from reviewdb.tagging import Tagger  # noqa: PLC0415 - only a whole build tags

        self._scheme, self._records = content.scheme, records
        self._tagger = Tagger(content.scheme)
        self._known: dict[str, list[Decision]] = {}

    def ahead(self, tell: Tell) -> None:
        """Tag as many records as there is room for, while others are matched elsewhere."""
        for number, id_ in enumerate(islice(self._records, _AHEAD)):
            if number % _AT_ONCE == 0:
                tell(f"tagging {number:,} of {len(self._records):,} records")
            self._known[id_] = list(self._tagged(self._records[id_]))

    def of(self, id_: str) -> list[Decision]:
        """Return the decisions about a record, once."""
        known = self._known.pop(id_, None)
        return list(self._tagged(self._records[id_])) if known is None else known

    def of_paper(self, paper: Paper) -> dict[str, list[Decision]]:
        """Return the decisions about each record of a paper; of a text that a person put right, that one is read."""
        records = [self._records[id_] for id_ in paper.records]
        if not any(map(papers.is_correction, records)):
            return {id_: self.of(id_) for id_ in paper.records}
        right = papers.corrected(records)
        return {
            record.id: list(self._tagged(record, [field for field in _READ if _reads(record, right.get(field))]))
            for record in records
        }

    def _tagged(self, record: Record, fields: Sequence[str] = _READ) -> Iterator[Decision]:
        proposed: dict[str, list[tuple[str, Span]]] = defaultdict(list)
        for suggestion in self._tagger.suggest({field: getattr(record, field) for field in fields}):
            question = self._scheme.suggested_question(suggestion.facet).id
            proposed[question] += [(suggestion.code, span) for span in suggestion.evidence]
        for question, evidence in proposed.items():
            codes = tuple(dict.fromkeys(code for code, _ in evidence))
            yield Decision(SCHEME_RULES, record.id, question, codes, at="", evidence=tuple(evidence))


def _reads(record: Record, right: Record | None) -> bool:
    """Say whether a text of a record is read, given who put it right, if anybody did."""
    return record is right or (right is None and not papers.is_correction(record))


class _Papers:
    """The papers of a review with what people and rules say of them, to be filed."""

    def __init__(
        self,
        built: sqlite3.Connection,
        content: Content,
        records: Mapping[str, Record],
        settled: papers.Settled,
        tagged: _Tagged,
    ) -> None:
        self._built, self._content, self._records, self._settled = built, content, records, settled
        self._tagged = tagged
        self._studies = criteria.by_study(settled.groups)
        self._arrived = papers.arrivals(content.searches)
        #: A record that only told more of one, and was ruled out, is of no paper.
        self._paper_of = {record: group.paper for group in settled.groups for record in group.records}
        #: The numbers of the decisions of rules, which follow those of people.
        self._number = count(len(content.decisions) + 1)

    def file(self, tell: Tell) -> None:
        """File all that is said, and the papers with what follows from it."""
        said = self._file_people()
        strays = [id_ for id_ in self._records if id_ not in self._paper_of]
        self._file_said(self._numbered(made for id_ in strays for made in self._tagged.of(id_)))
        many = len(self._settled.groups)
        for at in range(0, many, _AT_ONCE):
            some = self._settled.papers(self._records, slice(at, at + _AT_ONCE))
            tell(f"filing {at + len(some):,} of {many:,} papers")
            told_of = self._told(some, said)
            derived = [derive.derive(paper.id, said.pop(paper.id, ()), self._content.scheme) for paper in some]
            self._insert("papers", map(rows.paper, some, derived))
            for table in derived[0].beside:
                self._insert(table, (row for about in derived for row in about.beside[table]))
            self._insert("paper_criteria", (row for paper, told in told_of for row in rows.assessments(paper, told)))
            self._insert("paper_records", ((record, paper.id) for paper in some for record in paper.records))
            self._insert("paper_arrivals", (papers.arrival(paper, self._records, self._arrived) for paper in some))
            self._insert("paper_fields", (row for paper in some for row in rows.fields(paper)))

    def _file_people(self) -> dict[str, list[derive.Numbered]]:
        """File what people said, and return it in the codes of now, by paper."""
        said: dict[str, list[derive.Numbered]] = defaultdict(list)
        spoken = enumerate(self._content.decisions, 1)
        while some := list(islice(spoken, _AT_ONCE)):
            recoded = [(n, made, self._content.recodings.recoded(made, self._content.scheme)) for n, made in some]
            self._insert("decisions", (rows.decision(n, made, now) for n, made, now in recoded))
            self._file_answers((n, now.made) for n, _, now in recoded)
            for number, _, now in recoded:
                if now.made.record in self._paper_of:
                    said[self._paper_of[now.made.record]].append((number, now.made))
        return said

    def _told(
        self, some: Sequence[Paper], said: dict[str, list[derive.Numbered]]
    ) -> list[tuple[Paper, list[Assessment]]]:
        """File what rules say of some papers, add it to what was said, and return what can be told of the criteria."""
        plan, scheme = self._content.protocol, self._content.scheme
        by_record = {id_: made for paper in some for id_, made in self._tagged.of_paper(paper).items()}
        tagged = chain.from_iterable(by_record.values())
        told_of = list(criteria.assessed(plan, scheme, self._records, some, self._studies, tagged))
        every: list[derive.Numbered] = []
        for paper, told in told_of:
            own = self._numbered(made for record in paper.records for made in by_record[record])
            own += self._numbered(criteria.suggestions(told, paper.id, CRITERIA_RULES))
            said[paper.id] += own
            every += own
        self._file_said(every)
        return told_of

    def _numbered(self, said: Iterable[Decision]) -> list[derive.Numbered]:
        return [(next(self._number), made) for made in said]

    def _file_said(self, numbered: Sequence[derive.Numbered]) -> None:
        self._insert("decisions", (rows.decision(n, made) for n, made in numbered))
        self._file_answers(numbered)

    def _file_answers(self, numbered: Iterable[derive.Numbered]) -> None:
        asked = self._content.scheme.questions
        self._insert("answers", (row for n, made in numbered for row in rows.answers(n, made, asked)))

    def _insert(self, table: str, values: Iterable[database.Row]) -> None:
        database.insert(self._built, table, values)
