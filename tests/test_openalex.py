"""OpenAlex as it is asked: how often, what for, and what becomes of each answer."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from openalex_server import OpenAlexServer, serving, work

from reviewdb.errors import BlockedError, ChangedError, ReviewError
from reviewdb.model import Record
from reviewdb.openalex import OpenAlex


@pytest.fixture(scope="module")
def running() -> Iterator[OpenAlexServer]:
    with serving() as server:
        yield server


@pytest.fixture
def server(running: OpenAlexServer, monkeypatch: pytest.MonkeyPatch) -> OpenAlexServer:
    """Return the server, knowing three works, and asked without pauses."""
    for name in ("REVIEWDB_OPENALEX_URL", "REVIEWDB_OPENALEX_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("REVIEWDB_PACE", "0")
    running.behave({})
    running.works = [
        work("W1", "Anomalies in brain MRI", "10.1000/a"),
        work("W2", "Anomalies, revisited: the patient's view", "10.1000/b(2)", cites=["W1"]),
        work("W3", "A survey", "10.1000/c,d", cites=["W1", "W2"]),
    ]
    return running


@pytest.mark.parametrize(
    ("ask", "titles"),
    [
        (lambda o: o.by_dois(["10.1000/A", "https://doi.org/10.1000/b(2)", "10.1000/none"]).values(), ["W1", "W2"]),
        # A comma separates values of a filter: such a DOI is asked for alone.
        (lambda o: o.by_dois(["10.1000/c,d"]).values(), ["W3"]),
        (lambda o: o.by_dois([]).values(), []),
        (lambda o: o.by_title("Anomalies, REVISITED: the patient's view!"), ["W2"]),
        (lambda o: o.by_title("???"), []),
        (lambda o: [o.work("W2")], ["W2"]),
        (lambda o: [o.work("https://openalex.org/w2")], ["W2"]),
        (lambda o: [o.work("doi:10.1000/A")], ["W1"]),
        (lambda o: o.page("cites:W1", "", 100, 1).hits, ["W2", "W3"]),
        (lambda o: o.page("cited_by:W3", "", 100, 1).hits, ["W1", "W2"]),
    ],
)
def test_a_question_has_its_answer(
    ask: Callable[[OpenAlex], Iterable[Record]], titles: list[str], server: OpenAlexServer
) -> None:
    assert [record.extra["openalex"] for record in ask(OpenAlex(None, server.url))] == titles


def test_a_search_is_read_to_its_end(server: OpenAlexServer) -> None:
    source = OpenAlex(None, server.url)
    server.total = 23
    next_, ranks = "", []
    try:
        for number in range(3):
            page = source.page("anomaly", next_, 10, 10 * number + 1)
            ranks += [hit.rank for hit in page.hits]
            next_ = page.next
            assert page.total == 23
            assert bool(next_) == (number < 2)
    finally:
        server.total = 1240
    assert ranks == list(range(1, 24))
    assert len(server.paths) == 3


def test_hundreds_of_dois_are_a_few_requests(server: OpenAlexServer) -> None:
    names = [f"10.1000/{n}" for n in range(120)]
    server.works = [work(f"W{n}", "T", name) for n, name in enumerate(names, 1)]
    assert len(OpenAlex(None, server.url).by_dois(names)) == 120
    assert len(server.paths) == 3
    assert all(len(path) < 4096 for path in server.paths)


def test_of_two_works_with_one_doi_the_first_counts(server: OpenAlexServer) -> None:
    server.works = [work("W9", "B", "10.1000/a"), work("W1", "A", "10.1000/a")]
    assert OpenAlex(None, server.url).by_dois(["10.1000/a"])["10.1000/a"].title == "A"


@pytest.mark.parametrize(
    ("plan", "requests", "kind", "words"),
    [
        ("429", 4, BlockedError, r"refuses to answer for now \(429: Too many requests\)"),
        ("429 spent", 1, BlockedError, "Daily budget used"),
        ("403", 1, ReviewError, "does not let us in"),
        ("400", 1, ReviewError, "does not take the question"),
        ("500", 4, ReviewError, "out of order"),
        ("503", 4, ReviewError, "out of order"),
        ("closed", 4, ReviewError, "closed before an answer came"),
        ("not json", 1, ChangedError, "something else than its JSON"),
        ("a list", 1, ChangedError, "something else than its JSON"),
        ("truncated", 1, ChangedError, "something else than its JSON"),
        ("no results", 1, ChangedError, "has no list of works"),
        ("to elsewhere", 1, ReviewError, "sends us on to example.org"),
    ],
)
def test_a_failure_has_a_bound_and_a_name(
    plan: str, requests: int, kind: type[Exception], words: str, server: OpenAlexServer
) -> None:
    server.behave(lambda _: plan)
    source = OpenAlex(None, server.url)
    with pytest.raises(kind, match=words) as raised:
        source.by_title("Anomalies in brain MRI")
    assert type(raised.value) is kind
    assert len(server.paths) == source.requests == requests
    if kind is ChangedError:
        assert raised.value.page  # type: ignore[attr-defined]


@pytest.mark.parametrize("how", ["429", "429 later", "500", "503", "closed"])
def test_what_passes_is_waited_for(how: str, server: OpenAlexServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVIEWDB_PACE", "0.01")
    server.behave({1: how, 2: how})
    begun = time.monotonic()
    assert len(OpenAlex(None, server.url).by_title("Anomalies in brain MRI")) == 1
    assert len(server.paths) == 3
    # Each wait is twice as long as the one before: 8 and 16 times the pace.
    assert time.monotonic() - begun >= 0.24


def test_a_work_that_was_merged_is_followed_once(server: OpenAlexServer) -> None:
    server.behave({1: "to W2"})
    assert OpenAlex(None, server.url).work("W7").extra["openalex"] == "W2"
    assert len(server.paths) == 2


def test_a_known_paper_is_asked_about_once_a_day(server: OpenAlexServer, tmp_path: Path) -> None:
    for _ in range(2):
        source = OpenAlex(tmp_path, server.url)
        assert source.by_title("Anomalies in brain MRI")
        assert source.by_dois(["10.1000/a"])
        assert source.work("W1")
    assert len(server.paths) == 3
    (path, *_) = kept = sorted(tmp_path.iterdir())
    assert len(kept) == 3
    # What is damaged, or of yesterday, is asked for again; a page of a search always is.
    path.write_text("{", encoding="utf-8")
    os.utime(kept[1], (0, 0))
    source = OpenAlex(tmp_path, server.url)
    source.by_title("Anomalies in brain MRI"), source.by_dois(["10.1000/a"]), source.work("W1")
    assert len(server.paths) == 5
    source.page("anomaly", "", 10, 1), source.page("anomaly", "", 10, 1)
    assert len(server.paths) == 7
    assert len(list(tmp_path.iterdir())) == 3


def test_a_cache_that_cannot_be_written_stops_nothing(server: OpenAlexServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert OpenAlex(tmp_path / "file", server.url).by_title("Anomalies in brain MRI")


def test_the_key_is_a_header_and_nothing_else(server: OpenAlexServer, tmp_path: Path) -> None:
    source = OpenAlex(tmp_path, server.url, key="sk-secret")
    source.by_title("Anomalies in brain MRI")
    assert server.headers[0]["Authorization"] == "Bearer sk-secret"
    server.behave({1: "403"})
    with pytest.raises(ReviewError) as raised:
        source.work("W1")
    assert "sk-secret" not in str(raised.value)
    kept = "".join(path.read_text(encoding="utf-8") for path in tmp_path.iterdir())
    assert kept
    assert "sk-secret" not in kept + "".join(server.paths)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("REVIEWDB_OPENALEX_URL", "ftp://x"),
        ("REVIEWDB_OPENALEX_URL", "http://user:sk-secret@host"),
        ("REVIEWDB_OPENALEX_URL", "http://host/?key=sk-secret"),
        ("REVIEWDB_OPENALEX_URL", "http://[broken"),
        ("REVIEWDB_OPENALEX_KEY", "two words"),
        ("REVIEWDB_OPENALEX_KEY", "ключ"),
        ("REVIEWDB_PACE", "-1"),
        ("REVIEWDB_PACE", "soon"),
    ],
)
def test_a_setting_that_makes_no_sense_is_told_without_its_secrets(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ReviewError, match=variable) as raised:
        OpenAlex(None)
    assert "sk-secret" not in str(raised.value)


@pytest.mark.parametrize("name", ["W99", "10.1000/none"])
def test_a_work_that_is_not_there_is_told(name: str, server: OpenAlexServer) -> None:
    with pytest.raises(ReviewError, match="has no work"):
        OpenAlex(None, server.url).work(name)


def test_what_is_no_name_is_not_asked_for(server: OpenAlexServer) -> None:
    with pytest.raises(ReviewError, match="neither an OpenAlex id nor a DOI"):
        OpenAlex(None, server.url).work("../../etc")
    assert not server.paths


def test_it_says_who_asks(server: OpenAlexServer) -> None:
    OpenAlex(None, server.url).by_title("Anomalies in brain MRI")
    assert server.headers[0]["User-Agent"].startswith("reviewdb/")
    assert "select=" in server.paths[0]
    assert json.dumps(server.headers[0])
