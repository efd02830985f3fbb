"""Normalised text: words and their places, names, citation keys, DOIs, full-text queries."""

from __future__ import annotations

import json
import sqlite3
import unicodedata
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewdb.text import ancestors, citation_key, clean, doi, fold, full_text_query, surname, tokens, words

MINI_REVIEW = Path(__file__).parents[1] / "data" / "searches" / "2021-mini-review.jsonl"

KEYS = """
ouardini2019practical schlegl2017unsupervised schlegl2019fanogan seebock2019exploiting zhao2021anomaly
nakao2021unsupervised zhang2020viral wolleb2020descargan kim2021chest tlusty2018unsupervised
quellec2016multipleinstance wei2018anomaly sato2018primitive pawlowski2018unsupervised
armanious2019unsupervised mejia2017pca khosla2019detecting kuo2016framework atlason2019unsupervised
alaverdyan2018unsupervised chen2019unsupervised bowles2017brain zuo2018automatic alaverdyan2020regularized
popescu2021distributional baur2021modeling heer2021ood baur2020steganomaly baur2018deep
zimmerer2019unsupervised vanhespen2021anomaly han2021madgan li2016quality you2019unsupervised
fujioka2020efficient stepec2020image venkataramanan2020attention li2015outlier li2015burn
""".split()  # noqa: SIM905 - a list of 39 lines says no more

# Letters, accents of their own, marks of every kind: what titles and queries are made of.
written = st.text(
    st.one_of(st.sampled_from("aAbé e\u0301\u0308øßİıſ™ﬁ-_\"*():^+{}.,'’ \u00ad\u200b王い가אå½²"), st.characters())
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Seeböck", "seebock"),
        ("Seebo\u0308ck", "seebock"),
        ("Štepec", "stepec"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("Møller Łukasz Đorđe", "moller lukasz dorde"),
        ("İstanbul ısı", "istanbul isi"),
        ("ﬁne ™ ℌ", "fine tm h"),
        ("医学", "医学"),
    ],
)
def test_folding_leaves_what_a_reader_takes_for_the_same(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(written)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(written)
def test_upper_case_and_decomposed_spellings_fold_alike(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))
    if text.isascii():
        assert fold(text.upper()) == fold(text)


@given(written)
def test_a_token_lies_where_it_says(text: str) -> None:
    found = tokens(text)
    assert all(text[token.start : token.end] == token.raw for token in found)
    assert all(token.folded == fold(token.raw) for token in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert "".join(c for c in text if c.isalnum()) == "".join(c for t in found for c in t.raw if c.isalnum())


def test_a_letter_with_its_accent_apart_does_not_end_a_word() -> None:
    assert [token.raw for token in tokens("Seebo\u0308ck et al")] == ["Seebo\u0308ck", "et", "al"]
    assert words("Seebo\u0308ck-Orlando_2019") == ["seebock", "orlando", "2019"]


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  two\u00a0 \n\twords ", "two words"),
        ("ano\u00admaly de\u200btection\ufeff", "anomaly detection"),
        ("a\u2028b\u0000c\ud800d", "a b c d"),
        ("\u00a0", ""),
    ],
)
def test_cleaned_text_is_one_line(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@given(st.text(st.characters(exclude_categories=())))
def test_cleaned_text_is_printable_and_stays_as_it_is(text: str) -> None:
    once = clean(text)
    assert once.isprintable()
    assert clean(once) == once


@pytest.mark.parametrize(
    ("author", "family"),
    [
        ("Thomas Schlegl", "schlegl"),
        ("T. Schlegl", "schlegl"),
        ("Schlegl, Thomas", "schlegl"),
        ("Schlegl, T.", "schlegl"),
        ("Schlegl T", "schlegl"),
        ("Schlegl TM", "schlegl"),
        ("SCHLEGL T.M.", "schlegl"),
        ("schlegl", "schlegl"),
        ("K. M. van Hespen", "van hespen"),
        ("van Hespen, K. M.", "van hespen"),
        ("van Hespen KM", "van hespen"),
        ("van Hespen", "van hespen"),
        ("de la Cruz J", "de la cruz"),
        ("Juan de la Cruz", "de la cruz"),
        ("m. e. Tschuchnig", "tschuchnig"),
        ("thomas schlegl", "schlegl"),
        ("ludwig van beethoven", "van beethoven"),
        ("C.-M. Kim", "kim"),
        ("Y. Li", "li"),
        ("Li Y", "li"),
        ("F. Garcia-Lopez", "garcia lopez"),
        ("Garcia-Lopez F", "garcia lopez"),
        ("G. O'Brien", "o brien"),
        ("P. Seeböck", "seebock"),
        ("John Smith Jr.", "smith"),
        ("John Smith, Jr.", "smith"),
        ("Smith, John, Jr.", "smith"),
        ("Smith Jr, John", "smith"),
        ("John Smith III", "smith"),
        ("Schlegl et al.", "schlegl"),
        ("K. M. van Hespen et al.", "van hespen"),
        ("Schlegl T...", "schlegl"),
        ("王伟", "王伟"),
        ("王, 伟", "王"),
        ("et al.", ""),
        ("et. al.", ""),
        ("and others", ""),
        ("…", ""),
        (" , ", ""),
        ("", ""),
    ],
)
def test_the_family_name_is_found_however_a_name_is_written(author: str, family: str) -> None:
    assert surname(author) == family


@given(written)
def test_a_family_name_is_folded_words(author: str) -> None:
    family = surname(author)
    assert family == " ".join(words(family))


def test_citation_keys_are_those_that_an_author_expects() -> None:
    hits = [json.loads(line) for line in MINI_REVIEW.read_text(encoding="utf-8").splitlines()[1:]]
    assert [citation_key(hit["authors"], hit["year"], hit["title"]) for hit in hits] == KEYS


@pytest.mark.parametrize(
    ("authors", "year", "title", "key"),
    [
        ([], 2020, "Editorial", "anonymous2020editorial"),
        (["王伟"], 2020, "深度学习", "anonymous2020untitled"),
        (["王伟"], 2020, "深度 deep learning", "anonymous2020deep"),
        (["et al."], None, "The of a", "anonymousnduntitled"),
        (["Ł. Kaiser"], 2017, "What is “Attention”?", "kaiser2017attention"),
        (["A" * 1000], 2020, "b" * 1000, f"{'a' * 40}2020{'b' * 40}"),
    ],
)
def test_a_citation_key_is_made_of_what_there_is(authors: list[str], year: int | None, title: str, key: str) -> None:
    assert citation_key(authors, year, title) == key


@given(st.lists(written), st.none() | st.integers(1000, 2999), written)
def test_a_citation_key_is_ascii_letters_and_digits_and_begins_with_a_letter(
    authors: list[str], year: int | None, title: str
) -> None:
    key = citation_key(authors, year, title)
    assert key.isascii()
    assert key.isalnum()
    assert key == key.lower()


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("10.1016/j.media.2019.01.010", "10.1016/j.media.2019.01.010"),
        ("https://doi.org/10.1148/RYAI.2021190169", "10.1148/ryai.2021190169"),
        ("http://dx.doi.org/10.1000/x/", "10.1000/x"),
        ("https://doi.org/10.1000%2Fx%28y%29", "10.1000/x(y)"),
        ("doi:10.1000/x.", "10.1000/x"),
        ("DOI 10.1000.10/123;", "10.1000.10/123"),
        ("<https://doi.org/10.1000/x>", "10.1000/x"),
        ('"10.1000/x"', "10.1000/x"),
        ("(see 10.1016/S0140-6736(05)12345-6).", "10.1016/s0140-6736(05)12345-6"),
        ("10.1016/0370-2693(92)90001-(A)", "10.1016/0370-2693(92)90001-(a)"),
        ("10.1002/(SICI)17:15/16<1661::AID-SIM968>3.0.CO;2-2", "10.1002/(sici)17:15/16<1661::aid-sim968>3.0.co;2-2"),
        ("10.48550/arXiv.2108.11986", "10.48550/arxiv.2108.11986"),
        ("10.1000/).", ""),
        ("10.1/x", ""),
        ("2010.1000/x", ""),
        ("none", ""),
        ("", ""),
    ],
)
def test_a_doi_is_bare_however_it_is_written(text: str, bare: str) -> None:
    assert doi(text) == bare
    assert doi(bare) == bare


