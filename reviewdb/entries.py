"""Lines of the journal: what one line of a search, decision or ruling file says, read and written.

Every reader takes the parsed JSON object and raises ValueError with a sentence for a person where it is wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from sys import intern
from typing import Any

from reviewdb import quantities
from reviewdb.lengths import LIMITED, too_long
from reviewdb.model import (
    CORRECTABLE,
    CORRECTS,
    RESTORES,
    RULE_PREFIX,
    SEARCH,
    SEARCH_KINDS,
    VENUE_TYPES,
    Decision,
    Page,
    Recoding,
    Record,
    Relation,
    Ruling,
    Search,
)
from reviewdb.questions import Question
from reviewdb.text import clean

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_CODER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DATE = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?")
YEARS = range(1000, 3000)
_WRITTEN = tuple(key for key in Record.__dataclass_fields__ if key not in {"search", "extra"})
_RECORD_KEYS = frozenset(_WRITTEN)
_written = attrgetter(*_WRITTEN)
_CAN_BE_CUT = ("title", "authors", "venue", "abstract")
# More than any source counts, and less than SQLite can hold.
_COUNTS = range(10**15)


def search(entry: Mapping[str, Any], id_: str) -> Search:
    """Read the header line of a search file."""
    parameters = entry.get("parameters", {})
    if not isinstance(parameters, dict):
        raise ValueError("parameters is not an object")  # noqa: TRY004 - all of a line's faults are of one kind
    date = _date(entry, "date")
    kind = _text(entry, "kind") or SEARCH
    if kind not in SEARCH_KINDS:
        raise ValueError(f"kind is {kind!r}, not one of {', '.join(SEARCH_KINDS)}")
    source, query = _text(entry, "source", needed=True), _text(entry, "query")
    return Search(id_, source, query, date, parameters, kind, _text(entry, "version"))


def is_page(entry: Mapping[str, Any]) -> bool:
    """Say whether a line of a search file opens a page, of which the hits follow."""
    return "page" in entry and "id" not in entry


def page(entry: Mapping[str, Any]) -> Page:
    """Read the line that opens a page."""
    number, hits = _number(entry, "page", range(1, 1_000_000)), _number(entry, "hits", range(1_000_000))
    if number is None or hits is None:
        raise ValueError(f"{'page' if number is None else 'hits'} is missing")
    total = _number(entry, "total", _COUNTS)
    return Page(number, _time(entry), _text(entry, "url"), hits, total, _text(entry, "next"))


def record(entry: Mapping[str, Any], search_id: str) -> Record:
    """Read a hit. Text is put on one line; what this software does not know is kept in `extra`."""
    authors = entry.get("authors")
    authors = [] if authors is None else authors
    if not isinstance(authors, list) or not all(isinstance(author, str) for author in authors):
        raise ValueError("authors is not a list of strings")
    for key in (CORRECTS, RESTORES) if entry.get("about") else ():
        _fields(entry, key, CORRECTABLE)
    if fault := next((fault for field in LIMITED if (fault := too_long(field, entry.get(field)))), ""):
        raise ValueError(fault)
    return Record(
        id=_name(entry, "id"),
        search=search_id,
        rank=_number(entry, "rank", range(1, 1_000_000_000)) or 0,
        title=_text(entry, "title", needed=True),
        authors=tuple(map(intern, filter(None, map(clean, authors)))),
        year=_number(entry, "year", YEARS),
        citations=_number(entry, "citations", range(1_000_000_000)),
        venue_type=_one_of(entry, "venue_type", VENUE_TYPES),
        published=_date(entry, "published"),
        cut=_fields(entry, "cut", _CAN_BE_CUT),
        about=_name(entry, "about") if entry.get("about") else "",
        extra={intern(key): _shared(value) for key, value in entry.items() if key not in _RECORD_KEYS},
        venue=intern(_text(entry, "venue")),
        volume=intern(_text(entry, "volume")),
        **{key: _text(entry, key) for key in ("pages", "doi", "url", "abstract")},
    )


def decision(entry: Mapping[str, Any], coder: str) -> Decision:
    """Read a decision of `coder`."""
    undoes = _time(entry, "undoes") if "undoes" in entry else ""
    if ("answer" in entry) == bool(undoes):
        raise ValueError("answer and undoes exclude each other" if undoes else "answer is missing")
    answer = entry.get("answer")
    if isinstance(answer, int | float) and not isinstance(answer, bool):
        answer = _number_said(answer)
    if isinstance(answer, str):
        answer = [answer]
    if answer is not None and not (isinstance(answer, list) and all(isinstance(part, str) for part in answer)):
        raise ValueError("answer is neither a list of codes nor a string nor a number nor null")
    settles = entry.get("settles", False)
    if not isinstance(settles, bool):
        raise ValueError("settles is neither true nor false")  # noqa: TRY004
    return Decision(
        coder=coder,
        record=_name(entry, "record"),
        question=intern(_text(entry, "question", needed=True)),
        answer=None if answer is None else tuple(dict.fromkeys(map(intern, map(clean, answer)))),
        at=_time(entry),
        why=_text(entry, "why"),
        settles=settles,
        undoes=undoes,
    )


def _number_said(answer: float) -> str:
    try:
        return quantities.written(float(answer))
    except OverflowError as error:
        raise ValueError("answer is a number with too many digits") from error


def is_recoding(entry: Mapping[str, Any]) -> bool:
    """Say whether a line of a decision file is about the codes of a facet, not about a record."""
    return "facet" in entry and "record" not in entry


def recoding(entry: Mapping[str, Any], coder: str) -> Recoding:
    """Read a recoding of `coder`."""
    undoes = _time(entry, "undoes") if "undoes" in entry else ""
    if undoes and ("recodes" in entry or "to" in entry):
        raise ValueError("recodes and undoes exclude each other")
    codes, became = ((), ()) if undoes else (_codes(entry, "recodes"), _codes(entry, "to"))
    if not undoes and not codes:
        raise ValueError("recodes names no code")
    if len(codes) > 1 and len(became) > 1:
        raise ValueError("several codes cannot become several at once")
    facet = _text(entry, "facet", needed=True)
    return Recoding(coder, facet, codes, became, _time(entry), _text(entry, "why"), undoes)


def ruling(entry: Mapping[str, Any], coder: str) -> Ruling:
    """Read a ruling of `coder`; its records come back in order."""
    a, b = sorted((_name(entry, "a"), _name(entry, "b")))
    if a == b:
        raise ValueError(f"both records are {a}")
    relation = entry.get("relation", "")
    allowed = [str(r) for r in (Relation.SAME, Relation.VERSION, Relation.DIFFERENT)]
    if relation is not None and relation not in allowed:
        raise ValueError(f"relation is {relation!r}, not one of {', '.join(allowed)} or null")
    return Ruling(coder, a, b, None if relation is None else Relation(relation), _time(entry), _text(entry, "why"))


def of_decision(made: Decision, question: Question) -> dict[str, Any]:
    """Return the line that says `made`, an answer to `question`."""
    answer: Any = None if made.answer is None else list(made.answer)
    if answer is not None and question.kind == "text":
        answer = "".join(answer)
    elif answer and question.kind == "number":
        answer = json.loads(answer[0])
    said = {"undoes": made.undoes} if made.undoes else {"answer": answer}
    entry = {"at": made.at, "record": made.record, "question": made.question, **said}
    if made.why:
        entry["why"] = made.why
    if made.settles:
        entry["settles"] = True
    return entry


def of_recoding(made: Recoding) -> dict[str, Any]:
    """Return the line that says `made`."""
    said = {"undoes": made.undoes} if made.undoes else {"recodes": list(made.codes), "to": list(made.became)}
    return {"at": made.at, "facet": made.facet, **said} | ({"why": made.why} if made.why else {})


def of_ruling(made: Ruling) -> dict[str, Any]:
    """Return the line that says `made`."""
    relation = None if made.relation is None else str(made.relation)
    return {"at": made.at, "a": made.a, "b": made.b, "relation": relation} | ({"why": made.why} if made.why else {})


def of_search(made: Search) -> dict[str, Any]:
    """Return the header line of a search file."""
    head = {"source": made.source, "query": made.query, "date": made.date, "parameters": dict(made.parameters)}
    more = {"kind": made.kind} if made.kind != SEARCH else {}
    return {**head, **more, **({"version": made.version} if made.version else {})}


def of_page(opened: Page) -> dict[str, Any]:
    """Return the line that opens a page."""
    head = {"page": opened.number, "at": opened.at, "url": opened.url, "hits": opened.hits}
    total = {} if opened.total is None else {"total": opened.total}
    return {**head, **total, **({"next": opened.next} if opened.next else {})}


def of_record(hit: Record) -> dict[str, Any]:
    """Return the line of a hit: what is not said has no key."""
    line: dict[str, Any] = {}
    for key, value in zip(_WRITTEN, _written(hit), strict=True):
        if isinstance(value, tuple):
            value = list(value)  # noqa: PLW2901 - as JSON has it
        if value not in ("", None, []):
            line[key] = value
    return line | dict(hit.extra)


def coder_fault(name: str) -> str:
    """Return why `name` cannot be a coder's name, or an empty string."""
    if name.startswith(RULE_PREFIX):
        return f"coder {name!r} is a rule, not a person"
    return "" if _CODER.fullmatch(name) else f"coder {name!r} has other marks than letters, digits and . _ -"


