"""The review that ships: what the mini-review prints follows from its decisions."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any

import pytest

from reviewdb import database, tables
from reviewdb.review import Review, load


def rows(place: Review, name: str) -> list[dict[str, Any]]:
    """Return a table as a script gets it."""
    with closing(database.reader(place.database)) as connection:
        found: list[dict[str, Any]] = json.loads(tables.as_json(tables.run(connection, name)))
        return found


def test_the_review_has_no_problem(built: Review) -> None:
    assert load(built).problems == []


def test_there_are_117_papers_of_two_searches(built: Review) -> None:
    content = load(built)
    assert [(s.id, sum(r.search == s.id for r in content.records.values())) for s in content.searches] == [
        ("2021-mini-review", 39),
        ("2025-cited-by", 78),
    ]


# The numbers of rows that the paper's tables have.
@pytest.mark.parametrize(("number", "count"), [(1, 5), (2, 7), (3, 6), (4, 16), (5, 5)])
def test_the_tables_have_the_rows_that_the_paper_prints(number: int, count: int, built: Review) -> None:
    found = rows(built, f"table-{number}")
    assert len(found) == count
    assert list(found[0]) == ["paper", "imaging_method", "aim", "applied_method"]


def test_cells_are_as_the_paper_prints_them(built: Review) -> None:
    found = {row["paper"]: row for row in rows(built, "table-4")}
    assert found["li2016quality"]["imaging_method"] == "Brain MRI (DTI)"
    assert found["atlason2019unsupervised"]["applied_method"] == "SegAE"
    third = {row["paper"]: row for row in rows(built, "table-3")}
    assert third["khosla2019detecting"]["aim"] is None


def test_the_headline_figures_are_those_of_the_paper(built: Review) -> None:
    figures = {row["figure"]: (row["papers"], row["percent"]) for row in rows(built, "headline-figures")}
    assert figures == {
        "papers": (39, 100.0),
        "brain MRI": (15, 38.46),
        "brain": (21, 53.85),
        "deviation-based": (27, 69.23),
        "motivated by label lack": (19, 48.72),
    }


def test_derived_and_printed_figures_stand_side_by_side(built: Review) -> None:
    for row in rows(built, "headline-figures"):
        assert row["printed"] in (str(row["papers"]), f"{row['percent']} %")


def test_supervision_is_coded_for_the_four_papers_that_the_text_speaks_of(built: Review) -> None:
    with closing(database.reader(built.database)) as connection:
        coded = connection.execute("SELECT key, supervision_coded FROM papers WHERE supervision_coded IS NOT NULL")
        assert {key: json.loads(codes) for key, codes in coded} == {
            "wolleb2020descargan": ["semi_supervised"],
            "quellec2016multipleinstance": ["semi_supervised"],
            "atlason2019unsupervised": ["semi_supervised"],
            "li2016quality": ["supervised"],
        }


def test_with_the_rulings_five_pairs_are_versions_of_one_study(built: Review) -> None:
    with closing(database.reader(built.database)) as connection:
        studies = connection.execute("SELECT count(*) FROM studies WHERE papers = 2").fetchone()
        assert studies == (5,)
        assert connection.execute("SELECT count(*), count(DISTINCT study_id) FROM papers").fetchone() == (117, 112)


def test_every_decision_says_where_it_is_stated(built: Review) -> None:
    assert all("Table" in d.why or "reference" in d.why or "text" in d.why for d in load(built).decisions)


def test_every_paper_has_a_key_of_its_own_and_in_ascii(built: Review) -> None:
    with closing(database.reader(built.database)) as connection:
        keys = [key for (key,) in connection.execute("SELECT key FROM papers")]
    assert len(set(keys)) == len(keys) == 117
    assert all(key.isascii() and key.isalnum() for key in keys)


def test_the_search_yield_adds_up(built: Review) -> None:
    assert [(r["hits"], r["papers"], r["found_by_no_other"]) for r in rows(built, "search-yield")] == [
        (39, 39, 39),
        (78, 78, 78),
    ]


def test_what_the_paper_reports_is_kept_apart_from_what_is_derived(built: Review) -> None:
    reported = {r.label: r.value for r in load(built).protocol.reported}
    assert reported["Hits of four searches"] == "120"
    assert reported["Papers after the screening criteria"] == "49"
    assert reported["Papers without surveys"] == "45"


def test_no_table_of_codes_counts_a_suggestion(built: Review) -> None:
    with closing(database.reader(built.database)) as connection:
        included = connection.execute("SELECT count(*) FROM papers WHERE status = 'included'").fetchone()[0]
        assert included == 39
    assert sum(row["papers"] for row in rows(built, "modality-by-supervision")) == 5


def test_a_cross_table_is_crossed_for_reading_and_long_for_programs(built: Review) -> None:
    with closing(database.reader(built.database)) as connection:
        long = tables.run(connection, "modality-by-method")
    wide = tables.crossed(long)
    assert long.columns == ("modality", "method", "papers")
    assert wide.columns[0] == "modality"
    assert len(wide.rows) == len({row[0] for row in long.rows})
    assert sum(cell or 0 for row in wide.rows for cell in row[1:]) == sum(row[2] for row in long.rows)
