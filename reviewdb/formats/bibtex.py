"""BibTeX, read entry by entry.

Both parsers that are well kept were measured on entries of 900 characters: bibtexparser 1.4 reads 280 of them a second,
pybtex 3,100 without a word about LaTeX; both hold the whole file, and neither goes on where braces are not balanced.
From bibtexparser comes the table of LaTeX's names for symbols.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TextIO

from reviewdb.errors import Problem
from reviewdb.formats import latex
from reviewdb.formats.bounded import LARGEST
from reviewdb.formats.fields import SOURCES, Entry, Found, Hit, hit
from reviewdb.formats.reference import ENTRY_TYPE, GROUPS, KEY

_OPENS = re.compile(r"\s*@([A-Za-z]+)\s*([{(])")
_BRACE = re.compile(r"[{}]")
_BRACE_OR_QUOTE = re.compile(r'[{}"]')
_WHOLE = re.compile(r"\{(?!\\)(?:[^{}]|\{[^{}]*\})+\}")
_CLOSERS = re.compile(r"[{})]")
# A run of white space is read from its start alone, or a long one would cost the square of its length.
_FIELD_LINE = re.compile(r"\s*(?:,\s*)?\w+\s*=\s*[{\"\d]")
_KEY = re.compile(r'([^,={}"]*)(?:,|$)')
_NAME = re.compile(r'[\s,]*([^\s=,{}"#%]+)\s*=\s*')
_WORD = re.compile(r'[^\s,{}"#=]+')
_JOIN = re.compile(r"\s*#\s*")
_REST = re.compile(r"[\s,]*")
_AND = re.compile(r"(?<!\s)\s+and\s+", re.IGNORECASE)
_MONTHS = {name: name for name in "jan feb mar apr may jun jul aug sep oct nov dec".split()}  # noqa: SIM905
# Addresses are no LaTeX, but some programs write them so.
_VERBATIM = frozenset(("url", "doi", "file", "eprint"))
_ESCAPED = re.compile(r"\\([_%&#$~{}])(?:\{\})?")
_BALANCE = "Balance its braces."
_CROSSREF = re.compile(r"\bcrossref\s*=\s*[{\"]?\s*([^\s,{}\"]+)", re.IGNORECASE)
# What an entry takes from the one that it names in `crossref`, where it does not say it itself; dates only as a whole.
_INHERITED = (
    "volume",
    "number",
    "editor",
    "series",
    "publisher",
    "organization",
    "address",
    "location",
    "isbn",
    "issn",
)
_DATES = ("year", "date", "month")
# These are seldom read as papers: where others name them, they are there for their sake.
_SERVING = frozenset(("proceedings", "mvproceedings", "collection", "mvcollection", "periodical"))


class _Block(NamedTuple):
    """An entry as it stands in the file, from its @ to the brace that closes it."""

    line: int
    kind: str
    text: str


def read(text: TextIO) -> Iterator[Found]:
    """Yield the records of a file, and a problem for each entry that is broken.

    An entry has what it leaves to the one that it names in `crossref`, which mostly stands behind it: where there are
    any, the file is read for those that are named first.
    """
    named = Counter(found[1].casefold() for line in text for found in _CROSSREF.finditer(line))
    text.seek(0)
    above: dict[str, Entry] = {}
    if named:
        entries = (found for _, found in _entries(text) if not isinstance(found, Problem))
        above = {key: entry for entry in entries if (key := str(entry[KEY]).casefold()) in named}
        text.seek(0)
    for line, entry in _entries(text):
        if isinstance(entry, Problem):
            yield entry
            continue
        serves = named[str(entry[KEY]).casefold()] if entry[ENTRY_TYPE] in _SERVING else 0
        found = hit(SOURCES["bibtex"], line, _completed(entry, above))
        yield found._replace(serves=serves) if isinstance(found, Hit) else found


def _completed(entry: Entry, above: Mapping[str, Entry]) -> Entry:
    """Return an entry with what it leaves to the one that it names."""
    parent = above.get(str(entry.get("crossref", "")).casefold())
    if parent is None or parent[KEY] == entry[KEY]:
        return entry
    venues = ("journal", "journaltitle") if entry[ENTRY_TYPE] == "article" else ("booktitle",)
    names = [*_INHERITED, *(_DATES if entry.keys().isdisjoint(_DATES) else ())]
    given = {name: parent[name] for name in names if name in parent}
    title = next((parent[name] for name in (*venues, "title") if name in parent), None)
    if title and entry.keys().isdisjoint(venues):
        given[venues[0]] = title
    groups = {GROUPS: parent[GROUPS]} if "editor" not in entry and GROUPS in parent else {}
    if groups and GROUPS in entry:
        groups = {GROUPS: [*entry[GROUPS], *groups[GROUPS]]}
    return given | entry | groups


def _entries(lines: Iterable[str]) -> Iterator[tuple[int, Entry | Problem]]:
    """Yield the entries of a file as they stand there, each with its line, and a problem for each that is broken."""
    macros = dict(_MONTHS)
    for block in _blocks(lines):
        if isinstance(block, Problem):
            yield block.line, block
        elif block.kind not in {"comment", "preamble"}:
            found = _found(block, macros)
            if found is not None:
                yield block.line, found


def _found(block: _Block, macros: dict[str, str]) -> Entry | Problem | None:
    """Return an entry; None for macros, which are noted."""
    try:
        if block.kind == "string":
            macros.update((name, value) for name, value in _fields(block.text, 0, macros))
            return None
        return _entry(block, macros)
    except _BrokenError as error:
        line = block.line + block.text.count("\n", 0, error.at)
        return Problem("", line, f"{error}.", "Mend the entry, or delete it.")


def _entry(block: _Block, macros: Mapping[str, str]) -> Entry:
    key = _KEY.match(block.text)
    if key is None:
        raise _BrokenError(0, f"@{block.kind} has no key that a comma follows")
    entry: Entry = {ENTRY_TYPE: block.kind, KEY: key[1].strip()}
    groups: list[str] = []
    for name, raw in _fields(block.text, key.end(), macros):
        if name in {"author", "editor"}:
            parted = _parted(raw)
            values = [_name(one) for one in parted]
            groups += [value for value, one in zip(values, parted, strict=True) if _is_group(one)]
        else:
            values = [_verbatim(raw) if name in _VERBATIM else latex.read(raw)]
        if name in entry:
            before = entry[name]
            values = [*(before if isinstance(before, list) else [before]), *values]
        entry[name] = values if len(values) > 1 else values[0]
    return entry | ({GROUPS: groups} if groups else {})


def _name(raw: str) -> str:
    return "…" if raw.strip().lower() == "others" else latex.read(raw)


def _is_group(raw: str) -> bool:
    """Say whether braces keep a whole name together, and not only a letter with its accent."""
    return bool(_WHOLE.fullmatch(raw.strip()))


def _parted(raw: str) -> list[str]:
    """Return names that "and" parts; within braces, it belongs to a name."""
    if "{" not in raw:
        return _AND.split(raw)
    parts: list[str] = []
    start = counted = depth = 0
    for found in _AND.finditer(raw):
        depth += raw.count("{", counted, found.start()) - raw.count("}", counted, found.start())
        counted = found.start()
        if not depth:
            parts.append(raw[start : found.start()])
            start = found.end()
    return [*parts, raw[start:]]


def _verbatim(raw: str) -> str:
    return _ESCAPED.sub(r"\1", raw).strip("{} \n")


class _BrokenError(ValueError):
    """An entry cannot be read from `at` on, an offset into its text."""

    def __init__(self, at: int, what: str) -> None:
        super().__init__(what)
        self.at = at


def _fields(text: str, at: int, macros: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield names, in small letters, and values."""
    while (name := _NAME.match(text, at)) is not None:
        value, at = _value(text, name.end(), macros)
        while joined := _JOIN.match(text, at):
            more, at = _value(text, joined.end(), macros)
            value += more
        yield name[1].lower(), value
    rest = _REST.match(text, at)
    if rest is not None and rest.end() < len(text):
        raise _BrokenError(rest.end(), f"there is no field at {text[rest.end() :].split(maxsplit=1)[0][:20]!r}")


