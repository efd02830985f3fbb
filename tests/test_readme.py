"""The README is true: its reference is that of the commands, its tour runs, its links lead somewhere."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from conftest import ROOT, Program
from readme_reference import README, written

TEXT = README.read_text(encoding="utf-8")
TOUR = [
    shlex.split(line, comments=True)[1:]
    for block in re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL)
    for line in re.findall(r"^\$ (reviewdb .*)$", block, re.MULTILINE)
]


def test_the_reference_is_that_of_the_commands() -> None:
    assert written(TEXT) == TEXT, "run: python tests/readme_reference.py"


def test_the_tour_runs(program: Program, tmp_path: Path) -> None:
    assert len(TOUR) > 5
    assert program("init", "review", "--example").returncode == 0
    for arguments in TOUR:
        if arguments[0] in ("init", "serve"):
            continue
        done = program(*arguments, folder=tmp_path / "review", REVIEWDB_CODER="ana")
        assert done.returncode == 0, (arguments, done.stderr)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\((?!https?:)([^)#]+)\)", TEXT))))
def test_a_link_leads_to_a_file(target: str) -> None:
    assert (ROOT / target).exists()
