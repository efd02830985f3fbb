"""The session: what keys write, what a coder may see, and the way back, without a terminal."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from reviewdb import build, coding, database, reading, recoding, rulings, scheme
from reviewdb.coding import Coder
from reviewdb.errors import BadReviewError, ReviewError
from reviewdb.intents import Asked as Asked_
from reviewdb.model import Relation
from reviewdb.review import Review
from reviewdb.session import keys, listing
from reviewdb.session.acts import silent
from reviewdb.session.keyboard import Keyboard
from reviewdb.session.opening import open_desk
from reviewdb.session.views import Asked, Mode, Row, View

ROOT = Path(__file__).parents[1]
SIT = Callable[..., Keyboard]
STATED = ("supervision.stated", ["unsupervised"])


@pytest.fixture
def sit(ready: Review) -> Iterator[SIT]:
    """Return a function that sits a coder down before the example review."""
    sat: list[Keyboard] = []

    def down(coder: str = "ana", mode: Mode = "tag", **options: object) -> Keyboard:
        sat.append(Keyboard(open_desk(ready, coder, mode, silent, **options), links.append))  # type: ignore[arg-type]
        return sat[-1]

    links: list[str] = []
    yield down
    for one in sat:
        one.desk.close()


def typed(keyboard: Keyboard, *pressed: str) -> View:
    """Press keys and return what is then shown; `text:...` answers what is asked for, `code:...` is its number."""
    for key in pressed:
        if key.startswith("text:"):
            keyboard.answer(key[5:])
        elif key.startswith("code:"):
            sheet = keyboard.view().sheet
            assert sheet is not None
            choices = next(one.choices for one in sheet.asked if one.active)
            keyboard.press(str(next(one.number for one in choices if one.code == key[5:])))
        else:
            keyboard.press(key)
    return keyboard.view()


def lines(place: Review, coder: str = "ana") -> list[tuple[str, object]]:
    """Return what a coder's file says: question and answer, or the question that is undone."""
    path = place.decisions_of(coder)
    entries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
    return [(entry["question"], entry.get("answer", "undone")) for entry in entries]


def asked(view: View, question: str) -> Asked:
    assert view.sheet is not None
    return next(one for one in view.sheet.asked if one.id == question)


def current(place: Review, paper: str) -> dict[tuple[str, str], str]:
    """Return what stands of a paper in the database."""
    with closing(database.reader(place.database)) as connection:
        rows = connection.execute(
            "SELECT question_id, coder, answer FROM current_decisions JOIN papers ON papers.id = paper_id"
            " WHERE key = ?",
            [paper],
        )
        return {(question, coder): answer for question, coder, answer in rows}


def says(place: Review, key: str, coder: str, *answers: str) -> None:
    """Let a coder answer with the command line's means."""
    coding.decide(place, key, Coder(coder), lambda case: coding.tag(case, answers), silent)


# --- deciding ---


def test_enter_writes_what_is_marked_and_goes_on(sit: SIT, ready: Review) -> None:
    keyboard = sit()
    first = keyboard.view().sheet
    view = typed(keyboard, keys.ENTER)
    assert first is not None
    assert lines(ready) == [("modality", ["fundus"]), ("supervision.stated", ["unsupervised"])]
    assert current(ready, first.key)["modality", "ana"] == "fundus"
    assert (view.at, view.saved, view.waiting, view.tone) == (1, 1, 116, "saved")


def test_enter_writes_nothing_where_nothing_is_marked(sit: SIT, ready: Review) -> None:
    keyboard = sit()
    view = typed(keyboard, "/", "text:yolox", keys.ENTER)
    view = typed(keyboard, "/", "text:heinrichs2025quo", keys.ENTER) if view.sheet is None else view
    typed(keyboard, "0", "0", "t", "0", "0", "s", "s", "0", "0")
    view = typed(keyboard, keys.ENTER)
    assert (view.tone, lines(ready)) == ("refused", [])


@pytest.mark.parametrize(
    ("mode", "pressed", "written", "moved"),
    [
        ("screen", ["a"], [("screening", ["include"])], True),
        ("screen", [keys.SPACE], [("screening", ["maybe"])], True),
        ("screen", ["x", "3"], [("screening", ["exclude.preprint"])], True),
        ("screen", ["x", "5"], [("eligibility", ["exclude.survey"])], True),
        ("screen", ["x", "0"], [("screening", ["exclude"])], True),
        ("screen", ["x", "9"], [], False),
        ("screen", ["x", keys.ESCAPE], [], False),
        ("screen", ["t", "code:gan", "a"], [("method", ["gan"]), ("screening", ["include"])], True),
        ("tag", ["a"], [("screening", ["include"])], False),
        ("tag", ["a", "a"], [("screening", ["include"]), ("eligibility", ["include"])], False),
        ("tag", ["x", "4"], [("screening", ["exclude.outside_window"])], True),
        ("tag", ["0", "code:mri", "code:mri.functional", keys.ENTER], [("modality", ["mri.functional"]), STATED], True),
        ("tag", ["t", "code:gan", keys.ENTER], [("modality", ["fundus"]), STATED, ("method", ["gan"])], True),
        ("tag", ["e", "text:ct, oct", keys.ENTER], [("modality", ["ct", "oct"]), STATED], True),
        ("tag", ["e", "text:nonsense"], [], False),
        ("tag", ["f", "1"], [], False),
    ],
)
def test_keys_decide(
    mode: Mode, pressed: list[str], written: list[tuple[str, object]], moved: bool, sit: SIT, ready: Review
) -> None:
    keyboard = sit(mode=mode)
    before = keyboard.view().sheet
    after = typed(keyboard, *pressed).sheet
    assert before is not None
    assert after is not None
    assert (after.id != before.id) == moved
    assert lines(ready) == written


