"""Papers written for reference managers and for LaTeX: RIS, BibTeX, CSL-JSON and rows of a table."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from reviewdb.formats import reference, typesetting
from reviewdb.formats.bib import bibtex
from reviewdb.formats.ours import MARK
from reviewdb.model import Paper
from reviewdb.text import clean, surname, words

_TEXTS = ("id", "key", "title", "venue", "volume", "pages", "doi", "url", "abstract", "venue_type", "published")
_RIS_TYPES = {
    "journal": "JOUR", "conference": "CPAPER", "book": "CHAP", "repository": "UNPB", "thesis": "THES", "patent": "PAT",
    "report": "RPRT",
}  # fmt: skip
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
_LATEX_HEAD = (
    f"% Rows of a table: reference & authors & year & title & venue. {MARK}.",
    r"% Before a rule such as \bottomrule, \input cannot stand: take them in by \csname @@input\endcsname FILE.tex",
)
_SUFFIXED = re.compile(r"\s*([^,]*\S)\s*,\s*([^,]*\S)\s*,\s*([^,]*\S)\s*")
_SUFFIX = re.compile(r"jr\.?|sr\.?|[ivx]+", re.IGNORECASE)
#: A row of a table names so many authors, or the first.
_NAMED = 2


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
    volume, issue = reference.volume(paper.volume)
    pages = reference.RANGE.split(paper.pages, 1)
    kind, whole = reference.kind(paper), paper.besides.get(reference.GROUPS, ())
    yield "TY", _RIS_TYPES.get(kind, "BOOK" if kind == "book" and not paper.venue else "GEN")
    fields = {
        "ID": [paper.key],
        "TI": [paper.title],
        "AU": _ris_names(paper.authors, whole),
        "PY": ["" if paper.published and not paper.year else reference.year(paper)],
        "DA": [paper.published.replace("-", "/")],
        "T2": [paper.venue],
        "M3": [reference.KINDS.get(kind, "")],
        "VL": [volume],
        "IS": [issue],
        "SP": pages[:1],
        "EP": pages[1:],
        "DO": [paper.doi],
        "UR": [reference.address(paper)],
        "AB": [paper.abstract],
    }
    for tag, values in [*fields.items(), *_ris_besides(paper)]:
        yield from ((tag, value) for value in values if value)
    yield "ER", ""


def _ris_name(name: str, whole: Sequence[str]) -> str:
    """Return a name as RIS has it, family first and suffix last; one that is whole, or cannot be told apart, as it is.

    What reads it again has another spelling of the same name: its key and its parts must be the same.
    """
    if clean(name) in whole:
        return name
    if "," in name:
        return ", ".join(_suffixed(name)) or name
    parts = _csl_name(clean(name))
    turned = ", ".join(parts.values())
    return turned if surname(turned) == surname(name) and _csl_name(turned) == parts else name


def _suffixed(name: str) -> tuple[str, ...]:
    """Return family, given and suffix of a name that has all three; in BibTeX, the suffix stands before the given."""
    found = _SUFFIXED.fullmatch(name)
    if found is None:
        return ()
    family, one, other = found.groups()
    return (family, other, one) if _SUFFIX.fullmatch(one) else (family, one, other)


def _ris_besides(paper: Paper) -> Iterator[tuple[str, Sequence[str]]]:
    whole = paper.besides.get(reference.GROUPS, ())
    for name, field in reference.FIELDS.items():
        value = paper.besides.get(name)
        if field.ris and value:
            yield field.ris, [value] if isinstance(value, str) else _ris_names(value, whole)


def _ris_names(names: Iterable[str], whole: Sequence[str]) -> list[str]:
    # It has no way to say that the list goes on.
    return [_ris_name(name, whole) for name in names if name.lower() not in reference.AND_OTHERS]


def csl_json(papers: Iterable[Paper]) -> str:
    """Return papers as CSL-JSON, an array of items that Zotero, pandoc and citeproc read; ids are citation keys.

    The names of fields and types are those of csl-data.json,
    https://github.com/citation-style-language/schema (read in November 2026).
    """
    return json.dumps([_csl(paper) for paper in papers], ensure_ascii=False, indent=2) + "\n"


def _csl(paper: Paper) -> dict[str, Any]:
    volume, issue = reference.volume(paper.volume)
    kind = reference.kind(paper)
    is_book = kind == "book" and not paper.venue
    year, *rest = paper.published.split("-")
    # The date where it is that of the year, else the year alone.
    dated = [int(part) for part in (year, *rest)] if year and int(year) == (paper.year or int(year)) else []
    issued = dated or ([paper.year] if paper.year else [])
    venue = "publisher" if kind in ("thesis", "report") else "container-title"
    fields: dict[str, Any] = {
        "title": clean(paper.title),
        "author": _csl_names(paper.authors, paper),
        "issued": {"date-parts": [issued]} if issued else _literal(reference.year(paper)),
        venue: clean(paper.venue),
        "volume": clean(volume),
        "issue": clean(issue),
        "page": clean(reference.RANGE.sub("–", paper.pages)),
        "DOI": clean(paper.doi),
        "URL": clean(reference.address(paper)),
        "genre": reference.KINDS.get(kind, ""),
        "abstract": clean(paper.abstract),
    }
    for name, field in reference.FIELDS.items():
        value = paper.besides.get(name)
        if field.csl and value and not fields.get(field.csl):
            fields[field.csl] = clean(value) if isinstance(value, str) else _csl_names(value, paper)
    head = {"id": paper.key, "type": "book" if is_book else _CSL_TYPES.get(kind, "document")}
    return head | {name: value for name, value in fields.items() if value}


def _literal(said: str) -> dict[str, str] | None:
    return {"literal": said} if said else None


def _csl_names(names: Iterable[str], paper: Paper) -> list[dict[str, str]]:
    whole = paper.besides.get(reference.GROUPS, ())
    # No style knows that a list goes on: "others" would be printed as a name.
    cleaned = [name for name in map(clean, names) if name.lower() not in reference.AND_OTHERS]
    return [{"literal": name} if name in whole else _csl_name(name) for name in cleaned]


def going_on(papers: Iterable[Paper]) -> int:
    """Return how many papers have more authors than their source names, which RIS and CSL-JSON cannot say."""
    return sum(any(name.lower() in reference.AND_OTHERS for name in paper.authors) for paper in papers)


def _csl_name(name: str) -> dict[str, str]:
    """Return a name in its parts; whole where it is that of a group, or cannot be told apart."""
    if parted := _suffixed(name):
        return dict(zip(("family", "given", "suffix"), parted, strict=True))
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
    return "\n".join([*_LATEX_HEAD, *map(_latex_row, papers)]) + "\n"


def _latex_row(paper: Paper) -> str:
    listed = [family(clean(name)) for name in paper.authors if name.lower() not in reference.AND_OTHERS]
    many = len(paper.authors) > _NAMED
    named = f"{listed[0]} et al." if many and listed else " and ".join(listed)
    said = (named, str(paper.year or ""), clean(paper.title), clean(paper.venue))
    return " & ".join([rf"\cite{{{paper.key}}}", *map(typesetting.tex, said)]) + r" \\"


def family(name: str) -> str:
    """Return the family name of an author, with its particles; all of the name where it has no parts."""
    parts = _csl_name(name)
    return parts.get("family") or parts["literal"]


#: The formats by the names that people give them.
FORMATS: Mapping[str, Callable[[Iterable[Paper]], str]] = {
    "bibtex": bibtex,
    "ris": ris,
    "csl-json": csl_json,
    "latex": latex_rows,
}
