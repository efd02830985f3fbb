"""A published site in a real browser, opened from a disk and served as files: the same pages, a search that works."""

from __future__ import annotations

import functools
import http.server
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from site_pages import Server
from site_pages import served as serving

from reviewdb.review import Review


@pytest.fixture(scope="module")
def folder(built: Review, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("browser") / "a site"
    # A process of its own, as the browser's driver runs a loop in this one.
    command = [sys.executable, "-m", "reviewdb", "--review", str(built.root), "publish", str(found)]
    subprocess.run(command, check=True, capture_output=True)
    return found


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[str]:
    """Serve the site as `python -m http.server` does, below an address."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(folder.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/a%20site/"
        server.shutdown()
        thread.join()


@pytest.fixture(params=["disk", "server"])
def base(request: pytest.FixtureRequest, folder: Path, served: str) -> str:
    return served if request.param == "server" else f"{folder.as_uri()}/"


@pytest.fixture
def page(browser: Browser, base: str) -> Iterator[Page]:
    """Return a page that fails on any complaint, and on any request that leaves the site."""
    with browser.new_context(viewport={"width": 390, "height": 844}) as context:
        opened = context.new_page()
        opened.set_default_timeout(10_000)
        complaints: list[str] = []
        opened.on("console", lambda message: complaints.append(message.text))
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        # A reader who goes on before a page is whole makes the browser give up what it still waits for.
        opened.on("requestfailed", lambda asked: asked.failure == "net::ERR_ABORTED" or complaints.append(asked.url))
        opened.on("response", lambda answer: answer.status < 400 or complaints.append(answer.url))
        opened.on("request", lambda asked: asked.url.startswith(base) or complaints.append(asked.url))
        yield opened
        assert complaints == []


def test_a_reader_goes_from_page_to_page(page: Page, base: str) -> None:
    page.goto(f"{base}index.html")
    page.get_by_role("link", name="Table I: retina", exact=True).first.click()
    page.get_by_role("link", name="Towards practical unsupervised anomaly detection").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Towards practical unsupervised anomaly detection")
    page.get_by_role("link", name="Papers", exact=True).click()
    page.get_by_role("link", name="Next →").click()
    expect(page.locator(".card")).to_have_count(20)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_reader_searches_from_any_page(page: Page, base: str) -> None:
    page.goto(f"{base}review/table-4.html")
    page.get_by_role("searchbox").fill("retina oct")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Search")
    expect(page.locator("mark").first).to_have_text("retinal")
    page.locator(".card h2 a").first.click()
    expect(page.get_by_role("heading", name="What coders say")).to_be_visible()
    page.go_back()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def _found(page: Page, typed: str) -> str:
    count = page.locator(".count")
    count.evaluate("counted => counted.replaceChildren()")
    page.get_by_role("searchbox").fill(typed)
    expect(count).not_to_be_empty()  # it searches when nothing was typed for a while
    return count.inner_text()


def test_the_search_forgives(page: Page, base: str) -> None:
    page.goto(f"{base}search.html")
    expect(page.locator("#found")).to_be_hidden()
    exact = _found(page, "autoencoder")
    assert exact.endswith(" papers")
    assert [_found(page, typed) for typed in ("autoencodr", "AUTOENCODERS", "autoencod", "autöencoder")] == [exact] * 4
    first = page.locator(".card h2").first
    _found(page, "schelgl f-anogan")
    expect(first).to_contain_text("f-AnoGAN", ignore_case=True)
    assert int(_found(page, "brain").split()[0]) > int(_found(page, "brain -mri").split()[0]) > 0
    # A paper has "anomly", too: a slip of its own, which is no reason to look for nothing else.
    assert "none has all" not in _found(page, "retnal anomly")
    assert _found(page, "anomaly qqqqqqqq").endswith("have some of these words, none has all")
    _found(page, "anomaly <img src=x>")
    assert page.locator("main img").count() == 0


def test_what_no_file_shows_the_search_shows(page: Page, base: str) -> None:
    page.goto(f"{base}review/papers/modality=mri.html")
    page.locator("details.filters > summary").click()
    page.get_by_role("link", name="Variational autoencoder", exact=True).last.click()
    expect(page.locator(".count b")).to_have_text("5 papers")
    expect(page.locator(".choice")).to_have_text(
        [r"Variational autoencoder: remove ×", "Magnetic resonance imaging: remove ×"]
    )
    page.get_by_role("link", name="oldest first").click()
    expect(page.locator(".count b")).to_have_text("5 papers")
    years = [int(year) for year in page.locator(".facts > span:not(.status)").all_inner_texts() if year.isdigit()]
    assert years == sorted(years)
    page.locator(".choice", has_text="Variational").click()
    expect(page.locator(".count b")).to_have_text("20 papers")


@pytest.mark.parametrize(
    ("query", "papers"),
    [
        ("status=included", 39),
        ("status__not=included", 78),
        ("status__in=included,pending", 117),
        ("_code=modality.mri&_code=modality.oct", 24),
        ("_code=modality.mri&_code=method.vae", 5),
        ("_code=modality.mri&_code=modality_suggested.mri", 30),
        # No rule suggests this one anywhere.
        ("_code=method.one_class&_code=method_suggested.one_class", 3),
        ("year__gte=2020&year__lte=2021&status=included", 15),
    ],
)
def test_the_search_chooses_as_the_site_does(page: Page, base: str, query: str, papers: int) -> None:
    page.goto(f"{base}search.html?{query}")
    expect(page.locator(".count b")).to_have_text(f"{papers} papers")


def test_without_javascript_the_search_says_how_to_browse(browser: Browser, base: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{base}search.html?_search=brain")
        expect(page.get_by_text("Searching needs JavaScript")).to_be_visible()
        page.get_by_role("link", name="what the papers are about").click()
        assert urlsplit(page.url).path.endswith("index.html")
        page.get_by_role("link", name="Magnetic resonance imaging").first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Papers")


@pytest.fixture(scope="module")
def running(built: Review) -> Iterator[Server]:
    with serving(built) as opened:
        yield opened


def _as_served(running: Server, typed: str) -> tuple[str, str]:
    """Return how many papers the running site finds, in its words, and the page that says so."""
    answer = running.get(f"/review/papers?_search={quote(typed)}").text
    said = re.search(r'<p class="count"><b>([^<]+)</b>', answer)
    assert said, typed
    return said[1], answer


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "retinal anomaly",
            "anomalies",
            "autoencoders brain",
            "f-anogan",
            "schlegl",
            "Seeböck",
            "generative adversarial",
        ),
        *("-brain", "brain -mri", "-brain -f-anogan", "autoenc*", "autoenc* -autoenc*", "unsupervised -gener*"),
    ],
)
def test_both_searches_find_the_same(page: Page, base: str, running: Server, typed: str) -> None:
    page.goto(f"{base}search.html")
    assert (
        _found(page, typed).removesuffix(" Try fewer words, or the beginning of one.") == _as_served(running, typed)[0]
    )
    expect(page.locator(".meant")).to_be_hidden()


@pytest.mark.parametrize(("typed", "meant"), [("retnal anomly", "retinal anomaly"), ("autoencodr", "autoencoder")])
def test_both_searches_tell_what_was_meant(page: Page, base: str, running: Server, typed: str, meant: str) -> None:
    page.goto(f"{base}search.html")
    assert _found(page, typed) == _as_served(running, meant)[0]
    expect(page.locator(".meant")).to_contain_text(f"Did you mean {meant}?")
    assert re.search(rf"Did you mean.*{meant}", _as_served(running, typed)[1])


def test_what_only_comes_near_is_told_as_that(page: Page, base: str) -> None:
    page.goto(f"{base}search.html")
    assert _found(page, "anomalyzzzz").endswith(" papers")
    expect(page.locator(".meant")).to_have_text("No paper has all of this. Here is what comes near.")


def test_a_number_is_no_slip_of_another(page: Page, base: str) -> None:
    page.goto(f"{base}search.html")
    assert _found(page, "schlegl 2017").endswith("have some of these words, none has all")
