"""Release: what the protocol keeps back is readable nowhere on the site, in no query, and in no byte that is taken."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
from conftest import Program
from datasette.app import Datasette
from made_reviews import Made
from site_pages import PAGES, Server, Site, served, site

from reviewdb import build, database
from reviewdb.release import Released
from reviewdb.review import Review
from reviewdb.site.publishing import publish

NOTE, RULED = "quagga-note", "quagga-ruling"
#: Answered blind by one coder, by two, and settled by one; of the second, no rule and no other coder says so.
ONE, TWO, SETTLED = "2025-cited-by-001", "2025-cited-by-002", "2025-cited-by-003"
TEXT = "zebra-text"


def _protocol(review: Review, said: str) -> None:
    path = review.root / "data/protocol.toml"
    text = path.read_text("utf-8").replace("[publish]\nnotes = true\n", f"[publish]\n{said}\n")
    path.write_text(text, encoding="utf-8")


def _say(review: Review, coder: str, record: str, question: str, answer: str, *, more: str = "") -> None:
    with review.decisions_of(coder).open("a", encoding="utf-8") as lines:
        lines.write(
            f'{{"at": "2026-11-0{1 + len(coder) % 2}T00:00:00Z", "record": "{record}", "question": "{question}", '
            f'"answer": {answer}, "why": "{NOTE}"{more}}}\n'
        )


@pytest.fixture(scope="module")
def kept_back(tmp_path_factory: pytest.TempPathFactory, built: Review) -> Review:
    """Return a built review that keeps notes and blind answers back."""
    review = Review(tmp_path_factory.mktemp("kept"))
    for part in ("data", "queries"):
        shutil.copytree(built.root / part, review.root / part)
    _protocol(review, 'notes = false\nblind = ["method", "screening", "imaging_method"]')
    _say(review, "ana", ONE, "method", '["vae"]')
    _say(review, "ana", ONE, "imaging_method", f'"{TEXT}"')
    _say(review, "ana", ONE, "modality", '["ct"]')
    for coder, code in (("ana", "vae"), ("bert", "gan")):
        _say(review, coder, TWO, "method", f'["{code}"]')
    _say(review, "ana", SETTLED, "method", '["gan"]', more=', "settles": true')
    with review.rulings_of("ana").open("a", encoding="utf-8") as lines:
        lines.write(
            f'{{"at": "2026-11-02T00:00:00Z", "a": "{ONE}", "b": "{TWO}", "relation": "different", "why": "{RULED}"}}\n'
        )
    build.refresh(review)
    return review


@pytest.fixture(scope="module")
def opened(kept_back: Review, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(Released(kept_back, tmp_path_factory.mktemp("released")).renew()) as running:
        yield running


def _ask(running: Site, sql: str) -> list[list[object]]:
    return running.json(f"/review.json?_shape=arrays&sql={quote(sql)}")["rows"]


@pytest.mark.parametrize(
    "path",
    [
        *PAGES,
        *(f"/review/papers/{paper}" for paper in (ONE, TWO, SETTLED)),
        *("/review/decisions", "/review/decisions.json?_shape=array&_size=max", "/review/decisions.csv?_size=max"),
        *("/review/answers.json?_size=max&_facet=text", "/review/recodings", "/review/links", "/review/conflicts.json"),
        *("/review/current_decisions.json?_size=max&_facet=coder&_facet=answer", "/review/doubtful-pairs"),
        *("/changes.atom", "/methods", "/review/papers.json?_search=zebra", "/-/review/review/tables/papers.json"),
    ],
)
def test_no_page_says_what_is_kept_back(opened: Site, path: str) -> None:
    answer = opened.get(path)
    assert answer.status == 200
    for hidden in (NOTE, RULED, TEXT, "Table I,", "listed in"):
        assert hidden not in answer.text


def test_no_query_finds_a_note(opened: Site) -> None:
    assert _ask(opened, "select distinct why from decisions") == [[""]]
    assert _ask(opened, "select distinct why from recodings") in ([], [[""]])
    unlike = "reason <> 'ruled ' || relation || ' by ' || coder"
    assert _ask(opened, f"select reason from links where rule = 'ruling' and {unlike}") == []


def test_a_blind_answer_waits_for_a_second_coder(opened: Site, kept_back: Review) -> None:
    said = "select coder, question_id from decisions where coder not like 'rule:%' and record_id = "
    assert _ask(opened, f"{said}'{ONE}'") == [["ana", "modality"]]
    assert sorted(_ask(opened, f"{said}'{TWO}'")) == [["ana", "method"], ["bert", "method"]]
    assert _ask(opened, f"{said}'{SETTLED}'") == [["ana", "method"]]
    assert _ask(opened, f"select method, modality, terms like '%VAE%' from papers where id = '{ONE}'") == [
        [None, '["ct"]', 0]
    ]
    assert (
        _ask(
            opened,
            "select code from paper_codes where question_id = 'method' and status <> 'suggested' "
            f"and paper_id = '{ONE}'",
        )
        == []
    )
    assert _ask(opened, "select count(*) from answers where decision_id not in (select id from decisions)") == [[0]]
    # Those of the mini-review itself are by one coder, too.
    assert _ask(opened, "select count(*) from papers where status = 'included'") == [[0]]
    with closing(database.reader(kept_back.database)) as full:
        assert full.execute("SELECT method FROM papers WHERE id = ?", [ONE]).fetchone() == ('["vae"]',)


def test_the_page_of_the_data_says_what_is_kept_back(opened: Site) -> None:
    page = opened.get("/review").text
    assert "the reasons that coders noted are not published" in page
    assert "coders answer these apart" in page
    assert page.count("Screening, ") == 1
    assert "wait for that" in page


def test_what_is_taken_holds_no_byte_of_it(opened: Site, kept_back: Review, tmp_path: Path) -> None:
    async def taken() -> bytes:
        return bytes((await opened.datasette.client.get("/-/review.db")).content)

    publish(kept_back, tmp_path / "site")
    live = opened._loop.run_until_complete(taken())  # noqa: SLF001 - our own helper
    for content in (live, (tmp_path / "site/review.db").read_bytes()):
        assert content.startswith(b"SQLite format 3")
        for hidden in (NOTE, RULED, TEXT, "zebra", "quagga"):
            assert hidden.encode() not in content
    written = [path for path in (tmp_path / "site").rglob("*") if path.is_file()]
    assert [path for path in written if NOTE.encode() in path.read_bytes() or TEXT.encode() in path.read_bytes()] == []
    with closing(sqlite3.connect(tmp_path / "site/review.db")) as connection:
        assert connection.execute("SELECT count(*) FROM decisions WHERE why <> ''").fetchone() == (0,)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_what_is_released_is_what_would_be_if_nobody_had_answered(
    opened: Site, kept_back: Review, tmp_path: Path
) -> None:
    other = Review(shutil.copytree(kept_back.root, tmp_path / "other"))
    held = {"method", "screening", "imaging_method"}
    for path in other.files("decisions"):
        lines = path.read_text("utf-8").splitlines(keepends=True)
        kept = [
            line
            for line in lines
            if not any(f'"question": "{q}"' in line for q in held) or TWO in line or SETTLED in line
        ]
        path.write_text("".join(kept), encoding="utf-8")
    build.rebuild(other)
    with closing(database.reader(other.database)) as expected:
        for sql in (
            "SELECT * FROM papers ORDER BY id",
            "SELECT * FROM paper_codes ORDER BY 1, 2, 3, 4",
            "SELECT paper_id, question_id, coder, answer, contested FROM current_decisions ORDER BY 1, 2, 3",
            "SELECT * FROM paper_days ORDER BY 1, 2",
            "SELECT * FROM independent_answers ORDER BY 1, 2",
            "SELECT count(*) FROM touched",
            "SELECT rowid FROM paper_search WHERE paper_search MATCH 'vae OR zebra OR include' ORDER BY 1",
        ):
            found = opened.datasette.get_database("review").connect().execute(sql).fetchall()
            assert [tuple(row) for row in found] == expected.execute(sql).fetchall(), sql


def _rows(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return all that a released database says, but which papers changed when."""
    with closing(database.view(file, follows=True)) as connection:
        told = sorted(database.tables(connection) - {"touched", "sqlite_stat1"})
        told = [table for table in told if not table.startswith("paper_search")]
        found = {table: sorted(connection.execute(f"SELECT * FROM {table}").fetchall(), key=repr) for table in told}
        found["build_info"] = [row for row in found["build_info"] if row[0] != "build"]
        asked = "SELECT rowid FROM paper_search WHERE paper_search MATCH ? ORDER BY 1"
        for word in ("vae", "gan", "zebra", "quagga", "include", "anomaly"):
            found[word] = connection.execute(asked, [word]).fetchall()
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return found


