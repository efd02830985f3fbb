"""The journal: the only writer of the text of a review. A line is on disk whole, or it is not there."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import count
from math import isfinite
from pathlib import Path
from typing import Any

from reviewdb import conflicts
from reviewdb.errors import Problem, ReviewError

#: What is wrong with a file whose last line was not written whole.
TORN = "the last line is cut off."
_TORN_TODO = "Complete it, or set it aside: reviewdb check --repair"
# The byte order mark that some editors put before UTF-8.
_MARK = b"\xef\xbb\xbf"
MEGABYTE = 1_000_000
#: Bytes of the largest file that is read, which takes several times as much memory.
LARGEST = 1_000 * MEGABYTE
# Far from the depth at which Python gives up, wherever it stands when it writes the value again.
_DEEPEST = 100
# json.dumps makes an encoder for every line.
_to_json = json.JSONEncoder(ensure_ascii=False).encode


def read(
    path: Path, shown: str, skip: int = 0, until: int | None = None
) -> Iterator[tuple[int, dict[str, Any]] | Problem]:
    """Read a JSON Lines file, or its bytes from `skip` to `until`, a line at a time.

    Yield each good line with its number (counted from the start of what is read), and a problem, placed in the file
    called `shown`, for every other line.
    """
    try:
        if path.stat().st_size > LARGEST:
            what = f"it has more than {LARGEST // MEGABYTE} MB."
            yield Problem(shown, 0, what, "Part what it holds into several files.")
            return
        with path.open("rb") as handle:
            handle.seek(skip)
            left = LARGEST if until is None else until - skip
            unmerged: dict[int, Problem] | None = None
            for number, line in enumerate(handle, 1):
                if left <= 0:
                    return
                ended = line.endswith(b"\n") and len(line) <= left
                row = line[:left].removesuffix(b"\n")
                left -= len(line)
                if number == 1:
                    row = row.removeprefix(_MARK)
                if row.startswith(b"<<<<<<<") and unmerged is None:
                    text = path.read_bytes()[skip:until].decode("utf-8", "replace")
                    unmerged = {problem.line: problem for problem in conflicts.problems(text, shown)}
                if unmerged and number in unmerged:
                    yield unmerged[number]
                elif row.strip() and not (unmerged and conflicts.is_mark(row)):
                    yield _read(row, shown, number, ended=ended)
    except OSError as error:
        yield Problem(shown, 0, f"cannot be read: {error.strerror}.", "Check the file and its permissions.")


def _read(row: bytes, shown: str, number: int, *, ended: bool) -> tuple[int, dict[str, Any]] | Problem:
    try:
        return number, _object(row)
    except ValueError as error:
        if not ended:
            return Problem(shown, number, TORN, _TORN_TODO)
        told = conflicts.STRAY if conflicts.is_mark(row) else (f"{error}.", "Mend the line or delete it.")
        return Problem(shown, number, *told)


def _object(row: bytes) -> dict[str, Any]:
    try:
        text = row.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start + 1} of the line is not UTF-8") from None
    try:
        value = _decode(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON at character {error.pos + 1}: {error.msg}") from None
    except RecursionError:
        raise ValueError("the line is nested too deeply") from None
    except ValueError:
        raise ValueError("a number of the line is not finite or has thousands of digits") from None
    if not isinstance(value, dict):
        raise ValueError("the line is not a JSON object")  # noqa: TRY004 - a fault of the line like the others
    if text.count("[") + text.count("{") > _DEEPEST and _is_deep(value):
        raise ValueError("the line is nested too deeply")
    if "\\ud" in text.lower():
        try:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError:
            raise ValueError("the line has half of a surrogate pair (\\ud800 to \\udfff)") from None
    return value


def _finite(number: str) -> float:
    value = float(number)
    if not isfinite(value):
        raise ValueError(number)
    return value


# json.loads would make a decoder for each line.
_decode = json.JSONDecoder(parse_float=_finite, parse_constant=_finite).decode


def _is_deep(value: Any) -> bool:  # noqa: ANN401 - whatever JSON can say
    level = [value]
    for _ in range(_DEEPEST):
        inner = [item.values() if isinstance(item, dict) else item for item in level if isinstance(item, (dict, list))]
        level = [item for items in inner for item in items]
    return bool(level)


def append(path: Path, entries: Iterable[Mapping[str, Any]]) -> None:
    """Append `entries`, one line each, and return when they are on disk; on any failure, the file is as before.

    The caller holds `locks.writing()`. Raises ReviewError where the file ends in a torn line, the disk refuses, or a
    text cannot be written as UTF-8.
    """
    try:
        lines = b"".join(_to_json(entry).encode("utf-8") + b"\n" for entry in entries)
    except UnicodeEncodeError as error:
        raise ReviewError(
            f"{path}: nothing was written: {error.object!a} is not valid text.", "Write it in UTF-8."
        ) from error
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            _extend(path, lines)
        else:
            try:
                _extend(path, lines)
                _sync_folder(path.parent)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise ReviewError(
            f"{path}: nothing was written: {error.strerror}.",
            "Free some space or mend the permissions, then try again.",
        ) from error


def create(path: Path, entries: Iterable[Mapping[str, Any]]) -> None:
    """Write a new file of `entries`, one line each, whole or not at all; no more than a line is held in memory.

    The caller holds `locks.writing()`. What `entries` raises goes through, and nothing is written. Raises ReviewError
    where the file is there already or the disk refuses.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as handle:
            for entry in entries:
                handle.write(_to_json(entry).encode("utf-8", "replace") + b"\n")
            handle.flush()
            os.fsync(handle.fileno())
        if path.exists():
            raise ReviewError(f"{path}: is there already.", "Nothing was written.")
        part.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise ReviewError(
            f"{path}: nothing was written: {error.strerror}.",
            "Free some space or mend the permissions, then try again.",
        ) from error
    finally:
        part.unlink(missing_ok=True)


