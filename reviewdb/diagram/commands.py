r"""The flow as commands of LaTeX, for `\input` before \begin{document}, so that no author types a number.

`\reviewtitle` and `\reviewquestion` are those of the protocol, `\reviewsearch` is the paragraph for the methods, and
`\reviewpapers{FIGURE}`, `\reviewstudies{FIGURE}` are the numbers of a box: FIGURE as in `reviewdb flow --format csv`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from anyascii import anyascii

from reviewdb.boxes import Box, boxes
from reviewdb.diagram import numbered
from reviewdb.diagram.prose import paragraph
from reviewdb.flow import Flow
from reviewdb.formats.ours import MARK
from reviewdb.formats.typesetting import tex, word
from reviewdb.text import clean

# Lines of a paper are wide enough for TeX to break words of this length itself, also those in quotation marks.
_LONG = 24
# Names of sources may hold anything, and a command's name may not.
_NAME = re.compile(r"[\w.-]+", re.ASCII)
_HEAD = r"""% The numbers of the review: {title}. {mark}.
%   \reviewpapers{{papers}}, \reviewstudies{{papers}}: those included; all names: reviewdb flow --format csv
\makeatletter
\newcommand*\review@number[2]{{%
  \@ifundefined{{review@#1@#2}}%
  {{\PackageError{{reviewdb}}{{The flow has no number #2}}{{See: reviewdb flow --format csv}}??}}%
  {{\@nameuse{{review@#1@#2}}}}}}
\newcommand*\reviewpapers{{\review@number{{papers}}}}
\newcommand*\reviewstudies{{\review@number{{studies}}}}"""


def commands(flow: Flow, title: str, question: str) -> str:
    r"""Return the definitions. They are ASCII, so that they compile under every encoding.

    A number of records, before papers are told apart, is given by `\reviewpapers`, too.
    """
    lines = [_HEAD.format(title=anyascii(clean(title)), mark=MARK)]
    lines += [rf"\newcommand*\{name}{{{_running(text)}}}" for name, text in _texts(flow, title, question)]
    # What is of all that was found comes first, and stands for its name.
    every: dict[str, Box] = {}
    for box in boxes(flow):
        if _NAME.fullmatch(box.figure):
            every.setdefault(box.figure, box)
    for name, box in every.items():
        lines.append(rf"\@namedef{{review@papers@{name}}}{{{numbered(box.number)}}}")
        if box.studies is not None:
            lines.append(rf"\@namedef{{review@studies@{name}}}{{{numbered(box.studies)}}}")
    return "\n".join([*lines, r"\makeatother"]) + "\n"


def _running(text: str) -> str:
    return " ".join(word(one, "pdflatex") if len(one) <= _LONG else tex(one) for one in clean(text).split(" "))


def _texts(flow: Flow, title: str, question: str) -> Iterator[tuple[str, str]]:
    yield "reviewtitle", title
    yield "reviewquestion", question
    yield "reviewsearch", paragraph(flow)
