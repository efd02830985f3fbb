"""A program in a terminal of its own: keys are typed, what it draws is read, and it can be killed or resized."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from reviewdb import database, review
from reviewdb.review import Review

_CONTROL = re.compile(r"\x1b\[[0-9;:?<>=]*[ -/]*[@-~]|\x1b[()][A-Z0-9]|\x1b\][^\x07]*\x07|\x1b.")
#: What the screen says of an act that is on disk: its number in the session and the paper's key.
SAVED = re.compile(r"(\d+) saved: (?:undone: |redone: )?(\S+) ")


class Terminal:
    """`reviewdb` with `arguments` in a new terminal of `rows` and `columns`."""

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        size: tuple[int, int] = (24, 80),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.text = ""
        self._code: int | None = None
        self.pid, self._at = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.environ.update({"TERM": "xterm-256color", **(environment or {})})
            os.execv(sys.executable, [sys.executable, "-m", "reviewdb", *arguments])  # noqa: S606 - our own program
        self.resize(*size)

    def resize(self, rows: int, columns: int) -> None:
        """Give the terminal another size, and tell the program."""
        fcntl.ioctl(self._at, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.kill(self.pid, signal.SIGWINCH)

    def send(self, keys: str) -> None:
        """Type keys."""
        os.write(self._at, keys.encode())

    def read(self, seconds: float) -> bool:
        """Read what is drawn for so long; return False where the program has ended."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not select.select([self._at], [], [], left)[0]:
                continue
            try:
                data = os.read(self._at, 65536)
            except OSError:
                return False
            if not data:
                return False
            self.text += data.decode("utf-8", "replace")
        return True

    def until(self, pattern: str, seconds: float = 20) -> str:
        """Read until something is drawn; return it, or fail with what was."""
        end = time.monotonic() + seconds
        while not (found := re.search(pattern, self.drawn)):
            if time.monotonic() > end or not self.read(0.05):
                raise AssertionError(f"{pattern!r} was not drawn:\n{self.drawn[-3000:]}")
        return found.group()

    @property
    def drawn(self) -> str:
        """All that was drawn so far, without colours and places."""
        return _CONTROL.sub("", self.text)

    @property
    def saved(self) -> list[tuple[int, str]]:
        """The acts that the screen has acknowledged."""
        return [(int(number), key) for number, key in SAVED.findall(self.drawn)]

    def kill(self) -> None:
        """End the program as a power cut would."""
        os.kill(self.pid, signal.SIGKILL)
        self.wait()

    def wait(self, seconds: float = 20) -> int:
        """Wait until the program ends; return its exit code."""
        end = time.monotonic() + seconds
        while self._code is None:
            self.read(0.02)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > end:
                os.kill(self.pid, signal.SIGKILL)
        os.close(self._at)
        return self._code


def acts(place: Review, coder: str) -> list[set[str]]:
    """Return the records of each act of a coder: lines of one moment are one."""
    found: dict[str, set[str]] = {}
    for line in place.decisions_of(coder).read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        found.setdefault(entry["at"], set()).add(entry["record"])
    return list(found.values())


def keys_of(place: Review) -> dict[str, str]:
    """Return the citation key of each record."""
    with closing(database.reader(place.database)) as connection:
        rows = connection.execute("SELECT record_id, key FROM paper_records JOIN papers ON papers.id = paper_id")
        return dict(rows.fetchall())


def check(place: Review, coder: str, saved: list[tuple[int, str]], names: dict[str, str]) -> None:
    """Fail unless each act that a screen acknowledged is on disk, and every file can be read."""
    written = acts(place, coder)
    assert [number for number, _ in saved if number > len(written)] == []
    papers = [{names[record] for record in act} for act in written]
    assert [key for number, key in saved if papers[number - 1] != {key}] == []
    assert review.load(place).problems == []
