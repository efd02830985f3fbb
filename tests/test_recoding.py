"""The coding scheme lives: codes are renamed, merged, split, retired and taken back, and nothing said is lost."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
import tomllib
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Program

from reviewdb import build, database, journal, reading, recoding, review
from reviewdb.coding import Coder
from reviewdb.errors import ReviewError
from reviewdb.intents import Asked
from reviewdb.recoding import Plan
from reviewdb.review import Review

KEY, RECORD = "schlegl2017unsupervised", "2021-mini-review-002"


def recode(place: Review, said: str, coder: str = "ana", *, new: bool = False) -> Plan:
    """Do what a command says, such as `rename method gan x`."""
    kind, facet, *codes = said.split()
    became = {"rename": codes[1:], "merge": codes[-1:], "split": codes[1:]}.get(kind, [])
    old = {"rename": codes[:1], "merge": codes[:-1], "split": codes[:1]}.get(kind, codes)
    asked = Asked(kind, facet, tuple(old), tuple(became), new=new)
    plan, fault = recoding.recode(place, asked, Coder(coder), lambda _: True, lambda _: None)
    assert fault == ""
    return plan


def say(place: Review, coder: str, question: str, answer: list[str], at: str = "2026-01-01T00:00:00Z") -> None:
    """Append a line as another clone would."""
    entry = {"at": at, "record": RECORD, "question": question, "answer": answer}
    journal.append(place.decisions_of(coder), [entry])


def coded(place: Review, question: str = "method") -> dict[str, list[str]]:
    """Return the papers on whose codes coders agree, with these codes."""
    build.refresh(place)
    sql = """SELECT paper_id, code FROM paper_codes
             WHERE question_id = ? AND status = 'coded' AND NOT implied ORDER BY 1, 2"""
    found: dict[str, list[str]] = {}
    with closing(database.reader(place.database)) as connection:
        for paper, code in connection.execute(sql, [question]):
            found.setdefault(paper, []).append(code)
    return found


def everything(place: Review) -> list[object]:
    """Return all that the database says of papers."""
    build.refresh(place)
    with closing(database.reader(place.database)) as connection:
        # A decision is named by who said what and when: its number is only a place in the table.
        numbered = connection.execute("SELECT id, record_id, question_id, coder, at, why FROM decisions")
        named = {number: decision for number, *decision in numbered}
        found: list[object] = []
        for table in ("papers", "paper_codes", "current_decisions", "answers"):
            cursor = connection.execute(f"SELECT * FROM {table}")
            columns = [name for name, *_ in cursor.description]
            rows = [dict(zip(columns, row, strict=True)) for row in cursor]
            rows = [row | {"decision_id": named.get(row.get("decision_id"))} for row in rows]
            found.append(sorted(rows, key=repr))
        return found


def texts(place: Review) -> dict[str, bytes]:
    """Return the files that people write."""
    return {name: (place.root / name).read_bytes() for name in (review.SCHEME, review.PROTOCOL)}


def suggested(place: Review, facet: str = "method") -> list[tuple[str, str, str]]:
    """Return what rules say of all papers, from which words."""
    build.refresh(place)
    sql = """SELECT record_id, code, words FROM answers JOIN decisions ON decisions.id = decision_id
             WHERE coder = 'rule:coding-scheme' AND decisions.question_id = ? ORDER BY 1, 2, 3"""
    with closing(database.reader(place.database)) as connection:
        return connection.execute(sql, [facet]).fetchall()


@pytest.mark.parametrize(
    "said",
    [
        "rename method gan adversarial",
        "rename modality mri mr",
        "rename method gan vae.gan",
        "rename supervision unsupervised none_at_all",
        "rename screening preprint not_reviewed",
        "merge method gan vae",
        "merge method vae autoencoder gan",
        "merge modality mri.brain mri",
        "merge screening preprint outside_window",
        "retire method gan",
        "retire modality mri",
    ],
)
def test_what_is_recoded_and_undone_is_as_it_was(said: str, example: Review) -> None:
    say(example, "ben", "screening", ["exclude.preprint"])
    before, files = everything(example), texts(example)
    recode(example, said)
    assert everything(example) != before
    assert review.load(example).problems == []
    assert texts(example) != files
    recode(example, f"undo {said.split()[1]}")
    assert everything(example) == before
    assert texts(example) == files
    assert len(example.decisions_of("ana").read_text(encoding="utf-8").splitlines()) == 2


def test_a_rename_changes_names_and_nothing_else(example: Review) -> None:
    before, rules = coded(example), suggested(example)
    plan = recode(example, "rename method gan adversarial")
    assert coded(example) == {
        paper: sorted("adversarial" if c == "gan" else c for c in codes) for paper, codes in before.items()
    }
    assert sorted(suggested(example)) == sorted(
        (record, "adversarial" if code == "gan" else code, words) for record, code, words in rules
    )
    assert (len(plan.effect.papers), plan.effect.coders, plan.effect.conflicts) == (13, ["mini-review"], (0, 0))
    assert [(c.code, c.before, c.after) for c in plan.effect.counts] == [("gan", 13, 0), ("adversarial", 0, 13)]


def criteria(place: Review) -> list[tuple[str, int]]:
    """Return the reason of each criterion, with how many papers rules say exclude it for that."""
    build.refresh(place)
    sql = """SELECT reason, (SELECT count(*) FROM paper_criteria AS told
                             WHERE told.position = criteria.position AND holds = 'no')
             FROM criteria WHERE stage = 'screening' ORDER BY position"""
    with closing(database.reader(place.database)) as connection:
        return connection.execute(sql).fetchall()


def test_a_criterion_follows_its_reason_through_merges_and_back(example: Review) -> None:
    before, rules = criteria(example), suggested_reasons(example)
    recode(example, "merge screening preprint outside_window")
    recode(example, "merge screening outside_window unfit", new=True)
    named = ("preprint", "outside_window")
    assert criteria(example) == [("unfit" if reason in named else reason, n) for reason, n in before]
    assert suggested_reasons(example) == [
        (paper, "exclude.unfit" if code.removeprefix("exclude.") in named else code) for paper, code in rules
    ]
    # An update that groups papers anew reads the protocol by itself.
    ruling = {"at": "2026-01-01T00:00:00Z", "a": RECORD, "b": "2021-mini-review-003", "relation": "different"}
    journal.append(example.rulings_of("ana"), [ruling])
    assert build.refresh(example) == "updated"
    recode(example, "undo screening")
    recode(example, "undo screening")
    assert criteria(example) == before
    with pytest.raises(ReviewError, match="the coding scheme has no reason 'preprint' at a stage 'screening'"):
        recode(example, "retire screening preprint")


def suggested_reasons(place: Review) -> list[tuple[str, str]]:
    """Return what the criteria say of each paper at the first stage."""
    build.refresh(place)
    sql = """SELECT record_id, code FROM decisions JOIN answers ON decision_id = decisions.id
             WHERE coder = 'rule:criteria' AND decisions.question_id = 'screening'
             GROUP BY record_id, code ORDER BY 1, 2"""
    with closing(database.reader(place.database)) as connection:
        return connection.execute(sql).fetchall()


def test_a_merge_ends_a_conflict_and_its_words_speak_on(example: Review) -> None:
    say(example, "ben", "method", ["vae"])
    assert "2021-mini-review-002" not in coded(example)
    words = {words for _, code, words in suggested(example) if code == "gan"}
    plan = recode(example, "merge method gan vae")
    assert plan.effect.conflicts == (1, 0)
    assert coded(example)["2021-mini-review-002"] == ["vae"]
    assert words <= {words for _, code, words in suggested(example) if code == "vae"}
    assert not any(code == "gan" for _, code, _ in suggested(example))


def test_a_word_of_a_merged_code_still_needs_its_company(example: Review) -> None:
    before = suggested(example, "modality")
    recode(example, "merge modality mri.functional mri.brain")
    assert sorted(set(suggested(example, "modality"))) == sorted(
        {(record, code.replace("mri.functional", "mri.brain"), words) for record, code, words in before}
    )


def test_a_retired_code_leaves_what_else_was_said(example: Review) -> None:
    before = coded(example)
    recode(example, "retire method gan")
    assert coded(example) == {
        paper: rest for paper, codes in before.items() if (rest := [code for code in codes if code != "gan"])
    }
    assert not any(code == "gan" for _, code, _ in suggested(example))
    with pytest.raises(ReviewError, match="gan is not in use any more"):
        recode(example, "split method gan a b")


def test_a_split_opens_answers_until_somebody_says_which(example: Review, program: Program) -> None:
    plan = recode(example, "split method gan big small")
    again = recoding.reopened(plan)
    assert len(again) == 13
    listed = json.loads(program("table", "reopened", "--json", folder=example.root).stdout)
    assert sorted(row["paper"] for row in listed) == sorted(again)
    assert (
        "say which code is meant in 13 split answers: reviewdb table reopened"
        in program("status", folder=example.root).stderr
    )
    assert "method              open again  (mini-review: " in program("show", KEY, folder=example.root).stdout
    assert {row["said"] for row in listed} == {"gan", "vae, gan", "autoencoder, gan"}
    # The coder says which, another one settles it, and a third one only says it for himself.
    assert program("tag", again[0], "method=big", "--coder", "mini-review", folder=example.root).returncode == 0
    assert program("tag", again[1], "method=small", "--coder", "ben", "--settle", folder=example.root).returncode == 0
    assert program("tag", again[2], "method=small", "--coder", "ben", folder=example.root).returncode == 0
    listed = json.loads(program("table", "reopened", "--json", folder=example.root).stdout)
    assert sorted(row["paper"] for row in listed) == sorted(again[2:])


@pytest.mark.parametrize(
    ("before", "after", "waits"),
    [
        (["gan"], [], True),
        # Undone, it waits for nobody; with the undoing undone, it does again.
        (["gan", "undo"], [], False),
        (["gan", "undo", "undo"], [], True),
        (["gan", "undo", "undo", "undo"], [], False),
        (["gan"], ["gan.a"], False),
        (["gan"], ["gan.a", "undo"], True),
        (["gan"], ["gan.a", "undo", "undo"], False),
        (["gan"], ["undo"], False),
        (["gan"], ["undo", "undo"], True),
        (["gan", "vae"], ["undo"], True),
    ],
)
def test_an_answer_that_a_split_opened_waits_as_the_coder_left_it(
    before: list[str], after: list[str], waits: bool, example: Review
) -> None:
    """`undo` is of the line before it."""

    def go_on(answers: list[str], year: int) -> None:
        path = example.decisions_of("ben")
        for day, answer in enumerate(answers, 1):
            entry = {"at": f"{year}-01-{day:02}T00:00:00Z", "record": RECORD, "question": "method"}
            last = path.read_text(encoding="utf-8").splitlines()[-1] if path.exists() else "{}"
            entry |= {"undoes": json.loads(last)["at"]} if answer == "undo" else {"answer": [answer]}
            journal.append(path, [entry])

    def waiting() -> bool:
        with closing(database.reader(example.database)) as connection:
            found = connection.execute("SELECT 1 FROM open_again WHERE paper_id = ? AND coder = 'ben'", [RECORD])
            return found.fetchone() is not None

    go_on(before, 2025)
    recode(example, "split method gan gan.a gan.b")
    go_on(after, 2030)
    assert build.refresh(example) == ("updated" if after else "current")
    assert waiting() == waits
    build.rebuild(example)
    assert waiting() == waits


def test_codes_that_a_split_makes_finer_are_still_what_they_were(example: Review) -> None:
    say(example, "ben", "method", ["gan"])
    recode(example, "split method gan gan.image gan.latent")
    assert "gan" in review.load(example).scheme.questions["method"].codes
    say(example, "ben", "method", ["gan.image"], "2030-01-01T00:00:00Z")
    assert coded(example)[RECORD] == ["gan.image"]


def test_what_was_said_stays_in_the_history_under_the_old_name(example: Review, program: Program) -> None:
    lines = example.decisions_of("mini-review").read_bytes()
    recode(example, "rename method gan adversarial")
    assert example.decisions_of("mini-review").read_bytes() == lines
    shown = program("show", KEY, folder=example.root).stdout
    assert "adversarial  (mini-review: Table I prints the applied method as: AnoGAN; said as gan)" in shown
    said = {s["question"]: s for s in json.loads(program("show", KEY, "--json", folder=example.root).stdout)["said"]}
    assert (said["method"]["answer"], said["method"]["said"], said["modality"]["said"]) == ("adversarial", "gan", None)
    with closing(database.reader(example.database)) as connection:
        assert reading.find(connection, KEY).id == RECORD
        [row] = connection.execute("SELECT facet, coder, codes, became, undoes FROM recodings").fetchall()
    assert row == ("method", "ana", '["gan"]', '["adversarial"]', None)


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("rename method gna x", "has no code 'gna'.\nDid you mean gan?"),
        ("rename method gan vae", "is a code already.\nTo make one of both: reviewdb scheme merge method gan vae"),
        ("rename method gan gan", "would become itself"),
        ("rename method gan nothing.gan", "no code 'nothing' for nothing.gan"),
        ("rename method gan gan.x", "below gan.\nTo make some of its answers finer, split it"),
        ("rename method gan Gan", "'Gan' cannot be a name"),
        ("rename aim x y", "no codes of a facet or stage 'aim'"),
        ("rename methods gan y", "Did you mean method"),
        ("merge method gan gan", "would become itself"),
        ("split modality mri a b", "has codes below it, such as mri.brain"),
        ("split method gan gan.a b", "Put all of them below it, or none"),
        ("retire screening include", "an answer that every stage has"),
        ("retire screening preprint", "no reason 'preprint' at a stage 'screening'"),
        ("undo method", "ana has recoded nothing of method"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(said: str, says: str, example: Review) -> None:
    files = texts(example)
    with pytest.raises(ReviewError) as error:
        recode(example, said)
    assert says in str(error.value)
    assert texts(example) == files
    assert not example.decisions_of("ana").exists()


def test_a_name_that_meant_something_else_is_not_taken_again(example: Review) -> None:
    recode(example, "merge method gan vae")
    with pytest.raises(ReviewError, match="was a code before"):
        recode(example, "rename method hmm gan")


def test_the_last_of_two_steps_is_undone_first(example: Review) -> None:
    files = texts(example)
    recode(example, "rename method gan x")
    recode(example, "rename method x y", "ben")
    with pytest.raises(ReviewError, match=r"ben recoded the same codes later: reviewdb scheme rename method x y"):
        recode(example, "undo method")
    recode(example, "undo method", "ben")
    recode(example, "undo method")
    assert texts(example) == files


def test_what_is_said_under_the_new_name_survives_the_undoing(example: Review) -> None:
    recode(example, "rename method gan x")
    line = json.loads(example.decisions_of("ana").read_text(encoding="utf-8"))
    say(example, "ben", "method", ["x", "vae"], line["at"].replace("Z", "1Z")[:26] + "Z")
    recode(example, "undo method")
    assert coded(example)[RECORD] == ["gan"]
    with closing(database.reader(example.database)) as connection:
        contested = connection.execute("SELECT code FROM paper_codes WHERE status = 'contested'").fetchall()
    assert contested == [("vae",)]


def test_an_undoing_that_would_leave_codes_unknown_is_refused(example: Review) -> None:
    recode(example, "merge method gan vae")
    scheme = example.root / review.SCHEME
    text = scheme.read_text(encoding="utf-8")
    (gone,) = [part for part in text.split("\n\n") if part.startswith("[facet.method.codes.gan]")]
    scheme.write_text(text.replace(gone, ""), encoding="utf-8")
    assert review.load(example).problems == []
    with pytest.raises(
        ReviewError, match=r"with this, there would be 1 problem[\s\S]*has no code 'gan'. So do 12 more"
    ):
        recode(example, "undo method")


def test_an_answer_under_the_old_name_that_comes_later_is_a_problem_that_the_same_command_mends(
    example: Review,
) -> None:
    recode(example, "rename method gan x")
    say(example, "ben", "method", ["gan"], "2030-01-01T00:00:00Z")
    [problem] = review.load(example).problems
    assert str(problem) == (
        "data/decisions/ben.jsonl:1: method has no code 'gan'. It was recoded before this answer. "
        "Take the answer along: reviewdb scheme merge method gan x"
    )
    recode(example, "rename method gan x")
    assert coded(example)[RECORD] == ["x"]


def test_an_answer_from_before_that_arrives_later_is_taken_along_without_a_whole_build(example: Review) -> None:
    recode(example, "rename method gan x")
    coded(example)
    say(example, "ben", "method", ["gan"])
    assert build.refresh(example) == "updated"
    line_by_line = everything(example)
    build.rebuild(example)
    assert everything(example) == line_by_line
    assert coded(example)[RECORD] == ["x"]


def test_what_is_said_after_a_recoding_counts_even_where_a_clock_was_ahead(example: Review, program: Program) -> None:
    say(example, "ben", "method", ["gan"], "2999-01-01T00:00:00Z")
    recode(example, "split method gan gan.image gan.latent")
    done = program("tag", "baur2018deep", "method=gan", "--coder", "ana", folder=example.root)
    assert done.returncode == 0, done.stderr
    (example.root / "sheet.csv").write_text("key,method\nbaur2020steganomaly,gan\n", encoding="utf-8")
    done = program("tag", "--from", "sheet.csv", "--coder", "ana", folder=example.root)
    assert done.returncode == 0, done.stderr
    with closing(database.reader(example.database)) as connection:
        sql = "SELECT answer FROM current_decisions WHERE coder = 'ana'"
        assert connection.execute(sql).fetchall() == [("gan",), ("gan",)]


def halves(place: Review, said: str) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return the text as it is, and as a command would make it."""

    def text() -> dict[str, bytes]:
        paths = sorted(place.root.glob("data/**/*.*"))
        return {place.shown(path): path.read_bytes() for path in paths}

    before = text()
    recode(place, said)
    return before, text()


