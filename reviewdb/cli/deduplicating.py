"""The command that finds records of one paper, explains each merge, and takes people's word on a pair."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reviewdb.cli.app import STDOUT, Json, Output, app, deliver, opened, place
from reviewdb.cli.deciding import Name, Why
from reviewdb.cli.talk import complain, progress, say
from reviewdb.folder import Review
from reviewdb.model import Relation
from reviewdb.text import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewdb.clusters import Clustered
    from reviewdb.coding import Coder
    from reviewdb.duplicates import Pair
    from reviewdb.rulings import Outcome

_WORDS = {word: Relation(word) for word in ("same", "version", "different")}
_RULED = {"version": "versions of one study"}
_NONE = "No doubtful pair waits."
_PROBLEMS = 20


@app.command()
def dedupe(
    ruling: Annotated[
        list[str] | None, typer.Argument(metavar="[same|version|different A B]", help="Rule on two records.")
    ] = None,
    explain: Annotated[
        tuple[str, str] | None, typer.Option(metavar="A B", help="Why two records are one paper, or not.")
    ] = None,
    queue: Annotated[bool, typer.Option("--queue", help="Go through the doubtful pairs; piped, list them.")] = False,
    coder: Name = "",
    why: Why = "",
    undo: Annotated[
        tuple[str, str] | None, typer.Option(metavar="A B", help="Take the coder's ruling on two records back.")
    ] = None,
    records: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Work on this file, without a review; - is stdin.")
    ] = None,
    output: Output = None,
    links: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With --records: write every pair and its rule here.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say which records are one paper, by which rule, and which pairs are for people to tell.

    What is certain is merged; a preprint and its journal version are two papers of one study; what is doubtful waits in
    a queue. A ruling beats every rule, and a later one replaces it. A and B are ids of records, or keys of papers.
    --records takes CSV, TSV, JSON, RIS, BibTeX or nbib, and gives id,cluster_id; an id given again has #2, #3 after it.

    Example: reviewdb dedupe different zhao2023clip shamshad2022transformers --why "other topic"
    """
    _check(ruling, [explain, undo, records, queue or None], output=output or links, records=records)
    # A coder that the environment names is nobody's mistake.
    if (why or coder != os.environ.get("REVIEWDB_CODER", "")) and not (ruling or undo or queue):
        raise typer.BadParameter(f"--{'why' if why else 'coder'} goes with a ruling, --undo or --queue")
    if records:
        _check_files(records, output, links)
        _cluster(records, output, links, as_json=as_json)
    elif ruling or undo:
        relation = _WORDS[ruling[0]] if ruling else None
        ends = (ruling[1], ruling[2]) if ruling else undo
        _rule(ends or ("", ""), relation, coder, why)
    elif explain:
        _explain(*explain, as_json=as_json)
    elif queue:
        _queue(coder, why, as_json=as_json)
    else:
        _summarize(as_json=as_json)


def _check(
    ruling: Sequence[str] | None, others: Sequence[object], *, output: Path | None, records: Path | None
) -> None:
    asked = [bool(ruling), *(other is not None for other in others)]
    if sum(asked) > 1:
        raise typer.BadParameter("ask for one thing at a time: a ruling, --explain, --queue, --undo or --records")
    if ruling and (len(ruling) != 3 or ruling[0] not in _WORDS):  # noqa: PLR2004 - a word and two names
        raise typer.BadParameter(f"{' '.join(ruling)!r}: say same, version or different, then two records")
    if output and not records:
        raise typer.BadParameter("-o and --links go with --records FILE")


def _check_files(records: Path, output: Path | None, links: Path | None) -> None:
    """Refuse to write over what is read, or two results into one file."""
    if links == STDOUT and output in (None, STDOUT):
        raise typer.BadParameter("--links and the clusters both go to stdout: give one of them a file")
    files = {"--records": records, "-o": output, "--links": links}
    named = [(name, path) for name, path in files.items() if path and path != STDOUT]
    for (one, path), (other, beside) in combinations(named, 2):
        if _one_file(path, beside):
            raise typer.BadParameter(f"{one} and {other} are one file, {path}: nothing is read or written")


def _one_file(path: Path, other: Path) -> bool:
    if path.exists() and other.exists():
        return path.is_file() and path.samefile(other)  # /dev/null may well be both
    return path.resolve() == other.resolve()


def _summarize(*, as_json: bool) -> None:
    from reviewdb import duplicates, rulings  # noqa: PLC0415 - they load the build, which other commands start without

    at = place()
    with opened(at) as connection:
        found = duplicates.summary(connection, rulings.disputed(at))
    typer.echo(_json(found.as_object()) if as_json else "\n".join(found.lines()))


