"""Works: what is read of OpenAlex's JSON, whatever it is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openalex_server import work

from reviewdb import entries, works


def test_a_work_is_read_as_a_record() -> None:
    shown = work(
        "W12",
        "Anomalies in <i>brain</i> MRI &amp; CT",
        "10.1000/A",
        year=2019,
        date="2019-05-01",
        authors=["Ana Ivić", "Bo Li"],
        venue="Medical Image Analysis",
        abstract="We look for what we do not know",
        citations=7,
        cites=["W1", "W2"],
        biblio={"volume": "12", "issue": "3", "first_page": "1", "last_page": "9"},
        is_retracted=True,
    )
    record = works.record(shown, 4)
    assert (record.title, record.authors, record.year) == ("Anomalies in brain MRI & CT", ("Ana Ivić", "Bo Li"), 2019)
    assert (record.venue, record.venue_type, record.published) == ("Medical Image Analysis", "journal", "2019-05-01")
    assert (record.volume, record.pages, record.doi, record.rank) == ("12(3)", "1–9", "10.1000/a", 4)
    assert record.abstract == "We look for what we do not know"
    assert record.citations == 7
    assert record.extra["references"] == ["W1", "W2"]
    assert record.extra["openalex"] == "W12"
    assert record.extra["is_retracted"] is True
    assert not record.cut


@pytest.mark.parametrize(
    ("index", "text"),
    [
        (None, ""),
        ({}, ""),
        ({"b": [1], "a": [0]}, "a b"),
        ({"a": [0, 2], "b": [1]}, "a b a"),
        ({"late": [100], "early": [3]}, "early late"),
        ({"<jats:p>We": [0], "look</jats:p>": [1]}, "We look"),
        ({"x": "0", "y": [None, -1, True, 0]}, "y"),
    ],
)
def test_an_abstract_is_put_together_from_its_index(index: Any, text: str) -> None:  # noqa: ANN401 - whatever JSON says
    assert works.record({"id": "https://openalex.org/W1", "abstract_inverted_index": index}).abstract == text


def test_an_index_that_says_a_million_words_is_cut() -> None:
    record = works.record({"abstract_inverted_index": {"anomaly": list(range(1_000_000))}})
    assert len(record.abstract) <= 50_000
    assert record.cut == ("abstract",)


@pytest.mark.parametrize(
    ("type_", "source", "raw", "venue_type"),
    [
        ("article", {"type": "journal"}, "", "journal"),
        ("article", {"type": "conference"}, "", "conference"),
        ("article", {"type": "book series"}, "proceedings-article", "conference"),
        ("book-chapter", {"type": "book series"}, "book-chapter", "book"),
        ("preprint", {"type": "repository"}, "", "repository"),
        ("preprint", None, "", "repository"),
        ("dissertation", {"type": "repository"}, "", "thesis"),
        ("article", None, "", ""),
        ("article", {"type": "a new one"}, "", "other"),
    ],
)
def test_what_a_venue_is(type_: str, source: Any, raw: str, venue_type: str) -> None:  # noqa: ANN401 - as above
    shown = {"type": type_, "primary_location": {"source": source, "raw_type": raw}}
    assert works.record(shown).venue_type == venue_type


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("W123", "W123"),
        (" w123 ", "W123"),
        ("https://openalex.org/W123", "W123"),
        ("https://api.openalex.org/works/W123", "W123"),
        ("W123x", ""),
        ("A123", ""),
        (None, ""),
        (12, ""),
    ],
)
def test_a_work_is_named_by_its_id_or_address(text: object, id_: str) -> None:
    assert works.name(text) == id_


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(works.FIELDS), anything))
def test_nothing_in_a_work_can_fail(shown: dict[str, Any]) -> None:
    record = works.record(shown, 1)
    line = entries.of_record(record) | {"id": "x"}
    assert entries.record(line, "s").title == record.title
