"""Files of other programs: what they are, what their records say, and what is wrong with the broken ones."""

from __future__ import annotations

import io
import json
import random
import string
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import bibtexparser
import pytest
import rispy
from hypothesis import given
from hypothesis import strategies as st

from reviewdb import entries, formats
from reviewdb.errors import Problem
from reviewdb.formats import dates, delimited, formulas, latex, objects, typesetting, writing
from reviewdb.formats.fields import Hit
from reviewdb.model import VENUE_TYPES, Paper, Record
from reviewdb.text import citation_key, clean, surname, words

SAMPLES = Path(__file__).parent / "samples"
#: Each sample with its encoding, and what it is.
KINDS = {
    "pop.csv": ("utf-8-sig", "csv", "publish-or-perish"),
    "pop-old.csv": ("utf-8", "csv", "publish-or-perish"),
    "pop.json": ("utf-8", "json", "publish-or-perish"),
    "references.ris": ("utf-8", "ris", "ris"),
    "references.bib": ("utf-8", "bibtex", "bibtex"),
    "pubmed.nbib": ("utf-8", "nbib", "pubmed"),
    "zotero.csv": ("utf-8-sig", "csv", "zotero"),
    "scopus.csv": ("utf-8-sig", "csv", "scopus"),
    "savedrecs-tab.txt": ("utf-16", "tsv", "web-of-science"),
    "savedrecs.txt": ("utf-8-sig", "tagged", "web-of-science"),
    "titles.tsv": ("utf-8", "tsv", "table"),
    "titles.csv": ("cp1252", "csv", "table"),
}


def read(text: str) -> list[formats.Found]:
    """Read a text as what it is."""
    form = formats.recognise(text[: formats.HEAD])
    assert form is not None
    return list(form.read(io.StringIO(text, newline=None)))


def records(text: str) -> list[Record]:
    return [found.record for found in read(text) if isinstance(found, Hit)]


def one(text: str) -> Record:
    (record,) = records(text)
    return record


def problems(text: str) -> list[tuple[int, str]]:
    return [(found.line, found.what) for found in read(text) if isinstance(found, Problem)]


def text_of(name: str) -> str:
    return (SAMPLES / name).read_text(encoding=KINDS[name][0])


@pytest.mark.parametrize("name", KINDS)
def test_a_file_is_what_its_content_says_and_loses_nothing(name: str) -> None:
    text = text_of(name)
    form = formats.recognise(text)
    assert form is not None
    assert (form.name, form.source.source) == KINDS[name][1:]
    lines = [{"line": found.line} | entries.of_record(found.record) for found in read(text) if isinstance(found, Hit)]
    golden = (SAMPLES / "records" / f"{name}.jsonl").read_text(encoding="utf-8")
    assert lines == [json.loads(line) for line in golden.splitlines()]
    assert problems(text) == []


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_make_no_difference(name: str, end: str) -> None:
    text = text_of(name)
    assert records(text.replace("\n", end).replace("\r", "\n") if end == "\r" else text) == records(text)
    form = formats.recognise(text)
    assert form is not None
    found = form.read(io.StringIO(text.replace("\n", end), newline=None))
    assert list(found) == read(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "hello",
        "a,b\n1,2\n",
        "PK\x03\x04\x00\x00",
        "\x00\x01\x02" * 50,
        "[1, 2]",
        '{"a": 1}',
        "@ nothing",
        "<?xml?>",
    ],
)
def test_what_nobody_can_read_is_not_recognised(text: str) -> None:
    assert formats.recognise(text) is None


def nested(depth: int) -> str:
    return '[{"title": "A"}, {"title": "B", "x": ' + "[" * depth + "]" * depth + '}, {"title": "C"}]'


RIS = "TY  - JOUR\nTI  - {}\nER  - \n\n"
NBIB = "PMID- 1\nTI  - {}\n\n"
WOS = "PT J\nTI {}\nER\n\n"
INDENTED = """[
 {
  "title": "A"
 },
 {
  "title": "B,
  "x": [{}, {}]
 },
 {
  "title": "C"
 }
]"""
BIB = "@article{{k,\n  title = {{{}}}\n}}\n\n"


