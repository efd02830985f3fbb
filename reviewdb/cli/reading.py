"""Commands that read: search, table, export, suggest, status, check."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from reviewdb import checking, reading, tables
from reviewdb.cli import drawing
from reviewdb.cli.app import AUTHOR, READER, REVIEW, REVIEWER, Json, Output, app, deliver, opened, place
from reviewdb.cli.talk import say
from reviewdb.reading import Selection

Codes = list[str] | None
Modality = Annotated[Codes, typer.Option(help="Only this modality, such as mri or mri.brain; repeat for either.")]
Supervision = Annotated[Codes, typer.Option(help="Only this level of supervision, stated or coded.")]
Method = Annotated[Codes, typer.Option(help="Only this method.")]
Facet = Annotated[Codes, typer.Option("--code", metavar="FACET=CODE", help="Only this code of any facet.")]
Year = Annotated[str, typer.Option(metavar="Y..Y", help="Only these years: 2020, 2015..2021, 2019.. or ..2018.")]
Confirmed = Annotated[bool, typer.Option("--confirmed", help="Leave out what is merely suggested.")]


def _selection(
    query: str, modality: Codes, supervision: Codes, method: Codes, code: Codes, year: str, confirmed: bool
) -> Selection:
    wanted = {"modality": modality or [], "supervision": supervision or [], "method": method or []}
    return reading.selection(query, wanted, code or [], year, confirmed=confirmed)


@app.command(rich_help_panel=READER)
def search(
    query: Annotated[str, typer.Argument(help='Words; "a phrase", begin* and -without work.')] = "",
    modality: Modality = None,
    supervision: Supervision = None,
    method: Method = None,
    code: Facet = None,
    year: Year = "",
    confirmed: Confirmed = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many papers.")] = 20,
    as_json: Json = False,
) -> None:
    """Search titles, abstracts, authors and venues, best match first.

    Example: reviewdb search "brain mri" --method vae --year 2018..
    """
    chosen = _selection(query, modality, supervision, method, code, year, confirmed)
    with opened() as connection:
        hits = reading.search(connection, chosen, limit)
    if as_json:
        typer.echo(json.dumps([hit.as_object() for hit in hits], ensure_ascii=False, indent=2))
        return
    drawing.list_hits(hits)
    if not hits:
        say("No paper matches. Try fewer words, the beginning of a word (autoenc*), or fewer filters.")


@app.command(rich_help_panel=AUTHOR)
def table(
    name: Annotated[str, typer.Argument(help="The table; without it, all are listed.")] = "",
    format_: Annotated[str, typer.Option("--format", metavar="|".join(tables.FORMATS), help="How to print it.")] = "",
    output: Output = None,
    as_json: Json = False,
) -> None:
    """Print a table of the review: what queries/NAME.sql gives.

    Example: reviewdb table table-1 --format csv -o table-1.csv
    """
    chosen = "json" if as_json else format_
    if chosen and chosen not in tables.FORMATS:
        raise typer.BadParameter(f"{chosen} is not one of {', '.join(tables.FORMATS)}", param_hint="--format")
    with opened() as connection:
        found = tables.run(connection, name) if name else tables.names(connection)
    if not chosen and output is None and sys.stdout.isatty():
        drawing.draw(tables.crossed(found))
    else:
        deliver(tables.FORMATS[chosen or "md"](found), output)


@app.command(rich_help_panel=AUTHOR)
def export(
    format_: Annotated[str, typer.Argument(metavar="csv|json", help="The format.")],
    output: Output = None,
    query: Annotated[str, typer.Option("--search", help="Only papers that match, as in reviewdb search.")] = "",
    modality: Modality = None,
    supervision: Supervision = None,
    method: Method = None,
    code: Facet = None,
    year: Year = "",
    confirmed: Confirmed = False,
    status: Annotated[str, typer.Option(help="Only included, excluded, contested or pending papers.")] = "",
) -> None:
    """Export papers with all that is said about them.

    Example: reviewdb export csv --status included -o included.csv
    """
    if format_ not in ("csv", "json"):
        raise typer.BadParameter(f"{format_} is not one of csv, json", param_hint="format")
    chosen = _selection(query, modality, supervision, method, code, year, confirmed)
    with opened() as connection:
        papers = reading.papers(connection, chosen, status)
    deliver(tables.as_csv(papers) if format_ == "csv" else reading.papers_as_json(papers), output)
    say(f"{len(papers.rows)} papers")


@app.command(rich_help_panel=REVIEWER)
def suggest(
    file: Annotated[
        Path, typer.Argument(help="A CSV, TSV or JSON file with title, and id and abstract if it has them.")
    ],
    output: Output = None,
) -> None:
    """Try the coding scheme on any file: which codes it proposes, from which words.

    Example: reviewdb suggest titles.csv -o suggestions.csv
    """
    from reviewdb import suggesting  # noqa: PLC0415 - sqlite-utils, which only this command needs

    proposed = suggesting.suggest(place(), file)
    deliver(tables.as_csv(proposed), output)
    say(f"{len({row[0] for row in proposed.rows})} entries with {len(proposed.rows)} pieces of evidence")


@app.command(rich_help_panel=REVIEW)
def status(as_json: Json = False) -> None:
    """Say where the review stands, and the next step.

    Example: reviewdb status
    """
    with opened() as connection:
        found = reading.status(connection)
    if as_json:
        typer.echo(json.dumps(found.as_object(), ensure_ascii=False, indent=2))
        return
    typer.echo("\n".join(found.lines()))
    say(f"\nNext: {found.next_step}")


@app.command(rich_help_panel=REVIEW)
def check(as_json: Json = False) -> None:
    """Check the text, the coding scheme, the queries and the database; exit 1 if anything is wrong.

    Example: reviewdb check
    """
    results = checking.check(place())
    if as_json:
        typer.echo(json.dumps([result.as_object() for result in results], ensure_ascii=False, indent=2))
    else:
        for result in results:
            mark = typer.style("ok ", fg="green") if result.ok else typer.style("BAD", fg="red", bold=True)
            typer.echo(f"{mark} {result.name:14} {result.summary}")
            for fault in result.faults:
                typer.echo(f"      {fault}")
    if not all(result.ok for result in results):
        raise typer.Exit(1)
