"""The evidence map: its numbers are what a click shows, and a cell without papers is a gap."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from made_reviews import Made
from site_pages import Site, site

from reviewdb import build, database, evidence, tables
from reviewdb.review import Review
from reviewdb.site import catalogue
from reviewdb.site import evidence as site_evidence
from reviewdb.site.keeping import Kept

_CELL = re.compile(
    r'<td(?: class="([^"]*)")?>(?:<a href="([^"]+)">(\d*)(?:<i>\+(\d+)</i>)?(?:<small>(\d+)</small>)?</a>)?(?=<td|</tr)'
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as the page has it."""

    kind: str
    url: str
    coded: int
    more: int
    newest: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A map as the page has it: heads of columns, and cells by the head of their row; the last of each is the total."""

    columns: list[str]
    rows: dict[str, list[Cell]]

    def cell(self, row: str, column: str) -> Cell:
        return self.rows[row][self.columns.index(column)]

    @property
    def every(self) -> list[Cell]:
        return [cell for cells in self.rows.values() for cell in cells]


def map_of(page: str) -> Shown:
    """Read the map out of a page."""
    table = page[page.index('<table class="map">') : page.index("</table>")]
    head, *lines = re.findall(r"<tr>.*?</tr>", table, re.DOTALL)
    rows = {
        re.findall(r'<th scope="row"[^>]*>([^<]*)', line)[0]: [
            Cell(kind, url.replace("&amp;", "&"), int(coded or 0), int(more or 0), newest)
            for kind, url, coded, more, newest in _CELL.findall(line)
        ]
        for line in lines
    }
    return Shown(re.findall(r"<span>([^<]*)</span></th>", head)[1:], rows)


@pytest.fixture(scope="module")
def mini(built: Review) -> Iterator[Site]:
    with site(built.database) as opened:
        yield opened


def listed(mini: Site, url: str) -> int:
    """Return how many papers an address of their list selects, as the page says and as Datasette's data does."""
    said = re.search(r'<p class="count"><b>([\d,\u202f ]+) paper', mini.html(url).text)
    assert said, url
    answer = mini.json(url.replace("/papers?", "/papers.json?") + "&_size=0")
    assert answer["filtered_table_rows_count"] == int(said[1])
    return int(said[1])


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "?map=modality,method&colour=recency",
        "?map=method,year",
        "?map=supervision.stated,modality&codes=suggested",
        "?map=year,modality&codes=suggested&colour=recency",
    ],
)
def test_every_number_of_the_map_is_what_a_click_shows(mini: Site, asked: str) -> None:
    shown = map_of(mini.html(f"/{asked}").text)
    filled = [cell for cell in shown.every if cell.url]
    assert len(filled) > 20
    for cell in filled[:: max(1, len(filled) // 25)] + filled[-1:]:
        assert listed(mini, cell.url) == cell.coded + cell.more, cell


def test_the_map_agrees_with_the_table_of_the_terminal(mini: Site, built: Review) -> None:
    shown = map_of(mini.html("/?map=modality,method").text)
    with closing(database.reader(built.database)) as connection:
        printed = tables.run(connection, "modality-by-method").rows
        leaves = {
            row[0]
            for row in connection.execute(
                "SELECT label FROM codes WHERE id NOT IN (SELECT parent FROM codes WHERE parent IS NOT NULL)"
            )
        }
    compared = [row for row in printed if row[0] in leaves and row[1] in leaves]
    assert len(compared) > 30
    for modality, method, papers in compared:
        assert shown.cell(modality, method).coded == papers
    assert sum(cell.coded for row in leaves & shown.rows.keys() for cell in shown.rows[row][:-1]) == sum(
        row[2] for row in printed if row[0] in leaves
    )


def test_at_first_the_map_shows_the_two_facets_with_most_codes_and_only_what_people_said(mini: Site) -> None:
    page = mini.html("/")
    assert '<th scope="col">Imaging modality <span>by Method</span></th>' in page.text
    shown = map_of(page.text)
    assert not any(cell.more for cell in shown.every)
    assert shown.cell("All papers", "All papers").coded == 39
    assert shown.cell("Optical coherence tomography", "Generative adversarial network").coded == 3


def test_suggestions_stand_apart_and_never_colour_a_gap(mini: Site) -> None:
    coded = map_of(mini.html("/?map=modality,method").text)
    both = map_of(mini.html("/?map=modality,method&codes=suggested").text)
    for row, cells in coded.rows.items():
        for column, cell in zip(coded.columns, cells, strict=True):
            assert both.cell(row, column).coded == cell.coded
            assert both.cell(row, column).kind == cell.kind or both.cell(row, column).more
    only = [cell for cell in both.every if cell.more and not cell.coded and cell.kind != "all"]
    assert only
    assert {cell.kind for cell in only} == {"maybe"}


def test_a_choice_from_the_list_is_told_and_can_be_taken_back(mini: Site) -> None:
    shown = map_of(mini.html("/?map=modality,method&codes=suggested").text)
    url = next(cell.url for cell in shown.every if "_suggested" in cell.url)
    page = mini.html(url)
    assert "(suggested)" in page.text
    assert "status: not excluded" in page.text
    chosen = url.count("_code")
    without = [link for link in page.links() if link.startswith("papers?") and link.count("_code") == chosen - 1]
    assert without
    taken = next(link for link in page.links() if "/papers.json?" in link)
    assert len(mini.json(taken)) == listed(mini, url)


@pytest.mark.parametrize(
    "asked",
    [
        "map=",
        "map=modality",
        "map=modality,modality",
        "map=a,b",
        "map=modality,method,year",
        "map=%00,<script>",
        "colour=x",
    ],
)
def test_a_map_that_makes_no_sense_is_the_first_one(mini: Site, asked: str) -> None:
    assert map_of(mini.html(f"/?{asked}").text) == map_of(mini.html("/").text)


def test_choosing_the_facet_of_the_other_side_turns_the_map(mini: Site) -> None:
    page = mini.html("/?map=modality,method&codes=suggested")
    turned = "?map=method,modality&codes=suggested#map"
    assert page.links().count(turned) == 2
    one, other = (map_of(mini.html(path).text) for path in ("/?map=modality,method", "/?map=method,modality"))
    for row in one.rows:
        for column in one.columns:
            assert one.cell(row, column).coded == other.cell(column, row).coded


def test_years_without_a_paper_are_gaps_between_those_with_one(mini: Site) -> None:
    shown = map_of(mini.html("/?map=method,year").text)
    years = shown.columns[:-1]
    assert years == [str(year) for year in range(int(years[0]), int(years[-1]) + 1)]
    assert any(not cell.url for cell in shown.every)


def test_recency_is_said_in_figures_too(mini: Site) -> None:
    shown = map_of(mini.html("/?map=modality,method&colour=recency").text)
    dated = [cell for cell in shown.every if cell.newest]
    assert len(dated) > 50
    for cell in dated[::20]:
        papers = mini.json(cell.url.replace("/papers?", "/papers.json?") + "&_shape=array")
        assert str(max(paper["year"] for paper in papers)) == cell.newest
    by_year = {cell.newest: cell.kind for cell in shown.every if cell.newest}
    assert [by_year[year] for year in sorted(by_year)] == sorted(by_year.values())


def test_the_map_follows_a_decision(example: Review) -> None:
    build.refresh(example)
    with site(example.database) as running:
        before = map_of(running.html("/?map=modality,method").text)
        said = [
            {"at": "2030-01-01T00:00:00Z", "record": "2025-cited-by-005", "question": question, "answer": answer}
            for question, answer in (
                ("screening", ["include"]),
                ("eligibility", ["include"]),
                ("modality", ["ultrasound"]),
                ("method", ["pca"]),
            )
        ]
        lines = "".join(json.dumps(line) + "\n" for line in said)
        example.decisions_of("ana").write_text(lines, encoding="utf-8")
        build.refresh(example)
        after = map_of(running.html("/?map=modality,method").text)
        assert not before.cell("Ultrasonography", "Principal component analysis").url
        assert after.cell("Ultrasonography", "Principal component analysis").coded == 1
        assert "1 gap closed" in running.html("/changes").text
        assert "<b>40</b> included" in running.html("/").text


def test_a_review_that_is_not_coded_yet_points_to_suggestions(example: Review) -> None:
    for path in example.files("decisions"):
        path.unlink()
    build.refresh(example)
    with site(example.database) as fresh:
        page = fresh.html("/")
        assert "No included paper carries codes of both yet" in page.text
        suggested = next(link for link in page.links() if "codes=suggested" in link)
        assert map_of(fresh.html(f"/{suggested}").text).rows
        assert "Nobody has decided anything yet." in fresh.html("/methods").text
        assert "39 new papers found" in fresh.html("/changes").text


def test_a_review_without_facets_has_no_map(example: Review) -> None:
    scheme = example.root / "data/coding-scheme.toml"
    scheme.write_text("schema = 1\n[stage.screening]\nlabel = 'Screening'\n", encoding="utf-8")
    protocol = example.root / "data/protocol.toml"
    text = protocol.read_text(encoding="utf-8")
    protocol.write_text(text[: text.index("# Each criterion")], encoding="utf-8")
    for path in [*example.files("decisions"), *example.files("queries")]:
        path.unlink()
    build.refresh(example)
    with site(example.database) as bare:
        for path in ("/", "/methods", "/changes", "/changes.atom"):
            assert bare.get(path).status == 200, path
        assert '<table class="map">' not in bare.html("/").text


@pytest.mark.parametrize("axes", [("modality", "method"), ("year", "modality"), ("cluster", "year")])
def test_the_map_of_the_site_is_counted_as_that_of_figures(tmp_path: Path, axes: tuple[str, str]) -> None:
    made = Made(tmp_path / "review", 5)
    build.refresh(made.place)
    made.code(60)
    build.refresh(made.place)
    with closing(database.reader(made.place.database)) as connection:
        connection.row_factory = sqlite3.Row
        counts = site_evidence.count(catalogue.read(connection), *axes)
        assert counts == evidence.count(connection, *axes)
    assert counts.papers.said


def test_a_catalogue_that_is_mended_is_the_one_that_is_read(tmp_path: Path) -> None:
    made = Made(tmp_path / "review", 6)
    build.refresh(made.place)
    kept = Kept()
    seen = []
    for _ in range(5):
        made.code(4)
        assert build.refresh(made.place) == "updated"
        with closing(database.reader(made.place.database)) as connection:
            connection.row_factory = sqlite3.Row
            whole = catalogue.read(connection)
            mended = catalogue.of(connection, kept)
            assert mended == whole
            # Orders are of the whole build: that the list is the same one tells that nothing was read anew.
            seen.append(mended.orders)
    assert all(orders is seen[0] for orders in seen)


def test_a_cell_with_suggestions_is_three_choices_on_the_list(mini: Site) -> None:
    asked = "_code=modality.mri&_code=modality_suggested.mri&status__not=excluded"
    page = mini.html(f"/review/papers?{asked}")
    assert "status: not excluded" in page.text
    assert "Magnetic resonance imaging (coded or suggested)" in page.text
    assert "status: pending" not in page.text


def test_a_gap_says_of_how_many_papers_it_is_none(mini: Site) -> None:
    def said(asked: str) -> str:
        return " ".join(re.sub(r"<[^>]+>", "", mini.html(f"/?map={asked}").text).split())

    few = said("supervision.coded,method")
    assert "34 gaps in this map: 4 of 39 included papers have codes on both axes, and a gap means none of these." in few
    assert "On none of the 39 included papers, Supervision (coded): Semi-supervised (few" in few
    assert "78 papers wait to be screened, and count nowhere here." in few
    assert "No paper at all" not in few
    assert "39 of 39 included papers have" in said("modality,year")
    more = said("modality,method&codes=suggested")
    assert re.search(r"\d+ of 117 papers have codes on both axes", more)
    assert "wait to be screened" not in more