def _name(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise ValueError(f"{key} is {value!r}, not a name of letters, digits and . _ -")
    return intern(value)


def _shared(value: object) -> object:
    """Return what a source said with words that come again held once: works are cited by many."""
    return [intern(one) if type(one) is str else one for one in value] if isinstance(value, list) else value


def _text(entry: Mapping[str, Any], key: str, *, needed: bool = False) -> str:
    value = "" if entry.get(key) is None else entry[key]
    if not isinstance(value, str):
        raise ValueError(f"{key} is not a string")  # noqa: TRY004
    value = clean(value)
    if needed and not value:
        raise ValueError(f"{key} is missing")
    return value


def _codes(entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = entry.get(key)
    if not isinstance(value, list) or not all(isinstance(code, str) and code.strip() for code in value):
        raise ValueError(f"{key} is not a list of codes")
    return tuple(dict.fromkeys(map(clean, value)))


def _one_of(entry: Mapping[str, Any], key: str, allowed: Sequence[str]) -> str:
    value = _text(entry, key)
    if value and value not in allowed:
        raise ValueError(f"{key} is {value!r}, not one of {', '.join(allowed)}")
    return value


def _date(entry: Mapping[str, Any], key: str) -> str:
    value = _text(entry, key)
    if value and not _DATE.fullmatch(value):
        raise ValueError(f"{key} is {value!r}, not a date such as 2026-11-23, 2026-11 or 2026")
    return value


def _fields(entry: Mapping[str, Any], key: str, allowed: Sequence[str]) -> tuple[str, ...]:
    value = entry.get(key) or []
    if not isinstance(value, list) or not all(field in allowed for field in value):
        raise ValueError(f"{key} is {value!r}, not a list of {', '.join(allowed)}")
    return tuple(value)


def _number(entry: Mapping[str, Any], key: str, allowed: range) -> int | None:
    value = entry.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value not in allowed:
        raise ValueError(f"{key} is {value!r}, not a number from {allowed.start} to {allowed.stop - 1}")
    return value


def _time(entry: Mapping[str, Any], key: str = "at") -> str:
    value = _text(entry, key, needed=True)
    try:
        moment = datetime.fromisoformat(value)
        # In the years 1 and 9999, the same moment in UTC may lie in a year that cannot be written.
        told = moment_text(moment) if moment.tzinfo else ""
    except (ValueError, OverflowError):
        told = ""
    if not told:
        raise ValueError(f"{key} is {value!r}, not a moment such as 2026-11-23T15:00:00Z")
    return told


def moment_text(moment: datetime) -> str:
    """Return a moment in UTC in the one form whose alphabetical order is the order of time."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def moment_after(last: str, now: datetime) -> str:
    """Return the moment `now`; where a clock was ahead, the first one after `last`."""
    told = moment_text(now)
    return told if told > last else moment_text(datetime.fromisoformat(last) + timedelta(microseconds=1))
