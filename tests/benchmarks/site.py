"""The site and the database of reviews that grow: build, update, and every page, cold, after a decision and warm.

    PYTHONPATH=tests python tests/benchmarks/site.py [--records 1000 10000 100000] [--folder FOLDER] [--pages-only]

A made review has the protocol, scheme and queries of the example, and the records of made_records.py; of these

- one in two has an abstract of 60 of their words and the title of a paper of the example, so that rules suggest codes;
- each is a work that OpenAlex knows, and cites five others at random;
- ana screens six of ten and tags two of ten on three facets (half of these get a code at random, half of them two);
  ben screens two of ten, of which one in eight otherwise than ana; all over 200 days.

Printed is, for each number of records: seconds and memory of a whole build by the program, all its processes
together; the seconds that sqlite-utils takes to store the same records and index their words, which is the least that
a database of them takes, with no matching, no tagging, no decision and nothing that follows; seconds of the update
after one decision; milliseconds of searches for two words of one title, none of them asked for twice (median, 95th
percentile, slowest); and milliseconds that each page takes the server: the first time (cold), right after a decision
(median of three), and warm (median of seven); then, as a ratio, warm against stock Datasette's page of the table
`papers` on the same database, without this or any other plugin. A page that is refused (a query may take two seconds)
has the number of its status.

Machines that are called alike differ much in seconds: compare ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import made_records
import processes

DAYS = 200
PAGES = (
    "/",
    "/?codes=suggested",
    "/methods",
    "/changes",
    "/changes.atom",
    "/review/papers",
    "/review/papers?_code=modality.mri&_code=modality_suggested.mri",
    "/review/papers?_search=anomaly+detection",
    "/review/papers?_search=a*",
    "/review/papers?_search=anomly+detecton",
    "/review/papers/site-0000001",
    "/review/modality-by-method",
    "/review/unconfirmed-suggestions",
    "/review",
    "/review/records",
)
App = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


def made(folder: Path, count: int) -> Path:
    """Write the made review of so many records."""
    chance = random.Random(13)
    processes.example(folder)
    titles = [
        json.loads(line)["title"]
        for path in sorted((folder / "data" / "searches").glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()[1:]
    ]
    for part in ("searches", "decisions", "rulings"):
        shutil.rmtree(folder / "data" / part, ignore_errors=True)
        (folder / "data" / part).mkdir()
    header = {"source": "made", "query": f"{count} records", "date": "2026-01-01"}
    with (folder / "data" / "searches" / "site.jsonl").open("w", encoding="utf-8") as handle:
        for line in [header, *hits(chance, titles, count)]:
            handle.write(json.dumps(line) + "\n")
    said = sorted(answers(chance, folder, count), key=lambda line: str(line["at"]))
    for coder in ("ana", "ben"):
        with (folder / "data" / "decisions" / f"{coder}.jsonl").open("w", encoding="utf-8") as handle:
            for line in said:
                if line["coder"] == coder:
                    handle.write(json.dumps({key: value for key, value in line.items() if key != "coder"}) + "\n")
    return folder


def hits(chance: random.Random, titles: list[str], count: int) -> Iterator[dict[str, object]]:
    """Yield the lines of a search."""
    words = made_records.Words(chance, 20_000)
    for n, (_, fields) in enumerate(made_records.records(count), 1):
        title, authors, year, venue, volume, _, pages, doi = fields
        hit = {"id": f"site-{n:07}", "rank": n, "title": title, "authors": re.split("; | and ", authors)}
        hit |= {"year": int(year), "venue": venue, "volume": volume, "pages": pages, "doi": doi}
        hit |= {"citations": int(chance.paretovariate(1)) - 1, "openalex": f"W{n}"}
        hit |= {"references": [f"W{chance.randint(1, count)}" for _ in range(5)]}
        if n % 2:
            hit["abstract"] = f"{chance.choice(titles)}. {' '.join(words.some(60))}"
        yield {key: value for key, value in hit.items() if value != ""}


def answers(chance: random.Random, folder: Path, count: int) -> Iterator[dict[str, object]]:
    """Yield what people say, each with its coder, in no order."""
    from reviewdb import review, scheme  # noqa: PLC0415 - stock Datasette is measured without

    asked = scheme.parse((folder / review.SCHEME).read_text(encoding="utf-8"), review.SCHEME)[0].questions
    screening = next(question for question in asked.values() if question.kind == "stage")
    facets = [question for question in asked.values() if question.kind == "codes" and not question.single][:3]

    def line(coder: str, n: int, question: str, answer: list[str]) -> dict[str, object]:
        day, second = chance.randrange(DAYS), chance.randrange(36_000)
        moment = datetime(2026, 3, 1, 9, tzinfo=UTC) + timedelta(days=day, seconds=second)
        at = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"coder": coder, "at": at, "record": f"site-{n:07}", "question": question, "answer": answer}

    for n in range(1, count + 1):
        kind = chance.random()
        verdict = chance.choice(("include", "exclude.not_medical_imaging"))
        if kind < 0.6:
            yield line("ana", n, screening.id, [verdict])
        if kind < 0.2:
            yield line("ben", n, screening.id, ["maybe" if chance.random() < 1 / 8 else verdict])
            for facet in facets:
                codes = chance.sample([*facet.codes], chance.randint(1, 2))
                yield line("ana", n, facet.id, codes)


async def ask(app: App, address: str) -> tuple[float, int]:
    """Return the milliseconds of one answer, and its status; no network is in between."""
    path, _, query = address.partition("?")
    status = 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)

    scope = {"type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "headers": [(b"host", b"made")]}
    scope |= {"path": path, "raw_path": path.encode(), "query_string": query.encode()}
    begun = time.perf_counter()
    await app(scope, receive, send)
    return (time.perf_counter() - begun) * 1000, status


async def warm(app: App, address: str, times: int = 7) -> float:
    """Return the median of some answers after one that does not count."""
    return statistics.median([(await ask(app, address))[0] for _ in range(times + 1)][1:])


def stock(file: Path) -> None:
    """Print the milliseconds of stock Datasette's page of papers."""
    from datasette.app import Datasette  # noqa: PLC0415 - with no plugin, as the process that asks has set it

    datasette = Datasette([str(file)])
    print(asyncio.run(warm(datasette.app(), f"/{file.stem}/papers")))


