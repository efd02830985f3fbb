"""Faults: a call to the kernel of one run of the program fails, or is where it is killed, and what must hold after it.

After such a run:

- every line of `data/` that was there is there still;
- a run that said it was done has all of its lines on disk;
- where the text is not whole, `check` says so and names `check --repair`, which makes it whole and deletes nothing;
- the same command, run again without a fault, ends well, `check` then finds nothing wrong, and what stands is what one
  undisturbed run gives: nothing is missing, and nothing is there twice.

Linux with strace only.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reviewdb import checking, review
from reviewdb.folder import Review

#: Calls on files, by kind.
KINDS: Mapping[str, tuple[str, ...]] = {
    "write": ("write", "pwrite64", "writev"),
    "sync": ("fsync", "fdatasync"),
    "rename": ("rename", "renameat", "renameat2"),
    "truncate": ("ftruncate", "truncate"),
    "remove": ("unlink", "unlinkat", "rmdir"),
    "open": ("openat",),
    "make": ("mkdir", "mkdirat"),
    "read": ("read", "pread64"),
}
#: A file of decisions that is there already, and grows.
GROWING = "data/decisions/mini-review.jsonl"
FAULTS = ("error=ENOSPC", "error=EIO", "error=EACCES", "signal=KILL")
#: What a line says apart from when it was said.
_MOMENTS = re.compile(r'"\d{4}-\d\d-\d\dT[^"]*"|\d{4}-\d\d-\d\d-\d{4}-[a-z-]+-\d-[0-9a-f]{6}-|(?<="date": )"[^"]*"')
_CALL = re.compile(r"^(\d+) +(\w+)\(")


@dataclass(frozen=True, slots=True)
class Command:
    """A command that writes, and which files of the review say what stands after it."""

    arguments: tuple[str, ...]
    writes: str
    #: Files to make before it.
    files: Mapping[str, str] = field(default_factory=dict)
    #: It adds lines, and takes none away.
    grows: bool = True
    #: Where it was done, it has nothing left to do when it is run again, and says so.
    once: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fault strikes: at the nth of the calls of a name that one thread makes."""

    call: str
    nth: int


COMMANDS: Mapping[str, Command] = {
    "tag": Command(("tag", "baur2018deep", "method=vae", "modality=ct", "--coder", "ana"), "data/decisions/*.jsonl"),
    "screen": Command(
        ("screen", "baur2018deep", "exclude", "--reason", "preprint", "--coder", "ana"), "data/decisions/*.jsonl"
    ),
    "tag --from": Command(
        ("tag", "--from", "codes.csv", "--coder", "mini-review"),
        "data/decisions/*.jsonl",
        {"codes.csv": "key,modality,method\nbaur2018deep,ct,gan\nschlegl2017unsupervised,ct,vae\n"},
    ),
    "dedupe same": Command(
        ("dedupe", "same", "2021-mini-review-002", "2021-mini-review-003", "--coder", "ana"), "data/rulings/*.jsonl"
    ),
    "scheme rename": Command(
        ("scheme", "rename", "method", "gan", "adversarial", "--coder", "ana", "--yes"), "data/**/*.*", grows=False
    ),
    "scheme undo": Command(("scheme", "undo", "--coder", "eve", "--yes"), "data/**/*.*", grows=False, once=True),
    "correct": Command(("correct", "baur2018deep", "title=Of brains", "--coder", "ana"), "data/searches/*.jsonl"),
    "import": Command(
        ("import", "library.ris"),
        "data/searches/*.jsonl",
        {"library.ris": "".join(f"TY  - JOUR\nTI  - Outliers that {n} saw\nPY  - 2021\nER  - \n" for n in range(40))},
    ),
    "harvest": Command(
        ("harvest", "--source", "scholar", "--term", "anomaly detection medical imaging", "--pages", "2"),
        "data/searches/*.jsonl",
    ),
    "build": Command(("build", "--fresh"), "data/**/*.*"),
    "publish": Command(("publish", "site"), "data/**/*.*"),
}


def base(folder: Path, environment: Mapping[str, str]) -> Path:
    """Make the review that faults strike: a built copy of the example, in which one coder has renamed a code."""
    for part in ("data", "queries"):
        shutil.copytree(Path(__file__).parents[1] / part, folder / part)
    if run(folder, ("scheme", "rename", "modality", "oct", "tomography", "--coder", "eve", "--yes"), environment):
        raise AssertionError("the review for faults cannot be made")
    # Larger than any other file, so that a limit for files stops the journal in the middle of a line, and it alone.
    with (folder / GROWING).open("ab") as handle:
        handle.write(b" " * 8_000_000 + b"\n")
    return folder


