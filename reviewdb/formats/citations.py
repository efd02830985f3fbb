r"""Citations: the keys that a LaTeX document cites, and the files that it takes in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# A comment ends with its line, which stays, so that lines can be counted.
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%.*")
_LITERAL = re.compile(
    r"\\begin\{(verbatim\*?|lstlisting|comment|minted)\}.*?\\end\{\1\}|\\(?:verb|lstinline)\*?([^A-Za-z\s*]).*?\2"
    r"|\\iffalse\b.*?\\fi\b",
    re.DOTALL,
)
_END = re.compile(r"\\end\s*\{document\}|\\endinput\b")
_CITE = re.compile(
    r"\\([A-Za-z]{0,40}cit(?:e|es|et|ep|ealp|ealt|eauthor|eyear)[A-Za-z]{0,40})(?![A-Za-z@])\*?", re.IGNORECASE
)
# They have the word in their names, and no keys after them.
_NO_CITATION = re.compile(
    r".*(?:citestyle|citetext|citecommand|citecounter|citereset|citesetup|citation|excite)s?$", re.IGNORECASE
)
_INPUT = re.compile(
    r"\\(?:input|include|subfile)(?![A-Za-z@])\s*(?:\{([^{}]+)\}|([^\s{}\\%]+))|\\(?:sub)?import\s*\{([^{}]*)\}\s*\{([^{}]+)\}"
)
_LIBRARY = re.compile(r"\\(?:bibliography|addbibresource)(?![A-Za-z@])\s*(?:\[[^\]]*\]\s*)?\{([^{}]+)\}")
_SPACE = re.compile(r"\s*")
_CLOSES = {"[": "]", "(": ")", "{": "}", "<": ">"}


@dataclass(frozen=True, slots=True)
class Citation:
    r"""A key that is cited, and the line; `*` is what `\nocite{*}` cites: all."""

    key: str
    line: int


@dataclass(frozen=True, slots=True)
class Inclusion:
    """A file that is taken in, as it is named there."""

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Manuscript:
    """What a LaTeX file cites and takes in, in its order, and the names of the libraries that it cites from."""

    cited: list[Citation]
    taken: list[Inclusion]
    libraries: list[str]


def read(text: str) -> Manuscript:
    r"""Return what a file cites, takes in and cites from; what stands in comments, \verb and after its end does not.

    Every command with "cite" in its name counts, with its options, and with several lists of keys where its name is in
    the plural (`\cites[2]{a}[3]{b}`).
    """
    text = _LITERAL.sub(_lines, _COMMENT.sub(r"\1", text))
    if end := _END.search(text):
        text = text[: end.start()]
    cited = [
        Citation(key, text.count("\n", 0, at) + 1)
        for found in _CITE.finditer(text)
        if not _NO_CITATION.match(found[1])
        for key, at in _keys(text, found.end(), several=found[1].lower().endswith("s"))
    ]
    taken = [
        Inclusion((found[1] or found[2] or f"{found[3]}{found[4]}").strip(), text.count("\n", 0, found.start()) + 1)
        for found in _INPUT.finditer(text)
    ]
    libraries = [name.strip() for found in _LIBRARY.finditer(text) for name in found[1].split(",") if name.strip()]
    return Manuscript(cited, taken, libraries)


def _lines(literal: re.Match[str]) -> str:
    return "\n" * literal.group().count("\n")


def _keys(text: str, at: int, *, several: bool) -> Iterator[tuple[str, int]]:
    """Yield the keys of a command that ends at `at`, with where each begins."""
    while True:
        at = _after_options(text, at)
        if not text.startswith("{", at):
            return
        end = text.find("}", at)
        if end < 0:
            return
        for found in re.finditer(r"[^,\s{}][^,{}]*", text[at + 1 : end]):
            yield found.group().strip(), at + 1 + found.start()
        at = end + 1
        if not several:
            return


def _after_options(text: str, at: int) -> int:
    """Return where the next argument begins: behind optional ones, in which brackets and braces may nest."""
    while (at := _SPACE.match(text, at).end()) < len(text) and text[at] in "[(<":  # type: ignore[union-attr]  # it always matches
        opened = at
        waiting: list[str] = []
        while at < len(text):
            mark = text[at]
            if mark in (_CLOSES[text[opened]], "}") and waiting and mark == waiting[-1]:
                waiting.pop()
            elif mark in (text[opened], "{"):
                waiting.append(_CLOSES[mark])
            at += 1
            if not waiting:
                break
        else:
            return len(text)
    return at
