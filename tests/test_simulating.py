"""Simulating: a labelled screening is read in any format, replayed, and refused in one message where it is none."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from conftest import Program
from test_ranking import screening

from reviewdb.errors import ReviewError
from reviewdb.simulating import labelled, simulate

HEADER = "title,abstract,label_included\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Return a labelled screening as CSV."""
    path = tmp_path / "labelled.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(("title", "abstract", "label_included"))
        writer.writerows((text[:40], text[40:], label) for text, label in zip(*screening(), strict=True))
    return path


def test_the_command_prints_the_figures_the_same_every_time(table: Path, program: Program) -> None:
    once, again = (json.loads(program("rank", "--simulate", table, "--seed", "3", "--json").stdout) for _ in range(2))
    assert once.keys() == {"wss_95", "recall_10", "atd", "seconds", "records", "included", "seed"}
    assert (once["records"], once["included"], once["seed"]) == (400, 30, 3)
    assert once["wss_95"] > 0.8
    assert once["recall_10"] == 1
    assert 15 <= once["atd"] < 25
    assert once | {"seconds": 0} == again | {"seconds": 0}


def test_it_says_the_figures_to_people(table: Path, program: Program) -> None:
    done = program("rank", "--simulate", table)
    assert done.returncode == 0
    assert done.stdout.startswith("WSS@95 0.8")
    assert len(done.stdout.splitlines()) == 1
    assert "400 records, 30 of them included; seed 0" in done.stderr


def test_the_first_two_do_not_count_as_found(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(HEADER + "defect,,1\ndefect,,1\ntrial,,0\ntrial,,0\n", encoding="utf-8")
    found = simulate(path, 0, lambda *_: None)
    assert (found.recall_10, found.atd, found.records, found.included) == (0, 1, 4, 2)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.csv", HEADER + "a,b,1\nc,,1\nd,e,0\nf,,0\n"),
        ("x.tsv", "label_included\tTitle\tAbstract\n1\ta\tb\n1\tc\t\n0\td\te\n0\tf\t\n"),
        (
            "x.json",
            json.dumps(
                [
                    {"title": "a", "abstract": "b", "label_included": 1},
                    {"title": "c", "label_included": "1"},
                    {"title": "d", "abstract": "e", "label_included": 0},
                    {"title": "f", "label_included": False},
                ]
            ),
        ),
        ("x.csv", "\ufeff" + HEADER.replace("\n", "\r\n") + "a,b,1.0\r\nc,,1\r\nd,e,0.0\r\nf,,0\r\n"),
    ],
)
def test_any_table_will_do(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    found = labelled(tmp_path / name)
    assert [text.split() for text in found.texts] == [["a", "b"], ["c"], ["d", "e"], ["f"]]
    assert list(found.labels) == [1, 1, 0, 0]
    assert not found.problems


@pytest.mark.parametrize(
    ("text", "where", "says"),
    [
        ("name,label_included\na,1\n", ":1", "there is no column title"),
        ("", "", "is empty"),
        (HEADER, "", "no record that can be read"),
        (HEADER + ",,1\n", "", "no title"),
        ("title,abstract\na,b\n", ":2", "no label_included"),
        (HEADER + "a,b,1\nc,d,\n", ":3", "no label_included"),
        (HEADER + "a,b,1\nc,d,yes\n", ":3", "'yes', neither 1 nor 0"),
        (HEADER + 'a,"b\nb",1\nc,d,2\n', ":4", "'2', neither 1 nor 0"),
        (HEADER + "a,b,-1\n", ":2", "'-1', neither 1 nor 0"),
        (HEADER + "a,b,0\nc,d,0\n", "", "no record is included"),
        (HEADER + "a,b,1\nc,d,0\ne,f,0\n", "", "one record is included"),
        (HEADER + "a,b,1\nc,d,1\n", "", "no record is excluded"),
    ],
)
def test_what_is_no_labelled_screening_is_refused_in_one_message(
    text: str, where: str, says: str, tmp_path: Path, program: Program
) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ReviewError) as refused:
        labelled(path)
    assert refused.value.what.startswith(f"{path}{where}:")
    assert says in refused.value.what
    assert refused.value.todo
    done = program("rank", "--simulate", path, "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_not_there_is_told(tmp_path: Path, program: Program) -> None:
    done = program("rank", "--simulate", tmp_path / "none.csv")
    assert done.returncode == 1
    assert "none.csv: cannot be read" in done.stderr


def test_a_broken_row_is_left_out_and_told(tmp_path: Path, program: Program) -> None:
    path = tmp_path / "x.csv"
    path.write_text(HEADER + "a,b,1\n,b,1\nc,,1\nd,e,0\nf,,0\n", encoding="utf-8")
    assert len(labelled(path).labels) == 4
    done = program("rank", "--simulate", path)
    assert "1 record left out" in done.stderr
    assert f"{path}:3:" in done.stderr
