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
    beside it. Rules read the text that counts. The last correction of a field counts. The citation key stays. The
    database is built anew, so put several fields of a paper right at once.

    Example: reviewdb correct mejia2017pca title="PCA leverage: outlier detection for fMRI data" --coder ana
    """
    from reviewdb import correcting  # noqa: PLC0415 - it loads the build, which other commands start without

    values = {name.strip(): value for name, _, value in (field.partition("=") for field in fields)}
    if undo and (said := [field for field in fields if "=" in field]):
        raise typer.BadParameter(f"{said[0]}: name the field alone", param_hint="--undo")
    if not undo and (said := [field for field in fields if "=" not in field]):
        raise typer.BadParameter(f"{said[0]!r} has no value: write {said[0]}=VALUE", param_hint="FIELD=VALUE")
    if len(values) < len(fields):
        raise typer.BadParameter("a field is named twice", param_hint="FIELD=VALUE")
    done = correcting.correct(place(), key, {} if undo else values, list(values) if undo else [], coder)
    for one in done.fields:
        say(f"{done.key}: {one.field} = {one.after or 'none'}  (was {one.before or 'none'})")
    if not done.file:
        why = "nobody corrected that" if undo else "that is what it says already"
        say(f"{done.key}: {why}. Nothing was written.")
        return
    say(f"Filed as {done.file}.")
