"""Sheets of answers: read as people keep them, checked row by row, written at once or not at all."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Program

from reviewdb import batches, build, coding, sheets
from reviewdb.batches import Report, Wanted
from reviewdb.coding import Coder
from reviewdb.errors import ReviewError
from reviewdb.review import Review

TITLE = "Unsupervised anomaly detection with generative adversarial networks to guide marker discovery"
SCHLEGL, HONG = "2021-mini-review-002", "hong2024outofdistribution"


def take(place: Review, text: str, coder: Coder | None = None, **wanted: bool) -> Report:
    """Take a sheet of this text."""
    path = place.root / "sheet.csv"
    path.write_text(text, encoding="utf-8")
    asked = Wanted(wanted.pop("stages", False), **wanted)
    return batches.decide(place, path, coder or Coder("ana"), asked, lambda *_: None)


def lines(place: Review, coder: str = "ana") -> list[dict[str, object]]:
    """Return what a coder's file says."""
    path = place.decisions_of(coder)
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def answers(place: Review, coder: str = "ana") -> list[tuple[object, ...]]:
    """Return the record, question and answer of each line."""
    return [(line["record"], line["question"], line["answer"]) for line in lines(place, coder)]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("key,modality\nschlegl2017unsupervised,mri\n", [("modality", ["mri"])]),
        (
            "KEY;Modality;Method\nSchlegl2017Unsupervised;mri,ct;gan\n",
            [("modality", ["mri", "ct"]), ("method", ["gan"])],
        ),
        ("paper\tmethod\nschlegl2017unsupervised\tgan; vae\n", [("method", ["gan", "vae"])]),
        (f"id,method\n{SCHLEGL},vae\n", [("method", ["vae"])]),
        (f'title,year,method\n"{TITLE.upper()}.",2017,vae\n', [("method", ["vae"])]),
        # A facet's name is its last layer, the one that people decide; an empty cell says nothing, - says none.
        ("key,supervision,method\nschlegl2017unsupervised,unsupervised,\n", [("supervision.coded", ["unsupervised"])]),
        ("key,supervision_stated\nschlegl2017unsupervised,unsupervised\n", [("supervision.stated", ["unsupervised"])]),
        ("key,Label lack\nschlegl2017unsupervised,yes\n", [("label_lack", ["yes"])]),
        ("key,method\nschlegl2017unsupervised,-\n", [("method", [])]),
        ('key,aim\nschlegl2017unsupervised,"find, then; name"\n', [("aim", "find, then; name")]),
        ('key,modality\nschlegl2017unsupervised,"[""mri"", ""mri.brain""]"\n', [("modality", ["mri.brain"])]),
        # One row an answer: codes of one question are one answer.
        (
            f"id,question,answer\n{SCHLEGL},method,gan\n{SCHLEGL},aim,a; b\n{SCHLEGL},method,vae\n",
            [("method", ["gan", "vae"]), ("aim", "a; b")],
        ),
        (
            "key,facet,code\nschlegl2017unsupervised,supervision,unsupervised\n",
            [("supervision.coded", ["unsupervised"])],
        ),
        ("\ufeffkey,method\r\nschlegl2017unsupervised,vae\r\n\r\n", [("method", ["vae"])]),
        ("key,method\n", []),
    ],
)
def test_a_sheet_is_read_as_people_keep_it(text: str, written: list[tuple[str, object]], example: Review) -> None:
    report = take(example, text)
    assert report.problems == []
    assert answers(example) == [(SCHLEGL, question, answer) for question, answer in written]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (f"key,answer,reason\n{HONG},Exclude,survey\n", [("eligibility", ["exclude.survey"])]),
        (f"key,verdict,stage\n{HONG},include,eligibility\n", [("eligibility", ["include"])]),
        (f"key,answer\n{HONG},include\n", [("screening", ["include"])]),
        (f"key,decision\n{HONG},exclude.preprint\n", [("screening", ["exclude.preprint"])]),
        (
            f"key,screening,eligibility\n{HONG},include,exclude.survey\n",
            [("screening", ["include"]), ("eligibility", ["exclude.survey"])],
        ),
    ],
)
def test_papers_are_screened_from_a_sheet(text: str, written: list[tuple[str, object]], example: Review) -> None:
    assert take(example, text, stages=True).problems == []
    assert [(question, answer) for _, question, answer in answers(example)] == written


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("nobody2020x,,,,gan", "no paper has the key 'nobody2020x'. See: reviewdb search WORDS"),
        ("schlegl2017unsupervize,,,,gan", "Did you mean schlegl2017unsupervised?"),
        (",nothing,,,gan", "no paper has the id 'nothing'"),
        (",,Something else,2017,gan", "no paper of 2017 has the title 'Something else'"),
        (f",,{TITLE},2018,gan", "no paper of 2018 has the title"),
        (f",,{TITLE},,gan", "has no year beside it"),
        (",,???,2017,gan", "no paper of 2017 has the title '???'"),
        (",,,,gan", "the row names no paper"),
        ("baur2018deep,2021-mini-review-002,,,gan", "key and id are of different papers"),
        ("baur2018deep,,,,ganz", "method has no code 'ganz'. Did you mean gan?"),
        ("baur2018deep,,,", "has 4 columns, the header 5"),
        ("schlegl2017unsupervised,,,,pca", "method of schlegl2017unsupervised is answered on line 2 already"),
    ],
)
def test_one_bad_row_and_nothing_is_written_but_on_request(row: str, says: str, example: Review) -> None:
    text = f"key,id,title,year,method\nschlegl2017unsupervised,,,,gan\n{row}\nbaur2018deep,,,,vae\n"
    report = take(example, text)
    [problem] = report.problems
    assert str(problem).startswith(f"{example.root / 'sheet.csv'}:3: ")
    assert says in str(problem)
    assert (report.written, lines(example)) == (0, [])
    assert take(example, text, partial=True).written == 2
    assert [answer for *_, answer in answers(example)] == [["gan"], ["vae"]]


