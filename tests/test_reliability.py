"""Reliability: what coders said by themselves is measured, what they say now is listed, in a made review."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import Program

from reviewdb import build, database, overview, reliability
from reviewdb.errors import ReviewError
from reviewdb.reliability import Agreement, Reliability
from reviewdb.review import Review

PROTOCOL = 'format = 1\ntitle = "T"\nquestion = "Q?"\n'
SCHEME = """schema = 1
[stage.screening.reasons.off_topic]
[stage.screening.reasons.survey]
[facet.modality]
layers = { stated = "", coded = "" }
[facet.modality.codes.mri]
words = ["MRI"]
[facet.modality.codes."mri.brain"]
[facet.modality.codes."mri.knee"]
[facet.modality.codes.ct]
[facet.aim]
kind = "text"
"""
NAMES = "Alder Birch Cedar Dogwood Elm Fir Ginkgo Hazel Ivy Juniper Kapok Larch Maple Nutmeg".split()  # noqa: SIM905


def made(folder: Path, *papers: str) -> Review:
    """Make a review with a paper for each line of what was said about it, in order, parted by semicolons.

    That is a coder (with `!`: settling), a question, and codes or a text: `ana screening exclude.survey`. A dash
    withdraws, an empty answer says that no code applies. The keys are alder2020seen, birch2020seen and so on.
    """
    hits = [
        {"id": f"s-{n:02}", "title": f"Seen in {name} MRI", "authors": [f"A. {name}"], "year": 2020}
        for n, name in enumerate(NAMES[: len(papers)], 1)
    ]
    said: dict[str, list[dict[str, Any]]] = {}
    for n, paper in enumerate(papers, 1):
        for second, line in enumerate(filter(None, map(str.strip, paper.split(";")))):
            coder, question, *rest = line.split(" ", 2)
            text = " ".join(rest)
            answer = text if question == "aim" else [code for code in text.split(",") if code]
            entry = {"at": f"2026-01-{n:02}T00:00:{second:02}Z", "record": f"s-{n:02}", "question": question}
            entry |= {"answer": None if text == "-" else answer}
            entry |= {"settles": True} if coder.endswith("!") else {}
            said.setdefault(coder.rstrip("!"), []).append(entry)
    texts = {
        "data/protocol.toml": PROTOCOL,
        "data/coding-scheme.toml": SCHEME,
        "data/searches/s.jsonl": lines([{"source": "scholar"}, *hits]),
        **{f"data/decisions/{coder}.jsonl": lines(entries) for coder, entries in said.items()},
    }
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Review(folder)


def lines(entries: list[dict[str, Any]]) -> str:
    """Return JSON Lines."""
    return "".join(json.dumps(entry) + "\n" for entry in entries)


def measured(folder: Path, *papers: str, coders: tuple[str, ...] = (), questions: tuple[str, ...] = ()) -> Reliability:
    """Return how far the coders of a made review agree."""
    place = made(folder, *papers)
    build.refresh(place)
    with closing(database.reader(place.database)) as connection:
        return reliability.measure(connection, coders, questions)


def on(found: Reliability, question: str, about: str = "") -> Agreement:
    """Return the agreement on one question."""
    return next(row for row in found.agreements if row.question == question and row.about in (about or row.about))


def told(found: Reliability) -> list[str]:
    """Return the open conflicts, each on one line."""
    return [f"{c.paper} {c.question} {', '.join(f'{who}={said}' for who, said in c.answers)}" for c in found.conflicts]


SCREENED = (
    *["ana screening include; ben screening include"] * 5,
    *["ana screening exclude.survey; ben screening exclude.survey"] * 2,
    "ana screening exclude.survey; ben screening exclude.off_topic",
    "ana screening include; ben screening exclude.survey",
    "ana screening maybe; ben screening include",
    "ana screening include",
)


def test_verdict_and_reason_of_a_stage_are_measured_apart(tmp_path: Path) -> None:
    found = measured(tmp_path, *SCREENED)
    verdict, reason = on(found, "screening", "verdict"), on(found, "screening", "reason")
    assert (verdict.coders, verdict.papers, verdict.answered) == (("ana", "ben"), 10, 11)
    assert (verdict.different, verdict.open, verdict.percent) == (2, 2, 80)
    # Ana included 6, excluded 3 and doubts 1 of the 10, Ben included 6 and excluded 4: chance agrees on .36 + .12.
    assert verdict.kappa is not None
    assert verdict.kappa.value == pytest.approx((0.8 - 0.48) / (1 - 0.48))
    assert verdict.kappa_of == "Cohen"
    assert (reason.papers, reason.answered, reason.different, reason.open) == (3, 4, 1, 1)
    assert reason.percent == pytest.approx(200 / 3)
    assert told(found) == [
        "hazel2020seen screening ana=exclude.survey, ben=exclude.off_topic",
        "ivy2020seen screening ana=include, ben=exclude.survey",
        "juniper2020seen screening ana=maybe, ben=include",
    ]


@pytest.mark.parametrize(
    ("said", "percent", "still_open"),
    [
        # A third coder settles, one of the two does, and one who has not spoken yet: all know of the answers before.
        ("ana screening include; ben screening maybe; cem! screening include", 0, 0),
        ("ana screening include; ben screening maybe; ben! screening include", 0, 0),
        ("ana screening include; ben! screening maybe", None, 0),
        # What comes after is no answer of one's own either, whoever gives it; but it can open a conflict again.
        ("ana screening include; ben screening maybe; cem! screening include; ben screening include", 0, 0),
        ("ana screening include; ben screening maybe; cem! screening include; dan screening maybe", 0, 1),
        ("ana screening include; ben screening maybe; cem! screening include; ana screening -", 0, 0),
        # Nor is what is changed or taken back by who can see the other's answer.
        ("ana screening include; ben screening maybe; ben screening include; cem! screening maybe", 0, 0),
        ("ana screening include; ben screening maybe; ana screening maybe", 0, 0),
        ("ana screening include; ben screening maybe; ben screening -", 0, 0),
        # While nobody else has answered, the last answer counts.
        ("ana screening maybe; ana screening include; ben screening include", 100, 0),
        # Where nobody else has answered, there is nothing to settle.
        ("ana! screening include; ben screening maybe", 0, 1),
        ("ana screening maybe; ana! screening include; ben screening include", 100, 0),
        # To settle one question says nothing of another.
        ("ana screening include; ben aim x; cem! aim y; ben screening include", 100, 0),
    ],
)
def test_what_counts_is_said_before_others_could_be_seen(
    said: str, percent: float | None, still_open: int, tmp_path: Path
) -> None:
    verdict = on(measured(tmp_path, said), "screening", "verdict")
    assert (verdict.percent, verdict.open) == (percent, still_open)


def test_answers_that_were_revised_are_counted(tmp_path: Path) -> None:
    found = measured(
        tmp_path,
        "ana screening include; ben screening exclude.survey; ben screening include",
        "ana screening exclude.survey; ben screening exclude.survey; ben screening exclude.off_topic",
        "ana screening include; ben screening maybe; ben screening -",
        "ana screening maybe; ana screening include; ben screening maybe; cem! screening include",
        "ana screening include; ana screening maybe",
    )
    verdict, reason = on(found, "screening", "verdict"), on(found, "screening", "reason")
    assert (verdict.papers, verdict.revised) == (4, 2)
    assert (reason.papers, reason.revised) == (1, 1)


def test_codes_count_with_what_they_imply(tmp_path: Path) -> None:
    found = measured(
        tmp_path,
        "ana modality.coded mri.brain; ben modality.coded mri.brain,mri",
        "ana modality.coded mri.brain; ben modality.coded mri",
        "ana modality.coded mri.knee; ben modality.coded ct",
        "ana modality.coded ; ben modality.coded ",
        "ben modality.coded ct",
    )
    codes = on(found, "modality.coded")
    assert (codes.papers, codes.answered, codes.different) == (4, 5, 2)
    assert codes.percent == 50
    assert codes.alpha is not None
    assert codes.kappa is not None
    # Alpha sees that `mri` is half of `mri.brain`; kappa takes it for another answer.
    assert codes.alpha.value > codes.kappa.value
    assert not [row for row in found.agreements if row.question == "modality.stated"]


def test_texts_are_compared_by_percent_alone(tmp_path: Path) -> None:
    text = on(measured(tmp_path, "ana aim find lesions; ben aim find lesions", "ana aim a.b; ben aim a"), "aim")
    assert (text.percent, text.kappa, text.alpha, text.different) == (50, None, None, 1)


def test_three_coders_have_fleiss_kappa_where_each_paper_has_as_many_answers(tmp_path: Path) -> None:
    papers = [
        "ana screening include; ben screening include; cem screening include",
        "ana screening exclude; ben screening exclude; cem screening exclude.survey",
        "ana screening include; ben screening exclude; cem screening include",
    ]
    every = on(measured(tmp_path / "all", *papers), "screening", "verdict")
    assert (every.kappa_of, every.coders, every.papers) == ("Fleiss", ("ana", "ben", "cem"), 3)
    # Of 9 answers, 5 include and 4 exclude: (7/9 - 41/81) / (1 - 41/81).
    assert every.kappa is not None
    assert every.kappa.value == pytest.approx(22 / 40)
    some = on(measured(tmp_path / "some", *papers, "ana screening include; cem screening include"), "screening")
    assert (some.papers, some.kappa) == (4, None)
    assert some.alpha is not None
    two = on(measured(tmp_path / "two", *papers, coders=("ben", "cem")), "screening", "verdict")
    assert (two.kappa_of, two.coders, two.open) == ("Cohen", ("ben", "cem"), 1)


def test_records_of_one_paper_are_one_paper(tmp_path: Path) -> None:
    place = made(tmp_path, "ana screening include", "ben screening maybe")
    ruling = {"at": "2026-01-09T00:00:00Z", "a": "s-01", "b": "s-02", "relation": "same"}
    (tmp_path / "data" / "rulings").mkdir()
    (tmp_path / "data" / "rulings" / "ana.jsonl").write_text(lines([ruling]), encoding="utf-8")
    build.refresh(place)
    with closing(database.reader(place.database)) as connection:
        found = reliability.measure(connection)
    assert on(found, "screening", "verdict").papers == 1
    assert told(found) == ["alder2020seen screening ana=include, ben=maybe"]


def test_open_conflicts_are_those_that_the_database_calls_contested(tmp_path: Path) -> None:
    papers = [
        *SCREENED,
        "ana modality.coded mri; ben modality.coded ct; cem! modality.coded mri; ana aim x; ben aim y",
        "ana modality.coded mri; ben modality.coded mri.brain; ana screening exclude; ben screening exclude.survey",
    ]
    found = measured(tmp_path, *papers)
    with closing(database.reader(Review(tmp_path).database)) as connection:
        counts = overview.status(connection).counts
        contested = connection.execute("SELECT count(*) FROM current_decisions WHERE contested").fetchone()[0]
    assert len(found.conflicts) == sum(row.open for row in found.agreements) == counts["conflicts"] == 6
    assert sum(len(conflict.answers) for conflict in found.conflicts) == contested


def test_a_conflict_among_those_who_came_after_a_settling_is_open(tmp_path: Path) -> None:
    said = "ana screening include; ben screening maybe; cem! screening exclude.survey; dan screening exclude.off_topic"
    reason = on(measured(tmp_path, said), "screening", "reason")
    assert (reason.papers, reason.answered, reason.percent, reason.open) == (0, 0, None, 1)


def test_questions_are_chosen_by_their_name_or_that_of_their_facet(tmp_path: Path) -> None:
    paper = "ana screening include; ben screening maybe; ana modality.stated mri; ben modality.coded mri; ana aim x"
    found = measured(tmp_path, paper, questions=("modality", "aim"))
    assert [row.question for row in found.agreements] == ["modality.stated", "modality.coded", "aim"]
    assert found.conflicts == []


@pytest.mark.parametrize(
    ("coders", "questions", "says"),
    [
        (("anna", "ben"), (), "Did you mean ana"),
        (("ana",), (), "two coders"),
        (("ana", "ana"), (), "two coders"),
        (("rule:coding-scheme", "ana"), (), "has decided"),
        ((), ("modalty",), "Did you mean modality"),
    ],
)
def test_what_cannot_be_asked_is_said(
    coders: tuple[str, ...], questions: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    with pytest.raises(ReviewError) as refused:
        measured(tmp_path, "ana screening include; ben screening maybe", coders=coders, questions=questions)
    assert says in str(refused.value)


def test_the_command_prints_a_table_and_the_first_conflicts(tmp_path: Path, program: Program) -> None:
    made(tmp_path, *SCREENED)
    done = program("agree", "--coder", "ana", "--coder", "ben", "--question", "screening")
    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        "### Agreement between ana and ben\n"
        "\n"
        "| question            | coders | papers | agree | kappa             | alpha             | differ | open |\n"
        "| ------------------- | -----: | ------ | ----- | ----------------- | ----------------- | -----: | ---: |\n"
        "| screening (verdict) |      2 | 10/11  | 80.0% | 0.62 [0.17, 1.00] | 0.63 [0.00, 1.00] |      2 |    2 |\n"
        "| screening (reason)  |      2 | 3/4    | 66.7% | 0.00              | 0.00              |      1 |    1 |\n"
        "\n"
        "### Open conflicts\n"
        "\n"
        "| paper           | question  | answers                                     |\n"
        "| --------------- | --------- | ------------------------------------------- |\n"
        "| hazel2020seen   | screening | ana: exclude.survey; ben: exclude.off_topic |\n"
        "| ivy2020seen     | screening | ana: include; ben: exclude.survey           |\n"
        "| juniper2020seen | screening | ana: maybe; ben: include                    |\n"
    )
    assert "No interval: answers are too few" in done.stderr
    assert "95 %" in done.stderr
    assert "reviewdb screen hazel2020seen include|exclude|maybe --stage screening --settle" in done.stderr


def test_the_command_says_how_to_see_more_conflicts_than_it_lists(tmp_path: Path, program: Program) -> None:
    made(tmp_path, *["ana modality.coded mri; ben modality.coded ct"] * 12)
    first, every = program("agree"), program("agree", "--conflicts")
    listed = [done.stdout.count("ana: mri; ben: ct") for done in (first, every)]
    assert listed == [10, 12]
    assert "10 of 12 open conflicts; for all of them: --conflicts" in first.stderr
    assert "for all" not in every.stderr
    assert "reviewdb tag alder2020seen modality.coded=... --settle" in first.stderr
    assert len(json.loads(program("agree", "--json").stdout)["conflicts"]) == 12


def test_the_settling_that_the_command_names_works(tmp_path: Path, program: Program) -> None:
    made(tmp_path, "ana modality.coded mri; ben modality.coded ct")
    named = program("agree").stderr.rpartition("reviewdb ")[2].strip()
    program(*named.replace("=...", "=ct").replace("...", "agreed").split(), "--coder", "cem")
    after = program("agree")
    assert "Open conflicts" not in after.stdout
    assert "| modality.coded |      2 | 1/1    | 0.0%  |" in after.stdout


def test_the_command_prints_json_with_all_digits(tmp_path: Path, program: Program) -> None:
    made(tmp_path, *SCREENED, "ana aim x; ben aim x")
    found = json.loads(program("agree", "--json").stdout)
    assert found["coders"] == ["ana", "ben"]
    verdict, _, aim = found["questions"]
    assert verdict["kappa"] == {
        "of": "Cohen",
        "value": pytest.approx(8 / 13),
        "low": pytest.approx(0.17434, abs=1e-4),
        "high": 1.0,
    }
    assert verdict["revised"] == 0
    assert verdict["alpha"].keys() == {"value", "low", "high"}
    assert (verdict["question"], verdict["about"], verdict["coders"]) == ("screening", "verdict", ["ana", "ben"])
    assert (aim["percent"], aim["kappa"], aim["alpha"]) == (100, None, None)
    assert found["conflicts"][0] == {
        "paper": "hazel2020seen",
        "question": "screening",
        "about": "reason",
        "answers": {"ana": "exclude.survey", "ben": "exclude.off_topic"},
    }


def test_where_nothing_can_be_compared_the_command_says_so(built: Review, program: Program, tmp_path: Path) -> None:
    alone = program("agree", folder=built.root)
    assert alone.returncode == 0
    assert "| modality " in alone.stdout
    assert "nothing to compare" in alone.stderr
    made(tmp_path, "")
    nobody = program("agree", folder=tmp_path)
    assert (nobody.returncode, nobody.stdout) == (0, "")
    assert "nothing to compare" in nobody.stderr
    assert json.loads(program("agree", "--json", folder=tmp_path).stdout) == {
        "coders": [],
        "questions": [],
        "conflicts": [],
    }


def test_whoever_reads_the_command_may_have_seen_enough(tmp_path: Path) -> None:
    made(tmp_path, *["ana modality.coded mri; ben modality.coded ct"] * 12)
    command = f"{sys.executable} -m reviewdb agree --conflicts | head -1"
    done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S602
    assert done.stdout == "### Agreement between ana and ben\n"
    assert "Traceback" not in done.stderr
