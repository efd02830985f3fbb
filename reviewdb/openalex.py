"""OpenAlex: the only module that asks it. Its answers come as records, its refusals as errors of the review.

After https://developers.openalex.org (read in November 2026). OpenAlex counts what it is asked against a budget for the
day: a work by its id or DOI is free, a list costs 1 credit, a search of titles 10; there are 1,000 credits without a
key and 10,000 with a free one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from reviewdb import courier, works
from reviewdb.courier import CHANGED, Courier, Said
from reviewdb.errors import ChangedError, ReviewError
from reviewdb.model import Fetched, Record
from reviewdb.text import doi, tokens

_MOST_HITS, _MOST_DOIS, _CANDIDATES = 100, 50, 10
# The address of a request can have 4 KB; a title or a DOI that is longer is none.
_LONGEST_FILTER, _LONGEST_DOI, _MOST_WORDS = 2500, 500, 40
_COUNTS = range(10**15)

# What separates values of a filter, which OpenAlex knows no way to escape.
_SEPARATORS = re.compile(r"[,|\"]")
_CITATIONS = re.compile(r"(cites|cited_by):W[0-9]{1,15}")
# OpenAlex splits such a word otherwise than we do, and would find nothing.
_POSSESSIVE = re.compile(r"\w+(?:['’]\w*)+")


def version() -> str:
    """Return the name and version of what asks, besides reviewdb."""
    return f"httpx {metadata.version('httpx')}"


class OpenAlex:
    """OpenAlex, asked politely: one request at a time, with pauses, and about a paper at most once a day.

    Answers about known papers (`by_dois`, `by_title`, `work`) are kept as files in `cache` and stand for the source
    for a day; to empty it, delete the folder. A page of a search is always asked for: it is what the source says at
    that moment. The key is only ever sent as a header.

    Every method raises BlockedError where OpenAlex refuses for now, ChangedError where its answer is not what it
    should be, and ReviewError for all else that can go wrong, each after at most four requests.
    """

    name = "openalex"
    paced = True

    def __init__(self, cache: Path | None, base: str = "", key: str = "") -> None:
        """Make the client; `base` and `key` come from REVIEWDB_OPENALEX_URL and REVIEWDB_OPENALEX_KEY by default.

        Raises ReviewError where one of them, or REVIEWDB_PACE, makes no sense.
        """
        self.version = version()
        self.parameters: Mapping[str, Any] = {}
        self._courier = Courier(cache, base, key)

    @property
    def requests(self) -> int:
        """Requests made so far."""
        return self._courier.requests

    def page(self, query: str, next_: str, size: int, rank: int) -> Fetched:
        """Return a page of at most `size` (and 100) hits, ranked from `rank`.

        `query` is a search term, `cites:W123` (the papers that cite that work) or `cited_by:W123` (its references);
        `next_` is where the page begins: empty for the first one, or as the page before it says.
        """
        what = "filter" if _CITATIONS.fullmatch(query) else "search"
        url = self._list({what: query, "per_page": max(1, min(size, _MOST_HITS)), "cursor": next_ or "*"})
        said = self._courier.ask(url)
        if said is None:
            raise ReviewError(f"{self._courier.base} has no list of works.", f"Check {courier.URL}.")
        meta, found = said.get("meta"), _results(said)
        after = meta.get("next_cursor") if isinstance(meta, dict) else 0
        if not isinstance(meta, dict) or not isinstance(after, str | None):
            raise _changed("it does not say where the next page begins", said)
        count = meta.get("count")
        total = count if isinstance(count, int) and not isinstance(count, bool) and count in _COUNTS else None
        # The last page has a cursor as well, to a page of nothing.
        last = not found or (total is not None and rank + len(found) > total)
        hits = tuple(works.record(work, n) for n, work in enumerate(found, rank))
        return Fetched(url, hits, total, "" if last else after or "")

    def by_dois(self, dois: Sequence[str]) -> dict[str, Record]:
        """Return the works with these DOIs, by DOI in its bare form; those that OpenAlex does not know are left out."""
        names = [name for name in dict.fromkeys(map(doi, dois)) if name and len(name) <= _LONGEST_DOI]
        found: dict[str, Record] = {}
        for batch in _batches([name for name in names if not _SEPARATORS.search(name)]):
            url = self._list({"filter": "doi:" + "|".join(batch), "per_page": _MOST_HITS})
            for record in self._courier.known(url, _records) or []:
                # Of two works with one DOI, the one that OpenAlex knew first.
                found[record.doi] = min(found.get(record.doi, record), record, key=works.number)
        for name in filter(_SEPARATORS.search, names):
            alone = self._single(f"doi:{name}")
            found |= {name: alone} if alone else {}
        return {name: found[name] for name in names if name in found}

    def by_title(self, title: str) -> list[Record]:
        """Return a few works that have all words of a title in theirs, best match first; they may be others."""
        asked = _title_query(title)
        if not asked:
            return []
        return (
            self._courier.known(self._list({"filter": f"title.search:{asked}", "per_page": _CANDIDATES}), _records)
            or []
        )

    def work(self, name: str) -> Record:
        """Return the work with this OpenAlex id or DOI. Raises ReviewError where there is none."""
        id_ = works.name(name) or (f"doi:{bare}" if (bare := doi(name)) else "")
        if not id_:
            raise ReviewError(f"{name!r} is neither an OpenAlex id nor a DOI.", "Write it as W2741809807 or 10.1000/x.")
        record = self._single(id_)
        if record is None:
            raise ReviewError(f"OpenAlex has no work {name!r}.", "Look for it by its title on openalex.org.")
        return record

    def _single(self, id_: str) -> Record | None:
        return self._courier.known(f"{self._courier.base}/works/{quote(id_, safe=':/')}?{_select()}", _record)

    def _list(self, parameters: Mapping[str, object]) -> str:
        return f"{self._courier.base}/works?{urlencode(parameters, safe=',:*', quote_via=quote)}&{_select()}"


def _changed(what: str, said: Said) -> ChangedError:
    try:
        page = json.dumps(said).encode()
    except RecursionError:
        page = b""
    return ChangedError(f"OpenAlex answers with other JSON than it should: {what}.", CHANGED, page=page)


def _results(said: Said) -> list[Said]:
    found = said.get("results")
    if not isinstance(found, list) or not all(isinstance(work, dict) for work in found):
        raise _changed("it has no list of works", said)
    return found


def _records(said: Said) -> list[Record]:
    return [works.record(work) for work in _results(said)]


def _record(said: Said) -> Record:
    if not works.name(said.get("id")):
        raise _changed("the work has no id", said)
    return works.record(said)


def _select() -> str:
    return f"select={','.join(works.FIELDS)}"


def _batches(names: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for name in names:
        if batch and (len(batch) == _MOST_DOIS or len(quote("|".join([*batch, name]))) > _LONGEST_FILTER):
            yield batch
            batch = []
        batch.append(name)
    if batch:
        yield batch


def _title_query(title: str) -> str:
    # In small letters, as AND, OR and NOT would be operators.
    found = tokens(_POSSESSIVE.sub(" ", title)) or tokens(title)
    return " ".join(token.raw.lower() for token in found[:_MOST_WORDS])[:_LONGEST_FILTER]
