"""What every test stands on: a copy of the example review, the real program, and a fence around both."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING

import forked
import hypothesis
import pytest

from reviewdb.review import Review

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[1]
FENCE = ROOT / "tests" / "fence"

# A machine that is busy elsewhere is no failure of the code.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")

#: The program as a process: arguments, and optionally a folder and an environment.
Program = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session", autouse=True)
def fence() -> None:
    """Let no test, nor any Python that it starts, reach beyond loopback or change the project's own review."""
    found = spec_from_file_location("fence", FENCE / "sitecustomize.py")
    assert found is not None
    assert found.loader is not None
    module = module_from_spec(found)
    found.loader.exec_module(module)
    module.stand()
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(FENCE), os.environ.get("PYTHONPATH")]))


# For a module alone: its driver runs a loop in this process, beside which no other can run.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return Chromium; a test that asks for it is skipped on a machine without."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - most tests have no browser

    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
        opened = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield opened
        opened.close()


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
def ready(built: Review, tmp_path: Path) -> Review:
    """Return a built copy of the mini-review, to be changed at will: copying is faster than building."""
    return Review(shutil.copytree(built.root, tmp_path / "review"))


@pytest.fixture
def program(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Return a function that runs the program as its users do and gives what it printed and its exit code."""
    room = tmp_path_factory.mktemp("said")
    outside = {k: v for k, v in os.environ.items() if not k.startswith("REVIEWDB_")}

    def run(*arguments: str | Path, folder: Path = tmp_path, **environment: str) -> subprocess.CompletedProcess[str]:
        return forked.run(
            [*map(str, arguments)],
            folder,
            {**outside, "COLUMNS": "100", **environment},
            room,
            timeout=240,  # for what hangs: a machine that is busy elsewhere is no failure of the code
        )

    return run
