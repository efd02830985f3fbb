"""Importing: what is filed of a file, that it is filed once, and that nothing is filed where something goes wrong."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Program
from scholar_server import empty, frame, results, serving

from reviewdb import importing, review
from reviewdb.errors import ReviewError
from reviewdb.formats import reference
from reviewdb.importing import Report, Wanted
from reviewdb.review import Review
from reviewdb.scholar import Scholar
from reviewdb.text import surname, words

SAMPLES = Path(__file__).parent / "samples"
GOOD = "title,year\nFirst,2019\nSecond,2020\n"
BROKEN = "title,year\nFirst,2019\nBroken\nSecond,2020\n"


@pytest.fixture
def place(tmp_path: Path) -> Review:
    """Return a review in which nothing was found yet."""
    root = tmp_path / "review"
    (root / "data").mkdir(parents=True)
    for name in ("protocol.toml", "coding-scheme.toml"):
        (root / "data" / name).write_bytes((ROOT / "data" / name).read_bytes())
    return Review(root)


def take(place: Review, *paths: Path, **wanted: Any) -> list[Report]:  # noqa: ANN401 - as Wanted has them
    return list(importing.import_(place, paths, Wanted(**wanted), lambda _: None))


def write(folder: Path, content: str | bytes, name: str = "file") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def searches(place: Review) -> list[str]:
    return [path.stem for path in place.files("searches")]


def filed(place: Review, search: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    header, *hits = place.search_file(search).read_text(encoding="utf-8").splitlines()
    return json.loads(header), [json.loads(hit) for hit in hits]


def leftovers(place: Review) -> list[str]:
    """Return what is in the folder of searches besides searches."""
    folder = place.root / "data" / "searches"
    return [path.name for path in folder.iterdir() if path.suffix != ".jsonl"] if folder.exists() else []


def test_every_sample_becomes_a_search_that_reads_well(place: Review) -> None:
    samples = sorted(path for path in SAMPLES.iterdir() if path.is_file())
    reports = take(place, *samples)
    assert [report.problems for report in reports] == [[]] * len(samples)
    content = review.load(place)
    assert content.problems == []
    assert len(content.records) == sum(report.records for report in reports) > 20
    for report, path in zip(reports, samples, strict=True):
        header, hits = filed(place, report.search)
        assert header["parameters"]["file"] == path.name
        assert header["parameters"]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert header["version"].startswith("reviewdb ")
        assert len(hits) == report.records
        for hit in hits:
            assert 1 < hit["row"] <= len(path.read_bytes().splitlines())


def test_a_record_says_where_it_stood(place: Review, tmp_path: Path) -> None:
    (report,) = take(place, write(tmp_path, BROKEN), query="anomaly", source="My Database!", date="2025-12")
    header, hits = filed(place, report.search)
    assert header["source"] == "My Database!"
    assert (header["query"], header["date"]) == ("anomaly", "2025-12")
    assert "-my-database-1" in report.search
    assert [(hit["id"], hit["rank"], hit["row"], hit["title"]) for hit in hits] == [
        (f"{report.search}-001", 1, 2, "First"),
        (f"{report.search}-002", 3, 4, "Second"),
    ]


def test_a_rank_of_the_source_stays(place: Review) -> None:
    (report,) = take(place, SAMPLES / "pop.csv")
    assert [hit["rank"] for hit in filed(place, report.search)[1]] == [1, 7]


@pytest.mark.parametrize("name", ["file", "x.bib", "x.png", "ünïcode name.ris"])
def test_the_name_of_a_file_says_nothing(place: Review, tmp_path: Path, name: str) -> None:
    (report,) = take(place, write(tmp_path, GOOD, name))
    assert (report.records, report.format) == (2, "csv")


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8", None), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("utf-16-be", "utf-16"), ("cp1252", "cp1252")],
)
def test_encodings_are_told_by_the_bytes(place: Review, tmp_path: Path, encoding: str, said: str | None) -> None:
    data = "title\nGröße – 1\n".encode(encoding)
    path = write(tmp_path, b"\xfe\xff" + data if encoding == "utf-16-be" else data)
    (report,) = take(place, path)
    header, hits = filed(place, report.search)
    assert hits[0]["title"] == "Größe – 1"
    assert header["parameters"].get("encoding") == said
    assert ("Windows-1252" in report.notice) == (encoding == "cp1252")


def test_a_letter_that_is_cut_at_the_end_is_not_utf_8(place: Review, tmp_path: Path) -> None:
    (report,) = take(place, write(tmp_path, "title\nGröß".encode()[:-1]))
    assert report.notice


def test_the_same_bytes_are_filed_once(place: Review, tmp_path: Path) -> None:
    first, twin = write(tmp_path, GOOD), write(tmp_path, GOOD, "twin")
    (before,) = take(place, first)
    reports = take(place, twin, write(tmp_path, GOOD + "Third,2021\n", "more"), write(tmp_path, GOOD, "third"))
    assert [report.earlier for report in reports] == [before.search, "", before.search]
    assert len(searches(place)) == 2
    # Twice in one go is twice as well.
    other = write(tmp_path, GOOD.replace("First", "Other"), "other")
    reports = take(place, other, other)
    assert reports[1].earlier == reports[0].search
    assert len(searches(place)) == 3


def test_a_dry_run_tells_the_same_and_writes_nothing(place: Review, tmp_path: Path) -> None:
    path = write(tmp_path, BROKEN)
    before = sorted(place.root.rglob("*"))
    (told,) = take(place, path, dry_run=True)
    assert sorted(place.root.rglob("*")) == before
    (done,) = take(place, path)
    assert {**asdict(told), "search": ""} == {**asdict(done), "search": ""}


def test_a_broken_record_is_left_out_or_with_strict_the_file(place: Review, tmp_path: Path) -> None:
    path = write(tmp_path, BROKEN)
    with pytest.raises(ReviewError, match=r"file:3: the row that begins here has 1 column"):
        take(place, path, strict=True)
    assert searches(place) == leftovers(place) == []
    (report,) = take(place, path)
    assert (report.records, [problem.line for problem in report.problems]) == (2, [3])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "it is empty"),
        (b"\n \n", "it is empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "nothing that can be imported"),
        (b"PK\x03\x04" + os.urandom(5000), "nothing that can be imported"),
        (b"dear diary", "Publish or Perish (CSV, JSON), RIS, BibTeX, CSL-JSON, PubMed"),
        (b"title,year\n", "no record that can be read"),
        (b"title,year\nA\nB\n", "no record that can be read"),
        (b"TY  - JOUR\nER  - \n", "has no title"),
        (b"@article{x, title={", "no record that can be read"),
        (b'[{"title": "A', "no record that can be read"),
        (b"<!doctype html><html><body>News</body></html>", "not of Google Scholar's hits"),
        (b'{"source": "s", "query": "q", "date": "2026"}\n{"id": "a", "title": "A"}\n', "belongs into data/searches/"),
    ],
)
def test_a_file_without_records_is_refused(place: Review, tmp_path: Path, content: bytes, told: str) -> None:
    with pytest.raises(ReviewError) as caught:
        take(place, write(tmp_path, content))
    assert told in str(caught.value)
    assert str(tmp_path / "file") in str(caught.value)
    assert searches(place) == leftovers(place) == []


def test_files_that_cannot_be_read_are_told(place: Review, tmp_path: Path) -> None:
    closed = write(tmp_path, GOOD, "closed")
    closed.chmod(0)
    for path, told in ((tmp_path / "none", "No such file"), (tmp_path, "directory"), (closed, "Permission denied")):
        if path == closed and os.access(closed, os.R_OK):
            continue  # an administrator reads everything
        with pytest.raises(ReviewError, match=told):
            take(place, path)
    assert searches(place) == []


def test_what_was_filed_before_a_bad_file_stays(place: Review, tmp_path: Path) -> None:
    good, bad = write(tmp_path, GOOD, "good"), write(tmp_path, "bad", "bad")
    with pytest.raises(ReviewError):
        take(place, good, bad)
    assert len(searches(place)) == 1


@pytest.mark.parametrize("option", [{"date": "yesterday"}, {"date": "2026-13"}, {"source": "\x00"}])
def test_options_that_make_no_sense_are_refused(place: Review, tmp_path: Path, option: dict[str, str]) -> None:
    with pytest.raises(ReviewError, match="Nothing was written"):
        take(place, write(tmp_path, GOOD), **option)
    assert searches(place) == []


def test_a_saved_page_imports_to_the_records_that_the_live_path_gives(place: Review, tmp_path: Path) -> None:
    query = "anomaly detection in medical imaging"
    with serving() as server:
        live = Scholar(server.url).page(query, "20", 10, 21)
    mark = f"<!-- saved from url=(0099){live.url} -->\n"
    (report,) = take(place, write(tmp_path, mark + results(query, 20), "page 3.html"))
    header, _ = filed(place, report.search)
    assert (header["source"], header["query"]) == ("scholar", query)
    assert header["parameters"]["url"] == live.url
    assert header["parameters"]["total"] == live.total
    records = review.load(place).records.values()
    assert [asdict(r) | {"id": "", "search": ""} for r in records] == [asdict(hit) for hit in live.hits]
    assert [record.rank for record in records] == list(range(21, 31))


@pytest.mark.parametrize(
    ("page", "told"),
    [
        (frame("q", "", '<form id="gs_captcha_f"></form>'), "captcha"),
        (empty("q"), "no record that can be read"),
        (results("q")[:-3000], "Save a page that shows hits"),
    ],
)
def test_a_saved_page_without_hits_is_told(place: Review, tmp_path: Path, page: str, told: str) -> None:
    with pytest.raises(ReviewError) as caught:
        take(place, write(tmp_path, page))
    assert told in str(caught.value)
    assert caught.value.exit_code == 1
    assert searches(place) == leftovers(place) == []


# Prints the peak of its only child in kilobytes: that of a child of the tests would count what the tests hold.
PEAK = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stderr=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(-1 if status else usage.ru_maxrss)
"""


