"""How suggestions fare: counted against what people decided, code by code."""

from __future__ import annotations

import json
from contextlib import closing

import pytest
from conftest import Program

from reviewdb import build, database, journal, reading
from reviewdb.review import SCHEME, Review

TITLES = {
    "t-1": "Anomalies in brain MRI",
    "t-2": "Anomalies in brain MRI and CT",
    "t-3": "Anomalies in CT",
    "t-4": "Anomalies in nothing",
    "t-5": "Anomalies in CT that nobody coded",
    "t-6": "Anomalies in CT on which two disagree",
}
FIGURES = {
    # brain MRI twice suggested and once decided; MRI, which it implies, is right both times.
    "(all)": (4, 3, 2, 0.571, 0.667, None),
    "mri": (2, 0, 1, 1.0, 0.667, None),
    "mri.brain": (1, 1, 0, 0.5, 1.0, "brain 1, mri 1"),
    # The brain of t-2 makes a head of its CT, and nobody coded a CT there.
    "ct": (1, 1, 0, 0.5, 1.0, "brain 1, ct 1"),
    "ct.head": (0, 1, 0, 0.0, None, "brain 1, ct 1"),
    "oct": (0, 0, 1, None, 0.0, None),
}


@pytest.fixture
def small(example: Review) -> Review:
    """Return a review of six papers."""
    for path in (*example.files("searches"), *example.files("decisions"), *example.files("rulings")):
        path.unlink()
    hits = [{"id": id_, "title": title, "year": 2020, "authors": [f"A. {id_}"]} for id_, title in TITLES.items()]
    journal.append(example.search_file("2026-01-01-t"), [{"source": "made", "query": "x", "date": "2026-01-01"}, *hits])
    said = {
        "t-1": ["mri.brain"],
        "t-2": ["mri"],
        "t-3": ["ct"],
        "t-4": ["oct", "mri"],
        "t-6": ["ct"],
    }
    line = {"at": "2026-01-01T00:00:00Z", "question": "modality"}
    journal.append(
        example.decisions_of("ana"), [{**line, "record": id_, "answer": codes} for id_, codes in said.items()]
    )
    journal.append(example.decisions_of("ben"), [{**line, "record": "t-6", "answer": ["mri"]}])
    return example


def figures(place: Review) -> dict[str, tuple[object, ...]]:
    """Return the figures of each code of modality."""
    build.refresh(place)
    with closing(database.reader(place.database)) as connection:
        return {row[1]: row[2:] for row in reading.quality(connection).rows if row[0] == "modality"}


def test_suggestions_are_right_wrong_or_missing(small: Review) -> None:
    assert figures(small) == FIGURES


def test_only_what_a_person_answered_counts(small: Review) -> None:
    small.decisions_of("ana").unlink()
    small.decisions_of("ben").unlink()
    assert figures(small) == {}


def test_the_command_prints_a_table_or_json(example: Review, program: Program) -> None:
    done = program("tag", "--quality", folder=example.root)
    assert done.returncode == 0
    assert done.stdout.startswith("### Suggestions and what people decided")
    rows = json.loads(program("tag", "--quality", "--json", folder=example.root).stdout)
    found = {(row["question"], row["code"]): row for row in rows}
    # Rules see titles alone here; people read the papers.
    gan = found["method", "gan"]
    assert (gan["accepted"], gan["corrected"], gan["missed"], gan["precision"], gan["recall"]) == (5, 0, 8, 1.0, 0.385)
    for question in ("modality", "method"):
        total = found[question, "(all)"]
        parts = [row for (of, code), row in found.items() if of == question and code != "(all)"]
        for key in ("accepted", "corrected", "missed"):
            assert total[key] == sum(row[key] for row in parts)


def test_a_pattern_that_misleads_is_named(example: Review) -> None:
    path = example.root / SCHEME
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('words = [\n    "MRI"', 'words = [\n    "unsupervised", "MRI"', 1), encoding="utf-8")
    accepted, corrected, _, precision, _, words = figures(example)["mri"]
    assert corrected
    assert precision == round(float(str(accepted)) / (float(str(accepted)) + float(str(corrected))), 3)
    assert str(words).startswith("unsupervised ")
