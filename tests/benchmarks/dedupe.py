"""Accuracy, seconds and memory of deduplication, side by side with bib-dedupe, and how they grow.

    pip install -e '.[bench]'
    python tests/benchmarks/dedupe.py FOLDER... [--runs 3] [--alone]
    python tests/benchmarks/dedupe.py --growth 1000 10000 100000 1000000 [--against 5000 20000]
    python tests/benchmarks/dedupe.py --ruling 10000

A FOLDER is a labelled set, or holds some: records.csv (id, title, authors, year, venue, volume, number, pages, doi) and
clusters.csv (id, cluster_id). Each program runs as a whole process, from the file to the clusters, start-up included;
the figures are the median of --runs. Precision, recall and F1 are of pairs of records in one cluster; "seen" is the
recall of what was merged or handed to people, "doubtful" what was handed to them, in per cent of the true pairs; a work
is lost where all of its records were removed as duplicates of another one.

--growth runs on records made by made_records.py, and --against has bib-dedupe run on made sets of these sizes too.
--ruling says what one ruling costs in a made review of so many records, beside a whole build.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import made_records
import processes

BIB_DEDUPE = """
import sys
import pandas as pd
from bib_dedupe.bib_dedupe import block, cluster, match, prep
given = pd.read_csv(sys.argv[1], dtype=str, keep_default_na=False)
given = given.rename(columns={"id": "ID", "authors": "author", "venue": "journal"})
given["ENTRYTYPE"] = "article"
given["booktitle"] = given["series"] = given["abstract"] = ""
matched = match(block(prep(given, cpu=2), cpu=2), cpu=2)
groups = cluster(matched)
pd.DataFrame([(i, g[0]) for g in groups for i in g], columns=["id", "cluster_id"]).to_csv(sys.argv[2], index=False)
"""

Clusters = dict[str, str]
Pairs = set[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a whole process took."""

    seconds: float
    cpu: float
    megabytes: float


