"""Drawing: what a session shows as styled text, in the colours of the terminal, which fit a dark or a light one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from reviewdb.model import EXCLUDE, INCLUDE, MAYBE
from reviewdb.session.views import Asked, Choice, Marked, Panel, Piece, Row, Sheet, Tone, Track, View

#: Colours of facets in their order. Bold and underlined as well: no meaning hangs on colour alone.
_COLOURS = ("green", "magenta", "cyan", "yellow", "blue", "red")
#: How a verdict looks in the list.
VERDICTS: Mapping[str, str] = {INCLUDE: "+", MAYBE: "~", EXCLUDE: "-"}
_ORIGINS = {"said": "✓", "rule": "?", "hand": "*"}
_HINTS = {
    "tag": "? keys  q quit  Enter accept  1-9 mark  Tab facet  x exclude  u undo  / filter  w why  N note  = conflicts",
    "screen": "? keys  q quit  a include  x exclude  space maybe  Enter accept  u undo  / filter  c criteria  N note",
}
_APART = "  "
_TONES: Mapping[Tone, tuple[tuple[str, str], str]] = {
    "saved": (("✓ ", "bold green"), ""),
    "refused": (("! ", "bold red"), "bold"),
    "told": (("", ""), ""),
}
# The lines of a question are as many in any width.
_NARROWEST = 10
_LEFT = 24
# A message may take so many lines.
_LINES = 4
_LOST = 12
_GAP = " … "


class Palette:
    """The colours of the facets of one scheme; without colour, evidence stands in brackets with its facet's letter."""

    def __init__(self, asked: Sequence[Asked], *, colour: bool) -> None:
        self._colour = colour
        facets = list(dict.fromkeys(one.facet for one in asked if one.kind == "codes"))
        self._styles = {
            one.id: _COLOURS[facets.index(one.facet) % len(_COLOURS)] for one in asked if one.facet in facets
        }
        self._letters = {one.id: one.key[:1] for one in asked}

    def style(self, question: str) -> str:
        """Return the colour of a question's facet, or an empty string."""
        return self._styles.get(question, "") if self._colour else ""

    def pieces(self, pieces: Iterable[Piece], style: str = "") -> Text:
        """Return a text with its evidence marked."""
        drawn = Text(style=style)
        for piece in pieces:
            if not piece.questions:
                drawn.append(piece.text)
            elif self._colour:
                drawn.append(piece.text, f"bold underline {self.style(piece.questions[0])}")
            else:
                letters = "".join(dict.fromkeys(self._letters.get(question, "") for question in piece.questions))
                drawn.append(f"[{piece.text}]", "bold underline").append(letters, "bold")
        return drawn


def header(view: View) -> Text:
    """Return the line at the top: what is done here, by whom, and how far."""
    what = f"{view.stage} screening" if view.mode == "screen" and view.stage != "screening" else view.mode
    place = f"{view.at + 1} of {len(view.rows)}" if view.rows else "0"
    shown = f"{place} {view.filter or 'papers'}"
    seen = "blind" if view.blind else "unblinded"
    return Text.assemble(
        (f" reviewdb {what} ", "reverse bold"),
        f"  {view.coder}, {seen}   {shown}   {view.waiting} waiting   {view.saved} saved",
        no_wrap=True,
        overflow="ellipsis",
    )


def footer(view: View, width: int) -> Text:
    """Return the line of keys, as many as have room; the first ones are those to know."""
    shown = ""
    for hint in _HINTS[view.mode].split(_APART):
        longer = f"{shown}{_APART}{hint}" if shown else hint
        if len(longer) > width:
            break
        shown = longer
    return Text(shown, style="dim", no_wrap=True, overflow="ellipsis")


def message(view: View, width: int) -> Text:
    """Return what a key has done; where that is too long, its middle goes: it ends with what to do."""
    if view.ask and not view.message:
        return Text(shortened(view.ask.hint, width), "dim")
    if not view.message:
        return Text("")
    sign, weight = _TONES[view.tone]
    return Text.assemble(sign, (shortened(view.message, width), weight))


def shortened(text: str, width: int) -> str:
    """Return a text that fits a few lines of `width` cells, without its middle if need be."""
    # Lines break between words, so each may lose some of its cells.
    room = max(_LINES * (width - _LOST), width)
    half = (room - len(_GAP)) // 2
    return text if len(text) <= room else f"{text[:half].rstrip()}{_GAP}{text[-half:].lstrip()}"


