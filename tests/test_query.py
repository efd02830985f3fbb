"""Queries: what the head of an SQL file says, and where in it SQLite's complaint lies."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewdb.query import Query, parse, place_of

HEAD = "-- title: Papers by year\n-- description: How many papers\n--   each year has.\n-- across: status\n"
TITLE = "-- title: T\n"


def test_a_query_is_its_head_and_its_sql() -> None:
    source = f"{HEAD}\n-- A remark.\nSELECT 1 -- one\n  AS n;\n\n"
    assert parse(source, "papers-by-year", "q.sql") == (
        Query(
            "papers-by-year",
            "Papers by year",
            "How many papers each year has.",
            "status",
            "SELECT 1 -- one\n  AS n",
            source,
        ),
        [],
    )


@pytest.mark.parametrize("sql", ["SELECT 1", "select\n1", "WITH x AS (SELECT 1) SELECT * FROM x", "values (1)"])
@pytest.mark.parametrize("ending", ["", ";", " ;\n", "\n\n"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_sql_comes_without_its_end(sql: str, ending: str, newline: str) -> None:
    found, problems = parse((TITLE + sql + ending).replace("\n", newline), "q", "q.sql")
    assert problems == []
    assert found is not None
    assert (found.title, found.sql) == ("T", sql.replace("\n", newline))


@pytest.mark.parametrize(
    ("source", "name", "lines"),
    [
        ("SELECT 1", "q", [1]),
        ("-- Title: T\nSELECT 1", "q", [1]),
        ("", "q", [1, 1]),
        (TITLE, "q", [2]),
        (TITLE + "\n-- remark\nDELETE FROM papers", "q", [4]),
        (TITLE + "SELECTED", "q", [2]),
        ("-- title:\nDROP TABLE papers", "q", [1, 2]),
        (TITLE + "SELECT 1", "Not A Name", [0]),
        (TITLE + "SELECT 1", "-x", [0]),
    ],
)
def test_a_file_that_is_no_query_says_where(source: str, name: str, lines: list[int]) -> None:
    found, problems = parse(source, name, "queries/q.sql")
    assert found is None
    assert [(problem.path, problem.line) for problem in problems] == [("queries/q.sql", line) for line in lines]


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("SELEC key FROM papers", "the query begins with 'SELEC'."),
        ("/* x */ SELECT 1", "the query begins with '/*'."),
        ("", "the query is empty."),
        (" ;", "the query is empty."),
    ],
)
def test_a_query_that_begins_wrongly_is_told_with_what_it_begins(sql: str, says: str) -> None:
    _, (problem,) = parse(TITLE + sql, "q", "q.sql")
    assert problem.what == says
    assert "SELECT" in problem.todo


@given(st.text(st.one_of(st.sampled_from("-: \nSELECTtile;"), st.characters())))
def test_the_sql_is_never_changed(text: str) -> None:
    found, problems = parse(f"{TITLE}{text}", "q", "q.sql")
    assert bool(found) != bool(problems)
    assert not found or found.sql in found.source
    found, problems = parse(f"{TITLE}SELECT '{text}' AS x", "q", "q.sql")
    assert found is not None
    assert found.sql == f"SELECT '{text}' AS x"


@pytest.mark.parametrize(
    ("sql", "line"),
    [
        ("SELECT a\nFORM t t", 4),
        ("SELECT\n  nope\nFROM t", 4),
        ("SELECT t.nope\nFROM t", 3),
        ("SELECT a\nFROM nowhere", 4),
        ("SELECT a,\n  nosuch(a)\nFROM t", 4),
        ("SELECT u.b\nFROM t,\n  t AS u\nWHERE 1 = A", 6),
        ("SELECT a\nFROM t\nWHERE min()", 5),
        ("SELECT 1 -- nope\n, nope FROM t", 4),
        ("SELECT 1\n  -- nope\n, nope FROM t", 5),
        ("SELECT 'unclosed", 1),
    ],
)
def test_the_place_of_a_complaint_is_found(sql: str, line: int) -> None:
    source = f"-- title: nope nowhere FORM\n-- remark\n{sql}"
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE t (a, b)")
        with pytest.raises(sqlite3.Error) as refused:
            database.execute(sql)
    assert place_of(source, str(refused.value)) == line


@given(st.text(), st.text())
def test_a_place_is_always_a_line(source: str, message: str) -> None:
    assert 1 <= place_of(source, message) <= source.count("\n") + 1
    assert 1 <= place_of(source, f'near "{message}": syntax error') <= source.count("\n") + 1
