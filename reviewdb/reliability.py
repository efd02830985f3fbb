"""Reliability: what coders said independently of each other, how far they agree, and where they still do not.

Agreement is measured on each coder's last answer before another's could be seen (`consensus.independent`); an open
conflict is between what coders say now. Only people are heard, never rules. Codes count with the ancestors that they
imply, as everywhere in a review: who says `mri.brain` agrees on `mri` with one who says no more than that.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, TypeVar

from reviewdb import agreement, consensus, database
from reviewdb.agreement import Answer, Estimate
from reviewdb.consensus import Own
from reviewdb.errors import ReviewError
from reviewdb.hints import hint
from reviewdb.model import EXCLUDE, Decision
from reviewdb.tables import Table

#: What of an answer is compared. A stage has two aspects: in or out, and why among those who say out.
VERDICT, REASON, CODES, TEXT, NUMBER = "verdict", "reason", "codes", "text", "number"
_ASPECTS = {"stage": (VERDICT, REASON), "codes": (CODES,), "text": (TEXT,), "number": (NUMBER,)}
_PAIR = 2

_COLUMNS = ("question", "coders", "papers", "agree", "kappa", "alpha", "differ", "open")
_READ = (
    "papers: answered by two of the coders or more / by any; agree: pairs of answers that are the same; kappa: Cohen's "
    "for two coders, Fleiss' for more; alpha: Krippendorff's, where sets of codes that overlap count in part (MASI), "
    "and numbers by how far they are apart; in brackets: 95 % interval; differ: papers answered differently before "
    "other answers could be seen; open: papers where coders differ now."
)
_UNDEFINED = (
    "A dash: not defined. Nothing was answered twice, or all answers are the same; Fleiss' kappa also needs the same "
    "number of answers for each paper, texts have no coefficient, and numbers no kappa. No interval: answers are too "
    "few, or too alike."
)

#: The answers of coders to one question about one paper.
Said = Mapping[str, Decision]
Way = TypeVar("Way", bound=tuple[Answer, ...])


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far coders agree on one question: of a stage, on the verdict or on the reason."""

    question: str
    #: VERDICT, REASON, CODES, TEXT or NUMBER.
    about: str
    #: Those of the chosen coders who answered any of the papers.
    coders: tuple[str, ...]
    #: Papers that two of the chosen coders or more answered, which all that follows is about, of those that any did.
    papers: int
    answered: int
    #: Papers of these to which coders gave different answers, and of all papers, those where they still do.
    different: int
    open: int
    #: Answers on these papers that their coder changed or took back when others' could be seen: these do not count.
    revised: int
    #: Pairs of answers that are the same, 0 to 100.
    percent: float | None
    #: Cohen's for two coders, Fleiss' for more, with whole answers as categories; None for texts and numbers.
    kappa: Estimate | None
    #: Krippendorff's, with half-right answers (MASI), of numbers by their distance; None for texts.
    alpha: Estimate | None

    @property
    def kappa_of(self) -> str:
        """Whose kappa it is."""
        return "Cohen" if len(self.coders) == _PAIR else "Fleiss"

    def as_object(self) -> dict[str, Any]:
        """Return the agreement for JSON; a coefficient has `value`, `low` and `high`."""
        kappa = _object(self.kappa)
        named = {"kappa": {"of": self.kappa_of, **kappa} if kappa else None, "alpha": _object(self.alpha)}
        return {**asdict(self), **named}


def _object(found: Estimate | None) -> dict[str, Any] | None:
    if found is None:
        return None
    low, high = found.interval or (None, None)
    return {"value": found.value, "low": low, "high": high}


@dataclass(frozen=True, slots=True)
class Conflict:
    """A question about a paper (its key) to which coders give different answers now."""

    paper: str
    question: str
    #: The first aspect in which the answers differ.
    about: str
    #: What each coder says, by name.
    answers: tuple[tuple[str, str], ...]

    @property
    def settling(self) -> str:
        """The command that settles it, with the answer left open."""
        if self.about in _ASPECTS["stage"]:
            return f"reviewdb screen {self.paper} include|exclude|maybe --stage {self.question} --settle --why ..."
        return f"reviewdb tag {self.paper} {self.question}=... --settle --why ..."

    def as_object(self) -> dict[str, Any]:
        """Return the conflict for JSON."""
        return {**asdict(self), "answers": dict(self.answers)}