def row(one: Row) -> str:
    """Return a paper of the list on one line: verdict, facets answered, conflict, year, title."""
    verdict = VERDICTS.get(one.verdict.partition(".")[0], " ")
    tagged = "✓" if one.tagged else " "
    return f"{verdict}{tagged}{'=' if one.contested else ' '} {one.year or '    '} {one.title}"


def paper(sheet: Sheet, palette: Palette) -> Text:
    """Return the paper: title, authors, venue, what found it, abstract, link."""
    venue = ", ".join(filter(None, [sheet.venue, str(sheet.year or "")]))
    note = [Text.assemble(("Note: ", "bold"), sheet.note), Text("")] if sheet.note else []
    parts = [palette.pieces(sheet.title, "bold"), Text(sheet.authors), Text(venue, "italic")]
    parts += [Text(f"found by {found}", "dim") for found in sheet.found_by]
    parts += [
        Text(""),
        palette.pieces(sheet.abstract) if sheet.abstract else Text("No source gave an abstract.", "dim"),
    ]
    parts += [Text(""), Text(f"{sheet.key}   {sheet.link}".rstrip(), "dim")]
    shown = (part for part in parts if part.plain or part is parts[3] or not part.style)
    return Text("\n").join([*note, *shown])


def facets(sheet: Sheet, palette: Palette, width: int) -> Text:
    """Return the questions with what is marked, in lines of `width` cells; the active one with its codes."""
    lines = [line for one in sheet.asked for line in _question(one, palette, width)]
    return Text("\n").join(lines)


def active_line(sheet: Sheet, palette: Palette) -> int:
    """Return the line of `facets` at which the active question begins."""
    at = 0
    for one in sheet.asked:
        if one.active:
            return at
        at += len(_question(one, palette, _NARROWEST))
    return 0


def _question(one: Asked, palette: Palette, width: int) -> list[Text]:
    style = palette.style(one.id)
    page = f"{one.page[0]}/{one.page[1]}" if one.active and one.page[1] > 1 and one.choices else ""
    head = Text.assemble(
        (f"{one.key or ' '} ", "bold"), (one.label, f"{'bold reverse' if one.active else 'bold'} {style}")
    )
    lines = [_fitted(head, "conflict" if one.contested else page, width)]
    chosen = {choice.code for choice in one.choices}
    lines += [_choice(choice, style, one, width) for choice in one.choices]
    lines += [_marked(mark, width) for mark in one.marked if mark.code not in chosen]
    if not one.marked and not one.open:
        lines.append(Text(f"  {_ORIGINS['said' if one.said else 'hand']} no code applies", "italic"))
    return [*lines, *(_fitted(Text(f"    {said.coder}: {said.text}", "dim"), "", width) for said in one.others)]


def _marked(mark: Marked, width: int) -> Text:
    track = _told(mark.track) if mark.origin == "rule" else ""
    return _fitted(Text.assemble((f"  {_ORIGINS[mark.origin]} ", "bold"), mark.text), track, width)


def _choice(choice: Choice, style: str, one: Asked, width: int) -> Text:
    origin = next((_ORIGINS[mark.origin] for mark in one.marked if mark.code == choice.code), "")
    sign = origin or ("·" if choice.holds else " ")
    opens = " ›" if choice.children else ""
    drawn = Text.assemble(
        (f"  {'  ' * choice.depth}{choice.number or ' '} ", "bold"),
        (f"{sign} ", f"bold {style}"),
        (choice.label, f"bold {style}" if choice.marked else ""),
        (opens, "dim"),
    )
    return _fitted(drawn, ", ".join(choice.coders) or _told(choice.track), width)


def _told(track: Track | None) -> str:
    """Return what became of a rule's proposals; where nothing did yet, the room is the label's."""
    return str(track) if track and track.judged else ""


def _fitted(left: Text, right: str, width: int) -> Text:
    """Return a line whose right part stands at its right end, whatever has to be cut of the left part."""
    room = width - len(right) - 1 if right else width
    left.truncate(max(room, 1), overflow="ellipsis", pad=bool(right))
    return left.append(f" {right}", "dim") if right else left


def panel(shown: Panel) -> Group:
    """Return a page of rows: what is named at the left, what is said of it at the right; a name alone is a heading."""
    width = max((len(left) for left, right in shown.rows if right), default=0)
    parts: list[Text | Table] = [Text(shown.title, "bold reverse")]
    for left, right in shown.rows:
        if not right:
            parts.append(Text(left, "bold"))
            continue
        drawn = Table.grid(padding=(0, 2, 0, 0))
        drawn.add_column(width=min(width, _LEFT))
        drawn.add_column(ratio=1)
        drawn.add_row(Text(left, "bold"), Text(right))
        parts.append(drawn)
    return Group(*parts)
