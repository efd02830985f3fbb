"""The site under many readers while a coder decides: errors, times of answers, memory, and whether a page is ever half.

    PYTHONPATH=tests python tests/benchmarks/load.py FOLDER [--readers 50] [--seconds 60] [--think 1] [--rare 0.5]

FOLDER is a made review, as site.py leaves it with --folder. `reviewdb serve` runs as its users run it; each reader asks
for a page drawn by chance (home, map, words, prefixes, slips, facets, a paper, a table, methods), waits for all of it,
thinks for half to one and a half of --think seconds, and goes on; a coder says something by the command line every two
seconds. Of the lists, facets, words and papers, a share of --rare is drawn from all that the review has, where hardly
one is asked for twice; the others are few. All of it goes over loopback. With `--worst`, readers ask for the worst
query a stranger can send instead; with `--stock`, they ask stock Datasette, without this or any other plugin, for its
page of papers, to compare with.

Printed are the answers, those that were no 200, the median, 95th and 99th percentile of milliseconds for each kind of
page, the memory of the server at the begin and the end, and how often the numbers of the home page did not add up.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import sqlite3
import statistics
import subprocess
import sys
import time
from collections import Counter, defaultdict
from contextlib import closing
from pathlib import Path

import httpx
import processes

PAGES = {
    "home": ("/", "/?codes=suggested", "/?map=method,year"),
    "list": ("/review/papers", "/review/papers?_page=7", "/review/papers?_sort=title"),
    "facets": ("/review/papers?_code=modality.mri&_code=method_suggested.gan", "/review/papers?status=included"),
    "words": ("/review/papers?_search=anomaly+detection", "/review/papers?_search=brain&_code=modality.mri"),
    "prefix": ("/review/papers?_search=retin*", "/review/papers?_search=a*"),
    "slip": ("/review/papers?_search=anomly+detecton",),
    "paper": ("/review/papers/site-0000001", "/review/papers/site-0000501"),
    "table": ("/review/modality-by-method", "/review/papers-by-year"),
    "methods": ("/methods",),
}
WORST = {
    "worst": ("/review?sql=with+recursive+n(i)+as+(select+1+union+all+select+i%2B1+from+n)+select+count(*)+from+n",)
}
STOCK = {"list": ("/review/papers", "/review/papers?_next=site-0000500", "/review/papers?_sort=title")}
#: How often each kind is asked for.
WEIGHTS = {"home": 4, "list": 4, "facets": 4, "words": 5, "prefix": 1, "slip": 1, "paper": 6, "table": 2, "methods": 1}
CODES = "SELECT DISTINCT 'modality.' || code FROM paper_codes WHERE question_id = 'modality' AND status = 'coded'"
COUNTED = ("papers", "included", "excluded", "contested", "pending")


class Pages:
    """What readers ask for: of each kind a few pages, which many ask for, and with a chance of `rare` any other."""

    def __init__(self, folder: Path, few: dict[str, tuple[str, ...]], rare: float) -> None:
        self.few, self._rare = few, rare
        with closing(sqlite3.connect(f"{(folder / 'review.db').resolve().as_uri()}?mode=ro", uri=True)) as review:
            self._papers = [id_ for (id_,) in review.execute("SELECT id FROM papers")]
            self._codes = [code for (code,) in review.execute(CODES)]
            titles = [title for (title,) in review.execute("SELECT title FROM papers LIMIT 10000")]
        self._words = sorted({word for title in titles for word in re.findall("[a-z]{5,}", title.lower())})

    def one(self, kind: str) -> str:
        """Return the address of a page of a kind."""
        any_other = {
            "list": lambda: f"/review/papers?_page={random.randint(1, len(self._papers) // 50)}",
            "facets": lambda: "/review/papers?" + "&".join(f"_code={code}" for code in random.sample(self._codes, 2)),
            "words": lambda: f"/review/papers?_search={'+'.join(random.sample(self._words, 2))}",
            "paper": lambda: f"/review/papers/{random.choice(self._papers)}",
        }
        if kind in any_other and random.random() < self._rare:
            return any_other[kind]()
        return random.choice(self.few[kind])


def adds_up(page: str) -> bool:
    """Say whether the papers that the home page counts by status are all that it counts."""
    found: Counter[str] = Counter()
    for number, what in re.findall(r"([\d,]+)(?:</b>)? (papers|included|excluded|contested|pending)\b", page):
        found.setdefault(what, int(number.replace(",", "")))
    return found["papers"] == sum(found[what] for what in COUNTED[1:])


async def read(client: httpx.AsyncClient, until: float, think: float, pages: Pages, seen: Seen) -> None:
    """Be one reader."""
    kinds = list(pages.few)
    weights = [WEIGHTS.get(kind, 1) for kind in kinds]
    await asyncio.sleep(random.random() * think)
    while time.monotonic() < until:
        kind = random.choices(kinds, weights)[0]
        begun = time.perf_counter()
        try:
            answer = await client.get(pages.one(kind))
        except httpx.HTTPError as error:
            seen.failed[type(error).__name__] += 1
            continue
        seen.times[kind].append((time.perf_counter() - begun) * 1000)
        if answer.status_code != 200:
            seen.failed[str(answer.status_code)] += 1
        elif kind == "home" and not adds_up(answer.text):
            seen.halves += 1
        await asyncio.sleep(think * (0.5 + random.random()))


class Seen:
    """What readers met with."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = defaultdict(list)
        self.failed: Counter[str] = Counter()
        self.halves = 0
        self.decisions = 0


