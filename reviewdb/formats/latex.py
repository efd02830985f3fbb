"""LaTeX in bibliographies: read as Unicode, and Unicode written so that LaTeX prints it."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from importlib.resources import files

from bibtexparser.latexenc import unicode_to_latex  # type: ignore[import-untyped]  # it has no types

from reviewdb.formats import formulas

_TABLES = tomllib.loads((files("reviewdb.formats") / "latex.toml").read_text(encoding="utf-8"))
_ACCENTS: dict[str, str] = _TABLES["accents"]
_ALONE = {mark: command[1:] for command, mark in _ACCENTS.items()}
_PLAIN: dict[str, str] = _TABLES["plain"]
_SETTING = frozenset(_TABLES["setting"]["commands"])
_SYMBOL = re.compile(r"\\(?:[A-Za-z]+ ?|[^A-Za-z0-9\s])")
_SYMBOLS: dict[str, str] = {
    latex.strip(): letter
    for letter, latex in unicode_to_latex
    if _SYMBOL.fullmatch(latex) and latex.strip() not in _ACCENTS
} | _TABLES["symbols"]
# A formula between dollars, told from prices by what stands next to them; one in \( \); and raised or lowered text.
_FORMULA = re.compile(
    r"\\text(super|sub)script\s*\{([^{}]*)\}|\\\(([^\\]*(?:\\[^()][^\\]*)*)\\\)|\\."
    r"|\$(?=\S)([^$\\]*(?:\\.[^$\\]*)*)(?<=\S)\$",
    re.DOTALL,
)
_TELLING = re.compile(r"[\\^_]")
_MARKS = {"super": "^", "sub": "_"}

_PART = re.compile(
    r"\\[A-Za-z]+\*?[ \t\n]*|\\.|---?|``|''|[~{}$]|[^\\{}$~`'-]+|[`'\\-]",
    re.DOTALL,
)
_SPECIAL = re.compile(r"[\\{}$~]|--|``|''")
_ESCAPED = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "–": "--",
    "—": "---",
} | {letter: rf"\{letter}" for letter in "#$%&_"}
# What LaTeX would join is parted: two hyphens are a dash, two accents a quotation mark.
_TO_ESCAPE = re.compile(r"[-–—]+|`+|'+|[\\{}~^#$%&_]")


def read(text: str) -> str:
    """Return LaTeX as plain text: accents as letters, commands for symbols as these, without braces and fonts.

    A command that is not known stays as it is, as does a formula that Unicode has no letters for, with its dollars.
    """
    if not _SPECIAL.search(text):
        return text
    # A lone dollar is no mathematics.
    is_odd = (text.count("$") - text.count(r"\$")) % 2
    out: list[str] = []
    accents: list[str] = []
    for formula, part in _parts(text):
        command = part.rstrip() if len(part) > len(r"\ ") else part
        if command in _ACCENTS:
            accents.append(_ACCENTS[command])
        elif part in {"{", "}"}:
            # \~{} is a tilde on its own.
            if part == "}" and accents:
                out.append(_ALONE[accents.pop()])
                accents.clear()
        else:
            said = formula or (part if part == "$" and is_odd else _said(part, command))
            if accents and said:
                said = said.lstrip() or said
                said = said[0] + "".join(reversed(accents)) + said[1:]
                accents.clear()
            out.append(said)
    return unicodedata.normalize("NFC", "".join(out))


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Yield what formulas say, and the parts of the text around them."""
    at = 0
    for found in _FORMULA.finditer(text):
        if said := _formula(found):
            yield from (("", part) for part in _PART.findall(text[at : found.start()]))
            yield said, ""
            at = found.end()
    yield from (("", part) for part in _PART.findall(text[at:]))


def _formula(found: re.Match[str]) -> str | None:
    script, scripted, round_, within = found.groups()
    if script:
        return formulas.raised(scripted, _MARKS[script])
    if within is not None and found.string[found.end() : found.end() + 1].isdigit() and not _TELLING.search(within):
        return None
    source = round_ if within is None else within
    return None if source is None else formulas.read(source, _SYMBOLS)


def _said(part: str, command: str) -> str:
    if not part.startswith("\\"):
        return _PLAIN.get(part, part)
    return "" if command in _SETTING else _SYMBOLS.get(command, part)


def write(text: str) -> str:
    """Return text with everything escaped that is special to LaTeX; other letters than ASCII stay as they are."""
    return _TO_ESCAPE.sub(lambda found: "{}".join(_ESCAPED.get(letter, letter) for letter in found.group()), text)
