"""Criteria: what rules can tell of a paper, and what they propose; where they cannot tell, they say so."""

from __future__ import annotations

import pytest

from reviewdb.criteria import assess, suggestions
from reviewdb.model import Group, Record, Span
from reviewdb.papers import merge
from reviewdb.protocol import Criterion, Protocol

PLAN = Protocol(
    window=("2015-01", "2021-07"),
    criteria=(
        Criterion("screening", "duplicate", "Each work counts once."),
        Criterion("screening", "off_topic", "About images.", "facet:modality"),
        Criterion("screening", "preprint", "Peer-reviewed.", "peer-reviewed"),
        Criterion("screening", "outside_window", "In the window.", "in-window"),
        Criterion("eligibility", "old", "In the window, again.", "in-window"),
    ),
)
MRI = {"modality": Span("title", 0, 3, "MRI")}


def told(
    *records: dict[str, object], versions: tuple[dict[str, object], ...] = (), mentions: dict[str, Span] | None = None
) -> dict[str, tuple[str, str]]:
    """Return whether each criterion holds, and from which words, by reason."""
    found, others = ([_record(n, r) for n, r in enumerate(said)] for said in (records, versions))
    paper = merge(Group("r-0", tuple(r.id for r in found), "r-0"), found, "key")
    return {
        a.criterion.reason: (a.holds, a.evidence.words if a.evidence else "")
        for a in assess(PLAN, paper, found, others, mentions or {})
    }


def _record(number: int, said: dict[str, object]) -> Record:
    return Record(**({"id": f"r-{number}", "search": "s", "rank": 1, "title": "T"} | said))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        ({"year": 2014}, ("no", "2014")),
        ({"year": 2015}, ("yes", "2015")),
        ({"year": 2020}, ("yes", "2020")),
        ({"year": 2021}, ("unknown", "")),
        ({"year": 2022}, ("no", "2022")),
        ({}, ("unknown", "")),
        ({"year": 2021, "published": "2021-07-31"}, ("yes", "2021-07-31")),
        ({"year": 2021, "published": "2021-08"}, ("no", "2021-08")),
        ({"published": "2014-12-31"}, ("no", "2014-12-31")),
        # The date is that of another version.
        ({"year": 2020, "published": "2022-01-01"}, ("yes", "2020")),
    ],
)
def test_a_date_lies_in_the_window_or_outside_or_may_do_either(said: dict[str, object], holds: tuple[str, str]) -> None:
    assert told(said)["outside_window"] == holds


@pytest.mark.parametrize(
    ("window", "year", "holds"),
    [
        (("", ""), 1990, "yes"),
        (("2015", ""), 2014, "no"),
        (("2015", ""), 2015, "yes"),
        (("", "2021"), 2021, "yes"),
        (("", "2021"), 2022, "no"),
        (("2015-06", "2015-06"), 2015, "unknown"),
    ],
)
def test_a_window_may_be_open_or_of_years(window: tuple[str, str], year: int, holds: str) -> None:
    plan = Protocol(window=window, criteria=(Criterion("s", "r", "t", "in-window"),))
    record = _record(0, {"year": year})
    paper = merge(Group("r-0", ("r-0",), "r-0"), [record], "key")
    assert [a.holds for a in assess(plan, paper, [record], [], {})] == [holds]


@pytest.mark.parametrize(
    ("records", "holds"),
    [
        ([{"venue": "Medical image analysis", "venue_type": "journal"}], ("yes", "Medical image analysis (journal)")),
        ([{"venue": "MIDL", "venue_type": "conference"}], ("yes", "MIDL (conference)")),
        ([{"venue": "Medical image analysis"}], ("unknown", "")),
        ([{"venue": "arXiv preprint arXiv:2004.03271"}], ("no", "arXiv preprint arXiv:2004.03271")),
        ([{"venue_type": "thesis"}], ("no", "thesis")),
        ([{}], ("unknown", "")),
        # One record says preprint, another one of the same paper knows the journal.
        ([{"venue": "arXiv"}, {"venue": "MedIA", "venue_type": "journal"}], ("yes", "MedIA (journal)")),
    ],
)
def test_a_venue_is_peer_reviewed_or_not_or_nobody_says(
    records: list[dict[str, object]], holds: tuple[str, str]
) -> None:
    assert told(*records)["preprint"] == holds


def test_a_preprint_whose_study_appeared_elsewhere_is_left_to_people() -> None:
    journal = {"venue": "MedIA", "venue_type": "journal"}
    assert told({"venue": "arXiv"}, versions=(journal,))["preprint"] == ("unknown", "")


def test_silence_counts_only_where_the_whole_abstract_is_known() -> None:
    assert told({}, mentions=MRI)["off_topic"] == ("yes", "MRI")
    assert told({})["off_topic"][0] == "unknown"
    assert told({"abstract": "Steel …", "cut": ("abstract",)})["off_topic"][0] == "unknown"
    assert told({"abstract": "Steel surfaces."})["off_topic"][0] == "no"


def proposed(*records: dict[str, object], mentions: dict[str, Span]) -> dict[str, tuple[tuple[str, ...], list[str]]]:
    found = [_record(n, r) for n, r in enumerate(records)]
    paper = merge(Group("r-0", tuple(r.id for r in found), "r-0"), found, "key")
    made = suggestions(assess(PLAN, paper, found, [], mentions), "r-0", "rule:criteria")
    return {d.question: (d.answer or (), [span.words for _, span in d.evidence]) for d in made}


def test_all_that_hold_propose_to_include_and_the_first_that_fails_to_exclude() -> None:
    good: dict[str, object] = {"year": 2020, "venue": "MedIA", "venue_type": "journal"}
    assert proposed(good, mentions=MRI) == {
        "screening": (("include",), ["MRI", "MedIA (journal)", "2020"]),
        "eligibility": (("include",), ["2020"]),
    }
    assert proposed({**good, "year": 2022, "venue_type": "patent"}, mentions=MRI) == {
        "screening": (("exclude.preprint",), ["MedIA (patent)"]),
        "eligibility": (("exclude.old",), ["2022"]),
    }


def test_nothing_is_proposed_where_something_is_unknown_and_nothing_fails() -> None:
    assert proposed({"year": 2020}, mentions=MRI) == {"eligibility": (("include",), ["2020"])}
    assert proposed({}, mentions=MRI) == {}
