"""The contract of the commands: what scripts rely on and people read."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest
import typer.main
from conftest import Program

from reviewdb import __version__
from reviewdb.cli import app
from reviewdb.review import Review

COMMANDS = sorted(
    f"{group} {c.name or c.callback.__name__}".strip()
    for group, typed in [("", app), *((str(g.name), g.typer_instance) for g in app.registered_groups)]
    for c in (typed.registered_commands if typed else [])
    if c.callback
)
READING = [
    ["search", "unsupervised", "--json"],
    ["table", "--json"],
    ["table", "table-4", "--json"],
    ["status", "--json"],
    ["agree", "--json"],
    ["check", "--json"],
    ["export", "json"],
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str, program: Program) -> None:
    shown = program(*command.split(), "--help")
    assert shown.returncode == 0
    assert f"Example: reviewdb {command}" in " ".join(shown.stdout.split())


def test_version_and_the_module(program: Program) -> None:
    assert program("--version").stdout == f"reviewdb {__version__}\n"
    script = Path(sys.executable).parent / "reviewdb"
    assert subprocess.check_output([script, "--version"], text=True) == f"reviewdb {__version__}\n"


@pytest.mark.parametrize("arguments", READING)
def test_reading_commands_print_json_and_nothing_else_on_stdout(
    arguments: list[str], built: Review, program: Program
) -> None:
    done = program(*arguments, folder=built.root)
    assert done.returncode == 0
    assert json.loads(done.stdout)


def test_a_hit_has_the_agreed_keys_and_the_best_comes_first(built: Review, program: Program) -> None:
    hits = json.loads(program("search", "f-anogan", "--json", folder=built.root).stdout)
    assert hits[0]["key"] == "schlegl2019fanogan"
    assert {"id", "key", "title", "year", "snippet", "score"} <= hits[0].keys()
    scores = [hit["score"] for hit in json.loads(program("search", "brain", "--json", folder=built.root).stdout)]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) > 3


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (["retina*", "--modality", "oct", "--year", "..2017"], {"schlegl2017unsupervised"}),
        (["--method", "hmm"], {"zuo2018automatic"}),
        (
            ["--method", "hmm", "--method", "constraint_programming"],
            {"zuo2018automatic", "kuo2016framework"},
        ),
        (
            ["--modality", "mri", "--code", "cluster=table_3", "--year", "2019"],
            {"armanious2019unsupervised", "khosla2019detecting"},
        ),
        (['"marker discovery"'], {"schlegl2017unsupervised"}),
        (["--supervision", "supervised"], {"li2016quality"}),
        (["seebock epistemic"], {"seebock2019exploiting"}),
    ],
)
def test_search_selects_by_words_and_codes(
    arguments: list[str], keys: set[str], built: Review, program: Program
) -> None:
    hits = json.loads(program("search", *arguments, "--json", folder=built.root).stdout)
    assert {hit["key"] for hit in hits} == keys


def test_suggestions_count_only_where_they_are_asked_for(built: Review, program: Program) -> None:
    def found(*more: str) -> set[str]:
        hits = json.loads(program("search", "--method", "diffusion", *more, "--json", folder=built.root).stdout)
        return {hit["key"] for hit in hits}

    assert found() == set()
    assert "trivedi2024mcddpm" in found("--suggested")


def test_what_is_cut_is_said_and_programs_get_all_of_it(built: Review, program: Program) -> None:
    shown = program("search", "anomaly", "--limit", "3", folder=built.root)
    every = json.loads(program("search", "anomaly", "--json", folder=built.root).stdout)
    assert f"3 of {len(every)} papers" in shown.stderr
    assert len(every) > 20


def test_a_paper_is_found_by_its_key_and_its_doi(built: Review, program: Program) -> None:
    for query in ("schlegl2019fanogan", "10.1016/j.media.2019.01.010"):
        hits = json.loads(program("search", query, "--json", folder=built.root).stdout)
        assert [hit["key"] for hit in hits] == ["schlegl2019fanogan"]


@pytest.mark.parametrize(
    "query", ['"', "AND (", "*", "a*b NEAR/3 c", "^title:x", "{", "'; DROP TABLE papers; --", "é\u202e"]
)
def test_no_query_is_an_error(query: str, built: Review, program: Program) -> None:
    done = program("search", "--json", "--", query, folder=built.root)
    assert (done.returncode, done.stderr) == (0, "")
    assert isinstance(json.loads(done.stdout), list)


def test_an_empty_result_says_what_to_try_and_pipes_as_nothing(built: Review, program: Program) -> None:
    done = program("search", "zyzzyva", folder=built.root)
    assert (done.returncode, done.stdout) == (0, "")
    assert "fewer words" in done.stderr


@pytest.mark.parametrize("suffix", ["md", "csv", "json"])
def test_a_table_is_the_same_bytes_in_a_file_and_in_a_pipe(
    suffix: str, built: Review, program: Program, tmp_path: Path
) -> None:
    piped = program("table", "table-3", "--format", suffix, folder=built.root)
    program("table", "table-3", "--format", suffix, "-o", tmp_path / "out", folder=built.root)
    assert (tmp_path / "out").read_bytes() == piped.stdout.encode()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    ("command", "endings"),
    [
        ("table table-4", ".md, .csv, .html, .json, .xlsx, .tex, .markdown, .htm, or say --format"),
        ("export bibtex", ".bib, .bibtex, .txt for bibtex"),
        ("export csv", ".csv, .txt for csv"),
        ("diff 2021", ".txt, .md, .json, or say --format"),
        ("flow", ".txt, .json, .csv, .svg, .tex, or say --format"),
        ("figure flow", ".svg, .pdf, .png, .md, .csv, .json, or say --format"),
    ],
)
def test_a_file_of_no_known_format_is_not_written_as_another(
    command: str, endings: str, built: Review, program: Program, tmp_path: Path
) -> None:
    done = program("--review", built.root, *command.split(), "-o", "x.docx")
    assert (done.returncode, done.stdout, (tmp_path / "x.docx").exists()) == (2, "", False)
    assert f"x.docx: name the file {endings}" in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("command", "option"),
    [
        ("table table-4 --format csv --cite citep", "--cite"),
        ("table table-4 --longtable", "--longtable"),
        ("table table-4 -o x.md --caption Retina", "--caption"),
        ("table table-4 --json --engine xelatex", "--engine"),
        ("table table-4 --format latex --spreadsheet-safe", "--spreadsheet-safe"),
        ("export ris --engine pdflatex", "--engine"),
        ("export json --spreadsheet-safe", "--spreadsheet-safe"),
    ],
)
def test_an_option_of_another_format_is_wrong_usage(
    command: str, option: str, built: Review, program: Program, tmp_path: Path
) -> None:
    done = program("--review", built.root, *command.split())
    assert (done.returncode, done.stdout, (tmp_path / "x.md").exists()) == (2, "", False)
    assert option in done.stderr
    assert "alone" in done.stderr


def test_export_csv_and_json_say_the_same(built: Review, program: Program) -> None:
    rows = list(csv.DictReader(io.StringIO(program("export", "csv", "--status", "included", folder=built.root).stdout)))
    objects = json.loads(program("export", "json", "--status", "included", folder=built.root).stdout)
    assert len(rows) == len(objects) == 39
    for row, thing in zip(rows, objects, strict=True):
        assert row["key"] == thing["key"]
        assert row["authors"].split("; ") == thing["authors"]
        assert json.loads(row["modality"]) == thing["modality"]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["table", "tabel-1"], 1, "Did you mean table-1?"),
        (
            ["tag", "schlegl2017unsupervized", "modality=oct", "--coder", "ana"],
            1,
            "Did you mean schlegl2017unsupervised?",
        ),
        (["show", "Schlegl2017"], 1, "Did you mean schlegl2017unsupervised?"),
        (["tag", "schlegl2017unsupervised", "modality=mri.brian", "--coder", "ana"], 1, "Did you mean mri.brain?"),
        (["tag", "schlegl2017unsupervised", "modalty=mri", "--coder", "ana"], 1, "Did you mean modality?"),
        (["tag", "schlegl2017unsupervised", "modality", "--coder", "ana"], 1, "is not an assignment"),
        (["tag", "schlegl2017unsupervised", "modality=mri"], 1, "REVIEWDB_CODER"),
        (["tag", "schlegl2017unsupervised", "modality=mri", "--coder", "../ana"], 1, "other marks"),
        (["tag", "schlegl2017unsupervised", "modality=mri", "--coder", "rule:x"], 1, "is a rule"),
        (
            ["screen", "schlegl2017unsupervised", "exclude", "--reason", "boring", "--coder", "ana"],
            1,
            "has no reason 'boring'",
        ),
        (["screen", "schlegl2017unsupervised", "include", "--reason", "survey", "--coder", "ana"], 1, "--why"),
        (["screen", "schlegl2017unsupervised", "perhaps", "--coder", "ana"], 2, "perhaps"),
        (["search", "x", "--modality", "mri.brian"], 1, "Did you mean mri.brain?"),
        (["search", "x", "--year", "soon"], 1, "2015..2021"),
        (["search", "x", "--code", "oct"], 1, "FACET=CODE"),
        (["agree", "--coder", "mini-reveiw", "--coder", "ana"], 1, "Did you mean mini-review?"),
        (["agree", "--coder", "mini-review"], 1, "two coders"),
        (["agree", "--question", "modalty"], 1, "Did you mean modality?"),
        (["table", "table-1", "--format", "docx"], 2, "docx"),
        (["table", "table-1", "-o", "no/such/folder/x.md"], 1, "-o"),
        (["export", "docx"], 2, "docx"),
        (["suggest", "missing.csv"], 1, "No such file"),
        (["--review", "nowhere", "status"], 1, "reviewdb init"),
        (["nonsense"], 2, "nonsense"),
        (["build", "--no-such-option"], 2, "--no-such-option"),
    ],
)
def test_an_error_is_one_message_with_what_to_do_and_the_exit_code_of_its_kind(
    arguments: list[str], code: int, says: str, example: Review, program: Program
) -> None:
    done = program(*arguments, folder=example.root)
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert says in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr
    assert not (example.root / "data" / "decisions" / "ana.jsonl").exists()


def test_outside_a_review_it_says_how_to_make_one(program: Program, tmp_path: Path) -> None:
    done = program("status", folder=tmp_path)
    assert done.returncode == 1
    assert "reviewdb init DIR --example" in done.stderr


def test_bad_text_is_listed_by_every_command_but_what_was_built_is_still_read(
    example: Review, program: Program
) -> None:
    before = program("table", "table-1", "--json", folder=example.root)
    with (example.root / "data" / "decisions" / "mini-review.jsonl").open("a", encoding="utf-8") as handle:
        handle.write('{"at": "2026-')
    built = program("build", folder=example.root)
    assert built.returncode == 1
    assert "data/decisions/mini-review.jsonl:394" in built.stderr
    checked = program("check", folder=example.root)
    assert checked.returncode == 1
    assert "data/decisions/mini-review.jsonl:394" in checked.stdout
    after = program("table", "table-1", "--json", folder=example.root)
    assert (after.returncode, after.stdout) == (0, before.stdout)
    assert "mini-review.jsonl:394" in after.stderr


def test_tagging_appends_one_line_and_undo_another(example: Review, program: Program) -> None:
    path = example.decisions_of("ana")
    environment = {"REVIEWDB_CODER": "ana"}

    def line() -> dict[str, object]:
        last: dict[str, object] = json.loads(path.read_text(encoding="utf-8").splitlines()[-1])
        return {key: last.get(key) for key in ("record", "question", "answer", "why")}

    record = "2021-mini-review-002"
    done = program(
        "tag", "schlegl2017unsupervised", "method+=vae", "--why", "see 3.1", folder=example.root, **environment
    )
    assert done.returncode == 0, done.stderr
    assert "data/decisions/ana.jsonl" in done.stderr
    assert "contested" in done.stderr
    assert line() == {"record": record, "question": "method", "answer": ["vae"], "why": "see 3.1"}
    program("tag", "schlegl2017unsupervised", "method+=gan", folder=example.root, **environment)
    assert line()["answer"] == ["vae", "gan"]
    program("tag", "schlegl2017unsupervised", "method-=gan", folder=example.root, **environment)
    assert line()["answer"] == ["vae"]
    undone = json.loads(path.read_text(encoding="utf-8").splitlines()[-1])["at"]
    program("tag", "schlegl2017unsupervised", "method", "--undo", folder=example.root, **environment)
    assert json.loads(path.read_text(encoding="utf-8").splitlines()[-1])["undoes"] == undone
    program("tag", "SCHLEGL2017unsupervised", "aim=markers, found", folder=example.root, **environment)
    assert line() == {"record": record, "question": "aim", "answer": "markers, found", "why": None}
    assert program("tag", record, "--undo", folder=example.root, **environment).returncode == 0
    assert "undoes" in json.loads(path.read_text(encoding="utf-8").splitlines()[-1])
    assert len(path.read_text(encoding="utf-8").splitlines()) == 6


def test_a_coder_is_not_taken_for_another_one_in_other_letters(example: Review, program: Program) -> None:
    program("tag", "baur2018deep", "aim=x", "--coder", "ana", folder=example.root)
    done = program("tag", "baur2018deep", "aim=y", "--coder", "Ana", folder=example.root)
    assert done.returncode == 1
    assert "there is a coder 'ana' already" in done.stderr
    shutil.copy(example.decisions_of("ana"), example.decisions_of("ANA"))
    done = program("build", folder=example.root)
    assert done.returncode == 1
    assert "data/decisions/ana.jsonl" in done.stderr


def test_check_lists_rulings_that_contradict_each_other(example: Review, program: Program) -> None:
    rulings = example.root / "data" / "rulings" / "ana.jsonl"
    said = {"at": "2026-11-23T00:00:00Z", "relation": "same"}
    pairs = [("2025-cited-by-008", "2025-cited-by-001"), ("2025-cited-by-001", "2025-cited-by-069")]
    rulings.write_text("".join(json.dumps({**said, "a": a, "b": b}) + "\n" for a, b in pairs), encoding="utf-8")
    with (rulings.parent / "bo.jsonl").open("w", encoding="utf-8") as handle:
        handle.write(json.dumps({**said, "a": "2025-cited-by-029", "b": "2025-cited-by-075"}) + "\n")
    done = program("check", folder=example.root)
    assert done.returncode == 1
    assert "2025-cited-by-029 and 2025-cited-by-075: bo rules same, curator rules version" in done.stdout
    assert "2025-cited-by-001 and 2025-cited-by-069: ana rules same, for which" in done.stdout


def test_an_assignment_that_fails_keeps_the_others_from_being_written(example: Review, program: Program) -> None:
    done = program("tag", "baur2018deep", "modality=mri", "method=nope", "--coder", "ana", folder=example.root)
    assert done.returncode == 1
    assert not example.decisions_of("ana").exists()


def test_screening_goes_through_the_stages_and_the_reason_finds_its_own(example: Review, program: Program) -> None:
    key = json.loads(program("search", "clip medical survey", "--json", folder=example.root).stdout)[0]["key"]

    def status() -> tuple[str, str | None, str | None]:
        papers = json.loads(program("export", "json", folder=example.root).stdout)
        return next((p["status"], p["stage"], p["reason"]) for p in papers if p["key"] == key)

    assert status() == ("pending", "screening", None)
    assert program("screen", key, "include", "--coder", "ana", folder=example.root).returncode == 0
    assert status() == ("pending", "eligibility", None)
    program("screen", key, "exclude", "--reason", "survey", "--coder", "ana", folder=example.root)
    assert status() == ("excluded", "eligibility", "survey")
    program("screen", key, "--undo", "--coder", "ana", folder=example.root)
    assert status() == ("pending", "eligibility", None)
    program("screen", key, "exclude", "--reason", "preprint", "--coder", "bo", folder=example.root)
    assert status() == ("contested", "screening", None)
    program("screen", key, "exclude", "--reason", "preprint", "--settle", "--coder", "ana", folder=example.root)
    assert status() == ("excluded", "screening", "preprint")


def test_settling_answers_the_stage_in_conflict_and_nothing_else(example: Review, program: Program) -> None:
    key = "zhao2023clip"

    def run(*words: str, coder: str = "ana") -> tuple[int, str]:
        done = program(*words, "--coder", coder, folder=example.root)
        return done.returncode, done.stderr

    code, said = run("screen", key, "include", "--settle")
    assert (code, f"coders do not disagree on screening of {key}: there is nothing to settle." in said) == (1, True)
    assert run("tag", key, "method=gan", "--settle")[0] == 1
    assert not example.decisions_of("ana").exists()
    for coder, answer in (("ana", "include"), ("bo", "exclude")):
        run("screen", key, answer, "--stage", "screening", coder=coder)
    assert "They do on: screening." in run("screen", key, "include", "--stage", "eligibility", "--settle")[1]
    code, said = run("screen", key, "include", "--settle")
    assert (code, f"{key}: screening = include" in said) == (0, True)
    assert run("screen", key, "include", "--settle")[0] == 1


def test_an_answer_without_a_reason_is_shown_without_one(example: Review, program: Program) -> None:
    program("tag", "baur2018deep", "method=pca", "--coder", "ana", folder=example.root)
    shown = program("show", "baur2018deep", folder=example.root).stdout
    assert "pca  (ana)" in shown
    assert "ana:" not in shown


def test_suggest_reads_any_file_and_shows_the_words(example: Review, program: Program, tmp_path: Path) -> None:
    titles = [("a", "Unsupervised anomaly detection in brain MRI"), ("b", "Nothing to see"), ("c", "Chest CT, größer")]
    forms = {
        "x.csv": "id,title\n" + "".join(f'{i},"{t}"\n' for i, t in titles),
        "x.tsv": "id\ttitle\n" + "".join(f"{i}\t{t}\n" for i, t in titles),
        "x.json": json.dumps([{"id": i, "title": t} for i, t in titles]),
        "x.jsonl": "".join(json.dumps({"id": i, "title": t}) + "\n" for i, t in titles),
    }
    outputs = set()
    for name, text in forms.items():
        (tmp_path / name).write_text(text, encoding="utf-8-sig" if name == "x.csv" else "utf-8")
        out = tmp_path / "out.csv"
        done = program("suggest", tmp_path / name, "-o", out, folder=example.root)
        assert done.returncode == 0, done.stderr
        outputs.add(out.read_text(encoding="utf-8"))
    (said,) = outputs
    rows = list(csv.DictReader(io.StringIO(said)))
    assert list(rows[0]) == ["id", "facet", "code", "field", "start", "end", "words"]
    texts = dict(titles)
    assert {row["code"] for row in rows} >= {"mri.brain", "unsupervised", "ct.chest"}
    for row in rows:
        assert texts[row["id"]][int(row["start"]) : int(row["end"])] == row["words"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"id,name\n1,x\n", "column title"),
        (b"id,title\n1,\xff\n", "UTF-8"),
        (b"[1, 2", "cannot be read"),
        (b"", "title"),
    ],
)
def test_suggest_says_what_is_wrong_with_a_file(
    text: bytes, says: str, example: Review, program: Program, tmp_path: Path
) -> None:
    (tmp_path / "x.csv").write_bytes(text)
    done = program("suggest", tmp_path / "x.csv", "-o", tmp_path / "out.csv", folder=example.root)
    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out.csv").exists()


def test_init_makes_a_review_that_builds_and_refuses_to_write_over_one(program: Program, tmp_path: Path) -> None:
    for arguments, tables in ((["one"], 10), (["two", "--example"], 21)):
        assert program("init", *arguments).returncode == 0
        folder = tmp_path / arguments[0]
        assert program("check", folder=folder).returncode == 0
        assert len(json.loads(program("table", "--json", folder=folder).stdout)) == tables
        assert program("status", folder=folder).returncode == 0
        again = program("init", *arguments)
        assert again.returncode == 1
        assert "nothing was changed" in again.stderr


def test_a_full_disk_at_the_other_end_is_no_bug(built: Review) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    command = f"{sys.executable} -m reviewdb export json > /dev/full"
    done = subprocess.run(command, shell=True, cwd=built.root, capture_output=True, text=True, check=False)  # noqa: S602
    assert done.returncode == 1
    assert "No space left" in done.stderr
    assert "bug" not in done.stderr


def test_a_format_is_told_by_the_name_of_the_file(built: Review, program: Program, tmp_path: Path) -> None:
    program("table", "table-1", "-o", tmp_path / "t.csv", folder=built.root)
    assert (tmp_path / "t.csv").read_text(encoding="utf-8").startswith("paper,imaging_method")
    assert program("table", "table-1", "--json", "--format", "csv", folder=built.root).returncode == 2


def test_a_closed_pipe_is_no_error(built: Review) -> None:
    command = f"{sys.executable} -m reviewdb export json | head -1"
    done = subprocess.run(command, shell=True, cwd=built.root, capture_output=True, text=True, check=False)  # noqa: S602
    assert done.stdout == "[\n"
    assert "Traceback" not in done.stderr
    assert "Error" not in done.stderr


def test_an_interrupted_build_leaves_things_whole(example: Review, program: Program) -> None:
    program("build", folder=example.root)
    before = program("table", "papers-by-year", "--json", folder=example.root).stdout
    search = example.root / "data" / "searches" / "2025-cited-by.jsonl"
    header, *hits = search.read_text(encoding="utf-8").splitlines()
    for copy in range(60):
        many = "\n".join([header, *(hit.replace("2025-cited-by", f"copy-{copy}") for hit in hits)])
        (search.parent / f"copy-{copy}.jsonl").write_text(many + "\n", encoding="utf-8")
    # A shell that starts the tests in the background has them ignore interrupts, and so would their children.
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from reviewdb.__main__ import main; main()"
    )
    running = subprocess.Popen([sys.executable, "-c", code, "build"], cwd=example.root, stderr=subprocess.PIPE)
    time.sleep(0.8)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=30)
    assert running.returncode == 130
    assert b"Traceback" not in said
    for path in search.parent.glob("copy-*.jsonl"):
        path.unlink()
    assert program("table", "papers-by-year", "--json", folder=example.root).stdout == before


def test_colour_only_on_a_terminal(built: Review, program: Program) -> None:
    assert "\x1b" not in program("search", "brain", folder=built.root).stdout
    assert "\x1b[1m" in on_a_terminal(["search", "brain"], built.root)
    assert "\x1b[" not in program("table", "table-1", folder=built.root).stdout


def test_a_table_on_a_terminal_fits_its_width(built: Review) -> None:
    shown = on_a_terminal(["table", "table-4"], built.root, columns=80)
    assert "Table IV" in shown
    assert max(len(line) for line in plain(shown)) <= 80


def plain(shown: str) -> Iterable[str]:
    """Return the lines without the marks that colour them."""
    import re  # noqa: PLC0415

    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown).splitlines()


def on_a_terminal(arguments: list[str], folder: Path, columns: int = 100) -> str:
    """Run the program with a terminal as its stdout."""
    if shutil.which("stty") is None:
        pytest.skip("no terminal on this system")
    leader, follower = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    running = subprocess.Popen(
        [sys.executable, "-m", "reviewdb", *arguments], cwd=folder, env=environment, stdout=follower, stderr=follower
    )
    os.close(follower)
    shown = b""
    try:
        while chunk := os.read(leader, 65536):
            shown += chunk
    except OSError:  # what Linux says where the other end is closed
        pass
    os.close(leader)
    assert running.wait() == 0
    return shown.decode()


def test_help_names_every_command() -> None:
    names = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert {command.split()[0] for command in COMMANDS} == set(names)