@pytest.mark.parametrize(
    ("text", "titles", "told"),
    [
        # A record without an end does not take the next one with it.
        (RIS.format("A") + "TY  - JOUR\nTI  - B\n" + RIS.format("C"), "AC", [(5, "next one begins on line 7")]),
        (RIS.format("A") + "TY  - JOUR\nTI  - B\n", "A", [(5, "the file ends before")]),
        (RIS.format("A") + "TY  - JOUR\nAU  - B\nER  - \n" + RIS.format("C"), "AC", [(5, "has no title")]),
        (RIS.format("A") + "AU  - lost\n" + RIS.format("C"), "AC", [(5, "AU stands outside of a record")]),
        (NBIB.format("A") + "PMID- 2\nFAU - B\n\n" + NBIB.format("C"), "AC", [(4, "has no title")]),
        (NBIB.format("A").rstrip("\n"), "A", []),
        ("FN x\nVR 1.0\n" + WOS.format("A") + "PT J\nTI B\n" + WOS.format("C"), "AC", [(7, "begins on line 9")]),
        (BIB.format("A") + BIB.format("{B") + BIB.format("C"), "AC", [(5, "next one begins on line 9")]),
        (BIB.format("A") + BIB.format("B}") + BIB.format("C"), "AC", [(7, "left of the entry of line 5")]),
        (BIB.format("A") + "@article{k, title = {B},\n x y = 3}\n" + BIB.format("C"), "AC", [(6, "no field at 'x'")]),
        (BIB.format("A") + "@article{k, title = }\n" + BIB.format("C"), "AC", [(5, "a field has no value")]),
        (BIB.format("A") + '@article{k,\n title = "B}\n' + BIB.format("C"), "AC", [(6, "a value does not end")]),
        (BIB.format("A") + "@article{title = {B}}\n" + BIB.format("C"), "AC", [(5, "has no key")]),
        (BIB.format("A") + "@article{k, author = {B}}\n" + BIB.format("C"), "AC", [(5, "has no title")]),
        (BIB.format("A") + "@article{k, title = {B", "A", [(5, "the file ends before")]),
        ("title,year\nA,1\nB\nC,2\n", "AC", [(3, "has 1 column, the header 2")]),
        ("title,year\nA,1\nB,2,3\nC,2\n", "AC", [(3, "has 3 columns, the header 2")]),
        # A quotation mark that nobody closes costs one row, not the rest of the file.
        ('title,year\nA,1\n"B,2\nC,3\nD,4\n', "ACD", [(3, "has 1 column")]),
        ('title,year\nA,1\nB,"2\n', "A", [(3, "ends inside a quotation")]),
        ('title,year\nA,1\n"B,2\nC,3\n"D\nE",4\n', "ACD E", [(3, "column")]),
        ("title,year\nA,1\n,2\nC,2\n", "AC", [(3, "has no title")]),
        ('[{"title": "A"},\n{"title": "B" "x": 1},\n{"title": "C"}]', "AC", [(2, "not JSON: Expecting ','")]),
        ('[{"title": "A"}, {"title": "B}, {"title": "C"}, {"title": "D"}]', "ACD", [(1, "not JSON")]),
        (INDENTED, "AC", [(6, "not JSON")]),
        ('[{"title": "A"}, 7, {"title": "C"}]', "AC", [(1, "is not an object")]),
        ('[{"title": "A"}, {"title": "B", "x": NaN}, {"title": "C"}]', "AC", [(1, "not finite")]),
        ('[{"title": "A"}, {"title": "B", "x": 1e999}, {"title": "C"}]', "AC", [(1, "not finite")]),
        (nested(50), "AC", [(1, "too deeply")]),
        (nested(10**5), "AC", [(1, "too deeply")]),
        ('[{"title": "A"},\n{"title": "B"', "A", [(2, "not JSON")]),
        ('[{"title": "A"},\n', "A", [(2, "the file ends before its list does")]),
        ('{"title": "A"}\n{"title": "B"\n{"title": "C"}\n', "AC", [(3, "not JSON")]),
        ('[{"title": "A"}, {"name": "B"}, {"title": "C"}]', "AC", [(1, "has no title")]),
    ],
)  # fmt: skip
def test_a_broken_record_is_told_by_its_line_and_the_rest_is_kept(
    text: str, titles: str, told: list[tuple[int, str]]
) -> None:
    assert "".join(record.title for record in records(text)) == titles
    found = problems(text)
    assert [line for line, _ in found] == [line for line, _ in told], found
    for (_, what), (_, expected) in zip(found, told, strict=True):
        assert expected in what


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (r"G{\"o}del, {\'E}tude, \v{S}imek, \c{c}a \c ca", "Gödel, Étude, Šimek, ça ça"),
        (r"\'{\i}, \H{o}, {\aa}ngstr\"om", "í, ő, ångström"),
        (r"{\L}ukasz Stra{\ss}e \O{}stby \AE r", "Łukasz Straße Østby Ær"),
        (r"50\% \& \#1 \_x \$5 \{a\}", "50% & #1 _x $5 {a}"),
        (r"$\alpha$-GAN with $\beta_{1}$, $\alpha$1", "α-GAN with β₁, α1"),
        (r"H$_2$O, H{$_2$}O, CO\textsubscript{2}, \(k\)-NN", "H₂O, H₂O, CO₂, k-NN"),
        (r"10$^{-3}$ $\mathrm{Ca}^{2+}$ $^{18}$F 37$^\circ$C", "10⁻³ Ca²⁺ ¹⁸F 37°C"),
        (r"5$\times$5, $5 \times 5$, $p < 0.05$, $\mathbb{R}^n$, $k_{max}$", "5×5, 5 × 5, p < 0.05, Rⁿ, kₘₐₓ"),
        (r"$\frac{1}{2} \alpha x$ {$x^{\hat{2}}_q$}", r"$\frac{1}{2}\alpha{}x$ $x^{\hat{2}}_q$"),
        (r"$\unknown{x}$ $x^2^3$ $\frac{1}$", r"$\unknown{x}$ $x^2^3$ $\frac{1}$"),
        (r"costs $5", "costs $5"),
        (r"H$_2$O for $5", "H₂O for $5"),
        (r"``quoted'' -- a---b", "“quoted” – a—b"),
        (r"\emph{Deep} \textbf{learning} {MRI}~scans", "Deep learning MRI scans"),
        (r"a\~{}b \^{}", "a~b ^"),
        (r"\unknown{x} end\\", r"\unknownx end "),
        ("ends in \\", "ends in \\"),
        ("plain", "plain"),
    ],
)  # fmt: skip
def test_latex_is_read_as_unicode(source: str, said: str) -> None:
    assert latex.read(source) == said


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"])))
def test_what_is_escaped_for_latex_is_read_again(text: str) -> None:
    assert latex.read("x {" + latex.write(text) + "} y")[2:-2] == unicodedata.normalize("NFC", text)