def test_a_text_facet_is_typed(sit: SIT, ready: Review) -> None:
    typed(sit(), "f", "e", "text: find lesions ", keys.ENTER)
    assert ("aim", "find lesions") in lines(ready)


def test_a_note_is_the_reason_of_what_is_decided_next(sit: SIT, ready: Review) -> None:
    keyboard = sit(mode="screen")
    typed(keyboard, "N", "text:only an abstract", "a", "a")
    entries = [json.loads(line) for line in ready.decisions_of("ana").read_text(encoding="utf-8").splitlines()]
    assert [entry.get("why") for entry in entries] == ["only an abstract", None]


def test_a_note_on_what_was_said_before_says_it_again_with_the_reason(sit: SIT, ready: Review) -> None:
    keyboard = sit(mode="screen")
    typed(keyboard, "a", "k", keys.ENTER)
    assert len(lines(ready)) == 1
    typed(keyboard, "k", "N", "text:read it twice", keys.ENTER)
    assert lines(ready) == [("screening", ["include"])] * 2


def test_what_one_key_writes_has_one_moment(sit: SIT, ready: Review) -> None:
    typed(sit(), keys.ENTER)
    entries = [json.loads(line) for line in ready.decisions_of("ana").read_text(encoding="utf-8").splitlines()]
    assert len(entries) == 2
    assert len({entry["at"] for entry in entries}) == 1


def test_marks_by_hand_stay_until_they_are_accepted(sit: SIT, ready: Review) -> None:
    keyboard = sit()
    typed(keyboard, "code:oct", "j", "k")
    assert [mark.code for mark in asked(keyboard.view(), "modality").marked] == ["oct", "fundus"]
    view = typed(keyboard, "q")
    assert (keyboard.done, view.tone) == (False, "refused")
    typed(keyboard, "q")
    assert (keyboard.done, lines(ready)) == (True, [])


def test_what_is_marked_beside_proposals_shows_all_that_will_be_written(sit: SIT, ready: Review) -> None:
    keyboard = sit(mode="screen")
    typed(keyboard, "/", "text:mejia2017pca")
    assert [(mark.code, mark.origin) for mark in asked(keyboard.view(), "method").marked] == [("pca", "rule")]
    view = typed(keyboard, "t", "code:gan")
    marked = asked(view, "method").marked
    assert {mark.origin for mark in marked} == {"hand"}
    assert view.message == "Method: gan, pca"
    view = typed(keyboard, "a")
    assert ("method", [mark.code for mark in marked]) in lines(ready)
    assert "method = gan, pca, screening = include" in view.message


def test_where_one_code_answers_a_sibling_replaces_what_is_proposed(sit: SIT, ready: Review) -> None:
    path = ready.root / "data" / "coding-scheme.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[facet.method]\n", "[facet.method]\nsingle = true\n", 1), encoding="utf-8")
    for coder in ready.files("decisions"):
        coder.unlink()
    keyboard = sit()
    view = typed(keyboard, "/", "text:mejia2017pca", "t", "1")
    assert [mark.code for mark in asked(view, "method").marked] == [
        next(one.code for one in asked(view, "method").choices if one.number == 1)
    ]


@pytest.mark.parametrize("pressed", [[keys.ENTER], ["t", "code:gan", keys.ENTER], ["N", "text:sure", keys.ENTER]])
def test_enter_leaves_what_another_window_has_said_meanwhile(pressed: list[str], sit: SIT, ready: Review) -> None:
    says(ready, "ouardini2019practical", "ana", "modality=oct")
    keyboard = sit()
    typed(keyboard, "/", "text:ouardini2019practical")
    says(ready, "ouardini2019practical", "ana", "modality=ct", "supervision.stated=weakly_supervised")
    typed(keyboard, *pressed)
    stands = current(ready, "ouardini2019practical")
    assert stands["modality", "ana"] == "ct"
    assert stands["supervision.stated", "ana"] == "weakly_supervised"


def test_enter_leaves_that_no_code_applies_as_another_window_has_said_meanwhile(sit: SIT, ready: Review) -> None:
    keyboard = sit()
    says(ready, "ouardini2019practical", "ana", "modality=")
    typed(keyboard, keys.ENTER)
    assert ("modality", ["fundus"]) not in lines(ready)
    assert current(ready, "ouardini2019practical")["modality", "ana"] == "no code"


def with_reasons(place: Review, reasons: int) -> None:
    """Give the first stage of a review so many more reasons to exclude."""
    path = place.root / "data" / "coding-scheme.toml"
    more = "".join(f'[stage.screening.reasons.r{n:02}]\nlabel = "Reason {n}"\n' for n in range(reasons))
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{more}", encoding="utf-8")


