"""Bounds: what a file may ask of memory, whatever its size: so long a line, and so much for one record."""

from __future__ import annotations

import io

#: Characters of the longest line, and of the longest record: some programs write a record on a line, none a library.
LARGEST = 1 << 26


class BoundedText(io.TextIOWrapper):
    """The text of a file, line by line. A line longer than `LARGEST` raises OSError, and is never held whole."""

    def __next__(self) -> str:  # type: ignore[override]  # the base is of bytes, as io has it
        line = self.readline(LARGEST + 1)
        if not line:
            raise StopIteration
        if len(line) > LARGEST:
            raise OSError(f"a line has more than {LARGEST:,} characters")
        return line
