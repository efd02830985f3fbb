"""Merging through git: two clones, real git; what two people decided in the same week comes together by itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import Program

from reviewdb import checking, importing, review, scaffold
from reviewdb.folder import Review
from reviewdb.importing import Wanted

SCHEME, PROTOCOL = "data/coding-scheme.toml", "data/protocol.toml"


pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def git(folder: Path, *arguments: str, code: int = 0) -> str:
    """Run git, as a person of no particular settings; return what it says."""
    person = ("-c", "user.name=Ana", "-c", "user.email=ana@example.org", "-c", "commit.gpgsign=false")
    outside = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ["PATH"]}
    done = subprocess.run(
        ["git", *person, *arguments], cwd=folder, env=outside, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def commit(folder: Path) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "Decide")


@pytest.fixture
def clones(tmp_path: Path) -> tuple[Review, Review]:
    """Return a review as `init` makes it, in git, and a clone of it."""
    first = tmp_path / "first"
    scaffold.init(first, example=True)
    git(first, "init", "-q", "-b", "main")
    commit(first)
    git(tmp_path, "clone", "-q", str(first), "second")
    return Review(first), Review(tmp_path / "second")


def pulled(into: Review, of: Review, code: int = 0) -> None:
    git(into.root, "pull", "-q", "--no-rebase", "--no-edit", str(of.root), "main", code=code)


def lines(place: Review, kind: str) -> dict[str, list[str]]:
    return {path.name: sorted(path.read_text(encoding="utf-8").splitlines()) for path in place.files(kind)}


def test_what_two_coders_did_in_the_same_week_merges(
    clones: tuple[Review, Review], program: Program, tmp_path: Path
) -> None:
    a, b = clones
    for place, coder, code in ((a, "ana", "vae"), (b, "ben", "gan")):
        library = tmp_path / f"{coder}.ris"
        library.write_text(f"TY  - JOUR\nTI  - What {coder} found\nPY  - 2021\nER  - \n", encoding="utf-8")
        for said in (
            ("tag", "hong2024outofdistribution", f"method={code}", "--coder", coder),
            ("tag", "schlegl2017unsupervised", f"method+={code}", "--coder", "mini-review"),
            ("screen", "hong2024outofdistribution", "include", "--coder", coder),
            ("dedupe", "different", "schlegl2017unsupervised", "schlegl2019fanogan", "--coder", coder),
            ("dedupe", "version", "schlegl2017unsupervised", "schlegl2019fanogan", "--coder", "eve"),
            ("import", str(library)),
        ):
            assert program(*said, folder=place.root).returncode == 0, said
        commit(place.root)
    apart = [{kind: lines(place, kind) for kind in ("searches", "decisions", "rulings")} for place in clones]
    pulled(a, b)
    pulled(b, a)
    for place in clones:
        assert all(one.ok for one in checking.check(place) if one.name != "rulings agree")
        assert review.load(place).problems == []
        for kind in ("searches", "decisions", "rulings"):
            now = lines(place, kind)
            for one in apart:
                for name, said in one[kind].items():
                    assert set(said) <= set(now[name])
            assert all(len(set(told)) == len(told) for told in now.values())
        methods = {(made.coder, made.answer) for made in review.load(place).decisions}
        assert {("ana", ("vae",)), ("ben", ("gan",))} <= methods
    assert git(a.root, "rev-parse", "HEAD^{tree}") == git(b.root, "rev-parse", "HEAD^{tree}")


def test_one_coder_on_two_branches_keeps_both(clones: tuple[Review, Review], program: Program) -> None:
    a, b = clones
    for place, code in ((a, "vae"), (b, "gan")):
        done = program("tag", "hong2024outofdistribution", f"method={code}", "--coder", "ana", folder=place.root)
        assert done.returncode == 0
        commit(place.root)
    pulled(a, b)
    said = [json.loads(line) for line in a.decisions_of("ana").read_text(encoding="utf-8").splitlines()]
    assert sorted(one["answer"] for one in said) == [["gan"], ["vae"]]
    # Who answered last on either branch said it last.
    shown = json.loads(program("show", "hong2024outofdistribution", "--json", folder=a.root).stdout)
    assert "gan" in json.dumps(shown)
    assert program("check", folder=a.root).returncode == 0


@pytest.mark.parametrize(
    ("name", "before", "ours", "theirs"),
    [
        (SCHEME, "schema = 1\n", "schema = 1 # of ana\n", "schema = 1 # of ben\n"),
        (PROTOCOL, 'title = "', 'title = "Of Ana: ', 'title = "Of Ben: '),
        ("queries/papers-by-year.sql", "-- title: ", "-- title: Of Ana: ", "-- title: Of Ben: "),
        (
            "data/searches/2021-mini-review.jsonl",
            '{"source"',
            '{"version": "ana", "source"',
            '{"version": "ben", "source"',
        ),
    ],
)
def test_a_conflict_is_explained_with_its_place(
    clones: tuple[Review, Review], program: Program, name: str, before: str, ours: str, theirs: str
) -> None:
    a, b = clones
    for place, change in ((a, ours), (b, theirs)):
        path = place.root / name
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, change, 1), encoding="utf-8")
        assert review.load(place).problems == []
        commit(place.root)
    pulled(a, b, code=1)
    text = (a.root / name).read_text(encoding="utf-8").splitlines()
    (begun,) = (n for n, line in enumerate(text, 1) if line.startswith("<<<<<<< "))
    problems = [problem for problem in review.load(a).problems if problem.path == name]
    assert [problem.line for problem in problems] == [begun]
    done = program("check", folder=a.root)
    assert done.returncode == 1
    (told,) = (line.strip() for line in done.stdout.splitlines() if "git could not join" in line)
    assert told.startswith(f"{name}:{begun}: git could not join two changes here: line {begun + 1} of HEAD")
    assert told.endswith(f"then: git add {name}")
    marks = ("<<<<<<<", "=======", ">>>>>>>")
    kept = [line for line in text if not line.startswith(marks) and theirs.strip() not in line]
    (a.root / name).write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
    commit(a.root)
    assert program("check", folder=a.root).returncode == 0


def test_marks_that_belong_to_a_text_are_no_conflict(clones: tuple[Review, Review]) -> None:
    place = clones[0]
    with (place.root / "queries" / "papers-by-year.sql").open("a", encoding="utf-8") as handle:
        handle.write("\n-- <<<<<<< is what git writes\n-- =======\n")
    assert review.load(place).problems == []
    (place.root / "x.ris").write_text("TY  - JOUR\nTI  - <<<<<<< HEAD\nER  - \n", encoding="utf-8")
    list(importing.import_(place, [place.root / "x.ris"], Wanted(), lambda _: None))
    assert review.load(place).problems == []
