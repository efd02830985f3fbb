"""The package: an installed copy carries the example, and needs nothing of the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

from conftest import ROOT
from packaging.requirements import Requirement
from packaging.version import Version


def _project() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return found


def test_every_range_of_a_dependency_has_both_ends_and_the_lower_one_is_that_of_the_tests() -> None:
    project = _project()
    extras = project["optional-dependencies"]
    stated = [*project["dependencies"], *(one for name in ("figures", "notebook", "rank") for one in extras[name])]
    pinned = [line for line in (ROOT / "tests/lowest.txt").read_text("utf-8").splitlines() if line[:1] != "#"]
    pins = {one.name: Version(str(one.specifier).removeprefix("==")) for one in map(Requirement, pinned)}
    ranges = {
        one.name: {part.operator: Version(part.version) for part in one.specifier} for one in map(Requirement, stated)
    }
    assert {name: ends[">="] for name, ends in ranges.items()} == pins
    assert {name: set(ends) for name, ends in ranges.items()} == {name: {">=", "<"} for name in pins}


def test_what_is_handed_out_holds_all_that_it_needs_and_nothing_else(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-t", "sdist", "-d", tmp_path]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    ours = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    there = {name for name in ours if (ROOT / name).is_file()}
    with zipfile.ZipFile(*tmp_path.glob("*.whl")) as wheel:
        inside = {name for name in wheel.namelist() if ".dist-info/" not in name}
        about = {name.partition(".dist-info/")[2] for name in wheel.namelist()} - {""}
    example = {name for name in there if name.startswith(("data/", "queries/", "notebooks/"))}
    package = {name for name in there if name.startswith("reviewdb/")}
    assert inside == package | {f"reviewdb/example/{name}" for name in example}
    assert about == {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}
    (path,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(path) as sdist:
        inside = {name.partition("/")[2] for name in sdist.getnames()} - {"PKG-INFO"}
    tests = {name for name in there if name.startswith(("tests/", ".readme/"))}
    alone = {".gitattributes", ".gitignore", "CHANGELOG.md", "LICENSE", "README.md", "pyproject.toml"}
    assert inside == package | example | tests | alone


def test_an_installed_copy_can_show_the_example(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")  # noqa: S202 - a zip, and ours
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed")}

    def run(*arguments: str, folder: Path = tmp_path) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "reviewdb", *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = [sys.executable, "-c", "import reviewdb; print(reviewdb.__file__)"]
    assert str(tmp_path) in subprocess.check_output(where, cwd=tmp_path, env=environment, text=True)
    run("init", "mine", "--example", "--paper")
    assert (tmp_path / "mine" / "notebooks" / "mini_review.ipynb").is_file()
    assert {path.name for path in (tmp_path / "mine" / "paper").iterdir()} > {"paper.tex", "latexmkrc", ".gitignore"}
    assert "15" in run("table", "headline-figures", folder=tmp_path / "mine")
    run("init", "fresh")
    run("check", folder=tmp_path / "fresh")
