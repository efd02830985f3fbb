"""Papers written for reference managers and for LaTeX: RIS, BibTeX, CSL-JSON and rows of a table."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from reviewdb.formats import typesetting
from reviewdb.formats.typesetting import Engine
from reviewdb.model import Paper
from reviewdb.text import clean, surname, words

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
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# CSL 1.0.2 calls preprints articles.
_CSL_TYPES = {
    "journal": "article-journal",
    "conference": "paper-conference",
    "book": "chapter",
    "repository": "article",
    "thesis": "thesis",
    "patent": "patent",
    "report": "report",
}
#: The columns of `latex_rows`.
_LATEX_COLUMNS = ("reference", "authors", "year", "title", "venue")
_KINDS = {"repository": "preprint", "other": "other"}
_AND_OTHERS = frozenset(("et al", "et al.", "others", "…", "..."))
# In an address they would be taken for LaTeX; there, they can be said otherwise.
_IN_ADDRESS = {"\\": "%5C", "{": "%7B", "}": "%7D", " ": "%20"}
#: A row of a table names so many authors, or the first.
_NAMED = 2
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


def bibtex(papers: Iterable[Paper], engine: Engine = "any") -> str:
    """Return papers as BibTeX in UTF-8: keys are citation keys, and names within titles keep their capitals.

    For pdflatex it is ASCII; letters that it cannot set are transliterated there, and kept otherwise.
    """
    return "\n".join(_bibtex(paper, engine) for paper in papers)


def unset(papers: Iterable[Paper], engine: Engine | None) -> Iterator[tuple[str, str, str]]:
    """Yield key, field and the letters of each text that pdflatex cannot set."""
    for paper in papers:
        texts = {"title": paper.title, "author": "; ".join(paper.authors), "venue": paper.venue}
        for field, text in texts.items():
            if letters := typesetting.unset(clean(text), engine or "any"):
                yield paper.key, field, letters


def _bibtex(paper: Paper, engine: Engine) -> str:
    write = partial(typesetting.word, engine=engine)
    volume, issue = _volume(paper.volume)
    kind, venue = _BIBTEX_TYPES.get(paper.venue_type or ("journal" if volume else ""), _MISC)
    if kind == "incollection" and not paper.venue:
        kind = "book"
    year, _, rest = paper.published.partition("-")
    month, _, day = rest.partition("-")
    exact = bool(month) and year == str(paper.year or year)
    fields = {
        "author": " and ".join(_author(name, write) for name in paper.authors),
        "title": _title(clean(paper.title), write),
        venue: write(clean(paper.venue)),
        "type": _KINDS.get(paper.venue_type, ""),
        "year": str(paper.year or year),
        "month": _MONTHS[int(month) - 1] if exact else "",
        "day": str(int(day)) if exact and day else "",
        "volume": write(volume),
        "number": write(issue),
        "pages": write(_RANGE.sub("–", paper.pages)),
        "doi": _address(paper.doi),
        "url": _address(paper.url),
        "abstract": write(clean(paper.abstract)),
    }
    # A month is one of the words that every style knows, in its own language; braces would make it a text.
    lines = [
        f"  {name} = {value},\n" if name == "month" else f"  {name} = {{{clean(value)}}},\n"
        for name, value in fields.items()
        if value
    ]
    return f"@{kind}{{{paper.key},\n{''.join(lines)}}}\n"


def csl_json(papers: Iterable[Paper]) -> str:
    """Return papers as CSL-JSON, an array of items that Zotero, pandoc and citeproc read; ids are citation keys.

    The names of fields and types are those of csl-data.json,
    https://github.com/citation-style-language/schema (read in November 2026).
    """
    return json.dumps([_csl(paper) for paper in papers], ensure_ascii=False, indent=2) + "\n"


def _csl(paper: Paper) -> dict[str, Any]:
    volume, issue = _volume(paper.volume)
    kind = paper.venue_type or ("journal" if volume else "")
    is_book = kind == "book" and not paper.venue
    year, *rest = paper.published.split("-")
    # The date where it is that of the year, else the year alone.
    dated = [int(part) for part in (year, *rest)] if year and int(year) == (paper.year or int(year)) else []
    issued = dated or ([paper.year] if paper.year else [])
    venue = "publisher" if kind in ("thesis", "report") else "container-title"
    fields: dict[str, Any] = {
        "title": clean(paper.title),
        "author": [_csl_name(clean(name)) for name in paper.authors],
        "issued": {"date-parts": [issued]} if issued else None,
        venue: clean(paper.venue),
        "volume": clean(volume),
        "issue": clean(issue),
        "page": clean(_RANGE.sub("–", paper.pages)),
        "DOI": clean(paper.doi),
        "URL": clean(paper.url),
        "genre": _KINDS.get(paper.venue_type, ""),
        "abstract": clean(paper.abstract),
    }
    head = {"id": paper.key, "type": "book" if is_book else _CSL_TYPES.get(kind, "document")}
    return head | {name: value for name, value in fields.items() if value}


def _csl_name(name: str) -> dict[str, str]:
    """Return a name in its parts; whole where it is that of a group, or cannot be told apart."""
    if name.lower() in _AND_OTHERS:
        return {"literal": "others"}  # as pandoc and citeproc know that a list goes on
    family, comma, given = (part.strip() for part in name.partition(","))
    if comma and family and given:
        return {"family": family, "given": given}
    parts, wanted = name.split(), surname(name).split()
    for n in range(1, len(parts)):
        if words(" ".join(parts[n:])) == wanted:
            return {"family": " ".join(parts[n:]), "given": " ".join(parts[:n])}
        if words(" ".join(parts[:n])) == wanted:
            return {"family": " ".join(parts[:n]), "given": " ".join(parts[n:])}
    return {"literal": name}


def latex_rows(papers: Iterable[Paper]) -> str:
    """Return papers as rows of a LaTeX table, to stand within a tabular of five columns; keys are those of BibTeX."""
    return "\n".join([f"% {' & '.join(_LATEX_COLUMNS)}", *map(_latex_row, papers)]) + "\n"


def _latex_row(paper: Paper) -> str:
    listed = [_family(clean(name)) for name in paper.authors if name.lower() not in _AND_OTHERS]
    many = len(paper.authors) > _NAMED
    named = f"{listed[0]} et al." if many and listed else " and ".join(listed)
    said = (named, str(paper.year or ""), clean(paper.title), clean(paper.venue))
    return " & ".join([rf"\cite{{{paper.key}}}", *map(typesetting.tex, said)]) + r" \\"


def _family(name: str) -> str:
    parts = _csl_name(name)
    return parts.get("family") or parts["literal"]


def _author(name: str, write: Callable[[str], str]) -> str:
    if name.lower() in _AND_OTHERS:
        return "others"
    written = write(clean(name))
    return f"{{{written}}}" if _AND.search(name) or name.lower() == "others" else written


def _title(title: str, write: Callable[[str], str]) -> str:
    """Escape a title, and put words into braces whose capitals styles must not make small.

    In a title in sentence case, these are all words with capitals but the first; where most words begin with a
    capital, only those that have one further on.
    """
    words = title.split()
    capitals = sum(word[0].isupper() for word in words[1:])
    is_sentence = capitals <= len(words[1:]) / 2
    return " ".join(
        f"{{{write(word)}}}" if _is_name(word, is_name=is_sentence and bool(n)) else write(word)
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


#: The formats by the names that people give them.
FORMATS: Mapping[str, Callable[[Iterable[Paper]], str]] = {
    "bibtex": bibtex,
    "ris": ris,
    "csl-json": csl_json,
    "latex": latex_rows,
}
