"""What every page says about the review, read anew whenever its database changed: a running site never goes stale."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache, partial
from importlib.resources import files
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

from reviewdb import database, release
from reviewdb.errors import ReviewError
from reviewdb.site import keeping
from reviewdb.site.keeping import Kept

if TYPE_CHECKING:
    from datasette.app import Datasette
    from datasette.database import Database

Value = TypeVar("Value")

#: The name of the plugin, as Datasette knows it.
PLUGIN = "reviewdb"

_TABLES_OF_A_REVIEW = 7
#: Databases that Datasette makes for itself.
_NOT_SERVED = ("_internal", "_memory")
# The reviews of the request that is being answered, by Datasette and database; outside of one, each is looked for anew.
_found: ContextVar[dict[tuple[int, str], About] | None] = ContextVar("found", default=None)


@dataclass(frozen=True, slots=True)
class Code:
    """One value of a question, as people read it."""

    id: str
    label: str
    definition: str
    parent: str
    position: int


@dataclass(frozen=True, slots=True)
class Question:
    """A stage or a facet; the columns are those of papers that answer it, empty where there is none."""

    id: str
    kind: str
    label: str
    definition: str
    column: str
    suggested_column: str
    facet: str = ""
    codes: dict[str, Code] = field(default_factory=dict)
    #: Of a number: what it is in.
    unit: str = ""

    @property
    def heading(self) -> str:
        """The label, with the unit of a number behind it."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

    def label_of(self, code: str) -> str:
        """Return what people call a code."""
        found = self.codes.get(code)
        return found.label if found else code


@dataclass(frozen=True, slots=True)
class About:
    """A review: the name of its database, what its protocol says, and its questions in order."""

    database: str
    protocol: Mapping[str, str]
    version: str
    #: Answers that were held back from this copy; None in a database that nothing was taken out of.
    withheld: int | None
    questions: Mapping[str, Question]
    #: The names of its queries.
    queries: frozenset[str] = frozenset()
    #: The labels that codes of several facets have.
    shared: frozenset[str] = frozenset()

    @property
    def title(self) -> str:
        """The title of the review."""
        return self.protocol.get("title", "") or "Untitled review"

    @property
    def has_notes(self) -> bool:
        """Whether the reasons of coders are for readers."""
        return self.protocol.get("publish_notes") == "true"

    @property
    def blind(self) -> list[str]:
        """The labels of the questions whose answers wait for a second coder."""
        named = json.loads(self.protocol.get("publish_blind", "[]"))
        return [q.label for q in self.questions.values() if q.id in named or q.facet in named]

    @property
    def keeps_back(self) -> bool:
        """Whether the protocol keeps anything from readers."""
        return not self.has_notes or bool(self.blind)

    @property
    def facets(self) -> list[Question]:
        """The questions that are answered by codes."""
        return [question for question in self.questions.values() if question.kind == "codes"]

    @property
    def numbers(self) -> list[Question]:
        """The questions that are answered by numbers."""
        return [question for question in self.questions.values() if question.kind == "number"]

    def full_label(self, question: Question, code: str) -> str:
        """Return the label of a code; with that of its question where alone it says nothing, as "Yes" does."""
        label = question.label_of(code)
        return f"{question.label}: {label}" if label in self.shared else label


@cache
def statement(name: str) -> str:
    """Return the SQL of one file of the site."""
    return (files("reviewdb.site") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def is_review(connection: sqlite3.Connection) -> bool:
    """Say whether a database is one of a review, built by this version."""
    if connection.execute(statement("is-review")).fetchone()[0] != _TABLES_OF_A_REVIEW:
        return False
    found = connection.execute("SELECT value FROM build_info WHERE key = 'schema'").fetchone()
    return found is not None and found[0] == database.schema()


async def snapshot(served: Database, read: Callable[[sqlite3.Connection], Value]) -> Value:
    """Return what `read` finds in one state of the database: a page never mixes two builds."""

    def reading(connection: sqlite3.Connection) -> Value:
        connection.execute("BEGIN")
        try:
            return read(connection)
        finally:
            connection.execute("ROLLBACK")

    result: Value = await served.execute_fn(reading)
    return result


def only(datasette: Datasette) -> str | None:
    """Return the name of the only served database; None where there are more, or none."""
    served = [known for known in datasette.databases if known not in _NOT_SERVED]
    return served[0] if len(served) == 1 else None


def is_published(datasette: Datasette) -> bool:
    """Say whether the pages are asked for to be written to files, where no Datasette answers."""
    return bool((datasette.plugin_config(PLUGIN) or {}).get("published"))


@contextmanager
def answering() -> Iterator[None]:
    """Answer a request: what `find` finds within, it finds once."""
    token = _found.set({})
    try:
        yield
    finally:
        _found.reset(token)


async def find(datasette: Datasette, name: str | None = None) -> About | None:
    """Return the review of a served database; without a name, of the only one. None where it is not a review."""
    name = only(datasette) if name is None else name
    if name is None or name in _NOT_SERVED or name not in datasette.databases:
        return None
    found, place = _found.get(), (id(datasette), name)
    if found is not None and place in found:
        return found[place]
    looked = await _look(datasette, name)
    if found is not None and looked is not None:
        found[place] = looked
    return looked


async def _look(datasette: Datasette, name: str) -> About | None:
    try:
        return await snapshot(datasette.get_database(name), partial(_read, kept=keeping.of(datasette, name), name=name))
    except (sqlite3.Error, ReviewError):
        return None


def _read(connection: sqlite3.Connection, kept: Kept, name: str) -> About | None:
    if not is_review(connection):
        return None
    return kept.value(connection, "about", partial(_about, connection, name))


def _about(connection: sqlite3.Connection, name: str) -> About:
    built = dict(rows(connection, "SELECT key, value FROM build_info"))
    questions = _questions(connection)
    return About(
        database=name,
        protocol=dict(rows(connection, "SELECT key, value FROM protocol")),
        version=built.get("version", ""),
        withheld=int(built[release.WITHHELD]) if release.WITHHELD in built else None,
        questions=questions,
        queries=frozenset(name for (name,) in rows(connection, "SELECT name FROM queries")),
        shared=_shared(questions.values()),
    )


def _questions(connection: sqlite3.Connection) -> dict[str, Question]:
    asked = {
        row["id"]: Question(
            *(row["id"], row["kind"], row["label"], row["definition"]),
            *(row["paper_column"] or "", row["suggested_column"] or "", row["facet"]),
            unit=row["unit"] or "",
        )
        for row in connection.execute("SELECT * FROM questions ORDER BY position")
    }
    for row in connection.execute("SELECT * FROM codes ORDER BY question_id, position"):
        code = Code(row["id"], row["label"], row["definition"], row["parent"] or "", row["position"])
        asked[row["question_id"]].codes[code.id] = code
    return asked


def _shared(questions: Iterable[Question]) -> frozenset[str]:
    facets = ({code.label for code in asked.codes.values()} for asked in questions if asked.kind == "codes")
    return frozenset(label for label, count in Counter(chain.from_iterable(facets)).items() if count > 1)


def rows(connection: sqlite3.Connection, sql: str, values: Mapping[str, Any] | None = None) -> list[Any]:
    """Return all rows that a statement gives."""
    return connection.execute(sql, values or {}).fetchall()
