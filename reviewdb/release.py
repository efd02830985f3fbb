"""Release: what of a database others may read. Notes and blind answers are taken out, and all that follows from them.

What the protocol keeps back is hidden on no page and guarded by no query: it is not in the database that is served.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from reviewdb import database, derive, review, touched
from reviewdb.errors import ReviewError
from reviewdb.review import Review

#: The key of `build_info` that tells a released database: how many answers were held back.
WITHHELD = "withheld"
_NAME = "released.db"


def is_needed(connection: sqlite3.Connection) -> bool:
    """Say whether the protocol of a database keeps anything back."""
    notes, blind = _settings(connection)
    return not notes or bool(blind)


def release(connection: sqlite3.Connection, place: Review) -> int:
    """Take out of a database what the protocol keeps back; return how many answers that were.

    `connection` holds a copy in memory; no page of it keeps what was taken out. A blind answer is held back until two
    coders' answers to that question about that paper stand, or one settles it: until then the paper is derived as if
    nobody had answered. Raises ReviewError where the coding scheme cannot be read, which that takes.
    """
    notes, blind = _settings(connection)
    held = connection.execute(database.statement("withheld"), {"blind": json.dumps(blind)}).fetchall() if blind else []
    if held:
        _hold(connection, [number for number, _ in held], {paper for _, paper in held if paper}, place)
    if not notes:
        connection.executescript(database.statement("forget-notes"))
    connection.execute("DELETE FROM sources")
    # Which papers an update touched would tell which ones somebody has answered about.
    touched.forget_updates(connection)
    connection.execute("INSERT OR REPLACE INTO build_info VALUES (?, ?)", [WITHHELD, str(len(held))])
    connection.execute("VACUUM")
    return len(held)


def released(place: Review, folder: Path) -> Path:
    """Return the database of a built review that others may read: the built one, or its released copy in `folder`.

    The copy is brought up to date in one step for every reader. Raises as `release` does, and where the disk refuses.
    """
    with closing(database.reader(place.database)) as built:
        if not is_needed(built):
            return place.database
        with closing(database.copied(built)) as copy:
            release(copy, place)
            database.swap(copy, folder / _NAME)
    return folder / _NAME


def _settings(connection: sqlite3.Connection) -> tuple[bool, list[str]]:
    said = dict(connection.execute("SELECT key, value FROM protocol WHERE key LIKE 'publish_%'").fetchall())
    return said["publish_notes"] == "true", json.loads(said["publish_blind"])


def _hold(connection: sqlite3.Connection, decisions: list[int], papers: set[str], place: Review) -> None:
    """Forget decisions, and derive anew the papers that they are about."""
    try:
        text = (place.root / review.SCHEME).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ReviewError(f"{place.root / review.SCHEME}: cannot be read: {error}.", "Mend it.") from error
    scheme, problems = review.parse_scheme(text)
    if problems:
        raise ReviewError(f"{review.SCHEME} has problems, so blind answers cannot be held back.", "reviewdb check")
    with database.transaction(connection):
        connection.execute("PRAGMA defer_foreign_keys = ON")
        connection.execute(database.statement("forget-withheld"), {"ids": json.dumps(decisions)})
        for id_ in sorted(papers):
            about = derive.derive(id_, database.decisions_on(connection, id_), scheme)
            database.replace(connection, id_, about.values, **about.beside)
    # The full-text index would keep the words of what was forgotten.
    connection.execute("INSERT INTO paper_search (paper_search) VALUES ('rebuild')")
