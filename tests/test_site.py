"""The site: every page answers, agrees with the terminal, follows the text, and is harmless whatever a record says."""

from __future__ import annotations

import csv
import io
import json
import logging
import random
import re
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urljoin

import pytest
from conftest import ROOT, Program
from datasette.app import Datasette
from site_pages import PAGES, Html, Server, Site, served, site

from reviewdb import build, database, query, scaffold, tables
from reviewdb.review import Review
from reviewdb.site import home, links, names, paper
from reviewdb.site.watching import Watcher

HOSTILE_TITLE = "<script>alert(1)</script> \u202ebidi \"quoted\" 'title' & <img src=x onerror=alert(2)>"


@pytest.fixture(scope="module")
def mini(built: Review) -> Iterator[Site]:
    with site(built.database) as opened:
        yield opened


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, built: Review) -> Iterator[Site]:
    """Return the site of the mini-review with one more search, whose records mean harm."""
    review = Review(tmp_path_factory.mktemp("hostile"))
    for part in ("data", "queries"):
        shutil.copytree(built.root / part, review.root / part)
    records = [
        {
            "id": "evil-1",
            "rank": 1,
            "title": HOSTILE_TITLE,
            "authors": ["<b>Mallory</b>", "O'Brien"],
            "year": 2020,
            "venue": "<iframe>",
            "url": "javascript:alert(3)",
            "abstract": "Unsupervised <script>alert(4)</script> brain MRI by an autoencoder.",
            "doi": '10.1000/"><script>',
        },
        {"id": "evil-2", "rank": 2, "title": "word " * 200_000, "authors": ["A"] * 3000, "year": 2021},
        {"id": "evil-3", "rank": 3, "title": "Fine", "url": "https://example.org/fine", "year": 2021},
    ]
    header = {"source": "scholar", "query": "<script>alert(5)</script>", "date": "2024-01-01"}
    text = "\n".join(json.dumps(entry) for entry in (header, *records)) + "\n"
    (review.root / "data/searches/evil.jsonl").write_text(text, encoding="utf-8")
    build.refresh(review)
    with site(review.database) as opened:
        yield opened


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory, built: Review) -> Iterator[Site]:
    """Return the site of the mini-review with 1,200 more papers, and a cross table of all."""
    review = Review(tmp_path_factory.mktemp("many"))
    for part in ("data", "queries"):
        shutil.copytree(built.root / part, review.root / part)
    chance = random.Random(1)
    lines = [json.dumps({"source": "scholar", "query": "made", "date": "2024-01-01"})]
    for n in range(1200):
        words = ["".join(chance.choices("bcdfghjklmnprstvz", k=9)) for _ in range(6)]
        year = chance.choice([None, 2019, 2020, 2021])
        lines.append(json.dumps({"id": f"made-{n}", "rank": n + 1, "title": f"Quokka {' '.join(words)}", "year": year}))
    (review.root / "data/searches/made.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    asked = "-- title: Long\n-- across: status\nSELECT key AS paper, status, 1 AS n FROM papers\n"
    (review.root / "queries/long.sql").write_text(asked, encoding="utf-8")
    build.refresh(review)
    with site(review.database) as opened:
        yield opened


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, built: Review) -> Iterator[tuple[Server, Review]]:
    review = Review(tmp_path_factory.mktemp("served"))
    for part in ("data", "queries"):
        shutil.copytree(built.root / part, review.root / part)
    with served(review) as running:
        yield running, review


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_whole_and_loads_nothing_from_elsewhere(mini: Site, path: str) -> None:
    page = mini.html(path)
    assert page.all("html") == [{"lang": "en"}]
    assert [tag for tag, _ in page.elements if tag in ("main", "header", "footer", "h1")].count("h1") == 1
    assert all(address.startswith("/") and not address.startswith("//") for address in page.loaded())
    assert not page.all("script")
    assert not [attributes for _, attributes in page.elements if "style" in attributes]
    assert len(page.text.encode()) < 60_000
    assert all(cell.get("scope") in ("col", "row") for cell in page.all("th"))


