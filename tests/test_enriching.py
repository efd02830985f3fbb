"""Enriching and snowballing: what OpenAlex knows goes beside what others said, and survives whatever stops it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from conftest import Program
from openalex_server import OpenAlexServer, Work, serving, work

from reviewdb import build, database, review
from reviewdb.model import Record
from reviewdb.review import Review

TITLE = "Unsupervised anomaly detection with generative adversarial networks to guide marker discovery"


@pytest.fixture
def example(example: Review) -> Review:
    """Return the 39 papers of the mini-review: each is a request."""
    (example.root / "data" / "searches" / "2025-cited-by.jsonl").unlink()
    for path in example.files("rulings"):
        path.unlink()
    return example


@pytest.fixture(scope="module")
def server() -> Iterator[OpenAlexServer]:
    with serving() as running:
        yield running


@pytest.fixture
def openalex(server: OpenAlexServer) -> OpenAlexServer:
    """Return the server, knowing nothing yet."""
    server.behave({})
    server.works = []
    return server


def known(record: Record, number: int, **more: object) -> Work:
    """Return a work that is the paper of a record."""
    said = {"year": record.year, "authors": record.authors, "venue": "Medical Image Analysis", **more}
    return work(f"W{number}", record.title, f"10.1000/{number}", **said)


def records(place: Review) -> list[Record]:
    return sorted(review.load(place).records.values(), key=lambda record: record.id)


def enrichments(place: Review) -> list[Record]:
    """Return what was filed by enriching, in its order."""
    return [record for record in records(place) if record.about]


def asking(openalex: OpenAlexServer, **more: str) -> dict[str, str]:
    return {"REVIEWDB_OPENALEX_URL": openalex.url, "REVIEWDB_PACE": "0", **more}


def said(place: Review) -> dict[str, bytes]:
    """Return the text of all that was there before."""
    return {path.name: path.read_bytes() for path in place.files("searches")}


def test_what_openalex_knows_is_a_search_of_its_own(
    example: Review, program: Program, openalex: OpenAlexServer
) -> None:
    before, papers = said(example), records(example)
    openalex.works = [
        known(r, n, date=f"{r.year}-05-01", abstract="We look at brain MRI") for n, r in enumerate(papers, 1) if n % 2
    ]
    done = program("enrich", folder=example.root, **asking(openalex))
    assert done.returncode == 0, done.stderr
    after = said(example)
    assert {name: after[name] for name in before} == before
    (new,) = set(after) - set(before)
    head = json.loads(after[new].splitlines()[0])
    assert (head["source"], head["kind"]) == ("openalex", "enrichment")
    found = enrichments(example)
    assert len(found) == (len(papers) + 1) // 2
    assert {record.about for record in found} == {record.id for n, record in enumerate(papers, 1) if n % 2}
    assert all(record.extra["score"] >= 95 and record.extra["because"] for record in found)
    assert f"{len(found)} papers found" in done.stderr
    # None of it is a hit: the papers are as many as before, with more said of them.
    counts = json.loads(program("status", "--json", folder=example.root).stdout)["counts"]
    assert (counts["records"], counts["papers"]) == (len(papers), len(papers))
    key = json.loads(program("show", found[0].about, "--json", folder=example.root).stdout)
    assert key["abstract"] == "We look at brain MRI"
    assert program("check", folder=example.root).returncode == 0


def test_a_paper_that_was_found_is_not_asked_about_again(
    example: Review, program: Program, openalex: OpenAlexServer
) -> None:
    papers = records(example)
    openalex.works = [known(record, n) for n, record in enumerate(papers, 1)]
    assert program("enrich", folder=example.root, **asking(openalex)).returncode == 0
    openalex.behave({})
    again = program("enrich", folder=example.root, **asking(openalex))
    assert "found before" in again.stderr
    assert not openalex.paths
    assert len(enrichments(example)) == len(papers)
    anew = program("enrich", "--again", papers[0].id, folder=example.root, **asking(openalex))
    assert anew.returncode == 0
    assert len(enrichments(example)) == len(papers) + 1


def test_a_dry_run_asks_nothing(example: Review, program: Program, openalex: OpenAlexServer) -> None:
    planned = program("enrich", "--dry-run", folder=example.root, **asking(openalex))
    assert planned.returncode == 0
    assert f"{len(records(example))} papers would be asked about" in planned.stderr
    assert not openalex.paths


@pytest.mark.parametrize(
    ("behaviour", "code", "words"),
    [
        ("429 spent", 3, "To go on, run the same command tomorrow"),
        ("403", 1, "does not let us in"),
        ("not json", 1, "something else than its JSON"),
        ("500", 1, "out of order"),
    ],
)
def test_what_was_found_before_a_failure_is_kept(
    behaviour: str, code: int, words: str, example: Review, program: Program, openalex: OpenAlexServer
) -> None:
    papers = records(example)
    openalex.works = [known(record, n) for n, record in enumerate(papers, 1)]
    openalex.behave(lambda number: behaviour if number > 12 else "ok")
    done = program("enrich", folder=example.root, **asking(openalex))
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    kept = len(enrichments(example))
    assert kept >= 5
    assert f"Looked up so far: {kept} of {len(papers)} papers." in done.stderr
    openalex.behave({})
    assert program("enrich", folder=example.root, **asking(openalex)).returncode == 0
    assert len(enrichments(example)) == len(papers)
    assert len({record.about for record in enrichments(example)}) == len(papers)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_stopped_at_any_moment_it_goes_on(
    how: signal.Signals, example: Review, program: Program, openalex: OpenAlexServer
) -> None:
    papers = records(example)
    openalex.works = [known(record, n) for n, record in enumerate(papers, 1)]
    for moment in (3, 15, 30):
        openalex.behave({})
        running = subprocess.Popen(
            [sys.executable, "-m", "reviewdb", "enrich"],
            cwd=example.root,
            env={**os.environ, **asking(openalex, REVIEWDB_PACE="0.002")},
            stderr=subprocess.PIPE,
            text=True,
        )
        while len(openalex.paths) < moment and running.poll() is None:
            time.sleep(0.001)
        running.send_signal(how)
        _, told = running.communicate()
        assert "Traceback" not in told
        assert running.returncode in (0, 130, -signal.SIGKILL)
    assert program("enrich", folder=example.root, **asking(openalex)).returncode == 0
    found = enrichments(example)
    assert len({record.about for record in found}) == len(found) == len(papers)
    assert program("check", folder=example.root).returncode == 0


def test_the_key_goes_nowhere_but_into_a_header(example: Review, program: Program, openalex: OpenAlexServer) -> None:
    openalex.works = [known(record, n) for n, record in enumerate(records(example), 1)]
    openalex.behave({5: "403"})
    done = program("enrich", folder=example.root, **asking(openalex, REVIEWDB_OPENALEX_KEY="sk-secret"))
    assert done.returncode == 1
    assert all(headers["Authorization"] == "Bearer sk-secret" for headers in openalex.headers)
    assert "sk-secret" not in done.stdout + done.stderr + "".join(openalex.paths)
    for path in example.root.rglob("*"):
        assert not path.is_file() or b"sk-secret" not in path.read_bytes()


def test_criteria_become_suggestions_with_evidence(example: Review, program: Program, openalex: OpenAlexServer) -> None:
    first, second, *_ = records(example)
    openalex.works = [
        known(first, 1, date="2020-05-01", abstract="We look at brain MRI."),
        known(second, 2, date="2019-05-01", venue="arXiv", venue_type="repository"),
    ]
    openalex.works[0] |= {"publication_year": first.year}
    assert program("enrich", folder=example.root, **asking(openalex)).returncode == 0
    build.refresh(example)
    with closing(database.reader(example.database)) as connection:
        rows = connection.execute(
            "SELECT rule, holds, words FROM paper_criteria JOIN criteria USING (position) WHERE paper_id = ?",
            [first.id],
        ).fetchall()
    told = {rule: (holds, words) for rule, holds, words in rows if rule}
    assert told["peer-reviewed"] == ("yes", "Medical Image Analysis (journal)")
    assert told["facet:modality"][0] == "yes"
    assert set(told) == {"peer-reviewed", "in-window", "facet:modality"}


def test_a_ruling_takes_a_wrong_work_off_a_paper(example: Review, program: Program, openalex: OpenAlexServer) -> None:
    paper = records(example)[0]
    openalex.works = [known(paper, 1, abstract="These words are of another paper")]
    assert program("enrich", paper.id, folder=example.root, **asking(openalex)).returncode == 0
    (wrong,) = enrichments(example)
    ruling = {"at": "2026-11-24T10:00:00Z", "a": paper.id, "b": wrong.id, "relation": "different"}
    path = example.root / "data" / "rulings" / "ana.jsonl"
    path.write_text(json.dumps(ruling) + "\n", encoding="utf-8")
    shown = json.loads(program("show", paper.id, "--json", folder=example.root).stdout)
    assert "another paper" not in (shown["abstract"] or "")
    assert program("check", folder=example.root).returncode == 0


@pytest.mark.parametrize("name", ["W1", "https://openalex.org/W1", "10.1000/1", "2021-mini-review-001", "key"])
def test_who_cites_a_paper_is_a_search_like_any_other(
    name: str, example: Review, program: Program, openalex: OpenAlexServer
) -> None:
    paper = records(example)[0]
    openalex.works = [
        known(paper, 1, cites=["W2"]),
        work("W2", "An older paper on other things", "10.1000/2", year=2001, authors=["O. Lder"]),
        work("W3", "A newer paper on anomalies", "10.1000/3", year=2024, cites=["W1"], authors=["N. Ewer"]),
    ]
    if name == "key":
        name = json.loads(program("show", paper.id, "--json", folder=example.root).stdout)["key"]
    citing = program("harvest", "--citing", name, folder=example.root, **asking(openalex))
    assert citing.returncode == 0, citing.stderr
    cited = program("harvest", "--cited-by", name, folder=example.root, **asking(openalex))
    assert cited.returncode == 0, cited.stderr
    new = [record for record in records(example) if "openalex" in record.search]
    assert [record.title for record in new] == [openalex.works[2]["title"], openalex.works[1]["title"]]
    made = [search for search in review.load(example).searches if search.source == "openalex"]
    assert [search.kind for search in made] == ["citations", "citations"]
    before = len(openalex.paths)
    again = program("harvest", "--citing", name, folder=example.root, **asking(openalex))
    assert "nothing was asked" in again.stderr
    assert len(openalex.paths) - before <= 1


def test_a_paper_that_openalex_does_not_surely_have_is_told(
    example: Review, program: Program, openalex: OpenAlexServer
) -> None:
    for name, words in (("2021-mini-review-001", "surely"), ("nobody2020nothing", "no paper"), ("W9", "no work")):
        done = program("harvest", "--citing", name, folder=example.root, **asking(openalex))
        assert done.returncode == 1, name
        assert words in done.stderr


def test_the_terms_are_harvested_from_openalex_as_from_scholar(
    example: Review, program: Program, openalex: OpenAlexServer
) -> None:
    arguments = ("harvest", "--source", "openalex")
    openalex.behave(lambda number: "429 spent" if number == 8 else "ok")
    blocked = program(*arguments, folder=example.root, **asking(openalex))
    assert blocked.returncode == 3
    assert "7 of 12 pages are saved" in blocked.stderr
    openalex.behave({})
    assert program(*arguments, folder=example.root, **asking(openalex)).returncode == 0
    assert len(openalex.paths) == 5
    hits = [record for record in records(example) if "openalex" in record.search]
    assert len(hits) == 120
    assert all(hit.doi and hit.abstract and hit.venue_type == "journal" for hit in hits)
