"""The command that dedupes: what it says of a review, people's rulings on pairs, and the queue at the terminal."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import termios
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Program

from reviewdb import build, database, duplicates
from reviewdb.review import Review

# Two spellings of one paper, a year apart in one journal, and the same words in another order: one merge, two doubts.
HITS = """\
id,title,authors,year,venue,doi,abstract
1,A study of lesions in images of the made-up organ,"Ada Lovelace; Blaise Pascal",2019,Medical Image Analysis,,
2,A Study of Lesions in Images of the Made-Up Organ.,"Lovelace, A.",2019,Medical Image Analysis,10.1000/mia.1,All of it.
3,A study of lesions in images of the made-up organ,"A. Lovelace; B. Pascal",2020,Med Image Anal,,
4,Normal organs and how to tell them from others,"Carl Gauss; Emmy Noether",2021,,,
5,How to tell normal organs from others,"C. Gauss; E. Noether",2021,,,
"""


@pytest.fixture
def place(tmp_path: Path, program: Program) -> Review:
    """Return a review of its own whose hits are the five above."""
    root = tmp_path / "review"
    assert program("init", root).returncode == 0
    (tmp_path / "hits.csv").write_text(HITS, encoding="utf-8")
    assert program("import", tmp_path / "hits.csv", "--date", "2026-11-23", folder=root).returncode == 0
    return Review(root)


def ids(place: Review) -> list[str]:
    build.refresh(place)
    with closing(database.reader(place.database)) as connection:
        return [id_ for (id_,) in connection.execute("SELECT id FROM records ORDER BY id")]


def waiting(place: Review) -> list[tuple[str, str]]:
    build.refresh(place)
    with closing(database.reader(place.database)) as connection:
        return [(pair.a.id, pair.b.id) for pair in duplicates.queue(connection)]


def ruled(place: Review, coder: str = "ana") -> list[dict[str, object]]:
    path = place.rulings_of(coder)
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def test_the_summary_counts_records_papers_studies_and_the_pairs_of_each_rule(place: Review, program: Program) -> None:
    shown = program("dedupe", folder=place.root)
    assert shown.stdout.split("\n\n")[0].split("\n") == [
        "      5 records",
        "      4 papers: 1 of the records repeats another one",
        "      4 studies",
    ]
    assert "1 same" in shown.stdout
    assert "2 doubtful pairs wait for a person" in shown.stdout
    said = json.loads(program("dedupe", "--json", folder=place.root).stdout)
    assert (said["records"], said["papers"], said["studies"], said["doubtful"]) == (5, 4, 4, 2)
    assert {rule["relation"] for rule in said["rules"]} == {"same", "doubtful"}


def test_an_empty_review_has_nothing_to_dedupe(tmp_path: Path, program: Program) -> None:
    program("init", tmp_path / "empty")
    shown = program("dedupe", folder=tmp_path / "empty")
    assert (shown.returncode, shown.stdout) == (0, "      0 records\n      0 papers\n      0 studies\n")


def test_of_two_papers_one_pair_of_records_waits(place: Review) -> None:
    one, two, three, four, five = ids(place)
    # Both of the two records that are one paper doubt the third one.
    assert waiting(place) == [(one, three), (four, five)] or waiting(place) == [(two, three), (four, five)]


def test_a_pair_is_explained_field_by_field_with_its_rule_and_what_the_matcher_sees(
    place: Review, program: Program
) -> None:
    one, _, three, four, _ = ids(place)
    shown = program("dedupe", "--explain", one, three, folder=place.root).stdout
    assert "They are two papers." in shown
    assert "Rule another-year says doubtful: titles 100 % alike" in shown
    assert re.search(r"year +A +2019\n +B +2020", shown)
    assert re.search(r"years_apart +1\n", shown)
    said = json.loads(program("dedupe", "--explain", three, one, "--json", folder=place.root).stdout)
    assert (said["a"], said["b"], said["link"]["rule"], said["match"]["rule"]) == (
        one,
        three,
        "another-year",
        "another-year",
    )
    assert said["fields"]["title"] == {
        "a": "A study of lesions in images of the made-up organ",
        "b": "A study of lesions in images of the made-up organ",
        "equal": True,
    }
    assert said["evidence"]["years_apart"] == 1
    assert "No rule relates them, so they are different." in (
        program("dedupe", "--explain", one, four, folder=place.root).stdout
    )


def test_a_ruling_is_a_line_that_beats_the_rule_and_another_line_takes_it_back(place: Review, program: Program) -> None:
    *_, four, five = ids(place)
    done = program("dedupe", "same", four, five, "--coder", "ana", "--why", "one word order", folder=place.root)
    assert (done.returncode, done.stdout) == (0, "")
    assert "They are one paper" in done.stderr
    assert [(r["a"], r["b"], r["relation"], r["why"]) for r in ruled(place)] == [(four, five, "same", "one word order")]
    assert len(waiting(place)) == 1
    explained = program("dedupe", "--explain", four, five, folder=place.root).stdout
    assert re.search(
        r"They are one paper\.\nana ruled same: one word order\nRule [a-z-]+ alone would say doubtful:", explained
    )
    assert f"To take it back: reviewdb dedupe --undo {four} {five}" in done.stderr
    again = program("dedupe", "same", four, five, "--coder", "ana", folder=place.root)
    assert "nothing is written" in again.stderr
    program("dedupe", "same", four, five, "--coder", "ana", "--why", "one DOI", folder=place.root)
    assert ruled(place)[1:] == [{**ruled(place)[0], "at": ruled(place)[1]["at"], "why": "one DOI"}]
    undone = program("dedupe", "--undo", five, four, "--coder", "ana", folder=place.root)
    assert "taken back. They are two papers." in undone.stderr
    assert [r["relation"] for r in ruled(place)] == ["same", "same", None]
    assert len(waiting(place)) == 2


@pytest.mark.parametrize(("word", "result"), [("version", "two papers of one study"), ("different", "two papers")])
def test_what_rules_merged_people_take_apart(place: Review, program: Program, word: str, result: str) -> None:
    one, two, *_ = ids(place)
    done = program("dedupe", word, one, two, "--coder", "ana", folder=place.root)
    assert f"They are {result}." in done.stderr


def test_a_paper_is_named_by_its_key_too_and_a_pair_ruled_on_waits_no_more(place: Review, program: Program) -> None:
    keys = [paper["key"] for paper in json.loads(program("export", "json", folder=place.root).stdout)]
    assert keys[:2] == ["lovelace2019study", "lovelace2020study"]
    done = program("dedupe", "different", *keys[:2], "--coder", "ana", folder=place.root)
    assert done.returncode == 0
    assert len(waiting(place)) == 1


def test_coders_who_rule_differently_are_told_and_the_more_cautious_holds(place: Review, program: Program) -> None:
    *_, four, five = ids(place)
    program("dedupe", "different", four, five, "--coder", "ben", "--why", "two data sets", folder=place.root)
    done = program("dedupe", "same", four, five, "--coder", "ana", folder=place.root)
    assert "They are two papers." in done.stderr
    assert "But ben ruled different: two data sets. The more cautious holds." in done.stderr
    assert "Coders rule differently on 1 pair: reviewdb check" in program("dedupe", folder=place.root).stdout


def test_a_ruling_by_keys_replaces_the_coders_own_between_the_two_papers(place: Review, program: Program) -> None:
    one, two, three, *_ = ids(place)
    keys = ("lovelace2019study", "lovelace2020study")
    program("dedupe", "version", two, three, "--coder", "ana", folder=place.root)
    program("dedupe", "version", one, three, "--coder", "ana", folder=place.root)
    program("dedupe", "version", one, three, "--coder", "ben", folder=place.root)
    done = program("dedupe", "different", *keys, "--coder", "ana", folder=place.root)
    assert f"Your earlier ruling on {two} and {three}, of the same two papers, is taken back." in done.stderr
    standing = {(r["a"], r["b"]): r["relation"] for r in ruled(place)}
    assert standing == {(one, three): "different", (two, three): None}
    undone = program("dedupe", "--undo", *keys, "--coder", "ana", folder=place.root)
    assert f"{one} and {three}: your ruling is taken back. They are two papers of one study." in undone.stderr
    nothing = program("dedupe", "--undo", *keys, "--coder", "ana", folder=place.root)
    assert "ana has not ruled" in nothing.stderr
    assert [r["relation"] for r in ruled(place, "ben")] == ["version"]


def test_rulings_that_a_new_one_leaves_no_room_for_are_told_at_once(place: Review, program: Program) -> None:
    one, _, three, four, _ = ids(place)
    program("dedupe", "version", one, three, "--coder", "ben", folder=place.root)
    program("dedupe", "version", three, four, "--coder", "ana", folder=place.root)
    done = program("dedupe", "different", one, four, "--coder", "ana", folder=place.root)
    assert f"Set aside, as rulings leave no room for it: ana ruled version on {three} and {four}." in done.stderr
    shown = program("dedupe", folder=place.root).stdout
    assert "(1 set aside)" in shown
    assert "reviewdb table set-aside-pairs" in shown
    listed = program("table", "set-aside-pairs", "--format", "csv", folder=place.root).stdout
    assert f"{three},{four},version,ana" in listed


def test_two_records_of_one_paper_are_explained_by_what_joins_them_through_others(
    place: Review, program: Program
) -> None:
    one, two, _, four, _ = ids(place)
    program("dedupe", "same", two, four, "--coder", "ana", "--why", "one DOI", folder=place.root)
    shown = program("dedupe", "--explain", one, four, folder=place.root).stdout
    assert "No rule relates the two themselves.\nWhat makes them one paper, through others:\n" in shown
    assert re.search(
        rf"  {one} and {two}: Rule [a-z-]+ says same: .*\n  {two} and {four}: ana ruled same: one DOI", shown
    )
    assert "different" not in shown
    said = json.loads(program("dedupe", "--explain", one, four, "--json", folder=place.root).stdout)
    assert [(link["a"], link["b"]) for link in said["chain"]] == [(one, two), (two, four)]


def test_a_doubtful_pair_says_how_to_rule_on_it_until_somebody_has(place: Review, program: Program) -> None:
    one, two, three, *_ = ids(place)
    shown = program("dedupe", "--explain", one, three, folder=place.root).stdout
    assert f"A person is to tell, with one of:\n  reviewdb dedupe same {one} {three}\n" in shown
    program("dedupe", "different", two, three, "--coder", "ana", folder=place.root)
    shown = program("dedupe", "--explain", one, three, folder=place.root).stdout
    assert "A person is to tell" not in shown
    assert f"Of other records of the two papers:\n  {two} and {three}: ana ruled different" in shown


def test_a_key_that_went_with_a_ruling_leads_to_the_paper_that_has_the_record(place: Review, program: Program) -> None:
    one, _, three, *_ = ids(place)
    was, now = (json.loads(program("show", name, "--json", folder=place.root).stdout)["key"] for name in (three, one))
    assert was != now
    program("dedupe", "same", was, now, "--coder", "ana", folder=place.root)
    for arguments in (
        ("show", was),
        ("dedupe", "--explain", was.upper(), now),
        ("screen", was, "include", "--coder", "ana"),
    ):
        done = program(*arguments, folder=place.root)
        assert done.returncode == 1
        assert f"A record of {now} may have been called so." in done.stderr
    for slip in (f"{now}s", f"{now}!!"):
        assert f"Did you mean {now}?" in program("show", slip, folder=place.root).stderr


@pytest.fixture
def enriched(place: Review) -> Review:
    """Return the review with a record, `z1`, that tells more of its first hit."""
    header = {"source": "openalex", "query": "", "date": "2026-11-24", "kind": "enrichment"}
    more = {"id": "z1", "rank": 1, "title": "A study of lesions", "about": ids(place)[0]}
    lines = "".join(json.dumps(line) + "\n" for line in (header, more))
    place.search_file("z").write_text(lines, encoding="utf-8")
    return place


def test_a_record_that_tells_more_of_a_hit_is_ruled_out_of_its_paper_and_in_again(
    enriched: Review, program: Program
) -> None:
    one = ids(enriched)[0]

    def merged() -> list[str]:
        found = json.loads(program("show", one, "--json", folder=enriched.root).stdout)
        return [record["record"] for record in found["records"]]

    assert "z1" in merged()
    done = program("dedupe", "different", "z1", one, "--coder", "ana", folder=enriched.root)
    assert "They are apart: one of them tells more of a paper, and is ruled out of it." in done.stderr
    assert [(r["a"], r["b"]) for r in ruled(enriched)] == [(one, "z1")]
    assert "z1" not in merged()
    shown = program("dedupe", "--explain", "z1", one, folder=enriched.root)
    assert "ana ruled different" in shown.stdout
    program("dedupe", "--undo", "z1", "lovelace2019study", "--coder", "ana", folder=enriched.root)
    assert "z1" in merged()


def test_a_record_that_tells_more_of_a_hit_is_explained_by_who_found_it_so(enriched: Review, program: Program) -> None:
    one, two, _, four, *_ = ids(enriched)
    shown = program("dedupe", "--explain", "z1", "lovelace2019study", folder=enriched.root).stdout
    assert "They are one paper.\nRule enrichment says same: asked for by name" in shown
    shown = program("dedupe", "--explain", "z1", two, folder=enriched.root).stdout
    assert f"  {one} and {two}: Rule" in shown
    assert "They are two papers." in program("dedupe", "--explain", "z1", four, folder=enriched.root).stdout


def test_a_ruling_on_what_tells_more_of_a_third_record_is_refused(enriched: Review, program: Program) -> None:
    one, _, _, four, *_ = ids(enriched)
    done = program("dedupe", "different", "z1", four, "--coder", "ana", folder=enriched.root)
    assert done.returncode == 1
    assert f"z1 is no hit of a search: it only tells more of {one}." in done.stderr
    assert not ruled(enriched)


@pytest.mark.parametrize(
    ("arguments", "code", "what"),
    [
        (["same", "{0}"], 2, "then two records"),
        (["alike", "{0}", "{1}"], 2, "say same, version or different"),
        (["same", "{0}", "{0}"], 1, "the same record"),
        (["same", "{0}", "nobody2020nothing"], 1, "no paper has the key or id"),
        (["--undo", "{0}", "{1}"], 1, "nothing to undo"),
        (["--queue", "--explain", "{0}", "{1}"], 2, "one thing at a time"),
        (["--explain", "{0}", "{1}", "--why", "x"], 2, "--why goes with a ruling"),
        (["--coder", "ben"], 2, "--coder goes with a ruling"),
        (["-o", "out.csv"], 2, "go with --records"),
        (["same", "{0}", "{1}", "--coder", "../x"], 1, "coder"),
    ],
)
def test_a_wrong_ruling_is_refused_and_nothing_is_written(
    place: Review, program: Program, arguments: list[str], code: int, what: str
) -> None:
    found = ids(place)
    named = [argument.format(*found) for argument in arguments]
    done = program("dedupe", *named, folder=place.root, REVIEWDB_CODER="ana")
    assert (done.returncode, done.stdout) == (code, "")
    assert what in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((place.root / "data" / "rulings").glob("*.jsonl"))


def test_who_rules_must_be_said(place: Review, program: Program) -> None:
    one, two, *_ = ids(place)
    done = program("dedupe", "same", one, two, folder=place.root)
    assert done.returncode == 1
    assert "--coder ana, or set REVIEWDB_CODER=ana" in done.stderr


def test_the_queue_pipes_as_columns(place: Review, program: Program) -> None:
    shown = program("dedupe", "--queue", folder=place.root)
    lines = [line.split("\t") for line in shown.stdout.splitlines()]
    assert [(line[0], line[1]) for line in lines] == waiting(place)
    assert [len(line) for line in lines] == [7, 7]
    assert "a year apart" in lines[0][4]


def at_the_terminal(place: Review, *keys: bytes | Callable[[], object], why: str = "", code: int = 0) -> str:
    """Go through the queue of ana with these keys, each pressed once the one before was answered.

    A function among them is called at that moment, and the key after it is pressed without waiting.
    """
    if shutil.which("stty") is None:
        pytest.skip("no terminal on this system")
    leader, follower = pty.openpty()

    def at_home() -> None:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # the terminal whose Ctrl-C is heard,
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # also where whoever runs the tests ignores theirs

    environment = {**os.environ, "COLUMNS": "80", "TERM": "xterm-256color", "REVIEWDB_CODER": "ana"}
    running = subprocess.Popen(
        [sys.executable, "-m", "reviewdb", "dedupe", "--queue", *(["--why", why] if why else [])],
        cwd=place.root,
        env=environment,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
        preexec_fn=at_home,  # noqa: PLW1509 - no threads here
    )
    os.close(follower)
    shown, left, seen = b"", list(keys), 0
    try:
        while select.select([leader], [], [], 30)[0] and (chunk := os.read(leader, 65536)):
            shown += chunk
            if left and shown.count(b"q quit") > seen:
                seen = shown.count(b"q quit")
                while callable(key := left.pop(0)):
                    key()
                os.write(leader, key)
    except OSError:  # what Linux says where the other end is closed
        pass
    os.close(leader)
    running.kill() if left else None
    assert running.wait(timeout=30) == code, shown.decode()
    return shown.decode().replace("\r\n", "\n")


def test_each_key_of_the_queue_is_a_ruling_on_disk(place: Review, program: Program) -> None:
    first, second = waiting(place)
    shown = at_the_terminal(place, b"v", b"s", b"q", why="by title")
    assert "1 of 2" in shown
    assert "2 of 2" in shown
    assert "That was the last pair." in shown
    assert "2 rulings kept, 0 pairs left for later." in shown
    assert [(r["a"], r["b"], r["relation"], r["why"]) for r in ruled(place)] == [
        (*first, "version", "by title"),
        (*second, "same", "by title"),
    ]
    assert waiting(place) == []
    assert "No doubtful pair waits." in at_the_terminal(place)
    piped = program("dedupe", "--queue", folder=place.root)
    assert (piped.stdout, piped.stderr) == ("", "No doubtful pair waits.\n")


def test_the_queue_takes_back_passes_over_and_ends(place: Review) -> None:
    first, _ = waiting(place)
    shown = at_the_terminal(place, b"d", b"u", b" ", b"q")
    assert "Taken back." in shown
    assert "Nothing is written, 2 pairs left for later." in shown
    assert [(r["a"], r["b"], r["relation"]) for r in ruled(place)] == [(*first, "different"), (*first, None)]
    assert len(waiting(place)) == 2


def test_the_last_pair_is_taken_back_too(place: Review) -> None:
    _, second = waiting(place)
    at_the_terminal(place, b" ", b"s", b"u", b"d", b"q")
    assert [(r["a"], r["b"], r["relation"]) for r in ruled(place)] == [
        (*second, "same"),
        (*second, None),
        (*second, "different"),
    ]


@pytest.mark.parametrize("key", [b"\x1b[A", b"\x1bOP", b"\x1b[15~", b"\x1b[1;5C", "ß".encode(), b"x"])
def test_a_key_that_says_nothing_is_answered_with_the_keys_and_ends_nothing(place: Review, key: bytes) -> None:
    shown = at_the_terminal(place, key, b"s", b"q")
    assert shown.count("The keys are: s same") == 1
    assert len(ruled(place)) == 1


def test_escape_alone_ends_the_queue(place: Review) -> None:
    assert "Nothing is written, 2 pairs left for later." in at_the_terminal(place, b"\x1b")


def test_an_interrupt_says_what_was_kept(place: Review) -> None:
    shown = at_the_terminal(place, b"s", b"\x03", code=130)
    assert "1 ruling kept, 1 pair left for later." in shown
    assert len(ruled(place)) == 1


def test_a_pair_whose_papers_were_joined_meanwhile_is_passed_over(place: Review) -> None:
    _, second = waiting(place)
    one, _, three, *_ = ids(place)
    place.rulings_of("ana").parent.mkdir(exist_ok=True)

    def join() -> None:
        lines = [(one, second[0]), (second[1], three), (one, three)]
        moment = "2026-11-01T00:00:00Z"
        told = [json.dumps({"at": moment, "a": a, "b": b, "relation": "same"}) + "\n" for a, b in lines]
        place.rulings_of("ben").write_text("".join(told), encoding="utf-8")

    shown = at_the_terminal(place, join, b" ", b"q")
    assert "Skipped." in shown
    assert "Nothing is written, 0 pairs left for later." in shown


def test_a_pair_that_somebody_answered_meanwhile_is_passed_over(place: Review, program: Program) -> None:
    _, second = waiting(place)
    shown = at_the_terminal(
        place, lambda: program("dedupe", "different", *second, "--coder", "ben", folder=place.root), b" ", b"q"
    )
    assert f"{second[0]} and {second[1]}: answered meanwhile, or their papers were joined. Skipped." in shown
    assert "Nothing is written, 1 pair left for later." in shown


def test_the_merged_paper_says_which_record_gave_each_field(place: Review, program: Program) -> None:
    one, two, *_ = ids(place)
    shown = json.loads(program("show", "lovelace2019study", "--json", folder=place.root).stdout)
    gave = {record["record"]: record["gave"] for record in shown["records"]}
    assert "authors" in gave[one]
    assert {"doi", "abstract"} <= set(gave[two])
    assert (shown["authors"], shown["doi"]) == ("Ada Lovelace; Blaise Pascal", "10.1000/mia.1")
    text = program("show", "lovelace2019study", folder=place.root).stdout
    assert "Merged from" in text
    assert f"{two}  table 2026-11-23, gave abstract, doi" in text
