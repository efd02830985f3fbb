"""`reviewdb flow`: what it prints of the mini-review, of two coders, of an empty review, and of hostile labels."""

from __future__ import annotations

import csv
import io
import json
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from conftest import ROOT, Program
from flows import HOSTILE

from reviewdb import build, database, prisma
from reviewdb.boxes import COLUMNS
from reviewdb.review import Review

GOLDEN = ROOT / "tests" / "golden"
FORMATS = {"text": "txt", "json": "json", "csv": "csv", "svg": "svg", "tikz": "tex", "paragraph": "md"}
PROTOCOL = 'format = 1\ntitle = "Two coders"\nquestion = "Do they agree?"\n'
SCHEME = """\
schema = 1
[stage.screening.reasons.late]
label = "Too late"
[stage.screening.reasons.off_topic]
[stage.eligibility.reasons.lost]
not_retrieved = true
[stage.eligibility.reasons.survey]
"""


@pytest.mark.parametrize("format_", FORMATS)
def test_the_flow_of_the_mini_review_is_the_one_that_was_read_and_accepted(
    format_: str, built: Review, program: Program, tmp_path: Path
) -> None:
    # Written by `reviewdb flow --format FORMAT -o tests/golden/flow.SUFFIX`; the pictures were looked at.
    done = program("flow", "--format", format_, "-o", tmp_path / "out", folder=built.root)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    golden = GOLDEN / f"flow.{FORMATS[format_]}"
    assert (tmp_path / "out").read_bytes().decode() == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("suffix", ["txt", "json", "csv", "svg", "tex"])
def test_the_name_of_the_file_says_the_format(suffix: str, built: Review, program: Program, tmp_path: Path) -> None:
    (format_,) = [name for name, known in FORMATS.items() if known == suffix]
    program("flow", "-o", tmp_path / f"out.{suffix}", folder=built.root)
    piped = program("flow", "--format", format_, folder=built.root)
    assert (tmp_path / f"out.{suffix}").read_bytes() == piped.stdout.encode()