def test_reasons_beyond_nine_are_on_further_pages(sit: SIT, ready: Review) -> None:
    with_reasons(ready, 12)
    keyboard = sit(mode="screen")
    first = typed(keyboard, "x").panel
    second = typed(keyboard, "x").panel
    assert first is not None
    assert second is not None
    assert "Reason 11" in str(second.rows)
    assert not {what for n, what in first.rows if n.strip().isdecimal() and n.strip() != "0"} & {
        what for n, what in second.rows if n.strip().isdecimal() and n.strip() != "0"
    }
    shown = dict(second.rows)
    typed(keyboard, "1")
    assert lines(ready) == [("screening", [f"exclude.r{int(shown['  1'].split()[1]):02}"])]
    assert [panel.rows for panel in (typed(keyboard, "x", "x", "x", "x").panel,) if panel] == [first.rows]


@pytest.mark.parametrize("key", [keys.SPACE, "a", keys.ENTER, "j", "q", "u"])
def test_with_the_reasons_open_only_their_numbers_decide(key: str, sit: SIT, ready: Review) -> None:
    keyboard = sit(mode="screen")
    view = typed(keyboard, "x", key)
    assert (view.at, view.tone, lines(ready), keyboard.done) == (0, "refused", [], False)
    assert view.panel is not None
    assert view.panel.choosing
    typed(keyboard, "3")
    assert lines(ready) == [("screening", ["exclude.preprint"])]


def test_a_pending_note_stays_with_its_paper_and_is_not_left_unseen(sit: SIT, ready: Review) -> None:
    keyboard = sit(mode="screen")
    view = typed(keyboard, "N", "text:an abstract", "j")
    assert view.sheet is not None
    assert view.sheet.note == ""
    view = typed(keyboard, "q")
    assert (keyboard.done, view.tone) == (False, "refused")
    assert "ouardini2019practical has marks or a note" in view.message
    view = typed(keyboard, "k")
    assert view.sheet is not None
    assert view.sheet.note == "an abstract"
    typed(keyboard, "a", "q")
    assert keyboard.done
    entry = json.loads(ready.decisions_of("ana").read_text(encoding="utf-8"))
    assert (entry["record"], entry["why"]) == ("2021-mini-review-001", "an abstract")


# --- undo and redo ---


def test_undo_and_redo_go_through_everything(sit: SIT, ready: Review) -> None:
    keyboard = sit()
    start = everything(ready)
    seen = [start]
    for pressed in (
        [keys.ENTER],
        ["0", "1", "2", keys.ENTER],
        ["a"],
        ["x", "3"],
        ["N", "text:why", "t", "1", keys.ENTER],
    ):
        typed(keyboard, *pressed)
        seen.append(everything(ready))
    for expected in reversed(seen[:-1]):
        typed(keyboard, "u")
        assert everything(ready) == expected
    assert typed(keyboard, "u").tone == "refused"
    for expected in seen[1:]:
        typed(keyboard, "U")
        assert everything(ready) == expected
    assert typed(keyboard, "U").tone == "refused"
    for expected in reversed(seen[:-1]):
        typed(keyboard, "u")
        assert everything(ready) == expected
    by_update = everything(ready)
    build.rebuild(ready)
    assert everything(ready) == by_update == start


def everything(place: Review) -> list[tuple[object, ...]]:
    with closing(database.reader(place.database)) as connection:
        rows = connection.execute("SELECT paper_id, question_id, coder, answer FROM current_decisions")
        return sorted(rows.fetchall())


def test_undo_goes_back_to_earlier_days(sit: SIT, ready: Review) -> None:
    says(ready, "schlegl2017unsupervised", "ana", "method=gan")
    says(ready, "baur2018deep", "ana", "method=vae")
    keyboard = sit()
    view = typed(keyboard, "u")
    assert view.sheet is not None
    assert view.sheet.key == "baur2018deep"
    typed(keyboard, "u")
    assert typed(keyboard, "u").tone == "refused"
    assert current(ready, "schlegl2017unsupervised").get(("method", "ana")) is None
    typed(keyboard, "U", "U")
    assert current(ready, "baur2018deep")["method", "ana"] == "vae"


def test_undo_goes_to_the_paper_even_where_the_filter_hides_it_and_says_so(sit: SIT) -> None:
    keyboard = sit()
    first = keyboard.view().sheet
    view = typed(keyboard, keys.ENTER, "/", "text:autoencoding", "u")
    assert view.message.endswith("It is not among “autoencoding”: all papers are listed")
    assert first is not None
    assert view.sheet is not None
    assert view.sheet.id == first.id


def test_what_another_window_took_back_is_not_undone_twice(sit: SIT, ready: Review) -> None:
    one = sit()
    typed(one, keys.ENTER, keys.ENTER)
    two = sit()
    typed(two, "u")
    written = len(lines(ready))
    typed(one, "u")
    first = current(ready, "ouardini2019practical")
    assert ("modality", "ana") not in first
    assert len(lines(ready)) == written + 2


