"""The command that says how far coders agree, and where they do not."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from reviewdb import tables
from reviewdb.cli import drawing
from reviewdb.cli.app import Json, app, opened
from reviewdb.cli.talk import say
from reviewdb.tables import Table
from reviewdb.text import counted

if TYPE_CHECKING:
    from reviewdb.agreement import Estimate
    from reviewdb.reliability import Agreement, Conflict, Reliability

_SHOWN = 10
_COLUMNS = ("question", "coders", "papers", "agree", "kappa", "alpha", "differ", "open")
_CONFLICTS = ("paper", "question", "answers")
_READ = (
    "papers: answered by two of the coders or more / by any; agree: pairs of answers that are the same; kappa: Cohen's "
    "for two coders, Fleiss' for more; alpha: Krippendorff's, where sets of codes that overlap count in part (MASI); "
    "in brackets: 95 % interval; differ: papers answered differently before other answers could be seen; open: papers "
    "where coders differ now."
)
_UNDEFINED = (
    "A dash: not defined. Nothing was answered twice, or all answers are the same; Fleiss' kappa also needs the same "
    "number of answers for each paper, and texts have no coefficient. No interval: answers are too few, or too alike."
)


@app.command()
def agree(
    coder: Annotated[
        list[str] | None, typer.Option(help="Only these coders, two or more; repeat. By default all.")
    ] = None,
    question: Annotated[list[str] | None, typer.Option(help="Only this stage or facet; repeat for several.")] = None,
    conflicts: Annotated[
        bool, typer.Option("--conflicts", help=f"List all open conflicts, not the first {_SHOWN} alone.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say how far coders agree on each stage and facet, and list open conflicts.

    It gives percent agreement, kappa and alpha with 95 % intervals, on papers that two coders or more answered. What
    counts is each coder's last answer before another one's could be seen: the first one, unless the coder changed it
    while nobody else had answered. What is changed, undone or settled after that does not count; how many answers were
    revised so stands in the JSON. Of a stage, verdict and reason are measured apart. For kappa, answers are the same or
    not; alpha gives a part for sets that overlap. Texts are compared by percent alone.

    Example: reviewdb agree --coder ana --coder ben --question screening
    """
    from reviewdb import reliability  # noqa: PLC0415 - numpy, which only this command needs

    with opened() as connection:
        found = reliability.measure(connection, coder or [], question or [])
    if as_json:
        typer.echo(json.dumps(found.as_object(), ensure_ascii=False, indent=2))
        return
    listed = found.conflicts if conflicts else found.conflicts[:_SHOWN]
    parts = [_agreements(found)] if found.agreements else []
    parts += [_conflicts(listed)] if listed else []
    if sys.stdout.isatty():
        for part in parts:
            drawing.draw(part)
    elif parts:
        typer.echo("\n".join(map(tables.as_markdown, parts)), nl=False)
    _tell(found, len(listed))


def _agreements(found: Reliability) -> Table:
    *others, last = found.coders
    title = f"Agreement between {', '.join(others)} and {last}" if others else f"Answers of {last}"
    return Table("agreement", title, "", _COLUMNS, [_row(agreement) for agreement in found.agreements])


def _row(found: Agreement) -> tuple[str | int, ...]:
    name = f"{found.question} ({found.about})" if found.about in ("verdict", "reason") else found.question
    percent = "-" if found.percent is None else f"{found.percent:.1f}%"
    head = (name, len(found.coders), f"{found.papers}/{found.answered}", percent)
    return (*head, _shown(found.kappa), _shown(found.alpha), found.different, found.open)


def _shown(found: Estimate | None) -> str:
    if found is None or found.interval is None:
        return f"{found.value:.2f}" if found else "-"
    low, high = found.interval
    return f"{found.value:.2f} [{low:.2f}, {high:.2f}]"


def _conflicts(found: list[Conflict]) -> Table:
    rows = [(one.paper, one.question, "; ".join(f"{who}: {said}" for who, said in one.answers)) for one in found]
    return Table("conflicts", "Open conflicts", "", _CONFLICTS, rows)


def _tell(found: Reliability, listed: int) -> None:
    if any(row.papers for row in found.agreements):
        say(f"\n{_READ}")
        estimates = [estimate for row in found.agreements for estimate in (row.kappa, row.alpha)]
        if not all(estimate and estimate.interval for estimate in estimates):
            say(_UNDEFINED)
    else:
        say("No paper was answered by two coders by themselves, so there is nothing to compare.")
        say("Let another one decide: reviewdb screen KEY include --coder NAME")
    if listed < len(found.conflicts):
        say(f"{listed} of {counted(len(found.conflicts), 'open conflict')}; for all of them: --conflicts")
    if found.conflicts:
        say(f"To settle the first: {found.conflicts[0].settling}")
