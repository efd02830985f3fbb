"""Records a second of CPU and peak memory of importing, for each format.

    python tests/benchmarks/importing.py [--records 10000] [--runs 3] [--formats ris bibtex ...]

Each format has a made file of `--records` records (the same every time: title, 4 authors, year, venue, volume, pages,
DOI, address, 120 words of abstract, keywords), which is imported into a review by the program as a whole process: read
and filed, start-up included; the best of `--runs`, as what else the machine does only adds. A second file ten times as
long shows whether memory is flat. For comparison, the reader that people would take otherwise reads the same file into
dictionaries and no more: the csv module, the json module, rispy, bibtexparser (a tenth of the file: it is slow) and
pybtex; where there is none, a loop over lines.
"""

from __future__ import annotations

import argparse
import csv
import json
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORDS = [
    f"{first}{last}" for first in ("anom", "imag", "recon", "sup", "det", "gen") for last in ("aly", "ing", "ed", "er")
]
NAMES = ("Schlegl", "Seeböck", "Baur", "Müller", "Østby", "Łukasz", "Chen", "O'Neil", "van-Hespen", "Dvořák", "Wang")

Record = dict[str, str]


def made(count: int) -> Iterator[Record]:
    """Yield made records."""
    chance = random.Random(11)
    for n in range(count):
        yield {
            "n": str(n),
            "title": f"{' '.join(chance.choices(WORDS, k=11)).capitalize()} {n}",
            "authors": "; ".join(f"{chance.choice(NAMES)}, {chance.choice('ABCDEFGH')}." for _ in range(4)),
            "year": str(chance.randint(2005, 2026)),
            "venue": f"Journal of {' '.join(chance.choices(WORDS, k=3)).title()}",
            "volume": str(chance.randint(1, 90)),
            "issue": str(chance.randint(1, 12)),
            "first": str(n % 900 + 1),
            "last": str(n % 900 + 11),
            "doi": f"10.1000/made.{n}",
            "url": f"https://example.org/{n}",
            "abstract": " ".join(chance.choices(WORDS, k=120)),
            "keywords": "; ".join(chance.choices(WORDS, k=5)),
            "cites": str(chance.randint(0, 900)),
        }


def table(columns: dict[str, str], delimiter: str = ",") -> Callable[[Path, int], None]:
    """Return what writes a table with these columns, each filled from a field of the record."""

    def write(path: Path, count: int) -> None:
        with path.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(
                handle, delimiter=delimiter, quoting=csv.QUOTE_ALL if delimiter == "," else csv.QUOTE_NONE
            )
            writer.writerow(columns)
            for record in made(count):
                writer.writerow([record.get(field, "") for field in columns.values()])

    return write


def tagged(tags: list[tuple[str, str]], line: str, end: str, begin: str = "") -> Callable[[Path, int], None]:
    """Return what writes a tagged file; a tag whose field is no field of the record has that as its value."""

    def write(path: Path, count: int) -> None:
        with path.open("w", encoding="utf-8", newline="") as handle:
            handle.write(begin)
            for record in made(count):
                for tag, field in tags:
                    value = record.get(field, field)
                    for one in value.split("; ") if field in {"authors", "keywords"} else [value]:
                        handle.write(line.format(tag, one))
                handle.write(end)

    return write


def write_json(path: Path, count: int) -> None:
    """Write what Publish or Perish does."""
    keys = {
        "abstract": "abstract",
        "article_url": "url",
        "cites": "cites",
        "doi": "doi",
        "rank": "n",
        "source": "venue",
    }
    with path.open("w", encoding="utf-8") as handle:
        handle.write("[\n")
        for n, record in enumerate(made(count)):
            entry = {key: record[field] for key, field in keys.items()}
            entry |= {"authors": record["authors"].split("; "), "title": record["title"], "year": int(record["year"])}  # type: ignore[dict-item]
            text = json.dumps(entry, ensure_ascii=False, indent="\t").replace("\n", "\n\t")
            handle.write(("," * bool(n)) + "\t" + text + "\n")
        handle.write("]\n")


