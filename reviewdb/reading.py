"""Reading: papers found by words and codes, and how suggestions fare."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from reviewdb import database, recodings, rows
from reviewdb.errors import ReviewError
from reviewdb.hints import hint
from reviewdb.model import SCHEME_RULES
from reviewdb.papers import base, may_meet
from reviewdb.recodings import Recodings
from reviewdb.tables import Table
from reviewdb.text import full_text_query, wanted_words

_YEARS = re.compile(r"(\d{4})?(\.\.)?(\d{4})?")
_STATUSES = ("included", "excluded", "contested", "pending")
_AUTHORS_SHOWN = 3
#: No limit to the papers of a search.
ALL = -1


@dataclass(frozen=True, slots=True)
class Selection:
    """Which papers: by words, by codes (OR within a facet, AND across), by years (None: open)."""

    query: str
    codes: Mapping[str, Sequence[str]]
    first: int | None
    last: int | None
    #: Where the papers stand in screening; empty: anywhere.
    status: str
    #: Codes that only rules propose count as well as those that coders agree on.
    suggested: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A paper that was found; a higher `score` is a better match."""

    id: str
    key: str
    title: str
    authors: str
    year: int | None
    venue: str | None
    status: str
    snippet: str
    score: float

    def as_object(self) -> dict[str, Any]:
        """Return the hit for JSON."""
        return asdict(self)

    @property
    def byline(self) -> str:
        """The first authors and the venue, on one line."""
        names = self.authors.split("; ")
        shown = ", ".join(names[:_AUTHORS_SHOWN]) + (" et al." if len(names) > _AUTHORS_SHOWN else "")
        return " · ".join(filter(None, [shown, self.venue, self.status]))


def selection(
    query: str,
    facets: Mapping[str, Sequence[str]],
    codes: Sequence[str] = (),
    *,
    year: str = "",
    status: str = "",
    suggested: bool = False,
) -> Selection:
    """Read a selection as the command line gives it. Raises ReviewError where it makes no sense."""
    wanted = {facet: list(values) for facet, values in facets.items() if values}
    for pair in codes:
        facet, equals, code = pair.partition("=")
        if not equals:
            raise ReviewError(f"{pair!r} is not FACET=CODE.", "Write it as --code cluster=table_1.")
        wanted.setdefault(facet, []).append(code)
    if status and status not in _STATUSES:
        raise ReviewError(f"there is no status {status!r}.", hint(status, _STATUSES))
    found = _YEARS.fullmatch(year.strip())
    if not found or (year and not (found.group(1) or found.group(3))):
        raise ReviewError(f"{year!r} is not a range of years.", "Write it as 2020, 2015..2021, 2019.. or ..2018.")
    first, dots, last = found.groups()
    last = last or (None if dots else first)
    if first and last and int(last) < int(first):
        raise ReviewError(f"{year!r} ends before it begins.", f"Turn it round: {last}..{first}.")
    return Selection(query, wanted, int(first) if first else None, int(last) if last else None, status, suggested)


def search(connection: sqlite3.Connection, chosen: Selection, limit: int = ALL) -> tuple[list[Hit], int]:
    """Return the papers of a selection, best match first, at most `limit` of them, and how many there are in all.

    Raises ReviewError for a code that does not exist.
    """
    _check_codes(connection, chosen.codes)
    query = full_text_query(chosen.query)
    if chosen.query.strip() and not query:
        return [], 0
    values = {
        "query": query,
        "words": bool(wanted_words(chosen.query)),
        "codes": json.dumps(chosen.codes),
        "statuses": json.dumps(["coded", "suggested"] if chosen.suggested else ["coded"]),
        "first": chosen.first,
        "last": chosen.last,
        "status": chosen.status,
        "limit": limit,
    }
    rows = database.ask(connection, database.statement("search"), values).rows
    return [Hit(*row) for *row, _ in rows], rows[0][-1] if rows else 0


