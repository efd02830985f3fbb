"""The ranking side by side with ASReview, and what the estimate of the recall is worth, on labelled screenings.

    python tests/benchmarks/ranking.py FOLDER [--seeds 3] [--asreview .venv/bin/asreview]
    python tests/benchmarks/ranking.py FOLDER --recall [--seeds 20]

FOLDER holds CSV files with `title`, `abstract` and `label_included`. Without `--recall`, both programs replay each file
as whole processes (start-up and reading included), once a seed, from the same included and the same excluded record;
ASReview with its default model (`pip install 'reviewdb[bench]'`). The figures are those of asreview-insights, and
WSS@95 also as Cohen et al. 2006 define it: at the first record where 95 % are found.

With `--recall`, it prints at several points of the screening how much is found, what the estimate says and how far it
is off, the mean ends of its interval, and how often the truth lies in it: by the order; by a sample of 100 of what is
left; and by the order of a screening by chance alone, which is the least that the first rests on, beside the bound of
Callaghan & Müller-Hansen that takes the best of all moments. Then what somebody finds who stops after 50 irrelevant
papers in a row, and what the estimate says at that moment.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import accumulate
from pathlib import Path

from processes import REVIEWDB, measured

from reviewdb import discovery, ranking, recall, simulating

SHARES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8)
SAMPLE = 100
IN_A_ROW = 50

Figures = dict[str, float]


def cohen(labels: Sequence[int]) -> float:
    """Return WSS@95 at the first record where 95 % are found."""
    wanted = math.ceil(0.95 * sum(labels))
    read = next(n for n, found in enumerate(accumulate(labels), 1) if found >= wanted)
    return (len(labels) - read) / len(labels) - 0.05


def figures(labels: Sequence[int]) -> Figures:
    """Return the figures of an order."""
    return {
        "WSS@95": discovery.wss(labels, 0.95),
        "Cohen": cohen(labels),
        "recall@10": discovery.recall_at(labels, 0.1),
        "ATD": discovery.atd(labels),
    }


def ours(path: Path, seed: int, screening: simulating.Labelled, folder: Path) -> Figures:
    """Run our program for its time and memory, and the same replay again for its order."""
    command = (*REVIEWDB, "rank", "--simulate", str(path), "--seed", str(seed), "--json")
    said = json.loads(subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout)
    begun = time.perf_counter()
    cpu, megabytes = measured(command, folder)
    spent = {"seconds": time.perf_counter() - begun, "CPU": cpu, "MB": megabytes}
    done = ranking.replay(screening.texts, screening.labels, seed, lambda *_: None)
    found = figures([screening.labels[n] for n in done.order])
    if abs(found["WSS@95"] - said["wss_95"]) > 1e-4 or abs(found["ATD"] - said["atd"]) > 1e-2:
        raise SystemExit(f"{path}: the program says {said}, the replay {found}")
    return found | spent


def theirs(program: str, path: Path, seed: int, screening: simulating.Labelled, folder: Path) -> Figures:
    """Run ASReview, and read the order from its project file."""
    project = folder / f"{path.stem}-{seed}.asreview"
    first = [str(n) for n in ranking.prior(screening.labels, seed)]
    command = (program, "simulate", str(path), "--prior-idx", *first, "--seed", str(seed), "-o", str(project))
    begun = time.perf_counter()
    cpu, megabytes = measured(command, folder)
    spent = {"seconds": time.perf_counter() - begun, "CPU": cpu, "MB": megabytes}
    with zipfile.ZipFile(project) as archive:
        name = next(name for name in archive.namelist() if name.endswith("results.db"))
        archive.extract(name, folder)
    with closing(sqlite3.connect(folder / name)) as connection:
        asked = "SELECT label FROM results WHERE training_set IS NOT NULL ORDER BY rowid"
        labels = [int(label) for (label,) in connection.execute(asked)]
    return figures(labels + [0] * (len(screening.labels) - len(first) - len(labels))) | spent


def side_by_side(paths: Iterable[Path], seeds: int, asreview: str) -> None:
    """Print the means of both."""
    with tempfile.TemporaryDirectory() as name:
        for path in paths:
            screening = simulating.labelled(path)
            print(f"{path.stem}: {len(screening.labels)} records, {sum(screening.labels)} included, {seeds} seeds")
            for who in ("reviewdb", "asreview"):
                runs = [
                    ours(path, seed, screening, Path(name))
                    if who == "reviewdb"
                    else theirs(asreview, path, seed, screening, Path(name))
                    for seed in range(seeds)
                ]
                means = {key: statistics.mean(run[key] for run in runs) for key in runs[0]}
                least = min(run["WSS@95"] for run in runs)
                print(
                    f"  {who}  WSS@95 {means['WSS@95']:.3f} (least {least:.3f}, as Cohen has it {means['Cohen']:.3f})"
                    f"  recall@10% {means['recall@10']:.3f}  ATD {means['ATD']:6.1f}  {means['seconds']:5.1f} s,"
                    f" {means['CPU']:5.1f} s CPU, {means['MB']:.0f} MB",
                    flush=True,
                )


def best_of_all(labels: Sequence[int], papers: int) -> float:
    """Return the lower bound that takes the best of all moments."""
    found, most = sum(labels), sum(labels) + papers - len(labels)
    since = list(accumulate(reversed(labels)))

    def can_be(relevant: int) -> bool:
        return all(
            recall.hypergeometric(hits, papers - len(labels) + size, relevant - found + hits, size) > 1 - recall.LEVEL
            for size, hits in enumerate(since, 1)
        )

    low = found
    while low < most:
        middle = (low + most + 1) // 2
        low, most = (middle, most) if can_be(middle) else (low, middle - 1)
    return found / low


def worth(paths: Iterable[Path], seeds: int) -> None:
    """Print what the estimate says at several points, and how often its interval holds the truth."""
    for path in paths:
        screening = simulating.labelled(path)
        orders = []
        for seed in range(seeds):
            done = ranking.replay(screening.texts, screening.labels, seed, lambda *_: None)
            orders.append([screening.labels[n] for n in (*done.prior, *done.order)])
        print(f"{path.stem}: {len(screening.labels)} records, {sum(screening.labels)} included, {seeds} seeds")
        print(f"{'':17}{'by order':^34}  {'by sample':^34}  {'by chance':>14} {'best of':>8}")
        columns = " ".join(f"{name:>6}" for name in ("about", "off", "from", "to", "holds"))
        print(f"screened   found  {columns}  {columns}  {'holds':>14} {'all':>8}")
        for share in SHARES:
            _row(share, orders)
        _stopped(orders)


def _row(share: float, orders: Sequence[Sequence[int]]) -> None:
    """Print one point of the screening: what is found, and what each way to estimate it says."""
    chance = random.Random(round(share * 100))
    by_order, by_sample, by_chance, best = _Told(), _Told(), _Told(), _Told()
    for labels in orders:
        papers, of = len(labels), sum(labels)
        screened = labels[: round(share * papers)]
        left = chance.sample(labels[len(screened) :], papers - len(screened))
        by_order.add(recall.by_order(screened, papers), sum(screened) / of)
        drawn = [*screened, *left[:SAMPLE]]
        by_sample.add(recall.by_sample(drawn, papers, range(len(screened), len(drawn))), sum(drawn) / of)
        shuffled = chance.sample(labels, papers)[: len(screened)]
        if said := recall.by_order(shuffled, papers):
            by_chance.add(said, sum(shuffled) / of)
            best.add(replace(said, low=best_of_all(shuffled, papers)), sum(shuffled) / of)
    print(
        f"{share:8.0%} {by_order.mean('truth'):6.2f}  {by_order}  {by_sample}"
        f"  {by_chance.mean('holds'):14.0%} {best.mean('holds'):8.0%}",
        flush=True,
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """What one way to estimate the recall said, over the seeds, and how it really was."""

    figures: list[Figures] = field(default_factory=list)

    def add(self, said: recall.Recall | None, truth: float) -> None:
        if said:
            guessed = {} if said.estimate is None else {"about": said.estimate, "off": abs(said.estimate - truth)}
            holds = said.low - 1e-9 <= truth <= said.high + 1e-9
            self.figures.append({"truth": truth, "from": said.low, "to": said.high, "holds": holds, **guessed})

    def mean(self, key: str) -> float:
        values = [one[key] for one in self.figures if key in one]
        return statistics.mean(values) if values else math.nan

    def __str__(self) -> str:
        shown = " ".join(f"{self.mean(key):6.2f}" for key in ("about", "off", "from", "to"))
        return f"{shown} {self.mean('holds'):6.0%}"


def _stopped(orders: Sequence[Sequence[int]]) -> None:
    found, low = [], []
    for labels in orders:
        screened = discovery.stopped_after(labels, IN_A_ROW)
        said = recall.by_order(labels[:screened], len(labels))
        found.append(sum(labels[:screened]) / sum(labels))
        low.append(said.low if said else 0)
    held = sum(a <= b for a, b in zip(low, found, strict=True))
    print(
        f"stopped after {IN_A_ROW} irrelevant in a row: found {min(found):.2f} at worst, {statistics.mean(found):.2f}"
        f" in the mean; the interval then begins at {low[found.index(min(found))]:.2f}, {statistics.mean(low):.2f} in"
        f" the mean, {max(low):.2f} at most, and holds {held} times of {len(found)}"
    )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--recall", action="store_true")
    parser.add_argument("--asreview", default=str(Path(sys.executable).with_name("asreview")))
    arguments = parser.parse_args()
    paths = sorted(arguments.folder.glob("*.csv"))
    if arguments.recall:
        worth(paths, arguments.seeds)
    else:
        side_by_side(paths, arguments.seeds, arguments.asreview)


if __name__ == "__main__":
    main()
