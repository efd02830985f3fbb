"""The keyboard: what each key does at a desk, in whatever front end it is pressed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reviewdb import quantities
from reviewdb.errors import ReviewError
from reviewdb.model import EXCLUDE, INCLUDE, MAYBE
from reviewdb.scheme import Question
from reviewdb.session import keys, panels
from reviewdb.session.acts import Act, Ruled, Written
from reviewdb.session.desk import Desk, Nothing
from reviewdb.session.dialogue import Dialogue
from reviewdb.session.forms import Form
from reviewdb.session.listing import FILTERS
from reviewdb.session.marks import NUMBERS
from reviewdb.session.paper import Facts
from reviewdb.session.shelf import CONFLICTS
from reviewdb.session.views import Ask, Panel, Tone, View
from reviewdb.text import counted

# The key that lists the reasons to exclude.
_REASONS = "x"


class Keyboard:
    """A desk under the fingers of its coder: `press` a key, `answer` what it asks for, then draw its `view`."""

    def __init__(self, desk: Desk, open_link: Callable[[str], None]) -> None:
        self.desk = desk
        #: The coder wants to leave.
        self.done = False
        self._open_link = open_link
        self._dialogue = Dialogue()
        self._before = ""
        self._leaving, self._pinned = False, False
        self._keys: dict[str, Callable[[], None]] = {
            keys.ENTER: self._accept,
            keys.SPACE: lambda: self._judge(MAYBE),
            keys.ESCAPE: self._escape,
            keys.UP: lambda: self.desk.step(-1),
            keys.DOWN: lambda: self.desk.step(1),
            keys.HOME: lambda: self.desk.step(-(10**9)),
            keys.END: lambda: self.desk.step(10**9),
            keys.TAB: lambda: self.desk.cycle(1),
            keys.BACK_TAB: lambda: self.desk.cycle(-1),
            "k": lambda: self.desk.step(-1),
            "j": lambda: self.desk.step(1),
            "a": lambda: self._judge(INCLUDE),
            _REASONS: self._exclude,
            "u": lambda: self._back(self.desk.undo, "undone"),
            "U": lambda: self._back(self.desk.redo, "redone"),
            "N": self._note,
            "n": self._note,
            "e": self._type,
            "/": self._filter,
            "=": self._conflicts,
            "d": self._duplicate,
            "o": self._link,
            "w": lambda: self._read(panels.why),
            "c": self._pin,
            "?": lambda: self._dialogue.show(panels.help_(desk.form)),
            "q": self._leave,
        }

    @property
    def asking(self) -> bool:
        """Whether a line is asked for."""
        return self._dialogue.ask is not None

    def view(self) -> View:
        """Return all that is to be drawn now."""
        desk = self.desk
        return View(
            mode=desk.seat.mode,
            coder=desk.seat.coder,
            blind=not desk.seat.unblind,
            stage=desk.seat.stage,
            filter=desk.shelf.filter,
            waiting=desk.shelf.waiting,
            rows=desk.shelf.rows,
            at=desk.shelf.at,
            sheet=desk.sheet(),
            ask=self._dialogue.ask,
            panel=self._dialogue.panel or self._pinned_page(),
            message=self._dialogue.message,
            tone=self._dialogue.tone,
            saved=desk.trail.saved,
        )

    def press(self, key: str) -> None:
        """Do what a key stands for. What cannot be done is told in the view; nothing is raised but for bugs."""
        if self._dialogue.takes(key):
            return
        leaving, self._leaving = self._leaving, False
        if key.isdecimal() and len(key) == 1:
            self._dialogue.attempt(lambda: self._mark(int(key)))
        elif key == "q" and leaving:
            self.done = True
        elif key in self._keys:
            self._dialogue.attempt(self._keys[key])
        elif key in self.desk.facets:
            self.desk.choose(key)
        else:
            self._say(f"{key} does nothing: ? shows the keys.", "refused")

    def answer(self, text: str | None) -> None:
        """Give the line that is asked for; None gives none."""
        self._dialogue.answer(text)

    def knows(self, key: str) -> bool:
        """Say whether a key stands for something."""
        return key in self._keys or key in self.desk.facets or (key.isdecimal() and len(key) == 1)

    def look(self) -> str:
        """Bring the database up to date with what others write; return what is wrong. It may run in another thread."""
        try:
            self.desk.look()
        except ReviewError as error:
            return str(error).replace("\n", " ")
        return ""

    def catch_up(self, wrong: str) -> bool:
        """Take in what `look` found; return whether the screen is to be drawn anew."""
        if not wrong:
            return self.desk.catch_up()
        changed = wrong != self._dialogue.message
        self._say(wrong, "refused")
        return changed

    # --- what keys do ---

    def _mark(self, number: int) -> None:
        self.desk.press(number)
        if question := self.desk.active:
            codes = self.desk.marks.answers.get(question.id)
            said = "left open" if codes is None else ", ".join(codes) or "no code applies"
            self._say(f"{question.label}: {said}")

    def _say(self, text: str, tone: Tone = "told") -> None:
        self._dialogue.say(text, tone)

    def _accept(self) -> None:
        if self.desk.shelf.settling and not self.desk.note:
            self._settle(self._accept)
            return
        key = self._key()
        self._tell(self.desk.accept(), key, on=True)

    def _judge(self, verdict: str, reason: str = "", stage: str = "") -> None:
        if self.desk.shelf.settling and not self.desk.note and self.desk.facts:
            self._settle(lambda: self._judge(verdict, reason, stage))
            return
        key = self._key()
        written = self.desk.judge(verdict, reason, stage)
        # While tagging, codes follow an include.
        self._tell(written, key, on=self.desk.seat.mode == "screen" or verdict == EXCLUDE)

    def _settle(self, then: Callable[[], None]) -> None:
        """Ask why, which a settled conflict is to say, before it is settled."""

        def answered(text: str) -> None:
            self.desk.note = text.strip() or "agreed"
            try:
                then()
            except (Nothing, ReviewError):
                self.desk.note = ""  # it was about what could not be done
                raise

        self._dialogue.want(Ask("Why", "kept with what settles the conflict; Enter alone: agreed"), answered)
        if self.desk.facts:
            self._say("; ".join(panels.conflict(self.desk.form, self.desk.facts)))

    def _tell(self, written: Written, key: str, *, on: bool) -> None:
        act = written.act
        # At the end, where a message that is too long is kept.
        disputed = f" (coders disagree on {', '.join(written.contested)}: = settles)" if written.contested else ""
        said = f"{self.desk.trail.saved} saved: {self._named(act)}{disputed}" if act else f"{key}: said already"
        went_on = self.desk.go_on() if on else True
        rest = "" if went_on else ". Nothing waits any more in this list: / for another"
        self._say(f"{said}{rest}", "saved" if act else "told")
        if written.fault:
            self._say(f"{said}. It is kept, but the database lags: {written.fault}", "refused")

    def _exclude(self) -> None:
        desk = self.desk
        stages = sorted(desk.form.scheme.stages, key=lambda stage: stage.id != desk.seat.stage)
        self._reasons([(stage, code) for stage in stages for code in stage.codes if code.startswith(f"{EXCLUDE}.")], 0)

    def _reasons(self, every: Sequence[tuple[Question, str]], page: int) -> None:
        """List nine reasons by number; x again turns to the next nine."""
        found = every[page * NUMBERS :][:NUMBERS]
        pages = max(1, -(-len(every) // NUMBERS))

        def chosen(number: int) -> None:
            if number > len(found):
                raise Nothing(f"There is no reason {number}: x, then one of 1 to {len(found)}.")
            stage, reason = (found[number - 1][0].id, found[number - 1][1].partition(".")[2]) if number else ("", "")
            self._judge(EXCLUDE, reason, stage)

        turn = (_REASONS, lambda: self._reasons(every, (page + 1) % pages))
        self._dialogue.choose(panels.reasons(found, more=pages > 1), chosen, turn if pages > 1 else None)

    def _back(self, move: Callable[[], Act], what: str) -> None:
        shown = self.desk.shelf.filter
        act = move()
        lifted = f". It is not among “{shown}”: all papers are listed" if self.desk.shelf.filter != shown else ""
        self._say(f"{self.desk.trail.saved} saved: {what}: {self._named(act)}{lifted}", "saved")

    def _named(self, act: Act) -> str:
        return act.text if isinstance(act, Ruled) else f"{self.desk.shelf.key(act.paper)} {act.text}"

    def _note(self) -> None:
        def answered(text: str) -> None:
            self.desk.note = text.strip()
            self._say("The note goes with what you decide next on this paper." if self.desk.note else "")

        self._dialogue.want(Ask("Note", "the reason, kept with what you decide next", self.desk.note), answered)

    def _type(self) -> None:
        question = self.desk.active
        if question is None:
            raise Nothing("The coding scheme has no questions.")
        given = ", ".join(self.desk.marks.answers.get(question.id, ()))
        about = " ".join(filter(None, [question.unit, quantities.limits(question.minimum, question.maximum)]))
        hints = {"text": "one line", "number": f"a number{f', {about}' if about else ''}; empty: none is reported"}
        hint = hints.get(question.kind, "codes, separated by commas")
        self._dialogue.want(Ask(question.label, hint, given), self.desk.write)

    def _filter(self) -> None:
        hint = f"{' '.join(FILTERS)}, or any words; empty: all"
        self._dialogue.want(Ask("Filter", hint, self.desk.shelf.filter), self._show_only)

    def _show_only(self, asked: str) -> None:
        self.desk.show(asked)
        if not self.desk.shelf.rows:
            self._say(f"No paper matches {asked}: / for another filter.", "refused")
        else:
            self._say(counted(len(self.desk.shelf.rows), "paper"))

    def _conflicts(self) -> None:
        if self.desk.shelf.settling:
            self._show_only(self._before)
            return
        self._before = self.desk.shelf.filter
        self.desk.show(CONFLICTS)
        if not self.desk.shelf.rows:
            self.desk.show(self._before)
            blind = "" if self.desk.seat.unblind else ", of those that you have answered (--unblind: any)"
            raise Nothing(f"Coders disagree on no paper{blind}.")
        facts = self.desk.facts
        self._say("; ".join(panels.conflict(self.desk.form, facts)) if facts else "")

    def _duplicate(self) -> None:
        if self.desk.facts is None:
            raise Nothing("There is no paper here.")
        near = self.desk.near()
        names = list(near)

        def answered(text: str) -> None:
            name = text.strip()
            if name.isdecimal() and 0 < int(name) <= len(names):
                name = names[int(name) - 1]
            if name:
                key = self._key()
                self._tell(self.desk.same_as(name), key, on=False)

        self._dialogue.want(Ask("Duplicate of", "a number of the list, or the key of any paper"), answered)
        self._dialogue.show(panels.duplicates(near))

    def _link(self) -> None:
        link = self.desk.facts.link if self.desk.facts else ""
        if not link:
            raise Nothing("No source gave a link to this paper.")
        self._open_link(link)
        self._say(link)

    def _pin(self) -> None:
        self._pinned = not self._pinned

    def _pinned_page(self) -> Panel | None:
        """Return the criteria, where they are to stay in sight."""
        if not self._pinned or self.desk.facts is None:
            return None
        return panels.criteria(self.desk.connection, self.desk.facts, self.desk.active)

    def _escape(self) -> None:
        self._pinned = False

    def _leave(self) -> None:
        left = self.desk.unaccepted()
        self._leaving = bool(left)
        self.done = not left
        if left:
            more = " and others" if len(left) > 1 else ""
            what = f"{left[0]}{more} has marks or a note that are not on disk"
            self._say(f"{what}: Enter writes them; q again leaves, and forgets them.", "refused")

    def _read(self, page: Callable[[Form, Facts], Panel]) -> None:
        if self.desk.facts:
            self._dialogue.show(page(self.desk.form, self.desk.facts))

    def _key(self) -> str:
        return self.desk.facts.key if self.desk.facts else ""
