"""Recodings: what answers come to when codes are renamed, merged, split, retired, and when that is undone."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewdb import consensus, derive, entries, recodings
from reviewdb.model import Decision, Recoding, Standing
from reviewdb.scheme import Scheme, parse

SCHEME, FAULTS = parse(
    """\
schema = 1
[stage.screening.reasons.preprint]
[facet.method.codes.gan]
[facet.method.codes."gan.image"]
[facet.method.codes.vae]
[facet.method.codes.cnn]
[facet.method.codes.old]
[facet.method.codes.new]
[facet.method.codes."new.image"]
[facet.method.layers]
stated = "What it says."
coded = "What it is."
[facet.aim]
kind = "text"
""",
    "scheme.toml",
)


def line(said: str, day: int) -> Decision | Recoding:
    """Return what a line says, such as `ana gan,vae`, `ana! gan`, `ana: gan > new` or `ana: undo 3` (of a day)."""
    coder, _, rest = said.partition(" ")
    at = f"2026-01-{day:02}"
    if not coder.endswith(":"):
        answer = None if rest == "-" else tuple(filter(None, rest.split(",")))
        return Decision(coder.rstrip("!"), "r-1", "method.coded", answer, at, settles=coder.endswith("!"))
    if rest.startswith("undo"):
        return Recoding(coder[:-1], "method", (), (), at, undoes=f"2026-01-{int(rest.split()[1]):02}")
    old, _, new = rest.partition(">")
    codes, became = (tuple(part.split()) for part in (old, new))
    return Recoding(coder[:-1], "method", codes, became, at)


def counted(*lines: str, scheme: Scheme = SCHEME) -> Standing | None:
    """Return where the question stands after these lines, one a day."""
    every = [line(said, day) for day, said in enumerate(lines, 1)]
    known = recodings.gather(one for one in every if isinstance(one, Recoding))
    made = [known.recoded(one, scheme).made for one in every if isinstance(one, Decision)]
    return consensus.stand(consensus.current(made).values(), scheme.questions).get("method.coded")


def test_the_scheme_of_these_tests_is_good() -> None:
    assert FAULTS == []


@pytest.mark.parametrize(
    ("lines", "agreed", "contested"),
    [
        # Renamed: for answers before, by anybody; not for answers after.
        (["ana old", "ben: old > new"], "new", ""),
        (["ben: old > new", "ana old"], "old", ""),
        (["ana old,vae", "ben old", "ben: old > new"], "new", "vae"),
        (["ana gan.image", "ben: gan > new"], "new new.image", ""),
        (["ana ganimede", "ben: gan > new"], "ganimede", ""),
        # Chains, whoever says what.
        (["ana old", "ana: old > x", "ben: x > new"], "new", ""),
        (["ana old", "ana: old > new", "ana: new > old"], "old", ""),
        (["ana: old > x", "ana x", "ben: x > new", "ben new"], "new", ""),
        # Merged: a conflict may end, two codes may become one.
        (["ana gan", "ben vae", "ana: gan vae > vae"], "vae", ""),
        (["ana gan,vae", "ana: gan vae > new"], "new", ""),
        (["ana gan.image", "ana: gan.image gan > gan"], "gan", ""),
        (["ana gan.image", "ana: gan new > new"], "new new.image", ""),
        # Retired: what else was said stays, and what the code implied.
        (["ana gan,vae", "ana: gan >"], "vae", ""),
        (["ana gan", "ana: gan >"], "", ""),
        (["ana gan.image", "ana: gan.image >"], "gan", ""),
        (["ana gan.image", "ana: gan >"], "", ""),
        (["ana gan.image", "ana: gan.image gan >"], "", ""),
        (["ana gan", "ben vae", "ana: gan >"], "", "vae"),
        # Settled before, recoded after; settled after.
        (["ana old", "ben vae", "cem! old", "ana: old > new"], "new", ""),
        (["ana old", "ana: old > new", "ben! vae"], "vae", ""),
        # Undone, and undone again.
        (["ana old", "ana: old > new", "ana: undo 2"], "old", ""),
        (["ana old", "ana: old > new", "ana: undo 2", "ana: undo 3"], "new", ""),
        (["ana old", "ana: old > new", "ben: undo 2"], "new", ""),
        (["ana gan", "ben vae", "ana: gan vae > vae", "ana: undo 3"], "", "gan vae"),
        (["ana gan", "ana: gan > x", "ben: x > new", "ben: undo 3"], "x", ""),
        # What was said under the new name, while it stood, is the old one.
        (["ana: old > new", "ana new", "ana: undo 1"], "old", ""),
        (["ana: old > new", "ana: undo 1", "ana new"], "new", ""),
        (["ana new", "ana: old > x", "ana: undo 2"], "new", ""),
        (["ana: gan vae > vae", "ana vae", "ana: undo 1"], "vae", ""),
    ],
)
def test_an_answer_comes_to_what_its_codes_have_become(lines: Sequence[str], agreed: str, contested: str) -> None:
    found = counted(*lines)
    assert found is not None
    assert (found.agreed, found.contested) == (frozenset(agreed.split()), frozenset(contested.split()))


@pytest.mark.parametrize(
    ("lines", "agreed"),
    [
        (["ana gan", "ana: gan > vae cnn"], None),
        (["ana gan,new", "ana: gan > vae cnn"], None),
        (["ana gan.image", "ana: gan > vae cnn"], None),
        # An answer before it does not come back, others stand, and a later one counts.
        (["ana new", "ana gan", "ana: gan > vae cnn"], None),
        (["ana gan", "ben new", "ana: gan > vae cnn"], "new"),
        (["ana gan", "ana: gan > vae cnn", "ana cnn"], "cnn"),
        (["ana gan", "ana: gan > vae cnn", "ana: undo 2"], "gan"),
        # What only became finer is still a kind of it.
        (["ana gan", "ana: gan > gan.image gan.latent"], None),
        (["ana gan.image", "ana: gan > gan.image gan.latent"], "gan gan.image"),
        # Who settled it with the old code has to say which; those who were overruled stay so.
        (["ana new", "ben! gan", "ana: gan > vae cnn"], None),
        # Renamed first, then split.
        (["ana old", "ana: old > gan", "ana: gan > vae cnn"], None),
    ],
)
def test_an_answer_whose_code_was_split_is_open_until_somebody_says_which(
    lines: Sequence[str], agreed: str | None
) -> None:
    found = counted(*lines)
    assert (found.agreed if found else None) == (None if agreed is None else frozenset(agreed.split()))


def test_rules_and_texts_are_not_recoded() -> None:
    known = recodings.gather(
        [Recoding("ana", "method", ("gan",), ("new",), "2026"), Recoding("a", "aim", ("x",), (), "2026")]
    )
    for coder, question, answer in (("rule:x", "method.stated", "gan"), ("ana", "aim", "x"), ("ana", "gone", "gan")):
        made = Decision(coder, "r-1", question, (answer,), "")
        assert known.recoded(made, SCHEME) == recodings.Recoded(made)


def test_what_changed_an_answer_is_known() -> None:
    first, second = (line(said, day) for day, said in ((2, "ana: old > x"), (3, "ben: x > new")))
    assert isinstance(first, Recoding)
    assert isinstance(second, Recoding)
    found = recodings.gather([second, first]).recoded(Decision("cem", "r", "method.coded", ("old",), "2026"), SCHEME)
    assert (found.made.answer, found.by, found.made.reopened) == (("new",), (first, second), False)
    assert recodings.gather([first, second]).standing == [first, second]


@pytest.mark.parametrize(
    ("said", "command"),
    [
        ("ana: gan > new", "rename method gan new"),
        ("ana: gan vae > vae", "merge method gan vae"),
        ("ana: gan vae > new", "merge method gan vae new --new"),
        ("ana: gan > vae cnn", "split method gan vae cnn"),
        ("ana: gan >", "retire method gan"),
        ("ana: exclude.preprint > exclude.thesis", "rename method preprint thesis"),
    ],
)
def test_a_recoding_knows_the_command_that_makes_it(said: str, command: str) -> None:
    made = line(said, 1)
    assert isinstance(made, Recoding)
    assert recodings.command(made) == f"reviewdb scheme {command}"


@pytest.mark.parametrize(
    "said", ["ana: gan > new", "ana: gan vae > vae", "ana: gan >", "ana: gan > a b", "ana: undo 3"]
)
def test_a_recoding_survives_the_journal(said: str) -> None:
    made = line(said, 1)
    assert isinstance(made, Recoding)
    undoes = f"{made.undoes}T00:00:00.000000Z" if made.undoes else ""
    made = replace(made, at="2026-01-01T00:00:00.000000Z", why="as agreed", undoes=undoes)
    entry = entries.of_recoding(made)
    assert entries.is_recoding(entry)
    assert entries.recoding(entry, "ana") == made


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"recodes": [], "to": []}, "recodes names no code"),
        ({"recodes": ["a", "b"], "to": ["c", "d"]}, "several at once"),
        ({"recodes": "a", "to": []}, "recodes is not a list"),
        ({"recodes": ["a"]}, "to is not a list"),
        ({"recodes": ["a"], "to": [""]}, "to is not a list"),
        ({"recodes": ["a"], "to": [], "undoes": "2026-01-01T00:00:00Z"}, "exclude each other"),
        ({"recodes": ["a"], "to": [], "facet": ""}, "facet is missing"),
        ({"recodes": ["a"], "to": [], "at": "today"}, "at is 'today'"),
    ],
)
def test_a_wrong_line_is_named(entry: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        entries.recoding({"at": "2026-01-01T00:00:00Z", "facet": "method", **entry}, "ana")


CODES = ("gan", "gan.image", "vae", "cnn", "old")
answers = st.lists(st.sampled_from(CODES), max_size=3).map(lambda codes: tuple(dict.fromkeys(codes)))
saids = st.lists(
    st.tuples(st.sampled_from(("ana", "ben")), st.sampled_from("xyz"), answers | st.none(), st.booleans()), max_size=12
)
NUMBERS = {f"r-{name}": f"p-{name}" for name in "xyz"}


def decided(said: list[tuple[str, str, tuple[str, ...] | None, bool]]) -> list[Decision]:
    """Return decisions, one a day."""
    return [
        Decision(coder, f"r-{paper}", "method.coded", answer, f"2026-01-{day:02}", settles=settles)
        for day, (coder, paper, answer, settles) in enumerate(said, 1)
    ]


def tables(made: Sequence[Decision], known: recodings.Recodings) -> list[derive.Derived]:
    """Return what the decisions on each paper come to."""
    numbered = [(n, known.recoded(one, SCHEME).made) for n, one in enumerate(made, 1)]
    return [
        derive.derive(paper, [(n, one) for n, one in numbered if one.record == record], SCHEME)
        for record, paper in NUMBERS.items()
    ]


@given(saids)
def test_a_rename_changes_no_table_but_names(said: list[tuple[str, str, tuple[str, ...] | None, bool]]) -> None:
    made = decided(said)
    known = recodings.gather([Recoding("ana", "method", ("gan",), ("new",), "2027")])

    def renamed(code: str) -> str:
        return "new" + code[3:] if code.split(".", maxsplit=1)[0] == "gan" else code

    for was, now in zip(tables(made, recodings.NONE), tables(made, known), strict=True):
        rows = [(paper, question, renamed(code), *rest) for paper, question, code, *rest in was.codes]
        assert sorted(rows) == sorted(now.codes)
        assert [row[:4] + row[5:] for row in was.current] == [row[:4] + row[5:] for row in now.current]


@given(
    saids,
    st.sampled_from(
        [
            (("gan",), ("new",)),
            (("gan", "vae"), ("vae",)),
            (("old",), ()),
            (("gan",), ("vae", "cnn")),
            (("gan.image",), ()),
        ]
    ),
    st.integers(1, 12),
    st.randoms(use_true_random=False),
)
def test_what_is_undone_gives_back_exactly_the_answers_before(
    said: list[tuple[str, str, tuple[str, ...] | None, bool]],
    recoded: tuple[tuple[str, ...], tuple[str, ...]],
    day: int,
    chance: random.Random,
) -> None:
    made = decided(said)
    lines = [
        Recoding("ana", "method", *recoded, f"2026-01-{day:02}T12"),
        Recoding("ana", "method", (), (), "2027", undoes=f"2026-01-{day:02}T12"),
    ]
    known = recodings.gather(chance.sample(lines, 2))
    before = partial(tables, made)
    assert before(known) == before(recodings.NONE)
