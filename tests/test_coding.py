"""Coding: what a coder says is what stands, whoever else writes, and whatever is taken back."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

import pytest

from reviewdb import build, coding, database
from reviewdb.coding import Case, Coder
from reviewdb.errors import BadReviewError, ReviewError
from reviewdb.model import Decision
from reviewdb.reading import Found
from reviewdb.review import Review

PAPER = Found("2021-mini-review-002", "schlegl2017unsupervised", "")
CODES = ("gan", "vae", "cnn", "pca", "hmm")


@pytest.fixture
def case(built: Review) -> Case:
    """Return a paper of which nothing has been said."""
    return Case(coding.load_scheme(built), PAPER, Coder("ana"), [])


def after(case: Case, coder: str, *made: str, settles: bool = False) -> Case:
    """Return the case after a coder has said something: an assignment, or `undo FACET`."""
    for what in made:
        seen = replace(case, coder=Coder(coder, settles=settles))
        said = coding.undo(seen, what.split()[1:], stages=False) if what[:4] == "undo" else coding.tag(seen, [what])
        case = replace(case, history=[*case.history, *said])
    return case


def stands(case: Case, question: str = "method") -> tuple[set[str], set[str]]:
    """Return what coders agree on and what they contest."""
    standing = case.standings().get(question)
    return (set(standing.agreed), set(standing.contested)) if standing else (set(), set())


def test_each_undo_goes_one_answer_further_back(case: Case) -> None:
    case = after(case, "ana", "method=gan", "method=vae", "method=cnn")
    seen = []
    for _ in range(3):
        case = after(case, "ana", "undo method")
        seen.append(stands(case)[0])
    assert seen == [{"vae"}, {"gan"}, set()]
    with pytest.raises(ReviewError, match=r"has not answered method on .*\n.*nothing to undo"):
        after(case, "ana", "undo method")
    with pytest.raises(ReviewError, match="ana has not screened"):
        coding.undo(case, [], stages=True)


def test_undo_without_a_name_takes_back_the_last_answer(case: Case) -> None:
    case = after(case, "ana", "method=gan", "modality=oct", "undo")
    assert (stands(case)[0], stands(case, "modality")[0]) == ({"gan"}, set())


def test_undoing_what_settled_brings_the_conflict_back(case: Case) -> None:
    case = after(after(case, "ana", "method=gan"), "bo", "method=cnn")
    assert stands(case) == (set(), {"gan", "cnn"})
    settled = after(case, "cyd", "method=gan", settles=True)
    assert stands(settled) == ({"gan"}, set())
    assert stands(after(settled, "cyd", "undo method")) == (set(), {"gan", "cnn"})


def test_an_answer_that_was_settled_away_does_not_come_back_by_adding_to_it(case: Case) -> None:
    case = after(case, "ana", "method=gan")
    case = after(case, "bo", "method=vae", settles=True)
    assert coding.tag(replace(case, coder=Coder("ana")), ["method+=pca"])[0].answer == ("vae", "pca")


@pytest.mark.parametrize(
    ("assignments", "answers"),
    [
        (["method+=gan", "method+=vae"], {"method": ("gan", "vae")}),
        (["method=gan,vae", "method-=gan"], {"method": ("vae",)}),
        (["method=gan", "modality=oct"], {"method": ("gan",), "modality": ("oct",)}),
        (["supervision=unsupervised"], {"supervision.coded": ("unsupervised",)}),
        (["modality="], {"modality": ()}),
        (["aim= markers, found "], {"aim": ("markers, found",)}),
    ],
)
def test_assignments_of_one_command_are_one_answer_a_question(
    assignments: Sequence[str], answers: dict[str, tuple[str, ...]], case: Case
) -> None:
    assert {made.question: made.answer for made in coding.tag(case, assignments)} == answers


@pytest.mark.parametrize(
    ("assignments", "says"),
    [
        (["method=gan", "method=vae"], "answered twice"),
        (["aim+=x"], "is a text"),
        (["aim-=x"], "is a text"),
        (["method-=vae"], "cannot be taken away"),
        (["deviation_based=yes,no"], "takes one answer"),
        (["method=GANs"], "has no code"),
    ],
)
def test_an_assignment_that_makes_no_sense_is_refused(assignments: Sequence[str], says: str, case: Case) -> None:
    with pytest.raises(ReviewError, match=says):
        coding.tag(case, assignments)


def test_who_settles_adds_to_nothing_on_which_others_disagree(case: Case) -> None:
    case = after(after(case, "ana", "method=gan"), "bo", "method=cnn")
    with pytest.raises(ReviewError, match="coders disagree"):
        coding.tag(replace(case, coder=Coder("cyd", settles=True)), ["method+=vae"])


@pytest.mark.parametrize("others", [["method=gan"], ["method=gan", "undo method"]])
def test_what_others_said_is_no_part_of_a_first_answer(others: Sequence[str], case: Case) -> None:
    for said in others:
        case = after(case, "bo", said)
    ana = replace(case, coder=Coder("ana"))
    assert coding.tag(ana, ["method+=vae"])[0].answer == ("vae",)
    with pytest.raises(ReviewError, match=r"ana's method of .* is no code"):
        coding.tag(ana, ["method-=gan"])


def test_a_code_is_told_by_its_label_or_other_letters(case: Case) -> None:
    for written in ("MRI.Brain", "brain mri (structural)"):
        with pytest.raises(ReviewError, match=r"Did you mean mri\.brain"):
            coding.tag(case, [f"modality={written}"])


def test_a_clock_that_was_ahead_does_not_void_what_is_said_later(case: Case) -> None:
    ahead = Decision("bo", PAPER.id, "method", ("gan",), "2999-01-01T00:00:00.000000Z")
    case = after(replace(case, history=[ahead]), "bo", "method=vae")
    assert stands(case)[0] == {"vae"}
    assert case.history[-1].at == "2999-01-01T00:00:00.000001Z"


def test_a_disagreement_on_a_text_is_a_conflict(example: Review) -> None:
    outcome = coding.decide(example, PAPER.key, Coder("ana"), lambda c: coding.tag(c, ["aim=other"]), print)
    assert outcome.contested == ("aim",)
    with closing(database.reader(example.database)) as connection:
        counts = dict(database.ask(connection, database.statement("overview")).rows)
        coverage = {row[0]: row[2:] for row in database.ask(connection, database.statement("coverage")).rows}
        sql = (example.root / "queries" / "conflicts.sql").read_text(encoding="utf-8")
        conflicts = [row[:4] for row in connection.execute(sql)]
    assert counts["conflicts"] == 1
    assert coverage["aim"] == (37, 0, 1)
    assert conflicts == [
        (PAPER.key, "aim", "ana", "other"),
        (PAPER.key, "aim", "mini-review", "new anomaly detection method"),
    ]


def test_a_code_and_what_it_implies_are_one_answer_everywhere(example: Review) -> None:
    for coder, codes in (("ana", "mri.brain"), ("bo", "mri,mri.brain")):
        outcome = coding.decide(
            example, "chen2024anomaly", Coder(coder), lambda c, codes=codes: coding.tag(c, [f"modality={codes}"]), print
        )
        assert outcome.contested == ()
    with closing(database.reader(example.database)) as connection:
        assert dict(database.ask(connection, database.statement("overview")).rows)["conflicts"] == 0
        sql = (example.root / "queries" / "conflicts.sql").read_text(encoding="utf-8")
        assert connection.execute(sql).fetchall() == []


def test_what_was_said_already_is_not_written_again(example: Review) -> None:
    for made in (1, 0):
        outcome = coding.decide(example, PAPER.key, Coder("ana"), lambda c: coding.tag(c, ["method=gan"]), print)
        assert len(outcome.made) == made
    assert len(example.decisions_of("ana").read_text(encoding="utf-8").splitlines()) == 1


def test_nothing_is_decided_on_a_database_that_lags_behind_the_text(example: Review) -> None:
    build.refresh(example)
    (example.root / "queries" / "zz.sql").write_text("junk", encoding="utf-8")
    with pytest.raises(BadReviewError):
        coding.decide(example, PAPER.key, Coder("ana"), lambda c: coding.tag(c, ["method+=vae"]), print)
    assert not example.decisions_of("ana").exists()


def test_codes_added_by_four_processes_at_once_are_all_there(example: Review) -> None:
    build.refresh(example)
    command = [sys.executable, "-m", "reviewdb", "tag", PAPER.key, "--coder", "ana"]
    running = [subprocess.Popen([*command, f"method+={c}"], cwd=example.root) for c in CODES[1:]]
    assert [process.wait(timeout=60) for process in running] == [0] * 4
    last = json.loads(example.decisions_of("ana").read_text(encoding="utf-8").splitlines()[-1])
    assert sorted(last["answer"]) == sorted(CODES[1:])


@pytest.mark.parametrize("seed", range(4))
def test_a_history_taken_in_line_by_line_comes_to_the_same_as_a_whole_build(seed: int, example: Review) -> None:
    chance = random.Random(seed)
    keys = ["schlegl2017unsupervised", "baur2018deep", "burgert2025semisupervised"]
    build.refresh(example)
    for _ in range(25):
        coder = Coder(chance.choice(("ana", "bo", "mini-review")), settles=chance.random() < 0.2)
        code, sign = chance.choice(CODES), chance.choice(("", "", "+", "-"))
        made = chance.choice(("tag", "tag", "undo", "screen"))

        def make(case: Case, made: str = made, sign: str = sign, code: str = code) -> list[Decision]:
            if made == "undo":
                return coding.undo(case, [], stages=False)
            if made == "screen":
                return coding.screen(case, "include", "", "")
            return coding.tag(case, [f"method{sign}={code}"])

        try:
            coding.decide(example, chance.choice(keys), coder, make, lambda _: None)
        except ReviewError as error:
            assert any(says in str(error) for says in ("nothing to undo", "taken away", "disagree")), error  # noqa: PT017
    line_by_line = everything(example)
    build.rebuild(example)
    assert everything(example) == line_by_line


def everything(place: Review) -> list[object]:
    """Return what the decisions come to."""
    with closing(database.reader(place.database)) as connection:
        return [
            sorted(connection.execute(sql), key=repr)
            for sql in (
                "SELECT * FROM papers ORDER BY id",
                "SELECT * FROM paper_codes ORDER BY paper_id, question_id, code, status",
                "SELECT paper_id, c.coder, at FROM current_decisions c JOIN decisions d ON d.id = decision_id",
                "SELECT count(*), sum(settles), count(undoes) FROM decisions",
                "SELECT rowid FROM paper_search WHERE paper_search MATCH 'variational OR generative'",
            )
        ]
