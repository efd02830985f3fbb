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
    from reviewdb.reliability import Conflict, Reliability

_SHOWN = 10
_CONFLICTS = ("paper", "question", "answers")


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
    parts = [reliability.table(found)] if found.agreements else []
    parts += [_conflicts(listed)] if listed else []
    if sys.stdout.isatty():
        for part in parts:
            drawing.draw(part)
    elif parts:
        typer.echo("\n".join(map(tables.as_markdown, parts)), nl=False)
    _tell(found, len(listed))


def _conflicts(found: list[Conflict]) -> Table:
    rows = [(one.paper, one.question, "; ".join(f"{who}: {said}" for who, said in one.answers)) for one in found]
    return Table("conflicts", "Open conflicts", "", _CONFLICTS, rows)


def _tell(found: Reliability, listed: int) -> None:
    if found.legend:
        say(f"\n{found.legend}")
    else:
        say("No paper was answered by two coders by themselves, so there is nothing to compare.")
        say("Let another one decide: reviewdb screen KEY include --coder NAME")
    if listed < len(found.conflicts):
        say(f"{listed} of {counted(len(found.conflicts), 'open conflict')}; for all of them: --conflicts")
    if found.conflicts:
        say(f"To settle the first: {found.conflicts[0].settling}")
