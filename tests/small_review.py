"""A small review for tests: three papers, the protocol and scheme of the example, one query."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from conftest import ROOT

from reviewdb.review import Review

HITS = (
    {"id": "s-1", "rank": 1, "title": "Anomaly detection in brain MRI", "authors": ["A. Ørsted"], "year": 2020},
    {"id": "s-2", "rank": 2, "title": "Retinal images by an autoencoder", "authors": ["B. Vance"], "year": 2019},
    {"id": "s-3", "rank": 3, "title": "Nothing of the kind", "authors": ["C. Wu", "D. Xu"]},
)


def write(folder: Path, *hits: object) -> Review:
    """Write the review, with more hits where there are any."""
    (folder / "data" / "searches").mkdir(parents=True)
    (folder / "queries").mkdir()
    for name in ("data/protocol.toml", "data/coding-scheme.toml", "queries/papers-by-year.sql"):
        shutil.copyfile(ROOT / name, folder / name)
    lines = [{"source": "scholar", "query": "anomaly", "date": "2024-01-01"}, *HITS, *hits]
    text = "".join(f"{json.dumps(line)}\n" for line in lines)
    (folder / "data" / "searches" / "s.jsonl").write_text(text, encoding="utf-8")
    return Review(folder)
