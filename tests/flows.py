"""Flows of made-up reviews, for the tests of what is counted and of how it is drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from hypothesis import strategies as st

from reviewdb import flow as flows
from reviewdb import scheme
from reviewdb.flow import NO_REASON, NOT_AGREED, Flow, Judged
from reviewdb.model import CITATIONS, ENRICHMENT, SEARCH, Search
from reviewdb.scheme import Question

#: Labels that no format may take for its own language.
HOSTILE = (
    "<script>alert('1')</script>",
    "100 % of 5_000 & more",
    r"\end{tikzpicture} \input{x} $ # ~ ^ { }",
    "\"quoted\" -- ``so'' | <b>",
    "Ęč Łódź naïve Ελληνικά 日本語の論文",
    "A-word-without-any-space-that-is-longer-than-the-box-it-stands-in-and-goes-on",
)


class Found(NamedTuple):
    """A record that a search found: its search, and the paper that it is."""

    search: str
    paper: str


def flow(
    searches: Sequence[Search], found: Iterable[Found], judged: Iterable[Judged], asked: Sequence[Question]
) -> Flow:
    """Derive the flow from each record that was found."""
    hits = list(found)
    databases = {search.id for search in searches if search.kind == SEARCH}
    there = {paper for search, paper in hits if search in databases}
    papers = [one._replace(in_databases=one.paper in there) for one in judged]
    return flows.flow(searches, Counter(search for search, _ in hits), papers, asked)


def stages(*described: str) -> list[Question]:
    """Return stages from lines such as `screening: survey, late`; a reason with a `*` says not retrieved."""
    lines = ["schema = 1"]
    for line in described:
        name, _, reasons = line.partition(":")
        lines += [f"[stage.{name}]", f'label = "{name.capitalize()}"']
        for reason in filter(None, map(str.strip, reasons.split(","))):
            id_ = reason.strip("*")
            flag = ["not_retrieved = true"] if "*" in reason else []
            lines += [f"[stage.{name}.reasons.{id_}]", f'label = "{id_.capitalize()}"', *flag]
    found, problems = scheme.parse("\n".join(lines), "scheme.toml")
    assert problems == []
    return found.stages


def labelled(reasons: Sequence[str], label: str = "Screening") -> list[Question]:
    """Return one stage whose reasons, `r0`, `r1` and so on, have these labels."""
    codes = {"include": scheme.Code("include", "Include")}
    codes |= {f"exclude.r{n}": scheme.Code(f"exclude.r{n}", text) for n, text in enumerate(reasons)}
    return [Question("screening", "stage", "screening", label, "", suggested=False, codes=codes)]


@st.composite
def reviews(draw: st.DrawFn) -> tuple[list[Search], list[Found], list[Judged], list[Question]]:
    """Draw the arguments of `flow`: any number of stages, sources, records, papers and studies."""
    reasons = st.lists(st.sampled_from(["late", "survey", "lost*", "closed*"]), unique=True, max_size=4)
    names = ["screening", "eligibility", "quality", "last"][: draw(st.integers(0, 4))]
    asked = stages(*(f"{name}: {', '.join(draw(reasons))}" for name in names))
    kinds = draw(st.lists(st.sampled_from([SEARCH, SEARCH, CITATIONS, ENRICHMENT]), max_size=5))
    searches = [
        Search(f"s-{n}", draw(st.sampled_from(["scholar", "openalex"])), "q", "", kind=kind)
        for n, kind in enumerate(kinds)
    ]
    found: list[Found] = []
    judged: list[Judged] = []
    for n in range(draw(st.integers(0, 12)) if searches else 0):
        paper = f"p-{n:02}"
        hits = draw(st.lists(st.sampled_from(searches), min_size=1, max_size=4))
        found += [Found(search.id, paper) for search in hits]
        judged.append(Judged(paper, f"study-{draw(st.integers(0, n))}", *draw(_standing(asked))))
    return searches, found, judged, asked


def _standing(asked: Sequence[Question]) -> st.SearchStrategy[tuple[str, str, str]]:
    if not asked:
        return st.just(("pending", "", ""))
    ends = [("included", asked[-1].id, "")]
    for stage in asked:
        ends += [("pending", stage.id, ""), ("contested", stage.id, "")]
        reasons = [code.removeprefix("exclude.") for code in stage.codes if code.startswith("exclude.")]
        ends += [("excluded", stage.id, reason) for reason in [*reasons, NO_REASON, NOT_AGREED]]
    return st.sampled_from(ends)
