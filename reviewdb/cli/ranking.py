"""The command that orders what is still to be screened, says how much is found, and replays labelled screenings."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reviewdb.cli.app import Json, app, opened
from reviewdb.cli.deciding import Name
from reviewdb.cli.talk import bar, progress, say
from reviewdb.text import counted

if TYPE_CHECKING:
    from reviewdb.ordering import Order
    from reviewdb.recall import Recall

_PROBLEMS = 20
_SHOWN = 20


@app.command()
def rank(
    stage: Annotated[str, typer.Option(help="The stage; by default the first one with papers to screen.")] = "",
    limit: Annotated[
        int | None, typer.Option(min=0, max=10**9, help="At most so many papers; 0: all, as --json. By default 20.")
    ] = None,
    sample: Annotated[
        int, typer.Option(min=0, metavar="N", help="Instead: N papers, drawn at random; screen them in this order.")
    ] = 0,
    coder: Name = "",
    blind: Annotated[bool, typer.Option("--blind", help="As if there were no other coders.")] = False,
    simulate: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Instead: replay this labelled screening; - is stdin.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="With --simulate: what it begins with.")] = 0,
    as_json: Json = False,
) -> None:
    """Order the papers still to be screened, those first that are most like what was included so far.

    It says how much of what there is to include is found, with an interval. That is an estimate: no figure can promise
    that nothing is missed. Screening a random sample (--sample 100) makes it one that does not rest on the ranking.
    --simulate takes a table with title, abstract and label_included (1 or 0), and tells how much work the ranking would
    have saved.

    Example: reviewdb rank --coder ana --limit 10
    """
    if simulate:
        _simulate(simulate, seed, as_json=as_json)
        return
    from reviewdb import ordering  # noqa: PLC0415 - only this command orders

    with opened() as connection, progress() as tell:
        found = ordering.Orderer().order(connection, coder, stage, blind=blind, sample=bool(sample), tell=tell)
    if sample:
        found, limit = replace(found, papers=found.papers[:sample]), limit or 0
    if as_json:
        found = replace(found, papers=found.papers[: limit or None])
        typer.echo(json.dumps(found.as_object(), ensure_ascii=False, indent=2))
        return
    _list(found, _SHOWN if limit is None else limit)
    _explain(found)


def _list(found: Order, limit: int) -> None:
    shown = found.papers[: limit or None]
    width = max((len(paper.key) for paper in shown), default=0)
    for paper in shown:
        key = typer.style(f"{paper.key:{width}}", bold=True)
        typer.echo(f"{key}  {'' if found.by == 'chance' else f'{paper.score:6.3f}  '}{paper.title}")
    if len(shown) < len(found.papers):
        say(f"{len(shown)} of {counted(len(found.papers), 'paper')} to screen at {found.stage}; all of them: --limit 0")


def _explain(found: Order) -> None:
    """Say what the order rests on, and how much is found."""
    if not found.papers:
        say(f"Nothing is left to screen at {found.stage}.")
    elif found.by == "learned":
        say(f"Learned from {found.included} included and {counted(found.excluded, 'excluded paper')}.")
    elif found.by == "protocol":
        said = f"{found.included} included, {found.excluded} excluded"
        say(f"There is nothing to learn from yet ({said}; it takes one of each).")
        say("The order is by likeness to the protocol's question and search terms.")
    else:
        say("Drawn at random. Screen them in this order, and nothing in between: then rank reckons with the sample.")
    if found.recall:
        for line in _told(found.recall):
            say(line)


def _told(recall: Recall) -> list[str]:
    """Return what is known of the recall, for people."""
    head = f"Found so far: {counted(recall.found, 'paper')}, with {recall.screened} of {recall.papers} screened."
    if recall.by == "all":
        return [f"Found: {counted(recall.found, 'paper')}; all {recall.papers} are screened."]
    low, high = _percent(recall.low), _percent(recall.high)
    likely = "" if recall.estimate is None else _percent(recall.estimate)
    level = f"{recall.level:.0%}".replace("%", " %")
    if recall.by == "sample":
        sample = f"the random sample of {counted(recall.sampled, 'paper')}"
        return [
            head,
            f"By {sample}, that is {low} to {high} of what there is, with {level} confidence: about {likely}.",
        ]
    trend = f"If finds go on to get rarer as they did, it is about {likely}; that trend can be wrong either way."
    return [
        head,
        f"That is at least {low} of what there is with {level} confidence, if the order was never worse than chance.",
        trend if likely else "These are too few finds for an estimate.",
        "To know it without any if: screen a random sample, reviewdb rank --sample 100",
    ]


def _percent(share: float) -> str:
    # Rounded down: not all is found until all is screened.
    return f"{min(int(share * 100), 100 if share == 1 else 99)} %"


def _simulate(path: Path, seed: int, *, as_json: bool) -> None:
    from reviewdb import simulating  # noqa: PLC0415 - only this reads files

    with bar() if sys.stderr.isatty() else nullcontext(lambda *_: None) as tell:
        found = simulating.simulate(path, seed, lambda done, of, hits: tell(done, of, f"{hits} included found"))
    if found.problems:
        say(f"{counted(len(found.problems), 'record')} left out:")
    for problem in found.problems[:_PROBLEMS]:
        say(f"  {problem}")
    if as_json:
        typer.echo(json.dumps(found.as_object(), indent=2))
        return
    typer.echo(f"WSS@95 {found.wss_95:.3f}  recall@10% {found.recall_10:.3f}  ATD {found.atd:.1f} records")
    say(
        f"{counted(found.records, 'record')}, {found.included} of them included; seed {found.seed},"
        f" {found.seconds:.1f} seconds"
    )
