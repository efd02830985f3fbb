"""Google Scholar through the real scholarly, against a server on loopback: one request, and its named outcome."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from urllib.parse import quote

import pytest
from scholar_server import ScholarServer, Work, empty, frame, results, row, serving, work
from tls_proxy import proxying

from reviewdb import entries
from reviewdb.errors import BlockedError, ChangedError, ReviewError
from reviewdb.model import Fetched, Record
from reviewdb.scholar import Scholar, is_results, saved

TERM = "anomaly detection in medical imaging"
TERMS = [TERM, f"unsupervised {TERM}", "outlier detection in medical imaging", "unsupervised outlier detection"]
FIRST = "/scholar?hl=en&q=anomaly%20detection%20in%20medical%20imaging&as_vis=0&as_sdt=1,33"
# How much longer than its bound a request may take on a busy machine.
MARGIN = 8


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away the settings of the machine."""
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "REVIEWDB_SCHOLAR_URL"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(scope="module")
def running() -> Iterator[ScholarServer]:
    with serving() as server:
        yield server


@pytest.fixture
def server(running: ScholarServer) -> ScholarServer:
    running.behave({})
    running.total = 1240
    return running


def page(how: str, server: ScholarServer, seconds: float = 20) -> Fetched:
    """Ask for the first page where the server behaves like this."""
    server.behave({1: how})
    return Scholar(server.url, seconds).page(TERM, "", 10, 1)


def read(row: str) -> Record:
    """Return the record of one row."""
    (record,) = saved(results(TERM, rows=[row], total=1))[1].hits
    return record


# --- pages of hits ---------------------------------------------------------------------------------------------------


def test_a_page_gives_ten_hits_by_one_request(server: ScholarServer) -> None:
    source = Scholar(server.url)
    came = source.page(TERM, "", 10, 1)
    assert server.paths == [FIRST]
    assert (came.url, came.total, came.next) == (server.url + FIRST, 1240, "10")
    assert [hit.rank for hit in came.hits] == list(range(1, 11))
    assert came.hits[9] == Record(
        id="",
        search="",
        rank=10,
        title="Memory-guided transformers for out-of-distribution detection in chest X-ray images: a study "
        "with healthy",
        authors=("K Bakker-Oyen", "R Tanhäuser", "L Ivarsen"),
        year=2013,
        venue="IEEE Transactions on Unreal Imaging",
        url="https://ieee.example/w038809AAAAJ",
        abstract="We look at chest X-ray images of people who were never there … and score what a model of health "
        "cannot explain",
        citations=163,
        cut=("title", "authors", "abstract"),
        extra={
            "cid": "w038809AAAAJ",
            "cites": "2155248282",
            "cluster": "2155248282",
            "versions": 5,
            "byline": "K Bakker-Oyen, R Tanhäuser, L Ivarsen… - IEEE Transactions on Unreal Imaging, 2013"
            " - ieee.example",
            "author_ids": ["uK13AAAAJ", "", ""],
            "mark": "BOOK",
        },
    )


def test_four_terms_of_three_pages_are_twelve_requests_and_120_hits(server: ScholarServer) -> None:
    source = Scholar(server.url)
    hits: list[Record] = []
    for term in TERMS:
        next_ = ""
        for number in range(3):
            came = source.page(term, next_, 10, 10 * number + 1)
            hits += came.hits
            next_ = came.next
        assert next_ == "30"
    assert server.paths == [
        f"/scholar?hl=en&q={quote(term)}&as_vis=0&as_sdt=1,33{start}"
        for term in TERMS
        for start in ("", "&start=10", "&start=20")
    ]
    assert [hit.rank for hit in hits] == [*range(1, 31)] * 4
    assert (len(hits), len({hit.extra["cid"] for hit in hits})) == (120, 84)
    assert any(hit.year is None for hit in hits)
    assert {name for hit in hits for name in hit.cut} == {"title", "authors", "venue", "abstract"}


