"""The dialogue: what a key left to be read, and what it asks for before another one means what it says."""

from __future__ import annotations

from collections.abc import Callable

from reviewdb.errors import ReviewError
from reviewdb.session import keys
from reviewdb.session.desk import Nothing
from reviewdb.session.views import Ask, Panel, Tone

#: What leaves a page whose numbers choose; any other key is no answer to it.
_LEAVES = (keys.ESCAPE, "?")


class Dialogue:
    """One message, one page to read or to choose a number from, and one line to give: what stands before the paper."""

    def __init__(self) -> None:
        self.message = ""
        self.tone: Tone = "told"
        self.panel: Panel | None = None
        self.ask: Ask | None = None
        self._number: Callable[[int], None] | None = None
        #: The key that has listed the numbers, and what turns to the next of them.
        self._turn: tuple[str, Callable[[], None]] | None = None
        self._answered: Callable[[str], None] | None = None

    def say(self, text: str, tone: Tone = "told") -> None:
        """Tell something."""
        self.message, self.tone = text, tone

    def show(self, panel: Panel | None) -> None:
        """Lay a page before the paper, or take it away."""
        self.panel, self._number, self._turn = panel, None, None

    def choose(
        self, panel: Panel, number: Callable[[int], None], turn: tuple[str, Callable[[], None]] | None = None
    ) -> None:
        """Lay a page before the paper from which a number is chosen."""
        self.panel, self._number, self._turn = panel, number, turn

    def want(self, ask: Ask, answered: Callable[[str], None]) -> None:
        """Ask for a line."""
        self.ask, self._answered = ask, answered

    def takes(self, key: str) -> bool:
        """Do what a key means to a page whose numbers choose; return False where the key is not for it.

        Whatever was there to be read is gone then.
        """
        choosing = self._number
        if choosing and self._turn and key == self._turn[0]:
            self._turn[1]()
            return True
        if choosing and key not in _LEAVES and not key.isdecimal():
            self.say(f"{key} is none of the numbers: choose one, or Esc.", "refused")
            return True
        self.show(None)
        self.say("")
        if choosing and key.isdecimal():
            self.attempt(lambda: choosing(int(key)))
            return True
        return False

    def answer(self, text: str | None) -> None:
        """Give the line that is asked for; None gives none."""
        answered, self.ask, self._answered = self._answered, None, None
        self.panel = None
        if answered and text is not None:
            self.attempt(lambda: answered(text))

    def attempt(self, do: Callable[[], object]) -> None:
        """Do something, and tell what cannot be done."""
        try:
            do()
        except Nothing as reason:
            self.say(str(reason), "refused")
        except ReviewError as error:
            self.say(str(error).replace("\n", " "), "refused")
