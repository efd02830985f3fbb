"""What changed since a revision or a date: with a real git, in a folder below that of the repository."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Program

from reviewdb.review import Review

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")

FIRST, SECOND, THIRD = "2025-cited-by-005", "2025-cited-by-006", "2025-cited-by-007"
_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    **{f"GIT_{who}_{what}": "ana" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    **{f"GIT_{who}_DATE": "2026-11-24T12:00:00Z" for who in ("AUTHOR", "COMMITTER")},
}

Diff = Callable[..., dict[str, Any]]


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", folder, *arguments],
        check=True,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, **_ENVIRONMENT},
    )
    return done.stdout


@pytest.fixture
def review(built: Review, tmp_path: Path) -> Review:
    """Return the mini-review in a folder of a repository, committed as v1.0, and built."""
    root = tmp_path / "thesis" / "chapters" / "review"
    shutil.copytree(built.root, root)
    repository = tmp_path / "thesis"
    (repository / ".gitignore").write_text("review.db*\n.reviewdb\n", encoding="utf-8")
    git(repository, "init", "-q", "-b", "main")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "first")
    git(repository, "tag", "v1.0")
    return Review(root)


@pytest.fixture
def diff(review: Review, program: Program) -> Diff:
    """Return a function that gives what changed."""

    def run(*arguments: str) -> dict[str, Any]:
        done = program("diff", *arguments, "--json", folder=review.root)
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    return run


def says(day: str, record: str, question: str, *answer: str) -> dict[str, Any]:
    return {"at": f"{day}T12:00:00Z", "record": record, "question": question, "answer": list(answer)}


def write(path: Path, *lines: dict[str, Any]) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8") as handle:
        handle.writelines(f"{json.dumps(line)}\n" for line in lines)


def change(review: Review) -> None:
    """Change of everything something, on 25 and 26 November 2026."""
    new = {"id": "new-1", "rank": 1, "title": "A *new* anomaly", "authors": ["N. Ovum"], "year": 2026}
    write(review.search_file("new"), {"source": "openalex", "query": "anomaly", "date": "2026-11-25"}, new)
    write(
        review.decisions_of("ana"),
        says("2026-11-25", FIRST, "screening", "include"),
        says("2026-11-25", FIRST, "eligibility", "include"),
        says("2026-11-25", FIRST, "modality", "oct"),
        says("2026-11-26", SECOND, "screening", "exclude.preprint"),
        {**says("2026-11-26", "2021-mini-review-002", "method", "vae"), "settles": True},
    )
    pair = {"a": "2025-cited-by-006", "b": "2025-cited-by-007", "relation": "same"}
    write(review.rulings_of("ana"), {"at": "2026-11-26T12:00:00Z", **pair})


def key_of(review: Review, program: Program, record: str) -> str:
    found: str = json.loads(program("show", record, "--json", folder=review.root).stdout)["key"]
    return found


def test_everything_that_changed_is_told(review: Review, program: Program, diff: Diff) -> None:
    keys = {record: key_of(review, program, record) for record in (FIRST, SECOND, THIRD, "2021-mini-review-002")}
    change(review)
    found = diff("v1.0")
    assert [one["key"] for one in found["new"]] == ["ovum2026new"]
    assert found["gone"] == []
    (search,) = found["searches"]
    assert search["search"]["id"] == "new"
    merged = [(sorted(one["before"]), one["after"]) for one in found["merged"]]
    assert merged == [(sorted([keys[SECOND], keys[THIRD]]), [keys[SECOND]])]
    assert {(one["key"], one["before"], one["after"]) for one in found["statuses"]} == {
        (keys[FIRST], "pending", "included"),
        (keys[SECOND], "pending", "excluded: Not peer-reviewed"),
    }
    codes = {(one["key"], one["facet"]): (one["before"], one["after"]) for one in found["codes"]}
    assert codes == {
        (keys[FIRST], "modality"): ("", "Optical coherence tomography"),
        (keys["2021-mini-review-002"], "method"): ("Generative adversarial network", "Variational autoencoder"),
    }
    assert found["counts"]["included"] == {"before": 39, "after": 40}
    changed = {one["name"]: one for one in found["tables"]}
    cells = {tuple(one["row"]): (one["before"], one["after"]) for one in changed["modality-by-method"]["cells"]}
    oct_ = "Optical coherence tomography"
    assert cells[oct_, "Variational autoencoder"] == (None, 1)
    assert cells[oct_, "Generative adversarial network"] == (3, 2)
    figures = {(*one["row"], one["column"]): one["after"] for one in changed["headline-figures"]["cells"]}
    assert figures["papers", "papers"] == 40
    included = [one for one in changed["flow"]["cells"] if one["row"][0] == "papers" and one["column"] == "papers"]
    assert {(one["before"], one["after"]) for one in included} >= {(39, 40)}


def test_a_note_of_a_release_begins_with_a_sentence(review: Review, program: Program, tmp_path: Path) -> None:
    first = key_of(review, program, FIRST)
    change(review)
    note = tmp_path / "note.md"
    done = program("diff", "v1.0", "-o", note, folder=review.root)
    assert (done.returncode, done.stdout) == (0, "")
    lines = note.read_text(encoding="utf-8").splitlines()
    assert lines[0] == (
        "Since v1.0 (2026-11-24): 1 new paper, 1 paper included, 1 paper excluded, 2 papers with other codes and "
        "1 merged paper. Included: 40 papers, 39 before."
    )
    assert "- `ovum2026new` A \\*new\\* anomaly (2026)" in lines
    assert lines[lines.index("## 1 paper included") + 2].startswith(f"- `{first}` ")
    text = program("diff", "v1.0", folder=review.root).stdout
    assert text.splitlines()[0] == lines[0]
    assert "ovum2026new  A *new* anomaly (2026)" in text


def test_a_revision_is_read_without_a_trace(review: Review, program: Program) -> None:
    change(review)
    repository = review.root.parents[1]
    git(repository, "add", ".")  # staged, not committed
    protocol = review.root / "data" / "protocol.toml"
    protocol.write_text(f"{protocol.read_text(encoding='utf-8')}# more\n", encoding="utf-8")
    index = (repository / ".git" / "index").read_bytes()

    def everything() -> dict[Path, bytes]:
        found = (path for path in repository.rglob("*") if path.is_file() and not path.name.startswith("review.db"))
        return {path: path.read_bytes() for path in found}

    assert program("status", folder=review.root).returncode == 0  # what brings the database up to date, it leaves
    before = everything()
    assert program("diff", "HEAD", folder=review.root).returncode == 0
    assert everything() == before
    assert (repository / ".git" / "index").read_bytes() == index


def test_two_revisions_say_the_same_forwards_and_backwards(review: Review, diff: Diff) -> None:
    change(review)
    git(review.root, "add", ".")
    git(review.root, "commit", "-q", "-m", "second")
    there, back = diff("v1.0", "--until", "HEAD"), diff("HEAD", "--until", "v1.0")
    assert [one["key"] for one in there["new"]] == [one["key"] for one in back["gone"]]
    assert [(one["before"], one["after"]) for one in there["merged"]] == [
        (one["after"], one["before"]) for one in back["split"]
    ]
    assert {(one["facet"], one["before"], one["after"]) for one in there["codes"]} == {
        (one["facet"], one["after"], one["before"]) for one in back["codes"]
    }
    assert diff("HEAD")["summary"].startswith("Nothing changed since HEAD")


def test_a_date_is_derived_from_the_text(review: Review, diff: Diff) -> None:
    change(review)
    revision, day = diff("v1.0"), diff("2026-11-24")
    for part in ("new", "merged", "statuses", "codes", "counts"):
        assert day[part] == revision[part], part
    first = diff("2026-11-25", "--until", "2026-11-25")
    assert [one["after"] for one in first["statuses"]] == ["included"]
    assert (len(first["new"]), first["merged"]) == (1, [])
    second = diff("2026-11-26")
    assert [one["after"] for one in second["statuses"]] == ["excluded: Not peer-reviewed"]
    assert (second["new"], len(second["merged"])) == ([], 1)
    # A search that is known to a month is one of any day in it.
    assert [one["search"]["id"] for one in diff("2021-08-15", "--until", "2021")["searches"]] == ["2021-mini-review"]
    assert diff("2022", "--until", "2023")["summary"] == "Nothing changed from 2022 to 2023."


def test_a_new_conflict_is_told_as_one(review: Review, program: Program, diff: Diff) -> None:
    done = program("tag", "schlegl2017unsupervised", "method=gan,density", "--coder", "ana", folder=review.root)
    assert done.returncode == 0
    (changed,) = diff("v1.0")["codes"]
    assert (changed["before"], changed["after"]) == (
        "Generative adversarial network",
        "Generative adversarial network, contested",
    )
    backwards = diff("v1.0", "--until", "v1.0")["codes"]
    assert backwards == []


def test_a_renamed_code_is_one_change_of_the_scheme_and_none_of_papers(
    review: Review, program: Program, diff: Diff
) -> None:
    done = program("scheme", "rename", "method", "gan", "adversarial", "--yes", "--coder", "ana", folder=review.root)
    assert done.returncode == 0, done.stderr
    found = diff("v1.0")
    assert found["codes"] == []
    assert [(one["codes"], one["became"]) for one in found["recoded"]] == [(["gan"], ["adversarial"])]
    assert "gan became adversarial" in program("diff", "v1.0", folder=review.root).stdout


def test_a_query_that_came_and_one_that_is_other_are_told(review: Review, diff: Diff) -> None:
    (review.root / "queries" / "mine.sql").write_text("-- title: Mine\nSELECT 1 AS one\n", encoding="utf-8")
    (review.root / "queries" / "table-1.sql").unlink()
    years = review.root / "queries" / "papers-by-year.sql"
    years.write_text("-- title: Years\nSELECT DISTINCT year FROM papers\n", encoding="utf-8")
    assert {(one["name"], one["what"]) for one in diff("v1.0")["tables"]} == {
        ("mine", "new"),
        ("table-1", "gone"),
        ("papers-by-year", "columns"),
    }


def test_a_release_note_leaves_out_what_is_open_to_coders(review: Review, program: Program) -> None:
    said = ("screen", FIRST, "include", "--coder", "ana"), ("screen", FIRST, "maybe", "--coder", "ben")
    for arguments in said:
        assert program(*arguments, folder=review.root).returncode == 0
    told = {form: program("diff", "v1.0", "--format", form, folder=review.root).stdout for form in ("md", "json")}
    changed = {table["name"]: table["audience"] for table in json.loads(told["json"])["tables"]}
    assert changed["conflicts"] == "coders"
    assert "(papers-by-year)" in told["md"].replace("\\", "")
    assert "(conflicts)" not in told["md"]


def test_what_cannot_be_compared_is_told(review: Review, program: Program, tmp_path: Path) -> None:
    def refused(*arguments: str, at: Path = review.root, **environment: str) -> str:
        done = program("diff", *arguments, folder=at, **environment)
        assert (done.returncode, done.stdout) == (1, "")
        assert "Traceback" not in done.stderr
        return done.stderr

    assert "Did you mean v1.0?" in refused("v1.1")
    assert "git knows no revision '--all'" in refused("--", "--all")
    assert "no date 2026-13" in refused("2026-13")
    assert "2020 is before 2021" in refused("2021", "--until", "2020")
    assert "2990 is still to come.\nName a day that has been" in refused("2990")
    assert "2990 is still to come." in refused("2020", "--until", "2990")
    assert "2020 is before HEAD" in refused("HEAD", "--until", "2020")
    assert "there is no git" in refused("v1.0", PATH=str(tmp_path))
    outside = shutil.copytree(review.root, tmp_path / "outside")
    no_repository = {"GIT_CEILING_DIRECTORIES": str(tmp_path)}
    assert "is in no git repository" in refused("v1.0", at=outside, **no_repository)
    assert program("diff", "2026", folder=outside, **no_repository).returncode == 0

    repository = review.root.parents[1]
    decisions = review.decisions_of("mini-review")
    whole = decisions.read_bytes()
    decisions.write_bytes(whole + b"{broken\n")
    git(repository, "commit", "-q", "-a", "-m", "broken")
    decisions.write_bytes(whole)
    said = refused("HEAD")
    assert "HEAD (2026-11-24) cannot be built by this version: data/decisions/mini-review.jsonl:394" in said
    git(repository, "rm", "-q", "-r", "--cached", ".")
    git(repository, "commit", "-q", "-m", "gone")
    assert "HEAD (2026-11-24) holds no review" in refused("HEAD")
