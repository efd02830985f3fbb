"""The build: the same content every time, whole or by the decision, and never half of one before a reader's eyes."""

from __future__ import annotations

import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from made_reviews import derived

from reviewdb import build, coding, database, sources
from reviewdb.coding import Coder
from reviewdb.errors import BadReviewError, ReviewError
from reviewdb.review import Review

SIZE = "SELECT count(*) FROM papers"


def content(place: Review) -> list[tuple[object, ...]]:
    """Return all that the database says, but for when its sources were last touched, and what tells builds apart."""
    with closing(database.reader(place.database)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'sources'")
        return [
            (table, *row)
            for (table,) in tables.fetchall()
            for row in connection.execute(f"SELECT * FROM {table}").fetchall()
            if (table, row[0]) != ("build_info", "build")
        ]


def decide(place: Review, key: str, *assignments: str, coder: str = "ana", settles: bool = False) -> None:
    """Append one coder's decisions, and leave the database behind."""
    before = place.database.read_bytes()
    coding.decide(place, key, Coder(coder, settles=settles), lambda case: coding.tag(case, assignments), print)
    for path in place.root.glob("review.db*"):
        path.unlink()
    place.database.write_bytes(before)


def test_the_same_text_gives_the_same_content(example: Review) -> None:
    build.refresh(example)
    first = content(example)
    for file in example.root.glob("review.db*"):
        file.unlink()
    assert build.refresh(example) == "built"
    assert content(example) == first
    assert len(first) > 1000


def test_no_connection_is_left_open(example: Review) -> None:
    example.database.write_bytes(b"not a database at all" * 100)
    code = (
        "import gc; from pathlib import Path; from reviewdb import build, checking, review\n"
        "at = review.at(Path.cwd()); build.refresh(at); build.rebuild(at); checking.check(at); gc.collect()"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=example.root, capture_output=True, check=True
    )
    assert done.stderr == b""


def test_nothing_is_done_when_nothing_changed(example: Review) -> None:
    assert build.refresh(example) == "built"
    before = example.database.stat()
    assert build.refresh(example) == "current"
    after = example.database.stat()
    assert (after.st_ino, after.st_size, after.st_mtime_ns) == (before.st_ino, before.st_size, before.st_mtime_ns)


def test_decisions_are_taken_in_one_by_one_and_come_to_the_same_as_a_whole_build(example: Review) -> None:
    build.refresh(example)
    steps = [
        ("schlegl2017unsupervised", "modality=fundus", "aim=to see"),
        ("baur2018deep", "method+=diffusion", "supervision=semi_supervised"),
        ("zhao2023clip", "method=vision_language,survey", "supervision.stated=unsupervised"),
        ("schlegl2017unsupervised", "modality="),
    ]
    for key, *assignments in steps:
        before = derived(example)
        decide(example, key, *assignments)
        assert build.refresh(example) == "updated"
        assert derived(example) != before
    incremental = derived(example)
    build.rebuild(example)
    assert derived(example) == incremental


def test_a_decision_file_that_was_edited_and_not_appended_to_is_read_anew(example: Review) -> None:
    build.refresh(example)
    path = example.decisions_of("mini-review")
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[0] = lines[0].replace("include", "exclude.preprint")
    path.write_text("\n".join([*lines, lines[1]]) + "\n", encoding="utf-8")
    assert build.refresh(example) == "built"
    with closing(database.reader(example.database)) as connection:
        assert connection.execute("SELECT count(*) FROM papers WHERE status = 'excluded'").fetchone() == (1,)


def test_text_that_a_whole_build_refuses_is_not_taken_in_line_by_line(example: Review) -> None:
    path = example.decisions_of("mini-review")
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    build.refresh(example)
    said = {"at": "2026-01-01T00:00:00Z", "record": "2021-mini-review-001", "question": "modality", "answer": ["ct"]}
    with path.open("a", encoding="utf-8") as handle:
        handle.write(json.dumps(said) + "\n")
    with pytest.raises(BadReviewError, match=r"mini-review\.jsonl:393: not JSON"):
        build.refresh(example)


def test_one_changed_decision_moves_the_headline_figures(example: Review) -> None:
    build.refresh(example)
    sql = (example.root / "queries" / "headline-figures.sql").read_text(encoding="utf-8")

    def figures() -> dict[str, int]:
        with closing(database.reader(example.database)) as connection:
            return {figure: papers for figure, papers, *_ in connection.execute(sql)}

    before = figures()
    decide(example, "baur2018deep", "modality=ct.head", coder="mini-review")
    build.refresh(example)
    after = figures()
    assert after["brain MRI"] == before["brain MRI"] - 1
    assert after["brain"] == before["brain"]
    decide(example, "baur2018deep", "modality=oct", "deviation_based=no", coder="mini-review")
    build.refresh(example)
    assert figures()["brain"] == before["brain"] - 1
    assert figures()["deviation-based"] == before["deviation-based"] - 1


def test_a_second_coder_contests_and_settling_closes_it(example: Review) -> None:
    build.refresh(example)

    def standing() -> set[tuple[str, str]]:
        sql = """
            SELECT code, paper_codes.status FROM paper_codes JOIN papers ON papers.id = paper_id
            WHERE key = 'baur2018deep' AND question_id = 'modality'
        """
        with closing(database.reader(example.database)) as connection:
            return set(connection.execute(sql))

    decide(example, "baur2018deep", "modality=mri")
    build.refresh(example)
    assert standing() == {("mri", "coded"), ("mri.brain", "contested")}
    decide(example, "baur2018deep", "modality=mri.brain", settles=True)
    build.refresh(example)
    assert standing() == {("mri", "coded"), ("mri.brain", "coded")}


@pytest.mark.parametrize(
    ("file", "change", "where"),
    [
        ("data/decisions/mini-review.jsonl", lambda b: b + b'{"at": "2026-', "data/decisions/mini-review.jsonl:394"),
        ("data/decisions/mini-review.jsonl", lambda b: b.replace(b'["oct"]', b'["octt"]', 1), ":17: modality"),
        ("data/searches/2021-mini-review.jsonl", lambda b: b.replace(b"Seeb", b"\xff", 1), "2021-mini-review.jsonl:3"),
        (
            "data/searches/2025-cited-by.jsonl",
            lambda b: b.replace(b"by-002", b"by-001"),
            "2025-cited-by.jsonl:3: the id",
        ),
        ("data/coding-scheme.toml", lambda b: b.replace(b'"fundus"', b'"fund(us"', 1), "coding-scheme.toml:"),
        ("data/protocol.toml", lambda b: b + b"\n[broken", "data/protocol.toml:"),
        ("queries/papers.sql", lambda _: b"-- title: T\nSELECT 1", "queries/papers.sql: a table has that name"),
        ("queries/table-1.sql", lambda b: b.replace(b"papers.aim", b"papers.goal"), "queries/table-1.sql:8"),
        ("queries/table-2.sql", lambda b: b.replace(b"FROM papers", b"FORM papers"), "queries/table-2.sql:"),
    ],
)
def test_bad_text_is_told_with_its_place_and_the_database_stays(
    example: Review, file: str, change: object, where: str
) -> None:
    build.refresh(example)
    before = content(example)
    path = example.root / file
    path.write_bytes(change(path.read_bytes() if path.exists() else b""))  # type: ignore[operator]
    with pytest.raises(BadReviewError) as told:
        build.refresh(example)
    assert where in str(told.value)
    assert content(example) == before


def test_a_scheme_without_the_reasons_of_the_criteria_is_told_with_all_that_hangs_on_it(example: Review) -> None:
    (example.root / "data" / "coding-scheme.toml").write_text('schema = 1\n[stage.screening]\nlabel = "S"\n', "utf-8")
    with pytest.raises(BadReviewError) as told:
        build.refresh(example)
    assert {problem.path for problem in told.value.problems} >= {
        "data/protocol.toml",
        "data/decisions/mini-review.jsonl",
    }


def test_all_problems_are_told_at_once(example: Review) -> None:
    for file in (
        "data/searches/2021-mini-review.jsonl",
        "data/decisions/mini-review.jsonl",
        "data/rulings/curator.jsonl",
    ):
        with (example.root / file).open("ab") as handle:
            handle.write(b"not json\n[1]\n")
    (example.root / "queries" / "table-1.sql").write_text("DELETE FROM papers", encoding="utf-8")
    with pytest.raises(BadReviewError) as told:
        build.refresh(example)
    assert len(told.value.problems) == 8
    assert not example.database.exists()


def test_a_database_of_other_tables_is_built_anew(example: Review) -> None:
    build.refresh(example)
    with closing(sqlite3.connect(example.database)) as connection, connection:
        connection.execute("UPDATE build_info SET value = 'older' WHERE key = 'schema'")
        connection.execute("DROP VIEW paper_words")
        connection.execute("ALTER TABLE papers DROP COLUMN terms")
    assert build.refresh(example) == "built"
    with closing(database.reader(example.database)) as connection:
        assert connection.execute("SELECT count(terms) FROM papers").fetchone()[0] > 0


def test_a_file_that_is_no_database_is_replaced(example: Review) -> None:
    example.database.write_bytes(b"not a database at all" * 100)
    assert build.refresh(example) == "built"
    with closing(database.reader(example.database)) as connection:
        assert connection.execute(SIZE).fetchone() == (117,)


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 4 MB, where the machine lets us."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    if mount is None or subprocess.run([mount, "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk], check=False).returncode:
        pytest.skip("no right to mount a small disk")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def test_a_full_disk_keeps_the_old_database_and_says_so(example: Review, tiny_disk: Path) -> None:
    place = Review(tiny_disk)
    for part in ("data", "queries"):
        shutil.copytree(example.root / part, tiny_disk / part)
    build.refresh(place)
    before = content(place)
    with (tiny_disk / "fill").open("wb", buffering=0) as filler, suppress(OSError):
        while filler.write(b"\0" * 1024):
            pass
    with pytest.raises(ReviewError, match="as it was"):
        build.rebuild(place)
    assert content(place) == before


