"""The folder of a review: where its files are, and how it is found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reviewdb import __version__, protocol
from reviewdb.errors import ReviewError

PROTOCOL = "data/protocol.toml"
SCHEME = "data/coding-scheme.toml"
DATABASE = "review.db"
#: What was kept on the way and can be deleted: answers of sources, pages that could not be read. Not in git.
ASIDE = ".reviewdb"


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
        """Return the files of one kind, in order: `searches`, `decisions`, `rulings` or `queries`."""
        if kind == "queries":
            return sorted((self.root / "queries").glob("*.sql"))
        return sorted((self.root / "data" / kind).glob("*.jsonl"))

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
        for kind in ("searches", "decisions", "rulings", "queries"):
            fixed += self.files(kind)
        for path in fixed:
            if path.is_file():
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
