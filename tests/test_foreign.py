"""A review that is not ours: brought in by the commands of the README, exactly as it says them."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT, Program
from site_pages import site

from reviewdb import coding, database, drafting, guessing, quantities, reading, reliability, review
from reviewdb.coding import Coder
from reviewdb.errors import ReviewError
from reviewdb.guessing import Guess
from reviewdb.review import Review
from reviewdb.session import keys
from reviewdb.session.acts import silent
from reviewdb.session.keyboard import Keyboard
from reviewdb.session.opening import open_desk

SAMPLES = ROOT / "tests" / "samples" / "foreign"
README = (ROOT / "README.md").read_text(encoding="utf-8")
TUTORIAL = re.findall(r"<!-- tutorial -->\n```sh\n(.*?)```", README, re.DOTALL)[0].splitlines()
PRINTED = re.findall(r"<!-- what comes out -->\n(.*?)\n\n", README, re.DOTALL)[0]


@dataclass(frozen=True)
class Brought:
    """The review that the tutorial makes, and what each of its commands printed."""

    place: Review
    printed: dict[str, str]


def reviewdb(folder: Path, *arguments: str) -> str:
    outside = {key: value for key, value in os.environ.items() if not key.startswith("REVIEWDB_")}
    done = subprocess.run(
        [sys.executable, "-m", "reviewdb", *arguments],
        cwd=folder,
        env=outside,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, (arguments, done.stderr)
    return done.stdout


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory) -> Brought:
    """Return the review that the README's commands make."""
    folder = tmp_path_factory.mktemp("foreign")
    for path in SAMPLES.iterdir():
        shutil.copy(path, folder)
    printed = {}
    for line in TUTORIAL:
        for command in line.split(" && "):
            program, *arguments = shlex.split(command)
            if program == "cd":
                folder /= arguments[0]
            else:
                assert program == "reviewdb"
                printed[command] = reviewdb(folder, *arguments)
    return Brought(Review(folder), printed)


@pytest.fixture
def own(brought: Brought, tmp_path: Path) -> Review:
    """Return a copy of it, to be changed at will."""
    return Review(shutil.copytree(brought.place.root, tmp_path / "review"))


def sheet() -> list[dict[str, str]]:
    with (SAMPLES / "codes.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def says(place: Review, key: str, coder: str, *answers: str, settles: bool = False) -> coding.Outcome:
    return coding.decide(place, key, Coder(coder, settles=settles), lambda case: coding.tag(case, answers), silent)


def asked(place: Review, sql: str) -> list[tuple[object, ...]]:
    with closing(database.reader(place.database)) as connection:
        return connection.execute(sql).fetchall()


# --- the tutorial ---


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ("0.81 ± 0.02|0.9 ± 0.1|0.7 ± 0.1|0.5", "'0.81 ± 0.02' is no number"),
        ("1,200|3,450|2,780", "'1,200' has a comma: write 1.200 or 1200"),
        ("0,83|0.91|1,5|0.7", "'0,83' has a comma"),
        ("83,1|1,200|79,5", "'83,1' has a comma: write 83.1."),
        ("83%|0.79|91%|12", "'83%' is no number"),
    ],
)
def test_a_column_that_stays_text_though_it_has_numbers_says_why(cells: str, why: str) -> None:
    made = guessing.guess("Dice", cells.split("|"))
    assert (made.kind, made.codes) == ("text", {})
    assert why in made.notice
    assert "draft it again" in made.notice


def test_numbers_with_commas_are_drafted_and_tagged_alike(own: Review, program: Program) -> None:
    keys = [row["key"] for row in sheet()][:3]
    rows = zip(keys, ("1,200", "85", "312"), ("0,83", "0,9", "1"), ("1,200", "3,450", "2,780"), strict=True)
    lines = ["key\tImages\tOverlap\tVoxels", *("\t".join(row) for row in rows)]
    (own.root / "more.tsv").write_text("\n".join(lines), encoding="utf-8")
    drafted = program("scheme", "draft", "more.tsv", "--yes", folder=own.root)
    assert "Images (images) = a number: its commas part thousands." in drafted.stdout
    assert "Voxels (voxels) = a text: most of its cells are numbers, but '1,200' has a comma" in drafted.stdout
    done = program("tag", "--from", "more.tsv", "--coder", "ana", folder=own.root)
    assert done.returncode == 0, done.stderr
    assert "images: its commas part thousands\n" in done.stderr
    assert "overlap: its commas part decimals\n" in done.stderr
    said = asked(own, "SELECT images, overlap FROM papers WHERE images IS NOT NULL ORDER BY images")
    assert said == [(85.0, 0.9), (312.0, 1.0), (1200.0, 0.83)]


