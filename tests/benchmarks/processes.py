"""CPU seconds and peak memory of the program as a whole process, over several runs.

    python tests/benchmarks/processes.py [--runs 5] [--records 10000]

Times help, search, table and a whole build on a copy of the example review, then a whole build and one decision on a
made review of `--records` records. Each figure is the median; the ratio is to a bare `python -c pass` in the same run,
so that figures of different machines can be compared.

The made review: every title is drawn from the words of the example's titles (6 to 16 words), with 1 to 6 of 3,000 made
authors, a year from 2010 to 2026 and, for every second record, an abstract of 120 such words; 5 % of the records repeat
an earlier one with another case and ending, as a second search would.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
REVIEWDB = (sys.executable, "-m", "reviewdb")


def measured(command: Sequence[str], folder: Path) -> tuple[float, float]:
    """Return CPU seconds and peak megabytes of one run: of all its processes together, where the system tells."""
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    begun, together = time.monotonic(), 0
    while True:
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        if ended:
            break
        together = max(together, held(process.pid))
        # To look takes as long as there is memory to look at, and the more of that, the slower it grows.
        time.sleep(min(1, 0.02 + (time.monotonic() - begun) / 50))
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    # The children of this process are measured one by one, so the largest is not carried over.
    return usage.ru_utime + usage.ru_stime, max(together, usage.ru_maxrss) / 1024


def held(process: int) -> int:
    """Return the kilobytes that a process and those it began hold now, what they share once; 0 where nobody tells."""
    tree, told = Path(f"/proc/{process}"), 0
    with suppress(OSError, StopIteration):  # it ends just now
        lines = (tree / "smaps_rollup").read_text(encoding="ascii").splitlines()
        told = int(next(line for line in lines if line.startswith("Pss:")).split()[1])
        for thread in (tree / "task").iterdir():
            told += sum(map(held, map(int, (thread / "children").read_text(encoding="ascii").split())))
    return told


def median(command: Sequence[str], folder: Path, runs: int, fresh: bool = False) -> tuple[float, float]:
    """Return the medians of several runs, after one that is not counted; `fresh` removes the database before each."""
    figures = []
    for _ in range(runs + 1):
        if fresh:
            for path in folder.glob("review.db*"):
                path.unlink()
        figures.append(measured(command, folder))
    return statistics.median(f[0] for f in figures[1:]), max(f[1] for f in figures[1:])


def example(folder: Path) -> Path:
    """Copy the example review."""
    for part in ("data", "queries"):
        shutil.copytree(ROOT / part, folder / part)
    return folder


def made(folder: Path, count: int) -> Path:
    """Write the made review: same protocol and scheme as the example, `count` records, no decisions."""
    chance = random.Random(7)
    example(folder)
    words = []
    for path in sorted((folder / "data" / "searches").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines()[1:]:
            words += json.loads(line)["title"].split()
    shutil.rmtree(folder / "data" / "searches")
    shutil.rmtree(folder / "data" / "decisions")
    shutil.rmtree(folder / "data" / "rulings")
    (folder / "data" / "searches").mkdir()
    names = [f"{chance.choice('ABCDEFGH')}. {chance.choice(words).title()}{n}" for n in range(3000)]
    hits: list[dict[str, object]] = []
    for rank in range(1, count + 1):
        hit: dict[str, object] = {
            "title": " ".join(chance.choices(words, k=chance.randint(6, 16))),
            "authors": chance.sample(names, chance.randint(1, 6)),
            "year": chance.randint(2010, 2026),
            "abstract": " ".join(chance.choices(words, k=120)) if rank % 2 else "",
        }
        if hits and chance.random() < 0.05:
            hit = {**chance.choice(hits), "abstract": ""}
            hit["title"] = f"{str(hit['title']).upper()}."
        hits.append({**hit, "id": f"made-{rank:07}", "rank": rank})
    header = {"source": "made", "query": f"{count} records", "date": "2026-11-23"}
    lines = (json.dumps(entry) for entry in [header, *hits])
    (folder / "data" / "searches" / "made.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--records", type=int, default=10_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small, large = example(folder / "small"), made(folder / "large", arguments.records)
        bare, _ = median((sys.executable, "-c", "pass"), folder, arguments.runs)
        subprocess.run((*REVIEWDB, "build"), cwd=small, check=True, capture_output=True)

        def row(
            what: str, command: Sequence[str], at: Path, *, fresh: bool = False, runs: int = arguments.runs
        ) -> None:
            seconds, megabytes = median(command, at, runs, fresh)
            print(f"{what:44} {seconds:7.3f} s CPU  {seconds / bare:6.1f} x bare Python  {megabytes:6.0f} MB")

        print(f"{'bare Python':44} {bare:7.3f} s CPU")
        row("help", (*REVIEWDB, "--help"), small)
        row("search", (*REVIEWDB, "search", "brain mri"), small)
        row("table", (*REVIEWDB, "table", "table-4", "--json"), small)
        row("build, this review", (*REVIEWDB, "build"), small, fresh=True)
        row(f"build, {arguments.records} records", (*REVIEWDB, "build"), large, fresh=True, runs=3)
        row(
            f"one decision, {arguments.records} records",
            (*REVIEWDB, "tag", "made-0000001", "modality=oct", "--coder", "ana"),
            large,
        )
        row(f"search, {arguments.records} records", (*REVIEWDB, "search", "brain mri"), large)


if __name__ == "__main__":
    main()
