"""Folding: titles, venues and names as letters of ASCII, and the numbers that stand in them."""

from __future__ import annotations

import html
import re
import tomllib
from collections.abc import Iterator, Sequence
from importlib.resources import files

from anyascii import anyascii

# Letters and digits of ASCII, folded; an apostrophe stands inside of words; what parts records stays.
_WORDS = {n: chr(n).lower() if chr(n).isalnum() else " " for n in range(128)} | {ord("\n"): "\n", ord("'"): ""}
_MARKED = re.compile(r"[<&\\${}\[]")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
# How Google Scholar marks what a hit is.
_KIND = re.compile(r"^\s*(?:\[(?:PDF|HTML|BOOK|CITATION|DOC|B|C|TXT|PS)\]\s*)+", re.IGNORECASE)
_INITIALS = re.compile(r"\b[A-Z]{1,3}\b")
_NAME = re.compile(r"[a-z]{2,}")
# What a database adds to a title: "[Review] [33 refs]", "[Japanese]"; not a translation, which is longer.
_NOTE = re.compile(r"(?:[^\]\[]{0,24}|(?:published )?erratum (?:appears )?in.*|(?:see )?comments? in.*)", re.IGNORECASE)
# Scripts that put no space between words: each letter is one.
_UNSPACED = re.compile("([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff])")
_NO_NAMES = frozenset(("and", "et", "al", "others", "jr", "sr", "anonymous"))
_DIGITS = re.compile(r"\d+")
# "10 000" is one number.
_THOUSANDS = re.compile(r"\b\d{1,3}(?: \d{3})+\b")
_NAMED = re.compile(r"[a-z]+\d+[a-z]+\w*")
_NUMERAL = re.compile(r"\d|\b(?:[ivx]+|part)\b")
#: Roman numerals as they stand in titles, folded.
ROMAN = {w: str(n) for n, w in enumerate("i ii iii iv v vi vii viii ix x xi xii".split(), 1)}  # noqa: SIM905
#: What the matcher knows of words, by what they are said of.
WORDS: dict[str, dict[str, frozenset[str]]] = {
    said_of: {kind: frozenset(words.split()) for kind, words in kinds.items()}
    for said_of, kinds in tomllib.loads((files("reviewdb.matching") / "words.toml").read_text(encoding="utf-8")).items()
}


def folded(texts: Sequence[str]) -> list[str]:
    """Return the words of each text in the letters of ASCII, small, with a space between.

    Markup goes (HTML, LaTeX, the marks of Google Scholar), and so do accents; other scripts are transliterated.
    """
    lines = "\n".join(texts)
    if lines.count("\n") >= max(len(texts), 1) or not lines.isascii() or _MARKED.search(lines):
        texts = [text if text.isascii() and not _MARKED.search(text) else _plain(text) for text in texts]
        lines = "\n".join(" ".join(text.split()) for text in texts)
    return [" ".join(line.split()) for line in lines.translate(_WORDS).split("\n")][: len(texts)]


def _plain(text: str) -> str:
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub("", text)
    if "\\" in text or "{" in text:
        from reviewdb.formats import latex  # noqa: PLC0415 - with its table of symbols, a tenth of a second

        text = latex.read(text)
    return anyascii(_UNSPACED.sub(r" \1 ", _without_notes(_KIND.sub("", text))))


def _without_notes(text: str) -> str:
    """Return a title without the notes in brackets at its end; one that is nothing else stays."""
    while True:
        bare = text.rstrip(" .\t\n")
        start = bare.rfind("[")
        if start < 1 or not _NOTE.fullmatch(bare[start + 1 :].removesuffix("]")) or not bare[:start].strip(" ."):
            return text
        text = bare[:start]


def names(authors: str) -> str:
    """Return the names of two letters or more in a list of authors, however it is written, without initials."""
    if not authors:
        return ""
    plain = authors if authors.isascii() and not _MARKED.search(authors) else _plain(authors)
    plain = plain.replace("'", "")
    if not plain.isupper():
        plain = _INITIALS.sub(" ", plain)
    return " ".join(name for name in _NAME.findall(plain.lower()) if name not in _NO_NAMES)


def first_number(text: str) -> int:
    """Return the first number of a text such as `123-9`, `58 (1)` or `e1234`; 0 where it has none."""
    found = _DIGITS.search(text)
    return int(found.group()[:18]) if found else 0


def numerals(title: str) -> str:
    """Return what numbers one part of a work, or one of its kind: `2D`, `part B`, `II`; the X of `X-ray` is none."""
    if not _NUMERAL.search(title):
        return ""
    joined = _THOUSANDS.sub(lambda found: found.group().replace(" ", ""), title)
    return " ".join(sorted(set(_each_numeral(joined.split()))))


def _each_numeral(parts: Sequence[str]) -> Iterator[str]:
    for at, word in enumerate(parts):
        before, after = parts[max(at - 1, 0)], parts[min(at + 1, len(parts) - 1)]
        digits = _DIGITS.findall(word)
        # What has digits amid its letters is a name ("p16INK4a"), and numbers nothing.
        if digits:
            yield from () if _NAMED.fullmatch(word) else (number.lstrip("0") for number in digits)
        # "I" and "X" begin titles that have no parts.
        elif (at or len(word) > 1) and (
            (at and before == "part") or (word in ROMAN and not (word == "x" and after.startswith("ray")))
        ):
            yield ROMAN.get(word, word)