def write_bibtex(path: Path, count: int) -> None:
    """Write BibTeX with accents as LaTeX has them."""
    letters = {"ö": '{\\"o}', "ü": '{\\"u}', "Ø": "{\\O}", "Ł": "{\\L}", "ř": "{\\v{r}}", "á": "{\\'a}"}
    accents = {ord(letter): latex for letter, latex in letters.items()}
    with path.open("w", encoding="utf-8") as handle:
        for record in made(count):
            fields = {
                "title": f"{{U}}nsupervised {record['title']}",
                "author": record["authors"].replace("; ", " and ").translate(accents),
                "journal": record["venue"],
                "number": record["issue"],
                "pages": f"{record['first']}--{record['last']}",
                **{name: record[name] for name in ("year", "volume", "doi", "url", "keywords", "abstract")},
            }
            lines = [f"  {name} = {{{value}}}" for name, value in fields.items()]
            handle.write(f"@article{{key{record['n']},\n" + ",\n".join(lines) + "\n}\n\n")


POP = {
    "Cites": "cites", "Authors": "authors", "Title": "title", "Year": "year", "Source": "venue", "Publisher": "",
    "ArticleURL": "url", "CitesURL": "url", "GSRank": "", "QueryDate": "", "Type": "", "DOI": "doi", "ISSN": "",
    "CitationURL": "", "Volume": "volume", "Issue": "issue", "StartPage": "first", "EndPage": "last", "ECC": "cites",
    "CitesPerYear": "", "CitesPerAuthor": "", "AuthorCount": "", "Age": "", "Abstract": "abstract",
}  # fmt: skip
ZOTERO = {
    "Key": "n", "Item Type": "", "Publication Year": "year", "Author": "authors", "Title": "title",
    "Publication Title": "venue", "DOI": "doi", "Url": "url", "Abstract Note": "abstract", "Date": "year",
    "Pages": "first", "Issue": "issue", "Volume": "volume", "Manual Tags": "keywords",
}  # fmt: skip
SCOPUS = {
    "Authors": "authors", "Title": "title", "Year": "year", "Source title": "venue", "Volume": "volume",
    "Issue": "issue", "Page start": "first", "Page end": "last", "Cited by": "cites", "DOI": "doi",
    "Link": "url", "Abstract": "abstract",
    "Author Keywords": "keywords", "Document Type": "", "EID": "n",
}  # fmt: skip
WOS = {
    "PT": "", "AU": "authors", "TI": "title", "SO": "venue", "DE": "keywords", "AB": "abstract", "TC": "cites",
    "PY": "year", "VL": "volume", "IS": "issue", "BP": "first", "EP": "last", "DI": "doi", "UT": "n",
}  # fmt: skip
RIS = [
    ("TY", "JOUR"), ("ID", "n"), ("TI", "title"), ("AU", "authors"), ("PY", "year"), ("T2", "venue"), ("VL", "volume"),
    ("IS", "issue"), ("SP", "first"), ("EP", "last"), ("DO", "doi"), ("UR", "url"), ("AB", "abstract"),
    ("KW", "keywords"),
]  # fmt: skip
NBIB = [
    ("PMID", "n"), ("DP", "year"), ("TI", "title"), ("VI", "volume"), ("IP", "issue"), ("PG", "first"), ("LID", "doi"),
    ("AB", "abstract"), ("FAU", "authors"), ("PT", "Journal Article"), ("JT", "venue"), ("OT", "keywords"),
]  # fmt: skip


def by_csv(path: Path) -> int:
    """Count the rows that the csv module reads."""
    with path.open(encoding="utf-8", newline="") as handle:
        head = handle.readline()
        handle.seek(0)
        return len(list(csv.DictReader(handle, delimiter="\t" if "\t" in head else ",")))


