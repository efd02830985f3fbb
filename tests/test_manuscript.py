"""Manuscripts: which keys LaTeX files cite, with file and line, and the export of exactly these papers."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from conftest import Program
from hypothesis import given
from hypothesis import strategies as st

from reviewdb import manuscript
from reviewdb.errors import ReviewError
from reviewdb.formats.citations import read
from reviewdb.review import Review

A, B = "schlegl2017unsupervised", "baur2018deep"


@pytest.mark.parametrize(
    ("source", "keys"),
    [
        (r"\cite{a}", "a"),
        (r"\cite{a,b, c ,,d}", "a b c d"),
        ("\\cite{a,%\n  b}", "a b"),
        (r"\citep[see][p.~5]{a} \citet*{b} \Citet{c} \citealp{d}", "a b c d"),
        (r"\textcite{a}\parencite[][5]{b}\autocite*{c}\footcite{d}\fullcite{e}\Autocite{f}", "a b c d e f"),
        (r"\cites[1]{a}[2]{b,c}{d} {no}", "a b c d no"),
        (r"\textcites(pre)(post)[x]{a}[y]{b} text {no}", "a b"),
        (r"\cite{a} {no}", "a"),
        (r"\cite[{see [x] \cite{b}}][]{a}", "a b"),
        (r"\nocite{a}\nocite{*}", "a *"),
        (r"\citeauthor{a} \citeyear{b} \citeyearpar{c} \citenum{d}", "a b c d"),
        (r"% \cite{no}" + "\n" + r"10\% \cite{a} \\% \cite{no}", "a"),
        (
            r"\verb|\cite{no}| \begin{verbatim}\cite{no}\end{verbatim} \begin{comment}\cite{no}\end{comment}\cite{a}",
            "a",
        ),
        (r"\citestyle{no}\setcitestyle{no}\citetext{no}\excite{no}\recite \DeclareCiteCommand{\no}{x}", ""),
        (r"\cite{a}\end{document}\cite{no}", "a"),
        (r"\cite", ""),
        (r"\cite{a", ""),
        (r"\cite[x", ""),
        ("\\cite\n[p. 1]\n{a}", "a"),
        (r"\cite{key:with/marks.x-1_2}", "key:with/marks.x-1_2"),
    ],
)
def test_what_is_cited(source: str, keys: str) -> None:
    assert sorted(one.key for one in read(source).cited) == sorted(keys.split())


def test_files_and_lines() -> None:
    source = "% x\n\\input{one}\n\\include{two} \\input three\n% \\input{no}\n\\cite{a,\n b}\n\\import{dir/}{four}\n"
    source += "\\includegraphics[width=\\linewidth]{map}"
    found = read(f"{source}\n\\bibliography{{made/a, b}}\\addbibresource[glob]{{c.bib}} % \\bibliography{{no}}")
    assert found.libraries == ["made/a", "b", "c.bib"]
    assert [(one.key, one.line) for one in found.cited] == [("a", 5), ("b", 6)]
    assert [(one.path, one.line) for one in found.taken] == [("one", 2), ("two", 3), ("three", 3), ("dir/four", 7)]


@given(st.text(st.one_of(st.sampled_from("\\{}[](),%\n*cite "), st.characters(max_codepoint=300)), max_size=60))
def test_no_text_stops_the_reading(text: str) -> None:
    read(text)
    cited = read(text.replace("\\", "").replace("%", "") + "\n\\cite{known}").cited
    assert "known" in [one.key for one in cited]


def test_files_are_followed_from_the_first_one_and_never_in_circles(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "paper.tex").write_text("\\cite{a}\n\\include{parts/one}\\input{gone}\\input{parts/old}")
    (tmp_path / "parts" / "one.tex").write_bytes(
        b"\xef\xbb\xbf\n\\cite{b} caf\xe9 \\input{paper}\\input{parts/two.tex}\\input{near}"
    )
    (tmp_path / "parts" / "two.tex").write_text("\\cite{a,c}")
    (tmp_path / "parts" / "near.tex").write_text("\\cite{d}")
    (tmp_path / "parts" / "old").write_text("\\cite{e}")
    found = manuscript.cited([tmp_path / "paper.tex"])
    assert {key: (Path(path).name, line) for key, (path, line) in found.keys.items()} == {
        "a": ("paper.tex", 1), "b": ("one.tex", 2), "c": ("two.tex", 1), "d": ("near.tex", 1), "e": ("old", 1),
    }  # fmt: skip
    (problem,) = found.problems
    assert str(problem).startswith(f"{tmp_path / 'paper.tex'}:2: gone is not there")
    with pytest.raises(ReviewError, match="could not be read"):
        manuscript.cited([tmp_path])


def test_bibtex_has_exactly_what_is_cited_and_tells_of_the_rest(
    built: Review, program: Program, tmp_path: Path
) -> None:
    (tmp_path / "paper.tex").write_text(f"\\cite{{{A}}}\n\\input{{more}}\n")
    (tmp_path / "more.tex").write_text(f"\n\\citep[5]{{{B}, schlegl2017unsupervized, kingma2014}}\n")
    done = program("--review", built.root, "export", "bibtex", "--cited-in", "paper.tex")
    assert done.returncode == 0
    assert [line.split("{")[1].strip(",") for line in done.stdout.splitlines() if line.startswith("@")] == [A, B]
    assert (
        "more.tex:2: schlegl2017unsupervized is no paper of this review. Did you mean schlegl2017unsupervised?"
        in done.stderr
    )
    assert "more.tex:2: kingma2014 is no paper" in done.stderr
    assert "2 papers" in done.stderr
    (tmp_path / "all.tex").write_text(r"\nocite{*}")
    (tmp_path / "own.tex").write_text(r"\cite{kingma2014,ho2020,lin1991}\cite{knuth1984, \n vapnik1995}")
    noisy = program("--review", built.root, "export", "bibtex", "--cited-in", "own.tex").stderr.splitlines()
    named = "kingma2014, ho2020, lin1991 and 2 more are no papers of this review."
    assert noisy == [f"own.tex:1: {named} Left out; have them in another .bib.", "0 papers"]
    # What an author keeps in another library needs no word; what is ours is about to be written anew.
    (tmp_path / "mine.bib").write_text("@book{kingma2014, title={A}}\n @misc( ho2020 , title={B})\n")
    (tmp_path / "made.bib").write_text("% Written by reviewdb\n@misc{lin1991, title={C}}\n")
    (tmp_path / "own.tex").write_text(r"\cite{kingma2014,ho2020,lin1991}\bibliography{made,mine,gone}")
    quiet = program("--review", built.root, "export", "bibtex", "--cited-in", "own.tex").stderr.splitlines()
    what = "own.tex:1: lin1991 is no paper of this review. Left out; have it in another .bib."
    assert quiet == [what, "0 papers"]
    for name, text in (("notes.md", b"# Notes\n"), ("paper.pdf", b"%PDF-1.5\n\xff\xfe\n")):
        (tmp_path / name).write_bytes(text)
        other = program("--review", built.root, "export", "bibtex", "--cited-in", name, "-o", "out.bib")
        assert other.returncode == 1
        assert f"{name} is no LaTeX: it cites nothing and takes nothing in." in other.stderr
    assert not (tmp_path / "out.bib").exists()
    every = program("--review", built.root, "export", "json", "--cited-in", "all.tex", "--cited-in", "paper.tex")
    assert len(json.loads(every.stdout)) == 117
    gone = program("--review", built.root, "export", "bibtex", "--cited-in", "gone.tex")
    assert (gone.returncode, gone.stdout) == (1, "")
    assert "gone.tex: could not be read" in gone.stderr


def test_the_papers_of_a_table_are_exported_in_every_format(built: Review, program: Program, tmp_path: Path) -> None:
    assert len(json.loads(program("--review", built.root, "export", "csl-json", "--table", "table-4").stdout)) == 16
    crossed = program(
        "--review", built.root, "export", "json", "--table", "modality-by-supervision", "--modality", "mri"
    )
    assert 0 < len(json.loads(crossed.stdout)) < 5
    none = program("--review", built.root, "export", "ris", "--table", "papers-by-year")
    assert none.returncode == 1
    assert "does not say which papers" in none.stderr
    done = program("--review", built.root, "export", "xlsx", "--table", "table-1", "-o", "one.xlsx")
    assert done.returncode == 0, done.stderr
    sheet = openpyxl.load_workbook(BytesIO((tmp_path / "one.xlsx").read_bytes())).active
    assert sheet is not None
    assert sheet.max_row == 6