def test_without_more_words_it_is_text_and_json_for_programs(built: Review, program: Program) -> None:
    assert program("flow", folder=built.root).stdout.startswith("PRISMA 2020 flow: Anomaly Detection")
    asked = [program("flow", *words, folder=built.root).stdout for words in (["--json"], ["--format", "json"])]
    assert asked[0] == asked[1]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--format", "png"], "png is not one of text, json, csv"),
        (["--format", "svg", "--json"], "exclude each other"),
        (["--format", "json", "-o", "flow.tex"], "flow.tex is not the name of a file of json"),
        (["--format", "svg", "-o", "flow.csv"], "flow.csv is not the name of a file of svg"),
    ],
)
def test_a_format_that_cannot_be_is_wrong_usage(words: list[str], complaint: str, program: Program) -> None:
    done = program("flow", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert complaint in " ".join(done.stderr.split())


def test_what_the_mini_review_reports_stands_beside_what_is_derived(built: Review, program: Program) -> None:
    found = json.loads(program("flow", "--json", folder=built.root).stdout)["reported"]
    # Its 120 hits, and what it took from them, are others than the records here: nothing counts the same.
    assert [(one["reported"], one["derived"]) for one in found] == [("39", 39)]
    assert "Six more" in found[0]["note"]


def test_the_flow_agrees_with_the_status_and_with_the_headline_figures(built: Review, program: Program) -> None:
    found = json.loads(program("flow", "--json", folder=built.root).stdout)["columns"]["all"]
    counts = json.loads(program("status", "--json", folder=built.root).stdout)["counts"]
    assert [found["records"], *found["identified"].values()] == [counts[n] for n in ("records", "papers", "studies")]
    assert found["included"]["papers"] == counts["included"]
    assert sum(stage["pending"]["papers"] for stage in found["stages"]) == counts["pending"]
    (papers,) = [
        row
        for row in json.loads(program("table", "headline-figures", "--json", folder=built.root).stdout)
        if row["figure"] == "papers"
    ]
    assert papers["papers"] == found["included"]["papers"]


def test_a_file_is_imported_and_not_searched(program: Program, tmp_path: Path) -> None:
    root = tmp_path / "mine"
    assert program("init", root).returncode == 0
    for name, words in (("references.bib", []), ("references.ris", ["--source", "scopus", "--query", "anomaly"])):
        done = program("import", ROOT / "tests" / "samples" / name, "--date", "2026-05-06", *words, folder=root)
        assert done.returncode == 0, done.stderr
    said = program("flow", "--format", "paragraph", folder=root).stdout
    assert said.startswith("We searched Scopus on 6 May 2026 for “anomaly”. These searches identified ")
    assert " from a BibTeX file on 6 May 2026. " in said
    assert "searched BibTeX" not in said
    text = program("flow", folder=root).stdout
    assert {"BibTeX file", "Scopus"} <= {" ".join(line.split()[:-1]) for line in text.splitlines()}


def jsonl(path: Path, *lines: dict[str, Any]) -> None:
    """Write lines of JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def review_of(folder: Path, scheme: str = SCHEME) -> Review:
    """Return a review with six papers that Scholar found, one of them twice, and a seventh that citations led to."""
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "protocol.toml").write_text(PROTOCOL, encoding="utf-8")
    (folder / "data" / "coding-scheme.toml").write_text(scheme, encoding="utf-8")
    titles = ["Alpha rays in lungs", "Beta cells", "Gamma knife", "Delta waves", "Epsilon greedy", "Zeta potential"]
    hits = [{"id": f"s-{n}", "title": title, "doi": f"10.1000/{n}"} for n, title in enumerate(titles)]
    again = {**hits[0], "id": "s-9"}
    searches = folder / "data" / "searches"
    jsonl(searches / "a.jsonl", {"source": "scholar", "query": "greek", "date": "2026-01-02"}, *hits, again)
    cited = {"id": "c-0", "title": "Eta mesons", "doi": "10.1000/99"}
    both = {"id": "c-1", "title": titles[1], "doi": "10.1000/1"}
    jsonl(searches / "b.jsonl", {"source": "openalex", "query": "cites:W1", "kind": "citations"}, cited, both)
    told = {"id": "e-0", "title": titles[2], "about": "s-2"}
    jsonl(searches / "c.jsonl", {"source": "openalex", "query": "more", "kind": "enrichment"}, told)
    return Review(folder)


def says(place: Review, coder: str, *lines: str) -> None:
    """Let a coder decide, by lines such as `s-1 screening exclude.late`."""
    decisions = [line.split(" ") for line in lines]
    jsonl(
        place.root / "data" / "decisions" / f"{coder}.jsonl",
        *(
            {"at": f"2026-01-01T00:00:{n:02}Z", "record": record, "question": question, "answer": [answer]}
            for n, (record, question, answer) in enumerate(decisions)
        ),
    )


def test_two_coders_searches_of_three_kinds_and_rulings_come_to_one_flow(tmp_path: Path) -> None:
    place = review_of(tmp_path / "review")
    says(
        place,
        "ana",
        *("s-0 screening include", "s-0 eligibility include", "s-1 screening exclude.late"),
        *("s-2 screening include", "s-2 eligibility exclude.lost", "s-3 screening exclude.late"),
        *("s-4 screening include", "c-0 screening exclude"),
    )
    says(
        place,
        "ben",
        *("s-9 screening include", "s-1 screening exclude.off_topic", "s-3 screening exclude.late"),
        *("s-4 screening exclude.late", "s-5 screening maybe"),
    )
    ruling = {"at": "2026-01-01T00:00:00Z", "a": "s-0", "b": "s-2", "relation": "version"}
    jsonl(place.root / "data" / "rulings" / "ana.jsonl", ruling)
    build.refresh(place)
    with closing(database.reader(place.database)) as connection:
        found = prisma.count(connection).flow
    columns = {c.method: c for c in found.columns}
    assert {m: (c.records, c.duplicates, c.identified.papers) for m, c in columns.items()} == {
        "all": (9, 2, 7),
        "databases": (7, 1, 6),
        "other": (2, 1, 1),
    }
    assert [source.name for source in found.all.sources] == ["Google Scholar", "OpenAlex"]
    screening, eligibility = found.all.stages
    assert {r.label: r.count.papers for r in screening.reasons} == {
        "Too late": 1,
        "off_topic": 0,
        "No reason given": 1,
        "Reason not agreed": 1,
    }
    assert [screening.contested.papers, screening.pending.papers, screening.passed.papers] == [1, 1, 2]
    assert (eligibility.not_retrieved.papers, eligibility.not_retrieved.studies) == (1, 0)
    assert (found.all.identified.studies, found.all.included.papers, found.all.included.studies) == (6, 1, 1)


def test_a_decision_moves_the_flow(tmp_path: Path, program: Program) -> None:
    place = review_of(tmp_path / "review")

    def passed() -> list[int]:
        stages = json.loads(program("flow", "--json", folder=place.root).stdout)["columns"]["all"]["stages"]
        return [stage["passed"]["papers"] for stage in stages]

    assert passed() == [0, 0]
    program("screen", "s-3", "include", "--coder", "ana", folder=place.root)
    assert passed() == [1, 0]


def test_a_new_review_has_a_flow_of_nothing(program: Program, tmp_path: Path) -> None:
    program("init", "review")
    for format_ in FORMATS:
        done = program("flow", "--format", format_, folder=tmp_path / "review")
        assert (done.returncode, done.stderr) == (0, "")
        assert "No search has been made yet" in done.stdout or format_ not in ("paragraph", "svg")


def test_a_scheme_without_stages_has_a_flow_without_stages(program: Program, tmp_path: Path) -> None:
    place = review_of(tmp_path / "review", 'schema = 1\n[facet.modality.codes.mri]\nlabel = "MRI"\n')
    for format_ in FORMATS:
        done = program("flow", "--format", format_, folder=place.root)
        assert (done.returncode, done.stderr) == (0, "")
        assert "7" in done.stdout  # papers
        assert "creen" not in done.stdout or format_ in ("paragraph", "svg", "tikz")


def test_labels_of_any_kind_come_through_whole(program: Program, tmp_path: Path) -> None:
    labels = [f"[stage.screening.reasons.r{n}]\nlabel = {json.dumps(label)}\n" for n, label in enumerate(HOSTILE)]
    scheme = f"schema = 1\n[stage.screening]\nlabel = {json.dumps(HOSTILE[0])}\n{''.join(labels)}"
    place = review_of(tmp_path / "review", scheme)
    says(place, "ana", *(f"s-{n} screening exclude.r{n}" for n in range(len(HOSTILE))))
    printed = {name: program("flow", "--format", name, folder=place.root).stdout for name in FORMATS}
    drawn = "".join(ET.fromstring(printed["svg"]).itertext())  # noqa: S314 - ours
    for text in (drawn, printed["text"], printed["paragraph"]):
        together = "".join(text.split())
        assert all(label.replace(" ", "") in together for label in HOSTILE)
    stage = json.loads(printed["json"])["columns"]["all"]["stages"][0]
    assert stage["label"] == HOSTILE[0]
    assert [reason["label"] for reason in stage["reasons"]] == list(HOSTILE)
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in csv.reader(io.StringIO(printed["csv"]))]
    reasons = [row for row in rows if row["method"] == "all" and row["figure"].startswith("screening.excluded.r")]
    excluded = {row["part"]: row["papers"] for row in reasons}
    assert excluded == dict.fromkeys(HOSTILE, "1")
    assert printed["tikz"].isascii()
