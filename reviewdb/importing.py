"""Importing: a file of references becomes the file of one search, with where each record stood in it."""

from __future__ import annotations

import codecs
import hashlib
import io
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, BinaryIO, TextIO, cast

from reviewdb import __version__, entries, formats, journal, locks, searches
from reviewdb.errors import Problem, ReviewError
from reviewdb.folder import Review
from reviewdb.formats import Found, Hit, delimited
from reviewdb.formats.bounded import BoundedText
from reviewdb.formats.keys import Keys
from reviewdb.model import Search
from reviewdb.text import counted

#: Told what goes on.
Watch = Callable[[str], None]

STDIN = Path("-")
_COLUMNS_SHOWN = 12
_STDIN_NAME = "stdin"
_CHUNK = 1 << 20
_STEP = 1000
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_OLD = "cp1252"
_HTML = re.compile(r"\s*<(?:!|html\b|\?xml\b)", re.IGNORECASE)
# A saved page has 200,000 characters at most; nothing of its size is read whole but what claims to be one.
_LARGEST_PAGE = 20_000_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """How files are to be imported."""

    #: What the records came from; empty: what the file says.
    source: str = ""
    #: What was searched for; empty: what the file knows, which mostly is nothing.
    query: str = ""
    #: When the search was made; empty: today.
    date: str = ""
    #: Refuse a file with a broken record, instead of leaving that record out.
    strict: bool = False
    #: Read, and write nothing.
    dry_run: bool = False


@dataclass(slots=True)
class Report:
    """What became of one file."""

    #: As it was named; a search keeps no more of it than the last part.
    file: str
    source: str = ""
    format: str = ""
    #: The search that it became; empty where nothing was written.
    search: str = ""
    #: The search that the same bytes became before.
    earlier: str = ""
    records: int = 0
    #: One for each record that was left out.
    problems: list[Problem] = field(default_factory=list)
    notice: str = ""
    #: One for each key of a library that it has for another paper already.
    doubled: list[Problem] = field(default_factory=list)
    #: One for each entry that is there for others, which have its fields now.
    serving: list[Problem] = field(default_factory=list)

    def as_object(self) -> dict[str, Any]:
        """Return the report for JSON."""
        said = {key: getattr(self, key) for key in ("file", "source", "format", "search", "earlier", "records")}
        told = {key: [str(problem) for problem in getattr(self, key)] for key in ("doubled", "serving", "problems")}
        return {**said, "notice": self.notice, **told}


@dataclass(frozen=True, slots=True)
class Content:
    """What a file is, before its records are read."""

    sha256: str
    encoding: str
    head: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file gives: its records, and what its search is to say."""

    format: str
    source: str
    found: Iterable[Found]
    query: str = ""
    #: What the file knows of the search besides.
    parameters: dict[str, Any] = field(default_factory=dict)
    #: Its records stand on lines.
    lines: bool = True


def import_(place: Review, paths: Sequence[Path], wanted: Wanted, watch: Watch) -> Iterator[Report]:
    """File what each of `paths` holds as a search of its own, and yield what became of it; `-` is stdin.

    A file is filed whole or not at all. What was filed before, byte for byte, adds nothing. No more than one record
    is held in memory.

    Raises:
        ReviewError: a file cannot be read, is of no kind that can be imported, or has no record that can be read;
            with `strict`, one that cannot. The files before it are filed.

    """
    with nullcontext() if wanted.dry_run else locks.writing(place.root):
        known = _known(place)
        for path in paths:
            name = _STDIN_NAME if path == STDIN else str(path)
            with opened(path) as stream:
                watch(f"{name}: looking")
                content = content_of(stream)
                if searches.is_one(content.head):
                    what = "It belongs into data/searches/, as NAME.jsonl: copy it there, if it is not."
                    raise ReviewError(f"{name}: it is a search of a review already.", what)
                report = Report(name, earlier=known.get(content.sha256, ""))
                if not report.earlier:
                    with decoded(stream, content) as text:
                        _file(place, report, reading_of(name, text, content), content, wanted, watch)
                    known[content.sha256] = report.search or name
            yield report


def _known(place: Review) -> dict[str, str]:
    """Return the searches that are imports, by the sha256 of what was imported."""
    known = {}
    for path in place.files("searches"):
        try:
            with path.open("rb") as handle:
                header = json.loads(handle.readline())
            known[header["parameters"]["sha256"]] = path.stem
        except (OSError, ValueError, KeyError, TypeError):
            # No import, or nothing that can be read: that is for `check` to tell.
            continue
    return known


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file that can be read twice; what cannot (stdin, a pipe) is copied first."""
    with ExitStack() as stack:
        try:
            stream: IO[bytes] = _stdin() if path == STDIN else stack.enter_context(path.open("rb"))
            if path == STDIN or not stream.seekable():
                copy = stack.enter_context(tempfile.TemporaryFile())
                shutil.copyfileobj(stream, copy)
                stream = copy
        except OSError as error:
            raise _unreadable(str(path), error) from error
        yield cast("BinaryIO", stream)


def _stdin() -> IO[bytes]:
    # The shell may have closed it (`<&-`).
    return sys.stdin.buffer if sys.stdin else io.BytesIO()


def _unreadable(name: str, error: OSError) -> ReviewError:
    return ReviewError(f"{name}: cannot be read: {error.strerror or error}.", "Check its name and its permissions.")


