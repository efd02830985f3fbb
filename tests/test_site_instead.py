"""Pages answered instead of Datasette: nobody sees more than it would show, and what is not ours stays as it is."""

from __future__ import annotations

import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Program
from datasette.app import Datasette
from site_pages import Site, site

from reviewdb import build
from reviewdb.review import Review
from reviewdb.site import about, serving
from reviewdb.site.keeping import Kept


@pytest.fixture(scope="module")
def mini(built: Review) -> Iterator[Site]:
    with site(built.database) as opened:
        yield opened


def test_tables_of_datasette_name_what_their_keys_stand_for(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO parent VALUES (1, 'PARENTNAME');"
            "CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent (id));"
            "INSERT INTO child VALUES (1, 1);"
        )
    with site(Datasette([str(path)])) as stock:
        assert "PARENTNAME" in stock.html("/other/child").text


@pytest.mark.parametrize("path", ["/review", "/review/table-1", "/review/papers/2021-mini-review-001"])
def test_who_does_not_read_is_answered_by_datasette(path: str, mini: Site) -> None:
    assert mini.get(path, "DELETE").status == 405
    assert mini.get(path, "HEAD").status == 200


def test_an_address_with_a_slash_too_many_is_no_other_page(mini: Site) -> None:
    assert mini.get("/review/").status in (302, 404)
    assert mini.get("/review/table-1/").status in (302, 404)


def test_templates_of_others_may_wait_for_something(built: Review, tmp_path: Path) -> None:
    (tmp_path / "review").mkdir()
    asking = "{% extends 'default:base.html' %}{% block content %}{{ menu_links() }}{% endblock %}"
    (tmp_path / "review/methods.html").write_text(asking, encoding="utf-8")
    with site(Datasette([str(built.database)], template_dir=str(tmp_path))) as opened:
        page = opened.get("/methods")
        assert (page.status, "coroutine" in page.text, "[]" in page.text) == (200, False, True)


def test_what_is_kept_from_a_reader_is_not_named(built: Review) -> None:
    closed = {"allow": {"id": "root"}}
    metadata = {"databases": {"review": {"tables": {"decisions": closed}, "queries": {}}}}
    with site(Datasette([str(built.database)], metadata=metadata)) as opened:
        page = opened.html("/review")
        assert "/review/records" in page.links()
        assert "/review/decisions" not in page.links()
        assert opened.get("/review/decisions").status == 403
    closed = {"databases": {"review": {"allow": {"id": "root"}}}}
    with site(Datasette([str(built.database)], metadata=closed)) as opened:
        for path in ("/review", "/review/table-1", "/review/papers", "/review/papers/2021-mini-review-001"):
            assert opened.get(path).status == 403, path


def test_a_query_that_took_too_long_once_is_asked_again(ready: Review) -> None:
    (ready.root / "queries" / "slow.sql").write_text(
        "-- title: Slow\nWITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000000)\n"
        "SELECT count(*) AS papers FROM n\n",
        encoding="utf-8",
    )
    build.refresh(ready)
    with site(serving.app(ready.database, settings={"sql_time_limit_ms": 100})) as opened:
        slow = opened.get("/review/slow")
        assert slow.status == 400
        assert "was stopped" in slow.text
        opened.datasette._settings["sql_time_limit_ms"] = 20_000  # noqa: SLF001 - the machine is not busy any more
        assert "4000000" in opened.html("/review/slow").text


def test_another_query_of_the_same_name_is_another_table(ready: Review) -> None:
    path = ready.root / "queries" / "mine.sql"
    with site(ready.database) as opened:
        for said in ("one", "other"):
            path.write_text(f"-- title: Mine\nSELECT '{said}' AS word\n", encoding="utf-8")
            build.refresh(ready)
            assert ["word", said] == [cell for row in opened.html("/review/mine").cells for cell in row]


def test_what_several_ask_for_is_counted_once(built: Review) -> None:
    kept, counted, begun = Kept(), [], threading.Barrier(4)

    def count() -> str:
        counted.append(1)
        time.sleep(0.05)
        return "found"

    def ask() -> None:
        with closing(sqlite3.connect(built.database)) as connection:
            begun.wait()
            assert kept.lately(connection, "kind", "name", count) == "found"

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted == [1]


def test_only_what_was_last_asked_for_is_kept(built: Review) -> None:
    kept = Kept()
    with closing(sqlite3.connect(built.database)) as connection:
        for n in range(100):
            assert kept.lately(connection, "kind", n, lambda n=n: n) == n  # type: ignore[misc]
        assert kept.lately(connection, "kind", 99, lambda: -1) == 99
        assert kept.lately(connection, "kind", 0, lambda: -1) == -1


def test_a_request_sees_no_review_of_another(built: Review, ready: Review) -> None:
    (ready.root / "data" / "protocol.toml").write_text(
        (ready.root / "data" / "protocol.toml").read_text(encoding="utf-8").replace("A Mini Review", "Another"),
        encoding="utf-8",
    )
    build.refresh(ready)
    with site(built.database) as one, site(ready.database) as other:
        for _ in range(2):
            assert "A Mini Review" in one.html("/review").text
            assert "Another" in other.html("/review").text

        async def titles() -> list[str]:
            with about.answering():
                found = [await about.find(opened.datasette, "review") for opened in (one, other)]
            return [review.title for review in found if review]

        first, second = one._loop.run_until_complete(titles())  # noqa: SLF001 - what a request would see
        assert first != second


def test_a_page_does_not_wait_until_its_head_is_acknowledged() -> None:
    with serving._listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):  # noqa: SLF001
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_an_address_from_before_papers_were_joined_leads_to_the_one_that_stayed(
    example: Review, program: Program
) -> None:
    joined = ("schlegl2017unsupervised", "schlegl2019fanogan")
    done = program("--review", example.root, "dedupe", "same", *joined, "--coder", "ana")
    assert done.returncode == 0, done.stderr
    with site(example.database) as opened:
        moved = opened.get("/review/papers/2021-mini-review-003")
        assert (moved.status, moved.headers["location"]) == (302, "/review/papers/2021-mini-review-002")
        assert opened.get(moved.headers["location"]).status == 200
        gone = opened.get("/paper/schlegl2019fanogan")
        assert gone.status == 404
        assert "A record of schlegl2017unsupervised may have been called so." in gone.text
        assert opened.get("/review/papers/2021-mini-review-999").status == 404
