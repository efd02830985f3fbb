"""The README is true: its reference is that of the commands, its tour runs, its links lead somewhere."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import openalex_server
import pytest
import scholar_server
from conftest import ROOT, Program
from readme_reference import README, written

from reviewdb import review
from reviewdb.folder import Review

TEXT = README.read_text(encoding="utf-8")
TOUR = [
    shlex.split(line, comments=True)[1:]
    for block in re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL)
    for line in re.findall(r"^\$ (reviewdb .*)$", block, re.MULTILINE)
]
EXPORTS = {
    "scopus.csv": "Authors,Title,Year,Source title,EID\nNobody A.,Anomalies that nobody saw,2020,Journal,2-s2.0-1\n",
    "library.ris": "TY  - JOUR\nTI  - Outliers that nobody saw\nAU  - Nobody, A.\nPY  - 2021\nER  - \n",
    "labelled.csv": "title,label_included\nDefects,1\nFaults,1\nNurses,0\nTrials,0\n",
    "paper.tex": "\\cite{baur2018deep}\n",
    "codes.csv": "key,modality,method\nbaur2018deep,mri.brain,vae;gan\n",
    "scholar-page-1.html": scholar_server.results("anomalies"),
}


def test_the_reference_is_that_of_the_commands() -> None:
    assert written(TEXT) == TEXT, "run: python tests/readme_reference.py"


def test_the_tour_runs(program: Program, tmp_path: Path) -> None:
    assert len(TOUR) > 5
    assert program("init", "review", "--example").returncode == 0
    folder = tmp_path / "review"
    for name, text in EXPORTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    first = review.load(Review(folder)).records["2021-mini-review-002"]
    with scholar_server.serving() as scholar, openalex_server.serving() as openalex:
        openalex.works = [openalex_server.work("W1", first.title, year=first.year, authors=first.authors)]
        sources = {"REVIEWDB_SCHOLAR_URL": scholar.url, "REVIEWDB_OPENALEX_URL": openalex.url, "REVIEWDB_PACE": "0"}
        for arguments in TOUR:
            if arguments[0] in ("init", "serve") or arguments in (["screen"], ["screen", "--order", "rank"], ["tag"]):
                continue  # what stays open has tests of its own
            done = program(*arguments, folder=folder, REVIEWDB_CODER="ana", **sources)
            assert done.returncode == 0, (arguments, done.stderr)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\((?!https?:)([^)#]+)\)", TEXT))))
def test_a_link_leads_to_a_file(target: str) -> None:
    assert (ROOT / target).exists()
