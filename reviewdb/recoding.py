"""Recoding: the codes of a facet renamed, merged, split or retired, in the scheme and for all answers given so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from reviewdb import build, coding, entries, intents, journal, locks, recodings, review, sources
from reviewdb.build import Tell
from reviewdb.effects import Effect, effect
from reviewdb.errors import BadReviewError, ReviewError
from reviewdb.folder import PROTOCOL, SCHEME
from reviewdb.intents import Asked
from reviewdb.model import Recoding
from reviewdb.review import Content, Planned, Review
from reviewdb.scheme_edits import Edited, Place
from reviewdb.text import ancestors
from reviewdb.toml_editor import CannotEditError

_NOTHING = "Nothing is written."


@dataclass(frozen=True, slots=True)
class Plan:
    """A recoding, or the undoing of one, before it is written."""

    #: The recoding; of an undoing, the one that is undone.
    made: Recoding
    undoes: bool
    #: The line to append; None where it is there already.
    line: Recoding | None
    #: The files to write, by their names.
    texts: dict[str, str]
    #: What the files say now.
    before: dict[str, str]
    effect: Effect

    @property
    def is_done(self) -> bool:
        """Nothing is left to write."""
        return self.line is None and not self.texts


#: Asked whether a plan is to be carried out.
Agree = Callable[[Plan], bool]


def recode(place: Review, asked: Asked, coder: coding.Coder, agree: Agree, tell: Tell) -> tuple[Plan, str]:
    """Plan a recoding, and carry it out if `agree` says so; return it, and why the database lags, if it does.

    What was begun and not finished, as the machine stopped in between, is finished by asking the same again. Raises
    ReviewError, with nothing written, where the codes or the coder make no sense or the review would have problems.
    """
    coding.check_coder(place, coder.name, "decisions")
    with suppress(BadReviewError):  # which this may mend; the database then only gives papers their keys
        build.refresh(place, tell)
    seen = sources.states(place)
    plan = _plan(place, asked, coder)
    if plan.is_done or not agree(plan):
        return plan, ""
    with locks.writing(place.root):
        if sources.states(place) != seen:  # others may write while somebody thinks about it
            agreed, plan = plan, _plan(place, asked, coder)
            if (plan.texts, plan.effect) != (agreed.texts, agreed.effect):
                raise ReviewError("somebody else has written meanwhile, and other answers would change.", _NOTHING)
        _write(place, plan)
        try:
            build.refresh(place, tell, held=True)
        except ReviewError as error:
            return plan, str(error)
    return plan, ""


def _write(place: Review, plan: Plan) -> None:
    """Write a plan so that, wherever it stops, the review has codes that `check` explains and asking again mends.

    An undoing is said before names come back, and a recoding after they are gone.
    """
    lines = [entries.of_recoding(plan.line)] if plan.line else []
    path = place.decisions_of(plan.line.coder if plan.line else plan.made.coder)
    if plan.undoes and lines:
        journal.append(path, lines)
    for name, text in plan.texts.items():
        journal.replace(place.root / name, text.encode("utf-8"))
    if not plan.undoes and lines:
        journal.append(path, lines)


def _plan(place: Review, asked: Asked, coder: coding.Coder) -> Plan:
    before = review.load(place)
    texts = {name: (place.root / name).read_bytes().decode("utf-8") for name in (SCHEME, PROTOCOL)}
    if not before.scheme.questions and before.problems:
        raise BadReviewError(before.problems, "Mend the coding scheme first.")
    try:
        if asked.kind == "undo":
            return _undoing(place, asked.facet, coder, before, texts)
        return _recoding(place, asked, coder, before, texts)
    except CannotEditError:
        what = f"{SCHEME} is laid out in a way that cannot be edited here."
        todo = "Change the names there by hand, then run the command again: it says the rest."
        raise ReviewError(what, todo) from None


def _recoding(place: Review, asked: Asked, coder: coding.Coder, before: Content, texts: dict[str, str]) -> Plan:
    question = intents.question(before, asked.facet)
    made = replace(intents.recoding(asked, question), coder=coder.name, why=coder.why)
    where = Place(question.facet, question.kind == "stage")
    same = (made.facet, made.codes, made.became)
    standing = [one for one in before.recodings.standing if (one.facet, one.codes, one.became) == same]
    for one in standing[-1:]:
        # Said before: what is left to do, if anything, is to the scheme.
        with suppress(CannotEditError):
            changed = _changed(lambda edited: edited.make(made, where), texts)
            after = review.load(place, Planned(changed))
            if not after.problems:
                return Plan(one, False, None, changed, texts, effect(place, before, after, question.facet))
    intents.check(made, question, before)
    intents.check_target(asked, made, question)
    changed = _changed(lambda edited: edited.make(made, where), texts)
    line = replace(made, at=_now(before))
    after = _valid(place, Planned(changed, [line]))
    return Plan(line, False, line, changed, texts, effect(place, before, after, question.facet))


def _undoing(place: Review, facet: str, coder: coding.Coder, before: Content, texts: dict[str, str]) -> Plan:
    asked = intents.question(before, facet).facet if facet else ""
    lines = [one for one in before.recodings.made if one.coder == coder.name and asked in ("", one.facet)]
    lines.sort(key=lambda one: one.at)
    standing = [one for one in before.recodings.standing if one.coder == coder.name and asked in ("", one.facet)]
    begun = lines[-1] if lines and lines[-1].undoes and before.problems else None
    undone = next((one for one in lines if begun and (one.facet, one.at) == (begun.facet, begun.undoes)), None)
    made = undone or (standing[-1] if standing else None)
    if made is None:
        of = f" of {asked}" if asked else ""
        what = f"all that {coder.name} recoded{of} is taken back" if lines else f"{coder.name} has recoded nothing{of}"
        raise ReviewError(f"{what}.", "There is nothing to undo.")
    others = [one for one in before.recodings.standing if one is not made and one.facet == made.facet]
    later = [one for one in others if one.at > made.at and _meets(one, made)]
    if later:
        what = f"{later[-1].coder} recoded the same codes later: {recodings.command(later[-1])}"
        raise ReviewError(f"{what}.", f"Undo that first: {recodings.undo_command(later[-1])}")
    question = intents.question(before, made.facet)
    where = Place(question.facet, question.kind == "stage")
    changed = _changed(lambda edited: edited.undo(made, where, others), texts)
    undoing = Recoding(coder.name, made.facet, (), (), _now(before), coder.why, undoes=made.at)
    line = None if undone else undoing
    after = _valid(place, Planned(changed, [line] if line else []))
    return Plan(made, True, line, changed, texts, effect(place, before, after, made.facet))


def _now(before: Content) -> str:
    """Return this moment; where a clock was ahead, the first one after all that was ever said."""
    return entries.moment_after(before.last, datetime.now(UTC))


def _changed(change: Callable[[Edited], None], texts: dict[str, str]) -> dict[str, str]:
    """Return the files that `change` makes other than before; the mark that some editors put before UTF-8 stays."""
    edited = Edited.of(*(texts[name].removeprefix("\ufeff") for name in (SCHEME, PROTOCOL)))
    change(edited)
    # The scheme is written last: as long as it has the old names, the same can be asked again.
    now = {PROTOCOL: edited.protocol.text, SCHEME: edited.scheme.text}
    marked = {name: "\ufeff" * texts[name].startswith("\ufeff") + text for name, text in now.items()}
    return {name: text for name, text in marked.items() if text != texts[name]}


def _valid(place: Review, planned: Planned) -> Content:
    after = review.load(place, planned)
    if after.problems:
        error = BadReviewError(after.problems, _NOTHING)
        raise ReviewError("with this, there would be " + str(error).removesuffix(f"\n{_NOTHING}"), _NOTHING)
    return after


def _meets(one: Recoding, other: Recoding) -> bool:
    """Say whether two recodings are about some of the same codes."""
    mine, theirs = ({*made.codes, *made.became} for made in (one, other))
    return any(a == b or a in ancestors(b) or b in ancestors(a) for a in mine for b in theirs)


def reopened(plan: Plan) -> Sequence[str]:
    """Return the keys of the papers whose answers are open again."""
    return list(dict.fromkeys(change.key for change in plan.effect.changes if change.reopened))
