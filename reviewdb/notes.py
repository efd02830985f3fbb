"""Notes: a difference in words, as text for a terminal, as Markdown for a release, as JSON for programs."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from reviewdb import origins
from reviewdb.changes import TURNED, Named
from reviewdb.consensus import PENDING
from reviewdb.difference import Changed, Difference, Regrouped, TableChange
from reviewdb.query import CODERS
from reviewdb.rendering.table import heading
from reviewdb.text import clean, counted, listed

#: Rows and cells of a table that are written out.
_SHOWN = 12
_MARKS = re.compile(r"([\\`*_\[\]<>|#])")
_HAPPENED = {
    "new": "a new table",
    "gone": "is gone",
    "columns": "has other columns",
    "failed": "could not be read in both states",
}
#: The counts that say where a review stands.
_HEADLINES = ("searches", "records", "papers", "studies", "included", "excluded", "contested", "pending")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that changed: a citation key or nothing, what it is, and what happened to it."""

    key: str
    text: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading over items; `more` are not written out."""

    heading: str
    items: Sequence[Item]
    more: int = 0


def summary(found: Difference, since: str, until: str) -> str:
    """Return one sentence or two that say how much changed."""
    span = f"since {since}" if not until else f"from {since} to {until}"
    if found.is_empty:
        return f"Nothing changed {span}."
    turned = Counter(_status(one.after) for one in found.statuses)
    coded = len({one.key for one in found.codes})
    told = [
        (len(found.new), "new paper"),
        (len(found.gone), "paper gone"),
        (turned["included"], "paper included"),
        (turned["excluded"], "paper excluded"),
        (coded, "paper with other codes"),
        (len(found.merged), "merged paper"),
        (len(found.split), "split paper"),
    ]
    said = [_several(n, one) for n, one in told if n] or ["no paper changed"]
    before, after = found.counts.get("included", (0, 0))
    included = f"{counted(after, 'paper')}, {f'{before} before' if before != after else 'as before'}"
    return f"{span[0].upper()}{span[1:]}: {listed(said)}. Included: {included}."


def _several(n: int, one: str) -> str:
    first, _, rest = one.partition("paper")
    return f"{counted(n, f'{first}paper')}{rest}"


def sections(found: Difference) -> list[Section]:
    """Return what changed, part by part; parts without a change are left out."""
    changed = [(what, pair) for what, pair in found.counts.items() if what in _HEADLINES and pair[0] != pair[1]]
    every = [
        Section("Where the review stands", [Item("", what, _arrow(*pair)) for what, pair in changed]),
        Section("Searches", [*_searches(found)]),
        Section(f"New papers ({len(found.new)})", _named(found.new)),
        Section(f"Papers gone ({len(found.gone)})", _named(found.gone)),
        Section(f"Merged ({len(found.merged)})", [_regrouped(one) for one in found.merged]),
        Section(f"Split ({len(found.split)})", [_regrouped(one) for one in found.split]),
        Section("Other citation keys", [Item(one.key, one.title, f"was {one.before}") for one in found.renamed]),
        *_turned(found.statuses),
        Section(f"Codes ({counted(len({one.key for one in found.codes}), 'paper')})", [*_coded(found)]),
        Section("The coding scheme", [*_recoded(found)]),
        *map(_table, found.tables),
    ]
    return [one for one in every if one.items]


def _searches(found: Difference) -> Iterator[Item]:
    for one in found.searches:
        about = origins.told(f"{one.search.source} {one.search.date}".strip(), one.search.query)
        yield Item("", about, counted(len(one.papers), "new paper"))
    for id_ in found.searches_gone:
        yield Item("", id_, "is gone")


def _named(papers: Sequence[Named]) -> list[Item]:
    return [Item(one.key, f"{one.title} ({one.what})") for one in papers]


def _regrouped(one: Regrouped) -> Item:
    return Item("", one.title, f"{listed(one.before)} became {listed(one.after)}")


def _turned(statuses: Sequence[Changed]) -> Iterator[Section]:
    for status, told in TURNED.items():
        here = [one for one in statuses if _status(one.after) == status]
        papers = counted(len(here), "paper")
        items = [Item(one.key, one.title, _told(one)) for one in here]
        yield Section(told.format(papers), items)


def _told(one: Changed) -> str:
    """Return why a paper is out, and where it stood unless it was pending: where it stands now, the heading says."""
    reason = one.after.partition(": ")[2]
    was = f"was {one.before}" if one.before != PENDING else ""
    return "; ".join(filter(None, (reason, was)))


def _status(standing: str) -> str:
    return standing.partition(":")[0]


def _coded(found: Difference) -> Iterator[Item]:
    by_paper: dict[str, list[Changed]] = {}
    for one in found.codes:
        by_paper.setdefault(one.key, []).append(one)
    for key, changed in by_paper.items():
        said = "; ".join(f"{found.labels[one.facet]}: {_arrow(one.before, one.after)}" for one in changed)
        yield Item(key, changed[0].title, said)


def _recoded(found: Difference) -> Iterator[Item]:
    for made in found.recoded:
        became = f"{listed(made.codes)} became {listed(made.became) or 'no code'}"
        what = f"the change of {made.undoes[:10]} was undone" if made.undoes else became
        yield Item("", f"Codes of {made.facet}", f"{what}, by {made.coder}")


def _table(one: TableChange) -> Section:
    title = f"Table: {one.title} ({one.name})"
    if one.what:
        return Section(title, [Item("", "The table", _HAPPENED[one.what])])
    items = [
        Item("", f"{_row(cell.row)}, {heading(cell.column)}", _arrow(cell.before, cell.after)) for cell in one.cells
    ]
    for rows, happened in ((one.new, "new"), (one.gone, "gone")):
        for row in rows:
            rest = zip(one.columns[one.named :], row[one.named :], strict=True)
            said = ", ".join(f"{heading(column)}: {value}" for column, value in rest if value not in (None, ""))
            items.append(Item("", _row(row[: one.named]), f"{happened} ({said})" if said else happened))
    return Section(title, items[:_SHOWN], max(0, len(items) - _SHOWN))


def _row(row: Sequence[object]) -> str:
    return " · ".join(clean(str(value)) for value in row if value not in (None, ""))


def _arrow(before: object, after: object) -> str:
    one, other = ("none" if said in (None, "") else str(said) for said in (before, after))
    return f"{one} → {other}"


def as_text(found: Difference, since: str, until: str) -> str:
    """Return the difference for a terminal."""
    lines = [summary(found, since, until)]
    for section in sections(found):
        lines += ["", section.heading]
        for item in section.items:
            head = f"{item.key}  {clean(item.text)}" if item.key else clean(item.text)
            lines.append(f"  {head}{f': {clean(item.what)}' if item.what else ''}")
        lines += [_more(section)] if section.more else []
    return "\n".join(lines) + "\n"


def as_markdown(found: Difference, since: str, until: str) -> str:
    """Return the difference as a note of a release: a sentence, then lists. What is open to coders is left out."""
    lines = [_MARKS.sub(r"\\\1", summary(found, since, until))]
    for section in sections(replace(found, tables=tuple(one for one in found.tables if one.audience != CODERS))):
        lines += ["", f"## {_marked(section.heading)}", ""]
        for item in section.items:
            head = f"`{item.key}` {_marked(item.text)}" if item.key else _marked(item.text)
            lines.append(f"- {head}{f': {_marked(item.what)}' if item.what else ''}")
        lines += ["", _more(section).strip()] if section.more else []
    return "\n".join(lines) + "\n"


def _marked(text: str) -> str:
    return _MARKS.sub(r"\\\1", clean(text))


def _more(section: Section) -> str:
    return f"  … and {section.more} more (all of them: --format json)"


def as_json(found: Difference, since: str, until: str) -> str:
    """Return all of the difference."""
    said = {"since": since, "until": until or None, "summary": summary(found, since, until), **asdict(found)}
    said["counts"] = {what: {"before": one, "after": other} for what, (one, other) in found.counts.items()}
    return json.dumps(said, ensure_ascii=False, indent=2) + "\n"
