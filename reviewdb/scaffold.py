"""Scaffolds: a new review, from the starter or from the example that comes with the software."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from reviewdb.errors import ReviewError

_PACKAGE = Path(__file__).parent
#: What a new review begins with.
STARTER = _PACKAGE / "starter"
# An installed copy carries the example inside; a checkout is itself the example.
_EXAMPLE = _PACKAGE / "example" if (_PACKAGE / "example").is_dir() else _PACKAGE.parent
# Queries that make sense for every coding scheme.
_GENERAL = (
    *("conflicts", "criteria-by-paper", "doubtful-pairs", "papers-by-year", "search-overlap", "search-yield"),
    *("reopened", "set-aside-pairs", "unconfirmed-suggestions"),
)
_PARTS = ("data", "queries")
#: What git is told about a review: what is built and not kept, and that lines of both branches stay in a merge.
GIT = {
    ".gitignore": ("review.db*", ".reviewdb*"),
    ".gitattributes": ("data/decisions/*.jsonl merge=union", "data/rulings/*.jsonl merge=union"),
}


def init(folder: Path, *, example: bool) -> list[Path]:
    """Write a review into `folder` and return its files, with those of git that are new or longer than before.

    Raises ReviewError where the folder already holds something of a review, or cannot be written to;
    then nothing stays behind.
    """
    taken = [name for name in _PARTS if os.path.lexists(folder / name)]
    if taken:
        raise ReviewError(f"{folder} already has {taken[0]}/.", "Choose another folder; nothing was changed.")
    fresh = [path for path in (folder, *folder.parents) if not os.path.lexists(path)]
    moved: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # All that may fail for want of space is done aside, on the same disk; what is left is to rename.
        with tempfile.TemporaryDirectory(prefix=".reviewdb-init-", dir=folder) as aside:
            made = _write(Path(aside), folder, example=example)
            for path in sorted(Path(aside).iterdir(), key=lambda path: (path.name not in _PARTS, path.name)):
                target = folder / path.name
                new = not os.path.lexists(target)
                path.replace(target)
                moved += [target] if new else []
    except BaseException as error:
        for path in moved:
            _remove(path)
        for path in fresh:
            with suppress(OSError):
                path.rmdir()
        if isinstance(error, OSError):
            raise ReviewError(f"{folder}: could not be written: {error.strerror}.", "Choose another folder.") from error
        raise
    return [folder / name for name in made]


def _write(aside: Path, folder: Path, *, example: bool) -> list[str]:
    """Write into `aside` what `folder` is to hold, and return the names of the files."""
    made = []
    for source, name in _files(example=example):
        target = aside / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        made.append(name)
    for kind in ("searches", "decisions", "rulings"):
        (aside / "data" / kind).mkdir(exist_ok=True)
    for name, lines in GIT.items():
        old = folder / name
        text = old.read_bytes() if old.exists() else b""
        wanted = [line.encode() for line in lines if line.encode() not in map(bytes.strip, text.splitlines())]
        if wanted:
            gap = b"\n" if text and not text.endswith(b"\n") else b""
            (aside / name).write_bytes(text + gap + b"\n".join(wanted) + b"\n")
            if text:
                shutil.copymode(old, aside / name)
            made.append(name)
    return made


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _files(*, example: bool) -> list[tuple[Path, str]]:
    if example:
        found = [path for part in _PARTS for path in sorted((_EXAMPLE / part).rglob("*"))]
        return [(path, path.relative_to(_EXAMPLE).as_posix()) for path in found if path.is_file()]
    files = [(path, path.relative_to(STARTER).as_posix()) for path in sorted(STARTER.rglob("*")) if path.is_file()]
    return files + [(_EXAMPLE / "queries" / f"{name}.sql", f"queries/{name}.sql") for name in _GENERAL]