def ruled(place: Review, coder: str = "ana") -> list[str | None]:
    """Return the relations of a coder's rulings, line by line."""
    return [json.loads(line)["relation"] for line in place.rulings_of(coder).read_text(encoding="utf-8").splitlines()]


PAIR = ("ouardini2019practical", "schlegl2017unsupervised")


@pytest.mark.parametrize("earlier", [Relation.DIFFERENT, Relation.VERSION])
def test_undoing_a_duplicate_brings_back_what_the_coder_said_before(earlier: Relation, sit: SIT, ready: Review) -> None:
    rulings.rule(ready, PAIR, earlier, Coder("ana"), silent)
    keyboard = sit()
    typed(keyboard, "/", f"text:{PAIR[0]}", "d", f"text:{PAIR[1]}", "u")
    assert ruled(ready) == [earlier, "same", earlier]
    typed(keyboard, "U")
    assert ruled(ready)[-1] == "same"
    typed(keyboard, "u", "u")
    assert ruled(ready)[-1] is None
    assert typed(keyboard, "u").tone == "refused"


def test_undo_goes_back_through_rulings_and_answers_of_earlier_days_in_their_order(sit: SIT, ready: Review) -> None:
    says(ready, "baur2018deep", "ana", "method=vae")
    rulings.rule(ready, PAIR, Relation.SAME, Coder("ana"), silent)
    says(ready, "schlegl2019fanogan", "ana", "method=gan")
    typed(sit(), "u", "u")
    assert ruled(ready) == ["same", None]
    keyboard = sit()
    view = typed(keyboard, "u")
    assert view.sheet is not None
    assert view.sheet.key == "baur2018deep"
    assert typed(keyboard, "u").tone == "refused"
    typed(keyboard, "U")
    assert current(ready, "baur2018deep")["method", "ana"] == "vae"


def test_a_ruling_that_another_window_has_changed_is_not_undone(sit: SIT, ready: Review) -> None:
    keyboard = sit()
    typed(keyboard, "/", f"text:{PAIR[0]}", "d", f"text:{PAIR[1]}")
    for relation in (Relation.DIFFERENT, Relation.VERSION):
        rulings.rule(ready, ("2021-mini-review-001", "2021-mini-review-002"), relation, Coder("ana"), silent)
    typed(keyboard, "u")
    # What that window did is the last act by then.
    assert ruled(ready) == ["same", "different", "version", "different"]


