"""Facets: the codes of a question with how many papers carry them, as an indented list with links."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reviewdb.site import catalogue, links
from reviewdb.site.about import Code, Question
from reviewdb.site.catalogue import CODED, Catalogue, Papers

#: Rows that a facet shows at once; the others wait in a fold.
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Count:
    """How many papers, and where a click leads: to them, or, where they are chosen already, back."""

    papers: int
    url: str
    selected: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One code of a facet; `share` is the part of the longest bar, 0 to 100, for coded and for suggested."""

    label: str
    definition: str
    depth: int
    coded: Count
    suggested: Count
    share: tuple[float, float]

    @property
    def selected(self) -> bool:
        """Whether the reader chose it."""
        return self.coded.selected or self.suggested.selected


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many papers have any code of a question, as coders agree, of how many."""

    coded: int
    of: int


def coverage(of: Catalogue, question: str, among: Papers) -> Coverage:
    """Return how many of some papers coders have given a code of a question."""
    coded = catalogue.union(
        papers for (asked, _, standing), papers in of.codes.items() if (asked, standing) == (question, CODED)
    )
    return Coverage((among & coded).bit_count(), among.bit_count())


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet for reading: the first lines, and those that are folded away."""

    label: str
    definition: str
    lines: Sequence[Line]
    more: Sequence[Line]
    #: Whether any code of it is only suggested somewhere.
    suggests: bool
    coverage: Coverage

    @property
    def selected(self) -> bool:
        """Whether the reader chose any of it."""
        return any(line.selected for line in (*self.lines, *self.more))


def facet(
    question: Question, coded: Mapping[str, int], suggested: Mapping[str, int], covered: Coverage, path: str
) -> Facet | None:
    """Return a facet with links to the papers of each code; None without counts."""

    def count(column: str, code: str, papers: int) -> Count:
        return Count(papers, links.address(path, [(f"{column}__arraycontains", code)]), selected=False)

    return counted(question, coded, suggested, covered, count)


def counted(
    question: Question,
    coded: Mapping[str, int],
    suggested: Mapping[str, int],
    covered: Coverage,
    count: Callable[[str, str, int], Count],
) -> Facet | None:
    """Return a facet with its counts by code, most frequent first and kinds under their kind; None without counts.

    `count` gives the link of a column, a code of it and the papers that carry this.
    """
    most = max((coded.get(code, 0) + suggested.get(code, 0) for code in question.codes), default=0)
    if not most:
        return None
    lines = [
        Line(
            label=code.label,
            definition=code.definition,
            depth=code.id.count("."),
            coded=count(question.column, code.id, coded.get(code.id, 0)),
            suggested=count(question.suggested_column, code.id, suggested.get(code.id, 0)),
            share=(round(100 * coded.get(code.id, 0) / most, 1), round(100 * suggested.get(code.id, 0) / most, 1)),
        )
        for code in _by_frequency(question.codes, coded, suggested)
    ]
    cut = SHOWN if len(lines) > SHOWN + 1 else len(lines)
    suggests = any(map(suggested.get, question.codes))
    return Facet(question.label, question.definition, lines[:cut], lines[cut:], suggests, covered)


def _by_frequency(
    codes: Mapping[str, Code], coded: Mapping[str, int], suggested: Mapping[str, int], parent: str = ""
) -> Iterator[Code]:
    under = [c for c in codes.values() if c.parent == parent and (coded.get(c.id) or suggested.get(c.id))]
    for code in sorted(under, key=lambda c: (-coded.get(c.id, 0), -suggested.get(c.id, 0), c.position)):
        yield code
        yield from _by_frequency(codes, coded, suggested, code.id)
