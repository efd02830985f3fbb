"""The journal: damaged lines are found and named, and a line is on disk whole or not at all."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewdb import conflicts, journal, locks
from reviewdb.errors import Problem, ReviewError

DEEP = b'{"a": ' + b"[" * 150 + b"]" * 150 + b"}"
DEEPEST = b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
WIDE = b'{"a": [' + b"[], " * 500 + b"{}]}"


def read(
    path: Path, shown: str, skip: int = 0, until: int | None = None
) -> tuple[list[tuple[int, dict[str, Any]]], list[Problem]]:
    """Return the good lines of a file, and what is wrong with the others."""
    said = list(journal.read(path, shown, skip, until))
    return [one for one in said if not isinstance(one, Problem)], [one for one in said if isinstance(one, Problem)]


@pytest.mark.parametrize(
    ("data", "good", "problems"),
    [
        (b"", [], []),
        (b"\n\r\n  \n", [], []),
        (b'{"a": 1}\n{"a": 2}\n', [1, 2], []),
        (b'{"a": 1}\n{"a": 2}', [1, 2], []),
        (b'{"a": 1}\r\n\r\n{"a": 2}\r\n', [1, 3], []),
        (b'\xef\xbb\xbf{"a": 1}\n', [1], []),
        ('{"a": "one\u2028line\u0085"}\n'.encode(), [1], []),
        (b'{"a": 1}\n{"a": ', [1], [(2, "the last line is cut off.")]),
        (b'{"a": 1}\n{"a": "\xc3', [1], [(2, "the last line is cut off.")]),
        (b'{"a": \n{"a": 2}\n', [2], [(1, "not JSON at character 7: Expecting value.")]),
        (b'\n{"a": "\xff"}\n{"a": 2}\n', [3], [(2, "byte 8 of the line is not UTF-8.")]),
        (b'[1]\n"x"\nnull\n{}\n', [4], [(n, "the line is not a JSON object.") for n in (1, 2, 3)]),
        (DEEP + b"\n{}\n", [2], [(1, "the line is nested too deeply.")]),
        (DEEPEST + b"\n{}\n", [2], [(1, "the line is nested too deeply.")]),
        (WIDE + b"\n", [1], []),
        (rb'{"a": "\ud800"}' + b"\n{}\n", [2], [(1, r"the line has half of a surrogate pair (\ud800 to \udfff).")]),
        (rb'{"\uDC00": 1}' + b"\n", [], [(1, r"the line has half of a surrogate pair (\ud800 to \udfff).")]),
        (rb'{"a": "\ud83d\ude00 \\ud800"}' + b"\n", [1], []),
        (b"<<<<<<< HEAD\n{}\n<<<<<<< HEAD\n", [2], [(n, conflicts.STRAY[0]) for n in (1, 3)]),
        (b"<<<<<<< HEAD\n{}\n=======\n", [2], [(n, conflicts.STRAY[0]) for n in (1, 3)]),
        *(
            (
                b'{"a": ' + number + b"}\n{}\n",
                [2],
                [(1, "a number of the line is not finite or has thousands of digits.")],
            )
            for number in (b"NaN", b"-Infinity", b"1e999", b"9" * 5000)
        ),
    ],
)
def test_good_lines_are_read_and_bad_ones_named(
    data: bytes, good: list[int], problems: list[tuple[int, str]], tmp_path: Path
) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(data)
    lines, found = read(path, "data/x.jsonl")
    assert [number for number, _ in lines] == good
    assert [(problem.path, problem.line, problem.what) for problem in found] == [
        ("data/x.jsonl", *problem) for problem in problems
    ]


def test_a_file_is_read_from_a_byte_on(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"a": 1}\n{"a": 2}\n{"a": "a longer line"}\n')
    assert read(path, "x", skip=9, until=18) == ([(1, {"a": 2})], [])
    assert read(path, "x", skip=18)[0] == [(1, {"a": "a longer line"})]
    assert read(path, "x", skip=43) == ([], [])
    assert read(path, "x", until=17) == ([(1, {"a": 1}), (2, {"a": 2})], [])
    assert [(problem.line, problem.what) for problem in read(path, "x", until=12)[1]] == [(2, journal.TORN)]


def test_a_file_that_cannot_be_read_is_one_problem(tmp_path: Path) -> None:
    (tmp_path / "folder.jsonl").mkdir()
    for name in ("folder.jsonl", "nothing.jsonl"):
        lines, problems = read(tmp_path / name, name)
        assert lines == []
        assert [(problem.path, problem.line) for problem in problems] == [(name, 0)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=12).filter(lambda junk: b"\n" not in junk), max_size=6))
def test_good_lines_survive_among_random_bytes(tmp_path: Path, junk: list[bytes]) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"".join(b'%s\n{"n": %d}\n' % (piece, number) for number, piece in enumerate(junk)))
    lines, problems = read(path, "x")
    ours = [(number, entry["n"]) for number, entry in lines if number % 2 == 0]
    assert ours == [(2 * number + 2, number) for number in range(len(junk))]
    assert all(problem.line % 2 == 1 for problem in problems)


def test_what_is_appended_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "ana.jsonl"
    first: list[dict[str, object]] = [{"why": "größer \u2028 \n 😀"}, {"n": 2}]
    journal.append(path, first)
    journal.append(path, [{"n": 3}])
    assert read(path, "x") == ([(1, first[0]), (2, {"n": 2}), (3, {"n": 3})], [])
    assert path.read_bytes().count(b"\n") == 3


def test_a_last_line_that_only_lacks_its_end_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "ana.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"n": 1}')
    journal.append(path, [{"n": 2}])
    assert path.read_bytes() == b'\xef\xbb\xbf{"n": 1}\n{"n": 2}\n'


@pytest.mark.parametrize("torn", [b'{"n": 1}\n{"n": ', b'{"n": 1}\n\xff', b"7"])
def test_nothing_is_appended_to_a_torn_line(torn: bytes, tmp_path: Path) -> None:
    path = tmp_path / "ana.jsonl"
    path.write_bytes(torn)
    with pytest.raises(ReviewError, match="cut off"):
        journal.append(path, [{"n": 2}])
    assert path.read_bytes() == torn


def test_text_that_is_no_text_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / "ana.jsonl"
    with pytest.raises(ReviewError, match="nothing was written"):
        journal.append(path, [{"n": 1}, {"why": "\udcff"}])
    assert not path.exists()


def test_a_file_that_people_write_is_put_in_place_whole(tmp_path: Path) -> None:
    path = tmp_path / "scheme.toml"
    path.write_bytes(b"before")
    path.chmod(0o640)
    journal.replace(path, b"after")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"after", 0o640)
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(ReviewError, match=r"nothing.toml: nothing was written"):
        journal.replace(tmp_path / "none" / "nothing.toml", b"after")


FULL = """
import resource, sys
from collections.abc import Iterator
from pathlib import Path
from reviewdb import journal, locks
from reviewdb.errors import ReviewError
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    journal.append(Path(sys.argv[1]), [{"why": "x" * 900}, {"why": "y" * 900}])
except ReviewError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not limit the size of a file")
@pytest.mark.parametrize("before", [None, b"", b'{"n": 1}\n', b'{"n": 1}'])
def test_on_a_full_disk_the_file_is_as_before(before: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "ana.jsonl"
    if before is not None:
        path.write_bytes(before)
    done = subprocess.run([sys.executable, "-c", FULL, path], capture_output=True, encoding="utf-8", check=True)
    assert "ana.jsonl: nothing was written: File too large." in done.stdout
    assert (path.read_bytes() if path.exists() else None) == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_device_is_an_error_of_the_review() -> None:
    with pytest.raises(ReviewError, match="No space left"):
        journal.append(Path("/dev/full"), [{"n": 1}])


WRITER = """
import sys
from collections.abc import Iterator
from pathlib import Path
from reviewdb import journal, locks
root, name = Path(sys.argv[1]), sys.argv[2]
count = root / "count"
for n in range(100):
    with locks.writing(root):
        journal.append(root / "ana.jsonl", [{"who": name, "n": n, "pad": name * 3000}] * 2)
        count.write_text(str(int(count.read_text()) + 1))
"""


def test_two_writers_lose_and_mix_nothing(tmp_path: Path) -> None:
    (tmp_path / "count").write_text("0", encoding="utf-8")
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, tmp_path, name]) for name in "ab"]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    lines, problems = read(tmp_path / "ana.jsonl", "x")
    said = [(entry["who"], entry["n"]) for _, entry in lines]
    assert problems == []
    assert said[::2] == said[1::2]
    for name in "ab":
        assert [n for who, n in said[::2] if who == name] == list(range(100))
    # Reading and writing again would lose counts without the lock.
    assert (tmp_path / "count").read_text(encoding="utf-8") == "200"