def test_earlier_days_are_read_in_pieces_that_miss_nothing(
    sit: SIT, ready: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reviewdb.session.trail._AT_ONCE", 3)
    keyboard = sit()
    names = [row.key for row in keyboard.view().rows[:7]]
    typed(keyboard, *[keys.ENTER] * 7)
    assert len(lines(ready)) > 7  # acts of one line and of several
    keyboard = sit()
    back = []
    while (view := typed(keyboard, "u")).tone == "saved":
        assert view.sheet is not None
        back.append(view.sheet.key)
    assert back == names[::-1]


# --- what a coder sees ---


def test_other_coders_are_hidden_until_one_has_answered(sit: SIT, ready: Review) -> None:
    says(ready, "ouardini2019practical", "bo", "modality=oct")
    keyboard = sit()
    view = keyboard.view()
    assert all(not one.others for one in view.sheet.asked) if view.sheet else False
    assert "bo" not in str(typed(keyboard, "w").panel)
    typed(keyboard, keys.ENTER)
    view = typed(keyboard, "k")
    assert [said.coder for said in asked(view, "modality").others] == ["bo", "mini-review"]
    assert asked(view, "method").others == ()
    assert "bo" in str(typed(keyboard, "w").panel)


def test_unblinded_all_is_seen_at_once(sit: SIT, ready: Review) -> None:
    says(ready, "ouardini2019practical", "bo", "modality=oct")
    view = sit(unblind=True).view()
    assert [said.text for said in asked(view, "modality").others] == ["oct", "fundus"]
    assert asked(view, "modality").contested


def test_a_paper_is_shown_to_a_coder_without_what_that_coder_has_not_answered(ready: Review) -> None:
    says(ready, "schlegl2017unsupervised", "ana", "method=gan")
    with closing(database.reader(ready.database)) as connection:
        blind = reading.show(connection, "schlegl2017unsupervised", "ana")
        seen = reading.show(connection, "schlegl2017unsupervised")
    assert {one.question for one in blind.said if one.coder == "mini-review"} == {"method"}
    assert {one.question for one in seen.said if one.coder == "mini-review"} > {"method", "modality", "screening"}
    assert (blind.paper["status"], seen.paper["status"]) == (None, "included")
    assert "included" not in "".join(blind.lines())


def test_screening_blind_does_not_tell_where_papers_stand(sit: SIT) -> None:
    keyboard = sit(mode="screen")
    assert typed(keyboard, "/", "text:included").rows == []
    assert len(sit(mode="screen", unblind=True).view().rows) == 117
    assert len(typed(sit(mode="screen", unblind=True), "/", "text:included").rows) == 39


def test_a_filter_does_not_tell_who_codes_blind_what_others_said(sit: SIT, ready: Review) -> None:
    """The word of a label finds a paper whose own text lacks it only where others' answers may be seen."""
    seen = {row.key for row in typed(sit(unblind=True), "/", "text:autoencod*").rows}
    blind = {row.key for row in typed(sit(), "/", "text:autoencod*").rows}
    assert blind < seen
    assert all("autoencod" in _text(ready, key) for key in blind)
    assert any("autoencod" not in _text(ready, key) for key in seen)


def _text(place: Review, key: str) -> str:
    with closing(database.reader(place.database)) as connection:
        found = connection.execute(
            "SELECT lower(title || ' ' || coalesce(abstract, '')) FROM papers WHERE key = ?", [key]
        )
        return str(found.fetchone()[0])


def excludes(place: Review, key: str, coder: str) -> None:
    """Let a coder exclude a paper with the command line's means."""
    coding.decide(place, key, Coder(coder), lambda case: coding.screen(case, "exclude", "preprint", ""), silent)


def test_who_screens_too_is_not_told_in_tag_mode_what_others_exclude(sit: SIT, ready: Review) -> None:
    for key in ("burgert2025semisupervised", "baur2018deep"):
        excludes(ready, key, "bo")
        excludes(ready, key, "mini-review")
    keyboard = sit()
    assert {row.key for row in typed(keyboard, "/", "text:excluded").rows} == {
        "burgert2025semisupervised",
        "baur2018deep",
    }
    assert "baur2018deep" not in {row.key for row in typed(keyboard, "/", "text:untagged").rows}
    excludes(ready, "baur2018deep", "ana")
    keyboard = sit()
    assert {row.key for row in typed(keyboard, "/", "text:excluded").rows} == {"baur2018deep"}
    assert "burgert2025semisupervised" in {row.key for row in typed(keyboard, "/", "text:untagged").rows}
    assert typed(keyboard, "/", "text:included").rows == []


def test_suggestions_come_with_what_became_of_their_like(sit: SIT) -> None:
    keyboard = sit()
    modality = asked(keyboard.view(), "modality")
    assert [(mark.code, mark.origin, str(mark.track)) for mark in modality.marked] == [
        ("fundus", "rule", "not judged yet")
    ]
    modality = asked(sit(unblind=True).view(), "modality")
    assert [(mark.code, str(mark.track)) for mark in modality.marked] == [("fundus", "1 of 1 kept")]
    stated = asked(keyboard.view(), "supervision.stated")
    assert [str(mark.track) for mark in stated.marked] == ["not judged yet"]


def test_figures_do_not_tell_who_codes_blind_what_others_said(sit: SIT, ready: Review) -> None:
    before = sit().view().sheet
    why = typed(sit(), "w").panel
    for coder in ("bo", "cyd"):
        says(ready, "ouardini2019practical", coder, "modality=fundus")
    assert sit().view().sheet == before
    assert typed(sit(), "w").panel == why
    says(ready, "schlegl2019fanogan", "ana", "method=gan")
    assert "gan: 1 of 1 kept by you so far" in str(typed(sit(), "/", "text:schlegl2017unsupervised", "w").panel)
    assert "fundus: 1 of 1 kept by people so far" in str(typed(sit(unblind=True), "w").panel)


def test_evidence_stands_where_its_words_are(sit: SIT) -> None:
    sheet = sit().view().sheet
    assert sheet is not None
    assert "".join(piece.text for piece in sheet.title) == (
        "Towards practical unsupervised anomaly detection on retinal images"
    )
    marked = [(piece.text, piece.questions) for piece in sheet.title if piece.questions]
    assert marked == [("unsupervised", ("supervision.stated",)), ("retinal images", ("modality",))]
    assert sheet.found_by == ("“Tables I to V of arXiv:2108.11986v2” (the tables of a published review, hit 1)",)


@pytest.mark.parametrize(
    ("pressed", "title", "tells"),
    [
        ("w", "Why", "[retinal images]"),
        ("c", "Criteria and codes", "Each work counts once."),
        ("?", "Keys", "Imaging modality"),
        ("x", "Exclude: why?", "Not peer-reviewed"),
    ],
)
def test_pages_to_read(pressed: str, title: str, tells: str, sit: SIT) -> None:
    panel = typed(sit(), pressed).panel
    assert panel is not None
    assert panel.title == title
    assert tells in str(panel.rows)


def test_criteria_stay_in_sight_until_they_are_put_away(sit: SIT) -> None:
    keyboard = sit(mode="screen")
    assert typed(keyboard, "c", "a", "a").panel is not None
    assert typed(keyboard, "c").panel is None


def test_the_link_opens(sit: SIT) -> None:
    keyboard = sit()
    assert typed(keyboard, "o").tone == "refused"
    assert typed(keyboard, "j", "o").message == "https://doi.org/10.1007/978-3-319-59050-9_12"


@pytest.mark.parametrize(
    ("asked_for", "papers"),
    [
        ("", 117),
        ("untagged", 117),
        ("mine", 0),
        ("included", 39),
        ("pending", 78),
        ("excluded", 0),
        ("conflicts", 0),
        ("included autoencod*", 5),
        ("schlegl", 3),
        ("no such words", 0),
    ],
)
def test_filters(asked_for: str, papers: int, sit: SIT) -> None:
    assert len(typed(sit(), "/", f"text:{asked_for}").rows) == papers


def test_a_filter_is_left_as_it_is_where_no_line_is_given(sit: SIT) -> None:
    keyboard = sit()
    keyboard.press("/")
    keyboard.answer(None)
    assert keyboard.view().filter == "untagged"


def test_papers_come_in_a_given_order(sit: SIT) -> None:
    keyboard = sit(order=["2025-cited-by-003", "2021-mini-review-005"])
    assert [row.id for row in keyboard.view().rows[:3]] == [
        "2025-cited-by-003",
        "2021-mini-review-005",
        "2021-mini-review-001",
    ]


@pytest.mark.parametrize(("mode", "asked_for"), [("tag", "unscreened"), ("screen", "untagged")])
def test_what_waits_is_what_the_filter_says(mode: Mode, asked_for: str, sit: SIT) -> None:
    keyboard = sit(mode=mode)
    view = typed(keyboard, "/", f"text:{asked_for}", "x", "3", "x", "3", "k", "k", "x", "4")
    assert view.at == 2


def test_the_second_stage_follows_the_first(sit: SIT) -> None:
    keyboard = sit(mode="screen")
    typed(keyboard, "a", "a", "x", "1")
    assert sit(mode="screen").view().stage == "screening"
    rows = sit(mode="screen", stage="eligibility").view().rows
    assert len(rows) == 116
    with pytest.raises(ReviewError, match="no stage"):
        sit(mode="screen", stage="nonsense")


def test_papers_whose_code_was_split_are_found_by_a_filter(sit: SIT, ready: Review) -> None:
    says(ready, "baur2018deep", "ana", "method=gan")
    asked_for = Asked_("split", "method", ("gan",), ("big", "small"))
    recoding.recode(ready, asked_for, Coder("bo"), lambda _: True, silent)
    keyboard = sit()
    assert [row.key for row in typed(keyboard, "/", "text:reopened").rows] == ["baur2018deep"]
    typed(keyboard, "t", "e", "text:big", keys.ENTER)
    assert typed(keyboard, "/", "text:reopened").rows == []
    assert len(typed(sit(unblind=True), "/", "text:reopened").rows) == 13


def test_a_paper_whose_code_was_split_opens_at_that_facet(sit: SIT, ready: Review) -> None:
    says(ready, "baur2018deep", "ana", "method=gan")
    asked_for = Asked_("split", "method", ("gan",), ("big", "small"))
    recoding.recode(ready, asked_for, Coder("bo"), lambda _: True, silent)
    assert asked(typed(sit(), "/", "text:baur2018deep"), "method").active
    assert not asked(typed(sit(), "/", "text:schlegl2019fanogan"), "method").active


# --- conflicts ---


def test_a_conflict_is_settled_with_who_and_why(sit: SIT, ready: Review) -> None:
    says(ready, "schlegl2017unsupervised", "ana", "method=vae")
    keyboard = sit()
    view = typed(keyboard, "=")
    assert [row.key for row in view.rows] == ["schlegl2017unsupervised"]
    assert asked(view, "method").active
    assert "mini-review: gan" in view.message
    code = next(choice for choice in asked(view, "method").choices if choice.code == "vae")
    gan = next(choice for choice in asked(view, "method").choices if choice.code == "gan")
    assert gan.coders == ("mini-review",)
    view = typed(keyboard, str(code.number), str(gan.number), keys.ENTER)
    assert view.ask is not None
    typed(keyboard, "text:title says GAN")
    entry = json.loads(ready.decisions_of("ana").read_text(encoding="utf-8").splitlines()[-1])
    assert (entry["answer"], entry["settles"], entry["why"]) == (["gan"], True, "title says GAN")
    assert current(ready, "schlegl2017unsupervised")["method", "ana"] == "gan"
    assert typed(keyboard, "=", "=").tone == "refused"


def test_a_conflict_on_screening_is_settled_by_a_verdict(sit: SIT, ready: Review) -> None:
    keyboard = sit(mode="screen")
    typed(keyboard, "x", "3", "=")
    typed(keyboard, "a", "text:")
    entry = json.loads(ready.decisions_of("ana").read_text(encoding="utf-8").splitlines()[-1])
    assert (entry["answer"], entry["settles"], entry["why"]) == (["include"], True, "agreed")


def test_a_verdict_that_settles_leaves_standing_what_others_say_of_facets(sit: SIT, ready: Review) -> None:
    keyboard = sit(mode="screen")
    key = typed(keyboard, "x", "3", "=").rows[0].key
    assert current(ready, key)["method", "mini-review"]
    typed(keyboard, "t", "e", "text:vae", "a", "text:talked")
    *_, facet, stage = map(json.loads, ready.decisions_of("ana").read_text(encoding="utf-8").splitlines())
    assert (facet["question"], facet.get("settles", False)) == ("method", False)
    assert (stage["question"], stage["settles"]) == ("screening", True)
    # What nobody was shown still counts.
    assert current(ready, key)["method", "mini-review"]


def test_words_looked_for_among_conflicts_settle_nothing(sit: SIT, ready: Review) -> None:
    says(ready, "schlegl2017unsupervised", "ana", "method=vae")
    keyboard = sit()
    view = typed(keyboard, "/", "text:conflicts adversarial", "t", "code:gan", keys.ENTER)
    assert view.ask is None
    entry = json.loads(ready.decisions_of("ana").read_text(encoding="utf-8").splitlines()[-1])
    assert not entry.get("settles", False)


def test_a_verdict_beside_a_conflict_on_a_facet_does_not_settle(sit: SIT, ready: Review) -> None:
    says(ready, "schlegl2017unsupervised", "ana", "method=vae")
    keyboard = sit()
    typed(keyboard, "=", "a", "text:")
    entry = json.loads(ready.decisions_of("ana").read_text(encoding="utf-8").splitlines()[-1])
    assert (entry["question"], entry.get("settles", False)) == ("screening", False)


def test_conflicts_of_others_are_hidden_from_who_codes_blind(sit: SIT, ready: Review) -> None:
    says(ready, "schlegl2017unsupervised", "bo", "method=vae")
    assert typed(sit(), "=").tone == "refused"
    assert len(typed(sit(unblind=True), "=").rows) == 1


# --- duplicates ---


def test_a_duplicate_becomes_one_paper_and_is_undone(sit: SIT, ready: Review) -> None:
    keyboard = sit()
    view = typed(keyboard, "d", "text:schlegl2017unsupervised")
    assert (view.tone, len(view.rows)) == ("saved", 116)
    assert "ouardini2019practical is the same as schlegl2017unsupervised, “Unsupervised anomaly" in view.message
    rulings = ready.rulings_of("ana").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["relation"] for line in rulings] == ["same"]
    assert len(typed(keyboard, "u", "/", "text:").rows) == 117
    assert len(typed(keyboard, "U", "/", "text:").rows) == 116


