"""Tables: what can be crossed and what cannot, what no format could say, and which columns are numbers."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewdb import database
from reviewdb.errors import ReviewError
from reviewdb.site import querying
from reviewdb.tables import Table, as_csv, as_json, as_markdown, crossed, numeric, run


def table(columns: str, *rows: tuple[Any, ...], across: str = "") -> Table:
    """Return a table whose columns are the words of `columns`."""
    return Table("t", "", "", tuple(columns.split()), list(rows), across)


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    """Return a database without a review."""
    with closing(database.temporary()) as opened:
        yield opened


def asked(connection: sqlite3.Connection, sql: str) -> Table:
    """Run `sql` as a query of the review."""
    connection.execute("INSERT INTO queries (name, title, description, sql) VALUES ('q', 'T', '', ?)", [sql])
    return run(connection, "q")


def test_rows_and_columns_come_as_first_met_and_a_cell_without_value_is_blank() -> None:
    long = table("m f n", ("oct", "vae", 2), ("oct", "gan", 1), ("mri", "gan", 3), ("ct", "ae", 0), across="f")
    wide = crossed(long)
    assert wide.columns == ("m", "vae", "gan", "ae")
    assert wide.rows == [("oct", 2, 1, None), ("mri", None, 3, None), ("ct", None, None, 0)]


def test_labels_and_values_that_are_null_and_values_that_are_text_stay() -> None:
    long = table("m f n", (None, "vae", "two"), ("mri", None, "a"), ("mri", "vae", None), across="f")
    wide = crossed(long)
    assert wide.columns == ("m", "vae", "")
    assert wide.rows == [(None, "two", None), ("mri", None, "a")]


def test_rows_may_have_several_labels_or_none_before_the_column_that_is_crossed() -> None:
    by_year = crossed(table("m y n", ("oct", 2020, 1), ("ct", 2018, 2), ("oct", 2018, 3), across="y"))
    assert by_year.columns == ("m", "2018", "2020")
    assert by_year.rows == [("oct", 3, 1), ("ct", 2, None)]
    wide = crossed(table("a f b n", (1, "x", 2, 7), (1, "y", 2, 8), (1, "x", 3, 9), across="f"))
    assert (wide.columns, wide.rows) == (("a", "b", "x", "y"), [(1, 2, 7, 8), (1, 3, 9, None)])


@pytest.mark.parametrize(
    "long",
    [
        table("f n", ("vae", 2), ("gan", 1), across="f"),
        table("m f n", ("oct", "vae", 2), across="colour"),
        table("m f n", ("oct", "vae", 2), across="n"),
        table("m f n", ("oct", "vae", 2)),
        table("m f n", across="f"),
        table("m f n", ("oct", "vae", 2), ("oct", "vae", 3), across="f"),
        table("m f n", ("oct", "vae", "a"), ("oct", "vae", None), across="f"),
        table("m f m", ("oct", "vae", 2), across="f"),
        table("", across="f"),
    ],
)
def test_what_cannot_be_crossed_is_shown_as_it_is(long: Table) -> None:
    assert crossed(long) is long


labels = st.one_of(st.none(), st.sampled_from("abc"), st.integers(0, 2))


@given(st.dictionaries(st.tuples(labels, labels), st.one_of(st.none(), st.integers(), st.text())))
def test_crossing_loses_nothing(cells: dict[tuple[Any, Any], Any]) -> None:
    wide = crossed(table("m f n", *((*pair, value) for pair, value in cells.items()), across="f"))
    if not cells:
        return
    found = {
        (row[0], name): cell
        for row in wide.rows
        for name, cell in zip(wide.columns[1:], row[1:], strict=True)
        if cell is not None
    }
    wanted = {(m, "" if f is None else str(f)): value for (m, f), value in cells.items() if value is not None}
    assert found == wanted


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("SELECT 1 AS a, x'ff' AS picture", "'picture' holds a BLOB (row 1)"),
        ("SELECT 1 AS n UNION ALL SELECT 9e999", "'n' holds an infinite number (row 2)"),
        ("SELECT -9e999 AS n", "'n' holds an infinite number (row 1)"),
        ("SELECT 1 AS a, 2 AS b, 3 AS a", "two columns are called 'a'"),
    ],
)
def test_what_no_format_could_say_is_refused_with_its_column(
    sql: str, says: str, connection: sqlite3.Connection
) -> None:
    with pytest.raises(ReviewError) as refused:
        asked(connection, sql)
    assert refused.value.what.startswith("queries/q.sql: ")
    assert says in refused.value.what
    assert refused.value.todo


def test_every_format_says_what_sqlite_can_say_otherwise(connection: sqlite3.Connection) -> None:
    found = asked(connection, "SELECT NULL AS a, 'x|y' AS b, 1.5 AS c, 9223372036854775807 AS d, '' AS e")
    assert json.loads(as_json(found)) == [{"a": None, "b": "x|y", "c": 1.5, "d": 2**63 - 1, "e": ""}]
    assert list(csv.reader(StringIO(as_csv(found))))[1] == ["", "x|y", "1.5", str(2**63 - 1), ""]


def test_whole_numbers_are_printed_as_people_write_them(connection: sqlite3.Connection) -> None:
    """In a column with decimals they are as precise as the others."""
    rows = "SELECT 80.0 AS a, 1.0 AS b, 1e300 AS c, 12500 AS d UNION ALL SELECT NULL, 0.5, 1.0, -3.0"
    found = asked(connection, rows)
    assert [[str(cell) for cell in row] for row in found.rows] == [
        ["80", "1.0", "1e+300", "12500"],
        ["None", "0.5", "1.0", "-3"],
    ]
    assert as_csv(found).splitlines()[1] == "80,1.0,1e+300,12500"
    assert querying.shown(("a",), [(80.0,)], "").rows[0][0].text == "80"


def test_a_column_is_numeric_where_it_has_numbers_and_nothing_else() -> None:
    assert numeric(table("a b c d", (1, None, None, "x"), (None, 2.5, None, 1))) == [True, True, False, False]
    assert numeric(table("a b")) == [False, False]


def test_in_markdown_numbers_stand_right_and_blanks_do_not() -> None:
    printed = as_markdown(table("name n none", ("a|b", 5, None)))
    assert printed == "| name |   n | none |\n| ---- | --: | ---- |\n| a\\|b |   5 |      |\n"
    assert as_markdown(table("n")) == "| n   |\n| --- |\n"
