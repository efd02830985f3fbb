"""Consensus: whose word stands, what coders agree on, whether a paper is in, and the rows that follow."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewdb import consensus, derive
from reviewdb.model import Decision, Standing
from reviewdb.scheme import Scheme, parse

SCHEME, FAULTS = parse(
    """\
schema = 1
[stage.screening]
[stage.screening.reasons.off_topic]
[stage.screening.reasons.duplicate]
[stage.eligibility]
[stage.eligibility.reasons.survey]
[facet.modality.codes.mri]
label = "MRI"
words = ["MRI"]
[facet.modality.codes."mri.brain"]
label = "Brain MRI"
[facet.modality.codes."mri.brain.dti"]
[facet.modality.codes.ct]
label = "CT"
[facet.aim]
kind = "text"
""",
    "scheme.toml",
)
QUESTIONS = SCHEME.questions


def made(said: str) -> Decision:
    """Return the decision of a line such as `ana modality mri,ct`; `-` withdraws, `!` after the coder settles."""
    coder, question, answer = said.split(" ", 2)
    codes = None if answer == "-" else tuple(filter(None, answer.split(",")))
    return Decision(coder.rstrip("!"), "r-1", question, codes, "2026", settles=coder.endswith("!"))


def standing(*lines: str) -> dict[str, Standing]:
    """Return where questions stand after these decisions, in the order of time."""
    return consensus.stand(consensus.current(map(made, lines)).values(), QUESTIONS)


def test_the_scheme_of_these_tests_is_good() -> None:
    assert FAULTS == []


@pytest.mark.parametrize(
    ("lines", "agreed", "contested", "coders"),
    [
        (["ana modality mri"], "mri", "", "ana"),
        # The latest word of each coder.
        (["ana modality mri", "ana modality ct"], "ct", "", "ana"),
        (["ana modality mri", "ben modality mri"], "mri", "", "ana ben"),
        (["ana modality mri", "ben modality ct"], "", "ct mri", "ana ben"),
        (["ana modality mri", "ben modality ct", "ana modality ct"], "ct", "", "ana ben"),
        (["ana modality mri,ct", "ben modality ct"], "ct", "mri", "ana ben"),
        (["ana modality ", "ben modality ct"], "", "ct", "ana ben"),
        (["ana modality "], "", "", "ana"),
        # Codes imply their ancestors.
        (["ana modality mri.brain.dti"], "mri mri.brain mri.brain.dti", "", "ana"),
        (["ana modality mri.brain", "ben modality mri"], "mri", "mri.brain", "ana ben"),
        (["ana modality mri.brain", "ben modality ct"], "", "ct mri mri.brain", "ana ben"),
        # Withdrawn.
        (["ana modality mri", "ana modality -", "ben modality ct"], "ct", "", "ben"),
        (["ana modality -", "ana modality mri"], "mri", "", "ana"),
        # Settled: what was said before no longer counts, what is said later does.
        (["ana modality mri", "ben modality ct", "cem! modality ct"], "ct", "", "cem"),
        (["ana modality mri", "ana! modality ct"], "ct", "", "ana"),
        (["cem! modality ct", "ana modality mri"], "", "ct mri", "ana cem"),
        (["ana modality mri", "cem! modality ct", "cem modality mri"], "mri", "", "cem"),
        # Rules are not heard.
        (["ana modality mri", "rule:x modality ct"], "mri", "", "ana"),
        (["ana modality mri", "rule:x! modality ct"], "mri", "", "ana"),
    ],
)
def test_one_question_stands_as_its_coders_say(lines: list[str], agreed: str, contested: str, coders: str) -> None:
    found = standing(*lines, "ben aim other,question")
    assert found.pop("aim").coders == ("ben",)
    assert found == {
        "modality": Standing(frozenset(agreed.split()), frozenset(contested.split()), tuple(coders.split()))
    }


@pytest.mark.parametrize(
    "lines",
    [
        ["ana modality mri", "ana modality -"],
        ["ana modality mri", "ben! modality -"],
        ["ana modality -"],
        ["rule:x modality mri"],
        [],
    ],
)
def test_a_question_that_nobody_answers_stands_nowhere(lines: list[str]) -> None:
    assert standing(*lines) == {}


@pytest.mark.parametrize(
    ("lines", "own"),
    [
        (["ana modality mri", "ben modality ct"], "ana:mri ben:ct"),
        # The latest word while nobody else has answered.
        (["ana modality mri", "ana modality ct", "ben modality ct"], "ana:ct ben:ct"),
        (["ana modality mri", "ana modality -", "ana modality ct", "ben modality ct"], "ana:ct ben:ct"),
        # Who has answered sees what others say: what comes after that knows of it.
        (["ana modality mri", "ben modality ct", "ana modality ct"], "ana:mri ben:ct"),
        (["ana modality mri", "ben modality ct", "ben modality mri"], "ana:mri ben:ct"),
        (["ana modality mri", "ben modality ct", "ben modality -", "ben modality mri"], "ana:mri ben:ct"),
        # To a third coder all are hidden until that one has answered.
        (["ana modality mri", "ben modality ct", "cem modality ct", "cem modality mri"], "ana:mri ben:ct cem:ct"),
        # Before anybody settles, whoever does.
        (["ana modality mri", "ben modality ct", "cem! modality ct"], "ana:mri ben:ct"),
        (["ana modality mri", "ben modality ct", "ben! modality mri"], "ana:mri ben:ct"),
        (["ana modality mri", "ben! modality ct"], "ana:mri"),
        # Nothing after it, not even what is withdrawn.
        (["ana modality mri", "ben modality ct", "cem! modality ct", "ana modality ct"], "ana:mri ben:ct"),
        (["ana modality mri", "ben modality ct", "cem! modality ct", "dan modality ct"], "ana:mri ben:ct"),
        (["ana modality mri", "ben modality ct", "cem! modality ct", "ana modality -"], "ana:mri ben:ct"),
        (["ana modality mri", "ana modality -", "ben modality ct"], "ben:ct"),
        # Nothing is settled where nobody else has answered, nor by a rule.
        (["ana! modality mri", "ben modality ct"], "ana:mri ben:ct"),
        (["ana modality ct", "ana! modality mri", "ben modality ct"], "ana:mri ben:ct"),
        (["ana modality mri", "rule:x! modality ct", "ben modality ct"], "ana:mri ben:ct"),
    ],
)
def test_an_answer_is_independent_until_others_can_be_seen(lines: list[str], own: str) -> None:
    found = consensus.independent([*map(made, lines), made("ben aim x")])
    assert found.pop(("aim", "ben")).answer.answer == ("x",)
    assert {coder: own.answer.answer for (_, coder), own in found.items()} == {
        coder: (code,) for coder, _, code in (said.partition(":") for said in own.split())
    }


def dated(*lines: str) -> list[Decision]:
    """Return decisions, one a month; a line such as `ana undo 2` undoes the one of that month."""
    found: list[Decision] = []
    for month, line in enumerate(lines, 1):
        coder, word, rest = line.split(" ", 2)
        at = f"2026-{month:02}"
        undoing = Decision(coder.rstrip("!"), "r-1", "modality", None, at, undoes=f"2026-{rest:0>2}")
        found.append(undoing if word == "undo" else replace(made(line), at=at))
    return found


@pytest.mark.parametrize(
    ("lines", "own"),
    [
        # An undoing does not make unseen what was seen: the answer given before it is what was said independently.
        (["ana modality mri", "ben modality ct", "ben undo 2"], "ana:mri:mri ben:ct:-"),
        (["ana modality mri", "ben modality ct", "ben undo 2", "ben modality mri"], "ana:mri:mri ben:ct:mri"),
        (["ana modality mri", "ben modality ct", "ben undo 2", "ben undo 3"], "ana:mri:mri ben:ct:ct"),
        # Before that, what is undone was never said.
        (["ana modality mri", "ana undo 1", "ben modality ct", "ana modality ct"], "ana:ct:ct ben:ct:ct"),
        (["ana modality mri", "ana modality ct", "ana undo 2", "ben modality ct"], "ana:mri:mri ben:ct:ct"),
        # A settling that is undone settled nothing; but who settled has seen all.
        (
            ["ana modality mri", "ben modality ct", "cem! modality ct", "cem undo 3", "dan modality mri"],
            "ana:mri:mri ben:ct:ct dan:mri:mri",
        ),
        (["ana modality mri", "ben! modality ct", "ben undo 2", "ben modality mri"], "ana:mri:mri"),
        (["ana modality mri", "ben! modality ct", "ben undo 2", "ben undo 3", "cem modality ct"], "ana:mri:mri"),
        # To settle revises nothing.
        (["ana modality mri", "ben modality ct", "ben! modality mri"], "ana:mri:mri ben:ct:ct"),
        (["ana modality mri", "ben modality ct", "cem! modality ct", "ana modality ct"], "ana:mri:ct ben:ct:ct"),
    ],
)
def test_what_is_undone_after_others_were_seen_is_revised(lines: list[str], own: str) -> None:
    """`own` has what each coder said independently, and says since."""
    found = consensus.independent(dated(*lines))
    assert sorted(own.split()) == sorted(
        f"{coder}:{one.answer.answer_text}:{one.later.answer_text if one.later else '-'}"
        for (_, coder), one in found.items()
    )


def test_texts_agree_only_when_they_are_the_same() -> None:
    assert standing("ana aim find lesions", "ben aim find lesions")["aim"].agreed == {"find lesions"}
    assert standing("ana aim a.b", "ben aim a")["aim"] == Standing(frozenset(), frozenset({"a.b", "a"}), ("ana", "ben"))


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ([], ("pending", "screening", "")),
        (["ana screening include"], ("pending", "eligibility", "")),
        (["ana screening maybe"], ("pending", "screening", "")),
        (["ana screening include", "ana eligibility maybe"], ("pending", "eligibility", "")),
        (["ana eligibility include"], ("pending", "screening", "")),
        (["ana screening maybe", "ana eligibility include"], ("pending", "screening", "")),
        (["ana screening include", "ana eligibility include"], ("included", "eligibility", "")),
        (["ana screening exclude.off_topic"], ("excluded", "screening", "off_topic")),
        (["ana screening exclude"], ("excluded", "screening", "")),
        (["ana screening include", "ana eligibility exclude.survey"], ("excluded", "eligibility", "survey")),
        (["ana screening exclude.off_topic", "ana eligibility include"], ("excluded", "screening", "off_topic")),
        # Coders who exclude for different reasons agree that the paper is out.
        (["ana screening exclude.off_topic", "ben screening exclude.duplicate"], ("excluded", "screening", "")),
        (["ana screening include", "ben screening exclude.off_topic"], ("contested", "screening", "")),
        (["ana screening include", "ben screening maybe"], ("contested", "screening", "")),
        (
            ["ana screening include", "ana eligibility include", "ben eligibility exclude"],
            ("contested", "eligibility", ""),
        ),
        (["ana eligibility include", "ben eligibility exclude"], ("contested", "eligibility", "")),
        # Out is out, whatever was contested before.
        (
            ["ana screening include", "ben screening exclude", "ana eligibility exclude.survey"],
            ("excluded", "eligibility", "survey"),
        ),
        (["ana screening include", "ben screening exclude", "cem! screening include"], ("pending", "eligibility", "")),
        (["ana screening exclude", "ana screening -"], ("pending", "screening", "")),
        (["rule:x screening exclude"], ("pending", "screening", "")),
    ],
)
def test_a_paper_is_in_or_out_as_its_stages_stand(lines: list[str], status: tuple[str, str, str]) -> None:
    assert consensus.status(standing(*lines), SCHEME.stages) == status


def test_without_stages_every_paper_is_pending() -> None:
    assert consensus.status({}, []) == ("pending", "", "")


def test_suggestions_of_rules_add_up() -> None:
    lines = ["rule:x modality mri", "ana modality ct", "rule:y modality mri.brain", "rule:x aim -"]
    assert consensus.suggested(map(made, lines)) == {"modality": {"mri", "mri.brain"}, "aim": frozenset()}


coded = st.sampled_from(["mri", "mri.brain", "mri.brain.dti", "ct"])
said = st.tuples(st.sampled_from("abc"), st.none() | st.lists(coded, unique=True, max_size=3).map(tuple), st.booleans())


@given(st.lists(said, max_size=8))
def test_what_stands_is_what_its_last_speakers_said(lines: list[tuple[str, tuple[str, ...] | None, bool]]) -> None:
    decisions = [Decision(coder, "r", "modality", answer, "2026", settles=settles) for coder, answer, settles in lines]
    found = consensus.current(decisions)
    settled = max((n for n, d in enumerate(decisions) if d.settles), default=0)
    last = {d.coder: d for d in decisions[settled:]}
    assert {coder: d for (_, coder), d in found.items()} == {c: d for c, d in last.items() if d.answer is not None}
    standings = consensus.stand(found.values(), QUESTIONS)
    if found:
        agreed, contested = standings["modality"].agreed, standings["modality"].contested
        assert not agreed & contested
        answers = [consensus.implied(d.answer or (), QUESTIONS["modality"]) for d in found.values()]
        assert all(agreed <= answer <= agreed | contested for answer in answers)


@given(st.lists(said, max_size=8))
def test_what_stands_where_nobody_settles_is_what_coders_say_since(
    lines: list[tuple[str, tuple[str, ...] | None, bool]],
) -> None:
    decisions = [Decision(coder, "r", "modality", answer, "2026") for coder, answer, _ in lines]
    found = consensus.independent(decisions)
    assert {key: own.later for key, own in found.items() if own.later} == consensus.current(decisions)
    spoken = Counter(made.coder for made in decisions)
    once = {("modality", made.coder) for made in decisions if spoken[made.coder] == 1 and made.answer is not None}
    assert {key for key, own in found.items() if own.answer is own.later} >= once


@given(st.sets(coded))
def test_leaves_name_what_is_implied_no_more(codes: set[str]) -> None:
    named = consensus.leaves(codes)
    assert consensus.implied(named, QUESTIONS["modality"]) == consensus.implied(codes, QUESTIONS["modality"])
    assert not any(other.startswith(f"{code}.") for code in named for other in named)


def derived(*lines: str, scheme: Scheme = SCHEME) -> derive.Derived:
    """Derive from decisions given in the order of time, one a day."""
    dated = [(n, made(line)) for n, line in enumerate(lines, 1)]
    return derive.derive(
        "p-1",
        [
            (n, Decision(d.coder, d.record, d.question, d.answer, f"2026-01-{n:02}", settles=d.settles))
            for n, d in dated
        ],
        scheme,
    )


def test_a_coded_paper_has_its_rows() -> None:
    found = derived(
        "rule:x modality ct",
        "ana modality mri.brain",
        "ben modality mri",
        "ana aim find lesions",
        "ana screening include",
    )
    assert found.values == {
        "status": "pending",
        "stage": "eligibility",
        "reason": None,
        "terms": "MRI; find lesions",
        "modality": '["mri"]',
        "modality_suggested": None,
        "aim": "find lesions",
    }
    assert found.current == [
        ("p-1", "aim", "ana", 4, "find lesions", 0),
        ("p-1", "modality", "ana", 2, "mri.brain", 1),
        ("p-1", "modality", "ben", 3, "mri", 1),
        ("p-1", "screening", "ana", 5, "include", 0),
    ]
    assert found.codes == [
        ("p-1", "screening", "include", "coded", 0),
        ("p-1", "modality", "mri", "coded", 0),
        ("p-1", "modality", "mri.brain", "contested", 0),
    ]


def test_implied_codes_are_marked_and_labels_come_in_the_order_of_the_scheme() -> None:
    found = derived("ana modality ct,mri.brain")
    assert found.values["modality"] == json.dumps(["ct", "mri", "mri.brain"])
    assert found.values["terms"] == "MRI; Brain MRI; CT"
    assert [(code, implied) for *_, code, _, implied in found.codes] == [("ct", 0), ("mri", 1), ("mri.brain", 0)]


@pytest.mark.parametrize(
    ("lines", "suggested"),
    [
        (["rule:x modality mri.brain"], '["mri", "mri.brain"]'),
        (["rule:x modality mri", "ana modality ct"], None),
        (["rule:x modality mri", "ana modality "], None),
        (["rule:x modality mri", "ana modality ct", "ben modality mri"], None),
        (["rule:x modality mri", "ana modality ct", "ana modality -"], '["mri"]'),
        (["rule:x modality mri", "ana screening include"], '["mri"]'),
    ],
)
def test_suggestions_vanish_when_a_person_answers(lines: list[str], suggested: str | None) -> None:
    found = derived(*lines)
    assert found.values["modality_suggested"] == suggested
    assert ("suggested" in {status for *_, status, _ in found.codes}) == bool(suggested)


def test_contested_or_empty_texts_leave_no_word() -> None:
    assert derived("ana aim one", "ben aim two").values["aim"] is None
    blank = [(1, Decision("ana", "r-1", "aim", ("",), "2026")), (2, made("ana modality ct"))]
    found = derive.derive("p-1", blank, SCHEME)
    assert (found.values["aim"], found.values["terms"]) == (None, "CT")


@given(st.lists(said, max_size=6), st.randoms(use_true_random=False))
def test_the_order_in_which_decisions_are_given_changes_nothing(
    lines: list[tuple[str, tuple[str, ...] | None, bool]], chance: random.Random
) -> None:
    numbered = [
        (n, Decision(coder, "r", "modality", answer, f"202{n % 3}", settles=settles))
        for n, (coder, answer, settles) in enumerate(lines, 1)
    ]
    once = derive.derive("p", numbered, SCHEME)
    assert derive.derive("p", chance.sample(numbered, len(numbered)), SCHEME) == once
    assert tuple(once.values)[4:] == tuple(derive.in_questions(SCHEME))
    assert len(set(once.codes)) == len(once.codes)
