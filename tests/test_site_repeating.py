"""A page is made once for an address and a state of the database and sent to all who ask; others are made each time."""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
import threading
from collections.abc import Callable, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import ROOT

from reviewdb.review import Review
from reviewdb.site import serving
from reviewdb.site.repeating import LARGEST, RECENT, allow, repeating

Message = dict[str, Any]


class Inner:
    """An application that counts what it is asked for, and answers with a page of the number once it is let go on."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.status = 200
        self.headers: list[tuple[bytes, bytes]] = [(b"content-type", b"text/plain")]
        self.pieces = 1
        self.more = b""
        self.failing: set[int] = set()
        self.is_for_all = True
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()

    async def __call__(self, scope: Message, _: object, send: Any) -> None:  # noqa: ANN401 - as ASGI gives it
        self.asked.append(scope["raw_path"].decode())
        count = len(self.asked)
        await self.may_go_on.wait()
        if count in self.failing:
            raise RuntimeError("it fails")
        if self.is_for_all:
            allow(scope)
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        for piece in range(self.pieces):
            more = piece + 1 < self.pieces
            await send({"type": "http.response.body", "body": b"%d" % count + self.more, "more_body": more})


async def get(app: Any, path: str = "/", **other: Any) -> tuple[int, bytes]:  # noqa: ANN401 - what a scope says
    """Ask for an address; return status and body."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope(path, **other), None, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


def scope(path: str, **other: Any) -> Message:  # noqa: ANN401 - what a scope says
    asked, _, query = path.partition("?")
    said = {"type": "http", "method": "GET", "scheme": "http", "headers": [(b"host", b"here")]}
    return {**said, "path": asked, "raw_path": asked.encode(), "query_string": query.encode(), **other}


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), 20))


def test_an_address_is_asked_for_once_for_each_state() -> None:
    async def test() -> None:
        inner, state = Inner(), ["one"]
        app = repeating(inner, lambda: state[0])
        assert [await get(app, "/a"), await get(app, "/a"), await get(app, "/b")] == [
            (200, b"1"),
            (200, b"1"),
            (200, b"2"),
        ]
        state[0] = "another"
        assert await get(app, "/a") == (200, b"3")
        # What was, is not remembered.
        state[0] = "one"
        assert await get(app, "/a") == (200, b"4")

    run(test)


@pytest.mark.parametrize(
    "other",
    [
        {"path": "/a%2Fb"},
        {"path": "/a/b?c"},
        {"scheme": "https"},
        {"headers": [(b"host", b"there")]},
    ],
    ids=str,
)
def test_another_address_has_another_answer(other: Message) -> None:
    async def test() -> None:
        inner = Inner()
        app = repeating(inner, lambda: None)
        assert await get(app, "/a/b") == (200, b"1")
        assert await get(app, **{"path": "/a/b", **other}) == (200, b"2")

    run(test)


def test_who_asks_for_what_is_being_answered_waits_for_it() -> None:
    async def test() -> None:
        inner = Inner()
        inner.may_go_on.clear()
        app = repeating(inner, lambda: None)
        readers = [asyncio.create_task(get(app)) for _ in range(20)]
        await asyncio.sleep(0)
        inner.may_go_on.set()
        assert await asyncio.gather(*readers) == [(200, b"1")] * 20
        assert inner.asked == ["/"]

    run(test)


def test_what_was_asked_for_before_a_change_is_no_answer_after_it() -> None:
    async def test() -> None:
        inner, state = Inner(), [1]
        app = repeating(inner, lambda: state[0])
        inner.may_go_on.clear()
        early = asyncio.create_task(get(app))
        await asyncio.sleep(0)
        state[0] = 2
        late = asyncio.create_task(get(app))
        await asyncio.sleep(0)
        inner.may_go_on.set()
        assert [await early, await late, await get(app)] == [(200, b"1"), (200, b"2"), (200, b"2")]

    run(test)


@pytest.mark.parametrize(
    ("path", "other"),
    [
        ("/", {"method": "POST"}),
        ("/", {"method": "HEAD"}),
        ("/", {"headers": [(b"host", b"here"), (b"cookie", b"ds_actor=me")]}),
        ("/", {"headers": [(b"host", b"here"), (b"authorization", b"Bearer me")]}),
    ],
    ids=str,
)
def test_what_may_be_for_one_reader_is_asked_for_each_time(path: str, other: Message) -> None:
    async def test() -> None:
        inner = Inner()
        app = repeating(inner, lambda: None)
        assert [await get(app, path, **other), await get(app, path, **other)] == [(200, b"1"), (200, b"2")]
        # Nor does anybody else get to see it.
        assert await get(app) == (200, b"3")

    run(test)


@pytest.mark.parametrize(
    "answer",
    [
        {"is_for_all": False},
        {"status": 400},
        {"status": 206},
        {"headers": [(b"Set-Cookie", b"a=b")]},
        {"pieces": 2},
        {"more": b"." * LARGEST},
    ],
    ids=["apart", "400", "206", "cookie", "pieces", "large"],
)
def test_an_answer_that_is_not_for_all_is_not_sent_again(answer: Message) -> None:
    async def test() -> None:
        inner = Inner()
        vars(inner).update(answer)
        app = repeating(inner, lambda: None)
        for number in (b"1", b"2", b"3"):
            assert await get(app) == (inner.status, (number + inner.more) * inner.pieces)

    run(test)


