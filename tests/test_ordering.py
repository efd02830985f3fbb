"""Ordering: what a coder has still to screen, by what was included so far, as the command shows it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Program

from reviewdb import build, database, ordering
from reviewdb.errors import ReviewError
from reviewdb.ordering import Order, Orderer, random_sample
from reviewdb.review import Review

Ask = Callable[..., Order]
SURVEYS = ("survey", "review")


@pytest.fixture
def ask(example: Review) -> Iterator[Ask]:
    """Return a function that orders the papers of a review as it now is."""

    def order(coder: str = "", stage: str = "", **more: bool) -> Order:
        build.refresh(example)
        with closing(database.reader(example.database)) as connection:
            return Orderer().order(connection, coder, stage, **more)

    return order


def say(place: Review, coder: str, answers: Sequence[tuple[str, str]], question: str = "screening") -> None:
    """Append answers of a coder, one a second."""
    path = place.decisions_of(coder)
    before = len(path.read_text(encoding="utf-8").splitlines()) if path.exists() else 0
    with path.open("a", encoding="utf-8") as handle:
        for n, (record, answer) in enumerate(answers, before):
            at = f"2026-11-24T10:{n // 60:02}:{n % 60:02}Z"
            handle.write(json.dumps({"at": at, "record": record, "question": question, "answer": [answer]}) + "\n")


def surveys(order: Order) -> list[str]:
    """Return the ids of the papers whose titles call them surveys."""
    return [paper.id for paper in order.papers if any(word in paper.title.lower() for word in SURVEYS)]


def test_with_nothing_excluded_the_protocol_says_what_is_near(ask: Ask) -> None:
    found = ask("ana")
    assert (found.stage, found.by, found.included, found.excluded) == ("screening", "protocol", 39, 0)
    assert len(found.papers) == 78
    assert "medical imag" in found.papers[0].title.lower()
    scores = [paper.score for paper in found.papers]
    assert scores == sorted(scores, reverse=True)


def test_what_is_like_the_excluded_comes_last(example: Review, ask: Ask) -> None:
    before = surveys(ask("ana"))
    say(example, "ana", [(paper, "exclude.not_medical_imaging") for paper in before[:6]])
    found = ask("ana")
    assert (found.by, found.included, found.excluded) == ("learned", 39, 6)
    assert not set(before[:6]) & set(found.ids)
    half = len(found.ids) // 2
    assert sum(found.ids.index(paper) >= half for paper in before[6:]) >= 0.8 * len(before[6:])
    assert not set(found.ids[:10]) & set(before)


def test_the_order_is_the_same_again_and_one_orderer_follows_each_answer(example: Review, ask: Ask) -> None:
    say(example, "ana", [(ask("ana").ids[-1], "exclude")])
    assert ask("ana") == ask("ana")
    kept = Orderer()
    with closing(database.reader(example.database)) as connection:
        first = kept.order(connection, "ana")
    say(example, "ana", [(first.ids[0], "exclude")])
    assert ask("ana").excluded == 2
    with closing(database.reader(example.database)) as connection:
        assert kept.order(connection, "ana") == ask("ana")


def test_a_maybe_is_an_answer_and_teaches_nothing(example: Review, ask: Ask) -> None:
    first, second = ask("ana").ids[:2]
    say(example, "ana", [(first, "maybe"), (second, "exclude")])
    assert first not in ask("ana").ids
    assert first in ask("bob").ids
    assert (ask("ana").included, ask("ana").excluded) == (39, 1)


def test_what_others_agree_on_is_learned_from_and_ones_own_answer_comes_first(example: Review, ask: Ask) -> None:
    one, two = ask("ana").ids[:2]
    say(example, "bob", [(one, "exclude"), (two, "exclude")])
    assert (ask("ana").included, ask("ana").excluded) == (39, 2)
    assert not {one, two} & set(ask("ana").ids)
    say(example, "ana", [(one, "include")])
    assert (ask("ana").included, ask("ana").excluded) == (40, 1)
    assert (ask("eve").included, ask("eve").excluded) == (39, 1)  # ana and bob differ


def test_a_blind_coder_orders_all_and_learns_from_nobody_else(example: Review, ask: Ask) -> None:
    one, two = ask("ana").ids[:2]
    say(example, "bob", [(one, "exclude"), (two, "exclude")])
    found = ask("ana", blind=True)
    assert (found.by, found.included, found.excluded) == ("protocol", 0, 0)
    assert len(found.ids) == 117
    assert found.recall is None


def test_the_next_stage_has_what_was_included_before(example: Review, ask: Ask) -> None:
    one, two = ask("ana").ids[:2]
    say(example, "ana", [(one, "include"), (two, "exclude")])
    found = ask("ana", "eligibility")
    assert found.ids == [one]
    assert found.included == 39


def test_an_unknown_stage_is_refused_with_the_names_that_there_are(ask: Ask) -> None:
    with pytest.raises(ReviewError, match="no stage 'screning'") as refused:
        ask("ana", "screning")
    assert refused.value.todo == "Did you mean screening?"


def test_a_sample_is_drawn_by_chance_stays_the_same_and_is_recognised(example: Review, ask: Ask) -> None:
    ranked = ask("ana").ids
    say(example, "ana", [(paper, "exclude") for paper in ranked[:4]])
    drawn = ask("ana", sample=True).ids
    assert drawn == ask("ana", sample=True).ids
    assert set(drawn) == set(ranked[4:])
    assert drawn != ranked[4:]
    say(example, "ana", [(paper, "include" if n == 4 else "exclude") for n, paper in enumerate(drawn[:20])])
    said = ask("ana").recall
    assert said is not None
    assert (said.by, said.sampled, said.found, said.screened, said.papers) == ("sample", 20, 40, 63, 117)
    assert said.low < said.estimate < 1
    say(example, "ana", [(paper, "exclude") for paper in ask("ana").ids[:5]])
    later = ask("ana").recall
    assert later is not None
    assert (later.by, later.sampled) == ("sample", 20)


@pytest.mark.parametrize(
    ("screened", "sample"),
    [
        (lambda lots, last: [*last[:9], *lots[:20]], range(9, 29)),
        (lambda lots, last: [*lots[:20], *last[:9], *lots[20:45]], range(29, 54)),
        (lambda lots, last: [*lots[:20], *last[:9], *lots[20:30]], range(20)),
        (lambda lots, last: [*lots[:10], last[0], *lots[10:20], last[1]], range(11, 21)),
        (lambda lots, last: [lots[3], *lots[:3], *lots[4:20]], range(1, 20)),  # noqa: ARG005
        (lambda lots, last: [*last[:9], *reversed(lots[:20])], range(0)),
        (lambda lots, last: [*last[:9], *lots[1:20]], range(0)),
        (lambda lots, last: last[:40], range(0)),  # noqa: ARG005
        (lambda lots, last: lots[:9], range(0)),  # noqa: ARG005 - too few
        (lambda lots, last: last, range(0)),  # noqa: ARG005 - the last one comes first by necessity
    ],
)
def test_a_run_of_the_first_lots_is_a_random_sample_and_nothing_else_is(
    screened: Callable[[list[str], list[str]], list[str]], sample: range
) -> None:
    papers = [f"made-{n:03}" for n in range(100)]
    lots = sorted(papers, key=ordering._lot)  # noqa: SLF001 - the order of chance itself
    assert random_sample(screened(lots, lots[::-1]), papers) == sample


def test_the_command_prints_the_order_and_says_what_it_rests_on(example: Review, program: Program) -> None:
    done = program("rank", "--coder", "ana", "--limit", "3", folder=example.root)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 3
    assert "3 of 78 papers to screen at screening" in done.stderr
    assert "nothing to learn from yet (39 included, 0 excluded" in done.stderr
    assert "likeness to the protocol's question and search terms" in done.stderr
    say(example, "ana", [(paper["id"], "exclude") for paper in ranked(example, program)[-5:]])
    done = program("rank", "--coder", "ana", folder=example.root)
    assert "Learned from 39 included and 5 excluded papers." in done.stderr
    assert "Found so far: 39 papers, with 44 of 117 screened." in done.stderr
    assert "if the order was never worse than chance" in done.stderr
    every = ranked(example, program)
    assert len(every) == 73
    done = program("rank", "--coder", "ana", "--json", "--limit", "2", folder=example.root)
    assert json.loads(done.stdout)["papers"] == every[:2]


def ranked(place: Review, program: Program) -> list[dict[str, str]]:
    """Return the papers that the command prints as JSON."""
    done = program("rank", "--coder", "ana", "--json", folder=place.root)
    found = json.loads(done.stdout)
    assert found.keys() == {"stage", "by", "included", "excluded", "recall", "papers"}
    assert found["papers"][0].keys() == {"id", "key", "score", "title"}
    papers: list[dict[str, str]] = found["papers"]
    return papers


def test_a_sample_is_told_by_the_command_and_reckoned_with(example: Review, program: Program) -> None:
    done = program("rank", "--sample", "30", "--coder", "ana", folder=example.root)
    keys = [line.split()[0] for line in done.stdout.splitlines()]
    assert len(keys) == 30
    assert "Drawn at random" in done.stderr
    say(example, "ana", [(identified(example, key), "exclude") for key in keys])
    done = program("rank", "--coder", "ana", folder=example.root)
    assert "By the random sample of 30 papers, that is" in done.stderr


def identified(place: Review, key: str) -> str:
    """Return the id of the paper with a key."""
    with closing(database.reader(place.database)) as connection:
        id_: str = connection.execute("SELECT id FROM papers WHERE key = ?", [key]).fetchone()[0]
    return id_


def test_with_all_screened_it_says_so(example: Review, ask: Ask, program: Program) -> None:
    say(example, "ana", [(paper, "exclude") for paper in ask("ana").ids])
    done = program("rank", "--coder", "ana", folder=example.root)
    assert (done.returncode, done.stdout) == (0, "")
    assert "Nothing is left to screen" in done.stderr
    assert "all 39 are screened" in done.stderr


def test_without_scikit_learn_it_says_how_to_install_it(built: Review, program: Program, tmp_path: Path) -> None:
    (tmp_path / "sklearn.py").write_text("raise ModuleNotFoundError('gone', name='sklearn')", encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), os.environ["PYTHONPATH"]])
    for arguments in ([], ["--simulate", "x.csv"]):
        (tmp_path / "x.csv").write_text("title,label_included\na,1\nb,1\nc,0\nd,0\n", encoding="utf-8")
        done = program("--review", built.root, "rank", *arguments, PYTHONPATH=path)
        assert (done.returncode, done.stdout) == (1, "")
        assert "pip install 'reviewdb[rank]'" in done.stderr
        assert "Traceback" not in done.stderr
    assert program("--review", built.root, "rank", "--sample", "5", PYTHONPATH=path).returncode == 0
