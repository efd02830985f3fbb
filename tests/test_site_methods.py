"""Methods and changes on the site: the numbers of the terminal, and a feed that programs can read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from xml.etree import ElementTree as ET

import pytest
from conftest import Program
from site_pages import Html, Site, site

from reviewdb import boxes, build, database, prisma, reliability
from reviewdb.changes import Day, Found, Named
from reviewdb.diagram.prose import paragraph
from reviewdb.diagram.svg import css
from reviewdb.model import Search
from reviewdb.review import Review
from reviewdb.site import about, feed, telling

ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = "<script>alert(1)</script> ]]> & \u202ebidi\u0000 \"quoted\" 'title'"


@pytest.fixture(scope="module")
def mini(built: Review) -> Iterator[Site]:
    with site(built.database) as opened:
        yield opened


@pytest.fixture(scope="module")
def coded_twice(tmp_path_factory: pytest.TempPathFactory, built: Review) -> Iterator[tuple[Review, Site]]:
    """Return the mini-review with two more coders, who agree on some papers and exclude others."""
    review = Review(tmp_path_factory.mktemp("twice") / "review")
    for path in built.root.rglob("*"):
        if path.is_file() and "review.db" not in path.name:
            target = review.root / path.relative_to(built.root)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    for coder, every in (("ana", 2), ("bo", 3)):
        lines = [
            {
                "at": f"2030-02-{n:02}T08:00:00Z",
                "record": f"2025-cited-by-{n:03}",
                "question": "screening",
                "answer": ["include"] if n % every else ["exclude.preprint"],
            }
            for n in range(1, 21)
        ]
        text = "".join(json.dumps(line) + "\n" for line in lines)
        review.decisions_of(coder).write_text(text, encoding="utf-8")
    build.refresh(review)
    with site(review.database) as opened:
        yield review, opened


def test_methods_show_the_flow_of_the_terminal(coded_twice: tuple[Review, Site], program: Program) -> None:
    review, running = coded_twice
    page = running.html("/methods")
    with closing(database.reader(review.database)) as connection:
        flow = prisma.count(connection).flow
    said = paragraph(flow)
    assert said in " ".join(page.text.split())
    assert program("--review", review.root, "flow", "--format", "paragraph").stdout.strip() == said
    told = [row for row in page.cells if len(row) == 5]
    wanted = [box for box in boxes.boxes(flow) if box.method == "all"]
    assert told[1:] == [
        [
            box.stage,
            f"{box.what}: {box.part}" if box.part else box.what,
            *("" if number is None else f"{number:,}" for number in (box.records, box.papers, box.studies)),
        ]
        for box in wanted
    ]
    drawn = page.text[page.text.index("<svg xmlns") :]
    assert "Papers excluded (n = " in drawn.replace("\u00a0", " ")
    assert "<style" not in page.text


def test_methods_show_the_agreement_of_the_terminal(coded_twice: tuple[Review, Site], program: Program) -> None:
    review, running = coded_twice
    with closing(database.reader(review.database)) as connection:
        table = reliability.table(reliability.measure(connection))
    shown = [row for row in running.html("/methods").cells if len(row) == len(table.columns)]
    assert shown == [list(table.columns), *([str(cell) for cell in row] for row in table.rows)]
    printed = program("--review", review.root, "agree").stdout
    (verdict,) = [row for row in table.rows if row[0] == "screening (verdict)"]
    assert verdict[1] == 2
    line = next(line for line in printed.splitlines() if "screening (verdict)" in line)
    assert [cell.strip() for cell in line.strip("| ").split("|")] == [str(cell) for cell in verdict]


def test_methods_of_one_coder_compare_nothing(mini: Site) -> None:
    text = mini.html("/methods").text
    assert "Decided by mini-review. No paper was answered by two coders" in text
    assert "Fleiss" not in text


def test_methods_say_who_coders_are_and_what_a_list_leaves_out(mini: Site) -> None:
    text = mini.html("/methods").text
    assert "<dt><bdi>mini-review</bdi></dt><dd>No person: what Tables I to V of the published review print" in text
    assert "a list that others had made (the tables of a published review), only what they kept is counted" in text


def test_methods_name_searches_criteria_and_codes(mini: Site) -> None:
    page = mini.html("/methods")
    searches = [row for row in page.cells if len(row) == 6]
    assert searches[1:] == [
        [
            *("2021-08", "the tables of a published review", "Tables I to V of arXiv:2108.11986v2"),
            *("taken from a list", "39", "39"),
        ],
        [
            *("2026-11-23 (taken in)", "citing papers", "papers that cite arXiv:2108.11986"),
            *("citations followed", "78", "78"),
        ],
    ]
    for words in (
        "<q>anomaly detection in medical imaging</q>",
        "No search for these terms was made here",
        "the first 30 of each search",
        "2015-01 to 2021-07",
        "The paper is peer-reviewed.",
        "A rule proposes an answer from words for imaging modality in title and abstract.",
        "Images from nuclear magnetic resonance, of any contrast or body part.",
        "a line of text",
    ):
        assert words in page.text
    linked = [link for link in page.links() if "__arraycontains=" in link]
    assert len(linked) > 40
    for link in linked[::9]:
        papers = mini.json(link.replace("/papers?", "/papers.json?") + "&_size=0")["filtered_table_rows_count"]
        assert f'<a href="{link}">{papers}</a>' in page.text


def test_methods_set_what_the_paper_prints_beside_what_measures_the_same(
    mini: Site, built: Review, program: Program
) -> None:
    page = mini.html("/methods")
    printed = page.cells[next(n for n, row in enumerate(page.cells) if row[:2] == ["Figure", "Printed"]) + 1 :]
    beside = {said: derived for _, said, derived in printed}
    derived = json.loads(program("table", "headline-figures", "--json", folder=built.root).stdout)
    assert beside == {
        # The hits that were published by nobody are not those that were taken in here.
        **dict.fromkeys(("120", "49", "45"), "not derived"),
        **{
            row["printed"]: f"{row['percent']} % ({row['papers']})" if "%" in row["printed"] else str(row["papers"])
            for row in derived
        },
    }
    assert beside["38.46 %"] == "38.46 % (15)"
    for label, said, _ in printed:
        assert ("Not derived: " in label) == (beside[said] == "not derived"), label


def test_the_diagram_has_its_colours_in_the_style_sheet(mini: Site) -> None:
    sheet = mini.get("/-/static-plugins/reviewdb/review.css").text
    assert " ".join(css("prisma").split()) in " ".join(sheet.split())


def test_home_counts_as_the_flow_does(coded_twice: tuple[Review, Site]) -> None:
    review, running = coded_twice
    with closing(database.reader(review.database)) as connection:
        found = prisma.count(connection).flow.all
    text = running.html("/").text
    for number, what in ((found.records, "records"), (found.identified.papers, "papers")):
        assert f"<b>{number}</b> {what}" in text
    assert f"<b>{found.included.papers}</b> included" in text
    assert sum(reason.count.papers for stage in found.stages for reason in stage.reasons) > 0
    assert f"{found.stages[0].excluded.papers} excluded" in text
    assert "/methods#flow" in Html(text).links()


def test_the_day_on_which_a_list_was_taken_in_is_no_day_of_searching(mini: Site) -> None:
    home = mini.html("/").text
    assert "Last list taken in: 2026-11-23" in home
    assert "New in the last list" in home
    assert "earch: 2026" not in home
    assert "(citing papers, taken in on 23 November 2026)" in mini.html("/methods").text
    assert "Taken in, citations followed, citing papers" in mini.html("/changes").text


def test_what_changes_do_not_name_is_one_click_away(mini: Site) -> None:
    page = mini.html("/changes").text
    link = re.search(r'<a href="([^"]+)">And 66 more: all that this search found</a>', page)
    assert link
    assert mini.json(link[1].replace("/records?", "/records.json?"))["filtered_table_rows_count"] == 78
    assert not re.search(r">And [^<]* more\.<", page)


def test_changes_come_newest_first(coded_twice: tuple[Review, Site]) -> None:
    _, running = coded_twice
    page = running.html("/changes")
    seen = [head["id"] for head in page.all("h2") if head["id"].startswith("day-")]
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 23
    assert "Coders disagree on 1 paper</h3>" in page.text
    older = running.html("/changes?before=2030-01-01")
    assert [head["id"] for head in older.all("h2")] == ["day-2026-11-23", "day-2021-08-01", "day-2021-08"]


@pytest.mark.parametrize("before", ["", "x", "2021", "9" * 5000, "%00", "%3Cscript%3E"])
def test_any_place_in_the_changes_can_be_asked_for(mini: Site, before: str) -> None:
    assert not mini.html(f"/changes?before={before}").all("script")


def test_many_days_are_told_on_several_pages_and_none_is_left_out() -> None:
    review = about.About("review", {"title": "T"}, "1", None, {})
    papers = tuple(Named(f"key{n}", "A title of a paper, about the detection of anomalies") for n in range(500))
    days = [
        Day(
            f"2030-{month:02}-{day:02}",
            found=tuple(Found(Search(str(n), "s", "q", ""), papers) for n in range(searches)),
        )
        for month in range(12, 0, -1)
        for day, searches in ((28, 1), (14, 30), (1, 2))
    ]
    seen: list[str] = []
    before, pages = "", 0
    while not pages or before:
        shown = telling.page(review, days, before)
        pages += 1
        seen += [told.day.date for told in shown.days]
        assert sum(len(entry.papers) for told in shown.days for entry in told.entries) < 250
        before = shown.before
    assert seen == [day.date for day in days]
    assert pages > 5


def test_every_page_says_where_the_feed_is(mini: Site) -> None:
    for path in ("/", "/changes", "/review/papers"):
        assert {"type": "application/atom+xml", "href": "/changes.atom"}.items() <= next(
            link for link in mini.html(path).all("link") if link["rel"] == "alternate" and "atom" in link["type"]
        ).items()


def read(text: str) -> ET.Element:
    """Return a feed that is what RFC 4287 asks for; text and addresses are checked, too."""
    root = ET.fromstring(text)  # noqa: S314 - our own feed
    assert root.tag == f"{ATOM}feed"
    for element in [root, *root.iter(f"{ATOM}entry")]:
        for name in ("id", "title", "updated"):
            (only,) = element.findall(f"{ATOM}{name}")
            assert (only.text or "").strip()
        datetime.fromisoformat(element.findtext(f"{ATOM}updated") or "")
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", element.findtext(f"{ATOM}id") or "")
        assert [link.get("rel") for link in element.findall(f"{ATOM}link")].count("alternate") == 1
    assert root.findtext(f"{ATOM}author/{ATOM}name")
    ids = [element.findtext(f"{ATOM}id") for element in [root, *root.iter(f"{ATOM}entry")]]
    assert len(ids) == len(set(ids))
    updated = [element.findtext(f"{ATOM}updated") or "" for element in root.iter(f"{ATOM}entry")]
    assert updated == sorted(updated, reverse=True)
    assert root.findtext(f"{ATOM}updated") == max(updated, default="1970-01-01T00:00:00Z")
    return root


def test_the_feed_is_atom_and_its_links_lead_to_the_page(mini: Site) -> None:
    answer = mini.get("/changes.atom")
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    root = read(answer.text)
    entries = root.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == [
        "78 new papers found",
        "39 papers included",
        "39 papers coded",
        "39 new papers found",
    ]
    page = mini.html("/changes")
    anchors = {element["id"] for element in page.all("h2")}
    for entry in entries:
        link = entry.find(f"{ATOM}link")
        assert link is not None
        address, _, anchor = link.get("href", "").partition("#")
        assert address == "http://localhost/changes"
        assert anchor in anchors
        content = Html(entry.findtext(f"{ATOM}content") or "")
        assert mini.get(content.links()[0].removeprefix("http://localhost")).status == 302


def test_entries_keep_their_ids_when_more_happens(mini: Site, coded_twice: tuple[Review, Site]) -> None:
    one, other = (read(running.get("/changes.atom").text) for running in (mini, coded_twice[1]))
    ids = [{entry.findtext(f"{ATOM}id") for entry in root.iter(f"{ATOM}entry")} for root in (one, other)]
    assert ids[0] < ids[1]
    assert one.findtext(f"{ATOM}id") == other.findtext(f"{ATOM}id")


def test_a_feed_is_harmless_whatever_a_record_says() -> None:
    review = about.About("review", {"title": HOSTILE, "question": HOSTILE, "citation": HOSTILE}, "1", None, {})
    search = Search("a", HOSTILE, HOSTILE, "2030-01-01")
    papers = (Named("key", HOSTILE, HOSTILE), Named("long", "word " * 200_000))
    told = telling.tell(review, Day("2030-01-01", found=(Found(search, papers),)))
    text = feed.feed(review, [told], "https://example.org/")
    root = read(text)
    assert len(text) < 10_000
    content = Html(root.findtext(f"{ATOM}entry/{ATOM}content") or "")
    assert not content.all("script")
    assert content.links() == ["https://example.org/paper/key", "https://example.org/paper/long"]
    assert "\u202e" not in text
    assert (root.findtext(f"{ATOM}title") or "").startswith("<script>")


def test_a_feed_of_nothing_is_still_a_feed() -> None:
    review = about.About("review", {}, "1", None, {})
    root = read(feed.feed(review, [], ""))
    assert root.findall(f"{ATOM}entry") == []


@pytest.mark.parametrize(
    ("date", "moment"), [("2030", "2030-01-01"), ("2030-07", "2030-07-01"), ("2030-07-09", "2030-07-09")]
)
def test_a_date_that_is_not_exact_stands_for_its_first_day(date: str, moment: str) -> None:
    review = about.About("review", {"title": "T"}, "1", None, {})
    day = Day(date, found=(Found(Search("a", "s", "q", date), (Named("key", "Title"),)),))
    root = read(feed.feed(review, [telling.tell(review, day)], ""))
    assert root.findtext(f"{ATOM}entry/{ATOM}updated") == f"{moment}T00:00:00Z"


def test_what_has_no_date_is_on_the_page_but_not_in_the_feed() -> None:
    review = about.About("review", {"title": "T"}, "1", None, {})
    day = Day("", found=(Found(Search("a", "s", "q", ""), (Named("key", "Title"),)),))
    shown = telling.page(review, [day])
    assert [told.entries[0].heading for told in shown.days] == ["1 new paper found"]
    assert not read(feed.feed(review, shown.days, "")).findall(f"{ATOM}entry")


def test_searches_in_vain_are_summed_up() -> None:
    review = about.About("review", {"title": "T"}, "1", None, {})
    searches = tuple(Found(Search(str(n), "s", "q", "2030"), ()) for n in range(400))
    told = telling.tell(review, Day("2030", found=searches))
    assert [entry.heading for entry in told.entries] == ["400 searches found no new paper"]