async def decide(folder: Path, until: float, seen: Seen) -> None:
    """Be the coder."""
    number = random.randrange(1, 900)
    while time.monotonic() < until:
        number = number % 900 + 1
        verdict = random.choice(("include", "maybe"))
        said = ("screen", f"site-{number:07}", verdict, "--coder", "cyd")
        run = await asyncio.create_subprocess_exec(
            *processes.REVIEWDB, *said, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        _, fault = await run.communicate()
        # A record that another paper took in has no paper of its own name.
        seen.decisions += run.returncode == 0
        if run.returncode not in (0, 1):
            seen.failed[f"coder: {run.returncode} {fault.decode()[:80]}"] += 1
        await asyncio.sleep(2)


def megabytes(pid: int) -> float:
    """Return the memory of a process in megabytes."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


async def load(folder: Path, url: str, arguments: argparse.Namespace) -> Seen:
    """Let all of them go on for so long."""
    few = WORST if arguments.worst else STOCK if arguments.stock else PAGES
    pages = Pages(folder, few, 0 if few is not PAGES else arguments.rare)
    seen, until = Seen(), time.monotonic() + arguments.seconds
    limits = httpx.Limits(max_connections=arguments.readers)
    async with httpx.AsyncClient(base_url=url, timeout=30, limits=limits) as client:
        readers = [read(client, until, arguments.think, pages, seen) for _ in range(arguments.readers)]
        await asyncio.gather(decide(folder, until, seen), *readers)
    return seen


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--think", type=float, default=1, help="seconds between two pages of one reader")
    parser.add_argument("--rare", type=float, default=0.5, help="share of pages that hardly anybody else asks for")
    parser.add_argument("--worst", action="store_true")
    parser.add_argument("--stock", action="store_true")
    arguments = parser.parse_args()
    bare = (sys.executable, "-m", "datasette", "serve", "review.db", "--port", "0")
    command = bare if arguments.stock else (*processes.REVIEWDB, "serve", "--port", "0")
    outside = os.environ | ({"DATASETTE_LOAD_PLUGINS": ""} if arguments.stock else {})
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}  # stock Datasette writes a line for each answer
    with subprocess.Popen(command, cwd=arguments.folder, text=True, env=outside, **pipes) as server:
        try:
            url = next(found[0] for line in server.stderr if (found := re.findall(r"http://\S+", line)))  # type: ignore[union-attr]
            before = megabytes(server.pid)
            seen = asyncio.run(load(arguments.folder, url, arguments))
            after = megabytes(server.pid)
        finally:
            server.terminate()
    every = [one for times in seen.times.values() for one in times]
    print(f"{len(every)} answers in {arguments.seconds:g} s, {seen.decisions} decisions")
    print(f"answers that were no 200, and failures: {dict(seen.failed) or 'none'}")
    print(f"home pages that did not add up: {seen.halves}; memory {before:.0f} -> {after:.0f} MB")
    print(f"{'ms':10}{'answers':>9}{'median':>9}{'95 %':>9}{'99 %':>9}")
    for kind, times in [*seen.times.items(), ("all", every)]:
        cuts = statistics.quantiles(times, n=100) if len(times) > 1 else times * 99
        print(f"{kind:10}{len(times):>9}{statistics.median(times):>9.0f}{cuts[94]:>9.0f}{cuts[98]:>9.0f}")


if __name__ == "__main__":
    main()
