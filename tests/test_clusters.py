"""Clusters: the records of any file put into papers, measured on a labelled set, and the same whatever the order."""

from __future__ import annotations

import csv
import io
import os
import random
import subprocess
import sys
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

import pytest
from conftest import Program

from reviewdb.clusters import Clustered, as_csv, cluster, links_as_csv, named
from reviewdb.errors import ReviewError
from reviewdb.model import Relation

SAMPLES = Path(__file__).parent / "samples"
# The works of the example review, with what tests/benchmarks/made_records.py makes of them, as other databases and
# Google Scholar would spell them (true by construction), and two dozen pairs and traps written and judged by hand.
LABELLED = SAMPLES / "duplicates"

Pairs = set[tuple[str, str]]


def clustered(path: Path) -> Clustered:
    return cluster(path, lambda _: None)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def pairs(clusters: list[dict[str, str]]) -> Pairs:
    """Return every two records of one cluster."""
    members = defaultdict(list)
    for row in sorted(clusters, key=lambda row: row["id"]):
        members[row["cluster_id"]].append(row["id"])
    return {pair for ids in members.values() for pair in combinations(ids, 2)}


def write(folder: Path, text: str, name: str = "records.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_on_the_labelled_set_no_merge_is_wrong_and_hardly_a_pair_is_missed() -> None:
    found = clustered(LABELLED / "records.csv")
    truth = rows((LABELLED / "clusters.csv").read_text(encoding="utf-8"))
    true, merged = pairs(truth), pairs(rows(as_csv(found)))
    doubtful = {(link.a, link.b) for link in found.links if link.relation is Relation.DOUBTFUL}
    assert not merged - true
    assert len(merged) >= 0.99 * len(true)
    assert true <= merged | doubtful
    # A person is asked about few others.
    assert len(doubtful - true) <= 25


def test_no_work_is_lost_with_its_duplicates() -> None:
    truth = {row["id"]: row["cluster_id"] for row in rows((LABELLED / "clusters.csv").read_text(encoding="utf-8"))}
    found = clustered(LABELLED / "records.csv")
    kept = {truth[group.paper] for group in found.papers}
    assert kept == set(truth.values())


def test_the_order_of_the_file_changes_nothing(tmp_path: Path) -> None:
    header, *lines = (LABELLED / "records.csv").read_text(encoding="utf-8").splitlines()
    random.Random(5).shuffle(lines)
    shuffled = clustered(write(tmp_path, "\n".join([header, *lines])))
    found = clustered(LABELLED / "records.csv")
    assert sorted(rows(as_csv(shuffled)), key=lambda row: row["id"]) == sorted(
        rows(as_csv(found)), key=lambda row: row["id"]
    )
    assert links_as_csv(shuffled) == links_as_csv(found)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="only Linux gives a process some of its cores")
def test_neither_the_number_of_cores_nor_the_hashes_of_a_run_change_a_byte(tmp_path: Path) -> None:
    cores = sorted(os.sched_getaffinity(0))
    told = set()
    for some, seed in ((cores[:1], "1"), (cores, "2")):
        out = tmp_path / f"{seed}.csv"
        links = tmp_path / f"{seed}.links.csv"
        command = ["-m", "reviewdb", "dedupe", "--records", LABELLED / "records.csv", "-o", out, "--links", links]
        subprocess.run(
            [sys.executable, *map(str, command)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            preexec_fn=lambda some=some: os.sched_setaffinity(0, some),
            capture_output=True,
            check=True,
        )
        told.add((out.read_bytes(), links.read_bytes()))
    assert len(told) == 1


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("references.bib", ["schlegl2019", "baur2018", "thesis1", "preprint1"]),
        ("scopus.csv", ["2-s2.0-1", "2-s2.0-2"]),
        ("pubmed.nbib", None),
        ("references.ris", None),
        ("zotero.csv", None),
        ("titles.tsv", None),
        ("pop.json", None),
    ],
)
def test_what_can_be_imported_can_be_clustered(name: str, ids: list[str] | None) -> None:
    found = clustered(SAMPLES / name)
    assert found.ids
    assert len(set(found.ids)) == len(found.ids)
    if ids:
        assert list(found.ids) == ids
    assert Counter(record for paper in found.papers for record in paper.records) == Counter(found.ids)


