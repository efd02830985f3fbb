"""Changes: each day is what the decisions up to its end come to."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from itertools import combinations, groupby, product
from pathlib import Path
from typing import Any

import pytest
from made_reviews import Made

from reviewdb import build, changes, consensus, database, scheme
from reviewdb.changes import Day
from reviewdb.model import Decision
from reviewdb.review import SCHEME, Review
from reviewdb.site import catalogue

AXES = ("modality", "method")
#: Papers that nobody has coded yet.
FIRST, SECOND, THIRD = "2025-cited-by-005", "2025-cited-by-006", "2025-cited-by-007"


def says(day: str, record: str, question: str, answer: Sequence[str] | None, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    said = {"at": f"{day}T12:00:00Z", "record": record, "question": question, **more}
    return said if answer is None else {**said, "answer": list(answer)}


def include(day: str, record: str) -> list[dict[str, Any]]:
    return [says(day, record, stage, ["include"]) for stage in ("screening", "eligibility")]


def days(review: Review, **coders: Sequence[dict[str, Any]]) -> dict[str, Day]:
    """Return the days of a review in which coders have said more."""
    for coder, said in coders.items():
        lines = "".join(json.dumps(line) + "\n" for line in said)
        review.decisions_of(coder).write_text(lines, encoding="utf-8")
    build.refresh(review)
    found = told(review)
    assert [day.date for day in found] == sorted((day.date for day in found), reverse=True)
    return {day.date: day for day in found}


def told(review: Review) -> list[Day]:
    """Return the days of a review as the site tells them."""
    with closing(database.reader(review.database)) as connection:
        connection.row_factory = sqlite3.Row
        return list(changes.days(connection, catalogue.read(connection).included_with))


def between(day: Day) -> list[changes.Closed]:
    """Return the gaps that closed between the two axes."""
    return [gap for gap in day.closed if gap.facets == AXES]


def test_the_mini_review_was_found_coded_and_then_cited(example: Review) -> None:
    found = days(example)
    assert list(found) == ["2026-11-23", "2021-08-01", "2021-08"]
    assert [len(search.papers) for search in found["2026-11-23"].found] == [78]
    assert [len(search.papers) for search in found["2021-08"].found] == [39]
    coded = found["2021-08-01"]
    assert [(turned.status, len(turned.papers)) for turned in coded.turned] == [("included", 39)]
    assert len(coded.coded) == 39
    assert coded.turned[0].coders == coded.coded_by == ("mini-review",)
    assert coded.closed == ()  # that day drew the map
    retina = next(paper for paper in coded.coded if paper.key == "schlegl2017unsupervised")
    assert "Imaging modality: Optical coherence tomography; Method: Generative adversarial network" in retina.what
    # A code that says what its question asks is not told twice.
    assert retina.what.endswith("Deviation-based; Motivated by a lack of labels")


def test_a_gap_closes_when_its_first_paper_is_in(example: Review) -> None:
    coded = [says("2030-01-01", FIRST, "modality", ["ultrasound"]), says("2030-01-01", FIRST, "method", ["pca"])]
    later = [says("2030-01-03", SECOND, "modality", ["ultrasound"]), says("2030-01-03", SECOND, "method", ["pca"])]
    found = days(example, ana=[*coded, *include("2030-01-02", FIRST), *later, *include("2030-01-03", SECOND)])
    assert found["2030-01-01"].closed == ()
    assert found["2030-01-01"].turned == ()
    (gap,) = between(found["2030-01-02"])
    assert gap.codes == ("Ultrasonography", "Principal component analysis")
    assert len(gap.papers) == 1
    assert [turned.status for turned in found["2030-01-03"].turned] == ["included"]
    assert found["2030-01-03"].closed == ()


def test_a_gap_that_had_a_paper_before_opens_and_closes_again(example: Review) -> None:
    said = [says("2030-01-01", FIRST, "modality", ["ultrasound"]), says("2030-01-01", FIRST, "method", ["pca"])]
    away = says("2030-01-03", FIRST, "method", ["gan"])
    back = says("2030-01-04", FIRST, "method", ["pca"])
    found = days(example, ana=[*said, *include("2030-01-02", FIRST), away, back])
    assert len(between(found["2030-01-02"])) == 1
    assert found["2030-01-03"].coded[0].what == "Method: Principal component analysis to Generative adversarial network"
    assert [gap.codes for gap in between(found["2030-01-04"])] == [("Ultrasonography", "Principal component analysis")]


def test_what_was_undone_is_seen_on_both_days(example: Review) -> None:
    made = says("2030-01-01", FIRST, "screening", ["exclude"])
    undone = says("2030-01-02", FIRST, "screening", None, undoes="2030-01-01T12:00:00Z")
    found = days(example, ana=[made, undone])
    assert [turned.status for turned in found["2030-01-01"].turned] == ["excluded"]
    assert [turned.status for turned in found["2030-01-02"].turned] == ["pending"]
    assert found["2030-01-02"].at.startswith("2030-01-02T12:00:00")


def test_a_change_names_those_who_decided_on_its_papers(example: Review) -> None:
    out = says("2030-01-01", FIRST, "screening", ["exclude"])
    coded = says("2030-01-01", SECOND, "method", ["pca"])
    slip = says("2030-01-01", THIRD, "method", ["gan"])
    back = {**says("2030-01-01", THIRD, "method", None, undoes=slip["at"]), "at": "2030-01-01T13:00:00Z"}
    day = days(example, ana=[out], bo=[coded], cyd=[slip, back])["2030-01-01"]
    assert [(turned.status, turned.coders) for turned in day.turned] == [("excluded", ("ana",))]
    assert (len(day.coded), day.coded_by) == (1, ("bo",))


def test_coders_who_differ_contest_a_paper_until_one_settles(example: Review) -> None:
    found = days(
        example,
        ana=[says("2030-01-01", FIRST, "screening", ["include"])],
        bo=[
            says("2030-01-02", FIRST, "screening", ["exclude"]),
            says("2030-01-03", FIRST, "screening", ["exclude"], settles=True),
        ],
    )
    assert found["2030-01-01"].turned == ()  # eligibility is still to be answered
    assert [turned.status for turned in found["2030-01-02"].turned] == ["contested"]
    assert found["2030-01-02"].turned[0].coders == ("bo",)
    assert [turned.status for turned in found["2030-01-03"].turned] == ["excluded"]


def test_a_code_that_became_another_is_a_change_of_its_day(example: Review) -> None:
    scheme = example.root / "data/coding-scheme.toml"
    text = scheme.read_text(encoding="utf-8")
    mark = "[facet.method.codes.pca]\n"
    became = "[facet.method.codes.components]\nlabel = 'Components'\n\n" + mark + 'became = ["components"]\n'
    scheme.write_text(text.replace(mark, became), encoding="utf-8")
    recoding = {
        "at": "2030-01-05T00:00:00Z",
        "facet": "method",
        "recodes": ["pca"],
        "to": ["components"],
        "why": "wider",
    }
    found = days(example, ana=[recoding])
    (made,) = found["2030-01-05"].recoded
    assert (made.codes, made.became, made.why) == (("pca",), ("components",), "wider")
    assert not any("Principal component" in paper.what for paper in found["2021-08-01"].coded)


def test_a_paper_is_new_by_the_first_search_that_found_it(example: Review) -> None:
    again = [
        {"source": "scholar", "query": "again", "date": "2027-01-01"},
        {
            "id": "2027-again-1",
            "title": "Unsupervised anomaly detection with generative adversarial networks to guide marker discovery",
            "authors": ["T. Schlegl", "P. Seeböck"],
            "year": 2017,
            "doi": "10.1007/978-3-319-59050-9_12",
        },
        {"id": "2027-again-2", "title": "A paper that nobody had found", "year": 2026},
    ]
    undated = [
        {"source": "scholar", "query": "when?"},
        {"id": "undated-1", "title": "Found at some time", "year": 2020},
    ]
    for name, lines in (("2027-again", again), ("undated", undated)):
        text = "".join(json.dumps(line) + "\n" for line in lines)
        example.search_file(name).write_text(text, encoding="utf-8")
    found = days(example)
    assert [paper.title for paper in found["2027-01-01"].found[0].papers] == ["A paper that nobody had found"]
    assert found["2027-01-01"].found[0].search.source == "Google Scholar"
    assert [paper.title for paper in found[""].found[0].papers] == ["Found at some time"]
    assert list(found)[-1] == ""


def plainly_closed(review: Review) -> dict[str, set[tuple[object, ...]]]:
    """Return the gaps that closed on each day, from all decisions ever made, day by day from the first on."""
    questions = scheme.parse((review.root / SCHEME).read_text(encoding="utf-8"), SCHEME)[0].questions
    stages = [question for question in questions.values() if question.kind == "stage"]
    facets = [question.id for question in questions.values() if question.kind == "codes"]

    def cells(said: Sequence[Decision]) -> set[tuple[str, str, str, str]]:
        standings = consensus.stand(consensus.current(said).values(), questions)
        if consensus.status(standings, stages)[0] != "included":
            return set()
        codes = {id_: consensus.leaves(standings[id_].agreed) for id_ in facets if id_ in standings}
        pairs = [(one, other) for one, other in combinations(facets, 2) if one in codes and other in codes]
        return {(one, other, a, b) for one, other in pairs for a, b in product(codes[one], codes[other])}

    with closing(database.reader(review.database)) as connection:
        every = list(database.decisions_of_people(connection))
        labels = {(q, c): label for q, c, label in connection.execute("SELECT question_id, id, label FROM codes")}
    papers = {key: [said.made for said in group] for key, group in groupby(every, key=lambda said: said.key)}
    found: dict[str, set[tuple[object, ...]]] = defaultdict(set)
    held: Mapping[str, set[tuple[str, str, str, str]]] = {key: set() for key in papers}
    for day in sorted({made.at[:10] for said in papers.values() for made in said}):
        now = {key: cells([made for made in said if made.at[:10] <= day]) for key, said in papers.items()}
        before = Counter(cell for stood in held.values() for cell in stood)
        drawn = {cell[:2] for cell in before}
        touched = {key for key, said in papers.items() if any(made.at[:10] == day for made in said)}
        for key in touched:
            for one, other, a, b in now[key]:
                if (one, other, a, b) not in before and (one, other) in drawn:
                    found[day].add((one, other, labels[one, a], labels[other, b], key))
        held = now
    return dict(found)


@pytest.mark.parametrize("seed", range(3))
def test_the_gaps_of_all_facets_are_those_that_going_through_all_decisions_finds(tmp_path: Path, seed: int) -> None:
    made = Made(tmp_path / "review", seed)
    build.refresh(made.place)
    for _ in range(4):
        made.code(20)
        assert build.refresh(made.place) == "updated"
        found = {
            day.date: {(*gap.facets, *gap.codes, paper.key) for gap in day.closed for paper in gap.papers}
            for day in told(made.place)
            if day.closed
        }
        assert found == plainly_closed(made.place)
    assert found
