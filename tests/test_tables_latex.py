"""Tables in LaTeX: those of the mini-review as a paper prints them, hostile cells, and the numbers of every query."""

from __future__ import annotations

import json
import re
from contextlib import closing
from pathlib import Path
from typing import get_args

import pytest
from conftest import Program
from hostile import titles
from typeset import IEEE, ONE_COLUMN, TWO_COLUMNS, needs, needs_files, parsed, typeset

from reviewdb import database, reading, tables
from reviewdb.errors import ReviewError
from reviewdb.formats.typesetting import tex
from reviewdb.rendering.latex import as_latex, oversize, unset
from reviewdb.rendering.style import Cite, Engine, Style
from reviewdb.rendering.table import Keys, Table, cited, crossed, heading
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
@pytest.mark.parametrize("cite", ["citet", "autocite"])
def test_papers_that_are_cited_by_name_stand_on_a_line(cite: Cite, built: Review, tmp_path: Path) -> None:
    shown = [run(built, name) for name in PRINTED]
    papers = sum(len(table.rows) for table in shown)
    shown.append(run(built, CROSSED[1], "cite"))
    for head, wide in ((ONE_COLUMN, False), (TWO_COLUMNS, True), (TWO_COLUMNS, False)):
        sources = [
            as_latex(table, Style(cite=cite, wide=wide)) for table in (shown if head == ONE_COLUMN else shown[:-1])
        ]
        for n, source in enumerate(sources):
            (tmp_path / f"t{n}.tex").write_text(source, encoding="utf-8")
        # As styles of author and year print them.
        named = rf"{head}\newcommand\{cite}[1]{{Schlegl et al. (2017)}}"
        made = typeset("pdflatex", tmp_path, head=named, body="".join(rf"\input{{t{n}}}" for n in range(len(sources))))
        assert made.overfull == []
        assert made.text.count("Schlegl et al. (2017)") >= papers or (head, wide) == (TWO_COLUMNS, False)
    # Numbers have no more room than the query asks for.
    assert r"p{\dimexpr0.1125\linewidth-1.500\tabcolsep" in as_latex(shown[0])


@needs("pdflatex", "pdftotext")
@needs_files("IEEEtran.cls", "ptmr7t.tfm")
def test_the_tables_of_the_mini_review_fit_one_column_of_an_ieee_paper(built: Review, tmp_path: Path) -> None:
    shown = [as_latex(run(built, name)) for name in PRINTED] + [as_latex(run(built, CROSSED[1], "cite"))]
    shown += [as_latex(run(built, name), Style(wide=True, label="w")) for name in CROSSED]
    for n, source in enumerate(shown):
        (tmp_path / f"t{n}.tex").write_text(source, encoding="utf-8")
    body = "".join(rf"\input{{t{n}}}" for n in range(len(shown)))
    made = typeset("pdflatex", tmp_path, head=IEEE, body=body, keys=keys(built))
    assert made.overfull == []
    assert "encoder-decoder" in made.text


NUMBERS = Table(
    "auroc",
    "AUROC by modality",
    "",
    ("Modality", "n", "median", "q1", "q3", "min", "max"),
    [("Ultrasound", 12, 0.874, 0.867, 0.974, 0.963, 0.978), ("X-ray", 2, 0.94, 0.9, 0.9135, 0.857, 0.934)],
)


@needs("pdflatex", "pdftotext")
@pytest.mark.parametrize("inches", [2.6, 3.3, 6])
def test_a_table_of_numbers_fits_a_narrow_column(inches: float, tmp_path: Path) -> None:
    (tmp_path / "t.tex").write_text(as_latex(NUMBERS), encoding="utf-8")
    head = rf"\documentclass{{article}}\usepackage[textwidth={inches}in]{{geometry}}\hfuzz=0.01pt"
    made = typeset("pdflatex", tmp_path, head=head, body=r"\input{t}")
    assert made.overfull == []
    assert "Overfull" not in made.log
    assert {"Ultrasound", "Modality", "X-ray"} <= set(made.text.split())


def test_the_points_of_decimals_stand_in_line() -> None:
    rows = [line.split(" & ") for line in as_latex(NUMBERS).splitlines() if line.strip().endswith(r"\\")][1:]
    assert [row[2] for row in rows] == ["0.874", r"0.94\phantom{0}"]
    assert [row[4] for row in rows] == [r"0.974\phantom{0}", "0.9135"]
    assert [row[1] for row in rows] == ["12", "2"]


