"""Grouping: rulings beat rules, what is ruled different stays apart, and the order of input changes nothing."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewdb.grouping import attach, group, rulings_as_links
from reviewdb.model import Group, Link, Record, Relation, Ruling

SAME, VERSION, DIFFERENT, DOUBTFUL = Relation.SAME, Relation.VERSION, Relation.DIFFERENT, Relation.DOUBTFUL


def rule(pair: str, score: float = 100, relation: Relation = SAME) -> Link:
    """Return a rule's link between two records named by a letter each."""
    return Link(pair[0], pair[1], relation, "title", score, "alike")


def ruled(pair: str, relation: Relation) -> Link:
    """Return a person's link between two records named by a letter each."""
    return Link(pair[0], pair[1], relation, "ruling", 100, "so ruled", "ana")


def shown(groups: list[Group]) -> str:
    """Return the papers, those of one study joined by a tilde: `ab~c d`."""
    studies: dict[str, list[str]] = {}
    for found in groups:
        studies.setdefault(found.study, []).append("".join(found.records))
    return " ".join("~".join(papers) for papers in studies.values())


@pytest.mark.parametrize(
    ("links", "rulings", "result", "cut"),
    [
        # Links of rules alone.
        ([], [], "a b c d", ""),
        ([rule("ab")], [], "ab c d", ""),
        ([rule("ab"), rule("bc")], [], "abc d", ""),
        ([rule("ab", relation=DOUBTFUL)], [], "a b c d", ""),
        # Rulings beat rules.
        ([rule("ab")], [ruled("ab", DIFFERENT)], "a b c d", ""),
        ([rule("ab")], [ruled("ab", VERSION)], "a~b c d", ""),
        ([rule("ab", relation=DOUBTFUL)], [ruled("ab", SAME)], "ab c d", ""),
        ([], [ruled("ab", SAME), ruled("bc", SAME)], "abc d", ""),
        # What is different stays apart through others; the weakest link is cut.
        ([rule("ab", 99), rule("bc", 97)], [ruled("ac", DIFFERENT)], "ab c d", "bc"),
        ([rule("ab", 97), rule("bc", 99)], [ruled("ac", DIFFERENT)], "a bc d", "ab"),
        ([rule("ab", 99), rule("bc", 96), rule("cd", 98)], [ruled("ad", DIFFERENT)], "ab cd", "bc"),
        ([rule("ab", 99), rule("bc", 99)], [ruled("ac", DIFFERENT)], "ab c d", "bc"),
        ([rule("ab", 99), rule("bc", 97)], [ruled("ac", VERSION)], "ab~c d", "bc"),
        ([rule("bc", 100)], [ruled("ab", SAME), ruled("ac", DIFFERENT)], "ab c d", "bc"),
        # Versions are two papers of one study.
        ([], [ruled("ab", VERSION), ruled("bc", VERSION)], "a~b~c d", ""),
        ([rule("bc")], [ruled("ab", VERSION)], "a~bc d", ""),
        ([rule("cd")], [ruled("ac", VERSION), ruled("bd", VERSION)], "a~b~cd", ""),
        # Two papers ruled different are not one study either, not even through a third.
        ([], [ruled("ab", VERSION), ruled("bc", VERSION), ruled("ac", DIFFERENT)], "a~b c d", "bc"),
        ([rule("bc")], [ruled("ab", VERSION), ruled("ac", DIFFERENT)], "a~b c d", "bc"),
        ([rule("cd")], [ruled("ac", VERSION), ruled("bd", VERSION), ruled("ab", DIFFERENT)], "a~c b~d", "cd"),
        # People who contradict each other: the same comes before versions, then the order of the records.
        ([], [ruled("ab", SAME), ruled("bc", SAME), ruled("ac", DIFFERENT)], "ab c d", "bc"),
        ([], [ruled("ab", VERSION), ruled("ac", SAME), ruled("bc", SAME)], "ac~b d", "bc"),
        ([], [ruled("ab", VERSION), ruled("ac", DIFFERENT), ruled("bc", SAME)], "a bc d", "ab"),
    ],
)
def test_records_are_grouped_and_links_in_the_way_are_cut(
    links: list[Link], rulings: list[Link], result: str, cut: str
) -> None:
    groups, marked = group("abcd", links, rulings)
    assert shown(groups) == result
    assert " ".join(link.a + link.b for link in marked if link.cut) == cut


def test_a_link_about_a_ruled_pair_is_dropped_and_the_others_are_kept() -> None:
    links = [rule("bc"), rule("ab"), rule("cd", relation=DOUBTFUL)]
    _, marked = group("abcd", links, [ruled("ab", DIFFERENT)])
    assert [(link.a, link.b, link.rule) for link in marked] == [
        ("a", "b", "ruling"),
        ("b", "c", "title"),
        ("c", "d", "title"),
    ]


def said(at: int, pair: str, relation: Relation | None, why: str = "") -> Ruling:
    """Return a ruling of the year `at`."""
    return Ruling("ana", pair[0], pair[1], relation, str(at), why)


@pytest.mark.parametrize(
    ("rulings", "standing"),
    [
        ([said(1, "ab", SAME)], [("ab", SAME)]),
        ([said(1, "ab", SAME), said(2, "ab", DIFFERENT)], [("ab", DIFFERENT)]),
        ([said(1, "ab", SAME), said(2, "ab", None)], []),
        ([said(1, "ab", SAME), said(2, "ab", None), said(3, "ab", VERSION)], [("ab", VERSION)]),
        ([said(1, "cd", SAME), said(2, "ab", SAME)], [("ab", SAME), ("cd", SAME)]),
        ([said(1, "ab", None)], []),
    ],
)
def test_a_later_ruling_replaces_or_withdraws_an_earlier_one(
    rulings: list[Ruling], standing: list[tuple[str, Relation]]
) -> None:
    assert [(link.a + link.b, link.relation) for link in rulings_as_links(rulings)] == standing


