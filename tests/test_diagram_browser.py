"""The diagram in a real browser: text stays in its box, can be read in light and in dark, and can be selected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flows import HOSTILE, Found, flow, labelled
from playwright.sync_api import Browser, Page

from reviewdb.diagram.svg import svg
from reviewdb.flow import Judged
from reviewdb.model import CITATIONS, Search

REASONS = (
    *HOSTILE,
    "WWWWWWWWWW mmmmmmmmmm @@@@@@@@@@ MMMMMMMMMM 0000000000",
    "illicit fluffy filtering, ill-lit; i.e. l'I|l",
)
# The boxes of texts in their boxes, and the colours of both.
PLACES = """() => [...document.querySelectorAll('svg g.line')].flatMap(group => {
    const found = [];
    const box = group.querySelector('rect');
    for (let text = group.nextElementSibling; text && text.tagName === 'text'; text = text.nextElementSibling) {
        const inner = text.getBoundingClientRect(), outer = box.getBoundingClientRect();
        found.push({
            words: text.textContent,
            room: [
                inner.left - outer.left, inner.top - outer.top, outer.right - inner.right, outer.bottom - inner.bottom,
            ],
            colours: [getComputedStyle(text).fill, getComputedStyle(box).fill],
        });
    }
    return found;
})"""


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """Return a page that shows the diagram of a review with labels of all kinds, to a reader of light or dark pages."""
    papers = [Judged(f"p-{n}", f"p-{n}", "excluded", "screening", f"r{n}") for n in range(len(REASONS))]
    searches = [Search("s", REASONS[-1], "q", ""), Search("c", REASONS[-2], "q", "", kind=CITATIONS)]
    hits = [Found("sc"[n % 2], paper.paper) for n, paper in enumerate(papers)]
    drawn = svg(flow(searches, hits, papers, labelled(REASONS)), "R")
    context = browser.new_context(color_scheme=request.param, viewport={"width": 1400, "height": 900})
    opened = context.new_page()
    opened.set_content(f"<!doctype html><body>{drawn}")
    yield opened
    context.close()


def luminance(colour: str) -> float:
    """Return the relative luminance of `rgb(r, g, b)`, as WCAG 2.2 defines it."""
    parts = [int(part) / 255 for part in colour.removeprefix("rgb(").rstrip(")").split(",")]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_text_stays_in_its_box_and_can_be_read(page: Page) -> None:
    found: list[dict[str, Any]] = page.evaluate(PLACES)
    assert len(found) > 20
    for text in found:
        assert min(text["room"]) >= 0, text
        light, dark = sorted(map(luminance, text["colours"]), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, text


def test_text_can_be_selected(page: Page) -> None:
    page.keyboard.press("Control+A")
    assert "Records identified (n\u00a0=\u00a04)" in page.evaluate("String(getSelection())")


def test_the_diagram_has_a_name_and_a_description(page: Page) -> None:
    image = page.get_by_role("img", name="PRISMA 2020 flow diagram: R")
    assert image.count() == 1
