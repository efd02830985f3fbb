"""LaTeX as authors run it, and LaTeX tables read back."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from reviewdb.formats import latex

ONE_COLUMN = r"\documentclass{article}"
IEEE = r"\documentclass[journal]{IEEEtran}"
TWO_COLUMNS = r"\documentclass[twocolumn]{article}"
PACKAGES = r"\usepackage{array,booktabs,longtable,graphicx}"
#: A font that machines with a browser have, with Greek and Cyrillic.
FONTS = {"pdflatex": "", "xelatex": r"\usepackage{fontspec}\setmainfont{DejaVu Serif}"}
#: How far a line may stand out, in points.
_ALLOWED = 5
_OVERFULL = re.compile(r"Overfull \\hbox \(([\d.]+)pt too wide\).*")
_CITATION = re.compile(r"\\(?:no)?[a-z]*cite[a-z]*\{([^}]*)\}")
_ROW = re.compile(r"(?<!\\)(?:\\\\)*\\\\$")


def needs(*tools: str) -> pytest.MarkDecorator:
    """Skip where a program is not installed."""
    missing = [tool for tool in tools if not shutil.which(tool)]
    return pytest.mark.skipif(bool(missing), reason=f"{' and '.join(missing)} is not installed")


def needs_files(*names: str) -> pytest.MarkDecorator:
    """Skip where a class, or a font, of LaTeX is not installed."""
    missing = [name for name in names if not shutil.which("kpsewhich") or not _found(name)]
    return pytest.mark.skipif(bool(missing), reason=f"LaTeX has no {' and no '.join(missing)}")


def _found(name: str) -> bool:
    return subprocess.run(["kpsewhich", name], capture_output=True, check=False).returncode == 0


@dataclass(frozen=True, slots=True)
class Typeset:
    """What a compiler made of a document."""

    log: str
    text: str

    @property
    def overfull(self) -> list[str]:
        """The lines that stand out by more than is allowed."""
        return [found.group() for found in _OVERFULL.finditer(self.log) if float(found[1]) > _ALLOWED]


def typeset(engine: str, folder: Path, *, head: str, body: str, keys: Iterable[str] = ()) -> Typeset:
    """Compile a document whose bibliography has these keys; it may not fail, and every citation is known.

    References are known to LaTeX beforehand, as from a run before, so that one run is enough.
    """
    known = list(keys)
    (folder / "doc.aux").write_text(
        "\\relax\n" + "".join(f"\\bibcite{{{key}}}{{{n}}}\n" for n, key in enumerate(known, 1))
    )
    items = "".join(rf"\bibitem{{{key}}} X" + "\n" for key in known)
    end = rf"\begin{{thebibliography}}{{99}}{items}\end{{thebibliography}}" if known else ""
    source = f"{head}{PACKAGES}{FONTS[engine]}\\begin{{document}}\n{body}\n{end}\\end{{document}}\n"
    (folder / "doc.tex").write_text(source, encoding="utf-8")
    command = [engine, "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "doc.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "Citation" not in done.stdout, done.stdout[-3000:]
    said = subprocess.run(["pdftotext", "-layout", "doc.pdf", "-"], cwd=folder, capture_output=True, check=True)
    return Typeset(done.stdout, said.stdout.decode())


def parsed(source: str) -> tuple[list[str], list[list[str]]]:
    """Return the heads and the cells of a LaTeX table as text; citations as their keys, and no row that says none."""
    lines = [line.strip() for line in source.splitlines()]
    rule = lines.index(r"\midrule")
    until = next(n for n in range(rule, len(lines)) if lines[n] in (r"\bottomrule", r"\end{longtable}"))
    said = [line for line in lines[rule + 1 : until] if line.endswith(r"\\")]
    rows = [_cells(line) for line in said if not line.startswith(r"\multicolumn")]
    return _cells(lines[rule - 1]), rows


def _cells(line: str) -> list[str]:
    cells = re.split(r"(?<!\\)&", line.removesuffix(r"\\").strip())
    return [_said(cell.strip()) for cell in cells]


def _said(cell: str) -> str:
    cell = re.sub(r"\\phantom\{[.0]+\}$", "", cell)  # what keeps points of decimals in line
    cell = re.sub(r"^\\rotatebox\{90\}\{(.*)\}$", r"\1", cell.removeprefix("{}").replace(r"\penalty5000{}", ""))
    if found := _CITATION.fullmatch(cell):
        return found[1].replace(",", ", ")
    return latex.read(re.sub(r"\$([<>|])\$", r"\1", cell))
