"""Corrections: what a person puts right of a paper stands everywhere, and what its sources said stays beside it."""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import Program
from site_pages import site

from reviewdb import build, correcting, database, enriching
from reviewdb.errors import ReviewError
from reviewdb.review import Review

KEY, ID = "mejia2017pca", "2021-mini-review-016"
TITLE = "PCA leverage: outlier detection for high-dimensional fMRI data"


def files(place: Review) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in (place.root / "data").rglob("*.jsonl")}


def told(place: Review, program: Program) -> dict[str, Any]:
    done = program("show", KEY, "--json", folder=place.root)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_a_correction_stands_in_every_output_and_its_source_beside_it(ready: Review, program: Program) -> None:
    before, counted = files(ready), program("flow", folder=ready.root).stdout
    was = told(ready, program)
    done = program("correct", KEY, f"title={TITLE}", "year=2018", "venue=", "--coder", "ana", folder=ready.root)
    assert done.returncode == 0, done.stderr
    assert f"{KEY}: title = {TITLE}  (was {was['title']})" in done.stderr
    assert f"{KEY}: venue = none  (was Biostatistics)" in done.stderr
    now = told(ready, program)
    assert (now["title"], now["year"], now["venue"]) == (TITLE, 2018, None)
    assert [(record["source"], record["gave"]) for record in now["records"]][1] == ("ana", ["title", "year"])
    # Its name, and all that others said, stay.
    assert {**now, "title": was["title"], "year": 2017, "venue": was["venue"], "records": was["records"]} == was
    assert {path: text for path, text in files(ready).items() if path in before} == before
    assert program("flow", folder=ready.root).stdout == counted
    assert "117 records from 2 searches" in program("status", folder=ready.root).stdout
    assert "title = {{PCA} leverage" in program("export", "bibtex", "--search", KEY, folder=ready.root).stdout
    assert KEY in program("search", "fmri", "leverage", folder=ready.root).stdout
    assert "ok" in program("check", folder=ready.root).stdout
    with site(ready.database) as opened:
        page = opened.html(f"/review/papers/{ID}")
        assert f"<title>{TITLE}" in page.text
        assert "title, year, venue put right by" in page.text
        assert "enrichment" not in page.text
        assert "other title" in page.text
        assert "functional magnetic resonance imaging data" in page.text


def test_the_last_correction_counts_until_it_is_undone(ready: Review, program: Program) -> None:
    was = told(ready, program)
    # More than ten within a minute, and the later coder's name comes first.
    for coder, title in [("ben", f"Title {n}") for n in range(11)] + [("ana", "The last one")]:
        correcting.correct(ready, KEY, {"title": title}, [], coder)
    assert told(ready, program)["title"] == "The last one"
    there = files(ready)
    same = program("correct", KEY, "title=The last one", "--coder", "ana", folder=ready.root)
    assert "that is what it says already. Nothing was written." in same.stderr
    none = program("correct", KEY, "--undo", "venue", "--coder", "ana", folder=ready.root)
    assert "nobody corrected that. Nothing was written." in none.stderr
    assert files(ready) == there
    done = program("correct", KEY, "--undo", "title", "--coder", "cyd", folder=ready.root)
    assert done.returncode == 0, done.stderr
    assert told(ready, program)["title"] == was["title"]
    with site(ready.database) as opened:
        assert "a correction taken back by" in opened.html(f"/review/papers/{ID}").text
    names = program("correct", KEY, "authors=Mejia, Amanda F.; Lindquist, Martin", "--coder", "ana", folder=ready.root)
    assert names.returncode == 0, names.stderr
    assert told(ready, program)["authors"] == "Mejia, Amanda F.; Lindquist, Martin"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ((KEY, "title=X"), 1, "who decides is not said"),
        ((KEY, "titel=X", "--coder", "ana"), 1, "papers have no 'titel' to correct.\nDid you mean title?"),
        ((KEY, "year=MMXX", "--coder", "ana"), 1, "'MMXX' is no year."),
        ((KEY, "title= ", "--coder", "ana"), 1, "a paper has a title."),
        ((KEY, "authors=;", "--coder", "ana"), 1, "a paper has authors."),
        ((KEY, "doi=tomorrow", "--coder", "ana"), 1, "'tomorrow' is no DOI."),
        ((KEY, f"title={'x' * 3_000_000}", "--coder", "ana"), 1, "Shorten it."),
        ((KEY, "title", "--coder", "ana"), 2, "'title' has no value"),
        ((KEY, "--undo", "title=X", "--coder", "ana"), 2, "name the field alone"),
        ((KEY, "--coder", "ana"), 2, "FIELD=VALUE"),
        ((KEY, "title=A", "title=B", "--coder", "ana"), 2, "a field is named twice"),
        (("mejia2017pc", "title=X", "--coder", "ana"), 1, "Did you mean mejia2017pca?"),
    ],
)
def test_what_is_no_correction_is_told_and_nothing_is_written(
    arguments: tuple[str, ...], code: int, says: str, ready: Review, program: Program
) -> None:
    before = files(ready)
    if any(len(argument) > 100_000 for argument in arguments):
        # No system takes so long an argument.
        with pytest.raises(ReviewError, match=says):
            correcting.correct(ready, KEY, {"title": arguments[1].removeprefix("title=")}, [], "ana")
    else:
        done = program("correct", *arguments, folder=ready.root)
        assert (done.returncode, done.stdout) == (code, "")
        assert says in done.stderr
        assert "Traceback" not in done.stderr
    assert files(ready) == before