@pytest.mark.parametrize(
    ("text", "stages", "says"),
    [
        ("method\ngan\n", False, "no column names papers"),
        ("year,method\n2020,gan\n", False, "no column names papers"),
        ("", False, "no column names papers"),
        ("key,methods\nbaur2018deep,gan\n", False, "no column has answers"),
        ("key,screening\nbaur2018deep,include\n", False, "no column has answers"),
        ("key,method\nbaur2018deep,gan\n", True, "no column has answers"),
    ],
)
def test_a_file_that_is_no_sheet_is_refused(text: str, stages: bool, says: str, example: Review) -> None:
    with pytest.raises(ReviewError, match=says):
        take(example, text, stages=stages)


@pytest.mark.parametrize(
    ("header", "stages", "says"),
    [
        ("key,method,modalities", False, "no facet or stage is called 'modalities'.\nDid you mean modality?"),
        ("key,metod", False, "no column has answers.\nDid you mean method?"),
        ("key,screening,eligibilty", True, "Did you mean eligibility?"),
    ],
)
def test_a_column_that_is_misspelt_is_not_left_out_unseen(
    header: str, stages: bool, says: str, example: Review
) -> None:
    text = f"{header}\nbaur2018deep,{'include,include' if stages else 'pca,ct'}\n"
    with pytest.raises(ReviewError) as error:
        take(example, text if header.count(",") > 1 else text.replace(",ct", ""), stages=stages)
    assert says in str(error.value)
    assert lines(example) == []
    if header.count(",") > 1:
        assert take(example, text, stages=stages, partial=True).written == 1


def test_a_sheet_that_ends_inside_a_quotation_has_a_problem_where_it_begins(example: Review) -> None:
    report = take(example, 'key,method\nschlegl2017unsupervised,gan\nbaur2018deep,"pca\n')
    (problem,) = report.problems
    assert (problem.line, problem.what) == (3, "the row that begins here ends inside a quotation.")
    assert report.written == 0


