"""The flow: what goes in comes out, is excluded, or is still open, at every stage, by every method, at both levels."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from flows import Found, flow, reviews, stages
from hypothesis import given
from hypothesis import strategies as st

from reviewdb import boxes, origins
from reviewdb.diagram.outline import outline
from reviewdb.diagram.prose import paragraph
from reviewdb.flow import ALL, DATABASES, NO_REASON, NOT_AGREED, OTHER, Column, Count, Flow, Judged, total
from reviewdb.flow import flow as derive
from reviewdb.model import CITATIONS, ENRICHMENT, SEARCH, Search
from reviewdb.protocol import Reported
from reviewdb.scheme import Question

SCHOLAR, OPENALEX = Search("s", "scholar", "q", "2026-01-01"), Search("o", "openalex", "q", "2026-01-02")
CITING = Search("c", "openalex", "cites:W1", "2026-01-03", kind=CITATIONS)
MORE = Search("e", "openalex", "", "2026-01-04", kind=ENRICHMENT)
TWO_STAGES = stages("screening: late, off_topic", "eligibility: survey, lost*")


def judged(*lines: str) -> list[Judged]:
    """Return papers from lines such as `a excluded screening late`; a paper is its own study unless `a/study`."""
    papers = []
    for line in lines:
        paper, *standing = line.split(" ")
        name, _, study = paper.partition("/")
        papers.append(Judged(name, study or name, *standing))
    return papers


def flow_of(*lines: str, asked: Sequence[Question] = TWO_STAGES) -> Flow:
    """Return the flow of papers that Scholar found once each."""
    papers = judged(*lines)
    return flow([SCHOLAR], [Found("s", paper.paper) for paper in papers], papers, asked)


def test_a_review_of_two_stages_is_counted_box_by_box() -> None:
    found = flow_of(
        "a included eligibility",
        "b included eligibility",
        "c excluded screening late",
        "d excluded screening late",
        "e excluded screening off_topic",
        "f excluded eligibility survey",
        "g excluded eligibility lost",
        "h contested screening",
        "i contested eligibility",
        "j pending screening",
        "k pending eligibility",
    ).all
    screening, eligibility = found.stages
    assert (found.records, found.duplicates, found.identified.papers) == (11, 0, 11)
    assert {r.id: r.count.papers for r in screening.reasons} == {"late": 2, "off_topic": 1}
    numbers = [(s.entered, s.assessed, s.excluded, s.contested, s.pending, s.passed) for s in found.stages]
    assert [[count.papers for count in counts] for counts in numbers] == [[11, 10, 3, 1, 1, 6], [6, 4, 1, 1, 1, 2]]
    assert (screening.seeks, eligibility.seeks, eligibility.not_retrieved.papers) == (False, True, 1)
    assert found.included == Count(2, 2)


def test_records_of_one_paper_are_duplicates() -> None:
    hits = [Found("s", "a"), Found("o", "a"), Found("o", "a"), Found("o", "b")]
    found = flow([SCHOLAR, OPENALEX], hits, judged("a pending screening", "b pending screening"), TWO_STAGES)
    assert (found.all.records, found.all.duplicates, found.all.identified.papers) == (4, 2, 2)
    assert [(source.name, source.records) for source in found.all.sources] == [("scholar", 1), ("openalex", 3)]
    assert [column.method for column in found.methods] == [DATABASES]


def test_a_paper_found_by_both_methods_stands_in_the_column_of_databases() -> None:
    hits = [Found("s", "a"), Found("c", "a"), Found("c", "b")]
    found = flow([SCHOLAR, CITING], hits, judged("a included eligibility", "b included eligibility"), TWO_STAGES)
    numbers = {c.method: (c.records, c.duplicates, c.identified.papers) for c in found.columns}
    assert numbers == {ALL: (3, 1, 2), DATABASES: (1, 0, 1), OTHER: (2, 1, 1)}


def test_one_source_asked_in_two_ways_is_two_sources() -> None:
    found = flow([OPENALEX, CITING], [Found("o", "a"), Found("c", "b")], judged("a pending", "b pending"), [])
    assert [origins.label(source) for source in found.all.sources] == [
        "openalex",
        "Citation searching, openalex",
    ]


def test_an_enrichment_is_no_source_and_a_search_without_hits_is_one() -> None:
    found = flow([SCHOLAR, OPENALEX, MORE], [Found("s", "a")], judged("a pending screening"), TWO_STAGES)
    assert [(source.name, source.records) for source in found.all.sources] == [("scholar", 1), ("openalex", 0)]


def test_citations_alone_have_the_only_column() -> None:
    found = flow([CITING], [Found("c", "a")], judged("a pending screening"), TWO_STAGES)
    assert [column.method for column in found.methods] == [OTHER]
    assert found.columns == (found.all,)


def test_nothing_at_all_is_a_flow_too() -> None:
    found = flow([], [], [], [])
    assert found.all == Column(ALL, (), 0, 0, Count(), (), Count())
    assert [column.method for column in found.methods] == [DATABASES]


def test_without_stages_nothing_is_included() -> None:
    assert flow_of("a pending", "b pending", asked=[]).all.included == Count()


def test_what_coders_do_not_agree_on_or_do_not_say_has_a_line_of_its_own() -> None:
    (stage,) = flow_of(
        f"a excluded screening {NOT_AGREED}",
        f"b excluded screening {NO_REASON}",
        "c excluded screening gone_from_the_scheme",
        asked=stages("screening: late"),
    ).all.stages
    assert [(reason.label, reason.count.papers) for reason in stage.reasons] == [
        ("Late", 0),
        ("gone_from_the_scheme", 1),
        ("No reason given", 1),
        ("Reason not agreed", 1),
    ]
    assert stage.excluded == Count(3, 3)


@pytest.mark.parametrize(
    ("papers", "says", "box"),
    [
        (["a included eligibility"], "all could be retrieved", "Papers not retrieved"),
        (
            ["a included eligibility", "b pending eligibility"],
            "none is known to be missing so far",
            "Papers not retrieved so far",
        ),
        (
            ["a excluded eligibility lost", "b pending eligibility"],
            "1 could not be retrieved so far",
            "Papers not retrieved so far",
        ),
        (["a excluded eligibility lost"], "1 could not be retrieved.", "Papers not retrieved"),
    ],
)
def test_nothing_is_said_to_be_retrieved_while_papers_are_undecided(papers: list[str], says: str, box: str) -> None:
    found = flow_of(*papers)
    assert says in paragraph(found)
    (label,) = {one.what for one in boxes.boxes(found) if one.figure == "eligibility.not_retrieved"}
    assert label == box
    assert re.search(rf"{box} +\d", outline(found, "", []))


@pytest.mark.parametrize(
    ("papers", "standing"),
    [
        # Where the one study of these papers stands: included, else open, else where the last of it was excluded.
        (["a/x included eligibility", "b/x excluded screening late"], "included"),
        (["a/x excluded screening late", "b/x included eligibility"], "included"),
        (["a/x excluded eligibility survey", "b/x pending screening"], "pending at screening"),
        (["a/x contested screening", "b/x pending eligibility"], "pending at eligibility"),
        (["a/x contested eligibility", "b/x excluded eligibility survey"], "contested at eligibility"),
        (["a/x excluded screening late", "b/x excluded eligibility survey"], "excluded at eligibility"),
        (["a/x excluded eligibility lost", "b/x excluded screening late"], "lost at eligibility"),
    ],
)
def test_a_study_stands_where_its_furthest_paper_does(papers: list[str], standing: str) -> None:
    found = flow_of(*papers).all
    assert found.identified == Count(2, 1)
    where = {
        f"{what} at {stage.id}"
        for stage in found.stages
        for what, count in {
            "pending": stage.pending,
            "contested": stage.contested,
            "excluded": stage.excluded,
            "lost": stage.not_retrieved,
        }.items()
        if count.studies
    } | ({"included"} if found.included.studies else set())
    assert where == {standing}


def test_a_study_whose_papers_are_equally_far_stands_in_the_column_of_databases() -> None:
    papers = judged("a/x included eligibility", "b/x included eligibility")
    found = flow([SCHOLAR, CITING], [Found("c", "a"), Found("s", "b")], papers, TWO_STAGES)
    assert {column.method: column.included for column in found.methods} == {DATABASES: Count(1, 1), OTHER: Count(1, 0)}


@given(reviews())
def test_at_every_stage_what_goes_in_comes_out_is_excluded_or_is_open(made: tuple[Any, ...]) -> None:
    found = flow(*made)
    for column in (found.all, *found.methods):
        assert column.records - column.duplicates == column.identified.papers
        assert column.records == sum(source.records for source in column.sources)
        assert column.duplicates >= 0
        left = column.identified
        for stage in column.stages:
            assert stage.entered == left
            reasons = total(reason.count for reason in stage.reasons)
            assert stage.entered == reasons + stage.contested + stage.pending + stage.passed
            assert reasons == stage.excluded + stage.not_retrieved
            assert stage.assessed == stage.excluded + stage.contested + stage.passed
            left = stage.passed
        assert column.included == (left if column.stages else Count())


@given(reviews())
def test_what_is_counted_is_what_is_there(made: tuple[Any, ...]) -> None:
    _, hits, papers, asked = made
    found = flow(*made).all
    assert (found.records, found.identified) == (len(hits), Count(len(papers), len({p.study for p in papers})))
    included = [paper for paper in papers if paper.status == "included"]
    assert found.included == Count(len(included), len({paper.study for paper in included}))
    there = Counter((paper.status, paper.stage, paper.reason) for paper in papers)
    assert [stage.id for stage in found.stages] == [stage.id for stage in asked]
    for stage in found.stages:
        assert stage.pending.papers == there["pending", stage.id, ""]
        assert stage.contested.papers == there["contested", stage.id, ""]
        for reason in stage.reasons:
            assert reason.count.papers == there["excluded", stage.id, reason.id]


@given(reviews())
def test_the_methods_add_up_to_all_and_no_box_has_more_studies_than_papers(made: tuple[Any, ...]) -> None:
    found = flow(*made)

    def numbers(column: Column) -> Counter[str]:
        there = Counter[str]()
        for box in boxes.boxes(Flow(column, ())):
            assert box.studies is None or 0 <= box.studies <= (box.papers or 0)
            there[box.figure] += box.number
            there[f"{box.figure} as studies"] += box.studies or 0
        return +there

    assert numbers(found.all) == sum(map(numbers, found.methods), Counter())


@given(reviews(), st.randoms(use_true_random=False))
def test_the_order_of_records_and_papers_changes_nothing(made: tuple[Any, ...], chance: random.Random) -> None:
    searches, hits, papers, asked = made
    again = flow(searches, chance.sample(hits, len(hits)), chance.sample(papers, len(papers)), asked)
    assert again == flow(searches, hits, papers, asked)


@given(reviews())
def test_papers_that_stand_alike_may_come_together(made: tuple[Any, ...]) -> None:
    searches, hits, papers, asked = made
    databases = {search.id for search in searches if search.kind == SEARCH}
    there = {paper for search, paper in hits if search in databases}
    each = [paper._replace(in_databases=paper.paper in there) for paper in papers]
    of_study = Counter(paper.study for paper in papers)
    alone = Counter(paper._replace(paper="", study="") for paper in each if of_study[paper.study] == 1)
    together = [paper._replace(papers=number) for paper, number in alone.items()]
    together += [paper for paper in each if of_study[paper.study] > 1]
    records = Counter(search for search, _ in hits)
    assert derive(searches, records, together, asked) == derive(searches, records, each, asked)


def reported(figure: str, value: str = "9", note: str = "") -> Reported:
    """Return a reported number of that figure."""
    return Reported(f"about {figure}", value, note, figure)


@pytest.mark.parametrize(
    ("figure", "derived"),
    [
        ("records", 5),
        ("records.scholar", 5),
        ("search.s", 5),
        ("duplicates", 0),
        ("identified", 5),
        ("screening.entered", 5),
        ("screening.excluded", 1),
        ("screening.excluded.late", 1),
        ("screening.without.late", 4),
        ("eligibility.entered", 4),
        ("eligibility.without.survey", 3),
        ("eligibility.without.lost", 2),
        ("eligibility.not_retrieved.lost", 1),
        ("eligibility.assessed", 3),
        ("papers", 2),
    ],
)
def test_a_reported_number_stands_beside_the_box_that_it_names(figure: str, derived: int) -> None:
    found = flow_of(
        "a included eligibility",
        "b included eligibility",
        "c excluded screening late",
        "d excluded eligibility survey",
        "e excluded eligibility lost",
    )
    (one,) = boxes.beside(found, [reported(figure), reported("brain MRI"), reported("")])
    assert (one.reported.value, one.derived.number) == ("9", derived)
    (row,) = [dict(zip(boxes.COLUMNS, row, strict=True)) for row in boxes.rows(found, [reported(figure)]) if row[-2]]
    assert (row["figure"], row["papers"] if row["records"] is None else row["records"]) == (figure, derived)


def test_two_reported_numbers_of_one_box_stand_there_both() -> None:
    found = flow_of("a included eligibility")
    rows = boxes.rows(found, [reported("papers", "44", "Text."), reported("papers", "45", "Abstract.")])
    assert [row[-2:] for row in rows if row[-2]] == [("44; 45", "Text. Abstract.")]


def test_no_two_boxes_of_a_method_have_one_name() -> None:
    hits = [Found("o", "a"), Found("c", "a"), Found("c", "b")]
    found = flow([OPENALEX, CITING], hits, judged("a included eligibility", "b excluded screening late"), TWO_STAGES)
    names = Counter((box.method, box.figure) for box in boxes.boxes(found))
    assert max(names.values()) == 1
