"""Harvesting, as its users do it: the program, the real scholarly, and a Google Scholar on loopback."""

from __future__ import annotations

import html
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import Program
from scholar_server import ScholarServer, serving
from site_pages import site
from tls_proxy import proxying

from reviewdb.folder import Review

TERMS = (
    "anomaly detection in medical imaging",
    "unsupervised anomaly detection in medical imaging",
    "outlier detection in medical imaging",
    "unsupervised outlier detection in medical imaging",
)


@pytest.fixture(scope="module")
def server() -> Iterator[ScholarServer]:
    with serving() as running:
        yield running


@pytest.fixture
def scholar(server: ScholarServer) -> ScholarServer:
    """Return the server, with nothing asked yet, answering with pages of hits."""
    server.behave({})
    return server


@pytest.fixture
def folder(program: Program, tmp_path: Path) -> Path:
    """Return the mini-review before anything was harvested, decided or ruled."""
    assert program("init", "review", "--example").returncode == 0
    for path in (tmp_path / "review" / "data").glob("*/*.jsonl"):
        path.unlink()
    return tmp_path / "review"


def asking(scholar: ScholarServer, pace: str = "0") -> dict[str, str]:
    """Return the environment in which the program asks the server."""
    return {"REVIEWDB_SCHOLAR_URL": scholar.url, "REVIEWDB_PACE": pace}


def lines(folder: Path) -> list[dict[str, object]]:
    """Return all that is filed, in the order of the files."""
    files = Review(folder).files("searches")
    return [json.loads(line) for path in files for line in path.read_text(encoding="utf-8").splitlines()]


def pages(folder: Path) -> int:
    """Return how many whole pages are filed."""
    return sum("page" in line for line in lines(folder))


def hits(folder: Path) -> list[str]:
    """Return what was hit: the search with Scholar's id, in the order of the files."""
    return [f"{str(line['id'])[:-4]} {line['cid']}" for line in lines(folder) if "id" in line]


def checked(program: Program, folder: Path) -> bool:
    """Say whether nothing is wrong with the text of a review, and what is built from it."""
    return program("build", folder=folder).returncode == program("check", folder=folder).returncode == 0


def test_four_terms_of_three_pages_are_twelve_requests_and_120_hits(
    program: Program, folder: Path, scholar: ScholarServer
) -> None:
    planned = program("harvest", "--dry-run", folder=folder, **asking(scholar))
    assert "12 requests to scholar" in planned.stderr
    assert not scholar.requests
    done = program("harvest", folder=folder, **asking(scholar))
    assert done.returncode == 0, done.stderr
    assert [(asked.query, asked.start) for asked in scholar.requests] == [
        (term, start) for term in TERMS for start in (0, 10, 20)
    ]
    assert len(hits(folder)) == len(set(hits(folder))) == 120
    again = program("harvest", folder=folder, **asking(scholar))
    assert again.returncode == 0
    assert "nothing was asked" in again.stderr
    assert len(scholar.requests) == 12


def test_what_is_filed_says_what_was_asked_when_and_what_came(
    program: Program, folder: Path, scholar: ScholarServer
) -> None:
    assert program("harvest", "--term", TERMS[0], "--pages", "2", folder=folder, **asking(scholar)).returncode == 0
    head, page, *rest = lines(folder)
    assert head["source"] == "scholar"
    assert head["query"] == TERMS[0]
    assert head["parameters"] == {"patents": False, "language": "en", "page_size": 10, "pages": 2}
    assert re.fullmatch(r"reviewdb [\d.]+\w*, scholarly [\d.]+", str(head["version"]))
    assert page["page"] == 1
    assert page["url"] == scholar.url + scholar.paths[0]
    assert page["total"] == scholar.total
    assert page["next"] == "10"
    hit = rest[0]
    assert hit["rank"] == 1
    assert hit["id"] == f"{Review(folder).files('searches')[0].stem}-001"
    assert hit["cid"]
    assert "abstract" in hit["cut"]  # type: ignore[operator]
    assert [line["rank"] for line in rest if "rank" in line] == list(range(1, 21))
    assert "next" in rest[10]  # two pages were asked for, and there are more


