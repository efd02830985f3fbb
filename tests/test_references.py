"""References: what a library says of its entries comes out again, in the fields that each format has."""

from __future__ import annotations

import io
import json
import re
import subprocess
from pathlib import Path

import pytest
from conftest import Program
from typeset import needs

from reviewdb import formats
from reviewdb.formats import Hit, reference
from reviewdb.model import VENUE_TYPES, Record
from reviewdb.review import Review

LIBRARY = r"""@article{Cut2020, author = {Ek, Anna and {World Health Organization} and others}, title = {Cut Short},
  journal = {Journal of Made-up Things}, year = 2020, volume = 3, number = 2, pages = {1--9}, issn = {1234-5678}}
@misc{Pre2021, author = {{\"O}z, Can}, title = {A Preprint}, year = 2021, eprint = {2101.00001},
  archivePrefix = {arXiv}, primaryClass = {cs.CV}}
@incollection{Chapter2019, author = {Li, Wei}, editor = {van Ek, Bo and {OpenAI} and others}, title = {A Chapter},
  booktitle = {A Book of Chapters}, series = {Lecture Notes in Nothing}, number = {7}, publisher = {Books \& Sons},
  address = {Z{\"u}rich}, edition = {Second}, chapter = 4, pages = {10--20}, year = 2019, isbn = {978-3-16-148410-0}}
@inproceedings{Child2018, author = {Ono, Aki}, title = {A Child}, crossref = {Parent2018}, pages = {5}}
@proceedings{Parent2018, title = {Proceedings of the Tenth Conference on Parents}, editor = {Po, Ann}, year = 2018,
  publisher = {Parents' Press}, address = {Oslo}, series = {PP}}
@mastersthesis{Thesis2017, author = {Ra, Su}, title = {A Thesis}, school = {A School}, year = 2017,
  type = {Diploma thesis}, note = {In German, \url{https://example.org/a_b}}}
@techreport{Report2016, author = {{WHO}}, title = {A Report}, institution = {An Institute}, number = {TR-16},
  year = 2016}
@book{Book2015, author = {Vu, Ha}, title = {A Book}, publisher = {Books \& Sons}, year = 2015, series = {A Series}}
@article{AsArticle, author = {Xu, Yi}, title = {As Scholar Has It}, journal = {arXiv preprint arXiv:2005.00002},
  year = 2020}
"""
#: What BibTeX has in another form: a crossref hands its fields down, so that the child is whole without its parent.
HANDED_DOWN = {"booktitle", "year", "editor", "publisher", "address", "series"}


def entries(bibtex: str) -> dict[str, dict[str, str]]:
    """Return the fields of each entry by its key, as they stand there, and its kind."""
    found = {}
    for kind, key, body in re.findall(r"^@(\w+)\{([^,]+),\s*(.*?)\}\s*(?=^@|\Z)", bibtex, re.MULTILINE | re.DOTALL):
        fields = re.findall(r"(\w+)\s*=\s*(?:\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}|(\w+))", body)
        found[key] = {name.lower(): " ".join((braced or bare).split()) for name, braced, bare in fields} | {"": kind}
    return found


@pytest.fixture
def library(place_with: Path, program: Program) -> Path:
    (place_with / "library.bib").write_text(LIBRARY, encoding="utf-8")
    assert program("import", "library.bib", folder=place_with).returncode == 0
    return place_with


@pytest.fixture
def place_with(tmp_path: Path, program: Program) -> Path:
    """Return a new review without papers."""
    assert program("init", "new", folder=tmp_path).returncode == 0
    return tmp_path / "new"


def test_a_library_comes_out_as_it_went_in(library: Path, program: Program) -> None:
    done = program("export", "bibtex", folder=library)
    assert done.returncode == 0, done.stderr
    had, has = entries(LIBRARY), entries(done.stdout)
    # The proceedings are there for their child, which is whole without them.
    assert has.keys() == had.keys() - {"Parent2018"}
    for key in has:
        fields = {name: value for name, value in had[key].items() if name != "crossref"}
        more = HANDED_DOWN if key == "Child2018" else {"eprint", "archiveprefix"} if key == "AsArticle" else set()
        assert has[key].keys() - more == fields.keys() - more, key
        for name, value in fields.items():
            said = value.replace(r"\url{https://example.org/a_b}", r"https://example.org/a\_b")
            kept = has[key][name].replace("ü", r"{\"u}").replace("Ö", r"{\"O}")
            # In titles, braces keep capitals.
            assert (re.sub("[{}]", "", kept) if name == "title" else kept) == said, (key, name)
    assert has["Child2018"]["booktitle"] == "Proceedings of the Tenth Conference on Parents"


