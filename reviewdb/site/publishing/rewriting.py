"""Rewriting: a page of the running site as one of files, whose links lead to files or are gone with their text kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape
from html.parser import HTMLParser

#: Returns the address that a link gets, or None where it leads to nothing that is published.
Resolve = Callable[[str], str | None]

_Attributes = list[tuple[str, str | None]]
#: What of a link still says something where it leads nowhere; a name for machines does not belong on plain text.
_KEPT = ("class", "title", "id")
#: Elements that load or lead.
_HREFS = {"a": "href", "area": "href", "link": "href", "img": "src", "script": "src", "source": "src"}


def html(text: str, resolve: Resolve, send: Resolve = lambda _: None) -> str:
    """Return a page with its links resolved by one function, and by another where forms send to; or without them."""
    page = _Page(resolve, send)
    page.feed(text)
    page.close()
    return "".join(page.out)


def links(text: str) -> list[str]:
    """Return where a page leads and what it loads, in the order of the page."""
    found: list[str] = []

    def note(href: str) -> str:
        found.append(href)
        return href

    html(text, note)
    return found


def feed(text: str, host: str, resolve: Resolve) -> str:
    """Return a feed in which addresses of `host` are resolved; what leads nowhere leads to the first page."""
    pattern = re.compile(re.escape(host) + r"(/[^\s\"'<>]*)")

    def resolved(found: re.Match[str]) -> str:
        return escape(resolve(unescape(found[1])) or resolve("/") or "", quote=True)

    return pattern.sub(resolved, text)


class _Page(HTMLParser):
    """Copies a page as it is written, but for what leads somewhere."""

    def __init__(self, resolve: Resolve, send: Resolve) -> None:
        super().__init__(convert_charrefs=False)
        self.out: list[str] = []
        self._resolve = resolve
        self._send = send
        self._in_drawing = 0
        self._ends: list[str] = []  # how each open <a> ends
        self._dropped_form = False

    def _put(self, text: str) -> None:
        if not self._dropped_form:
            self.out.append(text)

    def handle_starttag(self, tag: str, attrs: _Attributes) -> None:
        written = self.get_starttag_text() or ""
        if tag == "form":
            self._form(attrs)
        elif tag == "svg":
            self._in_drawing += 1
            self._put(written)
        elif tag in _HREFS and any(name == _HREFS[tag] for name, _ in attrs):
            self._lead(tag, attrs)
        else:
            if tag == "a":
                self._ends.append("</a>")
            self._put(written)

    def handle_startendtag(self, tag: str, attrs: _Attributes) -> None:
        if tag in _HREFS and tag != "a":
            self._lead(tag, attrs)
        else:
            self._put(self.get_starttag_text() or "")

    def _form(self, attrs: _Attributes) -> None:
        to = self._send(dict(attrs).get("action") or "")
        if to is None:
            self._dropped_form = True
        else:
            self._put(_tag("form", [(n, to if n == "action" else v) for n, v in attrs]))

    def _lead(self, tag: str, attrs: _Attributes) -> None:
        if self._dropped_form:
            return
        name = _HREFS[tag]
        to = self._resolve(dict(attrs)[name] or "")
        if to is not None:
            self._put(_tag(tag, [(n, to if n == name else v) for n, v in attrs]))
            if tag == "a":
                self._ends.append("</a>")
        elif tag == "a":
            plain = "g" if self._in_drawing else "span"
            self._put(_tag(plain, [(n, v) for n, v in attrs if n in _KEPT]))
            self._ends.append(f"</{plain}>")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._dropped_form:
            self._dropped_form = False
        elif tag == "a" and not self._dropped_form:
            self._put(self._ends.pop() if self._ends else "</a>")
        else:
            self._in_drawing -= tag == "svg"
            self._put(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._put(data)

    def handle_entityref(self, name: str) -> None:
        self._put(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._put(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        self._put(f"<!{decl}>")


def _tag(name: str, attributes: _Attributes) -> str:
    written = "".join(f" {n}" if v is None else f' {n}="{escape(v, quote=True)}"' for n, v in attributes)
    return f"<{name}{written}>"
