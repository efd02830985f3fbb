"""The site below another address than the root of its host, as a proxy passes it on."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from conftest import Program
from site_pages import PAGES, served

from reviewdb.review import Review

_LINKS = re.compile(r"""\b(?:href|src|action)=["']([^"']*)""")
# The second has the name of the database, which addresses of Datasette begin with.
BASES = ("/shelf/3/", "/review/")


@pytest.fixture(scope="module")
def plain(built: Review) -> Iterator[httpx.Client]:
    with served(built) as server, httpx.Client(base_url=server.url, timeout=60) as client:
        yield client


@pytest.fixture(scope="module", params=BASES)
def below(built: Review, request: pytest.FixtureRequest) -> Iterator[tuple[httpx.Client, str]]:
    with served(built, "--base-url", request.param) as server:
        server.wait(lambda: f"{request.param} (Ctrl-C" in server.said)
        with httpx.Client(base_url=server.url, timeout=60) as client:
            yield client, request.param


def _links(page: str) -> set[str]:
    return {link.partition("#")[0] for link in _LINKS.findall(page)} - {""}


def test_every_page_is_the_same_and_links_stay_below(below: tuple[httpx.Client, str], plain: httpx.Client) -> None:
    client, base = below
    seen: set[str] = set()
    for path in PAGES:
        page, as_ever = client.get(base + path[1:]), plain.get(path)
        assert (page.status_code, page.headers["content-type"]) == (200, as_ever.headers["content-type"]), path
        here, there = _links(page.text), _links(as_ever.text)
        # Datasette itself names some pages' JSON by its whole address, and below a base wrongly: we leave it out there.
        there -= {link for link in there if link.startswith(str(plain.base_url))}
        assert here == {base + link[1:] if link.startswith("/") else link for link in there}, path
        seen |= here
    files = {link for link in seen if re.search(r"\.(css|svg|png|atom|js)(\?|$)", link) and link.startswith("/")}
    assert len(files) > 1
    assert {link: client.get(link).status_code for link in files} == dict.fromkeys(files, 200)


@pytest.mark.parametrize(
    "path",
    [
        *("/review/papers.json?_size=1", "/review/papers.csv?_size=1", "/-/review/review/papers.bib?status=included"),
        *("/-/review/review/tables/papers.json", "/-/review/review/queries/table-1.csv", "/-/review.db", "/nowhere"),
    ],
)
def test_what_is_taken_is_the_same(path: str, below: tuple[httpx.Client, str], plain: httpx.Client) -> None:
    client, base = below
    taken, as_ever = client.get(base + path[1:]), plain.get(path)
    assert taken.status_code == as_ever.status_code
    assert len(taken.content.replace(base.encode(), b"/")) == pytest.approx(len(as_ever.content), rel=0.01)


def test_a_key_leads_to_its_paper(below: tuple[httpx.Client, str]) -> None:
    client, base = below
    found = client.get(f"{base}paper/schlegl2017unsupervised")
    assert found.headers["location"] == f"{base}review/papers/2021-mini-review-002"


def test_a_feed_tells_the_address_that_the_proxy_was_asked_for(below: tuple[httpx.Client, str]) -> None:
    client, base = below
    asked = {"Host": "reviews.example.org", "X-Forwarded-Proto": "https"}
    assert f"https://reviews.example.org{base}" in client.get(f"{base}changes.atom", headers=asked).text


@pytest.mark.parametrize("path", ["-/metadata.json", "-/databases.json", "-/versions.json", "-/settings"])
def test_nothing_is_told_of_the_machine_there_either(path: str, below: tuple[httpx.Client, str]) -> None:
    client, base = below
    for address in (f"{base}{path}", f"/{path}", base[:-1], f"{base}%2D/{path[2:]}"):
        assert client.get(address, follow_redirects=True).status_code == 404, address


@pytest.mark.parametrize("bad", ["https://example.org/", "/a b/", "/a/../b/", "/-/", "/a//b/", "/ä/", "/a?b/", "/%61/"])
def test_what_is_no_path_is_refused(bad: str, built: Review, program: Program) -> None:
    done = program("serve", "--base-url", bad, folder=built.root)
    assert done.returncode == 2
    assert "is not a path such as /review/" in " ".join(done.stderr.split())