_PIECES = [
    "$",
    "^",
    "_",
    "{",
    "}",
    r"\frac",
    r"\sqrt",
    r"\alpha",
    r"\hat",
    r"\input",
    "x",
    "2",
    "q",
    " ",
    r"\left",
    r"\mbox",
    r"\mathrm",
    r"\log",
    "[",
    "²",
    "₂",
]


@pytest.mark.parametrize(
    "source",
    [r"$\sqrt[x$", r"$\mbox{x_1}\frac12$", r"$\frac\hat{x}{y}$", r"$x^\log\frac12$", r"$x_\sqrt2$", r"$x^\hat{y}$"],
)
def test_what_would_stop_latex_is_no_formula_to_write_as_it_stands(source: str) -> None:
    assert not formulas.is_left(source)
    assert formulas.is_left(r"$\frac12\sqrt{x}\hat{y}^{a}$")


@given(st.lists(st.sampled_from(_PIECES), max_size=14))
def test_what_is_read_of_formulas_is_written_so_that_it_is_read_again(pieces: list[str]) -> None:
    said = latex.read("".join(pieces))
    for engine in ("any", "pdflatex", "xelatex"):
        written = " ".join(typesetting.word(word, engine) for word in said.split(" "))
        assert latex.read(written) == said
        assert r"\input" not in written
        assert r"\left" not in written