def test_a_name_of_before_is_told_with_what_it_became(example: Review, program: Program) -> None:
    for words in (
        ("merge", "method", "gan", "vae", "generative", "--new"),
        ("rename", "modality", "mri", "magnet"),
        ("split", "method", "cnn", "deep", "shallow"),
        ("retire", "method", "hmm"),
    ):
        assert program("scheme", *words, "--yes", "--coder", "ana", folder=example.root).returncode == 0
    for pair, told in (
        ("method+=vae", "method has no code 'vae' any more.\nvae became generative: say that."),
        ("modality=mri.brain", "mri.brain became magnet.brain: say that."),
        ("method=cnn", "cnn became deep or shallow: say that."),
        ("method=hmm", "hmm was retired."),
    ):
        facet, _, code = pair.replace("+", "").partition("=")
        for words in (("tag", "baur2018deep", pair, "--coder", "bo"), ("search", "--code", f"{facet}={code}")):
            done = program(*words, folder=example.root)
            assert (done.returncode, told in done.stderr) == (1, True), done.stderr
    assert not example.decisions_of("bo").exists()


def test_a_query_that_names_a_code_out_of_use_is_warned_of(example: Review, program: Program) -> None:
    query = example.root / "queries" / "few.sql"
    query.write_text(
        "-- title: Few\nSELECT key FROM papers\nWHERE key IN ('gan', 'preprint', 'vae')\n", encoding="utf-8"
    )
    assert "!!" not in program("check", folder=example.root).stdout
    for words in (
        ("rename", "method", "gan", "x"),
        ("rename", "screening", "preprint", "thesis"),
        ("merge", "method", "cnn", "vae"),
    ):
        assert program("scheme", *words, "--yes", "--coder", "ana", folder=example.root).returncode == 0
    done = program("check", folder=example.root)
    assert done.returncode == 0
    told = [line.strip() for line in done.stdout.splitlines() if "few.sql" in line]
    assert told == [
        f"queries/few.sql:3: {code!r} is in use no more. Change it, or it finds nothing by it."
        for code in ("gan", "preprint")
    ]
    done = program("table", "few", folder=example.root)
    assert "queries/few.sql names 'gan', which is in use no more" in done.stderr
    assert "in use no more" not in program("table", "table-1", "--json", folder=example.root).stderr


def test_what_would_change_is_told_before_it_is_written(example: Review) -> None:
    text = (
        "key,method,modality,notes,why\nschlegl2017unsupervised,gan,mri,x,\nbaur2018deep,pca,mri.brain,y,as on page 3\n"
    )
    report = take(example, text, Coder("mini-review"), dry_run=True)
    assert (report.new, len(report.changes), report.same, report.written) == (0, 2, 2, 0)
    assert [(c.line, c.key, c.question, c.before, c.after) for c in report.changes] == [
        (2, "schlegl2017unsupervised", "modality", "oct", "mri"),
        (3, "baur2018deep", "method", "vae, gan", "pca"),
    ]
    assert list(report.unused) == ["notes"]
    before = lines(example, "mini-review")
    assert take(example, text, Coder("mini-review", "from a sheet")).written == 2
    assert [line["why"] for line in lines(example, "mini-review")[len(before) :]] == ["from a sheet", "as on page 3"]
    # The same again is the same.
    report = take(example, text, Coder("mini-review"))
    assert (len(report.changes), report.same, report.written) == (0, 4, 0)


def test_a_sheet_settles_what_is_contested_and_leaves_alone_what_is_not(example: Review) -> None:
    take(example, 'key,method\nschlegl2017unsupervised,vae\nbaur2018deep,"gan,vae"\n')
    report = take(
        example, 'key,method\nschlegl2017unsupervised,vae\nbaur2018deep,"gan,vae"\n', Coder("ana", settles=True)
    )
    assert (report.written, report.same) == (1, 1)
    with_settled = [line for line in lines(example) if line.get("settles")]
    assert [(line["record"], line["answer"]) for line in with_settled] == [(SCHLEGL, ["vae"])]


def test_our_own_export_comes_back_unchanged(example: Review, program: Program) -> None:
    assert program("export", "csv", "-o", "all.csv", folder=example.root).returncode == 0
    done = program("tag", "--from", "all.csv", "--coder", "mini-review", "--json", folder=example.root)
    report = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert (report["changed"], report["written"], report["problems"]) == (0, 0, [])
    assert report["same"] > 300


