"""Papers: what their records say together, and citation keys that are never given twice nor taken away."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewdb.model import Group, Link, Record, Relation
from reviewdb.papers import keys, may_meet, merge, settle


def record(id_: str, title: str = "Deep things", **said: object) -> Record:
    """Return a record; what is not said is empty."""
    return Record(**({"id": id_, "search": "s", "rank": 1, "title": title} | said))  # type: ignore[arg-type]


def test_each_field_comes_from_the_most_complete_record_that_has_it() -> None:
    parts = [
        record("r-1", "deep things", authors=("A. One", "et al."), year=2019, citations=7, url="u1"),
        record(
            "r-2",
            "Deep Things",
            authors=("Ann One", "B. Two"),
            doi="https://doi.org/10.1000/X",
            venue="MedIA",
            year=2021,
        ),
        record("r-3", "Deep", authors=("A. One", "B. Two", "C. Three"), abstract="Long.", year=2020, citations=9),
        record("r-4", venue="arXiv", volume="3", pages="1-9", abstract="Longer."),
    ]
    paper = merge(Group("r-1", ("r-1", "r-2", "r-3", "r-4"), "r-0"), parts, "one2019deep")
    assert (paper.id, paper.key, paper.study, paper.records) == (
        "r-1",
        "one2019deep",
        "r-0",
        ("r-1", "r-2", "r-3", "r-4"),
    )
    assert (paper.title, paper.doi, paper.venue) == ("Deep Things", "10.1000/x", "MedIA")
    assert paper.authors == ("A. One", "B. Two", "C. Three")
    assert (paper.year, paper.citations, paper.abstract) == (2021, 9, "Longer.")
    assert (paper.volume, paper.pages, paper.url) == ("", "", "u1")
    assert merge(Group("r-1", paper.records, "r-0"), parts[::-1], "one2019deep") == paper


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        # A published DOI goes before a preprint's and before volume and pages.
        (
            [
                record("a", venue="arXiv", doi="10.48550/arXiv.1", year=2018, authors=("A. One", "B. Two")),
                record("b", venue="MedIA", doi="10.1016/x", year=2019),
                record("c", venue="Preprints", volume="3", pages="1-9", year=2017),
            ],
            ("MedIA", "", "", "10.1016/x", 2019),
        ),
        # Volume and pages go before a venue alone; what that record does not say is not taken from another.
        (
            [
                record("a", venue="arXiv", doi="10.48550/arXiv.1", year=2018),
                record("b", venue="MedIA", volume="54", pages="30-44"),
            ],
            ("MedIA", "54", "30-44", "", 2018),
        ),
        ([record("a", year=2018), record("b", venue="MedIA", year=2019)], ("MedIA", "", "", "", 2019)),
        # Where the best record names no venue, each may come from the next that says it.
        (
            [record("a", venue="MedIA", pages="1-9", year=2018), record("b", doi="10.1016/x", year=2019)],
            ("MedIA", "", "1-9", "10.1016/x", 2019),
        ),
    ],
)
def test_a_citation_comes_from_one_record(parts: list[Record], expected: tuple[object, ...]) -> None:
    for records in (parts, parts[::-1]):
        paper = merge(Group("a", ("a", "b"), "a"), records, "k")
        assert (paper.venue, paper.volume, paper.pages, paper.doi, paper.year) == expected


def test_what_no_record_says_is_empty() -> None:
    paper = merge(Group("r-1", ("r-1",), "r-1"), [record("r-1", doi="none")], "k")
    assert (paper.authors, paper.year, paper.citations, paper.doi, paper.abstract) == ((), None, None, "", "")


def test_of_two_records_that_say_as_much_the_one_with_an_abstract_gives_the_title() -> None:
    parts = [record("a", "DEEP THINGS"), record("b", "Deep things", abstract="Long.")]
    assert merge(Group("a", ("a", "b"), "a"), parts, "k").title == "Deep things"


def test_zero_citations_are_a_number() -> None:
    assert merge(Group("a", ("a", "b"), "a"), [record("a", citations=0), record("b")], "k").citations == 0


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        (["deep", "wide", "deep", "deep"], ["one2019deep", "one2019wide", "one2019deepa", "one2019deepb"]),
        # A title may be what a collision would make.
        (["deep", "deepa", "deep", "deepa"], ["one2019deep", "one2019deepa", "one2019deepb", "one2019deepaa"]),
    ],
)
def test_a_key_that_is_taken_gets_a_letter(titles: list[str], expected: list[str]) -> None:
    papers = [[record(f"{n:05}", t, authors=("A. One",), year=2019)] for n, t in enumerate(titles)]
    assert keys(papers, {"s": 0}) == expected


def test_keys_of_libraries_that_differ_in_capitals_alone_are_told_apart() -> None:
    own = ["Kim2020", "kim2020", "KIM2020A", "Kim2020", "other"]
    papers = [[record(f"{n:05}", extra={"citation_key": key})] for n, key in enumerate(own)]
    assert keys(papers, {"s": 0}) == ["Kim2020", "kim2020a", "KIM2020Aa", "Kim2020b", "other"]


def test_after_z_comes_aa_and_thousands_take_no_time() -> None:
    found = keys([[record(f"{n:05}")] for n in range(20_000)], {"s": 0})
    base = "anonymousnddeep"
    assert found[:3] == [base, f"{base}a", f"{base}b"]
    assert found[26:29] == [f"{base}z", f"{base}aa", f"{base}ab"]
    assert found[702:704] == [f"{base}zz", f"{base}aaa"]
    assert len(set(found)) == 20_000


some_titles = st.lists(st.sampled_from(["deep", "deepa", "deepb", "deepaa", "wide"]), max_size=12)


@given(some_titles, some_titles)
def test_a_later_paper_renames_no_earlier_one(earlier: list[str], later: list[str]) -> None:
    def named(titles: list[str]) -> list[str]:
        return keys([[record(f"{n:05}", title)] for n, title in enumerate(titles)], {"s": 0})

    found = named(earlier + later)
    assert found[: len(earlier)] == named(earlier)
    assert len(set(found)) == len(found)


def test_who_came_first_is_said_by_the_searches_not_by_the_ids() -> None:
    early = [record("zotero-1", search="zotero")]
    late = [record("2026-scholar-1", search="scholar")]
    both = [record("2026-scholar-2", search="scholar"), record("zotero-2", search="zotero")]
    assert keys([late, both, early], {"zotero": 0, "scholar": 1}) == [
        "anonymousnddeepb",
        "anonymousnddeepa",
        "anonymousnddeep",
    ]


def test_what_tells_more_of_a_record_gives_fields_but_neither_names_nor_joins_papers() -> None:
    hits = [record("h1", "Deep things", search="late"), record("h2", "Wide things", search="late")]
    more = record("a1", "Other words", search="early", about="h1", authors=("A. One",), year=2019)
    ruling = Link("a1", "h2", Relation.SAME, "ruling", 100, "so ruled", "ana")
    records = {one.id: one for one in (*hits, more)}
    found = settle(records, [], [ruling], {"early": 0, "late": 1})
    merged = found.papers(records)
    assert [(paper.id, paper.key, paper.records) for paper in merged] == [
        ("h1", "anonymousnddeep", ("h1", "a1")),
        ("h2", "anonymousndwide", ("h2",)),
    ]
    assert merged[0].authors == ("A. One",)
    assert [(link.a, link.b, link.rule) for link in found.links] == [
        ("a1", "h2", "ruling"),
        ("a1", "h1", "enrichment"),
    ]


@given(some_titles)
def test_a_key_of_another_stem_is_only_taken_where_it_may_be(titles: list[str]) -> None:
    found = keys([[record(f"{n:05}", title)] for n, title in enumerate(titles)], {"s": 0})
    for key, title in zip(found, titles, strict=True):
        own = f"anonymousnd{title}"
        if key != own:
            held = sum(other.startswith(own) for other in found)
            assert own in {stem for stem, before in may_meet(key) if held > before}
