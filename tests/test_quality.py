"""The code keeps its own rules: types, lint, format, and floors whose imports only point down."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "check", "."),
        ("ruff", "format", "--check", "."),
        ("mypy", "--cache-dir", "{tmp}"),
        ("lint-imports", "--no-cache"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_the_code_keeps_its_rules(command: tuple[str, ...], tmp_path: Path) -> None:
    tool, *arguments = [part.format(tmp=tmp_path) for part in command]
    done = subprocess.run([BIN / tool, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_module_is_two_rooms() -> None:
    modules = ROOT.glob("reviewdb/**/*.py")
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in modules}
    assert {name: n for name, n in lengths.items() if n > 320} == {}


def test_every_statement_says_what_it_is_for() -> None:
    statements = [path for path in ROOT.glob("reviewdb/**/*.sql") if "starter" not in path.parts]
    assert len(statements) > 40
    assert [path.name for path in statements if not path.read_text(encoding="utf-8").startswith("-- ")] == []