def test_who_reads_slowly_keeps_nobody_waiting() -> None:
    async def test() -> None:
        inner = Inner()
        app = repeating(inner, lambda: None)
        reads = asyncio.Event()

        async def slow(_: Message) -> None:
            await reads.wait()

        slowly = asyncio.create_task(app(scope("/"), None, slow))
        await asyncio.sleep(0)
        assert await get(app) == (200, b"1")
        # A file that comes in pieces is sent to each apart, while another still takes it.
        inner.pieces = 3
        taking = asyncio.create_task(app(scope("/file"), None, slow))
        await asyncio.sleep(0)
        assert await get(app, "/file") == (200, b"333")
        reads.set()
        await asyncio.gather(slowly, taking)

    run(test)


def test_a_failure_is_for_who_met_it() -> None:
    async def test() -> None:
        inner = Inner()
        inner.failing = {1}
        inner.may_go_on.clear()
        app = repeating(inner, lambda: None)
        first, second = (asyncio.create_task(get(app)) for _ in range(2))
        await asyncio.sleep(0)
        inner.may_go_on.set()
        with pytest.raises(RuntimeError, match="it fails"):
            await first
        assert await second == (200, b"2")
        # It is made anew, and kept then.
        assert [await get(app), await get(app)] == [(200, b"3"), (200, b"3")]

    run(test)


def test_who_is_gone_takes_nothing_from_the_others() -> None:
    async def test() -> None:
        inner = Inner()
        inner.may_go_on.clear()
        app = repeating(inner, lambda: None)
        first, gone, second = (asyncio.create_task(get(app)) for _ in range(3))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
        inner.may_go_on.set()
        assert [await first, await second, await get(app)] == [(200, b"1")] * 3
        # Who waits for one that is gone before it was answered is answered all the same.
        inner.may_go_on.clear()
        first, second = (asyncio.create_task(get(app, "/other")) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.sleep(0)
        inner.may_go_on.set()
        assert await second == (200, b"3")

    run(test)


def test_what_is_no_request_is_passed_on() -> None:
    async def test() -> None:
        passed: list[str] = []

        async def inner(scope: Message, *_: object) -> None:
            passed.append(scope["type"])

        await repeating(inner, lambda: None)({"type": "lifespan"}, None, None)
        assert passed == ["lifespan"]

    run(test)


def test_only_what_was_last_asked_for_is_kept() -> None:
    async def test() -> None:
        inner = Inner()
        app = repeating(inner, lambda: None)
        for number in range(RECENT):
            await get(app, f"/{number}")
        await get(app, "/0")
        await get(app, "/new")
        inner.asked.clear()
        await get(app, "/0")
        assert inner.asked == []
        await get(app, "/1")
        assert inner.asked == ["/1"]

    run(test)


@pytest.mark.parametrize(
    ("path", "headers", "is_repeated"),
    [
        *(
            (path, {}, True)
            for path in ("/", "/methods", "/changes", "/worklists", "/review", "/review/papers?_search=brain")
        ),
        ("/review/papers/2021-mini-review-001", {}, True),
        ("/review/table-1", {}, True),
        ("/", {"cookie": "a=b"}, False),
        # What Datasette gives may be cut short by its limits of time, or be of the moment.
        ("/review/papers.json", {}, False),
        ("/review/decisions?_facet=coder", {}, False),
        ("/review?sql=select+random()", {}, False),
        ("/nothing", {}, False),
    ],
)
def test_the_pages_of_a_served_review_are_made_once(
    built: Review, monkeypatch: pytest.MonkeyPatch, path: str, headers: dict[str, str], is_repeated: bool
) -> None:
    looks: list[object] = []
    look = serving._ReadOnly.execute_fn  # noqa: SLF001 - what each look into the database goes through

    async def noted(self: Any, fn: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - as it is
        looks.append(fn)
        return await look(self, fn)

    monkeypatch.setattr(serving._ReadOnly, "execute_fn", noted)  # noqa: SLF001 - as above

    async def test() -> None:
        datasette = serving.app(built.database)
        await datasette.invoke_startup()
        transport = httpx.ASGITransport(serving.application(datasette, "/", threading.Event()))
        async with httpx.AsyncClient(transport=transport, base_url="http://here", headers=headers) as reader:
            first = await reader.get(path)
            looks.clear()
            again = await reader.get(path)
        serving.close(datasette)
        assert bool(looks) is not is_repeated
        assert (again.status_code, again.headers["content-type"]) == (first.status_code, first.headers["content-type"])
        assert not is_repeated or again.content == first.content

    run(test)


def test_the_readme_tells_how_much_memory_pages_take_at_most() -> None:
    told = re.search(r"from memory, of at most (\d+) MB", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert told
    # The server refuses an address of more than 64 kB, which is kept beside its page.
    assert int(told.group(1)) * 1_000_000 >= RECENT * (LARGEST + 64 * 1024)


def test_the_state_of_a_database_changes_whenever_the_database_does(built: Review, tmp_path: Path) -> None:
    file = tmp_path / "review.db"
    shutil.copyfile(built.database, file)
    datasette = serving.app(file)
    state = datasette.get_database(serving.NAME).state
    try:
        first = state()
        assert state() == first
        with closing(sqlite3.connect(file)) as other, other:
            other.execute("UPDATE papers SET title = 'Another'")
        changed = state()
        assert changed != first
        assert state() == changed
        # A file of the same name, as a copy for readers may be replaced.
        shutil.copyfile(file, tmp_path / "new.db")
        (tmp_path / "new.db").replace(file)
        replaced = state()
        assert replaced not in (first, changed)
        assert state() == replaced
        # What cannot be read is never the same as anything.
        file.write_bytes(b"no database")
        (tmp_path / "other").write_bytes(b"no database")
        (tmp_path / "other").replace(file)
        assert state() != state()
    finally:
        serving.close(datasette)