@pytest.mark.parametrize("form", ["ris", "json"])
def test_memory_does_not_grow_with_the_file(place: Review, tmp_path: Path, form: str) -> None:
    peaks = []
    for count in (10, 15_000):
        path = tmp_path / f"{count}.{form}"
        with path.open("w", encoding="utf-8") as handle:
            for n in range(count):
                record = {"title": f"Title {n}", "abstract": "word " * 400}
                ris = "TY  - JOUR\nTI  - {title}\nAB  - {abstract}\nER  - \n\n".format(**record)
                handle.write(ris if form == "ris" else ("," if n else "[") + json.dumps(record))
            handle.write("" if form == "ris" else "]")
        program = [sys.executable, "-c", PEAK, sys.executable, "-m", "reviewdb", "import", str(path)]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]])}
        peaks.append(int(subprocess.check_output(program, cwd=place.root, env=environment)))
    # The larger file has 30 MB.
    assert 0 < peaks[0] <= peaks[1] < peaks[0] + 8_000, peaks


def test_a_full_disk_leaves_nothing(place: Review, tmp_path: Path, program: Program) -> None:
    path = write(tmp_path, "title,abstract\n" + "".join(f"T{n},{'word ' * 100}\n" for n in range(1000)))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        # A process of this one has its limits; what is forked elsewhere has not.
        command = [sys.executable, "-m", "reviewdb", "import", path]
        done = subprocess.run(command, cwd=place.root, capture_output=True, encoding="utf-8", check=False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert done.returncode == 1
    assert "nothing was written: File too large" in done.stderr
    assert searches(place) == leftovers(place) == []
    assert program("import", path, folder=place.root).returncode == 0
    assert len(searches(place)) == 1


def test_an_interrupt_leaves_nothing(place: Review, tmp_path: Path) -> None:
    path = write(tmp_path, "title,abstract\n" + "".join(f"T{n},{'word ' * 100}\n" for n in range(60_000)))
    program = [sys.executable, "-m", "reviewdb", "--review", str(place.root), "import", str(path)]
    process = subprocess.Popen(
        program,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 - no threads here
    )
    until = time.monotonic() + 30
    while not leftovers(place) and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert (process.returncode, "Stopped." in told) == (130, True), told
    assert searches(place) == leftovers(place) == []


def test_the_command_tells_what_it_did_and_what_comes_next(place: Review, tmp_path: Path, program: Program) -> None:
    path = write(tmp_path, BROKEN, "broken.csv")
    planned = program("import", path, "--dry-run", folder=place.root)
    assert (planned.returncode, planned.stdout, searches(place)) == (0, "", [])
    assert "2 records of table (csv) would be filed" in planned.stderr
    done = program("import", "../broken.csv", SAMPLES / "references.bib", "--json", folder=place.root)
    assert done.returncode == 0, done.stderr
    assert "1 record left out" in done.stderr
    assert "../broken.csv:3: the row that begins here has 1 column, the header 2." in done.stderr
    assert done.stderr.endswith("Next: reviewdb table search-yield\n")
    told = json.loads(done.stdout)
    assert [report["records"] for report in told] == [2, 4]
    # In the order of their ids only where both were filed in one minute.
    assert sorted(report["search"] for report in told) == sorted(searches(place))
    again = program("import", path, folder=place.root)
    assert (again.returncode, again.stdout) == (0, "")
    assert f"nothing is added: {told[0]['search']} is the same file" in again.stderr
    strict = program("import", write(tmp_path, BROKEN + "\n"), "--strict", folder=place.root)
    assert strict.returncode == 1
    assert "without --strict" in strict.stderr
    assert program("build", folder=place.root).returncode == program("check", folder=place.root).returncode == 0


def test_stdin_and_pipes_are_read(place: Review, tmp_path: Path) -> None:
    def run(command: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]])}
        return subprocess.run(
            ["bash", "-c", command], cwd=place.root, env=environment, capture_output=True, text=True, check=False
        )

    path = write(tmp_path, GOOD)
    reviewdb = f"{sys.executable} -m reviewdb"
    piped = run(f"cat {path} | {reviewdb} import -")
    assert piped.returncode == 0, piped.stderr
    assert "stdin: 2 records" in piped.stderr
    assert "nothing is added" in run(f"{reviewdb} import <(cat {path})").stderr
    assert run(f"{reviewdb} import - </dev/null").returncode == 1
    assert "it is empty" in run(f"{reviewdb} import - <&-").stderr