def test_a_ruling_says_who_ruled_and_why() -> None:
    first, second = rulings_as_links([said(1, "ab", SAME, "same DOI"), said(2, "bc", VERSION)])
    assert (first.reason, first.coder, first.rule) == ("same DOI", "ana", "ruling")
    assert second.reason == "ruled version by ana"


def test_a_link_names_those_who_ruled_so_and_its_reason_the_others() -> None:
    by_ben = Ruling("ben", "a", "b", DIFFERENT, "2", "two data sets")
    (link,) = rulings_as_links([said(1, "ab", SAME), by_ben])
    assert (link.relation, link.coder, link.reason) == (DIFFERENT, "ben", "two data sets; ana ruled same")


RECORDS = "abcdefgh"
pairs = st.tuples(st.sampled_from(RECORDS), st.sampled_from(RECORDS)).filter(lambda p: p[0] < p[1]).map("".join)
some_links = st.dictionaries(pairs, st.tuples(st.sampled_from([96, 97, 98.5, 100]), st.sampled_from([SAME, DOUBTFUL])))
some_rulings = st.dictionaries(pairs, st.sampled_from([SAME, VERSION, DIFFERENT]), max_size=8)


@given(some_links, some_rulings, st.randoms(use_true_random=False))
def test_any_links_and_rulings_give_sound_groups(
    linked: dict[str, tuple[float, Relation]], said_so: dict[str, Relation], chance: random.Random
) -> None:
    links = [rule(pair, score, relation) for pair, (score, relation) in linked.items()]
    rulings = [ruled(pair, relation) for pair, relation in said_so.items()]
    groups, marked = group(RECORDS, links, rulings)

    assert sorted(record for found in groups for record in found.records) == list(RECORDS)
    assert [found.paper for found in groups] == sorted(found.paper for found in groups)
    paper = {record: found.paper for found in groups for record in found.records}
    study = {record: found.study for found in groups for record in found.records}
    for found in groups:
        assert found.paper == found.records[0]
        assert list(found.records) == sorted(found.records)
        assert found.study == min(record for record in RECORDS if study[record] == found.study)
    for pair, relation in said_so.items():
        a, b = pair[0], pair[1]
        if relation is DIFFERENT:
            assert study[a] != study[b]
        if relation is VERSION:
            assert paper[a] != paper[b]
    for link in marked:
        one_paper, one_study = paper[link.a] == paper[link.b], study[link.a] == study[link.b]
        if link.relation is SAME:
            assert one_paper != link.cut
        if link.relation is VERSION:
            assert one_study != link.cut
    # A rule may never cost a ruling: what people said holds just as well without any rule.
    _, alone = group(RECORDS, [], rulings)
    assert [link for link in marked if link.rule == "ruling"] == alone

    chance.shuffle(links)
    chance.shuffle(rulings)
    assert group(chance.sample(RECORDS, len(RECORDS)), links, rulings) == (groups, marked)


def test_ten_thousand_records_in_one_chain_are_grouped() -> None:
    names = [f"r{n:05}" for n in range(10_000)]
    links = [Link(a, b, SAME, "title", 100, "") for a, b in pairwise(names)]
    groups, marked = group(names, links, [Link(names[0], names[-1], DIFFERENT, "ruling", 100, "", "ana")])
    assert [len(found.records) for found in groups] == [9_999, 1]
    assert sum(link.cut for link in marked) == 1


@pytest.mark.parametrize("backwards", [False, True])
def test_a_long_chain_takes_time_in_proportion(backwards: bool) -> None:
    names = [f"r{n:05}" for n in range(60_000)]
    links = [Link(a, b, SAME, "title", 100, "", rank=n) for n, (a, b) in enumerate(pairwise(names))]
    if backwards:
        links = [replace(link, rank=-link.rank) for link in links]
    begun = time.process_time()
    groups, _ = group(names, links, [])
    # Relabelling the part already joined for each link would take minutes.
    assert time.process_time() - begun < 10
    assert [(found.paper, len(found.records)) for found in groups] == [("r00000", 60_000)]


def more(id_: str, about: str, **extra: object) -> Record:
    """Return a record that tells more of another one."""
    return Record(id=id_, search="e", rank=1, title="t", about=about, extra=extra)


def test_what_tells_more_of_a_record_joins_its_paper_and_names_nothing() -> None:
    groups, _ = group(["b", "c", "d"], [rule("bc")], [])
    found, links = attach(groups, [], [more("a", "c", score=98.5, because="same DOI"), more("e", "d")])
    assert [(g.paper, g.records) for g in found] == [("b", ("b", "c", "a")), ("d", ("d", "e"))]
    assert [(x.a, x.b, x.relation, x.rule, x.score, x.reason) for x in links] == [
        ("a", "c", SAME, "enrichment", 98.5, "same DOI"),
        ("d", "e", SAME, "enrichment", 100.0, "asked for by name"),
    ]


def test_a_ruling_takes_back_what_was_told_of_a_record() -> None:
    groups, _ = group(["b"], [], [])
    for relation, records in ((DIFFERENT, ("b",)), (VERSION, ("b",)), (SAME, ("b", "z"))):
        found, links = attach(groups, [ruled("bz", relation)], [more("z", "b")])
        assert found[0].records == records
        assert links == []
