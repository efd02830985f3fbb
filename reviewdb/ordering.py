"""Ordering: the papers that a coder has still to screen, those first that are most like what was included so far."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from reviewdb import database, recall
from reviewdb.errors import ReviewError
from reviewdb.hints import hint
from reviewdb.recall import Recall

if TYPE_CHECKING:
    from types import ModuleType

    from reviewdb.ranking import Ranker

#: Told what goes on.
Tell = Callable[[str], None]

#: What an order rests on: what was included so far; likeness to the protocol's question and terms; chance.
By = Literal["learned", "protocol", "chance"]

# So many papers in a row are the first lots by chance less than once in a million times: once in 10! where they are the
# last ones, and once in 100**10 where they are the first of 100.
_SMALLEST_SAMPLE = 10


@dataclass(frozen=True, slots=True)
class Ranked:
    """A paper to be screened; a higher `score` comes first, and means something within one order only."""

    id: str
    key: str
    title: str
    score: float

    def as_object(self) -> dict[str, Any]:
        """Return the paper for JSON."""
        return {"id": self.id, "key": self.key, "score": round(self.score, 4), "title": self.title}


@dataclass(frozen=True, slots=True)
class Order:
    """The papers still to be screened at a stage, in the order in which to screen them."""

    stage: str
    papers: tuple[Ranked, ...]
    by: By
    #: What there was to learn from.
    included: int
    excluded: int
    #: None as long as nothing is included.
    recall: Recall | None

    @property
    def ids(self) -> list[str]:
        """The ids of the papers, in order."""
        return [paper.id for paper in self.papers]

    def as_object(self) -> dict[str, Any]:
        """Return the order for JSON."""
        return {
            "stage": self.stage,
            "by": self.by,
            "included": self.included,
            "excluded": self.excluded,
            "recall": self.recall.as_object() if self.recall else None,
            "papers": [paper.as_object() for paper in self.papers],
        }


@dataclass(frozen=True, slots=True)
class _Paper:
    """A paper as it stands at a stage: a row of at-stage.sql."""

    id: str
    key: str
    title: str
    abstract: str
    label: int | None
    reached: int
    open: int
    since: str

    @property
    def text(self) -> str:
        return f"{self.title} {self.abstract}"


class Orderer:
    """Orders the papers of one review again and again.

    The texts are read into vectors once, and again only after they have changed, so that an order after one more answer
    takes a fraction of the first one's time.
    """

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._ranker: Ranker | None = None

    def order(
        self,
        connection: sqlite3.Connection,
        coder: str = "",
        stage: str = "",
        *,
        blind: bool = False,
        sample: bool = False,
        tell: Tell = lambda _: None,
    ) -> Order:
        """Return the papers that a coder has still to screen, most like the included ones first.

        These are the papers pending at `stage` (by default the first one that has any) that `coder` has not answered.
        What is learned from are the coder's own includes and excludes at that stage and, for papers that the coder has
        not answered, those that coders agree on. Where there is no include or no exclude yet, papers come first that
        are like the protocol's question and search terms. With `blind`, others' answers count neither as answers nor to
        learn from. With `sample`, the order is one of chance: the same at every call, and its first papers are a random
        sample.

        Raises ReviewError where there is no such stage, or scikit-learn is not installed (`sample` does without).
        """
        asked = connection.execute(database.statement("questions-in-order"))
        stages = [id_ for id_, _, kind in asked if kind == "stage"]
        if not stages:
            raise ReviewError("the coding scheme has no stages.", "Add [stage.screening] to data/coding-scheme.toml.")
        if stage and stage not in stages:
            raise ReviewError(f"there is no stage {stage!r}.", hint(stage, stages))
        tell("reading")
        for chosen in [stage] if stage else stages:
            papers = _at(connection, chosen, coder, blind=blind)
            if any(paper.open for paper in papers):
                break
        return self._of(connection, chosen, papers, sample=sample, tell=tell)

    def _of(
        self, connection: sqlite3.Connection, stage: str, papers: list[_Paper], *, sample: bool, tell: Tell
    ) -> Order:
        labels = [paper.label for paper in papers]
        included, excluded = labels.count(1), labels.count(0)
        is_open = [n for n, paper in enumerate(papers) if paper.open]
        by: By = "chance" if sample else "learned" if included and excluded else "protocol"
        if sample or not is_open:
            among = sorted(is_open, key=lambda n: _lot(papers[n].id))
            scores: Sequence[float] = [0.0] * len(papers)
        else:
            found = self._ranker_of([paper.text for paper in papers], tell)
            tell("ranking")
            learned = found.scores(labels) if by == "learned" else found.likeness(_sought(connection))
            among, scores = ranking().best_first(learned, is_open), learned.tolist()
        ranked = tuple(Ranked(papers[n].id, papers[n].key, papers[n].title, scores[n]) for n in among)
        return Order(stage, ranked, by, included, excluded, _recall(papers))

    def _ranker_of(self, texts: list[str], tell: Tell) -> Ranker:
        if self._ranker is None or texts != self._texts:
            tell(f"reading {len(texts)} titles and abstracts")
            self._texts, self._ranker = texts, ranking().Ranker(texts)
        return self._ranker


def ranking() -> ModuleType:
    """Return the module `ranking`. Raises ReviewError where what it needs is not installed."""
    try:
        from reviewdb import ranking as found  # noqa: PLC0415 - a second, and an extra
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"sklearn", "scipy"}:
            raise
        raise ReviewError(
            "ranking needs scikit-learn, which is not installed.", "Install it: pip install 'reviewdb[rank]'"
        ) from error
    return found


def _at(connection: sqlite3.Connection, stage: str, coder: str, *, blind: bool) -> list[_Paper]:
    values = {"stage": stage, "coder": coder, "blind": int(blind)}
    return [_Paper(*row) for row in connection.execute(database.statement("at-stage"), values)]


def _sought(connection: sqlite3.Connection) -> str:
    """Return what the protocol asks and searches for."""
    plan = dict(connection.execute("SELECT key, value FROM protocol"))
    return " ".join([plan["question"], *json.loads(plan["terms"])])


def _lot(paper: str) -> str:
    """Return the lot that a paper draws: by it, papers stand in an order of chance, today and tomorrow."""
    return hashlib.sha256(paper.encode()).hexdigest()


def _recall(papers: Sequence[_Paper]) -> Recall | None:
    """Return the recall at the stage.

    A paper that coders differ on, or answer with maybe, counts as one that is not screened yet.
    """
    asked = [paper for paper in papers if paper.reached or paper.label is not None]
    # Answers of one moment: the worst order that they can have had.
    screened = sorted((p for p in asked if p.label is not None), key=lambda p: (p.since, p.label, p.id))
    labels = [paper.label or 0 for paper in screened]
    drawn = random_sample([paper.id for paper in screened], [paper.id for paper in asked])
    return recall.by_sample(labels, len(asked), drawn) if drawn else recall.by_order(labels, len(asked))


def random_sample(screened: Sequence[str], papers: Sequence[str]) -> range:
    """Return which places of `screened`, ids in the order of their answers, are a random sample (an empty range: none).

    Papers that are screened one after the other, each of them the first in the order of chance of all that were left
    then, are a random sample of these. So nobody has to write down that a sample was drawn. Of several, the largest is
    taken, and of equals the last: what the answers say has no part in that.
    """
    places = {paper: place for place, paper in enumerate(sorted(papers, key=_lot))}
    lots = [places[paper] for paper in screened]
    first = min(set(places.values()) - set(lots), default=len(papers))
    best = run = range(0)
    for n in range(len(lots) - 1, -1, -1):
        first = min(first, lots[n])
        run = range(n, run.stop if run.start == n + 1 else n + 1) if lots[n] == first else range(0)
        best = max(best, run, key=len)
    return best if len(best) >= _SMALLEST_SAMPLE else range(0)
