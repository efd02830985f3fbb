"""Hints: what somebody may have meant by a name that does not exist."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz
from rapidfuzz.process import extractOne

_ALIKE = 65
_SHOWN = 40


def hint(name: str, known: Sequence[str], otherwise: str = "") -> str:
    """Return a sentence with the nearest of the known names, or with all of them (or `otherwise`) if none is near."""
    near = extractOne(name, known, scorer=fuzz.ratio, score_cutoff=_ALIKE)
    if near:
        return f"Did you mean {near[0]}?"
    if otherwise:
        return otherwise
    return f"There are: {', '.join(known[:_SHOWN])}{', ...' * (len(known) > _SHOWN)}." if known else "There are none."
