"""The fence: what a test or a program that it starts may not do, shown on a copy with a project of its own to guard."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import FENCE

# An address that belongs to nobody (RFC 5737); a datagram socket that connects to it sends nothing.
NOBODY = ("192.0.2.1", 9)
STOPPED = [
    "open('data/x', 'w')",
    "open(b'data/x', 'ab')",
    "open('data/kept', 'r+')",
    "Path('queries/x').write_text('')",
    "os.open('data/x', os.O_CREAT | os.O_WRONLY)",
    "os.open(Path('data/kept'), os.O_RDWR)",
    "os.remove('data/kept')",
    "os.remove('kept', dir_fd=os.open('data', os.O_RDONLY))",
    "os.rename('data/kept', 'elsewhere')",
    "os.replace('free', 'data/kept')",
    "os.rename('data', 'elsewhere')",
    "os.truncate('data/kept', 0)",
    "os.mkdir('data/new')",
    "os.rmdir('queries')",
    "os.symlink('free', 'data/link')",
    "os.link('free', 'data/link')",
    "shutil.rmtree('data')",
    "shutil.rmtree('.')",
    "open('review.db', 'w')",
    "sqlite3.connect('review.db')",
    "sqlite3.connect('data/x.db')",
    "sqlite3.connect('file:data/x%2Edb', uri=True)",
    "open('link/kept', 'w')",
    "socket.socket(type=socket.SOCK_DGRAM).connect(('192.0.2.1', 9))",
    "socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('192.0.2.1', 9))",
    "socket.getaddrinfo('127.example.invalid', 80)",
    "socket.getaddrinfo('example.invalid', 80)",
]
FREE = [
    "open('data/kept')",
    "os.open('data/kept', os.O_RDONLY)",
    "open('free', 'w')",
    "os.mkdir('new')",
    "os.makedirs('data', exist_ok=True)",
    "Path.cwd().mkdir(exist_ok=True)",
    "os.rename('new', 'newer')",
    "open('database', 'w')",
    "sqlite3.connect(':memory:').execute('CREATE TABLE t (a)')",
    "sqlite3.connect('other.db').execute('CREATE TABLE t (a)')",
    "socket.socket(type=socket.SOCK_DGRAM).connect(('127.0.0.1', 9))",
    "socket.getaddrinfo('localhost', 80)",
    "socket.getaddrinfo(None, 80)",
    "a, b = socket.socketpair(); a.send(b'x')",
]
UNIX = "s = socket.socket(socket.AF_UNIX); s.bind('s'); s.listen(); socket.socket(socket.AF_UNIX).connect('s')"
TRY = """
import os, shutil, socket, sqlite3, sys
from pathlib import Path
for attempt in {attempts!r}:
    try:
        exec(attempt)
    except AssertionError as error:
        print("stopped" if "a test tried to" in str(error) else error)
    except Exception as error:
        print(repr(error))
    else:
        print("free")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project to guard, with a fence of its own: where the fence has a hole, nothing real is lost."""
    shutil.copytree(FENCE, tmp_path / "tests" / "fence")
    for part in ("data", "queries"):
        (tmp_path / part).mkdir()
    for name in ("data/kept", "free"):
        (tmp_path / name).write_text("kept", encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "data")
    return tmp_path


def python(project: Path, code: str, *more: Path) -> list[str]:
    """Return the lines that Python prints inside the fence of `project`."""
    path = os.pathsep.join(map(str, [project / "tests" / "fence", *more]))
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(
        command, cwd=project, env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout.splitlines()


def test_what_changes_the_review_or_leaves_the_machine_is_stopped_and_the_rest_is_free(project: Path) -> None:
    free = [*FREE, UNIX] if hasattr(socket, "AF_UNIX") else FREE
    said = python(project, TRY.format(attempts=[*STOPPED, *free]))
    assert dict(zip([*STOPPED, *free], said, strict=True)) == dict.fromkeys(STOPPED, "stopped") | dict.fromkeys(
        free, "free"
    )
    assert sorted(path.name for part in ("data", "queries") for path in (project / part).iterdir()) == ["kept"]
    assert (project / "data" / "kept").read_text(encoding="utf-8") == "kept"


def test_a_program_that_a_program_starts_is_inside(project: Path) -> None:
    inner = TRY.format(attempts=STOPPED[:1])
    assert python(project, f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])") == ["stopped"]


def test_a_sitecustomize_of_the_machine_still_runs(project: Path) -> None:
    (project / "machine").mkdir()
    (project / "machine" / "sitecustomize.py").write_text("print('machine', __file__[-3:])", encoding="utf-8")
    said = python(project, TRY.format(attempts=STOPPED[:1]), project / "machine")
    assert said == ["machine .py", "stopped"]


def test_the_tests_themselves_and_what_they_start_are_inside() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as outward, pytest.raises(AssertionError, match="tried to reach"):
        outward.connect(NOBODY)
    code = f"import socket; socket.socket(type=socket.SOCK_DGRAM).connect({NOBODY!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "a test tried to reach" in done.stderr
