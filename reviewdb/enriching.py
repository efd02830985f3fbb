"""Enriching: what OpenAlex knows of the papers of a review, filed as a search of its own beside what others said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from reviewdb import (
    __version__,
    build,
    database,
    entries,
    journal,
    likeness,
    locks,
    papers,
    reading,
    review,
    searches,
    works,
)
from reviewdb.errors import EXIT_BLOCKED, ReviewError
from reviewdb.likeness import Likeness
from reviewdb.model import ENRICHMENT, Page, Record, Search
from reviewdb.openalex import OpenAlex
from reviewdb.review import Review
from reviewdb.text import counted, doi

#: Told how many papers were looked up, of how many, and what goes on.
Watch = Callable[[int, int, str], None]

_QUERY = "papers of this review, by DOI or title"
# Papers whose works are filed together: as many DOIs as one request may name, and few enough titles to lose.
_DOIS, _TITLES = 50, 5


@dataclass(frozen=True, slots=True)
class Subject:
    """A paper to be looked up: the records that searches found, and what OpenAlex was found to know of it before."""

    id: str
    key: str
    records: tuple[Record, ...]
    known: tuple[Record, ...]

    @property
    def dois(self) -> list[str]:
        """The DOIs that the records name."""
        return list(dict.fromkeys(filter(None, (doi(record.doi) for record in self.records))))


@dataclass(frozen=True, slots=True)
class Match:
    """A work that is the paper, and why."""

    paper: Subject
    work: Record
    like: Likeness


@dataclass(slots=True)
class Report:
    """What enriching came to."""

    #: The search that it is filed as; empty where nothing was found.
    search: str = ""
    matches: list[Match] = field(default_factory=list)
    #: Papers of which OpenAlex has no work that is surely theirs.
    unknown: list[Subject] = field(default_factory=list)
    #: Papers that were enriched before, and not asked about.
    before: int = 0

    def gained(self, name: str) -> int:
        """Return how many papers got a value of a field that none of their records had."""
        return sum(
            bool(getattr(m.work, name)) and not any(getattr(r, name) for r in m.paper.records) for m in self.matches
        )

    @property
    def retracted(self) -> list[Subject]:
        """The papers whose work OpenAlex says is retracted."""
        return [match.paper for match in self.matches if match.work.extra.get("is_retracted")]


def subjects(place: Review, names: Sequence[str] = ()) -> list[Subject]:
    """Return the papers of a review, or those named, by their ids. Raises ReviewError for a name that none has."""
    build.refresh(place)
    records = review.load(place).records
    with closing(database.reader(place.database)) as connection:
        wanted = {reading.find(connection, name).id for name in names}
        members_of = "SELECT id, key, record_id FROM papers JOIN paper_records ON paper_id = id ORDER BY 1, 3"
        members: dict[tuple[str, str], list[Record]] = {}
        for id_, key, record in connection.execute(members_of):
            if (not names or id_ in wanted) and not papers.is_correction(records[record]):
                members.setdefault((id_, key), []).append(records[record])
    return [
        Subject(id_, key, tuple(r for r in found if not r.about), tuple(r for r in found if r.about))
        for (id_, key), found in members.items()
    ]


def enrich(place: Review, source: OpenAlex, names: Sequence[str], watch: Watch, *, again: bool = False) -> Report:
    """Look up the papers of a review, or those named, and file what OpenAlex knows of them; what others said stays.

    A paper that was found before is not asked about, except with `again`. What was found is on disk every few papers.
    Raises BlockedError and ReviewError as OpenAlex does; what was found until then is filed.
    """
    with locks.asking(place.root):
        every = subjects(place, names)
        papers = [paper for paper in every if again or not paper.known]
        report = Report(before=len(every) - len(papers))
        filing = _Filing(place, source)
        try:
            for asked, found in _found(source, papers, watch):
                filing.file(found)
                report.search = filing.search.id if filing.number else ""
                report.matches += found
                report.unknown += [paper for paper in asked if all(match.paper is not paper for match in found)]
        except ReviewError as error:
            done = len(report.matches) + len(report.unknown)
            blocked = error.exit_code == EXIT_BLOCKED
            then = "To go on, run the same command tomorrow." if blocked else "The same command goes on from there."
            told = f"Looked up so far: {done} of {counted(len(papers), 'paper')}. {then}"
            todo = f"{error.todo} {told}"
            raise ReviewError(error.what, todo.strip(), exit_code=error.exit_code) from error
        return report


def _found(
    source: OpenAlex, papers: Sequence[Subject], watch: Watch
) -> Iterator[tuple[Sequence[Subject], list[Match]]]:
    """Yield some papers that were looked up, with their works: first by DOI, then by title, until all are through."""
    titled: list[Subject] = []
    done = 0
    for batch in _batches([paper for paper in papers if paper.dois], _DOIS):
        watch(done, len(papers), f"{counted(done, 'paper')} looked up, next {len(batch)} by DOI")
        works_of = source.by_dois([name for paper in batch for name in paper.dois])
        found = list(filter(None, (_by_doi(paper, works_of) for paper in batch)))
        matched = [match.paper for match in found]
        titled += [paper for paper in batch if paper not in matched]
        done += len(found)
        yield matched, found
    for batch in _batches([*titled, *(paper for paper in papers if not paper.dois)], _TITLES):
        watch(done, len(papers), f"{counted(done, 'paper')} looked up, next by title: {batch[0].key}")
        found = list(filter(None, (_by_title(source, paper) for paper in batch)))
        done += len(batch)
        yield batch, found
    watch(done, len(papers), f"{counted(done, 'paper')} looked up")


def _by_doi(paper: Subject, works_of: dict[str, Record]) -> Match | None:
    for name in paper.dois:
        if name in works_of and (like := likeness.by_doi(paper.records, works_of[name])):
            return Match(paper, works_of[name], like)
    return None


def _by_title(source: OpenAlex, paper: Subject) -> Match | None:
    for title in dict.fromkeys(record.title for record in paper.records):
        if found := likeness.best(paper.records, source.by_title(title)):
            return Match(paper, *found)
    return None


def _batches(papers: Sequence[Subject], size: int) -> Iterator[Sequence[Subject]]:
    return (papers[at : at + size] for at in range(0, len(papers), size))


class _Filing:
    """The search that an enrichment becomes: a page for each batch, on disk when it is filed."""

    def __init__(self, place: Review, source: OpenAlex) -> None:
        now = datetime.now(UTC)
        version = f"reviewdb {__version__}, {source.version}"
        id_ = searches.free_id(place, source.name)
        self.search = Search(id_, source.name, _QUERY, f"{now:%Y-%m-%d}", source.parameters, ENRICHMENT, version)
        self._place = place
        self._pages = 0
        #: Works filed so far.
        self.number = 0

    def file(self, found: Sequence[Match]) -> None:
        if not found:
            return
        self._pages += 1
        page = Page(self._pages, entries.moment_text(datetime.now(UTC)), "", len(found), None, "")
        hits = [self._hit(match, n) for n, match in enumerate(found, self.number + 1)]
        head = [] if self.number else [entries.of_search(self.search)]
        with locks.writing(self._place.root):
            lines = [*head, entries.of_page(page), *map(entries.of_record, hits)]
            journal.append(self._place.search_file(self.search.id), lines)
        self.number += len(found)

    def _hit(self, match: Match, number: int) -> Record:
        extra = {**match.work.extra, "because": match.like.reason, "score": match.like.score}
        id_ = f"{self.search.id}-{number:03}"
        return replace(match.work, id=id_, search=self.search.id, rank=number, about=match.paper.id, extra=extra)


def identify(place: Review, source: OpenAlex, name: str) -> str:
    """Return the OpenAlex id (`W123`) of what a person names: by that id or its address, by DOI, or by a paper's key.

    Raises ReviewError where there is no such paper, or where OpenAlex is not known to have it.
    """
    if works.name(name) or doi(name):
        return works.name(source.work(name).extra["openalex"])
    (paper,) = subjects(place, [name])
    for record in reversed(paper.known):
        if known := works.name(record.extra.get("openalex")):
            return known
    found = _by_doi(paper, source.by_dois(paper.dois)) or _by_title(source, paper)
    if found is None:
        todo = "Look for it on openalex.org, and name it by its id there (W...) or its DOI."
        raise ReviewError(f"OpenAlex has no work that is surely {paper.key}.", todo)
    return works.name(found.work.extra["openalex"])
