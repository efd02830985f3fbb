"""Commands that decide: tag and screen, one decision a question, appended to the coder's file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reviewdb.cli import batching, measuring
from reviewdb.cli.app import Json, app, place
from reviewdb.cli.sitting import RANK, SAMPLE, sit
from reviewdb.cli.talk import complain, progress, say
from reviewdb.model import EXCLUDE, INCLUDE, MAYBE, Decision

if TYPE_CHECKING:
    from reviewdb.coding import Case, Coder

Key = Annotated[str, typer.Argument(metavar="[KEY]", help="The paper: its key or id; none: the keyboard screen.")]
Unblind = Annotated[bool, typer.Option("--unblind", help="On the screen, show other coders' answers before yours.")]
Plain = Annotated[bool, typer.Option("--plain", help="Ask line by line, without a full screen.")]
Name = Annotated[str, typer.Option("--coder", envvar="REVIEWDB_CODER", help="Who decides.")]
Why = Annotated[str, typer.Option(help="The reason, kept with the decision.")]
Settle = Annotated[bool, typer.Option("--settle", help="Close a conflict: earlier answers no longer count.")]
Sheet = Annotated[
    Path | None, typer.Option("--from", metavar="FILE", help="Instead of one paper: a CSV or TSV file; - is stdin.")
]
Partial = Annotated[bool, typer.Option("--partial", help="With --from: write the good rows, and leave the others.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="With --from: show what would change, and write nothing.")]
Quality = Annotated[bool, typer.Option("--quality", help="Instead: how suggestions fare against people.")]
Undo = Annotated[bool, typer.Option("--undo", help="Take the coder's last answer back, as if it had never been given.")]


@app.command()
def tag(
    key: Key = "",
    answers: Annotated[
        list[str] | None,
        typer.Argument(metavar="FACET=CODE...", help="modality=mri.brain,ct  method+=vae  aim='...'"),
    ] = None,
    coder: Name = "",
    why: Why = "",
    settle: Settle = False,
    undo: Undo = False,
    unblind: Unblind = False,
    plain: Plain = False,
    sheet: Sheet = None,
    partial: Partial = False,
    dry_run: DryRun = False,
    quality: Quality = False,
    as_json: Json = False,
) -> None:
    """Code papers from the keyboard, or one paper by its key.

    On the screen, Enter accepts what is marked and ? shows the keys. With a key, codes are separated by commas; +=
    adds, -= takes away, = alone says none; with --undo, name the facets alone, or none for the last answer of all. A
    sheet for --from has a row a paper: key (or id, doi, title and year), and a column a facet, codes separated by ; or
    , and - for none; or else a row an answer: key,question,answer. All of it is written, or nothing.

    Example: reviewdb tag schlegl2017unsupervised modality=oct method+=gan --coder ana --why "abstract"
    """
    if quality:
        measuring.quality(as_json=as_json)
        return
    if sheet:
        _check_alone(key, undo)
        batching.decide(sheet, (coder, why, settle), dry_run=dry_run, partial=partial, as_json=as_json)
        return
    _check_unsheeted(dry_run or partial or as_json)
    if not key:
        _check_open(why=why, settle=settle, undo=undo)
        sit("tag", coder, unblind=unblind, plain=plain)
        return
    if not answers and not undo:
        raise typer.BadParameter("say at least one, such as modality=mri.brain", param_hint="FACET=CODE")

    from reviewdb import coding  # noqa: PLC0415 - it loads the build, which other commands start without

    def make(case: Case) -> list[Decision]:
        if undo:
            return coding.undo(case, answers or [], stages=False)
        return coding.settling(case, coding.tag(case, answers or []))

    _decide(key, coding.Coder(coder, why, settle), make)


Order = Annotated[
    str,
    typer.Option("--order", metavar=f"{RANK}|{SAMPLE}", help="On the screen: as reviewdb rank has it, or by chance."),
]


@app.command()
def screen(  # noqa: PLR0913, PLR0917 - as many parameters as options
    key: Key = "",
    verdict: Annotated[str, typer.Argument(metavar=f"{INCLUDE}|{EXCLUDE}|{MAYBE}", help="The answer.")] = "",
    reason: Annotated[str, typer.Option(help="Why a paper is out: a reason of the coding scheme.")] = "",
    stage: Annotated[
        str,
        typer.Option(
            help="The stage; by default that of the reason, or the first open one; with --settle, the contested one."
        ),
    ] = "",
    coder: Name = "",
    why: Why = "",
    settle: Settle = False,
    undo: Undo = False,
    unblind: Unblind = False,
    plain: Plain = False,
    order: Order = "",
    sheet: Sheet = None,
    include: Annotated[
        bool, typer.Option("--include", help="With --from: a row that says no answer includes.")
    ] = False,
    partial: Partial = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Decide from the keyboard which papers are in the review, or decide on one paper by its key.

    On the screen, a includes, x excludes, space is for maybe, and ? shows the keys.

    A sheet for --from has a row a paper: key (or id, doi, title and year), and answer, reason and stage; or else a
    column a stage, with answers such as exclude.survey. A sheet of papers that are all in needs none: --include. All of
    it is written, or nothing.

    Example: reviewdb screen zhao2023clip exclude --reason survey --coder ana
    """
    if order not in ("", RANK, SAMPLE):
        raise typer.BadParameter(f"{order} is not one of {RANK}, {SAMPLE}", param_hint="--order")
    if order and (key or sheet):
        raise typer.BadParameter("it is the screen's: name no paper and no sheet", param_hint="--order")
    if sheet:
        _check_alone(key, undo, reason, stage)
        ways = {"dry_run": dry_run, "partial": partial, "include": include, "as_json": as_json}
        batching.decide(sheet, (coder, why, settle), stages=True, **ways)
        return
    _check_unsheeted(dry_run or partial or include or as_json)
    if not key:
        _check_open(why=why, settle=settle, undo=undo, reason=reason)
        sit("screen", coder, stage=stage, unblind=unblind, plain=plain, order=order)
        return
    if verdict not in (INCLUDE, EXCLUDE, MAYBE) and not undo:
        said = verdict or "nothing"
        raise typer.BadParameter(f"{said} is not one of {INCLUDE}, {EXCLUDE}, {MAYBE}", param_hint="verdict")

    from reviewdb import coding  # noqa: PLC0415 - as above

    def make(case: Case) -> list[Decision]:
        if undo:
            return coding.undo(case, [stage] if stage else [], stages=True)
        return coding.settling(case, coding.screen(case, verdict, reason, stage))

    _decide(key, coding.Coder(coder, why, settle), make)