@pytest.mark.parametrize("name", ["nobody2000nothing", "ouardini2019practical"])
def test_a_paper_is_no_duplicate_of_itself_or_of_nothing(name: str, sit: SIT, ready: Review) -> None:
    view = typed(sit(), "d", f"text:{name}")
    assert name in view.message
    assert (view.tone, ready.rulings_of("ana").exists()) == ("refused", False)


# --- others write ---


def test_what_others_write_meanwhile_is_taken_in(sit: SIT, ready: Review) -> None:
    keyboard = sit(unblind=True)
    says(ready, "ouardini2019practical", "bo", "modality=oct")
    assert keyboard.look() == ""
    assert keyboard.catch_up("")
    assert keyboard.view().rows[0].contested
    assert not keyboard.catch_up(keyboard.look())


def test_a_ruling_by_others_is_taken_in(sit: SIT, ready: Review) -> None:
    keyboard = sit()
    names = ("ouardini2019practical", "schlegl2017unsupervised")
    rulings.rule(ready, names, Relation.SAME, Coder("bo"), silent)
    assert keyboard.catch_up(keyboard.look())
    assert len(keyboard.view().rows) == 116


def test_new_records_are_taken_in(sit: SIT, ready: Review) -> None:
    keyboard = sit()
    head = {"source": "hand", "query": "q", "date": "2026-11-25"}
    hit = {"id": "2026-new-1", "title": "A transformer for fundus images"}
    path = ready.search_file("2026-new")
    path.write_text(f"{json.dumps(head)}\n{json.dumps(hit)}\n", encoding="utf-8")
    assert keyboard.catch_up(keyboard.look())
    assert len(typed(keyboard, "/", "text:").rows) == 118


