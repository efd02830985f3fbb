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
