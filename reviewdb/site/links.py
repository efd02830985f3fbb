"""Links: addresses that change one thing of what a reader chose, and addresses that are safe to follow."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from datasette.utils import tilde_encode

Pair = tuple[str, str]

#: What says which part of a selection a page shows, in what order and shape. The order too: where a column that is
#: sorted downwards has empty cells, Datasette gives rows twice from page to page.
_OF_A_PAGE = ("_next", "_sort", "_sort_desc", "_size", "_shape", "_stream", "_dl", "_nofacet", "_nocount")


def pairs(query_string: str) -> list[Pair]:
    """Return the names and values of a query string, in order."""
    return parse_qsl(query_string, keep_blank_values=True)


def address(path: str, chosen: Sequence[Pair]) -> str:
    """Return `path` with a query string."""
    return f"{path}?{'&'.join(map(_encoded, chosen))}" if chosen else path


@lru_cache(maxsize=1024)  # one page has the same pair in hundreds of addresses
def _encoded(pair: Pair) -> str:
    return urlencode([pair], safe=":,")


def selection(query_string: str, more: Sequence[Pair] = ()) -> str:
    """Return a query string for everything that a reader chose, from the first row to the last; a copy, with more."""
    return urlencode([*(pair for pair in pairs(query_string) if pair[0] not in _OF_A_PAGE), *more])


def without_blank_search(query_string: str) -> str:
    """Return a query string without searches for nothing, which Datasette would find nowhere."""
    kept = [part for part in query_string.split("&") if not any(_searches_blank(*pair) for pair in pairs(part))]
    return "&".join(kept)


def _searches_blank(name: str, value: str) -> bool:
    return (name == "_search" or name.startswith("_search_")) and not value.strip()


def web(url: Any) -> str:  # noqa: ANN401 - whatever a record holds
    """Return a URL that is safe to follow, or an empty string: http or https with a host, and nothing else."""
    text = str(url or "").strip()
    if not text.isprintable() or any(mark in text for mark in " \"'<>\\"):
        return ""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in ("http", "https") and parts.netloc else ""


def of_key(key: str) -> str:
    """Return the address of a paper by its citation key, which may have marks such as those of `DBLP:conf/x/Y20`."""
    return f"/paper/{tilde_encode(key)}"


def doi(bare: Any) -> str:  # noqa: ANN401 - whatever a record holds
    """Return the address of a DOI, or an empty string."""
    return f"https://doi.org/{quote(str(bare), safe='/:;().')}" if bare else ""