@pytest.mark.parametrize("name", [f"table-{n}" for n in range(1, 6)] + ["headline-figures", "search-yield"])
def test_a_table_shows_what_the_terminal_prints(mini: Site, built: Review, name: str) -> None:
    with closing(database.reader(built.database)) as connection:
        printed = tables.run(connection, name)
    shown = mini.html(f"/review/{name}").cells
    assert shown[0] == [column.replace("_", " ") for column in printed.columns]
    assert shown[1:] == [["" if cell is None else str(cell) for cell in row] for row in printed.rows]
    assert mini.json(f"/review/{name}.json?_shape=array") == json.loads(tables.as_json(printed))


@pytest.mark.parametrize("name", ["modality-by-method", "modality-by-supervision"])
def test_a_cross_table_is_crossed_for_reading_and_long_for_programs(mini: Site, built: Review, name: str) -> None:
    with closing(database.reader(built.database)) as connection:
        printed = tables.run(connection, name)
    crossed = tables.crossed(printed)
    shown = mini.html(f"/review/{name}").cells
    assert shown[0][1:] == [column.replace("_", " ") for column in crossed.columns[1:]]
    assert shown[1:] == [["" if cell is None else str(cell) for cell in row] for row in crossed.rows]
    assert len(mini.json(f"/review/{name}.json?_shape=array")) == len(printed.rows)


def test_a_table_names_papers_as_readers_know_them(mini: Site) -> None:
    page = mini.html("/review/table-1").text
    named = re.findall(
        r'<span class="named"><a href="/paper/([^"]+)">(.*?)</a></span><code class="citekey">(.*?)</code></div>', page
    )
    assert len(named) == 5
    assert all(link == key for link, _, key in named)
    title = "Towards practical unsupervised anomaly detection on retinal images"
    assert named[0][1] == f'<bdi>Ouardini et al. 2019</bdi> <bdi class="title">{title}</bdi>'
    # A table that has titles itself names its papers by these.
    assert '<span class="named">' not in mini.html("/review/unconfirmed-suggestions").text


@pytest.mark.parametrize(
    ("authors", "year", "said"),
    [
        ("K. Ouardini; H. Yang; et al.", 2019, "Ouardini et al. 2019"),
        ("Schlegl, Thomas; Seeböck, Philipp", 2017, "Schlegl and Seeböck 2017"),
        ("T. Schlegl; et al.", 2017, "Schlegl et al. 2017"),
        ("Koen van Hespen", None, "van Hespen"),
        ("Zhou K; Gao S", 2020, "Zhou and Gao 2020"),
        ("", 2020, "Anonymous 2020"),
    ],
)
def test_authors_are_named_as_a_text_names_them(authors: str, year: int | None, said: str) -> None:
    assert names.in_text(authors, year) == said


def test_home_has_the_tables_of_readers_first_and_the_lists_of_coders_apart(mini: Site) -> None:
    home = mini.html("/")
    tables = home.text.partition('id="tables"')[2].partition("</section>")[0]
    listed = [link.removeprefix("/review/") for link in Html(tables).links()]
    assert listed[:5] == [f"table-{n}" for n in range(1, 6)]
    assert [name for name in listed if name.startswith("modality-by-")] == listed[6:9]
    assert listed[-1] == "/worklists"
    assert not {"conflicts", "doubtful-pairs", "unconfirmed-suggestions"} & set(listed)
    page = mini.html("/worklists")
    assert "/review/unconfirmed-suggestions" in page.links()
    assert 'Conflicts</a> <span class="n">empty</span>' in page.text
    assert 'Unconfirmed suggestions</a> <span class="n">' not in page.text
    # Those with something in them come first.
    assert page.text.index("Unconfirmed suggestions") < page.text.index("Conflicts")


def test_tables_of_readers_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    review = Review(tmp_path / "many")
    scaffold.init(review.root, example=False)
    for n in (2, 10, 1):
        text = f"-- title: Table {n}\n-- for: readers\nSELECT {n} AS n"
        (review.root / "queries" / f"table-{n}.sql").write_text(text, encoding="utf-8")
    (review.root / "queries" / "open.sql").write_text("-- title: Open\n-- for: coders\nSELECT 1 AS n", encoding="utf-8")
    build.refresh(review)
    with site(review.database) as opened:
        links = opened.html("/").links()
        assert [link for link in links if "/review/table-" in link] == [f"/review/table-{n}" for n in (1, 2, 10)]
        assert "/review/open" not in links
        assert "/review/open" in opened.html("/worklists").links()


