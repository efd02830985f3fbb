"""Hints: what somebody may have meant by a name that does not exist."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz
from rapidfuzz.process import extractOne

_ALIKE = 65
_SHOWN = 40
#: Letters of a beginning that tells names apart.
_BEGUN = 4


def near(name: str, known: Sequence[str], alike: int = _ALIKE) -> str:
    """Return the nearest of the known names, or an empty string where none is near (`alike`: 0 to 100, the same)."""
    found = extractOne(name, known, scorer=fuzz.ratio, score_cutoff=alike)
    return found[0] if found else ""


def hint(name: str, known: Sequence[str], otherwise: str = "") -> str:
    """Return a sentence with the nearest of the known names, or with all of them (or `otherwise`) if none is near."""
    # A name that was not written to its end means one that begins so.
    begun = (one for one in known if len(name) >= _BEGUN and one.casefold().startswith(name.casefold()))
    if meant := next(begun, "") or near(name, known):
        return f"Did you mean {meant}?"
    if otherwise:
        return otherwise
    return f"There are: {', '.join(known[:_SHOWN])}{', ...' * (len(known) > _SHOWN)}." if known else "There are none."