def by_json(path: Path) -> int:
    """Count the objects that the json module reads."""
    return len(json.loads(path.read_text(encoding="utf-8")))


def by_lines(path: Path) -> int:
    """Count records in lines split into tag and value."""
    with path.open(encoding="utf-8") as handle:
        return sum(tag.startswith(("PMID", "PT ")) for tag, *_ in (line.split("-", 1) for line in handle))


def by_rispy(path: Path) -> int:
    """Count the records that rispy reads."""
    import rispy  # type: ignore[import-untyped]  # noqa: PLC0415 - each tool where it is measured

    with path.open(encoding="utf-8") as handle:
        return len(rispy.load(handle))


def by_pybtex(path: Path) -> int:
    """Count the entries that pybtex reads."""
    from pybtex.database import parse_file  # type: ignore[import-untyped]  # noqa: PLC0415 - as above

    return len(parse_file(str(path), "bibtex").entries)


def by_bibtexparser(path: Path) -> int:
    """Count the entries that bibtexparser reads in a tenth of the file."""
    import bibtexparser  # type: ignore[import-untyped]  # noqa: PLC0415 - as above

    text = path.read_text(encoding="utf-8")
    return len(bibtexparser.loads(text[: text.index("@article", len(text) // 10)]).entries)


FORMATS: dict[str, tuple[Callable[[Path, int], None], list[Callable[[Path], int]]]] = {
    "publish-or-perish": (table(POP), [by_csv]),
    "publish-or-perish-json": (write_json, [by_json]),
    "zotero": (table(ZOTERO), [by_csv]),
    "scopus": (table(SCOPUS), [by_csv]),
    "web-of-science": (table(WOS, "\t"), [by_csv]),
    "web-of-science-tagged": (
        tagged([(t, "J" if t == "PT" else f) for t, f in WOS.items()], "{} {}\n", "ER\n\n", "FN Clarivate\nVR 1.0\n"),
        [by_lines],
    ),
    "ris": (tagged(RIS, "{}  - {}\n", "ER  - \n\n"), [by_rispy]),
    "pubmed": (tagged(NBIB, "{:4}- {}\n", "\n"), [by_lines]),
    "bibtex": (write_bibtex, [by_pybtex, by_bibtexparser]),
}


def imported(path: Path, folder: Path) -> tuple[int, float, float]:
    """Import a file into a new review by the program; return records, CPU seconds and peak megabytes."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "data" / "searches").mkdir(parents=True)
    shutil.copy(ROOT / "data" / "protocol.toml", folder / "data")
    command = [sys.executable, "-m", "reviewdb", "--review", str(folder), "import", str(path)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{path.name} was not imported")
    (search,) = (folder / "data" / "searches").iterdir()
    with search.open("rb") as handle:
        return sum(1 for _ in handle) - 1, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def rate_of(read: Callable[[Path], int], path: Path) -> float:
    """Return how many records a second a reader reads."""
    start = time.process_time()
    return read(path) / (time.process_time() - start)


def elsewhere(read: Callable[[Path], int], path: Path) -> float:
    """Return the same, measured in a process of its own: what this one has held counts for its children."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(rate_of, read, path).result()


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--formats", nargs="*", default=list(FORMATS))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for form in arguments.formats:
            write, others = FORMATS[form]
            path = folder / form
            write(path, arguments.records)
            count, seconds, megabytes = min(imported(path, folder / "review") for _ in range(arguments.runs))
            figures = [f"{form:24} {count / seconds:7.0f} records/s, read and filed"]
            for other in others:
                rate = elsewhere(other, path)
                figures.append(f"{count / seconds / rate:5.2f} x {other.__name__[3:]} ({rate:.0f}/s)")
            write(path, 10 * arguments.records)
            more, longer, most = imported(path, folder / "review")
            path.unlink()
            figures.append(f"{megabytes:.0f} MB, and {most:.0f} MB for {more} ({more / longer:.0f}/s)")
            print("  ".join(figures), flush=True)


if __name__ == "__main__":
    main()
