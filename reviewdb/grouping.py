"""Grouping: records into papers, papers into studies. A person's ruling beats every rule."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from operator import attrgetter

from reviewdb.model import CORRECTS, RESTORES, Group, Link, Record, Relation, Ruling

# Where coders rule differently on a pair, what joins least holds until they agree.
_CAUTIOUS = (Relation.DIFFERENT, Relation.VERSION, Relation.SAME)


def standing(rulings: Iterable[Ruling]) -> dict[tuple[str, str], list[Ruling]]:
    """Return the rulings that stand on each pair, one a coder; `rulings` come in the order of time."""
    latest = {(ruling.a, ruling.b, ruling.coder): ruling for ruling in rulings}
    found: dict[tuple[str, str], list[Ruling]] = defaultdict(list)
    for _, ruling in sorted(latest.items()):
        if ruling.relation:
            found[ruling.a, ruling.b].append(ruling)
    return found


def rulings_as_links(rulings: Iterable[Ruling]) -> list[Link]:
    """Return one link for each pair ruled on; a coder's later ruling replaces the coder's earlier one.

    Where coders disagree, the most cautious ruling holds: different before version before same. The link names those
    who ruled so, and its reason what the others say.
    """
    links = []
    for (a, b), said in standing(rulings).items():
        relation = next(r for r in _CAUTIOUS if any(ruling.relation is r for ruling in said))
        so = [ruling for ruling in said if ruling.relation is relation]
        reasons = [ruling.why or f"ruled {relation} by {ruling.coder}" for ruling in so]
        reasons += [f"{ruling.coder} ruled {ruling.relation}" for ruling in said if ruling not in so]
        links.append(Link(a, b, relation, "ruling", 100.0, "; ".join(reasons), ", ".join(r.coder for r in so)))
    return links


def disagreements(rulings: Iterable[Ruling]) -> list[tuple[Ruling, ...]]:
    """Return the rulings of each pair on which coders disagree."""
    return [tuple(said) for said in standing(rulings).values() if len({r.relation for r in said}) > 1]


def group(records: Iterable[str], links: Sequence[Link], rulings: Sequence[Link]) -> tuple[list[Group], list[Link]]:
    """Group record ids into papers and studies.

    Two records ruled different, or versions of one study, are never in one paper, and two ruled different
    never in one study, not even through a third one. Rulings are taken first, then links, those of earlier rules
    first, and what would join such a pair is cut. So is what would join two records that an earlier rule takes for
    versions. A rule's link about a pair that a person ruled on is dropped.

    Returns:
        The papers in order of id (the smallest id of their records), and every link with `cut` set where
        it was cut. The same input in any order gives the same result.

    """
    ruled = {(link.a, link.b) for link in rulings}
    rest = [link for link in links if (link.a, link.b) not in ruled]
    every = [*sorted(rulings, key=_first_same), *sorted(rest, key=_strongest_first)]
    # Most records have no link; a partition of those that have one is a third of the work.
    linked = {end for link in every for end in (link.a, link.b)}
    papers, studies = _Partition(linked), _Partition(linked)
    papers.keep_apart((r.a, r.b) for r in rulings if r.relation in (Relation.DIFFERENT, Relation.VERSION))
    studies.keep_apart((r.a, r.b) for r in rulings if r.relation is Relation.DIFFERENT)
    cut = set()
    for link in every:
        ends = link.a, link.b
        if link.relation is Relation.SAME:
            # One paper is one study: a rule's link may not stand in the way of a ruling on studies either.
            joined = papers.may_join(*ends) and studies.join(*ends) and papers.join(*ends)
        elif link.relation is Relation.VERSION:
            joined = studies.join(*ends)
            papers.keep_apart([ends])
        else:
            joined = True
        if not joined:
            cut.add(id(link))
    groups = [Group(record, (record,), record) for record in records if record not in linked]
    groups += (Group(paper, tuple(ids), studies.part_of(paper)) for paper, ids in papers.parts())
    groups.sort(key=attrgetter("paper"))
    marked = [replace(link, cut=True) if id(link) in cut else link for link in every]
    return groups, sorted(marked, key=lambda link: (link.a, link.b))


def attach(groups: Sequence[Group], rulings: Sequence[Link], more: Sequence[Record]) -> tuple[list[Group], list[Link]]:
    """Add to each paper the records that tell more of one of its own (`about`), which never name or join papers.

    A ruling that keeps the two apart leaves such a record out of every paper.

    Returns:
        The papers, and a link for each of `more` that no person ruled on.

    """
    ruled = {(ruling.a, ruling.b): ruling for ruling in rulings}
    paper_of = {record: group.paper for group in groups for record in group.records}
    added: dict[str, list[str]] = defaultdict(list)
    told = []
    for record in sorted(more, key=lambda record: record.id):
        a, b = sorted((record.id, record.about))
        apart = (a, b) in ruled and ruled[a, b].relation is not Relation.SAME
        if not apart and record.about in paper_of:
            added[paper_of[record.about]].append(record.id)
        if (a, b) not in ruled:
            score, why = record.extra.get("score"), record.extra.get("because")
            score = float(score) if isinstance(score, int | float) else 100.0
            rule = "correction" if CORRECTS in record.extra or RESTORES in record.extra else "enrichment"
            told.append(Link(a, b, Relation.SAME, rule, score, str(why or "asked for by name")))
    grown = [replace(g, records=(*g.records, *added[g.paper])) if g.paper in added else g for g in groups]
    return grown, told


def chain(links: Iterable[Link], a: str, b: str) -> list[Link]:
    """Return the fewest links that lead from one record to another, in their order; none where none do."""
    near: dict[str, list[tuple[str, Link]]] = defaultdict(list)
    for link in sorted(links, key=_strongest_first):
        near[link.a].append((link.b, link))
        near[link.b].append((link.a, link))
    came: dict[str, tuple[str, Link] | None] = {a: None}
    reached = deque([a])
    while reached and b not in came:
        at = reached.popleft()
        for other, link in near[at]:
            if other not in came:
                came[other] = at, link
                reached.append(other)
    found = []
    at = b
    while step := came.get(at):
        at, link = step
        found.append(link)
    return found[::-1]


def _first_same(ruling: Link) -> tuple[bool, str, str]:
    return ruling.relation is not Relation.SAME, ruling.a, ruling.b


def _strongest_first(link: Link) -> tuple[int, float, str, str]:
    return link.rank, -link.score, link.a, link.b


class _Partition:
    """Disjoint sets, each named by its smallest member, some of which must stay apart.

    Joining relabels the smaller of two sets, so that a member is relabelled at most log n times, whatever the order.
    """

    def __init__(self, members: Iterable[str]) -> None:
        self._set_of = {member: [member] for member in members}
        self._name = {member: member for member in self._set_of}  # of a set, under its first member
        self._apart: dict[str, set[str]] = defaultdict(set)

    def keep_apart(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Never let the two of a pair into one set."""
        for a, b in pairs:
            if a != b:
                self._apart[a].add(b)
                self._apart[b].add(a)

    def part_of(self, member: str) -> str:
        """Return the name of the set that holds `member`."""
        return self._name[self._set_of[member][0]]

    def may_join(self, a: str, b: str) -> bool:
        """Say whether joining the sets of `a` and `b` would leave apart what must stay apart."""
        small, large = sorted((self._set_of[a], self._set_of[b]), key=len)
        return small is large or not any(
            self._set_of[enemy] is large for member in small for enemy in self._apart.get(member, ())
        )

    def join(self, a: str, b: str) -> bool:
        """Join the sets of `a` and `b`; return False where that would bring together what must stay apart."""
        if not self.may_join(a, b):
            return False
        small, large = sorted((self._set_of[a], self._set_of[b]), key=len)
        if small is not large:
            self._name[large[0]] = min(self._name[large[0]], self._name.pop(small[0]))
            for member in small:
                self._set_of[member] = large
            large += small
        return True

    def parts(self) -> Iterator[tuple[str, list[str]]]:
        """Yield the name of every set with its members in order."""
        for first, name in self._name.items():
            yield name, sorted(self._set_of[first])