def _check_open(**given: object) -> None:
    """Refuse options that are about one paper where none is named: the screen has keys for them."""
    for name, value in given.items():
        if value:
            raise typer.BadParameter("it goes with a paper: name its KEY", param_hint=f"--{name}")


def _check_alone(*others: object) -> None:
    if any(others):
        raise typer.BadParameter("a sheet says which papers, and what about them: name none, and undo nothing")


def _check_unsheeted(of_sheets: bool) -> None:
    if of_sheets:
        raise typer.BadParameter("--dry-run, --partial, --include and --json go with --from")


def _decide(key: str, coder: Coder, make: Callable[[Case], list[Decision]]) -> None:
    from reviewdb import coding  # noqa: PLC0415 - as above

    at = place()
    with progress() as tell:
        outcome = coding.decide(at, key, coder, make, tell)
    if not outcome.made:
        say(f"{outcome.paper.key}: {coder.name} has said so already; nothing is written.")
    for decision in outcome.made:
        said = "last answer undone" if decision.undoes else decision.answer_text
        say(f"{outcome.paper.key}: {decision.question} = {said}  ({at.shown(at.decisions_of(decision.coder))})")
    for question in outcome.contested:
        say(f"{question} is contested: see reviewdb table conflicts. When you agree, decide with --settle.")
    if outcome.fault:
        complain(f"The decision is kept, but the database is as it was.\n{outcome.fault}")