def test_a_copy_that_follows_is_the_one_that_is_made_anew(kept_back: Review, tmp_path: Path) -> None:
    review = Review(shutil.copytree(kept_back.root, tmp_path / "review"))
    (tmp_path / "copy").mkdir()
    followed = Released(review, tmp_path / "copy")
    file = followed.renew()
    # One answer, and its second; one that nobody waits for; one that takes back what others have read.
    said = (
        ("bert", SETTLED, "screening", '["exclude"]', ""),
        ("cleo", ONE, "method", '["gan"]', ""),
        ("cleo", ONE, "imaging_method", f'"{TEXT}"', ""),
        ("cleo", "2025-cited-by-009", "screening", '["include"]', ""),
        ("cleo", "2025-cited-by-010", "modality", '["ct"]', ""),
        ("ana", "2025-cited-by-009", "screening", '["exclude"]', ""),
        ("bert", TWO, "method", "null", ', "withdrawn": true'),
    )
    anew = 0
    for number, (coder, record, question, answer, more) in enumerate(said):
        with review.decisions_of(coder).open("a", encoding="utf-8") as lines:
            lines.write(
                f'{{"at": "2026-11-05T00:00:0{number}Z", "record": "{record}", "question": "{question}", '
                f'"answer": {answer}, "why": "{NOTE}"{more}}}\n'
            )
        before = _build_of(file)
        assert build.refresh(review) == "updated"
        assert followed.renew() == file
        anew += _build_of(file) != before
        (tmp_path / str(number)).mkdir()
        assert _rows(file) == _rows(Released(review, tmp_path / str(number)).renew()), said[number]
        with closing(sqlite3.connect(file)) as connection:
            assert NOTE.encode() not in connection.serialize()
    assert anew == 1, "only what hides something is worth a new copy"


