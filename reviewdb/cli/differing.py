"""The command that compares: diff."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from reviewdb.cli.app import Json, Output, app, deliver, format_of, opened, place
from reviewdb.cli.talk import progress
from reviewdb.errors import ReviewError

_FORMATS = ("text", "md", "json")
_ENDINGS = {"txt": "text", "md": "md", "json": "json"}


@app.command()
def diff(
    since: Annotated[str, typer.Argument(metavar="REV|DATE", help="A git revision, or YYYY-MM-DD, YYYY-MM, YYYY.")],
    until: Annotated[str, typer.Option(metavar="REV|DATE", help="Up to this, not to the review as it is now.")] = "",
    format_: Annotated[str, typer.Option("--format", metavar="|".join(_FORMATS), help="How to print it.")] = "",
    output: Output = None,
    as_json: Json = False,
) -> None:
    """Say what changed since a git revision or a date.

    That is papers, searches, where papers stand, their codes, and the numbers of all tables. In Markdown it reads as a
    note for the release of a living review. A revision is built as it was, with its own scheme and queries, and your
    working tree is not touched. A date is taken from its beginning, and for --until to its end (UTC): it holds what was
    searched, decided and ruled by then, under the protocol, the scheme, its codes and the queries of today.

    Example: reviewdb diff v1.0 --format md -o CHANGES.md
    """
    from reviewdb import difference, history, notes  # noqa: PLC0415 - the build, which only this needs

    asked = format_of(_FORMATS, format_, output, _ENDINGS, as_json=as_json, others={"txt": ("md",)}) or "text"
    at = place()
    one = history.point(at, since)
    other = history.point(at, until) if until else None
    is_dated = other and not (one.revision and other.revision)
    if other and is_dated and other.date < one.date[: len(other.date)]:
        raise ReviewError(f"{until} is before {since}.", "Name the earlier one first.")
    # Somewhere it is tomorrow already.
    tomorrow = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}"
    for said, point in ((since, one), (until, other)):
        if point and not point.revision and point.date > tomorrow:
            raise ReviewError(f"{said} is still to come.", "Name a day that has been, such as 2026-01-01.")
    with progress() as tell, history.built(at, one, tell, before=True) as before:
        if other:
            with history.built(at, other, tell, before=False) as now:
                found = difference.compare(before, now)
        else:
            with opened(at) as now:
                found = difference.compare(before, now)
    write = {"text": notes.as_text, "md": notes.as_markdown, "json": notes.as_json}[asked]
    deliver(write(found, one.label, other.label if other else ""), output)