def test_a_title_that_two_papers_have_is_refused(example: Review) -> None:
    twins = [
        {"source": "made", "query": "x", "date": "2026-01-01"},
        {"id": "twin-1", "title": "A twin in the image", "authors": ["A. One"], "year": 2020},
        {"id": "twin-2", "title": "A twin in the image", "authors": ["B. Two"], "year": 2020},
    ]
    path = example.root / "data/searches/2026-01-01-twins.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in twins), encoding="utf-8")
    ruling = {"at": "2026-01-01T00:00:00Z", "a": "twin-1", "b": "twin-2", "relation": "different"}
    (example.root / "data/rulings").mkdir(exist_ok=True)
    example.rulings_of("ana").write_text(json.dumps(ruling) + "\n", encoding="utf-8")
    [problem] = take(example, "title,year,method\nA twin in the image,2020,gan\n").problems
    assert "title are of several papers" in problem.what
    assert take(example, "id,title,year,method\ntwin-2,A twin in the image,2020,gan\n").written == 1


def add_search(place: Review, *hits: dict[str, object]) -> None:
    """Add papers to a review."""
    head: dict[str, object] = {"source": "made", "query": "x", "date": "2026-01-01"}
    path = place.root / "data/searches/2026-01-01-more.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in (head, *hits)), encoding="utf-8")


def test_a_cell_that_holds_no_doi_names_no_paper(example: Review) -> None:
    add_search(example, {"id": "bare-1", "title": "Neither DOI nor year", "authors": ["A. One"]})
    text = "key,doi,title,year,method\n,n/a,,,gan\n,,Some other title,,gan\nbaur2018deep,none,,,gan\n"
    report = take(example, text, partial=True)
    assert [(problem.line, problem.what) for problem in report.problems] == [
        (2, "'n/a' is no DOI."),
        (3, "'Some other title' has no year beside it."),
        (4, "'none' is no DOI."),
    ]
    assert lines(example) == []


def test_of_many_papers_with_one_name_a_few_are_listed(example: Review) -> None:
    alike = [{"id": f"n-{n}", "title": f"Paper {n}", "authors": [f"A. N{n:02}"], "year": 2020} for n in range(9)]
    add_search(example, *({**hit, "doi": "10.1000/one"} for hit in alike))
    rulings = [{"at": "2026-01-01T00:00:00Z", "a": f"n-{a}", "b": f"n-{b}"} for a in range(9) for b in range(a + 1, 9)]
    (example.root / "data/rulings").mkdir(exist_ok=True)
    said = "".join(json.dumps({**ruling, "relation": "different"}) + "\n" for ruling in rulings)
    example.rulings_of("ana").write_text(said, encoding="utf-8")
    [problem] = take(example, "doi,method\n10.1000/one,gan\n").problems
    assert problem.what.count("2020paper") == 5
    assert problem.what.endswith(" and 4 more.")


def test_a_key_that_two_entries_of_a_library_have_names_neither(program: Program, tmp_path: Path) -> None:
    assert program("init", "new", folder=tmp_path).returncode == 0
    entry = "@article{{Ek2020, title = {{{0}}}, year = {1}, doi = {{10.5555/{1}}}}}\n"
    both = entry.format("About Hearts and Their Chambers", 2020) + entry.format("Lungs in the Winter", 2021)
    (tmp_path / "new" / "library.bib").write_text(both, encoding="utf-8")
    program("import", "library.bib", folder=tmp_path / "new")
    for row, told in {
        "Ek2020,,": "sheet.csv:2: Ek2020 is the key of several papers in their libraries: Ek2020, Ek2020a.",
        "Ek2020,10.5555/2021,": "1 new",
        "Ek2020a,,": "1 new",
    }.items():
        (tmp_path / "new" / "sheet.csv").write_text(f"key,doi,answer\n{row}include\n", encoding="utf-8")
        sheet = ("screen", "--from", "sheet.csv", "--coder", "ana", "--dry-run")
        assert told in program(*sheet, folder=tmp_path / "new").stderr