def content_of(stream: BinaryIO) -> Content:
    """Look through a file once: which bytes, which encoding, and how it begins."""
    hashed = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoding = ""
    first = b""
    stream.seek(0)
    while chunk := stream.read(_CHUNK):
        hashed.update(chunk)
        if not first:
            first = chunk
            encoding = next((name for mark, name in _MARKS.items() if first.startswith(mark)), "")
        if not encoding:
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                encoding = _OLD
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        encoding = encoding or _OLD
    encoding = encoding or "utf-8"
    head = first.decode(encoding, "replace")[: formats.HEAD].replace("\r\n", "\n").replace("\r", "\n")
    return Content(hashed.hexdigest(), encoding, head)


def decoded(stream: BinaryIO, content: Content) -> io.TextIOWrapper:
    """Return the text of a file, from its beginning."""
    stream.seek(0)
    return BoundedText(stream, content.encoding, errors="replace", newline=None)


def reading_of(name: str, text: TextIO, content: Content) -> Reading:
    """Recognise a file and return how to read its records. Raises ReviewError where it is of no kind that is known."""
    if _HTML.match(content.head):
        return _page(name, text.read(_LARGEST_PAGE))
    form = formats.recognise(content.head)
    if form is None:
        raise ReviewError(f"{name}: it {_fault_of(content.head)}.", f"What can be: {formats.READABLE}.")
    return Reading(form.name, form.source.source, _guarded(name, form.read(text)))


def _fault_of(head: str) -> str:
    if not head.strip():
        return "is empty"
    what = "is nothing that can be imported"
    columns = delimited.header_of(head)
    if not columns:
        return what
    more = ", ..." if len(columns) > _COLUMNS_SHOWN else ""
    return f"{what}: none of its columns is known to hold titles ({', '.join(columns[:_COLUMNS_SHOWN])}{more})"


def _guarded(name: str, found: Iterator[Found]) -> Iterator[Found]:
    # While a search is written, an error of the disk would be taken for one of writing.
    try:
        yield from found
    except OSError as error:
        raise _unreadable(name, error) from error


def _page(name: str, html: str) -> Reading:
    """Read a page of Google Scholar that a browser saved."""
    from reviewdb import scholar  # noqa: PLC0415 - with its libraries a second, which only pages need

    if not scholar.is_results(html):
        raise ReviewError(
            f"{name}: it is a page of the web, but not of Google Scholar's hits.", f"Files: {formats.READABLE}."
        )
    try:
        query, page = scholar.saved(html)
    except ReviewError as error:
        # Nothing blocks us: whoever saved the page was blocked.
        raise ReviewError(f"{name}: {error.what}", "Save a page that shows hits.") from error
    said = {"url": page.url, "total": page.total}
    about = {key: value for key, value in said.items() if value}
    return Reading("html", scholar.Scholar.name, [Hit(0, hit) for hit in page.hits], query, about, lines=False)


def _file(place: Review, report: Report, reading: Reading, content: Content, wanted: Wanted, watch: Watch) -> None:
    """Read the records of a file into a search, and tell of it in the report."""
    report.format, report.source = reading.format, wanted.source or reading.source
    if content.encoding == _OLD:
        report.notice = "it is not in UTF-8, and was read as Windows-1252: look at letters with accents."
    search = _search(place, report, reading, content, wanted)
    lines = _lines(search, reading, report, wanted, watch)
    if wanted.dry_run:
        for _ in lines:
            pass
    else:
        journal.create(place.search_file(search.id), lines)
        report.search = search.id


def _search(place: Review, report: Report, reading: Reading, content: Content, wanted: Wanted) -> Search:
    """Return the search that a file is to become. Raises ReviewError where an option makes no sense."""
    parameters: dict[str, Any] = {"file": Path(report.file).name, "sha256": content.sha256, "format": reading.format}
    if content.encoding != "utf-8":
        parameters["encoding"] = content.encoding
    date = wanted.date or f"{datetime.now(UTC):%Y-%m-%d}"
    query = wanted.query or reading.query
    made = Search("", report.source, query, date, parameters | reading.parameters, version=f"reviewdb {__version__}")
    try:
        return entries.search(entries.of_search(made), searches.free_id(place, report.source))
    except ValueError as error:
        raise ReviewError(f"{error}.", "Nothing was written.") from error


def _lines(search: Search, reading: Reading, report: Report, wanted: Wanted, watch: Watch) -> Iterator[dict[str, Any]]:
    """Yield the lines of a search file, and count what is filed and what is left out."""
    yield entries.of_search(search)
    keys = Keys()
    for number, found in enumerate(reading.found, 1):
        if isinstance(found, Problem):
            report.problems.append(replace(found, path=report.file))
            continue
        if found.serves:
            what = f"its fields are now those of {counted(found.serves, 'paper')}; it is no paper itself."
            report.serving.append(Problem(report.file, found.line, f"{found.record.title}: {what}"))
            continue
        report.records += 1
        if doubled := keys.doubled(found):
            report.doubled.append(replace(doubled, path=report.file))
        if report.records % _STEP == 0:
            watch(f"{report.file}: {report.records} records")
        rank = {"rank": found.record.rank or number}
        row = {"row": found.line} if reading.lines else {}
        yield {"id": f"{search.id}-{report.records:03}"} | entries.of_record(found.record) | rank | row
    _check(report, wanted)


def _check(report: Report, wanted: Wanted) -> None:
    """Raise ReviewError where a file is not to be filed after all."""
    told = "".join(f"\n  {problem}" for problem in report.problems[:10])
    if not report.records:
        raise ReviewError(f"{report.file}: it has no record that can be read.{told}", "Nothing of it was filed.")
    if wanted.strict and report.problems:
        what = f"{report.file}: {counted(len(report.problems), 'record')} cannot be read:{told}"
        raise ReviewError(what, "Nothing of it was filed. To file the others: without --strict.")
