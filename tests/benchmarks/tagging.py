"""Precision, recall and F1 of the tagger on a list of labelled titles.

    python tests/benchmarks/tagging.py LABELLED.csv [--scheme data/coding-scheme.toml] [--misses FACET] [--by-title]

LABELLED.csv has the columns `title`, optionally `abstract`, and `modality`, `supervision`, `method`, each with codes
joined by `|`, empty where the list does not say; `none` as modality is an industrial image. Each row counts as it
stands; with `--by-title`, a title that stands in several sections of a list has the codes of all of them.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections import Counter
from pathlib import Path

from reviewdb.scheme import parse
from reviewdb.tagging import Tagger
from reviewdb.text import ancestors, words

Codes = dict[str, set[str]]
FACETS = ("modality", "supervision", "method")


def figures(hits: int, proposed: int, true: int) -> str:
    """Return P, R and F1 from counts of pairs of title and code."""
    p, r = hits / max(proposed, 1), hits / max(true, 1)
    return f"P {p:.3f}  R {r:.3f}  F1 {2 * p * r / max(p + r, 1e-9):.3f}  ({hits} of {proposed} proposed, {true} true)"


def with_roots(codes: set[str]) -> set[str]:
    """Add the implied codes."""
    return codes | {a for c in codes for a in ancestors(c)}


def labelled(path: Path, *, by_title: bool) -> list[dict[str, str]]:
    """Return the rows of the list; `by_title`, one for each title, with the codes of all its rows."""
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    if not by_title:
        return rows
    merged: dict[str, dict[str, str]] = {}
    for row in rows:
        known = merged.setdefault(" ".join(words(row["title"])), row)
        for facet in FACETS:
            known[facet] = "|".join(sorted({c for r in (known, row) for c in r[facet].split("|") if c}))
    return list(merged.values())


def counts(facet: str, proposed: list[Codes], rows: list[dict[str, str]], *, misses: bool) -> tuple[Counter[str], ...]:
    """Return hits, proposed and true codes of one facet, counted per code; print what was missed if asked for."""
    hit: Counter[str] = Counter()
    said: Counter[str] = Counter()
    true: Counter[str] = Counter()
    for codes, row in zip(proposed, rows, strict=True):
        gold = {c for c in row[facet].split("|") if c}
        if not gold or gold == {"none"}:
            continue
        left, right = with_roots(codes[facet] - {"none"}), with_roots(gold - {"none"})
        hit.update(left & right)
        said.update(left)
        true.update(right)
        if misses and left != right:
            print(f"  - {sorted(left - right)} + {sorted(right - left)}: {row['title']}")
    return hit, said, true


def main() -> None:
    """Print the figures per facet and code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("labelled", type=Path)
    parser.add_argument("--scheme", type=Path, default=Path("data/coding-scheme.toml"))
    parser.add_argument("--misses", choices=FACETS)
    parser.add_argument("--by-title", action="store_true")
    arguments = parser.parse_args()
    scheme, problems = parse(arguments.scheme.read_text(encoding="utf-8"), str(arguments.scheme))
    if problems:
        raise SystemExit("\n".join(map(str, problems)))
    tagger = Tagger(scheme)
    rows = labelled(arguments.labelled, by_title=arguments.by_title)
    start = time.process_time()
    proposed: list[Codes] = []
    for row in rows:
        codes: Codes = {facet: set() for facet in FACETS}
        for s in tagger.suggest({"title": row["title"], "abstract": row.get("abstract", "")}):
            if s.facet in codes:
                codes[s.facet].add(s.code)
        proposed.append(codes)
    seconds = time.process_time() - start
    print(f"{len(rows)} titles, {1e6 * seconds / len(rows):.0f} CPU microseconds each")
    for facet in FACETS:
        hit, said, true = counts(facet, proposed, rows, misses=arguments.misses == facet)
        print(f"{facet}: {figures(hit.total(), said.total(), true.total())}")
        for code in sorted(true | said):
            print(f"    {code:24} {figures(hit[code], said[code], true[code])}")
        if facet == "modality":
            industrial = [p for p, row in zip(proposed, rows, strict=True) if row["modality"] == "none"]
            false = sum(bool(p["modality"] - {"none"}) for p in industrial)
            print(f"    industrial titles with a medical modality: {false} of {len(industrial)}")


if __name__ == "__main__":
    main()
