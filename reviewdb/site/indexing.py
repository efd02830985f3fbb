"""The index that a published site searches in the browser: every paper in short, and which words are in which."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from reviewdb import text
from reviewdb.site import papers, spelling
from reviewdb.site.about import About, rows, statement

#: Longer titles and venues are cut in the list of hits, longer words are no words.
_TITLE, _VENUE, _NAME, _WORD = 300, 160, 80, 40


def script(connection: sqlite3.Connection, about: About) -> str:
    """Return the index as a script that assigns it.

    A script, as a page opened from a disk may load one, and may not fetch JSON. It assigns an object with

    - `columns`: the question and the status of the codes in each column of papers;
    - `choices`: [column of papers, code, label, status, question] of every code that a paper has;
    - `papers`: [key, title, authors, et al., year, venue, citations, status, reason, choices named, choices implied];
    - `words`, `inTitle`, `elsewhere`: all words in order, and for each the numbers of the papers that have it in the
      title, and elsewhere that the search looks; as the differences of ascending numbers, to the base of 36;
    - `stems`: for each of the words the number of the first one that the full-text index takes for the same, to the
      base of 36; empty where that is the word itself;
    - `letters`: what letters are spelled as that are no letter of ASCII with an accent.
    """
    listed = rows(connection, statement("index-papers"))
    coded = _coded(connection, about)
    choices = sorted({choice for found in coded.values() for choice, _ in found})
    number = {choice: n for n, choice in enumerate(choices)}
    labels = [about.full_label(about.questions[question], code) for question, code, _ in choices]
    in_title: dict[str, list[int]] = defaultdict(list)
    elsewhere: dict[str, list[int]] = defaultdict(list)
    short = []
    for n, row in enumerate(listed):
        found = coded.get(row["id"], [])
        named = [number[choice] for choice, implied in found if not implied]
        _post(in_title, n, [row["title"]])
        _post(elsewhere, n, [row[column] or "" for column in ("authors", "venue", "abstract", "terms", "key", "doi")])
        names, more = papers.authors(row["authors"])
        short.append(
            [
                *(row["key"], row["title"][:_TITLE], ", ".join(name[:_NAME] for name in names), int(more)),
                *(row["year"], (row["venue"] or "")[:_VENUE], row["citations"], row["status"]),
                *(papers.reason(about, row["reason"] or ""), named),
                [number[choice] for choice, implied in found if implied],
            ]
        )
    words = sorted(in_title.keys() | elsewhere.keys())
    index = {
        "columns": {
            column: [question.id, status]
            for question in about.facets
            for column, status in ((question.column, "coded"), (question.suggested_column, "suggested"))
            if column
        },
        "choices": [
            [_column(about, *choice), choice[1], label, choice[2], choice[0]]
            for choice, label in zip(choices, labels, strict=True)
        ],
        "papers": short,
        "words": " ".join(words),
        "inTitle": ",".join(_numbers(in_title.get(word, ())) for word in words),
        "elsewhere": ",".join(_numbers(elsewhere.get(word, ())) for word in words),
        "stems": ",".join(_firsts(connection, words)),
        "letters": text.LETTERS,
    }
    return f"self.reviewdbIndex = {json.dumps(index, separators=(',', ':'))};\n"


def _coded(connection: sqlite3.Connection, about: About) -> dict[str, list[tuple[tuple[str, str, str], int]]]:
    """Return the codes of every paper, as (question, code, status) and whether they are implied."""
    facets = {question.id for question in about.facets}
    found = defaultdict(list)
    for row in connection.execute(statement("index-codes")):
        if row["question_id"] in facets:
            found[row["paper_id"]].append(((row["question_id"], row["code"], row["status"]), row["implied"]))
    return found


def _column(about: About, question: str, _: str, status: str) -> str:
    asked = about.questions[question]
    return asked.suggested_column if status == "suggested" else asked.column


def _post(index: dict[str, list[int]], paper: int, texts: Iterable[str]) -> None:
    for word in {word for text_ in texts for word in text.words(text_) if len(word) <= _WORD}:
        index[word].append(paper)


def _firsts(connection: sqlite3.Connection, words: Sequence[str]) -> Iterator[str]:
    stem_of = spelling.stems(connection, words)
    first: dict[str, int] = {}
    for n, word in enumerate(words):
        at = first.setdefault(stem_of.get(word, word), n)
        yield "" if at == n else _base36(at)


def _numbers(papers_: Sequence[int]) -> str:
    return " ".join(_base36(n - before) for before, n in zip((0, *papers_), papers_, strict=False))


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, last = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[last] + digits
        if not number:
            return digits