def run(
    folder: Path, arguments: tuple[str, ...], environment: Mapping[str, str], *strace: str, limit: int | None = None
) -> int:
    """Run the program, under strace if asked; return its exit code (above 128 or negative: a signal ended it).

    With `limit`, no file may grow beyond so many bytes: a write stops in the middle, as on a full disk.
    """
    # With this filter, the kernel stops at no other calls, but delivers no signal where it stops.
    quick = [] if any("signal=" in option for option in strace) else ["--seccomp-bpf"]
    traced = ["strace", "-f", *quick, "-qq", "-y", "-o", str(folder.parent / "calls"), *strace]
    command = [*(traced if strace else ()), sys.executable, "-m", "reviewdb", *arguments]
    # The same calls in the same order each time.
    quiet = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))  # type: ignore[arg-type]  # called with a limit only

    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **quiet, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        preexec_fn=None if limit is None else bounded,
    )
    if b"Traceback" in done.stderr or b"a bug in reviewdb" in done.stderr:
        raise AssertionError(f"{' '.join(command)}\n{done.stderr.decode()}")
    return done.returncode


def places(folder: Path, command: Command, environment: Mapping[str, str], kind: str) -> dict[str, list[Place]]:
    """Run a command, and return where it makes calls of a kind on the files of the review, in order, by call."""
    run(folder, command.arguments, environment, "-e", f"trace={','.join(KINDS[kind])}")
    shown = re.escape(str(folder))
    ours = re.compile(rf'"{shown}/|\d<{shown}/')
    found: defaultdict[str, list[Place]] = defaultdict(list)
    made: Counter[tuple[str, str]] = Counter()
    lines = (folder.parent / "calls").read_text(encoding="utf-8", errors="replace").splitlines()
    for line in lines:
        if call := _CALL.match(line):
            made[call[1], call[2]] += 1
            # The folder itself is what paths are relative to.
            if ours.search(line.replace(f"AT_FDCWD<{folder}>", "")):
                found[call[2]].append(Place(call[2], made[call[1], call[2]]))
    return {name: list(dict.fromkeys(of_call)) for name, of_call in found.items()}


def said(folder: Path, pattern: str) -> list[str]:
    """Return what the files say, without moments and names that hold one: the same for every undisturbed run."""
    texts = (path.read_text(encoding="utf-8") for path in sorted(folder.glob(pattern)) if path.is_file())
    return sorted(_MOMENTS.sub('"-"', line) for text in texts for line in text.split("\n") if line.strip())


def strike(
    root: Path, name: str, environment: Mapping[str, str], where: Place, fault: str, limit: int | None = None
) -> tuple[int, list[str]]:
    """Disturb a command on a fresh copy of `root/base`; return its exit code and the promises that were broken.

    `root/after` is what an undisturbed run gives.
    """
    folder = fresh(root, "disturbed")
    inject = ("-e", f"trace={where.call}", "-e", f"inject={where.call}:{fault}:when={where.nth}")
    try:
        code = run(folder, COMMANDS[name].arguments, environment, *inject, limit=limit)
        return code, list(_broken(root, COMMANDS[name], environment, code))
    except AssertionError as error:
        return 1, [str(error)]


def fresh(root: Path, name: str) -> Path:
    """Return a fresh copy of `root/base` called `name`."""
    shutil.rmtree(root / name, ignore_errors=True)
    return shutil.copytree(root / "base", root / name)


def prepare(root: Path, name: str, environment: Mapping[str, str]) -> None:
    """Make `root/after`, which an undisturbed run of a command gives, from `root/base`."""
    for file, text in COMMANDS[name].files.items():
        (root / "base" / file).write_text(text, encoding="utf-8")
    if code := run(fresh(root, "after"), COMMANDS[name].arguments, environment):
        raise AssertionError(f"{name}: ends with {code} without a fault")


def _size(folder: Path) -> int:
    kept = (*folder.glob("data/**/*"), *folder.glob(".reviewdb/cut-off/*"))
    return sum(path.stat().st_size for path in kept if path.is_file())


def _broken(root: Path, command: Command, environment: Mapping[str, str], code: int) -> Iterator[str]:
    """Yield the promises that a disturbed run has broken."""
    folder = root / "disturbed"
    before, after = said(root / "base", command.writes), said(root / "after", command.writes)
    now = said(folder, command.writes)
    yield from (f"lost {line[:80]}" for line in before if command.grows and line not in now)
    if code == 0 and now != after:
        yield "said that it was done, and it is not"
    place = Review(folder)
    problems = review.load(place).problems
    if problems:
        told = "\n".join(fault for one in checking.check(place) for fault in one.faults)
        if any(str(problem) not in told for problem in problems):
            yield f"check does not tell {problems[0]}"
        if command.grows and "check --repair" not in told and "reviewdb harvest" not in told:
            yield f"check does not say what to do: {told}"
    whole = _size(folder)
    checking.repair(place)
    if _size(folder) != whole:
        yield "check --repair deleted something"
    yield from (f"after check --repair: {problem}" for problem in review.load(place).problems if command.grows)
    again = run(folder, command.arguments, environment)
    if again and not command.once:
        yield f"run again, it ends with {again}"
    yield from (f"after it was run again: {one.name} {one.faults}" for one in checking.check(place) if not one.ok)
    if said(folder, command.writes) != after:
        yield "run again, it does not come to the same"
    parts = [path.name for path in folder.rglob(".*.part")]
    if parts:
        yield f"left {parts}"
