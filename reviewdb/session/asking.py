"""The questions about one paper as a front end draws them: pure, from the scheme, what is known, and the marks."""

from __future__ import annotations

from reviewdb.scheme import Question
from reviewdb.session import marks, paper
from reviewdb.session.forms import Form
from reviewdb.session.marks import Marks
from reviewdb.session.paper import Facts
from reviewdb.session.views import Asked, Choice, Marked, Origin, Sheet, Track
from reviewdb.text import ancestors


def begin(form: Form, facts: Facts) -> Marks:
    """Return the marks that a paper opens with: what the coder said, else what rules propose."""
    own = facts.own(form.seat.coder)
    answers = {}
    for question in form.scheme.questions.values():
        if question.id in own:
            answers[question.id] = own[question.id]
        elif proposed := facts.proposed(question):
            answers[question.id] = proposed
    return Marks(answers, first(form, facts), said=frozenset(own))


def first(form: Form, facts: Facts, *, settling: bool = False) -> str:
    """Return the question that is active when a paper opens."""
    if settling and (disputed := contested(form, facts)):
        return disputed[0]
    if form.seat.mode == "screen" and form.seat.stage:
        return form.seat.stage
    waiting = {question for question, coder in facts.reopened if form.seat.unblind or coder == form.seat.coder}
    if again := next((q.id for q in form.scheme.questions.values() if q.kind != "stage" and q.id in waiting), ""):
        return again
    return next((q.id for q in form.scheme.questions.values() if q.kind != "stage"), "")


def contested(form: Form, facts: Facts) -> list[str]:
    """Return the questions on which coders disagree, of those that this coder may see."""
    seat = form.seat
    return [
        question
        for question in form.scheme.questions
        if question in facts.contested and facts.others(question, seat.coder, unblind=seat.unblind)
    ]


def sheet(form: Form, facts: Facts, marked: Marks, note: str) -> Sheet:
    """Return a paper with its questions."""
    return Sheet(
        id=facts.id,
        key=facts.key,
        authors=facts.authors,
        venue=facts.venue,
        year=facts.year,
        link=facts.link,
        title=paper.pieces("title", facts.title, facts.evidence),
        abstract=paper.pieces("abstract", facts.abstract, facts.evidence),
        found_by=facts.found_by,
        asked=asked(form, facts, marked),
        note=note,
    )


def asked(form: Form, facts: Facts, marked: Marks) -> tuple[Asked, ...]:
    """Return every question with what is marked, and the codes of the active one."""
    own = facts.own(form.seat.coder)
    disputed = contested(form, facts)
    found = []
    for question in form.scheme.questions.values():
        codes = marked.answers.get(question.id)
        active = question.id == marked.active
        said = question.id in own and codes is not None and set(own[question.id]) == set(codes)
        # What is marked by hand in a facet takes the proposals along that are left in it.
        origin: Origin = "said" if said else "hand" if question.id in marked.touched else "rule"
        proposed = set(facts.proposed(question))
        found.append(
            Asked(
                id=question.id,
                facet=question.facet,
                label=question.label,
                kind=question.kind,
                key=form.letters.get(question.id, ""),
                active=active,
                marked=tuple(_marked(form, question, code, origin, proposed) for code in codes or ()),
                open=codes is None,
                said=said,
                choices=_choices(form, facts, question, marked) if active else (),
                page=marks.nines(question, marked) if active else (1, marks.pages(question)),
                others=facts.others(question.id, form.seat.coder, unblind=form.seat.unblind),
                contested=question.id in disputed,
            )
        )
    return tuple(found)


def _marked(form: Form, question: Question, code: str, origin: Origin, proposed: set[str]) -> Marked:
    if not question.has_codes:
        return Marked(code, code, origin, None)
    return Marked(code, question.codes[code].label, origin, _track(form, question, code) if code in proposed else None)


def _track(form: Form, question: Question, code: str) -> Track:
    return form.tracks.get((question.id, code), Track(0, 0))


def _choices(form: Form, facts: Facts, question: Question, marked: Marks) -> tuple[Choice, ...]:
    codes = marked.answers.get(question.id) or ()
    proposed = set(facts.proposed(question))
    others = facts.others(question.id, form.seat.coder, unblind=form.seat.unblind)
    return tuple(
        Choice(
            code=line.code,
            label=question.codes[line.code].label,
            number=line.number,
            depth=line.code.count("."),
            marked=line.code in codes,
            holds=any(line.code in ancestors(code) for code in codes),
            children=bool(marks.children(question, line.code)),
            track=_track(form, question, line.code) if line.code in proposed else None,
            coders=tuple(one.coder for one in others if line.code in one.answer),
        )
        for line in marks.lines(question, marked)
    )
