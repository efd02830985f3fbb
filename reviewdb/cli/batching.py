"""Deciding from a sheet: what tag and screen do with --from, and what they say of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from reviewdb.cli.app import place
from reviewdb.cli.talk import bar, complain, say
from reviewdb.errors import ReviewError
from reviewdb.text import counted

if TYPE_CHECKING:
    from reviewdb.batches import Report, Wanted

_UNCLEAR = "whether its commas part thousands or decimals cannot be told: give all its numbers a point, or none"
_SHOWN = 20


def decide(
    path: Path,
    coder: tuple[str, str, bool],
    *,
    stages: bool = False,
    dry_run: bool = False,
    partial: bool = False,
    include: bool = False,
    as_json: bool = False,
) -> None:
    """Write what a sheet says as decisions of a coder (name, why, whether it settles), or only tell what that would be.

    Raises ReviewError where a row is wrong and nothing was written for it.
    """
    from reviewdb import batches  # noqa: PLC0415 - it loads the build, which other commands start without
    from reviewdb.coding import Coder  # noqa: PLC0415 - as above

    wanted = batches.Wanted(stages, dry_run, partial, include)
    at = place()
    with bar() as watch:
        report = batches.decide(at, path, Coder(*coder), wanted, watch)
    if as_json:
        typer.echo(json.dumps(report.as_object(), ensure_ascii=False, indent=2))
    else:
        _tell(report, wanted)
    if report.written:
        say(f"{counted(report.written, 'answer')} written to {at.shown(at.decisions_of(coder[0]))}")
    if report.fault:
        complain(f"The answers are kept, but the database is as it was.\n{report.fault}")
    if report.problems and not partial:
        what = f"{report.name}: {counted(len(report.problems), 'row')} cannot be taken."
        raise ReviewError(what, "Nothing is written. Mend them, or take the other rows with --partial.")


def _tell(report: Report, wanted: Wanted) -> None:
    """Say what is new, changed, the same and wrong; in a trial, show the changes themselves."""
    changed = [change for change in report.changes if change.before is not None]
    counts = f"{report.new} new, {len(changed)} changed, {report.same} the same"
    wrong = f"; {counted(len(report.problems), 'row')} cannot be taken" if report.problems else ""
    say(f"{report.name}: answers: {counts}{wrong}")
    if report.unused:
        say(f"  nothing is made of the columns {', '.join(report.unused)}")
    for name, meaning in report.commas.items():
        say(f"  {name}: its commas part {meaning}" if meaning != "unclear" else f"  {name}: {_UNCLEAR}")
    for problem in report.problems[:_SHOWN]:
        say(f"  {problem}")
    if len(report.problems) > _SHOWN:
        say(f"  … and {len(report.problems) - _SHOWN} more")
    if wanted.dry_run:
        for change in report.changes:
            before = "" if change.before is None else f"{change.before} → "
            typer.echo(f"{change.key}: {change.question} = {before}{change.after}")
