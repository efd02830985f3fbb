"""The program in a process of its own that has imported it already: forked from one that does nothing else.

Half of what a short command takes is importing, and the tests run a thousand of them. It reads nothing, and ends
without what `atexit` would do; else it is `python -m reviewdb`, as `test_start_up` compares, and as every test with a
terminal or another environment starts it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from pathlib import Path

_server = get_context("forkserver") if hasattr(os, "fork") else None
if _server:
    _server.set_forkserver_preload(["reviewdb.cli"])


def run(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str], room: Path, timeout: float
) -> subprocess.CompletedProcess[str]:
    """Run the program and return what it printed, by way of files in `room`, and its exit code.

    Raises subprocess.TimeoutExpired after so many seconds.
    """
    out, err = room / "stdout", room / "stderr"
    # What Python itself is told, and the zone of the clock, are read as it starts.
    if _server is None or any(
        os.environ.get(n) != v for n, v in environment.items() if n.startswith(("PYTHON", "TZ", "LANG", "LC_"))
    ):
        command = [sys.executable, "-m", "reviewdb", *arguments]
        with out.open("wb") as said, err.open("wb") as told:
            code = subprocess.run(
                command, cwd=folder, env=environment, stdout=said, stderr=told, timeout=timeout, check=False
            ).returncode
    else:
        process = _server.Process(target=_run, args=(list(arguments), folder, dict(environment), out, err))
        process.start()
        process.join(timeout)
        if process.is_alive():
            process.kill()
            raise subprocess.TimeoutExpired(list(arguments), timeout)
        code = process.exitcode or 0
        process.close()
    return subprocess.CompletedProcess(arguments, code, out.read_text("utf-8"), err.read_text("utf-8"))


def _run(arguments: list[str], folder: Path, environment: dict[str, str], out: Path, err: Path) -> None:
    from reviewdb.__main__ import main  # noqa: PLC0415 - in the process that is forked

    for number, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["reviewdb", *arguments]
    main()
