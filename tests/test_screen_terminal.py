"""The screen as a process in a terminal: killed, interrupted, resized, opened twice, or without a full terminal."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from reviewdb import build, review
from reviewdb.review import Review

if sys.platform == "win32":
    pytest.skip("a pseudo-terminal is made by POSIX means", allow_module_level=True)

from site_pages import served
from terminal import Terminal

READY = "waiting"


def acts(place: Review, coder: str) -> list[set[str]]:
    """Return the records of each act of a coder: lines of one moment are one."""
    found: dict[str, set[str]] = {}
    for line in place.decisions_of(coder).read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        found.setdefault(entry["at"], set()).add(entry["record"])
    return list(found.values())


def keys_of(place: Review) -> dict[str, str]:
    """Return the citation key of each record."""
    import sqlite3  # noqa: PLC0415 - read as it is, without bringing it up to date

    with sqlite3.connect(place.database) as connection:
        rows = connection.execute(
            "SELECT record_id, key FROM paper_records JOIN papers ON papers.id = paper_id"
        ).fetchall()
    connection.close()
    return dict(rows)


def check(place: Review, coder: str, saved: list[tuple[int, str]], names: dict[str, str]) -> None:
    """Fail unless each act that a screen acknowledged is on disk, and every file can be read."""
    written = acts(place, coder)
    assert [number for number, _ in saved if number > len(written)] == []
    papers = [{names[record] for record in act} for act in written]
    assert [key for number, key in saved if papers[number - 1] != {key}] == []
    assert review.load(place).problems == []


@pytest.mark.parametrize("seed", range(4))
def test_whatever_was_acknowledged_is_on_disk_after_a_kill(seed: int, example: Review) -> None:
    chance = random.Random(seed)
    build.refresh(example)
    names = keys_of(example)
    terminal = Terminal(example.root, "tag", "--coder", "ana")
    terminal.until(READY)
    for _ in range(chance.randint(2, 12)):
        terminal.send(chance.choice(("\r", "31\rt", "x3", "a\r", "u", "U")))
        terminal.read(chance.uniform(0, 0.1))
    terminal.kill()
    if example.decisions_of("ana").exists():
        check(example, "ana", terminal.saved, names)
    else:
        assert terminal.saved == []


@pytest.mark.parametrize("coders", [("ana", "ana"), ("ana", "bo")])
def test_two_screens_at_once_lose_and_mix_nothing(coders: tuple[str, str], example: Review) -> None:
    build.refresh(example)
    names = keys_of(example)
    terminals = [Terminal(example.root, "tag", "--coder", coder) for coder in coders]
    for terminal in terminals:
        terminal.until(READY)
    for _ in range(8):
        for terminal in terminals:
            terminal.send("x3")
            terminal.read(0.05)
    for terminal in terminals:
        terminal.send("q")
    assert [terminal.wait() for terminal in terminals] == [0, 0]
    assert review.load(example).problems == []
    for coder in set(coders):
        written = [names[record] for act in acts(example, coder) for record in act]
        said = [key for at, terminal in zip(coders, terminals, strict=True) if at == coder for _, key in terminal.saved]
        assert said
        assert set(said) <= set(written)
        assert len(written) >= 8
        assert len(written) == len(set(written)), "the same was written twice"


def test_a_decision_shows_on_the_running_site_within_a_second(example: Review) -> None:
    build.refresh(example)
    path = "/review/current_decisions.json?coder=ana&_shape=array"
    with served(example) as server:
        terminal = Terminal(example.root, "screen", "--coder", "ana")
        terminal.until(READY)
        assert json.loads(server.get(path).text) == []
        terminal.send("a")
        terminal.until("1 saved: ")
        server.wait(lambda: json.loads(server.get(path).text), seconds=1)
        terminal.send("q")
        assert terminal.wait() == 0


def test_ctrl_c_leaves_things_whole(example: Review) -> None:
    build.refresh(example)
    terminal = Terminal(example.root, "tag", "--coder", "ana")
    terminal.until(READY)
    terminal.send("\r")
    terminal.until("1 saved: ")
    terminal.send("31\x03")
    assert terminal.wait() == 130
    assert "1 act in data/decisions/ana.jsonl" in terminal.drawn
    assert "\x1b[?1049l" in terminal.text, "the terminal is given back"
    assert review.load(example).problems == []
    assert len(acts(example, "ana")) == 1


def test_a_resize_while_it_decides_leaves_things_whole(example: Review) -> None:
    build.refresh(example)
    names = keys_of(example)
    terminal = Terminal(example.root, "screen", "--coder", "ana")
    terminal.until(READY)
    for size in ((48, 160), (10, 30), (5, 12), (24, 80)):
        terminal.send("a")
        terminal.resize(*size)
        terminal.read(0.1)
    terminal.until("4 saved: ")
    terminal.send("q")
    assert terminal.wait() == 0
    check(example, "ana", terminal.saved, names)


@pytest.mark.parametrize(
    ("arguments", "environment"), [(["--plain"], {}), ([], {"TERM": "dumb"})], ids=["--plain", "TERM=dumb"]
)
def test_without_a_full_terminal_it_asks_line_by_line(
    arguments: list[str], environment: dict[str, str], example: Review
) -> None:
    build.refresh(example)
    terminal = Terminal(example.root, "tag", "--coder", "ana", *arguments, environment=environment)
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
    assert [len(act) for act in acts(example, "ana")] == [1] * 5


def test_in_a_script_the_paper_is_to_be_named(example: Review) -> None:
    for command in ("tag", "screen"):
        done = subprocess.run(
            [sys.executable, "-m", "reviewdb", command, "--coder", "ana"],
            cwd=example.root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert f"reviewdb {command} KEY" in done.stderr


def test_a_link_opens_in_the_browser(example: Review, tmp_path: Path) -> None:
    build.refresh(example)
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n', encoding="utf-8")
    browser.chmod(0o755)
    terminal = Terminal(example.root, "tag", "--coder", "ana", environment={"BROWSER": f"{browser} %s"})
    terminal.until(READY)
    terminal.send("jo")
    terminal.until("https://doi.org/10.1007")
    terminal.send("q")
    assert terminal.wait() == 0
    assert opened.read_text(encoding="utf-8").strip() == "https://doi.org/10.1007/978-3-319-59050-9_12"
