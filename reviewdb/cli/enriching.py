"""The command that asks OpenAlex for what other sources left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from reviewdb.cli.app import app, place
from reviewdb.cli.talk import bar, say
from reviewdb.text import counted

if TYPE_CHECKING:
    from reviewdb.enriching import Report

_INTERRUPTED = 130
_SHOWN = 20
_FIELDS = {"doi": "DOI", "abstract": "abstract", "venue": "venue", "published": "date"}


@app.command()
def enrich(
    keys: Annotated[
        list[str] | None, typer.Argument(metavar="KEY...", help="Only these papers; by default all of them.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Ask about papers that were found before as well.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be asked, and ask nothing.")] = False,
) -> None:
    """Ask OpenAlex for DOIs, abstracts, venues, dates, references and citations of the papers.

    A paper is found by its DOI, or by title, year and author where these are surely its own. What is found is filed
    as a search of its own; what other sources said stays as it is. It may be stopped at any moment.

    Example: reviewdb enrich schlegl2017unsupervised
    """
    from reviewdb import enriching  # noqa: PLC0415 - only this command enriches
    from reviewdb.openalex import OpenAlex  # noqa: PLC0415 - as above

    at = place()
    if dry_run:
        papers = [paper for paper in enriching.subjects(at, keys or []) if again or not paper.known]
        by_doi = sum(bool(paper.dois) for paper in papers)
        say(f"{counted(len(papers), 'paper')} would be asked about: {by_doi} by DOI, the rest by title.")
        return
    try:
        with bar() as watch:
            report = enriching.enrich(at, OpenAlex(at.aside / "openalex"), keys or [], watch, again=again)
    except KeyboardInterrupt:
        say("Stopped. What was found is saved; to go on, run the same command again.")
        raise typer.Exit(_INTERRUPTED) from None
    _tell(report)


def _tell(report: Report) -> None:
    if report.before:
        say(f"{counted(report.before, 'paper')} found before; to ask again: --again")
    by_doi = sum(match.like.reason == "same DOI" for match in report.matches)
    say(f"{counted(len(report.matches), 'paper')} found: {by_doi} by DOI, {len(report.matches) - by_doi} by title")
    for name, label in _FIELDS.items():
        if gained := report.gained(name):
            say(f"  {counted(gained, label)} that no other source gave")
    for paper in report.retracted:
        say(f"  {paper.key} is retracted.")
    if report.unknown:
        shown = ", ".join(paper.key for paper in report.unknown[:_SHOWN])
        more = f" and {len(report.unknown) - _SHOWN} more" if len(report.unknown) > _SHOWN else ""
        say(f"{counted(len(report.unknown), 'paper')} not found: {shown}{more}")
    if report.search:
        say(f"Filed as {report.search}. Next: reviewdb table criteria-by-paper")
