"""Answering: what a person types as an answer, as the coding scheme has it."""

from __future__ import annotations

from reviewdb import quantities, recodings
from reviewdb.errors import ReviewError
from reviewdb.hints import hint
from reviewdb.questions import Question
from reviewdb.recodings import Recodings

Answer = tuple[str, ...]


def answer_of(question: Question, value: str, known: Recodings = recodings.NONE) -> Answer:
    """Return an answer as a person types it: a text, a number, or codes separated by commas.

    An empty one says that no code applies, or that no number is reported. Raises ReviewError for what the question
    cannot take.
    """
    if question.kind == "text":
        return (value.strip(),)
    if question.kind == "number":
        return _number(question, value) if value.strip() else ()
    codes = tuple(dict.fromkeys(filter(None, (code.strip() for code in value.split(",")))))
    by_label = {code.label.casefold(): code.id for code in question.codes.values()}
    for code in codes:
        if code not in question.codes:
            former = question.former.get(code)
            became = former.became if former else recodings.what_became(code, question.facet, known)
            if became is not None:
                what = f"{question.id} has no code {code!r} any more."
                raise ReviewError(what, recodings.told(code, became))
            meant = by_label.get(code.casefold(), code.lower())
            raise ReviewError(f"{question.id} has no code {code!r}.", hint(meant, list(question.codes)))
    return codes


def _number(question: Question, value: str) -> Answer:
    told = quantities.limits(question.minimum, question.maximum)
    about = " ".join(filter(None, [f"in {question.unit}" if question.unit else "", told]))
    example = (quantities.without_comma(value, question.unit) or ["83.1" if question.unit == "%" else "0.83"])[0]
    bounds = [limit for limit in (question.minimum, question.maximum) if limit is not None]
    if bounds and quantities.outside(float(example), question.minimum, question.maximum):
        example = quantities.written(bounds[0])
    name, limited = question.id, f", {about}" if about else ""
    todo = f"Write {name}={example}{limited}; {name}= alone says that none is reported."
    try:
        said = quantities.read(value, question.unit)
    except ValueError as error:
        raise ReviewError(f"{question.id} is a number, and {error}.", todo) from error
    if beyond := quantities.outside(float(said), question.minimum, question.maximum):
        raise ReviewError(f"{question.id} cannot be {said}: that is {beyond}.", todo)
    return (said,)