@pytest.mark.parametrize(
    ("text", "year", "published", "whole"),
    [
        ("2019", 2019, "", True),
        ("May ¹ 2019", 2019, "", False),
        ("2019-05-01", 2019, "2019-05-01", True),
        ("2019-05-01T10:00:00Z", 2019, "2019-05-01", True),
        ("2019-05-01 10:00", 2019, "2019-05-01", True),
        ("2019/05//", 2019, "2019-05", True),
        ("2019///", 2019, "", True),
        ("20190501", 2019, "2019-05-01", True),
        ("2019 May 1", 2019, "2019-05-01", True),
        ("1 September 2018", 2018, "2018-09-01", True),
        ("Sept. 2018", 2018, "2018-09", True),
        ("May 1, 2019", 2019, "2019-05-01", True),
        ("05/2019", 2019, "2019-05", True),
        # Americans and others read it in two ways.
        ("05/12/2019", 2019, "", False),
        ("2019-02-30", 2019, "", False),
        ("2019 Mar-Apr", 2019, "", False),
        ("Spring 2020", 2020, "", False),
        ("n.d.", None, "", False),
        ("", None, "", False),
        ("12345", None, "", False),
    ],
)
def test_dates_are_read_as_exactly_as_they_are_clear(text: str, year: int | None, published: str, whole: bool) -> None:
    assert dates.read(text) == (year, published, whole)


SCOPUS = "Title,Year,Source title,EID,Author full names"


@pytest.mark.parametrize(
    ("header", "row", "authors"),
    [
        ("Cites,Authors,Title", '1,"A Einstein, Plato",T', ["A Einstein", "Plato"]),
        ("Cites,Authors,Title", '1,"张三, 李四",T', ["张三", "李四"]),
        ("Cites,Authors,Title", '1,"A Einstein; B Podolsky",T', ["A Einstein", "B Podolsky"]),
        ("Cites,Authors,Title", '1,"A Einstein, ...",T', ["A Einstein"]),
        ("title,authors", 'T,"Schlegl, Thomas"', ["Schlegl, Thomas"]),
        ("title,authors", 'T,"A Einstein, B Podolsky"', ["A Einstein", "B Podolsky"]),
        ("title,author", "T,A Einstein and B Podolsky", ["A Einstein", "B Podolsky"]),
        ("Title,Year,Source title,EID,Authors", 'T,2019,J,1,"Schlegl T., Seeböck P."', ["Schlegl T.", "Seeböck P."]),
        (SCOPUS, 'T,2019,J,1,"García López, Ana María (57190000001)"', ["García López, Ana María"]),
        (SCOPUS, 'T,2019,J,1,"Bee, C. (57190000001); Dee, E. (57190000002)"', ["Bee, C.", "Dee, E."]),
        ("Key,Item Type,Publication Year,Title,Author", 'K,book,2019,T,"García López, Ana"', ["García López, Ana"]),
    ],
)  # fmt: skip
def test_authors_are_parted_as_their_source_joins_them(header: str, row: str, authors: list[str]) -> None:
    assert list(one(f"{header}\n{row}\n").authors) == authors


def test_what_publish_or_perish_cut_is_marked() -> None:
    record = one('Cites,Authors,Title,Source\n3,"A Bee, C Dee…","… of a title …",Journal of …\n')
    assert (record.title, record.authors, record.venue) == ("of a title", ("A Bee", "C Dee"), "Journal of")
    assert record.cut == ("title", "venue", "authors")
    # Another source means its dots.
    assert one("title\nWhat is next...\n").title == "What is next..."


def test_columns_of_one_name_and_names_of_fields_are_kept_apart() -> None:
    record = one("title,id,row,note,note,extra,about\nT,7,9,a,b,c,d\n")
    assert record.extra == {
        "source_id": "7",
        "source_row": "9",
        "note": ["a", "b"],
        "source_extra": "c",
        "source_about": "d",
    }


def test_numbers_that_cannot_be_are_kept_as_they_came() -> None:
    record = one("Cites,Authors,Title,Year,GSRank,DOI\nmany,A B,T,soon,0,none\n")
    assert (record.citations, record.year, record.rank, record.doi) == (None, None, 0, "")
    assert record.extra == {"Cites": "many", "Year": "soon", "GSRank": "0", "DOI": "none"}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (RIS.replace("JOUR", "PAT").format("T"), "patent"),
        (RIS.replace("JOUR", "GEN").format("T"), ""),
        ("TY  - JOUR\nTI  - T\nT2  - arXiv preprint\nER  - \n", "repository"),
        ("@techreport{k, title={T}}", "report"),
        ("@misc{k, title={T}, type={Preprint}}", "repository"),
        ("PMID- 1\nTI  - T\nPT  - Journal Article\nPT  - Preprint\n", "repository"),
        ("FN x\nVR 1.0\nPT J\nTI T\nDT Article; Book Chapter\nER\n", "book"),
        ("Title,Year,Source title,EID,Document Type\nT,2019,J,1,Conference Paper\n", "conference"),
        ("Cites,Authors,Title,Type\n1,A B,T,posted-content\n", "repository"),
    ],
)
def test_what_a_venue_is_comes_from_the_type_of_the_document(text: str, what: str) -> None:
    assert one(text).venue_type == what


