"""Reading TOML written by people: every complaint names the line, and what is good is still returned."""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reviewdb import conflicts
from reviewdb.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

Path = tuple[str, ...]
_DEEPEST = 50
# So deep a key costs tomllib the square of its length.
_DOTTED = re.compile(rf"""(?<![\w"'-])(?:[\w"'-]++[ \t]*+\.[ \t]*+){{{_DEEPEST}}}""")

_LEXEME = re.compile(
    r"""(?P<skip>[^\S\n]+|\#[^\n]*)
      | (?P<line>\n)
      | (?P<quoted>\"{3}(?:\\.|[^\\])*?\"{3,5}|'{3}.*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*')
      | (?P<mark>[\[\]{}=,.])
      | (?P<bare>[^\s\[\]{}=,."'\#]+|.)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(slots=True)
class _Open:
    """A bracket that is still open (or the file itself), and where in the document the text stands."""

    bracket: str
    #: The path of the table or array that the bracket opens.
    base: Path
    #: The path of the value that comes next.
    here: Path
    #: A key comes next, not a value.
    key: bool
    items: int = 0


def places(source: str) -> dict[Path, int]:
    """Return the line of every table, key and array item of valid TOML, by path; items by number: `("a", "0")`.

    tomllib keeps no positions, so the text is walked a second time, for its brackets and keys only.
    """
    return _walked(source).found


@dataclass(frozen=True, slots=True)
class Spans:
    """Where things stand in valid TOML, in characters; a table's header is over at the end of its line."""

    #: The name of each table or key, as it is written: the last part of a dotted one.
    names: Mapping[Path, tuple[int, int]]
    #: The value of each key and array item that is no array or table itself.
    values: Mapping[Path, tuple[int, int]]
    #: Of each table with a header, the end of its header and of all that it holds.
    tables: Mapping[Path, tuple[int, int]]


def spans(source: str) -> Spans:
    """Return where things stand in valid TOML whose lines end in a line feed alone."""
    walk = _walked(source)
    return Spans(walk.names, walk.values, walk.tables_at)


def _walked(source: str) -> _Walk:
    walk = _Walk()
    for kind, text, line, start in _lexemes(source):
        if kind == "line":
            walk.end_line(line, start)
        elif walk.header or walk.stack[-1].key:
            walk.read_key(kind, text, line, start)
        else:
            walk.read_value(text if kind == "mark" else "", line, (start, start + len(text)))
        if kind != "line":
            walk.holds(start + len(text))
    return walk


class _Walk:
    """Where a walk through TOML has come to, and what it has found."""

    def __init__(self) -> None:
        self.found: dict[Path, int] = {}
        self.names: dict[Path, tuple[int, int]] = {}
        self.values: dict[Path, tuple[int, int]] = {}
        self.tables_at: dict[Path, tuple[int, int]] = {}
        #: Where the last part of a name stood.
        self.name = (0, 0)
        self.stack = [_Open("", (), (), key=True)]
        self.parts: list[str] = []
        #: Brackets of a header that have been opened: one for a table, two for a table of an array.
        self.header = 0
        self.tables: Counter[Path] = Counter()

    def holds(self, end: int) -> None:
        """Note that the table of now goes on until here."""
        if self.stack[0].base in self.tables_at and not self.header:
            self.tables_at[self.stack[0].base] = (self.tables_at[self.stack[0].base][0], end)

    def end_line(self, line: int, at: int) -> None:
        if len(self.stack) == 1:
            if self.header:
                base = tuple(self.parts)
                if self.header > 1:
                    self.tables[base] += 1
                    base = (*base, str(self.tables[base] - 1))
                self.stack[0].base = base
                self.found[base] = line
                self.names[base], self.tables_at[base] = self.name, (at, at)
                for length in range(1, len(base)):
                    self.found.setdefault(base[:length], line)
            self.parts, self.header, self.stack[0].key = [], 0, True

    def read_key(self, kind: str, text: str, line: int, start: int) -> None:
        top = self.stack[-1]
        if kind != "mark":
            self.parts.append(_name(kind, text))
            self.name = (start, start + len(text))
        elif text == "[":
            self.header += 1
        elif text == "=":
            top.here, top.key, self.parts = (*top.base, *self.parts), False, []
            self.found.setdefault(top.here, line)
            self.names.setdefault(top.here, self.name)
        elif text == "}":
            self.stack.pop()

    def read_value(self, mark: str, line: int, span: tuple[int, int]) -> None:
        top = self.stack[-1]
        if mark in {"]", "}"}:
            self.stack.pop()
        elif mark == ",":
            top.items += 1
            top.key, top.here = top.bracket == "{", (*top.base, str(top.items))
        else:
            self.found.setdefault(top.here, line)
            if mark in {"[", "{"}:
                first = (*top.here, "0") if mark == "[" else top.here
                self.stack.append(_Open(mark, top.here, first, key=mark == "{"))
            else:
                self.values.setdefault(top.here, span)


def _lexemes(source: str) -> Iterator[tuple[str, str, int, int]]:
    """Yield kind, text, line and place of everything but white space and comments."""
    line = 1
    for match in _LEXEME.finditer(source.replace("\r\n", "\n") + "\n"):
        kind = match.lastgroup or ""
        if kind != "skip":
            yield kind, match.group(), line, match.start()
        line += match.group().count("\n")


def _name(kind: str, text: str) -> str:
    return str(tomllib.loads(f"name = {text}")["name"]) if kind == "quoted" else text


def _syntax_problem(source: str, path: str, message: str) -> Problem:
    at = re.search(r"\(at line (\d+), column \d+\)", message)
    line = int(at.group(1)) if at else source.count("\n") + 1 if "end of document" in message else 0
    return Problem(path, line, f"not valid TOML: {re.sub(r' *[(]at .*', '', message)}.", "Mend the syntax.")


def _too_deep(path: str, line: int) -> Problem:
    return Problem(path, line, f"tables are nested more than {_DEEPEST} deep.", "Nest them less.")


def _is_deep(value: object) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        inner = [item.values() if isinstance(item, dict) else item for item in level if isinstance(item, dict | list)]
        level = [item for items in inner for item in items]
    return bool(level)


class Reader:
    """Takes values out of parsed TOML and notes what is wrong with them."""

    def __init__(self, source: str, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.data: dict[str, Any] = {}
        self._places: dict[Path, int] = {}
        if dotted := _DOTTED.search(source):
            self.problems.append(_too_deep(path, source.count("\n", 0, dotted.start()) + 1))
            return
        try:
            self.data = tomllib.loads(source)
        # A number of 5,000 digits is a plain ValueError, a thousand brackets are a RecursionError.
        except (ValueError, RecursionError) as error:
            self.problems = conflicts.problems(source, path) or [_syntax_problem(source, path, str(error))]
        else:
            if _is_deep(self.data):
                # Every table around a key is kept with its line, so that depth would cost its square.
                self.problems.append(_too_deep(path, 0))
                self.data = {}
            else:
                self._places = places(source)

    def line(self, where: Path) -> int:
        """Return the line of the key `where`, or of the nearest table around it; 0 where there is none."""
        return next((self._places[where[:n]] for n in range(len(where), 0, -1) if where[:n] in self._places), 0)

    def problem(self, where: Path, what: str, todo: str) -> None:
        """Note a problem at the place of the key `where`."""
        self.problems.append(Problem(self.path, self.line(where), what, todo))

    def table(self, value: Any, where: Path, known: Collection[str] | None = None) -> dict[str, Any]:  # noqa: ANN401 - whatever the file holds
        """Return `value` if it is a table (an empty one if not); keys that are not `known` are problems."""
        if not isinstance(value, dict):
            self.problem(where, f"{'.'.join(where)} is not a table.", f"Write it as [{'.'.join(where)}].")
            return {}
        for key in [] if known is None else value.keys() - set(known):
            near = difflib.get_close_matches(key, known or (), 1)
            todo = f"Did you mean {near[0]!r}?" if near else f"Known here: {', '.join(known or ())}."
            self.problem((*where, key), f"the key {key!r} is unknown.", todo)
        return value

    def tables(self, data: dict[str, Any], key: str, known: Collection[str]) -> list[tuple[dict[str, Any], Path]]:
        """Return the tables of the array at `key`, each with its path."""
        value = data.get(key, [])
        if not isinstance(value, list):
            self.problem((key,), f"{key} is not a list of tables.", f"Write each as [[{key}]].")
            return []
        return [(self.table(item, (key, str(n)), known), (key, str(n))) for n, item in enumerate(value)]

    def string(self, table: dict[str, Any], key: str, where: Path, default: str = "") -> str:
        """Return the string at `key`, or `default` with a problem where it is something else."""
        value = table.get(key, default)
        if isinstance(value, str):
            return value
        self.problem((*where, key), f"{key} is not a string.", "Put it in quotes.")
        return default

    def flag(self, table: dict[str, Any], key: str, where: Path) -> bool:
        """Return the truth value at `key`, false where there is none."""
        value = table.get(key, False)
        if isinstance(value, bool):
            return value
        self.problem((*where, key), f"{key} is neither true nor false.", "Write true or false, without quotes.")
        return False

    def number(self, table: dict[str, Any], key: str, where: Path) -> float | None:
        """Return the finite number at `key`; None where there is none."""
        value = table.get(key)
        if value is None or (isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)):
            return value
        self.problem((*where, key), f"{key} is not a number.", "Write it such as 0 or 0.5, without quotes.")
        return None

    def strings(self, table: dict[str, Any], key: str, where: Path) -> list[tuple[str, Path]]:
        """Return the strings in the list at `key`, each with its path."""
        value = table.get(key, [])
        if not isinstance(value, list):
            self.problem((*where, key), f"{key} is not a list.", "Put its strings in [ ].")
            return []
        items = [(item, (*where, key, str(number))) for number, item in enumerate(value)]
        for item, path in items:
            if not isinstance(item, str):
                self.problem(path, f"{key} holds something that is not a string.", "Put it in quotes.")
        return [(item, path) for item, path in items if isinstance(item, str)]

    def valid(self, name: str, shape: re.Pattern[str], where: Path) -> bool:
        """Say whether `name` can be an id."""
        if shape.fullmatch(name):
            return True
        self.problem(where, f"{name!r} cannot be a name.", "Use small letters, digits and _, a letter first.")
        return False