def _value(text: str, at: int, macros: Mapping[str, str]) -> tuple[str, int]:
    mark = text[at : at + 1]
    if mark == "{":
        end = _closing(text, at + 1, "}")
        return text[at + 1 : end], end + 1
    if mark == '"':
        end = _closing(text, at + 1, '"')
        return text[at + 1 : end], end + 1
    word = _WORD.match(text, at)
    if word is None:
        raise _BrokenError(at, "a field has no value")
    return macros.get(word.group().lower(), word.group()), word.end()


def _closing(text: str, at: int, mark: str) -> int:
    """Return where a value ends; braces in it are balanced."""
    start, depth = at, 0
    for found in (_BRACE if mark == "}" else _BRACE_OR_QUOTE).finditer(text, at):
        if found.group() == mark and not depth:
            return found.start()
        depth += {"{": 1, "}": -1}.get(found.group(), 0)
    raise _BrokenError(start, "a value does not end")


def _blocks(lines: Iterable[str]) -> Iterator[_Block | Problem]:
    """Yield the entries of a file. What stands between two of them is a comment, unless it was meant for the first."""
    splitter = _Splitter()
    for number, line in enumerate(lines, 1):
        rest = line
        while rest:
            found, rest = splitter.take(number, rest)
            if found:
                yield found
    if found := splitter.end("the file ends before"):
        yield found