def test_a_review_in_a_folder_that_is_not_there_cannot_be_held(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ReviewError, match="cannot be written to"), locks.writing(tmp_path / "file"):
        pass


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(st.text(), json_values, max_size=3), max_size=3))
def test_any_entry_is_one_line_that_reads_back(tmp_path: Path, made: list[dict[str, object]]) -> None:
    path = tmp_path / "ana.jsonl"
    path.unlink(missing_ok=True)
    journal.append(path, made)
    lines, problems = read(path, "x")
    assert problems == []
    assert [json.dumps(entry) for _, entry in lines] == [json.dumps(entry) for entry in made]


def test_a_new_file_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "data" / "searches" / "s.jsonl"
    journal.create(path, ({"n": n, "title": "é"} for n in range(3)))
    assert path.read_text(encoding="utf-8") == "".join(f'{{"n": {n}, "title": "é"}}\n' for n in range(3))

    def broken() -> Iterator[dict[str, int]]:
        yield {"n": 1}
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        journal.create(path.with_name("t.jsonl"), broken())
    with pytest.raises(ReviewError, match="is there already"):
        journal.create(path, [])
    assert [p.name for p in path.parent.iterdir()] == ["s.jsonl"]


def test_what_is_set_aside_is_kept_elsewhere(tmp_path: Path) -> None:
    path, aside = tmp_path / "s.jsonl", tmp_path / "aside"
    for lines, left in ((2, b"1\n2\n"), (1, b"1\n")):
        path.write_bytes(b"1\n2\n3\n4")
        journal.set_aside(path, lines, aside)
        assert path.read_bytes() == left
    journal.set_aside(path, 0, aside)
    assert not path.exists()
    assert [p.read_bytes() for p in sorted(aside.iterdir())] == [b"3\n4", b"2\n3\n4", b"1\n"]


def test_only_one_process_asks_and_the_other_is_told_at_once(tmp_path: Path) -> None:
    with (
        locks.asking(tmp_path),
        pytest.raises(ReviewError, match="another reviewdb is harvesting"),
        locks.asking(tmp_path),
    ):
        pass
