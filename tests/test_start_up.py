"""Commands start fast because they leave heavy packages alone."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from conftest import Program

from reviewdb.review import Review

HEAVY = (
    *("pandas", "numpy", "datasette", "scholarly", "sqlite_utils", "uvicorn", "httpx", "jinja2", "bs4", "scipy"),
    *("sklearn", "textual", "xlsxwriter", "matplotlib"),
)


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        (["--help"], set()),
        (["search", "brain"], set()),
        (["table", "table-1", "--json"], set()),
        (["table", "table-1", "--format", "latex"], set()),
        (["export", "csv"], set()),
        (["status"], set()),
        (["flow"], set()),
        (["flow", "--format", "tikz"], set()),
        (["tag", "--help"], set()),
        (["agree", "--help"], set()),
        (["agree"], {"numpy"}),
        (["tag", "schlegl2017unsupervised", "method=gan", "--coder", "mini-review"], set()),
        (["show", "schlegl2017unsupervised"], set()),
        (["harvest", "--help"], set()),
        (["import", "--help"], set()),
        (["enrich", "--help"], set()),
        (["rank", "--help"], set()),
        (["rank", "--sample", "5"], set()),
        (["check"], {"numpy"}),
        (["figure", "papers-by-year"], {"numpy"}),
        (["figure", "flow", "--format", "svg"], {"numpy", "matplotlib"}),
        (["diff", "2022"], {"numpy"}),
    ],
)
def test_a_command_imports_only_what_it_needs(arguments: list[str], allowed: set[str], built: Review) -> None:
    code = (
        "import sys, runpy\n"
        f"sys.argv = ['reviewdb', *{arguments!r}]\n"
        "try: runpy.run_module('reviewdb', run_name='__main__')\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        f"print('\\n' + ' '.join(name for name in {HEAVY!r} if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=built.root, capture_output=True, text=True, check=True)
    assert set(done.stdout.splitlines()[-1].split()) <= allowed


@pytest.mark.parametrize("arguments", [["status"], ["table", "none"], ["tag", "--nonsense"], ["show", "zzz", "--json"]])
def test_the_program_is_the_same_where_tests_fork_it(arguments: list[str], built: Review, program: Program) -> None:
    command = [sys.executable, "-m", "reviewdb", *arguments]
    environment = {**os.environ, "COLUMNS": "100"}
    plain = subprocess.run(command, cwd=built.root, env=environment, capture_output=True, encoding="utf-8", check=False)
    forked = program(*arguments, folder=built.root)
    said = plain.stderr.replace("python -m reviewdb", "reviewdb")
    assert (forked.returncode, forked.stdout, forked.stderr) == (plain.returncode, plain.stdout, said)