def test_no_description_that_readers_see_talks_of_commands() -> None:
    for path in sorted((ROOT / "queries").glob("*.sql")):
        read, _ = query.parse(path.read_text(encoding="utf-8"), path.stem, path.name)
        assert read is not None
        assert "reviewdb " not in read.description, path.name


def test_keys_lead_to_papers(mini: Site) -> None:
    keys = [link for link in mini.html("/review/table-1").links() if link.startswith("/paper/")]
    assert len(keys) == 5
    answer = mini.get(keys[0])
    assert answer.status == 302
    assert mini.html(answer.headers["location"]).all("article")
    assert mini.get("/paper/2021-mini-review-001").status == 302


def test_an_unknown_key_is_a_page_that_helps(mini: Site, capfd: pytest.CaptureFixture[str]) -> None:
    answer = mini.get("/paper/ouardini2019practica")
    assert answer.status == 404
    assert "Did you mean ouardini2019practical?" in answer.text
    assert Html(answer.text).all("html") == [{"lang": "en"}]
    for path in ("/paper/zzz", "/nothing", "/review/nothing", "/review/papers/nothing", "/nothing.json"):
        assert mini.get(path).status == 404
    # Datasette itself would print a trace with all variables for each of them.
    assert "Traceback" not in "".join(capfd.readouterr())


def test_facets_count_what_a_click_shows(mini: Site) -> None:
    home = mini.html("/")
    wanted = [link for link in home.links() if "__arraycontains=" in link]
    assert len(wanted) > 20
    for link in wanted[::7]:
        assert mini.json(link.replace("/papers?", "/papers.json?") + "&_size=0")["filtered_table_rows_count"] > 0
    page = mini.html("/review/papers?cluster__arraycontains=table_4")
    assert "<b>16 papers</b>" in page.text
    assert "<bdi>Table IV: brain MRI</bdi>" in page.text
    assert "/review/papers" in page.links()


def test_facets_of_a_later_page_count_the_whole_selection(mini: Site) -> None:
    first = mini.html("/review/papers?status=included")
    later = next(link for link in first.links() if "_page=" in link)
    second = mini.html(urljoin("/review/papers", later))
    lines = [page.text[page.text.index("<aside") : page.text.index("</aside")] for page in (first, second)]
    assert lines[0] == lines[1]
    assert "39 papers" in second.text


def test_what_a_record_says_otherwise_than_its_paper_and_who_ruled_otherwise_are_shown(
    tmp_path: Path, built: Review
) -> None:
    review = Review(tmp_path)
    for part in ("data", "queries"):
        shutil.copytree(built.root / part, review.root / part)
    header = {"source": "scholar", "query": "made", "date": "2024-01-01"}
    one = {
        "id": "made-1",
        "rank": 1,
        "title": "Quokkas at rest",
        "authors": ["A. One"],
        "year": 2020,
        "doi": "10.1000/x",
    }
    other = {"id": "made-2", "rank": 2, "title": HOSTILE_TITLE, "authors": ["a ONE."], "year": 2019, "venue": "Zoo"}
    third = {"id": "made-3", "rank": 3, "title": "Quokkas at work"}
    lines = "".join(json.dumps(line) + "\n" for line in (header, one, other, third))
    review.search_file("made").write_text(lines, encoding="utf-8")
    for coder, ends, relation in (
        ("ana", ("made-1", "made-2"), "same"),
        ("ana", ("made-1", "made-3"), "same"),
        ("ben", ("made-1", "made-3"), "different"),
    ):
        ruling = {"at": "2026-11-01T00:00:00Z", "a": ends[0], "b": ends[1], "relation": relation}
        with review.rulings_of(coder).open("a", encoding="utf-8") as handle:
            handle.write(json.dumps(ruling) + "\n")
    build.refresh(review)
    with site(review.database) as opened:
        page = opened.html("/review/papers/made-1")
    shown = page.text[page.text.index('<dl class="otherwise">') :]
    assert page.text.count('<dl class="otherwise">') == 1
    assert re.findall(r"<dt>(.*?)</dt>", shown[: shown.index("</dl>")]) == ["other title", "other year"]
    assert "<dt>other title</dt><dd><bdi>&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert not page.all("script")
    assert "<dt>other year</dt><dd><bdi>2019</bdi>" in shown
    assert "ben: ruled different by ben; ana ruled same" in shown


