"""The command that proposes a coding scheme from a sheet: scheme draft."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reviewdb.cli.app import Json, place
from reviewdb.cli.recoding import DryRun, Yes, confirmed, scheme
from reviewdb.cli.talk import progress, say
from reviewdb.folder import SCHEME
from reviewdb.text import counted

if TYPE_CHECKING:
    from reviewdb.drafting import Draft


@scheme.command()
def draft(
    sheet: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV or TSV file, a row a paper; - is stdin.")],
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Propose facets, codes and queries from a sheet of codes, and add them to the review.

    The sheet is that of tag --from: key (or id, doi, title and year), and a column a facet. Values that come again are
    codes, several in a cell parted by ; or ,; numbers are numbers, with the unit of a heading such as Dice (%); other
    columns are texts. What the coding scheme has stays; only the facets of an untouched starter go.

    Example: reviewdb scheme draft codes.csv --dry-run
    """
    from reviewdb import drafting  # noqa: PLC0415 - it loads the build, which other commands start without

    def agree(made: Draft) -> bool:
        typer.echo(_json(made) if as_json else "\n".join(_preview(made)))
        return not dry_run and (yes or confirmed())

    with progress() as tell:
        made, is_written = drafting.draft(place(), sheet, agree, tell)
    if made.is_done:
        say("The review has all of it already; nothing is written.")
    if made.kept:
        say(f"Left as they are: {', '.join(made.kept)}")
    if is_written:
        new = f"{counted(len(made.facets), 'facet')} and {counted(len(made.queries), 'query', 'ies')}"
        say(f"Added: {new}. Next: reviewdb screen --from {sheet} --include, and reviewdb tag --from {sheet}")


def _preview(made: Draft) -> Iterator[str]:
    yield from _told(made)
    if made.added:
        yield f"{SCHEME}{', in place of the facets of the starter' * made.replaces}:"
        yield from (f"  {line}".rstrip() for line in made.added.splitlines())
    yield from made.queries


def _told(made: Draft) -> Iterator[str]:
    for one in made.facets:
        about = f"{one.kind}: {', '.join(one.codes.values())}" if one.codes else f"a {one.kind}"
        limits = f" from {one.minimum:g} to {one.maximum:g}" if None not in (one.minimum, one.maximum) else ""
        notice = f": {one.notice}" if one.notice else ""
        yield f"{one.label} ({one.id}) = {about}{f' in {one.unit}' if one.unit else ''}{limits}{notice}"
    for question, codes in made.longer:
        yield f"{question.label} ({question.id}): codes more: {', '.join(codes.values())}"


def _json(made: Draft) -> str:
    facets = [
        {"id": one.id, "label": one.label, "kind": one.kind, "unit": one.unit, "codes": dict(one.codes)}
        | ({"notice": one.notice} if one.notice else {})
        for one in made.facets
    ]
    longer = {question.id: dict(codes) for question, codes in made.longer}
    said = {"facets": facets, "codes": longer, "scheme": made.scheme, "queries": dict(made.queries)}
    return json.dumps({**said, "kept": list(made.kept)}, ensure_ascii=False, indent=2)
