"""The desk: one paper before a coder, what is marked on it, and what each decision writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from reviewdb import answering, build, coding, database, reading
from reviewdb.coding import Case, Coder
from reviewdb.errors import ReviewError
from reviewdb.model import Decision
from reviewdb.review import Review
from reviewdb.scheme import Question, Scheme
from reviewdb.session import acts, asking, forms, keys, marks, paper, trail
from reviewdb.session.acts import Act, Written
from reviewdb.session.listing import Seat
from reviewdb.session.marks import Answer, Marks
from reviewdb.session.paper import Facts
from reviewdb.session.shelf import UNSCREENED, UNTAGGED, Shelf
from reviewdb.session.trail import Trail
from reviewdb.session.views import Sheet


class Nothing(Exception):  # noqa: N818 - no error: what was asked for makes no sense here, and the coder is told why
    """There is nothing to do, for a reason that is told."""


class Desk:
    """What one coder sees and has marked. A method that decides returns when its lines are on disk."""

    def __init__(
        self, place: Review, connection: sqlite3.Connection, scheme: Scheme, seat: Seat, order: Iterable[str] | None
    ) -> None:
        self._place = place
        self.connection = connection
        self._file = place.database.stat().st_ino
        self.seat = seat
        self._scheme = scheme
        self.facets, self.form = keys.facet_keys(scheme), forms.form(connection, scheme, seat)
        self.shelf = Shelf(connection, seat, order)
        self.trail = Trail()
        self.facts: Facts | None = None
        self.marks = Marks({})
        self._kept: dict[str, Marks] = {}
        self._notes: dict[str, str] = {}
        self.show(UNTAGGED if seat.mode == "tag" else UNSCREENED)
        if not self.shelf.rows:
            self.show("")

    def close(self) -> None:
        """Leave the database."""
        self.connection.close()

    # --- reading ---

    @property
    def active(self) -> Question | None:
        """The question that numbers answer."""
        return self.form.scheme.questions.get(self.marks.active)

    @property
    def note(self) -> str:
        """The reason that goes with what is decided next on this paper."""
        return self._notes.get(self.facts.id, "") if self.facts else ""

    @note.setter
    def note(self, text: str) -> None:
        if self.facts:
            self._notes.pop(self.facts.id, None)
            if text:
                self._notes[self.facts.id] = text

    def unaccepted(self) -> list[str]:
        """Return the keys of the papers on which something is marked by hand, or noted, and not accepted."""
        self._keep()
        return [self.shelf.key(id_) for id_ in dict.fromkeys((*self._kept, *self._notes))]

    def sheet(self) -> Sheet | None:
        """Return the paper before the coder, with its questions; None where the list is empty."""
        return asking.sheet(self.form, self.facts, self.marks, self.note) if self.facts else None

    def near(self) -> dict[str, str]:
        """Return the keys and titles of papers that rules take for perhaps the same as this one."""
        paper_id = self.facts.id if self.facts else ""
        return dict(self.connection.execute(database.statement("near-papers"), {"paper": paper_id}).fetchall())

    # --- moving ---

    def show(self, asked: str) -> None:
        """Filter the list; the paper before the coder stays, if it is in it."""
        self._move(lambda: self.shelf.show(asked))

    def step(self, by: int) -> None:
        """Go so many papers down the list, or up."""
        self._move(lambda: self.shelf.step(by))

    def go_on(self) -> bool:
        """Go to the next paper that waits; return False where none does."""
        before = self.shelf.at
        self._move(self.shelf.go_on)
        return self.shelf.at != before

    def look(self) -> None:
        """Bring the database up to date with what others write. Raises ReviewError where the text has problems."""
        build.refresh(self._place)

    def catch_up(self) -> bool:
        """Take in what the database has learnt since; return whether that changes what is on the screen."""
        touched = self._caught_up()
        if touched is None or (self.facts and self.facts.id in touched):
            self._read()
        return touched is None or bool(touched)

    def _caught_up(self) -> set[str] | None:
        """Take in what the database has learnt; return the papers that it is about, or None for all."""
        file = self._place.database.stat().st_ino
        if file != self._file:  # somebody deleted it, and it was built anew
            self.connection.close()
            self.connection, self._file = database.reader(self._place.database), file
            self.shelf.connect(self.connection)
        touched = self.shelf.catch_up()
        if touched is None:
            self._learn()
        return touched

    def _learn(self) -> None:
        """Take in another coding scheme; marks that are not accepted go, since their codes may be gone."""
        scheme = coding.load_scheme(self._place)
        if scheme is not self._scheme:
            self._scheme, self.facts = scheme, None
            self._kept.clear()
            self.facets, self.form = keys.facet_keys(scheme), forms.form(self.connection, scheme, self.seat)

    def _move(self, move: Callable[[], object]) -> None:
        self._keep()
        move()
        self._read()

    def _keep(self) -> None:
        """Keep what is marked by hand on a paper that is left."""
        if self.facts:
            self._kept.pop(self.facts.id, None)
            if self.marks.touched:
                self._kept[self.facts.id] = self.marks

    def _read(self) -> None:
        """Read the paper anew, with what was marked on it by hand."""
        row = self.shelf.row
        same = self.facts is not None and row is not None and self.facts.id == row.id
        active = self.marks if same else None
        self.facts = paper.load(self.connection, row.id) if row else None
        if self.facts is None:
            self.marks = Marks({})
            return
        fresh = asking.begin(self.form, self.facts)
        kept = active or self._kept.get(self.facts.id)
        if kept:
            said = {q: codes for q, codes in fresh.answers.items() if q not in kept.touched}
            said |= {q: codes for q, codes in kept.answers.items() if q in kept.touched}
            fresh = replace(fresh, answers=said, touched=kept.touched)
        if active:
            self.marks = replace(active, answers=fresh.answers, said=fresh.said, touched=fresh.touched)
        else:
            first = asking.first(self.form, self.facts, settling=self.shelf.settling)
            self.marks = replace(fresh, active=first)

    # --- marking ---

    def choose(self, letter: str) -> None:
        """Make the facet of a letter active, or what comes next in it."""
        if letter in self.facets:
            self.marks = marks.choose(self.marks, self.facets[letter], self.form.scheme.questions)

    def cycle(self, by: int) -> None:
        """Make the next question active, or the one before."""
        names = list(self.form.scheme.questions)
        at = names.index(self.marks.active) if self.marks.active in names else 0
        self.marks = marks.activated(self.marks, names[(at + by) % len(names)])

    def press(self, number: int) -> None:
        """Mark the code of a number, or no longer. Raises Nothing where the active question has no codes."""
        if self.active is None or not self.active.has_codes:
            raise Nothing(f"This facet is a {self.active.kind if self.active else 'text'}: e to type it.")
        self.marks = marks.press(self.marks, self.active, number)

    def write(self, text: str) -> None:
        """Mark an answer as it is typed: codes separated by commas, or a text. Raises ReviewError for unknown codes."""
        if self.active:
            self.marks = marks.answered(self.marks, self.active, answering.answer_of(self.active, text))

    # --- deciding ---

    def accept(self) -> Written:
        """Write what is marked. Raises Nothing where nothing is, ReviewError where it cannot be written."""
        if self.shelf.settling:
            asked = self._disputed()
        else:
            asked = [q for q in self.form.scheme.questions if self._ours(q) or q in self.marks.touched]
        answers = {q: answer for q in asked if (answer := self.marks.answers.get(q)) is not None}
        if not answers:
            screening = self.seat.mode == "screen" and not self.shelf.settling
            what = "No rule proposes a verdict: a, x or space" if screening else "Nothing is marked: mark a code"
            raise Nothing(f"{what}, or j for the next paper.")
        return self._decide(answers, settles=self.shelf.settling)

    def judge(self, verdict: str, reason: str = "", stage: str = "") -> Written:
        """Write a verdict, with what is marked by hand besides. Raises as `accept` does."""
        disputed = [q for q in self._disputed() if self.form.scheme.questions[q].kind == "stage"]
        if not stage and not reason:
            stage = disputed[0] if disputed else self.seat.stage if self.seat.mode == "screen" else ""
        by_hand = {q: a for q, a in self.marks.answers.items() if q in self.marks.touched and not self._is_stage(q)}

        def make(case: Case) -> list[Decision]:
            return coding.settling(case, coding.screen(case, verdict, reason, stage))

        return self._decide(by_hand, make, settles=bool(disputed))

    def same_as(self, other: str) -> Written:
        """Rule that this paper and another one are the same. Raises as `accept` does."""
        if self.facts is None:
            raise Nothing("There is no paper here.")
        one, two = (reading.find(self.connection, name) for name in (self.facts.id, other))
        if one.id == two.id:
            raise Nothing(f"{self.facts.key} is this paper: name the other one.")
        written = acts.rule_same(self._place, (one, two), Coder(self.seat.coder, self.note))
        self._wrote(written)
        return written

    def undo(self) -> Act:
        """Take back the coder's last act that stands, and go to its paper. Raises Nothing where there is none."""
        act = self.trail.undo(self._earlier, self._take_back)
        return self._back(act, "There is nothing to undo.")

    def redo(self) -> Act:
        """Undo the last undoing, and go to its paper. Raises Nothing where nothing was undone."""
        return self._back(self.trail.redo(self._take_back), "There is nothing to redo.")

    def _earlier(self) -> Iterator[Act]:
        return trail.earlier(self._place, lambda: self.connection, self.seat.coder)

    def _take_back(self, act: Act) -> Written:
        return acts.take_back(self._place, self.seat.coder, act)

    def _back(self, act: Act | None, otherwise: str) -> Act:
        if act is None:
            raise Nothing(otherwise)
        self._kept.pop(act.paper, None)
        self._caught_up()
        self.facts = None
        self.shelf.find(act.paper)
        self._read()
        return act

    def _decide(
        self,
        answers: Mapping[str, Answer],
        verdict: Callable[[Case], list[Decision]] | None = None,
        *,
        settles: bool,
    ) -> Written:
        if self.facts is None:
            raise Nothing("There is no paper here.")
        coder = Coder(self.seat.coder, self.note, settles=settles and self.shelf.settling)
        try:
            written = acts.answer(self._place, self.facts.id, coder, answers, self.marks.touched, verdict)
        except ReviewError:
            self.catch_up()  # the scheme may be another one by now
            raise
        self._wrote(written)
        return written

    def _wrote(self, written: Written) -> None:
        if written.act:
            self.trail.did(written.act)
        self.note = ""
        self.marks = replace(self.marks, touched=frozenset())
        self._keep()
        self._caught_up()
        self._read()

    def _disputed(self) -> list[str]:
        return asking.contested(self.form, self.facts) if self.facts else []

    def _is_stage(self, question: str) -> bool:
        return self.form.scheme.questions[question].kind == "stage"

    def _ours(self, question: str) -> bool:
        """Say whether a question is what this coder sits here for."""
        return question == self.seat.stage if self.seat.mode == "screen" else not self._is_stage(question)
