"""Commands that change the coding scheme: rename, merge, split, retire, each shown before it is done."""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from reviewdb.cli.app import Json, app, place
from reviewdb.cli.deciding import Name, Why
from reviewdb.cli.talk import complain, progress, say
from reviewdb.errors import ReviewError
from reviewdb.text import counted

if TYPE_CHECKING:
    from reviewdb.recoding import Plan

scheme = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Rename, merge, split or retire codes: in the coding scheme, and for all answers given so far.",
    epilog="What was said under the old names stays in the history. Each step can be undone: reviewdb scheme undo",
)
app.add_typer(scheme, name="scheme")

_SHOWN = 10

Facet = Annotated[str, typer.Argument(metavar="FACET", help="A facet; or a stage, whose codes are its reasons.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change, and write nothing.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@scheme.command()
def rename(
    facet: Facet,
    old: Annotated[str, typer.Argument(metavar="OLD", help="A code; those below it move along.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Its new name, which no code has.")],
    coder: Name = "",
    why: Why = "",
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Give a code another name; whoever said the old one has said the new one.

    Example: reviewdb scheme rename method gan adversarial --dry-run
    """
    _recode("rename", facet, (old,), (new,), coder=coder, why=why, dry_run=dry_run, yes=yes, as_json=as_json)


@scheme.command()
def merge(
    facet: Facet,
    codes: Annotated[list[str], typer.Argument(metavar="OLD... INTO", help="The codes, and the one they become.")],
    coder: Name = "",
    why: Why = "",
    new: Annotated[bool, typer.Option("--new", help="INTO is a new code.")] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Make one code of several; their words in the scheme then speak for that one.

    Example: reviewdb scheme merge method vae autoencoder --why "told apart by nobody" --dry-run
    """
    if len(codes) < 2:  # noqa: PLR2004 - one that becomes another
        raise typer.BadParameter("name a code, and the one that it becomes", param_hint="OLD... INTO")
    old, into = tuple(codes[:-1]), (codes[-1],)
    _recode("merge", facet, old, into, coder=coder, why=why, dry_run=dry_run, yes=yes, as_json=as_json, new=new)


@scheme.command()
def split(
    facet: Facet,
    old: Annotated[str, typer.Argument(metavar="OLD", help="A code.")],
    new: Annotated[list[str], typer.Argument(metavar="INTO...", help="The codes that it becomes, two or more.")],
    coder: Name = "",
    why: Why = "",
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Make several codes of one: answers that named it are open until somebody says which.

    reviewdb table reopened lists them. Where all the new codes are below the old one, that one stays.

    Example: reviewdb scheme split method gan gan.image gan.latent --dry-run
    """
    if len(new) < 2:  # noqa: PLR2004 - two at least
        raise typer.BadParameter("name two codes at least; one: reviewdb scheme rename", param_hint="INTO")
    _recode("split", facet, (old,), tuple(new), coder=coder, why=why, dry_run=dry_run, yes=yes, as_json=as_json)


@scheme.command()
def retire(
    facet: Facet,
    codes: Annotated[list[str], typer.Argument(metavar="CODE...", help="The codes; those below them go as well.")],
    coder: Name = "",
    why: Why = "",
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Take a code out of use; answers keep what else they named, and the coarser code that it implied.

    Example: reviewdb scheme retire method hmm --dry-run
    """
    _recode("retire", facet, tuple(codes), (), coder=coder, why=why, dry_run=dry_run, yes=yes, as_json=as_json)


@scheme.command()
def undo(
    facet: Annotated[str, typer.Argument(metavar="FACET", help="Of this facet or stage; by default of any.")] = "",
    coder: Name = "",
    why: Why = "",
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Take the coder's last change of codes back, in the coding scheme as well.

    Codes that it added stay in the scheme.

    Example: reviewdb scheme undo method --dry-run
    """
    _recode("undo", facet, (), (), coder=coder, why=why, dry_run=dry_run, yes=yes, as_json=as_json)


def _recode(
    kind: str,
    facet: str,
    codes: tuple[str, ...],
    became: tuple[str, ...],
    *,
    coder: str,
    why: str,
    dry_run: bool,
    yes: bool,
    as_json: bool,
    new: bool = False,
) -> None:
    from reviewdb import recoding, recodings  # noqa: PLC0415 - it loads the build, which other commands start without
    from reviewdb.coding import Coder  # noqa: PLC0415 - as above
    from reviewdb.intents import Asked  # noqa: PLC0415 - as above

    def agree(plan: Plan) -> bool:
        typer.echo(_json(plan) if as_json else "\n".join(_preview(plan)))
        return not dry_run and (yes or confirmed())

    at = place()
    with progress() as tell:
        plan, fault = recoding.recode(at, Asked(kind, facet, codes, became, new), Coder(coder, why), agree, tell)
    if plan.is_done:
        say("That is done already; nothing is written.")
        return
    if not dry_run:
        written = [*plan.texts, *([at.shown(at.decisions_of(coder))] if plan.line else [])]
        # The last change of its coder is what undo takes back, so the undoing of one is made good by making it again.
        back = f"{recodings.command(plan.made)} --coder {coder}" if plan.undoes else recodings.undo_command(plan.made)
        say(f"Done: {', '.join(written)}. To {'do it again' if plan.undoes else 'take it back'}: {back}")
    if again := recoding.reopened(plan):
        say(f"{counted(len(again), 'paper')} to code again: reviewdb table reopened")
    if fault:
        complain(f"That is kept, but the database is as it was.\n{fault}")


def confirmed() -> bool:
    """Ask whether to do it. Raises ReviewError where nobody is there to ask, and where the answer is no."""
    if not sys.stdin.isatty():
        raise ReviewError("nothing is written: nobody is there to confirm it.", "Say so with --yes.")
    if not typer.confirm("Do it?", err=True):
        raise ReviewError("nothing is written.")
    return True


def _json(plan: Plan) -> str:
    made = {"facet": plan.made.facet, "recodes": list(plan.made.codes), "to": list(plan.made.became)}
    said = {**made, "undoes": plan.undoes, "files": list(plan.texts), **plan.effect.as_object()}
    return json.dumps(said, ensure_ascii=False, indent=2)


def _preview(plan: Plan) -> Iterator[str]:
    made, effect = plan.made, plan.effect
    became = ", ".join(made.became) or "retired"
    yield f"{made.facet}: {', '.join(made.codes)} → {became}{' (taken back)' * plan.undoes}"
    answers, papers, coders = (len(found) for found in (effect.changes, effect.papers, effect.coders))
    who = f" by {', '.join(effect.coders)}" * bool(coders)
    yield f"{counted(answers, 'answer')} about {counted(papers, 'paper')}{who} will count as something else:"
    for change in effect.changes[:_SHOWN]:
        after = "open again" if change.reopened else change.after or "nothing"
        yield f"  {change.key}: {change.question} = {change.before or 'nothing'} → {after}  ({change.coder})"
    if answers > _SHOWN:
        yield f"  … and {answers - _SHOWN} more; all of them: --dry-run --json"
    if effect.counts:
        yield "Papers on which coders agree, before and after:"
        width = max(len(f"{count.question} {count.code}") for count in effect.counts)
        for count in effect.counts:
            yield f"  {f'{count.question} {count.code}':{width}}  {count.before:>4} → {count.after}"
    if effect.conflicts[0] != effect.conflicts[1]:
        yield f"Conflicts: {effect.conflicts[0]} → {effect.conflicts[1]}"
    for name, text in plan.texts.items():
        yield f"{name}:"
        lines = difflib.unified_diff(plan.before[name].splitlines(), text.splitlines(), lineterm="", n=1)
        yield from (f"  {line}" for line in list(lines)[2:] if not line.startswith("@@"))
    for where, code in effect.queries:
        yield f"{where} names {code!r}: change it there, or its table will miss these papers."
