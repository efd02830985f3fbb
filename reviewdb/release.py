"""Release: what of a database others may read. Notes and blind answers are taken out, and all that follows from them.

What the protocol keeps back is hidden on no page and guarded by no query: it is not in the database that is served.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from reviewdb import database, derive, protocol, review, touched
from reviewdb.errors import ReviewError
from reviewdb.review import Review
from reviewdb.scheme import Scheme

#: The key of `build_info` that tells a released database: how many answers were held back.
WITHHELD = "withheld"
_NAME = "released.db"
# Ids are made of letters, digits and . _ -
_ALL = ("", "~")
_SAID = "SELECT id FROM decisions WHERE record_id = ? AND coder NOT LIKE 'rule:%'"


def is_needed(connection: sqlite3.Connection) -> bool:
    """Say whether the protocol of a database keeps anything back."""
    notes, blind = _settings(connection)
    return not notes or bool(blind)


def release(connection: sqlite3.Connection, place: Review) -> int:
    """Take out of a database what the protocol keeps back; return how many answers that were.

    `connection` holds a copy; no page of it keeps what was taken out. A blind answer is held back until two
    coders' answers to that question about that paper stand, or one settles it: until then the paper is derived as if
    nobody had answered. Raises ReviewError where the coding scheme cannot be read, which that takes.
    """
    notes, blind = _settings(connection)
    held = _withheld(connection, blind, _ALL)
    if held:
        _hold(connection, [number for number, _ in held], {paper for _, paper in held if paper}, _scheme(place))
    if not notes:
        connection.executescript(database.statement("forget-notes"))
    connection.execute("DELETE FROM sources")
    # Which papers an update touched would tell which ones somebody has answered about.
    touched.forget_updates(connection)
    connection.execute("INSERT OR REPLACE INTO build_info VALUES (?, ?)", [WITHHELD, str(len(held))])
    connection.execute("ANALYZE")  # else it would tell how many rows there were
    connection.execute("VACUUM")
    return len(held)


class Released:
    """What of a built review others may read: its database, or a copy of it in `folder` without what is kept back."""

    def __init__(self, place: Review, folder: Path) -> None:
        self._place, self._copy = place, folder / _NAME
        #: The build that the copy is of, and the last update of it.
        self._build, self._last = "", 0

    def renew(self) -> Path:
        """Bring it up to date in one step for every reader, and return where it is.

        Work is in proportion to what was decided since. Raises as `release` does, and where the disk refuses.
        """
        with closing(database.reader(self._place.database)) as built:
            built.execute("BEGIN")  # what is decided meanwhile is for the next time
            if not is_needed(built):
                return self._place.database
            build, last, papers = touched.since(built, self._build, self._last)
            if papers is None or not self._follows(built, papers):
                self._begin_anew(built)
            self._build, self._last = build, last
        return self._copy

    def has_too_much(self, served: Path) -> bool:
        """Say whether the database that readers are given has what the protocol, as its file is now, keeps back."""
        try:
            text = (self._place.root / review.PROTOCOL).read_text(encoding="utf-8-sig")
            plan, problems = protocol.parse(text, review.PROTOCOL)
            if problems:
                return False
            if served == self._place.database:
                return not plan.publish.notes or bool(plan.publish.blind)
            with closing(database.reader(served)) as copy:
                notes, blind = _settings(copy)
        except (OSError, UnicodeDecodeError, ReviewError, sqlite3.Error):
            return False  # the build, which is next, tells what cannot be read
        return (notes and not plan.publish.notes) or not set(plan.publish.blind) <= set(blind)

    def _begin_anew(self, built: sqlite3.Connection) -> None:
        try:
            with closing(database.copied(built)) as copy:
                release(copy, self._place)
                touched.begin_anew(copy)  # what pages counted of the copy before counts no more
                database.swap(copy, self._copy)
        except sqlite3.Error as error:
            what = f"{self._copy}: the copy for readers could not be made: {error}."
            raise ReviewError(what, "Free some space, where temporary files go as well.") from error

    def _follows(self, built: sqlite3.Connection, papers: Sequence[str]) -> bool:
        try:
            return self._follow(built, papers)
        except ReviewError:
            return False  # it was deleted, or is damaged; what is wrong with the review itself shows again

    def _follow(self, built: sqlite3.Connection, papers: Sequence[str]) -> bool:
        """Show what was decided about papers; return False where something is to be hidden that was shown before."""
        notes, blind = _settings(built)
        with database.writer(self._copy) as copy:
            new: dict[str, set[int]] = {}
            for paper in papers:
                for (record,) in built.execute("SELECT record_id FROM paper_records WHERE paper_id = ?", [paper]):
                    held = {number for number, _ in _withheld(built, blind, (record, record))}
                    shown = {number for (number,) in copy.execute(_SAID, [record])}
                    show = {number for (number,) in built.execute(_SAID, [record])} - held
                    if shown - show:
                        return False  # to delete it would leave its bytes in the file
                    if show - shown:
                        new.setdefault(paper, set()).update(show - shown)
            with database.transaction(copy):
                copy.execute("PRAGMA defer_foreign_keys = ON")
                for paper, decisions in new.items():
                    _carry(built, copy, decisions, notes=notes)
                    _derive(copy, paper, _scheme(self._place))
                held_back = str(_people(built) - _people(copy))
                copy.execute("UPDATE build_info SET value = ? WHERE key = ?", [held_back, WITHHELD])
        return True


def _settings(connection: sqlite3.Connection) -> tuple[bool, list[str]]:
    said = dict(connection.execute("SELECT key, value FROM protocol WHERE key LIKE 'publish_%'").fetchall())
    return said["publish_notes"] == "true", json.loads(said["publish_blind"])


def _withheld(connection: sqlite3.Connection, blind: Sequence[str], records: tuple[str, str]) -> list[tuple[int, str]]:
    """Return the decisions on a range of records that wait for a second coder, each with its paper, if it has one."""
    values = {"blind": json.dumps(blind), "first": records[0], "last": records[1]}
    return connection.execute(database.statement("withheld"), values).fetchall() if blind else []


def _people(connection: sqlite3.Connection) -> int:
    """Return how many decisions people made."""
    number: int = connection.execute("SELECT count(*) FROM decisions WHERE coder NOT LIKE 'rule:%'").fetchone()[0]
    return number


def _scheme(place: Review) -> Scheme:
    """Return the coding scheme. Raises ReviewError where it cannot be read."""
    try:
        text = (place.root / review.SCHEME).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ReviewError(f"{place.root / review.SCHEME}: cannot be read: {error}.", "Mend it.") from error
    scheme, problems = review.parse_scheme(text)
    if problems:
        raise ReviewError(f"{review.SCHEME} has problems, so what readers may see cannot be told.", "reviewdb check")
    return scheme


def _hold(connection: sqlite3.Connection, decisions: Sequence[int], papers: set[str], scheme: Scheme) -> None:
    """Forget decisions, and derive anew the papers that they are about."""
    with database.transaction(connection):
        connection.execute("PRAGMA defer_foreign_keys = ON")
        connection.execute(database.statement("forget-withheld"), {"ids": json.dumps(decisions)})
        for id_ in sorted(papers):
            _derive(connection, id_, scheme)
    # The full-text index would keep the words of what was forgotten.
    connection.executescript(database.statement("index-words"))


def _derive(connection: sqlite3.Connection, paper: str, scheme: Scheme) -> None:
    about = derive.derive(paper, database.decisions_on(connection, paper), scheme)
    touched.replace(connection, paper, about.values, **about.beside)


def _carry(built: sqlite3.Connection, copy: sqlite3.Connection, decisions: set[int], *, notes: bool) -> None:
    """Copy decisions, with what they say; their reasons only with `notes`."""
    ids = {"ids": json.dumps(sorted(decisions)), "notes": notes}
    for table in ("decisions", "answers"):
        database.insert(copy, table, built.execute(database.statement(f"{table}-to-carry"), ids))