@pytest.mark.parametrize("longtable", [False, True])
@needs("pdflatex", "pdftotext")
def test_a_table_without_rows_says_so(longtable: bool, tmp_path: Path) -> None:
    empty = [
        Table("one", "One", "", ("paper", "aim", "n"), [], widths={"paper": 1, "aim": 3}),
        Table("two", "Two", "", ("modality", "method", "papers"), [], across="method"),
    ]
    for n, table in enumerate(empty):
        source = as_latex(table, Style(longtable=longtable))
        assert r"\multicolumn{3}{@{}l@{}}{No papers.} \\" in source
        (tmp_path / f"t{n}.tex").write_text(source, encoding="utf-8")
    made = typeset("pdflatex", tmp_path, head=ONE_COLUMN, body=r"\input{t0}\input{t1}")
    assert made.text.count("No papers.") == 2
    assert made.overfull == []


def test_a_heading_of_one_letter_stays_as_it_is() -> None:
    assert [heading(column) for column in ("n", "N", "p", "q1", "imaging_method")] == [
        "n", "N", "p", "Q1", "Imaging method",
    ]  # fmt: skip
    assert parsed(as_latex(NUMBERS))[0][:3] == ["Modality", "n", "Median"]


def test_rows_of_a_group_that_each_say_it_stand_apart(built: Review) -> None:
    table = run(built, "modality-by-method", "cite")
    assert r"\setlength{\extrarowheight}{2pt}" in as_latex(table, Style(longtable=True))
    assert r"\extrarowheight" not in as_latex(table)


@needs("pdflatex", "pdftotext")
def test_heads_and_short_words_are_not_parted_in_a_table_that_cites(built: Review, tmp_path: Path) -> None:
    some = keys(built)
    rows = [
        (modality, method, Keys(some[n : n + size]))
        for n, modality in enumerate(["Ultrasound", "X-ray", "Mammography"])
        for size, method in enumerate(["Transformer", "U-Net", "Diffusion model", "CNN", "GAN"], 1)
    ]
    crossing = Table("cross", "Cross", "", ("Modality", "Method", "papers"), rows, across="Method")
    for head, wide in ((ONE_COLUMN, False), (TWO_COLUMNS, True)):
        (tmp_path / "t.tex").write_text(as_latex(crossing, Style(wide=wide)), encoding="utf-8")
        made = typeset("pdflatex", tmp_path, head=head, body=r"\input{t}", keys=some)
        assert made.overfull == []
        assert {"Modality", "Transformer", "Diffusion", "Ultrasound", "Mammography", "X-ray"} <= set(made.text.split())


def test_papers_that_are_cited_are_said_to_be_and_stand_in_groups(built: Review) -> None:
    cited = as_latex(run(built, "modality-by-method", "cite"))
    assert "Which included papers combine" in cited
    assert "How many" not in cited
    groups = [line for line in cited.splitlines() if line.strip() and not line.strip().startswith("&")]
    assert sum(line.strip() == r"\addlinespace" for line in groups) == 12
    assert "How many included papers" in as_latex(run(built, "modality-by-method"))


def test_a_last_column_that_counts_no_papers_stays_beside_those_that_are_cited() -> None:
    told = [Keys(["a", "b"]), Keys(["c"])]
    numbers = Table("t", "T", "", ("m", "n", "max"), [("x", 2, 0.9), ("y", 1, 0.8)], keys=told)
    assert cited(numbers).columns == ("m", "n", "max", "papers")
    assert cited(numbers).rows == [("x", 2, 0.9, told[0]), ("y", 1, 0.8, told[1])]
    counts = Table("t", "T", "", ("m", "papers"), [("x", 2), ("y", 1)], keys=told)
    assert (cited(counts).columns, cited(counts).rows) == (("m", "papers"), [("x", told[0]), ("y", told[1])])


def test_a_table_that_is_larger_than_a_page_says_which_option_it_needs(built: Review, program: Program) -> None:
    tall = program("table", "criteria-by-paper", "--format", "latex", folder=built.root)
    assert "criteria-by-paper is taller than a page: take --longtable." in tall.stderr
    assert program("table", "criteria-by-paper", "--format", "latex", "--longtable", folder=built.root).stderr == ""
    wide = program("table", "modality-by-method", "--format", "latex", folder=built.root)
    assert "modality-by-method needs the width of a page: in two columns of text, take --wide." in wide.stderr
    assert program("table", "table-1", "--format", "latex", folder=built.root).stderr == ""


