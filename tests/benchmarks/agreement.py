"""How often the 95 % intervals of the coefficients hold the true value, and how often there is one.

    python tests/benchmarks/agreement.py [--runs 1000]

Two coders (three for Fleiss' kappa) answer `n` made papers: the truth is drawn from `shares`, and each coder says it
with probability `knows`, else draws an answer from `shares`. The true value of a coefficient is that of 200,000 papers.
An interval should hold it in 95 % of the runs that have one.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from itertools import product
from typing import Any

from reviewdb import agreement
from reviewdb.agreement import Answer

LARGE = 200_000
SHARES = ((0.2, 0.1, 0.7), (0.1, 0.9), (0.5, 0.5))


def answers(
    chance: random.Random, shares: Sequence[float], knows: float, papers: int, coders: int
) -> list[tuple[Answer, ...]]:
    """Return what coders say of made papers."""
    codes = [frozenset([str(n)]) for n in range(len(shares))]

    def drawn() -> Answer:
        return chance.choices(codes, shares)[0]

    said = []
    for _ in range(papers):
        truth = drawn()
        said.append(tuple(truth if chance.random() < knows else drawn() for _ in range(coders)))
    return said


def main() -> None:
    """Print a line for each coefficient and each kind of papers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1000)
    runs = parser.parse_args().runs
    chance = random.Random(1)
    coefficients: list[tuple[str, Any, int]] = [
        ("cohen", agreement.cohen, 2),
        ("fleiss", agreement.fleiss, 3),
        ("alpha", agreement.alpha, 2),
    ]
    print(f"{'':7} {'shares':>15} {'knows':>5} {'true':>5} {'n':>4} {'holds':>6} {'width':>5} {'has one':>7}")
    for (name, coefficient, coders), shares, knows in product(coefficients, SHARES, (0.7, 0.9)):
        true = coefficient(answers(chance, shares, knows, LARGE, coders)).value
        for n in (20, 50, 100, 300):
            found = [coefficient(answers(chance, shares, knows, n, coders)) for _ in range(runs)]
            intervals = [estimate.interval for estimate in found if estimate and estimate.interval]
            holds = sum(low <= true <= high for low, high in intervals) / len(intervals)
            width = sum(high - low for low, high in intervals) / len(intervals)
            share = len(intervals) / runs
            mix = " ".join(map(str, shares))
            print(f"{name:7} {mix:>15} {knows:5} {true:5.2f} {n:4} {holds:6.1%} {width:5.2f} {share:7.1%}")


if __name__ == "__main__":
    main()
