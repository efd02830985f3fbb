"""Talk: what is said to the person at the terminal, apart from data."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer


def say(text: str) -> None:
    """Say something on stderr."""
    typer.echo(text, err=True)


def complain(text: str) -> None:
    """Say on stderr what went wrong, in colour only on a terminal."""
    typer.echo(f"{typer.style('reviewdb:', fg='red', bold=True)} {text}", err=True)


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Show on a terminal what long work is at; say nothing anywhere else."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415 - only where somebody watches

    with Console(stderr=True).status("") as status:
        yield lambda doing: status.update(f"{doing} …")


@contextmanager
def bar() -> Iterator[Callable[[int, int, str], None]]:
    """Show on a terminal how much of long work is done (done, of how many, what goes on); elsewhere, a line a step."""
    if not sys.stderr.isatty():
        last = 0

        def tell(done: int, _: int, doing: str) -> None:
            nonlocal last
            if done > last:
                say(doing)
            last = done

        yield tell
        return
    from rich.console import Console  # noqa: PLC0415 - only where somebody watches
    from rich.markup import escape  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

    columns = (BarColumn(20), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True)) as drawn:
        task = drawn.add_task("", total=None)
        yield lambda done, of, doing: drawn.update(task, completed=done, total=of, description=escape(doing))
