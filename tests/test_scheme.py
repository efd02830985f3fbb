"""The coding scheme: what is read, what is refused and on which line."""

from __future__ import annotations

import tomllib
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewdb import database
from reviewdb.scheme import PAPER_COLUMNS, Scheme, parse
from reviewdb.toml_reader import places

if TYPE_CHECKING:
    from reviewdb.errors import Problem

SHIPPED = Path(__file__).parent.parent / "data" / "coding-scheme.toml"

GOOD = """\
schema = 1

[stage.screening]
label = "Screening"
[stage.screening.reasons.duplicate]
label = "Duplicate"
definition = "The same document."

[facet.modality]
label = "Modality"
ignored = ["head and neck"]
[facet.modality.codes.mri]
label = "MRI"
words = ["MRI", "magnetic resonance"]
acronyms = ["MR"]
mesh = "Magnetic Resonance Imaging"
[facet.modality.codes."mri.brain"]
hints = ["white matter"]
not_with = ["CT"]

[facet.supervision]
label = "Supervision"
definition = "How much."
[facet.supervision.layers]
stated = "As worded."
coded = "As defined."
[facet.supervision.codes.unsupervised]
words = ["unsupervised"]

[facet.aim]
kind = "text"

[compose.modality.cues]
brain = ["brain*"]
[compose.modality.leaves]
mri = { brain = "mri.brain" }

[negation]
after = ["non"]
"""


def read(source: str) -> tuple[Scheme, list[Problem]]:
    return parse(source, "scheme.toml")


def swapped(old: str, new: str) -> str:
    assert GOOD.count(old) == 1
    return GOOD.replace(old, new)


def test_a_good_scheme_has_no_problems_and_all_questions_in_order() -> None:
    scheme, problems = read(GOOD)
    assert problems == []
    assert list(scheme.questions) == ["screening", "modality", "supervision.stated", "supervision.coded", "aim"]
    assert scheme.facets == ["modality", "supervision", "aim"]
    assert [stage.id for stage in scheme.stages] == ["screening"]


def test_a_stage_is_answered_by_include_maybe_exclude_and_its_reasons() -> None:
    scheme, _ = read(GOOD)
    assert list(scheme.questions["screening"].codes) == ["include", "maybe", "exclude", "exclude.duplicate"]
    assert scheme.questions["screening"].codes["exclude.duplicate"].definition == "The same document."


def test_a_reason_may_say_that_the_paper_was_not_retrieved() -> None:
    reason = "[stage.screening.reasons.lost]\nnot_retrieved = "
    scheme, problems = read(f"{GOOD}\n{reason}true\n")
    assert problems == []
    codes = scheme.questions["screening"].codes
    assert {name for name, code in codes.items() if code.not_retrieved} == {"exclude.lost"}
    _, problems = read(f'{GOOD}\n{reason}"yes"\n')
    assert [problem.what for problem in problems] == ["not_retrieved is neither true nor false."]


def test_rules_answer_the_first_layer_and_a_facet_stands_for_its_last() -> None:
    scheme, _ = read(GOOD)
    assert [q.id for q in scheme.questions.values() if q.suggested] == ["modality", "supervision.stated"]
    assert scheme.suggested_question("supervision").id == "supervision.stated"
    last = scheme.question("supervision")
    assert last is not None
    assert last.id == "supervision.coded"
    assert last.definition == "How much. As defined."
    assert last.label == "Supervision (coded)"
    assert scheme.question("colour") is None


