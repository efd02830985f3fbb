"""A review on disk: found from inside, read with everything that is wrong with it, and the rest of it good."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from reviewdb import review
from reviewdb.errors import ReviewError
from reviewdb.model import Relation
from reviewdb.review import Content, Review

AT = '"at": "2026-11-23T15:00:00Z"'
PROTOCOL = 'format = 1\ntitle = "T"\nquestion = "Q?"\n'
CRITERION = '[[criteria]]\nstage = "screening"\nreason = "off_topic"\n'
SCHEME = """schema = 1
[stage.screening]
[stage.screening.reasons.off_topic]
[facet.modality.codes.mri]
[facet.modality.codes.ct]
[facet.aim]
kind = "text"
"""
SEARCH = '{"source": "scholar"}\n{"id": "s-1", "rank": 1, "title": "One"}\n{"id": "s-2", "title": "Two"}\n'
SAID = f'{{{AT}, "record": "s-1", "question": "modality", "answer": ["mri"]}}\n'
RULED = f'{{{AT}, "a": "s-1", "b": "s-2", "relation": "same"}}\n'
QUERY = "-- title: All\nSELECT 1\n"

GOOD = {
    "data/protocol.toml": PROTOCOL,
    "data/coding-scheme.toml": SCHEME,
    "data/searches/s.jsonl": SEARCH,
    "data/decisions/ana.jsonl": SAID,
    "data/rulings/ana.jsonl": RULED,
    "queries/all.sql": QUERY,
}


def load(folder: Path, changes: dict[str, str | bytes | None] | None = None) -> Content:
    """Load the good review with some of its files changed, or gone (None)."""
    for name, text in {**GOOD, **(changes or {})}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is not None:
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return review.load(Review(folder))


def test_a_good_review_has_no_problem(tmp_path: Path) -> None:
    content = load(tmp_path)
    assert content.problems == []
    assert content.protocol.title == "T"
    assert list(content.scheme.questions) == ["screening", "modality", "aim"]
    assert [search.id for search in content.searches] == ["s"]
    assert list(content.records) == ["s-1", "s-2"]
    assert [(made.coder, made.record, made.answer) for made in content.decisions] == [("ana", "s-1", ("mri",))]
    assert [(made.a, made.b, made.relation) for made in content.rulings] == [("s-1", "s-2", Relation.SAME)]
    assert [query.name for query in content.queries] == ["all"]


def said(question: str, answer: str, record: str = "s-1") -> str:
    """Return a line of decisions; `answer` is JSON."""
    return f'{{{AT}, "record": "{record}", "question": "{question}", "answer": {answer}}}\n'


@pytest.mark.parametrize(
    ("name", "text", "places", "complaint"),
    [
        ("data/decisions/ana.jsonl", SAID + '{"at"', ["data/decisions/ana.jsonl:2"], "cut off"),
        ("data/decisions/ana.jsonl", b'{"\xff"}\n' + SAID.encode(), ["data/decisions/ana.jsonl:1"], "not UTF-8"),
        ("data/decisions/ana.jsonl", SAID + said("modality", '["pet"]'), ["data/decisions/ana.jsonl:2"], "code 'pet'"),
        ("data/decisions/ana.jsonl", said("colour", '["red"]'), ["data/decisions/ana.jsonl:1"], "question 'colour'"),
        ("data/decisions/ana.jsonl", said("screening", '["include", "maybe"]'), [":1"], "takes one answer"),
        ("data/decisions/ana.jsonl", said("screening", "[]"), [":1"], "takes one answer"),
        ("data/decisions/ana.jsonl", said("screening", '"exclude.nope"'), [":1"], "code 'exclude.nope'"),
        ("data/decisions/ana.jsonl", said("aim", '["a", "b"]'), [":1"], "one line of text"),
        ("data/decisions/ana.jsonl", said("modality", "null", "s-9"), [":1"], "no search has a record 's-9'"),
        ("data/decisions/ana.jsonl", said("modality", "null", "s-9"), [":1"], "Bring it back"),
        ("data/decisions/a b.jsonl", SAID, ["data/decisions/a b.jsonl"], "coder 'a b'"),
        ("data/rulings/a b.jsonl", RULED, ["data/rulings/a b.jsonl"], "coder 'a b'"),
        ("data/rulings/ana.jsonl", RULED + RULED.replace("s-2", "s-9"), ["data/rulings/ana.jsonl:2"], "'s-9'"),
        ("data/rulings/ana.jsonl", RULED.replace("s-2", "s-9"), ["data/rulings/ana.jsonl:1"], "Bring it back"),
        ("data/rulings/ana.jsonl", RULED.replace("s-2", "s-1"), ["data/rulings/ana.jsonl:1"], "both records are s-1"),
        ("data/searches/s.jsonl", SEARCH + '\n{"id": "s-1", "title": "x"}\n', [":5"], "'s-1' is already that of hit 1"),
        ("data/searches/t.jsonl", SEARCH, ["data/searches/t.jsonl:2", "data/searches/t.jsonl:3"], "of s."),
        ("data/searches/s.jsonl", SEARCH + '{"id": "s-3"}\n', ["data/searches/s.jsonl:4"], "title is missing"),
        ("data/searches/t.jsonl", "", ["data/searches/t.jsonl:1"], "the file is empty"),
        ("data/searches/t.jsonl", "\n\n", ["data/searches/t.jsonl:1"], "the file is empty"),
        ("data/searches/s.jsonl", SEARCH.replace("source", "sauce"), ["data/searches/s.jsonl:1"], "the header"),
        ("data/searches/s.jsonl", "x" + SEARCH, ["data/searches/s.jsonl:1"], "not JSON"),
        ("data/protocol.toml", None, ["data/protocol.toml"], "cannot be read"),
        ("data/protocol.toml", "", ["data/protocol.toml"] * 3, ""),
        ("data/protocol.toml", PROTOCOL + "x = \n", ["data/protocol.toml:4"], "not valid TOML"),
        ("data/protocol.toml", PROTOCOL.encode() + b"# \xff\n", ["data/protocol.toml:4"], "not UTF-8"),
        (
            "data/protocol.toml",
            PROTOCOL + CRITERION + CRITERION.replace("screening", "x"),
            ["data/protocol.toml:9"],
            "no reason 'off_topic' at a stage 'x'",
        ),
        ("data/coding-scheme.toml", None, ["data/coding-scheme.toml"], "cannot be read"),
        ("data/coding-scheme.toml", SCHEME + "]", ["data/coding-scheme.toml:8"], "not valid TOML"),
        ("data/coding-scheme.toml", b"\xef\xbb\xbf# \n\xff\n", ["data/coding-scheme.toml:2"], "not UTF-8"),
        ("data/coding-scheme.toml", "", ["data/coding-scheme.toml"], "schema = 1"),
        ("queries/bad.sql", b"-- title: \xe4\n", ["queries/bad.sql:1"], "not UTF-8"),
        ("queries/bad.sql", "", ["queries/bad.sql:1"] * 2, "the query"),
        ("queries/bad name.sql", QUERY, ["queries/bad name.sql"], "cannot be the name"),
    ],
)
def test_what_is_wrong_is_named_with_its_file_and_line(
    name: str, text: str | bytes | None, places: list[str], complaint: str, tmp_path: Path
) -> None:
    problems = load(tmp_path, {name: text}).problems
    found = [str(problem).partition(": ")[0] for problem in problems]
    assert found == [place if not place.startswith(":") else name + place for place in places]
    assert all(complaint in f"{problem.what} {problem.todo}" for problem in problems)
    assert all(problem.todo for problem in problems)


def test_all_problems_come_at_once_and_the_good_part_beside_them(tmp_path: Path) -> None:
    content = load(
        tmp_path,
        {
            "data/protocol.toml": PROTOCOL + "pages = 1\n[search]\npages = 0\n",
            "data/coding-scheme.toml": SCHEME + "wrong = 1\n",
            "data/searches/t.jsonl": '{"source": "x"}\n{"id": "t-1", "title": "Three"}\n{"id": "s-2", "title": ""}\n',
            "data/decisions/ana.jsonl": SAID + "x\n" + said("modality", '["ct"]', "t-1"),
            "data/decisions/ben.jsonl": said("modality", "7") + said("modality", '["ct"]', "s-2"),
            "data/rulings/ben.jsonl": "{}\n",
            "queries/bad.sql": "SELECT 1",
        },
    )
    assert sorted((problem.path, problem.line) for problem in content.problems) == [
        ("data/coding-scheme.toml", 8),
        ("data/decisions/ana.jsonl", 2),
        ("data/decisions/ben.jsonl", 1),
        ("data/protocol.toml", 4),
        ("data/protocol.toml", 6),
        ("data/rulings/ben.jsonl", 1),
        ("data/searches/t.jsonl", 3),
        ("queries/bad.sql", 1),
    ]
    assert list(content.records) == ["s-1", "s-2", "t-1"]
    assert [(made.coder, made.record) for made in content.decisions] == [("ana", "s-1"), ("ana", "t-1"), ("ben", "s-2")]
    assert [made.coder for made in content.rulings] == ["ana"]
    assert [query.name for query in content.queries] == ["all"]


@pytest.mark.parametrize("scheme", ["x = ]", "", None])
def test_without_a_scheme_only_the_scheme_is_to_blame(scheme: str | None, tmp_path: Path) -> None:
    content = load(tmp_path, {"data/coding-scheme.toml": scheme, "data/protocol.toml": PROTOCOL + CRITERION})
    assert {problem.path for problem in content.problems} == {"data/coding-scheme.toml"}
    assert content.decisions == []
    content = load(tmp_path, {"data/coding-scheme.toml": "x = ]", "data/decisions/ana.jsonl": SAID + "y\n" + SAID})
    assert sorted((problem.path, problem.line) for problem in content.problems) == [
        ("data/coding-scheme.toml", 1),
        ("data/decisions/ana.jsonl", 2),
    ]


@pytest.mark.parametrize("header", ["x\n", '{"query": "no source"}\n'])
def test_hits_under_a_bad_header_are_still_there(header: str, tmp_path: Path) -> None:
    content = load(tmp_path, {"data/searches/s.jsonl": header + SEARCH.split("\n", 1)[1]})
    assert len(content.problems) == 1
    assert "s-2" in content.records
    assert [search.id for search in content.searches] == ["s"]


def test_decisions_and_rulings_come_in_the_order_of_time(tmp_path: Path) -> None:
    def at(moment: str, lines: str) -> str:
        return lines.replace("2026-11-23T15:00:00Z", moment)

    ana = at("2026-11-23T16:30:00+01:00", SAID) + SAID + said("modality", '["ct"]')
    content = load(
        tmp_path,
        {
            "data/decisions/ana.jsonl": ana,
            "data/decisions/Zoe.jsonl": at("2026-11-23T15:00:00.000001Z", SAID) + at("2020-01-01T00:00:00Z", SAID),
            "data/rulings/ana.jsonl": at("2027-01-01T00:00:00Z", RULED) + RULED,
        },
    )
    assert [(made.coder, made.at[:19], made.answer) for made in content.decisions] == [
        ("Zoe", "2020-01-01T00:00:00", ("mri",)),
        ("ana", "2026-11-23T15:00:00", ("mri",)),
        ("ana", "2026-11-23T15:00:00", ("ct",)),
        ("Zoe", "2026-11-23T15:00:00", ("mri",)),
        ("ana", "2026-11-23T15:30:00", ("mri",)),
    ]
    assert [made.at[:4] for made in content.rulings] == ["2026", "2027"]


def test_no_damage_brings_loading_down(example: Review) -> None:
    """Change random bytes of random files, many times; every time there is an answer."""
    chance = random.Random(7)
    files = [path for _, path in example.sources()]
    for _ in range(25):
        path = chance.choice(files)
        whole = path.read_bytes()
        data = bytearray(whole)
        for _ in range(3):
            data[chance.randrange(len(data))] = chance.choice(b'\xff\x00\n"]{}=')
        path.write_bytes(data)
        content = review.load(example)
        shown = path.relative_to(example.root).as_posix()
        assert all(problem.path == shown or problem.line for problem in content.problems)
        path.write_bytes(whole)
    assert review.load(example).problems == []


def test_a_review_is_found_from_any_folder_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(tmp_path)
    deep = tmp_path / "data" / "searches"
    assert review.find(tmp_path).root == tmp_path
    assert review.find(deep).root == tmp_path
    monkeypatch.chdir(deep)
    assert review.find(Path()).root == tmp_path
    assert review.at(tmp_path).root == tmp_path


def test_outside_of_a_review_the_message_says_what_to_do(tmp_path: Path) -> None:
    load(tmp_path / "inside")
    for ask, where in ((review.find, tmp_path), (review.at, tmp_path), (review.at, tmp_path / "inside" / "data")):
        with pytest.raises(ReviewError, match="reviewdb init") as refused:
            ask(where)
        assert str(where) in refused.value.what


def test_the_sources_are_the_files_that_count(tmp_path: Path) -> None:
    load(tmp_path)
    (tmp_path / "data" / "searches" / "notes.txt").write_text("x", encoding="utf-8")
    place = Review(tmp_path)
    assert [name for name, _ in place.sources()] == list(GOOD)
    assert place.decisions_of("ana") == tmp_path / "data" / "decisions" / "ana.jsonl"
    shutil.rmtree(tmp_path / "data" / "rulings")
    assert [name for name, _ in place.sources()] == [name for name in GOOD if "rulings" not in name]
