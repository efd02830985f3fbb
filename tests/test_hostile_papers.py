"""Two hundred hostile titles: through every format of references and back, and through LaTeX, bibtex and biber."""

from __future__ import annotations

import io
import subprocess
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile import papers, titles
from typeset import FONTS, needs

from reviewdb import formats
from reviewdb.formats import Hit, bib, writing
from reviewdb.model import Paper, Record
from reviewdb.text import clean

PAPERS = papers()


def read(text: str) -> list[Record]:
    """Read a text as what it is; nothing in it may be broken."""
    form = formats.recognise(text[: formats.HEAD])
    assert form is not None
    found = list(form.read(io.StringIO(text, newline=None)))
    assert [one for one in found if not isinstance(one, Hit)] == []
    return [one.record for one in found if isinstance(one, Hit)]


def normal(text: str) -> str:
    """Return a text as it is kept; BibTeX has composed letters alone."""
    return unicodedata.normalize("NFC", clean(text))


def test_there_are_two_hundred_and_each_is_another() -> None:
    assert len(set(titles())) == 200
    assert titles() == titles()


@pytest.mark.parametrize("write", [writing.bibtex, writing.ris, writing.csl_json], ids=["bibtex", "ris", "csl-json"])
def test_all_of_them_come_back_unchanged(write: Callable[[list[Paper]], str]) -> None:
    back = read(write(PAPERS))
    assert [normal(record.title) for record in back] == [normal(paper.title) for paper in PAPERS]
    assert [normal(record.venue) for record in back] == [normal(paper.venue) for paper in PAPERS]
    for record in back:
        assert record.authors == ("Müller, Jürgen", "O'Neil & Łuk, A. {B}")
        assert (record.year, record.volume, record.pages) == (2020, "3(4)", "1–10")
        assert (record.doi, record.url) == ("10.1000/a_b%c#d", "https://example.org/~a_b?c=%20&d=1#e")
        assert record.venue_type == "journal"


def test_bibtex_for_pdflatex_is_ascii_and_says_what_it_lost() -> None:
    written = writing.bibtex(PAPERS, "pdflatex")
    assert written.isascii()
    assert len(read(written)) == 200
    lost = {key: letters for key, field, letters in bib.unset(PAPERS, "pdflatex") if field == "title"}
    by_title = {paper.title.rsplit(" ", 1)[0]: paper.key for paper in reversed(PAPERS)}
    assert lost[by_title["异常检测"]] == "异常检测"
    assert by_title["α-GAN"] not in lost
    assert list(bib.unset(PAPERS, "xelatex")) == []


@pytest.mark.parametrize("engine", [pytest.param(e, marks=needs(e, "bibtex")) for e in ("pdflatex", "xelatex")])
def test_all_of_them_are_set_through_bibtex(engine: str, tmp_path: Path) -> None:
    (tmp_path / "papers.bib").write_text(writing.bibtex(PAPERS, engine), encoding="utf-8")  # type: ignore[arg-type]  # one of both
    # A style of LaTeX's own would put addresses and months in its own way: what matters is that all is read and set.
    (tmp_path / "doc.tex").write_text(
        rf"\documentclass{{article}}{FONTS[engine]}\begin{{document}}\nocite{{*}}"
        r"\bibliographystyle{plain}\bibliography{papers}\end{document}",
        encoding="utf-8",
    )
    run = [engine, "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "doc.tex"]
    for command in (run, ["bibtex", "doc"], run):
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, encoding="utf-8", errors="replace", check=False
        )
        assert done.returncode == 0, done.stdout[-3000:]
        assert "Warning--" not in done.stdout
    assert (tmp_path / "doc.bbl").read_text(encoding="utf-8").count(r"\bibitem{") == 200


@needs("biber")
def test_biber_reads_all_of_them(tmp_path: Path) -> None:
    (tmp_path / "papers.bib").write_text(writing.bibtex(PAPERS), encoding="utf-8")
    command = ["biber", "--tool", "--output-format=bibtex", "papers.bib"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout
    assert "ERROR" not in done.stdout
    assert (tmp_path / "papers_bibertool.bib").read_text(encoding="utf-8").count("hostile") == 200