def test_a_slip_above_a_hundred_per_cent_is_told_and_the_limits_stay(own: Review, program: Program) -> None:
    keys = [row["key"] for row in sheet()][:4]
    rows = zip(keys, ("83,1", "105,3", "", "79,5"), ("120", "130", "5", "-3"), strict=True)
    text = "\n".join(["key\tOverlap (%)\tGain (%)", *("\t".join(row) for row in rows)])
    (own.root / "more.tsv").write_text(text, encoding="utf-8")
    drafted = program("scheme", "draft", "more.tsv", "--yes", folder=own.root)
    told = "a number in % from 0 to 100: its commas part decimals. line 3: 105.3 is above the maximum of 100: mend it"
    assert told in drafted.stdout
    assert (
        "a number in %: line 2: 120 is above the maximum of 100, as are 2 more, so it has no limits." in drafted.stdout
    )
    done = program("tag", "--from", "more.tsv", "--coder", "ana", folder=own.root)
    assert done.returncode == 1
    assert "more.tsv:3: overlap cannot be 105.3: that is above the maximum of 100." in done.stderr


def test_commas_that_may_mean_either_are_refused(own: Review, program: Program) -> None:
    """Never 1.2 of 1,200, nor 1200 of it, in a column with 83,1."""
    keys = [row["key"] for row in sheet()][:2]
    (own.root / "more.tsv").write_text(f"key\tdice\n{keys[0]}\t83,1\n{keys[1]}\t1,200\n", encoding="utf-8")
    done = program("tag", "--from", "more.tsv", "--coder", "ana", folder=own.root)
    assert done.returncode == 1
    assert "  dice: whether its commas part thousands or decimals cannot be told" in done.stderr
    assert "more.tsv:3: dice is a number, and '1,200' has a comma: write 1.200 or 1200." in done.stderr
    assert "more.tsv:2: dice is a number, and '83,1' has a comma: write 83.1." in done.stderr
    assert "Nothing is written" in done.stderr


def test_ten_commands_are_enough(brought: Brought) -> None:
    assert len(TUTORIAL) <= 10
    assert asked(brought.place, "SELECT status, count(*) FROM papers GROUP BY status") == [("included", 25)]
    assert PRINTED in brought.printed["reviewdb table dice-by-modality"]
    assert b"\\cite{" in (brought.place.root / "map.tex").read_bytes()
    for name in ("map.pdf", "methods.pdf"):
        assert (brought.place.root / name).read_bytes().startswith(b"%PDF")


def test_papers_keep_the_keys_of_their_library(brought: Brought) -> None:
    shape = re.compile(r"^@\w+\{(.*),$", re.MULTILINE)
    had = shape.findall((SAMPLES / "library.bib").read_text(encoding="utf-8"))
    assert "DBLP:conf/wimc/EzeO21" in had
    assert shape.findall((brought.place.root / "references.bib").read_text(encoding="utf-8")) == had


def test_medians_and_quartiles_are_those_of_numpy(brought: Brought) -> None:
    spelled = {"ultrasound": "Ultrasound", "ULTRASOUND": "Ultrasound"}
    for name, heading, digits in (("dice-by-modality", "Dice (%)", 1), ("auroc-by-modality", "AUROC", 3)):
        reported = defaultdict(list)
        for row in sheet():
            with_number = row[heading] and row[heading] != "n/a"
            for said in row["Modality"].split("; ") if with_number else ():
                reported[spelled.get(said, said)].append(float(row[heading]))
        found = {row["Modality"]: row for row in json.loads(reviewdb(brought.place.root, "table", name, "--json"))}
        assert found.keys() == reported.keys()
        for modality, values in reported.items():
            row = found[modality]
            assert (row["n"], row["min"], row["max"]) == (len(values), min(values), max(values))
            quartiles = np.quantile(values, [0.25, 0.5, 0.75])
            assert [row["q1"], row["median"], row["q3"]] == pytest.approx(quartiles, abs=0.51 * 10**-digits)


