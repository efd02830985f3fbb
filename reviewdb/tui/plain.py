"""Line by line: the same session where there is no full terminal; keys are typed and sent with Enter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from reviewdb.errors import EXIT_INTERRUPTED
from reviewdb.model import EXCLUDE, INCLUDE, MAYBE
from reviewdb.session import keys
from reviewdb.session.keyboard import Keyboard
from reviewdb.session.views import Asked, Piece, Sheet, View

_ORIGINS = {"said": "", "rule": "?", "hand": "*"}
_HELP = (
    "Type keys and press Enter: x3, m1 1, t2, u; blanks between them say nothing, and maybe is written out. "
    "An empty line accepts what is marked and goes on. After N, e, d and / the rest of the line is the text. "
    "? shows the keys, q quits."
)
# The key for maybe is the blank, which here only parts keys; who writes maybe out may write out the other verdicts.
_WORDS = {MAYBE: keys.SPACE, INCLUDE: "a", EXCLUDE: "x"}
_KEY = re.compile(rf"{'|'.join(_WORDS)}|\S")
#: Keys whose text may follow on the same line.
_WITH_TEXT = frozenset("Ned/")


def run(keyboard: Keyboard, read: Callable[[str], str], write: Callable[[str], None]) -> int:
    """Show a paper, read a line of keys, do them; until q or the end of the input. Return the exit code.

    `read` shows a prompt and returns a line; it raises EOFError at the end.
    """
    write(_HELP)
    shown = ""
    while not keyboard.done:
        view = keyboard.view()
        sheet = view.sheet
        if sheet is None:
            write("No paper here: / for another filter, q to leave.")
        elif sheet.id != shown:
            write("\n".join(["", *_paper(view, sheet)]))
        if sheet:
            write("\n".join(_questions(sheet)))
        shown = sheet.id if sheet else ""
        try:
            _do(keyboard, read("> "), read, write)
            while (panel := keyboard.view().panel) and panel.choosing:
                keyboard.press(read("number> ").strip() or keys.ESCAPE)
                _tell(keyboard.view(), write)
        except (EOFError, KeyboardInterrupt) as end:
            write("")  # what comes next begins on a line of its own
            return 0 if isinstance(end, EOFError) else EXIT_INTERRUPTED
    return 0


def _do(keyboard: Keyboard, line: str, read: Callable[[str], str], write: Callable[[str], None]) -> None:
    """Press the keys of a line one after the other, up to one that cannot be done, and tell what each came to.

    A line with a key that stands for nothing is a slip: none of it is done.
    """
    if not line:
        keyboard.press(keys.ENTER)
        _finish(keyboard, "", read, write)
        return
    if wrong := _unknown(keyboard, line):
        write(f"! {wrong} does nothing, so nothing of this line is done: ? shows the keys.")
        return
    for found in _KEY.finditer(line):
        key = _WORDS.get(found.group(), found.group())
        keyboard.press(key)
        if keyboard.asking:
            _finish(keyboard, line[found.end() :].strip() if key in _WITH_TEXT else "", read, write)
            return
        view = keyboard.view()
        # The reasons need not be listed to who has given the number.
        _tell(view, write, listed=not (view.panel and view.panel.choosing and line[found.end() :].strip()))
        if view.tone == "refused" or keyboard.done:
            return


def _unknown(keyboard: Keyboard, line: str) -> str:
    """Return the first key of a line that stands for nothing, up to one after which the line is a text."""
    for found in _KEY.finditer(line):
        key = _WORDS.get(found.group(), found.group())
        if key in _WITH_TEXT:
            return ""
        if not keyboard.knows(key):
            return key
    return ""


def _finish(keyboard: Keyboard, given: str, read: Callable[[str], str], write: Callable[[str], None]) -> None:
    """Give the text that the last key asks for, if it does, and tell what that came to."""
    view = keyboard.view()
    if view.ask:
        if not given:
            _tell(view, write)
        keyboard.answer(given or read(f"{view.ask.what} ({view.ask.hint}): "))
    _tell(keyboard.view(), write)


def _tell(view: View, write: Callable[[str], None], *, listed: bool = True) -> None:
    """Write the page and the message that a key has left."""
    if view.panel and listed:
        rows = (f"  {left:24} {right}".rstrip() for left, right in view.panel.rows)
        write("\n".join(["", view.panel.title, *rows]))
    if view.message:
        write(f"{'! ' if view.tone == 'refused' else ''}{view.message}")


def _paper(view: View, sheet: Sheet) -> Iterator[str]:
    letters = {one.id: one.key[:1] for one in sheet.asked}
    yield f"{view.at + 1} of {len(view.rows)} {view.filter or 'papers'}: {sheet.key}"
    yield _text(sheet.title, letters)
    yield sheet.authors
    yield ", ".join(filter(None, [sheet.venue, str(sheet.year or "")]))
    yield from (f"found by {found}" for found in sheet.found_by)
    if sheet.abstract:
        yield ""
        yield _text(sheet.abstract, letters)
    if sheet.link:
        yield sheet.link


def _text(pieces: tuple[Piece, ...], letters: dict[str, str]) -> str:
    """Return a text with its evidence in brackets, each with the letters of the facets that it speaks to."""
    return "".join(
        f"[{piece.text}]{''.join(dict.fromkeys(letters.get(q, '') for q in piece.questions))}"
        if piece.questions
        else piece.text
        for piece in pieces
    )


def _questions(sheet: Sheet) -> Iterator[str]:
    yield ""
    if sheet.note:
        yield f"  Note: {sheet.note}"
    for one in sheet.asked:
        if one.active or not one.open or one.others:
            yield _question(one)
    active = next((one for one in sheet.asked if one.active), None)
    if active and active.choices:
        numbered = [f"{choice.number} {choice.label}" for choice in active.choices if choice.number]
        yield f"    {active.label}: {'  '.join(numbered)}"


def _question(one: Asked) -> str:
    marks = [
        f"{mark.text}{_ORIGINS[mark.origin]}{f' ({mark.track})' if mark.track and mark.origin == 'rule' else ''}"
        for mark in one.marked
    ]
    said = ", ".join(marks) or ("–" if one.open else "no code applies")
    others = "".join(f"; {other.coder}: {other.text}" for other in one.others)
    return f"  {one.key or ' '} {one.label}: {said}{others}{'  (conflict)' if one.contested else ''}"