def test_a_code_carries_its_patterns_and_anchors() -> None:
    mri = read(GOOD)[0].questions["modality"].codes["mri"]
    assert [(p.text, p.words, p.cased) for p in mri.phrases] == [
        ("MRI", ("MRI",), False),
        ("magnetic resonance", ("magnetic", "resonance"), False),
        ("MR", ("MR",), True),
    ]
    assert dict(mri.anchors) == {"mesh": "Magnetic Resonance Imaging"}


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("schema = 1\n", "", 0, "does not state schema"),
        ("schema = 1", "schema = 2", 1, "does not state schema"),
        ("schema = 1", "schema = true", 1, "does not state schema"),
        ('words = ["MRI", "magnetic resonance"]', 'word = ["MRI"]', 14, "the key 'word' is unknown"),
        ("[negation]", "[negations]", 38, "the key 'negations' is unknown"),
        ('after = ["non"]', 'afterwards = ["non"]', 39, "the key 'afterwards' is unknown"),
        ('label = "Duplicate"', 'name = "Duplicate"', 6, "the key 'name' is unknown"),
        ('label = "Screening"', 'lable = "Screening"', 4, "the key 'lable' is unknown"),
        ('kind = "text"', 'kind = "figure"', 31, "kind = 'figure' is unknown"),
        ('kind = "text"', 'kind = "text"\nunit = "%"', 32, "unit is for numbers"),
        ('kind = "text"', 'kind = "number"\nminimum = "0"', 32, "minimum is not a number"),
        ('kind = "text"', 'kind = "number"\nmaximum = nan', 32, "maximum is not a number"),
        ('kind = "text"', 'kind = "number"\nminimum = 1\nmaximum = 0', 33, "the maximum is less than the minimum"),
        ('kind = "text"', 'kind = "number"\n[facet.aim.codes.a]', 32, "answered by number has codes"),
        ('kind = "text"', "kind = 3", 31, "kind is not a string"),
        ('label = "MRI"', "label = 7", 13, "label is not a string"),
        ('words = ["MRI", "magnetic resonance"]', 'words = "MRI"', 14, "words is not a list"),
        ('words = ["MRI", "magnetic resonance"]', "words = [7]", 14, "not a string"),
        ('words = ["MRI", "magnetic resonance"]', 'words = [\n"MRI",\n"m(ri",\n]', 16, "'m(ri' does not compile"),
        ('words = ["MRI", "magnetic resonance"]', 'words = ["a*b"]', 14, "'a*b' does not compile"),
        ('words = ["MRI", "magnetic resonance"]', 'words = ["MRI", ""]', 14, "'' does not compile"),
        ('words = ["MRI", "magnetic resonance"]', 'words = ["MRI", "*"]', 14, "'*' does not compile"),
        ('ignored = ["head and neck"]', 'ignored = ["?"]', 11, "'?' does not compile"),
        ("[facet.modality.codes.mri]\n", "[facet.modality.codes.mr]\n", 17, "'mri.brain' has no parent"),
        ('[facet.modality.codes."mri.brain"]', '[facet.modality.codes."mri.Brain"]', 17, "cannot be a name"),
        ("[facet.aim]", "[facet.Aim]", 30, "'Aim' cannot be a name"),
        ("[facet.aim]", "[facet.screening]", 30, "'screening' is a question already"),
        ('coded = "As defined."', "coded = 1", 26, "coded is not a string"),
        ('coded = "As defined."', '"by hand" = "x"', 26, "'by hand' cannot be a name"),
        ('hints = ["white matter"]\n', "", 18, "not_with limits hints"),
        ('hints = ["white matter"]', 'alone = "yes"\nhints = ["a"]', 18, "alone is neither true nor false"),
        ("mri = { brain =", "ct = { brain =", 36, "'ct' is not defined"),
        ('brain = "mri.brain" }', 'brain = "mri.heart" }', 36, "'mri.heart' is not defined"),
        ("mri = { brain =", "mri = { liver =", 36, "'liver' is not defined"),
        ("[compose.modality.cues]", "[compose.colour.cues]", 33, "no facet 'colour'"),
        ('kind = "text"', 'kind = "text"\n[facet.aim.codes.a]', 32, "answered by text has codes"),
        ("[negation]\n", "[negation\n", 38, "not valid TOML"),
        ("[facet.aim]", "[facet.modality]", 30, "not valid TOML"),
    ],
)
def test_every_mistake_is_found_on_its_line(old: str, new: str, line: int, what: str) -> None:
    _, problems = read(swapped(old, new))
    assert [(p.path, p.line) for p in problems if what in p.what] == [("scheme.toml", line)]
    assert all(p.todo for p in problems)


def test_a_code_needs_all_of_its_ancestors_in_any_order() -> None:
    codes = ('"a.b.c"', '"a.b"', '"x.y.z"', "x", '"x.y"')
    source = "schema = 1\n" + "".join(f"[facet.f.codes.{code}]\n" for code in codes)
    scheme, problems = read(source)
    assert [(p.line, p.what, p.todo) for p in problems] == [
        (2, "the code 'a.b.c' has no parent code.", "Add 'a'."),
        (3, "the code 'a.b' has no parent code.", "Add 'a'."),
    ]
    assert list(scheme.questions["f"].codes) == ["x.y.z", "x", "x.y"]


def test_one_mistake_spoils_nothing_else() -> None:
    scheme, problems = read(swapped('words = ["MRI", "magnetic resonance"]', 'words = ["MRI", "m(ri"]\nwrods = []'))
    assert [p.line for p in problems] == [14, 15]
    assert [p.text for p in scheme.questions["modality"].codes["mri"].phrases] == ["MRI", "MR"]
    assert list(scheme.questions) == list(read(GOOD)[0].questions)


def test_a_typo_is_answered_with_the_right_word() -> None:
    _, (problem,) = read(swapped('acronyms = ["MR"]', 'acronym = ["MR"]'))
    assert problem.todo == "Did you mean 'acronyms'?"