@pytest.mark.parametrize(
    ("said", "explained"),
    [
        ("rename method gan x", "has no code 'gan'. So do 12 more answers."),
        ("rename modality mri mr", "has no code 'mri.brain'."),
        ("rename screening preprint thesis", "has no code 'exclude.preprint'."),
        ("merge method gan vae", "Finish it: reviewdb scheme merge method gan vae"),
        ("split method gan a b", "Finish it: reviewdb scheme split method gan a b"),
        ("retire method gan", "Finish it: reviewdb scheme retire method gan"),
    ],
)
def test_a_machine_that_stops_between_scheme_and_line_is_explained_and_finished(
    said: str, explained: str, example: Review
) -> None:
    say(example, "ben", "screening", ["exclude.preprint"])
    before, after = halves(example, said)
    # What is written first is there, and what comes after it is not.
    (example.root / "data/decisions/ana.jsonl").unlink()
    assert any(explained in str(problem) for problem in review.load(example).problems)
    plan = recode(example, said)
    assert list(plan.texts) == []
    assert texts(example) == {name: after[name] for name in (review.SCHEME, review.PROTOCOL)}
    assert review.load(example).problems == []
    # The same once more says that it is done; and a scheme that was put back by hand is changed again.
    assert recode(example, said).is_done
    for name in (review.SCHEME, review.PROTOCOL):
        (example.root / name).write_bytes(before[name])
    recode(example, said)
    assert texts(example) == {name: after[name] for name in (review.SCHEME, review.PROTOCOL)}
    assert len(example.decisions_of("ana").read_text(encoding="utf-8").splitlines()) == 1


