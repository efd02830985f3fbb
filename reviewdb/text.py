"""Normalised text: folded words with their places, titles and names as keys, full-text queries."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

# Letters that NFKD leaves whole, in the ASCII spelling that bibliographies use.
_TRANSLITERATED = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "ß": "ss", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ı": "i", "ħ": "h"}
)
_WORD = re.compile(r"[^\W_]+")
_AND_OTHERS = frozenset(("", "et al", "and others", "others"))
# Citation keys skip the words that open titles without naming them.
_OPENERS = frozenset(
    """a an and are at by can do does for from how in is of on the to toward towards what why""".split()  # noqa: SIM905
)
_LONGEST_INITIALS = 2


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
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).translate(_TRANSLITERATED)


def tokens(text: str) -> list[Token]:
    """Return the words of `text` in order, each with its place."""
    return [Token(m.group(), fold(m.group()), m.start(), m.end()) for m in _WORD.finditer(text)]


def words(text: str) -> list[str]:
    """Return the folded words of `text`."""
    return _WORD.findall(fold(text))


def clean(text: str) -> str:
    """Return `text` on one line: no control marks, runs of white space (no-break ones too) as one space."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split())


def surname(author: str) -> str:
    """Return the folded family name of one author, written `Given Family` or `Family, Given`.

    Trailing initials are taken for given names (`Schlegl T`), particles stay (`van Hespen`). A mark that
    the list goes on (`et al.`) is nobody's name: an empty string.
    """
    if fold(author).strip(" .…") in _AND_OTHERS:
        return ""
    if "," in author:
        return " ".join(words(author.partition(",")[0]))
    parts = [part for part in author.replace(".", ". ").split() if part]
    while len(parts) > 1 and _is_initials(parts[-1]):
        parts.pop()
    for at, part in enumerate(parts[:-1]):
        if part.islower() and at > 0:
            return " ".join(words(" ".join(parts[at:])))
    return " ".join(words(parts[-1])) if parts else ""


def _is_initials(part: str) -> bool:
    letters = part.replace(".", "").replace("-", "")
    return part.endswith(".") or (letters.isupper() and len(letters) <= _LONGEST_INITIALS and part.isascii())


def citation_key(authors: Sequence[str], year: int | None, title: str) -> str:
    """Return an ASCII citation key such as `schlegl2017unsupervised`, before collisions are told apart."""
    name = "".join(words(surname(authors[0]))) if authors else "anonymous"
    opening = next((w for w in map(_joined, title.split()) if w and w not in _OPENERS), "untitled")
    key = f"{name}{year or 'nd'}{opening}"
    return "".join(c for c in key if c.isascii() and c.isalnum()) or "untitled"


def _joined(word: str) -> str:
    return "".join(words(word))


def doi(text: str) -> str:
    """Return a DOI in its bare lower-case form (`10.1000/x`), or an empty string where there is none."""
    found = re.search(r"10\.\d{4,9}/\S+", text.strip(), re.IGNORECASE)
    return found.group().rstrip(".,;)").lower() if found else ""


def full_text_query(query: str) -> str:
    """Turn what a person types into an FTS5 query that cannot be a syntax error.

    Words are joined by AND, `"a phrase"` stays one, `autoenc*` matches beginnings, `-word` excludes.
    An empty string comes back where nothing searchable was typed.
    """
    wanted: list[str] = []
    unwanted: list[str] = []
    for minus, phrase, word in re.findall(r'(?:(?<=\s)|^)(-?)(?:"([^"]*)"?|([^\s"]+))|$', query):
        parts = words(phrase or word)
        if not parts:
            continue
        star = "*" if word.endswith("*") else ""
        # A hyphenated word stays together, as a reader means it: "f-anogan".
        (unwanted if minus else wanted).append(f'"{" ".join(parts)}"{star}')
    if not wanted:
        return ""
    asked = " AND ".join(wanted)
    return f"({asked}) NOT ({' OR '.join(unwanted)})" if unwanted else asked


@cache
def ancestors(code: str) -> tuple[str, ...]:
    """Return the codes that `code` implies, outermost first: `a.b.c` implies `a` and `a.b`."""
    parts = code.split(".")
    return tuple(".".join(parts[:n]) for n in range(1, len(parts)))
