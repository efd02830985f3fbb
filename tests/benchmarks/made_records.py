"""Made records of a literature search, with the truth of which are one paper, as many as are asked for.

    python tests/benchmarks/made_records.py 100000 FOLDER [--scholar 0.3] [--seed 5]

writes FOLDER/records.csv (id, title, authors, year, venue, volume, number, pages, doi) and FOLDER/clusters.csv (id,
cluster_id), the same bytes for the same arguments. How they are made:

- A work has a title of 5 to 14 words, drawn by Zipf's law from 20,000 made words; 1 to 6 authors of a pool with a tenth
  as many people as there are works (their family names, a third as many, are drawn by Zipf's law as well: some are
  frequent); a year from 1995 to 2026, one of 400 journals, volume, issue, pages, and for two of three a DOI.
- 3 % of the works are companions of an earlier one: same authors, its title with a word exchanged or "part II" added,
  another year or page. 1 % have a title that recurs ("Editorial", "Book review"). They are to be told apart.
- 70 % of the works have one record, 20 % two, 10 % three to five. A repeat is spelled as another database would:
  capitals or not, given names or initials, family name first or last, a full stop at the end, abbreviated pages (123-9)
  and journals, a DOI as an address or none, accents lost; in one of 30 a letter of the title is lost or exchanged, in
  one of 40 volume and pages are missing, in one of 50 the year differs by one.
- With --scholar S, that share of the repeats is spelled as Google Scholar would: title in small letters, in one of
  eight cut after 60 letters; initials only, at most three authors and then "…"; a publisher's site or a cut journal for
  the venue; no DOI, volume or pages; in one of five no year.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from unicodedata import normalize

COLUMNS = ("id", "title", "authors", "year", "venue", "volume", "number", "pages", "doi")
SYLLABLES = (
    "ab",
    "ad",
    "al",
    "an",
    "ar",
    "ba",
    "be",
    "bi",
    "ca",
    "ce",
    "co",
    "da",
    "de",
    "di",
    "do",
    "en",
    "er",
    "fa",
    "fi",
    "ga",
    "ge",
    "gra",
    "hy",
    "in",
    "ka",
    "la",
    "le",
    "li",
    "lo",
    "ma",
    "me",
    "mi",
    "mo",
    "na",
    "ne",
    "no",
)
SMALL = ("of", "in", "for", "the", "with", "and", "by", "from", "a")
RECURRING = ("Editorial", "Introduction", "Book review", "Letter to the editor", "Reply", "Editor's note")
SITES = ("Springer", "Elsevier", "ieeexplore.ieee.org", "arxiv.org", "Wiley Online Library", "")


@dataclass(frozen=True, slots=True)
class Work:
    """A work as it was published."""

    title: str
    #: Given name and family name.
    authors: tuple[tuple[str, str], ...]
    year: int
    venue: str
    volume: int
    number: int
    first: int
    last: int
    doi: str


class Words:
    """Made words, the earlier ones more often."""

    def __init__(self, chance: random.Random, count: int) -> None:
        made: dict[str, None] = {}
        while len(made) < count:
            made["".join(chance.choices(SYLLABLES, k=chance.randint(2, 4)))] = None
        self.all = list(made)
        self._weights = list(accumulate(1 / (n + 10) for n in range(count)))
        self._chance = chance

    def some(self, count: int) -> list[str]:
        """Return words, drawn by Zipf's law."""
        return self._chance.choices(self.all, cum_weights=self._weights, k=count)


