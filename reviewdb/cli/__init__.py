"""The command line: parse, call one function, print. Data goes to stdout, talk to stderr."""

from __future__ import annotations

import os
import sys
import traceback

from reviewdb.cli import deciding, reading, serving  # noqa: F401 - each adds its commands to the app
from reviewdb.cli.app import app
from reviewdb.cli.talk import complain
from reviewdb.errors import EXIT_BUG, ReviewError


def main() -> None:
    """Run the command line; the one place where an error becomes a message and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app()
    except ReviewError as error:
        complain(str(error))
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # Whoever reads our output has seen enough; nothing of ours is left to flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:  # noqa: BLE001 - the last resort: a bug of ours, told as one
        complain(f"a bug in reviewdb: {type(error).__name__}: {error}\nYour review is unharmed. Please report it.")
        if os.environ.get("REVIEWDB_TRACEBACK"):
            traceback.print_exc()
        else:
            complain("Run it again with REVIEWDB_TRACEBACK=1 to see where.")
        sys.exit(EXIT_BUG)
