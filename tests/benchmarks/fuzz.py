"""Fuzzing: far more hostile input than the suite throws, by the properties of tests/fuzzing.py.

    PYTHONPATH=tests python tests/benchmarks/fuzz.py [--examples 20000] [--targets import toml ...]
    pip install atheris
    PYTHONPATH=tests python tests/benchmarks/fuzz.py --guided import --seconds 600

Without `--guided`, hypothesis puts pieces of every format together, and prints inputs and crashes for each target.
With it, atheris (Linux, CPython 3.11 to 3.13) changes inputs by which branches they reach, from the samples of the
tests on, and stops at the first crash, whose input it leaves in a file `crash-...`: mend it, and add it to
tests/samples/hostile.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from pathlib import Path

import processes
from fuzzing import Target, Targets, inputs
from hypothesis import HealthCheck, Phase, given, settings

from reviewdb import build
from reviewdb.folder import Review

SAMPLES = Path(__file__).parents[1] / "samples"


def throw(target: Target, examples: int) -> tuple[int, str]:
    """Throw examples at a target until one breaks it; return how many were thrown, and how it broke."""
    thrown = 0

    @settings(
        max_examples=examples, database=None, deadline=None, suppress_health_check=list(HealthCheck), phases=list(Phase)
    )
    @given(inputs(60))
    def each(data: bytes) -> None:
        nonlocal thrown
        thrown += 1
        target(data)

    try:
        each()
    except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
        return thrown, traceback.format_exc()
    return thrown, ""


def guided(target: Target, seconds: int) -> None:
    """Have atheris look for what breaks a target."""
    import atheris  # noqa: PLC0415 - installed by hand

    atheris.instrument_all()
    with tempfile.TemporaryDirectory() as corpus:
        for number, path in enumerate(path for path in SAMPLES.rglob("*") if path.is_file()):
            (Path(corpus) / str(number)).write_bytes(path.read_bytes()[:100_000])
        atheris.Setup([sys.argv[0], f"-max_total_time={seconds}", "-max_len=20000", "-timeout=30", corpus], target)
        atheris.Fuzz()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--examples", type=int, default=20_000)
    parser.add_argument("--targets", nargs="*")
    parser.add_argument("--guided")
    parser.add_argument("--seconds", type=int, default=600)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        place = Review(processes.example(Path(name) / "review"))
        build.refresh(place)
        targets = Targets(place)
        if arguments.guided:
            guided(targets.named[arguments.guided], arguments.seconds)
        for called in arguments.targets or targets.named:
            begun = time.perf_counter()
            thrown, broken = throw(targets.named[called], arguments.examples)
            seconds = time.perf_counter() - begun
            print(
                f"{called:12} {thrown:7} inputs {seconds:7.0f} s  {'BROKEN' if broken else 'none broke it'}", flush=True
            )
            if broken:
                print(broken, flush=True)
        targets.close()


if __name__ == "__main__":
    main()
