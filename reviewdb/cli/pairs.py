"""Pairs of records at the terminal: explained field by field, and gone through by keys."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import typer

from reviewdb.duplicates import Explained, Outcome, Pair
from reviewdb.model import Link, Relation

_KEYS = {"s": Relation.SAME, "d": Relation.DIFFERENT, "v": Relation.VERSION}
_HELP = "s same  d different  v version of one study  space later  u undo  q quit"
_MOST_LINES = 3
_WIDEST = 100
_QUIT = ("q", "\x04", "\x1b")
_LATER = (" ", "\r", "\n")

#: Write a ruling on two records, or take it back.
Rule = Callable[[tuple[str, str], Relation | None], Outcome]


def line(pair: Pair) -> str:
    """Return a pair on one line of columns parted by tabs: ids, similarity, rule, titles."""
    link = pair.link or pair.match
    said = (f"{link.score:g}", link.rule) if link else ("", "")
    return "\t".join([pair.a.id, pair.b.id, *said, pair.a.title, pair.b.title])


def explained(found: Explained) -> list[str]:
    """Return all that speaks for or against two records being one paper, for a terminal."""
    pair = found.pair
    lines = [*_shown(pair), "", *_verdict(pair), ""]
    names = {name: value for name, value in found.evidence.items() if value is not None}
    width = max(map(len, names), default=0)
    lines += [f"  {name:{width}}  {_value(name, value)}" for name, value in names.items()]
    return [text.rstrip() for text in lines]


def _value(name: str, value: float | str | None) -> str:
    if isinstance(value, str) or value is None:
        return str(value)
    return f"{value:.0f} %" if name in ("title", "part", "authors") else f"{value:g}"


def _verdict(pair: Pair) -> Iterator[str]:
    yield f"They are {pair.result}."
    link = pair.link
    if link is None:
        yield "No rule relates them, so they are different."
    elif link.rule == "ruling":
        yield f"{link.coder} ruled {link.relation}: {link.reason}{_aside(link)}"
        if pair.match:
            yield f"Rule {pair.match.rule} alone would say {pair.match.relation}: {pair.match.reason}"
        else:
            yield "No rule alone would relate them."
    else:
        yield f"Rule {link.rule} says {link.relation}: {link.reason}{_aside(link)}"


def _aside(link: Link) -> str:
    return " (set aside: stronger links or rulings leave no room for it)" if link.cut else ""


def _shown(pair: Pair) -> Iterator[str]:
    """Yield every field of both, side by side where they are equal, one below the other where they are not."""
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    yield _bold(f"A  {pair.a.id}") + "   " + _bold(f"B  {pair.b.id}")
    for field, a, b in pair.fields:
        if a == b:
            yield from _wrapped(f"{field:9} =  ", a, width)
        else:
            yield from _wrapped(f"{field:9} A  ", a or "–", width)
            yield from _wrapped(f"{'':9} B  ", b or "–", width)


def _wrapped(head: str, text: str, width: int) -> Sequence[str]:
    wrapped = textwrap.wrap(
        text,
        width,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        max_lines=_MOST_LINES,
        placeholder=" …",
        break_long_words=True,
    )
    return wrapped or [head]


def _bold(text: str) -> str:
    return typer.style(text, bold=True)


def go_through(pairs: Sequence[Pair], rule: Rule) -> int:
    """Show pairs and take a key for each; a ruling is on disk before the next pair shows. Return how many stand."""
    at = 0
    written: dict[int, tuple[str, str]] = {}
    with _keyboard() as key_of:
        while at < len(pairs):
            pair = pairs[at]
            link = pair.link or pair.match
            typer.echo()
            typer.echo(_bold(f"{at + 1} of {len(pairs)}") + (f"   {link.rule}: {link.reason}" if link else ""))
            for text in _shown(pair):
                typer.echo(text)
            typer.echo(typer.style(_HELP, dim=True))
            key = key_of()
            if key in _QUIT:
                break
            if key == "u":
                at = max(at - 1, 0)
                if at in written:
                    rule(written.pop(at), None)
                    typer.echo("Taken back.")
            elif key in _KEYS:
                outcome = rule((pair.a.id, pair.b.id), _KEYS[key])
                typer.echo(f"{_KEYS[key]}: they are {outcome.result}.")
                if outcome.ruling:
                    written[at] = (pair.a.id, pair.b.id)
                at += 1
            elif key in _LATER:
                at += 1
    return len(written)


@contextmanager
def _keyboard() -> Iterator[Callable[[], str]]:
    """Give a function that waits for a key and returns it; keys pressed while a ruling is written are not lost."""
    try:
        import termios  # noqa: PLC0415 - Windows has none
        import tty  # noqa: PLC0415
    except ImportError:
        from click import getchar  # noqa: PLC0415 - as above

        yield lambda: getchar().lower()
        return
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal, termios.TCSADRAIN)
    try:
        yield lambda: os.read(terminal, 1).decode("ascii", "replace").lower() or "q"
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
