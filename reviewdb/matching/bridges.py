"""Bridges: incomplete records that would join what is two papers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace

from reviewdb.model import Link, Relation


def doubted(links: Sequence[Link], weak: Sequence[bool], complete: Collection[str]) -> list[Link]:
    """Return the links, those in doubt by which incomplete records would be the same as two papers at once.

    An undated "Guideline on asthma" is the same as that of 2005 and as that of 2015, but these are two; so is a title
    that was cut short before it says what it is about. Which one it is, people have to tell.

    Args:
        links: of the records, in any order.
        weak: for each link, whether it rests on a record that does not say when or is cut, and on no place or DOI.
        complete: ids of the records that say when and are not cut.

    """
    if not any(weak):
        return list(links)
    papers = _Sets()
    for link, is_weak in zip(links, weak, strict=True):
        if link.relation is Relation.SAME and not is_weak:
            papers.join(link.a, link.b)
    bridged = _Sets()
    bridges = [n for n, link in enumerate(links) if weak[n] and link.relation is Relation.SAME]
    for n in bridges:
        bridged.join(papers.of(links[n].a), papers.of(links[n].b))
    whole: dict[str, set[str]] = defaultdict(set)
    for record in {end for n in bridges for end in (links[n].a, links[n].b)}:
        paper = papers.of(record)
        if record in complete:
            whole[bridged.of(paper)].add(paper)
    marked = list(links)
    for n in bridges:
        if len(whole[bridged.of(papers.of(links[n].a))]) > 1:
            reason = f"{links[n].reason}; but another paper fits as well"
            marked[n] = replace(links[n], relation=Relation.DOUBTFUL, reason=reason)
    return marked


class _Sets:
    """Disjoint sets, each named by one of its members, the same whatever the order of joining."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def of(self, member: str) -> str:
        """Return the name of the set that holds `member`."""
        while (above := self._above.get(member, member)) != member:
            # Every second step is saved, so that ways stay short.
            self._above[member] = member = self._above.get(above, above)
        return member

    def join(self, a: str, b: str) -> None:
        """Join two sets under the smaller name."""
        small, large = sorted((self.of(a), self.of(b)))
        self._above[large] = small
