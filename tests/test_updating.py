"""The update: rulings and decisions taken in one by one come to the same as a whole build, whatever they are."""

from __future__ import annotations

import json
import random
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from made_reviews import Made, derived

from reviewdb import build, database
from reviewdb.review import Review


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
