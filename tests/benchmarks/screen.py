"""The keyboard screen on 10,000 papers: CPU to the first screen, time of each key, and what a hundred kills leave.

    PYTHONPATH=tests python tests/benchmarks/screen.py [--records 10500] [--decisions 50000] [--keys 300] [--kills 100]

The review is the made one of processes.py with `--decisions` answers of another coder to begin with. Five figures:

- first screen: CPU seconds of the process, from its start to the first paper on the screen of a terminal of 160 x 48;
- own time: what the session takes for a key (all that it reads, writes and syncs included), without the drawing;
- back to earlier days: the same for `u` where the coder of all these answers sits down, the first one named apart;
- a key in the terminal: from typing it to the first change on the screen, one key at a time, and the CPU that it takes
  with all of its drawing;
- kills: the example review is tagged by a process that is killed (SIGKILL) at a random moment, again and again; every
  act that its screen acknowledged must be in the coder's file, and every file must be readable.

Linux only: the CPU time of a running process is read from /proc.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import processes
from terminal import Terminal, acts, check, keys_of

from reviewdb import build, scheme
from reviewdb.review import SCHEME, Review
from reviewdb.session.acts import silent
from reviewdb.session.keyboard import Keyboard
from reviewdb.session.opening import open_desk

#: Keys as a reviewer presses them: mostly marks and Enter, now and then all else.
KEYS = ("enter", "m", "1", "1", "t", "2", "enter", "0", "3", "enter", "j", "k", "u", "U", "a", "x", "3", "w", "c", "c")


#: Seconds after which a key is taken for one that changes nothing on the screen.
PATIENCE = 2


def decided(folder: Path, records: int, count: int) -> None:
    """Write `count` answers of another coder; where all is answered, they are given again."""
    chance = random.Random(11)
    questions, _ = scheme.parse((folder / SCHEME).read_text(encoding="utf-8"), SCHEME)
    facets = [question for question in questions.questions.values() if question.kind == "codes"][:4]
    path = folder / "data" / "decisions" / "bo.jsonl"
    path.parent.mkdir(exist_ok=True)
    entries = (
        {
            "at": f"2026-11-24T10:{n // 60000 % 60:02}:{n // 1000 % 60:02}.{n % 1000:03}Z",
            "record": f"made-{n // len(facets) % records + 1:07}",
            "question": facets[n % len(facets)].id,
            "answer": [chance.choice([*facets[n % len(facets)].codes])],
        }
        for n in range(count)
    )
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")


def cpu_of(pid: int) -> float:
    """Return the CPU seconds that a running process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def first_screen(folder: Path, mode: str, runs: int = 5) -> float:
    """Return the median of CPU seconds to the first screen."""
    figures = []
    for _ in range(runs):
        terminal = Terminal(folder, mode, "--coder", "ana", size=(48, 160))
        terminal.until("Enter accept")
        terminal.until("found by")
        figures.append(cpu_of(terminal.pid))
        terminal.send("q")
        terminal.wait()
    return statistics.median(figures)


def own_time(folder: Path, keys: int) -> dict[str, list[tuple[float, float]]]:
    """Return milliseconds (CPU, all) of the session for each kind of key."""
    desk = open_desk(Review(folder), "ana", "tag", silent)
    keyboard = Keyboard(desk, lambda _: None)
    figures: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for n in range(keys):
        key = KEYS[n % len(KEYS)]
        cpu, begun = time.process_time(), time.perf_counter()
        keyboard.press(key)
        keyboard.view()
        figures[key].append(((time.process_time() - cpu) * 1000, (time.perf_counter() - begun) * 1000))
    desk.close()
    return figures


def back(folder: Path, times: int = 20) -> list[float]:
    """Return milliseconds of CPU of the session for each `u` of a coder whose answers were given on earlier days."""
    desk = open_desk(Review(folder), "bo", "tag", silent)
    keyboard = Keyboard(desk, lambda _: None)
    figures = []
    for _ in range(times):
        cpu = time.process_time()
        keyboard.press("u")
        view = keyboard.view()
        figures.append((time.process_time() - cpu) * 1000)
        assert view.tone == "saved", view.message
    desk.close()
    return figures