def test_the_order_and_the_ids_of_the_file_are_kept_and_a_cluster_is_named_by_one_of_its_records(
    tmp_path: Path, program: Program
) -> None:
    path = write(
        tmp_path,
        "id,title,authors,year\n"
        "b7,Learning to find anomalies in images of the retina,A. One; B. Two,2019\n"
        "a1,Something else altogether about the brain,C. Three,2020\n"
        'a9,LEARNING TO FIND ANOMALIES IN IMAGES OF THE RETINA.,"One, A.; Two, B.",2019\n',
    )
    done = program("dedupe", "--records", path)
    assert done.stdout == "id,cluster_id\nb7,a9\na1,a1\na9,a9\n"
    assert done.stderr.splitlines()[-1] == "3 records are 2 papers in 2 studies"


def test_a_doubtful_pair_that_others_made_one_paper_is_no_question(tmp_path: Path) -> None:
    header = "id,title,authors,year,venue,volume,pages,doi\n"
    whole = "A study of lesions in images of the made-up organ,A. One; B. Two,{},{},{},{},{}\n"
    # The first and the last differ by a year, and the second is the same as either by its DOI.
    lines = (
        ("a", 2019, "Made Medicine", "", "", ""),
        ("b", 2019, "", "", "", "10.1000/x"),
        ("c", 2020, "Made Medicine", "", "", "10.1000/x"),
    )
    text = header + "".join(f"{id_}," + whole.format(*rest) for id_, *rest in lines)
    found = clustered(write(tmp_path, text))
    assert len(found.papers) == 1
    assert not [link for link in found.links if link.relation is Relation.DOUBTFUL]
    alone = clustered(write(tmp_path, "\n".join(line for line in text.splitlines() if not line.startswith("b,"))))
    assert [link.relation for link in alone.links] == [Relation.DOUBTFUL]


def test_records_without_ids_are_numbered(tmp_path: Path) -> None:
    found = clustered(write(tmp_path, "title,year\nFirst of all the papers,2019\nSecond of all the papers,2020\n"))
    assert list(found.ids) == ["1", "2"]


@pytest.mark.parametrize(
    ("given", "ids"),
    [
        (["a", "b"], ["a", "b"]),
        (["", "", ""], ["1", "2", "3"]),
        # A repeated id stays in sight.
        (["a", "b", "a", "a"], ["a", "b", "a#2", "a#3"]),
        # What the file gives to another record is never made up.
        (["a", "a#2", "a"], ["a", "a#2", "a#3"]),
        (["2", ""], ["2", "row-2"]),
        (["row-3", "3", ""], ["row-3", "3", "row-3#2"]),
        (["", "1", "1", ""], ["row-1", "1", "1#2", "4"]),
    ],
)
def test_every_record_has_an_id_of_its_own_and_one_can_tell_where_it_comes_from(
    given: list[str], ids: list[str]
) -> None:
    found = named(list(enumerate(given, 1)))
    assert found.ids == ids
    assert (found.unnamed, found.repeated) == (given.count(""), len(list(filter(None, given))) - len({*given} - {""}))


def test_thousands_of_records_of_one_id_take_no_time() -> None:
    assert len(set(named([(row, "a") for row in range(50_000)]).ids)) == 50_000


@pytest.mark.parametrize("name", ["twice.nbib", "twice.csv"])
def test_an_export_that_repeats_a_record_is_clustered_and_it_is_said(
    tmp_path: Path, program: Program, name: str
) -> None:
    one = "PMID- 77\nTI  - A title of one paper about organs\nFAU - Curie, Marie\nDP  - 2019\n\n"
    table = "PMID,title,authors,year\n" + "77,A title of one paper about organs,Marie Curie,2019\n" * 2
    done = program("dedupe", "--records", write(tmp_path, one * 2 if name.endswith("nbib") else table, name))
    assert done.stdout == "id,cluster_id\n77,77\n77#2,77\n"
    assert "2 records are 1 paper in 1 study\n" in done.stderr
    assert "1 record with an id that stood before" in done.stderr