@pytest.mark.parametrize("seed", range(4))
def test_a_copy_follows_whatever_coders_say(tmp_path: Path, seed: int) -> None:
    """Undoing, withdrawing, settling and rulings, on papers of several records, with and without notes."""
    made = Made(tmp_path / "review", seed)
    notes = ("false", "true")[seed % 2]
    _protocol(made.place, f'notes = {notes}\nblind = ["method", "screening", "supervision.coded"]')
    build.refresh(made.place)
    (tmp_path / "copy").mkdir()
    followed = Released(made.place, tmp_path / "copy")
    kept = 0
    for step in range(10):
        if step in (3, 7):
            made.say()
        made.code(2)
        before = _build_of(followed.renew())
        assert build.refresh(made.place) == "updated"
        file = followed.renew()
        kept += _build_of(file) == before
        (tmp_path / str(step)).mkdir()
        assert _rows(file) == _rows(Released(made.place, tmp_path / str(step)).renew()), step
    assert kept, "no step was followed"


def _build_of(file: Path) -> object:
    with closing(database.view(file, follows=True)) as connection:
        return connection.execute("SELECT value FROM build_info WHERE key = 'build'").fetchone()


@pytest.mark.parametrize("damage", ["deleted", "overwritten"])
def test_a_copy_that_is_lost_is_made_anew(kept_back: Review, tmp_path: Path, damage: str) -> None:
    review = Review(shutil.copytree(kept_back.root, tmp_path / "review"))
    for folder in ("copy", "anew"):
        (tmp_path / folder).mkdir()
    followed = Released(review, tmp_path / "copy")
    file = followed.renew()
    for path in (tmp_path / "copy").iterdir():
        path.unlink()
    if damage == "overwritten":
        file.write_bytes(b"no database" * 1000)
    _say(review, "cleo", "2025-cited-by-010", "modality", '["ct"]')
    assert build.refresh(review) == "updated"
    assert _rows(followed.renew()) == _rows(Released(review, tmp_path / "anew").renew())


def test_what_is_released_tells_no_numbers_of_what_is_not(kept_back: Review, tmp_path: Path) -> None:
    with closing(database.view(Released(kept_back, tmp_path).renew(), follows=True)) as connection:
        told = connection.execute("SELECT tbl, stat FROM sqlite_stat1 WHERE tbl IN ('independent_answers', 'answers')")
        for table, stat in told.fetchall():
            assert int(stat.split()[0]) == connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_what_pages_count_follows_where_notes_are_kept_back(example: Review, program: Program) -> None:
    _protocol(example, "notes = false")
    with served(example) as running:

        def counted() -> list[str]:
            return re.findall(r"(\d+)(?:</b>)? (?:included|excluded|pending)", running.get("/").text)

        before = counted()
        done = program("--review", example.root, "screen", "2025-cited-by-009", "exclude", "--coder", "cleo")
        assert done.returncode == 0, done.stderr
        running.wait(lambda: counted() != before, seconds=5)


