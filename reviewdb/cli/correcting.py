"""The command that puts right what sources say of a paper."""

from __future__ import annotations

from typing import Annotated

import typer

from reviewdb.cli.app import Key, app, place
from reviewdb.cli.deciding import Name
from reviewdb.cli.talk import say


@app.command()
def correct(
    key: Key,
    fields: Annotated[list[str], typer.Argument(metavar="FIELD=VALUE...", help="title='...'  year=2021  venue=''")],
    coder: Name = "",
    undo: Annotated[
        bool, typer.Option("--undo", help="Name fields alone: what sources say of them counts again.")
    ] = False,
) -> None:
    """Put right what sources say of a paper: a title in small letters, a wrong year, a venue that is cut.

    Fields are title, authors (held apart by semicolons), year, venue, volume, pages, doi, url and abstract. What is
    corrected is filed under your name, and stands in every table, export and page; what sources said stays as it is
    beside it. The last correction of a field counts. The citation key stays.

    Example: reviewdb correct mejia2017pca title="PCA leverage: outlier detection for fMRI data" --coder ana
    """
    from reviewdb import correcting  # noqa: PLC0415 - it loads the build, which other commands start without

    values = dict(field.partition("=")[::2] for field in fields)
    if undo and (said := [field for field in fields if "=" in field]):
        raise typer.BadParameter(f"{said[0]}: name the field alone", param_hint="--undo")
    if not undo and (said := [field for field in fields if "=" not in field]):
        raise typer.BadParameter(f"{said[0]!r} has no value: write {said[0]}=VALUE", param_hint="FIELD=VALUE")
    given = {} if undo else {field.strip(): value for field, value in values.items()}
    done = correcting.correct(place(), key, given, list(values) if undo else [], coder)
    for one in done.fields:
        say(f"{done.key}: {one.field} = {one.after or 'none'}  (was {one.before or 'none'})")
    say(f"Filed as {done.file}." if done.file else f"{done.key} says so already. Nothing was written.")
