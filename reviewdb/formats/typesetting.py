"""Typesetting: text as LaTeX that an engine can set, and what it cannot.

pdflatex has fonts for Latin letters; Greek and signs are written as mathematics there, other scripts in Latin letters.
xelatex sets whatever its font has.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from importlib.resources import files
from typing import Literal

from anyascii import anyascii

from reviewdb.formats import formulas, latex

#: `any` is for both: letters stay where pdflatex knows them, signs are commands, other scripts stay as they are.
Engine = Literal["pdflatex", "xelatex", "any"]

_DATA = tomllib.loads((files("reviewdb.formats") / "typesetting.toml").read_text(encoding="utf-8"))
# An accent as LaTeX's command for it, which every encoding of fonts has.
_ACCENTS: dict[str, str] = _DATA["accents"]
_LETTERS: dict[str, str] = _DATA["letters"]
_SIGNS: dict[str, str] = {sign: f"${command}$" for sign, command in _DATA["mathematics"].items()}
_TEXT: dict[str, str] = _DATA["text"] | _DATA["lookalikes"]
_DOTLESS = {"i": r"\i", "j": r"\j"}
# What fonts of LaTeX's oldest encoding, its default, print as something else, and what babel may take for a command.
_IN_FONTS = str.maketrans({"<": "$<$", ">": "$>$", "|": "$|$", '"': "''"})
#: A word with more letters may be broken between any of them.
_LONG_WORD = 24
_SHORT_WORD = 12
# Where nothing else fits.
_BREAK = r"\penalty5000{}"
_BEHIND_SLASH = re.compile("(?<=/)(?=.)")
#: Marks around a word, which TeX hyphenates nevertheless.
_AROUND = "()[]{}<>.,;:!?\"'`*‘’“”„«»…"
_DASHES = re.compile("[-\N{EN DASH}\N{EM DASH}]")
# Letters above the line, and those below, are together one formula.
_MARKED: dict[str, str] = {
    mark: "".join(letter for letter, (its, _) in formulas.SCRIPTS.items() if its == mark and letter != "°")
    for mark in "^_"
}
# A letter with marks of its own stands alone, as do others beyond ASCII.
_RUN = re.compile(
    "[^\u0300-\u036f][\u0300-\u036f]+|(?:[\\x00-\\x7f](?![\u0300-\u036f]))+"
    + "".join(rf"|(?:[{letters}](?![\u0300-\u036f]))+" for letters in _MARKED.values())
    + "|.",
    re.DOTALL,
)
_ANY_KNOWS = "".join(_DATA["known"]["letters"])


def tex(text: str, engine: Engine = "pdflatex", longest: int = _LONG_WORD) -> str:
    """Return text as LaTeX; for pdflatex it is ASCII.

    Where nothing else fits, a word may break behind a slash, and one of more than `longest` letters anywhere.
    """
    return " ".join(_breakable(one, engine, longest) for one in text.split(" "))


def _breakable(text: str, engine: Engine, longest: int) -> str:
    if len(text) <= _SHORT_WORD or any(map(formulas.is_left, formulas.LEFT.findall(text))):
        return word(text, engine)
    parts = (
        _BREAK.join(word(letter, engine) for letter in part) if _is_stiff(part, longest) else word(part, engine)
        for part in _BEHIND_SLASH.split(text)
    )
    return _BREAK.join(parts)


def _is_stiff(part: str, longest: int) -> bool:
    """Say whether TeX would not find a place to break a part of a word.

    It hyphenates words of letters alone, and breaks others behind their dashes.
    """
    core = part.strip(_AROUND)
    run = max(map(len, _DASHES.split(core)))
    return run > longest or (run > _SHORT_WORD and not core.isalpha())


def word(text: str, engine: Engine) -> str:
    """Return text without a place to break it. A formula that Unicode has no letters for stays one."""
    written = ""
    for then in _written_runs(unicodedata.normalize("NFC", text), engine):
        # Hyphens that meet would be another dash.
        written += "{}" + then if written.endswith("-") and then.startswith("-") else then
    return written


def _written_runs(text: str, engine: Engine) -> Iterator[str]:
    for part in formulas.LEFT.split(text):
        if formulas.LEFT.fullmatch(part) and formulas.is_left(part):
            yield part
        else:
            yield from (_run(some, engine) for some in _RUN.findall(part))


def unset(text: str, engine: Engine) -> str:
    """Return the letters of `text` that pdflatex cannot set, each once; none where another engine is to set it."""
    if engine == "xelatex" or text.isascii():
        return ""
    runs = dict.fromkeys(run for run in _RUN.findall(unicodedata.normalize("NFC", text)) if not run.isascii())
    return "".join(run for run in runs if not _written(run, engine))


def _run(some: str, engine: Engine) -> str:
    if some.isascii():
        written = latex.write(some)
        return written if engine == "any" else written.translate(_IN_FONTS)
    return _written(some, engine) or (
        latex.write(anyascii(some)).translate(_IN_FONTS) if engine == "pdflatex" else some
    )


def _written(letter: str, engine: Engine) -> str:
    """Return a letter beyond ASCII as LaTeX; empty where pdflatex has none for it."""
    if engine == "xelatex" or (engine == "any" and letter in _ANY_KNOWS):
        return latex.write(letter)
    if found := _SIGNS.get(letter):
        return found
    if (mark := formulas.SCRIPTS.get(letter[0], ("", ""))[0]) and letter.strip(_MARKED[mark]) == "":
        return f"${mark}{{{''.join(formulas.SCRIPTS[one][1] for one in letter)}}}$"
    if engine == "pdflatex" and (found := _LETTERS.get(letter) or _TEXT.get(letter)):
        return found
    parts = unicodedata.normalize("NFD", letter)
    base, accents = parts[0], parts[1:]
    if not (base.isascii() and base.isalnum()) or not accents or any(accent not in _ACCENTS for accent in accents):
        return ""
    written = _DOTLESS.get(base, base)
    for accent in accents:
        written = rf"\{_ACCENTS[accent]}{{{written}}}"
    return written