def replace(path: Path, data: bytes) -> None:
    """Put `data` in the place of a file that people write, such as the coding scheme: whole, or all is as before.

    The caller holds `locks.writing()`. Raises ReviewError where the disk refuses.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as handle:
            _write(handle.fileno(), data)
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise ReviewError(
            f"{path}: nothing was written: {error.strerror}.",
            "Free some space or mend the permissions, then try again.",
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _extend(path: Path, lines: bytes) -> None:
    with path.open("ab", buffering=0) as handle:
        before = handle.seek(0, os.SEEK_END)
        lines = _missing_end(path, before) + lines
        try:
            _write(handle.fileno(), lines)
        except BaseException:
            with suppress(OSError):  # what is reported is why the line was refused
                os.ftruncate(handle.fileno(), before)
            raise


def _missing_end(path: Path, size: int) -> bytes:
    """Return what the file lacks to end in a whole line: some editors leave out the end of the last one."""
    if not size:
        return b""
    with path.open("rb") as handle:
        handle.seek(size - 1)
        if handle.read(1) == b"\n":
            return b""
        handle.seek(0)
        last = handle.read().removeprefix(_MARK).rpartition(b"\n")[2]
    try:
        return b"\n" if last.strip() and _object(last) is not None else b""
    except ValueError:
        raise ReviewError(f"{path}: {TORN}", _TORN_TODO) from None


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
    os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    # A new file survives a power cut only when its folder is on disk too; Windows has no such call.
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def set_aside(path: Path, lines: int, to: Path) -> Path:
    """Move what follows the first `lines` lines of a file into a new file in the folder `to`, and return that.

    It is on disk there before it goes here: nothing is deleted. The caller holds `locks.writing()`. Raises ReviewError
    where the disk refuses.
    """
    try:
        data = path.read_bytes()
        keep = len(b"".join(line + b"\n" for line in data.split(b"\n")[:lines]))
        to.mkdir(parents=True, exist_ok=True)
        name = f"{path.parent.name}-{path.stem}"  # a coder decides and rules under one name
        target = next(p for n in count(1) if not (p := to / f"{name}-{n}.jsonl").exists())
        with target.open("xb") as handle:
            _write(handle.fileno(), data[keep:])
        _sync_folder(to)
        if keep:
            os.truncate(path, keep)
        else:
            path.unlink()
    except OSError as error:
        raise ReviewError(f"{path}: {error.strerror}.", "Free some space or mend the permissions.") from error
    return target


def keep(path: Path, data: bytes) -> Path:
    """Write `data` to a file beside the review that nothing depends on, and return its path."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise ReviewError(f"{path}: {error.strerror}.", "Free some space or mend the permissions.") from error
    return path