def test_who_asks_is_the_same_every_time_and_keeps_cookies(server: ScholarServer) -> None:
    source = Scholar(server.url)
    for next_ in ("", "10"):
        source.page(TERM, next_, 10, 1)
    first, second = (request.headers for request in server.requests)
    assert first["User-Agent"] == second["User-Agent"]
    assert "Mobile" not in first["User-Agent"]
    assert first["Accept-Language"].startswith("en")
    assert second["Cookie"] == "GSP=LM=1"
    assert (source.version, source.paced) == (f"scholarly {metadata.version('scholarly')}", False)
    assert source.parameters == {"patents": False, "language": "en"}


def test_the_last_page_has_no_next_one(server: ScholarServer) -> None:
    server.total = 14
    came = Scholar(server.url).page(TERM, "10", 10, 11)
    assert ([hit.rank for hit in came.hits], came.total, came.next) == ([11, 12, 13, 14], 14, "")
    assert server.paths == [f"{FIRST}&start=10"]


@pytest.mark.parametrize(
    "query", ['"brain MRI" -review', "50 % & more #1", "Übersicht · 異常検知", "a+b=c?d/e", "{id}"]
)
def test_a_query_is_asked_as_it_is(server: ScholarServer, query: str) -> None:
    Scholar(server.url).page(query, "20", 10, 21)
    (asked,) = server.requests
    assert (asked.query, asked.start) == (query, 20)


def test_hits_can_be_written_and_read_again(server: ScholarServer) -> None:
    server.total = 1240
    for hit in Scholar(server.url).page(TERM, "", 10, 1).hits:
        line = entries.of_record(hit) | {"id": "s-1"}
        again = entries.record(line, "")
        assert (again.extra, again.cut, again.title) == (hit.extra, hit.cut, hit.title)
        assert entries.of_record(again) == line


@pytest.mark.parametrize("how", ["gzip", "deflate", "latin-1", "no charset"])
def test_a_page_is_the_same_however_it_is_sent(server: ScholarServer, how: str) -> None:
    assert page(how, server).hits == page("ok", server).hits


# --- everything else that comes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "kind", "told"),
    [
        ("403", BlockedError, "refuses to answer (403, forbidden)"),
        ("429", BlockedError, "refuses to answer (429, too many requests)"),
        ("503 sorry", BlockedError, "sees unusual traffic from your network (503)"),
        ("sorry", BlockedError, "sees unusual traffic from your network."),
        ("to sorry", BlockedError, "sees unusual traffic from your network: it sends us to www.google.com/sorry."),
        ("to consent", BlockedError, "asks for consent to cookies: it sends us to consent.google.com."),
        ("to sign in", BlockedError, "asks us to sign in: it sends us to accounts.google.com."),
        ("consent", BlockedError, "asks for consent to cookies."),
        ("captcha", BlockedError, "asks for a captcha."),
        ("recaptcha", BlockedError, "asks for a captcha."),
        ("doscaptcha", BlockedError, "asks for a captcha."),
        ("changed class", ChangedError, "its hits, or some of them, have another form"),
        ("some changed", ChangedError, "its hits, or some of them, have another form"),
        ("no rows", ChangedError, "it counts 1,240 hits and shows none"),
        ("a row without parts", ChangedError, "one of its hits, or the link to the next page, cannot be read"),
        ("a row without title", ChangedError, "one of its hits, or the link to the next page, cannot be read"),
        ("next does not lead on", ChangedError, "one of its hits, or the link to the next page, cannot be read"),
        ("no html end", ChangedError, "it is truncated"),
        ("other html", ChangedError, "it says nothing of hits"),
        ("not html", ChangedError, "it is not HTML"),
        ("nothing", ChangedError, "it is not HTML"),
        ("long", ChangedError, "it is longer than a page of hits can be"),
        ("latin-1 as utf-8", ChangedError, "its letters are damaged"),
        ("utf-8 as latin-1", ChangedError, "its letters are damaged"),
        ("500", ReviewError, "is out of order (500)"),
        ("503", ReviewError, "is out of order (503)"),
        ("404", ReviewError, "does not take the question (404)"),
        ("to elsewhere", ReviewError, "sends us on to scholar.google.example."),
        ("to nowhere", ReviewError, "sends us on to what is no address."),
        ("circle", ReviewError, "sends us on to another of its pages: /scholar."),
        ("closed", ReviewError, "closed before an answer came"),
        ("reset", ReviewError, "closed before the answer was whole"),
        ("short", ReviewError, "truncated"),
        ("silence", ReviewError, "timed out after 0.5 seconds."),
        ("drip", ReviewError, "timed out after 0.5 seconds."),
        ("bad gzip", ReviewError, "cannot be decompressed"),
        ("unknown encoding", ReviewError, "cannot be decompressed"),
        ("bomb", ReviewError, "larger than 20 MB"),
        ("huge", ReviewError, "larger than 20 MB"),
    ],
)
def test_every_failure_is_one_request_and_has_a_name(
    server: ScholarServer, how: str, kind: type[ReviewError], told: str
) -> None:
    begun = time.monotonic()
    with pytest.raises(ReviewError) as error:
        page(how, server, seconds=0.5 if how in ("silence", "drip") else 20)
    assert time.monotonic() - begun < 20 + MARGIN
    assert server.paths == [FIRST]
    assert type(error.value) is kind
    assert told in error.value.what
    assert error.value.exit_code == (3 if kind is BlockedError else 1)
    assert error.value.todo


