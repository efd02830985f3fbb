"""Conflicts: the marks that git leaves in a file where it could not join two changes."""

from __future__ import annotations

import re

from reviewdb.errors import Problem

_MARK = re.compile(r"^(<{7}|\|{7}|={7}|>{7})(?: (.*))?\r?$", re.MULTILINE)
_MEND = "Keep what is to stand, and delete the lines of <<<<<<<, ======= and >>>>>>>"
_CONFLICT = "git could not join two changes here"
#: What is wrong with a mark that belongs to no whole conflict, and what to do.
STRAY = ("a mark of git, which could not join two changes, or what is left of such.", f"{_MEND}.")


def problems(text: str, path: str) -> list[Problem]:
    """Return a problem for each conflict in a text, placed at the line where it begins, with where its sides stand."""
    if "<<<<<<<" not in text:
        return []
    found: list[Problem] = []
    begun: tuple[int, str] | None = None
    parted = 0
    for mark in _MARK.finditer(text):
        line = text.count("\n", 0, mark.start()) + 1
        if mark[1][0] == "<":
            begun, parted = (line, mark[2] or ""), 0
        elif mark[1][0] == "=" and begun:
            parted = line
        elif mark[1][0] == ">" and begun and parted:
            ours, theirs = _side(begun[0], parted, begun[1]), _side(parted, line, mark[2] or "")
            what = f"{_CONFLICT}: {ours}, and {theirs}."
            found.append(Problem(path, begun[0], what, f"{_MEND}; in a git repository, then: git add {path}"))
            begun = None
    return found


def is_one(problem: Problem) -> bool:
    """Say whether a problem is a conflict."""
    return problem.what.startswith(_CONFLICT)


def is_mark(line: bytes) -> bool:
    """Say whether a line is one of those marks."""
    return _MARK.fullmatch(line.decode("utf-8", "replace")) is not None


def _side(above: int, below: int, name: str) -> str:
    first, last = above + 1, below - 1
    where = "no line" if last < first else f"line {first}" if first == last else f"lines {first} to {last}"
    return f"{where} of {name}" if name else where