def test_an_entry_has_what_it_leaves_to_the_one_that_it_names(library: Path, program: Program) -> None:
    """In the review itself too; what it says stays, and a book, which may be read as one, is a paper as well."""
    more = r"""@inproceedings{Own, title = {Its Own}, booktitle = {Short Name}, year = 2019, crossref = "PARENT"}
@proceedings{parent, title = {A Long Name}, year = 2018, month = may, series = {LNCS}, volume = 7}
@incollection{Part, title = {A Part}, series = {Its Series}, crossref = {Whole}}
@book{Whole, title = {The Whole}, author = {Vu, Ha}, series = {A Series}, date = {2017-03}, editor = {{A Group}}}
@article{Note, title = {A Note}, crossref = {Issue}}
@periodical{Issue, title = {The Journal}, year = 2016, volume = 3, number = 4}"""
    (library / "more.bib").write_text(more)
    done = program("import", "more.bib", folder=library)
    assert "more.bib: 4 records" in done.stderr
    assert "2 entries that others name in crossref" in done.stderr
    assert "more.bib:2: A Long Name: its fields are now those of 1 paper; it is no paper itself." in done.stderr
    rows = json.loads(program("export", "json", folder=library).stdout)
    said = {row["key"]: (row["venue"], row["year"], row["volume"], row["published"]) for row in rows}
    wanted = {
        "Child2018": ("Proceedings of the Tenth Conference on Parents", 2018, None, None),
        "Own": ("Short Name", 2019, "7", None),
        "Part": ("The Whole", 2017, None, "2017-03"),
        "Whole": ("A Series", 2017, None, "2017-03"),
        "Note": ("The Journal", 2016, "3(4)", None),
    }
    assert {key: tuple(value or None for value in said[key]) for key in wanted} == wanted
    assert not said.keys() & {"Parent2018", "parent", "Issue"}
    has = entries(program("export", "bibtex", folder=library).stdout)
    assert (has["Part"]["series"], has["Part"]["editor"]) == ("Its Series", "{A Group}")
    # BibTeX looks for it behind those that name it.
    assert list(has)[-1] == "Whole"


def test_a_library_that_a_person_keeps_is_not_replaced(library: Path, program: Program) -> None:
    own = (library / "library.bib").read_bytes()
    refused = program("export", "bibtex", "-o", "library.bib", folder=library)
    assert refused.returncode == 1
    assert "library.bib was not written by reviewdb, and is not replaced." in refused.stderr
    assert "Name another file" in refused.stderr
    assert (library / "library.bib").read_bytes() == own
    (library / "refs.bib").touch()
    for _ in range(2):
        assert program("export", "bibtex", "-o", "refs.bib", folder=library).returncode == 0
    assert (library / "refs.bib").read_bytes().decode() == program("export", "bibtex", folder=library).stdout


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (("table", "table-1", "--format", "json"), "data/decisions/mini-review.jsonl"),
        (("flow", "--format", "json"), "data/decisions/new.jsonl"),
        (("table", "table-1", "--format", "csv"), "queries/table-1.sql"),
        (("table", "table-1", "--format", "md"), "data/protocol.toml"),
        (("figure", "papers-by-year", "--format", "csv"), "review.db"),
        (("diff", "2021", "--format", "json"), "data/coding-scheme.toml"),
    ],
)
def test_no_output_takes_the_place_of_the_text_of_a_review(
    arguments: tuple[str, ...], name: str, ready: Review, program: Program
) -> None:
    before = (ready.root / name).read_bytes() if (ready.root / name).exists() else None
    done = program(*arguments, "-o", name, folder=ready.root)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{name} is or would be a part of the review in" in done.stderr
    assert ((ready.root / name).read_bytes() if (ready.root / name).exists() else None) == before


