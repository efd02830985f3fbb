r"""Tables as LaTeX: a fragment for `\input`, with rules of booktabs and citations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from reviewdb.formats import typesetting
from reviewdb.formats.ours import MARK
from reviewdb.rendering import layout
from reviewdb.rendering.layout import Layout, decimals
from reviewdb.rendering.style import Style
from reviewdb.rendering.table import KEY_COLUMN, Keys, Table, crossed, heading, numeric
from reviewdb.text import clean, is_key

# The packages that citing commands need.
_PACKAGES = {
    "citep": "natbib",
    "citet": "natbib",
    "textcite": "biblatex",
    "parencite": "biblatex",
    "autocite": "biblatex",
}
# After the end of a row, these would be options of it.
_OPTION = ("[", "*")
# The author's paper numbers its tables itself.
_NUMBERED = re.compile(r"Table\s+[\dIVXLC]+\s*[:.]\s*", re.IGNORECASE)
# More columns than these: heads of counts are turned, and references are listed rather than crossed.
_SIDE_BY_SIDE = 6
# A word such as X-ray is not to be parted.
_JOINED = re.compile(r"\(?(?:\w{1,2}-\w{1,12}|\w{1,10}-\w)[,;)]*")


@dataclass(frozen=True, slots=True)
class Unset:
    """Letters that pdflatex cannot set, and in which cell of a table they stand, or that they stand in its caption."""

    place: str
    letters: str


def as_latex(table: Table, style: Style | None = None) -> str:
    r"""Return a table as it is set: floating, or over pages as a longtable; numbers right, text in folded columns.

    Counts are crossed, and so are citations as long as they have room.
    """
    style = style or Style()
    shown, turned = _arranged(table)
    set_as = layout.laid_out(shown, style, turned=turned)
    body = _longtable(shown, style, set_as, turned) if style.longtable else _floating(shown, style, set_as, turned)
    return "\n".join([*_preamble(table, style, turned), *body]) + "\n"


def unset(table: Table, style: Style) -> list[Unset]:
    """Return what of a table pdflatex cannot set as it is written; nothing where another engine is to set it."""
    shown, _ = _arranged(table)
    said = [("the caption", style.caption or f"{table.title} {table.description}")]
    said += [(f"the head of column {column}", heading(column)) for column in shown.columns]
    said += [
        (f"row {n}, column {column}", str(value))
        for n, row in enumerate(shown.rows, 1)
        for column, value in zip(shown.columns, row, strict=True)
        if value is not None
    ]
    found = ((place, typesetting.unset(text, style.engine)) for place, text in said)
    return [Unset(*one) for one in found if one[1]]


def oversize(table: Table, style: Style) -> str:
    """Return what to do about a table that is wider or taller than an ordinary page; empty where it fits."""
    if style.longtable:
        return ""
    shown, turned = _arranged(table)
    found, across = (layout.laid_out(shown, one, turned=turned) for one in (style, replace(style, wide=True)))
    if found.least > layout.WIDEST and not style.wide:
        return f"{table.name} needs the width of a page: in two columns of text, take --wide."
    if found.lines <= layout.TALLEST:
        return ""
    if across.lines <= layout.TALLEST:
        return f"{table.name} is taller than a page of one column: take --longtable or, in two columns of text, --wide."
    return f"{table.name} is taller than a page: take --longtable."


def _arranged(table: Table) -> tuple[Table, bool]:
    """Return a table as it is set, and whether its heads are turned."""
    wide = crossed(table)
    is_cited = any(isinstance(row[-1], Keys) for row in table.rows)
    shown = table if is_cited and len(wide.columns) > _SIDE_BY_SIDE else wide
    return shown, shown is not table and len(shown.columns) > _SIDE_BY_SIDE


def _preamble(table: Table, style: Style, turned: bool) -> Iterator[str]:
    packages = ["array", "booktabs", *(["longtable"] if style.longtable else []), *(["graphicx"] if turned else [])]
    yield f"% queries/{table.name}.sql. {MARK}."
    yield r"% It needs, before \begin{document}:"
    yield rf"%   \usepackage{{{','.join(packages)}}}"
    if package := _PACKAGES.get(style.cite):
        yield rf"%   \usepackage{{{package}}}"
    if style.engine == "xelatex":
        yield r"%   \usepackage{fontspec} and \setmainfont{...}, a font that has all its letters"
    if style.longtable:
        yield "% A longtable cannot stand in two columns of text."


def _floating(table: Table, style: Style, set_as: Layout, turned: bool) -> Iterator[str]:
    kind = "table*" if style.wide else "table"
    yield rf"\begin{{{kind}}}"
    yield r"  \centering"
    yield rf"  \caption{_caption(table, style)}"
    yield rf"  \label{{{_label(table, style)}}}\smallskip"
    yield from (f"  {line}" for line in set_as.before)
    yield rf"  \begin{{tabular}}{{{set_as.shape}}}"
    yield r"    \toprule"
    yield f"    {_head(table, style, turned)}"
    yield r"    \midrule"
    yield from (f"    {line}" for line in _rows(table, style))
    yield r"    \bottomrule"
    yield r"  \end{tabular}"
    yield rf"\end{{{kind}}}"


def _longtable(table: Table, style: Style, set_as: Layout, turned: bool) -> Iterator[str]:
    if set_as.before:
        yield r"\begingroup"
        yield from set_as.before
    yield rf"\begin{{longtable}}{{{set_as.shape}}}"
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
    yield r"\end{longtable}" + (r"\endgroup" if set_as.before else "")


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
    if not table.rows:
        said = "No papers." if {KEY_COLUMN, "papers"} & {*table.columns} else "None."
        yield rf"\multicolumn{{{len(table.columns)}}}{{@{{}}l@{{}}}}{{{said}}} \\"
    is_listed = bool(table.across) and table.across in table.columns
    behind = [decimals([row[n] for row in table.rows]) for n in range(len(table.columns))]
    for n, row in enumerate(table.rows):
        cells = [_cell(column, value, style) for column, value in zip(table.columns, row, strict=True)]
        cells = [_padded(cell, value, most) for cell, value, most in zip(cells, row, behind, strict=True)]
        # What would have been one row of a cross table is named once, but where a page may begin within it.
        goes_on = is_listed and n > 0 and row[0] == table.rows[n - 1][0]
        if is_listed and n and not goes_on:
            yield r"\addlinespace"
        yield _row(["", *cells[1:]] if goes_on and not style.longtable else cells)


def _padded(cell: str, value: Any, most: int) -> str:  # noqa: ANN401 - as above
    """Return a number with room for the decimals that others have more, so that their points stand in line."""
    lacks = most - decimals([value]) if most and isinstance(value, int | float) else 0
    point = "" if "." in cell else "."
    return rf"{cell}\phantom{{{point}{'0' * lacks}}}" if lacks else cell


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
    return " ".join(_word(word, style) for word in clean(text).split(" "))


def _word(word: str, style: Style) -> str:
    written = typesetting.tex(word, style.engine)
    return rf"\mbox{{{written}}}" if _JOINED.fullmatch(word) else written
