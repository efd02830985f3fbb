"""What a front end draws, as frozen values: nothing of it knows a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from reviewdb.model import Span

Mode = Literal["tag", "screen"]
#: What a message says: that a decision is on disk, that something cannot be done, or anything else.
Tone = Literal["saved", "refused", "told"]
#: Where a mark comes from: the coder's answer on disk, a rule's proposal, or a key that is not accepted yet.
Origin = Literal["said", "rule", "hand"]


@dataclass(frozen=True, slots=True)
class Row:
    """One paper of the list, as its coder sees it."""

    id: str
    key: str
    title: str
    year: int | None
    #: The coder's own verdict: include, maybe, exclude or exclude.<reason>; empty: none yet.
    verdict: str
    #: The stages at which the coder has said include, and all at which the coder has said something.
    included: frozenset[str]
    screened: frozenset[str]
    #: How many facets the coder has answered.
    tagged: int
    #: Coders disagree, on something that this coder may see.
    contested: bool
    #: Where the paper stands when all coders are heard.
    status: str


@dataclass(frozen=True, slots=True)
class Track:
    """What became of a rule's proposals of one code so far: of `judged` that people have answered, `kept` stand."""

    kept: int
    judged: int

    def __str__(self) -> str:
        return f"{self.kept} of {self.judged} kept" if self.judged else "not judged yet"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words that a rule proposes a code for. `placed`: the span holds in the text of the paper as it is shown."""

    rule: str
    record: str
    question: str
    code: str
    span: Span
    placed: bool


@dataclass(frozen=True, slots=True)
class Said:
    """What one coder says to a question now."""

    coder: str
    answer: tuple[str, ...]
    why: str
    at: str

    @property
    def text(self) -> str:
        """The answer as people read it."""
        return ", ".join(self.answer) or "no code"


@dataclass(frozen=True, slots=True)
class Choice:
    """A code of the active question. `number` is the key that stands for it now; `depth` 1 is a child."""

    code: str
    label: str
    number: int | None
    depth: int
    marked: bool
    #: A code below it is marked.
    holds: bool
    children: bool
    #: None where no rule proposes it.
    track: Track | None
    #: Coders who chose it, where this coder may see that.
    coders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Marked:
    """A code that is marked, with its label and where the mark comes from; a text is both."""

    code: str
    text: str
    origin: Origin
    track: Track | None


@dataclass(frozen=True, slots=True)
class Asked:
    """One question about the paper."""

    id: str
    facet: str
    label: str
    kind: Literal["stage", "codes", "text", "number"]
    #: Its letter, or an empty string.
    key: str
    active: bool
    #: Empty and `open`: nobody has said anything; empty and not `open`: no code applies.
    marked: tuple[Marked, ...]
    open: bool
    #: What is marked is what the coder has said.
    said: bool
    #: Only where it is active.
    choices: tuple[Choice, ...]
    #: Which nine of its codes are shown, and of how many nines.
    page: tuple[int, int]
    #: Other coders' answers, where this coder may see them.
    others: tuple[Said, ...]
    contested: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text and the questions whose evidence it is."""

    text: str
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """The paper before the coder."""

    id: str
    key: str
    authors: str
    venue: str
    year: int | None
    link: str
    title: tuple[Piece, ...]
    abstract: tuple[Piece, ...]
    #: The searches that found it: the term, and where it stood among the hits.
    found_by: tuple[str, ...]
    asked: tuple[Asked, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Ask:
    """A line of text that the session waits for; `given` stands in it already."""

    what: str
    hint: str
    given: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """A page to read: rows of two columns, the first may be empty. With `choosing`, a number key chooses."""

    title: str
    rows: tuple[tuple[str, str], ...]
    choosing: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """All that is on the screen."""

    mode: Mode
    coder: str
    blind: bool
    stage: str
    filter: str
    #: How many papers of the whole review still wait for this coder.
    waiting: int
    rows: Sequence[Row]
    at: int
    sheet: Sheet | None
    ask: Ask | None
    panel: Panel | None
    message: str
    tone: Tone
    #: Acts of this session that are on disk.
    saved: int