def test_one_update_takes_a_thousand_rows_in(example: Review) -> None:
    add_search(example, *({"id": f"n-{n}", "title": f"Paper of the number {n}", "year": 2020} for n in range(1000)))
    build.refresh(example)
    report = take(example, "id,method,aim\n" + "".join(f"n-{n},gan;vae,find {n}\n" for n in range(1000)))
    assert (report.written, report.fault) == (2000, "")
    assert build.refresh(example) == "current"
    assert len(lines(example)) == 2000


def test_the_command_says_what_it_did_and_ends_as_it_should(example: Review, program: Program) -> None:
    (example.root / "good.csv").write_text("key,method\nbaur2018deep,pca\n", encoding="utf-8")
    (example.root / "bad.csv").write_text("key,method\nbaur2018deep,pcb\n", encoding="utf-8")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return program(*arguments, folder=example.root, REVIEWDB_CODER="ana")

    done = run("tag", "--from", "good.csv", "--dry-run")
    assert (done.returncode, done.stdout) == (0, "baur2018deep: method = pca\n")
    assert lines(example) == []
    done = run("tag", "--from", "bad.csv")
    assert (done.returncode, done.stdout) == (1, "")
    assert "bad.csv:2: method has no code 'pcb'. Did you mean pca?" in done.stderr
    assert "Nothing is written." in done.stderr
    assert run("tag", "--from", "bad.csv", "--partial").returncode == 0
    done = run("tag", "--from", "good.csv", "--why", "by hand")
    assert (done.returncode, done.stdout) == (0, "")
    assert "1 answer written to data/decisions/ana.jsonl" in done.stderr
    assert lines(example)[0]["why"] == "by hand"
    (example.root / "screen.csv").write_text(f"key,answer,reason\n{HONG},exclude,survey\n", encoding="utf-8")
    assert run("screen", "--from", "screen.csv").returncode == 0
    assert lines(example)[1]["answer"] == ["exclude.survey"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["tag"],
        ["screen"],
        ["tag", "baur2018deep", "--from", "x.csv"],
        ["screen", "baur2018deep", "--from", "x.csv"],
        ["tag", "--from", "x.csv", "--undo"],
        ["screen", "--from", "x.csv", "--stage", "screening"],
        ["tag", "baur2018deep", "method=pca", "--dry-run"],
        ["screen", "baur2018deep", "include", "--dry-run"],
    ],
)
def test_a_paper_or_a_sheet_is_named_not_both_and_not_none(
    arguments: list[str], program: Program, built: Review
) -> None:
    assert program(*arguments, folder=built.root, REVIEWDB_CODER="ana").returncode == 2


def test_what_is_piped_in_is_read(example: Review) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "reviewdb", "tag", "--from", "-", "--coder", "ana"],
        cwd=example.root,
        input="key,method\nbaur2018deep,pca\n",
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(lines(example)) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal of Unix")
def test_a_bar_shows_on_a_terminal(example: Review, tmp_path: Path) -> None:
    rows = "".join(f"{SCHLEGL},{n}\n" for n in range(1100))
    (tmp_path / "many.csv").write_text("id,aim\n" + rows, encoding="utf-8")
    leader, follower = pty.openpty()
    sheet = str(tmp_path / "many.csv")
    command = [sys.executable, "-m", "reviewdb", "tag", "--from", sheet, "--coder", "ana", "--dry-run"]
    running = subprocess.Popen(command, cwd=example.root, stderr=follower, stdout=subprocess.DEVNULL)
    os.close(follower)
    shown = b""
    try:
        while chunk := os.read(leader, 65536):
            shown += chunk
    except OSError:
        pass
    os.close(leader)
    assert running.wait() == 1
    assert b"1000/1100" in shown


def test_a_row_of_a_sheet_keeps_its_line(example: Review) -> None:
    path = example.root / "x.csv"
    path.write_text('key,aim\na,"one\ntwo"\n\nb,three\n', encoding="utf-8")
    sheet = sheets.read(path, coding.load_scheme(example), stages=False)
    assert [(row.line, row.answers) for row in sheet.rows] == [(2, [("aim", "one\ntwo")]), (5, [("aim", "three")])]
