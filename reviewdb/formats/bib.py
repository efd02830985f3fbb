"""BibTeX, written: an entry for each paper, with all that its source said of it as a reference."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from reviewdb.formats import fields, reference, typesetting
from reviewdb.formats.reference import FIELDS, text
from reviewdb.formats.typesetting import Engine
from reviewdb.model import Paper
from reviewdb.text import clean, places

# The kind of an entry, and the field that its venue is. BibTeX has no preprints: `type` says it there.
_KINDS = {
    "journal": "article",
    "conference": "inproceedings",
    "book": "incollection",
    "thesis": "phdthesis",
    "report": "techreport",
    "patent": "patent",
}
_VENUES = {
    "article": "journal",
    "inproceedings": "booktitle",
    "conference": "booktitle",
    "incollection": "booktitle",
    "inbook": "booktitle",
    "book": "series",
    "collection": "series",
    "proceedings": "series",
    "phdthesis": "school",
    "mastersthesis": "school",
    "thesis": "institution",
    "techreport": "institution",
    "report": "institution",
    "manual": "organization",
    "patent": "howpublished",
    "booklet": "howpublished",
    "unpublished": "howpublished",
    "online": "howpublished",
    "dataset": "howpublished",
    "software": "howpublished",
    "misc": "howpublished",
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# In an address they would be taken for LaTeX; there, they can be said otherwise.
_IN_ADDRESS = {"\\": "%5C", "{": "%7B", "}": "%7D", " ": "%20"}
_AND = re.compile(r"\band\b", re.IGNORECASE)
#: Words like "from" are written small in any title.
_SHORT = 4
#: What follows a name in a title where each word begins with a capital: the second part of CycleGAN-Based.
_ORDINARY = re.compile(r"(?:[-/\u2010-\u2015][A-Z][a-z]+)+[^\w\s]?")
#: Of these, no letter may be changed.
_VERBATIM = frozenset(("eprint", "crossref"))


def bibtex(papers: Iterable[Paper], engine: Engine = "any") -> str:
    """Return papers as BibTeX in UTF-8: keys are citation keys, and names within titles keep their capitals.

    For pdflatex it is ASCII; letters that it cannot set are transliterated there, and kept otherwise. What others name
    in `crossref` comes last, as BibTeX wants it; where it is none of the papers, nobody names it.
    """
    listed = list(papers)
    known = {paper.key for paper in listed}
    named = {text(paper, "crossref") for paper in listed} & known
    ordered = sorted(listed, key=lambda paper: paper.key in named)
    return "\n".join(_entry(paper, known, engine) for paper in ordered)


def unset(papers: Iterable[Paper], engine: Engine | None) -> Iterator[tuple[str, str, str]]:
    """Yield key, field and the letters of each text that pdflatex cannot set."""
    for paper in papers:
        texts = {"title": paper.title, "author": "; ".join(paper.authors), "venue": paper.venue}
        texts |= {name: said if isinstance(said, str) else "; ".join(said) for name, said in paper.besides.items()}
        for field, said in texts.items():
            if letters := typesetting.unset(clean(said), engine or "any"):
                yield paper.key, field, letters


def _entry(paper: Paper, known: set[str], engine: Engine) -> str:
    write = partial(typesetting.word, engine=engine)
    kind, is_own = _kind(paper)
    volume, issue = reference.volume(paper.volume)
    year, _, rest = paper.published.partition("-")
    month, _, day = rest.partition("-")
    exact = bool(month) and year == str(paper.year or year)
    said = {
        "author": _names(paper.authors, paper, write),
        "title": _title(clean(paper.title), write),
        _VENUES[kind]: write(_venue(paper)),
        "type": write(text(paper, "type")) or ("" if is_own else reference.KINDS.get(reference.kind(paper), "")),
        "year": write(reference.year(paper)),
        "month": _MONTHS[int(month) - 1] if exact else "",
        "day": str(int(day)) if exact and day else "",
        "volume": write(volume),
        "number": write(issue),
        "pages": write(reference.RANGE.sub("–", paper.pages)),
        "doi": _address(paper.doi),
        "url": _address(paper.url),
    }
    more = {name: value for name, value in _besides(paper, known, write) if not said.get(name)}
    # A month is one of the words that every style knows, in its own language; braces would make it a text.
    lines = [
        f"  {name} = {value},\n" if name == "month" else f"  {name} = {{{clean(value)}}},\n"
        for name, value in {**said, **more, "abstract": write(clean(paper.abstract))}.items()
        if value
    ]
    return f"@{kind}{{{paper.key},\n{''.join(lines)}}}\n"


def _kind(paper: Paper) -> tuple[str, bool]:
    """Return the kind of entry that a paper is, and whether its own library says so."""
    own = text(paper, reference.ENTRY_TYPE)
    said = paper.venue_type
    # Google Scholar and others have preprints as articles of a journal that is called so.
    if own in _VENUES and (not said or said in fields.types_of(own) or (own, said) == ("article", "repository")):
        return own, True
    kind = _KINDS.get(reference.kind(paper), "misc")
    return ("book" if kind == "incollection" and not paper.venue else kind), False


def _venue(paper: Paper) -> str:
    """Return the venue; nothing where it is only what `archiveprefix` says."""
    venue = clean(paper.venue)
    return "" if text(paper, "eprint") and venue.casefold() == _archive(paper).casefold() else venue


def _archive(paper: Paper) -> str:
    return text(paper, "archiveprefix") or ("arXiv" if reference.arxiv(paper) else "")


def _besides(paper: Paper, known: set[str], write: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    said = {**paper.besides}
    if number := reference.arxiv(paper):
        said |= {"eprint": number, "archiveprefix": _archive(paper)}
    for name in FIELDS:
        value = said.get(name, "")
        if isinstance(value, tuple):
            yield name, _names(value, paper, write)
        elif name != "crossref" or value in known:
            yield name, _address(value) if name in _VERBATIM else write(value)


def _names(names: Iterable[str], paper: Paper, write: Callable[[str], str]) -> str:
    whole = frozenset(paper.besides.get(reference.GROUPS, ()))
    return " and ".join(_name(name, write, is_whole=clean(name) in whole) for name in names)


def _name(name: str, write: Callable[[str], str], *, is_whole: bool) -> str:
    if name.lower() in reference.AND_OTHERS:
        return "others"
    written = write(clean(name))
    return f"{{{written}}}" if is_whole or _AND.search(name) or name.lower() == "others" else written


def _title(title: str, write: Callable[[str], str]) -> str:
    """Escape a title, and put words into braces whose capitals styles must not make small.

    In a title in sentence case, these are all words with capitals; where most words begin with a capital, short ones
    aside, only those that no ordinary word is written like. Styles leave the first letter, and the one after a colon.
    """
    said = title.split()
    telling = [word[0].isupper() for word in said[1:] if len(word) > _SHORT]
    is_sentence = sum(telling) <= len(telling) / 2
    opens = (True, *(word.endswith(":") for word in said))
    kept = [_kept(word, opens=o, is_sentence=is_sentence) for word, o in zip(said, opens, strict=False)]
    return " ".join(
        f"{{{write(word[:end])}}}{write(word[end:])}" if end else write(word)
        for word, end in zip(said, kept, strict=True)
    )


def _kept(word: str, *, opens: bool, is_sentence: bool) -> int:
    """Return how many letters of a word, from its first one, keep their capitals."""
    # BibTeX sees no colon within braces, and would make the word behind it small.
    whole = len(word.rstrip(":"))
    if is_sentence:
        return whole if _has_capital(word[opens:]) else 0
    found = places(word)
    parts = [word[start:end] for start, end in found]
    unusual = [n for n, part in enumerate(parts) if _is_unusual(part)]
    # A small letter before a capital is meant: f-AnoGAN, d'Alembert. A title's article is no name.
    if parts and parts[0][0].islower():
        return whole if _has_capital(word) else 0
    if not unusual or parts == ["A"]:
        return 0
    # A letter is one name with what follows.
    last = min(unusual[-1] + (len(parts[unusual[-1]]) == 1), len(parts) - 1)
    end = found[last][1]
    return end if _ORDINARY.fullmatch(word, end) and "$" not in word else whole


def _is_unusual(part: str) -> bool:
    """Say whether no ordinary word is written so: MRI, GANs, T1, or the letter of X-ray."""
    return _has_capital(part[1:]) or (_has_capital(part) and not part[1:].isalpha())


def _has_capital(text: str) -> bool:
    return any(letter.isupper() for letter in text)


def _address(text: str) -> str:
    return "".join(_IN_ADDRESS.get(char, char) for char in text)
