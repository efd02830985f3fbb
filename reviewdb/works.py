"""Works: what OpenAlex's JSON says of a work, read as a record.

Nothing in it can fail: what is not as it should be is as if it were not there. The fields are those of
https://developers.openalex.org/api-reference/works (read in November 2026).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from reviewdb.model import Record
from reviewdb.text import clean, doi

#: What a record is made from: `select` takes names of the first level only.
FIELDS = (
    "id",
    "doi",
    "title",
    "publication_year",
    "publication_date",
    "type",
    "cited_by_count",
    "is_retracted",
    "primary_location",
    "authorships",
    "biblio",
    "abstract_inverted_index",
    "referenced_works",
)

_ID = re.compile(r"(?:https?://(?:api\.)?openalex\.org/(?:works/)?)?(W[0-9]{1,15})", re.IGNORECASE)
_DATE = re.compile(r"[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
# What publishers leave in titles and abstracts: HTML, JATS and MathML. A "<" of a formula is no mark.
_INLINE = re.compile(
    r"</?(?:[a-z]+:)?(?:i|b|em|strong|su[bp]|inf|u|tt|sc|scp|italic|bold|span|a"
    r"|math|mi|mo|mn|mrow|msub|msup|msubsup|mtext|mover|munder|mfrac|mspace|mstyle)\b[^<>]*>",
    re.IGNORECASE,
)
_BLOCK = re.compile(r"</?(?:[a-z]+:)?(?:p|br|div|sec|title|list|list-item|abstract)\b[^<>]*>", re.IGNORECASE)
_YEARS = range(1000, 3000)
_COUNTS = range(1_000_000_000)
# OpenAlex lists the first hundred authors only.
_MOST_AUTHORS = 100
# Letters: more than any abstract has; an index that repeats a long word can say a million times as many as it holds.
_LONGEST_ABSTRACT = 50_000

_VENUES = {
    "journal": "journal",
    "conference": "conference",
    "book series": "book",
    "ebook platform": "book",
    "repository": "repository",
    "metadata": "other",
    "other": "other",
}
# These say more than the place that keeps the work.
_KINDS = {"dissertation": "thesis", "report": "report"}
# Where OpenAlex knows no place.
_KINDS_ALONE = {"book": "book", "book-chapter": "book", "preprint": "repository"}


def name(text: object) -> str:
    """Return the bare id (`W123`) of a work that is named by it or by its address, or an empty string."""
    found = _ID.fullmatch(text.strip()) if isinstance(text, str) else None
    return found.group(1).upper() if found else ""


def number(work: Record) -> int:
    """Return the number in the OpenAlex id of a record: what OpenAlex knew first has the smaller one."""
    return int(str(work.extra.get("openalex", ""))[1:] or 0)


def record(work: Mapping[str, Any], rank: int = 0) -> Record:
    """Return a work as a record without `id` and `search`.

    `extra` holds `openalex` (its id), `type`, `version` and `host` (of the place that keeps it), `references` (ids of
    works), and `is_retracted` where it is.
    """
    id_ = name(work.get("id"))
    place = _mapping(work.get("primary_location"))
    authors = tuple(filter(None, map(_author, _list(work.get("authorships")))))
    abstract, whole = _abstract(work.get("abstract_inverted_index"))
    date = _text(work.get("publication_date"))
    cut = [] if len(authors) < _MOST_AUTHORS else ["authors"]
    return Record(
        id="",
        search="",
        rank=rank,
        title=_text(work.get("title")) or f"[untitled {id_}]".replace(" ]", "]"),
        authors=authors,
        year=_number(work.get("publication_year"), _YEARS),
        published=date if _DATE.fullmatch(date) else "",
        venue=_text(_mapping(place.get("source")).get("display_name")) or _text(place.get("raw_source_name")),
        venue_type=_venue_type(_text(work.get("type")), place),
        volume=_volume(_mapping(work.get("biblio"))),
        pages=_pages(_mapping(work.get("biblio"))),
        doi=doi(_text(work.get("doi"))),
        url=_url(place.get("landing_page_url")) or (f"https://openalex.org/{id_}" if id_ else ""),
        abstract=abstract,
        citations=_number(work.get("cited_by_count"), _COUNTS),
        cut=tuple(cut if whole else [*cut, "abstract"]),
        extra=_extra(work, id_, place),
    )


def _extra(work: Mapping[str, Any], id_: str, place: Mapping[str, Any]) -> dict[str, Any]:
    said = {
        "openalex": id_,
        "type": _text(work.get("type")),
        "version": _text(place.get("version")),
        "host": _text(_mapping(place.get("source")).get("host_organization_name")),
        "is_retracted": work.get("is_retracted") is True,
        "references": list(dict.fromkeys(filter(None, map(name, _list(work.get("referenced_works")))))),
    }
    return {key: value for key, value in said.items() if value}


def _venue_type(kind: str, place: Mapping[str, Any]) -> str:
    if kind in _KINDS:
        return _KINDS[kind]
    source = _mapping(place.get("source"))
    found = _VENUES.get(_text(source.get("type")), "other" if source else _KINDS_ALONE.get(kind, ""))
    # Proceedings that come out in a book series (LNCS) are told by what the publisher calls the work.
    proceedings = _text(place.get("raw_type")) == "proceedings-article"
    return "conference" if proceedings and found in ("book", "other", "") else found


def _volume(biblio: Mapping[str, Any]) -> str:
    issue = _text(biblio.get("issue"))
    return _text(biblio.get("volume")) + (f"({issue})" if issue else "")


def _pages(biblio: Mapping[str, Any]) -> str:
    first, last = _text(biblio.get("first_page")), _text(biblio.get("last_page"))
    return "–".join(dict.fromkeys(filter(None, (first, last))))


def _author(authorship: object) -> str:
    said = _mapping(authorship)
    return _text(_mapping(said.get("author")).get("display_name")) or _text(said.get("raw_author_name"))


def _abstract(index: object) -> tuple[str, bool]:
    """Return the text of an inverted index, and whether it is all of it. Places that are missing leave no gap."""
    words = sorted(_placed(_mapping(index)), key=lambda placed: placed[0])
    room = _LONGEST_ABSTRACT
    for count, (_, word) in enumerate(words):
        room -= len(word) + 1
        if room < 0:
            return _unmarked(" ".join(word for _, word in words[:count])), False
    return _unmarked(" ".join(word for _, word in words)), True


def _placed(index: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    for word, places in index.items():
        for place in _list(places):
            if isinstance(place, int) and not isinstance(place, bool) and place >= 0:
                yield place, word


def _unmarked(text: str) -> str:
    """Return text without marks and on one line. Publishers escape marks once or twice, or not at all."""
    for _ in range(2):
        text = html.unescape(_BLOCK.sub(" ", _INLINE.sub("", text)))
    return clean(_BLOCK.sub(" ", _INLINE.sub("", text)))


def _text(value: object) -> str:
    return _unmarked(value) if isinstance(value, str) else ""


def _url(value: object) -> str:
    address = clean(value) if isinstance(value, str) else ""
    return address if address.startswith(("https://", "http://")) else ""


def _number(value: object, allowed: range) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value in allowed else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
