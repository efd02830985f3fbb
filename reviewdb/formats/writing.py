"""Papers written for reference managers and for LaTeX: RIS and BibTeX."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from reviewdb.formats import latex
from reviewdb.model import Paper
from reviewdb.text import clean

_TEXTS = ("id", "key", "title", "venue", "volume", "pages", "doi", "url", "abstract", "venue_type", "published")
_VOLUME = re.compile(r"(.*?)\(([^()]*)\)")
_RANGE = re.compile(r"\s*[-–—]+\s*")
_RIS_TYPES = {
    "journal": "JOUR", "conference": "CPAPER", "book": "CHAP", "repository": "UNPB", "thesis": "THES", "patent": "PAT",
    "report": "RPRT",
}  # fmt: skip
# The type of an entry, and the field that its venue is. BibTeX has no preprints: `type` says it there.
_BIBTEX_TYPES = {
    "journal": ("article", "journal"),
    "conference": ("inproceedings", "booktitle"),
    "book": ("incollection", "booktitle"),
    "thesis": ("phdthesis", "school"),
    "report": ("techreport", "institution"),
    "patent": ("patent", "howpublished"),
}
_MISC = ("misc", "howpublished")
_KINDS = {"repository": "preprint", "other": "other"}
_AND_OTHERS = frozenset(("et al", "et al.", "others", "…", "..."))
# In an address they would be taken for LaTeX; there, they can be said otherwise.
_IN_ADDRESS = {"\\": "%5C", "{": "%7B", "}": "%7D", " ": "%20"}
_AND = re.compile(r"\band\b", re.IGNORECASE)


def papers(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[Paper]:
    """Yield the papers that rows of the table `papers` are."""
    for row in rows:
        said = dict(zip(columns, row, strict=True))
        texts: dict[str, Any] = {name: said[name] or "" for name in _TEXTS}
        authors = tuple(said["authors"].split("; ")) if said["authors"] else ()
        yield Paper(
            authors=authors, study=said["study_id"], records=(), year=said["year"], citations=said["citations"], **texts
        )


def ris(papers: Iterable[Paper]) -> str:
    """Return papers as RIS: a line for each field, records apart by a blank line."""
    return "\n".join("".join(f"{tag}  - {clean(value)}\n" for tag, value in _ris(paper)) for paper in papers)


def _ris(paper: Paper) -> Iterator[tuple[str, str]]:
    volume, issue = _volume(paper.volume)
    pages = _RANGE.split(paper.pages, 1)
    # A volume is that of a journal, where nobody says more.
    kind = paper.venue_type or ("journal" if volume else "")
    yield "TY", _RIS_TYPES.get(kind, "BOOK" if kind == "book" and not paper.venue else "GEN")
    fields = {
        "ID": [paper.key],
        "TI": [paper.title],
        "AU": paper.authors,
        "PY": [str(paper.year or "")],
        "DA": [paper.published.replace("-", "/")],
        "T2": [paper.venue],
        "M3": [_KINDS.get(kind, "")],
        "VL": [volume],
        "IS": [issue],
        "SP": pages[:1],
        "EP": pages[1:],
        "DO": [paper.doi],
        "UR": [paper.url],
        "AB": [paper.abstract],
    }
    for tag, values in fields.items():
        yield from ((tag, value) for value in values if value)
    yield "ER", ""


def bibtex(papers: Iterable[Paper]) -> str:
    """Return papers as BibTeX in UTF-8: keys are citation keys, and names within titles keep their capitals."""
    return "\n".join(map(_bibtex, papers))


def _bibtex(paper: Paper) -> str:
    volume, issue = _volume(paper.volume)
    kind, venue = _BIBTEX_TYPES.get(paper.venue_type or ("journal" if volume else ""), _MISC)
    if kind == "incollection" and not paper.venue:
        kind = "book"
    year, _, rest = paper.published.partition("-")
    month, _, day = rest.partition("-")
    exact = bool(month) and year == str(paper.year or year)
    fields = {
        "author": " and ".join(map(_author, paper.authors)),
        "title": _title(paper.title),
        venue: latex.write(paper.venue),
        "type": _KINDS.get(paper.venue_type, ""),
        "year": str(paper.year or year),
        "month": str(int(month)) if exact else "",
        "day": str(int(day)) if exact and day else "",
        "volume": latex.write(volume),
        "number": latex.write(issue),
        "pages": latex.write(_RANGE.sub("–", paper.pages)),
        "doi": _address(paper.doi),
        "url": _address(paper.url),
        "abstract": latex.write(paper.abstract),
    }
    lines = [f"  {name} = {{{clean(value)}}},\n" for name, value in fields.items() if value]
    return f"@{kind}{{{paper.key},\n{''.join(lines)}}}\n"


def _author(name: str) -> str:
    if name.lower() in _AND_OTHERS:
        return "others"
    written = latex.write(name)
    return f"{{{written}}}" if _AND.search(name) or name.lower() == "others" else written


def _title(title: str) -> str:
    """Escape a title, and put words into braces whose capitals styles must not make small.

    In a title in sentence case, these are all words with capitals but the first; where most words begin with a
    capital, only those that have one further on.
    """
    words = title.split()
    capitals = sum(word[0].isupper() for word in words[1:])
    is_sentence = capitals <= len(words[1:]) / 2
    return " ".join(
        f"{{{latex.write(word)}}}" if _is_name(word, is_name=is_sentence and bool(n)) else latex.write(word)
        for n, word in enumerate(words)
    )


def _is_name(word: str, *, is_name: bool) -> bool:
    return any(letter.isupper() for letter in (word if is_name else word[1:]))


def _address(text: str) -> str:
    return "".join(_IN_ADDRESS.get(char, char) for char in text)


def _volume(volume: str) -> tuple[str, str]:
    """Return volume and issue of `12(3)`."""
    found = _VOLUME.fullmatch(volume)
    return (found[1], found[2]) if found else (volume, "")
