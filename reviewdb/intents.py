"""Intents: what somebody wants of the codes of a facet, and whether it makes sense."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

from reviewdb import recodings
from reviewdb.errors import ReviewError
from reviewdb.folder import SCHEME
from reviewdb.hints import hint
from reviewdb.model import EXCLUDE, INCLUDE, MAYBE, Recoding
from reviewdb.review import Content
from reviewdb.scheme import CODE, ID, Question
from reviewdb.text import ancestors

#: What is wrong, and what to do.
_Fault = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants of the codes of a facet; names of reasons stand for the codes of a stage."""

    kind: str
    facet: str
    codes: tuple[str, ...] = ()
    became: tuple[str, ...] = ()
    #: What codes are merged into may be a code that there is not yet.
    new: bool = False


def question(content: Content, name: str) -> Question:
    """Return the question whose codes are meant. Raises ReviewError where there is none."""
    found = content.scheme.question(name)
    if found and found.has_codes:
        return found
    known = dict.fromkeys(q.facet for q in content.scheme.questions.values() if q.has_codes)
    raise ReviewError(f"there are no codes of a facet or stage {name!r}.", hint(name, list(known)))


def recoding(asked: Asked, on: Question) -> Recoding:
    """Return what is asked for as a recoding, without a coder and a moment."""
    prefix = f"{EXCLUDE}." if on.kind == "stage" else ""
    known = {*on.codes, *on.former}

    def code(name: str) -> str:
        return name if name in known or not prefix or name.startswith(prefix) else prefix + name

    codes, became = (tuple(dict.fromkeys(map(code, names))) for names in (asked.codes, asked.became))
    if asked.kind == "merge":
        codes = tuple(dict.fromkeys((*codes, *(new for new in became if new in known))))
    return Recoding("", on.facet, codes, became, "")


def check(made: Recoding, on: Question, content: Content) -> None:
    """Raise ReviewError where the codes of a recoding make no sense."""
    faults = chain(_unknown(made, on, content), _shape(made), _renamed(made, on, content), _split(made, on))
    what, todo = next(faults, ("", ""))
    if what:
        raise ReviewError(f"{what}.", todo or "Nothing is written.")


def check_target(asked: Asked, made: Recoding, on: Question) -> None:
    """Raise ReviewError where codes are merged into one that does not exist, and that is not what was asked for."""
    into = made.became[0] if made.became else ""
    if asked.kind == "merge" and not asked.new and into not in on.codes:
        near = hint(asked.became[0], [recodings.argument(code) for code in on.codes], "")
        say = (
            f"{near} To make it a new code, add --new." if near.startswith("Did you") else "To make it one, add --new."
        )
        raise ReviewError(f"{on.facet} has no code {into!r} yet.", f"{say} Nothing is written.")


def _unknown(made: Recoding, on: Question, content: Content) -> Iterator[_Fault]:
    if on.kind == "stage" and (fixed := {INCLUDE, MAYBE, EXCLUDE}.intersection((*made.codes, *made.became))):
        yield f"{min(fixed)} is an answer that every stage has", "Only reasons can be recoded."
    # A code that only answers name was renamed or deleted in the scheme by hand, or this is finished half-way.
    said = content.unknown.get(on.facet, set())
    said = {*on.codes, *on.former, *said, *(above for code in said for above in ancestors(code))}
    for code in made.codes:
        if code not in said:
            yield f"{on.facet} has no code {code!r}", hint(code, list(on.codes))
        elif code in on.former and code not in content.unknown.get(on.facet, set()):
            yield f"{code} is not in use any more", ""
    for new in made.became:
        name, shape = (recodings.argument(new), ID) if on.kind == "stage" else (new, CODE)
        if not shape.fullmatch(name):
            yield f"{name!r} cannot be a name", "Use small letters, digits and _, a letter first. Nothing is written."
        above = new.rpartition(".")[0]
        if above and above not in {*on.codes, *made.became}:
            yield f"{on.facet} has no code {above!r} for {new} to be a kind of", f"Add {above} to {SCHEME} first."
        if new in on.former:
            yield f"{new} was a code before: old answers mean something else by it", "Take another name."


def _shape(made: Recoding) -> Iterator[_Fault]:
    if made.codes == made.became:
        yield f"{made.codes[0]} would become itself", ""
    below = next((new for new in made.became[:1] if set(made.codes).intersection(ancestors(new))), "")
    if len(made.became) == 1 and below:
        yield f"{below} is below {made.codes[0]}", "To make some of its answers finer, split it."


def _renamed(made: Recoding, on: Question, content: Content) -> Iterator[_Fault]:
    if not recodings.is_rename(made):
        return
    old, new = made.codes[0], made.became[0]
    layers = {question.id for question in content.scheme.questions.values() if question.facet == on.facet}
    named = any(new in (said.answer or ()) for said in content.decisions if said.question in layers)
    if new in on.codes and (old in on.codes or named):
        merge = recodings.command(replace(made, codes=(old, new)))
        yield f"{new} is a code already", f"To make one of both: {merge}"


def _split(made: Recoding, on: Question) -> Iterator[_Fault]:
    if len(made.became) < 2:  # noqa: PLR2004 - a split makes two at least
        return
    old = made.codes[0]
    finer = [new for new in made.became if old in ancestors(new)]
    if finer and len(finer) < len(made.became):
        yield "some of the new codes are below the old one, and some are not", "Put all of them below it, or none."
    inner = next((code for code in on.codes if old in ancestors(code)), "")
    if inner and not finer:
        yield f"{old} has codes below it, such as {inner}", "Split or move them first."
