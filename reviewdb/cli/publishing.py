"""The command that publishes: publish."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reviewdb.cli.app import app, place
from reviewdb.cli.talk import bar, say
from reviewdb.text import counted

if TYPE_CHECKING:
    from reviewdb.site.publishing import Published


@app.command()
def publish(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to write the site into.")],
    url: Annotated[
        str, typer.Option(help="Where the site will lie, for feeds and the page for what is not there.")
    ] = "",
    no_database: Annotated[
        bool, typer.Option("--no-database", help="Leave out the database, and with it what datasette publish needs.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Where DIR holds files of others: keep them beside the site.")
    ] = False,
) -> None:
    """Write the site as files for any web host, or to open from a disk. All of it is written, or nothing.

    Example: reviewdb publish site
    """
    at = place()
    from reviewdb.site import publishing  # noqa: PLC0415 - Datasette, half a second that only this command pays

    # Where nobody watches, a line a page would be too many.
    with bar() if sys.stderr.isatty() else nullcontext(_silent) as tell:
        done = publishing.publish(at, folder, url=url, whole=not no_database, force=force, tell=tell)
    say(_summary(folder, done))


def _silent(*_: object) -> None:
    pass


def _summary(folder: Path, done: Published) -> str:
    pages = f"{counted(done.pages, 'page')} and {counted(done.others, 'other file')}"
    lines = [f"{folder}: {pages}, {done.bytes / 1e6:.1f} MB, in {done.seconds:.1f} s. Open {folder / 'index.html'}"]
    if done.searched:
        lines.append(f"Left to the search in the browser: {counted(done.searched, 'selection')} of papers.")
    if done.left_out:
        lines.append(f"Left out, with the text of their links kept: {done.left_out} addresses of raw rows and SQL.")
    if done.missing:
        lines.append(f"Links that lead to no page, also on the running site: {', '.join(done.missing[:3])}")
    if done.kept:
        lines.append(f"Kept beside the site: {counted(done.kept, 'file')} of others.")
    return "\n".join(lines)