def test_coded_and_suggested_are_told_apart_in_words_too(mini: Site) -> None:
    text = mini.html("/review/papers/2021-mini-review-001").text
    assert '<span class="hidden"> (suggested)</span>' in text
    assert "They count nowhere until a person confirms them" in text
    assert "mini-review</b>, <time" in text
    assert "terms" not in [cell for row in mini.html("/review/papers").cells for cell in row]


@pytest.mark.parametrize(
    "typed",
    ['"', "*", "AND (", "\x00", "a\x00b", "x" * 20_000, "😀", " ", "-", "NEAR(", "title:x", "'; DROP TABLE", "%"],
)
@pytest.mark.parametrize("parameter", ["_search", "_search_title"])
def test_no_search_is_an_error(mini: Site, typed: str, parameter: str) -> None:
    answer = mini.get(f"/review/papers?{parameter}={quote(typed)}")
    assert answer.status == 200
    assert "fts5" not in answer.text


@pytest.mark.parametrize("blank", ["", "+", "%20%09", "%C2%A0"])
def test_a_search_for_nothing_finds_every_paper(built: Review, blank: str) -> None:
    with site(Datasette([str(built.database)])) as plain:
        assert "<b>117 papers</b>" in plain.html(f"/review/papers?_search={blank}").text
        kept = plain.html(f"/review/papers?_search={blank}&status=included&modality__arraycontains=mri")
        assert "_code=modality.mri" in kept.text
        assert "No paper matches" not in kept.text
        assert plain.json(f"/review/papers.json?_search={blank}&_size=0")["filtered_table_rows_count"] == 117


def test_search_is_that_of_the_terminal(mini: Site) -> None:
    def found(query: str) -> int:
        answer = mini.json(f"/review/papers.json?_size=0&_search={quote(query)}")
        return int(answer["filtered_table_rows_count"])

    assert found("autoenc*") >= found("autoencoder") > 0
    assert found("brain -mri") < found("brain")
    assert "see all papers" in mini.html("/review/papers?_search=zzzz").text.lower()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/review/papers?_search=AND+(&_searchmode=raw", 400),
        ("/review/papers?_next=%00", 200),
        ("/review/papers?_sort=nothing", 400),
        ("/review/papers?nothing__exact=1", 200),
        ("/review/papers?_size=abc", 400),
        ("/review/papers?_timelimit=abc", 400),
        ("/review?sql=select+nonsense", 400),
        ("/review?sql=select+*+from+records;drop+table+records", 400),
        ("/review?sql=delete+from+records", 400),
        ("/review?sql=pragma+journal_mode%3Ddelete", 400),
    ],
)
def test_a_bad_address_is_told_and_writing_is_refused(mini: Site, path: str, status: int) -> None:
    answer = mini.get(path)
    assert answer.status == status
    assert "fts5" not in answer.text
    assert Html(answer.text).all("html") == [{"lang": "en"}]
    assert mini.json("/review/records.json?_size=0")["filtered_table_rows_count"] == 117


def test_the_database_is_opened_read_only(mini: Site) -> None:
    served = mini.datasette.get_database("review")
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        served.connect(write=True)
    with closing(served.connect()) as connection, pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM papers")
    assert mini.get("/review/papers", "post").status == 405


def test_a_long_query_is_stopped(mini: Site) -> None:
    forever = "with recursive n(i) as (select 1 union all select i+1 from n) select count(*) from n"
    answer = mini.get(f"/review?sql={quote(forever)}")
    assert answer.status == 400
    assert "took too long" in answer.text


