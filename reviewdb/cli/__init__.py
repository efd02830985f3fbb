"""The command line: parse, call one function, print. Data goes to stdout, talk to stderr."""

from __future__ import annotations

import errno
import os
import sys
import traceback

from reviewdb import damage
from reviewdb.cli import (  # noqa: F401 - each adds commands
    agreeing,
    correcting,
    counting,
    deciding,
    deduplicating,
    differing,
    enriching,
    exporting,
    figuring,
    gathering,
    harvesting,
    proposing,
    publishing,
    ranking,
    reading,
    recoding,
    serving,
)
from reviewdb.cli.app import app
from reviewdb.cli.talk import complain
from reviewdb.errors import EXIT_BUG, EXIT_EXPECTED, EXIT_USAGE, ReviewError


def main() -> None:
    """Run the command line; the one place where an error becomes a message and an exit code."""
    _open_streams()
    if any(not _is_text(argument) for argument in sys.argv):
        complain("an argument is not valid text. Write it in UTF-8.")
        sys.exit(EXIT_USAGE)
    try:
        app()
    except ReviewError as error:
        complain(str(error))
        sys.exit(error.exit_code)
    except OSError as error:
        sys.exit(_outside(error))
    except Exception as error:  # noqa: BLE001 - the last resort: a bug of ours, told as one
        if damage.is_damage(error):
            complain(str(damage.told(error)))
            sys.exit(EXIT_EXPECTED)
        complain(f"a bug in reviewdb: {type(error).__name__}: {error}\nYour review is unharmed. Please report it.")
        if os.environ.get("REVIEWDB_TRACEBACK"):
            traceback.print_exc()
        else:
            complain("Run it again with REVIEWDB_TRACEBACK=1 to see where.")
        sys.exit(EXIT_BUG)


def _open_streams() -> None:
    # A stream that the shell closed (`>&-`) is None, and one of another encoding cannot say every title.
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - for as long as we run
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _is_text(argument: str) -> bool:
    try:
        argument.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _outside(error: OSError) -> int:
    """Tell of what the system refused, and return the exit code."""
    # What could not be written must not be tried again when the program ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if error.errno == errno.EPIPE:
        return 0  # whoever reads our output has seen enough
    what = f"{error.filename}: {error.strerror}" if error.filename else f"the output: {error.strerror or error}"
    complain(f"{what}. Mend that, then run it again.")
    return EXIT_EXPECTED
