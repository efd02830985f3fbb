"""Ours: how a file for LaTeX or BibTeX says in its first line that the program wrote it, and may write it anew."""

from __future__ import annotations

#: What the first line ends with.
MARK = "Written by reviewdb"


def is_ours(text: str | bytes) -> bool:
    """Say whether a file with this text was written by the program."""
    first = text.partition(b"\n")[0] if isinstance(text, bytes) else text.partition("\n")[0].encode()
    return MARK.encode() in first
