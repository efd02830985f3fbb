"""History: a review as it was at a git revision, or on a date, built as it is built today."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from reviewdb import build, git, review
from reviewdb.errors import BadReviewError, ReviewError
from reviewdb.folder import PROTOCOL, Review
from reviewdb.review import Content

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


@dataclass(frozen=True, slots=True)
class Point:
    """A moment of a review: a git revision, or a date; `said` is how it was named, `date` when it was."""

    said: str
    date: str
    revision: git.Revision | None = None

    @property
    def label(self) -> str:
        """The moment in words."""
        return f"{self.said} ({self.date})" if self.revision else self.said


def point(place: Review, said: str) -> Point:
    """Return the moment that a person names. Raises ReviewError for no date, and where git knows no such revision."""
    said = said.strip()
    if _DATE.fullmatch(said):
        try:
            date.fromisoformat(said + "0000-01-01"[len(said) :])
        except ValueError:
            raise ReviewError(f"there is no date {said}.", "Write it as YYYY-MM-DD, YYYY-MM or YYYY.") from None
        return Point(said, said)
    found = git.revision(place.root, said)
    return Point(said, found.date, found)


@contextmanager
def built(place: Review, at: Point, tell: build.Tell, *, before: bool) -> Iterator[sqlite3.Connection]:
    """Give the database of a review as it was at a moment, in memory.

    Of a date, it holds what was searched and decided up to the end of it, or, with `before`, up to its beginning, under
    the protocol, the scheme and the queries of today; a search without a date was always there.

    Raises ReviewError where the revision holds no review, or one that cannot be built.
    """
    if at.revision is None:
        content = until(review.load(place), _by(at.date, before=before))
        with build.in_memory(content, tell) as connection:
            yield connection
        return
    with TemporaryDirectory(prefix="reviewdb-") as there:
        _write(place, at.revision, Path(there))
        content = review.load(Review(Path(there)))
    try:
        with build.in_memory(content, tell) as connection:
            yield connection
    except BadReviewError as error:
        first, *more = error.problems
        others = f" (and {len(more)} more)" if more else ""
        raise ReviewError(
            f"{at.label} cannot be built by this version: {first}{others}",
            "Compare with a later revision, or with a date: reviewdb diff 2026-01-01",
        ) from error


def _write(place: Review, of: git.Revision, folder: Path) -> None:
    held = git.files(place.root, of, "data", "queries")
    if PROTOCOL not in held:
        raise ReviewError(
            f"{of.name} ({of.date}) holds no review in {place.root}: no {PROTOCOL}.",
            f"See when it came: git log --oneline -- {PROTOCOL}",
        )
    for name, content in held.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _by(asked: str, *, before: bool) -> Callable[[str], bool]:
    """Return what tells whether something of a date or moment had happened by then."""

    def happened(at: str) -> bool:
        # As far as both are known: a search of a month is one of any day in it.
        known = min(len(at), len(asked))
        return at[:known] < asked[:known] if before else at[:known] <= asked[:known]

    return happened


def until(content: Content, happened: Callable[[str], bool]) -> Content:
    """Return what a review said when only that had happened of which `happened` says so, by its date."""
    searches = [search for search in content.searches if not search.date or happened(search.date)]
    made = {search.id for search in searches}
    records = {id_: record for id_, record in content.records.items() if record.search in made}
    while orphans := [id_ for id_, record in records.items() if record.about and record.about not in records]:
        for id_ in orphans:
            del records[id_]
    return replace(
        content,
        searches=searches,
        records=records,
        decisions=[one for one in content.decisions if happened(one.at) and one.record in records],
        # The scheme is that of today, and so are the codes of all answers.
        recodings=replace(content.recodings, made=[one for one in content.recodings.made if happened(one.at)]),
        rulings=[one for one in content.rulings if happened(one.at) and {one.a, one.b} <= records.keys()],
    )
