"""Commands that read: search, show, suggest, status, check."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from reviewdb import overview, reading, tables
from reviewdb.cli import drawing
from reviewdb.cli.app import Json, Key, Output, app, deliver, opened, place
from reviewdb.cli.talk import say
from reviewdb.text import counted

Codes = list[str] | None
Modality = Annotated[Codes, typer.Option(help="Only this modality, such as mri or mri.brain; repeat for either.")]
Supervision = Annotated[Codes, typer.Option(help="Only this level of supervision, stated or coded.")]
Method = Annotated[Codes, typer.Option(help="Only this method.")]
Facet = Annotated[Codes, typer.Option("--code", metavar="FACET=CODE", help="Only this code of any facet.")]
Year = Annotated[str, typer.Option(metavar="Y..Y", help="Only these years: 2020, 2015..2021, 2019.. or ..2018.")]
Suggested = Annotated[
    bool, typer.Option("--suggested", help="Codes that only a rule proposes count as well as those coders agree on.")
]
Standing = Annotated[str, typer.Option("--status", help="Only included, excluded, contested or pending papers.")]


@app.command()
def search(
    query: Annotated[list[str] | None, typer.Argument(help='Words; "a phrase", begin* and -without work.')] = None,
    modality: Modality = None,
    supervision: Supervision = None,
    method: Method = None,
    code: Facet = None,
    year: Year = "",
    status: Standing = "",
    suggested: Suggested = False,
    limit: Annotated[int, typer.Option(min=0, max=10**9, help="At most so many papers; 0: all, as --json.")] = 20,
    as_json: Json = False,
) -> None:
    """Search papers by words and codes, best match first.

    Words are looked for in titles, abstracts, authors, venues, codes, keys and DOIs, and are joined by and. Put --
    before a word that begins with a hyphen.

    Example: reviewdb search brain mri --method vae --year 2018..
    """
    facets = {"modality": modality or [], "supervision": supervision or [], "method": method or []}
    chosen = reading.selection(" ".join(query or []), facets, code or [], year=year, status=status, suggested=suggested)
    with opened() as connection:
        hits, found = reading.search(connection, chosen, reading.ALL if as_json or not limit else limit)
    if as_json:
        typer.echo(json.dumps([hit.as_object() for hit in hits], ensure_ascii=False, indent=2))
        return
    drawing.list_hits(hits)
    if not hits:
        say("No paper matches. Try fewer words, the beginning of a word (autoenc*), or fewer filters.")
    elif len(hits) < found:
        say(f"{len(hits)} of {found} papers; for all of them: --limit 0")


@app.command()
def show(
    key: Key,
    coder: Annotated[
        str, typer.Option(help="Leave out what others say until this coder has answered; REVIEWDB_CODER does not.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Show a paper and all that is said about it.

    That is its abstract, who says what and why, and what only rules suggest.

    Example: reviewdb show schlegl2017unsupervised
    """
    with opened() as connection:
        shown = reading.show(connection, key, coder)
    if as_json:
        typer.echo(json.dumps(shown.as_object(), ensure_ascii=False, indent=2))
    else:
        drawing.write(shown.lines())


@app.command()
def suggest(
    file: Annotated[
        Path, typer.Argument(help="A CSV, TSV or JSON file with title, and id and abstract if it has them; - is stdin.")
    ],
    output: Output = None,
) -> None:
    """Try the coding scheme on any file of titles.

    It prints which codes the scheme proposes, and from which words.

    Example: reviewdb suggest titles.csv -o suggestions.csv
    """
    from reviewdb import suggesting  # noqa: PLC0415 - sqlite-utils, which only this command needs

    proposed = suggesting.suggest(place(), file)
    deliver(tables.as_csv(proposed), output)
    titles = counted(len({row[0] for row in proposed.rows}), "title")
    say(f"{titles} with {counted(len(proposed.rows), 'piece')} of evidence")


@app.command()
def status(as_json: Json = False) -> None:
    """Say where the review stands, and the next step.

    Example: reviewdb status
    """
    with opened() as connection:
        found = overview.status(connection)
    if as_json:
        typer.echo(json.dumps(found.as_object(), ensure_ascii=False, indent=2))
        return
    typer.echo("\n".join(found.lines()))
    say(f"\nNext: {found.next_step}")


@app.command()
def check(
    mend: Annotated[
        bool,
        typer.Option("--repair", help="First set aside what was cut off while it was written; nothing is deleted."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Check the text and the database; exit 1 if bad.

    Example: reviewdb check
    """
    from reviewdb import checking  # noqa: PLC0415 - it loads the build, which other commands start without

    for name, where, begins in checking.repair(place()) if mend else ():
        say(f"{name}: what was cut off is in {where} now. Take out of it what is to come back.")
        if begins:
            say(f"  It begins: {begins}")
    results = checking.check(place())
    if as_json:
        typer.echo(json.dumps([result.as_object() for result in results], ensure_ascii=False, indent=2))
    else:
        for result in results:
            mark = typer.style("ok ", fg="green") if result.ok else typer.style("BAD", fg="red", bold=True)
            mark = typer.style("!! ", fg="yellow") if result.ok and result.faults else mark
            typer.echo(f"{mark} {result.name:14} {result.summary}")
            for fault in result.faults:
                typer.echo(f"      {fault}")
    if not all(result.ok for result in results):
        raise typer.Exit(1)