def test_a_read_only_disk_is_told_and_the_old_database_still_read(example: Review, tiny_disk: Path) -> None:
    place = Review(tiny_disk)
    for part in ("data", "queries"):
        shutil.copytree(example.root / part, tiny_disk / part)
    build.refresh(place)
    before = content(place)
    subprocess.run(["mount", "-o", "remount,ro", tiny_disk], check=True)
    with pytest.raises(ReviewError, match="cannot be written"):
        build.rebuild(place)
    assert content(place) == before


def test_killing_a_build_at_any_moment_leaves_readers_a_whole_database(example: Review) -> None:
    build.refresh(example)
    chance = random.Random(11)
    path = example.decisions_of("mini-review")
    uri = f"{example.database.as_uri()}?mode=ro"
    modality = "SELECT modality FROM papers WHERE id = '2021-mini-review-001'"
    killed = 0
    with closing(sqlite3.connect(uri, uri=True)) as site:
        for round_ in range(12):
            before = site.execute(modality).fetchone()
            answer = ["oct"] if round_ % 2 else ["ct"]
            line = {"at": f"2026-01-01T00:00:{round_:02}Z", "record": "2021-mini-review-001", "question": "modality"}
            with path.open("a", encoding="utf-8") as handle:
                handle.write(json.dumps({**line, "answer": answer}) + "\n")
            running = subprocess.Popen([sys.executable, "-m", "reviewdb", "build", "--fresh"], cwd=example.root)
            time.sleep(chance.uniform(0.05, 0.5))
            running.send_signal(signal.SIGKILL)
            killed += running.wait() == -signal.SIGKILL
            assert site.execute(SIZE).fetchone() == (117,)
            assert site.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert site.execute(modality).fetchone() in (before, (json.dumps(answer),))
    assert killed
    build.refresh(example)
    line_by_line = derived(example)
    build.rebuild(example)
    assert derived(example) == line_by_line


