"""Scaffolds: a review or nothing, and what git is told about it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import ROOT

from reviewdb import review, scaffold
from reviewdb.errors import ReviewError
from reviewdb.review import Review


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 256 KB, where the machine lets us."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    if (
        mount is None
        or subprocess.run([mount, "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], check=False).returncode
    ):
        pytest.skip("no right to mount a small disk")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def everything(folder: Path) -> dict[str, bytes | None]:
    """Return all files and folders below `folder` with their content."""
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def git(folder: Path, *arguments: str) -> str:
    """Run git as somebody, untouched by the settings of the machine."""
    who = ("-c", "user.name=Ana", "-c", "user.email=ana@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("room", range(0, 240_000, 24_000))
def test_a_full_disk_leaves_nothing_behind(tiny_disk: Path, room: int) -> None:
    (tiny_disk / ".gitignore").write_bytes(b"mine")
    with (tiny_disk / "fill").open("wb", buffering=0) as filler, suppress(OSError):
        while filler.write(b"\0" * 1024):
            pass
        filler.truncate(max(0, filler.tell() - room))
    before = everything(tiny_disk)
    for folder in (tiny_disk / "new" / "review", tiny_disk):
        with pytest.raises(ReviewError, match="could not be written: No space left"):
            scaffold.init(folder, example=True)
        assert everything(tiny_disk) == before


@pytest.mark.parametrize("last", ["data", "queries", ".gitattributes", ".gitignore"])
def test_where_a_last_step_fails_what_was_moved_goes_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str
) -> None:
    move = Path.replace

    def stumble(self: Path, target: Path) -> Path:
        if self.name == last:
            raise PermissionError(13, "Permission denied")
        return move(self, target)

    monkeypatch.setattr(Path, "replace", stumble)
    (tmp_path / ".gitignore").write_text("mine", encoding="utf-8")
    for folder in (tmp_path, tmp_path / "a" / "b"):
        with pytest.raises(ReviewError, match="could not be written: Permission denied"):
            scaffold.init(folder, example=False)
        assert everything(tmp_path) == {".gitignore": b"mine"}


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ReviewError, match="could not be written"):
            scaffold.init(folder, example=False)
    assert everything(tmp_path) == {"file": b"x"}


@pytest.mark.parametrize("example", [True, False])
@pytest.mark.parametrize("paper", [True, False])
def test_all_files_are_told_and_nothing_else_is_there(tmp_path: Path, example: bool, paper: bool) -> None:
    made = scaffold.init(tmp_path / "a" / "b", example=example, paper=paper)
    assert sorted(made) == sorted(path for path in tmp_path.rglob("*") if path.is_file())
    parts = {"data", "queries", *["notebooks"] * example, *["paper"] * paper}
    assert {path.name for path in (tmp_path / "a" / "b").iterdir()} == {*parts, *scaffold.GIT}
    assert review.load(Review(tmp_path / "a" / "b")).problems == []


def test_a_paper_can_be_added_to_a_review_once(tmp_path: Path) -> None:
    scaffold.init(tmp_path, example=True)
    (tmp_path / ".gitignore").write_text("mine", encoding="utf-8")
    before = everything(tmp_path)
    made = scaffold.init(tmp_path, example=False, paper=True)
    added = {name for name in everything(tmp_path) if name not in before}
    assert added == {"paper", *(path.relative_to(tmp_path).as_posix() for path in made)}
    after = everything(tmp_path)
    assert {name: after[name] for name in before} == before
    with pytest.raises(ReviewError, match="already has paper/"):
        scaffold.init(tmp_path, example=False, paper=True)
    with pytest.raises(ReviewError, match="already has data/"):
        scaffold.init(tmp_path, example=True, paper=True)
    assert everything(tmp_path) == after


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"", b"review.db*\n.reviewdb*\n"),
        (b"*.pyc", b"*.pyc\nreview.db*\n.reviewdb*\n"),
        (b"*.pyc\r\n", b"*.pyc\r\nreview.db*\n.reviewdb*\n"),
        (b"\xff\nreview.db*  \n", b"\xff\nreview.db*  \n.reviewdb*\n"),
        (b".reviewdb*\nreview.db*", b".reviewdb*\nreview.db*"),
    ],
)
def test_what_git_ignores_already_is_kept_and_the_rest_added(tmp_path: Path, old: bytes, new: bytes) -> None:
    (tmp_path / ".gitignore").write_bytes(old)
    made = scaffold.init(tmp_path, example=False)
    assert (tmp_path / ".gitignore").read_bytes() == new
    assert (tmp_path / ".gitignore" in made) == (old != new)


def test_this_repository_tells_git_what_a_new_review_does() -> None:
    for name, lines in scaffold.GIT.items():
        assert set(lines) <= set((ROOT / name).read_text(encoding="utf-8").splitlines())


def test_two_branches_of_one_coder_merge_and_keep_the_lines_of_both(tmp_path: Path) -> None:
    scaffold.init(tmp_path, example=True)
    place = Review(tmp_path)

    def decide(record: str, code: str) -> None:
        line = {"at": "2026-12-01T00:00:00Z", "record": f"2021-mini-review-{record}", "question": "modality"}
        with place.decisions_of("ana").open("a", encoding="utf-8") as handle:
            handle.write(json.dumps({**line, "answer": [code]}) + "\n")
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-q", "-m", record)

    git(tmp_path, "init", "-q", "-b", "main")
    decide("001", "oct")
    git(tmp_path, "checkout", "-q", "-b", "other")
    decide("002", "ct")
    git(tmp_path, "checkout", "-q", "main")
    decide("003", "mri")
    git(tmp_path, "merge", "-q", "--no-edit", "other")
    found = review.load(place)
    assert found.problems == []
    said = {(made.record[-3:], made.answer) for made in found.decisions if made.coder == "ana"}
    assert said == {("001", ("oct",)), ("002", ("ct",)), ("003", ("mri",))}
    assert git(tmp_path, "status", "--porcelain") == ""