def test_a_name_that_stands_in_a_comment_does_not_draw_the_line_number() -> None:
    source = "# [facet.modality.codes.mri]\n# word = 1\n" + swapped("acronyms", "acronymns")
    _, (problem,) = read(source)
    assert problem.line == 17


@pytest.mark.parametrize(
    "section",
    ["stage", "facet", "compose", "negation", "facet.a", "facet.a.codes", "facet.a.layers", "facet.a.codes.b"],
)
@pytest.mark.parametrize("value", ["1", '"x"', "[]", "[[1]]", "true", "1979-05-27", "{}", "nan"])
def test_any_value_in_any_place_is_read_or_reported(section: str, value: str) -> None:
    scheme, problems = read(f"schema = 1\n{section} = {value}\n")
    assert isinstance(scheme, Scheme)
    assert value == "{}" or [p.line for p in problems] == [2]


@pytest.mark.parametrize("source", ["[" * 5000, "a = " + "[" * 5000, "a = " + "9" * 5000, "\x00", "a = 1\r", "\ud800"])
def test_hostile_text_is_a_problem_and_no_error(source: str) -> None:
    scheme, problems = read(source)
    assert scheme.questions == {}
    assert problems


@given(st.text())
def test_no_text_makes_it_raise(source: str) -> None:
    read(source)


@given(st.data())
def test_no_damage_to_a_good_scheme_makes_it_raise(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(GOOD)))
    end = data.draw(st.integers(start, min(len(GOOD), start + 40)))
    patch = data.draw(st.text(alphabet='[]{}"=,.#\n ax1*', max_size=8))
    _, problems = read(GOOD[:start] + patch + GOOD[end:])
    assert all(0 <= p.line <= GOOD.count("\n") + 9 for p in problems)


def test_places_know_every_table_key_and_item() -> None:
    source = '''a = 1  # [b]
[b."c d"]
e.f = [
  "x",  # "y"
  """two
lines""",
  { g = 1, h = { i = [2, 3] } },
]
j = "[k]"
[[l]]
m = 'n = 1'
'''
    assert places(source) == {
        ("a",): 1,
        ("b",): 2,
        ("b", "c d"): 2,
        ("b", "c d", "e", "f"): 3,
        ("b", "c d", "e", "f", "0"): 4,
        ("b", "c d", "e", "f", "1"): 5,
        ("b", "c d", "e", "f", "2"): 7,
        ("b", "c d", "e", "f", "2", "g"): 7,
        ("b", "c d", "e", "f", "2", "h"): 7,
        ("b", "c d", "e", "f", "2", "h", "i"): 7,
        ("b", "c d", "e", "f", "2", "h", "i", "0"): 7,
        ("b", "c d", "e", "f", "2", "h", "i", "1"): 7,
        ("b", "c d", "j"): 9,
        ("l",): 10,
        ("l", "0"): 10,
        ("l", "0", "m"): 11,
    }


def test_places_cover_the_shipped_scheme() -> None:
    source = SHIPPED.read_text(encoding="utf-8")
    found = places(source)

    def missing(table: dict[str, Any], path: tuple[str, ...]) -> list[tuple[str, ...]]:
        own = [path] if path and not isinstance(next(iter(table.values())), dict) and path not in found else []
        return own + [m for k, v in table.items() if isinstance(v, dict) for m in missing(v, (*path, k))]

    assert missing(tomllib.loads(source), ()) == []


def test_the_shipped_scheme_is_sound_and_defines_every_code() -> None:
    scheme, problems = parse(SHIPPED.read_text(encoding="utf-8"), str(SHIPPED))
    assert problems == []
    bare = [
        (question.id, code.id)
        for question in scheme.questions.values()
        if question.kind == "codes"
        for code in question.codes.values()
        if not code.definition.endswith(".")
    ]
    assert bare == []
    assert [q.id for q in scheme.questions.values() if q.suggested] == ["modality", "supervision.stated", "method"]


@pytest.mark.parametrize(
    ("name", "what"),
    [(name, f"a paper has something else called {name!r}") for name in ("status", "a_b", "rowid", "oid")],
)
def test_two_things_cannot_share_a_column_of_papers(name: str, what: str) -> None:
    source = f"schema = 1\n[facet.a.layers]\nb = ''\n[facet.{name}]\nkind = 'text'\n"
    scheme, (problem,) = parse(source, "x.toml")
    assert what in problem.what
    assert problem.line == 4
    assert name not in scheme.questions


def test_the_columns_that_no_facet_may_have_are_those_of_the_table() -> None:
    with closing(database.temporary()) as connection:
        columns = [name for (name,) in connection.execute("SELECT name FROM pragma_table_info('papers')")]
    assert tuple(columns) == PAPER_COLUMNS