def test_a_reader_never_sees_half_a_build(example: Review) -> None:
    build.refresh(example)
    uri = f"{example.database.as_uri()}?mode=ro"
    code = (
        "from pathlib import Path; from reviewdb import build, review\n"
        "for _ in range(10): build.rebuild(review.at(Path.cwd()))"
    )
    running = subprocess.Popen([sys.executable, "-c", code], cwd=example.root)
    looks = 0
    with closing(sqlite3.connect(uri, uri=True)) as site:
        while running.poll() is None:
            assert site.execute(SIZE).fetchone() == (117,)
            assert site.execute("SELECT count(*) FROM paper_codes WHERE status = 'coded'").fetchone()[0] > 100
            looks += 1
    assert running.returncode == 0
    assert looks > 10


def test_a_record_may_be_about_one_that_sorts_after_it(example: Review) -> None:
    folder = example.root / "data" / "searches"
    (folder / "by-hand.jsonl").write_text(
        '{"source": "by hand"}\n{"id": "z-1", "title": "Hits named otherwise than by date"}\n', encoding="utf-8"
    )
    (folder / "2026-enriched.jsonl").write_text(
        '{"source": "openalex", "kind": "enrichment"}\n{"id": "2026-1", "title": "Hits", "about": "z-1"}\n',
        encoding="utf-8",
    )
    build.refresh(example)
    with closing(database.reader(example.database)) as connection:
        records = connection.execute("SELECT record_id FROM paper_records WHERE paper_id = 'z-1' ORDER BY 1").fetchall()
    assert records == [("2026-1",), ("z-1",)]


class Vanishing(Review):
    """A review whose files of decisions are deleted as soon as they are listed, as a checkout may do."""

    def sources(self) -> Iterator[tuple[str, Path]]:
        """Yield the files, and delete those of decisions before the caller can look at them."""
        for name, path in [*super().sources()]:
            if sources.is_decisions(name):
                path.unlink()
            yield name, path


def test_a_file_that_vanishes_after_it_was_listed_has_changed(ready: Review) -> None:
    before = sources.states(ready)
    gone = [name for name in before if sources.is_decisions(name)]
    now = sources.states(Vanishing(ready.root))
    assert sorted(before.keys() - now.keys()) == gone != []
    assert list(sources.changes(ready, now)) == gone
    assert not sources.grew(ready.root / gone[0], before[gone[0]])
    with database.writer(ready.database) as connection:
        sources.note(connection, ready, {gone[0]: sources.State(1, 1)})
        assert connection.execute("SELECT path, sha256 FROM sources").fetchall() == [(gone[0], None)]
    assert build.refresh(ready) == "built"


def test_a_checkout_meanwhile_ends_no_command_with_a_bug(ready: Review) -> None:
    path = ready.decisions_of("mini-review")
    aside = ready.root / "aside"
    done = threading.Event()

    def check_out() -> None:
        while not done.is_set():
            path.replace(aside)
            aside.replace(path)

    other = threading.Thread(target=check_out)
    other.start()
    try:
        for _ in range(300):
            for look in (sources.states, lambda place: sources.changes(place, sources.states(place))):
                look(ready)
            sources.digest(path, 10)
            sources.grew(path, sources.State(10, 0, ""))
    finally:
        done.set()
        other.join()
    assert build.refresh(ready) in ("current", "built")
