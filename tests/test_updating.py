"""The update: rulings and decisions taken in one by one come to the same as a whole build, whatever they are."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from made_reviews import Made, derived

from reviewdb import build, database
from reviewdb.review import Review
from reviewdb.site import about


def rule(place: Review, a: str, b: str, relation: str | None, coder: str = "ana") -> None:
    """Append a ruling, and leave the database behind."""
    path = place.rulings_of(coder)
    count = path.read_text(encoding="utf-8").count("\n") if path.exists() else 0
    line = {"at": f"2026-11-01T00:00:{count:02}Z", "a": a, "b": b, "relation": relation}
    with path.open("a", encoding="utf-8") as handle:
        handle.write(json.dumps(line) + "\n")


@pytest.mark.parametrize("seed", range(4))
def test_rulings_are_taken_in_one_by_one_and_come_to_the_same_as_a_whole_build(example: Review, seed: int) -> None:
    chance = random.Random(seed)
    build.refresh(example)
    with closing(database.reader(example.database)) as connection:
        ids = [id_ for (id_,) in connection.execute("SELECT id FROM records ORDER BY id")]
    few = chance.sample(ids, 7)
    for _ in range(25):
        a, b = chance.sample(few, 2)
        relation = chance.choice(["same", "same", "version", "different", None])
        rule(example, a, b, relation, chance.choice(["ana", "ben"]))
        assert build.refresh(example) == "updated"
    incremental = derived(example)
    with closing(database.reader(example.database)) as connection:
        assert not database.faults(connection)
    build.rebuild(example)
    assert derived(example) == incremental


@pytest.mark.parametrize("seed", range(8))
def test_records_that_are_much_alike_are_regrouped_and_renamed_as_a_whole_build_would(
    tmp_path: Path, seed: int
) -> None:
    made = Made(tmp_path / "review", seed)
    build.refresh(made.place)
    for _ in range(6):
        made.say()
        made.code(5)
        assert build.refresh(made.place) == "updated"
        with closing(database.reader(made.place.database)) as connection:
            assert not database.faults(connection)
        whole = Review(tmp_path / "whole")
        shutil.copytree(made.place.root, whole.root, ignore=shutil.ignore_patterns("review.db*"))
        build.rebuild(whole)
        assert derived(made.place) == derived(whole)
        shutil.rmtree(whole.root)


def test_citations_inside_a_review_are_those_that_its_records_tell(tmp_path: Path) -> None:
    made = Made(tmp_path / "review", 3)
    build.refresh(made.place)
    made.say()
    build.refresh(made.place)
    with closing(database.reader(made.place.database)) as connection:
        connection.row_factory = sqlite3.Row
        known = [
            (paper, extra.get("openalex"), set(extra.get("references", ())))
            for paper, extra in (
                (paper, json.loads(text))
                for paper, text in connection.execute(
                    "SELECT paper_id, extra FROM records JOIN paper_records ON record_id = records.id"
                )
            )
        ]
        told = 0
        for paper in {paper for paper, *_ in known}:
            works = {work for one, work, _ in known if one == paper}
            cited = {work for one, _, references in known if one == paper for work in references}
            plainly = {("cites", one) for one, work, _ in known if one != paper and work in cited}
            plainly |= {("cited by", one) for one, _, references in known if one != paper and references & works}
            rows = connection.execute(about.statement("paper-neighbours"), {"paper": paper}).fetchall()
            assert {(row["relation"], row["id"]) for row in rows} == plainly
            assert len(rows) == len(plainly)
            told += len(rows)
        assert told