def test_a_huge_field_and_a_nul_are_read() -> None:
    long = "word " * 2_000_000
    assert len(one(f'title,abstract\nT,"{long}"\n').abstract) == len(long) - 1
    assert len(one(f"TY  - JOUR\nTI  - T\nAB  - {long}\nER  - \n").abstract) == len(long) - 1
    assert len(one(json.dumps([{"title": "T", "abstract": long}])).abstract) == len(long) - 1
    assert len(one(f"@misc{{k, title={{T}}, abstract={{{long}}}}}").abstract) == len(long) - 1
    assert one("title,year\nA\0B,2019\n").title == "A B"


def test_json_is_read_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    said = [{"title": f'T{n} ü \\ " {{[', "year": 2000 + n, "x": [{"y": -1.5e3}, None, True]} for n in range(20)]
    for indent in (None, 1, "\t"):
        text = json.dumps(said, indent=indent)
        whole = read(text)
        assert len(whole) == 20
        for size in (1, 2, 7, 50, 1000):
            monkeypatch.setattr(objects, "_CHUNK", size)
            assert read(text) == whole
        monkeypatch.undo()


def test_rows_after_many_open_quotation_marks_take_no_long_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "_MOST_LINES", 50)
    text = "title,year\n" + "".join(f'"A{n},1\nB{n},2\n\n' for n in range(0, 2000, 2))
    assert len(records(text)) >= 1000


def test_rispy_reads_the_same_from_a_good_file() -> None:
    theirs = rispy.loads(text_of("references.ris"))
    ours = records(text_of("references.ris"))
    assert [r.get("title") or r["primary_title"] for r in theirs][1:] == [r.title for r in ours][1:]
    assert [tuple(r.get("authors", r.get("first_authors", ()))) for r in theirs] == [r.authors for r in ours]
    assert [r.get("abstract", "") for r in theirs] == [r.abstract for r in ours]


def test_bibtexparser_reads_the_same_from_a_good_file() -> None:
    theirs = bibtexparser.loads(text_of("references.bib"))
    ours = {r.extra["citation_key"]: r for r in records(text_of("references.bib"))}
    assert {e["ID"] for e in theirs.entries} == ours.keys()
    for entry in theirs.entries:
        assert (entry["ENTRYTYPE"], entry["year"] if "year" in entry else entry["date"][:4]) == (
            ours[entry["ID"]].extra["entry_type"],
            str(ours[entry["ID"]].year),
        )


HOSTILE = [
    r"50% of $x$ & y_1 #2 ~ ^ \ {a} \textbf{b}",
    "unbalanced { brace",
    "unbalanced } brace",
    "}{ braces",
    "ends in \\",
    "[PDF] leading bracket",
    "\"quoted\" 'title' ``x''",
    "α-GAN für Größe",
    "异常检测 in 医学",
    "two\nlines",
    "a -- b --- c - d – e",
    "@article{x, y}",
    "TY  - JOUR",
    "ER  - ",
    "MRI and CT",
    "A, B; C and D",
    "i\u0307 decomposed",
    "100\\%",
    "x~y",
    "a\u00a0b",
    "title, with = and #",
]
LETTERS = st.sampled_from(string.ascii_letters + "{}\\$&%#_~^-–—`'\"@,;=()[]é ß中α")
WORDS = st.one_of(st.sampled_from(HOSTILE), st.text(alphabet=LETTERS, min_size=1, max_size=30)).filter(
    lambda text: any(letter.isalnum() for letter in text)
)
COMMON_NAMES = ("Schlegl, Thomas", "O'Neil", "Research and Development Group", "Müller, K.", "and", "{Group}", "A & B")
# A semicolon parts names in the database, and some words say that a list goes on.
NAMES = (
    st.one_of(st.sampled_from(COMMON_NAMES), WORDS)
    .map(lambda name: name.replace(";", "").strip())
    .filter(lambda name: any(c.isalnum() for c in name) and name.lower() not in ("others", "et al", "et al."))
)
PAPERS = st.builds(
    Paper,
    id=st.just("p"),
    key=st.just("key2019word"),
    study=st.just("p"),
    records=st.just(()),
    title=WORDS,
    authors=st.lists(NAMES, max_size=3).map(tuple),
    year=st.one_of(st.none(), st.integers(1900, 2030)),
    venue=st.one_of(st.just(""), WORDS),
    volume=st.sampled_from(["", "12", "12(3)", "(3)", "11383 LNCS"]),
    pages=st.sampled_from(["", "1–10", "e123", "5"]),
    doi=st.sampled_from(["", "10.1000/x_y", "10.1002/(sici)1097<1661::aid>3.0.co;2-2"]),
    url=st.sampled_from(["", "https://example.org/~a_b?c=%20&d=1#e"]),
    abstract=st.one_of(st.just(""), WORDS),
    citations=st.none(),
    venue_type=st.sampled_from(["", *VENUE_TYPES]),
    published=st.just(""),
)


