"""Edits of TOML: names and values change where they stand, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reviewdb.toml_editor import CannotEditError, Editor

TEXT = """\
# What it is about.
[a.codes.x]  # the first
label = "X"   # a label

[a.codes."x.y"]
became = ["x", 'z']  # since March

# Before z.
[a.codes.z]
list = [
  "one", # 1
  "two",
]
# After z.
[leaves]
x = { "cue" = "x.y", other = 'z' }
[[rows]]
reason = "x"
[[rows]]
reason = "z"
"""
X, XY, Z = ("a", "codes", "x"), ("a", "codes", "x.y"), ("a", "codes", "z")


@pytest.mark.parametrize(
    ("edit", "old", "new"),
    [
        (lambda e: e.rename(X, "w"), "[a.codes.x]", "[a.codes.w]"),
        (lambda e: e.rename(X, "w.v"), "[a.codes.x]", '[a.codes."w.v"]'),
        (lambda e: e.rename(XY, "w"), '[a.codes."x.y"]', "[a.codes.w]"),
        (lambda e: e.rename(("leaves", "x"), "w"), "\nx = {", "\nw = {"),
        (lambda e: e.set_string((*XY, "became", "1"), "w"), "'z']", '"w"]'),
        (lambda e: e.set_string(("leaves", "x", "cue"), "w"), '"cue" = "x.y"', '"cue" = "w"'),
        (lambda e: e.set_string(("rows", "1", "reason"), "w"), 'reason = "z"', 'reason = "w"'),
        (lambda e: e.set_string(("rows", "0", "reason"), 'ö "'), 'reason = "x"', 'reason = "ö \\""'),
        (lambda e: e.put(X, "became", ["z"]), "# the first\n", '# the first\nbecame = ["z"]\n'),
        (lambda e: e.put(X, "became", []), "# the first\n", "# the first\nbecame = []\n"),
        (lambda e: e.drop(XY, "became"), "became = [\"x\", 'z']  # since March\n", ""),
        (
            lambda e: e.add(Z, ("a", "codes", "n.m"), {"label": "M"}),
            '"two",\n]\n',
            '"two",\n]\n\n[a.codes."n.m"]\nlabel = "M"\n',
        ),
        (
            lambda e: (e.put(X, "became", []), e.rename(X, "w")),
            "[a.codes.x]  # the first\n",
            "[a.codes.w]  # the first\nbecame = []\n",
        ),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_edit_changes_what_it_says_and_nothing_else(
    edit: Callable[[Editor], object], old: str, new: str, end: str
) -> None:
    editor = Editor(TEXT.replace("\n", end))
    edit(editor)
    assert editor.text == TEXT.replace(old, new, 1).replace("\n", end)


def test_tables_added_at_one_place_stand_in_the_order_of_their_coming() -> None:
    editor = Editor("[c.a]\nlabel = 'A'")
    for name in ("b", "d"):
        editor.add(("c", "a"), ("c", name), {"label": name})
    assert editor.text == '[c.a]\nlabel = \'A\'\n\n[c.b]\nlabel = "b"\n\n[c.d]\nlabel = "d"'


def test_no_edit_leaves_the_text_as_it_is() -> None:
    assert Editor(TEXT).text == TEXT


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("c.a.label = 'A'", lambda e: e.rename(("c", "a"), "b")),
        ("c = { a = { label = 'A' } }", lambda e: e.put(("c", "a"), "became", [])),
        ("[c.a]\nlabel = 'A'\n[c.b]\nlabel = 'B'", lambda e: e.rename(("c", "a"), "b")),
        ("[c.a]\nbecame = [\n  'b',\n]", lambda e: e.drop(("c", "a"), "became")),
        ("[c.a]\nlabel = '''A'''\n[c]\na2 = 1", lambda e: e.add(("c", "x"), ("c", "b"), {})),
    ],
)
def test_a_layout_that_was_not_foreseen_is_refused_and_never_spoilt(
    text: str, edit: Callable[[Editor], object]
) -> None:
    editor = Editor(text)
    with pytest.raises(CannotEditError):
        (edit(editor), editor.text)