def test_no_manuscript_is_replaced(ready: Review, program: Program) -> None:
    paper = ready.root / "paper.tex"
    paper.write_text("\\documentclass{article}\n", encoding="utf-8")
    for arguments in (
        ("table", "table-4"),
        ("flow",),
        ("flow", "--format", "latex"),
        ("flow", "--format", "paragraph"),
        ("export", "latex"),
    ):
        done = program(*arguments, "-o", "paper.tex", folder=ready.root)
        assert done.returncode == 1, arguments
        assert "paper.tex was not written by reviewdb, and is not replaced." in done.stderr
        assert paper.read_text(encoding="utf-8") == "\\documentclass{article}\n"
        for _ in range(2):
            assert program(*arguments, "-o", f"{'-'.join(arguments)}.tex", folder=ready.root).returncode == 0
    (ready.root / "mine.bib").write_text("@misc{a, title={A}}\n", encoding="utf-8")
    assert program("table", "table-4", "--format", "latex", "-o", "mine.bib", folder=ready.root).returncode == 1


def test_a_series_of_its_own_stays_beside_the_book_of_the_proceedings(place_with: Path, program: Program) -> None:
    source = """@inproceedings{A, title = {One}, series = {Its Series}, crossref = {P}}
@inproceedings{B, title = {Two}, crossref = {P}}
@proceedings{P, title = {Proceedings}, booktitle = {The Book}, series = {Its Parent's}, year = 2018}"""
    (place_with / "library.bib").write_text(source)
    assert program("import", "library.bib", folder=place_with).returncode == 0
    has = entries(program("export", "bibtex", folder=place_with).stdout)
    assert (has["A"]["series"], has["A"]["booktitle"]) == ("Its Series", "The Book")
    assert (has["B"]["series"], has["B"]["booktitle"]) == ("Its Parent's", "The Book")


def test_a_name_in_braces_is_whole_whatever_its_commas(place_with: Path, program: Program) -> None:
    name, place = "de la Cruz, III, Ana", place_with / "again"
    (place_with / "library.bib").write_text(f"@misc{{A, title = {{One}}, author = {{{{{name}}}}}, year = 2018}}")
    assert program("import", "library.bib", folder=place_with).returncode == 0
    assert f"AU  - {name}\n" in program("export", "ris", folder=place_with).stdout
    for form, ending in (("bibtex", "bib"), ("csl-json", "json")):
        assert program("export", form, "-o", f"out.{ending}", folder=place_with).returncode == 0
        assert program("init", str(place / form)).returncode == 0
        assert program("import", f"../../out.{ending}", folder=place / form).returncode == 0
        (entry,) = entries(program("export", "bibtex", folder=place / form).stdout).values()
        assert entry["author"] == f"{{{name}}}"
        (item,) = json.loads(program("export", "csl-json", folder=place / form).stdout)
        assert item["author"] == [{"literal": name}]


def test_an_entry_is_whole_without_the_one_that_it_names(library: Path, program: Program) -> None:
    (library / "paper.tex").write_text(r"\cite{Child2018}")
    child = entries(program("export", "bibtex", "--cited-in", "paper.tex", folder=library).stdout)["Child2018"]
    assert (child["year"], child["publisher"], child["editor"]) == ("2018", "Parents' Press", "Po, Ann")
    assert "crossref" not in child
    orphan = r"@inproceedings{Orphan, title = {Alone}, crossref = {Nobody}}"
    (library / "more.bib").write_text(orphan)
    assert program("import", "more.bib", folder=library).returncode == 0
    done = program("export", "bibtex", folder=library)
    assert "Orphan: its crossref, Nobody, is no paper of this review" in done.stderr
    assert "crossref" not in entries(done.stdout)["Orphan"]


def record(text: str, key: str) -> Record:
    form = formats.recognise(text)
    assert form is not None
    found = [one.record for one in form.read(io.StringIO(text)) if isinstance(one, Hit)]
    return next(one for one in found if key in (one.extra.get("ID"), one.extra.get("id"), one.extra.get("source_id")))


