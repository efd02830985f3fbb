"""The protocol: what is read of it, and every problem with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewdb import scheme
from reviewdb.protocol import Criterion, Protocol, Reported, parse, unknown_reasons

SHIPPED = Path(__file__).parents[1] / "data"
HEAD = '# title, question, pages, from\nformat = 1\ntitle = "T"\nquestion = "Q?"\n'


def test_the_protocol_that_ships_is_good() -> None:
    source = (SHIPPED / "protocol.toml").read_text(encoding="utf-8")
    found, problems = parse(source, "protocol.toml")
    assert problems == []
    assert found.title == "Anomaly Detection in Medical Imaging: A Mini Review"
    assert (len(found.terms), found.pages, found.page_size, found.window) == (4, 3, 10, ("2015-01", "2021-07"))
    coding_scheme, _ = scheme.parse((SHIPPED / "coding-scheme.toml").read_text(encoding="utf-8"), "scheme.toml")
    assert unknown_reasons(found, coding_scheme, "protocol.toml") == []


def test_all_that_a_protocol_may_say_is_read() -> None:
    found, problems = parse(
        HEAD
        + """\
citation = "C"
url = "U"
window = { from = "2015", to = "2021-07" }
[search]
sources = ["scholar"]
terms = ["a", "b"]
pages = 3
[[criteria]]
stage = "screening"
reason = "preprint"
text = "Peer-reviewed."
[[reported]]
label = "L"
value = "39"
[coders]
ana = "A. B., radiologist"
""",
        "p",
    )
    assert problems == []
    assert found == Protocol(
        *("T", "Q?", "C", "U", ("scholar",), ("a", "b"), 3, 10, ("2015", "2021-07")),
        (Criterion("screening", "preprint", "Peer-reviewed."),),
        (Reported("L", "39", "", ""),),
        coders=(("ana", "A. B., radiologist"),),
    )


@pytest.mark.parametrize(
    ("source", "lines", "complaint"),
    [
        (HEAD.replace("format = 1", ""), [0], "format = None is unknown"),
        (HEAD.replace("format = 1", "format = 2"), [2], "format = 2 is unknown"),
        (HEAD.replace("format = 1", "format = true"), [2], "format = True is unknown"),
        (HEAD.replace('"T"', '" "'), [3], "title is missing"),
        (HEAD.replace('title = "T"', ""), [0], "title is missing"),
        (HEAD.replace('"Q?"', '""'), [4], "question is missing"),
        (HEAD.replace('"Q?"', "[]"), [4], "question is not a string"),
        (HEAD + "search = 3\n", [5], "search is not a table"),
        (HEAD + "[criteria]\nstage = 1\n", [5], "criteria is not a list of tables"),
        (HEAD + "reported = [1]\n", [5], "reported.0 is not a table"),
        (HEAD + "[search]\nterms = 'x'\n", [6], "terms is not a list"),
        (HEAD + "[search]\n\nsources = [1]\n", [7], "sources holds something that is not a string"),
        (HEAD + "[search]\n# pages\npages = 0\n", [7], "pages is not a whole number above 0"),
        (HEAD + "[search]\npage_size = true\npages = 2.5\n", [6, 7], "is not a whole number above 0"),
        (HEAD + '[window]\nfrom = "2015-13"\n', [6], "from = '2015-13' is not a month"),
        (HEAD + '[window]\nto = "２０１５"\n', [6], "is not a month"),
        (HEAD + "[window]\nto = 2015-01-01\n", [6], "to is not a string"),
        (HEAD + '[window]\nto = "2015-01"\nfrom = "2015-02"\n', [7], "ends before it begins"),
        (HEAD + 'window = { from = "2016", to = "2015-02" }\n', [5], "ends before it begins"),
        (
            HEAD
            + '[[criteria]]\ntext = "a"\n[[reported]]\nlabel = "x"\n[[criteria]]\ntext = 1\n[[reported]]\nlabel = 2\n',
            [10, 12],
            "is not a string",
        ),
        (HEAD + "criteria = [\n  { stage = 1 },\n]\n", [6], "stage is not a string"),
        (HEAD + "coders = []\n", [5], "coders is not a table"),
        (HEAD + "[coders]\nana = 'x'\nben = 1\n", [7], "ben is not a string"),
        (HEAD + "[serach]\nterms = []\n", [5], "the key 'serach' is unknown"),
        (HEAD + "[search]\nterm = []\n", [6], "the key 'term' is unknown"),
        (HEAD + "[search]\nterms = [", [6], "not valid TOML"),
        (HEAD + "x = \n", [5], "not valid TOML"),
        ("x = 1\nx = 2\n", [2], "not valid TOML"),
        ("x = " + "9" * 5000, [0], "not valid TOML"),
        ("x = " + "[" * 5000, [0], "not valid TOML"),
    ],
)
def test_every_problem_comes_with_its_line(source: str, lines: list[int], complaint: str) -> None:
    _, problems = parse(source, "data/protocol.toml")
    assert [problem.line for problem in problems] == lines
    assert all(complaint in problem.what for problem in problems)
    assert all(problem.path == "data/protocol.toml" and problem.todo for problem in problems)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2015", "2015-07"),
        ("2015-09", "2015-10"),
        ("2015-07", "2015"),
        ("2015-07", "2015-07"),
        ("2015-07", ""),
        ("", "2015"),
    ],
)
def test_a_window_may_be_open_and_a_year_is_the_whole_of_it(first: str, last: str) -> None:
    found, problems = parse(f'{HEAD}[window]\nfrom = "{first}"\nto = "{last}"\n', "p")
    assert problems == []
    assert found.window == (first, last)


def test_what_a_protocol_does_not_say_is_empty_or_one_page_of_ten() -> None:
    assert parse(HEAD, "p") == (Protocol("T", "Q?", pages=1, page_size=10), [])
    assert (Protocol().pages, Protocol().page_size) == (1, 10)


def test_the_good_part_is_kept_beside_the_problems() -> None:
    found, problems = parse(HEAD + '[search]\nterms = ["a"]\npages = "x"\n[window]\nfrom = "2015"\nto = "soon"\n', "p")
    assert [problem.line for problem in problems] == [7, 10]
    assert (found.title, found.terms, found.pages, found.window) == ("T", ("a",), 1, ("2015", ""))


def test_a_criterion_must_exclude_for_a_reason_that_the_scheme_knows() -> None:
    coding_scheme, _ = scheme.parse("schema = 1\n[stage.screening]\n[stage.screening.reasons.late]\n", "s")
    pairs = [("screening", "late"), ("screening", "early"), ("eligibility", "late"), ("", "")]
    source = HEAD + "".join(f'[[criteria]]\nstage = "{stage}"\nreason = "{reason}"\n' for stage, reason in pairs)
    found, _ = parse(source, "p")
    assert [problem.line for problem in unknown_reasons(found, coding_scheme, "p")] == [10, 13, 16]


keys = st.sampled_from(["format", "title", "question", "search", "window", "criteria", "reported", "pages", "from"])
values = st.sampled_from(["1", '"x"', "[]", "{}", "[{}]", "true", "2015-01-01", '{from = 1, to = "2"}', "[1, {}]"])
statement = st.one_of(
    st.tuples(keys, values).map(" = ".join),
    keys.map("[{}]".format),
    keys.map("[[{}]]".format),
    st.text(),
)


@given(st.lists(statement).map("\n".join))
def test_no_text_brings_the_reader_down(source: str) -> None:
    _, problems = parse(source, "p")
    assert all(0 <= problem.line <= source.count("\n") + 1 for problem in problems)
