"""Folding: lines of text broken to a width, as far as that can be told without the font that a reader has."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

#: Widths in parts of the size of the font, after the widest common sans-serifs (DejaVu Sans, Verdana): text stays in
#: its box in any of them, and in narrower ones some room stays free.
_USUAL, _CAPITAL, _FULL = 0.64, 0.74, 1.0
_WIDTHS = {
    letter: wide
    for letters, wide in {
        " \u00a0iIjlJ.,;'!|": 0.35,
        'frt()[]-:/\\"': 0.42,
        "cskxyvz_?LF": 0.6,
        "OQGDw&": 0.82,
        "M=+<>~#^": 0.87,
        "mW%@—…": 1.0,
    }.items()
    for letter in letters
}


def width(text: str) -> float:
    """Return about how wide a text is, in parts of the size of its font."""
    return sum(map(_width, text))


def _width(letter: str) -> float:
    if letter in _WIDTHS:
        return _WIDTHS[letter]
    if unicodedata.east_asian_width(letter) in "WF":
        return _FULL
    if unicodedata.combining(letter):
        return 0
    return _CAPITAL if letter.isupper() else _USUAL


def fold(text: str, room: float) -> list[str]:
    """Break a text into lines no wider than `room`, between words, and inside of a word that is wider by itself."""
    lines = [""]
    for word in _pieces(text.split(" "), room):
        longer = f"{lines[-1]} {word}".lstrip(" ")
        if width(longer) <= room:
            lines[-1] = longer
        elif lines[-1]:
            lines.append(word)
        else:
            lines[-1] = word
    return lines


def room(text: str, lines: int) -> float:
    """Return about the least room in which a text takes no more than so many lines, no word of it broken."""
    least = max(map(width, text.split(" ")))
    while len(fold(text, least)) > lines:
        least *= 1.05
    return least


def _pieces(words: Iterable[str], room: float) -> Iterable[str]:
    for word in words:
        piece = ""
        for letter in word:
            if piece and width(piece + letter) > room:
                yield piece
                piece = ""
            piece += letter
        yield piece
