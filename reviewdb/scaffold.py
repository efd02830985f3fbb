"""Scaffolds: a new review, from the starter or from the example that comes with the software, and its paper."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from reviewdb.errors import ReviewError
from reviewdb.folder import PROTOCOL

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
_PARTS = ("data", "queries", "notebooks", "paper")
#: Where the paper of the example differs from that of a new review.
_OF_EXAMPLE = ("paper.tex", "references.bib")
#: What git is told about a review: what is built and not kept, and that lines of both branches stay in a merge.
GIT = {
    ".gitignore": ("review.db*", ".reviewdb*"),
    ".gitattributes": ("data/decisions/*.jsonl merge=union", "data/rulings/*.jsonl merge=union"),
}


def init(folder: Path, *, example: bool, paper: bool = False) -> list[Path]:
    """Write a review into `folder` and return its files, with those of git that are new or longer than before.

    With `paper`, it has a LaTeX paper as well; where the folder is a review already, that is all it gets. Raises
    ReviewError where the folder already holds something of what it is to get, or cannot be written to; then nothing
    stays behind.
    """
    files = list(_files_of_paper(example=example)) if paper else []
    grows = paper and not example and (folder / PROTOCOL).is_file()
    files += [] if grows else _files(example=example)
    parts = {name.partition("/")[0] for _, name in files}
    taken = [name for name in _PARTS if name in parts and os.path.lexists(folder / name)]
    if taken:
        raise ReviewError(f"{folder} already has {taken[0]}/.", "Choose another folder; nothing was changed.")
    fresh = [path for path in (folder, *folder.parents) if not os.path.lexists(path)]
    moved: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # All that may fail for want of space is done aside, on the same disk; what is left is to rename.
        with tempfile.TemporaryDirectory(prefix=".reviewdb-init-", dir=folder) as aside:
            made = _write(Path(aside), files)
            made += [] if grows else _prepare(Path(aside), folder)
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


def _write(aside: Path, files: Iterable[tuple[Path, str]]) -> list[str]:
    """Copy files into `aside`, and return their names."""
    made = []
    for source, name in files:
        target = aside / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        made.append(name)
    return made


def _prepare(aside: Path, folder: Path) -> list[str]:
    """Write into `aside` the folders that fill later, and what git is to know; return the names of files."""
    made = []
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
        found = [path for part in _PARTS[:3] for path in sorted((_EXAMPLE / part).rglob("*")) if _is_kept(path)]
        return [(path, path.relative_to(_EXAMPLE).as_posix()) for path in found]
    files = [(path, path.relative_to(STARTER).as_posix()) for path in sorted(STARTER.rglob("*")) if path.is_file()]
    return files + [(_EXAMPLE / "queries" / f"{name}.sql", f"queries/{name}.sql") for name in _GENERAL]


def _is_kept(path: Path) -> bool:
    """Say whether a file is the example's own: notebooks that were opened leave their copies beside them."""
    return path.is_file() and ".ipynb_checkpoints" not in path.parts


def _files_of_paper(*, example: bool) -> Iterator[tuple[Path, str]]:
    for path in sorted((_PACKAGE / "paper").iterdir()):
        if path.is_file():
            own = path.parent / "example" / path.name
            # A file of that name in the package would speak to git there.
            name = path.name.replace("gitignore", ".gitignore")
            yield own if example and path.name in _OF_EXAMPLE else path, f"paper/{name}"
