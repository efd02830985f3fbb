r"""Formulas in LaTeX: read as Unicode where it has letters for all that they say, and else left as they are.

One that is left can be written again as it stands only where LaTeX sets it without a package and whatever it holds: a
title of a stranger must neither stop LaTeX nor have it do anything.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files

_FILES = files("reviewdb.formats")
_SIGNS: dict[str, str] = tomllib.loads((_FILES / "typesetting.toml").read_text(encoding="utf-8"))["mathematics"]
_WRITTEN: dict[str, str] = {command: sign for sign, command in _SIGNS.items()}
_TABLE = tomllib.loads((_FILES / "latex.toml").read_text(encoding="utf-8"))["formulas"]
_FONTS: frozenset[str] = frozenset(_TABLE["fonts"])
_OF_PACKAGES: frozenset[str] = frozenset(_TABLE["of_packages"])
_TAKING: dict[str, int] = _TABLE["taking"]
_FUNCTIONS: frozenset[str] = frozenset(_TABLE["functions"])
_SPACES: dict[str, str] = _TABLE["spaces"]

_SCRIPT = re.compile(r"[\^_]\{(.)\}")
#: Letters above and below the line: the mark that LaTeX has for it, and the letter.
SCRIPTS: Mapping[str, tuple[str, str]] = {
    sign: (command[0], found[1]) for sign, command in _SIGNS.items() if (found := _SCRIPT.fullmatch(command))
} | {"°": ("^", "∘")}
_RAISED: dict[tuple[str, str], str] = {said: sign for sign, said in SCRIPTS.items()}

_PART = re.compile(r"\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)
# Signs that an argument may be.
_ALONE = frozenset("*+-")
# What ends a formula, or is for the inside of tables and definitions.
_FORBIDDEN = frozenset("$%#&")
# A longer one is a text that two dollars happen to stand around; and braces nest no deeper than it is long.
_LONGEST = 300
#: A formula that was left as it was; white space would be taken for that between words.
LEFT = re.compile(r"(\$[^$\s]+\$)")


def read(source: str, symbols: Mapping[str, str]) -> str:
    """Return what a formula says, given without its dollars; with them where Unicode has no letters for it."""
    if source in _WRITTEN:
        return _WRITTEN[source]
    found = _Formula(source, symbols)
    return found.said if found.is_said else f"${_joined(source)}$"


def is_left(text: str) -> bool:
    """Say whether a text with its dollars is a formula that `read` leaves, and any LaTeX sets."""
    source = text[1:-1]
    if source in _WRITTEN or not text.isascii() or source != _joined(source):
        return False
    found = _Formula(source, {})
    return found.is_plain and not found.is_said


def raised(text: str, mark: str) -> str | None:
    """Return a text above (^) or below (_) the line; None where Unicode lacks one of its letters there."""
    letters = [_RAISED.get((mark, letter), "") for letter in "".join(text.split())]
    return "".join(letters) if all(letters) else None


def _joined(source: str) -> str:
    """Return a formula without white space, which says nothing there but where a command ends."""
    return re.sub(r"\s+", "", re.sub(r"(\\[A-Za-z]+)\s+(?=[A-Za-z])", r"\1{}", source.strip()))


class _Formula:
    """A formula that is read once: what it says, whether that is all of it, and whether any LaTeX sets it."""

    def __init__(self, source: str, symbols: Mapping[str, str]) -> None:
        self.symbols = symbols
        self.is_said = self.is_plain = len(source) <= _LONGEST
        self.parts: list[str] = _PART.findall(source) if self.is_said else []
        self.at = 0
        try:
            self.said = " ".join(self.row("").split())
        except _MalformedError:
            self.said, self.is_said, self.is_plain = "", False, False

    def row(self, close: str) -> str:
        """Read up to what closes a group, or to the end."""
        said = ""
        while self.at < len(self.parts):
            part = self.next()
            if part == close:
                return said
            said += self.scripts() if part in {"^", "_"} and self.back() else self.atom(part) + self.scripts()
        if close:
            raise _MalformedError
        return said

    def next(self) -> str:
        if self.at == len(self.parts):
            raise _MalformedError
        self.at += 1
        return self.parts[self.at - 1]

    def back(self) -> bool:
        self.at -= 1
        return True

    def scripts(self) -> str:
        """Read what stands above and below, of each one at most."""
        said, met = "", set[str]()
        while self.at < len(self.parts) and (mark := self.parts[self.at]) in {"^", "_"}:
            if mark in met:
                raise _MalformedError
            met.add(mark)
            self.at += 1
            letters = raised(self.argument(), mark)
            self.is_said = self.is_said and letters is not None
            said += letters or ""
        return said

    def argument(self) -> str:
        while (part := self.next()).isspace():
            pass
        if part in {"^", "_"}:
            raise _MalformedError
        # TeX takes one token for an argument, which a command alone is not, and for a root a bracket to be closed.
        self.is_plain = self.is_plain and (part == "{" or part in _ALONE or (part.isascii() and part.isalnum()))
        return self.atom(part)

    def atom(self, part: str) -> str:
        if part == "{":
            return self.row("}")
        if part[0] != "\\":
            if part == "}" or part in _FORBIDDEN:
                raise _MalformedError
            self.is_plain = self.is_plain and part not in {"'", "~"}
            return " " if part == "~" else part
        if part in _SPACES:
            return _SPACES[part]
        if part in _FONTS or part in _OF_PACKAGES:
            self.is_plain = self.is_plain and part in _FONTS
            return self.argument()
        if part in _TAKING:
            self.is_said = False
            for _ in range(_TAKING[part]):
                self.argument()
            return ""
        return self.letter(part)

    def letter(self, command: str) -> str:
        if command in _FUNCTIONS:
            return command[1:]
        said = _WRITTEN.get(command)
        if said is None:
            self.is_plain = False
            said = self.symbols.get(command)
        if said is None:
            raise _MalformedError
        # White space behind the name of a letter only ends it; around that of a sign it is as people see it.
        before = self.parts[self.at - 2] if self.at > 1 else ""
        if self.at < len(self.parts) and self.parts[self.at].isspace() and (said.isalpha() or not before.isspace()):
            self.at += 1
        return said


class _MalformedError(ValueError):
    """It is no formula, or one with commands that nobody knows here."""
