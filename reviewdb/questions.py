"""Questions: what a coding scheme asks, the codes that answer, and the words that speak for a code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal


@dataclass(frozen=True, slots=True)
class Phrase:
    """A pattern: words in a row. With `cased`, letters must match exactly (acronyms, names of models)."""

    text: str
    words: tuple[str, ...]
    cased: bool


@dataclass(frozen=True, slots=True)
class Code:
    """One value of a question; `a.b` is a kind of `a`, and naming it implies `a`."""

    id: str
    label: str
    definition: str = ""
    #: A family of codes that tables may add up, such as `deviation_based`.
    group: str = ""
    #: Names of the same concept in MeSH, RadLex, DICOM: `{"mesh": "...", ...}`.
    anchors: Mapping[str, str] = field(default_factory=dict)
    phrases: tuple[Phrase, ...] = ()
    #: Weaker words: they count only in the right company.
    hints: tuple[Phrase, ...] = ()
    #: A hit directly after / before one of these does not count.
    not_after: tuple[Phrase, ...] = ()
    not_before: tuple[Phrase, ...] = ()
    #: Where one of these stands in the same text, hints count only beside a phrase of the code or of its parent.
    not_with: tuple[Phrase, ...] = ()
    #: Hints count only where one of these stands in some text of the paper.
    only_with: tuple[Phrase, ...] = ()
    #: The code counts only where no other code of its facet is found.
    alone: bool = False
    #: The code counts where the title says it, if there is a title: any abstract mentions "recent advances".
    title_only: bool = False
    #: Of a reason to exclude: the paper was sought for the stage, and could not be had.
    not_retrieved: bool = False
    #: None: it is in use. Of a former code, the codes in use that it became.
    became: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """Something that a coder answers about a paper: a stage of screening, or one layer of a facet."""

    id: str
    kind: Literal["stage", "codes", "text", "number"]
    #: The facet or stage that it belongs to: `supervision` for `supervision.stated`.
    facet: str
    label: str
    definition: str
    #: Rules may propose answers.
    suggested: bool
    codes: Mapping[str, Code]
    #: Words that look like a code of this facet and are none; they hide the hits inside them.
    ignored: tuple[Phrase, ...] = ()
    #: Words that say that what follows is only mentioned: "compared with", "such as".
    passing: tuple[Phrase, ...] = ()
    #: Where the title answers, other texts may only make the answer finer.
    title_first: bool = False
    #: At most one code answers it.
    single: bool = False
    #: Codes that are not in use any more; where one became one other, its words speak for that one.
    former: Mapping[str, Code] = field(default_factory=dict)
    #: Of a number: what it is in, such as %, and between which limits it lies, both included; None: there is none.
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None

    @property
    def has_codes(self) -> bool:
        """Whether codes answer it, not a text or a number."""
        return self.kind in ("stage", "codes")

    @property
    def heading(self) -> str:
        """The label, with the unit of a number behind it."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

    @property
    def columns(self) -> tuple[str, str]:
        """The columns of papers: for what coders agree on, and for what only rules say; empty: none."""
        return _columns(self.id, self.kind, suggested=self.suggested)


@lru_cache(maxsize=1024)
def _columns(id_: str, kind: str, *, suggested: bool) -> tuple[str, str]:
    if kind == "stage":
        return "", ""
    name = id_.replace(".", "_")
    return name, f"{name}_suggested" if suggested else ""


@dataclass(frozen=True, slots=True)
class Composition:
    """A root code plus a cue to the anatomy gives a leaf code: `mri` + `brain` = `mri.brain`."""

    root: str
    leaf: str
    cues: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Scheme:
    """All questions of a review in the order of the file, and what the tagger needs besides."""

    questions: Mapping[str, Question]
    compositions: Mapping[str, tuple[Composition, ...]]
    #: Words that turn any hit directly after (before) them into its opposite: "non-", "without" ("-free").
    negated_after: tuple[Phrase, ...] = ()
    negated_before: tuple[Phrase, ...] = ()

    @property
    def stages(self) -> list[Question]:
        """The stages of screening, in order."""
        return [q for q in self.questions.values() if q.kind == "stage"]

    @property
    def facets(self) -> list[str]:
        """The names of the facets, in order."""
        return list(dict.fromkeys(q.facet for q in self.questions.values() if q.kind != "stage"))

    def question(self, name: str) -> Question | None:
        """Return the question called `name`; a facet's name stands for its last layer, the one people decide."""
        if name in self.questions:
            return self.questions[name]
        layers = [q for q in self.questions.values() if q.facet == name]
        return layers[-1] if layers else None

    def suggested_question(self, facet: str) -> Question:
        """Return the question of `facet` that rules may answer."""
        return next(q for q in self.questions.values() if q.facet == facet and q.suggested)
