"""Pairs of records at the terminal: on one line, or explained field by field."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator, Sequence

import typer

from reviewdb.duplicates import Explained, Pair
from reviewdb.model import Link
from reviewdb.rulings import TWO_STUDIES

_MOST_LINES = 3
_WIDEST = 100


def line(pair: Pair) -> str:
    """Return a pair on one line of columns parted by tabs: ids, similarity, rule, reason, titles."""
    link = pair.link or pair.match
    said = (f"{link.score:g}", link.rule, link.reason) if link else ("", "", "")
    return "\t".join([pair.a.id, pair.b.id, *said, pair.a.title, pair.b.title])


def explained(found: Explained) -> list[str]:
    """Return all that speaks for or against two records being one paper, for a terminal."""
    pair = found.pair
    lines = [*shown(pair), "", *_verdict(pair), ""]
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
    if link is None and pair.result == TWO_STUDIES:
        yield "No rule relates them, so they are different."
    elif link is None:
        yield "No rule relates the two themselves."
    else:
        yield f"{_said(link)}{_aside(link)}"
    if link and link.rule == "ruling":
        if pair.match:
            yield f"Rule {pair.match.rule} alone would say {pair.match.relation}: {pair.match.reason}"
        else:
            yield "No rule alone would relate them."
    if pair.chain:
        yield f"What makes them {pair.result}, through others:"
        yield from (f"  {held.a} and {held.b}: {_said(held)}" for held in pair.chain)
    if pair.ruled:
        yield "Of other records of the two papers:"
        yield from (f"  {held.a} and {held.b}: {_said(held)}{_aside(held)}" for held in pair.ruled)
    if pair.waits:
        yield "A person is to tell, with one of:"
        yield from (f"  reviewdb dedupe {word} {pair.a.id} {pair.b.id}" for word in ("same", "version", "different"))


def _said(link: Link) -> str:
    if link.rule == "ruling":
        return f"{link.coder} ruled {link.relation}: {link.reason}"
    return f"Rule {link.rule} says {link.relation}: {link.reason}"


def _aside(link: Link) -> str:
    return " (set aside: stronger links or rulings leave no room for it)" if link.cut else ""


def shown(pair: Pair) -> Iterator[str]:
    """Yield every field of both, side by side where they are equal, one below the other where they are not."""
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    yield bold(f"A  {pair.a.id}") + "   " + bold(f"B  {pair.b.id}")
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


def bold(text: str) -> str:
    """Return text in bold, for a terminal."""
    return typer.style(text, bold=True)
