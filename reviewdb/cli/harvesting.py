"""The command that asks sources for hits, page by page, with everything on disk before the next request."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import typer

from reviewdb.cli.app import app, place
from reviewdb.cli.talk import bar, say
from reviewdb.errors import ReviewError
from reviewdb.text import counted

if TYPE_CHECKING:
    from reviewdb.harvest import Source, Task, Wanted
    from reviewdb.openalex import OpenAlex
    from reviewdb.review import Review

_SOURCES = ("scholar", "openalex")
_INTERRUPTED = 130


@app.command()
def harvest(
    source: Annotated[
        str, typer.Option(metavar="|".join(_SOURCES), help="Where to look; by default the protocol's sources.")
    ] = "",
    term: Annotated[list[str] | None, typer.Option(help="Only this term; repeat for several.")] = None,
    pages: Annotated[int, typer.Option(min=0, help="Pages of each search; by default the protocol's number.")] = 0,
    citing: Annotated[str, typer.Option(metavar="PAPER", help="Instead: what cites this paper, by OpenAlex.")] = "",
    cited_by: Annotated[str, typer.Option(metavar="PAPER", help="Instead: what this paper cites, by OpenAlex.")] = "",
    again: Annotated[bool, typer.Option("--again", help="Make searches anew that are finished.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be asked, and ask nothing.")] = False,
) -> None:
    """Ask Google Scholar or OpenAlex for the protocol's terms, and file every hit with its page and rank.

    Between two requests to Scholar it waits 20 to 60 seconds, or REVIEWDB_PACE seconds. It may be stopped at any
    moment: the same command goes on from there. What is finished is not asked again, except with --again.

    Example: reviewdb harvest --pages 1 --term "anomaly detection in medical imaging"
    """
    if (citing or cited_by) and (source == "scholar" or term or (citing and cited_by)):
        raise typer.BadParameter("it asks OpenAlex about one paper, and no terms", param_hint="--citing, --cited-by")
    from reviewdb import harvest as harvesting  # noqa: PLC0415 - only this command asks for hits

    at = place()
    if citing or cited_by:
        from reviewdb import enriching  # noqa: PLC0415 - as above

        openalex, name = _openalex(at), citing or cited_by
        work = enriching.identify(at, openalex, name)
        wanted = harvesting.of_citations(work, name, pages or None, citing=bool(citing), again=again)
        _harvest(at, openalex, wanted, dry_run=dry_run)
        return
    protocol = harvesting.load_protocol(at)
    names = [source] if source else protocol.sources
    for name in names:
        wanted = harvesting.of_protocol(protocol, term or (), pages, again=again)
        _harvest(at, _source(at, name), wanted, dry_run=dry_run)


def _source(at: Review, name: str) -> Source:
    if name == "scholar":
        from reviewdb.scholar import Scholar  # noqa: PLC0415 - each source where it is asked

        return Scholar()
    if name == "openalex":
        return _openalex(at)
    raise ReviewError(
        f"{name!r} cannot be harvested: only {' and '.join(_SOURCES)} can.",
        "Take in what it exports: reviewdb import FILE; or name one with --source.",
    )


def _openalex(at: Review) -> OpenAlex:
    from reviewdb.openalex import OpenAlex  # noqa: PLC0415 - as above

    return OpenAlex(at.aside / "openalex")


def _harvest(at: Review, source: Source, wanted: Wanted, *, dry_run: bool) -> None:
    from reviewdb import harvest as harvesting  # noqa: PLC0415 - as above

    if dry_run:
        tasks = harvesting.plan(at, source, wanted)
        for task in tasks:
            typer.echo(f"{task.search.id}  {counted(task.left, 'request')}  {task.search.query}")
        left = sum(task.left for task in tasks)
        say(f"{counted(left, 'request')} to {source.name}{_duration(harvesting.likely_seconds(source, left))}")
        return
    try:
        with bar() as watch:
            tasks, asked = harvesting.harvest(at, source, wanted, watch)
    except KeyboardInterrupt:
        say("Stopped. What came is saved; to go on, run the same command again.")
        raise typer.Exit(_INTERRUPTED) from None
    _report(tasks, asked)


def _report(tasks: list[Task], asked: int) -> None:
    for task in tasks:
        search = task.search
        say(f"{search.id}: {counted(task.hits, 'hit')} on {counted(len(search.pages), 'page')} for {search.query!r}")
    if not asked:
        say("All of it was finished before; nothing was asked. To make the searches anew: --again")
    say("Next: reviewdb table search-yield")


def _duration(seconds: float) -> str:
    return f", about {math.ceil(seconds / 60)} minutes" if seconds >= 60 else ""  # noqa: PLR2004 - a minute
