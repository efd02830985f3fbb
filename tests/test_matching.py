"""Matching: which pairs are the same, which are for a person to look at, and how much is compared at most."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewdb import review
from reviewdb.grouping import group
from reviewdb.matching import candidates, match, of_records, prepare, rules
from reviewdb.model import Record, Relation
from reviewdb.review import Review

TITLE = "Unsupervised anomaly detection with generative adversarial networks"
AUTHORS = ("Thomas Schlegl", "Philipp Seeböck", "Sebastian Waldstein")
BASE = Record("a", "s", 1, TITLE, AUTHORS, 2017)


def relation(one: Record, other: Record) -> str:
    """Return how the matcher relates two records: a relation, or `none`."""
    links = match([one, other])
    assert match([other, one]) == links
    assert len(links) < 2
    return str(links[0].relation) if links else "none"


def against_base(**changes: object) -> str:
    """Return how the first record is related to one that differs from it as given."""
    return relation(BASE, replace(BASE, id="b", **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"title": TITLE.upper()},
        {"title": TITLE.title() + "."},
        {"title": TITLE.replace(" ", "  ").replace("anomaly", "“anomaly”")},
        {"title": TITLE.replace("generative adversarial", "generative-adversarial")},
        {"title": TITLE.replace("adversarial", "adversarlal")},
        {"title": TITLE.replace("adversarial", "ádversarial")},
        {"authors": ("T. Schlegl", "P. Seebock", "S. Waldstein")},
        {"authors": ("Schlegl T", "Seebo\u0308ck P")},
        {"authors": ("Schlegl, Thomas", "Seeböck, Philipp", "Waldstein, Sebastian")},
        {"authors": ("Waldstein Sebastian", "Schlegl Thomas", "Seeböck Philipp")},
        {"authors": ("T. Schlegl", "et al.")},
        {"authors": ("T. Schlegl", "A. Misread")},
        {"authors": ("T. Schlegl et al.",)},
        {"authors": AUTHORS[::-1]},
        {"year": None},
        {"doi": "10.1000/x"},
        {"venue": "IPMI", "abstract": "x", "rank": 9, "search": "t"},
    ],
)
def test_one_paper_written_in_two_ways_is_the_same(changes: dict[str, object]) -> None:
    assert against_base(**changes) == "same"


@pytest.mark.parametrize(
    "changes",
    [
        # A year or two apart: a preprint, or another paper.
        {"year": 2018},
        {"authors": ()},
        {"title": TITLE + " to guide marker discovery"},
    ],
)
def test_a_pair_that_only_a_person_can_tell_is_doubtful(changes: dict[str, object]) -> None:
    assert against_base(**changes) == "doubtful"


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Deep learning for something else altogether"},
        {"title": "Supervised segmentation of retinal layers with convolutional networks"},
        {"authors": ("A. One", "B. Two")},
    ],
)
def test_another_paper_is_not_related(changes: dict[str, object]) -> None:
    assert against_base(**changes) == "none"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("part I", "part II"),
        ("Part 1", "Part 2"),
        ("part 1", "part II"),
        ("part A", "part B"),
        ("part one", "part two"),
        ("part IX", "part X"),
        ("phase 2", "phase 3"),
        ("phase2", "phase3"),
        ("in 2D", "in 3D"),
        ("part 1", ""),
        ("2019", "2020"),
        ("I", "III"),
    ],
)
def test_two_parts_of_one_work_are_never_the_same(one: str, other: str) -> None:
    numbered = [replace(BASE, id=n, title=f"{TITLE} {part}") for n, part in zip("ab", (one, other), strict=True)]
    assert relation(*numbered) != "same"
    doi = [replace(record, doi="10.1000/x") for record in numbered]
    assert relation(*doi) == "doubtful"


@pytest.mark.parametrize(
    ("one", "other"),
    [("part II", "Part 2"), ("part X", "part 10"), ("chest X-rays", "chest Xrays"), ("COVID-19", "COVID19")],
)
def test_a_number_may_be_written_in_two_ways(one: str, other: str) -> None:
    numbered = [replace(BASE, id=n, title=f"{TITLE} {part}") for n, part in zip("ab", (one, other), strict=True)]
    assert relation(*numbered) == "same"


@pytest.mark.parametrize(
    ("word", "other", "expected"),
    [
        ("CT", "MR", "doubtful"),
        ("unsupervised", "supervised", "doubtful"),
        ("brain", "breast", "doubtful"),
        ("modelling", "modeling", "same"),
        ("tumour", "tumor", "same"),
        ("autoencoder", "auto-encoder", "same"),
        ("detection", "detektion", "same"),
        ("images", "image", "same"),
        ("images of", "images of the", "same"),
    ],
)
def test_a_word_for_another_one_makes_a_companion_and_a_spelling_does_not(word: str, other: str, expected: str) -> None:
    title = f"Anomaly {word} revisited, learning with few and noisy labels in clinical practice and research"
    one = replace(BASE, title=title)
    assert relation(one, replace(one, id="b", title=title.replace(word, other))) == expected
    assert relation(one, replace(one, id="b", title=title.replace(word, other), year=2018)) == "doubtful"


@pytest.mark.parametrize(
    ("one", "other", "title", "expected"),
    [
        ("10.1000/x", "https://doi.org/10.1000/X", TITLE, "same"),
        ("10.1000/x", "", TITLE, "same"),
        # A preprint has a DOI of its own.
        ("10.1000/x", "10.48550/arXiv.1703.05921", TITLE, "version"),
        # A supplement has one DOI for hundreds of abstracts.
        ("10.1000/x", "10.1000/x", "Poster abstracts on something else", "doubtful"),
        ("10.1000/x", "10.1000/y", "Poster abstracts on something else", "none"),
    ],
)
def test_a_doi_is_evidence_but_no_proof(one: str, other: str, title: str, expected: str) -> None:
    assert relation(replace(BASE, doi=one), replace(BASE, id="b", doi=other, title=title)) == expected


@pytest.mark.parametrize("title", ["Editorial", "Introduction", "Reply", "Editor's notes", "???"])
def test_a_title_that_recurs_proves_nothing(title: str) -> None:
    first = replace(BASE, title=title)
    assert relation(first, replace(first, id="b", authors=("A. One",))) == "none"
    assert relation(first, replace(first, id="b")) != "same"
    assert relation(first, replace(first, id="b", year=2021)) != "same"
    assert relation(replace(first, authors=()), replace(first, id="b", authors=())) != "same"


@pytest.mark.parametrize(
    ("one", "other", "allowed"),
    [
        # A report that comes every year.
        (
            {"title": "Annual report of the registry 2017", "year": 2018},
            {"title": "Annual report of the registry 2018", "year": 2019},
            ("none", "doubtful"),
        ),
        (
            {"title": "Annual report of the registry", "year": 2018},
            {"title": "Annual report of the registry", "year": 2019},
            ("doubtful", "version"),
        ),
        # A part without a number, in the same volume.
        (
            {"volume": "9", "pages": "1-9"},
            {"title": f"{TITLE}, part II", "volume": "9", "pages": "40-9"},
            ("doubtful", "version", "none"),
        ),
        ({"volume": "9"}, {"title": f"{TITLE}, part II", "volume": "9"}, ("doubtful", "version", "none")),
        # A word exchanged beside one misspelled.
        (
            {"title": "Atlas of lesions in images of kidney"},
            {"title": "Atlas of lexions in images of breast"},
            ("none", "doubtful"),
        ),
        # A title of one word.
        ({"title": "Vision", "authors": ("A. One",)}, {"title": "Vision", "authors": ("B. Two",)}, ("none",)),
        (
            {"title": "Vision", "venue": "Eye Notes"},
            {"title": "Vision", "venue": "Eye Notes", "year": None},
            ("none", "doubtful"),
        ),
        # Who wrote it and when is not said.
        ({"authors": (), "year": None}, {"authors": (), "year": None}, ("doubtful",)),
        (
            {"authors": (), "year": None, "title": "Editorial"},
            {"authors": (), "year": None, "title": "Editorial"},
            ("none",),
        ),
        # An answer to a paper, and a correction of it.
        ({}, {"title": f"Reply to: {TITLE}"}, ("none", "doubtful")),
        ({}, {"title": f"Erratum: {TITLE}"}, ("none", "doubtful")),
        # A title in two languages, and one that has both.
        (
            {"doi": "10.1000/x", "title": "Détection d'anomalies dans l'imagerie cérébrale"},
            {"doi": "10.1000/x", "title": "Detecting anomalies in images of the brain"},
            ("doubtful", "same"),
        ),
        (
            {"title": "Erkennung von Auffälligkeiten in Bildern"},
            {"title": "Erkennung von Auffälligkeiten in Bildern [Finding anomalies in images of the brain]"},
            ("same", "doubtful"),
        ),
        # A year that one journal counts otherwise.
        ({"venue": "Medical Image Analysis"}, {"venue": "Med Image Anal", "year": 2018}, ("doubtful",)),
    ],
)
def test_a_case_that_misleads_is_never_merged_unseen(
    one: dict[str, object], other: dict[str, object], allowed: tuple[str, ...]
) -> None:
    first = replace(BASE, **one)  # type: ignore[arg-type]
    assert relation(first, replace(BASE, id="b", **other)) in allowed  # type: ignore[arg-type]


CARE = "mortality after hip fracture surgery in patients over eighty years of age"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("men", "women"),
        ("male", "female"),
        ("mothers", "fathers"),
        ("maternal", "paternal"),
        ("hypertension", "hypotension"),
        ("systolic", "diastolic"),
        ("anterior", "posterior"),
        ("symptomatic", "asymptomatic"),
        ("prenatal", "postnatal"),
        ("abduction", "adduction"),
        ("with stents", "without stents"),
        ("small cell", "non-small cell"),
        ("Iran", "Iraq"),
        ("Niger", "Nigeria"),
        ("prednisone", "prednisolone"),
        ("caries", "canines"),
        ("influenza A", "influenza B"),
        ("vitamin D", "vitamin A"),
        ("a trial", "the protocol of a trial"),
        ("a systematic review", "an updated systematic review"),
        ("trial", "trial: two-year follow-up"),
        ("trial", "trial: secondary analysis"),
        ("trial", "trial: rationale and design"),
        ("左肺", "右肺"),
    ],
)
@pytest.mark.parametrize("more", [{}, {"venue": "Diabetes Care", "volume": "38"}, {"year": None}])
def test_companion_papers_are_never_merged(one: str, other: str, more: dict[str, object]) -> None:
    pair = [
        replace(BASE, id=n, title=f"{word.capitalize()} and {CARE}", **more)  # type: ignore[arg-type]
        for n, word in zip("ab", (one, other), strict=True)
    ]
    assert relation(*pair) != "same"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # A meeting's abstract and the paper, and one text in two journals.
        (
            {"venue": "Stroke", "volume": "46(Suppl 1)", "pages": "A210"},
            {"venue": "Stroke", "volume": "46(9)", "pages": "2500-8"},
        ),
        (
            {"venue": "Neurology", "volume": "84", "pages": "210"},
            {"venue": "Journal of Neurology", "volume": "262", "pages": "2500"},
        ),
        ({"venue": "Nature", "volume": "1", "pages": "1"}, {"venue": "The Lancet", "volume": "2", "pages": "5"}),
        ({"venue": "JAMA", "volume": "1", "pages": "9"}, {"venue": "JAMA Oncology", "volume": "2", "pages": "5"}),
        ({"venue": "European Heart Journal", "volume": "3"}, {"venue": "American Heart Journal", "volume": "8"}),
        # An address that is the front page of a site, or that many share.
        (
            {"title": "Editorial", "url": "https://www.thelancet.com"},
            {"title": "Editorial", "url": "https://www.thelancet.com", "year": 2018},
        ),
        (
            {"url": "https://www.example.org/", "year": 1999, "volume": "1"},
            {"url": "https://www.example.org/", "year": 2012, "volume": "9"},
        ),
        # Two on one page of a supplement.
        (
            {"title": f"{TITLE}, part I", "volume": "1", "pages": "S12"},
            {"title": f"{TITLE}, part II", "volume": "1", "pages": "S12"},
        ),
        (
            {"title": f"{TITLE} in CT images", "volume": "1", "pages": "S12"},
            {"title": f"{TITLE} in MR images", "volume": "1", "pages": "S12"},
        ),
        (
            {"title": "Editorial", "authors": ("J. Foo",), "volume": "1", "pages": "1", "venue": "The Lancet"},
            {"title": "Editorial", "authors": (), "volume": "1", "pages": "1", "venue": "Thorax"},
        ),
        (
            {"title": "II. Kinetics of the reaction of ozone with olefins", "volume": "7"},
            {"title": "III. Kinetics of the reaction of ozone with olefins", "volume": "7"},
        ),
    ],
)
def test_what_stands_in_two_places_is_not_merged(one: dict[str, object], other: dict[str, object]) -> None:
    pair = [replace(BASE, id=n, **said) for n, said in (("a", one), ("b", other))]  # type: ignore[arg-type]
    assert relation(*pair) != "same"


def test_an_incomplete_record_does_not_join_two_papers() -> None:
    guideline = replace(
        BASE, title="Clinical practice guideline for the management of asthma in adults", venue="Thorax"
    )
    years = [replace(guideline, id=f"g{year}", year=year) for year in (2005, 2015, None)]
    assert {link.relation for link in match(years)} == {Relation.DOUBTFUL}
    # But with one paper alone that it fits, it is that.
    assert [link.relation for link in match([years[0], years[2]])] == [Relation.SAME]
    lesions = [
        f"Deep learning for medical image {task}"
        for task in ("segmentation of the liver", "registration of brains", "…")
    ]
    cut = [
        replace(BASE, id=f"d{n}", title=title, cut=("title",) if "…" in title else ())
        for n, title in enumerate(lesions)
    ]
    assert not [link for link in match(cut) if link.relation is Relation.SAME]


def test_a_title_told_in_two_languages_is_doubtful_where_the_place_is_one() -> None:
    said = {"venue": "Medizinische Klinik", "volume": "8", "pages": "100-8"}
    german = replace(BASE, title="Behandlung des akuten Herzinfarkts im hohen Lebensalter", **said)  # type: ignore[arg-type]
    english = replace(german, id="b", title="Treatment of acute myocardial infarction in the elderly")
    assert relation(german, english) == "doubtful"


def test_exact_copies_of_a_title_that_others_bear_too_are_doubtful() -> None:
    copies = [replace(BASE, id=n) for n in "ab"]
    others = [
        replace(BASE, id=f"o{n}", authors=(f"A. {name}",), year=1990 + n)
        for n, name in enumerate(("Abe", "Bell", "Cyr"))
    ]
    assert ("a", "b", Relation.DOUBTFUL) in {(link.a, link.b, link.relation) for link in match([*copies, *others])}


def test_apostrophes_and_brackets_take_no_time_and_part_no_names() -> None:
    assert against_base(authors=("S. O’Brien", "M. D'Angelo")) == relation(
        BASE, replace(BASE, id="b", authors=("S. OBrien", "M. DAngelo"))
    )
    irish = replace(BASE, authors=("O'Brien, Sean", "D’Angelo, Maria"))
    assert relation(irish, replace(irish, id="b", authors=("OBrien S", "DAngelo M"))) == "same"
    noted = replace(BASE, title=TITLE + " [comment in " * 2_000 + "\n]y")
    assert len(match([noted, replace(noted, id="b")])) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"pages": "123-129"}, {"pages": "123-9"}),
        ({"pages": "S123-S129"}, {"pages": "s123–129"}),
        ({"title": f"{TITLE} for H<sub>2</sub>O &amp; fat"}, {"title": f"{TITLE} for H$_2$O & fat"}),
        ({"title": TITLE.replace("networks", "{N}etworks")}, {"title": TITLE.upper()}),
        ({"title": f"[PDF] {TITLE}"}, {"title": f"{TITLE} [Review] [33 refs]"}),
        ({"title": f"{TITLE} of ﬁne ﬂow"}, {"title": f"{TITLE} of fine flow"}),
        (
            {"title": "医学影像异常检测的无监督方法研究", "authors": ("王伟",)},
            {"title": "医学影像异常检测的无监督方法研究", "authors": ("王 伟",)},
        ),
        ({"title": "Выявление аномалий на снимках мозга"}, {"title": "ВЫЯВЛЕНИЕ АНОМАЛИЙ НА СНИМКАХ МОЗГА"}),
        # Given and family names changed places, and accents were lost.
        ({"authors": ("Østergård Mikkel", "Van der Berg Li")}, {"authors": ("Mikkel Ostergard", "Li van der Berg")}),
    ],
)
def test_spellings_of_every_field_are_seen_through(one: dict[str, object], other: dict[str, object]) -> None:
    first = replace(BASE, **one, volume="9")  # type: ignore[arg-type]
    assert relation(first, replace(BASE, id="b", **other, volume="9")) == "same"  # type: ignore[arg-type]


def test_ten_thousand_records_of_one_title_are_matched_in_bounded_time() -> None:
    recurring = [Record(f"r{n}", "s", 1, "Editorial", (f"A. Name{n % 7}",), 2000 + n % 20) for n in range(10_000)]
    prepared = prepare(of_records(recurring))
    left, _ = candidates(prepared)
    # Comparing all would be fifty million pairs.
    assert len(left) <= 25 * len(prepared)
    assert not [link for link in match(recurring) if link.relation is Relation.SAME]
    alike = [replace(BASE, id=f"r{n}") for n in range(10_000)]
    # And a chain of neighbours still brings all of one paper together.
    groups, _ = group([record.id for record in alike], match(alike), [])
    assert len(groups) == 1


def test_the_ruled_pairs_of_the_example_are_not_the_same_by_rules_alone(example: Review) -> None:
    content = review.load(example)
    apart = {(r.a, r.b) for r in content.rulings if r.relation is Relation.DIFFERENT}
    versions = {(r.a, r.b) for r in content.rulings if r.relation is Relation.VERSION}
    links = match(list(content.records.values()))
    assert len(apart) == 6
    assert not apart & {(link.a, link.b) for link in links if link.relation is Relation.SAME}
    # And what people had to look at is shown to them.
    assert len(versions) == 5
    assert versions <= {(link.a, link.b) for link in links if link.relation is Relation.DOUBTFUL}


def test_every_rule_says_why_and_its_link_names_it() -> None:
    assert len({rule.name for rule in rules()}) == len(rules())
    (link,) = match([BASE, replace(BASE, id="b")])
    assert (link.a, link.b, link.score, link.coder, link.cut) == ("a", "b", 100.0, "", False)
    assert link.rule in {rule.name for rule in rules()}
    assert link.reason == "titles 100 % alike, 100 % of the authors in common, same year"


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_records_have_no_link(count: int) -> None:
    assert match([BASE] * count) == []


titles = st.sampled_from(
    [TITLE, TITLE.upper(), TITLE + " II", TITLE[:40], "Editorial", "Deep learning", "医学影像", "?"]
)
records = st.builds(
    Record,
    id=st.text("0123456789", min_size=3, max_size=3),
    search=st.just("s"),
    rank=st.just(1),
    title=titles,
    authors=st.lists(st.sampled_from([*AUTHORS, "Schlegl T", "et al.", "王伟"]), max_size=3).map(tuple),
    year=st.sampled_from([None, 2017, 2018, 2021]),
    pages=st.sampled_from(["", "1-9", "12"]),
    doi=st.sampled_from(["", "10.1000/x", "10.1000/y"]),
)


@given(st.lists(records, unique_by=lambda record: record.id, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_the_records_changes_nothing(found: list[Record], chance: random.Random) -> None:
    links = match(found)
    assert match(chance.sample(found, len(found))) == links
    assert all(link.a < link.b for link in links)
    assert [(link.a, link.b) for link in links] == sorted({(link.a, link.b) for link in links})
    assert all(link.relation is not Relation.DIFFERENT for link in links)


def test_the_order_changes_nothing_in_large_blocks_either() -> None:
    chance = random.Random(3)
    found = [
        replace(BASE, id=f"r{n:04}", title=chance.choice([TITLE, f"{TITLE} {n}"]), year=2000 + n % 3)
        for n in range(300)
    ]
    assert match(chance.sample(found, len(found))) == match(found)


@pytest.mark.parametrize("field", ["title", "doi", "authors"])
def test_five_thousand_records_that_share_a_field_are_not_all_compared(field: str) -> None:
    shared = {
        "title": lambda n: Record(f"r{n}", "s", 1, "Editorial", (f"A. Name{n}",), 2000 + n % 20),
        "doi": lambda n: Record(f"r{n}", "s", 1, f"Abstract {n} of {n * 7919}", (), 2020, doi="10.1000/x"),
        "authors": lambda n: Record(f"r{n}", "s", 1, f"{n * 7919} words on {n}", ("Y. Li", "J. Zhang"), 2020),
    }
    prepared = prepare(of_records(shared[field](n) for n in range(5_000)))
    left, right = candidates(prepared)
    assert 0 < len(left) <= 25 * len(prepared)
    assert (left < right).all()
