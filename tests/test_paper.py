"""The paper of a review is set by latexmk alone, says what the review says now, and stops where it could not."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import Program
from typeset import Typeset, needs

from reviewdb import scaffold
from reviewdb.folder import PROTOCOL

pytestmark = needs("latexmk", "pdflatex", "bibtex", "pdftotext")

_BIN = Path(sys.executable).parent
_OWN = {".gitignore", "latexmkrc", "paper.tex", "references.bib"}


@dataclass(frozen=True, slots=True)
class Made:
    """What latexmk said of a paper, and the paper."""

    code: int
    said: str
    paper: Typeset

    @property
    def words(self) -> str:
        """The text of the paper with single blanks, and words that were broken at the end of a line whole."""
        return " ".join(re.sub(r"-\n", "", self.paper.text).split())


def latexmk(folder: Path, *arguments: str, **environment: str) -> Made:
    """Run latexmk as an author does, in the folder of the paper, with the reviewdb of this environment."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("REVIEWDB")}
    found = os.pathsep.join([str(_BIN), os.environ.get("PATH", "")])
    done = subprocess.run(
        ["latexmk", *arguments],
        cwd=folder / "paper",
        env={**outside, "PATH": found, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    log, text = "", ""
    if (folder / "paper" / "paper.pdf").exists():
        log = (folder / "paper" / "paper.log").read_text(encoding="latin-1")
        command = ["pdftotext", "paper.pdf", "-"]  # column by column
        text = subprocess.run(command, cwd=folder / "paper", capture_output=True, check=True).stdout.decode()
    return Made(done.returncode, done.stdout, Typeset(log, text))


def is_sound(made: Made) -> None:
    """Fail where the paper has an error, a line that stands out, or a reference or citation of nothing."""
    assert made.code == 0, made.said[-3000:]
    assert made.paper.overfull == []
    assert not re.search("undefined|multiply defined", made.paper.log), made.paper.log[-3000:]
    assert "??" not in made.paper.text
    assert "[?]" not in made.paper.text


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Made]:
    """Return the example with its paper, set once, in a folder with blanks in its name."""
    folder = tmp_path_factory.mktemp("papers") / "my review"
    scaffold.init(folder, example=True, paper=True)
    return folder, latexmk(folder)


def test_the_paper_of_the_example_changes_with_a_decision(
    example: tuple[Path, Made], tmp_path: Path, program: Program
) -> None:
    folder = Path(shutil.copytree(example[0], tmp_path / "its copy"))
    before = example[1]
    is_sound(before)
    assert "Of 117 papers, 39 are included" in before.words
    assert "practical unsupervised anomaly detection on retinal images" in before.words
    out = ("exclude", "--reason", "preprint", "--coder", "mini-review", "--why", "a test")
    assert program("screen", "ouardini2019practical", *out, folder=folder).returncode == 0
    after = latexmk(folder)
    is_sound(after)
    assert "Of 117 papers, 38 are included" in after.words
    assert "we screened 39 papers and excluded 1 (Not peer-reviewed: 1)" in after.words
    # The table has a row less, and so have the references, which nobody counted by hand.
    assert "practical unsupervised anomaly detection on retinal images" not in after.words
    assert "IMNet" in before.words
    assert "IMNet" not in after.words
    listed = [(folder / "paper" / "paper.bbl").read_text(encoding="utf-8") for folder in (example[0], folder)]
    assert [bbl.count("\\bibitem") for bbl in listed] == [41, 40]


def test_the_second_time_nothing_is_set_again(example: tuple[Path, Made], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(example[0], tmp_path / "copy"))
    again = latexmk(folder)
    assert again.code == 0
    assert "Running 'pdflatex" in example[1].said
    assert "Running 'pdflatex" not in again.said
    cleaned = latexmk(folder, "-C")
    assert cleaned.code == 0
    assert "reviewdb: made/" not in cleaned.said
    assert not (folder / "paper" / "paper.pdf").exists()
    assert {path.name for path in (folder / "paper").iterdir()} - {"made"} == _OWN


def test_what_latexmk_makes_is_not_for_git(example: tuple[Path, Made]) -> None:
    subprocess.run(["git", "init", "-q"], cwd=example[0], check=True)
    listed = subprocess.run(
        ["git", "ls-files", "--others", "--exclude-standard", "paper"], cwd=example[0], capture_output=True, check=True
    )
    shutil.rmtree(example[0] / ".git")
    assert set(listed.stdout.decode().split()) == {f"paper/{name}" for name in _OWN}


def test_a_review_without_a_paper_in_it_has_one_of_its_own(tmp_path: Path) -> None:
    scaffold.init(tmp_path, example=False)
    title = r"A & B: 50 % of #1 in $x_1$ {or} \\emph ~ “Zürich”, β <and> naïve"
    text = (tmp_path / PROTOCOL).read_text(encoding="utf-8").replace("My review", title)
    text = text.replace("Which methods are applied to which data?", f"Which {title}, and why?")
    (tmp_path / PROTOCOL).write_text(text, encoding="utf-8")
    scaffold.init(tmp_path, example=False, paper=True)
    made = latexmk(tmp_path)
    is_sound(made)
    assert "No search has been made yet." in made.words
    assert "50 % of #1 in $x" in made.words
    assert "Of 0 papers that our searches found, 0 are included" in made.words
    assert "There is nothing to draw: no paper has a year of publication." in made.words


def test_a_program_that_is_missing_is_told_and_nothing_old_is_kept(example: tuple[Path, Made], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(example[0], tmp_path / "copy"))
    made = latexmk(folder, REVIEWDB="no-such-reviewdb")
    assert made.code != 0
    assert "the program 'no-such-reviewdb' was not found. Activate the environment" in made.said
    assert not (folder / "paper" / "made" / "review.tex").exists()
    assert (folder / "paper" / "made" / "map.pdf").exists()
    gone = tmp_path / "without"
    (gone / "matplotlib").mkdir(parents=True)
    (gone / "matplotlib" / "__init__.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'matplotlib'\", name='matplotlib')\n", encoding="utf-8"
    )
    made = latexmk(folder, PYTHONPATH=os.pathsep.join([str(gone), os.environ["PYTHONPATH"]]))
    assert made.code != 0
    assert "pip install 'reviewdb[figures]'" in made.said
    assert re.search(r"paper\.tex:\d+: made/years\.pdf could not be made: the command failed", made.said)
    assert not (folder / "paper" / "made" / "years.pdf").exists()


def test_a_library_that_a_person_keeps_is_neither_replaced_nor_removed(
    example: tuple[Path, Made], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(example[0], tmp_path / "copy"))
    (library,) = (folder / "paper" / "made").glob("*.bib")
    library.write_text("@misc{mine, title = {Kept by hand}}\n", encoding="utf-8")
    made = latexmk(folder)
    assert made.code != 0
    assert "was not written by reviewdb, and is not replaced" in made.said
    assert library.read_text(encoding="utf-8") == "@misc{mine, title = {Kept by hand}}\n"
