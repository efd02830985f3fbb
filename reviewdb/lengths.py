"""Lengths: how much a record may hold: more is no text of a record, and would stop what reads it."""

from __future__ import annotations

from collections.abc import Sequence

#: What a record may hold only so much of.
LIMITED = ("authors", "title", "venue", "volume", "pages", "doi", "url", "abstract")
#: Bytes of the longest of these texts, and of an abstract: full texts have been seen there; a site shows no more.
LONGEST, LONGEST_ABSTRACT = 2_000_000, 10_000_000
#: The most authors that a record may have; the longest lists of physics have 5,000.
MOST_AUTHORS = 100_000


def too_long(field: str, value: object) -> str:
    """Return why the text or the list of a field is longer than any can be, or an empty string."""
    if isinstance(value, str):
        longest = LONGEST_ABSTRACT if field == "abstract" else LONGEST
        size = len(value) if len(value) * 4 <= longest else len(value.encode("utf-8", "replace"))
        return f"{field} has {size:,} bytes, more than {longest:,}" if size > longest else ""
    if isinstance(value, Sequence):
        if len(value) > MOST_AUTHORS:
            return f"{field} has {len(value):,} names, more than {MOST_AUTHORS:,}"
        return next((fault for one in value if (fault := too_long(f"one of {field}", one))), "")
    return ""
