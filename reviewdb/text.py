"""Normalised text: folded words with their places, titles and names as keys, full-text queries."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from string import ascii_lowercase, digits
from typing import NamedTuple
from urllib.parse import unquote

#: Letters that NFKD leaves whole, in the ASCII spelling that bibliographies use.
LETTERS = {"ø": "o", "đ": "d", "ł": "l", "ß": "ss", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ı": "i", "ħ": "h"}
_TRANSLITERATED = str.maketrans(LETTERS)
# A letter may carry its accents as marks of their own.
_WORD = re.compile(r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*")
_AND_OTHERS = re.compile(r"(^|[\s,;]+)(et\.? al|(and )?others|\.\.|…)[\s.,;…]*$", re.IGNORECASE)
_SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv"))
# Citation keys skip the words that open titles without naming them.
_OPENERS = frozenset(
    """a an and are at by can do does for from how in is of on the to toward towards what why""".split()  # noqa: SIM905
)
_LONGEST_INITIALS = 2
# No name or word is longer; what a broken record calls one may be.
_LONGEST_OF_A_KEY = 40
_LONGEST_AUTHOR = 500
_JOINTS = re.compile(r"[\s_\-\u2010-\u2015/.]+")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,99}")
# A minus only counts where a word begins.
_ASKED = re.compile(r'((?<!\S)-)?(?:"([^"]*)"?|([^\s"]+))')
# What every paper has: its citation key begins with one of these. SQLite has no query for all rows.
_ANYTHING = " OR ".join(f'"{letter}"*' for letter in ascii_lowercase + digits)
_DOI = re.compile(r"(?<![\d.])10\.\d{4,9}(?:\.\d+)*/[^\s\"]{1,500}")
# What ends the sentence or the brackets around a DOI; a bracket that it opens itself belongs to it.
_AFTER_DOI = frozenset(".,;:/'’”")
_OPENING = {")": "(", "]": "[", "}": "{", ">": "<"}


class Token(NamedTuple):
    """A run of letters and digits; `start` and `end` are character offsets into the original text."""

    raw: str
    folded: str
    start: int
    end: int


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Lower case without accents: two spellings of a word that a reader takes for one are one."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold().translate(_TRANSLITERATED)


def tokens(text: str) -> list[Token]:
    """Return the words of `text` in order, each with its place."""
    return [Token(raw := m.group(), fold(raw), *m.span()) for m in _WORD.finditer(text)]


def places(text: str) -> list[tuple[int, int]]:
    """Return where each word of `text` starts and ends, as `raw_words` gives them."""
    return [m.span() for m in _WORD.finditer(text)]


def raw_words(text: str) -> list[str]:
    """Return the words of `text` as they stand there, in order."""
    return _WORD.findall(text)


def words(text: str) -> list[str]:
    """Return the folded words of `text`."""
    return _WORD.findall(fold(text))


def clean(text: str) -> str:
    """Return `text` on one line: no control marks, runs of white space (no-break ones too) as one space."""
    if not text.isprintable():
        # What only says how to set the text (a soft hyphen, a zero-width space) stands inside of words.
        text = "".join(c for c in text if unicodedata.category(c) != "Cf")
        text = "".join(c if c.isprintable() else " " for c in text)
    # Of white space, only the plain space is printable; most texts are clean, and long ones take time to be split.
    is_clean = "  " not in text and text[:1] != " " and text[-1:] != " "
    return text if is_clean else " ".join(text.split())


@lru_cache(maxsize=65_536)
def surname(author: str) -> str:
    """Return the folded family name of one author, written `Given Family` or `Family, Given`.

    Trailing initials are taken for given names (`Schlegl T`), particles stay (`van Hespen`), suffixes (`Jr.`)
    go. A mark that the list goes on (`et al.`) is nobody's name: an empty string.
    """
    author = _AND_OTHERS.sub("", author[:_LONGEST_AUTHOR])
    family, _, given = author.partition(",")
    if set(words(given)) - _SUFFIXES:
        return " ".join(_without_suffixes(words(family)))
    parts = [part for part in _without_suffixes(family.replace(".", ". ").split()) if words(part)]
    if not parts:
        return ""
    size = len(parts)
    while len(parts) > 1 and _is_initials(parts[-1]):
        parts.pop()
    # A particle may come first (`van Hespen KM`), but not where all is in small letters.
    opens = 0 if len(parts) < size or not parts[-1].islower() else 1
    at = next((n for n, part in enumerate(parts) if part.islower() and part[-1] != "." and n >= opens), -1)
    return " ".join(words(" ".join(parts[at:])))


def _without_suffixes(parts: list[str]) -> list[str]:
    while len(parts) > 1 and fold(parts[-1]).strip(".") in _SUFFIXES:
        parts = parts[:-1]
    return parts


def _is_initials(part: str) -> bool:
    letters = part.replace(".", "").replace("-", "")
    return part.endswith(".") or (letters.isupper() and len(letters) <= _LONGEST_INITIALS and part.isascii())


def citation_key(authors: Sequence[str], year: int | None, title: str) -> str:
    """Return an ASCII citation key such as `schlegl2017unsupervised`, before collisions are told apart."""
    name = _joined(surname(authors[0])) if authors else ""
    opening = next((w for w in map(_joined, title.split()) if w and w not in _OPENERS), "")
    parts = (name or "anonymous", str(year or "nd"), opening or "untitled")
    return "".join(part[:_LONGEST_OF_A_KEY] for part in parts)


@lru_cache(maxsize=65_536)
def alike(name: str) -> str:
    """Return what two spellings of one name have in common: `U-Net`, `UNet` and `u_net`, but not `U-Net++`."""
    return _JOINTS.sub("", fold(name))


def is_key(text: str) -> bool:
    """Say whether a text can be a citation key: LaTeX and the command line take its marks as they are."""
    return _KEY.fullmatch(text) is not None


def _joined(text: str) -> str:
    joined = "".join(words(text))
    return joined if joined.isascii() else "".join(c for c in joined if c.isascii())


@lru_cache(maxsize=65_536)
def doi(text: str) -> str:
    """Return a DOI in its bare lower-case form (`10.1000/x`), or an empty string where there is none."""
    found = _DOI.search(unquote(text) if "://" in text else text)
    if not found:
        return ""
    name = found.group().lower()
    while name[-1] in _AFTER_DOI or name.count(_OPENING.get(name[-1], name[-1])) < name.count(name[-1]):
        name = name[:-1]
    return name if "/" in name else ""


def full_text_query(query: str) -> str:
    """Turn what a person types into an FTS5 query that cannot be a syntax error.

    Words are joined by AND, `"a phrase"` stays one, `autoenc*` matches beginnings, `-word` excludes; where nothing else
    was typed, from everything.
    An empty string comes back where nothing searchable was typed.
    """
    wanted: list[str] = []
    unwanted: list[str] = []
    for minus, phrase, word in _ASKED.findall(query):
        parts = tokens(phrase or word)
        if not parts:
            continue
        star = "*" if word.endswith("*") else ""
        # A hyphenated word stays together, as a reader means it: "f-anogan". SQLite folds accents, but not the
        # letters that only we spell in ASCII: "Møller" is looked for as it is written, too.
        spellings = dict.fromkeys((" ".join(p.folded for p in parts), " ".join(p.raw.lower() for p in parts)))
        asked = " OR ".join(f'"{spelling}"{star}' for spelling in spellings)
        (unwanted if minus else wanted).append(f"({asked})" if len(spellings) > 1 else asked)
    if not wanted and not unwanted:
        return ""
    asked = " AND ".join(wanted) or _ANYTHING
    return f"({asked}) NOT ({' OR '.join(unwanted)})" if unwanted else asked


def wanted_words(query: str) -> list[Token]:
    """Return the words that a full-text query asks for, each with its place in it; those after a minus are not."""
    return [
        Token(token.raw, token.folded, token.start + found.start(group), token.end + found.start(group))
        for found in _ASKED.finditer(query)
        for group in (2, 3)
        if found[group] and not found[1]
        for token in tokens(found[group])
    ]


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence lists them: `a, b and c`."""
    *most, last = names or ("",)
    return f"{', '.join(most)} and {last}" if most else last


def counted(n: int, thing: str, plural: str = "s") -> str:
    """Return a number with the name of what it counts: `1 paper`, `2,000 papers`; with `ies`, `2 studies`."""
    many = thing.removesuffix("y") + plural if plural == "ies" else thing + plural
    return f"{n:,} {thing if n == 1 else many}"


@cache
@lru_cache(maxsize=65_536)
def ancestors(code: str) -> tuple[str, ...]:
    """Return the codes that `code` implies, outermost first: `a.b.c` implies `a` and `a.b`."""
    parts = code.split(".")
    return tuple(".".join(parts[:n]) for n in range(1, len(parts)))
