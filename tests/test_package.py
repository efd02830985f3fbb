"""The package: an installed copy carries the example, and needs nothing of the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

from conftest import ROOT


def test_an_installed_copy_can_show_the_example(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
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