@pytest.mark.parametrize("said", ["rename screening preprint thesis", "undo screening"])
def test_a_machine_that_stops_between_protocol_and_scheme_is_finished(said: str, example: Review) -> None:
    if said.startswith("undo"):
        recode(example, "rename screening preprint thesis")
    before, after = halves(example, said)
    (example.root / review.SCHEME).write_bytes(before[review.SCHEME])
    if not said.startswith("undo"):  # its line comes last
        example.decisions_of("ana").unlink()
    [problem] = review.load(example).problems
    assert problem.path == review.PROTOCOL
    recode(example, said)
    assert texts(example) == {name: after[name] for name in (review.SCHEME, review.PROTOCOL)}
    assert review.load(example).problems == []


def test_an_answer_under_a_name_that_was_undone_before_can_be_taken_along(example: Review) -> None:
    recode(example, "rename method gan x")
    recode(example, "undo method")
    say(example, "ben", "method", ["x"], "2030-01-01T00:00:00Z")
    [problem] = review.load(example).problems
    assert problem.what == "method has no code 'x'."
    with pytest.raises(ReviewError, match="reviewdb scheme merge method x gan"):
        recode(example, "rename method x gan")
    recode(example, "merge method x gan")
    assert coded(example)[RECORD] == ["gan"]


