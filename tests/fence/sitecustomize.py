"""The fence: stops what reaches an address outside loopback, or changes the project's own review.

Python runs this by itself where the folder is on PYTHONPATH, so that whatever a test starts stands inside too. It
imports next to nothing, as hundreds of processes read it. What is not Python, such as the browser, is outside.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder

_HERE = os.path.dirname(os.path.realpath(__file__))  # noqa: PTH120 - pathlib is slow to import
_ROOT = os.path.dirname(os.path.dirname(_HERE))  # noqa: PTH120
_PARTS = ("data", "queries", "review.db", "review.db-wal", "review.db-shm", ".reviewdb.lock")
_OWN = tuple(os.path.join(_ROOT, part) for part in _PARTS)  # noqa: PTH118
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# The arguments of an event that name what is changed, each with the one that holds the folder it is relative to.
_CHANGES = {
    "os.link": ((1, 3),),
    "os.mkdir": ((0, 2),),
    "os.remove": ((0, 1),),
    "os.rename": ((0, 2), (1, 3)),
    "os.rmdir": ((0, 1),),
    "os.symlink": ((1, 2),),
    "os.truncate": ((0, 9),),
    "shutil.rmtree": ((0, 1),),
}
# Events with an address as their second argument: (host, port, ...), but the name of a file for AF_UNIX.
_REACHES = ("socket.connect", "socket.sendto", "socket.sendmsg")
# Events that ask the network for the host that is their first argument.
_ASKS = ("socket.getaddrinfo", "socket.gethostbyname")


def stand() -> None:
    """Put up the fence in this process; nothing takes it down."""
    sys.addaudithook(_forbid)


def _forbid(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open":
        # The flags tell all: the mode is not given for os.open.
        if isinstance(arguments[2], int) and arguments[2] & _WRITES:
            _keep_out(arguments[0])
    elif event in _CHANGES:
        if event == "os.mkdir" and os.path.isdir(arguments[0]):  # noqa: PTH112 - "make it if it is not there"
            return
        for place, folder in _CHANGES[event]:
            _keep_out(arguments[place], arguments[folder] if folder < len(arguments) else None)
    elif event in _REACHES:
        address = arguments[1]
        if isinstance(address, tuple) and address:
            _keep_in(address[0])
    elif event in _ASKS:
        _keep_in(arguments[0])
    elif event == "sqlite3.connect":
        _keep_from_database(arguments[0])


def _keep_out(path: object, folder: object = None) -> None:
    if isinstance(path, int):  # a file that is open already
        return
    name = os.fsdecode(path)
    if isinstance(folder, int) and folder >= 0:
        name = os.path.join(f"/proc/self/fd/{folder}", name)  # noqa: PTH118
    # The name itself counts, not what it points to: a link can be removed and renamed as well.
    for real in (os.path.realpath(name), os.path.join(os.path.realpath(os.path.dirname(name)), os.path.basename(name))):  # noqa: PTH118, PTH119, PTH120
        if real == _ROOT or any(real == own or real.startswith(own + os.sep) for own in _OWN):
            raise AssertionError(f"a test tried to change {real}")


def _keep_from_database(database: object) -> None:
    name = os.fsdecode(database)
    if name.startswith("file:"):
        from urllib.parse import unquote  # noqa: PLC0415 - slow to import, and rarely needed

        name, _, options = name[len("file:") :].partition("?")
        name = unquote(name)
        if "mode=ro" in options or "mode=memory" in options:
            return
    if name not in ("", ":memory:"):
        _keep_out(name)


def _keep_in(host: object) -> None:
    if not isinstance(host, str | bytes):  # nobody, or another family's address
        return
    name = os.fsdecode(host)
    wildcard = name in ("", "0.0.0.0", "::")  # noqa: S104 - what a server listens on
    local = name in ("localhost", "::1") or (name.startswith("127.") and name.replace(".", "").isdigit())
    if not wildcard and not local:
        raise AssertionError(f"a test tried to reach {name}")


def _pass_on() -> None:
    """Run the sitecustomize that this one hides, if there is one."""
    found = PathFinder.find_spec("sitecustomize", [p for p in sys.path if os.path.realpath(p) != _HERE])
    if found is not None and found.loader is not None:
        module = type(sys)(found.name)
        module.__file__ = found.origin
        found.loader.exec_module(module)


if __name__ == "sitecustomize":
    stand()
    _pass_on()
