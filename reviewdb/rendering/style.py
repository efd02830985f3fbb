"""Style: how an author wants a table to be set in LaTeX."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Cite = Literal["cite", "citep", "citet", "textcite", "parencite", "autocite"]
#: What sets the document. xelatex has every letter that its font has, pdflatex those of Latin and Greek.
Engine = Literal["pdflatex", "xelatex"]
#: What a label may be made of: other marks break LaTeX, or the references to it.
LABEL = re.compile(r"[A-Za-z0-9_:.+/-]+")


@dataclass(frozen=True, slots=True)
class Style:
    """How a table is to be set. An empty caption or label is made from the table; `wide` spans two columns of text."""

    cite: Cite = "cite"
    engine: Engine = "pdflatex"
    longtable: bool = False
    wide: bool = False
    caption: str = ""
    label: str = ""
