"""A reference: what the formats for LaTeX and reference managers have in common, and what a source said besides."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from reviewdb.model import Paper
from reviewdb.text import clean

#: Between the pages of a range.
RANGE = re.compile(r"\s*[-–—]+\s*")
#: What a kind of venue is called where a format has no type for it.
KINDS = {"repository": "preprint", "other": "other"}
#: Names that say that a list of authors goes on.
AND_OTHERS = frozenset(("et al", "et al.", "others", "…", "..."))
#: As an author: the source cut the list.
CUT = "…"

_VOLUME = re.compile(r"(.*?)\(([^()]*)\)")
_ARXIV = re.compile(
    r"(?:10\.48550/arxiv\.|arxiv\.org/(?:abs|pdf)/|\barxiv(?:\s+preprint\s+arxiv)?:\s?)"
    r"([a-z-]+(?:\.[A-Z]{2})?/\d{7}|\d{4}\.\d{4,5})(?:v\d+)?",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"[\dXx]")
_ISBN = (10, 13)
_WORD = re.compile(r"\w+(?:-\w+)*")


class Field(NamedTuple):
    """A field that references have besides those of papers: who calls it what."""

    names: frozenset[str]
    ris: str
    csl: str


def _fields() -> dict[str, Field]:
    data = tomllib.loads((files("reviewdb.formats") / "references.toml").read_text(encoding="utf-8"))
    return {
        name: Field(frozenset(map(str.casefold, said["from"])), said.get("ris", ""), said.get("csl", ""))
        for name, said in data.items()
    }


#: By BibTeX's names, in the order in which they are written.
FIELDS: Mapping[str, Field] = _fields()
#: Of a reference, which names are whole: those of groups, which nobody may part into given and family names.
GROUPS = "corporate"
#: BibTeX's own kind of an entry, and what its field `type` says; elsewhere that is another word.
ENTRY_TYPE, TYPE = "entry_type", "type"
#: The key of an entry in its own library.
KEY = "citation_key"
_BY_NAME = {known: name for name, field in FIELDS.items() for known in field.names}


def besides(said: Iterable[Mapping[str, Any]]) -> dict[str, str | tuple[str, ...]]:
    """Return what records say that a paper has no field for, by BibTeX's names, each from the first one that says it.

    `said` is what each record kept of its source; editors are tuples, as are names of groups.
    """
    found: dict[str, str | tuple[str, ...]] = {}
    for extra in said:
        own = (GROUPS, ENTRY_TYPE, TYPE, KEY) if ENTRY_TYPE in extra else (GROUPS,)
        for name, value in extra.items():
            known = name if name in own else _BY_NAME.get(name.casefold(), "")
            texts = tuple(filter(None, map(clean, _texts(value))))
            if known and texts and known not in found:
                found[known] = texts if known in ("editor", GROUPS) else ", ".join(texts)
    # Formats with one name for both leave it to the number.
    if "isbn" not in found and len(_FIGURE.findall(str(found.get("issn", "")))) in _ISBN:
        found["isbn"] = found.pop("issn")
    return found


def _texts(value: Any) -> Sequence[str]:  # noqa: ANN401 - whatever a source says
    listed = value if isinstance(value, list) else [value]
    return [str(one) for one in listed if isinstance(one, str | int) and not isinstance(one, bool)]


def volume(said: str) -> tuple[str, str]:
    """Return volume and issue of `12(3)`."""
    found = _VOLUME.fullmatch(said)
    return (found[1], found[2]) if found else (said, "")


def arxiv(paper: Paper) -> str:
    """Return the number that a paper has at arXiv, by its own word, DOI, address or venue; empty where it has none."""
    if said := text(paper, "eprint"):
        is_there = "arxiv" in f"{text(paper, 'archiveprefix')} {paper.venue}".casefold()
        return said if is_there else ""
    found = next(filter(None, map(_ARXIV.search, (paper.doi, paper.url, paper.venue))), None)
    return found[1] if found else ""


def address(paper: Paper) -> str:
    """Return the address of a paper; where it has neither one nor a DOI, that of its page at arXiv."""
    number = "" if paper.url or paper.doi else arxiv(paper)
    return f"https://arxiv.org/abs/{number}" if number else paper.url


def text(paper: Paper, name: str) -> str:
    """Return one of the texts that a paper's source said besides."""
    said = paper.besides.get(name, "")
    return said if isinstance(said, str) else ""


def year(paper: Paper) -> str:
    """Return the year of a paper as a text: in the words of its source where that has no number, such as in press."""
    number = str(paper.year or paper.published.partition("-")[0])
    said = text(paper, "year")
    # A library's own words may have both; a range of dates (2019/2020) is none.
    has_both = number in said and any(map(str.isalpha, said)) and text(paper, ENTRY_TYPE)
    return said if has_both or not number else number


def kind(paper: Paper) -> str:
    """Return what the venue of a paper is, one of VENUE_TYPES: as a source says, else as far as its name tells."""
    if paper.venue_type:
        return paper.venue_type
    told = venue_kind(paper.venue)
    if told or not arxiv(paper):
        # A volume is that of a journal, where nobody says more.
        return told or ("journal" if volume(paper.volume)[0] else "")
    return "" if paper.venue else "repository"


@cache
def _venues() -> tuple[dict[str, re.Pattern[str]], dict[str, frozenset[str]]]:
    data = tomllib.loads((files("reviewdb.formats") / "venues.toml").read_text(encoding="utf-8"))
    names = {
        known: re.compile("|".join(re.escape(name).replace(r"\*", ".*") for name in listed))
        for known, listed in data["names"].items()
    }
    return names, {known: frozenset(listed) for known, listed in data["words"].items()}


def venue_kind(venue: str) -> str:
    """Return what a venue is, one of VENUE_TYPES, where its name tells; else an empty string."""
    names, told = _venues()
    name = " ".join(venue.casefold().split())
    for known, pattern in names.items():
        if pattern.fullmatch(name):
            return known
    parts = _WORD.findall(name)
    spoken = set(parts) | set(_phrases(parts))
    return next((known for known, listed in told.items() if not spoken.isdisjoint(listed)), "")


def _phrases(parts: Sequence[str]) -> Iterator[str]:
    longest = max((word.count(" ") for listed in _venues()[1].values() for word in listed), default=0) + 1
    for size in range(2, longest + 1):
        for start in range(len(parts) - size + 1):
            yield " ".join(parts[start : start + size])