def test_a_correction_that_cannot_be_read_is_told_with_its_line(ready: Review, program: Program) -> None:
    assert program("correct", KEY, "title=X", "--coder", "ana", folder=ready.root).returncode == 0
    (path,) = (ready.root / "data" / "searches").glob("*-ana-*.jsonl")
    path.write_text(path.read_text(encoding="utf-8").replace('["title"]', '["colour"]'), encoding="utf-8")
    done = program("check", folder=ready.root)
    assert done.returncode == 1
    assert f"{path.name}:2: corrects is ['colour'], not a list of title, authors, year" in done.stdout + done.stderr


def test_what_a_library_says_in_latex_is_put_right_in_plain_words(tmp_path: Path, program: Program) -> None:
    program("init", "r")
    place = tmp_path / "r"
    (place / "mine.bib").write_text(
        "@article{x1, title = {The {$\\alpha$} of {\\LaTeX}}, author = {Li, A}, year = 2020}"
    )
    assert program("import", "mine.bib", folder=place).returncode == 0
    assert program("correct", "x1", "title=The α of TeX, 50 %", "--coder", "ana", folder=place).returncode == 0
    made = program("export", "bibtex", folder=place).stdout
    assert "50 \\%" in made
    assert "LaTeX" not in made


def suggested(place: Review, key: str) -> dict[str, set[str]]:
    """Return the words that rules found in a paper, by question."""
    asked = """
        SELECT paper_codes.question_id, answers.words
        FROM papers
        JOIN paper_codes ON paper_codes.paper_id = papers.id
        JOIN paper_records ON paper_records.paper_id = papers.id
        JOIN decisions ON decisions.record_id = paper_records.record_id AND coder = 'rule:coding-scheme'
        JOIN answers ON answers.decision_id = decisions.id
        WHERE papers.key = ?
        """
    found: dict[str, set[str]] = defaultdict(set)
    with closing(database.reader(place.database)) as connection:
        for question, words in connection.execute(asked, [key]):
            found[question].add(words)
    return found


def test_rules_read_the_title_that_counts(ready: Review) -> None:
    key = "song2025cooperative"
    was = suggested(ready, key)
    assert any("GAN" in words for words in was.values())
    correcting.correct(ready, key, {"title": "A transformer for chest CT"}, [], "ana")
    now = suggested(ready, key)
    assert any("CT" in words for words in now.values())
    assert not any("GAN" in words for words in now.values())
    correcting.correct(ready, key, {"title": "Nothing of the kind"}, [], "ana")
    assert suggested(ready, key) == {}
    correcting.correct(ready, key, {}, ["title"], "ana")
    assert suggested(ready, key) == was
    # Another field leaves the title to its source.
    correcting.correct(ready, key, {"year": "2024"}, [], "ana")
    assert suggested(ready, key) == was


def test_a_ruling_about_a_corrected_paper_gives_what_a_whole_build_gives(ready: Review, program: Program) -> None:
    def shown() -> list[str]:
        return [program("show", key, "--json", folder=ready.root).stdout for key in (KEY, "song2025cooperative")]

    correcting.correct(ready, KEY, {"title": TITLE, "year": "2018"}, [], "ana")
    for arguments in (("same", ID, "2025-cited-by-003"), ("--undo", ID, "2025-cited-by-003")):
        assert program("dedupe", *arguments, "--coder", "ana", folder=ready.root).returncode == 0
        build.refresh(ready)
        updated = shown()
        build.rebuild(ready)
        assert shown() == updated


def test_a_corrected_paper_was_not_looked_up(ready: Review) -> None:
    correcting.correct(ready, KEY, {"year": "2018"}, [], "ana")
    (subject,) = enriching.subjects(ready, [KEY])
    assert subject.known == ()
    assert [record.id for record in subject.records] == [ID]


def test_columns_of_a_source_that_are_called_so_are_no_corrections(tmp_path: Path, program: Program) -> None:
    program("init", "r")
    place = tmp_path / "r"
    (place / "list.csv").write_text("title,year,corrects,restores\nA title,2020,erratum of 10.1/x,yes\n")
    assert program("import", "list.csv", folder=place).returncode == 0
    assert program("build", folder=place).returncode == 0


def test_a_corrected_year_takes_the_day_of_another_year_with_it(tmp_path: Path, program: Program) -> None:
    program("init", "r")
    place = tmp_path / "r"
    (place / "mine.bib").write_text("@article{a1, title = {A title}, author = {Li, A}, date = {2019-03-05}}")
    assert program("import", "mine.bib", folder=place).returncode == 0
    assert "2019/03/05" in program("export", "ris", folder=place).stdout
    assert program("correct", "a1", "year=2021", "--coder", "ana", folder=place).returncode == 0
    made = program("export", "ris", folder=place).stdout
    assert "PY  - 2021" in made
    assert "2019" not in made
