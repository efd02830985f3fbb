"""Locks: who may write to a review, and who may ask sources for it, one process at a time."""

from __future__ import annotations

import errno
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reviewdb.errors import ReviewError
from reviewdb.folder import Review

_WRITING, _ASKING = ".reviewdb.lock", ".reviewdb-asking.lock"
_SECONDS = 30
# How a drive says that it keeps nobody apart.
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


@contextmanager
def writing(root: Path) -> Iterator[None]:
    """Hold the review at `root` for one writer; wait for another one at most 30 seconds.

    Raises ReviewError where one of its files leads out of it, too.
    """
    for stray in Review(root).strays():
        raise ReviewError(f"{stray}", "Nothing was written.")
    busy = f"{root}: another reviewdb has been writing for {_SECONDS} seconds."
    with _locked(root, _WRITING, _SECONDS, busy):
        yield


@contextmanager
def asking(root: Path) -> Iterator[None]:
    """Be the one process that asks sources for the review at `root`; another one is not waited for."""
    with _locked(root, _ASKING, 0, f"{root}: another reviewdb is harvesting or enriching."):
        yield


@contextmanager
def _locked(root: Path, name: str, seconds: int, busy: str) -> Iterator[None]:
    from filelock import FileLock, Timeout  # noqa: PLC0415 - only writers pay for it

    try:
        lock = FileLock(root / name, timeout=seconds)
        with warnings.catch_warnings():
            # Where a drive has no locks, it would warn and make do with a file, which a killed process leaves behind.
            warnings.simplefilter("error")
            lock.acquire()
    except Timeout:
        raise ReviewError(busy, "Wait for it, or end it.") from None
    except (NotImplementedError, Warning) as error:
        raise _lockless(root) from error
    except OSError as error:
        if error.errno in _NO_LOCKS:
            raise _lockless(root) from error
        raise ReviewError(
            f"{root}: cannot be written to: {error.strerror}.", "Mend the permissions, or copy the review elsewhere."
        ) from error
    try:
        yield
    finally:
        lock.release()


def _lockless(root: Path) -> ReviewError:
    what = f"{root}: the drive has no locks, so two who write at once could spoil each other's lines."
    return ReviewError(what, "Nothing was written. Work on a copy on a local disk, and bring it together with git.")
