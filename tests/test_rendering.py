"""Tables as CSV, Markdown, HTML and workbooks: what each format must escape, and what it gives back."""

from __future__ import annotations

import csv
from html.parser import HTMLParser
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewdb.rendering.html import as_html
from reviewdb.rendering.markdown import as_markdown
from reviewdb.rendering.separated import as_csv
from reviewdb.rendering.table import Keys, Table, cited, parted
from reviewdb.rendering.xlsx import as_xlsx

TEXTS = st.text(
    st.one_of(st.sampled_from("|\\\n\r\t\",;'=+-@<>&*_`[ "), st.characters(exclude_categories=["Cs"])), max_size=20
)
CELLS = st.one_of(st.none(), TEXTS, st.integers(-(2**53), 2**53), st.floats(-1e300, 1e300))
TABLES = st.lists(st.tuples(CELLS, CELLS), max_size=6).map(lambda rows: Table("t", "", "", ("a", "b"), rows))


def text(cell: object) -> str:
    return "" if cell is None else str(cell)


@given(TABLES)
def test_csv_gives_back_every_cell(table: Table) -> None:
    rows = list(csv.reader(StringIO(as_csv(table), newline="")))
    assert rows == [["a", "b"], *([text(cell) for cell in row] for row in table.rows)]


@given(TABLES)
def test_csv_for_spreadsheets_has_no_formula_and_loses_nothing(table: Table) -> None:
    rows = list(csv.reader(StringIO(as_csv(table, spreadsheet_safe=True), newline="")))
    for row, cells in zip(rows[1:], table.rows, strict=True):
        for said, cell in zip(row, cells, strict=True):
            if isinstance(cell, str):
                assert not said.startswith(("=", "+", "-", "@", "\t", "\r"))
            assert said in (text(cell), f"'{text(cell)}")


class Cells(HTMLParser):
    """The texts of the cells of a table."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.within = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:  # noqa: ANN401, ARG002 - the parser's
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self.within = True
        elif tag == "br" and self.within:
            self.rows[-1][-1] += "\n"
        else:
            assert tag in ("table", "thead", "tbody", "caption", "br"), tag

    def handle_endtag(self, tag: str) -> None:
        self.within = self.within and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self.within:
            self.rows[-1][-1] += data


@given(TABLES)
def test_html_gives_back_every_cell_and_no_tag_of_theirs(table: Table) -> None:
    read = Cells()
    read.feed(as_html(table))
    wanted = [["a", "b"], *(["\n".join(text(cell).splitlines()) for cell in row] for row in table.rows)]
    assert [[cell.replace("\x00", "\ufffd") for cell in row] for row in read.rows] == [
        [cell.replace("\x00", "\ufffd") for cell in row] for row in wanted
    ]


@given(TABLES)
def test_a_markdown_table_has_as_many_lines_and_cells_as_it_should(table: Table) -> None:
    lines = as_markdown(table).split("\n")[:-1]
    assert len(lines) == 2 + len(table.rows)
    for line in lines:
        bare = line.replace("\\\\", "").replace("\\|", "")
        assert bare.count("|") == 3


def test_markdown_has_numbers_right_and_what_is_asked_for_in_the_middle() -> None:
    table = Table("t", "", "", ("name", "n", "x"), [("a|b\nc", 5, "y")], align={"x": "center"})
    assert as_markdown(
        table
    ) == "| name     |   n |  x  |\n| -------- | --: | :-: |\n| a\\|b<br>c |   5 |  y  |\n".replace(
        "| name     |", "| name      |"
    ).replace("| -------- |", "| --------- |")


@given(TABLES)
def test_a_workbook_gives_back_types_and_has_no_formula(table: Table) -> None:
    sheet = openpyxl.load_workbook(BytesIO(as_xlsx(table))).active
    assert sheet is not None
    assert sheet.freeze_panes == "A2"
    for at, row in enumerate(table.rows, 2):
        for n, cell in enumerate(row, 1):
            read = sheet.cell(at, n)
            assert read.data_type in ("n", "s", "inlineStr")
            if isinstance(cell, int | float):
                assert float(str(read.value)) == pytest.approx(cell, rel=1e-14)
            elif cell and all(c.isprintable() and c not in "\ufffe\uffff" for c in cell):
                assert (read.value, read.data_type) == (cell, "s")


def test_a_workbook_keeps_what_looks_like_something_else_as_text_and_is_the_same_every_time() -> None:
    said = ["=1+1", "+1", "-1", "@SUM(A1)", "https://example.org", "2020-01-01", "007", "x" * 40_000, "_x0041_"]
    table = Table("a-table-with-a-name-longer-than-excel-allows", "T", "", ("a",), [(one,) for one in [*said, 2**60]])
    made = as_xlsx(table)
    sheet = openpyxl.load_workbook(BytesIO(made)).active
    assert sheet is not None
    values = [cell.value for (cell,) in sheet.iter_rows(min_row=2)]
    assert values[:7] == said[:7]
    assert (len(values[7]), values[7][-1]) == (32_767, "…")
    assert values[-1] == str(2**60)
    assert made == as_xlsx(table)


def test_the_column_of_keys_is_parted_and_takes_the_place_of_counts() -> None:
    columns, rows, keys = parted(("a", "k", "n"), [("x", '["b", "a", "b"]', 2)], "k")
    assert (columns, rows, keys) == (("a", "n"), [("x", 2)], [Keys(["a", "b"])])
    assert cited(Table("t", "", "", columns, rows, keys=keys)).rows == [("x", Keys(["a", "b"]))]
    for wrong in ("x", "1", '{"a": 1}', "[1]", 5):
        with pytest.raises(ValueError, match="1"):
            parted(("k",), [(wrong,)], "k")
