"""The feed of changes: Atom (RFC 4287), for programs that tell their users what is new."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape, quoteattr

from markupsafe import Markup

from reviewdb.changes import Named
from reviewdb.site.about import About
from reviewdb.site.telling import Entry, Told
from reviewdb.text import clean

TYPE = "application/atom+xml; charset=utf-8"
_ENTRIES = 50
_LONGEST_TITLE = 300
_SECONDS = len("YYYY-MM-DDTHH:MM:SS")
#: The moment of a feed in which nothing happened yet, as Atom wants one.
_NEVER = "1970-01-01T00:00:00Z"


def feed(about: About, days: Sequence[Told], base: str) -> str:
    """Return the feed of the newest entries; what has no date is left out.

    `base` is the address of the site, with a slash at its end. An empty one makes addresses relative to the feed's.
    Entries keep their ids from one state of the review to the next.
    """
    identity = about.protocol.get("url") or about.title
    dated = [(told, entry) for told in days if told.day.date for entry in told.entries][:_ENTRIES]
    entries = [_entry(identity, told, entry, base) for told, entry in dated]
    updated = max((_moment(told) for told, _ in dated), default=_NEVER)
    author = about.protocol.get("citation") or about.title
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">',
        f"<id>{_id(identity)}</id>",
        f"<title>{_text(about.title)}</title>",
        f"<subtitle>{_text(about.protocol.get('question', ''))}</subtitle>",
        f"<updated>{updated}</updated>",
        f"<author><name>{_text(author)}</name></author>",
        f'<link rel="self" type="application/atom+xml" href={quoteattr(base + "changes.atom")}/>',
        f'<link rel="alternate" type="text/html" href={quoteattr(base + "changes")}/>',
        *entries,
        "</feed>",
    ]
    return "\n".join(lines) + "\n"


def _entry(identity: str, told: Told, entry: Entry, base: str) -> str:
    page = f"{base}changes#day-{told.day.date}"
    content = Markup("").join(_content(entry, base))
    return "\n".join(
        [
            "<entry>",
            f"<id>{_id(identity, told.day.date, entry.id)}</id>",
            f"<title>{_text(entry.heading)}</title>",
            f"<updated>{_moment(told)}</updated>",
            f'<link rel="alternate" type="text/html" href={quoteattr(page)}/>',
            f'<content type="html">{escape(str(content))}</content>',
            "</entry>",
        ]
    )


def _content(entry: Entry, base: str) -> Iterator[Markup]:
    if entry.note:
        yield Markup("<p>{}</p>").format(clean(entry.note))
    if entry.papers:
        yield Markup("<ul>{}</ul>").format(Markup("").join(_item(paper, base) for paper in entry.papers))
    if entry.more:
        yield Markup("<p>And {:,} more.</p>").format(entry.more)


def _item(paper: Named, base: str) -> Markup:
    title = clean(paper.title)[:_LONGEST_TITLE]
    what = Markup(": {}").format(clean(paper.what)) if paper.what else ""
    return Markup('<li><a href="{}paper/{}">{}</a>{}</li>').format(base, paper.key, title, what)


def _moment(told: Told) -> str:
    """Return when a day was last added to; a date that names no day or month stands for its first."""
    moment = told.day.at[:_SECONDS]
    return f"{moment}Z" if moment else f"{told.day.date}{'0000-01-01'[len(told.day.date) :]}T00:00:00Z"


def _id(*parts: str) -> str:
    return uuid5(NAMESPACE_URL, "\n".join(("reviewdb", *parts))).urn


def _text(text: str) -> str:
    return escape(clean(text))