@dataclass(frozen=True, slots=True)
class Reliability:
    """How far coders agree, on each question that any of them answered, and all conflicts that are open."""

    coders: tuple[str, ...]
    agreements: list[Agreement]
    conflicts: list[Conflict]

    @property
    def legend(self) -> str:
        """What the columns of the table mean; empty where no paper was answered by two coders."""
        if not any(row.papers for row in self.agreements):
            return ""
        estimates = [estimate for row in self.agreements for estimate in (row.kappa, row.alpha)]
        defined = all(estimate and estimate.interval for estimate in estimates)
        return _READ if defined else f"{_READ}\n{_UNDEFINED}"

    def as_object(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "coders": list(self.coders),
            "questions": [found.as_object() for found in self.agreements],
            "conflicts": [found.as_object() for found in self.conflicts],
        }


def measure(connection: sqlite3.Connection, coders: Sequence[str] = (), questions: Sequence[str] = ()) -> Reliability:
    """Return how far coders agree: those named, or all people; on the questions or facets named, or on all.

    Raises ReviewError for a coder who has decided nothing, for one coder alone, and for an unknown question.
    """
    asked = _asked(connection, questions)
    chosen = _chosen(connection, coders)
    own: dict[str, list[tuple[Mapping[str, Own], int]]] = {question: [] for question in asked}
    for question, given, papers in _given(connection, chosen):
        if question in own:
            own[question].append((given, papers))
    conflicts = list(_conflicts(connection, chosen, asked))
    still_open = Counter((conflict.question, conflict.about) for conflict in conflicts)
    agreements = [
        _agreement(question, about, own[question], still_open[question, about])
        for question, kind in asked.items()
        for about in _ASPECTS[kind]
    ]
    order = list(asked)
    conflicts.sort(key=lambda conflict: order.index(conflict.question))
    return Reliability(chosen, [found for found in agreements if found.answered or found.open], conflicts)


def table(found: Reliability) -> Table:
    """Return the agreements as a table, one row a question; of a stage, one for the verdict and one for the reason."""
    *others, last = found.coders
    title = f"Agreement between {', '.join(others)} and {last}" if others else f"Answers of {last}"
    return Table("agreement", title, "", _COLUMNS, [_row(agreement) for agreement in found.agreements])


def _row(found: Agreement) -> tuple[str | int, ...]:
    name = f"{found.question} ({found.about})" if found.about in _ASPECTS["stage"] else found.question
    percent = "-" if found.percent is None else f"{found.percent:.1f}%"
    head = (name, len(found.coders), f"{found.papers}/{found.answered}", percent)
    return (*head, _shown(found.kappa), _shown(found.alpha), found.different, found.open)


def _shown(found: Estimate | None) -> str:
    if found is None or found.interval is None:
        return f"{found.value:.2f}" if found else "-"
    low, high = found.interval
    return f"{found.value:.2f} [{low:.2f}, {high:.2f}]"


def _asked(connection: sqlite3.Connection, names: Sequence[str]) -> dict[str, str]:
    """Return the kind of each question that is asked for, in order."""
    known = connection.execute(database.statement("questions-in-order")).fetchall()
    for name in names:
        if not any(name in (id_, facet) for id_, facet, _ in known):
            raise ReviewError(f"there is no such question as {name!r}.", hint(name, [id_ for id_, *_ in known]))
    return {id_: kind for id_, facet, kind in known if not names or id_ in names or facet in names}


def _chosen(connection: sqlite3.Connection, names: Sequence[str]) -> tuple[str, ...]:
    known = [coder for (coder,) in connection.execute(database.statement("people"))]
    for name in names:
        if name not in known:
            raise ReviewError(f"no coder {name!r} has decided anything.", hint(name, known))
    if len(set(names)) == 1:
        raise ReviewError("it takes two coders to agree.", "Name another one with --coder, or none for all.")
    return tuple(coder for coder in known if not names or coder in names)