@pytest.mark.parametrize("said", ["rename method gan x", "merge method gan vae", "retire method gan"])
def test_an_undoing_that_stops_half_way_is_explained_and_finished(said: str, example: Review) -> None:
    recode(example, "rename method hmm markov")
    files = texts(example)
    recode(example, said)
    before, after = halves(example, "undo method")
    for name in files:
        (example.root / name).write_bytes(before[name])
    assert {problem.todo for problem in review.load(example).problems} == {
        "Finish what was begun: reviewdb scheme undo method --coder ana"
    }
    plan = recode(example, "undo method")
    assert plan.line is None
    assert texts(example) == files
    assert (example.root / "data/decisions/ana.jsonl").read_bytes() == after["data/decisions/ana.jsonl"]


def test_a_layout_that_cannot_be_edited_is_changed_by_hand_and_then_finished(example: Review) -> None:
    scheme = example.root / review.SCHEME
    text = scheme.read_text(encoding="utf-8")
    part = next(part for part in text.split("\n\n") if part.startswith("[facet.method.codes.gan]"))
    scheme.write_text(text.replace(part, "[facet.method.codes]\ngan = { label = 'GAN' }"), encoding="utf-8")
    with pytest.raises(ReviewError, match="cannot be edited here"):
        recode(example, "retire method gan")
    assert tomllib.loads(scheme.read_text(encoding="utf-8"))["facet"]["method"]["codes"]["gan"] == {"label": "GAN"}
    recode(example, "rename method gan x")
    assert "x = { label = 'GAN' }" in scheme.read_text(encoding="utf-8")


