"""Measure: about how wide text is in print, in em."""

from __future__ import annotations

# Computer Modern, LaTeX's own type; others are mostly narrower. By width, in thousandths.
_WIDTHS = {
    278: "il.,:;'|!",
    306: "fj[]",
    333: "- ",
    361: "I",
    390: "rst()",
    444: "cez",
    500: "ago0123456789/",
    528: "kqvxy",
    556: "bdhnpuSJ",
    680: "EFLPZ",
    722: "wBCT",
    764: "ADGHKNOQRUVXY+*=<>~^",
    833: "m%&#@",
    917: "M",
    1028: "W",
}
_OF = {letter: width / 1000 for width, letters in _WIDTHS.items() for letter in letters}
_OTHER = 0.6


def width(text: str) -> float:
    """Return about how wide a line of text is, in em."""
    return sum(_OF.get(letter, _OTHER) for letter in text)