def test_the_whole_database_can_be_taken(mini: Site, tmp_path: Path) -> None:
    async def content() -> bytes:
        response = await mini.datasette.client.get("/-/review.db")
        return bytes(response.content)

    taken = tmp_path / "taken.db"
    taken.write_bytes(mini._loop.run_until_complete(content()))  # noqa: SLF001 - our own helper
    with closing(sqlite3.connect(taken)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM papers").fetchone() == (117,)


def test_more_papers_than_a_page_can_be_taken_whole(many: Site) -> None:
    for chosen, count in (("", 1317), ("?_search=quokka&_sort=title&_page=3", 1200)):
        page = many.html(f"/review/papers{chosen}")
        assert f"<b>{count:,} papers</b>" in page.text
        as_csv, as_json = (
            many.get(next(link for link in page.links() if f"/papers.{kind}" in link)) for kind in ("csv", "json")
        )
        assert len(list(csv.DictReader(io.StringIO(as_csv.text)))) == count
        assert "attachment" in as_csv.headers["content-disposition"]
        rows = json.loads(as_json.text)
        assert len({row["id"] for row in rows}) == len(rows) == count
    page = many.html("/review/records?_sort=title")
    taken = [link for link in page.links() if "/records." in link]
    assert len(list(csv.reader(io.StringIO(many.get(taken[0]).text)))) == 1 + 1317
    assert len(many.json(taken[1])) == 1317
    assert many.json("/-/review/review/tables/papers.json?year=1066") == []
    assert many.get("/-/review/review/tables/papers.json?year__nothing=x&_search=(&_searchmode=raw").status == 400
    assert many.get("/-/review/review/tables/nothing.json").status == 404
    assert many.get("/-/review/nothing/tables/papers.json").status == 404


def test_a_long_query_is_taken_whole_and_never_crossed_from_a_part(many: Site) -> None:
    page = many.html("/review/long")
    assert "More than 1,000 rows" in page.text
    assert "as a cross table of a part would mislead" in page.text
    assert page.cells[0] == ["paper", "status", "n"]
    assert 'class="reading crossed"' not in page.text
    taken = [link for link in page.links() if "/long." in link]
    as_csv = many.get(taken[0])
    assert len(list(csv.DictReader(io.StringIO(as_csv.text)))) == 1317
    assert "attachment" in as_csv.headers["content-disposition"]
    assert len(many.json(taken[1])) == 1317
    assert many.get("/-/review/review/queries/nothing.csv").status == 404
    asked = many.html("/review?sql=select+id+from+papers")
    assert "CSV and JSON hold no more" in asked.text
    assert any("_dl=1" in link for link in asked.links() if ".csv" in link)


@pytest.mark.parametrize("sql", ["select file from pragma_database_list", "select * from pragma_database_list()"])
def test_no_query_tells_where_the_database_lies(mini: Site, built: Review, sql: str) -> None:
    assert str(built.root) not in mini.get(f"/review?sql={quote(sql)}").text
    assert str(built.root) not in mini.get(f"/review.json?sql={quote(sql)}").text


def test_no_query_makes_a_value_that_fills_the_memory(mini: Site) -> None:
    answer = mini.get("/review?sql=select+length(randomblob(900000000))")
    assert answer.status == 400
    assert "too big" in answer.text


@pytest.mark.parametrize(
    "sql", ["selec <b> from papers", "select nonsense", "with recursive n(i) as (select 1 union all select i+1 from n)"]
)
def test_sql_that_fails_can_be_mended(mini: Site, sql: str) -> None:
    sql = f"{sql} select count(*) from n" if sql.startswith("with") else sql
    answer = mini.get(f"/review?sql={quote(sql)}&name=O'Brien")
    assert answer.status == 400
    assert Html(answer.text).all("textarea")
    assert sql.replace("<", "&lt;").replace(">", "&gt;") in answer.text
    if sql.startswith("selec "):
        assert "O&#39;Brien" in answer.text


def test_a_raw_row_is_for_people_too(mini: Site) -> None:
    page = mini.html("/review/records/2021-mini-review-003")
    assert "https://doi.org/10.1016/j.media.2019.01.010" in page.links()
    assert "<dt>cut</dt>" not in page.text
    searched = mini.html("/review/searches/2025-cited-by").text
    assert "<dd><bdi>paper: arXiv:2108.11986; dated: taken in; note: " in searched


@pytest.mark.parametrize("path", ["/nothing", "/review/nothing", "/review/papers/nothing", "/nothing/at/all"])
def test_an_unknown_address_is_told_in_plain_words(mini: Site, path: str) -> None:
    answer = mini.get(path)
    assert answer.status == 404
    assert "There is no such page here." in answer.text
    assert "not found:" not in answer.text.lower()
    assert "Database not found" not in answer.text
    assert {"/", "/review/papers", "/#tables"} <= set(Html(answer.text).links())


@pytest.mark.parametrize("fault", [ValueError, sqlite3.OperationalError, KeyError])
def test_a_bug_of_ours_is_not_the_reader_s_typo(
    built: Review, fault: type[Exception], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise fault("our own\nmistake")

    monkeypatch.setattr(home, "_bars", fail)
    monkeypatch.setattr(logging.getLogger("reviewdb.site"), "propagate", True)
    with site(built.database) as broken:
        answer = broken.get("/")
        assert answer.status == 500
        assert "It has been noted" in answer.text
        assert "mistake" not in answer.text
        noted = [record.getMessage() for record in caplog.records if record.name == "reviewdb.site"]
        assert len(noted) == 1
        assert noted[0].startswith(f"/ failed: {fault.__name__}: ")
        assert "line " in noted[0]
        assert "home.py" in noted[0]
        assert "\n" not in noted[0]
        caplog.clear()
        assert broken.get("/review/papers?_size=1&_next=a,b&_timelimit=x").status == 400
        assert not [record for record in caplog.records if record.name == "reviewdb.site"]


def test_home_tells_of_conflicts_where_there_are_any(example: Review, mini: Site) -> None:
    assert "/review/conflicts" not in Html(mini.get("/").text.partition('id="tables"')[0]).links()
    for coder, answer in (("ana", "gan"), ("bo", "pca")):
        said = {"at": "2024-01-01T00:00:00Z", "record": "2025-cited-by-006", "question": "method", "answer": [answer]}
        example.decisions_of(coder).write_text(json.dumps({**said, "why": "a look"}) + "\n", encoding="utf-8")
    build.refresh(example)
    with site(example.database) as torn:
        above = torn.get("/").text.partition('id="tables"')[0]
        assert "1 question about a paper has conflicting answers" in above
        assert "/review/conflicts" in Html(above).links()
        assert len(torn.html("/review/conflicts").cells) == 3
    (example.root / "queries/conflicts.sql").unlink()
    build.refresh(example)
    with site(example.database) as torn:
        assert "/review/conflicts" not in torn.html("/").links()


def test_what_a_record_says_is_only_ever_text(hostile: Site) -> None:
    pages = (
        "/",
        "/methods",
        "/changes",
        "/review",
        "/review/papers",
        "/review/papers/evil-1",
        "/review/papers/evil-2",
        "/review/papers?_search=alert",
    )
    more = ("/review/records?_search=x&search_id=evil", "/review/records/evil-1", "/review/searches")
    query = "/review?sql=select+title,+url,+abstract,+authors+from+papers+where+id+like+'evil%25'"
    for path in (*pages, *more, query):
        page = hostile.html(path)
        assert not page.all("script"), path
        assert not page.all("iframe"), path
        assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")], path
        assert not [link for link in page.links() if link.lower().startswith(("javascript", "data:"))], path
        assert len(page.text) < 150_000, path
    marked = "&lt;script&gt;<mark>alert</mark>(1)&lt;/script&gt;"
    assert marked in hostile.get(pages[-1]).text


def test_only_web_addresses_are_linked(hostile: Site) -> None:
    assert "https://example.org/fine" in hostile.html("/review/papers/evil-3").links()
    assert "javascript:alert(3)" in hostile.html("/review/papers/evil-1").text


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://example.org/a?b=c", True),
        ("http://example.org", True),
        ("HTTPS://example.org", True),
        ("javascript:alert(1)", False),
        ("//example.org", False),
        ("https://", False),
        ("https://exa mple.org", False),
        ("https://example.org/\u202e", False),
        ('https://example.org/"onclick=', False),
        ("http://[broken", False),
        ("data:text/html,x", False),
        (None, False),
    ],
)
def test_what_counts_as_a_web_address(url: str | None, safe: bool) -> None:
    assert bool(links.web(url)) is safe


