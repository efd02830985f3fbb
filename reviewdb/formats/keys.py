"""Keys: those that a library has for its entries, and which of them two entries have."""

from __future__ import annotations

from reviewdb.errors import Problem
from reviewdb.formats.fields import Hit
from reviewdb.text import is_key


class Keys:
    """The keys of a library while it is read."""

    def __init__(self) -> None:
        #: As BibTeX compares them: the key, the line and the title that it was first met with.
        self._met: dict[str, tuple[str, int, str]] = {}

    def doubled(self, found: Hit) -> Problem | None:
        """Note the key of an entry; return a problem where one before has it, in whatever capitals."""
        key, title = found.record.extra.get("citation_key"), found.record.title
        if not isinstance(key, str) or not is_key(key):
            return None
        if key.lower() not in self._met:
            self._met[key.lower()] = (key, found.line, title)
            return None
        first, line, other = self._met[key.lower()]
        what = f"{key} is the key of two entries" if key == first else f"{first} and {key} are one key for BibTeX"
        what += f": of line {line} ({other}), and of this one ({title})."
        todo = f"If they are two papers, this one gets another, such as {key}a; or change it, and import anew."
        return Problem("", found.line, what, todo)