@pytest.mark.parametrize("form", ["ris", "csl-json"])
def test_other_formats_keep_what_they_have(form: str, library: Path, program: Program) -> None:
    done = program("export", form, folder=library)
    assert f"1 paper has more authors than are named, which {form} cannot say.\n" in done.stderr
    text = done.stdout
    assert "others" not in text
    said = reference.besides([record(text, "Chapter2019").extra])
    # Neither has a way to say that a list goes on, so that is told.
    assert said["editor"] == ("van Ek, Bo", "OpenAI")
    kept = {name: said[name] for name in ("series", "publisher", "address", "edition", "isbn")}
    assert kept == {
        "series": "Lecture Notes in Nothing",
        "publisher": "Books & Sons",
        "address": "Zürich",
        "edition": "Second",
        "isbn": "978-3-16-148410-0",
    }
    assert record(text, "Pre2021").url == "https://arxiv.org/abs/2101.00001"
    assert record(text, "Child2018").venue == "Proceedings of the Tenth Conference on Parents"
    cut = record(text, "Cut2020")
    assert cut.authors == ("Ek, Anna", "World Health Organization")
    if form == "csl-json":
        assert cut.extra["corporate"] == ["World Health Organization"]


def test_a_suffix_and_the_kind_of_a_venue_are_said_in_each_format(place_with: Path, program: Program) -> None:
    author = "author = {de la Cruz, III, Ana and Ek, Bo}"
    (place_with / "one.bib").write_text(f"@misc{{One, {author}, title = {{T}}, howpublished = {{MICCAI 2019}}}}")
    assert program("import", "one.bib", folder=place_with).returncode == 0
    (item,) = json.loads(program("export", "csl-json", folder=place_with).stdout)
    assert item["author"] == [
        {"family": "de la Cruz", "given": "Ana", "suffix": "III"},
        {"family": "Ek", "given": "Bo"},
    ]
    assert item["type"] == "paper-conference"
    assert "AU  - de la Cruz, Ana, III\n" in program("export", "ris", folder=place_with).stdout


def test_formulas_and_years_in_words_come_out_as_they_went_in(place_with: Path, program: Program) -> None:
    """Through every format; what a year says besides its number, only BibTeX has a place for."""
    years = {"A": "in press", "B": "forthcoming", "C": "n.d.", "D": "2021 (in press)", "E": "2020"}
    titles = {
        "A": ("Detecting {H$_2$O}", "Detecting H₂O", "Detecting {H$_{2}$O}"),
        "B": (r"{$\alpha$-GAN} at 10$^{-3}$", "α-GAN at 10⁻³", r"{$\alpha$-GAN} at 10$^{-3}$"),
        "C": (
            r"A \(\frac{1}{2}\) of {CO\textsubscript{2}}",
            r"A $\frac{1}{2}$ of CO₂",
            r"A $\frac{1}{2}$ of {CO$_{2}$}",
        ),
        "D": (r"An $\ell_1$ norm for $p < 0.05$", "An ℓ₁ norm for p < 0.05", r"An $\ell$$_{1}$ norm for p < 0.05"),
        "E": (r"\$5 for $\mycommand{x}$", r"$5 for $\mycommand{x}$", ""),
    }
    source = "".join(f"@misc{{{key}, title = {{{titles[key][0]}}}, year = {{{years[key]}}}}}\n" for key in years)
    (place_with / "library.bib").write_text(source)
    assert program("import", "library.bib", folder=place_with).returncode == 0
    papers = {row["key"]: row for row in json.loads(program("export", "json", folder=place_with).stdout)}
    assert {key: paper["title"] for key, paper in papers.items()} == {key: said[1] for key, said in titles.items()}
    assert [papers[key]["year"] for key in years] == [None, None, None, 2021, 2020]
    for form, ending in (("bibtex", "bib"), ("ris", "ris"), ("csl-json", "json")):
        assert program("export", form, "-o", f"out.{ending}", folder=place_with).returncode == 0
        again = place_with / form
        assert program("init", str(again)).returncode == 0
        assert program("import", f"../out.{ending}", folder=again).returncode == 0
        # Keys are those of BibTeX alone.
        has = {one["title"]: one["year"] for one in entries(program("export", "bibtex", folder=again).stdout).values()}
        in_form = years | ({"D": "2021"} if form != "bibtex" else {})
        assert {said[2]: in_form[key] for key, said in titles.items() if said[2]}.items() <= has.items(), form


