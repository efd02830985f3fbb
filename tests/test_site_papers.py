"""The page of papers: what is chosen, counted, found and taken is the same whoever asks, and no address is an error."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urljoin

import pytest
from conftest import Program
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA
from site_pages import Html, Site, site

from reviewdb import build, database, reading, text, touched
from reviewdb.review import Review
from reviewdb.site import about, catalogue, choosing, searching, spelling
from reviewdb.site.catalogue import Catalogue
from reviewdb.site.choosing import Code, Wanted
from reviewdb.site.keeping import Kept

LIST = "/review/papers"


@pytest.fixture(scope="module")
def mini(built: Review) -> Iterator[Site]:
    with site(built.database) as opened:
        yield opened


@pytest.fixture(scope="module")
def connection(built: Review) -> Iterator[sqlite3.Connection]:
    with closing(database.reader(built.database)) as opened:
        opened.row_factory = sqlite3.Row
        yield opened


@pytest.fixture(scope="module")
def known(connection: sqlite3.Connection) -> about.About:
    found = about._about(connection, "review")  # noqa: SLF001 - what `find` reads, without a Datasette
    assert found
    return found


def total(page: Html) -> int:
    return int(re.findall(r"<b>([\d,]+) papers?</b>", page.text)[0].replace(",", ""))


def titles(page: Html) -> list[str]:
    return re.findall(r"<h2><a href=\"/review/papers/([^\"]+)\"", page.text)


def by_datasette(mini: Site, asked: str) -> int:
    return int(mini.json(f"{LIST}.json?{asked}&_size=0")["filtered_table_rows_count"])


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        # Counted from the arrays in the columns of papers.
        ("_code=modality.mri", 20),
        ("modality__arraycontains=mri", 20),
        ("_code=modality.mri&_code=modality.ct", 22),
        ("_code=modality.mri&_code=modality_suggested.mri", 30),
        ("_code=modality.mri&_code=method.gan", 5),
        ("_code=modality.mri&_code=modality.ct&_code=method.autoencoder&_code=method.vae", 12),
        ("status=included", 39),
        ("status__in=included,pending", 117),
        ("status__not=included", 78),
        ("year=2019", 9),
        ("year__gte=2018&year__lte=2019", 16),
        ("year__gte=2018&year__lte=2019&_code=modality.mri&status=included", 9),
        ("id=2021-mini-review-001", 1),
        ("status=contested", 0),
    ],
)
def test_codes_of_a_facet_are_joined_by_or_and_all_else_by_and(mini: Site, asked: str, count: int) -> None:
    page = mini.html(f"{LIST}?{asked}")
    assert total(page) == count
    # The data of Datasette understand the same address, its tables too.
    assert by_datasette(mini, asked) == count
    assert mini.get(f"{LIST}?{asked}&_size=20").status == 200


def test_every_count_beside_the_list_is_what_it_says(mini: Site, known: about.About) -> None:
    asked = "_search=brain&_code=modality.mri&_code=modality.fundus&status=included&year__gte=2017"
    page = mini.html(f"{LIST}?{asked}")
    wanted = choosing.wanted(known, asked)
    assert wanted
    lines = re.findall(
        r'<a class="name" href="(papers\?[^"]*_code=[^"]*)"[^>]*>[^<]*</a>\s*<svg.*?<span class="n">(\d+)',
        page.text,
        re.DOTALL,
    )
    assert len(lines) > 20
    for link, number in lines:
        clicked = choosing.wanted(known, link.partition("?")[2].replace("&amp;", "&"))
        assert clicked
        (code,) = [one for one in (*clicked.codes, *wanted.codes) if (one in clicked.codes) != (one in wanted.codes)]
        others = [one for one in wanted.codes if one.question.id != code.question.id]
        alone = Wanted(wanted.search, (*others, code), wanted.statuses, wanted.first)
        assert total(mini.html(alone.address(LIST))) == int(number), code.name
        assert total(mini.html(urljoin(LIST, link.replace("&amp;", "&")))) >= 0


def test_groups_with_a_choice_say_that_their_numbers_are_not_those_of_the_list(mini: Site) -> None:
    asked = "_code=modality.mri.brain&_code=method.vae"
    page = mini.get(f"{LIST}?{asked}").text
    groups = {
        re.sub(r"<.*", "", heading): (classes, body)
        for classes, heading, body in re.findall(
            r'<section class="facet([^"]*)"><h2[^>]*>(.*?)</h2>(.*?)</section>', page, flags=re.DOTALL
        )
    }
    assert {heading.strip() for heading, (classes, _) in groups.items() if "chosen" in classes} == {
        "Imaging modality",
        "Method",
    }
    assert "Numbers count papers of this list" in page
    assert "What another code of the same group would add: codes of one group are joined by or, groups by and." in page
    assert "What another code" not in mini.get(LIST).text
    # Narrows: what stands there is in the list. Widens: what stands there has that code, whatever the choice.
    assert total(mini.html(f"{LIST}?{asked}&_code=cluster.table_4")) == 5
    assert re.search(r">Table IV: brain MRI</a>.*?<span class=\"n\">5</span>", groups["Cluster table"][1], re.DOTALL)
    others = total(mini.html(f"{LIST}?_code=method.gan&_code=modality.mri.brain"))
    assert re.search(
        rf">Generative adversarial network</a>.*?class=\"n\">{others}</span>", groups["Method"][1], re.DOTALL
    )


def test_a_facet_says_on_how_many_papers_people_coded_it(mini: Site) -> None:
    home = mini.get("/").text
    assert 'Supervision (coded) <span class="n">4 of 39 coded</span></h3>' in home
    assert 'Supervision (stated) <span class="n">0 of 39 coded</span></h3>' in home
    assert "As the paper words it; can be proposed from its text." in home
    assert re.search(r">Imaging modality</h3>", home)
    assert 'Supervision (coded) <span class="n">4 of 39 coded</span>' in mini.get(f"{LIST}?status=included").text
    drawn = mini.get("/?map=modality,supervision.coded").text
    assert "<b>Supervision (coded)</b>: 4 of 39 included papers coded. How much labelling" in drawn
    assert "<b>Imaging modality</b>:" not in drawn


@pytest.mark.parametrize("asked", ["pending,included", "included,pending", "included,included,pending"])
def test_statuses_have_one_address_whatever_was_chosen_first(known: about.About, asked: str) -> None:
    said = choosing.wanted(known, f"status__in={quote(asked)}")
    assert said is not None
    assert said.address("papers") == "papers?status__in=included,pending"
    assert said.with_status("contested").statuses == ("included", "contested", "pending")
    one = choosing.wanted(known, "status=pending")
    assert one is not None
    assert one.with_status("included").address("papers") == said.address("papers")


def test_a_chosen_code_leads_back(mini: Site) -> None:
    page = mini.html(f"{LIST}?_code=cluster.table_4&_search=brain")
    back = [a["href"] for a in page.all("a") if "choice" in a.get("class", "") or a.get("aria-current") == "true"]
    assert "papers?_search=brain" in back
    assert "papers?_code=cluster.table_4" in back


@pytest.mark.parametrize("typed", ["brain", "autoenc*", '"anomaly detection" mri -brain', "Schlegl", "unsupervised"])
def test_search_ranks_as_the_terminal_does(mini: Site, connection: sqlite3.Connection, typed: str) -> None:
    chosen = reading.selection(typed, {})
    ranked = [hit.id for hit in reading.search(connection, chosen)[0]]
    assert total(mini.html(f"{LIST}?_search={quote(typed)}")) == len(ranked)
    shown: list[str] = []
    for number in range(1, -(-len(ranked) // 20) + 1):
        shown += titles(mini.html(f"{LIST}?_search={quote(typed)}&_page={number}"))
    assert shown == ranked


def test_a_word_in_a_title_weighs_more_than_one_in_an_abstract(tmp_path: Any, built: Review) -> None:  # noqa: ANN401
    import shutil  # noqa: PLC0415

    from reviewdb import build  # noqa: PLC0415

    review = Review(tmp_path / "review")
    for part in ("data", "queries"):
        shutil.copytree(built.root / part, review.root / part)
    lines = [
        {"source": "scholar", "query": "x", "date": "2024-01-01"},
        {
            "id": "w-1",
            "title": "Something else",
            "abstract": "A wombat, seen once among many other words of no weight.",
        },
        {
            "id": "w-2",
            "title": "A wombat",
            "abstract": "Something else among many other words of no weight at all here.",
        },
    ]
    (review.root / "data/searches/w.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    build.refresh(review)
    with site(review.database) as opened:
        page = opened.html(f"{LIST}?_search=wombat")
        assert titles(page) == ["w-2", "w-1"]
        assert "A <mark>wombat</mark></bdi></a>" in page.text
        assert 'class="snippet"><bdi>A <mark>wombat</mark>, seen once' in page.text


def test_a_hit_says_where_its_words_stand(mini: Site) -> None:
    page = mini.html(f"{LIST}?_search=retinal+anomalies")
    assert "<mark>retinal</mark>" in page.text
    assert "<mark>Schlegl</mark>" in mini.html(f"{LIST}?_search=schlegl").text
    assert "in its codes:" in mini.html(f"{LIST}?_search=variational").text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("autoencdoer", "autoencoder"),
        ("anomoly detecton", "anomaly detection"),
        ("Schlegel", "schlegl"),
        ("brian mir", "brain mri"),
        ('"genrative adversarial" -brain', '"generative adversarial" -brain'),
        ("ouardini2019practica", "ouardini2019practical"),
        ("gna", "gan"),
        # A paper has "anomly", too: a slip of its own.
        ("retnal anomly", "retinal anomaly"),
        ("retnal anomly -brain", "retinal anomaly -brain"),
        ("retnal anom*", "retinal anom*"),
    ],
)
def test_a_typing_mistake_is_forgiven(mini: Site, typed: str, meant: str) -> None:
    page = mini.html(f"{LIST}?_search={quote(typed)}&year__gte=2016")
    assert "No paper matches" in page.text
    at = page.text.index("Did you mean")
    link = re.findall(r'href="([^"]+)"', page.text[at:])[0].replace("&amp;", "&")
    assert f"<bdi>{meant.replace(chr(34), '&#34;')}</bdi>" in page.text[at : at + 400]
    assert total(mini.html(urljoin(LIST, link))) > 0


EMPTY = (
    *("_search=zzzz", "_search=brain+zzzz&status=included", "_search=brain&_code=modality.oct", "status=contested"),
    *("_code=modality.mri.breast&year__gte=2030", "_search=pneumon", "_code=supervision_stated.unsupervised"),
)


def test_an_empty_result_offers_only_what_finds_something(mini: Site) -> None:
    for asked in EMPTY:
        page = mini.html(f"{LIST}?{asked}")
        empty = page.text[page.text.index('class="empty"') : page.text.index("<aside")]
        offers = re.findall(r'<a href="([^"]+)">.*?</a> <span class="n">([\d,]+)', empty)
        assert offers, asked
        for link, number in offers:
            assert total(mini.html(urljoin(LIST, link.replace("&amp;", "&")))) == int(number) > 0, (asked, link)
    assert "papers?_search=pneumon%2A" in mini.html(f"{LIST}?_search=pneumon").links()


@given(st.text(max_size=60) | st.from_regex(r'[a-z"*():^+\-. \\]{0,30}(AND|OR|NOT|NEAR/3|\{title\}:)?[a-z"*()-]{0,9}'))
def test_nothing_that_is_typed_is_an_error(mini: Site, typed: str) -> None:
    answer = mini.get(f"{LIST}?_search={quote(typed, errors='replace')}")
    assert answer.status == 200
    assert "fts5" not in answer.text
    assert "<h1>Papers</h1>" in answer.text


NAMES = [
    "_search",
    "_code",
    "status",
    "status__in",
    "year",
    "year__gte",
    "year__lte",
    "_sort",
    "_sort_desc",
    "_page",
    "id",
]
VALUES = st.sampled_from(
    ["modality.mri", "included", "included,pending", "2019", "99999", "-1", "title", "year", "²", "x.y"]
)


@given(st.lists(st.tuples(st.sampled_from(NAMES), VALUES | st.text(max_size=8)), max_size=5))
def test_no_address_is_a_failure_and_each_is_said_again_the_same(
    mini: Site, known: about.About, pairs: list[tuple[str, str]]
) -> None:
    asked = "&".join(f"{name}={quote(value, errors='replace')}" for name, value in pairs)
    wanted = choosing.wanted(known, asked)
    assert mini.get(f"{LIST}?{asked}").status in ((200,) if wanted else (200, 400))
    if wanted:
        again = choosing.wanted(known, wanted.address("papers").partition("?")[2])
        assert again == replace(wanted, unknown=())


def test_pages_are_numbered_and_one_too_far_is_the_last(mini: Site) -> None:
    every = [id_ for number in range(1, 7) for id_ in titles(mini.html(f"{LIST}?_page={number}"))]
    assert len(every) == len(set(every)) == 117
    assert titles(mini.html(f"{LIST}?_page=99")) == every[100:]
    middle = mini.html(f"{LIST}?_page=3")
    assert {"papers", "papers?_page=2", "papers?_page=4", "papers?_page=6"} <= set(middle.links())
    assert [ordered["start"] for ordered in middle.all("ol") if "start" in ordered] == ["41"]


@pytest.mark.parametrize(
    ("order", "column", "descending"),
    [("_sort_desc=year", "year", True), ("_sort=year", "year", False), ("_sort=title", "title", False)],
)
def test_each_order_is_what_it_says(
    mini: Site, connection: sqlite3.Connection, order: str, column: str, descending: bool
) -> None:
    taken = mini.json(f"/-/review/review/papers.json?{order}")
    values = [row[column].casefold() if column == "title" else row[column] for row in taken]
    assert values == sorted(values, reverse=descending)
    assert len(values) == connection.execute("SELECT count(*) FROM papers").fetchone()[0]
    assert titles(mini.html(f"{LIST}?{order}")) == [row["id"] for row in taken[:20]]


@pytest.mark.parametrize(
    ("kind", "ending", "pattern"),
    [
        ("bibtex", "bib", r"^@\w+\{(\w+),$"),
        ("ris", "ris", r"^ID  - (\w+)$"),
        ("csl-json", "csl.json", r'^    "id": "(\w+)",$'),
        ("latex", "tex", r"^\\cite\{(\w+)\} & .* \\\\$"),
    ],
)
def test_the_selection_is_taken_as_references(mini: Site, kind: str, ending: str, pattern: str) -> None:
    asked = "_search=brain&_code=modality.mri"
    assert f"/-/review/review/papers.{kind}?{asked}" in mini.html(f"{LIST}?{asked}").links()
    answer = mini.get(f"/-/review/review/papers.{kind}?{asked}")
    assert answer.headers["content-disposition"] == f'attachment; filename="papers.{ending}"'
    keys = re.findall(pattern, answer.text, re.MULTILINE)
    assert keys == [row["key"] for row in mini.json(f"/-/review/review/papers.json?{asked}")]
    assert len(keys) == total(mini.html(f"{LIST}?{asked}")) > 10


def test_what_is_taken_is_what_the_terminal_exports(mini: Site, connection: sqlite3.Connection) -> None:
    exported = reading.papers(connection, reading.selection("", {"modality": ["mri"]}))
    rows = list(
        csv.DictReader(io.StringIO(mini.get("/-/review/review/papers.csv?_code=modality.mri&_sort=title").text))
    )
    assert [*rows[0]] == list(exported.columns)
    assert {row["id"] for row in rows} == {row[0] for row in exported.rows}
    as_json = json.loads(reading.papers_as_json(exported, connection))
    taken = mini.json("/-/review/review/papers.json?_code=modality.mri")
    assert sorted(taken, key=lambda row: row["id"]) == as_json


def test_nothing_is_taken_from_a_database_that_is_no_review_or_in_no_format(mini: Site) -> None:
    assert mini.get("/-/review/nothing/papers.bibtex").status == 404
    assert mini.get("/-/review/review/papers.docx").status == 404
    assert mini.get("/-/review/review/papers.bibtex?doi__contains=10").status == 400
    assert mini.get("/-/review/review/papers.ris?_search=zzzz").text == ""


@given(st.lists(st.integers(0, 199), unique=True, max_size=50), st.permutations(range(200)))
def test_a_set_of_papers_keeps_what_is_in_it(places: list[int], order: list[int]) -> None:
    of = Catalogue([str(n) for n in range(200)], {}, (1 << 200) - 1, {}, {}, {}, {}, {})
    papers = of.set_of(places)
    assert papers.bit_count() == len(places)
    assert list(catalogue.inside(papers, order, 200)) == [place for place in order if place in places]


def test_the_catalogue_is_read_again_only_when_the_database_has_changed(connection: sqlite3.Connection) -> None:
    kept = Kept()
    assert catalogue.of(connection, kept) is catalogue.of(connection, kept)
    with closing(sqlite3.connect(":memory:")) as changed:
        connection.backup(changed)
        changed.row_factory = sqlite3.Row
        before = catalogue.of(changed, kept)
        (paper,) = changed.execute("SELECT id FROM papers LIMIT 1").fetchone()
        touched.replace(changed, paper, {"status": "excluded"})
        updated = catalogue.of(changed, kept)
        assert updated is not before
        touched.begin_anew(changed)
        assert catalogue.of(changed, kept) is not updated


def test_what_a_search_found_is_kept_until_a_word_changes(connection: sqlite3.Connection) -> None:
    kept, found = Kept(), list[str]()
    with closing(sqlite3.connect(":memory:")) as changed:
        connection.backup(changed)
        (paper,) = changed.execute("SELECT id FROM papers LIMIT 1").fetchone()
        for values in ({}, {"status": "excluded"}, {"terms": "quagga"}, {"terms": "quagga"}):
            touched.replace(changed, paper, {"status": "pending", **values})
            kept.words.value(changed, "zebra", lambda: found.append("asked"))
            sql = "SELECT count(*) FROM paper_search WHERE paper_search MATCH 'quagga'"
            assert changed.execute(sql).fetchone() == (int("terms" in values),)
    assert len(found) == 2


def test_marks_are_only_where_a_word_was_found_whatever_the_text_holds() -> None:
    assert searching.in_markup("a < \x02b\x03 c", 100) == "a &lt; <mark>b</mark> c"
    assert searching.in_markup("\x03a\x02b", 100) == "a<mark>b</mark>"
    assert searching.in_markup("<b>" + "x" * 50, 5) == "&lt;b&gt;xx…"


def test_the_words_that_are_asked_for_are_found_where_they_stand() -> None:
    typed = 'brain -mri "Møller f-AnoGAN" auto* -"not this"'
    words = text.wanted_words(typed)
    assert [typed[word.start : word.end] for word in words] == ["brain", "Møller", "f", "AnoGAN", "auto"]


def test_a_name_of_a_code_is_read_whatever_marks_it_has(known: about.About) -> None:
    modality = known.questions["modality"]
    wanted = choosing.wanted(known, "_code=modality.mri.brain&_code=modality_suggested.mri&_code=nothing.x")
    assert wanted
    assert wanted.codes == (Code(modality, "mri.brain"), Code(modality, "mri", "suggested"))


def test_papers_are_ordered_by_citations_only_where_some_are_counted(mini: Site, ready: Review) -> None:
    assert "most cited" not in mini.get(LIST).text
    with closing(sqlite3.connect(ready.database)) as connection, connection:
        connection.execute("UPDATE papers SET citations = 7 WHERE key = 'baur2018deep'")
    with site(ready.database) as counted:
        assert "most cited" in counted.get(LIST).text
        (cited,) = counted.json("/review.json?sql=select+id+from+papers+where+citations+not+null&_shape=arrayfirst")
        assert titles(counted.html(f"{LIST}?_sort_desc=citations"))[0] == cited


def test_a_word_that_a_decision_brought_is_offered_too(example: Review) -> None:
    build.refresh(example)
    with site(example.database) as opened:
        assert "Did you mean" not in opened.html(f"{LIST}?_search=wombqt").text
        line = {
            "at": "2026-11-01T00:00:00Z",
            "record": "2025-cited-by-015",
            "question": "aim",
            "answer": "find wombats",
        }
        (example.root / "data/decisions/cyd.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
        assert build.refresh(example) == "updated"
        page = opened.html(f"{LIST}?_search=wombqt")
        assert "<bdi>wombats</bdi>" in page.text[page.text.index("Did you mean") :]


def test_a_search_without_a_word_finds_all_other_papers(mini: Site) -> None:
    def found(typed: str) -> int:
        number: int = mini.json(f"/review/papers.json?_search={typed}&_size=0")["filtered_table_rows_count"]
        said = f"<b>{number} papers</b>" in mini.html(f"/review/papers?_search={typed}").text
        assert said, typed
        return number

    assert found("brain") + found("-brain") == 117
    assert found("-brain+-retina") < found("-brain")
    page = mini.html("/review/papers?_search=-brain").text
    assert "<mark>" not in page
    # They all match as well, so they stand as they do for those who search for nothing.
    years = [int(year) for year in re.findall(r"<span>(20\d\d)</span>", page)]
    assert years == sorted(years, reverse=True)
    assert len(years) > 10


def test_what_matches_equally_well_stands_in_the_order_of_ids(ready: Review, program: Program) -> None:
    hits = [
        {"id": id_, "title": "Zyzzyva sonography", "authors": [f"A. {family}"], "year": year}
        for id_, family, year in (("aa-1", "Cain", 1991), ("zz-1", "Abel", 1981), ("zz-2", "Seth", 1971))
    ]
    header = {"source": "made", "query": "q", "date": "2026-01-01"}
    lines = "".join(json.dumps(line) + "\n" for line in (header, *hits))
    (ready.root / "data" / "searches" / "made.jsonl").write_text(lines, encoding="utf-8")
    build.refresh(ready)
    for arguments in (("same", "aa-1", "zz-2"), ("--undo", "aa-1", "zz-2")):
        # A paper that is made again by an update comes to stand in the last row.
        assert program("dedupe", *arguments, "--coder", "ana", folder=ready.root).returncode == 0
        assert build.refresh(ready) in ("current", "updated")
    with closing(database.reader(ready.database)) as connection:
        rows = connection.execute("SELECT id FROM papers WHERE title LIKE 'Zyzzyva%' ORDER BY rowid")
        assert [id_ for (id_,) in rows] != ["aa-1", "zz-1", "zz-2"]
    with site(ready.database) as opened:
        assert titles(opened.html(f"{LIST}?_search=zyzzyva")) == ["aa-1", "zz-1", "zz-2"]


def test_a_code_that_the_review_has_not_is_told(mini: Site) -> None:
    page = mini.html(f"{LIST}?_code=method.nosuch&_code=modality.mri").text
    assert "This review has no code <code>method.nosuch</code>, which the address asks for" in page
    assert "This review has no code" not in mini.html(f"{LIST}?_code=modality.mri").text


@pytest.mark.parametrize(("short", "code"), [("GAN", "gan"), ("vae", "vae"), ("SVM", "svm"), ("oct", "oct")])
def test_an_abbreviation_finds_what_is_coded_so(short: str, code: str, mini: Site, known: about.About) -> None:
    question = next(question for question in known.facets if code in question.codes)
    coded = total(mini.html(f"{LIST}?_code={question.column}.{code}"))
    assert coded > 1
    assert total(mini.html(f"{LIST}?_search={short}&_code={question.column}.{code}")) == coded


def test_a_selection_is_shown_as_a_table_without_facets_which_the_list_has(mini: Site) -> None:
    listed = mini.html(f"{LIST}?status=included")
    link = next(link for link in listed.links() if "_size=" in link)
    shown = mini.html(urljoin(LIST, link))
    assert len(shown.cells) == 1 + 25
    assert "39 rows" in shown.text
    # Facets over arrays take seconds where papers are many.
    assert 'class="facet"' in listed.text
    assert 'class="facet"' not in shown.text


terms = st.dictionaries(st.text("abc", min_size=1, max_size=4), st.integers(1, 9), max_size=20)


@given(terms, terms)
def test_a_vocabulary_with_more_terms_is_the_one_of_all_terms(before: dict[str, int], new: dict[str, int]) -> None:
    more = {term: papers for term, papers in new.items() if term not in before} or {"new": 1}
    assert spelling.Vocabulary.of(before).with_more(more) == spelling.Vocabulary.of({**before, **more})


@given(terms, st.text("abc", min_size=1, max_size=4), st.integers(1, 2), st.integers(0, 9))
def test_terms_within_reach_are_those_near_enough_and_frequent_enough(
    papers_with: dict[str, int], word: str, wrong: int, least: int
) -> None:
    known = spelling.Vocabulary.of(papers_with)
    found = [term for length in range(1, 5) for _, _, term in known.within(wrong, word, "", length, least)]
    near = {term for term, papers in papers_with.items() if papers >= least and OSA.distance(word, term) <= wrong}
    assert sorted(found) == sorted(near)
