"""Fields: an entry of a file, under its source's own names, read as a record. What no field takes stays as it came."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from reviewdb.errors import Problem
from reviewdb.formats import dates
from reviewdb.lengths import LIMITED, too_long
from reviewdb.model import VENUE_TYPES, Record
from reviewdb.text import clean, doi

#: What a source says of one paper, under its own names.
Entry = dict[str, Any]


class Hit(NamedTuple):
    """A record without `id` and `search`, whose rank is 0 where the source has none; `line` is where it begins."""

    line: int
    record: Record
    #: So many others of the file have its fields, and it is there for their sake: the proceedings that papers are in.
    serves: int = 0


#: What a reader yields, in the order of the file; the path of a problem is for the caller to fill in.
Found = Hit | Problem

_FIELDS = frozenset(Record.__dataclass_fields__) | {"row"}
_YEARS = range(1000, 3000)
_COUNTS = range(1_000_000_000)
_RANKS = range(1, 1_000_000_000)
_NUMBER = re.compile(r"(\d{1,12}|\d{1,3}(?:,\d{3}){1,3})(?:\.0+)?")
_ENDS = ("…", "...")
_NOT_IN_WORDS = re.compile(r"[\s_-]+")
# Scopus puts its number of an author behind the name.
_AUTHOR_NUMBER = re.compile(r"(?<!\s)\s*\(\d{6,}\)$")
# Google Scholar and others have preprints as articles of a journal that is called so.
_PREPRINTS = re.compile(r"\b(arxiv|biorxiv|medrxiv|chemrxiv|psyarxiv|ssrn|preprints?)\b", re.IGNORECASE)
_NO_TITLE = "Give it a title, or delete it."
_TOO_LONG = "Shorten it, or delete it."


@dataclass(frozen=True, slots=True)
class Source:
    """What one kind of source calls the fields of a record, and how it writes them."""

    name: str
    #: What people call it.
    label: str
    #: What a search of it is said to come from.
    source: str
    needs: tuple[str, ...]
    #: The names that may hold a field, best first.
    names: Mapping[str, tuple[str, ...]]
    separators: tuple[str, ...] = ()
    #: Whether a comma parts authors: always, by guess, or (empty) never.
    commas: str = ""
    cuts: bool = False
    #: Whether such a file tells nothing of where its records were searched for.
    is_file: bool = False

    def under(self, header: Iterable[str]) -> Source:
        """Return the same source with its names as a header spells them; those that it lacks are left out."""
        spelled: dict[str, list[str]] = {}
        for name in header:
            spelled.setdefault(column(name), []).append(name)
        return replace(
            self,
            names={
                field: tuple(name for known in names for name in spelled.get(column(known), ()))
                for field, names in self.names.items()
            },
        )


def column(name: str) -> str:
    """Return the name of a column as it is compared."""
    return "".join(name.replace("_", " ").split()).casefold()


def _load() -> tuple[dict[str, Source], dict[str, str]]:
    data = tomllib.loads((files("reviewdb.formats") / "columns.toml").read_text(encoding="utf-8"))
    types = {word: type_ for type_, words in data.pop("types").items() for word in words}
    return {name: _source(name, table) for name, table in data.items()}, types


def _source(name: str, table: dict[str, Any]) -> Source:
    label, source = table.pop("label"), table.pop("source", name)
    needs, separators = tuple(table.pop("needs", ())), tuple(table.pop("separators", ()))
    commas, cuts, is_file = table.pop("commas", ""), table.pop("cuts", False), table.pop("file", False)
    names = {field: tuple(names) for field, names in table.items()}
    return Source(name, label, source, needs, names, separators, commas, cuts, is_file)


SOURCES, _TYPES = _load()


def of_header(header: Sequence[str]) -> Source | None:
    """Return the first source that writes tables with such a header, None where it has no titles."""
    has = {column(name) for name in header}
    return next((s for s in SOURCES.values() if s.needs and all(column(name) in has for name in s.needs)), None)


def hit(source: Source, line: int, entry: Entry) -> Found:
    """Return the record that an entry makes, or a problem where it has no title. The entry is used up."""
    made = _Draft(source, entry).record()
    if not made.title:
        return Problem("", line, "the record that begins here has no title.", _NO_TITLE)
    fault = next((fault for name in LIMITED if (fault := too_long(name, getattr(made, name)))), "")
    return Problem("", line, f"of the record that begins here, {fault}.", _TOO_LONG) if fault else Hit(line, made)


class _Draft:
    """An entry while fields are taken out of it."""

    def __init__(self, source: Source, entry: Entry) -> None:
        self.source = source
        self.entry = entry
        self.cut: list[str] = []

    def record(self) -> Record:
        year, published = self.date()
        title, venue = self.shortened("title"), self.shortened("venue")
        authors = self.authors()
        abstract = self.shortened("abstract")
        return Record(
            id="",
            search="",
            rank=self.number("rank", _RANKS) or 0,
            title=title,
            authors=authors,
            year=year,
            venue=venue,
            volume=self.volume(),
            pages=self.pages(),
            doi=self.doi(),
            url=self.text("url"),
            abstract=abstract,
            citations=self.number("citations", _COUNTS),
            venue_type=self.venue_type(venue),
            published=published,
            cut=tuple(self.cut),
            extra=dict(self.rest()),
        )

    def rest(self) -> Iterator[tuple[str, Any]]:
        """Yield what no field has taken, under names that are not those of fields."""
        for name, value in self.entry.items():
            if value not in ("", None, []):
                yield (f"source_{name}" if name in _FIELDS else name), value

    def said(self, field: str) -> Iterator[tuple[str, list[str]]]:
        """Yield each name that holds a field, with its values."""
        for name in self.source.names.get(field, ()):
            if name in self.entry and (texts := _texts(self.entry[name])):
                yield name, texts

    def text(self, field: str) -> str:
        """Take the first value of a field."""
        for name in self.source.names.get(field, ()):
            value = self.entry.get(name)
            if value and (text := clean(value if isinstance(value, str) else "".join(_texts(value)[:1]))):
                self.leave(name, [] if isinstance(value, str) else _texts(value)[1:])
                return text
        return ""

    def leave(self, name: str, others: list[str]) -> None:
        """Leave only these values under a name."""
        if others:
            self.entry[name] = others
        else:
            del self.entry[name]

    def shortened(self, field: str) -> str:
        """Take a text, and note whether the source cut it."""
        text = self.text(field)
        if self.source.cuts and (text.startswith(_ENDS) or text.endswith(_ENDS)):
            self.cut.append(field)
            return text.strip(".… ")
        return text

    def number(self, field: str, allowed: range) -> int | None:
        """Take a number; what is none, or too large, stays in the entry."""
        for name, texts in self.said(field):
            if (number := _number(texts[0])) is not None and number in allowed:
                self.leave(name, texts[1:])
                return number
        return None

    def date(self) -> tuple[int | None, str]:
        """Take the year and, where it is known more exactly, the date; what they do not tell stays in the entry."""
        year, published = None, ""
        for name, texts in list(self.said("published")):
            found = dates.read(clean(texts[0]))
            if len(found.published) > len(published):
                published = found.published
                if found.whole:
                    self.leave(name, texts[1:])
            year = year or found.year
        for name, texts in list(self.said("year")):
            if found_year := dates.read(clean(texts[0])).year:
                year = found_year
                if texts[0].strip().removesuffix(".0") == str(year):
                    self.leave(name, texts[1:])
                break
        return year, published or self.composed(year)

    def composed(self, year: int | None) -> str:
        """Take a date that stands in parts: a year, and a month that may hold the day."""
        months = list(self.said("month"))
        if not year or not months:
            return ""
        day = next(self.said("day"), ("", [""]))
        month = months[0][1][0]
        # A month may be a number or a name, and the Web of Science has the day behind it.
        found = dates.read(clean(f"{year} {month} {day[1][0]}").replace(" ", "-" if month.isdigit() else " "))
        if found.whole:
            for name in filter(None, (months[0][0], day[0])):
                del self.entry[name]
        return found.published

    def authors(self) -> tuple[str, ...]:
        """Take the authors; an author who is only dots says that the list goes on."""
        for name, texts in self.said("authors"):
            listed = [_author(one) for text in texts for one in self.names(text)]
            kept = [author for author in listed if author.strip(".… ")]
            if not kept:
                continue
            goes_on = listed[-1] != "" and kept[-1] is not listed[-1]
            if self.source.cuts and kept[-1].endswith(_ENDS):
                kept[-1], goes_on = kept[-1].rstrip(".… "), True
            if goes_on:
                self.cut.append("authors")
            del self.entry[name]
            return tuple(kept)
        return ()

    def names(self, text: str) -> list[str]:
        """Return the authors that stand in one text."""
        for separator in self.source.separators:
            if separator in text:
                return text.split(separator)
        parts = text.split(",") if self.source.commas else [text]
        # One author may be written Family, Given: parts that are names of their own have two words.
        if self.source.commas == "guess" and (
            _AUTHOR_NUMBER.search(text) or not all(len(part.split()) > 1 for part in parts)
        ):
            return [text]
        return parts

    def volume(self) -> str:
        issue = self.text("issue")
        return self.text("volume") + (f"({issue})" if issue else "")

    def pages(self) -> str:
        pages = self.text("pages")
        if pages:
            return pages
        ends = dict.fromkeys(filter(None, (self.text("first_page"), self.text("last_page"))))
        return "–".join(ends)

    def doi(self) -> str:
        for name, texts in self.said("doi"):
            for n, text in enumerate(texts):
                if found := doi(text):
                    self.leave(name, texts[:n] + texts[n + 1 :])
                    return found
        return ""

    def venue_type(self, venue: str) -> str:
        """Read what the venue is. The word stays in the entry, as it may say more: a review, a letter."""
        for name, texts in self.said("venue_type"):
            found = frozenset().union(*map(types_of, texts))
            if found == {"journal"} and _PREPRINTS.search(venue):
                return "repository"
            if found:
                if len(texts) == 1 and texts[0] in VENUE_TYPES and name == "venue_type":
                    del self.entry[name]
                # An article that is a proceedings paper as well is told by what is less common.
                return max(found, key=VENUE_TYPES.index)
        return ""


def _author(text: str) -> str:
    return clean(_AUTHOR_NUMBER.sub("", text) if text.endswith(")") else text)


@lru_cache(maxsize=1024)
def types_of(text: str) -> frozenset[str]:
    """Return what the words for a kind of document say of its venue."""
    words = (_NOT_IN_WORDS.sub("", word).casefold() for word in text.split(";"))
    return frozenset(_TYPES[word] for word in words if word in _TYPES)


def _texts(value: Any) -> list[str]:  # noqa: ANN401 - whatever a source says
    """Return the texts in what a source says; nothing where it is neither text nor number nor a list of these."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for item in value for text in ([item] if isinstance(item, str) else [])]
    return [str(value)] if isinstance(value, int | float) and not isinstance(value, bool) else []


def _number(text: str) -> int | None:
    found = _NUMBER.fullmatch(text.strip())
    return int(found.group(1).replace(",", "")) if found else None