def test_the_overlap_of_the_terms_and_the_site_follow(program: Program, folder: Path, scholar: ScholarServer) -> None:
    assert program("harvest", folder=folder, **asking(scholar)).returncode == 0
    found = json.loads(program("table", "search-yield", "--json", folder=folder).stdout)
    works = {cid.split()[1] for cid in hits(folder)}
    assert [row["hits"] for row in found] == [30] * 4
    assert sum(row["new_papers"] for row in found) == len(works) < 120
    assert all(0 < row["found_by_no_other"] < row["papers"] for row in found)
    status = json.loads(program("status", "--json", folder=folder).stdout)
    assert status["counts"]["papers"] == len(works)
    assert status["counts"]["records"] == 120
    assert status["counts"]["suggestions"] > 0
    found = json.loads(program("search", "anomaly", "--json", folder=folder).stdout)
    assert found
    with site(Review(folder).database) as opened:
        page = opened.get(f"/review/papers/{found[0]['id']}")
        assert page.status == 200
        # Evidence is marked in the title.
        assert html.escape(found[0]["title"]) in re.sub("</?mark[^>]*>", "", page.text)
        assert len(opened.json("/review/pages.json?_shape=array")) == 12


def test_a_block_stops_it_and_the_same_command_goes_on(program: Program, folder: Path, scholar: ScholarServer) -> None:
    scholar.behave({8: "429"})
    blocked = program("harvest", folder=folder, **asking(scholar))
    assert blocked.returncode == 3
    assert f"page 2 of '{TERMS[2]}'" in blocked.stderr
    assert "7 of 12 pages are saved" in blocked.stderr
    assert "reviewdb import FILE" in blocked.stderr
    assert (len(scholar.requests), pages(folder), len(hits(folder))) == (8, 7, 70)
    status = program("status", folder=folder).stdout
    assert "1 of them unfinished" in status

    for behaviour, code, requests, saved in (("captcha", 3, 1, 7), ("ok", 0, 5, 12), ("ok", 0, 0, 12)):
        scholar.behave(lambda _, how=behaviour: how)
        done = program("harvest", folder=folder, **asking(scholar))
        assert (done.returncode, len(scholar.requests), pages(folder)) == (code, requests, saved), done.stderr
    assert len(set(hits(folder))) == 120
    assert checked(program, folder)


# Whatever can go wrong is tried in full in test_scholar.py; here, what becomes of it for who types the command.
@pytest.mark.parametrize(
    ("behaviour", "code", "words"),
    [
        ("403", 3, "403"),
        ("to sorry", 3, "unusual traffic"),
        ("captcha", 3, "captcha"),
        ("doscaptcha", 3, "captcha"),
        ("consent", 3, "consent"),
        ("changed class", 1, "What came is in .reviewdb/pages/"),
        ("no html end", 1, "truncated"),
        ("500", 1, "500"),
        ("closed", 1, "closed"),
        ("reset", 1, "closed"),
        ("short", 1, "truncated"),
        ("bad gzip", 1, "decompressed"),
        ("silence", 1, "timed out after 20 seconds"),
    ],
)
def test_a_failure_is_one_request_and_loses_nothing(
    behaviour: str, code: int, words: str, program: Program, folder: Path, scholar: ScholarServer
) -> None:
    scholar.behave({2: behaviour})
    done = program("harvest", "--term", TERMS[0], folder=folder, **asking(scholar))
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "1 of 3 pages are saved" in done.stderr
    assert "Traceback" not in done.stderr
    assert (len(scholar.requests), pages(folder), len(hits(folder))) == (2, 1, 10)
    for kept in (folder / ".reviewdb" / "pages").glob("*"):
        assert kept.read_text(encoding="utf-8")