def test_the_words_of_suggestions_are_marked_where_they_stand(hostile: Site) -> None:
    text = "a < b & MRI"
    assert paper.marked(text, [(8, 11, "MRI")]) == "a &lt; b &amp; <mark>MRI</mark>"
    assert paper.marked(text, [(8, 11, "CTs"), (50, 60, "gone")]) == "a &lt; b &amp; MRI"
    assert paper.marked("brain MRI", [(0, 5, "brain"), (0, 9, "brain MRI"), (6, 9, "MRI")]) == "<mark>brain MRI</mark>"
    assert paper.marked("", []) == ""
    page = hostile.get("/review/papers/evil-1").text
    assert "<mark>" in page
    assert "&lt;script&gt;alert(4)&lt;/script&gt;" in page


def test_another_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "review.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE papers (id TEXT PRIMARY KEY, paper TEXT); INSERT INTO papers VALUES ('a', 'key');"
            "CREATE TABLE build_info (key TEXT, value TEXT);"
        )
    with site(Datasette([str(path)])) as stock:
        for address in ("/", "/review", "/review/papers", "/review/papers/a", "/review?sql=select+paper+from+papers"):
            page = stock.html(address)
            assert any("app.css" in loaded for loaded in page.loaded()), address
            assert "reviewdb" not in page.text
            assert "/paper/key" not in page.links()
        assert stock.get("/paper/a").status == 404
        assert stock.get("/-/review.db").status == 404
        assert stock.json("/-/metadata.json") == {"databases": {}}