def test_the_site_has_the_numbers_of_the_terminal(brought: Brought) -> None:
    told = json.loads(reviewdb(brought.place.root, "table", "dice-by-modality", "--json"))
    with site(brought.place.database) as pages:
        rows = json.loads(pages.get("/review/dice-by-modality.json?_shape=array").text)
        papers = pages.get("/review/papers").text
        kept = [pages.get(f"/paper/{key}") for key in ("DBLP~3Aconf~2Fwimc~2FEzeO21", "banerjee_2020")]
        listing = pages.get("/review/coded-papers").text
        (id_,) = asked(brought.place, "SELECT id FROM papers WHERE key = 'moreau2022'")[0]
        paper = pages.get(f"/review/papers/{id_}").text
        methods = pages.get("/methods").text
    assert [{name: row[name] for name in told[0]} for row in rows] == told
    values = [float(row["Dice (%)"]) for row in sheet() if row["Dice (%)"] not in ("", "n/a")]
    span = f"{min(values):g} to {max(values):g}, median {np.median(values):g}"
    assert f'{span}<span class="n">{len(values)}</span>' in papers
    assert [answer.status for answer in kept] == [302, 302]
    assert 'href="/paper/DBLP~3Aconf~2Fwimc~2FEzeO21"' in listing
    assert "87.5 %" in paper
    assert "a number in %" in methods


def test_messy_rows_are_understood(brought: Brought) -> None:
    said = dict(
        asked(brought.place, "SELECT key, modality || method || coalesce(dice, '') FROM papers")  # type: ignore[arg-type]
    )
    assert said["fischer2018"] == '["ct"]["cnn"]'  # named by title and year, and without a DOI
    assert said["moreau2022"] == '["mri"]["u_net"]87.5'  # u-net, and a title with braces
    assert said["ivanov2020noise"] == '["ultrasound"]["cnn"]'  # in capitals
    answers = asked(
        brought.place,
        "SELECT question_id FROM current_decisions JOIN papers ON papers.id = paper_id"
        " WHERE key = 'urban2020' AND question_id IN ('dice', 'finding', 'auroc') ORDER BY 1",
    )
    assert answers == [("auroc",), ("dice",), ("finding",)]  # n/a is an answer; an empty cell is none
    assert asked(brought.place, "SELECT dice FROM papers WHERE key = 'urban2020'") == [(None,)]


def test_exports_have_numbers(brought: Brought) -> None:
    found = {row["key"]: row for row in json.loads(reviewdb(brought.place.root, "export", "json"))}
    assert found["moreau2022"]["dice"] == 87.5
    assert found["moreau2022"]["auroc"] is None
    rows = csv.DictReader(reviewdb(brought.place.root, "export", "csv").splitlines())
    assert {row["key"]: row["dice"] for row in rows}["moreau2022"] == "87.5"
    line = next(
        line for line in (brought.place.root / "data/decisions/ana.jsonl").read_text().splitlines() if "87.5" in line
    )
    assert json.loads(line)["answer"] == 87.5


# --- drafting ---


def test_drafting_again_adds_nothing(own: Review) -> None:
    before = {path: path.read_bytes() for path in (*own.files("queries"), own.root / review.SCHEME)}
    made, is_written = drafting.draft(own, SAMPLES / "codes.csv", lambda _: True, silent)
    assert (made.is_done, is_written) == (True, False)
    assert {path: path.read_bytes() for path in before} == before


def test_drafting_adds_what_is_missing_and_leaves_the_rest(own: Review, tmp_path: Path) -> None:
    more = tmp_path / "more.csv"
    more.write_text("key,Modality,Speed [s]\nmoreau2022,mri; Mammography,1.5\nXu2022,CT,3\n", encoding="utf-8")
    before = (own.root / review.SCHEME).read_text(encoding="utf-8")
    made, is_written = drafting.draft(own, more, lambda _: True, silent)
    after = (own.root / review.SCHEME).read_text(encoding="utf-8")
    assert is_written
    assert after.startswith(before.rstrip())
    assert [(one.id, one.kind, one.unit) for one in made.facets] == [("speed", "number", "s")]
    assert [dict(codes) for _, codes in made.longer] == [{"mammography": "Mammography"}]
    assert list(made.queries) == ["queries/speed-by-modality.sql"]
    assert reviewdb(own.root, "check")


