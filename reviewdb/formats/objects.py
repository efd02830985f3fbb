"""JSON: an array of objects, or objects one after the other, read one by one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from math import isfinite
from typing import Any, NoReturn, TextIO

from reviewdb.errors import Problem
from reviewdb.formats import csl
from reviewdb.formats.bounded import LARGEST
from reviewdb.formats.fields import Found, Source, hit, of_header

_CHUNK = 1 << 18
# What stands at the end of what was read so far may go on: "-Infini" is not yet wrong.
_LONGEST_WORD = 16
_START = re.compile(r"\ufeff?\s*(?:(\[)(\s*))?(?=\{)")
_BETWEEN = re.compile(r"[\s,]*")
_NAME = re.compile(r'"((?:[^"\\]|\\.){1,200})"\s*:')
# Far from where the journal refuses to read again what it has written.
_DEEPEST = 20
_DEEP = "is nested too deeply"
_NUMBER = "has a number that is not finite, or has thousands of digits"
_MEND = "Mend it, or export the file again."

Item = tuple[int, dict[str, Any]] | Problem


def of_head(head: str) -> Source | None:
    """Return whose JSON begins so; None where it is none, or where its objects have no titles."""
    return of_header(_NAME.findall(head)) if _START.match(head) else None


def read(source: Source, text: TextIO) -> Iterator[Found]:
    """Yield the record of each object, and a problem for each that is broken."""
    under = lru_cache(maxsize=256)(source.under)
    for item in _Objects(text).read():
        if isinstance(item, Problem):
            yield item
        else:
            line, entry = item
            yield hit(under(tuple(entry)), line, csl.flat(entry) if source.name == csl.NAME else entry)


class _Objects:
    """The objects of a stream, of which no more is held in memory than the one that is read."""

    def __init__(self, text: TextIO) -> None:
        self.text = text
        self.buffer = ""
        self.at = 0
        self.line = 1
        self.ended = False
        #: The object that begins here cannot be read, nor where it ends.
        self.lost = False
        self.decode = json.JSONDecoder(parse_float=_finite, parse_constant=_refuse).raw_decode

    def read(self) -> Iterator[Item]:
        while not (start := _START.match(self.buffer)):
            if self.ended:
                return
            self.more()
        is_array = bool(start[1])
        boundary = _boundary(start[2] if is_array else "\n")
        self.move(start.end())
        while True:
            self.move(_BETWEEN.match(self.buffer, self.at).end())  # type: ignore[union-attr]  # it matches nothing, too
            if self.at == len(self.buffer) and not self.ended:
                self.more()
            elif self.at == len(self.buffer):
                if is_array:
                    yield Problem("", self.line, "the file ends before its list does.", "Export the file again.")
                return
            elif is_array and self.buffer[self.at] == "]":
                return
            else:
                yield from self.one()
                if self.lost and not self.skip(boundary):
                    return

    def one(self) -> Iterator[Item]:
        """Yield the object that begins here; nothing where more must be read first."""
        try:
            value, end = self.decode(self.buffer, self.at)
        except json.JSONDecodeError as error:
            open_ended = error.msg.startswith("Unterminated") or error.pos > len(self.buffer) - _LONGEST_WORD
            if open_ended and not self.ended and len(self.buffer) - self.at < LARGEST:
                self.more()
                return
            self.lost = True
            where = self.line + self.buffer.count("\n", self.at, error.pos)
            yield Problem("", where, f"not JSON: {error.msg}.", _MEND)
        except (RecursionError, ValueError) as error:
            self.lost = True
            yield _broken(self.line, _DEEP if isinstance(error, RecursionError) else _NUMBER)
        else:
            line = self.line
            self.move(end)
            if isinstance(value, dict) and not _is_deep(value):
                yield line, value
            else:
                yield _broken(line, _DEEP if isinstance(value, dict) else "is not an object")

    def move(self, to: int) -> None:
        self.line += self.buffer.count("\n", self.at, to)
        self.at = to

    def more(self) -> None:
        """Read on: as much again as is held, so that a long object is not begun too often."""
        held = self.buffer[self.at :]
        chunk = self.text.read(max(_CHUNK, len(held)))
        self.buffer, self.at, self.ended = held + chunk, 0, not chunk

    def skip(self, boundary: re.Pattern[str]) -> bool:
        """Move to the object after a broken one; False where none follows."""
        while True:
            if found := boundary.search(self.buffer, self.at):
                self.move(found.end())
                self.lost = False
                return True
            if self.ended:
                return False
            # The boundary may stand where this part ends.
            self.move(max(self.at, len(self.buffer) - 1000))
            self.more()


def _boundary(before: str) -> re.Pattern[str]:
    """Return what stands between two objects, given what stands before the first one.

    In a file with line ends, the indent tells them from objects within objects, even where a brace is missing.
    """
    return re.compile((re.escape(before) if "\n" in before else r"\}\s*,\s*") + r"(?=\{)")


def _broken(line: int, how: str) -> Problem:
    return Problem("", line, f"the record that begins here {how}.", _MEND)


def _is_deep(value: object, left: int = _DEEPEST) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return not left or any(_is_deep(item, left - 1) for item in inner)


def _finite(number: str) -> float:
    value = float(number)
    return value if isfinite(value) else _refuse(number)


def _refuse(number: str) -> NoReturn:
    raise ValueError(number)