@pytest.mark.parametrize("form", ["bibtex", "ris", "csv", "json"])
def test_what_is_exported_is_imported_again(
    built: Review, place: Review, tmp_path: Path, program: Program, form: str
) -> None:
    out = tmp_path / "out"
    done = program("export", form, "-o", out, folder=built.root)
    assert done.returncode == 0, done.stderr
    (report,) = take(place, out)
    assert report.problems == []
    said = json.loads(program("export", "json", folder=built.root).stdout)
    _, hits = filed(place, report.search)
    assert len(hits) == len(said) == 117
    for hit, paper in zip(hits, said, strict=True):
        for field in ("title", "year", "venue", "volume", "pages", "doi", "url", "abstract", "venue_type"):
            # What no source says of a venue, formats of references say as far as its name or a volume tells.
            told = field == "venue_type" and form in ("bibtex", "ris") and hit.get("venue")
            kind = reference.venue_kind(paper["venue"] or "") or "journal" if told else None
            assert hit.get(field) == (paper[field] or kind), (field, paper["key"])
        # BibTeX says that a list goes on in words of its own, RIS not at all; it is no name in either.
        authors = [author for author in paper["authors"] if form not in ("bibtex", "ris") or author != "et al."]
        again = hit.get("authors", [])
        if form == "ris":  # the family name comes first there: the same names, by their parts
            again, authors = ([(surname(name), sorted(words(name))) for name in names] for names in (again, authors))
        assert again == authors
        if form == "bibtex":
            assert ("authors" in hit.get("cut", [])) == ("et al." in paper["authors"]), paper["key"]
        assert paper["key"] in (hit.get("citation_key"), hit.get("ID"), hit.get("key"))
