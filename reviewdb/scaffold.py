"""Scaffolds: a new review, from the starter or from the example that comes with the software."""

from __future__ import annotations

import shutil
from pathlib import Path

from reviewdb.errors import ReviewError

_PACKAGE = Path(__file__).parent
# An installed copy carries the example inside; a checkout is itself the example.
_EXAMPLE = _PACKAGE / "example" if (_PACKAGE / "example").is_dir() else _PACKAGE.parent
# Queries that make sense for every coding scheme.
_GENERAL = ("conflicts", "doubtful-pairs", "papers-by-year", "search-yield", "unconfirmed-suggestions")
_IGNORED = "review.db*\n.reviewdb.lock\n"


def init(folder: Path, *, example: bool) -> list[Path]:
    """Write a review into `folder` and return its files.

    Raises ReviewError where the folder already holds something of a review, or cannot be written to;
    then nothing stays behind.
    """
    taken = [name for name in ("data", "queries") if (folder / name).exists()]
    if taken:
        raise ReviewError(f"{folder} already has {taken[0]}/.", "Choose another folder; nothing was changed.")
    made: list[Path] = []
    try:
        for source, name in _files(example=example):
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            made.append(target)
        for kind in ("searches", "decisions", "rulings"):
            (folder / "data" / kind).mkdir(exist_ok=True)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text(_IGNORED, encoding="utf-8")
            made.append(ignore)
    except OSError as error:
        for path in made:
            path.unlink(missing_ok=True)
        raise ReviewError(f"{folder}: could not be written: {error.strerror}.", "Choose another folder.") from error
    return made


def _files(*, example: bool) -> list[tuple[Path, str]]:
    if example:
        found = [path for part in ("data", "queries") for path in sorted((_EXAMPLE / part).rglob("*"))]
        return [(path, path.relative_to(_EXAMPLE).as_posix()) for path in found if path.is_file()]
    starter = _PACKAGE / "starter"
    files = [(path, path.relative_to(starter).as_posix()) for path in sorted(starter.rglob("*")) if path.is_file()]
    return files + [(_EXAMPLE / "queries" / f"{name}.sql", f"queries/{name}.sql") for name in _GENERAL]
