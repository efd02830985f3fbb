"""The list of papers beside stock Datasette's page of the same table: bytes, milliseconds of the server, and height.

Both show 50 papers of the same database, in this process, warm; stock Datasette with three of the facets of ours, which
has them all. The milliseconds are those of a client on the same machine. Run it from the repository:

    python tests/benchmarks/beside_datasette.py
    python tests/benchmarks/beside_datasette.py --review DIR
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gzip
import shutil
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from datasette.app import Datasette
from datasette.plugins import pm
from playwright.sync_api import sync_playwright

from reviewdb import build
from reviewdb.review import Review
from reviewdb.site import serving

ROOT = Path(__file__).parents[2]
ASKED = 30
SIZES = {"wide": (1280, 800), "phone": (390, 844)}


@dataclass(frozen=True)
class Measured:
    """One page: bytes of its HTML, as they are and packed; median milliseconds; height in pixels by window."""

    bytes: int
    packed: int
    milliseconds: float
    heights: dict[str, int]


def main() -> None:
    """Measure both, and print them with their ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--review", type=Path, default=ROOT)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "review.db"
        build.write(Review(chosen.review.resolve()), file)
        ours = _measured(serving.app(file), "/review/papers")
        with _without_plugin():
            stock = Datasette([str(file)], settings={"default_page_size": serving.SETTINGS["default_page_size"]})
            theirs = _measured(stock, "/review/papers?_facet=status&_facet=year&_facet_array=modality")
    print(f"{'':24}{'reviewdb':>10}{'Datasette':>11}{'ratio':>8}")
    for label, one, other in (
        ("bytes of HTML", ours.bytes, theirs.bytes),
        ("bytes, gzip", ours.packed, theirs.packed),
        ("server, ms", ours.milliseconds, theirs.milliseconds),
        *((f"height {size}, px", ours.heights[size], theirs.heights[size]) for size in SIZES),
    ):
        print(f"{label:24}{one:>10,.0f}{other:>11,.0f}{one / other:>8.2f}")


@contextlib.contextmanager
def _without_plugin() -> Iterator[None]:
    """Take our plugin out of Datasette, as if it were not installed."""
    plugin = pm.get_plugin("reviewdb") or next(p for p in pm.get_plugins() if p.__name__ == "reviewdb.site")
    name = pm.get_name(plugin)
    pm.unregister(plugin)
    try:
        yield
    finally:
        pm.register(plugin, name=name)


def _measured(datasette: Datasette, path: str) -> Measured:
    asyncio.run(datasette.invoke_startup())
    with _serving(datasette) as base, sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        heights: dict[str, int] = {}
        for size, (width, height) in SIZES.items():
            page = browser.new_page(viewport={"width": width, "height": height})
            page.goto(base + path)
            heights[size] = page.evaluate("document.documentElement.scrollHeight")
        asked = browser.new_context().request
        times = []
        for _ in range(ASKED):
            begun = time.perf_counter()
            answer: Any = asked.get(base + path)
            content = answer.body()
            times.append(1000 * (time.perf_counter() - begun))
        browser.close()
    serving.close(datasette)
    return Measured(len(content), len(gzip.compress(content)), statistics.median(times), heights)


@contextlib.contextmanager
def _serving(datasette: Datasette) -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as for sockets that uvicorn makes
    server = uvicorn.Server(uvicorn.Config(datasette.app(), log_level="critical", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


if __name__ == "__main__":
    main()
