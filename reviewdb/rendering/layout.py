r"""Layout: the columns of a tabular, so that words have room on a line of any width.

A fragment does not know how wide the line is that it is set on, so widths are formulas for TeX: a column is as wide as
its longest word, and what the line has more is for those with longer text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil, sqrt
from typing import Any, NamedTuple

from reviewdb.rendering.measure import width
from reviewdb.rendering.style import Style
from reviewdb.rendering.table import KEY_COLUMN, Keys, Table, aligned, heading, numeric
from reviewdb.text import is_key

#: Wider than this, in em, words do not fit in one of two columns, even in small type; taller, in lines, on no page.
WIDEST, TALLEST = 31.0, 46
_SIDES = {"left": r"\raggedright", "right": r"\raggedleft", "center": r"\centering"}
# All in em. An ordinary page, and two columns of one; below this part of it, a table is as wide as what is in it.
_PAGE, _PAGE_WIDE = 34.5, 50.0
_NATURAL = 0.7
# And a line is hardly narrower than this.
_NARROW = 12.0
# Estimates are a little short, as words have spaces around them.
_CARE = 1.03
_SIZES = (r"\small", r"\footnotesize", r"\scriptsize")
# What LaTeX has between two columns, what reads well, and the least.
_GAP, _NEAR, _LEAST_GAP = 1.2, 0.8, 0.4
# A longer word may be broken.
_LONGEST = 9.0
# A reference as [12], and what stands around some of them.
_NUMBER, _BRACKETS = 1.65, 0.3
# A cell of so many numbers of references may be parted anywhere; most names are no wider than this one.
_REFERENCES = 2
_NAMED = "Schlegl et al. (2017), "
# Heads that stand upright.
_TURNED = 1.1
_TURNED_SIZE = r"\footnotesize\setlength{\tabcolsep}{2pt}"
_WORDS = re.compile(r"(?<=\w{3})[-/]|\s+")


@dataclass(frozen=True, slots=True)
class Layout:
    """What is said before a tabular, for the size of its type and what is between columns; and its columns."""

    before: tuple[str, ...]
    shape: str
    #: What its longest words need, in em of ordinary type.
    least: float
    #: How many lines it has about, its head aside, on a page of ordinary width.
    lines: int


class _Size(NamedTuple):
    """How wide the longest word of a column is, the whole of its longest cell, and what that wants, as it may fold."""

    word: float
    wanted: float
    line: float


def laid_out(table: Table, style: Style, *, turned: bool) -> Layout:
    """Return how a table is set; `turned` are heads of counts."""
    sides, is_number = aligned(table), numeric(table)
    sizes = [
        _Size(_TURNED, _TURNED, _TURNED) if turned and number else _size(table, n, style)
        for n, number in enumerate(is_number)
    ]
    between = len(sizes) - 1
    gaps = between * (_LEAST_GAP if turned else _GAP)
    least, whole = sum(size.word for size in sizes) + gaps, sum(size.line for size in sizes) + gaps
    page = _PAGE_WIDE if style.wide else _PAGE
    # Counts have heads that may fold.
    named = [style.cite != "cite" and _cites(table, n) for n in range(len(sizes))]
    folded = [size.line > size.word or name for size, name in zip(sizes, named, strict=True)]
    is_natural = not table.widths and (whole <= _NATURAL * page or not any(size.line > size.word for size in sizes))
    content = (whole if is_natural else least) - gaps
    before = [_TURNED_SIZE] if turned else [] if table.widths else _fitted(content, between)
    if is_natural:
        return Layout(tuple(before), _tabular(side[0] for side in sides), whole, len(table.rows))
    if table.widths:
        # With names in it, one of two columns has too little room for what is asked.
        before += [rf"\ifdim\linewidth<{WIDEST:.0f}em{size}\fi" for size in _SIZES[:2]] if any(named) else []
        return _apart(table, style, Layout(tuple(before), *_shared(table, sides, is_number, sizes, named, page)))
    wanted = sum(size.wanted - size.word for size, fold in zip(sizes, folded, strict=True) if fold) or 1.0
    rest = rf"\dimexpr\linewidth-{least - gaps:.1f}em-{2 * between}\tabcolsep\relax"
    shape = _tabular(
        _folded(side, f"{size.word:.1f}em+{(size.wanted - size.word) / wanted:.3f}{rest}") if fold else side[0]
        for side, size, fold in zip(sides, sizes, folded, strict=True)
    )
    more = max(0.0, page - least) / wanted
    rooms = [
        size.word + more * (size.wanted - size.word) if fold else 0 for size, fold in zip(sizes, folded, strict=True)
    ]
    return _apart(table, style, Layout(tuple(before), shape, least, _lines(table, rooms, named)))


def _apart(table: Table, style: Style, found: Layout) -> Layout:
    """Return the same with folded rows apart from each other; groups of a list have space between them as it is.

    Over pages, each row of a group has its label, and labels that fold would be taken for one.
    """
    if found.lines == len(table.rows) or (table.across in table.columns and not style.longtable):
        return found
    return replace(found, before=(*found.before, r"\setlength{\extrarowheight}{2pt}"))


def _tabular(columns: Iterable[str]) -> str:
    return f"@{{}}{''.join(columns)}@{{}}"


def _lines(table: Table, rooms: Sequence[float], named: Sequence[bool]) -> int:
    """Return about how many lines rows take, where columns are so wide; 0: not folded."""

    def printed(cell: object, is_name: bool) -> str:
        if isinstance(cell, Keys):
            return (_NAMED if is_name else "[00, ") * len(cell)
        return _NAMED if is_name else str(cell or "")

    return sum(
        max(
            ceil(width(printed(cell, is_name)) / room) if room else 1
            for cell, room, is_name in zip(row, rooms, named, strict=True)
        )
        or 1
        for row in table.rows
    )


def _fitted(content: float, between: int) -> list[str]:
    """Return what makes type smaller where the line is too narrow, and then brings columns nearer to each other."""
    if content + between * _GAP < _NARROW or not between:
        return []
    least = content + between * _NEAR
    gap = rf"\dimexpr(\linewidth-{content:.1f}em)/{2 * between}\relax"
    return [
        *(rf"\ifdim\linewidth<{least:.1f}em{size}\fi" for size in _SIZES),
        rf"\ifdim{gap}<\tabcolsep\setlength{{\tabcolsep}}{{{gap}}}\fi",
        r"\ifdim\tabcolsep<2pt\setlength{\tabcolsep}{2pt}\fi",
    ]


def _shared(
    table: Table, sides: list[str], is_number: list[bool], sizes: list[_Size], named: list[bool], page: float
) -> tuple[str, float, int]:
    """Return columns that share the line as the query asks, as `Layout` has it.

    Numbers that it does not name are as wide as they are; what is cited by name has room for one, whatever is asked.
    """
    plain = [number and column not in table.widths for number, column in zip(is_number, table.columns, strict=True)]
    taken = sum(size.line + _GAP for size, p in zip(sizes, plain, strict=True) if p)
    asked = sum(table.widths.values())
    shares = [
        table.widths.get(column, asked * size.wanted / sum(one.wanted for one in sizes))
        for column, size in zip(table.columns, sizes, strict=True)
    ]
    gaps = 2 * (len(sides) - 1) / max(1, len(sides) - sum(plain))
    left = max(_NARROW, page - taken)
    rest = sum(share for share, p, name in zip(shares, plain, named, strict=True) if not p and not name)
    least = [(size.word + _GAP / 2 * gaps) / left if name else 0.0 for size, name in zip(sizes, named, strict=True)]
    if 0 < sum(least) < 1:
        shares = [max(share, rest * part / (1 - sum(least))) for share, part in zip(shares, least, strict=True)]
    whole = sum(share for share, p in zip(shares, plain, strict=True) if not p)
    shape = _tabular(
        side[0] if p else _folded(side, rf"{share / whole:.4f}{_line(taken)}-{gaps:.3f}\tabcolsep")
        for side, share, p in zip(sides, shares, plain, strict=True)
    )
    rooms = [
        0 if p else max(1.0, left * share / whole - _GAP / 2 * gaps) for share, p in zip(shares, plain, strict=True)
    ]
    return shape, taken, _lines(table, rooms, named)


def _cites(table: Table, n: int) -> bool:
    """Say whether a column is of citations."""
    return any(_is_cited(table.columns[n], row[n]) for row in table.rows)


def _is_cited(column: str, cell: object) -> bool:
    return isinstance(cell, Keys) or (column == KEY_COLUMN and is_key(str(cell)))


def _line(taken: float) -> str:
    return rf"\dimexpr\linewidth-{taken:.1f}em\relax" if taken else r"\linewidth"


def _folded(side: str, size: str) -> str:
    # Only after a space TeX hyphenates the first word of a cell.
    return rf">{{{_SIDES[side]}\arraybackslash\hspace{{0pt}}}}p{{\dimexpr{size}\relax}}"


def decimals(cells: Sequence[Any]) -> int:
    """Return to how many decimals a column of numbers goes; 0 where it has anything else."""
    said = [cell for cell in cells if cell is not None]
    if not all(isinstance(cell, int | float) for cell in said):
        return 0
    return max((len(str(cell).partition(".")[2]) for cell in said if "e" not in str(cell)), default=0)


def _size(table: Table, n: int, style: Style) -> _Size:
    name, behind = heading(table.columns[n]), decimals([row[n] for row in table.rows])
    word, line = max((min(_LONGEST, width(one)) for one in name.split()), default=0.5), width(name)
    scale = _CARE * (1.15 if style.engine == "xelatex" else 1.0)
    for row in table.rows:
        cell = row[n]
        if _is_cited(table.columns[n], cell):
            one, together = (_NUMBER, _REFERENCES) if style.cite == "cite" else (width(_NAMED), 1)
            number = len(cell) if isinstance(cell, Keys) else 1
            word = max(word, _BRACKETS + one * min(number, together))
            line = max(line, _BRACKETS + one * number)
        elif cell is not None:
            # Numbers cannot be broken, and have room for the decimals of others.
            is_number = isinstance(cell, int | float)
            longest = width(f"{int(cell)}.{'0' * behind}" if is_number and behind else str(cell))
            parts = [longest] if is_number else map(width, _WORDS.split(str(cell)))
            word = max(word, *(min(_LONGEST, part) for part in parts))
            line = max(line, longest)
    # A long text takes lines as well as width.
    word = max(word, min(line, 1.5 * sqrt(line)))
    return _Size(*(scale * size for size in (word, max(word, min(line, 6.0 + 2.0 * sqrt(line))), line)))