def test_beside_another_database_the_review_keeps_its_pages(tmp_path: Path, built: Review) -> None:
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE papers (id INTEGER PRIMARY KEY)")
    with site(Datasette([str(built.database), str(other)])) as both:
        assert "review.css" in both.html("/review/papers").text
        assert "review.css" not in both.html("/other/papers").text
        assert "review.css" not in both.html("/").text


def test_two_reviews_show_no_link_that_leads_nowhere(tmp_path: Path, built: Review) -> None:
    other = tmp_path / "other.db"
    shutil.copyfile(built.database, other)
    with site(Datasette([str(built.database), str(other)])) as both:
        for path in ("/review", "/other/papers/2021-mini-review-001", "/other/table-1", "/other/papers"):
            links = [urljoin(path, link) for link in both.html(path).links() if link.startswith("/")]
            assert not [link for link in links if link.startswith("/paper/") or link == "/-/review.db"], path
        assert len(both.json("/-/review/other/tables/papers.json")) == 117
    with site(Datasette([str(built.database)])) as alone:
        assert "/-/review.db" in alone.html("/review").links()


def test_a_plain_datasette_shows_the_review_too(built: Review) -> None:
    with site(Datasette([str(built.database)])) as plain:
        assert "Imaging modality" in plain.html("/review/papers").text
        assert len(plain.html("/review/table-4").cells) == 17
        for path in ("/", "/review.json", "/nothing", "/-/static-plugins/reviewdb/review.css"):
            headers = plain.get(path).headers
            assert "default-src 'none'" in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"


def test_a_folder_with_odd_marks_is_served(tmp_path: Path, built: Review) -> None:
    folder = tmp_path / "50% #1 ?x=y é"
    folder.mkdir()
    shutil.copyfile(built.database, folder / "review.db")
    with site(folder / "review.db") as odd:
        assert odd.get("/review/papers").status == 200


def test_a_database_whose_log_cannot_be_opened_is_served_as_it_stands(tmp_path: Path, built: Review) -> None:
    path = tmp_path / "review.db"
    shutil.copyfile(built.database, path)
    # As in a folder without the right to write, where the shared memory of the log cannot be made.
    (tmp_path / "review.db-shm").symlink_to(tmp_path / "nowhere" / "at-all")
    with site(path) as still:
        assert not still.datasette.get_database("review").is_mutable
        assert still.get("/review/papers").status == 200


def test_a_scheme_that_changes_under_the_running_site(example: Review) -> None:
    build.refresh(example)
    with site(example.database) as running:
        assert running.get("/review/papers").status == 200
        scheme = example.root / "data/coding-scheme.toml"
        text = scheme.read_text(encoding="utf-8").replace("[facet.cluster", "[facet.group")
        scheme.write_text(text, encoding="utf-8")
        decisions = example.decisions_of("mini-review")
        said = decisions.read_text(encoding="utf-8").replace('"cluster"', '"group"')
        decisions.write_text(said, encoding="utf-8")
        for query in (example.root / "queries").glob("table-*.sql"):
            query.write_text(query.read_text(encoding="utf-8").replace("'cluster'", "'group'"), encoding="utf-8")
        build.refresh(example)
        assert "_code=group." in running.html("/review/papers").text


