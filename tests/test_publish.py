"""Publishing: the whole site as files, the same bytes every time, all of it or nothing, with every link resolved."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import small_review
from conftest import Program
from datasette.app import Datasette
from site_pages import Html, site

from reviewdb.errors import ReviewError
from reviewdb.review import Review
from reviewdb.site.publishing import Published, naming, placing, publish, rewriting
from reviewdb.site.publishing.rules import HOME, Address, Kind, Rules

RULES = Rules(
    database="review",
    tables={"papers", "records", "searches", "decisions"},
    rows={"searches"},
    columns={"modality", "method"},
)
LIST = Address("/review/papers")


@pytest.fixture(scope="module")
def published(built: Review, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Published]:
    folder = tmp_path_factory.mktemp("published") / "site"
    return folder, publish(built, folder)


@pytest.fixture(scope="module")
def folder(published: tuple[Path, Published]) -> Path:
    return published[0]


@pytest.fixture
def small(tmp_path: Path) -> Review:
    return small_review.write(tmp_path / "small")


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _pages(folder: Path) -> Iterator[tuple[Path, Html]]:
    for path in sorted(folder.rglob("*.html")):
        yield path, Html(path.read_text(encoding="utf-8"))


def _index(folder: Path) -> dict[str, list[list[object]]]:
    text = (folder / "search-index.js").read_text(encoding="utf-8")
    found: dict[str, list[list[object]]] = json.loads(text.removeprefix("self.reviewdbIndex = ").rstrip().rstrip(";"))
    return found


@pytest.mark.parametrize(
    ("source", "href", "expected"),
    [
        (HOME, "/review/papers", Kind.LIST),
        (HOME, "/review/papers?modality__arraycontains=mri", Kind.LIST),
        (HOME, "/review/papers?modality__arraycontains=mri&method__arraycontains=gan", Kind.LIST),
        (LIST, "papers?modality__arraycontains=mri", Kind.LIST),
        (LIST, "papers?_next=2021,a", Kind.LIST),
        (LIST, "papers?modality__arraycontains=mri&method__arraycontains=gan", Kind.SEARCH),
        (LIST, "papers?status=included&year=2020&_next=3", Kind.SEARCH),
        (LIST, "papers?_code=modality.mri", Kind.LIST),
        (LIST, "papers?_code=modality.mri&_code=modality.ct", Kind.SEARCH),
        (LIST, "papers?_code=modality.mri&_page=2", Kind.LIST),
        (LIST, "papers?_code=modality.mri&_code=modality_suggested.mri&status__not=excluded", Kind.SEARCH),
        (HOME, "/review/papers?status=included&modality__arraycontains=mri&method__arraycontains=gan", Kind.LIST),
        (LIST, "papers?_sort=title", Kind.SEARCH),
        (LIST, "papers?_search=brain", Kind.SEARCH),
        (LIST, "papers?colour__arraycontains=red", Kind.LIST),
        (LIST, "papers?colour__arraycontains=red&_sort=year", Kind.NONE),
        (LIST, "papers?_sort=doi", Kind.NONE),
        (LIST, "/review/papers/one", Kind.PAGE),
        (LIST, "/paper/key2020word", Kind.PAGE),
        (HOME, "/review/table-1", Kind.PAGE),
        (HOME, "/methods", Kind.PAGE),
        (HOME, "/changes.atom", Kind.PAGE),
        (HOME, "/?rows=modality&columns=method", Kind.PAGE),
        (HOME, "/review", Kind.PAGE),
        (HOME, "/review?sql=select+1", Kind.NONE),
        (HOME, "/review/records", Kind.NONE),
        (HOME, "/review/records/one", Kind.NONE),
        (HOME, "/review/searches", Kind.NONE),
        (HOME, "/review/searches/one", Kind.PAGE),
        (HOME, "/review/papers/one.json", Kind.NONE),
        (HOME, "/review.json", Kind.NONE),
        (HOME, "/.json", Kind.NONE),
        (HOME, "/review/papers.csv?_stream=on", Kind.FILE),
        (HOME, "/review/papers.csv?year=2020&_stream=on", Kind.NONE),
        (HOME, "/-/review/review/tables/papers.json?_nocol=terms", Kind.FILE),
        (HOME, "/-/review/review/tables/papers.json?year=2020", Kind.NONE),
        (HOME, "/-/review/review/tables/records.json", Kind.NONE),
        (LIST, "/-/review/review/papers.bibtex", Kind.FILE),
        (LIST, "/-/review/review/papers.bibtex?status=included", Kind.FILE),
        (LIST, "/-/review/review/papers.ris?colour__arraycontains=red", Kind.FILE),
        (LIST, "/-/review/review/papers.ris?colour__arraycontains=red&status=included", Kind.NONE),
        (LIST, "/-/review/review/papers.csv?status=included", Kind.NONE),
        (HOME, "/-/review/review/queries/table-1.csv", Kind.FILE),
        (HOME, "/-/review.db", Kind.FILE),
        (HOME, "/-/static-plugins/reviewdb/review.css?0.1", Kind.FILE),
        (HOME, "/-/versions", Kind.NONE),
    ],
)
def test_what_becomes_of_a_link(source: Address, href: str, expected: Kind) -> None:
    led = RULES.led(source, href)
    assert led
    assert RULES.kind(led[0], source) is expected


@pytest.mark.parametrize("href", ["https://example.org/", "//example.org/x", "mailto:a@example.org", "javascript:x"])
def test_other_hosts_are_not_followed(href: str) -> None:
    assert RULES.led(HOME, href) is None


@pytest.mark.parametrize(
    ("url", "kind", "page", "expected"),
    [
        ("/", Kind.PAGE, 1, "index.html"),
        ("/?rows=a&columns=b", Kind.PAGE, 1, "index/columns=b,rows=a.html"),
        ("/review/papers?_next=7&year=2020", Kind.LIST, 3, "review/papers/year=2020,page=3.html"),
        ("/review/papers?modality__arraycontains=mri.brain", Kind.LIST, 1, "review/papers/modality=mri.brain.html"),
        ("/review/records/a%2Fb", Kind.PAGE, 1, "review/records/a/b.html"),
        ("/review/records/..", Kind.PAGE, 1, "review/records/~2e..html"),
        ("/review/records/CON:*", Kind.PAGE, 1, "review/records/CON~3a~2a.html"),
        ("/-/review/review/queries/t.csv", Kind.FILE, 1, "data/queries/t.csv"),
        ("/-/review/review/papers.bibtex", Kind.FILE, 1, "data/papers.bib"),
        ("/-/review/review/papers.ris?modality__arraycontains=ct", Kind.FILE, 1, "data/papers/modality=ct.ris"),
        ("/-/static-plugins/reviewdb/review.css?1", Kind.FILE, 1, "static-plugins/reviewdb/review.css"),
    ],
)
def test_files_are_named_by_addresses(url: str, kind: Kind, page: int, expected: str) -> None:
    path, _, query = url.partition("?")
    pairs = tuple(sorted(tuple(pair.split("=")) for pair in query.split("&") if "=" in pair))
    assert naming.file_of(Address(unquote(path), pairs), kind, page) == expected  # type: ignore[arg-type]


def test_names_that_a_file_system_takes_for_one_are_told_apart() -> None:
    small, capital, long = Address("/r/a"), Address("/r/A"), Address("/r/" + "x" * 300)
    names = naming.apart({at: naming.file_of(at, Kind.PAGE) for at in (small, capital, long)})
    assert len({name.casefold() for name in names.values()}) == 3
    assert max(map(len, names[long].split("/"))) < 130


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ('<a href="/a?x=1&amp;y=2" class="k">A &amp; B</a>', '<a href="/a?x=1&amp;y=2!" class="k">A &amp; B</a>'),
        ('<a class="k" aria-label="m" href="/gone">A <b>c</b></a>!', '<span class="k">A <b>c</b></span>!'),
        ('<svg><a href="/gone"><rect/></a></svg>', "<svg><g><rect/></g></svg>"),
        ('<link rel="alternate" href="/gone"><p>', "<p>"),
        ('<form action="/x"><a href="/a">z</a><p>x</p></form>after', "after"),
        (
            '<form class="k" action="/papers"><input name="q"></form>',
            '<form class="k" action="s"><input name="q"></form>',
        ),
        ('<a id="here">x</a>&lt;&#39;', '<a id="here">x</a>&lt;&#39;'),
        ("<a href='/b' hidden title=\"a > b\">x</a>", '<a href="/b!" hidden title="a &gt; b">x</a>'),
        ('<a href="">x</a><abbr href="/gone">y</abbr>', '<a href="!">x</a><abbr href="/gone">y</abbr>'),
        ('<script src="/s.js" defer></script>', '<script src="/s.js!" defer></script>'),
        ('<p title="&#34;&gt;&lt;script&gt;">', '<p title="&#34;&gt;&lt;script&gt;">'),
    ],
)
def test_a_page_is_copied_but_for_what_leads_somewhere(page: str, expected: str) -> None:
    resolved = rewriting.html(
        page, lambda href: None if href == "/gone" else f"{href}!", lambda action: "s" if action == "/papers" else None
    )
    assert resolved == expected


@pytest.mark.parametrize(
    ("to", "base", "expected"),
    [
        ("a.html", "b.html", "a.html"),
        ("x/a.html", "x/b.html", "a.html"),
        ("x/y/a=1,b.html", "x/b.html", "y/a=1,b.html"),
        ("index.html", "x/y/b.html", "../../index.html"),
        ("x/a b.html", "x/y/z/b.html", "../../a%20b.html"),
        ("x.html", "x/b.html", "../x.html"),
    ],
)
def test_links_between_files(to: str, base: str, expected: str) -> None:
    assert naming.relative(to, base) == expected
    assert naming.relative(to, base, "top") == f"{expected}#top"


def test_one_list_of_papers_has_one_address() -> None:
    one, other = (RULES.led(HOME, f"/review/papers?{q}") for q in ("_code=method.gan.f", "method__arraycontains=gan.f"))
    assert one == other


def test_in_a_large_review_a_list_by_a_choice_goes_on_in_the_search() -> None:
    large = replace(RULES, small=False)
    for href, expected in {"?_next=3": Kind.LIST, "?year=2020": Kind.LIST, "?year=2020&_next=3": Kind.SEARCH}.items():
        led = large.led(LIST, href)
        assert led
        assert large.kind(led[0], LIST) is expected


def test_a_feed_gets_whole_addresses() -> None:
    feed = '<id>http://localhost/p/1</id><link href="http://localhost/?a=1&amp;b=2"/><link href="https://other/"/>'
    resolved = rewriting.feed(feed, "http://localhost", lambda path: f"https://e.org{path}")
    assert resolved == feed.replace("http://localhost", "https://e.org")


def test_every_link_leads_to_a_file_and_stays_relative(folder: Path) -> None:
    pages = dict(_pages(folder))
    ids = {path: {found.get("id") for _, found in page.elements} for path, page in pages.items()}
    links = {
        (path, value)
        for path, page in pages.items()
        for _, found in page.elements
        for name, value in found.items()
        if name in ("href", "src", "action")
    }
    there = {path for path in folder.rglob("*") if path.is_file()}
    for path, value in links:
        parts = urlsplit(value)
        if parts.scheme or parts.netloc:
            assert parts.scheme in ("http", "https"), (path, value)
            continue
        target = Path(os.path.normpath(path.parent / unquote(parts.path))) if parts.path else path
        assert target in there, (path, value)
        assert not parts.fragment or parts.fragment in ids[target], (path, value)
    assert len(links) > 5000


def test_every_page_is_one_that_the_site_shows(folder: Path, built: Review) -> None:
    """The texts of a page are those of the running site, whatever became of its links."""

    def texts(page: str) -> str:
        main = page[page.index("<main") : page.index("</main>")]
        # Of a selection, a running site makes files for whoever asks; and it searches otherwise.
        others = r'<details class="taking">.*?</details>|<p class="export">.*?</p>|<p class="hint".*?</p>'
        main = re.sub(others, "", main, flags=re.DOTALL)
        return re.sub(r"\s+", " ", re.sub(r"<form.*?</form>|<[^>]*>", "", main, flags=re.DOTALL))

    with site(built.database) as mini:
        for address_, name in {
            "/review/conflicts": "review/conflicts.html",
            "/review/papers": "review/papers.html",
            "/review/papers?year=2019": "review/papers/year=2019.html",
            "/review/table-4": "review/table-4.html",
            "/review/modality-by-method": "review/modality-by-method.html",
            "/review/papers/2021-mini-review-001": "paper/ouardini2019practical.html",
        }.items():
            live, files = (texts(text) for text in (mini.get(address_).text, (folder / name).read_text("utf-8")))
            assert files == live.replace("Change it and run it", ""), name


def test_the_whole_review_is_there(folder: Path, published: tuple[Path, Published]) -> None:
    index = _index(folder)
    assert len(index["papers"]) == 117
    for key, *_ in index["papers"]:
        assert (folder / "paper" / f"{key}.html").is_file()
    tables = {path.stem for path in Path("queries").glob("*.sql")}
    assert {path.stem for path in (folder / "review").glob("*.html")} >= tables
    assert {path.stem for path in (folder / "data/queries").glob("*.csv")} >= {f"table-{n}" for n in range(1, 6)}
    assert len(json.loads((folder / "data/tables/papers.json").read_text("utf-8"))) == 117
    assert "no such page" in (folder / "404.html").read_text("utf-8")
    assert published[1].pages == len(list(folder.rglob("*.html")))
    assert published[1].missing == ()


def test_the_references_of_a_list_can_be_taken(folder: Path) -> None:
    page = Html((folder / "review/papers/status=included.html").read_text("utf-8"))
    assert {"../../data/papers/status=included.bib", "../../data/papers/status=included.ris"} <= set(page.links())
    counts = {
        name: f"\n{(folder / name).read_text('utf-8')}".count("\n@")
        for name in ("data/papers/status=included.bib", "data/papers.bib")
    }
    assert list(counts.values()) == [39, 117]
    assert not list(folder.rglob("*.bibtex"))


def test_no_page_promises_what_the_search_in_the_browser_cannot(folder: Path) -> None:
    hints = [hint for _, page in _pages(folder) for hint in re.findall(r'<p class="hint"[^>]*>([^<]*)', page.text)]
    where = "In titles, abstracts, authors, venues and codes. "
    assert {hint.partition(" Or see")[0].removeprefix(where) for hint in hints} == {
        "Words or their beginnings, and -without; quotes make no phrase here."
    }


def test_no_page_of_a_hundred_and_twenty_papers_is_large(folder: Path) -> None:
    sizes = {page.name: page.stat().st_size for page in folder.rglob("*.html")}
    assert {name: size for name, size in sizes.items() if size > 60 * 1024} == {}


def test_a_table_that_is_emptied_is_not_told_of(folder: Path) -> None:
    said = (folder / "review.html").read_text(encoding="utf-8")
    assert "The queries behind the tables of this site." in said
    assert "The text files that this database was built from" not in said


def test_no_page_runs_a_script_of_its_own(folder: Path) -> None:
    for path, page in _pages(folder):
        scripts = page.all("script")
        assert all(script.get("src") for script in scripts), path
        assert bool(scripts) == (path.name == "search.html")
        assert not [found for _, found in page.elements if "style" in found or any(n.startswith("on") for n in found)]


def test_the_same_review_gives_the_same_bytes(folder: Path, built: Review, tmp_path: Path, program: Program) -> None:
    copy = Review(tmp_path / "elsewhere")
    for part in ("data", "queries"):
        shutil.copytree(built.root / part, copy.root / part)
    for path in sorted(copy.root.rglob("*.jsonl")):
        os.utime(path, (1e9, 1e9))
    done = program("--review", copy.root, "publish", "out", PYTHONHASHSEED="7")
    assert done.returncode == 0, done.stderr
    again, first = _contents(tmp_path / "out"), _contents(folder)
    assert again.keys() == first.keys()
    assert [name for name in first if again[name] != first[name]] == []


def test_datasette_runs_as_the_text_beside_the_database_says(folder: Path) -> None:
    said = (folder / "README.txt").read_text("utf-8")
    options = re.search(r'--extra-options "(.*)"', said)
    assert options
    ways = (["."], ["review.db", "--metadata", "metadata.json", *options[1].split()])
    for arguments in ways:
        command = [sys.executable, "-m", "datasette", *arguments, "--get", "/review/papers"]
        done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
        assert "117 papers" in done.stdout, done.stderr


def test_datasette_serves_the_same_from_the_folder(folder: Path) -> None:
    settings = json.loads((folder / "settings.json").read_text("utf-8"))
    assert settings["sql_time_limit_ms"] == 2000
    with site(Datasette([str(folder / "review.db")], config_dir=folder)) as served:
        assert "117 papers" in served.get("/review/papers").text
        assert served.get("/").text.count("<h1>Anomaly Detection") == 1
        assert served.get("/search-index.js").status == 404


def test_the_database_can_be_left_out(small: Review, tmp_path: Path, program: Program) -> None:
    done = program("--review", small.root, "publish", "out", "--no-database", "--url", "https://example.org/r/")
    assert done.returncode == 0, done.stderr
    found = _contents(tmp_path / "out")
    assert not {"review.db", "settings.json", "metadata.json", "README.txt"} & found.keys()
    assert b"review.db" not in found["index.html"]
    assert b"download the whole database" in found["index.html"]
    assert b'href="https://example.org/r/review/papers.html"' in found["404.html"]


def test_a_folder_with_files_of_others_is_left_alone(small: Review, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "CNAME").write_text("example.org")
    with pytest.raises(ReviewError, match="holds what reviewdb publish did not write: CNAME"):
        publish(small, out)
    assert _contents(out) == {"CNAME": b"example.org"}
    done = publish(small, out, force=True, whole=False)
    assert done.kept == 1
    assert (out / "CNAME").read_text() == "example.org"
    assert (out / "index.html").is_file()
    (out / "review" / "old.html").write_text("no page any more")
    (out / "files.txt").write_text((out / "files.txt").read_text() + "review/old.html\n")
    assert placing.foreign(out) == ["CNAME"]
    publish(small, out, force=True, whole=False)
    assert not (out / "review" / "old.html").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "small"]


@pytest.mark.parametrize(
    ("where", "message"),
    [
        (lambda at: at.root, "holds the review itself"),
        (lambda at: at.root.parent, "holds the review itself"),
        (lambda at: at.root / "data" / "site", "lies in the text of the review"),
        (lambda at: at.database, "is a file"),
        (lambda at: at.database / "site", "could not be written"),
    ],
)
def test_what_would_harm_is_refused(small: Review, where: Callable[[Review], Path], message: str) -> None:
    small.database.touch()
    with pytest.raises(ReviewError, match=message):
        publish(small, where(small), force=True)
    assert sorted(path.name for path in small.root.iterdir()) == ["data", "queries", "review.db"]


def test_an_address_that_is_none_is_refused(small: Review, tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="is no address of a site"):
        publish(small, tmp_path / "out", url="example.org/r")
    assert [path.name for path in tmp_path.iterdir()] == ["small"]


def test_text_with_a_problem_leaves_the_former_site(small: Review, tmp_path: Path) -> None:
    out = tmp_path / "out"
    publish(small, out, whole=False)
    before = _contents(out)
    (small.root / "queries" / "endless.sql").write_text("-- title: Broken\nSELECT a, FROM b\n")
    with pytest.raises(ReviewError, match="syntax error"):
        publish(small, out, whole=False)
    assert _contents(out) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "small"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of a terminal")
def test_ctrl_c_leaves_the_former_site(small: Review, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    command = [sys.executable, "-m", "reviewdb", "--review", str(small.root), "publish", str(out)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob(".out-*/raw/5")):
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "small"]
    assert list(out.iterdir()) == []


def test_hostile_records_are_harmless_in_files(small: Review, tmp_path: Path) -> None:
    title = "<script>alert(1)</script> </bdi><img src=x onerror=alert(2)> \u2028 'quoted' \"too\""
    hits = [
        {"source": "scholar", "query": "<script>", "date": "2024-01-01"},
        {"id": "evil-1", "title": title, "authors": ["<b>M"], "url": "javascript:alert(3)", "year": 2020},
        {"id": "evil-2", "title": "word " * 100_000, "authors": ["A"] * 500},
    ]
    lines = "\n".join(json.dumps(hit) for hit in hits) + "\n"
    (small.root / "data" / "searches" / "evil.jsonl").write_text(lines, encoding="utf-8")
    publish(small, tmp_path / "out", whole=False)
    for path, page in _pages(tmp_path / "out"):
        assert not [found for tag, found in page.elements if tag in ("script", "img") and "src" not in found], path
        assert not [found for _, found in page.elements if "onerror" in found], path
        assert all(not link.startswith("javascript") for link in page.links())
    index = (tmp_path / "out" / "search-index.js").read_text("utf-8")
    assert index.isascii()
    assert len(index) < 300_000