def test_a_draft_is_shown_first(own: Review, tmp_path: Path, program: Program) -> None:
    more = tmp_path / "more.csv"
    more.write_text("key,Organ\nmoreau2022,brain\nXu2022,heart\n", encoding="utf-8")
    before = (own.root / review.SCHEME).read_bytes()
    shown = program("scheme", "draft", more, "--dry-run", folder=own.root)
    assert "[facet.organ.codes.brain]" in shown.stdout
    refused = program("scheme", "draft", more, folder=own.root)
    assert refused.returncode == 1
    assert "Say so with --yes" in refused.stderr
    assert (own.root / review.SCHEME).read_bytes() == before


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name,method\nx,y\n", "no column names papers"),
        ("key,why\nx,y\n", "no column asks anything"),
        ("key,m\nx\n", "column"),
    ],
)
def test_a_sheet_that_says_nothing_is_refused(text: str, told: str, own: Review, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ReviewError, match=told):
        drafting.draft(own, tmp_path / "bad.csv", lambda _: True, silent)


@pytest.mark.parametrize(
    ("heading", "cells", "guess"),
    [
        ("Dice (%)", "81.2|n/a|79", Guess("dice", "Dice", "number", {}, "%", 0, 100)),
        ("Sensitivity", "81%|79 %", Guess("sensitivity", "Sensitivity", "number", {}, "%", 0, 100)),
        ("AUC", "0.9|.85", Guess("auc", "AUC", "number", {}, "", 0, 1)),
        ("Patients", "12|1", Guess("patients", "Patients", "number")),
        ("Gain", "-0.5|0.2", Guess("gain", "Gain", "number")),
        ("Patients", "1,200|85|312", Guess("patients", "Patients", "number", notice="its commas part thousands.")),
        ("Images", "1,200,000|0.5|3,000", Guess("images", "Images", "number", notice="its commas part thousands.")),
        ("Dice", "0,83|0,9|1", Guess("dice", "Dice", "number", {}, "", 0, 1, "its commas part decimals.")),
        ("Dice", "83,5%|79 %", Guess("dice", "Dice", "number", {}, "%", 0, 100, "its commas part decimals.")),
        ("Voxels", "1.200,5|0,75", Guess("voxels", "Voxels", "number", notice="its commas part decimals.")),
        ("Finding", "It holds.|It does not.|Perhaps.|Nobody knows.", Guess("finding", "Finding", "text")),
        ("View", "2D|3d|3D|2D; 3D", {"view_3d": "3D", "view_2d": "2D"}),
        ("Net", "U-Net|UNet|U-Net++|U-Net", {"u_net": "U-Net", "u_net_plus_plus": "U-Net++"}),
        ("Organ", "brain.cortex|brain.cortex", {"brain": "brain", "brain.cortex": "brain.cortex"}),
        ("Public", "yes|no|yes", {"yes": "yes", "no": "no"}),
        ("Scan", "ultrasound|ULTRASOUND|Ultrasound|CT", {"ultrasound": "Ultrasound", "ct": "CT"}),
    ],
)
def test_a_column_is_guessed_from_its_cells(heading: str, cells: str, guess: Guess | dict[str, str]) -> None:
    wanted = Guess(heading.lower(), heading, "codes", guess) if isinstance(guess, dict) else guess
    assert guessing.guess(heading, cells.split("|")) == wanted


# --- numbers ---


@pytest.mark.parametrize(
    ("said", "unit", "kept"),
    [
        (" .830", "", "0.83"),
        ("83", "", "83"),
        ("83.0 %", "%", "83"),
        ("1e-3", "", "0.001"),
        ("−2", "", "-2"),
        ("-0", "", "0"),
    ],
)
def test_a_number_is_kept_in_one_form(said: str, unit: str, kept: str) -> None:
    assert quantities.read(said, unit) == kept


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("dice=good", "'good' is no number in %"),
        ("dice=0,83", "has a comma: write 0.83.\nWrite dice=0.83, in %"),
        ("dice=83,1", "has a comma: write 83.1.\nWrite dice=83.1, in %"),
        ("dice=good", "Write dice=83.1, in %"),
        ("dice=101", "above the maximum of 100"),
        ("dice=-1", "below the minimum of 0"),
        ("dice=83,84", "has a comma"),
        ("dice=nan", "no number"),
        ("dice=1e999", "not a finite number"),
        ("dice+=1", "is a number: nothing is added to it"),
    ],
)
def test_what_is_no_number_is_refused(said: str, told: str, own: Review) -> None:
    with pytest.raises(ReviewError, match=re.escape(told)):
        says(own, "moreau2022", "ben", said)


