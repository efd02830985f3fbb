"""Names of authors as a running text has them: the family alone, two of them, or the first et al."""

from __future__ import annotations

from reviewdb.formats.writing import family

_LONGEST = 40


def in_text(authors: str, year: int | None) -> str:
    """Return `Schlegl et al. 2017` for authors held apart by semicolons."""
    listed = [name for name in authors.split("; ") if name]
    named = [family(name)[:_LONGEST] for name in listed if not name.startswith("et al")]
    several = named[2:] or len(named) < len(listed)
    who = f"{named[0]} et al." if named and several else " and ".join(named)
    return f"{who or 'Anonymous'} {year or ''}".strip()
