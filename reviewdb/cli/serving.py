"""Commands about the review as a whole: init, build, serve."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Annotated

import typer

from reviewdb.cli.app import app, opened, place
from reviewdb.cli.talk import progress, say

#: Letters that no proxy writes in another way and Datasette takes for no format; a first part "-" is its own.
_BASE = re.compile(r"/((?!-/)[A-Za-z0-9_-]+/)*")


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make; . for this one.")],
    example: Annotated[bool, typer.Option("--example", help="Copy the mini-review that comes with reviewdb.")] = False,
    paper: Annotated[
        bool, typer.Option("--paper", help="With a paper in LaTeX; where DIR is a review already, only that is added.")
    ] = False,
) -> None:
    """Make a review, ready to edit.

    Its paper is in paper/: latexmk sets it there, and has reviewdb make its tables, figures and references anew first.

    Example: reviewdb init my-review --paper
    """
    from reviewdb import scaffold  # noqa: PLC0415 - only this command copies files

    made = scaffold.init(folder, example=example, paper=paper)
    then = "reviewdb serve" if example else "reviewdb check"
    there, then = (folder / "paper", "latexmk") if paper else (folder, then)
    say(f"{folder}: {len(made)} files. Next: cd {shlex.quote(str(there))} && {then}")


@app.command()
def build(
    fresh: Annotated[bool, typer.Option("--fresh", help="Build all of it, even what seems up to date.")] = False,
) -> None:
    """Bring review.db up to date with the text. Other commands do so by themselves.

    Example: reviewdb build
    """
    from reviewdb import build as building  # noqa: PLC0415 - a third of the start-up of other commands

    at = place()
    with progress() as tell:
        if fresh:
            building.rebuild(at, tell)
            done = "built"
        else:
            done = building.refresh(at, tell)
    say(f"{at.database}: {done}")


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 lets others in.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 8001,
    base: Annotated[
        str, typer.Option("--base-url", metavar="PATH", help="Where the site lies on the host of a proxy: /review/")
    ] = "/",
    browse: Annotated[bool, typer.Option("--open", help="Open the site in a browser.")] = False,
) -> None:
    """Serve the review as a site, until Ctrl-C. It follows the text: a new decision shows within a second.

    Example: reviewdb serve --port 8080
    """
    base = "/".join(("", *filter(None, [base.strip("/")]), ""))
    if not _BASE.fullmatch(base):
        raise typer.BadParameter(f"{base} is not a path such as /review/", param_hint="--base-url")
    at = place()
    with opened(at):
        pass
    from reviewdb.site import serving  # noqa: PLC0415 - Datasette, half a second that only this command pays

    serving.serve(at, host, port, base=base, browse=browse, say=say)
