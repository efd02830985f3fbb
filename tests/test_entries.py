"""Lines of the journal: what each kind says, what is refused, and that a written line reads back as it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewdb import entries
from reviewdb.model import Decision, Relation
from reviewdb.questions import Question
from reviewdb.text import clean

AT = "2026-11-23T15:00:00.000000Z"
HIT = {"id": "s-1", "title": "A title"}
SAID = {"at": AT, "record": "s-1", "question": "modality", "answer": ["mri"]}
RULED = {"at": AT, "a": "s-1", "b": "s-2", "relation": "same"}

search = partial(entries.search, id_="s")
record = partial(entries.record, search_id="s")
decision = partial(entries.decision, coder="ana")
ruling = partial(entries.ruling, coder="ana")


@pytest.mark.parametrize(
    ("read", "entry", "complaint"),
    [
        (search, {}, "source is missing"),
        (search, {"source": "scholar", "parameters": []}, "parameters is not an object"),
        (search, {"source": 1}, "source is not a string"),
        (record, {"title": "x"}, "id is None"),
        (record, HIT | {"id": "a b"}, "id is 'a b'"),
        (record, HIT | {"id": "x" * 129}, "not a name"),
        (record, HIT | {"id": "../x"}, "not a name"),
        (record, HIT | {"title": " \n"}, "title is missing"),
        (record, HIT | {"title": 0}, "title is not a string"),
        (record, HIT | {"venue": []}, "venue is not a string"),
        (record, HIT | {"doi": False}, "doi is not a string"),
        (record, HIT | {"authors": "A. One"}, "authors is not a list"),
        (record, HIT | {"authors": [1]}, "authors is not a list"),
        (record, HIT | {"year": "2020"}, "year is '2020'"),
        (record, HIT | {"year": 2020.0}, "year is 2020.0"),
        (record, HIT | {"year": 999}, "from 1000 to 2999"),
        (record, HIT | {"year": True}, "year is True"),
        (record, HIT | {"rank": 0}, "rank is 0"),
        (record, HIT | {"citations": -1}, "citations is -1"),
        (decision, {k: v for k, v in SAID.items() if k != "answer"}, "answer is missing"),
        (decision, SAID | {"answer": True}, "answer is neither"),
        (decision, SAID | {"answer": [1]}, "answer is neither"),
        (decision, SAID | {"settles": "yes"}, "settles is neither true nor false"),
        (decision, SAID | {"question": ""}, "question is missing"),
        (decision, SAID | {"record": None}, "record is None"),
        (decision, SAID | {"at": "yesterday"}, "at is 'yesterday'"),
        (decision, SAID | {"at": "2026-11-23T15:00:00"}, "not a moment"),
        (decision, SAID | {"at": ""}, "at is missing"),
        (decision, SAID | {"at": "0001-01-01T00:00:00+14:00"}, "not a moment"),
        (decision, SAID | {"at": "9999-12-31T23:59:59-14:00"}, "not a moment"),
        (ruling, RULED | {"b": "s-1"}, "both records are s-1"),
        (ruling, RULED | {"relation": "doubtful"}, "relation is 'doubtful'"),
        (ruling, {k: v for k, v in RULED.items() if k != "relation"}, "relation is ''"),
        (ruling, RULED | {"relation": ["same"]}, "not one of same, version, different or null"),
    ],
)
def test_a_wrong_line_is_refused_with_a_sentence(
    read: Callable[[Mapping[str, Any]], object], entry: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$") as refused:
        read(entry)
    assert complaint in str(refused.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
KEYS = (*HIT, *SAID, *RULED, "authors", "year", "rank", "doi", "why", "settles", "source", "parameters")


@given(st.dictionaries(st.sampled_from(KEYS), json_values))
def test_no_line_brings_a_reader_down(entry: dict[str, Any]) -> None:
    for base in ({}, HIT, SAID, RULED):
        for read in (search, record, decision, ruling):
            try:
                read(base | entry)
            except ValueError as refused:
                assert str(refused)  # noqa: PT017 - most lines are refused; none may do worse


def test_a_hit_keeps_what_it_does_not_know_and_puts_text_on_one_line() -> None:
    hit = record(
        HIT
        | {"title": " A\n title ", "authors": ["A.\tOne", " "], "year": None, "doi": None, "gs_rank": 3, "search": "x"}
    )
    assert (hit.title, hit.authors, hit.year, hit.doi, hit.rank) == ("A title", ("A. One",), None, "", 0)
    assert hit.extra == {"gs_rank": 3, "search": "x"}
    assert hit.search == "s"
    assert record(HIT | {"authors": None}).authors == ()


@pytest.mark.parametrize(
    ("answer", "read"),
    [(["mri", "ct"], ("mri", "ct")), ("mri", ("mri",)), ([], ()), (None, None), (["ct", "mri", "ct"], ("ct", "mri"))],
)
def test_an_answer_is_codes_or_a_text_or_withdrawn(answer: object, read: object) -> None:
    assert decision(SAID | {"answer": answer}).answer == read


def test_the_records_of_a_ruling_come_in_order() -> None:
    made = ruling(RULED | {"a": "s-2", "b": "s-1", "relation": None})
    assert (made.a, made.b, made.relation) == ("s-1", "s-2", None)
    assert ruling(RULED).relation is Relation.SAME


moments = st.datetimes(
    datetime(1000, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    timezones=st.integers(-840, 840).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)


@given(moments, moments)
def test_the_order_of_written_moments_is_the_order_of_time(one: datetime, other: datetime) -> None:
    assert (entries.moment_text(one) < entries.moment_text(other)) == (one < other)
    assert datetime.fromisoformat(entries.moment_text(one)) == one


line = st.text(min_size=1).map(clean).filter(bool)


@given(
    st.none() | st.lists(line, max_size=3, unique=True).map(tuple),
    line,
    st.booleans(),
    st.datetimes(datetime(1000, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_a_decision_reads_back_as_it_was_written(
    answer: tuple[str, ...] | None, why: str, settles: bool, moment: datetime
) -> None:
    made = Decision("ana", "s-1", "modality", answer, entries.moment_text(moment), why, settles)
    kind = "text" if answer is not None and len(answer) == 1 else "codes"
    asked = Question("modality", kind, "modality", "Modality", "", suggested=False, codes={})
    written = json.dumps(entries.of_decision(made, asked))
    assert decision(json.loads(written)) == made


@pytest.mark.parametrize("name", ["ana", "A.B-c_1", "7", "x" * 64])
def test_a_coder_has_a_name_that_can_be_a_file(name: str) -> None:
    assert entries.coder_fault(name) == ""


def test_a_rule_is_no_person() -> None:
    assert entries.coder_fault("rule:x") == "coder 'rule:x' is a rule, not a person"


@pytest.mark.parametrize("name", ["", "rule:x", "a b", "../a", ".a", "-a", "ä", "x" * 65, "a/b", "a\n"])
def test_other_names_are_refused(name: str) -> None:
    assert entries.coder_fault(name)