def works(chance: random.Random, count: int) -> Iterator[Work]:
    """Yield works."""
    words, families = Words(chance, 20_000), Words(chance, max(count // 30, 50))
    pool = [
        (given.title(), family.title() + chance.choice(("", "", "", "é", "ü", "ø", "ç")))
        for given, family in zip(words.some(max(count // 10, 100)), families.some(max(count // 10, 100)), strict=True)
    ]
    journals = [f"Journal of {' '.join(words.some(3)).title()}" for _ in range(400)]
    # Those that have no companion yet: two of one work would be companions of each other, and might be called the same.
    alone: list[Work] = []
    for n in range(count):
        kind = chance.random()
        if alone and kind < 0.03:
            yield companion(chance, words, alone.pop(chance.randrange(len(alone))), n)
            continue
        parts = words.some(chance.randint(5, 14))
        parts[1::3] = [chance.choice(SMALL) for _ in parts[1::3]]
        title = chance.choice(RECURRING) if kind > 0.99 else " ".join(parts).capitalize()
        first = chance.randint(1, 2000)
        year = chance.randint(1995, 2026)
        work = Work(
            title,
            tuple(chance.sample(pool, chance.randint(1, 6))),
            year,
            chance.choice(journals),
            year - chance.randint(1960, 1990),
            chance.randint(1, 12),
            first,
            first + chance.randint(3, 20),
            f"10.{chance.randint(1000, 1400)}/made.{n}" if chance.random() < 2 / 3 else "",
        )
        if title not in RECURRING:
            alone.append(work)
        yield work


def companion(chance: random.Random, words: Words, work: Work, n: int) -> Work:
    """Return another work of the same people that is called much the same."""
    parts = work.title.split()
    if chance.random() < 1 / 2:
        long = [at for at, word in enumerate(parts) if word not in SMALL]
        parts[chance.choice(long)] = words.some(1)[0]
        title = " ".join(parts)
    else:
        title = f"{work.title}, part II"
    first = work.first + 40
    doi = f"10.1001/made.{n}" if work.doi else ""
    return replace(work, title=title, year=work.year + chance.randint(0, 2), first=first, last=first + 9, doi=doi)


def plain(text: str) -> str:
    """Return a text without accents."""
    return normalize("NFKD", text).encode("ascii", "ignore").decode()


def as_published(work: Work) -> list[str]:
    """Return a record that says all."""
    names = "; ".join(f"{given} {family}" for given, family in work.authors)
    pages = f"{work.first}-{work.last}"
    return [work.title, names, str(work.year), work.venue, str(work.volume), str(work.number), pages, work.doi]


def abbreviated(work: Work) -> str:
    """Return pages as `123-9`."""
    first, last = str(work.first), str(work.last)
    if len(first) == len(last):
        same = next((n for n, (a, b) in enumerate(zip(first, last, strict=True)) if a != b), len(last) - 1)
        last = last[same:]
    return f"{first}-{last}"


def as_database(chance: random.Random, work: Work) -> list[str]:
    """Return a record as another database spells it."""
    title = work.title
    if chance.random() < 1 / 30:
        at = chance.randrange(1, len(title))
        title = title[:at] + chance.choice(("", "x")) + title[at + 1 :]
    title = chance.choice((title, title.title(), title.upper(), f"{title}."))
    form = chance.choice(("{f}, {g}", "{f} {i}", "{g} {f}", "{i}. {f}", "{f}, {i}."))
    names = [form.format(f=family, g=given, i=given[:1]) for given, family in work.authors]
    authors = chance.choice(("; ", "; ", " and ")).join(names)
    if chance.random() < 1 / 2:
        title, authors = plain(title), plain(authors)
    short = " ".join(word[:4] for word in work.venue.split() if word != "of")
    venue = work.venue if chance.random() < 1 / 2 else short
    year = work.year + (chance.random() < 1 / 50)
    pages = chance.choice(
        (f"{work.first}-{work.last}", f"{work.first}–{work.last}", abbreviated(work), str(work.first))
    )
    volume, number = str(work.volume), chance.choice((str(work.number), ""))
    if chance.random() < 1 / 40:
        volume = number = pages = ""
    doi = chance.choice((work.doi, "", f"https://doi.org/{work.doi}" if work.doi else ""))
    return [title, authors, str(year), venue, volume, number, pages, doi]


def as_scholar(chance: random.Random, work: Work) -> list[str]:
    """Return a record as Google Scholar spells it."""
    title = work.title.lower() if chance.random() < 1 / 2 else work.title
    if chance.random() < 1 / 8 and len(title) > 60:
        title = f"{title[:60].rpartition(' ')[0]} …"
    names = [f"{given[:1]} {family}" for given, family in work.authors]
    authors = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
    venue = chance.choice((*SITES, work.venue, f"{work.venue[:16]} …", f"… of {' '.join(work.venue.split()[-2:])}"))
    year = "" if chance.random() < 1 / 5 else str(work.year)
    return [title, authors, year, venue, "", "", "", ""]


def records(count: int, scholar: float = 0, seed: int = 5) -> Iterator[tuple[int, list[str]]]:
    """Yield `count` records in a made order, each with the number of its work: title, authors, ... as in COLUMNS."""
    chance = random.Random(seed)
    made: list[tuple[int, list[str]]] = []
    for number, work in enumerate(works(chance, count)):
        if len(made) >= count:
            break
        share = chance.random()
        repeats = 0 if share < 0.7 else 1 if share < 0.9 else chance.randint(2, 4)
        made.append((number, as_published(work)))
        for _ in range(repeats):
            spelled = as_scholar if chance.random() < scholar else as_database
            made.append((number, spelled(chance, work)))
    made = made[:count]
    chance.shuffle(made)
    yield from made


def write(folder: Path, count: int, scholar: float = 0, seed: int = 5) -> Path:
    """Write `count` records and their truth into a folder, and return it."""
    folder.mkdir(parents=True, exist_ok=True)

    def table(name: str, header: Sequence[str], rows: Iterator[Sequence[object]]) -> None:
        with (folder / name).open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(rows)

    made = list(records(count, scholar, seed))
    table("records.csv", COLUMNS, ([f"r{n:07}", *fields] for n, (_, fields) in enumerate(made)))
    table("clusters.csv", ("id", "cluster_id"), ((f"r{n:07}", work) for n, (work, _) in enumerate(made)))
    return folder


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scholar", type=float, default=0)
    parser.add_argument("--seed", type=int, default=5)
    arguments = parser.parse_args()
    write(arguments.folder, arguments.count, arguments.scholar, arguments.seed)


if __name__ == "__main__":
    main()
