"""Faults: calls of a command to the kernel fail, or are where it is killed; tests/faulting.py has what must hold.

    PYTHONPATH=tests python tests/benchmarks/faults.py [--each 4] [--commands tag import ...] [--kinds write sync ...]

Each command is run once under strace to see its calls on the files of the review. Then it is run again on a copy of
the review for `--each` calls of every name, evenly spread, with a fault injected there: ENOSPC, EIO, EACCES and
SIGKILL in turn (`--each 0`: each of them at every call). `short` lets no file grow beyond a limit, so that a line is
cut off in its middle, and kills the program before it can take the half back.

Linux with strace only. Prints a line for each command and kind of call: faults injected, runs that they ended, and runs
that broke a promise; the last line sums up.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Mapping
from itertools import cycle
from pathlib import Path
from typing import TypeVar

import faulting
import scholar_server
from faulting import COMMANDS, FAULTS, KINDS, Place

SHORT = "short"
Item = TypeVar("Item")


def spread(items: list[Item], each: int) -> Iterator[Item]:
    """Yield `each` of `items`, from the first to the last; one several times where there are fewer."""
    yield from (items[n * (len(items) - 1) // max(each - 1, 1)] for n in range(each) if items)


def strikes(
    root: Path, name: str, kind: str, each: int, environment: Mapping[str, str]
) -> Iterator[tuple[Place, str, int | None]]:
    """Yield where a command is to be disturbed, by which fault, and how long files may grow."""
    if kind == SHORT:
        before, after = ((root / name / faulting.GROWING).stat().st_size for name in ("base", "after"))
        yield from (
            (Place("write", 2), "signal=KILL", limit) for limit in spread(list(range(before + 1, after)), each or 40)
        )
        return
    found = faulting.places(faulting.fresh(root, "counted"), COMMANDS[name], environment, kind)
    for of_call in found.values():
        if each:
            yield from ((place, fault, None) for place, fault in zip(spread(of_call, each), cycle(FAULTS)))
        else:
            yield from ((place, fault, None) for place in of_call for fault in FAULTS)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--each", type=int, default=4, help="strikes at the calls of a name; 0: all")
    parser.add_argument("--commands", nargs="*", default=list(COMMANDS), choices=list(COMMANDS))
    parser.add_argument("--kinds", nargs="*", default=[*KINDS, SHORT], choices=[*KINDS, SHORT])
    arguments = parser.parse_args()
    all_ = ended_all = broke_all = 0
    with tempfile.TemporaryDirectory() as folder, scholar_server.serving() as scholar:
        root = Path(folder).resolve()
        environment = {"REVIEWDB_SCHOLAR_URL": scholar.url, "REVIEWDB_PACE": "0"}
        faulting.base(root / "base", environment)
        for name in arguments.commands:
            faulting.prepare(root, name, environment)
            for kind in arguments.kinds:
                injected = ended = 0
                broke: list[str] = []
                for place, fault, limit in strikes(root, name, kind, arguments.each, environment):
                    code, wrong = faulting.strike(root, name, environment, place, fault, limit)
                    injected, ended = injected + 1, ended + bool(code)
                    broke += [f"{place} {fault} {limit or ''}: {'; '.join(wrong)}"] if wrong else []
                print(
                    f"{name:14} {kind:9} {injected:5} faults {ended:5} ended it {len(broke):3} broke a promise",
                    flush=True,
                )
                for one in broke[:5]:
                    print(f"    {one}", flush=True)
                all_, ended_all, broke_all = all_ + injected, ended_all + ended, broke_all + len(broke)
    print(f"{all_} faults, {ended_all} ended the command, {broke_all} broke a promise")


if __name__ == "__main__":
    main()
