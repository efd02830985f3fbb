"""Every page of the site, held to WCAG by axe-core: wide and on a phone, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

import pytest
from playwright.sync_api import Browser
from site_pages import PAGES, Server, served

from reviewdb.review import Review

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
#: WCAG 2.2 A and AA, and what axe-core holds to be good practice.
_RUN = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
  .map(({id, nodes}) => `${id}: ${nodes.length} times, such as ${nodes[0].html.slice(0, 200)}`)"""


@pytest.fixture(scope="module")
def server(built: Review) -> Iterator[Server]:
    with served(built) as running:
        yield running


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)], ids=["wide-light", "phone-dark"])
@pytest.mark.parametrize("path", [*PAGES, "/nothing", "/review?sql=select+nonsense"])
def test_no_page_shuts_anybody_out(browser: Browser, server: Server, path: str, width: int, dark: bool) -> None:
    scheme = "dark" if dark else "light"
    size = {"width": width, "height": 800}
    # The site allows no script, so axe-core comes past its policy.
    with browser.new_context(base_url=server.url, viewport=size, color_scheme=scheme, bypass_csp=True) as context:
        page = context.new_page()
        page.goto(path)
        page.evaluate(AXE)
        assert page.evaluate(_RUN) == []


def test_axe_finds_what_is_wrong(browser: Browser) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.set_content('<main><img src="data:,"><p style="color: #aaa; background: #fff">faint</p></main>')
        page.evaluate(AXE)
        found = {said.partition(":")[0] for said in page.evaluate(_RUN)}
    assert {"image-alt", "color-contrast"} <= found