def in_terminal(folder: Path, keys: int) -> tuple[list[float], float]:
    """Return milliseconds from typing a key to the first change on the screen, and those of CPU for a key, drawn."""
    terminal = Terminal(folder, "tag", "--coder", "cyd", size=(48, 160))
    terminal.until("found by")
    terminal.read(1)
    typed = {"enter": "\r"}
    cpu = cpu_of(terminal.pid)
    figures = []
    for n in range(keys):
        key = KEYS[n % len(KEYS)]
        before, begun = len(terminal.text), time.perf_counter()
        terminal.send(typed.get(key, key))
        while len(terminal.text) == before and time.perf_counter() - begun < PATIENCE:
            terminal.read(0.001)
        if len(terminal.text) > before:
            figures.append((time.perf_counter() - begun) * 1000)
        terminal.read(0.15)
    took = (cpu_of(terminal.pid) - cpu) * 1000 / keys
    terminal.send("qq")
    terminal.wait()
    return figures, took


def killed(folder: Path, kills: int) -> tuple[int, int]:
    """Kill a tagging process again and again; return how many acts were acknowledged, and how many are on disk."""
    place = Review(folder)
    build.refresh(place)
    names = keys_of(place)
    chance = random.Random(5)
    acknowledged = on_disk = 0
    for n in range(kills):
        coder = f"coder{n}"
        terminal = Terminal(folder, chance.choice(("tag", "screen")), "--coder", coder)
        terminal.until("waiting")
        for _ in range(chance.randint(1, 15)):
            terminal.send(chance.choice(("\r", "31\r", "x3", "x5", "a\r", "t1\r", " ", "u", "u", "U")))
            terminal.read(chance.uniform(0, 0.12))
        terminal.kill()
        saved = terminal.saved
        acknowledged += max((number for number, _ in saved), default=0)
        if place.decisions_of(coder).exists():
            check(place, coder, saved, names)
            on_disk += len(acts(place, coder))
        elif saved:
            raise SystemExit(f"{coder}: {saved} were acknowledged and are not on disk")
    return acknowledged, on_disk


def told(figures: Sequence[float]) -> str:
    """Return median, 95th percentile and largest of some milliseconds."""
    ordered = sorted(figures)
    most = ordered[int(len(ordered) * 0.95)]
    return f"median {statistics.median(ordered):6.1f}  95 % {most:6.1f}  max {ordered[-1]:6.1f}"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=10_500)
    parser.add_argument("--decisions", type=int, default=50_000)
    parser.add_argument("--keys", type=int, default=300)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root = arguments.folder or Path(name)
        shutil.rmtree(root / "large", ignore_errors=True)
        large = processes.made(root / "large", arguments.records)
        decided(large, arguments.records, arguments.decisions)
        build.refresh(Review(large))
        for mode in ("tag", "screen"):
            print(f"first screen, {mode:6} {arguments.records} records: {first_screen(large, mode):.2f} s CPU")
        own = own_time(large, arguments.keys)
        for key, figures in own.items():
            print(f"own time, {key:5} ms CPU: {told([f[0] for f in figures])}")
        every = [figure for figures in own.values() for figure in figures]
        print(f"own time, all   ms CPU: {told([f[0] for f in every])}")
        print(f"the same with waiting for disk and processor, ms: {told([f[1] for f in every])}")
        first, *more = back(large)
        print(f"back to earlier days, first u: {first:.1f} ms CPU; then {told(more)}")
        figures, took = in_terminal(large, arguments.keys // 2)
        print(f"a key in the terminal, ms to the first change: {told(figures)}; with its drawing {took:.1f} ms CPU")
        if arguments.kills:
            shutil.rmtree(root / "small", ignore_errors=True)
            acknowledged, on_disk = killed(processes.example(root / "small"), arguments.kills)
            print(f"{arguments.kills} kills: {acknowledged} acts acknowledged, {on_disk} on disk, no file unreadable")


if __name__ == "__main__":
    main()