def same(paper: Paper, record: Record, cleaned: dict[str, Any]) -> None:
    for name in ("title", "venue", "abstract"):
        assert getattr(record, name) == cleaned[name], name
    for name in ("year", "volume", "pages", "doi", "url", "published"):
        assert getattr(record, name) == getattr(paper, name), name
    assert list(record.authors) == cleaned["authors"]
    # A volume without a type is taken for that of a journal; an article in a journal called so, for a preprint.
    if paper.venue_type and not (paper.venue_type == "journal" and record.venue_type == "repository"):
        assert record.venue_type == paper.venue_type


@given(PAPERS)
def test_what_is_exported_as_ris_is_imported_again(paper: Paper) -> None:
    texts = {name: clean(getattr(paper, name)) for name in ("title", "venue", "abstract")}
    record = one(writing.ris([paper]))
    assert record.extra["source_id" if "source_id" in record.extra else "ID"] == paper.key
    # RIS has the family name first: another spelling of the same name, and none the second time.
    assert list(map(surname, record.authors)) == list(map(surname, paper.authors))
    both = zip(record.authors, paper.authors, strict=True)
    spelled = [one if sorted(words(one)) == sorted(words(other)) else clean(other) for one, other in both]
    same(paper, record, {**texts, "authors": spelled})
    assert writing.ris([replace(paper, authors=record.authors)]) == writing.ris([paper])
    assert citation_key(record.authors, paper.year, paper.title) == citation_key(paper.authors, paper.year, paper.title)
    assert _csl_authors(replace(paper, authors=record.authors)) == _csl_authors(paper)


def _csl_authors(paper: Paper) -> Any:  # noqa: ANN401 - JSON
    return json.loads(writing.csl_json([paper]))[0].get("author")


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Thomas Schlegl", "Schlegl, Thomas"),
        ("K. M. van Hespen", "van Hespen, K. M."),
        ("van Hespen KM", "van Hespen, KM"),
        ("Schlegl, Thomas", "Schlegl, Thomas"),
        ("Schlegl,T", "Schlegl,T"),
        ("de la Cruz, III, Ana", "de la Cruz, Ana, III"),
        ("Martin King Jr.", "Martin King Jr."),
        ("OpenAI", "OpenAI"),
        ("World Health Organization", "World Health Organization"),
    ],
)
def test_ris_has_the_family_name_first(name: str, written: str) -> None:
    made = paper(authors=(name,), besides={"corporate": ("World Health Organization",), "editor": (name,)})
    lines = writing.ris([made]).splitlines()
    assert f"AU  - {written}" in lines
    assert f"A2  - {written}" in lines


@given(PAPERS)
def test_what_is_exported_as_bibtex_is_imported_again(paper: Paper) -> None:
    texts = {name: unicodedata.normalize("NFC", clean(getattr(paper, name))) for name in ("title", "venue", "abstract")}
    record = one(writing.bibtex([paper]))
    assert record.extra["citation_key"] == paper.key
    same(paper, record, {**texts, "authors": [unicodedata.normalize("NFC", clean(a)) for a in paper.authors]})


def paper(**said: object) -> Paper:
    blank = dict.fromkeys(("venue", "volume", "pages", "doi", "url", "abstract", "venue_type", "published"), "")
    whole = {"id": "p", "key": "key", "study": "p", "records": (), "authors": (), "year": None, "citations": None}
    return Paper(**{**whole, **blank, "title": "T", **said})


