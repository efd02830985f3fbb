"""A page of Google Scholar: its hits as records, how many there are in all, and where the next ones begin.

Rows are read by scholarly's parser, which knows most rows of pages in English. What it loses is read here: ids, marks
of what is cut, years and venues of lines with other than three parts, numbers in other languages.
Reading raises one of `FAULTS` where a part is not in its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urljoin, urlsplit

from reviewdb.errors import ReviewError
from reviewdb.model import Record
from reviewdb.text import clean

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

#: What a parser trips over.
FAULTS = (AttributeError, IndexError, KeyError, TypeError, ValueError)

# Languages part thousands by a comma, a dot, an apostrophe or some kind of space.
_GROUPED = re.compile(r"\d+(?:[.,'’\s]\d{2,3})*")
_BRACKET = re.compile(r"[(（]")
_LONGEST_NUMBER = 15
_VENUE_YEAR = re.compile(r"(?:(.*),)?\s*([12][0-9]{3})\s*", re.DOTALL)
_AUTHORS_VENUE_HOST = 3
_MARKS = "h3.gs_rt .gs_ctu, h3.gs_rt .gs_ctc"
# Scholar may answer another question than the one it was asked.
_OTHERWISE = re.compile(r"showing (?:the )?(?:best )?results? for\b[^.]*", re.IGNORECASE)
_LONGEST_NOTICE = 200


def library() -> Any:  # noqa: ANN401 - it has no types
    """Return scholarly. Raises ReviewError where it cannot be loaded."""
    try:
        import scholarly  # noqa: PLC0415 - a second, and most commands need none
        import scholarly.publication_parser  # noqa: PLC0415 - as above
    except Exception as error:
        # Its import makes web clients, unused here, from the proxies and certificates that the environment names.
        todo = "Check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and SSL_CERT_FILE, where they are set."
        raise ReviewError(f"scholarly cannot be loaded: {str(error).rstrip('.')}.", todo) from error
    return scholarly


def total(frame: BeautifulSoup) -> int | None:
    """Return the number of hits that Scholar estimates, as in "Page 2 of about 1,240 results (0.05 sec)"."""
    for bar in frame.select(".gs_ab_mdw"):
        numbers = _GROUPED.findall(_BRACKET.split(bar.get_text())[0])
        if numbers:
            return max(number(text) or 0 for text in numbers)
    return None


def after(frame: BeautifulSoup, begun: int) -> str:
    """Return where the page after one that begins at `begun` does, as text; empty where there is none."""
    icon = frame.select_one(".gs_ico_nav_next")
    link = icon.find_parent("a") if icon else None
    if link is None:
        return ""
    there = start(str(link["href"]))
    if there is None or there <= begun:
        raise ValueError("the link to the next page does not lead on")
    return str(there)


def start(url: str) -> int | None:
    """Return how many hits come before those of the page at `url`; None where it does not say."""
    try:
        return number("".join(parse_qs(urlsplit(url).query).get("start", ())[:1]))
    except ValueError:  # no address
        return None


def number(text: str) -> int | None:
    """Return the number that the digits of a text make; None where there are none."""
    digits = "".join(c for c in text if c.isdecimal())
    return int(digits[:_LONGEST_NUMBER]) if digits else None


def reader(frame: BeautifulSoup, base: str) -> Callable[[Tag, int], Record]:
    """Return what makes a record of a row and its rank; `frame` is the page without its rows, `base` its address.

    Raises ReviewError where scholarly cannot be loaded.
    """
    parsing = library().publication_parser
    # All that it wants of a navigator is for a link that would keep a hit in somebody's library.
    parser = parsing.PublicationParser(SimpleNamespace(publib=""))
    otherwise = _OTHERWISE.search(clean(frame.get_text(" ")))
    notice = otherwise.group()[:_LONGEST_NOTICE].strip() if otherwise else ""

    def read(row: Tag, rank: int) -> Record:
        mark = _prepare(row)
        said = parser.get_publication(row, parsing.PublicationSource.PUBLICATION_SEARCH_SNIPPET)
        return _record(row, rank, said, {"mark": mark, "notice": notice}, base)

    return read


def _prepare(row: Tag) -> str:
    """Give a row the form that scholarly's parser knows, and return the mark of its title, such as CITATION."""
    for line_break in row.select("br"):
        line_break.replace_with(" ")
    _unfold(row)
    marks = row.select(_MARKS)
    # The first of its spellings: the others are for narrow screens.
    spellings = clean(marks[0].get_text(" ")).split() if marks else [""]
    for mark in marks:
        mark.extract()
    return spellings[0].strip("[]")


