"""Manuscripts: the papers that an author's LaTeX files cite, with the files that these take in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from reviewdb.errors import Problem, ReviewError
from reviewdb.formats import citations, ours
from reviewdb.hints import near

_ENTRY = re.compile(r"^\s*@\w+\s*[{(]\s*([^\s,{}]+)\s*,", re.MULTILINE)
# So many keys of no paper are named.
_NAMED = 3
# What a LaTeX file has that cites nothing yet.
_LATEX = re.compile(r"\\(?:documentclass|begin|section|chapter)\b")
#: Cites all papers.
ALL = "*"


@dataclass(frozen=True, slots=True)
class Cited:
    """The keys that files cite, each with where that is first; and the files that could not be taken in."""

    keys: dict[str, tuple[str, int]]
    problems: Sequence[Problem]
    #: The keys of the libraries that a person keeps beside the review's own.
    elsewhere: frozenset[str] = frozenset()

    def among(self, known: Iterable[str]) -> list[str]:
        """Return the keys that are cited, in the order of `known`."""
        return [key for key in known if ALL in self.keys or key in self.keys]

    def unknown(self, known: Sequence[str]) -> list[Problem]:
        """Return the citations of no known paper, with file and line: those that seem misspelt, and one for the others.

        A manuscript cites much that is not in the review.
        """
        have = {*known, *self.elsewhere, ALL}
        others = {key: place for key, place in self.keys.items() if key not in have}
        meant = {key: name for key in others if (name := near(key, known))}
        found = [
            Problem(*others[key], f"{key} is no paper of this review.", f"Did you mean {name}?")
            for key, name in meant.items()
        ]
        rest = [key for key in others if key not in meant]
        if rest:
            named = ", ".join(rest[:_NAMED]) + f" and {len(rest) - _NAMED} more" * (len(rest) > _NAMED)
            what = f"{named} {'are no papers' if rest[1:] else 'is no paper'} of this review."
            them = "them" if rest[1:] else "it"
            found.append(Problem(*others[rest[0]], what, f"Left out; have {them} in another .bib."))
        return found


def cited(paths: Sequence[Path]) -> Cited:
    r"""Return what LaTeX files cite, following `\input` and `\include`. Raises ReviewError for one that cannot be read.

    As LaTeX does, files that are taken in are looked for from the folder of the first file, and without their ending.
    """
    reading = _Reading({}, [], set(), set())
    for path in paths:
        try:
            _read(path, path.parent, reading)
            if path.suffix.lower() != ".tex" and not _is_latex(path):
                raise ReviewError(f"{path} is no LaTeX: it cites nothing and takes nothing in.", "Name a LaTeX file.")
        except OSError as error:
            raise ReviewError(f"{path}: could not be read: {error.strerror}.", "Name a LaTeX file.") from error
    return Cited(reading.keys, reading.problems, frozenset(reading.elsewhere))


def _is_latex(path: Path) -> bool:
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    found = citations.read(text)
    return bool(found.cited or found.taken or found.libraries or _LATEX.search(text))


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was found in the files so far, and which they are."""

    keys: dict[str, tuple[str, int]]
    problems: list[Problem]
    seen: set[Path]
    elsewhere: set[str]


def _read(path: Path, root: Path, reading: _Reading) -> None:
    if path.resolve() in reading.seen:
        return
    reading.seen.add(path.resolve())
    # Keys are ASCII: of a file in another encoding, only other letters are read wrongly.
    found = citations.read(path.read_text(encoding="utf-8-sig", errors="replace"))
    for one in found.cited:
        reading.keys.setdefault(one.key, (str(path), one.line))
    for library in found.libraries:
        reading.elsewhere.update(_kept_in(root / library) or _kept_in(root / f"{library}.bib"))
    for name in found.taken:
        for place in dict.fromkeys((root, path.parent)):
            # Of paper and paper.tex, LaTeX takes the second first.
            tried = [place / f"{name.path}.tex", place / name.path]
            if within := next((one for one in tried if one.is_file()), None):
                _read(within, root, reading)
                break
        else:
            what = f"{name.path} is not there, so what it cites is not known."
            reading.problems.append(
                Problem(str(path), name.line, what, "Mend the name, or run LaTeX where the file is.")
            )


def _kept_in(library: Path) -> set[str]:
    """Return the keys of a library; none of one that is not there, or that is ours: it is about to be written anew."""
    if not library.is_file():
        return set()
    text = library.read_text(encoding="utf-8-sig", errors="replace")
    return set() if ours.is_ours(text) else set(_ENTRY.findall(text))