def test_a_coding_scheme_that_changes_is_taken_in(sit: SIT, ready: Review) -> None:
    keyboard = sit()
    typed(keyboard, "3", "t", "1")
    path = ready.root / "data" / "coding-scheme.toml"
    text = path.read_text(encoding="utf-8")
    facet = '[facet.zeal]\nlabel = "Zeal"\n[facet.zeal.codes.high]\nlabel = "High zeal"\n'
    path.write_text(text.replace("[facet.cluster]\n", f"{facet}\n[facet.cluster]\n", 1), encoding="utf-8")
    assert keyboard.catch_up(keyboard.look())
    assert keyboard.desk.unaccepted() == []
    typed(keyboard, "z", "1", keys.ENTER)
    assert ("zeal", ["high"]) in lines(ready)


def test_a_question_that_is_gone_is_told_and_the_scheme_of_now_taken_in(sit: SIT, ready: Review) -> None:
    path = ready.root / "data" / "coding-scheme.toml"
    text = path.read_text(encoding="utf-8")
    facet = '[facet.zeal]\nlabel = "Zeal"\n[facet.zeal.codes.high]\nlabel = "High zeal"\n'
    path.write_text(text.replace("[facet.cluster]\n", f"{facet}\n[facet.cluster]\n", 1), encoding="utf-8")
    keyboard = sit()
    typed(keyboard, "z", "1")
    path.write_text(text, encoding="utf-8")
    view = typed(keyboard, keys.ENTER)
    assert (view.tone, lines(ready)) == ("refused", [])
    assert "no question 'zeal' any more" in view.message
    assert typed(keyboard, keys.ENTER).tone == "saved"
    assert "zeal" not in dict(lines(ready))


