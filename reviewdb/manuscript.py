"""Manuscripts: the papers that an author's LaTeX files cite, with the files that these take in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from reviewdb.errors import Problem, ReviewError
from reviewdb.formats import citations
from reviewdb.hints import near

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

    def among(self, known: Iterable[str]) -> list[str]:
        """Return the keys that are cited, in the order of `known`."""
        return [key for key in known if ALL in self.keys or key in self.keys]

    def unknown(self, known: Sequence[str]) -> list[Problem]:
        """Return the citations of no known paper, with file and line: those that seem misspelt, and one for the others.

        A manuscript cites much that is not in the review.
        """
        have = {*known, ALL}
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
    keys: dict[str, tuple[str, int]] = {}
    problems: list[Problem] = []
    seen: set[Path] = set()
    for path in paths:
        try:
            _read(path, path.parent, keys, problems, seen)
            if path.suffix.lower() != ".tex" and not _is_latex(path):
                raise ReviewError(f"{path} is no LaTeX: it cites nothing and takes nothing in.", "Name a LaTeX file.")
        except OSError as error:
            raise ReviewError(f"{path}: could not be read: {error.strerror}.", "Name a LaTeX file.") from error
    return Cited(keys, problems)


def _is_latex(path: Path) -> bool:
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    return any(citations.read(text)) or bool(_LATEX.search(text))


def _read(path: Path, root: Path, keys: dict[str, tuple[str, int]], problems: list[Problem], seen: set[Path]) -> None:
    if path.resolve() in seen:
        return
    seen.add(path.resolve())
    # Keys are ASCII: of a file in another encoding, only other letters are read wrongly.
    found, taken = citations.read(path.read_text(encoding="utf-8-sig", errors="replace"))
    for one in found:
        keys.setdefault(one.key, (str(path), one.line))
    for name in taken:
        for place in dict.fromkeys((root, path.parent)):
            # Of paper and paper.tex, LaTeX takes the second first.
            tried = [place / f"{name.path}.tex", place / name.path]
            if within := next((one for one in tried if one.is_file()), None):
                _read(within, root, keys, problems, seen)
                break
        else:
            what = f"{name.path} is not there, so what it cites is not known."
            problems.append(Problem(str(path), name.line, what, "Mend the name, or run LaTeX where the file is."))