def _check_codes(connection: sqlite3.Connection, codes: Mapping[str, Sequence[str]]) -> None:
    for facet, wanted in codes.items():
        found = connection.execute(
            "SELECT DISTINCT codes.id, q.facet FROM codes JOIN questions AS q ON q.id = question_id"
            " WHERE ? IN (q.facet, q.id)",
            [facet],
        ).fetchall()
        known = [code for code, _ in found]
        if not known:
            raise ReviewError(f"the coding scheme has no codes for a facet {facet!r}.", "See data/coding-scheme.toml.")
        for code in wanted:
            if code not in known:
                became = recodings.what_became(code, found[0][1], recoded(connection))
                if became is not None:
                    raise ReviewError(f"{facet} has no code {code!r} any more.", recodings.told(code, became))
                raise ReviewError(f"{facet} has no code {code!r}.", hint(code, known))


def recoded(connection: sqlite3.Connection) -> Recodings:
    """Return what codes have become."""
    return recodings.gather(map(rows.of_recoding, connection.execute("SELECT * FROM recodings ORDER BY rowid")))


def outdated(connection: sqlite3.Connection, name: str) -> list[str]:
    """Return the codes that a query of the review names and that are not in use any more."""
    (sql,) = connection.execute("SELECT sql FROM queries WHERE name = ?", [name]).fetchone() or ("",)
    used = {code for (code,) in connection.execute("SELECT id FROM codes")}
    return list(dict.fromkeys(code for _, code in recodings.outdated(sql, used, (), recoded(connection))))


def papers(connection: sqlite3.Connection, chosen: Selection) -> Table:
    """Return every column of the papers of a selection, in order of id."""
    ids = [hit.id for hit in search(connection, chosen)[0]]
    found = database.ask(connection, database.statement("papers"), {"ids": json.dumps(ids)})
    return Table("papers", "Papers", "", found.columns, found.rows)


def keys(connection: sqlite3.Connection) -> list[str]:
    """Return the citation keys of all papers, in order of their ids."""
    return [key for (key,) in connection.execute("SELECT key FROM papers ORDER BY id")]


def with_keys(table: Table, wanted: Collection[str]) -> Table:
    """Return the papers of `papers` that have one of these citation keys."""
    at, among = table.columns.index("key"), frozenset(wanted)
    return replace(table, rows=[row for row in table.rows if row[at] in among])


def papers_as_json(table: Table, connection: sqlite3.Connection) -> str:
    """Return papers as JSON: authors and codes as arrays, not as text."""
    asked = connection.execute("SELECT paper_column, suggested_column FROM questions WHERE kind = 'codes'")
    arrays = {column for pair in asked for column in pair if column}
    objects = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    for paper in objects:
        paper["authors"] = paper["authors"].split("; ") if paper["authors"] else []
        paper.update({column: json.loads(paper[column] or "[]") for column in arrays})
    return json.dumps(objects, ensure_ascii=False, indent=2) + "\n"


@dataclass(frozen=True, slots=True)
class Found:
    """A paper that a person named."""

    id: str
    key: str
    title: str


def find(connection: sqlite3.Connection, name: str) -> Found:
    """Return the paper with this citation key, paper id or record id. Raises ReviewError where there is none."""
    found = connection.execute(database.statement("find-paper"), {"name": name}).fetchone()
    if found:
        return Found(*found)
    what = f"no paper has the key or id {name!r}."
    if said := so_called(connection, name):
        raise ReviewError(what, said)
    keys = [key for (key,) in connection.execute("SELECT key FROM papers")]
    raise ReviewError(what, hint(name, keys, "Look for it: reviewdb search WORDS"))


def so_called(connection: sqlite3.Connection, name: str) -> str:
    """Tell of which papers a record would have this key, had nobody joined it with others; empty for none."""
    found = connection.execute(database.statement("joined-records"), {"name": name})
    own = name.casefold()
    stems = {own, *(stem for stem, _ in may_meet(own))}
    called = ((key, base(rows.of_record(row)).casefold()) for key, *row in found)
    keys = dict.fromkeys(key for key, stem in called if stem in stems and stem != key.casefold())
    return f"A record of {' or of '.join(keys)} may have been called so." if keys else ""