def test_numbers_that_differ_are_a_conflict(own: Review) -> None:
    assert says(own, "moreau2022", "ben", "dice=87.50 %").contested == ()
    assert says(own, "Olsen2023", "ben", "dice=80").contested == ("dice",)
    assert asked(own, "SELECT dice FROM papers WHERE key = 'Olsen2023'") == [(None,)]
    with closing(database.reader(own.database)) as connection:
        found = reliability.measure(connection, questions=["dice"])
    (dice,) = found.agreements
    assert (dice.about, dice.papers, dice.different, dice.percent, dice.kappa) == ("number", 2, 1, 50, None)
    assert dice.alpha is not None
    # Krippendorff: 1 - (n - 1) * observed / all pairs, of the squares of differences of 87.5, 87.5, 89.3 and 80.
    squares = [2 * 1.8**2, 2 * 7.5**2, 9.3**2]
    assert dice.alpha.value == pytest.approx(1 - 3 * 9.3**2 / sum(squares))
    assert [(one.paper, dict(one.answers)) for one in found.conflicts] == [("Olsen2023", {"ana": "89.3", "ben": "80"})]
    says(own, "Olsen2023", "ben", "dice=89.3", settles=True)
    assert asked(own, "SELECT dice, typeof(dice) FROM papers WHERE key = 'Olsen2023'") == [(89.3, "real")]
    numbers = (
        "SELECT sum(number) FROM answers JOIN current_decisions USING (decision_id) JOIN papers ON papers.id = paper_id"
    )
    assert asked(own, f"{numbers} WHERE key = 'Olsen2023'") == [(89.3,)]


def test_a_number_is_typed_on_the_screen(own: Review) -> None:
    sat = Keyboard(open_desk(own, "ben", "tag", silent), lambda _: None)
    try:
        letter = next(one.key for one in sat.view().sheet.asked if one.id == "dice")[:1]  # type: ignore[union-attr]
        for key in (letter, "1"):
            sat.press(key)
        assert "is a number: e to type it" in sat.view().message
        sat.press("e")
        assert "% from 0 to 100" in sat.view().ask.hint  # type: ignore[union-attr]
        sat.answer("870")
        assert "above the maximum of 100" in sat.view().message
        for _ in range(2):
            if sat.view().ask is None:
                sat.press("e")
        sat.answer("87")
        sat.press(keys.ENTER)
    finally:
        sat.desk.close()
    assert '"question": "dice", "answer": 87' in own.decisions_of("ben").read_text(encoding="utf-8")


def test_a_line_with_what_is_no_number_is_a_problem(own: Review) -> None:
    record = asked(own, "SELECT id FROM papers WHERE key = 'moreau2022'")[0][0]
    lines = [
        {"at": f"2030-01-01T00:00:0{n}Z", "record": record, "question": "dice", "answer": answer}
        for n, answer in enumerate(["good", ["80"], "080", 120, ["80", "81"], []])
    ]
    text = "".join(f"{json.dumps(line)}\n" for line in lines)
    own.decisions_of("ben").write_text(text, encoding="utf-8")
    problems = [(problem.line, problem.what) for problem in review.load(own).problems]
    assert problems == [
        (1, "dice is a number, and 'good' is no number."),
        (3, "dice is a number: write it without quotes."),
        (4, "dice is 120, above the maximum of 100."),
        (5, "dice is answered by one number."),
    ]


def test_codes_of_a_number_are_not_renamed(own: Review, program: Program) -> None:
    done = program("scheme", "rename", "dice", "a", "b", "--coder", "ana", "--yes", folder=own.root)
    assert done.returncode == 1
    assert "dice" in done.stderr


def test_a_paper_is_found_by_the_key_of_any_of_its_libraries(own: Review, tmp_path: Path) -> None:
    other = tmp_path / "other.bib"
    title = "Heart Chambers in Motion: Masks that Agree over Time"
    entry = f"@article{{heart-2022, doi = {{10.5555/jii.2022.160}}, title = {{{title}}}, year = {{2022}}}}\n"
    other.write_text(entry, encoding="utf-8")
    reviewdb(own.root, "import", str(other))
    reviewdb(own.root, "build")
    with closing(database.reader(own.database)) as connection:
        assert reading.find(connection, "heart-2022").key == "Xu2022"
    (tmp_path / "again.csv").write_text("key,dice\nheart-2022,89.9\n", encoding="utf-8")
    told = json.loads(reviewdb(own.root, "tag", "--from", str(tmp_path / "again.csv"), "--coder", "ana", "--json"))
    assert (told["same"], told["problems"]) == (1, [])
