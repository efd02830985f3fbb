"""The screen: whole sessions by its keys, in a small and a large terminal, with and without colour."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from html import unescape

import pytest
from textual.pilot import Pilot

from reviewdb.errors import ReviewError
from reviewdb.review import Review
from reviewdb.session.acts import silent
from reviewdb.session.keyboard import Keyboard
from reviewdb.session.opening import open_desk
from reviewdb.session.views import Mode
from reviewdb.tui.screen import ReviewScreen

SIZES = [(80, 24), (160, 48)]
#: What takes each of these papers to the codes that the mini-review's tables print; Enter comes on top.
FEWEST: Mapping[str, str] = {
    "schlegl2017unsupervised": "3",
    "schlegl2019fanogan": "3",
    "seebock2019exploiting": "t4",
    "nakao2021unsupervised": "t1",
    "zhang2020viral": "t46",
    "kim2021chest": "tt3",
    "quellec2016multipleinstance": "",
    "sato2018primitive": "",
    "pawlowski2018unsupervised": "",
    "mejia2017pca": "",
    "kuo2016framework": "12",
    "atlason2019unsupervised": "",
    "alaverdyan2018unsupervised": "",
    "zuo2018automatic": "",
    "alaverdyan2020regularized": "t26",
    "baur2021modeling": "t2",
    "baur2020steganomaly": "",
    "zimmerer2019unsupervised": "11",
    "vanhespen2021anomaly": "t1",
    "han2021madgan": "tt5",
    "li2016quality": "t7",
    "fujioka2020efficient": "",
    "stepec2020image": "t01",
    "li2015outlier": "tt1",
}

Session = Callable[[ReviewScreen, Pilot[int]], Awaitable[None]]


@pytest.fixture
def sit(ready: Review) -> Iterator[Callable[..., ReviewScreen]]:
    """Return a function that runs a session on a screen and returns it as it was left."""
    desks = []

    def run(session: Session, size: tuple[int, int], mode: Mode = "tag", coder: str = "ana") -> ReviewScreen:
        desk = open_desk(ready, coder, mode, silent)
        desks.append(desk)
        screen = ReviewScreen(Keyboard(desk, lambda _: None))

        async def main() -> None:
            async with screen.run_test(size=size) as pilot:
                await pilot.pause()
                await session(screen, pilot)

        asyncio.run(main())
        return screen

    yield run
    for desk in desks:
        desk.close()


def drawn(screen: ReviewScreen) -> str:
    """Return what is on the screen, line by line."""
    svg = screen.export_screenshot()
    lines: dict[float, list[tuple[float, str]]] = {}
    for x, y, text in re.findall(r'<text class="[^"]*r\d+" x="([\d.]+)" y="([\d.]+)"[^>]*>(.*?)</text>', svg):
        lines.setdefault(float(y), []).append((float(x), unescape(text)))
    return "\n".join("".join(text for _, text in sorted(lines[y])) for y in sorted(lines)).replace("\xa0", " ")


def key_of(screen: ReviewScreen) -> str:
    sheet = screen.keyboard.view().sheet
    return sheet.key if sheet else ""


@pytest.mark.parametrize("size", SIZES)
def test_papers_of_the_corpus_are_tagged_with_at_most_four_keys_each(
    size: tuple[int, int], sit: Callable[..., ReviewScreen], ready: Review
) -> None:
    log: dict[str, list[str]] = {}

    async def session(screen: ReviewScreen, pilot: Pilot[int]) -> None:
        for _ in range(39):
            key = key_of(screen)
            if key not in FEWEST:
                await pilot.press("j")
                continue
            log[key] = [*FEWEST[key], "enter"]
            await pilot.press(*log[key])

    screen = sit(session, size)
    assert log.keys() == FEWEST.keys()
    assert len(log) >= 20
    assert max(map(len, log.values())) <= 4
    assert sum(len(keys) == 1 for keys in log.values()) == 9
    assert screen.keyboard.view().saved == len(log)
    said: dict[str, dict[tuple[str, str], set[str]]] = {}
    for coder in ("ana", "mini-review"):
        for line in ready.decisions_of(coder).read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            if entry["question"] in ("modality", "method"):
                said.setdefault(coder, {})[entry["record"], entry["question"]] = set(entry["answer"])
    assert said["ana"].items() <= said["mini-review"].items()
    assert len(said["ana"]) == 2 * len(log)


@pytest.mark.parametrize("size", SIZES)
def test_a_session_of_every_kind_of_key(size: tuple[int, int], sit: Callable[..., ReviewScreen], ready: Review) -> None:
    seen: list[str] = []

    async def session(screen: ReviewScreen, pilot: Pilot[int]) -> None:
        for keys in (
            "3 enter",
            "x 3",
            "N r e a d enter enter",
            "u u U U",
            "slash b r a i n enter",
            "w",
            "pagedown c",
            "question_mark pagedown pageup escape",
            "slash escape",
            "equals_sign",
            "enter enter",
            "d 1 escape",
            "m 1 1 t 0 2 tab shift+tab j k down up home end",
            "equals_sign slash escape e g a n enter space q q",
        ):
            await pilot.press(*keys.split())
            seen.append(screen.keyboard.view().message)

    screen = sit(session, size)
    assert screen.return_code == 0
    entries = [json.loads(line) for line in ready.decisions_of("ana").read_text(encoding="utf-8").splitlines()]
    assert {entry["question"] for entry in entries} >= {"modality", "screening", "supervision.stated"}
    assert any(entry.get("settles") and entry["why"] == "agreed" for entry in entries)
    assert sum("undoes" in entry for entry in entries) >= 4
    assert seen[0].startswith("1 saved: ouardini2019practical")


@pytest.mark.parametrize(
    ("size", "sees", "misses"),
    [
        (
            (80, 24),
            ["reviewdb tag", "Towards practical", "Imaging modality", "Retinal fundus photography", "Enter accept"],
            ["2017 Uns"],
        ),
        ((160, 48), ["reviewdb tag", "2017 Unsupervised", "Retinal fundus photography", "Applied method"], []),
    ],
)
def test_what_is_on_the_screen(
    size: tuple[int, int], sees: list[str], misses: list[str], sit: Callable[..., ReviewScreen]
) -> None:
    shown = []

    async def session(screen: ReviewScreen, pilot: Pilot[int]) -> None:
        await pilot.press("m")
        shown.append(drawn(screen))

    sit(session, size)
    assert [words for words in sees if words not in shown[0]] == [], shown[0]
    assert [words for words in misses if words in shown[0]] == []
    assert max(len(line) for line in shown[0].splitlines()) <= size[0]


def test_without_colour_evidence_stands_in_brackets(
    sit: Callable[..., ReviewScreen], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    shown = []

    async def session(screen: ReviewScreen, pilot: Pilot[int]) -> None:
        await pilot.pause()
        shown.append((drawn(screen), screen.export_screenshot()))

    sit(session, (80, 24))
    assert "[unsupervised]s" in shown[0][0]
    assert "[retinal images]m" in shown[0][0]
    for colour in re.findall(r"\.\S*r\d+ \{ fill: #(\w{6})", shown[0][1]):
        channels = [int(colour[n : n + 2], 16) for n in (0, 2, 4)]
        assert max(channels) - min(channels) < 8, f"{colour} is no grey"


def test_with_colour_evidence_is_underlined_in_the_colour_of_its_facet(sit: Callable[..., ReviewScreen]) -> None:
    shown = []

    async def session(screen: ReviewScreen, pilot: Pilot[int]) -> None:
        await pilot.pause()
        shown.append(screen.export_screenshot())

    sit(session, (80, 24))
    styles = dict(re.findall(r"\.\S*(r\d+) \{ ([^}]*) \}", shown[0]))
    word = re.search(r'class="\S*(r\d+)"[^>]*>retinal(?:&#160;| )images', shown[0])
    heading = re.search(r'class="\S*(r\d+)"[^>]*>Supervision', shown[0])
    evidence = re.search(r'class="\S*(r\d+)"[^>]*>unsupervised<', shown[0])
    assert word
    assert heading
    assert evidence
    assert "underline" in styles[word.group(1)]
    assert re.findall("#\\w+", styles[heading.group(1)]) == re.findall("#\\w+", styles[evidence.group(1)])


def test_a_long_message_wraps_and_keeps_its_end(sit: Callable[..., ReviewScreen]) -> None:
    shown = []

    async def session(screen: ReviewScreen, pilot: Pilot[int]) -> None:
        await pilot.press("j", "t", "1", "0", "2", "N", *"read", "enter", "j", "q")
        await pilot.pause()
        shown.append(drawn(screen))
        screen.keyboard.catch_up("It is kept " + "here " * 200 + "do: reviewdb check")
        screen.draw()
        await pilot.pause()
        shown.append(drawn(screen))

    sit(session, (80, 24))
    assert "forgets them." in shown[0]
    assert "It is kept" in shown[1]
    assert "do: reviewdb check" in shown[1]
    assert all(len(one.splitlines()) <= 24 for one in shown)


def test_lines_of_the_facets_are_not_folded_from_the_first_paint_on(sit: Callable[..., ReviewScreen]) -> None:
    async def session(screen: ReviewScreen, pilot: Pilot[int]) -> None:
        for press in ((), ("t",), ("l",), ("m",)):
            await pilot.press(*press)
            await pilot.pause()
            text, pane = screen._drawn["#questions"], screen.query_one("#questions")  # noqa: SLF001 - as drawn
            assert pane.size.height == len(text.plain.splitlines())

    sit(session, (80, 24))


def test_a_pending_note_is_in_sight(sit: Callable[..., ReviewScreen]) -> None:
    shown = []

    async def session(screen: ReviewScreen, pilot: Pilot[int]) -> None:
        await pilot.press("N", *"twice", "enter", "j", "k")
        shown.append(drawn(screen))

    sit(session, (80, 24))
    assert "Note: twice" in shown[0]


def test_tab_goes_from_facet_to_facet(sit: Callable[..., ReviewScreen]) -> None:
    seen = []

    async def session(screen: ReviewScreen, pilot: Pilot[int]) -> None:
        for key in ("tab", "tab", "shift+tab", "l"):
            await pilot.press(key)
            seen.append(screen.keyboard.desk.marks.active)

    sit(session, (80, 24))
    assert seen == ["supervision.stated", "supervision.coded", "supervision.stated", "cluster"]


def test_a_terminal_that_changes_its_size_keeps_paper_and_marks(sit: Callable[..., ReviewScreen]) -> None:
    shown = []

    async def session(screen: ReviewScreen, pilot: Pilot[int]) -> None:
        await pilot.press("j", "3")
        for size in ((160, 48), (60, 15), (20, 5), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            shown.append(drawn(screen))

    screen = sit(session, (80, 24))
    assert "2019 Towards" in shown[0]
    assert "2019 Towards" not in shown[-1]
    assert key_of(screen) == "schlegl2017unsupervised"
    assert screen.keyboard.desk.marks.answers["modality"] == ("oct",)


def test_ctrl_c_ends_the_screen_and_says_so(sit: Callable[..., ReviewScreen], ready: Review) -> None:
    async def session(_: ReviewScreen, pilot: Pilot[int]) -> None:
        await pilot.press("enter", "3", "ctrl+c")

    assert sit(session, (80, 24)).return_value == 130
    assert len(ready.decisions_of("ana").read_text(encoding="utf-8").splitlines()) == 2


def test_what_others_write_shows_without_a_key(sit: Callable[..., ReviewScreen], ready: Review) -> None:
    shown = []

    async def session(screen: ReviewScreen, pilot: Pilot[int]) -> None:
        await pilot.press("enter", "k")
        with ready.decisions_of("mini-review").open("a", encoding="utf-8") as file:
            line = {"at": "2026-11-26T00:00:00Z", "record": "2021-mini-review-001", "question": "modality"}
            file.write(json.dumps({**line, "answer": ["oct"]}) + "\n")
        for _ in range(40):
            await pilot.pause(0.1)
            if "conflict" in drawn(screen):
                break
        shown.append(drawn(screen))

    sit(session, (80, 24))
    assert "mini-review: oct" in shown[0]


def test_a_list_of_nothing_says_what_to_do(sit: Callable[..., ReviewScreen]) -> None:
    shown = []

    async def session(screen: ReviewScreen, pilot: Pilot[int]) -> None:
        await pilot.press("slash", *"zzzz", "enter", "enter", "a", "1", "w", "u")
        shown.append(drawn(screen))

    sit(session, (80, 24))
    assert "No paper here" in shown[0]


def test_no_coder_without_a_name_sits_down(ready: Review) -> None:
    with pytest.raises(ReviewError, match="who decides is not said"):
        open_desk(ready, "", "tag", silent)