@dataclass(frozen=True, slots=True)
class Said:
    """What one coder says about a paper now, or (without a coder) what only a rule proposes, from which words.

    Where the code of an answer was split, the answer is `open again`.
    """

    question: str
    coder: str | None
    why: str
    answer: str
    words: str | None
    #: The answer in the codes of its time, where they are others now.
    said: str | None


@dataclass(frozen=True, slots=True)
class Origin:
    """A record that is the paper: the search that found it, at which rank, and the fields of the paper that it gave."""

    record: str
    source: str
    query: str
    date: str
    rank: int | None
    gave: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A paper with all that is said about it."""

    paper: Mapping[str, Any]
    said: list[Said]
    records: list[Origin]

    def as_object(self) -> dict[str, Any]:
        """Return the paper for JSON."""
        records = [{**asdict(r), "gave": r.gave.split(", ") if r.gave else []} for r in self.records]
        return {**self.paper, "said": [asdict(said) for said in self.said], "records": records}

    def lines(self) -> list[str]:
        """Return the paper for a terminal."""
        p = self.paper
        place = ", ".join(str(p[c]) for c in ("venue", "volume", "pages", "year") if p[c])
        links = [str(p[c]) for c in ("doi", "url") if p[c]]
        lines = [p["title"], p["authors"], place, *links, f"{p['key']}  {p['id']}  {p['status'] or ''}".rstrip()]
        lines += ["", p["abstract"]] if p["abstract"] else []
        width = max((len(said.question) for said in self.said), default=0)
        for said in self.said:
            who = ": ".join(filter(None, [said.coder, said.why])) if said.coder else f"suggested, from: {said.words}"
            who += f"; said as {said.said}" if said.said else ""
            lines += [""] if said is self.said[0] else []
            lines.append(f"{said.question:{width}}  {said.answer}{'' if said.coder else ' ?'}  ({who})")
        if len(self.records) > 1:
            lines += ["", "Merged from (why: reviewdb dedupe --explain A B):"]
            lines += [f"{r.record}  {r.source} {r.date[:10]}" + f", gave {r.gave}" * bool(r.gave) for r in self.records]
        return lines


def show(connection: sqlite3.Connection, name: str, blind: str = "") -> Shown:
    """Return a paper by its citation key, its id or that of a record of it.

    With `blind`, what other coders say to a question is left out until the coder of that name has answered it.
    """
    id_ = find(connection, name).id
    result = database.ask(connection, database.statement("papers"), {"ids": json.dumps([id_])})
    columns = ("id", "key", "title", "authors", "year", "venue", "volume", "pages", "doi", "url", "abstract", "status")
    paper = dict(zip(result.columns, result.rows[0], strict=True))
    rows = database.ask(connection, database.statement("said"), {"paper": id_}).rows
    order = [id_ for (id_,) in connection.execute("SELECT id FROM questions ORDER BY position")]
    said = sorted((Said(*row) for row in rows), key=lambda s: (order.index(s.question), s.coder or ""))
    if blind:
        own = {one.question for one in said if one.coder == blind}
        said = [one for one in said if not one.coder or one.question in own]
        stages = {id_ for (id_,) in connection.execute("SELECT id FROM questions WHERE kind = 'stage'")}
        if not own >= stages:
            paper["status"] = None  # it would tell the others' verdicts
    found = connection.execute(database.statement("records-of-paper"), {"paper": id_})
    origins = [Origin(*row[: len(fields(Origin))]) for row in found]
    return Shown({column: paper[column] for column in columns}, said, origins)


def quality(connection: sqlite3.Connection) -> Table:
    """Return how what the coding scheme suggests compares with what people decided, one row a code.

    The code `(all)` adds up those of a question; `misled_by` has the words that spoke for codes which people did not
    give, each with the number of such papers.
    """
    found = database.ask(connection, database.statement("suggestion-quality"), {"coder": SCHEME_RULES})
    return Table("quality", "Suggestions and what people decided", "", found.columns, found.rows)
