"""The folder of a review: where its files are, and how it is found."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reviewdb import __version__, protocol
from reviewdb.errors import Problem, ReviewError

PROTOCOL = "data/protocol.toml"
SCHEME = "data/coding-scheme.toml"
DATABASE = "review.db"
#: The kinds of files that there are several of.
KINDS = ("searches", "decisions", "rulings", "queries")
#: What was kept on the way and can be deleted: answers of sources, pages that could not be read. Not in git.
ASIDE = ".reviewdb"
_OWN = ("data", "queries", *(f"{DATABASE}{ending}" for ending in ("", "-wal", "-shm", "-journal")))


@dataclass(frozen=True, slots=True)
class Review:
    """The folder of a review."""

    root: Path

    @property
    def database(self) -> Path:
        """The built database."""
        return self.root / DATABASE

    @property
    def aside(self) -> Path:
        """The folder of what was kept on the way."""
        return self.root / ASIDE

    def search_file(self, id_: str) -> Path:
        """Return the file of one search."""
        return self.root / "data" / "searches" / f"{id_}.jsonl"

    def files(self, kind: str) -> list[Path]:
        """Return the files of one kind, in order: `searches`, `decisions`, `rulings` or `queries`; no `strays`."""
        return [path for path in self._named(kind) if not self.is_stray(path)]

    def strays(self) -> list[Problem]:
        """Return a problem for each file of the review that is a stray: see `is_stray`."""
        fixed = [self.root / PROTOCOL, self.root / SCHEME, self.database]
        named = [*fixed, *(path for kind in KINDS for path in self._named(kind))]
        what = "it leads out of the review, or to no file, so it is neither read nor written."
        todo = "Put the file itself in its place, or delete it."
        return [Problem(self.shown(path), 0, what, todo) for path in named if self.is_stray(path)]

    def is_stray(self, path: Path) -> bool:
        """Say whether a path leads out of the review, or to a device or a pipe: a stranger's review may have such.

        What is read there would be published, and what is written would be written there.
        """
        if any(part.is_symlink() for part in (path, path.parent, self.root / "data")):
            there, home = os.path.realpath(path), os.path.realpath(self.root)
            if os.path.commonpath((there, home)) != home:
                return True
        return not (path.is_file() or path.is_dir() or not path.exists())

    def _named(self, kind: str) -> list[Path]:
        folder = self.root / "queries" if kind == "queries" else self.root / "data" / kind
        return sorted(folder.glob("*.sql" if kind == "queries" else "*.jsonl"))

    def said_by(self, coder: str, kind: str) -> Path:
        """Return the file of what one coder says, of one kind: `decisions` or `rulings`."""
        return self.root / "data" / kind / f"{coder}.jsonl"

    def decisions_of(self, coder: str) -> Path:
        """Return the file of one coder's decisions."""
        return self.said_by(coder, "decisions")

    def rulings_of(self, coder: str) -> Path:
        """Return the file of one coder's rulings."""
        return self.said_by(coder, "rulings")

    def sources(self) -> Iterator[tuple[str, Path]]:
        """Yield every file that the database is built from, with its name relative to the review."""
        fixed = [self.root / PROTOCOL, self.root / SCHEME]
        for kind in KINDS:
            fixed += self.files(kind)
        for path in fixed:
            if path.is_file() and not self.is_stray(path):
                yield self.shown(path), path

    def shown(self, path: Path) -> str:
        """Return the name of a file as messages give it."""
        return path.relative_to(self.root).as_posix()


def find(start: Path) -> Review:
    """Return the review that `start` lies in, looking upwards as git does. Raises ReviewError as `at` does."""
    start = start.absolute()
    for folder in (start, *start.parents):
        if (folder / PROTOCOL).is_file():
            return _readable(Review(folder))
    raise ReviewError(
        f"{start} is not in a review: no {PROTOCOL} here or above.",
        "Go to one, name one with --review DIR, or make one: reviewdb init DIR --example",
    )


def owning(path: Path) -> Review | None:
    """Return the review whose own text or database a file is, or would be; None where it is nobody's."""
    for root in path.parents:
        # Some systems take names in any capitals for the same.
        if path.relative_to(root).parts[0].casefold() in _OWN and (root / PROTOCOL).is_file():
            return Review(root)
    return None


def at(folder: Path) -> Review:
    """Return the review whose folder is given. Raises ReviewError where it is none, or one of a newer reviewdb."""
    if (folder / PROTOCOL).is_file():
        return _readable(Review(folder))
    raise ReviewError(f"{folder} is not a review: it has no {PROTOCOL}.", f"Make it one: reviewdb init {folder}")


def _readable(review: Review) -> Review:
    # Before anything else is read: what a newer reviewdb means, this one can neither know nor mend nor add to.
    try:
        stated = protocol.newer_format((review.root / PROTOCOL).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):  # which whoever reads the protocol tells
        return review
    if stated is None:
        return review
    raise ReviewError(
        f"{review.root / PROTOCOL}: format = {stated} was written by a newer reviewdb; this one, {__version__}, reads "
        f"up to format = {protocol.FORMAT}.",
        "Upgrade reviewdb. Nothing was read or changed.",
    )
