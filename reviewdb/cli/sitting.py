"""The screen that tag and screen open where no paper is named."""

from __future__ import annotations

import os
import sys
import webbrowser
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from reviewdb.cli.app import opened, place
from reviewdb.cli.talk import progress, say
from reviewdb.errors import EXIT_BUG, EXIT_USAGE, ReviewError
from reviewdb.text import counted

if TYPE_CHECKING:
    from reviewdb.folder import Review
    from reviewdb.session.views import Mode

_SCRIPT = {
    "tag": "reviewdb tag KEY modality=mri.brain --coder ana",
    "screen": "reviewdb screen KEY exclude --reason survey --coder ana",
}


#: Orders of papers.
RANK, SAMPLE = "rank", "sample"


def _ordered(at: Review, coder: str, stage: str, order: str, *, blind: bool) -> list[str]:
    from reviewdb import ordering  # noqa: PLC0415 - only where an order is asked for

    with opened(at) as connection, progress() as tell:
        return ordering.Orderer().order(connection, coder, stage, blind=blind, sample=order == SAMPLE, tell=tell).ids


def _browse(link: str) -> None:
    webbrowser.open(link)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def sit(
    mode: Mode,
    coder: str,
    *,
    stage: str = "",
    unblind: bool = False,
    plain: bool = False,
    order: str = "",
) -> None:
    """Open the keyboard screen, or ask line by line.

    `order`: RANK, papers most like those included so far first; SAMPLE, papers in an order of chance; empty, as they
    came.
    """
    if not sys.stdin.isatty():
        raise ReviewError(
            "the screen needs a keyboard, and stdin is no terminal.",
            f"In a script, name the paper: {_SCRIPT[mode]}",
            exit_code=EXIT_USAGE,
        )
    from reviewdb.session.keyboard import Keyboard  # noqa: PLC0415 - as above
    from reviewdb.session.opening import open_desk  # noqa: PLC0415 - it loads the build, which other commands start without

    at = place()
    files = (at.decisions_of(coder), at.rulings_of(coder))
    before = [_size(path) for path in files]
    ids = _ordered(at, coder, stage, order, blind=not unblind) if order else None
    with progress() as tell:
        desk = open_desk(at, coder, mode, tell, stage=stage, unblind=unblind, order=ids)
    with closing(desk):
        keyboard = Keyboard(desk, _browse)
        if plain or not sys.stdout.isatty() or os.environ.get("TERM", "dumb") in ("dumb", "unknown", ""):
            from reviewdb.tui import plain as lines  # noqa: PLC0415 - only where it is asked for

            code = lines.run(keyboard, input, typer.echo)
        else:
            from reviewdb.tui.screen import ReviewScreen  # noqa: PLC0415 - Textual, which only the screen needs

            screen = ReviewScreen(keyboard)
            code = screen.run() or 0
            if screen.fault:
                raise screen.fault
            code = code or (EXIT_BUG if screen.return_code else 0)  # the screen itself failed, and has said how
        saved = desk.trail.saved
    where = " and ".join(at.shown(path) for path, size in zip(files, before, strict=True) if _size(path) != size)
    say(f"{counted(saved, 'act')} in {where}" if saved else "Nothing is written.")
    if code:
        raise typer.Exit(code)
