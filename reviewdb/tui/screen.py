"""The full screen, by Textual: the list at the left, the paper in the middle, the facets at the right."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.events import Key
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Input, Static

from reviewdb.errors import EXIT_BUG, EXIT_INTERRUPTED
from reviewdb.session import keys
from reviewdb.session.keyboard import Keyboard
from reviewdb.session.views import Row, View
from reviewdb.tui import drawing

_SECONDS = 1.0
_BAR = 1
_NOTHING = "No paper here: / for another filter, q to leave."


class PaperList(ScrollView):
    """The papers, one a line; only the lines that are seen are drawn, so that 10,000 cost no more than 20."""

    def __init__(self) -> None:
        super().__init__(id="papers")
        self._rows: Sequence[Row] = ()
        self._at = 0
        self._drawn: tuple[int, int, tuple[Row, ...]] = (0, -1, ())

    def draw(self, view: View) -> None:
        """Show the papers of a view, the current one in sight."""
        self._rows, self._at = view.rows, view.at
        size = Size(self.size.width, len(self._rows))
        if self.virtual_size != size:
            self.virtual_size = size
        seen = range(int(self.scroll_y), int(self.scroll_y) + self.size.height)
        if self._at not in seen:
            self.scroll_to(y=max(self._at - self.size.height // 3, 0), animate=False, immediate=True)
        top = int(self.scroll_y)
        drawn = (top, self._at, tuple(self._rows[top : top + self.size.height]))
        if drawn != self._drawn:
            self._drawn = drawn
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        n = y + int(self.scroll_y)
        width = self.size.width
        if n >= len(self._rows):
            return Strip.blank(width)
        one = self._rows[n]
        style = Style(reverse=True) if n == self._at else Style(dim=bool(one.verdict or one.tagged))
        text = Text(drawing.row(one))
        text.truncate(width - 1, overflow="ellipsis", pad=True)
        return Strip([Segment(text.plain, style)]).adjust_cell_length(width)


class Line(Input):
    """The line that a key asks for."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]

    def action_leave(self) -> None:
        """Give no line."""
        app = self.app
        if isinstance(app, ReviewScreen):
            app.answer(None)


