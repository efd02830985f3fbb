"""Tables in LaTeX: those of the mini-review as a paper prints them, hostile cells, and the numbers of every query."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import get_args

import pytest
from conftest import Program
from hostile import titles
from typeset import ONE_COLUMN, TWO_COLUMNS, needs, parsed, typeset

from reviewdb import database, reading, tables
from reviewdb.errors import ReviewError
from reviewdb.rendering.latex import as_latex, unset
from reviewdb.rendering.style import Cite, Engine, Style
from reviewdb.rendering.table import Keys, Table, crossed, heading
from reviewdb.review import Review
from reviewdb.text import clean

ENGINES = [pytest.param(engine, marks=needs(engine, "pdftotext")) for engine in get_args(Engine)]
PRINTED = [f"table-{n}" for n in range(1, 6)]
CROSSED = ["modality-by-method", "modality-by-supervision"]
QUERIES = sorted(path.stem for path in (Path(__file__).parents[1] / "queries").glob("*.sql"))


def run(review: Review, name: str, cells: str = "counts") -> Table:
    with closing(database.reader(review.database)) as connection:
        return tables.run(connection, name, cells=cells)


def keys(review: Review) -> list[str]:
    with closing(database.reader(review.database)) as connection:
        return reading.keys(connection)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("head", "wide"), [(ONE_COLUMN, False), (TWO_COLUMNS, True)], ids=["one column", "two columns"]
)
def test_the_tables_of_the_mini_review_fit_a_paper(
    engine: Engine, head: str, wide: bool, built: Review, tmp_path: Path
) -> None:
    style = Style(engine=engine, wide=wide)
    shown = [run(built, name) for name in (*PRINTED, *CROSSED)] + [run(built, CROSSED[1], "cite")]
    for n, table in enumerate(shown):
        (tmp_path / f"t{n}.tex").write_text(as_latex(table, style), encoding="utf-8")
    made = typeset(
        engine, tmp_path, head=head, body="".join(rf"\input{{t{n}}}" for n in range(len(shown))), keys=keys(built)
    )
    assert made.overfull == []
    assert "Brain MRI. Papers on brain MRI" in " ".join(made.text.split())
    assert "AnoVAEGan" in made.text


@needs("pdflatex", "pdftotext")
def test_long_tables_go_on_over_pages_with_every_command_that_cites(built: Review, tmp_path: Path) -> None:
    cited = [
        as_latex(run(built, "table-4"), Style(cite=cite, longtable=True, label=f"t {cite}")) for cite in get_args(Cite)
    ]
    cited.append(as_latex(run(built, "modality-by-method", "cite"), Style(longtable=True)))
    cited.append(as_latex(run(built, "modality-by-method"), Style(longtable=True)))
    for n, source in enumerate(cited):
        (tmp_path / f"t{n}.tex").write_text(source, encoding="utf-8")
    # Other packages' commands, as far as they matter here.
    head = ONE_COLUMN + "".join(rf"\providecommand\{cite}[1]{{\cite{{#1}}}}" for cite in get_args(Cite))
    made = typeset(
        "pdflatex", tmp_path, head=head, body="".join(rf"\input{{t{n}}}" for n in range(len(cited))), keys=keys(built)
    )
    assert made.overfull == []


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("longtable", [False, True])
def test_hostile_cells_are_set_in_any_place(engine: Engine, longtable: bool, tmp_path: Path) -> None:
    listed = titles()
    style = Style(engine=engine, longtable=longtable)
    parts = [
        Table("hostile", listed[n], listed[n + 1], ("said", "n", listed[n + 2]), rows)
        for n in range(0, 200, 20)
        for rows in [[(listed[m], m, listed[-1 - m]) for m in range(n, n + 20)]]
    ]
    parts.append(Table("first", "First cells", "", ("a", "b"), [("[1] x", 1), ("*", 2), ("[", 3), (None, 4), ("", 5)]))
    body = ""
    for n, table in enumerate(parts):
        (tmp_path / f"t{n}.tex").write_text(as_latex(table, style), encoding="utf-8")
        body += rf"\input{{t{n}}}\clearpage "
    made = typeset(engine, tmp_path, head=ONE_COLUMN, body=body)
    assert made.overfull == []
    assert "AT&amp;T" in made.text
    assert "[1] x" in made.text


def test_what_pdflatex_cannot_set_is_told_with_its_cell() -> None:
    table = Table("t", "T", "", ("title", "日本"), [("α-GAN", "é"), ("异常 and x", "ok")])
    told = [(one.row, one.column, one.letters) for one in unset(table, "pdflatex")]
    assert told == [(0, "日本", "日本"), (2, "title", "异常")]
    assert unset(table, "xelatex") == []
    assert as_latex(table).isascii()
    assert "异常 and x" in as_latex(table, Style(engine="xelatex"))


def printed(value: object) -> str:
    return "" if value is None else clean(str(value)).replace('"', "”")


@pytest.mark.parametrize("cells", ["counts", "cite"])
@pytest.mark.parametrize("name", QUERIES)
def test_numbers_in_latex_are_those_of_json(name: str, cells: str, built: Review) -> None:
    if cells == "cite" and name not in CROSSED:
        with pytest.raises(ReviewError, match="does not say which papers it counts"):
            run(built, name, cells)
        return
    table = run(built, name, cells)
    objects = json.loads(tables.as_json(table))
    assert [tuple(one.values()) for one in objects] == [
        tuple(list(v) if isinstance(v, Keys) else v for v in row) for row in table.rows
    ]
    source = as_latex(table, Style(engine="xelatex"))
    heads, rows = parsed(source)
    is_listed = cells == "cite" and len(crossed(table).columns) > 6
    wide = table if is_listed else crossed(table)
    assert heads == [clean(heading(column)) for column in wide.columns]
    wanted = [[printed(value) for value in row] for row in wide.rows]
    if is_listed:  # a label is named once
        above = [""] + [row[0] for row in wanted]
        wanted = [["" if row[0] == label else row[0], *row[1:]] for row, label in zip(wanted, above, strict=False)]
    assert rows == wanted


def test_papers_that_are_cited_are_as_many_as_are_counted(built: Review) -> None:
    for name in CROSSED:
        counts, cited = run(built, name), run(built, name, "cite")
        assert [row[:-1] for row in counts.rows] == [row[:-1] for row in cited.rows]
        assert [row[-1] for row in counts.rows] == [len(row[-1]) for row in cited.rows]
        assert {key for row in cited.rows for key in row[-1]} <= set(keys(built))
        assert "keys" not in counts.columns


def test_widths_and_sides_are_those_that_the_query_asks_for() -> None:
    table = Table("t", "T", "", ("a", "n"), [("x", 1)], widths={"a": 3, "n": 1}, align={"a": "center"})
    source = as_latex(table)
    assert r">{\centering\arraybackslash\hspace{0pt}}p{\dimexpr0.7500\linewidth" in source
    assert r">{\raggedleft\arraybackslash\hspace{0pt}}p{\dimexpr0.2500\linewidth" in source
    assert r"\begin{tabular}{@{}cr@{}}" in as_latex(Table("t", "T", "", ("a", "n"), [("x", 1)], align={"a": "center"}))


@pytest.mark.parametrize(
    ("comment", "says"),
    [
        ("-- widths: paper wide", "queries/mine.sql:2: widths cannot be read: 'paper wide'. Write it as: -- widths:"),
        ("-- align: paper middle", "queries/mine.sql:2: align cannot be read: 'paper middle'."),
        ("-- widths: pper 1", "names a column 'pper' that the query does not give.\nDid you mean paper?"),
        ("-- keys: paper", "column 'paper' is no JSON array of citation keys (row 1)"),
    ],
)
def test_a_comment_that_makes_no_sense_is_told(comment: str, says: str, ready: Review, program: Program) -> None:
    (ready.root / "queries" / "mine.sql").write_text(f"-- title: Mine\n{comment}\nSELECT key AS paper FROM papers\n")
    done = program("table", "mine", folder=ready.root)
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_the_command_writes_a_fragment_and_tells_of_letters(ready: Review, program: Program) -> None:
    (ready.root / "queries" / "mine.sql").write_text(
        "-- title: Table X: mine\n-- align: n center\nSELECT '异常' AS name, 1 AS n\n", encoding="utf-8"
    )
    done = program("table", "mine", "-o", "mine.tex", "--cite", "citep", "--caption", "50 % & more", folder=ready.root)
    assert done.returncode == 0, done.stderr
    assert "mine, row 1, column name: pdflatex cannot set '异常'" in done.stderr
    assert "--engine xelatex" in done.stderr
    source = (ready.root / "mine.tex").read_text(encoding="utf-8")
    assert r"\caption{50 \% \& more}" in source
    assert r"\usepackage{natbib}" in source
    again = program("table", "mine", "--format", "latex", "--longtable", "--wide", folder=ready.root)
    assert again.returncode == 2
    assert program("table", "table-4", "--cite", "mention", folder=ready.root).returncode == 2
