"""The command that takes in what other programs export."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reviewdb.cli.app import Json, app, place
from reviewdb.cli.talk import progress, say
from reviewdb.errors import Problem
from reviewdb.text import counted

if TYPE_CHECKING:
    from reviewdb.importing import Report

_INTERRUPTED = 130
_SHOWN = 20


@app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="The files; - is stdin.")],
    query: Annotated[str, typer.Option(help="What was searched for; a saved Scholar page says it itself.")] = "",
    source: Annotated[str, typer.Option(help="What was searched; by default what the file tells.")] = "",
    date: Annotated[str, typer.Option(metavar="DATE", help="When it was searched, such as 2026-11-23.")] = "",
    strict: Annotated[bool, typer.Option("--strict", help="Refuse a file with a record that cannot be read.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be filed, and write nothing.")] = False,
    as_json: Json = False,
) -> None:
    """File what other programs export, each file as a search.

    That is Publish or Perish (CSV, JSON), RIS, BibTeX, CSL-JSON, PubMed's nbib, CSV of Zotero and Scopus, Web of
    Science (tab-delimited, plain text), any CSV, TSV or JSON with titles, and saved pages of Google Scholar. What a
    file is, its content tells. The same file twice adds nothing; a record that cannot be read is told and left out.

    Example: reviewdb import pop.csv savedrecs.txt --query "anomaly detection in medical imaging"
    """
    from reviewdb import importing  # noqa: PLC0415 - only this command reads files of others

    wanted = importing.Wanted(source, query, date, strict, dry_run)
    reports = []
    try:
        with progress() as watch:
            for report in importing.import_(place(), files, wanted, watch):
                reports.append(report)
                _tell(report, dry_run=dry_run)
    except KeyboardInterrupt:
        say("Stopped. The file that was being read is not filed; what is told above is.")
        raise typer.Exit(_INTERRUPTED) from None
    if as_json:
        typer.echo(json.dumps([report.as_object() for report in reports], ensure_ascii=False, indent=2))
    if any(report.search for report in reports):
        say("Next: reviewdb table search-yield")


def _tell(report: Report, *, dry_run: bool) -> None:
    """Say what became of a file."""
    if report.earlier:
        say(f"{report.file}: nothing is added: {report.earlier} is the same file.")
        return
    where = "would be filed" if dry_run else f"in {report.search}"
    say(f"{report.file}: {counted(report.records, 'record')} of {report.source} ({report.format}) {where}")
    if report.notice:
        say(f"  {report.notice}")
    _list(f"{counted(len(report.doubled), 'key')} of two entries:", report.doubled)
    _list(f"{counted(len(report.serving), 'entry', 'ies')} that others name in crossref:", report.serving)
    _list(f"{counted(len(report.problems), 'record')} left out:", report.problems)


def _list(head: str, problems: Sequence[Problem]) -> None:
    if not problems:
        return
    say(f"  {head}")
    for problem in problems[:_SHOWN]:
        say(f"  {problem}")
    if len(problems) > _SHOWN:
        say(f"  … and {len(problems) - _SHOWN} more")