def test_a_search_without_hits_is_finished(program: Program, folder: Path, scholar: ScholarServer) -> None:
    scholar.behave(lambda _: "empty")
    done = program("harvest", "--term", "nothing", folder=folder, **asking(scholar))
    assert done.returncode == 0
    assert "0 hits" in done.stderr
    assert len(scholar.requests) == 1
    program("harvest", "--term", "nothing", folder=folder, **asking(scholar))
    assert len(scholar.requests) == 1
    assert checked(program, folder)


def test_a_search_ends_where_the_source_has_no_more(program: Program, folder: Path, scholar: ScholarServer) -> None:
    scholar.total = 14
    try:
        done = program("harvest", "--term", TERMS[0], folder=folder, **asking(scholar))
    finally:
        scholar.total = 1240
    assert done.returncode == 0
    assert (len(scholar.requests), len(hits(folder))) == (2, 14)


def test_a_finished_search_is_never_changed_but_made_anew(
    program: Program, folder: Path, scholar: ScholarServer
) -> None:
    for _ in range(2):
        assert program("harvest", "--term", TERMS[0], "--pages", "1", folder=folder, **asking(scholar)).returncode == 0
    (first,) = Review(folder).files("searches")
    before = first.read_bytes()
    anew = program("harvest", "--term", TERMS[0], "--pages", "1", "--again", folder=folder, **asking(scholar))
    assert anew.returncode == 0
    assert first.read_bytes() == before
    assert len(Review(folder).files("searches")) == 2
    assert len(scholar.requests) == 2


