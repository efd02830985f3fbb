"""Seconds that a sheet of answers, and a recoding of all of them, take from the command line.

    python tests/benchmarks/batches.py [--papers 10000]

A made review (the same every time; the coding scheme of the example) has `--papers` papers of which nothing is said.
A sheet with four answers a paper is tried and then taken, a sheet of verdicts is taken, the first sheet is given once
more (nothing is new), and then a code that two thirds of the answers name is renamed. Each is the program as a whole
process: seconds on the clock, and of CPU.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORDS = ("anomaly", "detection", "brain", "retina", "lung", "image", "network", "learning", "deep", "lesion", "tumor")


def make(folder: Path, papers: int) -> None:
    """Write a review and two sheets."""
    chance = random.Random(1)
    names = ["".join(chance.choice("bcdfglmnprst") + chance.choice("aeiou") for _ in range(3)) for _ in range(4000)]
    for part in ("data", "queries"):
        shutil.copytree(ROOT / part, folder / part)
    head = {"source": "made", "query": "x", "date": "2026-11-01"}
    with (
        (folder / "data/searches/2026-11-01-made.jsonl").open("w", encoding="utf-8") as hits,
        (folder / "codes.csv").open("w", encoding="utf-8") as codes,
        (folder / "verdicts.csv").open("w", encoding="utf-8") as verdicts,
    ):
        hits.write(json.dumps(head) + "\n")
        codes.write("id,modality,method,supervision,aim\n")
        verdicts.write("id,answer\n")
        for n in range(papers):
            title = " ".join(chance.sample(WORDS, 3) + chance.sample(names, 5))
            who = f"{chance.choice(names).title()} {chance.choice(names).title()}"
            hits.write(json.dumps({"id": f"m-{n}", "title": title, "authors": [who], "year": 2000 + n % 25}) + "\n")
            modality, method = chance.choice(["mri.brain", "ct;mri", "oct"]), chance.choice(["gan", "vae;gan", "pca"])
            codes.write(f"m-{n},{modality},{method},unsupervised,find {n}\n")
            verdicts.write(f"m-{n},{chance.choice(['include', 'exclude', 'maybe'])}\n")


def timed(folder: Path, *arguments: str) -> None:
    """Run the program and print what it took."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "reviewdb", *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{time.perf_counter() - began:6.1f} s {cpu:6.1f} s of CPU  reviewdb {' '.join(arguments)}")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--papers", type=int, default=10_000)
    papers = parser.parse_args().papers
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, papers)
        who = ("--coder", "ana")
        timed(folder, "build")
        timed(folder, "tag", "--from", "codes.csv", "--dry-run", *who)
        timed(folder, "tag", "--from", "codes.csv", *who)
        timed(folder, "screen", "--from", "verdicts.csv", *who)
        timed(folder, "tag", "--from", "codes.csv", *who)
        timed(folder, "scheme", "rename", "method", "gan", "adversarial", "--dry-run", *who)
        timed(folder, "scheme", "rename", "method", "gan", "adversarial", "--yes", *who)
        timed(folder, "scheme", "undo", "--yes", *who)


if __name__ == "__main__":
    main()
