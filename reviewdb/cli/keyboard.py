"""The keyboard: one key at a time from a terminal."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: What `keyboard` gives for the escape key alone, and where the terminal is gone.
ESCAPE, END = "\x1b", "\x04"

# Terminals send the bytes of one key at once; what comes later than this after an escape is another key.
_SECONDS = 0.05
_GLANCE = 0.5
_FINAL = range(0x40, 0x7F)


@contextmanager
def keyboard() -> Iterator[Callable[[], str]]:
    """Give a function that waits for a key and returns it; keys pressed while other work goes on are not lost.

    A key is a letter in lower case, a mark, or for arrows and the like all that the terminal sends for it, which begins
    with an escape and is longer than one.
    """
    try:
        import termios  # noqa: PLC0415 - Windows has none
        import tty  # noqa: PLC0415
    except ImportError:
        from click import getchar  # noqa: PLC0415 - as above

        yield lambda: getchar().lower()
        return
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal, termios.TCSADRAIN)
    try:
        yield lambda: _key(terminal)
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _key(terminal: int) -> str:
    # An interrupt that comes just before a read would not be heard until the next key: look up now and then.
    while not select.select([terminal], [], [], _GLANCE)[0]:
        pass
    held = os.read(terminal, 1)
    if not held:
        return END
    if held == ESCAPE.encode():
        held += _next(terminal)
        if held[1:] in (b"[", b"O"):
            while (more := _next(terminal)) and more[0] not in _FINAL:
                held += more
            held += more
    while held[0] >= 0xC0 and len(held) < _length(held[0]) and (more := _next(terminal)):  # noqa: PLR2004 - UTF-8
        held += more
    return held.decode("utf-8", "replace").lower()


def _length(lead: int) -> int:
    """Return of how many bytes a character is that begins so in UTF-8."""
    return 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4  # noqa: PLR2004


def _next(terminal: int) -> bytes:
    """Return the byte that belongs to the same key, if one is there."""
    return os.read(terminal, 1) if select.select([terminal], [], [], _SECONDS)[0] else b""
