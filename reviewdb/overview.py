"""The overview: where the review stands, and the next step."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reviewdb import database
from reviewdb.text import counted


@dataclass(frozen=True, slots=True)
class Status:
    """Where the review stands."""

    title: str
    counts: Mapping[str, int]
    #: question, kind, papers coded, papers with suggestions only, papers contested
    coverage: list[tuple[str, str, int, int, int]]

    def as_object(self) -> dict[str, Any]:
        """Return the status for JSON."""
        keys = ("question", "kind", "coded", "suggested", "contested")
        return {
            "title": self.title,
            "counts": dict(self.counts),
            "questions": [dict(zip(keys, row, strict=True)) for row in self.coverage],
            "next": self.next_step,
        }

    def lines(self) -> list[str]:
        """Return the status for a terminal."""
        c = self.counts
        studies = counted(c["studies"], "study", "ies")
        lines = [
            self.title,
            "",
            f"{c['records']:>6} records from {counted(c['searches'], 'search', 'es')}{self._unfinished}",
            f"{c['papers']:>6} papers in {studies}, {counted(c['doubtful pairs'], 'doubtful pair')}",
            f"{c['included']:>6} included, {c['excluded']} excluded",
            f"{c['pending']:>6} pending, {c['contested']} on whose screening coders disagree",
            f"{c['decisions']:>6} decisions by {counted(c['coders'], 'coder')}",
            f"{c['suggestions']:>6} suggestions that nobody has confirmed or refused",
            "",
            f"{'papers by question':22} {'coded':>6} {'suggested':>10} {'contested':>10}",
        ]
        return lines + [f"{q:22} {coded:>6} {said:>10} {against:>10}" for q, _, coded, said, against in self.coverage]

    @property
    def _unfinished(self) -> str:
        unfinished = self.counts["unfinished searches"]
        return f", {unfinished} of them unfinished" if unfinished else ""

    @property
    def next_step(self) -> str:
        """What to do next, as a command where there is one."""
        c = self.counts
        if not c["records"] and not c["unfinished searches"]:
            return "put terms into data/protocol.toml, then: reviewdb harvest; or, with an export: reviewdb import FILE"
        steps = (
            ("unfinished searches", "search", "finish {}, with the command that began: reviewdb harvest"),
            ("conflicts", "conflict", "settle {}, with = on the screen: reviewdb tag"),
            (
                "open again",
                "split answer",
                "say which code is meant in {}: reviewdb table reopened, or reviewdb tag and / reopened",
            ),
            ("doubtful pairs", "doubtful pair", "look at {}: reviewdb dedupe --queue"),
            ("pending", "pending paper", "screen {}: reviewdb screen"),
            ("suggestions", "suggestion", "confirm {}: reviewdb tag"),
        )
        for what, one, todo in steps:
            if c[what]:
                return todo.format(counted(c[what], one, "es" if one == "search" else "s"))
        return "read the tables: reviewdb table"


def status(connection: sqlite3.Connection) -> Status:
    """Return where the review stands."""
    title = connection.execute("SELECT value FROM protocol WHERE key = 'title'").fetchone()[0]
    counts = dict(database.ask(connection, database.statement("overview")).rows)
    return Status(title, counts, database.ask(connection, database.statement("coverage")).rows)
