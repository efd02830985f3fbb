"""Folding: lines of text broken to a width, as far as that can be told without the font that a reader has."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

#: Widths in parts of the size of the font, of the widest common sans-serif (Verdana, DejaVu Sans), so that text never
#: leaves its box; in narrower fonts some room stays free.
_NARROW, _SMALL, _USUAL, _CAPITAL, _WIDE, _FULL = 0.36, 0.47, 0.63, 0.75, 0.98, 1.05
_WIDTHS = {
    **dict.fromkeys(" \u00a0iIjl.,:;!'|·", _NARROW),
    **dict.fromkeys("frt()[]/\\-–\"", _SMALL),
    **dict.fromkeys("mwMW%@—", _WIDE),
    **dict.fromkeys("=+<>~#", 0.84),
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


def _pieces(words: Iterable[str], room: float) -> Iterable[str]:
    for word in words:
        piece = ""
        for letter in word:
            if piece and width(piece + letter) > room:
                yield piece
                piece = ""
            piece += letter
        yield piece
