"""The command that draws: figure."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reviewdb import reading, tables
from reviewdb.cli import drawing
from reviewdb.cli.app import STDOUT, Json, app, deliver, opened, other_ending, unknown_ending
from reviewdb.cli.reading import Standing, Suggested, Year
from reviewdb.cli.talk import say
from reviewdb.errors import ReviewError
from reviewdb.hints import hint

if TYPE_CHECKING:
    from reviewdb.figures import Drawable, Kind

_DRAWN = ("svg", "pdf", "png")
#: What the numbers behind a figure are printed in; a cross table is crossed where a person reads it.
_NUMBERS: Mapping[str, Callable[[tables.Table], str]] = {
    "md": lambda table: tables.as_markdown(tables.crossed(table)),
    "csv": tables.as_csv,
    "json": tables.as_json,
}
_FORMATS = (*_DRAWN, *_NUMBERS)
_INCHES = {"in": 1.0, "cm": 1 / 2.54, "mm": 1 / 25.4, "pt": 1 / 72}
#: A figure is no narrower and no wider than can be printed, in inches.
_NARROW, _WIDE = 2.0, 40.0


@app.command()
def figure(
    name: Annotated[str, typer.Argument(help="The figure; without it, all are listed.")] = "",
    output: Annotated[
        list[Path] | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help=f"Write to this file: {', '.join(f'.{f}' for f in _FORMATS)}; repeat.",
        ),
    ] = None,
    width: Annotated[str, typer.Option(help="As wide as it is printed, in in, cm, mm or pt.")] = "3.5in",
    rows: Annotated[str, typer.Option(help="Of evidence-map: the facet that goes down, or year.")] = "",
    columns: Annotated[str, typer.Option(help="Of evidence-map: the facet that goes across, or year.")] = "",
    facet: Annotated[str, typer.Option(help="Of facet-by-year: the facet.")] = "",
    year: Year = "",
    status: Standing = "",
    suggested: Suggested = False,
    placeholder: Annotated[
        bool, typer.Option("--placeholder", help="Where there is nothing to draw yet, draw a box that says so.")
    ] = False,
    format_: Annotated[
        str, typer.Option("--format", metavar="|".join(_FORMATS), help="How to print it, where no file says so.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Draw a figure of the review for print: SVG, PDF or PNG.

    Type has 7 points at the width that is asked for: 3.5in is a column of a journal, 7in are two. The numbers are those
    of the tables and the site; a file that ends in .csv, .json or .md has the numbers behind the figure, and without a
    file they are printed. The same review gives the same bytes.

    Example: reviewdb figure evidence-map --rows modality --columns year -o map.pdf -o map.csv
    """
    from reviewdb import figures  # noqa: PLC0415 - what computes agreement, which only this needs

    if not name:
        _show(figures.names(), "json" if as_json else format_)
        return
    if name not in figures.KINDS:
        raise ReviewError(f"there is no figure {name!r}.", hint(name, list(figures.KINDS)))
    given = {"rows": rows, "columns": columns, "facet": facet, "year": year, "status": status, "suggested": suggested}
    _check(name, figures.KINDS[name], {option for option, value in given.items() if value})
    wanted = list(_wanted(output or [], "json" if as_json else format_))
    inches = _width(width)
    chosen = reading.selection("", {}, year=year, status=status)
    asked = figures.Asked(rows, columns, facet, chosen.status, chosen.first, chosen.last, suggested)
    with opened() as connection:
        try:
            found = figures.read(connection, name, asked)
        except figures.NothingToDraw as lacking:
            if not placeholder:
                raise
            found = figures.placeholder(name, lacking)
            say(f"{name}: {lacking.what}")
    for format_of_file, to in wanted:
        if format_of_file in _DRAWN:
            deliver(_drawn(found, inches, format_of_file), to)
        elif to is None:
            _show(found.numbers, format_of_file)
        else:
            deliver(_NUMBERS[format_of_file](found.numbers), to)
    if not output and not format_ and not as_json:
        say(f"These are its numbers. To draw it: reviewdb figure {name} -o {name}.pdf")


def _check(name: str, kind: Kind, given: set[str]) -> None:
    wrong = sorted(given - set(kind.options))
    if wrong:
        takes = ", ".join(f"--{option}" for option in kind.options) or "none of these options"
        raise typer.BadParameter(f"{name} does not take it; it takes {takes}", param_hint=f"--{wrong[0]}")


def _wanted(output: Sequence[Path], asked: str) -> Iterator[tuple[str, Path | None]]:
    """Yield each format with the file that it goes to; None is stdout."""
    if asked and asked not in _FORMATS:
        raise typer.BadParameter(f"{asked} is not one of {', '.join(_FORMATS)}", param_hint="--format")
    for to in output:
        suffix = to.suffix[1:].lower()
        if not asked and suffix not in _FORMATS:
            raise unknown_ending(to, _FORMATS)
        if asked and suffix in _FORMATS and suffix != asked:
            raise other_ending(to, asked)
        if to != STDOUT and not to.absolute().parent.is_dir():
            raise ReviewError(f"{to}: there is no folder {to.parent}.", "Make it, or choose another place with -o.")
        yield asked or suffix, None if to == STDOUT else to
    if not output:
        if asked in ("pdf", "png") and sys.stdout.isatty():
            raise typer.BadParameter(f"a terminal cannot show {asked}: name a file with -o", param_hint="--format")
        yield asked, None


def _width(said: str) -> float:
    """Return a width in inches."""
    number, unit = said.strip().rstrip("abcdefghijklmnopqrstuvwxyz"), said.strip().lstrip("0123456789. ")
    try:
        inches = float(number) * _INCHES[unit]
    except (ValueError, KeyError):
        todo = "give a number and its unit (in, cm, mm or pt), such as 3.5in or 88mm"
        raise typer.BadParameter(f"{said} is not a width: {todo}", param_hint="--width") from None
    if not _NARROW <= inches <= _WIDE:
        raise typer.BadParameter(f"{said} is not between {_NARROW:g}in and {_WIDE:g}in", param_hint="--width")
    return inches


def _drawn(found: Drawable, inches: float, format_: str) -> bytes:
    try:
        from reviewdb.figures import ink  # noqa: PLC0415 - matplotlib, which only a drawing needs
    except ImportError as error:
        if (error.name or "").partition(".")[0] == "reviewdb":
            raise
        raise ReviewError(
            f"figures are drawn with matplotlib, which is not installed ({error.name}).",
            "Install it: pip install 'reviewdb[figures]'. The numbers need none: name a file .csv, .json or .md.",
        ) from error
    sheet = ink.laid_out(inches, found.draw)
    if format_ != "svg" and (lacking := ink.lacking(sheet)):
        say(f"The font has no {' '.join(lacking)}: {format_} shows a box there. SVG takes the reader's fonts.")
    return ink.written(sheet, format_, found.numbers.title)


def _show(table: tables.Table, format_: str) -> None:
    if not format_ and sys.stdout.isatty():
        drawing.draw(tables.crossed(table))
    else:
        deliver(_NUMBERS[format_ or "md"](table), None)
