"""Commands for an author: table and export."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from reviewdb import manuscript, reading, tables
from reviewdb.cli import drawing
from reviewdb.cli.app import Json, Output, app, deliver, format_of, only_with, opened, unknown_ending
from reviewdb.cli.reading import Facet, Method, Modality, Standing, Suggested, Supervision, Year
from reviewdb.cli.talk import say
from reviewdb.formats.ours import MARK
from reviewdb.rendering.html import as_html
from reviewdb.rendering.style import LABEL, Cite, Engine, Style
from reviewdb.rendering.table import Table, cites, crossed
from reviewdb.text import counted

_TABLES = ("md", "csv", "latex", "html", "json", "xlsx")
_ENDINGS = {name: name for name in _TABLES if name != "latex"} | {"tex": "latex", "markdown": "md", "htm": "html"}
#: The formats of papers, and how the names of their files may end.
_EXPORTS = {
    "csv": ("csv", "txt"),
    "json": ("json",),
    "bibtex": ("bib", "bibtex", "txt"),
    "ris": ("ris", "txt"),
    "csl-json": ("json",),
    "latex": ("tex",),
    "xlsx": ("xlsx",),
}
#: How the BibTeX begins that a command wrote, and that a command may write anew.
_MARK = f"% {MARK}, which writes it anew: keep entries of your own in another file.\n\n"
# So many cells that an engine cannot set are named, and the rest counted.
_NAMED = 10

SpreadsheetSafe = Annotated[
    bool, typer.Option("--spreadsheet-safe", help="csv: mark text that a spreadsheet takes for a formula by a '.")
]


@app.command()
def table(
    name: Annotated[str, typer.Argument(help="The table; without it, all are listed.")] = "",
    format_: Annotated[str, typer.Option("--format", metavar="|".join(_TABLES), help="How to print it.")] = "",
    output: Output = None,
    cells: Annotated[
        Literal["counts", "cite"], typer.Option(help="What a cross table holds: counts, or the papers counted.")
    ] = "counts",
    cite: Annotated[Cite | None, typer.Option(help="latex: the command that cites; else cite.")] = None,
    longtable: Annotated[bool, typer.Option("--longtable", help="latex: a table that may go on over pages.")] = False,
    wide: Annotated[bool, typer.Option("--wide", help="latex: table*, across two columns of text.")] = False,
    caption: Annotated[str, typer.Option(help="latex: the caption; else title and description.")] = "",
    label: Annotated[str, typer.Option(help="latex: the label; else tab:NAME.")] = "",
    engine: Annotated[
        Engine | None, typer.Option(help="latex: what is to set it, else pdflatex; xelatex has all letters.")
    ] = None,
    spreadsheet_safe: SpreadsheetSafe = False,
    as_json: Json = False,
) -> None:
    r"""Print a table of the review: what queries/NAME.sql gives.

    A cross table is crossed for reading; in CSV and JSON it has one row for each pair. LaTeX is a fragment for \input
    that cites papers by the keys of reviewdb export bibtex, HTML one for any page.

    Example: reviewdb table table-4 --format latex -o table-4.tex
    """
    asked = format_of(_TABLES, format_, output, _ENDINGS, as_json=as_json)
    only_with("latex", asked, ("--cite", bool(cite)), ("--longtable", longtable), ("--wide", wide))
    only_with("latex", asked, ("--caption", bool(caption)), ("--label", bool(label)), ("--engine", bool(engine)))
    only_with("csv", asked, ("--spreadsheet-safe", spreadsheet_safe))
    if longtable and wide:
        raise typer.BadParameter("a longtable cannot stand across two columns", param_hint="--wide")
    if label and not LABEL.fullmatch(label):
        raise typer.BadParameter(
            f"{label!r} has other marks than letters, digits and : . + / _ -", param_hint="--label"
        )
    with opened() as connection:
        found = tables.run(connection, name, cells=cells) if name else tables.names(connection)
        outdated = reading.outdated(connection, name) if name else []
    if not asked and output is None and sys.stdout.isatty():
        drawing.draw(crossed(found))
    elif asked == "latex":
        _deliver_latex(found, Style(cite or "cite", engine or "pdflatex", longtable, wide, caption, label), output)
        if cite and not cites(found):
            say(f"{name or 'The list'} names no papers, so --cite has nothing to cite there.")
    else:
        deliver(_written(found, asked or "md", spreadsheet_safe=spreadsheet_safe), output)
    if name and cells == "cite" and not found.across:
        say(f"{name} is no cross table: the papers of each row stand in its last column.")
    for code in outdated:
        say(f"queries/{name}.sql names {code!r}, which is in use no more: change it there, or it finds nothing by it.")


def _deliver_latex(found: Table, style: Style, output: Path | None) -> None:
    from reviewdb.rendering import latex  # noqa: PLC0415 - LaTeX's table of symbols, which only this needs

    deliver(latex.as_latex(found, style), output)
    if advice := latex.oversize(found, style):
        say(advice)
    unset = latex.unset(found, style)
    for one in unset[:_NAMED]:
        say(f"{found.name}, {one.place}: pdflatex cannot set {' '.join(one.letters)}, so Latin letters stand there.")
    if unset:
        more = f"{counted(len(unset) - _NAMED, 'more cell')} as well. " if len(unset) > _NAMED else ""
        say(f"{more}To keep them: --engine xelatex, and a font that has them.")


def _written(found: Table, format_: str, *, spreadsheet_safe: bool) -> str | bytes:
    if format_ == "xlsx":
        from reviewdb.rendering.xlsx import as_xlsx  # noqa: PLC0415 - the package that writes it

        return as_xlsx(crossed(found))
    if format_ == "csv":
        return tables.as_csv(found, spreadsheet_safe=spreadsheet_safe)
    if format_ == "json":
        return tables.as_json(found)
    return as_html(crossed(found)) if format_ == "html" else tables.as_markdown(crossed(found))


@app.command()
def export(
    format_: Annotated[str, typer.Argument(metavar="|".join(_EXPORTS), help="The format.")],
    output: Output = None,
    cited_in: Annotated[
        list[Path] | None,
        typer.Option("--cited-in", metavar="FILE", help="Only papers that this LaTeX file cites; repeat for more."),
    ] = None,
    in_table: Annotated[
        str, typer.Option("--table", metavar="NAME", help="Only papers of this table, such as table-4.")
    ] = "",
    query: Annotated[str, typer.Option("--search", help="Only papers that match, as in reviewdb search.")] = "",
    modality: Modality = None,
    supervision: Supervision = None,
    method: Method = None,
    code: Facet = None,
    year: Year = "",
    status: Standing = "",
    suggested: Suggested = False,
    engine: Annotated[
        Engine | None,
        typer.Option(help="bibtex: letters for pdflatex (all as commands) or xelatex (as they are); else for both."),
    ] = None,
    spreadsheet_safe: SpreadsheetSafe = False,
) -> None:
    r"""Export papers: as CSV, JSON and XLSX, with all that is said about them.

    BibTeX is for LaTeX, with names in titles kept in capitals; RIS and CSL-JSON for reference managers and pandoc;
    latex for the rows of a table that cites them. No .bib or .tex that reviewdb did not write is replaced. What a LaTeX
    file takes in by \input and \include is read, too.

    Example: reviewdb export bibtex --cited-in paper.tex -o paper.bib
    """
    if format_ not in _EXPORTS:
        raise typer.BadParameter(f"{format_} is not one of {', '.join(_EXPORTS)}", param_hint="format")
    if output and output.suffix and output.suffix[1:].lower() not in _EXPORTS[format_]:
        raise unknown_ending(output, _EXPORTS[format_], f" for {format_}")
    only_with("bibtex", format_, ("--engine", bool(engine)))
    only_with("csv", format_, ("--spreadsheet-safe", spreadsheet_safe))
    facets = {"modality": modality or [], "supervision": supervision or [], "method": method or []}
    chosen = reading.selection(query, facets, code or [], year=year, status=status, suggested=suggested)
    cited = manuscript.cited(cited_in) if cited_in else None
    with opened() as connection:
        papers = reading.papers(connection, chosen)
        if in_table:
            papers = reading.with_keys(papers, tables.of_papers(connection, in_table))
        if cited:
            known = reading.keys(connection)
            papers = reading.with_keys(papers, cited.among(known))
            for problem in [*cited.problems, *cited.unknown(known)]:
                say(str(problem))
        if format_ == "json":
            deliver(reading.papers_as_json(papers, connection), output)
        elif format_ in ("csv", "xlsx"):
            deliver(_written(papers, format_, spreadsheet_safe=spreadsheet_safe), output)
        else:
            _deliver_references(connection, papers, format_, engine, output)
    say(counted(len(papers.rows), "paper"))


def _deliver_references(
    connection: sqlite3.Connection, papers: Table, format_: str, engine: Engine | None, output: Path | None
) -> None:
    from reviewdb import references  # noqa: PLC0415 - LaTeX's table of symbols, which only this needs
    from reviewdb.formats import bib, writing  # noqa: PLC0415 - as above

    listed = references.of_papers(connection, papers.columns, papers.rows)
    if format_ != "bibtex":
        deliver(writing.FORMATS[format_](listed), output)
        if format_ in ("ris", "csl-json") and (going_on := writing.going_on(listed)):
            have = "has" if going_on == 1 else "have"
            say(f"{counted(going_on, 'paper')} {have} more authors than are named, which {format_} cannot say.")
        return
    deliver(_MARK + bib.bibtex(listed, engine or "any"), output)
    for key, parent in references.without_parent(connection, listed):
        say(f"{key}: its crossref, {parent}, is no paper of this review, so the entry goes without it.")
    for key, own in references.renamed(listed):
        say(f"{key} is {own} in its library, but another paper has that key: cite it as {key}.")
    unset = [
        f"{key}, {field}: pdflatex cannot set {' '.join(letters)}." for key, field, letters in bib.unset(listed, engine)
    ]
    for line in unset[:_NAMED]:
        say(line)
    if unset:
        more = f"{counted(len(unset) - _NAMED, 'more field')} as well. " if len(unset) > _NAMED else ""
        todo = (
            "Latin letters stand there."
            if engine
            else "Use xelatex or lualatex, or --engine pdflatex for Latin letters."
        )
        say(f"{more}{todo}")
