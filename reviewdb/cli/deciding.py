"""Commands that decide: tag and screen, one decision a question, appended to the coder's file."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer

from reviewdb import build, coding, database
from reviewdb.cli.app import REVIEWER, Key, app, opened, place
from reviewdb.cli.talk import complain, progress, say
from reviewdb.coding import Coder, Found
from reviewdb.errors import BadReviewError, ReviewError
from reviewdb.model import Decision
from reviewdb.review import Review
from reviewdb.scheme import EXCLUDE, INCLUDE, MAYBE, Scheme

Name = Annotated[str, typer.Option("--coder", envvar="REVIEWDB_CODER", help="Who decides.")]
Why = Annotated[str, typer.Option(help="The reason, kept with the decision.")]
Settle = Annotated[bool, typer.Option("--settle", help="Close a conflict: earlier answers no longer count.")]
Undo = Annotated[bool, typer.Option("--undo", help="Take the coder's last answer back, as if it had never been given.")]


@app.command(rich_help_panel=REVIEWER)
def tag(
    key: Key,
    answers: Annotated[
        list[str] | None,
        typer.Argument(metavar="FACET=CODE...", help="modality=mri.brain,ct  method+=vae  aim='...'"),
    ] = None,
    coder: Name = "",
    why: Why = "",
    settle: Settle = False,
    undo: Undo = False,
) -> None:
    """Code a paper on one facet or several. Codes are separated by commas; += adds, -= takes away, = alone says none.

    With --undo, name the facets alone, or none for the last answer of all.

    Example: reviewdb tag schlegl2017unsupervised modality=oct method+=gan --coder ana --why "abstract"
    """
    who = Coder(coder, why, settle)
    if not answers and not undo:
        raise typer.BadParameter("say at least one, such as modality=mri.brain", param_hint="FACET=CODE")
    at, scheme = _begin(who)
    with opened(at) as connection:
        paper = coding.paper(connection, key)
        if undo:
            made = coding.undo(connection, scheme, paper, answers or [], who, stages=False)
        else:
            made = coding.new(connection, paper, coding.tag(connection, scheme, paper, answers or [], who))
    _finish(at, scheme, paper, made)


@app.command(rich_help_panel=REVIEWER)
def screen(
    key: Key,
    verdict: Annotated[str, typer.Argument(metavar=f"{INCLUDE}|{EXCLUDE}|{MAYBE}", help="The answer.")] = "",
    reason: Annotated[str, typer.Option(help="Why a paper is out: a reason of the coding scheme.")] = "",
    stage: Annotated[str, typer.Option(help="The stage; by default that of the reason, or the first open one.")] = "",
    coder: Name = "",
    why: Why = "",
    settle: Settle = False,
    undo: Undo = False,
) -> None:
    """Decide whether a paper is in the review.

    Example: reviewdb screen zhao2023clip exclude --reason survey --coder ana
    """
    who = Coder(coder, why, settle)
    if verdict not in (INCLUDE, EXCLUDE, MAYBE) and not undo:
        raise typer.BadParameter(
            f"{verdict or 'nothing'} is not one of {INCLUDE}, {EXCLUDE}, {MAYBE}", param_hint="verdict"
        )
    at, scheme = _begin(who)
    with opened(at) as connection:
        paper = coding.paper(connection, key)
        if undo:
            made = coding.undo(connection, scheme, paper, [stage] if stage else [], who, stages=True)
        else:
            answer = coding.screen(connection, scheme, paper, verdict, reason, stage, who)
            made = coding.new(connection, paper, [answer])
    _finish(at, scheme, paper, made)


def _begin(who: Coder) -> tuple[Review, Scheme]:
    coding.check_coder(who.name)
    at = place()
    return at, coding.load_scheme(at)


def _finish(at: Review, scheme: Scheme, paper: Found, made: list[Decision]) -> None:
    if not made:
        say(f"{paper.key}: you have said so already; nothing is written.")
        return
    coding.write(at, made, scheme)
    for decision in made:
        said = "last answer undone" if decision.undoes else ", ".join(decision.answer or ()) or "no code"
        say(f"{paper.key}: {decision.question} = {said}  ({at.shown(at.decisions_of(decision.coder))})")
    try:
        with progress() as tell:
            build.refresh(at, tell)
    except BadReviewError:
        complain("The decision is kept; it shows when the problems above are mended.")
        return
    except ReviewError as error:
        complain(f"The decision is kept, but the database is as it was.\n{error}")
        return
    with closing(database.reader(at.database)) as connection:
        for question in coding.conflicts(connection, paper, made):
            say(f"{question} is contested: see reviewdb table conflicts. When you agree, decide with --settle.")