def test_a_number_made_up_is_that_of_the_row_and_counts_rows_left_out(tmp_path: Path, program: Program) -> None:
    text = "title,year\nA title of one paper,2019\nbroken\nA title of another paper,2020\n"
    done = program("dedupe", "--records", write(tmp_path, text))
    assert [row["id"] for row in rows(done.stdout)] == ["1", "3"]
    assert "2 records without an id: each has the number of its row" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["-o", "records.csv"], "--records and -o are one file"),
        (["--links", "./records.csv"], "--records and --links are one file"),
        (["-o", "out.csv", "--links", "sub/../out.csv"], "-o and --links are one file"),
        (["-o", "link.csv"], "--records and -o are one file"),
        (["--links", "-"], "both go to stdout"),
        (["-o", "-", "--links", "-"], "both go to stdout"),
    ],
)
def test_what_is_read_is_never_written_over_nor_one_result_over_the_other(
    tmp_path: Path, program: Program, arguments: list[str], what: str
) -> None:
    path = write(tmp_path, "id,title\n1,A title of one paper\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "link.csv").symlink_to(path)
    before = path.read_bytes()
    done = program("dedupe", "--records", "records.csv", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert what in " ".join(done.stderr.split())
    assert path.read_bytes() == before
    assert not (tmp_path / "out.csv").exists()


def test_a_dash_is_stdout_and_one_device_may_take_both(tmp_path: Path, program: Program) -> None:
    path = write(tmp_path, "id,title\n1,A title of one paper\n")
    assert program("dedupe", "--records", path, "-o", "-").stdout == "id,cluster_id\n1,1\n"
    assert not (tmp_path / "-").exists()
    assert program("dedupe", "--records", path, "-o", os.devnull, "--links", os.devnull).returncode == 0


def test_each_pair_is_listed_with_its_rule_and_reason(tmp_path: Path, program: Program) -> None:
    links = tmp_path / "links.csv"
    done = program("dedupe", "--records", LABELLED / "records.csv", "-o", tmp_path / "out.csv", "--links", links)
    assert done.returncode == 0
    assert not done.stdout
    listed = rows(links.read_text(encoding="utf-8"))
    assert list(listed[0]) == ["a", "b", "relation", "score", "rule", "reason", "set_aside"]
    assert all(row["a"] < row["b"] and 0 <= float(row["score"]) <= 100 and row["reason"] for row in listed)
    assert {row["relation"] for row in listed} == {"same", "doubtful"}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "is empty"),
        ("name,size\nx,1\n", "none of its columns is known to hold titles (name, size)"),
        ("Dear all\n", "is nothing that can be imported."),
        ("id,title\n1,\n2,\n", "it has no record that can be read"),
    ],
)
def test_a_file_that_cannot_be_clustered_says_why_and_writes_nothing(
    tmp_path: Path, program: Program, text: str, what: str
) -> None:
    out = tmp_path / "out.csv"
    done = program("dedupe", "--records", write(tmp_path, text), "-o", out)
    assert done.returncode == 1
    assert what in done.stderr
    assert "records.csv" in done.stderr
    assert "Traceback" not in done.stderr
    assert not out.exists()


def test_a_record_that_cannot_be_read_is_told_and_the_others_are_clustered(tmp_path: Path, program: Program) -> None:
    text = "id,title,year\n1,A title of one paper,2019\nbroken\n3,A title of another paper,2020\n"
    done = program("dedupe", "--records", write(tmp_path, text))
    assert done.returncode == 0
    assert [row["id"] for row in rows(done.stdout)] == ["1", "3"]
    assert "1 record left out" in done.stderr
    assert ":3:" in done.stderr


def test_a_file_that_is_not_there_is_an_expected_error(tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="cannot be read"):
        clustered(tmp_path / "none.csv")
