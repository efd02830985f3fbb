"""Apart: work that another process does while this one goes on.

    python -m reviewdb.apart MODULE      jobs come in, and replies go out, pickled, one after the other

A module that works apart has a function `replies`, from jobs as they come to replies. Whoever sends them ends that
process; it ends by itself, whatever it is doing, where it is sent no more, since then its sender was killed.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from queue import SimpleQueue
from threading import Thread
from typing import Any, BinaryIO, TypeVar

Reply = TypeVar("Reply")

#: How such a process is started: it imports nothing of the folder where this one stands.
COMMAND = (sys.executable, "-P", "-m", "reviewdb.apart")


class Worker:
    """Another process that works; or none, where none is wanted, there is but one core, or the system has none to give.

    One that has failed once is asked no more.
    """

    def __init__(self, process: subprocess.Popen[bytes] | None) -> None:
        self._process = process

    def send(self, jobs: Iterable[object]) -> None:
        """Send jobs. It waits only as long as they take to be read: more of them may come before the first reply."""
        if self._process and self._process.stdin:
            with suppress(OSError):  # it has ended, which shows when it is to reply
                for job in jobs:
                    # One by one: who pickles remembers every text until the end.
                    pickle.dump(job, self._process.stdin, pickle.HIGHEST_PROTOCOL)
                self._process.stdin.flush()

    def reply(self, otherwise: Callable[[], Reply]) -> Reply:
        """Wait for the next reply, and return it; where none comes, what `otherwise` gives, which does the job here."""
        if self._process and self._process.stdout:
            with suppress(Exception):  # what is no pickle fails in any way
                found: Reply = pickle.load(self._process.stdout)  # noqa: S301 - ours
                return found
        self._process = None
        return otherwise()


@contextmanager
def working(module: str, *, wanted: bool = True) -> Iterator[Worker]:
    """Give another process that works by the `replies` of a module; what it does at the end of this is lost.

    Where it is not `wanted`, there is none: of few jobs, it would take longer to begin than to do them.
    """
    process = _begun(module) if wanted and (os.cpu_count() or 1) > 1 else None
    try:
        yield Worker(process)
    finally:
        if process:
            process.kill()
            with suppress(OSError):  # what could not be sent to it
                process.communicate()


def _begun(module: str) -> subprocess.Popen[bytes] | None:
    try:
        return subprocess.Popen(  # noqa: S603 - ours
            (*COMMAND, module), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    except OSError:
        return None


def _jobs(stream: BinaryIO) -> Iterator[Any]:
    """Yield jobs, which are read as they come: who sends one does not wait for the reply to another."""
    come: SimpleQueue[Any] = SimpleQueue()

    def read() -> None:
        try:
            while True:
                come.put(pickle.load(stream))  # noqa: S301 - of this module
        finally:
            os._exit(1)  # nobody is there to take what is being worked on

    Thread(target=read, daemon=True).start()
    while True:
        yield come.get()


def main(module: str) -> None:
    """Reply to what comes in; never returns."""
    status = 1
    try:
        replies: Callable[[Iterator[Any]], Iterator[Any]] = import_module(module).replies
        for reply in replies(_jobs(sys.stdin.buffer)):
            pickle.dump(reply, sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)
            sys.stdout.buffer.flush()
        status = 0
    finally:
        os._exit(status)  # Python would abort, as it cannot close what the other thread waits for


if __name__ == "__main__":
    main(sys.argv[1])