@given(st.text("10./()<>[].,;%2Fdoi:x "))
def test_a_bare_doi_stays_as_it_is(text: str) -> None:
    assert doi(doi(text)) == doi(text)


DOCUMENTS = (
    "f-AnoGAN: fast unsupervised anomaly detection",
    "Deep autoencoding models for anomaly detection",
    "Anomaly in detection of Møller by Seeböck",
    "Deep learning",
)


def found(query: str) -> list[int]:
    """Return the numbers of the documents that SQLite finds."""
    asked = full_text_query(query)
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE VIRTUAL TABLE t USING fts5 (x, tokenize = 'porter unicode61 remove_diacritics 2')")
        database.executemany("INSERT INTO t VALUES (?)", [(document,) for document in DOCUMENTS])
        rows = database.execute("SELECT rowid FROM t WHERE t MATCH ? ORDER BY rowid", [asked]) if asked else ()
        return [row[0] for row in rows]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("anomaly detection", [1, 2, 3]),
        ('"anomaly detection"', [1, 2]),
        ('"anomaly detection', [1, 2]),
        ("autoenc*", [2]),
        ("autoenc", []),
        ("anomaly -deep", [1, 3]),
        ('anomaly -"anomaly detection"', [3]),
        ("anomaly -deep -seebock", [1]),
        ("f-anogan", [1]),
        ("F-ANOGAN", [1]),
        ("-deep", [1, 3]),
        ("-anomaly -learn*", []),
        ("-", []),
        ('deep"learning"', [4]),
        ('learning"deep', [4]),
        ("Seeböck", [3]),
        ("Seebo\u0308ck", [3]),
        ("Møller", [3]),
        ("autoencoding Møller", []),
        ("deep AND learning", []),
        ("title:deep", []),
        ("deep) OR (anomaly", []),
        ("deep*", [2, 4]),
        ("***", []),
        ("", []),
    ],
)
def test_a_query_finds_what_a_person_means(query: str, numbers: list[int]) -> None:
    assert found(query) == numbers


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("deep ??? -- learning", '"deep" AND "learning"'),
        ('f-anogan auto* -mri -"head CT"', '("f anogan" AND "auto"*) NOT ("mri" OR "head ct")'),
    ],
)
def test_a_query_is_asked_in_the_words_of_sqlite(query: str, asked: str) -> None:
    assert full_text_query(query) == asked


@given(written)
def test_sqlite_takes_any_query(query: str) -> None:
    found(query)


def test_sqlite_takes_a_query_of_a_thousand_words() -> None:
    many = " ".join(f"w{n}" for n in range(1000))
    assert found(f"{many} deep") == []
    assert found("deep -" + many.replace(" ", " -")) == [2, 4]


@given(st.lists(st.sampled_from("abc"), min_size=1))
def test_a_code_and_its_ancestors_are_each_the_beginning_of_the_next(parts: list[str]) -> None:
    code = ".".join(parts)
    chain = [*ancestors(code), code]
    assert [step.count(".") for step in chain] == list(range(len(parts)))
    assert all(code == step or code.startswith(f"{step}.") for step in chain)