def test_marks_on_other_papers_go_with_their_scheme(sit: SIT, ready: Review) -> None:
    keyboard = sit()
    typed(keyboard, "code:oct", "j")
    path = ready.root / "data" / "coding-scheme.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('label = "Method"', 'label = "Way"', 1), encoding="utf-8")
    assert keyboard.catch_up(keyboard.look())
    view = typed(keyboard, "k")
    assert [mark.code for mark in asked(view, "modality").marked] == ["fundus"]


def test_marks_on_a_paper_that_undo_goes_back_to_are_what_is_on_disk(sit: SIT) -> None:
    keyboard = sit()
    typed(keyboard, keys.ENTER, "k", "code:oct", "j")
    view = typed(keyboard, "u")
    assert [(mark.code, mark.origin) for mark in asked(view, "modality").marked] == [("fundus", "rule")]


def test_many_papers_at_once_are_taken_in(sit: SIT, ready: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    keyboard = sit(unblind=True)
    names = [row.key for row in keyboard.view().rows[:3]]
    read: list[str | None] = []
    load = listing.load

    def noted(connection: sqlite3.Connection, seat: listing.Seat, paper: str | None = None) -> list[Row]:
        read.append(paper)
        return load(connection, seat, paper)

    monkeypatch.setattr(listing, "load", noted)
    monkeypatch.setattr("reviewdb.session.shelf._ONE_BY_ONE", 2)
    for name in names:
        says(ready, name, "bo", "modality=ct")
    assert keyboard.catch_up(keyboard.look())
    assert read == [None]
    assert [row.contested for row in keyboard.view().rows[:3]] == [True] * 3
    says(ready, names[0], "bo", "modality=oct")
    assert keyboard.catch_up(keyboard.look())
    assert read[1:] == [keyboard.view().rows[0].id]


def test_a_database_that_is_deleted_meanwhile_is_built_and_read_anew(sit: SIT, ready: Review) -> None:
    keyboard = sit()
    for path in ready.root.glob("review.db*"):
        path.unlink()
    view = typed(keyboard, keys.ENTER)
    assert (view.tone, view.waiting, view.rows[0].tagged) == ("saved", 116, 2)
    assert keyboard.look() == ""
    assert not keyboard.catch_up("")


def test_nothing_is_written_while_the_text_has_problems(sit: SIT, ready: Review) -> None:
    keyboard = sit()
    with ready.decisions_of("mini-review").open("a", encoding="utf-8") as file:
        file.write("junk\n")
    assert "mini-review.jsonl" in keyboard.look()
    view = typed(keyboard, keys.ENTER)
    assert (view.tone, lines(ready)) == ("refused", [])
    with pytest.raises(BadReviewError):
        sit()


def test_marks_survive_what_others_write(sit: SIT, ready: Review) -> None:
    keyboard = sit()
    typed(keyboard, "code:oct")
    says(ready, "ouardini2019practical", "bo", "modality=oct")
    keyboard.catch_up(keyboard.look())
    assert [mark.code for mark in asked(keyboard.view(), "modality").marked] == ["oct", "fundus"]


# --- keys ---


def test_facets_have_the_letters_that_the_help_tells() -> None:
    found, problems = scheme.parse((ROOT / "data/coding-scheme.toml").read_text(encoding="utf-8"), "")
    letters = {letter: questions[0] for letter, questions in keys.facet_keys(found).items()}
    assert problems == []
    assert {letter: letters[letter] for letter in "mst"} == {"m": "modality", "s": "supervision.coded", "t": "method"}
    assert not set(letters) & keys.TAKEN
    told = {key.lower() for name, _ in keys.KEYS for key in name.split()}
    assert {one for one in keys.TAKEN if one not in told} == set()


def test_the_layers_of_a_facet_are_told_apart_by_how_often_its_key_is_pressed(sit: SIT) -> None:
    keyboard = sit()
    for one in keyboard.view().sheet.asked:  # type: ignore[union-attr]
        keyboard = sit()
        if one.key:
            typed(keyboard, *one.key)
            assert keyboard.desk.marks.active == one.id
    letters = {one.id: one.key for one in keyboard.view().sheet.asked}  # type: ignore[union-attr]
    assert (letters["supervision.coded"], letters["supervision.stated"]) == ("s", "ss")


def test_every_key_that_is_told_does_something(sit: SIT) -> None:
    for name, _ in keys.KEYS:
        for key in name.split():
            pressed = {"Enter": keys.ENTER, "Tab": keys.TAB}.get(key, key)
            if "-" in pressed or pressed.startswith("Pg"):
                continue
            keyboard = sit()
            assert "does nothing" not in typed(keyboard, pressed).message, key


def test_enter_accepts_a_proposed_verdict(sit: SIT, ready: Review) -> None:
    keyboard = sit(mode="screen")
    view = typed(keyboard, "/", "text:point-plane")
    assert [mark.code for mark in asked(view, "screening").marked] == ["exclude.outside_window"]
    typed(keyboard, keys.ENTER)
    assert lines(ready) == [("screening", ["exclude.outside_window"])]


@pytest.mark.parametrize("key", ["z", "@", "f5", "ctrl+a", "é"])
def test_any_other_key_says_that_it_does_nothing(key: str, sit: SIT, ready: Review) -> None:
    assert typed(sit(), key).tone == "refused"
    assert lines(ready) == []