def _explain(one: str, other: str, *, as_json: bool) -> None:
    from reviewdb import duplicates  # noqa: PLC0415 - as above
    from reviewdb.cli import pairs  # noqa: PLC0415 - as above

    with opened() as connection:
        found = duplicates.explain(connection, one, other)
    typer.echo(_json(found.as_object()) if as_json else "\n".join(pairs.explained(found)))


def _rule(names: tuple[str, str], relation: Relation | None, coder: str, why: str) -> None:
    from reviewdb import rulings  # noqa: PLC0415 - as above
    from reviewdb.coding import Coder  # noqa: PLC0415 - as above

    at = place()
    with progress() as tell:
        outcome = rulings.rule(at, names, relation, Coder(coder, why), tell)
    _tell(outcome, at.shown(at.rulings_of(coder)))


def _tell(outcome: Outcome, path: str) -> None:
    pair = f"{outcome.a} and {outcome.b}"
    if outcome.ruling is None:
        say(f"{pair}: you have ruled so already; nothing is written. They are {outcome.result}.")
    else:
        relation = outcome.ruling.relation
        said = "your ruling is taken back" if relation is None else f"ruled {_RULED.get(relation, relation)}"
        say(f"{pair}: {said}. They are {outcome.result}.  ({path})")
        if relation:
            say(f"To take it back: reviewdb dedupe --undo {outcome.a} {outcome.b}")
    for old in outcome.replaced:
        say(f"Your earlier ruling on {old.a} and {old.b}, of the same two papers, is taken back.")
    for other in outcome.others:
        say(
            f"But {other.coder} ruled {other.relation}{f': {other.why}' if other.why else ''}. The more cautious holds."
        )
    for link in outcome.set_aside:
        say(f"Set aside, as rulings leave no room for it: {link.coder} ruled {link.relation} on {link.a} and {link.b}.")
    if outcome.fault:
        complain(f"The ruling is kept, but the database is as it was.\n{outcome.fault}")


def _queue(coder: str, why: str, *, as_json: bool) -> None:
    from reviewdb import coding, duplicates  # noqa: PLC0415 - as above
    from reviewdb.cli import pairs, queueing  # noqa: PLC0415 - as above
    from reviewdb.coding import Coder  # noqa: PLC0415 - as above

    at = place()
    if as_json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        with opened(at) as connection:
            found = duplicates.queue(connection)
        lines = [_json([pair.as_object() for pair in found])] if as_json else map(pairs.line, found)
        typer.echo("".join(f"{line}\n" for line in lines), nl=False)
        if not found:
            say(_NONE)
        return
    coding.check_coder(at, coder, "rulings")
    with opened(at) as connection:
        waiting = duplicates.ends(connection)
    if not waiting:
        say(_NONE)
        return
    queue = queueing.Queue(_Desk(at, Coder(coder, why)))
    try:
        queue.go_through()
    finally:
        say(f"{queue.told()}  ({at.shown(at.rulings_of(coder))})")


@dataclass(frozen=True, slots=True)
class _Desk:
    """The review whose doubtful pairs are gone through, and who rules on them."""

    at: Review
    coder: Coder

    def waiting(self) -> list[tuple[str, str]]:
        from reviewdb import duplicates  # noqa: PLC0415 - as above

        return duplicates.waiting(self.at)

    def pair(self, ends: tuple[str, str]) -> Pair:
        from reviewdb import duplicates  # noqa: PLC0415 - as above

        return duplicates.pair(self.at, *ends)

    def rule(self, ends: tuple[str, str], relation: Relation | None) -> Outcome:
        from reviewdb import rulings  # noqa: PLC0415 - as above

        return rulings.rule(self.at, ends, relation, self.coder, lambda _: None)


def _cluster(path: Path, output: Path | None, links: Path | None, *, as_json: bool) -> None:
    from reviewdb import clusters  # noqa: PLC0415 - it loads numpy

    with progress() as watch:
        found = clusters.cluster(path, watch)
    _warn(found)
    if as_json:
        deliver(_json(clusters.as_object(found)) + "\n", output)
    else:
        deliver(clusters.as_csv(found), output)
    if links:
        deliver(clusters.links_as_csv(found), links)
    for line in clusters.told(found):
        say(line)


def _warn(found: Clustered) -> None:
    if found.problems:
        say(f"{counted(len(found.problems), 'record')} left out:")
    for problem in found.problems[:_PROBLEMS]:
        say(f"  {problem}")
    if len(found.problems) > _PROBLEMS:
        say(f"  … and {len(found.problems) - _PROBLEMS} more")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