def test_a_code_of_old_lines_that_no_recoding_explains_is_one_problem_with_its_line(example: Review) -> None:
    scheme = example.root / review.SCHEME
    text = scheme.read_text(encoding="utf-8")
    scheme.write_text(text.replace("[facet.method.codes.gan]", "[facet.method.codes.x]"), encoding="utf-8")
    [problem] = review.load(example).problems
    assert (problem.path, problem.line) == ("data/decisions/mini-review.jsonl", 18)
    assert problem.what == "method has no code 'gan'. So do 12 more answers."
    assert problem.todo.endswith("say what it became: reviewdb scheme rename method gan NEW")
    recode(example, "rename method gan x")
    assert review.load(example).problems == []


def test_a_line_about_a_facet_that_does_not_exist_is_named(example: Review) -> None:
    entry = {"at": "2026-01-01T00:00:00Z", "facet": "nothing", "recodes": ["a"], "to": []}
    journal.append(example.decisions_of("ana"), [entry, entry | {"facet": "aim"}, entry | {"recodes": []}])
    problems = sorted((p.line, p.what) for p in review.load(example).problems)
    assert problems == [
        (1, "the coding scheme has no codes of a facet 'nothing'."),
        (2, "the coding scheme has no codes of a facet 'aim'."),
        (3, "recodes names no code."),
    ]


