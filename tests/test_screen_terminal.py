"""The screen as a process in a terminal: killed, interrupted, resized, opened twice, or without a full terminal."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from reviewdb import review
from reviewdb.errors import EXIT_BUG
from reviewdb.review import Review

if sys.platform == "win32":
    pytest.skip("a pseudo-terminal is made by POSIX means", allow_module_level=True)

from conftest import Program
from site_pages import served
from terminal import Terminal, acts, check, keys_of

READY = "waiting"


@pytest.mark.parametrize("seed", range(4))
def test_whatever_was_acknowledged_is_on_disk_after_a_kill(seed: int, ready: Review) -> None:
    chance = random.Random(seed)
    names = keys_of(ready)
    terminal = Terminal(ready.root, "tag", "--coder", "ana")
    terminal.until(READY)
    for _ in range(chance.randint(2, 12)):
        terminal.send(chance.choice(("\r", "31\rt", "x3", "a\r", "u", "U")))
        terminal.read(chance.uniform(0, 0.1))
    terminal.kill()
    if ready.decisions_of("ana").exists():
        check(ready, "ana", terminal.saved, names)
    else:
        assert terminal.saved == []


@pytest.mark.parametrize("coders", [("ana", "ana"), ("ana", "bo")])
def test_two_screens_at_once_lose_and_mix_nothing(coders: tuple[str, str], ready: Review) -> None:
    names = keys_of(ready)
    terminals = [Terminal(ready.root, "tag", "--coder", coder) for coder in coders]
    for terminal in terminals:
        terminal.until(READY)
    for _ in range(8):
        for terminal in terminals:
            terminal.send("x3")
            terminal.read(0.05)
    for terminal in terminals:
        terminal.send("q")
    assert [terminal.wait() for terminal in terminals] == [0, 0]
    assert review.load(ready).problems == []
    for coder in set(coders):
        written = [names[record] for act in acts(ready, coder) for record in act]
        said = [key for at, terminal in zip(coders, terminals, strict=True) if at == coder for _, key in terminal.saved]
        assert said
        assert set(said) <= set(written)
        assert len(written) >= 8
        assert len(written) == len(set(written)), "the same was written twice"


def test_a_decision_shows_on_the_running_site_within_a_second(ready: Review) -> None:
    path = "/review/current_decisions.json?coder=ana&_shape=array"
    with served(ready) as server:
        terminal = Terminal(ready.root, "screen", "--coder", "ana")
        terminal.until(READY)
        assert json.loads(server.get(path).text) == []
        terminal.send("a")
        terminal.until("1 saved: ")
        server.wait(lambda: json.loads(server.get(path).text), seconds=1)
        terminal.send("q")
        assert terminal.wait() == 0


def test_ctrl_c_leaves_things_whole(ready: Review) -> None:
    terminal = Terminal(ready.root, "tag", "--coder", "ana")
    terminal.until(READY)
    terminal.send("\r")
    terminal.until("1 saved: ")
    terminal.send("31\x03")
    assert terminal.wait() == 130
    assert "1 act in data/decisions/ana.jsonl" in terminal.drawn
    assert "\x1b[?1049l" in terminal.text, "the terminal is given back"
    assert review.load(ready).problems == []
    assert len(acts(ready, "ana")) == 1


def test_a_resize_while_it_decides_leaves_things_whole(ready: Review) -> None:
    names = keys_of(ready)
    terminal = Terminal(ready.root, "screen", "--coder", "ana")
    terminal.until(READY)
    for size in ((48, 160), (10, 30), (5, 12), (24, 80)):
        terminal.send("a")
        terminal.resize(*size)
        terminal.read(0.1)
    terminal.until("4 saved: ")
    terminal.send("q")
    assert terminal.wait() == 0
    check(ready, "ana", terminal.saved, names)


@pytest.mark.parametrize(
    ("arguments", "environment"), [(["--plain"], {}), ([], {"TERM": "dumb"})], ids=["--plain", "TERM=dumb"]
)
def test_without_a_full_terminal_it_asks_line_by_line(
    arguments: list[str], environment: dict[str, str], ready: Review
) -> None:
    terminal = Terminal(ready.root, "tag", "--coder", "ana", *arguments, environment=environment)
    for typed, expected in [
        ("", "Type keys and press Enter"),
        ("3", r"\[retinal images\]m"),
        ("", "1 saved: ouardini2019practical"),
        ("x", "Not peer-reviewed"),
        ("3", "2 saved: schlegl2017unsupervised"),
        ("N read it", "The note goes with"),
        ("", "3 saved: schlegl2019fanogan"),
        ("/ zzzz", "No paper here"),
        ("/", "Filter"),
        ("", "of 117 papers"),
        ("uU", "5 saved: redone"),
        ("w", "coding-scheme"),
    ]:
        if expected != "Type keys and press Enter":
            terminal.send(f"{typed}\r")
        terminal.until(expected)
    terminal.send("\x04")
    assert terminal.wait() == 0
    assert "\x1b[?1049h" not in terminal.text, "no screen of its own"
    assert [len(act) for act in acts(ready, "ana")] == [1] * 5


def test_in_a_line_blanks_say_nothing_and_every_act_is_told(ready: Review) -> None:
    terminal = Terminal(ready.root, "screen", "--coder", "ana", "--plain")
    for typed, expected in [
        ("", "Type keys and press Enter"),
        (" ", "(?s)> .*> "),
        ("m 1", "Imaging modality: "),
        ("x 3", "1 saved: ouardini2019practical"),
        ("a maybe a", "2 saved: [^!]*3 saved: [^!]*screening = maybe[^!]*4 saved: "),
        ("t 1 N read", "The note goes with"),
        ("a", "5 saved: "),
    ]:
        if expected != "Type keys and press Enter":
            terminal.send(f"{typed}\r")
        terminal.until(expected)
    terminal.send("\x03")
    assert terminal.wait() == 130
    assert "5 acts in data/decisions/ana.jsonl" in terminal.drawn
    said = [json.loads(line) for line in ready.decisions_of("ana").read_text(encoding="utf-8").splitlines()]
    assert [entry["answer"] for entry in said if entry["question"] == "screening"] == [
        *(["exclude.preprint"], ["include"], ["maybe"], ["include"], ["include"])
    ]


def test_a_slip_in_a_line_does_nothing_of_it(ready: Review) -> None:
    terminal = Terminal(ready.root, "screen", "--coder", "ana", "--plain")
    for typed, expected in [
        ("", "Type keys and press Enter"),
        ("mayeb", "y does nothing, so nothing of this line is done"),
        ("include", "1 saved: ouardini2019practical screening = include"),
        ("exclude 3", "2 saved: "),
        ("/ schlegl", "3 papers"),
        ("d schlegl2017unsupervised", "3 saved: "),
    ]:
        if expected != "Type keys and press Enter":
            terminal.send(f"{typed}\r")
        terminal.until(expected)
    terminal.send("\x04")
    assert terminal.wait() == 0
    assert "3 acts in data/decisions/ana.jsonl and data/rulings/ana.jsonl" in terminal.drawn
    said = [json.loads(line) for line in ready.decisions_of("ana").read_text(encoding="utf-8").splitlines()]
    assert [entry["answer"] for entry in said] == [["include"], ["exclude.preprint"]]


def test_a_damaged_database_gives_the_terminal_back_and_is_told(ready: Review) -> None:
    terminal = Terminal(ready.root, "tag", "--coder", "ana")
    terminal.until(READY)
    ready.database.write_bytes(b"junk" * 4096)
    terminal.send("jjj")
    assert terminal.wait() == 1
    assert "Traceback" not in terminal.drawn
    assert "reviewdb build" in terminal.text[terminal.text.rindex("\x1b[?1049l") :]


def test_a_bug_in_the_look_at_what_others_write_ends_the_screen_without_a_key(ready: Review) -> None:
    terminal = Terminal(ready.root, "tag", "--coder", "ana")
    terminal.until(READY)
    with closing(sqlite3.connect(ready.database)) as connection:
        connection.execute("DROP TABLE current_decisions")
    assert terminal.wait() == EXIT_BUG
    assert "a bug in reviewdb: OperationalError" in terminal.drawn
    assert "Traceback" not in terminal.drawn
    assert terminal.text.rindex("reviewdb:") > terminal.text.rindex("\x1b[?1049l")


def test_a_review_that_goes_away_ends_the_screen_and_says_so(ready: Review, tmp_path: Path) -> None:
    terminal = Terminal(ready.root, "tag", "--coder", "ana")
    terminal.until(READY)
    ready.root.rename(tmp_path / "elsewhere")
    assert terminal.wait() == 1
    assert "Traceback" not in terminal.drawn
    assert terminal.text.rindex("reviewdb:") > terminal.text.rindex("\x1b[?1049l")


def test_the_input_may_end_where_a_reason_is_asked_for(ready: Review) -> None:
    terminal = Terminal(ready.root, "screen", "--coder", "ana", "--plain")
    terminal.until("Type keys")
    terminal.send("x\r")
    terminal.until("number>")
    terminal.send("\x04")
    assert terminal.wait() == 0
    assert "Nothing is written." in terminal.drawn


@pytest.mark.parametrize(
    ("order", "by"), [("sample", ["--sample", "5", "--blind"]), ("rank", ["--limit", "5", "--blind"])]
)
def test_the_screen_takes_its_order_from_rank(order: str, by: list[str], program: Program, ready: Review) -> None:
    done = program("rank", "--coder", "ana", *by, "--json", folder=ready.root)
    first, second, *_ = json.loads(done.stdout)["papers"]
    terminal = Terminal(ready.root, "screen", "--coder", "ana", "--plain", "--order", order)
    terminal.until(f"1 of 117 unscreened: {first['key']}")
    terminal.send("a\r")
    terminal.until(f"2 of 117 unscreened: {second['key']}")
    terminal.send("q\r")
    assert terminal.wait() == 0


def test_an_order_that_needs_scikit_learn_says_so(ready: Review, tmp_path: Path) -> None:
    (tmp_path / "sklearn.py").write_text("raise ModuleNotFoundError('gone', name='sklearn')", encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), os.environ["PYTHONPATH"]])
    terminal = Terminal(ready.root, "screen", "--coder", "ana", "--order", "rank", environment={"PYTHONPATH": path})
    terminal.until(r"pip install 'reviewdb\[rank\]'")
    assert terminal.wait() == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--order", "best"], "best is not one of rank, sample"),
        (["zhao2023clip", "include", "--order", "rank"], "name no paper"),
    ],
)
def test_an_order_is_one_of_the_screen(words: list[str], says: str, program: Program, ready: Review) -> None:
    done = program("screen", *words, "--coder", "ana", folder=ready.root)
    assert (done.returncode, says in " ".join(done.stderr.split())) == (2, True)


def test_in_a_script_the_paper_is_to_be_named(ready: Review) -> None:
    for command in ("tag", "screen"):
        done = subprocess.run(
            [sys.executable, "-m", "reviewdb", command, "--coder", "ana"],
            cwd=ready.root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert f"reviewdb {command} KEY" in done.stderr


@pytest.mark.parametrize(
    "arguments", [["tag", "--undo"], ["tag", "--why", "x"], ["screen", "--settle"], ["screen", "--reason", "survey"]]
)
def test_what_is_about_one_paper_goes_with_its_name(arguments: list[str], program: Program, ready: Review) -> None:
    done = program(*arguments, folder=ready.root, REVIEWDB_CODER="ana")
    assert (done.returncode, "name its KEY" in done.stderr) == (2, True)


def test_a_link_opens_in_the_browser(ready: Review, tmp_path: Path) -> None:
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n', encoding="utf-8")
    browser.chmod(0o755)
    terminal = Terminal(ready.root, "tag", "--coder", "ana", environment={"BROWSER": f"{browser} %s"})
    terminal.until(READY)
    terminal.send("jo")
    terminal.until("https://doi.org/10.1007")
    terminal.send("q")
    assert terminal.wait() == 0
    assert opened.read_text(encoding="utf-8").strip() == "https://doi.org/10.1007/978-3-319-59050-9_12"
