"""Matching apart: the links of many records, found by another process while this one goes on.

    python -m reviewdb.matching.apart < COLUMNS > LINKS      both pickled, one column after the other

That process reads all before it writes, and ends where nobody reads what it writes.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import fields

from reviewdb.matching import Columns, links, match, of_records, prepare
from reviewdb.model import Link, Record

#: Of fewer records, another process would take longer to begin than to match them.
MANY = 20_000
#: How that process is started.
COMMAND = (sys.executable, "-m", "reviewdb.matching.apart")


@contextmanager
def matching(records: Collection[Record]) -> Iterator[Callable[[], list[Link]]]:
    """Begin to match records, and give what waits for the links, in order of ids.

    Where records are few, or there is one core, or the other process fails, they are found when they are asked for.
    """
    other = _begun(of_records(records)) if len(records) >= MANY and (os.cpu_count() or 1) > 1 else None

    def found() -> list[Link]:
        told = other.stdout.read() if other and other.stdout else b""
        return pickle.loads(told) if told and not other.wait() else match(records)  # type: ignore[union-attr]  # noqa: S301 - ours

    try:
        yield found
    finally:
        if other:
            other.kill()
            other.communicate()


def _begun(columns: Columns) -> subprocess.Popen[bytes] | None:
    """Return the process that matches; None where the system has none to give."""
    try:
        other = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # noqa: S603 - ours
    except OSError:
        return None
    try:
        with other.stdin as stream:  # type: ignore[union-attr]
            # One by one: who pickles remembers every text until the end.
            for column in fields(columns):
                pickle.dump(getattr(columns, column.name), stream, pickle.HIGHEST_PROTOCOL)
    except OSError:  # it ended before it had read all, and says nothing
        pass
    other.stdin = None
    return other


def _told() -> Columns:
    return Columns(*(pickle.load(sys.stdin.buffer) for _ in fields(Columns)))  # noqa: S301 - of this module


if __name__ == "__main__":
    pickle.dump(links(prepare(_told())), sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)