def _unfold(row: Tag) -> None:
    # An only hit has all of its authors on a line of their own, and a dot between venue and host.
    names = row.select_one(".gs_a .gs_fmaa")
    line = names.find_parent(class_="gs_a") if names else None
    if names and line:
        for dot in line.select(".gs_pdot"):
            dot.replace_with(" - ")
        line.insert(0, names.extract())
        names.insert_after(" - ")


def _record(row: Tag, rank: int, said: Mapping[str, Any], marks: Mapping[str, str], base: str) -> Record:
    bib = said["bib"]
    # Not the parser's abstract: it takes out the "…" between words that do not follow upon each other.
    line, snippet = row.select_one(".gs_a"), row.select_one(".gs_fma_snp") or row.select_one(".gs_rs")
    byline = line.get_text() if line else ""
    venue, year = _venue_year(byline, bib)
    cites, citations = _linked(row, "cites")
    cluster, versions = _linked(row, "cluster")
    texts = {
        "title": bib["title"],
        "authors": byline.split(" - ")[0],
        "venue": venue,
        "abstract": snippet.get_text() if snippet else "",
    }
    title, url = _trimmed(texts["title"]), said.get("pub_url", "")
    if not title:
        raise ValueError("a hit has no title")
    extra = {
        "cid": row.get("data-cid"),
        "cites": cites,
        "cluster": cluster,
        "versions": versions,
        "byline": clean(byline),
        "author_ids": said["author_id"] if any(said["author_id"]) else None,
        "eprint_url": said.get("eprint_url"),
        **marks,
    }
    return Record(
        id="",
        search="",
        rank=rank,
        title=title,
        authors=tuple(filter(None, map(_trimmed, bib["author"]))),
        year=year,
        venue=_trimmed(venue),
        url=urljoin(base, url) if url.startswith("/") else url,
        abstract=_trimmed(texts["abstract"]),
        citations=said["num_citations"] if citations is None else citations,
        # Of an abstract, Scholar only ever shows a part.
        cut=tuple(name for name, text in texts.items() if "…" in text or (text and name == "abstract")),
        extra={key: value for key, value in extra.items() if value},
    )


def _venue_year(byline: str, bib: Mapping[str, Any]) -> tuple[str, int | None]:
    """Return what the parser says, but for lines without a host or with a dash in the venue: there it loses both."""
    parts = byline.split(" - ")
    if len(parts) == _AUTHORS_VENUE_HOST:
        year = _VENUE_YEAR.fullmatch(bib["pub_year"])
        return "" if bib["venue"] == "NA" else bib["venue"], int(year[2]) if year else None
    middle = " - ".join(parts[1:-1] or parts[1:])
    if found := _VENUE_YEAR.fullmatch(middle):
        return found[1] or "", int(found[2])
    # Of two parts, the second is the host unless it ends in a year.
    return middle if parts[2:] else "", None


def _linked(row: Tag, name: str) -> tuple[str, int | None]:
    """Return the id in the link with this parameter, and the number that it shows, in whatever language."""
    for link in row.select(".gs_ri .gs_fl a[href]"):
        if found := re.search(rf"[?&]{name}=(\d+)", str(link["href"])):
            return found[1], number(link.get_text())
    return "", None


def _trimmed(text: str) -> str:
    return clean(text).strip("… ")
