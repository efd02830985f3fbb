"""What every test stands on: a copy of the example review, the real program, and a fence around both."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from reviewdb.review import Review

ROOT = Path(__file__).parents[1]

# A machine that is busy elsewhere is no failure of the code.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")

#: The program as a subprocess: arguments, and optionally input, environment and folder.
Program = Callable[..., subprocess.CompletedProcess[str]]


def _forbid(event: str, arguments: Sequence[Any]) -> None:
    if event == "socket.connect" and isinstance(arguments[1], tuple) and not _is_loopback(arguments[1][0]):
        raise AssertionError(f"a test tried to reach {arguments[1][0]}")
    if event == "open" and isinstance(arguments[0], str) and isinstance(arguments[1], str):
        path = os.path.realpath(arguments[0])
        if set(arguments[1]) & set("wax+") and path.startswith((f"{ROOT}/data/", f"{ROOT}/queries/")):
            raise AssertionError(f"a test tried to write to {path}")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture(scope="session", autouse=True)
def fence() -> None:
    """Let no test reach an address outside loopback or write to the project's own review."""
    sys.addaudithook(_forbid)


@pytest.fixture
def example(tmp_path: Path) -> Review:
    """Return a copy of the mini-review, to be changed at will."""
    folder = tmp_path / "review"
    for part in ("data", "queries"):
        shutil.copytree(ROOT / part, folder / part)
    return Review(folder)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Review:
    """Return a built copy of the mini-review that tests only read."""
    from reviewdb import build  # noqa: PLC0415 - the fence stands first

    folder = tmp_path_factory.mktemp("built")
    for part in ("data", "queries"):
        shutil.copytree(ROOT / part, folder / part)
    build.refresh(Review(folder))
    return Review(folder)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Return a function that runs the program as its users do and gives what it printed and its exit code."""
    outside = {k: v for k, v in os.environ.items() if not k.startswith("REVIEWDB_")}

    def run(*arguments: str | Path, folder: Path = tmp_path, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "reviewdb", *map(str, arguments)],
            cwd=folder,
            env={**outside, "COLUMNS": "100", **environment},
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    return run