def test_a_table_too_tall_for_one_column_may_fit_across_two() -> None:
    words = " ".join(["anomaly"] * 9)
    assert oversize(Table("t", "T", "", ("a", "b"), [(words, words)] * 20), Style()) == (
        "t is taller than a page of one column: take --longtable or, in two columns of text, --wide."
    )


@pytest.mark.parametrize(
    "name", ["(coronavirus)", "autoencoders,", "(International", "multispectral.", "“convolutional”"]
)
def test_a_word_with_marks_around_it_is_a_word(name: str) -> None:
    assert "penalty" not in tex(name)
    assert "penalty" in tex("a_name_of_a_program")


@needs("pdflatex", "pdftotext")
def test_rows_of_papers_are_taken_in_before_a_rule_as_their_file_says(built: Review, program: Program) -> None:
    folder = built.root / "rows"
    folder.mkdir()
    done = program("export", "latex", "--table", "table-4", "-o", "rows/rows.tex", folder=built.root)
    assert done.returncode == 0, done.stderr
    taking = re.search(r"\\csname.*?\\endcsname", (folder / "rows.tex").read_text(encoding="utf-8"))
    assert taking
    rows = rf"\toprule a\\ \midrule {taking[0]} rows.tex \bottomrule"
    body = rf"\begin{{tabular}}{{lp{{2cm}}lp{{5cm}}p{{3cm}}}}{rows}\end{{tabular}}"
    made = typeset("pdflatex", folder, head=ONE_COLUMN, body=body, keys=keys(built))
    assert "Atlason et al." in made.text


@needs("pdflatex", "pdftotext")
def test_long_tables_go_on_over_pages_with_every_command_that_cites(built: Review, tmp_path: Path) -> None:
    cited = [
        as_latex(run(built, "table-4"), Style(cite=cite, longtable=True, label=f"t {cite}")) for cite in get_args(Cite)
    ]
    cited.append(as_latex(run(built, "modality-by-method", "cite"), Style(longtable=True)))
    cited.append(as_latex(run(built, "modality-by-method"), Style(longtable=True)))
    # A page may begin with any row, so each says its group.
    (first, *_), rows = parsed(cited[-2])
    assert first == "Modality"
    assert all(row[0] for row in rows)
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
    told = [(one.place, one.letters) for one in unset(table, Style())]
    assert told == [("the head of column 日本", "日本"), ("row 2, column title", "异常")]
    first = next(iter(unset(table, Style(caption="异"))))
    assert (first.place, first.letters) == ("the caption", "异")
    assert unset(table, Style(engine="xelatex")) == []
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
    assert "mine, row 1, column name: pdflatex cannot set 异 常" in done.stderr
    assert "--engine xelatex" in done.stderr
    source = (ready.root / "mine.tex").read_text(encoding="utf-8")
    assert r"\caption{50 \% \& more}" in source
    assert r"\usepackage{natbib}" in source
    assert "mine names no papers, so --cite has nothing to cite there." in done.stderr
    listed = program("table", "table-4", "--format", "latex", "--cite", "citep", folder=ready.root)
    assert "nothing to cite" not in listed.stderr
    for arguments, says in (
        (("--format", "latex", "--label", "a}b"), "'a}b' has other marks than letters"),
        (("--format", "csv", "-o", "p.tex"), "p.tex is not the name of a file of csv"),
        (("--json", "-o", "p.csv"), "p.csv is not the name of a file of json"),
    ):
        refused = program("table", "mine", *arguments, folder=ready.root)
        assert refused.returncode == 2
        assert says in " ".join(refused.stderr.split())
    assert not [path for path in ready.root.iterdir() if path.stem == "p"]
    (ready.root / "queries" / "kept.sql").write_text(
        "-- title: Kept\n-- keys: keys\nSELECT 'a' AS name, json_array('x') AS keys, 1 AS n\n", encoding="utf-8"
    )
    listed = program("table", "kept", "--cells", "cite", folder=ready.root)
    assert "kept is no cross table: the papers of each row stand in its last column." in listed.stderr
    again = program("table", "mine", "--format", "latex", "--longtable", "--wide", folder=ready.root)
    assert again.returncode == 2
    assert program("table", "table-4", "--cite", "mention", folder=ready.root).returncode == 2
