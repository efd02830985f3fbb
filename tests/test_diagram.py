"""The diagram of a flow: SVG that parses, with its text in its boxes, TikZ that compiles, and plain English."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from flows import HOSTILE, Found, flow, labelled, reviews, stages
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewdb.diagram import diagram
from reviewdb.diagram.folding import fold, room, width
from reviewdb.diagram.outline import outline
from reviewdb.diagram.prose import paragraph
from reviewdb.diagram.svg import css, svg
from reviewdb.diagram.tikz import tikz
from reviewdb.flow import Flow, Judged
from reviewdb.formats.typesetting import tex
from reviewdb.model import CITATIONS, LIST, SEARCH, Search
from reviewdb.scheme import Question

SVG = "{http://www.w3.org/2000/svg}"
LONG_REASONS = [f"Reason {n}: which says at some length why such papers are of no use to anybody" for n in range(12)]


def flow_of(
    standing: Sequence[str],
    asked: Sequence[Question],
    sources: Sequence[tuple[str, str]] = (("Scholar", SEARCH),),
) -> Flow:
    """Return a flow with a paper for each of `standing`, such as `excluded screening late`, by source in turn."""
    searches = [Search(f"s{n}", name, "a term", "2026-11-23", kind=kind) for n, (name, kind) in enumerate(sources)]
    papers = [Judged(f"p{n:03}", f"p{n:03}", *line.split(" ")) for n, line in enumerate(standing)]
    hits = [Found(searches[n % len(searches)].id, paper.paper) for n, paper in enumerate(papers)]
    return flow(searches, hits, papers, asked)


def every_reason(reasons: Sequence[str], label: str = "Screening") -> Flow:
    """Return a flow in which one paper is excluded for each reason, and one is included."""
    standing = [f"excluded screening r{n}" for n in range(len(reasons))]
    sources = [(reason, SEARCH) for reason in reasons[:5]] or [("Scholar", SEARCH)]
    return flow_of([*standing, "included screening"], labelled(reasons, label), [*sources, ("OpenAlex", CITATIONS)])


TWO_STAGES = stages("screening: late", "eligibility: lost*")
FLOWS = {
    "nothing": flow([], [], [], []),
    "no stages": flow_of(["pending"], []),
    "no exclusions": flow_of(["included eligibility"], TWO_STAGES),
    "all kinds": flow_of(
        [
            *("included eligibility", "excluded screening late", "excluded eligibility lost", "contested screening"),
            *("contested eligibility", "pending eligibility", "excluded screening no-reason"),
        ],
        TWO_STAGES,
        [("Scholar", SEARCH), ("OpenAlex", CITATIONS)],
    ),
    "twelve long reasons and five sources": every_reason(LONG_REASONS),
    "hostile": every_reason(HOSTILE, HOSTILE[0]),
}


def texts(drawn: str) -> str:
    """Return all text of a drawing in its order, with the spaces at line ends as they are read."""
    found = ET.fromstring(drawn)  # noqa: S314 - ours
    return " ".join("".join(text.itertext()) for text in found.iter(f"{SVG}text")).replace("\u00a0", " ")


@pytest.mark.parametrize("name", FLOWS)
def test_svg_is_one_element_that_names_itself_and_asks_for_nothing_outside(name: str) -> None:
    drawn = svg(FLOWS[name], f"A review <of> & {name}")
    root = ET.fromstring(drawn)  # noqa: S314 - ours
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    assert title.text == f"PRISMA 2020 flow diagram: A review <of> & {name}"
    assert description.text == paragraph(FLOWS[name])
    assert root.get("role") == "img"
    assert [root.get("aria-labelledby"), root.get("aria-describedby")] == [title.get("id"), description.get("id")]
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "title", "desc", "style", "rect", "g", "text", "polyline", "polygon"),
    }
    assert not re.findall(r"https?://(?!www\.w3\.org/2000/svg)|url\(|@import|href", drawn)


def test_svg_says_every_number_of_the_diagram() -> None:
    said = texts(svg(FLOWS["all kinds"], "R"))
    for line in (
        *("Records identified (n = 4)", "Scholar (n = 4)", "Records identified (n = 3)"),
        *("Citation searching, OpenAlex (n = 3)", "Papers not retrieved (n = 1)", "Coders disagree (n = 1)"),
        *("Not yet decided (n = 1)", "Late (n = 1)", "No reason given (n = 1)", "Studies included in review (n = 1)"),
    ):
        assert line in said


def test_reasons_stand_in_the_drawing_whatever_they_are_called() -> None:
    said = texts(svg(FLOWS["hostile"], "R")).replace(" ", "")
    for reason in HOSTILE:
        assert f"{reason}(n=1)".replace(" ", "") in said


@given(st.text(max_size=60))
def test_no_label_breaks_the_svg(label: str) -> None:
    drawn = svg(every_reason([label], label), label, name="x")
    ET.fromstring(drawn)  # noqa: S314 - ours


def test_two_diagrams_of_one_page_have_ids_and_styles_of_their_own() -> None:
    first, second = (svg(FLOWS["all kinds"], "R", name=name) for name in ("one", "two"))
    assert not set(re.findall(r'id="([^"]+)"', first)) & set(re.findall(r'id="([^"]+)"', second))
    assert re.findall(r"\.(\w+) \.\w+ {", first) == ["one"] * 7


def test_a_page_may_have_the_styles_in_its_own_sheet() -> None:
    bare, whole = (svg(FLOWS["all kinds"], "R", name="flow", styled=styled) for styled in (False, True))
    assert "style" not in bare
    assert whole.replace(f"<style>{css('flow')}</style>\n", "") == bare


@given(reviews())
def test_boxes_stand_below_each_other_and_inside_of_the_drawing(made: tuple[object, ...]) -> None:
    root = ET.fromstring(svg(flow(*made), "R"))  # type: ignore[arg-type]  # noqa: S314
    wide, high = (float(root.get(name, "")) for name in ("width", "height"))
    boxes = [
        tuple(float(rect.get(name, "")) for name in ("x", "y", "width", "height"))
        for group in root.iter(f"{SVG}g")
        for rect in group.iter(f"{SVG}rect")
    ]
    for n, (x, y, w, h) in enumerate(boxes):
        assert x >= 0
        assert y >= 0
        assert x + w <= wide
        assert y + h <= high
        for left, top, width_, height in boxes[n + 1 :]:
            assert x + w <= left or left + width_ <= x or y + h <= top or top + height <= y


@given(st.text(max_size=80), st.floats(2, 40))
def test_folded_lines_have_room_and_lose_nothing(text: str, wide: float) -> None:
    lines = fold(text, wide)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width(line) <= wide or len(line) == 1 for line in lines)


@given(st.text(alphabet="abc ", min_size=1, max_size=80), st.integers(1, 3))
def test_the_room_for_a_label_is_enough(text: str, lines: int) -> None:
    assert len(fold(text, room(text, lines))) <= lines


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("100 % of $5 & #1_2", r"100 \% of \$5 \& \#1\_2"),
        (
            r"\input{x} ~ ^",
            r"\textbackslash{}input\textbraceleft{}x\textbraceright{} \textasciitilde{} \textasciicircum{}",
        ),
        ("<script> | \"a\" -- 'b'", "$<$script$>$ $|$ ''a'' -{}- 'b'"),
        ("naïve Łódź é \u1e69", r"na\"{\i}ve \L{}\'{o}d\'{z} \'{e} \.{\d{s}}"),
        ("≥ 5 µm – “x”", r"$\geq$ 5 $\mu$m -- ``x''"),
        ("日本 Ελ", r"RiBen E$\lambda$"),
        ("n\u00a0=\u00a03", "n~=~3"),
    ],
)
def test_text_is_written_for_latex_in_ascii(text: str, latex: str) -> None:
    assert tex(text) == latex


@given(st.text(max_size=60))
def test_latex_is_ascii_on_one_line(text: str) -> None:
    written = tex(" ".join(text.split()))
    assert written.isascii()


def compiled(drawn: Sequence[str], folder: Path, head: str) -> list[str]:
    """Return the text of each page of a document with these pictures, a page each; the compiler may not complain."""
    for n, picture in enumerate(drawn):
        (folder / f"flow-{n}.tex").write_text(picture, encoding="utf-8", newline="")
    pages = r"\clearpage".join(
        rf"\noindent\resizebox{{\textwidth}}{{!}}{{\input{{flow-{n}}}}}" for n in range(len(drawn))
    )
    (folder / "doc.tex").write_text(f"{head}\\begin{{document}}{pages}\\end{{document}}", encoding="utf-8")
    run = ["pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "doc.tex"]
    done = subprocess.run(run, cwd=folder, capture_output=True, encoding="latin-1", check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "Overfull" not in done.stdout
    text = subprocess.run(["pdftotext", "-layout", "doc.pdf", "-"], cwd=folder, capture_output=True, check=True)
    return text.stdout.decode().split("\f")


ARTICLE = r"\documentclass[a4paper]{article}\usepackage{tikz}\usetikzlibrary{arrows.meta,calc,fit}\pagestyle{empty}"
NEEDED = [tool for tool in ("pdflatex", "pdftotext") if not shutil.which(tool)]


@pytest.mark.skipif(bool(NEEDED), reason=f"{' and '.join(NEEDED)} is not installed")
@pytest.mark.parametrize(
    "more",
    ["", r"\usepackage[T1]{fontenc}\usepackage[utf8]{inputenc}"],
    ids=["as LaTeX comes", "with the fonts of today"],
)
def test_tikz_compiles_in_an_article_whatever_reasons_are_called(more: str, tmp_path: Path) -> None:
    title = "A \\title{of} 100 % Ünicode\nand \\end{document}"
    pages = compiled([tikz(found, title) for found in FLOWS.values()], tmp_path, ARTICLE + more)
    said = dict(zip(FLOWS, ("".join(page.split()) for page in pages), strict=False))
    assert "Studiesincludedinreview(n=1)" in said["no exclusions"]
    assert "Notyetdecided(n=1)" in said["all kinds"]
    assert "100%of5" in said["hostile"]
    assert "script>(n=1)" in said["hostile"]
    assert all(f"Reason{n}:" in said["twelve long reasons and five sources"] for n in range(12))


@pytest.mark.skipif(bool(NEEDED), reason=f"{' and '.join(NEEDED)} is not installed")
@settings(max_examples=10)
@given(st.lists(st.text(max_size=40), min_size=30, max_size=30))
def test_no_label_stops_latex(tmp_path_factory: pytest.TempPathFactory, labels: list[str]) -> None:
    compiled([tikz(every_reason(labels, labels[0]), labels[1])], tmp_path_factory.mktemp("tex"), ARTICLE)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (
            FLOWS["nothing"],
            """
            No search has been made yet. The coding scheme has no stages of screening, so no paper is included or
            excluded.
            """,
        ),
        (
            flow_of(["included screening"], stages("screening: late")),
            """
            We searched Scholar on 23 November 2026 for “a term”. These searches identified 1 record. There were no
            duplicates among them, which left 1 paper. At the stage “Screening”, we screened 1 paper and excluded none.
            In all, 1 paper (1 study) is included.
            """,
        ),
        (
            FLOWS["all kinds"],
            """
            We searched Scholar on 23 November 2026 for “a term”. These searches identified 4 records. Citation
            searching (OpenAlex on 23 November 2026) identified a further 3 records. There were no duplicates
            among them, which left 7 papers. At the stage “Screening”, we screened 7 papers and excluded 2
            (Late: 1 and No reason given: 1). On 1 paper of this stage, coders disagree. Of 4 papers sought for
            the stage “Eligibility”, 1 could not be retrieved so far. At the stage “Eligibility”, we assessed 2
            papers and excluded none. On 1 paper of this stage, coders disagree. Not yet decided at this stage is 1
            paper. In all, 1 paper (1 study) is included.
            """,
        ),
        (
            flow_of(["pending screening"] * 2, stages("screening", "eligibility")),
            """
            We searched Scholar on 23 November 2026 for “a term”. These searches identified 2 records. There were no
            duplicates among them, which left 2 papers. At the stage “Screening”, we screened no papers and excluded
            none. Not yet decided at this stage are 2 papers. No paper has come to the stage “Eligibility”. In all, no
            papers (no studies) are included.
            """,
        ),
    ],
)
def test_the_paragraph_is_plain_english(found: Flow, said: str) -> None:
    assert paragraph(found) == " ".join(said.split())


@pytest.mark.parametrize(
    ("searches", "said"),
    [
        ([("Scholar", "a", "2026-11-23")], "We searched Scholar on 23 November 2026 for “a”."),
        ([("Scholar", "a", "2026-11")], "We searched Scholar in November 2026 for “a”."),
        ([("Scholar", "a", "2026")], "We searched Scholar in 2026 for “a”."),
        ([("Scholar", "", "")], "We searched Scholar."),
        (
            [("Scholar", term, "2026-01-01") for term in ("a", "b", "c", "d")],
            "We searched Scholar on 1 January 2026 for four terms (“a”, “b”, “c” and “d”).",
        ),
        (
            [("Scholar", "a", "2026-01-01"), ("Scholar", "b", "2026-02-03")],
            "We searched Scholar between 1 January 2026 and 3 February 2026 for two terms (“a” and “b”).",
        ),
        (
            [("Scholar", "a", "2026"), ("OpenAlex", "a", "2026-05-06"), ("Scopus", "x AND y", "")],
            "We searched Scholar in 2026 and OpenAlex on 6 May 2026 for “a”. We also searched Scopus for “x AND y”.",
        ),
    ],
)
def test_searches_are_told_with_their_dates_and_terms(searches: list[tuple[str, str, str]], said: str) -> None:
    made = [Search(f"s{n}", *search) for n, search in enumerate(searches)]
    assert paragraph(flow(made, [], [], [])).startswith(f"{said} These searches identified no records.")


BIBTEX, TABLES = (
    ("BibTeX file", "", "2026-11-23", {}, SEARCH),
    ("the tables of a review", "Table I", "2021-08", {}, LIST),
)


@pytest.mark.parametrize(
    ("searches", "said", "boxed"),
    [
        ([BIBTEX], "We imported 1 record from a BibTeX file on 23 November 2026.", "BibTeX file"),
        ([BIBTEX, BIBTEX], "We imported 2 records from two BibTeX files on 23 November 2026.", "2 BibTeX files"),
        ([("RIS file", "", "", {}, SEARCH)], "We imported 1 record from an RIS file.", "RIS file"),
        (
            [("data file", "x AND y", "2026", {}, SEARCH)],
            "We imported 1 record, found by searching for “x AND y”, from a data file in 2026.",
            "data file",
        ),
        (
            [TABLES],
            "We took 1 record from the tables of a review (“Table I”, August 2021).",
            "Taken from the tables of a review",
        ),
        (
            [("Scopus", "a", "2026", {}, SEARCH), BIBTEX, TABLES],
            """
            We searched Scopus in 2026 for “a”. These searches identified 1 record. We imported a further 1 record from
            a BibTeX file on 23 November 2026. We took a further 1 record from the tables of a review (“Table I”,
            August 2021).
            """,
            "Taken from the tables of a review",
        ),
        (
            [("a list", "Table I", "2026-11-23", {"dated": "taken in"}, LIST)],
            "We took 1 record from a list (“Table I”, taken in on 23 November 2026).",
            "Taken from a list",
        ),
        (
            [("citing papers", "", "2026-11-23", {"dated": "taken in"}, CITATIONS)],
            "Citation searching (citing papers, taken in on 23 November 2026) identified 1 record.",
            "Citation searching, citing papers",
        ),
        # Of two that differ, the dates are of the one that was searched.
        (
            [("OpenAlex", "", "2026", {}, CITATIONS), ("OpenAlex", "", "2026", {"dated": "taken in"}, CITATIONS)],
            "Citation searching (OpenAlex in 2026) identified 2 records.",
            "Citation searching, OpenAlex, 2 searches",
        ),
    ],
)
def test_only_databases_are_searched(
    searches: list[tuple[str, str, str, dict[str, str], str]], said: str, boxed: str
) -> None:
    made = [Search(f"s{n}", *search) for n, search in enumerate(searches)]
    found = flow(
        made,
        [Found(f"s{n}", f"p{n}") for n in range(len(made))],
        [Judged(f"p{n}", f"p{n}", "pending") for n in range(len(made))],
        [],
    )
    assert paragraph(found).startswith(" ".join(said.split()))
    lines = [line.text for row in diagram(found).rows for pair in row for line in pair.main]
    assert any(line.startswith(f"{boxed} (n") for line in lines), lines


@pytest.mark.parametrize("name", FLOWS)
def test_the_outline_is_text_in_columns_for_any_terminal(name: str) -> None:
    lines = outline(FLOWS[name], "R", ()).splitlines()
    assert lines[0] == "PRISMA 2020 flow: R"
    assert {"Identification", "Included"} <= set(lines)
    assert all(line == line.rstrip() and line.isprintable() for line in lines)


def test_a_diagram_leaves_out_reasons_for_which_nothing_was_excluded() -> None:
    drawn = diagram(FLOWS["no exclusions"])
    assert [len(pair.side) for row in drawn.rows[1:] for pair in row] == [1, 1, 1]
    assert [label for label, _ in drawn.spans] == ["Identification", "Screening", "Eligibility", "Included"]


def test_stages_of_one_name_are_two_bands() -> None:
    asked = [*labelled([], "Same"), Question("b", "stage", "b", "Same", "", suggested=False, codes={})]
    assert [rows for _, rows in diagram(flow_of([], asked)).spans] == [range(n, n + 1) for n in range(4)]