def test_the_preview_says_what_changes_and_writes_nothing(example: Review, program: Program) -> None:
    files = texts(example)
    done = program("scheme", "rename", "method", "gan", "x", "--dry-run", "--coder", "ana", folder=example.root)
    assert done.returncode == 0
    assert "13 answers about 13 papers by mini-review will count as something else:" in done.stdout
    assert "baur2018deep: method = vae, gan → vae, x  (mini-review)" in done.stdout
    assert "-[facet.method.codes.gan]\n  +[facet.method.codes.x]" in done.stdout
    done = program(
        *("scheme", "rename", "modality", "mri", "mr", "--dry-run", "--json", "--coder", "ana"), folder=example.root
    )
    found = json.loads(done.stdout)
    assert {"code": "mri", "question": "modality", "before": 20, "after": 0} in found["counts"]
    assert {"place": "queries/headline-figures.sql:16", "code": "mri.brain"} in found["queries"]
    assert texts(example) == files
    assert not example.decisions_of("ana").exists()


def test_what_others_write_while_somebody_thinks_is_not_recoded_unseen(example: Review) -> None:
    asked = Asked("rename", "method", ("gan",), ("x",))

    def agree(_: Plan) -> bool:
        say(example, "ben", "method", ["gan"])
        return True

    with pytest.raises(ReviewError, match="somebody else has written meanwhile"):
        recoding.recode(example, asked, Coder("ana"), agree, lambda _: None)
    assert not example.decisions_of("ana").exists()