def test_a_running_site_follows_and_keeps_back(kept_back: Review, tmp_path: Path, program: Program) -> None:
    review = Review(shutil.copytree(kept_back.root, tmp_path / "review"))
    with served(review) as running:
        sql = f"select coder from decisions where question_id = 'method' and record_id = '{ONE}' and at <> ''"
        answers = f"/review.json?_shape=arrays&sql={quote(sql)}"
        assert '"rows": []' in running.get(answers).text
        done = program("--review", review.root, "tag", ONE, "method=gan", "--coder", "cleo", "--why", NOTE)
        assert done.returncode == 0, done.stderr
        running.wait(lambda: "cleo" in running.get(answers).text, seconds=5)
        assert '"ana"' in running.get(answers).text
        assert NOTE not in running.get("/review/decisions.csv?_size=max").text
        path = review.root / "data/protocol.toml"
        path.write_text(path.read_text("utf-8").replace("notes = false", "notes = true"), encoding="utf-8")
        running.wait(lambda: NOTE in running.get("/review/decisions.csv?_size=max").text, seconds=10)


def _notes(running: Server) -> tuple[int, bool]:
    page = running.get("/review/decisions.csv?_size=max")
    return page.status, "Table I," in page.text


# What limits another process is Linux's alone.
only_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs prlimit")


@only_linux
@pytest.mark.parametrize("fault", ["no room for the build", "no room for the copy", "the copy has no place"])
def test_a_site_shows_nothing_until_what_is_kept_back_now_is_taken_out(
    example: Review, tmp_path: Path, program: Program, fault: str
) -> None:
    (tmp_path / "temporary").mkdir()
    with served(example, TMPDIR=str(tmp_path / "temporary")) as running:
        assert _notes(running) == (200, True)
        (folder,) = (tmp_path / "temporary").glob("reviewdb-*")
        if fault == "the copy has no place":
            (folder / "released.db").mkdir()
        else:
            running.limit_files(100_000)
        _protocol(example, "notes = false")
        if fault == "no room for the copy":
            assert program("--review", example.root, "build").returncode == 0
        running.wait(lambda: _notes(running)[0] == 503)
        running.wait(lambda: "The site shows readers nothing" in running.said)
        shut = running.get("/")
        assert (shut.status, shut.headers["retry-after"]) == (503, "5")
        assert "closed for the moment" in shut.text
        running.limit_files(None)
        if fault == "the copy has no place":
            (folder / "released.db").rmdir()
        running.wait(lambda: _notes(running) == (200, False))


@only_linux
def test_a_site_that_was_shut_opens_where_the_protocol_is_again_what_it_was(example: Review, tmp_path: Path) -> None:
    (tmp_path / "temporary").mkdir()
    path = example.root / "data/protocol.toml"
    before, times = path.read_bytes(), path.stat()
    with served(example, TMPDIR=str(tmp_path / "temporary")) as running:
        assert _notes(running) == (200, True)
        running.limit_files(100_000)
        _protocol(example, "notes = false")
        running.wait(lambda: _notes(running)[0] == 503)
        path.write_bytes(before)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        running.wait(lambda: _notes(running) == (200, True))


def test_a_copy_for_readers_has_too_much_where_the_protocol_keeps_back_more(kept_back: Review, tmp_path: Path) -> None:
    review = Review(shutil.copytree(kept_back.root, tmp_path / "review"))
    (tmp_path / "copy").mkdir()
    released = Released(review, tmp_path / "copy")
    served_now = released.renew()
    path = review.root / "data/protocol.toml"
    text = path.read_text("utf-8")
    for now, too_much in (
        (text, False),
        (text.replace("notes = false", "notes = true"), False),
        (text.replace('blind = ["method", ', "blind = ["), False),
        (text.replace('blind = ["method", ', 'blind = ["method", "modality", '), True),
        ("title =", False),
    ):
        path.write_text(now, encoding="utf-8")
        assert released.has_too_much(served_now) is too_much, now
        assert released.has_too_much(review.database) is (now != "title =")
    path.write_text(text.replace("notes = false", "notes = true"), encoding="utf-8")
    build.refresh(review)
    served_now = released.renew()
    path.write_text(text, encoding="utf-8")
    assert released.has_too_much(served_now)


def test_a_plain_datasette_is_warned(kept_back: Review, built: Review, capsys: pytest.CaptureFixture[str]) -> None:
    for review, warned in ((kept_back, True), (built, False)):
        with site(Datasette([str(review.database)])):
            pass
        assert ("reviewdb publish" in capsys.readouterr().err) is warned


def test_a_protocol_that_keeps_back_what_is_not_there_is_told(example: Review, program: Program) -> None:
    _protocol(example, 'notes = true\nblind = ["methods"]')
    done = program("--review", example.root, "check")
    assert done.returncode == 1
    assert "blind names 'methods'" in done.stdout + done.stderr
    assert "Did you mean method?" in done.stdout + done.stderr
