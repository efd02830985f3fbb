"""Editing TOML written by people: names and values change where they stand; comments and order stay."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from reviewdb.toml_reader import Path, spans

_BARE = re.compile(r"[A-Za-z0-9_-]+")


class CannotEditError(ValueError):
    """The text is laid out in a way that cannot be edited here; a person can."""


class Editor:
    """A TOML text and the changes to it; places are those of the text as it was.

    Each change is made twice, to the text and to the values it says. In the end the two must agree: a text that is
    laid out in a way that was not foreseen is refused, never spoilt.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._crlf = "\r\n" in source
        self._text = source.replace("\r\n", "\n")
        self._spans = spans(self._text)
        self._edits: list[tuple[int, int, str]] = []
        self.data: dict[str, Any] = tomllib.loads(self._text)
        self._wanted = deepcopy(self.data)

    def rename(self, where: Path, name: str) -> None:
        """Give a table or key another name; what is inside keeps the place it had."""
        holder = self._at(where[:-1])
        holder[name] = holder.pop(where[-1])
        self._edit(self._spans.names, where, _name(name))

    def set_string(self, where: Path, value: str) -> None:
        """Set a string that is there, the item of a list or the value of a key."""
        holder = self._at(where[:-1])
        holder[int(where[-1]) if isinstance(holder, list) else where[-1]] = value
        self._edit(self._spans.values, where, _string(value))

    def put(self, where: Path, key: str, values: Sequence[str]) -> None:
        """Add a list of strings to a table that has a header."""
        self._at(where)[key] = list(values)
        if where not in self._spans.tables:
            raise CannotEditError
        end = self._spans.tables[where][0]
        self._edits.append((end, end, f"\n{_line(key, values)}"))

    def drop(self, where: Path, key: str) -> None:
        """Take a key, on a line of its own, out of a table."""
        del self._at(where)[key]
        if (*where, key) not in self._spans.names:
            raise CannotEditError
        start = self._text.rfind("\n", 0, self._spans.names[*where, key][0]) + 1
        end = self._text.find("\n", start)
        self._edits.append((start, len(self._text) if end < 0 else end + 1, ""))

    def add(self, after: Path, where: Path, values: Mapping[str, str]) -> None:
        """Add a table of strings behind another one."""
        self._at(where[:-1])[where[-1]] = dict(values)
        if after not in self._spans.tables:
            raise CannotEditError
        end = self._text.find("\n", self._spans.tables[after][1])
        end = len(self._text) if end < 0 else end
        lines = [f"[{'.'.join(map(_name, where))}]", *(_line(key, value) for key, value in values.items())]
        self._edits.append((end, end, "\n\n" + "\n".join(lines)))

    @property
    def text(self) -> str:
        """The text with all changes. Raises CannotEditError where it would not say what is wanted."""
        if not self._edits:
            return self._source
        text = self._text
        # From the end to the beginning, so that no place moves; of two at one place, the later one comes second.
        ordered = sorted(enumerate(self._edits), key=lambda edit: (edit[1][0], edit[0]), reverse=True)
        for _, (start, end, new) in ordered:
            text = text[:start] + new + text[end:]
        try:
            agrees = tomllib.loads(text) == self._wanted
        except tomllib.TOMLDecodeError:
            agrees = False
        if not agrees:
            raise CannotEditError
        return text.replace("\n", "\r\n") if self._crlf else text

    def _at(self, where: Path) -> Any:  # noqa: ANN401 - whatever the file holds
        holder: Any = self._wanted
        for part in where:
            holder = holder[int(part)] if isinstance(holder, list) else holder[part]
        return holder

    def _edit(self, known: Mapping[Path, tuple[int, int]], where: Path, new: str) -> None:
        if where not in known:
            raise CannotEditError
        self._edits.append((*known[where], new))


def _name(name: str) -> str:
    return name if _BARE.fullmatch(name) else _string(name)


def _string(value: str) -> str:
    # Texts of one line: JSON's escapes are TOML's.
    return json.dumps(value, ensure_ascii=False)


def _line(key: str, value: str | Sequence[str]) -> str:
    said = _string(value) if isinstance(value, str) else f"[{', '.join(map(_string, value))}]"
    return f"{_name(key)} = {said}"
