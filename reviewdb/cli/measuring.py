"""Measuring: how the suggestions of the coding scheme fare against what people decided."""

from __future__ import annotations

import sys

import typer

from reviewdb import reading, tables
from reviewdb.cli import drawing
from reviewdb.cli.app import opened
from reviewdb.cli.talk import say


def quality(*, as_json: bool) -> None:
    """Print for each code how often rules were right, wrong and silent, and the words that misled them."""
    with opened() as connection:
        found = reading.quality(connection)
    if as_json:
        typer.echo(tables.as_json(found), nl=False)
    elif sys.stdout.isatty():
        drawing.draw(found)
    else:
        typer.echo(tables.as_markdown(found), nl=False)
    if not found.rows:
        say("No person has answered yet what rules suggest an answer to.")
