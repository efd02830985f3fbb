r"""Tables as LaTeX: a fragment for `\input`, with rules of booktabs and citations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt
from typing import Any

from reviewdb.formats import typesetting
from reviewdb.rendering.style import Engine, Style
from reviewdb.rendering.table import Keys, Table, aligned, crossed, heading, numeric
from reviewdb.text import clean, is_key

# The packages that citing commands need.
_PACKAGES = {
    "citep": "natbib",
    "citet": "natbib",
    "textcite": "biblatex",
    "parencite": "biblatex",
    "autocite": "biblatex",
}
#: The column whose values are citation keys.
KEY_COLUMN = "paper"
# After the end of a row, these would be options of it.
_OPTION = ("[", "*")
# The author's paper numbers its tables itself.
_NUMBERED = re.compile(r"Table\s+[\dIVXLC]+\s*[:.]\s*", re.IGNORECASE)
# So many letters fit on a line; longer words are not waited for, as they may be broken.
_LINE, _LONGEST = 62, 18
#: Letters as wide as what stands between two columns.
_GAP = 2.5
#: A column of references is as wide as two of them; those with names are wider.
_NUMBERS, _NAMES = 8, 20
#: More columns than these: heads of counts are turned, and references are listed rather than crossed.
_SIDE_BY_SIDE = 6
#: Of the line, what a column of counts takes under a turned head in small letters.
_COUNT = 0.034
#: And what text has at least.
_LEAST = 0.3
_SIDES = {"left": r"\raggedright", "right": r"\raggedleft", "center": r"\centering"}


@dataclass(frozen=True, slots=True)
class Unset:
    """Letters of a cell that pdflatex cannot set; row 0 is the header."""

    row: int
    column: str
    letters: str


def as_latex(table: Table, style: Style | None = None) -> str:
    r"""Return a table as it is set: floating, or over pages as a longtable; numbers right, text in folded columns.

    Counts are crossed, and so are citations as long as they have room.
    """
    style = style or Style()
    shown = _arranged(table)
    turned = shown is not table and len(shown.columns) > _SIDE_BY_SIDE
    shape = _shape(shown, style, turned)
    body = _longtable(shown, style, shape, turned) if style.longtable else _floating(shown, style, shape, turned)
    return "\n".join([*_preamble(table, style, turned), *body]) + "\n"


def unset(table: Table, engine: Engine) -> list[Unset]:
    """Return the cells that pdflatex cannot set as they are written; none where another engine is to set them."""
    shown = _arranged(table)
    cells = [*((0, c, heading(c)) for c in shown.columns)]
    cells += [(n, c, v) for n, row in enumerate(shown.rows, 1) for c, v in zip(shown.columns, row, strict=True)]
    found = ((row, column, typesetting.unset(str(value), engine)) for row, column, value in cells if value is not None)
    return [Unset(*one) for one in found if one[2]]


def _arranged(table: Table) -> Table:
    wide = crossed(table)
    is_cited = any(isinstance(row[-1], Keys) for row in table.rows)
    return table if is_cited and len(wide.columns) > _SIDE_BY_SIDE else wide


def _preamble(table: Table, style: Style, turned: bool) -> Iterator[str]:
    packages = ["array", "booktabs", *(["longtable"] if style.longtable else []), *(["graphicx"] if turned else [])]
    yield f"% queries/{table.name}.sql, written by reviewdb."
    yield r"% It needs, before \begin{document}:"
    yield rf"%   \usepackage{{{','.join(packages)}}}"
    if package := _PACKAGES.get(style.cite):
        yield rf"%   \usepackage{{{package}}}"
    if style.engine == "xelatex":
        yield r"%   \usepackage{fontspec} and \setmainfont{...}, a font that has all its letters"
    if style.longtable:
        yield "% A longtable cannot stand in two columns of text."


def _floating(table: Table, style: Style, shape: str, turned: bool) -> Iterator[str]:
    kind = "table*" if style.wide else "table"
    yield rf"\begin{{{kind}}}"
    yield r"  \centering"
    yield rf"  \caption{_caption(table, style)}"
    yield rf"  \label{{{_label(table, style)}}}\smallskip"
    if turned:
        yield r"  \footnotesize\setlength{\tabcolsep}{2pt}"
    yield rf"  \begin{{tabular}}{{{shape}}}"
    yield r"    \toprule"
    yield f"    {_head(table, style, turned)}"
    yield r"    \midrule"
    yield from (f"    {line}" for line in _rows(table, style))
    yield r"    \bottomrule"
    yield r"  \end{tabular}"
    yield rf"\end{{{kind}}}"


def _longtable(table: Table, style: Style, shape: str, turned: bool) -> Iterator[str]:
    if turned:
        yield r"\begingroup\footnotesize\setlength{\tabcolsep}{2pt}"
    yield rf"\begin{{longtable}}{{{shape}}}"
    yield rf"  \caption{_caption(table, style)}\label{{{_label(table, style)}}}\\"
    yield r"  \toprule"
    yield f"  {_head(table, style, turned)}"
    yield r"  \midrule"
    yield r"  \endfirsthead"
    yield r"  \toprule"
    yield f"  {_head(table, style, turned)}"
    yield r"  \midrule"
    yield r"  \endhead"
    yield r"  \bottomrule"
    yield r"  \endlastfoot"
    yield from (f"  {line}" for line in _rows(table, style))
    yield r"\end{longtable}" + (r"\endgroup" if turned else "")


def _caption(table: Table, style: Style) -> str:
    if style.caption:
        return f"{{{_text(style.caption, style)}}}"
    title = _NUMBERED.sub("", table.title, count=1)
    title = title[:1].upper() + title[1:]
    short, end = _text(title, style), "" if title.endswith((".", "?", "!")) else "."
    if not table.description:
        return f"{{{short}{end}}}"
    return f"[{{{short}}}]{{{short}{end} {_text(table.description, style)}}}"


def _label(table: Table, style: Style) -> str:
    return re.sub(r"[^\w:.+/-]+", "-", style.label, flags=re.ASCII) if style.label else f"tab:{table.name}"


def _head(table: Table, style: Style, turned: bool) -> str:
    names = [_text(heading(column), style) for column in table.columns]
    is_number = numeric(table)
    return _row(
        [rf"\rotatebox{{90}}{{{n}}}" if turned and number else n for n, number in zip(names, is_number, strict=True)]
    )


def _rows(table: Table, style: Style) -> Iterator[str]:
    is_listed = bool(table.across) and table.across in table.columns
    above: Any = None
    for row in table.rows:
        cells = [_cell(column, value, style) for column, value in zip(table.columns, row, strict=True)]
        # What would have been one row of a cross table is named once.
        yield _row(["", *cells[1:]] if is_listed and row[0] == above else cells)
        above = row[0]


def _row(cells: list[str]) -> str:
    first, *rest = cells
    return " & ".join(["{}" + first if first.startswith(_OPTION) else first, *rest]) + r" \\"


def _cell(column: str, value: Any, style: Style) -> str:  # noqa: ANN401 - whatever SQLite gives
    if value is None:
        return ""
    if isinstance(value, Keys):
        return _citation(value, style)
    text = str(value)
    if column == KEY_COLUMN and is_key(text):
        return _citation(Keys([text]), style)
    return _text(text, style)


def _citation(keys: Keys, style: Style) -> str:
    return rf"\{style.cite}{{{','.join(keys)}}}" if keys else ""


def _text(text: str, style: Style) -> str:
    return typesetting.tex(clean(text), style.engine)


def _shape(table: Table, style: Style, turned: bool) -> str:
    """Return the columns of a tabular: as wide as what is in them where all have room, else shares of the line."""
    sides, is_number = aligned(table), numeric(table)
    longest = [_lengths(table, n, style) for n in range(len(table.columns))]
    if not table.widths and not turned and sum(line + _GAP for _, line in longest) <= _LINE:
        return f"@{{}}{''.join(side[0] for side in sides)}@{{}}"
    # Numbers are as wide as their figures; the rest of the line is for text.
    plain = [number and column not in table.widths for number, column in zip(is_number, table.columns, strict=True)]
    taken = sum(
        _COUNT if turned else 1.25 * (word + _GAP) / _LINE for (word, _), p in zip(longest, plain, strict=True) if p
    )
    shares = {n: _share(table, column, *longest[n]) for n, column in enumerate(table.columns) if not plain[n]}
    room = max(1 - taken, _LEAST) / sum(shares.values()) if shares else 0
    gaps = 2.0 if any(plain) else 2 * (len(shares) - 1) / len(shares)
    columns = (_folded(side, room * shares[n], gaps) if n in shares else side[0] for n, side in enumerate(sides))
    return f"@{{}}{''.join(columns)}@{{}}"


def _share(table: Table, column: str, word: int, line: int) -> float:
    """Return what a column is to have of the line, in letters: as asked for, else so that its longest word has room."""
    if column in table.widths:
        return table.widths[column] * _LINE / sum(table.widths.values())
    return max(word, min(line, 3.5 * sqrt(line))) + _GAP


def _folded(side: str, share: float, gaps: float) -> str:
    # Only after a space TeX hyphenates the first word of a cell.
    width = rf"\dimexpr{share:.4f}\linewidth-{gaps:.3f}\tabcolsep\relax"
    return rf">{{{_SIDES[side]}\arraybackslash\hspace{{0pt}}}}p{{{width}}}"


def _lengths(table: Table, n: int, style: Style) -> tuple[int, int]:
    """Return the letters of the longest word and of the longest cell of a column, as they are printed."""
    name = heading(table.columns[n])
    word, line = max(map(len, name.split()), default=1), len(name)
    reference = _NUMBERS if style.cite in ("cite", "autocite") else _NAMES
    for row in table.rows:
        cell = row[n]
        if isinstance(cell, Keys) or (table.columns[n] == KEY_COLUMN and is_key(str(cell))):
            size = len(cell) * reference if isinstance(cell, Keys) else reference
            word, line = max(word, reference), max(line, size)
        elif cell is not None:
            word = max(word, *(min(_LONGEST, len(one)) for one in re.split(r"[\s/-]+", str(cell))))
            line = max(line, len(str(cell)))
    return word, line