@needs("pdflatex", "bibtex")
def test_styles_read_what_is_written(library: Path, program: Program) -> None:
    program("export", "bibtex", "--engine", "pdflatex", "-o", "all.bib", folder=library)
    source = (
        r"\documentclass{article}\begin{document}\nocite{*}\bibliographystyle{plain}\bibliography{all}\end{document}"
    )
    (library / "doc.tex").write_text(source)
    for command in (["pdflatex", "-interaction=nonstopmode", "doc"], ["bibtex", "doc"]):
        done = subprocess.run(
            command, cwd=library, capture_output=True, encoding="utf-8", errors="replace", check=False
        )
    assert done.returncode == 0, done.stdout
    printed = " ".join((library / "doc.bbl").read_text().split())
    assert "Anna Ek, {World Health Organization}, et~al" in printed
    assert "Diploma thesis" in printed


@pytest.mark.parametrize(
    ("venue", "kind"),
    [
        ("International Conference on Learning Representations", "conference"),
        ("Proceedings of the IEEE/CVF International Conference on Computer Vision", "conference"),
        ("Proceedings of the National Academy of Sciences", "journal"),
        ("Proceedings of the IEEE", "journal"),
        ("International Workshop on Machine Learning in Medical Imaging (Springer)", "conference"),
        ("MICCAI 2019", "conference"),
        ("Journal of Physics: Conference Series", "journal"),
        ("IEEE Transactions on Medical Imaging", "journal"),
        ("Medical image analysis", "journal"),
        ("NeuroImage: Clinical", "journal"),
        ("Lecture Notes in Computer Science", "book"),
        ("arXiv preprint arXiv:1901.00001", "repository"),
        ("PhD thesis, TU Wien", "thesis"),
        ("Springer", ""),
        ("Naturally", ""),
        ("", ""),
    ],
)
def test_a_venue_is_what_its_name_says(venue: str, kind: str) -> None:
    assert reference.venue_kind(venue) == kind


def test_the_tables_of_words_name_what_there_is() -> None:
    names, told = reference._venues()  # noqa: SLF001 - the data
    assert {*names, *told} <= set(VENUE_TYPES)


def test_of_the_example_only_papers_without_a_venue_are_of_no_kind(built: object, program: Program) -> None:
    root = built.root  # type: ignore[attr-defined]  # a review
    papers = json.loads(program("--review", root, "export", "json").stdout)
    has = entries(program("--review", root, "export", "bibtex").stdout)
    assert {p["key"] for p in papers if not p["venue"]} == {key for key, entry in has.items() if entry[""] == "misc"}


DOUBLED = """@article{Kim2020, title = {One Thing}, year = 2020}
@article{kim2020,
  title = {Another Thing}, year = 2020}
@article{Kim2020, title = {A Third Thing}, year = 2020}
@article{Kim2020, title = {One thing}, year = 2020}
@article{Ek2021, title = {Alone}, year = 2021}
"""


def test_two_entries_of_one_key_are_told_at_import_and_at_export(place_with: Path, program: Program) -> None:
    (place_with / "doubled.bib").write_text(DOUBLED)
    told = " ".join(program("import", "doubled.bib", folder=place_with).stderr.split())
    assert "3 keys of two entries:" in told
    assert "doubled.bib:2: Kim2020 and kim2020 are one key for BibTeX: of line 1 (One Thing), and of this" in told
    assert "doubled.bib:4: Kim2020 is the key of two entries: of line 1 (One Thing), and of this one (A Third" in told
    done = program("export", "bibtex", folder=place_with)
    assert list(entries(done.stdout)) == ["Kim2020", "kim2020a", "Kim2020b", "Kim2020c", "Ek2021"]
    assert "kim2020a is kim2020 in its library, but another paper has that key: cite it as kim2020a." in done.stderr
    assert "Kim2020b is Kim2020 in its library" in done.stderr
    assert "Ek2021" not in done.stderr
