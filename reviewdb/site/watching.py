"""Watching: the database follows the text while the site runs, and nothing in the text can stop the site."""

from __future__ import annotations

import threading
from collections.abc import Callable

from reviewdb import build, sources
from reviewdb.errors import BadReviewError, ReviewError
from reviewdb.review import Review
from reviewdb.sources import State

#: Seconds between looks at the files, and after a failure that may pass.
_EACH, _LATER = 0.3, 5.0


class Watcher(threading.Thread):
    """A thread that brings the database up to date whenever a file of the review changes, until `stop`.

    `is_open` is asked before it does, and says whether readers are shown what was built before meanwhile; `built` is
    called whenever it has, and may raise ReviewError.
    """

    def __init__(
        self,
        at: Review,
        say: Callable[[str], None],
        is_open: Callable[[], bool] = lambda: True,
        built: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(name="watcher", daemon=True)
        self._at = at
        self._say = say
        self._is_open = is_open
        self._built = built
        self._stopped = threading.Event()
        self._seen: dict[str, State] = {}
        self._said = ""

    def run(self) -> None:
        """Look at the files again and again."""
        # What is wrong at the start, the command that serves has just said.
        pause = self._look(lambda _: None)
        while not self._stopped.wait(pause):
            pause = self._look(self._tell)

    def stop(self) -> None:
        """End the thread, once the look that it takes is over."""
        self._stopped.set()
        self.join(_LATER)

    def _look(self, tell: Callable[[str], None]) -> float:
        """Bring the database up to date if a file changed; return the seconds until the next look."""
        meanwhile = "The site goes on with the database built before"
        try:
            now = sources.states(self._at)
            if now == self._seen and self._at.database.exists():
                return _EACH
            if not self._is_open():
                meanwhile = "The site shows readers nothing, as the database has what the review keeps back now"
            build.refresh(self._at)
            self._built()
        except BadReviewError as error:
            tell(f"{error}\n{meanwhile}.")
            self._seen = now  # the same text would only fail again
            return _EACH
        except ReviewError as error:  # a lock that another holds, a full disk, a missing right: these pass
            tell(f"{error}\n{meanwhile}, and tries again.")
            self._seen = {}  # also where the text is again what it was
            return _LATER
        except Exception as error:  # noqa: BLE001 - a file that vanishes under our eyes: the site goes on
            tell(f"{type(error).__name__}: {error}. {meanwhile}, and tries again.")
            self._seen = {}
            return _LATER
        if self._said:
            tell("The text is in order again.")
        self._said = ""
        self._seen = now
        return _EACH

    def _tell(self, message: str) -> None:
        if message != self._said:
            self._say(message)
            self._said = message
