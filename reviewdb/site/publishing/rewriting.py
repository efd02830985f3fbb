"""Rewriting: a page of the running site as one of files, whose links lead to files or are gone with their text kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape, unescape

#: Returns the address that a link gets, or None where it leads to nothing that is published.
Resolve = Callable[[str], str | None]

_Attributes = list[tuple[str, str | None]]
#: Elements that load or lead, and the attribute that says where.
_LEADING = {"a": "href", "area": "href", "link": "href", "img": "src", "script": "src", "source": "src"}
#: What of a link still says something where it leads nowhere; a name for machines does not belong on plain text.
_KEPT = ("class", "title", "id")
# Only these tags are looked at: a whole parser takes half of the time that publishing takes. Our templates escape every
# "<" that is no tag.
_TAG = re.compile(rf"<(/?)({'|'.join([*_LEADING, 'form', 'svg'])})(?=[\s/>])((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>")
_ATTRIBUTE = re.compile(r"([^\s=\"'>/]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?")


def html(text: str, resolve: Resolve, send: Resolve = lambda _: None) -> str:
    """Return a page with its links resolved by one function, and by another where forms send to; or without them."""
    page = _Page(resolve, send)
    at = 0
    for tag in _TAG.finditer(text):
        page.put(text[at : tag.start()])
        page.take(tag)
        at = tag.end()
    page.put(text[at:])
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


@dataclass(slots=True)
class _Page:
    """Copies a page as it is written, but for what leads somewhere."""

    resolve: Resolve
    send: Resolve
    out: list[str] = field(default_factory=list)
    _drawings: int = 0
    #: How each open link ends.
    _ends: list[str] = field(default_factory=list)
    _in_dropped_form: bool = False

    def put(self, text: str) -> None:
        """Copy a piece of the page."""
        if not self._in_dropped_form:
            self.out.append(text)

    def take(self, tag: re.Match[str]) -> None:
        """Copy a tag, change it, or leave it out."""
        closes, name, written = tag.groups()
        if name == "form":
            self._form(tag[0], closes, written)
        elif self._in_dropped_form:
            return
        elif name == "svg":
            self._drawings += -1 if closes else 1
            self.put(tag[0])
        elif closes:
            self.put(self._ends.pop() if name == "a" and self._ends else tag[0])
        else:
            self._lead(tag[0], name, _attributes(written))

    def _form(self, tag: str, closes: str, written: str) -> None:
        if closes:
            self.put(tag)
            self._in_dropped_form = False
            return
        attributes = _attributes(written)
        to = self.send(dict(attributes).get("action") or "")
        if to is None:
            self._in_dropped_form = True
        else:
            self.put(_tag("form", [(n, to if n == "action" else v) for n, v in attributes]))

    def _lead(self, tag: str, name: str, attributes: _Attributes) -> None:
        said = dict(attributes).get(_LEADING[name])
        to = tag if said is None else self.resolve(said)
        end = "</a>"
        if said is None:
            self.put(tag)
        elif to is not None:
            self.put(_tag(name, [(n, to if n == _LEADING[name] else v) for n, v in attributes]))
        elif name == "a":
            plain = "g" if self._drawings else "span"
            self.put(_tag(plain, [(n, v) for n, v in attributes if n in _KEPT]))
            end = f"</{plain}>"
        if name == "a":
            self._ends.append(end)


def _attributes(written: str) -> _Attributes:
    found = []
    for name, *values in _ATTRIBUTE.findall(written):
        said = next(filter(None, values), None)
        bare = said is None and f"{name}=" not in written
        found.append((name, None if bare else unescape(said or "")))
    return found


def _tag(name: str, attributes: _Attributes) -> str:
    said = "".join(f" {n}" if v is None else f' {n}="{escape(v, quote=True)}"' for n, v in attributes)
    return f"<{name}{said}>"
