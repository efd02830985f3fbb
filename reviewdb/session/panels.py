"""Pages to read beside the paper: why something is proposed or said, the criteria and codes, the keys, the reasons."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from reviewdb import database
from reviewdb.scheme import Question
from reviewdb.session import asking, keys
from reviewdb.session.forms import Form
from reviewdb.session.paper import Facts
from reviewdb.session.views import Panel

_AROUND = 40

Row = tuple[str, str]


def why(form: Form, facts: Facts) -> Panel:
    """Return who says what and why, and what rules propose from which words."""
    rows: list[Row] = []
    for question in form.scheme.questions.values():
        seat = form.seat
        said = facts.said.get(question.id, ())
        visible = [one for one in said if one.coder == seat.coder]
        visible += facts.others(question.id, seat.coder, unblind=seat.unblind)
        told: list[Row] = [
            (one.coder, f"{one.text}{f'  — {one.why}' if one.why else ''}  ({one.at[:10]})") for one in visible
        ]
        told += [
            (
                f"{one.rule.removeprefix('rule:')} ?",
                f"{one.code}  from the {_place(one.span.field)}: {_words(facts, n)}",
            )
            for n, one in enumerate(facts.evidence)
            if one.question == question.id
        ]
        if told:
            rows += [(question.label, ""), *((f"  {who}", what) for who, what in told)]
            codes = [one.code for one in facts.evidence if one.question == question.id]
            rows += [
                ("", f"{code}: {form.tracks[question.id, code]} by {'people' if seat.unblind else 'you'} so far")
                for code in dict.fromkeys(codes)
                if (question.id, code) in form.tracks
            ]
    return Panel("Why", tuple(rows) or (("", "Nobody has said anything, and no rule proposes anything."),))


def _place(field: str) -> str:
    return field.replace("_", " ") or "record"


def _words(facts: Facts, n: int) -> str:
    """Return the words of evidence in brackets, with those around them."""
    one = facts.evidence[n]
    text = {"title": facts.title, "abstract": facts.abstract}.get(one.span.field, "")
    if not one.placed or not text:
        return f"[{one.span.words}]" if one.span.words else "what is known of it"
    start, end = max(one.span.start - _AROUND, 0), one.span.end + _AROUND
    before, after = text[start : one.span.start], text[one.span.end : end]
    return f"{'…' * (start > 0)}{before}[{one.span.words}]{after}{'…' * (end < len(text))}"


def criteria(connection: sqlite3.Connection, facts: Facts, active: Question | None) -> Panel:
    """Return the criteria of the protocol with what rules tell of this paper, and what the active question means."""
    found = connection.execute(database.statement("criteria-of-paper"), [facts.id])
    rows: list[Row] = []
    stage = ""
    for place, reason, text, holds, words in found:
        rows += [(place.capitalize(), "")] if place != stage else []
        stage = place
        told = f"  {holds}{f' ({words})' if words else ''}" if holds else ""
        rows.append((f"  {reason.replace('_', ' ')}", f"{text}{told}"))
    if active:
        rows += [("", ""), (active.label, active.definition)]
        rows += [(f"  {code.id}", code.definition or code.label) for code in active.codes.values()]
    return Panel("Criteria and codes", tuple(rows))


def help_(form: Form) -> Panel:
    """Return the keys, with the letters of the facets."""
    letters = [(letter, form.scheme.questions[question].label) for question, letter in form.letters.items()]
    rows = [*keys.KEYS, ("Facets", ""), *letters, ("Marks", ""), *keys.MARKS]
    return Panel("Keys", tuple(rows))


def reasons(found: Sequence[tuple[Question, str]], *, more: bool) -> Panel:
    """Return reasons to exclude, numbered; `more`: they are some of many."""
    rows: list[Row] = []
    stage = ""
    for n, (question, code) in enumerate(found, 1):
        rows += [(question.label, "")] if question.id != stage else []
        stage = question.id
        rows.append((f"  {n}", question.codes[code].label))
    rows.append(("  0", "no reason"))
    rows += [("  x", "other reasons")] if more else []
    return Panel("Exclude: why?", tuple(rows), choosing=True)


def duplicates(near: Mapping[str, str]) -> Panel:
    """Return papers that may be the same as this one: key and title."""
    rows = [(f"  {n}", f"{key}  {title}") for n, (key, title) in enumerate(near.items(), 1)]
    return Panel("Duplicate of which paper?", tuple(rows) or (("", "No rule takes another paper for this one."),))


def conflict(form: Form, facts: Facts) -> list[str]:
    """Return who says what to the questions on which coders disagree."""
    own = facts.own(form.seat.coder)
    found = []
    for question in asking.contested(form, facts):
        others = facts.others(question, form.seat.coder, unblind=form.seat.unblind)
        told = [f"{one.coder}: {one.text}" for one in others]
        told += [f"{form.seat.coder}: {', '.join(own[question]) or 'no code'}"] if question in own else []
        found.append(f"{form.scheme.questions[question].label} — {'; '.join(told)}")
    return found
