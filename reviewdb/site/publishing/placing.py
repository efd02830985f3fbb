"""The folder that is published into: whose files those in it are, and how all of them change places at once."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reviewdb.errors import ReviewError
from reviewdb.folder import Review

#: In the published folder, the names of all files that publishing wrote, one a line.
LIST = "files.txt"
_SHOWN = 3


def check(at: Review, folder: Path) -> Path:
    """Return the folder as it will be found again. Raises ReviewError where nothing may be published there."""
    target = folder.resolve()
    root = at.root.resolve()
    if target == root or target in root.parents:
        raise ReviewError(
            f"{folder} holds the review itself.", "Publish into a folder of its own: reviewdb publish site"
        )
    if root / "data" in (target, *target.parents) or root / "queries" in (target, *target.parents):
        raise ReviewError(f"{folder} lies in the text of the review.", "Publish beside it: reviewdb publish site")
    if os.path.lexists(target) and not target.is_dir():
        raise ReviewError(f"{folder} is a file.", "Name a folder; it is made where there is none.")
    return target


def foreign(target: Path) -> list[str]:
    """Return the names of files in a folder that publishing did not write there, in order."""
    if not target.is_dir():
        return []
    try:
        ours = {LIST, *(target / LIST).read_text(encoding="utf-8").splitlines()}
    except (OSError, UnicodeDecodeError):
        ours = set()
    files = (Path(at, name) for at, folders, names in os.walk(target) for name in (*names, *_links(at, folders)))
    return sorted(name for name in (path.relative_to(target).as_posix() for path in files) if name not in ours)


def _links(at: str, folders: list[str]) -> list[str]:
    return [name for name in folders if Path(at, name).is_symlink()]


def refuse(folder: Path, others: list[str]) -> None:
    """Raise ReviewError where a folder holds files of others."""
    if others:
        shown = ", ".join(others[:_SHOWN]) + (", …" if len(others) > _SHOWN else "")
        raise ReviewError(
            f"{folder} holds what reviewdb publish did not write: {shown}.",
            "Nothing was changed. Choose another folder, or keep these files beside the site: --force",
        )


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """Give an empty folder beside `target`, on the same disk; it is gone in the end, with what is left in it."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise _unwritable(target, error) from error
    try:
        yield made
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        shutil.rmtree(made, ignore_errors=True)


def swap(built: Path, target: Path, kept: list[str], aside: Path) -> None:
    """Put `built` in the place of `target`, with those files of `target` that are kept; what was there goes `aside`."""
    names = sorted(path.relative_to(built).as_posix() for path in built.rglob("*") if path.is_file())
    (built / LIST).write_text("".join(f"{name}\n" for name in [*names, LIST]), encoding="utf-8", newline="")
    for name in kept:
        if not os.path.lexists(built / name):
            (built / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(target / name, built / name, follow_symlinks=False)
    if target.exists():
        built.chmod(target.stat().st_mode)
        target.rename(aside)
    else:
        built.chmod(0o755)  # what was made for one person's eyes is published now
    try:
        built.rename(target)
    except BaseException:
        if aside.exists() and not target.exists():
            aside.rename(target)
        raise


def _unwritable(target: Path, error: OSError) -> ReviewError:
    return ReviewError(
        f"{target}: could not be written: {error.strerror or error}.",
        "Choose another folder; nothing was changed there.",
    )
