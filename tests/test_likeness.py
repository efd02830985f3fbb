"""Likeness: which work is surely that of a record, and which is another one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reviewdb import likeness
from reviewdb.model import Record

TITLE = "Unsupervised anomaly detection with generative adversarial networks"
OURS = Record("a", "s", 1, TITLE, ("T Schlegl", "P Seeböck"), 2017)
THEIRS = Record("", "", 0, TITLE, ("Thomas Schlegl", "Philipp Seeböck", "Ursula Schmidt-Erfurth"), 2017)


@pytest.mark.parametrize(
    ("ours", "theirs", "reason"),
    [
        ({}, {}, "titles 100 % alike, same year, 2 authors in common"),
        ({}, {"year": 2018}, "titles 100 % alike, 1 year apart, 2 authors in common"),
        ({"year": None}, {}, "titles 100 % alike, 2 authors in common"),
        ({"title": TITLE.upper()}, {}, "titles 100 % alike, same year, 2 authors in common"),
        ({"authors": ()}, {}, "titles 100 % alike, same year"),
        ({"authors": ("Schlegl, T.",)}, {}, "titles 100 % alike, same year, 1 author in common"),
        ({"title": TITLE[:40], "cut": ("title",)}, {}, "the beginning of the title 100 % alike, same year, 2 authors"),
        ({"title": TITLE.replace("networks", "network")}, {}, "titles 99 % alike"),
    ],
)
def test_a_work_that_is_surely_the_paper(ours: dict[str, object], theirs: dict[str, object], reason: str) -> None:
    like = likeness.by_title(replace(OURS, **ours), replace(THEIRS, **theirs))  # type: ignore[arg-type]
    assert like is not None
    assert like.reason.startswith(reason)
    assert like.score >= likeness.TITLES_ALIKE


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({}, {"year": 2019}),
        ({}, {"authors": ("A. Nother",)}),
        ({}, {"title": TITLE.replace("Unsupervised", "Supervised")}),
        ({}, {"title": TITLE.replace("networks", "nets")}),
        ({}, {"title": f"{TITLE} part II"}),
        ({"title": f"{TITLE} in CT"}, {"title": f"{TITLE} in MR"}),
        ({"title": f"{TITLE} 2019"}, {"title": f"{TITLE} 2020"}),
        ({"title": "Editorial", "authors": ()}, {"title": "Editorial"}),
        # The beginning of a title recurs: without an author in common it says little.
        ({"title": TITLE[:40], "cut": ("title",), "authors": ()}, {}),
        ({"title": TITLE[:40]}, {}),
    ],
)
def test_a_work_that_may_be_another_one(ours: dict[str, object], theirs: dict[str, object]) -> None:
    record, work = replace(OURS, **ours), replace(THEIRS, **theirs)  # type: ignore[arg-type]
    assert likeness.by_title(record, work) is None


def test_with_the_same_doi_a_subtitle_may_differ_and_another_title_may_not() -> None:
    assert likeness.by_doi([OURS], replace(THEIRS, title=f"{TITLE}: a study")) is not None
    assert likeness.by_doi([OURS], replace(THEIRS, title="Poster abstracts")) is None


def test_of_several_works_the_nearest_is_the_best() -> None:
    works = [
        replace(THEIRS, year=2018, extra={"openalex": "W1"}),
        replace(THEIRS, extra={"openalex": "W9"}),
        replace(THEIRS, extra={"openalex": "W5"}),
        replace(THEIRS, authors=("T. Schlegl",), extra={"openalex": "W2"}),
        replace(THEIRS, extra={"openalex": "W3", "type": "erratum"}),
    ]
    found = likeness.best([OURS], works)
    assert found is not None
    assert found[0].extra["openalex"] == "W5"
    assert likeness.best([OURS], reversed(works)) == found
    assert likeness.best([OURS], []) is None
