"""Git: the only user of git. It reads what a revision holds; index, working tree and branches stay as they are."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reviewdb.errors import ReviewError
from reviewdb.hints import hint

#: No question is asked, nothing is fetched, nothing is locked, and messages are those that we know.
_QUIET = {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
_INSTEAD = "Name a date instead: reviewdb diff 2026-01-01"


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit, by the name that a person gave it; `date` is the day of it."""

    name: str
    commit: str
    date: str


def revision(folder: Path, name: str) -> Revision:
    """Return the revision of a name in the repository that a folder lies in. Raises ReviewError where there is none."""
    done = _git(folder, "rev-parse", "--show-toplevel")
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        if "not a git repository" in said:
            raise ReviewError(f"{folder} is in no git repository, so it has no revision {name!r}.", _INSTEAD)
        raise ReviewError(f"git refuses to read {folder}: {said}", _INSTEAD)
    asked = f"{name}^{{commit}}"
    found = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", asked)
    if found.returncode or not name:
        refs = _git(folder, "for-each-ref", "--format=%(refname:short)").stdout.decode(errors="replace").split()
        todo = hint(name, refs, "See which there are: git tag; git log --oneline")
        raise ReviewError(f"git knows no revision {name!r}.", todo)
    commit = found.stdout.decode().strip()
    date = _git(folder, "show", "--no-patch", "--format=%cs", commit).stdout.decode().strip()
    return Revision(name, commit, date)


def files(folder: Path, of: Revision, *below: str) -> Mapping[str, bytes]:
    """Return what the files below some folders of `folder` held at a revision, by their names relative to `folder`."""
    listed = _git(folder, "ls-tree", "-r", "-z", of.commit, "--", *below)
    names: dict[str, str] = {}
    for line in listed.stdout.split(b"\0"):
        about, _, name = line.partition(b"\t")
        kind = about.split()
        if kind and kind[0].startswith(b"100"):  # a file, neither a link nor a repository inside of this one
            names[name.decode(errors="surrogateescape")] = kind[2].decode()
    given = _git(folder, "cat-file", "--batch", said="".join(f"{blob}\n" for blob in names.values()).encode())
    if listed.returncode or given.returncode:
        raise ReviewError(f"git cannot read {of.name}: {given.stderr.decode(errors='replace').strip()}", _INSTEAD)
    held, rest = {}, given.stdout
    for path in names:
        head, _, rest = rest.partition(b"\n")
        if head.endswith(b" missing"):
            raise ReviewError(f"git does not have {path} of {of.name} here.", "Fetch it: git fetch --unshallow")
        size = int(head.split()[2])
        held[path], rest = rest[:size], rest[size + 1 :]
    return held


def _git(folder: Path, *arguments: str, said: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 - a name that begins with a hyphen is never taken for an option
            ["git", "-C", str(folder), *arguments],  # noqa: S607 - the git that the person has
            input=said,
            stdin=subprocess.DEVNULL if said is None else None,
            capture_output=True,
            env={**os.environ, **_QUIET},
            check=False,
        )
    except FileNotFoundError as error:
        raise ReviewError("there is no git to read a revision with.", f"Install git. {_INSTEAD}") from error
    except ValueError as error:
        raise ReviewError("the name of a revision holds what no name can.", _INSTEAD) from error
