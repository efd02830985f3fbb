"""Hostile input: what a stranger's file, review, query or address may hold costs little, and is told in one message."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest
import small_review
from conftest import Program

from reviewdb import (
    bounds,
    build,
    checking,
    database,
    importing,
    journal,
    locks,
    protocol,
    reading,
    review,
    scheme,
    text,
)
from reviewdb.errors import ReviewError
from reviewdb.folder import Review
from reviewdb.formats.bounded import LARGEST
from reviewdb.importing import Wanted

SAMPLES = Path(__file__).parent / "samples" / "hostile"


@pytest.fixture
def place(tmp_path: Path) -> Review:
    return small_review.write(tmp_path / "review")


def imported(place: Review, name: str, data: bytes) -> importing.Report:
    path = place.root / name
    path.write_bytes(data)
    (report,) = importing.import_(place, [path], Wanted(), lambda _: None)
    return report


def secret(place: Review) -> Path:
    path = place.root.parent / "secret"
    path.write_text('{"source": "secret", "query": "q", "date": "2024"}\n', encoding="utf-8")
    return path


# --- links -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "data/searches/x.jsonl",
        "data/decisions/x.jsonl",
        "data/rulings/x.jsonl",
        "queries/x.sql",
        "data/protocol.toml",
        "data/coding-scheme.toml",
    ],
)
def test_a_file_that_leads_out_of_the_review_is_told_and_neither_read_nor_written(name: str, place: Review) -> None:
    target = secret(place)
    path = place.root / name
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(target)
    assert [problem.path for problem in review.load(place).problems] == [name]
    assert any("leads out of the review" in fault for one in checking.check(place) for fault in one.faults)
    with pytest.raises(ReviewError, match="leads out"), locks.writing(place.root):
        pass
    with pytest.raises(ReviewError):
        build.rebuild(place)
    assert "secret" in target.read_text(encoding="utf-8")


def test_a_folder_or_a_database_that_leads_out_is_told(place: Review, tmp_path: Path) -> None:
    (tmp_path / "decisions").mkdir()
    (tmp_path / "decisions" / "eve.jsonl").write_text("secret\n", encoding="utf-8")
    (place.root / "data" / "decisions").symlink_to(tmp_path / "decisions")
    place.database.symlink_to(tmp_path / "others.db")
    told = [problem.path for problem in review.load(place).problems]
    assert told == ["review.db", "data/decisions/eve.jsonl"]
    assert not next(one for one in checking.check(place) if one.name == "database").ok
    assert not (tmp_path / "others.db").exists()


def test_a_link_within_the_review_is_a_file_like_others(place: Review) -> None:
    kept = place.root / "kept.sql"
    kept.write_text("-- title: Kept\nSELECT 1 AS n\n", encoding="utf-8")
    (place.root / "queries" / "linked.sql").symlink_to(kept)
    assert review.load(place).problems == []
    assert "linked" in [one.name for one in review.load(place).queries]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_not_waited_for(place: Review) -> None:
    os.mkfifo(place.root / "data" / "searches" / "pipe.jsonl")
    assert [problem.path for problem in review.load(place).problems] == ["data/searches/pipe.jsonl"]


@pytest.mark.parametrize("name", ["../../x", "/etc/passwd", "a/b", "..", ".hidden", "CON:", "a\0b", "ü" * 65, ""])
def test_no_path_gets_in_as_the_name_of_a_record_or_a_coder(name: str, place: Review, program: Program) -> None:
    with (place.root / "data" / "searches" / "s.jsonl").open("a", encoding="utf-8") as handle:
        handle.write(json.dumps({"id": name, "title": "T"}) + "\n")
    assert "not a name" in str(review.load(place).problems[0])
    if "\0" not in name:
        done = program("tag", "s-1", "modality=ct", "--coder", name, folder=place.root)
        assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert (
        sorted(path.name for path in place.root.iterdir()) == ["data", "queries"]
        or not (place.root / "data" / "decisions").exists()
    )


# --- size and depth --------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit for memory")
def test_a_gigabyte_is_refused_or_streamed_in_bounded_memory(place: Review) -> None:
    path = place.root / "large.ris"
    with path.open("wb") as handle:
        handle.write(b"TY  - JOUR\nTI  - x\n")
        handle.truncate(1_000_000_001)
    bounded = (
        "import resource as r; r.setrlimit(r.RLIMIT_AS, (800_000_000,) * 2); from reviewdb.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", bounded, "import", path.name],
        cwd=place.root,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert f"a line has more than {LARGEST:,} characters" in done.stderr
    assert [path.name for path in place.files("searches")] == ["s.jsonl"]


@pytest.mark.parametrize("name", ["data/searches/x.jsonl", "data/decisions/ana.jsonl", "data/rulings/ana.jsonl"])
def test_a_file_of_the_review_of_more_than_a_gigabyte_is_told_unread(name: str, place: Review) -> None:
    (place.root / name).parent.mkdir(exist_ok=True)
    with (place.root / name).open("wb") as handle:
        handle.truncate(journal.LARGEST + 1)
    assert [str(p) for p in review.load(place).problems if "1000 MB" in p.what] == [
        f"{name}: it has more than 1000 MB. Part what it holds into several files."
    ]


@pytest.mark.parametrize("name", ["data/protocol.toml", "data/coding-scheme.toml", "queries/x.sql"])
def test_a_text_of_more_than_ten_megabytes_is_told_unread(name: str, place: Review) -> None:
    with (place.root / name).open("ab") as handle:
        handle.truncate(10_000_001)
    assert [str(p) for p in review.load(place).problems if p.path == name] == [
        f"{name}: it has more than 10 MB. Make it shorter."
    ]


def test_a_hundred_thousand_authors_and_a_line_of_ten_megabytes_are_read_and_shown(
    place: Review, program: Program
) -> None:
    names = " and ".join(f"Family{n}, Given" for n in range(100_000))
    record = {"id": "s-9", "title": "Of a long abstract", "abstract": "word " * 1_900_000, "rank": 9}
    with (place.root / "data" / "searches" / "s.jsonl").open("a", encoding="utf-8") as handle:
        handle.write(json.dumps(record) + "\n")
    report = imported(place, "many.bib", f"@article{{k, title={{Of many}}, author={{{names}}}, year=2020}}".encode())
    assert (report.records, report.problems) == (1, [])
    build.rebuild(place)
    with closing(database.reader(place.database)) as connection:
        (authors,) = connection.execute("SELECT authors FROM papers WHERE title = 'Of many'").fetchone()
        assert authors.count("Given") == 100_000
    found = program("search", "many", "--json", folder=place.root)
    assert [one["title"] for one in json.loads(found.stdout)] == ["Of many"]


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("title", "x" * 2_000_001, "title has 2,000,001 bytes, more than 2,000,000"),
        ("abstract", "ü" * 5_000_001, "abstract has 10,000,002 bytes, more than 10,000,000"),
        ("authors", ["A"] * 100_001, "authors has 100,001 names, more than 100,000"),
        ("authors", ["A", "x" * 2_000_001], "one of authors has 2,000,001 bytes, more than 2,000,000"),
    ],
)
def test_what_no_paper_has_is_told_by_file_and_line(field: str, value: object, told: str, place: Review) -> None:
    entry = {"id": "s-9", "title": "T", field: value}
    with (place.root / "data" / "searches" / "s.jsonl").open("a", encoding="utf-8") as handle:
        handle.write(json.dumps(entry) + "\n")
    assert [str(p) for p in review.load(place).problems] == [
        f"data/searches/s.jsonl:5: {told}. Mend the line or delete it."
    ]
    report = imported(place, "x.json", json.dumps([{"title": "Good"}, {"title": "T", field: value}]).encode())
    assert (report.records, [told in str(problem) for problem in report.problems]) == (1, [True])


@pytest.mark.parametrize(
    "deep", ["[" * 100_000, "[" * 100_000 + "]" * 100_000, '{"a":' * 100_000 + "1" + "}" * 100_000]
)
def test_json_nested_deeply_is_told(deep: str, place: Review) -> None:
    with (place.root / "data" / "searches" / "s.jsonl").open("a", encoding="utf-8") as handle:
        handle.write(f'{{"id": "s-9", "title": "T", "x": {deep}}}\n')
    assert [(p.path, p.line) for p in review.load(place).problems] == [("data/searches/s.jsonl", 5)]
    with pytest.raises(ReviewError, match="no record that can be read"):
        imported(place, "x.json", f'[{{"title": "T", "x": {deep}}}]'.encode())


@pytest.mark.parametrize(
    "deep",
    [
        "x = " + "[" * 100_000 + "]" * 100_000,
        ".".join(["a"] * 20_000) + " = 1",
        "[" + ".".join(["a"] * 20_000) + "]",
        "x = " + "{a=" * 500 + "1" + "}" * 500,
        "x = " + "[" * 60 + "]" * 60,
    ],
)
def test_toml_nested_deeply_is_told(deep: str) -> None:
    for parse in (scheme.parse, protocol.parse):
        _, problems = parse(f"schema = 1\n{deep}\n", "data/x.toml")
        assert len(problems) == 1


# --- what takes long -------------------------------------------------------------------------------------------------

# Each of these took the square of its length: hours, at a megabyte.
LONG = 300_000


@pytest.mark.parametrize("unit", [",", " ", ";", "…", ". ", "- ", "and ", " and {", "(", ")", "10.1000/", "\\"])
def test_no_text_takes_more_than_its_length(unit: str, place: Review) -> None:
    big = unit * (LONG // len(unit))
    entry = {"title": "T", "authors": ["A", "B"], "author": big[:99_999], "doi": big, "year": big, "volume": big}
    report = imported(place, "x.json", json.dumps([{"title": "Good"}, entry]).encode())
    assert report.records >= 1
    report = imported(
        place, "x.bib", f"@a{{k, title={{T}}, author={{{big}}}, pages={{{big}}}}}\n@a{{j, title={{U}}}}".encode()
    )
    assert report.records >= 1
    text.surname(big)
    text.doi(f"10.1000/{big}")
    text.full_text_query(big)
    importing.formats.recognise(big)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(x|x)*y", "a{1,1000}{1,1000}", r"\d+", "[a-z]", ".*", "a**b", "*"])
def test_a_coding_scheme_has_no_patterns_that_backtrack(pattern: str) -> None:
    source = f"schema = 1\n[facet.f.codes.c]\nwords = [{json.dumps(pattern)}]\n"
    _, (problem,) = scheme.parse(source, "data/coding-scheme.toml")
    assert (problem.line, "does not compile" in problem.what) == (3, True)


# --- queries of a stranger -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SELECT randomblob(1000000000) AS x", "too big"),
        ("SELECT zeroblob(1000000000) AS x", "too big"),
        ("SELECT replace(hex(zeroblob(1000000)), '0', hex(zeroblob(1000000))) AS x", "too big"),
        ("WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) AS n FROM c", "longer than"),
        (
            "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT hex(zeroblob(4000000)) y FROM c",
            "200 MB",
        ),
        ("SELECT hex(zeroblob(100)) LIKE '%' || hex(zeroblob(100)) AS x", "too complex"),
        ("SELECT load_extension('x') AS x", "not authorized"),
        ("SELECT readfile('/etc/passwd') AS x", "no such function"),
        ("SELECT * FROM pragma_database_list('x') WHERE (SELECT 1 FROM others.papers)", "no such table"),
    ],
)
def test_a_query_of_a_stranger_is_bounded(sql: str, told: str, place: Review) -> None:
    build.rebuild(place)
    with closing(database.reader(place.database)) as connection, pytest.raises(ReviewError) as refused:
        database.ask(connection, sql, seconds=1.0)
    assert told in str(refused.value)


@pytest.mark.parametrize("sql", ["ATTACH '{other}' AS o", "DELETE FROM papers", "VACUUM INTO '{other}'"])
def test_a_query_only_reads(sql: str, place: Review) -> None:
    build.rebuild(place)
    other = place.root / "other.db"
    with closing(database.reader(place.database)) as connection:
        bounds.guard(connection)
        with pytest.raises(ReviewError):
            database.ask(connection, sql.format(other=other), seconds=1.0)
    path = place.root / "queries" / "evil.sql"
    path.write_text(f"-- title: Evil\nWITH x AS (SELECT 1) {sql.format(other=other)}\n", encoding="utf-8")
    assert any(p.path == "queries/evil.sql" for p in build.examine(place)[0])
    assert not other.exists()


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        (
            "SELECT instr('abc', 'c'), instr('abc', 'x'), instr(NULL, 'x'), instr(x'0102', x'02'), instr(123, 2)",
            (3, 0, None, 2, 2),
        ),
        (
            "SELECT replace('aXbX', 'X', 'yy'), replace('a', '', 'b'), replace(NULL, 'a', 'b'), replace(11, 1, 2)",
            ("ayybyy", "a", None, "22"),
        ),
    ],
)
def test_what_is_put_in_the_place_of_a_function_says_the_same(sql: str, found: tuple[object, ...]) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        assert connection.execute(sql).fetchone() == found
        bounds.guard(connection)
        assert connection.execute(sql).fetchone() == found
        long = "SELECT instr(hex(zeroblob(4000000)), hex(zeroblob(2000000)) || 'b')"
        assert connection.execute(long).fetchone() == (0,)


def test_a_damaged_database_is_told_and_built_anew(place: Review, program: Program) -> None:
    build.rebuild(place)
    with closing(sqlite3.connect(place.database)) as connection:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'papers'").fetchone()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with place.database.open("r+b") as handle:
        handle.seek((root - 1) * size)
        handle.write(b"\xff" * size)
    done = program("search", "brain", folder=place.root)
    assert done.returncode == 1
    assert "reviewdb build --fresh" in done.stderr
    assert "bug" not in done.stderr
    assert program("build", "--fresh", folder=place.root).returncode == 0
    assert program("search", "brain", folder=place.root).returncode == 0


# --- what was found --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(SAMPLES.iterdir()), ids=lambda path: path.name)
def test_what_once_broke_something_breaks_nothing(path: Path, place: Review) -> None:
    data = path.read_bytes()
    with suppress(ReviewError):  # which has no record that can be read
        assert imported(place, path.name, data).records > 0
    said = data.decode("utf-8", "replace")
    for parse in (scheme.parse, protocol.parse):
        parse(said, "x")
    for name in ("data/searches/x.jsonl", "data/decisions/x.jsonl", "data/rulings/x.jsonl"):
        (place.root / name).parent.mkdir(exist_ok=True)
        (place.root / name).write_bytes(data)
    (place.root / "queries" / "x.sql").write_bytes(data)
    content = review.load(place)
    assert all(problem.path and problem.todo for problem in content.problems)
    assert all(str(problem).isprintable() for problem in content.problems)
    assert len(content.records) >= 3


def test_a_title_that_says_one_word_without_end_is_searched_and_marked_like_any_other(
    place: Review, program: Program
) -> None:
    # SQLite marks the places of a word in a time that grows with their square: all 200,000 of them would take minutes.
    endless = [
        {"title": f"outlier {'word ' * 200_000}lastly", "abstract": "word " * 100_000, "authors": ["Word"] * 9999}
    ]
    imported(place, "x.json", json.dumps(endless).encode())
    build.refresh(place)
    with closing(database.reader(place.database)) as connection:
        ((hit,), _) = reading.search(connection, reading.selection("outlier word", {}))
        assert connection.execute(database.statement("papers-with-words"), {"query": "lastly"}).fetchall() == []
    assert "[outlier] [word] [word]" in hit.snippet
    # What an update forgets must be what was put in, or the index is spoilt.
    assert program("tag", hit.key, "modality=mri", "--coder", "ana", folder=place.root).returncode == 0
    with closing(sqlite3.connect(place.database)) as connection:
        connection.execute("INSERT INTO paper_search (paper_search, rank) VALUES ('integrity-check', 1)")