def test_no_hits_are_no_failure(server: ScholarServer) -> None:
    came = page("empty", server)
    assert (came.hits, came.total, came.next, server.paths) == ((), 0, "", [FIRST])


def test_a_changed_page_is_handed_on_as_it_came(server: ScholarServer) -> None:
    with pytest.raises(ChangedError) as error:
        page("latin-1 as utf-8", server)
    assert error.value.page == results(TERM).encode("latin-1", errors="xmlcharrefreplace")


def test_where_scholar_has_moved_it_can_be_followed(server: ScholarServer) -> None:
    with pytest.raises(ReviewError) as error:
        page("to elsewhere", server)
    assert error.value.todo == "Where that is right: REVIEWDB_SCHOLAR_URL=https://scholar.google.example"


@pytest.mark.parametrize("query", ["unusual traffic", "I'm not a robot", "g-recaptcha gs_captcha_f", "captcha-form"])
def test_words_of_a_refusal_may_be_asked_for(query: str) -> None:
    shown = results(query, rows=[row(replaced(title=query, snippet=(query, query)), 0)], total=1)
    assert saved(shown)[1].hits[0].title == query
    assert saved(empty(query))[1] == Fetched("", (), 0, "")


def test_words_of_an_empty_page_make_no_page_empty() -> None:
    with pytest.raises(ChangedError):
        saved(results("x").replace("gs_r gs_or", "gs_hit").replace("<b>detection", "did not match any articles<b>"))


def test_a_page_that_never_ends_is_not_parsed() -> None:
    with pytest.raises(ChangedError, match="longer than a page of hits can be"):
        saved(frame("x", "", '<div class="gs_r gs_or">' * 20_000))


def test_ctrl_c_ends_a_page(server: ScholarServer) -> None:
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        page("silence", server)
    assert time.monotonic() - begun < MARGIN
    assert server.paths == [FIRST]


@pytest.mark.parametrize("next_", ["x", "-10", "1.5", "*", "٣"])
def test_a_place_that_is_none_is_told(server: ScholarServer, next_: str) -> None:
    with pytest.raises(ReviewError, match="is not where a page of Google Scholar begins"):
        Scholar(server.url).page(TERM, next_, 10, 1)
    assert server.paths == []


# --- what asks -------------------------------------------------------------------------------------------------------


