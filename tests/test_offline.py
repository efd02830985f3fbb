"""Nothing is asked of the network by an import, nor by serving: the kernel's own list of connections says so."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from site_pages import PAGES

from reviewdb.review import Review

STRACE = ("strace", "-f", "--seccomp-bpf", "-q", "-e", "trace=connect,sendto,sendmsg", "-o")
# One more, to this machine, so that the list is known to be one.
IMPORT_ALL = """
import importlib, pkgutil, socket, reviewdb
names = [one.name for one in pkgutil.walk_packages(reviewdb.__path__, "reviewdb.") if not one.name.endswith("__main__")]
for name in names:
    importlib.import_module(name)
assert len(names) > 150, names
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("127.0.0.1", 9))
"""

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace: apt-get install strace")


def _reached(log: Path) -> set[str]:
    """Return the addresses that were reached for, of IPv4 and IPv6."""
    return set(re.findall(r'inet_(?:addr|pton)\((?:AF_INET6, )?"([^"]+)"', log.read_text("utf-8", errors="replace")))


def test_no_import_reaches_for_the_network(tmp_path: Path) -> None:
    log = tmp_path / "log"
    subprocess.run([*STRACE, log, sys.executable, "-c", IMPORT_ALL], check=True)
    assert _reached(log) == {"127.0.0.1"}


def test_serving_reaches_for_nobody(ready: Review, tmp_path: Path) -> None:
    log, said = tmp_path / "log", tmp_path / "said"
    command = [sys.executable, "-m", "reviewdb", "--review", ready.root, "serve", "--port", "0"]
    # strace ends as what it watches ends, and lets Ctrl-C pass: it reaches the whole group, as from a terminal.
    with (
        said.open("w") as stderr,
        subprocess.Popen([*STRACE, log, *command], stderr=stderr, start_new_session=True) as process,
    ):
        try:
            while not (found := re.search(r"http://\S+(?=/ )", said.read_text("utf-8"))):
                assert process.poll() is None, said.read_text("utf-8")
            with httpx.Client(base_url=found.group(), timeout=60) as client:
                assert {path: client.get(path).status_code for path in PAGES} == dict.fromkeys(PAGES, 200)
        finally:
            os.killpg(process.pid, signal.SIGINT)
    assert process.returncode == 0, said.read_text("utf-8")
    assert _reached(log) == set()
