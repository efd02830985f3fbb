"""The notebook runs where a reader opens it, shows the numbers of the terminal, and comes without its results."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import notebook_results
import pytest
from conftest import ROOT, Program

from reviewdb import notebook, scaffold
from reviewdb.errors import ReviewError
from reviewdb.review import Review

NOTEBOOK = ROOT / "notebooks" / "mini_review.ipynb"
# Where a path of a machine begins.
_ABSOLUTE = re.compile(r"(?<![\w.:/])/[a-z]+/|/Users/|\b[A-Z]:\\|file://")
_PROPORTIONS = "import json; print(json.dumps([*wilson(81, 263), *newcombe(56, 70, 48, 80), *newcombe(10, 10, 0, 20)]))"


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, nbformat.NotebookNode]:
    """Return a new copy of the example and its notebook, run there from a clean state."""
    folder = tmp_path_factory.mktemp("a reader") / "my review"
    scaffold.init(folder, example=True)
    return folder, notebook_results.run(folder / "notebooks" / NOTEBOOK.name, _PROPORTIONS)


def test_every_number_is_that_of_the_terminal(ran: tuple[Path, nbformat.NotebookNode], program: Program) -> None:
    folder, done = ran
    shown = notebook_results.shown(done)
    assert set(shown) == notebook_results.asked(done)
    assert {f"table-{n}" for n in range(1, 6)} | {"headline-figures", "since-the-window"} <= set(shown)
    for name, table in shown.items():
        printed = json.loads(program("table", name, "--format", "json", folder=folder).stdout)
        assert len(printed) > 1
        found = table.as_objects(printed)
        assert sorted(map(_comparable, found)) == sorted(map(_comparable, printed)), name


def _comparable(row: dict[str, object]) -> list[tuple[str, str]]:
    """Return a row that sorts: 39 and 39.0 are one, and so is a text of figures alone, which looks the same."""
    return [(key, re.sub(r"^(\d+)\.0$", r"\1", str(value))) for key, value in row.items()]


def test_the_intervals_are_those_that_are_published(ran: tuple[Path, nbformat.NotebookNode]) -> None:
    # Newcombe, Statistics in Medicine 17 (1998): 857-872, Table I, method 3; and 873-890, Table II, method 10.
    published = [0.2553, 0.3662, 0.0524, 0.3339, 0.6791, 1.0]
    assert notebook_results.said(ran[1]) == pytest.approx(published, abs=5e-5)


def test_shares_follow_from_the_counts(ran: tuple[Path, nbformat.NotebookNode], program: Program) -> None:
    folder, done = ran
    rows = json.loads(program("table", "since-the-window", "--json", folder=folder).stdout)
    every = {row["facet"]: row for row in rows if row["code"] == "(any)"}
    (cell,) = (cell for cell in done.cells if cell.id == "shares")
    shares = notebook_results._read(cell.outputs[-1].data["text/html"])  # noqa: SLF001 - it shows no query
    assert len(shares.rows) > 20
    counted = {row["code"]: row for row in rows if row["code"] != "(any)"}
    for facet, code, until, since, change, low, high in shares.rows:
        expected = [100 * counted[code][f"named_{when}"] / every[facet][f"named_{when}"] for when in ("until", "since")]
        assert [float(until), float(since)] == pytest.approx(expected, abs=0.051)
        assert float(low) <= float(change) <= float(high)


def test_the_counts_since_the_window_are_those_of_papers(built: Review, program: Program) -> None:
    # Papers of both times by two other ways: their codes in an export, and the suggestions of the search.
    rows = json.loads(program("table", "since-the-window", "--json", folder=built.root).stdout)
    counted = {row["code"]: row for row in rows if row["facet"] == "Method"}
    for method, label in (("gan", "Generative adversarial network"), ("diffusion", "Diffusion / score-based model")):
        both = ("search", "--method", method, "--json")
        coded = json.loads(program(*both, "--year", "..2021", folder=built.root).stdout)
        later = json.loads(program(*both, "--year", "2022..", "--suggested", folder=built.root).stdout)
        assert (counted[label]["coded_until"], counted[label]["named_since"]) == (len(coded), len(later))
    assert counted["Diffusion / score-based model"]["named_since"] > 0


def test_it_is_kept_without_results_and_paths() -> None:
    kept = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(kept)
    for cell in kept.cells:
        assert cell.cell_type == "markdown" or (cell.outputs, cell.execution_count) == ([], None), cell.id
    assert set(kept.metadata) == {"kernelspec", "language_info"}
    assert not _ABSOLUTE.search("\n".join(cell.source for cell in kept.cells))
    assert all(map(_ABSOLUTE.search, ('"/home/ana/review"', r"C:\review", "/Users/ana")))


def test_a_table_of_any_review_is_a_frame(built: Review) -> None:
    frame = notebook.table("papers-by-year", review=built.root)
    assert frame.attrs["title"] == "Papers by year"
    assert frame["papers"].sum() == 117
    crossed = notebook.table("modality-by-method", crossed=True, review=built.root)
    assert crossed.iloc[:, 1:].sum().sum() == notebook.table("modality-by-method", review=built.root)["papers"].sum()
    assert {"(all)"} < set(notebook.quality(built.root)["code"])
    with pytest.raises(ReviewError, match=r"no queries/papers-by-yaer\.sql"):
        notebook.table("papers-by-yaer", review=built.root)


def test_a_notebook_outside_of_a_review_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ReviewError, match="is not in a review"):
        notebook.table("papers-by-year")