def test_the_environment_moves_the_service(server: ScholarServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVIEWDB_SCHOLAR_URL", f"{server.url}/")
    assert len(Scholar().page(TERM, "", 10, 1).hits) == 10
    assert server.paths == [FIRST]


@pytest.mark.parametrize(
    "address", ["scholar.google.com", "ftp://x", "http://", "https://x/?q", "https://x y", "http://x:0", "http://[x"]
)
def test_a_service_that_cannot_be_is_told(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVIEWDB_SCHOLAR_URL", address)
    with pytest.raises(ReviewError, match=r"^REVIEWDB_SCHOLAR_URL is not the address of a service\.") as error:
        Scholar()
    assert error.value.todo == "Write it as https://scholar.google.com"


def test_the_real_address_is_asked_where_nothing_moves_it(
    server: ScholarServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with proxying(server.url, tmp_path) as proxy:
        for name, value in proxy.environment.items():
            monkeypatch.setenv(name, value)
        came = Scholar().page(TERM, "", 10, 1)
    assert (len(came.hits), came.url) == (10, f"https://scholar.google.com{FIRST}")
    assert (proxy.asked, server.paths) == (["scholar.google.com:443"], [FIRST])


def test_scholarly_is_left_as_it_was(server: ScholarServer) -> None:
    from scholarly._navigator import Navigator  # noqa: PLC0415 - slow to import

    navigator = Navigator()
    before = dict(vars(navigator))
    page("ok", server)
    with pytest.raises(BlockedError):
        page("captcha", server)
    assert vars(navigator).keys() - {"publib"} == before.keys() - {"publib"}
    assert navigator._get_page.__func__ is Navigator._get_page  # noqa: SLF001 - that is what is replaced


def python(code: str, **environment: str) -> str:
    """Return what Python prints, with warnings as errors."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout.strip()


def test_only_asking_and_reading_load_what_is_slow(server: ScholarServer) -> None:
    code = (
        "import sys; from reviewdb.scholar import Scholar, is_results; source = Scholar(); is_results('<html>gs_')\n"
        "print([name for name in ('scholarly', 'bs4', 'httpx', 'requests', 'selenium') if name in sys.modules])\n"
        "print(len(source.page('x', '', 10, 1).hits), 'selenium.webdriver.firefox.webdriver' in sys.modules)"
    )
    assert python(code, REVIEWDB_SCHOLAR_URL=server.url).splitlines() == ["[]", "10 False"]
    assert len(server.paths) == 1


def test_a_setting_that_scholarly_stumbles_over_is_told() -> None:
    code = (
        "from reviewdb.errors import ReviewError\n"
        "from reviewdb.scholar import saved\n"
        "from scholar_server import results\n"
        "try: saved(results('x'))\n"
        "except ReviewError as error: print(error)"
    )
    tests = str(Path(__file__).parent)
    path = os.pathsep.join(filter(None, [tests, os.environ.get("PYTHONPATH")]))
    told = python(code, ALL_PROXY="socks5://127.0.0.1:1", PYTHONPATH=path)
    assert told.startswith("scholarly cannot be loaded: ")
    assert "ALL_PROXY" in told


# --- rows ------------------------------------------------------------------------------------------------------------


def replaced(**parts: object) -> Work:
    """Return a work with all parts, but for those given."""
    whole: dict[str, object] = {
        "cid": "aaaAAAAJ",
        "title": "On nothing",
        "authors": ("A Uthor",),
        "venue": "Journal",
        "year": 2019,
        "host": "host.example",
        "citations": 3,
        "mark": "",
        "snippet": ("one", "two"),
    }
    return Work(**{**whole, **parts})  # type: ignore[arg-type]  # each test says what it gives


@pytest.mark.parametrize(
    ("byline", "authors", "venue", "year", "cut"),
    [
        ("A Uthor, B Uthor - Journal, 2019 - host.example", ["A Uthor", "B Uthor"], "Journal", 2019, ()),
        ("A Uthor\xa0- Journal, 2019\xa0- host.example", ["A Uthor"], "Journal", 2019, ()),
        ("A Uthor, B Uthor… - Journal, 2019 - host.example", ["A Uthor", "B Uthor"], "Journal", 2019, ("authors",)),
        ("A Uthor, …, Z Uthor - 2019 - host.example", ["A Uthor", "Z Uthor"], "", 2019, ("authors",)),
        ("A Uthor - Proceedings of the …, 2019 - host.example", ["A Uthor"], "Proceedings of the", 2019, ("venue",)),
        ("A Uthor - … on Imaging, 2019 - host.example", ["A Uthor"], "on Imaging", 2019, ("venue",)),
        ("A Uthor - Journal, 12 (3), 2019 - host.example", ["A Uthor"], "Journal, 12 (3)", 2019, ()),
        ("A Uthor - Journal - host.example", ["A Uthor"], "Journal", None, ()),
        ("A Uthor - 2019 - host.example", ["A Uthor"], "", 2019, ()),
        ("A Uthor - 0019 - host.example", ["A Uthor"], "", None, ()),
        # A dash in the venue, and lines without a host: scholarly's parser loses venue and year.
        ("A Uthor - ISBI - Biomedical, 2019 - host.example", ["A Uthor"], "ISBI - Biomedical", 2019, ()),
        ("A Uthor - ISBI - Biomedical - host.example", ["A Uthor"], "ISBI - Biomedical", None, ()),
        ("A Uthor - Annals of …, 2019", ["A Uthor"], "Annals of", 2019, ("venue",)),
        ("A Uthor - 2019", ["A Uthor"], "", 2019, ()),
        ("A Uthor - host.example", ["A Uthor"], "", None, ()),
        ("A Uthor", ["A Uthor"], "", None, ()),
        (" - Journal, 2019 - host.example", [], "Journal", 2019, ()),
        ("", [], "", None, ()),
        ("محمد أحمد - مجلة, 2019 - host.example", ["محمد أحمد"], "مجلة", 2019, ()),
    ],
)
def test_the_line_under_a_title_is_read(
    byline: str, authors: list[str], venue: str, year: int | None, cut: tuple[str, ...]
) -> None:
    shown = re.sub('(?<=class="gs_a">).*?(?=</div>)', byline, row(replaced(), 0), count=1)
    record = read(shown)
    assert (list(record.authors), record.venue, record.year) == (authors, venue, year)
    assert record.cut == (*cut, "abstract")
    assert record.extra.get("byline", "") == " ".join(byline.split())


@pytest.mark.parametrize(
    ("html", "title", "cut"),
    [
        ("T<sub>2</sub><sup>*</sup> <b>mapping </b>of CO<sub>2</sub>", "T2* mapping of CO2", False),
        ("Erosion of the<!-- not this --> brain", "Erosion of the brain", False),
        ("… erosion and <b>uplift</b>", "erosion and uplift", True),
        ("Erosion and\xa0uplift …", "Erosion and uplift", True),
        ("Erosion … uplift", "Erosion … uplift", True),
        ("&#8230; R&amp;D &lt;3&gt;", "R&D <3>", True),
        ("And then...", "And then...", False),
        ("كشف الشذوذ في التصوير الطبي", "كشف الشذوذ في التصوير الطبي", False),
        ("[Sic] a title in brackets", "[Sic] a title in brackets", False),
    ],
)
def test_a_title_is_read(html: str, title: str, cut: bool) -> None:
    record = read(row(replaced(), 0).replace("On nothing", html))
    assert (record.title, "title" in record.cut) == (title, cut)


@pytest.mark.parametrize(
    ("mark", "url", "eprint"),
    [
        ("", "https://host.example/aaaAAAAJ", None),
        ("BOOK", "https://host.example/aaaAAAAJ", None),
        ("PDF", "https://host.example/aaaAAAAJ", "https://host.example/aaaAAAAJ.pdf"),
        ("CITATION", "", None),
    ],
)
def test_the_mark_of_a_title_is_no_part_of_it(mark: str, url: str, eprint: str | None) -> None:
    record = read(row(replaced(mark=mark), 0))
    assert (record.title, record.extra.get("mark", "")) == ("On nothing", mark)
    assert (record.url, record.extra.get("eprint_url")) == (url, eprint)
    assert (record.venue, record.year, bool(record.abstract)) == ("Journal", 2019, mark != "CITATION")


def test_what_nobody_cites_has_no_citations() -> None:
    record = read(row(replaced(citations=0), 0))
    assert (record.citations, "cites" in record.extra) == (0, False)


def test_numbers_are_read_in_every_language() -> None:
    shown = row(replaced(citations=12345), 0)
    shown = shown.replace("Cited by 12345", "Zitiert von: 12.345").replace("Related articles", "Ähnliche Artikel")
    assert read(shown).citations == 12345


def test_the_only_hit_has_another_form() -> None:
    shown = """<div class="gs_r gs_or gs_scl gs_fmar" data-cid="c" data-rp="0"><div class="gs_ri"><h3 class="gs_rt">
    <a href="https://host.example/c">On nothing</a></h3><div class="gs_a gs_fma_p"><div class="gs_fmaa"><a
    href="/citations?user=u1&amp;hl=en">A Uthor</a>, B Uthor, C Uthor, D Uthor</div>Journal of Nothing, 2019<span
    class="gs_pdot"></span>host.example</div><div class="gs_a gs_fma_s">A Uthor, B Uthor… - Journal …, 2019 -
    host.example</div><div class="gs_rs gs_fma_s">Short and …</div><div class="gs_fma gs_fma_p"><div
    class="gs_fma_abs"><div class="gs_fma_snp">Long, and all of it.</div></div></div><div class="gs_fl gs_flb"><a
    href="/scholar?cites=7&amp;hl=en">Cited by 5</a></div></div></div>"""
    page = results(TERM, rows=[shown], total=1).replace("Create alert", "Showing the best result for this search. All")
    (record,) = saved(page)[1].hits
    assert record.authors == ("A Uthor", "B Uthor", "C Uthor", "D Uthor")
    assert (record.venue, record.year, record.citations) == ("Journal of Nothing", 2019, 5)
    assert (record.abstract, record.cut) == ("Long, and all of it.", ("abstract",))
    assert record.extra["notice"] == "Showing the best result for this search"


def test_hits_for_another_query_say_so() -> None:
    notice = (
        '<div class="gs_r"><h2 class="gs_rt">Showing results for <a href="/scholar?q=b"><b>anomaly</b></a>.</h2></div>'
    )
    page = results("anomoly").replace('id="gs_res_ccl_top">', f'id="gs_res_ccl_top">{notice}')
    query, came = saved(page)
    assert (query, len(came.hits)) == ("anomoly", 10)
    assert {hit.extra["notice"] for hit in came.hits} == {"Showing results for anomaly"}


def test_boxes_between_hits_are_no_hits() -> None:
    box = """<div class="gs_r"><h3 class="gs_rt2"><a href="/citations?mauthors=x">User profiles for x</a></h3><table
    ><tr><td><h4 class="gs_rt2"><a href="/citations?user=u1">A Uthor</a></h4></td></tr></table></div>"""
    rows = [
        box,
        row(work(1), 0),
        f"<div><section>{row(work(2), 1, classes='new gs_or gs_x gs_r')}</section></div>",
        box,
    ]
    came = saved(results("x", rows=rows, total=2))[1]
    assert [(hit.rank, hit.extra["cid"]) for hit in came.hits] == [(1, work(1).cid), (2, work(2).cid)]


@pytest.mark.parametrize(
    ("said", "total"),
    [
        ("About 1,240 results (<b>0.05</b> sec)", 1240),
        ("Page 2 of about 1,240 results (<b>0.05</b> sec)", 1240),
        ("\n About 17\xa0300 results (0.05 sec)", 17300),
        ("Ungefähr 1.240 Ergebnisse (0,05 Sek.)", 1240),
        ("Environ 1\u202f240\u202f000 résultats (0,05 s)", 1240000),
        ("1’240 results", 1240),
        ("找到约 1,240 条结果 （用时0.05秒）", 1240),
        ("3 results (0.02 sec)", 3),
        ("1 result (0.02 sec)", 1),
        ("About , results", None),
        ("(0.02 sec)", None),
        ("", None),
    ],
)
def test_the_estimate_is_read(said: str, total: int | None) -> None:
    shown = results("x", rows=[row(work(1), 0)]).replace("About 1,240 results (<b>0.05</b> sec)", said)
    assert saved(shown)[1].total == total


# --- pages that a browser saved --------------------------------------------------------------------------------------


def as_saved(html: str, url: str, *, noted: bool = True) -> str:
    """Return a page as a browser saves it: what it is built of is told anew."""
    origin = url.partition("/scholar")[0]
    html = re.sub(r'(href|action)="/', rf'\1="{origin}/', html)
    html = html.replace("type=hidden", 'type="hidden"').replace("class=gs_ctg2", 'class="gs_ctg2"')
    html = html.replace("\xa0", "&nbsp;").replace("<br>", "<br>\n")
    note = f"\n<!-- saved from url=({len(url):04}){url} -->\n"
    head = '<html class="gs_el_sm"><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8">'
    html = html.replace("<!doctype html><html><head>", f"<!DOCTYPE html>{note if noted else ''}{head}", 1)
    files = (
        '<link rel="stylesheet" href="./x - Google Scholar_files/a.css"><script src="./x_files/b.js.download"></script>'
    )
    html = html.replace("</head>", f"{files}</head>", 1)
    return html.replace(
        "</body></html>", '<iframe id="gsb_promo_ping" src="./x_files/c.html"></iframe></body></html>\n'
    )


@pytest.mark.parametrize("noted", [True, False])
@pytest.mark.parametrize("start", [0, 10, 20])
def test_a_saved_page_gives_what_the_live_one_gives(server: ScholarServer, start: int, noted: bool) -> None:
    server.total = 27
    live = Scholar(server.url).page(TERM, str(start or ""), 10, start + 1)
    html = as_saved(results(TERM, start, server.total), live.url, noted=noted)
    assert is_results(html)
    query, came = saved(html)
    assert query == TERM
    assert came.hits == live.hits
    assert (came.url, came.total, came.next) == (live.url if noted else "", live.total, live.next)


def test_a_saved_page_knows_its_place_where_rows_are_numbered_anew() -> None:
    html = re.sub(r'data-rp="1(\d)"', r'data-rp="\1"', results(TERM, 10))
    query, came = saved(as_saved(html, f"https://scholar.google.com{FIRST}&start=10"))
    assert (query, came.next, [hit.rank for hit in came.hits]) == (TERM, "20", list(range(11, 21)))


@pytest.mark.parametrize(
    ("html", "kind"),
    [
        (frame("x", "", '<div id="gs_captcha_ccl"></div>'), BlockedError),
        (results("x").replace("gs_r gs_or", "gs_hit"), ChangedError),
        (results("x")[:9000], ChangedError),
        (results("x").replace("<!doctype html>", "<!-- saved from url=(0009)http://[x -->"), None),
    ],
)
def test_a_saved_page_may_be_something_else(html: str, kind: type[ReviewError] | None) -> None:
    assert is_results(html)
    if kind is None:
        assert len(saved(html)[1].hits) == 10
    else:
        with pytest.raises(kind):
            saved(html)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "gs_",
        "%0 Journal Article\n%T gs_res_ccl",
        "@article{a, title={id=gs_res_ccl}}",
        'title,id\nx,id="gs_res_ccl"\n',
        "<html><head><title>gs_</title></head></html>",
        "<html><body><p>Look for &lt;div id=&quot;gs_res_ccl&quot;&gt;</p></body></html>",
        "<!doctype html><html><body><table id='gsc_a_t'><tr class='gsc_a_tr'></tr></table>gs_r gs_or</body></html>",
        "<!doctype html><html><head><title>PubMed</title></head><body>x</body></html>",
    ],
)
def test_what_is_no_page_of_scholar_is_not_taken_for_one(text: str) -> None:
    assert not is_results(text)


@pytest.mark.parametrize("html", [results("x"), empty("x"), results("x", 1230), results("x").upper().lower()])
def test_a_page_of_scholar_is_known_by_its_content(html: str) -> None:
    assert is_results(html)


def test_a_page_of_another_size_than_scholars_is_refused(server: ScholarServer) -> None:
    server.behave({})
    with pytest.raises(ReviewError, match="gives 10 hits a page, not 20"):
        Scholar(server.url).page(TERM, "", 20, 1)
    assert not server.requests