def test_nobody_is_asked_where_nobody_is(example: Review, program: Program) -> None:
    arguments = ("scheme", "retire", "method", "gan", "--coder", "ana", "--why", "unused")
    done = program(*arguments, folder=example.root)
    assert (done.returncode, example.decisions_of("ana").exists()) == (1, False)
    assert "Say so with --yes." in done.stderr
    done = program(*arguments, "--yes", folder=example.root)
    assert done.returncode == 0, done.stderr
    assert "To take it back: reviewdb scheme undo method" in done.stderr
    line = json.loads(example.decisions_of("ana").read_text(encoding="utf-8"))
    assert (line["recodes"], line["to"], line["why"]) == (["gan"], [], "unused")
    done = program("scheme", "undo", "--coder", "ana", "--yes", folder=example.root)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal of Unix")
@pytest.mark.parametrize(("answer", "code", "written"), [(b"y\n", 0, True), (b"n\n", 1, False), (b"\n", 1, False)])
def test_on_a_terminal_somebody_is_asked(answer: bytes, code: int, written: bool, example: Review) -> None:
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "reviewdb", "scheme", "retire", "method", "hmm", "--coder", "ana"]
    running = subprocess.Popen(command, cwd=example.root, stdin=follower, stdout=subprocess.PIPE, stderr=follower)
    os.close(follower)
    os.write(leader, answer)
    shown, _ = running.communicate(timeout=60)
    os.close(leader)
    assert "1 answer about 1 paper by mini-review will count as something else" in shown.decode()
    assert (running.returncode, example.decisions_of("ana").exists()) == (code, written)


def git(folder: Path, *arguments: str) -> str:
    """Run git as somebody."""
    who = ["-c", "user.name=somebody", "-c", "user.email=some@body", "-c", "commit.gpgsign=false"]
    return subprocess.check_output(["git", *who, *arguments], cwd=folder, text=True, stderr=subprocess.STDOUT)


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
def test_two_clones_of_which_one_recoded_merge_without_a_conflict(example: Review, program: Program) -> None:
    (example.root / ".gitattributes").write_text("data/decisions/*.jsonl merge=union\n", encoding="utf-8")
    (example.root / ".gitignore").write_text("review.db*\n.reviewdb*\n", encoding="utf-8")
    git(example.root, "init", "-q", "-b", "main")
    git(example.root, "add", "-A")
    git(example.root, "commit", "-qm", "one")
    other = Review(example.root.parent / "other")
    git(example.root, "clone", "-q", str(example.root), str(other.root))
    for coder in ("ana", "ben"):
        done = program("tag", KEY, "method=gan,cnn", "--coder", coder, folder=other.root)
        assert done.returncode == 0, done.stderr
    recode(example, "rename method gan x")
    recode(example, "merge modality ct mri", "ben")
    for place in (other, example):
        git(place.root, "add", "-A")
        git(place.root, "commit", "-qm", "two")
    git(example.root, "pull", "-q", "--no-rebase", "--no-edit", str(other.root), "main")
    assert review.load(example).problems == []
    assert coded(example)[RECORD] == ["x"]
    build.rebuild(example)
    with closing(database.reader(example.database)) as connection:
        sql = "SELECT coder, answer FROM current_decisions WHERE paper_id = ? AND question_id = 'method' ORDER BY 1"
        now = connection.execute(sql, [RECORD]).fetchall()
    assert now == [("ana", "x, cnn"), ("ben", "x, cnn"), ("mini-review", "x")]


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
@pytest.mark.parametrize(
    ("made", "answer", "command", "comes_to"),
    [
        (["rename method gan x"], "method=gan", "merge method gan x", ["x"]),
        (["merge method gan vae"], "method=gan", "merge method gan vae", ["vae"]),
        (["merge method gan vae generative --new"], "method=vae", "merge method vae generative", ["generative"]),
        (["merge method gan vae cnn all --new"], "method=cnn", "merge method cnn all", ["all"]),
        (["merge method gan vae", "rename method vae x"], "method=gan", "merge method gan x", ["x"]),
        (["split method gan big small"], "method=gan", "split method gan big small", []),
        (["retire method gan"], "method=gan,vae", "retire method gan", ["vae"]),
        (
            ["rename modality mri magnet"],
            "modality=mri.brain",
            "merge modality mri.brain magnet.brain",
            ["magnet.brain"],
        ),
        (["rename method gan x", "undo method"], "", "", []),
    ],
)
def test_after_a_merge_by_git_check_prints_a_command_that_takes_old_names_along(
    made: list[str], answer: str, command: str, comes_to: list[str], example: Review, program: Program
) -> None:
    (example.root / ".gitignore").write_text("review.db*\n.reviewdb*\n", encoding="utf-8")
    git(example.root, "init", "-q", "-b", "main")
    git(example.root, "add", "-A")
    git(example.root, "commit", "-qm", "one")
    other = Review(example.root.parent / "other")
    git(example.root, "clone", "-q", str(example.root), str(other.root))

    def run(place: Review, *words: str, coder: str) -> str:
        done = program(*words, "--coder", coder, folder=place.root)
        assert done.returncode == 0, done.stderr
        return done.stderr

    for step in made:
        run(example, "scheme", *step.split(), "--yes", coder="ana")
    if answer:
        run(other, "tag", KEY, answer, coder="ben")
    for place in (other, example):
        git(place.root, "add", "-A")
        git(place.root, "commit", "-qm", "two", "--allow-empty")
    git(example.root, "pull", "-q", "--no-rebase", "--no-edit", str(other.root), "main")
    told = program("check", folder=example.root)
    assert told.returncode == bool(answer)
    if answer:
        [printed] = [line for line in told.stdout.splitlines() if "Take the answer along" in line]
        assert printed.endswith(f"reviewdb scheme {command}")
        run(example, "scheme", *command.split(), "--yes", coder="ben")
        assert program("check", folder=example.root).returncode == 0
        with closing(database.reader(example.database)) as connection:
            sql = "SELECT answer FROM current_decisions WHERE coder = 'ben'"
            assert connection.execute(sql).fetchall() == [(", ".join(comes_to),)] * bool(comes_to)


