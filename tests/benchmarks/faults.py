"""Faults: every write, sync, rename and truncation of a command fails in turn, or is where the process is killed.

    PYTHONPATH=tests python tests/benchmarks/faults.py [--each 12] [--commands tag import ...]

Each command is run once under strace to count its calls to the kernel on the files of the review. Then, for each kind
of call and each fault (ENOSPC, EIO, EACCES, SIGKILL), it is run again on a fresh copy of the review for every call in
turn, or for `--each` of them evenly spread, with the fault injected there. After each of these runs:

- every file of `data/` is as before, or as after, or ends in a line that was cut off: what was there is still there;
- a run that said it was done has all of its lines on disk;
- `check --repair` makes the text whole, deleting nothing, and `check` then finds nothing wrong;
- the same command, run again without a fault, ends well, and what stands is what one undisturbed run gives: nothing is
  missing, and nothing is there twice.

Linux with strace only. Prints a line for each command and kind of call: faults injected, runs that they ended, and runs
that broke a promise.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import processes
import scholar_server

from reviewdb import review
from reviewdb.folder import Review

#: Calls that change what is on disk, by kind.
KINDS: Mapping[str, tuple[str, ...]] = {
    "write": ("write", "pwrite64", "writev"),
    "sync": ("fsync", "fdatasync"),
    "rename": ("rename", "renameat", "renameat2"),
    "truncate": ("ftruncate", "truncate"),
    "remove": ("unlink", "unlinkat"),
}
FAULTS = ("error=ENOSPC", "error=EIO", "error=EACCES", "signal=KILL")
#: What a line says apart from when it was said.
_MOMENTS = re.compile(r'"\d{4}-\d\d-\d\dT[^"]*"|\d{4}-\d\d-\d\d-\d{4}-')
_CALL = re.compile(r"^\d+ +(\w+)\(")


@dataclass(frozen=True, slots=True)
class Command:
    """A command that writes, and what of the review says what stands after it."""

    arguments: tuple[str, ...]
    #: Files of the review that it adds to, by pattern.
    writes: str
    #: Files to make before it.
    files: Mapping[str, str] = field(default_factory=dict)


COMMANDS: Mapping[str, Command] = {
    "tag": Command(("tag", "baur2018deep", "method=vae", "modality=ct", "--coder", "ana"), "data/decisions/*.jsonl"),
    "screen": Command(
        ("screen", "baur2018deep", "exclude", "--reason", "preprint", "--coder", "ana"), "data/decisions/*.jsonl"
    ),
    "tag --from": Command(
        ("tag", "--from", "codes.csv", "--coder", "ana"),
        "data/decisions/*.jsonl",
        {"codes.csv": "key,modality,method\nbaur2018deep,mri.brain,vae\nschlegl2017unsupervised,oct,gan\n"},
    ),
    "dedupe same": Command(
        ("dedupe", "same", "schlegl2017unsupervised", "schlegl2019fanogan", "--coder", "ana"), "data/rulings/*.jsonl"
    ),
    "scheme rename": Command(
        ("scheme", "rename", "method", "gan", "adversarial", "--coder", "ana", "--yes"), "data/**/*.*"
    ),
    "import": Command(
        ("import", "library.ris"),
        "data/searches/*.jsonl",
        {"library.ris": "".join(f"TY  - JOUR\nTI  - Outliers that {n} saw\nPY  - 2021\nER  - \n" for n in range(40))},
    ),
    "harvest": Command(
        ("harvest", "--term", "anomaly detection medical imaging", "--pages", "2"), "data/searches/*.jsonl"
    ),
    "build": Command(("build", "--fresh"), "data/**/*.*"),
    "publish": Command(("publish", "site"), "data/**/*.*"),
}


def run(folder: Path, arguments: tuple[str, ...], environment: Mapping[str, str], *strace: str) -> int:
    """Run the program, under strace if asked; return its exit code (negative: the signal that ended it)."""
    traced = ["strace", "-f", "-qq", "-o", str(folder.parent / "calls"), *strace] if strace else []
    command = [*traced, sys.executable, "-m", "reviewdb", *arguments]
    done = subprocess.run(command, cwd=folder, env={**os.environ, **environment}, capture_output=True, check=False)
    if b"Traceback" in done.stderr:
        raise SystemExit(f"{command}: a traceback\n{done.stderr.decode()}")
    return done.returncode


def calls(folder: Path, command: Command, environment: Mapping[str, str], kind: str) -> Counter[str]:
    """Return how often each call of a kind is made on files of the review."""
    names = KINDS[kind]
    run(folder, command.arguments, environment, "-e", f"trace={','.join(names)}", "-y", *_only(folder))
    lines = (folder.parent / "calls").read_text(encoding="utf-8", errors="replace").splitlines()
    return Counter(found.group(1) for line in lines if (found := _CALL.match(line)))


def said(folder: Path, pattern: str) -> list[str]:
    """Return what the files say, without moments and names that hold one: the same for every undisturbed run."""
    texts = (path.read_text(encoding="utf-8") for path in sorted(folder.glob(pattern)) if path.is_file())
    return sorted(_MOMENTS.sub('"-"', line) for text in texts for line in text.splitlines())


def spread(count: int, each: int) -> Iterator[int]:
    """Yield the numbers of calls to disturb, from 1."""
    step = max(count / each, 1) if each else 1
    yield from sorted({int(n * step) + 1 for n in range(min(count, each or count))})


def broken(base: Path, folder: Path, command: Command, environment: Mapping[str, str], code: int) -> Iterator[str]:
    """Yield the promises that a disturbed run has broken."""
    before, after = said(base, command.writes), said(base.parent / "after", command.writes)
    now = said(folder, command.writes)
    grows = command.arguments[0] != "scheme"
    yield from (f"lost {line[:80]}" for line in before if grows and line not in now)
    if code == 0 and now != after:
        yield "said that it was done, and it is not"
    if run(folder, ("check", "--repair"), environment) not in (0, 1):
        yield "check --repair ended with an error"
    yield from (f"after check --repair: {problem}" for problem in review.load(Review(folder)).problems if grows)
    if run(folder, command.arguments, environment):
        yield "run again, it fails"
    if run(folder, ("check",), environment):
        yield "after it was run again, check finds something wrong"
    if said(folder, command.writes) != after:
        yield "run again, it does not come to the same"


def disturb(root: Path, name: str, each: int, environment: Mapping[str, str]) -> None:
    """Print what came of disturbing one command."""
    command = COMMANDS[name]
    base, after = root / "base", root / "after"
    shutil.rmtree(after, ignore_errors=True)
    shutil.copytree(base, after)
    for file, text in command.files.items():
        for folder in (base, after):
            (folder / file).write_text(text, encoding="utf-8")
    if run(after, command.arguments, environment):
        raise SystemExit(f"{name}: fails without a fault")
    for kind in KINDS:
        folder = root / "counted"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(base, folder)
        counted = calls(folder, command, environment, kind)
        injected = felt = 0
        faults = []
        for call, number in counted.items():
            for fault in FAULTS:
                for when in spread(number, each):
                    folder = root / "disturbed"
                    shutil.rmtree(folder, ignore_errors=True)
                    shutil.copytree(base, folder)
                    inject = ("-e", f"trace={call}", *_only(folder), "-e", f"inject={call}:{fault}:when={when}")
                    code = run(folder, command.arguments, environment, *inject)
                    injected, felt = injected + 1, felt + bool(code)
                    if wrong := next(broken(base, folder, command, environment, code), ""):
                        faults.append(f"{call} {when} {fault}: {wrong}")
        print(
            f"{name:14} {kind:9} {sum(counted.values()):5} calls {injected:5} faults {felt:5} ended the command"
            f" {len(faults):3} broke a promise",
            flush=True,
        )
        for fault in faults[:5]:
            print(f"    {fault}")


def _only(folder: Path) -> Iterator[str]:
    """Yield the options that keep faults to the files of a review, there already or to come."""
    paths = {path for path in folder.rglob("*") if path.is_file()}
    paths |= {folder / "data" / kind / "ana.jsonl" for kind in ("decisions", "rulings")}
    paths |= {Path(f"{folder / 'review.db'}{end}") for end in ("", "-wal", "-shm", "-journal")}
    for path in sorted(paths):
        yield from ("-P", str(path))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--each", type=int, default=12, help="calls of a kind to disturb; 0: every one")
    parser.add_argument("--commands", nargs="*", default=list(COMMANDS), choices=list(COMMANDS))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, scholar_server.serving() as scholar:
        root = Path(name)
        environment = {"REVIEWDB_SCHOLAR_URL": scholar.url, "REVIEWDB_PACE": "0"}
        base = processes.example(root / "base")
        run(base, ("build",), environment)
        for command in arguments.commands:
            disturb(root, command, arguments.each, environment)


if __name__ == "__main__":
    main()
