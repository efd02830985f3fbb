"""The app that commands add themselves to, the options that all share, and the way from them to a review."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import typer

from reviewdb import __version__, database, folder, sources
from reviewdb.cli.talk import complain, progress
from reviewdb.errors import ReviewError
from reviewdb.folder import Review
from reviewdb.formats import ours

app = typer.Typer(
    help="A literature review as plain text: records, decisions with evidence, tables that agree everywhere.",
    epilog="Begin with: reviewdb init my-review --example; then, in it: reviewdb status",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # boxes would cost a third of the time that help takes
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file, not to stdout (-).")]
#: As a file to write to.
STDOUT = Path("-")
#: The names of files that LaTeX or BibTeX reads.
_TYPESET = (".tex", ".ltx", ".bib")
_LONGEST_LINE = 10_000
Key = Annotated[str, typer.Argument(metavar="KEY", help="The paper: its citation key or its id.")]


@dataclass(slots=True)
class _Chosen:
    """What the global options chose for this run of the program."""

    review: Path | None = None


_chosen = _Chosen()


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"reviewdb {__version__}")
        raise typer.Exit


@app.callback()
def options(
    root: Annotated[
        Path | None,
        typer.Option("--review", metavar="DIR", help="The review's folder; by default found upwards from here."),
    ] = None,
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    """Take the options that every command shares."""
    _chosen.review = root


def place() -> Review:
    """Return the review that this run of the program is about."""
    return folder.at(_chosen.review.resolve()) if _chosen.review else folder.find(Path.cwd().resolve())


@contextmanager
def opened(at: Review | None = None) -> Iterator[sqlite3.Connection]:
    """Open the review's database for reading, brought up to date first.

    Where its text has problems, the database as it was is read, and stderr says so.
    """
    at = at or place()
    try:
        if sources.changes(at, sources.states(at)):
            from reviewdb import build  # noqa: PLC0415 - a third of the start-up of a command that finds all up to date

            with progress() as tell:
                build.refresh(at, tell)
    except ReviewError as error:
        if not at.database.exists():
            raise
        complain(f"{error}\nWhat follows is from the database built before.")
    with closing(database.reader(at.database)) as connection:
        yield connection


def format_of(
    formats: Collection[str],
    asked: str,
    output: Path | None,
    endings: Mapping[str, str],
    *,
    as_json: bool,
    others: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> str:
    """Return the format that was asked for, or that the ending of the file asks for; empty where neither says one.

    `endings` names the format of each ending that a file may have, `others` what else it may hold if asked for.
    Raises typer.BadParameter for a format or an ending unknown, and where the two contradict each other.
    """
    if as_json and asked not in ("", "json"):
        raise typer.BadParameter(f"{asked} and --json exclude each other", param_hint="--format")
    if asked and asked not in formats:
        raise typer.BadParameter(f"{asked} is not one of {', '.join(formats)}", param_hint="--format")
    asked = "json" if as_json else asked
    ending = output.suffix[1:].lower() if output else ""
    if not output or not ending:
        return asked
    if asked and endings.get(ending, asked) != asked and asked not in others.get(ending, ()):
        raise other_ending(output, asked)
    if not asked and ending not in endings:
        raise unknown_ending(output, endings)
    return asked or endings[ending]


def other_ending(output: Path, asked: str) -> typer.BadParameter:
    """Return the error of a file whose name asks for another format than was asked for."""
    return typer.BadParameter(f"{output} is not the name of a file of {asked}: name another", param_hint="-o")


def unknown_ending(output: Path, endings: Iterable[str], otherwise: str = ", or say --format") -> typer.BadParameter:
    """Return the error of a file whose name asks for a format that there is not."""
    what = f"{output}: name the file .{', .'.join(endings)}{otherwise}"
    return typer.BadParameter(what, param_hint="-o")


def only_with(format_: str, asked: str, *given: tuple[str, bool]) -> None:
    """Raise typer.BadParameter where an option is given that only `format_` has, and another format was asked for."""
    for option, is_given in given:
        if is_given and asked != format_:
            what = f"that is of {format_} alone, and {asked or 'no format'} was asked for"
            raise typer.BadParameter(what, param_hint=option)


def deliver(said: str | bytes, to: Path | None) -> None:
    """Print text, or write it to a file whole or not at all: the same bytes either way.

    Bytes that are no text are not printed on a terminal: they raise ReviewError there. So does a file that nothing may
    replace: the text of a review, and LaTeX or BibTeX that a person keeps.
    """
    if to is None or to == STDOUT:
        if isinstance(said, bytes) and sys.stdout.isatty():
            raise ReviewError("this format is not for a terminal.", "Write it to a file: -o FILE.")
        typer.echo(said, nl=False)
        return
    data = said.encode() if isinstance(said, str) else said
    try:
        target = to.resolve()
        if target.exists() and not target.is_file():
            target.write_bytes(data)  # a device or a pipe, which nothing may replace
            return
        _spare(to, target, data)
        part = target.with_name(f".{target.name}.part")
        try:
            part.write_bytes(data)
            part.replace(target)
        except OSError:
            part.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ReviewError(f"{to}: could not be written: {error.strerror}.", "Choose another place with -o.") from error


def _spare(to: Path, target: Path, data: bytes) -> None:
    """Raise ReviewError where a file is the text of a review, or LaTeX or BibTeX that the program did not write."""
    # By a link, too: its own name may be that of a part of a review, or where it leads to.
    for path in (Path(os.path.normpath(to.absolute())), target):
        if own := folder.owning(path):
            what = f"{to} is or would be a part of the review in {own.root}, and is not written by this command."
            raise ReviewError(what, "Choose a place outside of data/ and queries/ with -o.")
    if not target.exists() or not (ours.is_ours(data) or target.suffix.lower() in _TYPESET):
        return
    with target.open("rb") as file:
        first = file.readline(_LONGEST_LINE)
        if (first.strip() or file.read(1)) and not ours.is_ours(first):
            raise ReviewError(
                f"{to} was not written by reviewdb, and is not replaced.",
                "Name another file, or move this one away where nobody keeps it by hand.",
            )
