"""The site in a real browser: wide and narrow, by keyboard, without JavaScript, and never talking to anybody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from site_pages import PAGES, Server, served

from reviewdb.review import Review

WIDE, NARROW = (1280, 800), (390, 844)


@pytest.fixture(scope="module")
def server(built: Review) -> Iterator[Server]:
    with served(built) as running:
        yield running


@pytest.fixture(
    params=[(*WIDE, True), (*WIDE, False), (*NARROW, True), (*NARROW, False)], ids=lambda p: "-".join(map(str, p))
)
def page(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[Page]:
    """Return a page of each width, with JavaScript and without, that fails on any complaint and any outside request."""
    width, height, scripts = request.param
    context: BrowserContext = browser.new_context(
        viewport={"width": width, "height": height}, base_url=server.url, java_script_enabled=scripts
    )
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("response", lambda answer: answer.ok or answer.status == 302 or complaints.append(answer.url))
    opened.on("request", lambda asked: urlsplit(asked.url).hostname == "127.0.0.1" or complaints.append(asked.url))
    yield opened
    context.close()
    assert complaints == []


def _is_narrow(page: Page) -> bool:
    return bool(page.viewport_size and page.viewport_size["width"] == NARROW[0])


def _open_filters(page: Page) -> None:
    if _is_narrow(page):
        page.locator("details.filters > summary").click()


def test_a_reader_searches_by_keyboard_from_home(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    box = page.get_by_role("searchbox")
    for _ in range(12):
        page.keyboard.press("Tab")
        if box.evaluate("box => box === document.activeElement"):
            break
    expect(box).to_be_focused()
    page.keyboard.type("retina*")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Papers")
    assert "_search=retina" in page.url
    assert page.locator(".card").count() > 3


def test_a_reader_filters_and_takes_it_back(page: Page) -> None:
    page.goto("/review/papers")
    everything = page.locator(".count b").inner_text()
    _open_filters(page)
    page.get_by_role("link", name="Table IV: brain MRI", exact=True).last.click()
    expect(page.locator(".count b")).to_have_text("16 papers")
    page.get_by_role("link", name=re.compile("^Table IV: brain MRI.*remove")).click()
    expect(page.locator(".count b")).to_have_text(everything)


def test_a_reader_takes_either_of_two_codes_some_years_and_the_papers(page: Page) -> None:
    page.goto("/review/papers?_code=modality.ct")
    expect(page.locator(".count b")).to_have_text("3 papers")
    _open_filters(page)
    page.get_by_role("link", name="Magnetic resonance imaging", exact=True).last.click()
    expect(page.locator(".count b")).to_have_text("22 papers")
    _open_filters(page)
    page.get_by_label("from").fill("2019")
    page.get_by_label("to", exact=True).fill("2020")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".count b")).to_have_text("8 papers")
    page.locator("details.taking > summary").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="BibTeX", exact=True).click()
    assert download.value.suggested_filename == "papers.bib"
    assert download.value.path().read_text(encoding="utf-8").count("\n@") == 7


def test_a_reader_mistypes_and_finds(page: Page) -> None:
    page.goto("/review/papers")
    page.get_by_role("searchbox").fill("generatve adverserial")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="generative adversarial").click()
    expect(page.locator(".card mark").first).to_have_text("generative", ignore_case=True)


def test_a_reader_copies_a_reference_by_keyboard(page: Page) -> None:
    page.goto("/review/papers/2021-mini-review-002")
    field = page.get_by_role("textbox", name="Reference, to be copied")
    field.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("x")
    expect(field).to_have_value(re.compile("^T. Schlegl, .*2017.*marker discovery"))
    expect(page.get_by_role("heading", name="Papers most like it")).to_be_visible()


def test_a_reader_opens_a_paper_from_a_table(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Table I: retina", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Table I: retina")
    page.get_by_role("link", name="Towards practical unsupervised anomaly detection").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Towards practical unsupervised anomaly detection")
    expect(page.get_by_role("heading", name="What coders say")).to_be_visible()
    page.locator("details.history > summary").click()
    expect(page.get_by_role("region", name="Decisions")).to_be_visible()


def test_a_reader_asks_in_sql(page: Page) -> None:
    page.goto("/review")
    page.get_by_role("textbox", name="SQL").fill("select count(*) as n from papers")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("tbody td")).to_have_text("117")


def test_a_reader_goes_from_a_cell_of_the_map_to_its_papers(page: Page) -> None:
    page.goto("/")
    table = page.get_by_role("region", name="Imaging modality by Method")
    row = table.get_by_role("row", name=re.compile("^Optical coherence tomography"))
    cell = row.get_by_role("link", name="3", exact=True)
    cell.scroll_into_view_if_needed()
    cell.click()
    expect(page.locator(".count b")).to_have_text("3 papers")
    expect(page.locator(".choice")).to_have_count(3)


def test_a_reader_turns_the_map_and_asks_for_suggestions(page: Page) -> None:
    page.goto("/")
    _open_filters(page)
    page.locator(".options").get_by_role("link", name="Year", exact=True).last.click()
    expect(page.get_by_role("columnheader", name="Imaging modality by Year")).to_be_visible()
    _open_filters(page)
    page.get_by_role("link", name="with suggestions of rules").click()
    _open_filters(page)
    page.get_by_role("link", name="newest paper").click()
    assert page.url.endswith("?map=modality,year&codes=suggested&colour=recency#map")
    _open_filters(page)
    expect(page.get_by_role("link", name="with suggestions of rules")).to_have_attribute("aria-current", "true")
    maybe = page.locator("td.maybe a").first
    papers = int(maybe.inner_text().removeprefix("+"))
    maybe.click()
    expect(page.locator(".count b")).to_have_text(re.compile(f"^{papers} paper"))


def test_the_map_scrolls_and_opens_by_keyboard(page: Page) -> None:
    page.goto("/#map")
    region = page.get_by_role("region", name="Imaging modality by Method")
    for _ in range(50):
        # The browser may still be on its way to the fragment, which takes the focus along.
        region.focus()
        page.keyboard.press("ArrowRight")
        if not _is_narrow(page) or region.evaluate("e => e.scrollLeft > 0"):
            break
        page.wait_for_timeout(100)
    if _is_narrow(page):
        page.wait_for_function("document.querySelector('.map').parentElement.scrollLeft > 0")
    # The heads of rows stay in sight.
    head = region.get_by_role("rowheader", name="Magnetic resonance imaging")
    assert head.evaluate("head => head.getBoundingClientRect().left >= 0")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Papers")


@pytest.mark.parametrize("path", ["/", "/review/modality-by-method", "/review/method-by-year", "/review/records"])
def test_what_is_cut_at_the_right_says_so_and_nothing_else_does(page: Page, path: str) -> None:
    page.goto(path)
    region = page.locator(".scroll").first
    is_cut = region.evaluate("e => e.scrollWidth > e.clientWidth")
    hint = region.get_by_text("Wider than this window: scroll it to the right.")
    expect(hint).to_be_visible() if is_cut else expect(hint).to_be_hidden()
    assert is_cut or not _is_narrow(page)
    if is_cut:
        # It stays in sight while one scrolls.
        region.evaluate("e => { e.scrollLeft = 99999; }")
        assert hint.evaluate("e => e.getBoundingClientRect().left >= e.parentElement.getBoundingClientRect().left - 1")


def test_numbers_of_a_narrow_table_stand_beside_their_words(page: Page) -> None:
    # With six columns, papers by year are wider than a phone.
    page.goto("/review/search-overlap" if _is_narrow(page) else "/review/papers-by-year")
    table = page.locator("table.reading")
    assert table.evaluate("e => e.getBoundingClientRect().width") <= (390 if _is_narrow(page) else 640)


def test_nothing_that_names_is_cut(page: Page) -> None:
    page.goto("/methods")
    brand = page.locator(".brand")
    assert brand.evaluate("e => e.scrollWidth <= e.clientWidth && e.scrollHeight <= e.clientHeight + 1")
    hint = page.get_by_text("Wider than this window: scroll it to the right, or read it as a table below.")
    expect(hint).to_be_visible() if _is_narrow(page) else expect(hint).to_be_hidden()
    page.goto("/")
    # As wide as its placeholder needs, in its own type.
    assert page.get_by_role("searchbox").evaluate(
        """box => {
          const [pen, type] = [document.createElement("canvas").getContext("2d"), getComputedStyle(box)];
          pen.font = type.font;
          const room = box.clientWidth - parseFloat(type.paddingLeft) - parseFloat(type.paddingRight);
          return pen.measureText(box.placeholder).width <= room;
        }"""
    )
    # A word of a label stands on one line.
    assert (
        page.locator(".map tbody th").evaluate_all(
            """labels => labels.flatMap(label => [...label.firstChild.data.matchAll(/[^\\s/-]+/g)].filter(word => {
              const range = document.createRange();
              range.setStart(label.firstChild, word.index);
              range.setEnd(label.firstChild, word.index + word[0].length);
              return new Set([...range.getClientRects()].map(box => Math.round(box.top))).size > 1;
            }).map(word => word[0]))"""
        )
        == []
    )


def test_a_reader_follows_the_flow_and_what_changed(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="The flow, step by step").click()
    diagram = page.get_by_role("img", name=re.compile("PRISMA 2020 flow diagram"))
    expect(diagram).to_be_visible()
    assert diagram.evaluate("drawn => getComputedStyle(drawn.querySelector('.paper')).fill") == "rgb(255, 255, 255)"
    page.get_by_text("The same as a table").click()
    expect(page.get_by_role("region", name="Flow as a table")).to_be_visible()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Changes").click()
    expect(page.get_by_role("heading", name="78 new papers found")).to_be_visible()
    page.get_by_role("link", name="Point-plane better than point-point").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Point-plane better than point-point")


def test_the_diagram_is_dark_where_the_reader_s_system_is(browser: Browser, server: Server) -> None:
    with browser.new_context(base_url=server.url, color_scheme="dark") as context:
        page = context.new_page()
        page.goto("/methods")
        fill = page.locator(".prisma .paper").evaluate("paper => getComputedStyle(paper).fill")
        assert fill == "rgb(22, 24, 27)"


@pytest.mark.parametrize("width", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("colors", ["light", "dark"])
def test_no_page_is_wider_than_the_window_or_needlessly_high(
    browser: Browser, server: Server, width: tuple[int, int], colors: str
) -> None:
    size = {"width": width[0], "height": width[1]}
    scheme = "dark" if colors == "dark" else "light"
    with browser.new_context(viewport=size, base_url=server.url, color_scheme=scheme) as context:
        page = context.new_page()
        for path in PAGES:
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width[0], path
            high = page.evaluate("document.documentElement.scrollHeight")
            assert high < (30_000 if "unconfirmed" in path or "sql=" in path else 12_000), (path, high)
            assert page.evaluate(_CONTRAST) == [], path


#: Texts whose contrast with what lies behind them is below 4.5 to 1 (WCAG 2, AA).
_CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = color => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const linear = part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => .2126 * linear(r / 255) + .7152 * linear(g / 255) + .0722 * linear(b / 255);
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const color = rgba(getComputedStyle(e).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255];
  };
  const faint = new Set();
  for (const element of document.querySelectorAll("main *, header *, footer *")) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (!own || element.closest("svg, .hidden") || !element.checkVisibility()) continue;
    const pair = [light(rgba(getComputedStyle(element).color)), light(behind(element))].sort((x, y) => y - x);
    const ratio = (pair[0] + .05) / (pair[1] + .05);
    if (ratio < 4.5) faint.add(`${element.tagName}.${element.className} ${ratio.toFixed(2)}`);
  }
  return [...faint];
}"""