class _Splitter:
    """Where one entry ends and the next begins."""

    def __init__(self) -> None:
        self.open: _Open | None = None
        #: The entry that was read last: it is only known to be good where nothing is left of it.
        self.whole: _Block | None = None

    def take(self, number: int, line: str) -> tuple[_Block | Problem | None, str]:
        """Take a line or a part of it; return what has ended before, and the rest of the line."""
        begins = _OPENS.match(line)
        before = None
        if begins:
            # An entry can only begin here if the one before has ended.
            before = self.end(f"the next one begins on line {number}")
            self.open = _Open(number, begins[1].lower(), begins[2])
            line = line[begins.end() :]
        if self.open is None:
            return self.between(number, line), ""
        rest, ended = self.open.take(line)
        if self.open.size > LARGEST:
            found = self.open.broken(f"it has more than {LARGEST:,} characters")
            self.open = None
            return found, rest
        if ended:
            self.whole, self.open = self.open.block(), None
        return before, rest

    def between(self, number: int, line: str) -> Problem | None:
        """Look at a line between entries, and return a problem where it is left of the one before."""
        if self.whole is None or not (_FIELD_LINE.match(line) or "}" in line):
            return None
        what = f"this is left of the entry of line {self.whole.line}, whose braces are not balanced."
        self.whole = None
        return Problem("", number, what, _BALANCE)

    def end(self, why: str) -> _Block | Problem | None:
        """Return the entry that was read last, or what is wrong with it."""
        found = self.open.broken(why) if self.open else self.whole
        self.open = self.whole = None
        return found


class _Open:
    """An entry whose end has not been read yet."""

    def __init__(self, line: int, kind: str, opened: str) -> None:
        self.line = line
        self.kind = kind
        self.closes = "}" if opened == "{" else ")"
        self.depth = self.size = 0
        self.parts: list[str] = []

    def take(self, line: str) -> tuple[str, bool]:
        """Take what belongs to the entry; return the rest of the line, and whether the entry ends there."""
        self.size += len(line)
        opened, closed = line.count("{"), line.count("}")
        if self.closes == "}" and closed <= self.depth:
            self.depth += opened - closed
            self.parts.append(line)
            return "", False
        for found in _CLOSERS.finditer(line):
            mark = found.group()
            if not self.depth and mark == self.closes:
                self.parts.append(line[: found.start()])
                return line[found.end() :].lstrip(), True
            self.depth += {"{": 1, "}": -1}.get(mark, 0)
        self.parts.append(line)
        return "", False

    def block(self) -> _Block:
        return _Block(self.line, self.kind, "".join(self.parts))

    def broken(self, why: str) -> Problem:
        what = f"the braces of the @{self.kind} that begins here are not balanced: {why}."
        return Problem("", self.line, what, _BALANCE)