def test_the_server_follows_the_text(server: tuple[Server, Review], program: Program) -> None:
    running, review = server
    page = "/review/papers/2025-cited-by-005"
    assert "Nobody has coded this paper yet" in running.get(page).text
    done = program(
        "--review", review.root, "tag", "2025-cited-by-005", "method=gan", "--coder", "ana", "--why", "a look"
    )
    assert done.returncode == 0, done.stderr
    running.wait(lambda: "a look" in running.get(page).text, seconds=5)

    decisions = review.decisions_of("ana")
    good = decisions.read_text(encoding="utf-8")
    decisions.write_text(good + "not JSON\n", encoding="utf-8")
    running.wait(lambda: "ana.jsonl:2" in running.said, seconds=5)
    assert "a look" in running.get(page).text
    assert running.said.count("ana.jsonl:2") == 1

    decisions.write_text(good.replace("a look", "another look"), encoding="utf-8")
    running.wait(lambda: "another look" in running.get(page).text, seconds=5)
    running.wait(lambda: "in order again" in running.said, seconds=5)


def test_a_deleted_database_is_built_and_found_again(server: tuple[Server, Review]) -> None:
    running, review = server
    for path in review.root.glob("review.db*"):
        path.unlink()
    running.wait(lambda: running.get("/review/papers").status == 200 and review.database.exists(), seconds=5)
    coder = review.decisions_of("bo")
    said = {"at": "2024-01-01T00:00:00Z", "record": "2025-cited-by-006", "question": "method", "answer": ["pca"]}
    coder.write_text(json.dumps({**said, "why": "found again"}) + "\n", encoding="utf-8")
    running.wait(lambda: "found again" in running.get("/review/papers/2025-cited-by-006").text, seconds=5)


def test_the_server_tells_browsers_what_not_to_do(server: tuple[Server, Review]) -> None:
    headers = {name.lower(): value for name, value in server[0].get("/").headers.items()}
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "script-src" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "max-age" not in headers.get("cache-control", "")
    assert server[0].get("/-/static-plugins/reviewdb/review.css").status == 200


@pytest.mark.parametrize(
    "path",
    [
        *(f"/-/{name}{kind}" for name in ("databases", "threads", "versions", "settings") for kind in ("", ".json")),
        *("/-/plugins", "/-/plugins.json", "/-/metadata", "/-/config.json", "/-/permissions", "/-/allow-debug"),
        *("/-/actor.json", "/-/messages", "/-/logout", "/-/patterns", "/%2D/versions", "/~2D/versions"),
    ],
)
def test_the_server_tells_nothing_of_the_machine(server: tuple[Server, Review], path: str) -> None:
    running, review = server
    answer = running.get(path)
    assert answer.status == 404
    assert str(review.root) not in answer.text
    assert "python" not in answer.text.lower()


def test_the_server_still_gives_files_and_data(server: tuple[Server, Review]) -> None:
    assert server[0].get("/-/review/review/tables/searches.json").status == 200
    assert server[0].get("/-/review/review/queries/table-1.csv").status == 200


def test_a_failure_that_may_pass_is_tried_again(example: Review) -> None:
    build.refresh(example)
    watcher, said = Watcher(example, print), list[str]()
    changed = example.root / "data/protocol.toml"
    changed.write_text(changed.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    before = example.database.read_bytes()
    example.database.unlink()
    example.database.mkdir()  # cannot be written to, as on a full disk
    assert watcher._look(said.append) > 1  # noqa: SLF001 - the thread would wait for seconds
    assert "could not be written" in said[0]
    example.database.rmdir()
    example.database.write_bytes(before)
    watcher._look(said.append)  # noqa: SLF001
    assert build.refresh(example) == "current"
    changed.write_text("title =", encoding="utf-8")
    for _ in range(3):
        assert watcher._look(said.append) < 1  # noqa: SLF001
    assert len(said) == 2


def test_a_port_in_use_is_told(built: Review, program: Program) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = program("--review", built.root, "serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "cannot listen on 127.0.0.1" in done.stderr
    assert "--port 0" in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_ends_the_server_quietly(built: Review) -> None:
    with served(built) as running:
        assert running.get("/").status == 200
        code, seconds = running.interrupt()
    assert code == 0
    assert seconds < 2
    assert "Traceback" not in running.said


def test_the_list_of_papers_has_a_short_address(mini: Site) -> None:
    answer = mini.get("/papers?status=included")
    assert (answer.status, answer.headers["location"]) == (302, "/review/papers?status=included")
