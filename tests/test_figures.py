"""Figures say what the tables say, readably, and the same bytes each time."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from itertools import combinations
from pathlib import Path
from sqlite3 import Connection
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from conftest import Program
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from reviewdb import build, database, evidence, figures, prisma, tables
from reviewdb.diagram import diagram
from reviewdb.figures import Asked, ink
from reviewdb.figures.sheet import INCH, INDENT, Box, Line, Sheet
from reviewdb.figures.sheet import Text as Label
from reviewdb.review import Review

NAMES = list(figures.KINDS)


@pytest.fixture(scope="module")
def reviewed(built: Review, tmp_path_factory: pytest.TempPathFactory) -> Review:
    """Return the mini-review with a second coder, who sees some things otherwise, some papers out, and one search more.

    What that search found, the others had found as well, but for one paper.
    """
    place = Review(shutil.copytree(built.root, tmp_path_factory.mktemp("reviewed") / "review"))
    said = [json.loads(line) for line in place.decisions_of("mini-review").read_text(encoding="utf-8").splitlines()]
    other = {"screening": ["exclude"], "method": ["vae"], "deviation_based": ["no"]}
    mine = [
        line | {"answer": other[line["question"]]} if n % 5 == 0 else line
        for n, line in enumerate(one for one in said if one["question"] in other)
    ]
    mine += [
        {"at": "2022-01-01T00:00:00Z", "record": f"2025-cited-by-{n:03}", "question": "screening", "answer": [answer]}
        for n, answer in ((5, "exclude.preprint"), (6, "exclude.duplicate"), (7, "exclude.preprint"))
    ]
    _write(place.decisions_of("ana"), mine)
    found = [
        json.loads(line) for line in place.search_file("2021-mini-review").read_text(encoding="utf-8").splitlines()
    ]
    again = [{key: hit[key] for key in ("title", "authors", "year") if key in hit} for hit in found[1:6]]
    again.append({"title": "A paper with $dollars$ & <angles> that nobody else found", "authors": ["N. Body"]})
    lines = [{"source": "openalex", "query": "anomalies $ of & <images>", "date": "2022-02-02"}]
    _write(
        place.search_file("2022-again"),
        [*lines, *({"id": f"2022-again-{n}", "rank": n, **hit} for n, hit in enumerate(again, 1))],
    )
    build.refresh(place)
    return place


def _write(path: Path, lines: list[dict[str, Any]]) -> None:
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")


@pytest.fixture(scope="module")
def connection(reviewed: Review) -> Iterator[Connection]:
    with closing(database.reader(reviewed.database)) as found:
        yield found


def drawn(connection: Connection, name: str, width: float = 7, **asked: Any) -> Sheet:  # noqa: ANN401 - any option
    return ink.laid_out(width, figures.read(connection, name, Asked(**asked)).draw)


def texts(connection: Connection, name: str, width: float = 7, **asked: Any) -> list[str]:  # noqa: ANN401
    """Return the texts of a figure as they stand in its SVG."""
    sheet = drawn(connection, name, width, **asked)
    written = ink.written(sheet, "svg", "A title")
    assert not ink.lacking(sheet)
    root = ET.fromstring(written.decode())  # noqa: S314 - our own
    return ["".join(one.itertext()) for one in root.iter("{http://www.w3.org/2000/svg}text")]


def test_the_map_has_the_numbers_of_the_query(connection: Connection) -> None:
    found = evidence.grid(connection, "modality", "method")
    numbers = {
        (row.label, column.label): n
        for row, cells in zip(found.rows.codes, found.cells, strict=True)
        for column, n in zip(found.columns.codes, cells, strict=True)
        if n
    }
    asked = tables.run(connection, "modality-by-method")
    parents = {
        label for (label,) in connection.execute("SELECT label FROM codes WHERE id IN (SELECT parent FROM codes)")
    }
    # A code that finer ones imply counts theirs as well, on the map as wherever papers are chosen by it.
    leaves = {pair: n for pair, n in numbers.items() if not parents & set(pair)}
    assert leaves == {(row, column): n for row, column, n in asked.rows if not parents & {row, column}}
    assert len(leaves) > 20
    assert Counter(
        filter(str.isdigit, texts(connection, "evidence-map", rows="modality", columns="method"))
    ) >= Counter(str(n) for n in numbers.values())


def test_each_gap_of_the_map_is_hatched_and_no_other_cell(connection: Connection) -> None:
    found = evidence.grid(connection)
    gaps = sum(n == 0 for cells in found.cells for n in cells)
    boxes = [mark for mark in drawn(connection, "evidence-map").marks if isinstance(mark, Box)]
    assert sum(bool(box.hatch) for box in boxes) == gaps + 1  # and that of the key
    assert gaps


def test_the_years_are_those_of_the_query(connection: Connection) -> None:
    numbers = figures.read(connection, "papers-by-year", Asked()).numbers
    asked = tables.run(connection, "papers-by-year")
    assert numbers.columns == asked.columns
    assert [row for row in numbers.rows if row[1]] == [row for row in asked.rows if row[0]]
    said = texts(connection, "papers-by-year")
    assert {str(row[1]) for row in numbers.rows if row[1]} | {"included", "pending", "contested", "excluded"} <= set(
        said
    )
    assert {"Papers", "Year of publication"} <= set(said)
    assert "1 paper without a year" in said
    some = figures.read(connection, "papers-by-year", Asked(first=2018, last=2020)).numbers
    assert some.rows == [row for row in numbers.rows if 2018 <= row[0] <= 2020]


def test_a_facet_over_time_counts_papers_by_year(connection: Connection) -> None:
    numbers = figures.read(connection, "facet-by-year", Asked(facet="method")).numbers
    asked = connection.execute(
        """SELECT codes.label, CAST(papers.year AS TEXT), count(DISTINCT papers.id)
        FROM papers JOIN paper_codes ON paper_id = papers.id
        JOIN codes ON codes.question_id = paper_codes.question_id AND codes.id = code
        WHERE papers.status = 'included' AND paper_codes.status = 'coded' AND paper_codes.question_id = 'method'
          AND year IS NOT NULL
        GROUP BY 1, 2"""
    ).fetchall()
    assert sorted(row for row in numbers.rows if row[2]) == sorted(asked)


def test_a_facet_over_time_is_no_taller_than_half_a_page_in_one_column(connection: Connection) -> None:
    assert drawn(connection, "facet-by-year", 3.5, facet="method").height < 5.5 * INCH
    # Beside each other on two columns, so that they take half of it, and a finer code is with the one above it.
    sheet = drawn(connection, "facet-by-year", facet="modality")
    assert sheet.height < 3 * INCH
    assert min(mark.x for mark in sheet.marks if isinstance(mark, Label) and mark.text.startswith("Mammography")) < 30
    assert any("all on one scale" in said for said in texts(connection, "facet-by-year", facet="modality"))


@pytest.mark.parametrize("across", [True, False])
def test_finer_codes_stand_apart_from_those_above_them(across: bool, connection: Connection) -> None:
    axes = {"rows": "method", "columns": "modality"} if across else {"rows": "modality", "columns": "method"}
    marks = drawn(connection, "evidence-map", **axes).marks
    above, finer = (
        next(mark for mark in marks if isinstance(mark, Label) and mark.text.startswith(said))
        for said in ("Magnetic", "Brain MRI")
    )
    assert above.upright == finer.upright == across
    assert (above.y - finer.y if across else finer.x - above.x) == INDENT
    assert above.colour != finer.colour
    assert any(isinstance(mark, Line) for mark in marks) == across


def test_the_overlap_is_that_of_the_query(connection: Connection) -> None:
    pairs = {(a, b): n for a, b, n in tables.run(connection, "search-overlap").rows}
    found: Counter[tuple[str, str]] = Counter()
    numbers = figures.read(connection, "search-overlap", Asked()).numbers.rows
    for searches, _, papers in numbers:
        for one in searches.split(" & "):
            for other in searches.split(" & "):
                found[one, other] += papers
    assert found == pairs
    assert pairs["2021-mini-review", "2022-again"] == 5
    assert sum(papers for *_, papers in numbers) == connection.execute("SELECT count(*) FROM papers").fetchone()[0]
    assert Counter(str(n) for *_, n in numbers) <= Counter(texts(connection, "search-overlap"))


@pytest.mark.parametrize(("width", "together"), [(3.5, True), (7, False)])
def test_the_flow_has_every_line_of_its_diagram(connection: Connection, width: float, together: bool) -> None:
    expected = diagram(prisma.count(connection).flow, together=together)
    lines = [line.text for row in expected.rows for pair in row for line in (*pair.main, *pair.side)]
    said = "".join(" ".join(texts(connection, "flow", width)).split())
    assert len(expected.heads) == (1 if together else 2)
    for line in [*lines, *(line.text for line in expected.included), *expected.heads]:
        assert "".join(line.split()) in said


def test_agreement_has_the_numbers_of_agree(reviewed: Review, program: Program) -> None:
    agreed = json.loads(program("agree", "--json", folder=reviewed.root).stdout)["questions"]
    figure = json.loads(program("figure", "agreement", "--json", folder=reviewed.root).stdout)
    by_question = {(one["question"], one["about"]): one for one in agreed}
    assert len(figure) >= 3
    for one in figure:
        same = by_question[one["question"], one["about"]]
        for name in ("kappa", "alpha"):
            estimate = same[name] or {"value": None, "low": None, "high": None}
            assert [one[name], one[f"{name}_low"], one[f"{name}_high"]] == [
                estimate[k] for k in ("value", "low", "high")
            ]


@pytest.mark.parametrize("width", [3.5, 7])
@pytest.mark.parametrize("name", NAMES)
def test_type_is_readable_inside_of_the_figure_and_on_no_other(connection: Connection, name: str, width: float) -> None:
    sheet = drawn(connection, name, width)
    figure = ink.drawn(sheet)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    written = [one for one in figure.findobj(Text) if one.get_text()]
    places = [one.get_window_extent(canvas.get_renderer()) for one in written]
    assert sheet.width == width * 72
    assert len(written) > 5
    for text, place in zip(written, places, strict=True):
        assert text.get_fontsize() >= 7
        assert place.x0 >= -0.5, text
        assert place.y0 >= -0.5, text
        assert place.x1 <= figure.bbox.width + 0.5, text
        assert place.y1 <= figure.bbox.height + 0.5, text
    for (one, here), (other, there) in combinations(zip(written, places, strict=True), 2):
        # Lines of type stand as close as their letters allow: a point is for what hangs below them.
        over = min(here.x1, there.x1) - max(here.x0, there.x0), min(here.y1, there.y1) - max(here.y0, there.y0)
        assert min(over) < 1.4, (one.get_text(), other.get_text(), over)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_review_gives_the_same_bytes(name: str, reviewed: Review, program: Program, tmp_path: Path) -> None:
    written = []
    for seed in ("1", "2"):
        files = [tmp_path / f"{seed}.{suffix}" for suffix in ("svg", "pdf", "png")]
        outputs = [argument for file in files for argument in ("-o", file)]
        done = program("figure", name, *outputs, folder=reviewed.root, PYTHONHASHSEED=seed, TZ=f"UTC{seed}")
        assert done.returncode == 0, done.stderr
        assert not done.stdout
        written.append([file.read_bytes() for file in files])
    assert written[0] == written[1]


@pytest.mark.skipif(not shutil.which("pdffonts"), reason="poppler is not installed")
@pytest.mark.parametrize("name", NAMES)
def test_a_pdf_has_its_text_and_its_fonts(name: str, connection: Connection, tmp_path: Path) -> None:
    written = ink.written(drawn(connection, name, 3.5), "pdf", "A title")
    file = tmp_path / "figure.pdf"
    file.write_bytes(written)
    fonts = subprocess.run(["pdffonts", file], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert fonts
    for font in fonts:
        assert "TrueType" in font
        assert font.split()[-5:-2] == ["yes", "yes", "yes"]  # embedded, as far as it is used, with its letters
    said = subprocess.run(["pdftotext", "-raw", file, "-"], capture_output=True, text=True, check=True).stdout
    for text in (one for one in texts(connection, name, 3.5) if re.fullmatch(r"[A-Za-z ]{4,}", one)):
        assert text.replace(" ", "") in "".join(said.split())
    about = subprocess.run(["pdfinfo", file], capture_output=True, text=True, check=True).stdout
    assert "Date" not in about
    assert "252 x " in about  # points of a column of 3.5 inches


def test_labels_are_text_and_no_mathematics(connection: Connection) -> None:
    assert any("anomalies $ of" in said for said in texts(connection, "search-overlap"))


def test_letters_that_the_font_lacks_are_told_and_left_to_the_reader() -> None:
    def draw(sheet: Sheet) -> None:
        lines = sheet.fold("自己符号化器による異常検知", 50)
        sheet.lines(3, 20, lines)
        sheet.height = 40
        assert all(len(line) <= 7 for line in lines)  # a letter is as wide as it is high
        assert "".join(lines) == "自己符号化器による異常検知"

    sheet = ink.laid_out(3.5, draw)
    assert set(ink.lacking(sheet)) == set("自己符号化器による異常検知")
    assert "自己符号化器" in ink.written(sheet, "svg", "A title").decode()


def test_the_numbers_lie_beside_the_figure(reviewed: Review, program: Program, tmp_path: Path) -> None:
    chosen = ("--rows", "modality", "--columns", "year", "--year", "2018..")
    files = (tmp_path / "map.svg", tmp_path / "map.csv")
    done = program("figure", "evidence-map", *chosen, "-o", files[0], "-o", files[1], folder=reviewed.root)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    printed = program("figure", "evidence-map", *chosen, "--format", "csv", folder=reviewed.root)
    assert files[1].read_text(encoding="utf-8") == printed.stdout
    rows = [line.rsplit(",", 2) for line in printed.stdout.splitlines()[1:]]
    assert {int(year) for _, year, _ in rows} == {2018, 2019, 2020, 2021}
    again = program("figure", "evidence-map", *chosen, "-o", files[0], folder=reviewed.root)
    assert again.returncode == 0  # a file that is there is replaced


def test_figures_are_listed(reviewed: Review, program: Program) -> None:
    found = json.loads(program("figure", "--json", folder=reviewed.root).stdout)
    assert [one["figure"] for one in found] == NAMES


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["evidence-mpa"], 1, "Did you mean evidence-map?"),
        (["flow", "-o", "flow.gif"], 2, "flow.gif: name the file .svg, .pdf, .png"),
        (["flow", "-o", "flow"], 2, "flow: name the file .svg"),
        (["flow", "-o", "nowhere/flow.svg"], 1, "there is no folder nowhere"),
        (["flow", "--rows", "method"], 2, "--rows"),
        (["flow", "--width", "wide"], 2, "wide is not a width"),
        (["flow", "--width", "3.5"], 2, "its unit (in, cm, mm or pt)"),
        (["flow", "--format", "svg", "-o", "flow.pdf"], 2, "flow.pdf is not the name of a file of svg"),
        (["flow", "--width", "900in"], 2, "900in is not between"),
        (["flow", "--format", "gif"], 2, "gif is not one of"),
        (["evidence-map", "--rows", "metod"], 1, "Did you mean method?"),
        (["evidence-map", "--rows", "method", "--columns", "method"], 1, "stands on both sides"),
        (["evidence-map", "--width", "2in", "-o", "map.svg"], 1, "15 columns have no room on 2 inches"),
        (["evidence-map", "--year", "1900"], 1, "there is nothing to draw"),
        (["papers-by-year", "--year", "1900"], 1, "nothing to draw: no paper is from 1900"),
        (["evidence-map", "--status", "read"], 1, "there is no status 'read'"),
        (["facet-by-year", "--facet", "year"], 1, "Name a facet"),
    ],
)
def test_what_makes_no_sense_is_told(
    arguments: list[str], code: int, said: str, reviewed: Review, program: Program
) -> None:
    done = program("figure", *arguments, folder=reviewed.root)
    assert done.returncode == code
    assert said in " ".join(done.stderr.split())
    assert not [path for path in reviewed.root.iterdir() if path.stem in ("flow", "map")]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Review:
    """Return a new review, in which nothing was searched yet."""
    folder = tmp_path_factory.mktemp("empty") / "review"
    subprocess.run([sys.executable, "-m", "reviewdb", "init", folder], check=True, capture_output=True)
    return Review(folder)


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_review_has_nothing_to_draw(name: str, empty: Review, program: Program) -> None:
    done = program("figure", name, "-o", "figure.pdf", folder=empty.root)
    assert done.returncode == 1
    assert "nothing to draw" in done.stderr or "no agreement to draw" in done.stderr
    assert not (empty.root / "figure.pdf").exists()


def test_without_matplotlib_there_are_the_numbers(reviewed: Review, tmp_path: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        code = (
            "import sys; sys.modules['matplotlib'] = None\n"
            f"sys.argv = ['reviewdb', 'figure', 'flow', *{arguments!r}]\n"
            "from reviewdb.__main__ import main; main()"
        )
        return subprocess.run(
            [sys.executable, "-c", code], cwd=reviewed.root, capture_output=True, text=True, check=False
        )

    done = run("-o", str(tmp_path / "flow.svg"))
    assert done.returncode == 1
    assert "pip install 'reviewdb[figures]'" in done.stderr
    assert run("-o", str(tmp_path / "flow.csv")).returncode == 0
