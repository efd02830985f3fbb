"""Simulating: a screening that somebody has done, done again in the order of the ranking."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from reviewdb import discovery, formats, importing, ordering
from reviewdb.errors import Problem, ReviewError
from reviewdb.formats import Hit
from reviewdb.model import Record

#: Told how many of how many records were screened, and how many of them were included.
Tell = Callable[[int, int, int], None]

COLUMN = "label_included"
_LABELS = {"1": 1, "0": 0, "1.0": 1, "0.0": 0, "True": 1, "False": 0}
_TODO = f"Give a table with the columns title, abstract and {COLUMN} (1 or 0)."


@dataclass(frozen=True, slots=True)
class Labelled:
    """The records of a labelled screening: what is read of each, and 1 or 0."""

    texts: Sequence[str]
    labels: Sequence[int]
    #: One for each record that could not be read and was left out.
    problems: Sequence[Problem]


@dataclass(frozen=True, slots=True)
class Simulation:
    """How well the ranking did. The two records that it began with count in `records` and `included` alone."""

    #: Work saved over sampling at a recall of 95 %.
    wss_95: float
    #: The share of the included that is found when a tenth of the records is screened.
    recall_10: float
    #: The average time to discovery, in records.
    atd: float
    #: What it took, reading included.
    seconds: float
    records: int
    included: int
    seed: int
    #: One for each record that could not be read and was left out.
    problems: Sequence[Problem] = ()

    def as_object(self) -> dict[str, Any]:
        """Return the simulation for JSON."""
        digits = {"wss_95": 4, "recall_10": 4, "atd": 2, "seconds": 3}
        rounded = {key: round(getattr(self, key), places) for key, places in digits.items()}
        return rounded | {key: getattr(self, key) for key in ("records", "included", "seed")}


def simulate(path: Path, seed: int, tell: Tell) -> Simulation:
    """Replay the screening of a file (CSV, TSV or JSON, as `labelled` reads it); `-` is stdin.

    It begins with one included and one excluded record, taken at random by `seed`. Raises ReviewError as `labelled`
    does, and where scikit-learn is not installed.
    """
    begun = time.perf_counter()
    screening = labelled(path)
    done = ordering.ranking().replay(screening.texts, screening.labels, seed, tell)
    found = [screening.labels[n] for n in done.order]
    seconds = time.perf_counter() - begun
    wss, recall, atd = discovery.wss(found, 0.95), discovery.recall_at(found, 0.1), discovery.atd(found)
    records, included = len(screening.labels), sum(screening.labels)
    return Simulation(wss, recall, atd, seconds, records, included, seed, screening.problems)


def labelled(path: Path) -> Labelled:
    """Read a labelled screening: a file with `title`, `abstract` where there is one, and `label_included`, 1 or 0.

    Raises ReviewError where the file cannot be read, has no such columns, or holds fewer than two records of either
    label: with one of each the replay begins.
    """
    name = "stdin" if path == importing.STDIN else str(path)
    hits, problems = _read(path, name)
    if not hits:
        told = "".join(f"\n  {problem}" for problem in problems[:10])
        raise ReviewError(f"{name}: it has no record that can be read.{told}", _TODO)
    labels = [_label(name, hit) for hit in hits]
    for label, what in ((1, "included"), (0, "excluded")):
        if labels.count(label) < 2:  # noqa: PLR2004
            how_many = "one" if label in labels else "no"
            raise ReviewError(
                f"{name}: {how_many} record is {what} ({COLUMN} {label}).", "A replay needs two of each to begin."
            )
    return Labelled([_text(hit.record) for hit in hits], labels, problems)


def _read(path: Path, name: str) -> tuple[list[Hit], list[Problem]]:
    with importing.opened(path) as stream:
        content = importing.content_of(stream)
        if content.head.strip() and formats.recognise(content.head) is None:
            raise ReviewError(f"{name}:1: there is no column title.", _TODO)
        hits: list[Hit] = []
        problems: list[Problem] = []
        with importing.decoded(stream, content) as text:
            for found in importing.reading_of(name, text, content).found:
                if isinstance(found, Hit):
                    hits.append(found)
                else:
                    problems.append(replace(found, path=name))
    return hits, problems


def _label(name: str, hit: Hit) -> int:
    if COLUMN not in hit.record.extra:
        raise ReviewError(f"{name}:{hit.line}: the record that begins here has no {COLUMN}.", _TODO)
    said = hit.record.extra[COLUMN]
    label = _LABELS.get(str(said).strip())
    if label is None:
        raise ReviewError(f"{name}:{hit.line}: {COLUMN} is {said!r}, neither 1 nor 0.", "Mend it, or delete the row.")
    return label


def _text(record: Record) -> str:
    return f"{record.title} {record.abstract}"
