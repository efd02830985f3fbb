"""Clusters: the records of any file put into papers, without a review."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, count
from pathlib import Path
from typing import Any

from reviewdb import grouping, importing, matching
from reviewdb.collecting import uncollected
from reviewdb.errors import Problem, ReviewError
from reviewdb.formats import Found, delimited
from reviewdb.matching import Columns
from reviewdb.model import Group, Link, Record, Relation
from reviewdb.text import counted

#: Told what goes on.
Watch = Callable[[str], None]

# What a table says of a record that is compared, under the names that formats give the fields.
_FIELDS = {
    "authors": ("authors",),
    "venues": ("venue",),
    "volumes": ("volume",),
    "numbers": ("issue",),
    "pages": ("pages", "first_page"),
    "dois": ("doi",),
    "links": ("url",),
}
_COMPARED = ("title", "year", *(name for names in _FIELDS.values() for name in names))
_DIGITS = 4
_YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)")
_ENDS = ("…", "...")
# Where a record has an id of its own: the first of these that there is.
_KEYS = ("id", "source_id", "citation_key", "ID", "PMID", "UT", "EID")


@dataclass(frozen=True, slots=True)
class Clustered:
    """What became of the records of a file."""

    #: Ids as the file gives them, in its order; see `Named` for what it does not give.
    ids: Sequence[str]
    papers: Sequence[Group]
    links: Sequence[Link]
    #: One for each record that could not be read and was left out.
    problems: Sequence[Problem]
    #: How many records have no id of their own, or one that stood before.
    unnamed: int
    repeated: int


@dataclass(frozen=True, slots=True)
class Named:
    """Ids that are unique, and how many of them the file does not give so."""

    ids: list[str]
    unnamed: int
    repeated: int


def named(given: Sequence[tuple[int, str]]) -> Named:
    """Return an id for each record, given the number of its row and the id that the file gives it, or nothing.

    A record without an id has the number of its row, one whose id stood before has it with #2, #3 and so on; neither
    is ever what the file gives another record.
    """
    taken = {id_ for _, id_ in given}
    seen: set[str] = set()
    numbers: dict[str, Iterator[int]] = defaultdict(partial(count, 2))
    ids = []
    unnamed = 0
    for row, id_ in given:
        if id_ and id_ not in seen:
            seen.add(id_)
            ids.append(id_)
            continue
        unnamed += not id_
        stem = id_ or f"row-{row}"
        free = chain([] if id_ else [str(row), stem], (f"{stem}#{n}" for n in numbers[stem]))
        ids.append(next(text for text in free if text not in taken))
        taken.add(ids[-1])
    return Named(ids, unnamed, len(ids) - len(seen) - unnamed)


def cluster(path: Path, watch: Watch) -> Clustered:
    """Put the records of a file (CSV, TSV, JSON, RIS, BibTeX, nbib) into papers.

    Raises ReviewError where the file cannot be read, is of no kind that is known, or has no record.
    """
    with uncollected():
        return _cluster(path, "stdin" if path == importing.STDIN else str(path), watch)


def _cluster(path: Path, name: str, watch: Watch) -> Clustered:
    watch("reading")
    columns, ids, problems = _columns(path, name)
    if not columns.ids:
        told = "".join(f"\n  {problem}" for problem in problems[:10])
        raise ReviewError(f"{name}: it has no record that can be read.{told}", "Give each a title.")
    watch(f"preparing {len(columns.ids):,} records")
    prepared = matching.prepare(columns)
    links = matching.links(prepared, lambda done, of: watch(f"comparing {done:,} of {of:,} pairs"))
    watch("grouping")
    papers, links = grouping.group(prepared.ids, links, [])
    paper_of = {record: group.paper for group in papers for record in group.records}
    # What others have joined is no question any more.
    asked = [x for x in links if x.relation is not Relation.DOUBTFUL or paper_of[x.a] != paper_of[x.b]]
    return Clustered(columns.ids, papers, asked, problems, ids.unnamed, ids.repeated)


def _columns(path: Path, name: str) -> tuple[Columns, Named, list[Problem]]:
    with importing.opened(path) as stream:
        content = importing.content_of(stream)
        table = delimited.of_head(content.head)
        if table:
            text = importing.decoded(stream, content)
            found = delimited.columns(*table, text, (*_KEYS, *_COMPARED))
            text.detach()  # the stream stays open, to be read again
            if found:
                return *_of_table(found), []
        with importing.decoded(stream, content) as text:
            return _of_records(name, importing.reading_of(name, text, content).found)


def _of_table(texts: dict[str, list[str]]) -> tuple[Columns, Named]:
    titles = texts["title"]
    nothing = [""] * len(titles)
    given = next((texts[key] for key in _KEYS if key in texts), nothing)
    ids = named([(row, id_.strip()) for row, id_ in enumerate(given, 1)])
    columns = Columns(
        ids=ids.ids,
        titles=titles,
        years=[_year(text) for text in texts.get("year", nothing)],
        **{field: next((texts[name] for name in said if name in texts), nothing) for field, said in _FIELDS.items()},
        cut=[title.rstrip().endswith(_ENDS) for title in titles],
    )
    return columns, ids


def _year(text: str) -> int:
    if len(text) == _DIGITS and text.isdecimal():
        return int(text)
    found = _YEAR.search(text)
    return int(found.group()) if found else 0


def _of_records(name: str, found: Iterable[Found]) -> tuple[Columns, Named, list[Problem]]:
    records: list[Record] = []
    given: list[tuple[int, str]] = []
    problems: list[Problem] = []
    for row, one in enumerate(found, 1):
        if isinstance(one, Problem):
            problems.append(replace(one, path=name))
        else:
            records.append(one.record)
            given.append((row, next((str(one.record.extra[key]) for key in _KEYS if one.record.extra.get(key)), "")))
    ids = named(given)
    columns = matching.of_records([replace(record, id=id_) for record, id_ in zip(records, ids.ids, strict=True)])
    return columns, ids, problems


def as_csv(found: Clustered) -> str:
    """Return CSV with the columns id, cluster_id: a paper has the smallest id of its records."""
    paper_of = {record: group.paper for group in found.papers for record in group.records}
    return _csv(("id", "cluster_id"), ((id_, paper_of[id_]) for id_ in found.ids))


def links_as_csv(found: Clustered) -> str:
    """Return CSV with a row for each pair that a rule relates; none for a doubtful pair that others made one paper.

    The columns are a, b, relation, score (0 to 100), rule, reason, set_aside; `set_aside` is 1 where stronger links
    left no room for the relation.
    """
    columns = ("a", "b", "relation", "score", "rule", "reason", "set_aside")
    return _csv(columns, ((x.a, x.b, x.relation, x.score, x.rule, x.reason, int(x.cut)) for x in found.links))


def as_object(found: Clustered) -> dict[str, Any]:
    """Return the papers and the pairs for people, for JSON."""
    return {
        "records": len(found.ids),
        "papers": [list(group.records) for group in found.papers],
        "doubtful": [
            {"a": x.a, "b": x.b, "score": x.score, "rule": x.rule, "reason": x.reason}
            for x in found.links
            if x.relation is Relation.DOUBTFUL
        ],
    }


def told(found: Clustered) -> list[str]:
    """Return in a few lines what became of the records, for people."""
    relations = Counter(str(link.relation) for link in found.links if not link.cut)
    studies = len({group.study for group in found.papers})
    are = "is" if len(found.ids) == 1 else "are"
    papers = f"{counted(len(found.papers), 'paper')} in {counted(studies, 'study', 'ies')}"
    lines = [f"{counted(len(found.ids), 'record')} {are} {papers}"]
    if found.unnamed:
        lines.append(f"{counted(found.unnamed, 'record')} without an id: each has the number of its row")
    if found.repeated:
        lines.append(f"{counted(found.repeated, 'record')} with an id that stood before: each has it with #2, #3, ...")
    if relations[Relation.DOUBTFUL]:
        pairs = counted(relations[Relation.DOUBTFUL], "doubtful pair")
        lines.append(f"{pairs} for a person to look at: --links FILE lists every pair with its rule")
    if aside := sum(link.cut for link in found.links):
        lines.append(f"{counted(aside, 'pair')} set aside, because stronger links left no room")
    return lines


def _csv(columns: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(lines)
    return out.getvalue()