def test_dates_survive_both_formats() -> None:
    for published in ("2019-05", "2019-05-07"):
        made = paper(year=2019, published=published)
        assert one(writing.ris([made])).published == published
        assert one(writing.bibtex([made])).published == published


def test_names_in_titles_keep_their_capitals() -> None:
    def title(text: str) -> str:
        return writing.bibtex([paper(title=text)]).split("title = ")[1].splitlines()[0].strip(",")

    assert title("Anomaly detection in brain MRI by f-AnoGAN") == "{Anomaly detection in brain {MRI} by {f-AnoGAN}}"
    assert title("Learning from Alzheimer patients") == "{Learning from {Alzheimer} patients}"
    assert title("Proceedings of the Tenth Meeting with Parents") == "{Proceedings of the Tenth Meeting with Parents}"
    assert title("Deep Learning for Brain MRI Scans") == "{Deep Learning for Brain {MRI} Scans}"


@pytest.mark.parametrize(
    "title",
    [
        # Each part of an ordinary word in title case is a capital with small letters.
        "Self-Supervised Masked Mesh Learning",
        "Learning a Two-Stage Framework: A Teacher--Student View",
        "Competency-Aware Planning and/or Population-Level Monitoring, Image-to-Image",
        "Fast {U-Net} Models for Chest {X-ray} Images",
        "{U-Net}: Convolutional Networks for Biomedical Images",
        "Clustering Images by {K-means} and {k-Means} With Care",
        "Segmenting {T1-weighted} Scans and {T2}-Weighted Scans at {3T} in {3-D}",
        "Detecting {COVID-19} With {f-AnoGAN} and {CycleGAN}-Based Models, {X-Ray}-Guided",
        "Training a {Swin-UNETR,} {GANs} and {pix2pixHD} or Bayes-Net for {MRI}-Based/Guided Care",
        "Vitamin {D} in Patients After {O'Neil,} Phase {II} {H$_{2}$O}-Based",
        # In sentence case, each capital is a name's, but the first one and that after a colon.
        "Semi-supervised learning from {Alzheimer} patients with {Bayes-Net} and chest {X-ray} images",
        "{GANomaly}: Semi-supervised anomaly detection via adversarial training",
        "{Gauss-Markov} models of noise in scans",
        "X-ray images of lungs",
    ],
)
def test_ordinary_words_of_titles_are_left_to_styles(title: str) -> None:
    text = latex.read(title)
    assert f"  title = {{{title}}},\n" in writing.bibtex([paper(title=text)])
    assert one(writing.bibtex([paper(title=text)])).title == text


@pytest.mark.parametrize(
    ("said", "begins"),
    [
        ({"venue": "J", "venue_type": "journal"}, "@article{key,\n  title = {T},\n  journal = {J},"),
        ({"venue": "P", "venue_type": "conference"}, "@inproceedings{key,\n  title = {T},\n  booktitle = {P},"),
        ({"venue": "B", "venue_type": "book"}, "@incollection{key,"),
        ({"venue_type": "book"}, "@book{key,"),
        ({"venue": "U", "venue_type": "thesis"}, "@phdthesis{key,\n  title = {T},\n  school = {U},"),
        ({"venue": "arXiv", "venue_type": "repository"}, "@misc{key,\n  title = {T},\n  howpublished = {arXiv},"),
        ({"venue": "J", "volume": "3"}, "@article{key,"),
        ({"authors": ("A B", "et al.")}, "@misc{key,\n  author = {A B and others},"),
    ],
)
def test_bibtex_has_the_entry_that_fits_the_venue(said: dict[str, Any], begins: str) -> None:
    assert writing.bibtex([paper(**said)]).startswith(begins)


#: Of schemas/input/csl-data.json in https://github.com/citation-style-language/schema (read in November 2026), what an
#: item must have, the kinds of item that we tell, and what the other properties hold; an item may have no further ones.
CSL_REQUIRED = {"type", "id"}
CSL_TYPES = {
    "article",
    "article-journal",
    "book",
    "chapter",
    "document",
    "paper-conference",
    "patent",
    "report",
    "thesis",
}
CSL_TEXTS = {
    "abstract", "container-title", "DOI", "genre", "id", "issue", "page", "publisher", "title", "type", "URL", "volume",
}  # fmt: skip
CSL_NAMES = ({"family", "given"}, {"family", "given", "suffix"}, {"literal"})