def decide(folder: Path, n: int) -> None:
    """Append a decision of a third coder."""
    line = {"at": f"2026-11-01T00:{n // 60:02}:{n % 60:02}Z", "record": f"site-{n % 900 + 1:07}"}
    with (folder / "data" / "decisions" / "cyd.jsonl").open("a", encoding="utf-8") as handle:
        handle.write(json.dumps({**line, "question": "screening", "answer": ["include"]}) + "\n")


def built(folder: Path) -> tuple[float, float]:
    """Return seconds and megabytes of a whole build by the program."""
    for path in folder.glob("review.db*"):
        path.unlink()
    begun = time.perf_counter()
    _, megabytes = processes.measured((*processes.REVIEWDB, "build"), folder)
    return time.perf_counter() - begun, megabytes


def stored(folder: Path) -> float:
    """Return the seconds that sqlite-utils takes to store the records and to index their words."""
    tool, file = (sys.executable, "-m", "sqlite_utils"), folder / "stored.db"
    with (folder / "data" / "searches" / "site.jsonl").open("rb", buffering=0) as lines:
        lines.readline()  # the header
        begun = time.perf_counter()
        subprocess.run((*tool, "insert", file, "records", "-", "--nl", "--pk", "id"), stdin=lines, check=True)
    words = ("title", "abstract", "authors", "venue")
    subprocess.run((*tool, "enable-fts", file, "records", *words, "--tokenize", "porter"), check=True)
    took = time.perf_counter() - begun
    file.unlink()
    return took


def updated(folder: Path) -> float:
    """Return the median seconds of an update after one decision."""
    from reviewdb import build  # noqa: PLC0415 - stock Datasette is measured without
    from reviewdb.review import Review  # noqa: PLC0415

    figures = []
    for n in range(5):
        decide(folder, n)
        begun = time.perf_counter()
        if build.refresh(Review(folder)) != "updated":
            raise SystemExit("the database was built anew, not updated")
        figures.append(time.perf_counter() - begun)
    return statistics.median(figures)


