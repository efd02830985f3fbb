"""What hostile input is thrown at: each target takes bytes, and raises nothing; a person is told in one message."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import sqlite3
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from unittest import mock
from urllib.parse import quote_from_bytes

from hypothesis import strategies as st

from reviewdb import cli, database, entries, importing, protocol, query, review, scheme, searches, sheets, text
from reviewdb.errors import Problem, ReviewError
from reviewdb.folder import Review
from reviewdb.site import serving

Target = Callable[[bytes], None]
#: Exit codes of the contract that no bug has.
EXPECTED = frozenset((0, 1, 2, 3))
#: Commands that neither ask a network nor wait for anybody, with options that take a value.
COMMANDS = (
    *("agree", "check", "dedupe", "diff", "enrich --dry-run", "export bibtex", "export json", "figure", "flow"),
    *(
        "harvest --dry-run",
        "import",
        "rank",
        "scheme rename",
        "scheme draft",
        "scheme undo",
        "screen",
        "search",
        "show",
    ),
    *("status", "suggest", "table", "tag", "tag --from", "screen --from", ""),
)
OPTIONS = (
    *("--coder", "--json", "--why", "--reason", "--stage", "--settle", "--undo", "--format", "--year", "--limit", "-o"),
    *("--explain", "--method", "--modality", "--dry-run", "--yes", "--query", "--date", "--sample", "--", "--help"),
)
#: What is special somewhere, to be put together.
PIECES: tuple[bytes, ...] = (
    *(
        piece.encode("utf-8", "surrogatepass")
        for piece in (
            *(
                "TY  - JOUR\n",
                "TI  - x\n",
                "AU  - A, B\n",
                "ER  - \n",
                "PMID- 1\n",
                "FAU - A, B\n",
                "PT J\n",
                "FN x\nVR 1\n",
            ),
            *(
                "@article{k,",
                "title={x}",
                "author={A and B}",
                "year=2020",
                "@string{a=",
                "@comment{",
                "}\n",
                "{",
                "}",
                '"',
            ),
            *(
                "title,authors,year\n",
                "key,modality,method\n",
                "id\ttitle\tabstract\n",
                "x,y,z\n",
                ",",
                ";",
                "\t",
                "|",
                "#",
            ),
            *(
                '[{"title":"x"',
                '"authors":[',
                '"year":',
                '{"',
                '"}',
                "]",
                "}]",
                ":",
                "null",
                "true",
                "1e999",
                "NaN",
                "\\ud800",
            ),
            *('{"id":"a-1","title":"x"}\n', '{"source":"s","query":"q","date":"2024"}\n', '{"page":1,"hits":1,"at":"'),
            *(
                '{"at":"2026-01-01T00:00:00Z","record":"s-1","question":"method","answer":',
                '"undoes":"',
                '"a":"s-1","b":"s-2"',
            ),
            *(
                "schema = 1\n",
                "[facet.f]\n",
                "[facet.f.codes.c]\n",
                "words = [",
                "[stage.s]\n",
                "title = ",
                "[search]\n",
                "[[",
                "'''",
            ),
            *(
                "-- title: x\n",
                "-- widths: a 1\n",
                "SELECT ",
                "FROM papers ",
                "WITH x AS (",
                "; DROP TABLE papers",
                "AND ",
                "NEAR(",
            ),
            *(
                "<html>",
                "<div class='gs_r gs_or gs_scl' data-cid='x'>",
                "<h3 class='gs_rt'>",
                "<div class='gs_a'>",
                "</div>",
                "&lt;",
            ),
            *(
                "<<<<<<< a\n",
                "=======\n",
                ">>>>>>> b\n",
                "\\",
                "\\'",
                "$",
                "~",
                "*",
                "-",
                "--",
                "..",
                "../../x",
                "/etc/passwd",
                "%00",
            ),
            *(
                "\0",
                "\r",
                "\n",
                "\r\n",
                "\ufeff",
                "\u2028",
                "\u202e",
                "\x1b[31m",
                "\ud800",
                "ß",
                "İ",
                "٢",
                "²",
                "\u0301",
                "e" * 300,
            ),
            *(
                "_search=",
                "_code=",
                "year__gte=",
                "_page=",
                "&",
                "=",
                "?",
                "_sort=",
                "_next=",
                "sql=",
                "_facet=",
                "_size=",
                "map=",
            ),
        )
    ),
    b"\xff",
    b"\xfe\xff",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\xff\xfet\0i\0",
)


def inputs(size: int = 30) -> st.SearchStrategy[bytes]:
    """Return bytes of which some are pieces of what is read here."""
    piece = st.one_of(st.sampled_from(PIECES), st.binary(max_size=8), st.text(max_size=8).map(_encoded))
    return st.lists(piece, max_size=size).map(b"".join)


def _encoded(text_: str) -> bytes:
    return text_.encode("utf-8", "surrogatepass")


class Targets:
    """All targets, over a built review whose folder may be written to."""

    def __init__(self, place: Review) -> None:
        self._place = place
        self._scheme = scheme.parse((place.root / review.SCHEME).read_text(encoding="utf-8"), "x")[0]
        self._site = serving.app(place.database)
        self._loop = asyncio.new_event_loop()
        self.named: Mapping[str, Target] = {
            "import": self.import_,
            "journal": self.journal,
            "toml": self.toml,
            "sql": self.sql,
            "sheet": self.sheet,
            "search box": self.search_box,
            "arguments": self.arguments,
            "address": self.address,
        }

    def close(self) -> None:
        """Let go of the site."""
        serving.close(self._site)
        self._loop.close()

    def import_(self, data: bytes) -> None:
        """Read a file of references; what comes of it can be read back from the journal."""
        content = importing.content_of(io.BytesIO(data))
        with importing.decoded(io.BytesIO(data), content) as decoded, contextlib.suppress(ReviewError):
            for found in importing.reading_of("x", decoded, content).found:
                if isinstance(found, Problem):
                    assert found.what
                    assert found.todo
                else:
                    made = found.record
                    line = entries.of_record(made) | {"id": "x-1", "rank": 1}
                    read = entries.record(line, "x")
                    assert (read.title, read.authors) == (made.title, made.authors)
                    text.citation_key(read.authors, read.year, read.title).encode("ascii")

    def journal(self, data: bytes) -> None:
        """Read lines of searches, decisions and rulings."""
        path = self._file("eve.jsonl", data)
        problems = list(searches.read(path, "x").problems)
        review.read_said(path, "x", problems)
        review.read_rulings(path, "x", ("s-1", "s-2"), problems)
        assert all(problem.path == "x" and problem.todo for problem in problems)

    def toml(self, data: bytes) -> None:
        """Read a coding scheme and a protocol."""
        for parse in (scheme.parse, protocol.parse):
            _, problems = parse(data.decode("utf-8", "replace"), "x")
            assert all(problem.path == "x" and problem.line >= 0 for problem in problems)

    def sql(self, data: bytes) -> None:
        """Read a query, and have SQLite look at it and run it, bounded."""
        found, _ = query.parse(data.decode("utf-8", "replace"), "x", "queries/x.sql")
        with closing(database.reader(self._place.database)) as connection:
            if found and not database.fault_of(connection, found.sql):
                with contextlib.suppress(ReviewError):
                    database.ask(connection, found.sql, seconds=0.5)

    def sheet(self, data: bytes) -> None:
        """Read a sheet of codes, and one of verdicts."""
        path = self._file("codes.csv", data)
        for stages in (False, True):
            with contextlib.suppress(ReviewError):
                sheets.read(path, self._scheme, stages=stages)

    def search_box(self, data: bytes) -> None:
        """Search for what was typed: never a syntax error."""
        typed = data.decode("utf-8", "replace")
        asked = text.full_text_query(typed)
        text.wanted_words(typed)
        if asked:
            with closing(sqlite3.connect(self._place.database)) as connection:
                connection.execute("SELECT rowid FROM paper_search (?)", [asked]).fetchall()

    def arguments(self, data: bytes) -> None:
        """Run a command with any arguments: an exit code of the contract, and no bug."""
        if not data:
            return
        command = COMMANDS[data[0] % len(COMMANDS)].split()
        given = [part.decode("utf-8", "replace").replace("\0", "") for part in data[1:].split(b" ")]
        given = [OPTIONS[len(part) % len(OPTIONS)] if part.startswith("\r") else part for part in given]
        told = io.StringIO()
        with (
            mock.patch.object(sys, "argv", ["reviewdb", "--review", str(self._place.root), *command, *given]),
            mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(data))),
            mock.patch.dict(os.environ, {"REVIEWDB_CODER": "eve"}),
            contextlib.chdir(self._place.root),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(told),
        ):
            try:
                cli.main()
                code = 0
            except SystemExit as ended:
                code = int(ended.code or 0)
        assert code in EXPECTED, told.getvalue()
        assert "Traceback" not in told.getvalue()

    def address(self, data: bytes) -> None:
        """Ask the site for any address: never its own fault."""
        path, _, asked = data.partition(b"?")
        address = quote_from_bytes(path, safe="/~-._%") + ("?" + quote_from_bytes(asked, safe="&=%_") if asked else "")
        for base in ("/", "/review/", "/review/papers?"):
            answer = self._loop.run_until_complete(self._site.client.get(base + address.lstrip("/")))
            assert answer.status_code < 500, (base + address, answer.text[:500])

    def _file(self, name: str, data: bytes) -> Path:
        path = self._place.root / ".reviewdb" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        return path