def run(command: Sequence[str]) -> Cost:
    """Run a program; its memory is that of all of its processes, asked for twenty times a second where Linux tells."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, cwd=tempfile.gettempdir(), stdout=subprocess.DEVNULL, stderr=said)
        most = 0.0
        while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            most = max(most, sum(map(megabytes, [process.pid, *children(process.pid)])))
            time.sleep(0.05)
        seconds = time.perf_counter() - start
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status
        if status:
            said.seek(0)
            raise SystemExit(f"{' '.join(command)} failed:\n{said.read().decode(errors='replace')[-2000:]}")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, max(most, usage.ru_maxrss / 1024))


def children(process: int) -> Iterator[int]:
    """Yield the processes that a process began, and those that these began."""
    try:
        began = (Path("/proc") / str(process) / "task" / str(process) / "children").read_text().split()
    except OSError:
        return
    for child in map(int, began):
        yield child
        yield from children(child)


def megabytes(process: int) -> float:
    """Return the memory of a process; what it shares is counted in parts. 0 where the system does not tell."""
    try:
        lines = (Path("/proc") / str(process) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:"))


def median(command: Sequence[str], runs: int) -> Cost:
    """Return the median of several runs."""
    costs = [run(command) for _ in range(runs)]
    return Cost(*(statistics.median(getattr(cost, field) for cost in costs) for field in Cost.__slots__))  # type: ignore[attr-defined]


def ours(records: Path, out: Path) -> list[str]:
    """Return the command that clusters a file with this program."""
    links = str(out.with_suffix(".links"))
    return [*processes.REVIEWDB, "dedupe", "--records", str(records), "-o", str(out), "--links", links]


def theirs(records: Path, out: Path) -> list[str]:
    """Return the command that clusters a file with bib-dedupe."""
    return [sys.executable, "-W", "ignore", "-c", BIB_DEDUPE, str(records), str(out)]


def clusters(path: Path) -> Clusters:
    """Read id, cluster_id."""
    with path.open(encoding="utf-8", newline="") as handle:
        return {row["id"]: row["cluster_id"] for row in csv.DictReader(handle)}


def pairs(found: Clusters) -> Pairs:
    """Return every two records of one cluster."""
    members = defaultdict(list)
    for id_ in sorted(found):
        members[found[id_]].append(id_)
    return {pair for ids in members.values() for pair in combinations(ids, 2)}


def doubtful(path: Path) -> Pairs:
    """Read the pairs that were handed to people."""
    with path.open(encoding="utf-8", newline="") as handle:
        return {(row["a"], row["b"]) for row in csv.DictReader(handle) if row["relation"] == "doubtful"}


def lost(truth: Clusters, found: Clusters) -> int:
    """Count the works that have no record left when the best record of each cluster is kept."""
    members = defaultdict(list)
    places = defaultdict(set)
    for id_, work in truth.items():
        members[found.get(id_, id_)].append(id_)
        places[work].add(found.get(id_, id_))
    kept = {truth[min(ids, key=lambda id_: (len(places[truth[id_]]), id_))] for ids in members.values()}
    return len(set(truth.values()) - kept)


def accuracy(truth: Clusters, found: Clusters, handed: Pairs) -> str:
    """Return the figures of a row."""
    true, said = pairs(truth), pairs({id_: found.get(id_, f"alone:{id_}") for id_ in truth})
    right = len(true & said)
    precision, recall = right / max(len(said), 1), right / max(len(true), 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    seen = len(true & (said | handed)) / max(len(true), 1)
    return (
        f"P {precision:.4f}  R {recall:.4f}  F1 {f1:.4f}  seen {seen:.4f}  "
        f"doubtful {100 * len(handed) / max(len(true), 1):4.1f} %  lost {lost(truth, found)}"
    )


def compare(folder: Path, runs: int, alone: bool) -> None:
    """Print a row for each program on one labelled set."""
    truth = clusters(folder / "clusters.csv")
    print(f"{folder.name}: {len(truth):,} records, {len(pairs(truth)):,} true pairs")
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "ours.csv"
        mine = median(ours(folder / "records.csv", out), runs)
        row("reviewdb", mine, accuracy(truth, clusters(out), doubtful(out.with_suffix(".links"))))
        if alone:
            return
        out = Path(name) / "theirs.csv"
        other = median(theirs(folder / "records.csv", out), max(runs // 2, 1))
        row("bib-dedupe", other, accuracy(truth, clusters(out), set()))
        print(
            f"    {other.seconds / mine.seconds:.1f} times as many records a second, "
            f"{mine.megabytes / other.megabytes:.2f} of the memory"
        )


def row(who: str, cost: Cost, figures: str = "") -> None:
    """Print a row."""
    print(f"    {who:11} {cost.seconds:8.2f} s {cost.cpu:8.2f} s CPU {cost.megabytes:6.0f} MB  {figures}", flush=True)


def grow(sizes: Sequence[int], against: Sequence[int], runs: int) -> None:
    """Print a row for each made size, with its growth beside that of n log n."""
    before: tuple[int, Cost] | None = None
    with tempfile.TemporaryDirectory() as name:
        for size in sizes:
            out = Path(name) / "out.csv"
            folder = made_records.write(Path(name) / str(size), size)
            cost = median(ours(folder / "records.csv", out), runs if size <= 100_000 else 1)
            truth = clusters(folder / "clusters.csv")
            row(f"{size:,}", cost, accuracy(truth, clusters(out), doubtful(out.with_suffix(".links"))))
            if before:
                allowed = size * math.log(size) / (before[0] * math.log(before[0]))
                print(f"        {cost.cpu / before[1].cpu:.1f} times the CPU of the row before; n log n: {allowed:.1f}")
            before = size, cost
        for size in against:
            compare(made_records.write(Path(name) / f"made-{size}", size), runs, alone=False)


def rule(size: int) -> None:
    """Print what one ruling costs beside a whole build."""
    with tempfile.TemporaryDirectory() as name:
        folder = processes.made(Path(name), size)
        whole, _ = processes.measured([*processes.REVIEWDB, "build"], folder)
        idle = statistics.median(processes.measured([*processes.REVIEWDB, "status"], folder)[0] for _ in range(3))
        said = ["dedupe", "same", "made-0000001", "made-0000002", "--coder", "ana"]
        one, _ = processes.measured([*processes.REVIEWDB, *said], folder)
        asked = json.loads(subprocess.check_output([*processes.REVIEWDB, "dedupe", "--json"], cwd=folder))
        print(f"{size:,} records, {asked['papers']:,} papers: a whole build takes {whole:.2f} s CPU,")
        print(f"    one ruling {one:.2f} s CPU, start-up included (status, which changes nothing: {idle:.2f} s)")


def sets(folders: Sequence[Path]) -> Iterator[Path]:
    """Yield the labelled sets in some folders."""
    for folder in folders:
        found = sorted(path.parent for path in folder.resolve().rglob("clusters.csv"))
        if not found:
            raise SystemExit(f"{folder}: there is no clusters.csv in it")
        yield from found


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--alone", action="store_true")
    parser.add_argument("--growth", type=int, nargs="*", default=[])
    parser.add_argument("--against", type=int, nargs="*", default=[])
    parser.add_argument("--ruling", type=int, default=0)
    arguments = parser.parse_args()
    print(f"{len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()} cores")
    for folder in sets(arguments.folders):
        compare(folder, arguments.runs, arguments.alone)
    grow(arguments.growth, arguments.against, arguments.runs)
    if arguments.ruling:
        rule(arguments.ruling)


if __name__ == "__main__":
    main()