def test_what_is_printed_to_take_a_step_back_names_its_coder_and_works(example: Review, program: Program) -> None:
    def run(command: str) -> tuple[int, str]:
        done = program(*command.removeprefix("reviewdb ").split(), "--yes", folder=example.root, REVIEWDB_CODER="ana")
        return done.returncode, done.stderr

    files = texts(example)
    assert run("scheme rename method gan x")[0] == 0
    code, said = run("scheme rename method x y --coder ben")
    assert (code, said.strip().rpartition(": ")[2]) == (0, "reviewdb scheme undo method --coder ben")
    code, said = run("scheme undo method")
    back = said.strip().rpartition(": ")[2]
    assert (code, back) == (1, "reviewdb scheme undo method --coder ben")
    code, said = run(back)
    assert code == 0
    again = said.strip().rpartition("To do it again: ")[2]
    assert run(again)[0] == 0
    assert run(back)[0] == 0
    assert run("scheme undo method")[0] == 0
    assert texts(example) == files
    assert run("scheme undo method") == (
        1,
        "reviewdb: all that ana recoded of method is taken back.\nThere is nothing to undo.\n",
    )


def test_an_undoing_is_not_to_be_finished_where_that_would_not_help(example: Review) -> None:
    recode(example, "rename method gan x")
    recode(example, "undo method")
    say(example, "ben", "method", ["nothing"])
    (problem,) = review.load(example).problems
    assert "scheme undo" not in problem.todo


def test_a_scheme_of_before_is_mended_by_the_undoing_that_is_printed(example: Review, program: Program) -> None:
    files = texts(example)
    recode(example, "rename method gan x", "ben")
    for name, text in files.items():  # a merge of files that took the wrong side
        (example.root / name).write_bytes(text)
    (problem,) = review.load(example).problems
    assert problem.todo.endswith("Put x into the coding scheme, or: reviewdb scheme undo method --coder ben")
    done = program(*problem.todo.rpartition("reviewdb ")[2].split(), "--yes", folder=example.root)
    assert done.returncode == 0, done.stderr
    assert review.load(example).problems == []


def test_a_merge_into_a_code_that_does_not_exist_is_asked_for(example: Review, program: Program) -> None:
    words = ("scheme", "merge", "method", "gan", "vae", "autoencodr", "--yes", "--coder", "ana")
    done = program(*words, folder=example.root)
    assert (done.returncode, example.decisions_of("ana").exists()) == (1, False)
    assert "method has no code 'autoencodr' yet.\nDid you mean autoencoder? To make it a new code" in done.stderr
    assert program(*words, "--new", folder=example.root).returncode == 0
    assert "autoencodr" in review.load(example).scheme.questions["method"].codes