class ReviewScreen(App[int]):
    """A session on the screen. It returns the exit code."""

    ENABLE_COMMAND_PALETTE = False
    # On a narrow terminal, the list gives its place to the paper.
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-medium"), (140, "-wide")]  # noqa: RUF012 - as Textual types it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "interrupt", priority=True, show=False),
        Binding("ctrl+q", "interrupt", priority=True, show=False),
    ]
    CSS = """
    * { scrollbar-size-vertical: 1; scrollbar-background: ansi_default; scrollbar-color: ansi_bright_black; }
    #head, #keys { height: 1; padding: 0 1; }
    #message { height: auto; min-height: 1; padding: 0 1; }
    #body { height: 1fr; }
    #papers { width: 42; border-right: solid ansi_bright_black; padding: 0 0 0 1; overflow-x: hidden; }
    #middle { width: 1fr; }
    #paper { height: 1fr; padding: 0 2; }
    #panel { height: auto; max-height: 60%; padding: 0 2; border-top: solid ansi_bright_black; display: none; }
    #facets { width: 50; border-left: solid ansi_bright_black; padding: 0 0 0 1; }
    #prompt { height: 1; display: none; padding: 0 1; }
    #asked { width: auto; text-style: bold; }
    #line { width: 1fr; height: 1; border: none; padding: 0; }
    #line > .input--selection { background: ansi_default; color: ansi_default; text-style: underline; }
    .-medium #papers { width: 28; }
    .-medium #facets { width: 42; }
    .-narrow #papers { display: none; }
    .-narrow #facets { width: 36; }
    .-narrow #paper, .-narrow #panel, .-medium #paper, .-medium #panel { padding: 0 1; }
    .-narrow #panel { max-height: 75%; }
    """

    def __init__(self, keyboard: Keyboard) -> None:
        # The terminal's own sixteen colours on its own ground, dark or light; under NO_COLOR, none of them.
        super().__init__(ansi_color=True)
        self.theme = "ansi-dark"
        self.keyboard = keyboard
        #: What ended the screen, if it was a bug.
        self.fault: Exception | None = None
        self._shown = ""
        self._drawn: dict[str, Text] = {}

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield Static(id="head")
        with Horizontal(id="body"):
            yield PaperList()
            with Vertical(id="middle"):
                with VerticalScroll(id="paper", can_focus=False):
                    yield Static(id="text")
                with VerticalScroll(id="panel", can_focus=False):
                    yield Static(id="page")
            with VerticalScroll(id="facets", can_focus=False):
                yield Static(id="questions")
        yield Static(id="message")
        with Horizontal(id="prompt"):
            yield Static(id="asked")
            yield Line(id="line", compact=True)
        yield Static(id="keys")

    def on_mount(self) -> None:
        """Show the first paper, and look now and then at what others write."""
        self.query_one(PaperList).can_focus = False
        self.query_one(Line).disabled = True
        self.call_after_refresh(self._redraw)
        self.set_interval(_SECONDS, self._catch_up)

    def on_resize(self) -> None:
        """Fit the lines to the terminal."""
        self.call_after_refresh(self._redraw)

    def on_key(self, event: Key) -> None:
        """Do what a key stands for."""
        if self.keyboard.asking:
            return
        if event.key in ("pagedown", "pageup"):
            self._scroll(1 if event.key == "pagedown" else -1)
            return
        pressed = event.character if event.is_printable and event.character else event.key
        event.stop()
        self._do(lambda: self.keyboard.press(keys.SPACE if pressed == " " else pressed))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give the line that was asked for."""
        self.answer(event.value)

    def answer(self, text: str | None) -> None:
        """Give the line that was asked for, or none."""
        self._do(lambda: self.keyboard.answer(text))

    def action_interrupt(self) -> None:
        """End at once: all that was decided is on disk."""
        self.exit(EXIT_INTERRUPTED)

    def _do(self, do: Callable[[], object]) -> None:
        """Do something and draw what it came to (False: nothing); a bug ends the screen and is told where all are."""
        try:
            changed = do()
            if self.keyboard.done:
                self.exit(0)
            elif changed is not False:
                self.draw()
        except Exception as error:  # noqa: BLE001 - the terminal is given back before it is told
            self._fail(error)

    def _redraw(self) -> None:
        self._do(lambda: True)

    def _fail(self, error: Exception) -> None:
        self.fault = error
        self.exit(EXIT_BUG)

    async def _catch_up(self) -> None:
        try:
            wrong = await asyncio.to_thread(self.keyboard.look)
        except Exception as error:  # noqa: BLE001 - as in _do
            self._fail(error)
            return
        if self.is_running:
            self._do(lambda: self.keyboard.catch_up(wrong))

    def _scroll(self, by: int) -> None:
        shown = self.query_one("#panel" if self.query_one("#panel").display else "#paper", VerticalScroll)
        shown.scroll_relative(y=by * max(shown.size.height - 2, 1), animate=False)

    # --- drawing ---

    def draw(self) -> None:
        """Bring the screen up to date with the session."""
        view = self.keyboard.view()
        sheet = view.sheet
        self._put("#head", drawing.header(view), fixed=True)
        self._put("#message", drawing.message(view, self.size.width - 2))
        self._put("#keys", drawing.footer(view, self.size.width - 2), fixed=True)
        self.query_one(PaperList).draw(view)
        palette = drawing.Palette(sheet.asked if sheet else (), colour=not self.no_color)
        # A bar that comes and goes must not fold the lines anew.
        width = self._width_of("#facets") - _BAR
        self._put("#text", drawing.paper(sheet, palette) if sheet else Text(_NOTHING))
        self._put("#questions", drawing.facets(sheet, palette, width) if sheet else Text())
        if sheet and sheet.id != self._shown:
            self.query_one("#paper", VerticalScroll).scroll_home(animate=False)
            self._shown = sheet.id
        if sheet:
            self._bring_up(drawing.active_line(sheet, palette))
        self._draw_panel(view)
        self._draw_prompt(view)

    def _width_of(self, name: str) -> int:
        pane = self.query_one(name)
        return pane.region.shrink(pane.styles.gutter).width

    def _put(self, name: str, text: Text, *, fixed: bool = False) -> None:
        """Draw a text where it is another one than before; of a `fixed` size, it leaves the layout alone."""
        if self._drawn.get(name) != text:
            self._drawn[name] = text
            self.query_one(name, Static).update(text, layout=not fixed)

    def _bring_up(self, line: int) -> None:
        shown = self.query_one("#facets", VerticalScroll)
        if self.query_one("#questions").size.height > shown.size.height:
            shown.scroll_to(y=max(line - 2, 0), animate=False)
        else:
            shown.scroll_home(animate=False)

    def _draw_panel(self, view: View) -> None:
        panel = self.query_one("#panel", VerticalScroll)
        panel.display = view.panel is not None
        if view.panel:
            self.query_one("#page", Static).update(drawing.panel(view.panel))

    def _draw_prompt(self, view: View) -> None:
        prompt, line = self.query_one("#prompt"), self.query_one(Line)
        asking = view.ask is not None
        self.query_one("#keys").display = not asking
        if view.ask and not prompt.display:
            self.query_one("#asked", Static).update(Text(f"{view.ask.what}: "))
            line.value, line.placeholder = view.ask.given, view.ask.hint
            line.disabled = False
            line.focus()
        elif not asking:
            line.disabled = True
            self.set_focus(None)
        prompt.display = asking