async def searches(folder: Path, count: int = 100) -> list[float]:
    """Return milliseconds of searches that nobody made before, sorted."""
    from reviewdb.site import serving  # noqa: PLC0415 - stock Datasette is measured without

    chance = random.Random(5)
    with closing(sqlite3.connect(folder / "review.db")) as connection:
        titles = [title for (title,) in connection.execute("SELECT title FROM papers ORDER BY id")]
    asked: list[str] = []
    while len(asked) < count:
        words = [word for word in chance.choice(titles).split() if word.isalpha() and len(word) > 3]
        if len(words) > 2:
            asked.append("+".join(quote(word) for word in chance.sample(words, 2)))
    datasette = serving.app(folder / "review.db")
    app = datasette.app()
    await ask(app, "/-/static/app.css")
    figures = sorted([(await ask(app, f"/review/papers?_search={words}"))[0] for words in asked])
    serving.close(datasette)
    return figures


async def pages(folder: Path) -> AsyncIterator[tuple[str, int, tuple[float, float, float]]]:
    """Yield each page with its status and its milliseconds: cold, after a decision, and warm."""
    from reviewdb import build  # noqa: PLC0415 - stock Datasette is measured without
    from reviewdb.review import Review  # noqa: PLC0415
    from reviewdb.site import serving  # noqa: PLC0415

    place, n = Review(folder), 100
    for page in PAGES:
        datasette = serving.app(place.database)
        app = datasette.app()
        await ask(app, "/-/static/app.css")  # the start of the application is no page's
        cold, status = await ask(app, page)
        after = []
        for _ in range(3):
            n += 1
            decide(folder, n)
            build.refresh(place)
            after.append((await ask(app, page))[0])
        yield page, status, (cold, statistics.median(after), await warm(app, page))
        serving.close(datasette)


async def told(folder: Path, reference: float) -> None:
    """Print what pages take."""
    found = await searches(folder)
    print(f"{'searches for two words, ms':44} {statistics.median(found):8.1f} median", end="")
    print(f" {found[len(found) * 95 // 100]:8.1f} 95 % {found[-1]:8.1f} slowest")
    print(f"{'page, ms':44} {'cold':>8} {'after':>8} {'warm':>8} {'ratio':>6}", flush=True)
    async for page, status, (cold, after, again) in pages(folder):
        refused = f" {status}" if status != 200 else ""
        print(f"{page:44} {cold:8.1f} {after:8.1f} {again:8.1f} {again / reference:6.2f}{refused}", flush=True)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--pages-only", action="store_true", help="with what an earlier run has left in --folder")
    parser.add_argument("--stock", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.stock:
        stock(arguments.stock)
        return
    with tempfile.TemporaryDirectory() as name:
        for count in arguments.records:
            folder = (arguments.folder or Path(name)) / str(count)
            print(f"== {count:,} records", flush=True)
            if not (arguments.pages_only and (folder / "review.db").exists()):
                shutil.rmtree(folder, ignore_errors=True)
                made(folder, count)
                seconds, megabytes = built(folder)
                print(f"{'build':44} {seconds:8.2f} s {megabytes:8.0f} MB", flush=True)
                least = stored(folder)
                print(
                    f"{'sqlite-utils insert and enable-fts':44} {least:8.2f} s, ratio {seconds / least:.1f}", flush=True
                )
                print(f"{'update after one decision':44} {updated(folder):8.3f} s", flush=True)
            command = (sys.executable, __file__, "--stock", str(folder / "review.db"))
            bare = subprocess.run(
                command, env={**os.environ, "DATASETTE_LOAD_PLUGINS": ""}, check=True, capture_output=True, text=True
            )
            reference = float(bare.stdout)
            print(f"{'stock Datasette, table papers, warm':44} {reference:8.1f} ms", flush=True)
            asyncio.run(told(folder, reference))


if __name__ == "__main__":
    main()
