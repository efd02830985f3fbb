"""PRISMA: what the flow of a review is derived from, read from its database."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from itertools import groupby

from reviewdb import database, origins
from reviewdb.flow import Flow, Judged, flow
from reviewdb.model import Search
from reviewdb.protocol import Reported
from reviewdb.scheme import Code, Question


@dataclass(frozen=True, slots=True)
class Counted:
    """A review's title and question, its flow, and what the published review reports of itself."""

    title: str
    question: str
    flow: Flow
    reported: tuple[Reported, ...]


def count(connection: sqlite3.Connection) -> Counted:
    """Return the flow of the review that a database holds."""
    said = dict(connection.execute("SELECT key, value FROM protocol WHERE key IN ('title', 'question')"))
    searches = [
        Search(id_, origins.name(source), query, date, json.loads(parameters), kind)
        for id_, source, query, date, kind, parameters in connection.execute(database.statement("flow-searches"))
    ]
    derived = flow(
        searches,
        dict(connection.execute(database.statement("flow-records")).fetchall()),
        [Judged(*row) for row in connection.execute(database.statement("flow-papers"))],
        _stages(connection),
    )
    printed = connection.execute(database.statement("flow-reported"))
    return Counted(said["title"], said.get("question", ""), derived, tuple(Reported(*row) for row in printed))


def _stages(connection: sqlite3.Connection) -> list[Question]:
    rows = connection.execute(database.statement("flow-stages"))
    stages = []
    for (id_, label), codes in groupby(rows, key=lambda row: row[:2]):
        answers = [Code(code, name, not_retrieved=bool(flag)) for _, _, code, name, flag in codes]
        stages.append(
            Question(id_, "stage", id_, label, "", suggested=False, codes={code.id: code for code in answers})
        )
    return stages