def _given(connection: sqlite3.Connection, chosen: Collection[str]) -> Iterator[tuple[str, Mapping[str, Own], int]]:
    """Yield what the chosen coders said of a question independently, with the number of papers it was said of."""
    for question, said, papers in connection.execute(database.statement("independent-answers")):
        given = {
            coder: Own(_made(coder, question, answer), _made(coder, question, later) if later is not None else None)
            for coder, answer, later in json.loads(said)
            if coder in chosen
        }
        if given:
            yield question, given, papers


def _conflicts(connection: sqlite3.Connection, chosen: Collection[str], asked: Mapping[str, str]) -> Iterator[Conflict]:
    """Yield what the chosen coders differ on now, of the questions that are asked, paper by paper."""

    @cache  # much is answered alike
    def differing(question: str, said: str) -> tuple[str, tuple[tuple[str, str], ...]] | None:
        now = {coder: _made(coder, question, answer) for coder, answer in json.loads(said) if coder in chosen}
        about = _differing(now, _ASPECTS[asked[question]])
        return (about[0], tuple((coder, now[coder].answer_text) for coder in sorted(now))) if about else None

    for key, question, said in connection.execute(database.statement("contested-answers")):
        if question in asked and (found := differing(question, said)):
            yield Conflict(key, question, *found)


def _made(coder: str, question: str, answer: Sequence[str]) -> Decision:
    return Decision(coder, "", question, tuple(answer), at="")


def _differing(said: Said, aspects: Iterable[str]) -> list[str]:
    """Return the aspects in which coders differ."""
    return [about for about in aspects if len(set(_answers(said, about).values())) > 1]


def _agreement(
    question: str, about: str, papers: Iterable[tuple[Mapping[str, Own], int]], still_open: int
) -> Agreement:
    answered = revised = 0
    both: list[tuple[dict[str, Answer], int]] = []
    for given, count in papers:
        answers = _answers({coder: own.answer for coder, own in given.items()}, about)
        later = _answers({coder: own.later for coder, own in given.items() if own.later}, about)
        answered += count if answers else 0
        if len(answers) >= _PAIR:
            both.append((answers, count))
            revised += count * sum(later.get(coder) != answer for coder, answer in answers.items())
    coders = tuple(sorted({coder for answers, _ in both for coder in answers}))
    values = _counted((tuple(answers.values()), count) for answers, count in both)
    kappa = alpha = None
    if about == NUMBER:
        # Whoever found no number differs from who found one, by no distance.
        found = _counted((tuple(filter(None, answers)), count) for answers, count in values.items())
        alpha = agreement.alpha(found, agreement.interval)
    elif about != TEXT:
        if len(coders) == _PAIR:
            one, other = coders
            kappa = agreement.cohen(_counted(((answers[one], answers[other]), count) for answers, count in both))
        else:
            kappa = agreement.fleiss(values)
        alpha = agreement.alpha(values)
    return Agreement(
        question=question,
        about=about,
        coders=coders,
        papers=values.total(),
        answered=answered,
        different=sum(count for answers, count in values.items() if len(set(answers)) > 1),
        open=still_open,
        revised=revised,
        percent=agreement.percent(values),
        kappa=kappa,
        alpha=alpha,
    )


def _counted(many: Iterable[tuple[Way, int]]) -> Counter[Way]:
    """Count ways to answer, each given with a number of papers."""
    found: Counter[Way] = Counter()
    for way, papers in many:
        found[way] += papers
    return found


def _answers(said: Said, about: str) -> dict[str, Answer]:
    """Return what of the coders' answers is compared. Who does not exclude a paper has no reason to compare."""
    answers = {coder: made.answer or () for coder, made in said.items()}
    if about in (TEXT, NUMBER):
        return {coder: frozenset(answer) for coder, answer in answers.items()}
    codes = {coder: consensus.with_ancestors(answer) for coder, answer in answers.items()}
    if about == VERDICT:
        return {coder: frozenset(code for code in answer if "." not in code) for coder, answer in codes.items()}
    if about == REASON:
        return {coder: answer - {EXCLUDE} for coder, answer in codes.items() if EXCLUDE in answer}
    return codes