@given(st.lists(PAPERS, max_size=3))
def test_csl_json_keeps_to_the_published_schema(made: list[Paper]) -> None:
    items = json.loads(writing.csl_json(made))
    assert len(items) == len(made)
    for item in items:
        assert set(item) >= CSL_REQUIRED
        assert set(item) <= CSL_TEXTS | {"author", "issued"}
        assert item["type"] in CSL_TYPES
        assert all(isinstance(item[name], str) and item[name] for name in item if name in CSL_TEXTS)
        assert all(set(name) in CSL_NAMES and all(name.values()) for name in item.get("author", []))
        if "issued" in item:
            (parts,) = item["issued"]["date-parts"]
            assert 1 <= len(parts) <= 3
            assert all(isinstance(part, int) for part in parts)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Thomas Schlegl", {"family": "Schlegl", "given": "Thomas"}),
        ("Schlegl, Thomas", {"family": "Schlegl", "given": "Thomas"}),
        ("Schlegl T", {"family": "Schlegl", "given": "T"}),
        ("K. M. van Hespen", {"family": "van Hespen", "given": "K. M."}),
        ("OpenAI", {"literal": "OpenAI"}),
    ],
)
def test_csl_json_tells_family_names_from_given_ones(name: str, parts: dict[str, str]) -> None:
    # That a list goes on is nobody's name.
    for authors in ((name,), (name, "et al.")):
        assert json.loads(writing.csl_json([paper(authors=authors)]))[0]["author"] == [parts]


@pytest.mark.parametrize(
    ("said", "item"),
    [
        (
            {"venue": "J", "venue_type": "journal", "volume": "12(3)"},
            {"container-title": "J", "volume": "12", "issue": "3"},
        ),
        ({"venue": "U", "venue_type": "thesis"}, {"type": "thesis", "publisher": "U"}),
        ({"venue_type": "book"}, {"type": "book"}),
        ({"venue_type": "repository"}, {"type": "article", "genre": "preprint"}),
        ({"year": 2019, "published": "2019-05-07"}, {"issued": {"date-parts": [[2019, 5, 7]]}}),
        ({"year": 2019, "published": "2018-12"}, {"issued": {"date-parts": [[2019]]}}),
    ],
)
def test_csl_json_says_what_the_paper_says(said: dict[str, Any], item: dict[str, Any]) -> None:
    assert json.loads(writing.csl_json([paper(**said)]))[0].items() >= item.items()


@pytest.mark.parametrize(
    ("authors", "named"),
    [
        ((), ""),
        (("A. B. Li",), "Li"),
        (("A Li", "B van Ek"), "Li and van Ek"),
        (("A Li", "B Ek", "C Oh"), "Li et al."),
        (("A Li", "B Ek", "et al."), "Li et al."),
        (("et al.",), ""),
    ],
)
def test_a_row_of_a_latex_table_cites_and_escapes(authors: tuple[str, ...], named: str) -> None:
    made = paper(authors=authors, year=2019, title="50% of \\input{x} & more", venue="P_1")
    head, _, row = writing.latex_rows([made]).splitlines()
    assert head == "% Rows of a table: reference & authors & year & title & venue. Written by reviewdb."
    title = r"50\% of \textbackslash{}input\textbraceleft{}x\textbraceright{} \& more"
    assert row == rf"\cite{{key}} & {named} & 2019 & {title} & P\_1 \\"


def test_random_bytes_of_samples_never_break_a_reader() -> None:
    chance = random.Random(5)
    for name in KINDS:
        text = text_of(name)
        for _ in range(60):
            letters = list(text)
            for _ in range(chance.randint(1, 8)):
                at = chance.randrange(len(letters))
                letters[at] = chance.choice(['"', "{", "}", "\n", "\t", "\\", "", "@", ",", "\0", "[", "é"])
            damaged = "".join(letters)
            form = formats.recognise(damaged)
            for found in form.read(io.StringIO(damaged)) if form else ():
                assert isinstance(found, Problem) or entries.of_record(found.record)["title"]


@pytest.mark.parametrize("text", ["A––", "–-", "-–", "—–", "–—", "a--b", "---", "–", "a—"])
def test_dashes_that_meet_stay_what_they_are(text: str) -> None:
    for engine in ("any", "pdflatex", "xelatex"):
        assert latex.read(typesetting.word(text, engine)) == text