def start(folder: Path, scholar: ScholarServer, pace: str = "0.01") -> subprocess.Popen[str]:
    """Start a harvest, and go on while it runs."""
    return subprocess.Popen(
        [sys.executable, "-m", "reviewdb", "harvest"],
        cwd=folder,
        env={**os.environ, **asking(scholar, pace)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_whenever_it_is_stopped_no_hit_is_lost_and_none_is_doubled(
    how: signal.Signals, folder: Path, scholar: ScholarServer, program: Program
) -> None:
    chance = random.Random(int(how))
    asked = 0
    for _ in range(10):
        scholar.behave({})
        saved = pages(folder) if Review(folder).files("searches") else 0
        running = start(folder, scholar)
        # From the first request on, at any moment; most of the time before it goes into loading.
        while not scholar.requests and running.poll() is None:
            time.sleep(0.002)
        time.sleep(chance.random() * 0.06)
        running.send_signal(how)
        _, told = running.communicate()
        asked += len(scholar.requests)
        if running.returncode != 0:
            assert running.returncode == (-signal.SIGKILL if how is signal.SIGKILL else 130), told
            assert "Traceback" not in told
        assert _whole(folder) >= saved
    scholar.behave({})
    done = program("harvest", folder=folder, **asking(scholar))
    assert done.returncode == 0, done.stderr
    assert (pages(folder), len(hits(folder)), len(set(hits(folder)))) == (12, 120, 120)
    assert len({line["id"] for line in lines(folder) if "id" in line}) == 120
    # What was asked twice was stopped between its request and the disk.
    assert asked + len(scholar.requests) <= 12 + 10
    assert checked(program, folder)


def _whole(folder: Path) -> int:
    """Return how many whole pages there are, whatever stands behind them."""
    count = 0
    for path in Review(folder).files("searches"):
        *whole, _ = path.read_bytes().split(b"\n")
        count += sum(b'"page"' in line for line in whole)
    return count


def test_the_pace_is_kept_and_bad_ones_are_refused(program: Program, folder: Path, scholar: ScholarServer) -> None:
    done = program("harvest", "--term", TERMS[0], folder=folder, **asking(scholar, "0.3"))
    assert done.returncode == 0
    moments = [asked.at for asked in scholar.requests]
    assert all(later - earlier >= 0.3 for earlier, later in pairwise(moments))
    for pace in ("-1", "soon", "inf", "nan"):
        scholar.behave({})
        bad = program("harvest", "--again", "--term", TERMS[0], folder=folder, **asking(scholar, pace))
        assert bad.returncode == 1
        assert "REVIEWDB_PACE" in bad.stderr
        assert not scholar.requests


def test_two_at_once_do_not_ask_for_the_same(folder: Path, scholar: ScholarServer, program: Program) -> None:
    running = start(folder, scholar, pace="2")
    while not scholar.requests and running.poll() is None:
        time.sleep(0.01)
    second = program("harvest", folder=folder, **asking(scholar))
    assert second.returncode == 1
    assert "another reviewdb is harvesting" in second.stderr
    running.send_signal(signal.SIGINT)
    _, told = running.communicate()
    assert running.returncode == 130
    assert "go on" in told
    assert len(scholar.requests) == 1


def test_a_disk_that_fills_on_page_seven_loses_nothing(program: Program, folder: Path, scholar: ScholarServer) -> None:
    arguments = ["harvest", "--term", TERMS[0], "--pages", "8"]
    scholar.behave({7: "429"})
    assert program(*arguments, folder=folder, **asking(scholar)).returncode == 3
    (path,) = Review(folder).files("searches")
    room = path.stat().st_size + 700
    path.unlink()
    scholar.behave({})
    limit = (
        "import resource, runpy, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))\n"
        f"sys.argv = ['reviewdb', *{arguments!r}]\n"
        "runpy.run_module('reviewdb', run_name='__main__')"
    )
    environment = {**os.environ, **asking(scholar)}
    full = subprocess.run(
        [sys.executable, "-c", limit], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert full.returncode == 1, full.stderr
    assert "File too large" in full.stderr
    assert "6 of 8 pages are saved" in full.stderr
    assert (len(scholar.requests), pages(folder), len(hits(folder))) == (7, 6, 60)
    done = program(*arguments, folder=folder, **asking(scholar))
    assert done.returncode == 0
    assert (len(scholar.requests), pages(folder)) == (9, 8)
    assert [line["rank"] for line in lines(folder) if "rank" in line] == list(range(1, 81))


def test_without_a_patch_it_asks_google_through_a_proxy(
    program: Program, folder: Path, scholar: ScholarServer, tmp_path: Path
) -> None:
    with proxying(scholar.url, tmp_path) as proxy:
        done = program("harvest", "--term", TERMS[0], folder=folder, REVIEWDB_PACE="0", **proxy.environment)
    assert done.returncode == 0, done.stderr
    assert set(proxy.asked) == {"scholar.google.com:443"}
    assert len(scholar.requests) == 3
    assert all(asked.headers["Host"] == "scholar.google.com" for asked in scholar.requests)
    assert len({asked.headers["User-Agent"] for asked in scholar.requests}) == 1
    assert len(hits(folder)) == 30


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--source", "bing"], 1, "cannot be harvested"),
        (["--term", " "], 1, "no term"),
        (["--citing", "a", "--cited-by", "b"], 2, "--citing"),
        (["--citing", "a", "--source", "scholar"], 2, "--citing"),
        (["--pages", "-1"], 2, "--pages"),
    ],
)
def test_a_harvest_that_makes_no_sense_asks_nothing(
    arguments: list[str], code: int, words: str, program: Program, folder: Path, scholar: ScholarServer
) -> None:
    done = program("harvest", *arguments, folder=folder, **asking(scholar))
    assert done.returncode == code
    assert words in done.stderr
    assert not scholar.requests
    assert not Review(folder).files("searches")


def test_a_protocol_that_is_wrong_is_told_with_its_line(program: Program, folder: Path, scholar: ScholarServer) -> None:
    path = folder / "data" / "protocol.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("pages = 3", "pages = 0"), encoding="utf-8")
    done = program("harvest", folder=folder, **asking(scholar))
    assert done.returncode == 1
    assert "data/protocol.toml:" in done.stderr
    assert not scholar.requests
