"""The page of a paper: its neighbours, how to cite it; and a record that means harm is only ever text, everywhere."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, Dialog
from site_pages import Html, Server, Site, served, site

from reviewdb import build, formats
from reviewdb.model import Record
from reviewdb.review import Review

PAPER = "/review/papers/2021-mini-review-002"
KINDS = ("bibtex", "ris", "csl-json", "csv", "json", "latex")


def copied(of: Review, to: Path, **searches: list[dict[str, object]]) -> Review:
    """Return a built copy of a review with more searches."""
    review = Review(to)
    for part in ("data", "queries"):
        shutil.copytree(of.root / part, review.root / part)
    for name, lines in searches.items():
        text = "\n".join(map(json.dumps, lines)) + "\n"
        (review.root / f"data/searches/{name}.jsonl").write_text(text, encoding="utf-8")
    build.refresh(review)
    return review


def known(number: int, about: str, *references: int) -> dict[str, object]:
    """Return what OpenAlex knows of the paper of a record."""
    works = [f"W{reference}" for reference in references]
    return {
        "id": f"oa-{number}", "rank": number, "title": "As known", "about": about, "openalex": f"W{number}",
        "references": works,
    }  # fmt: skip


@pytest.fixture(scope="module")
def mini(built: Review) -> Iterator[Site]:
    with site(built.database) as opened:
        yield opened


@pytest.fixture(scope="module")
def enriched(tmp_path_factory: pytest.TempPathFactory, built: Review) -> Iterator[Site]:
    """Return a site where 2 cites 1 and a work elsewhere, 3 and 4 cite 2, and 5 only a work elsewhere."""
    head: dict[str, object] = {"source": "openalex", "query": "x", "date": "2026-01-01", "kind": "enrichment"}
    ids = [f"2021-mini-review-{n:03}" for n in range(6)]
    lines = [
        head,
        known(1, ids[1]),
        known(2, ids[2], 1, 99),
        known(3, ids[3], 2),
        known(4, ids[4], 2, 1),
        known(5, ids[5], 99),
    ]
    with site(copied(built, tmp_path_factory.mktemp("enriched"), oa=lines).database) as opened:
        yield opened


def drawn(page: Html) -> tuple[list[str], list[str]]:
    """Return the papers that a graph draws: those cited, and those citing."""
    assert 'class="graph"' in page.text
    found = re.findall(r'<a href="([^"]+)"[^>]*><title>[^<]*</title><circle class="(cited|citing)"', page.text)
    return tuple([link[-3:] for link, kind in found if kind == side] for side in ("cited", "citing"))  # type: ignore[return-value]


def test_a_graph_shows_what_is_cited_and_what_cites_inside_the_review(enriched: Site) -> None:
    page = enriched.html(PAPER)
    assert drawn(page) == (["001"], ["003", "004"])
    assert "OpenAlex knows 2 works that it cites" in page.text
    assert drawn(enriched.html(PAPER.replace("002", "001"))) == ([], ["002", "004"])
    assert drawn(enriched.html(PAPER.replace("002", "004"))) == (
        ["002", "001"],
        [],
    )  # where none is cited more, the oldest first


def test_where_nothing_is_known_of_citations_none_are_drawn(enriched: Site, mini: Site) -> None:
    alone = enriched.html(PAPER.replace("002", "005"))
    assert 'class="graph"' not in alone.text
    assert "OpenAlex knows 1 work that it cites" in alone.text
    assert "Citations inside this review" not in mini.html(PAPER).text


def test_the_papers_most_like_one_say_what_both_have(mini: Site) -> None:
    page = mini.html(PAPER)
    found = page.text[page.text.index('id="alike"') : page.text.index('aria-label="History"')]
    assert re.findall(r'<a href="([^"]+)"', found)[0].endswith("2021-mini-review-003")  # its sequel, f-AnoGAN
    first = found[: found.index("</li>")]
    assert "“adversarial”" in first
    assert "Optical coherence tomography" in first
    assert PAPER not in found
    # A title of words that no other paper has is like none.
    assert "Papers most like it" not in mini.html("/review/papers/2025-cited-by-001").text


def test_a_paper_can_be_cited_without_a_script(mini: Site) -> None:
    page = mini.html(PAPER)
    reference = "T. Schlegl, P. Seeböck, S. M. Waldstein, U. Schmidt-Erfurth, G. Langs (2017). Unsupervised anomaly"
    assert reference in page.text
    assert [area["id"] for area in page.all("textarea") if "readonly" in area] == ["reference", "bibtex"]
    assert "@inproceedings{schlegl2017unsupervised," in page.text
    for kind in KINDS:
        link = f"/-/review/review/papers.{kind}?id=2021-mini-review-002"
        assert link in page.links()
        assert "schlegl2017unsupervised" in mini.get(link).text


def test_what_no_rule_can_tell_is_told_only_where_nobody_has_decided(mini: Site) -> None:
    decided, open_ = mini.get(PAPER).text, mini.get("/review/papers/2025-cited-by-015").text
    assert "What rules can tell" in decided
    assert "<b>met</b>" in decided
    assert "no rule can tell" not in decided
    assert "no rule can tell" in open_
    assert "<b>unknown</b>" not in decided + open_


def test_a_record_of_no_known_query_is_found_for_none(tmp_path: Path, built: Review) -> None:
    head: dict[str, object] = {"source": "bibtex", "query": "", "date": "2026-05-06"}
    record: dict[str, object] = {"id": "bib-1", "rank": 3, "title": "Nobody knows what was asked", "year": 2020}
    review = copied(built, tmp_path / "bib", bib=[head, record])
    with site(review.database) as opened:
        page = " ".join(opened.get("/review/papers/bib-1").text.split())
        assert "number 3 in <a" in page
        assert ">BibTeX file</a>, 2026-05-06" in page
        assert "<q></q>" not in page
        assert "“”" not in opened.get("/changes").text + opened.get("/").text


def test_the_page_of_a_paper_is_small(enriched: Site) -> None:
    assert len(enriched.html(PAPER).text.encode()) < 60_000


MARK = "<script>alert(1)</script>"
HOSTILE = f"{MARK} \u202e\u2066bidi \"quoted\" 'title' & <img src=x onerror=alert(2)> \\input{{x}} }}{{ %&#$_^~ =1+1"
EVIL: list[dict[str, object]] = [
    {"source": MARK, "query": f"{MARK}'\"", "date": "2024-01-01"},
    {
        "id": "evil-1", "rank": 1, "title": HOSTILE, "authors": [HOSTILE, "O'Brien", "; ", "} and {"], "year": 2020,
        "venue": f"{MARK}<iframe>", "url": "javascript:alert(3)", "doi": '10.1000/"><script>', "volume": "</title>",
        "abstract": f"Unsupervised brain MRI by an autoencoder. {HOSTILE}\nER  - \n@misc{{x,", "pages": "<b>1</b>",
        "openalex": "W1", "references": ["W3", MARK, 7], "published": "2020-02-30",
    },
    {"id": "evil-2", "rank": 2, "title": f"unsupervised {'word ' * 200_000}", "authors": ["A"] * 3000, "year": 2021},
    {
        "id": "evil-3", "rank": 3, "title": "x" * 1_000_000, "url": "https://example.org/\"onclick='x'", "year": 2021,
        "openalex": "W3", "references": ["W1"], "authors": ["<b>" * 1000],
    },
    {"id": "evil-4", "rank": 4, "title": "</textarea></svg></style><script>alert(4)</script>", "url": "data:text/html"},
]  # fmt: skip
EVIL_PAGES = (
    *("/", "/review", "/review/papers", "/review/papers?_search=alert", "/review/papers?_search=unsupervised+word"),
    *(f"/review/papers/evil-{n}" for n in range(1, 5)),
    f"/review/papers?_search={quote(MARK)}&_code=modality.mri&status=included",
    f"/review/papers?_search={quote(HOSTILE)}&id={quote(MARK)}",
    "/review/papers?_search=alret",
    "/review/records?search_id=evil",
    "/review/records/evil-1",
    "/review/searches",
    "/review/papers?_size=200",
    f"/review/papers?title={quote(MARK)}",
    f"/paper/{quote(MARK, safe='')}",
    "/review/unconfirmed-suggestions",
)


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory, built: Review) -> Review:
    return copied(built, tmp_path_factory.mktemp("evil"), evil=EVIL)


@pytest.fixture(scope="module")
def hostile(evil: Review) -> Iterator[Site]:
    with site(evil.database) as opened:
        yield opened


@pytest.mark.parametrize("path", EVIL_PAGES)
def test_a_hostile_record_is_text_on_every_page(hostile: Site, path: str) -> None:
    answer = hostile.get(path)
    assert answer.status in (200, 302, 404)
    page = Html(answer.text)
    for kind in ("script", "iframe", "img", "style", "object", "b1"):
        assert not page.all(kind), kind
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert {urlsplit(link).scheme for link in page.links()} <= {"", "http", "https"}
    # A right-to-left mark turns nothing but what stands with it in one element.
    outside = re.sub(r"<(bdi|title|textarea|td|dd|li|option|q|input)\b.*?(</\1>|$)", "", answer.text, flags=re.DOTALL)
    assert "\u202e" not in re.sub(r"<[^>]*>", "", outside)
    assert len(answer.text) < 200_000


@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_record_breaks_no_file(hostile: Site, kind: str) -> None:
    path = f"/-/review/review/papers.{kind}?_sort=title"
    answer = hostile.get(path)
    assert answer.status == 200
    assert "attachment" in answer.headers["content-disposition"]
    assert "html" not in answer.headers["content-type"]
    papers = 117 + 4
    if kind == "csv":
        assert len(list(csv.DictReader(io.StringIO(answer.text)))) == papers
    elif kind in ("json", "csl-json"):
        assert len(json.loads(answer.text)) == papers
    elif kind == "latex":
        rows = answer.text.splitlines()[2:]
        assert len(rows) == papers
        for row in rows:
            assert row.startswith("\\cite{")
            assert len(re.findall(r"(?<!\\)&", row)) == 4
            assert "\\input" not in row
    else:
        form = formats.recognise(answer.text)
        assert form
        found = [one.record for one in form.read(io.StringIO(answer.text)) if not hasattr(one, "what")]
        assert len(found) == papers
        assert all(isinstance(record, Record) and not record.title.startswith("ER") for record in found)


def test_a_hostile_record_does_nothing_in_a_browser(evil: Review, browser: Browser) -> None:
    with served(evil) as running, browser.new_context() as context:
        _visit(context.new_page(), running)


def _visit(page: object, running: Server) -> None:
    from playwright.sync_api import Page  # noqa: PLC0415 - for mypy

    assert isinstance(page, Page)
    complaints: list[str] = []

    def refuse(dialog: Dialog) -> None:
        complaints.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", refuse)
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda asked: asked.url.startswith(running.url) or complaints.append(asked.url))
    for path in EVIL_PAGES:
        if not path.startswith("/paper/"):  # a page that is not there is itself a message on the console
            page.goto(urljoin(running.url, path))
            assert page.evaluate("document.documentElement.scrollWidth") <= 1280, path
    assert complaints == []
