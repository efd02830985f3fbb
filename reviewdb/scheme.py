"""The coding scheme: stages with their exclusion reasons, facets with their codes, and the patterns of codes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from reviewdb.model import EXCLUDE, INCLUDE, MAYBE
from reviewdb.toml_reader import Path, Reader

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewdb.errors import Problem

_ID = re.compile(r"[a-z][a-z0-9_]*")
_CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")
# One word of a pattern: letters and digits, with a star for "any letters here" at its start or end.
_PATTERN_WORD = re.compile(r"\*?[^\W_]+\*?")
_PATTERN_GAP = re.compile(r"[\s\-/&+'.]+")

_ANCHORS = ("mesh", "radlex", "dicom")
_FACET_KEYS = ("label", "definition", "kind", "single", "layers", "ignored", "passing", "title_first", "codes")
_CODE_KEYS = (
    *("label", "definition", "group", *_ANCHORS, "words", "acronyms"),
    *("hints", "not_after", "not_before", "not_with", "only_with", "title_only", "alone"),
)

#: The version of the file's layout that this software reads.
SCHEMA = 1
#: What the database says of a paper besides the answers to questions: names that no facet may have.
PAPER_COLUMNS = (
    *("id", "key", "title", "authors", "year", "venue", "volume", "pages", "doi", "url", "abstract", "citations"),
    *("venue_type", "published", "study_id", "status", "stage", "reason", "terms"),
)


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


@dataclass(frozen=True, slots=True)
class Question:
    """Something that a coder answers about a paper: a stage of screening, or one layer of a facet."""

    id: str
    kind: Literal["stage", "codes", "text"]
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

    @property
    def columns(self) -> tuple[str, str]:
        """The columns of papers: for what coders agree on, and for what only rules say; empty: none."""
        if self.kind == "stage":
            return "", ""
        name = self.id.replace(".", "_")
        return name, f"{name}_suggested" if self.suggested else ""


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


def parse(source: str, path: str) -> tuple[Scheme, list[Problem]]:
    """Read a coding scheme from TOML text; return what is good of it, and every problem with its line."""
    reader = _SchemeReader(source, path)
    if reader.problems:
        return Scheme({}, {}), reader.problems
    data = reader.table(reader.data, (), ("schema", "stage", "facet", "compose", "negation"))
    if data.get("schema") != SCHEMA or data["schema"] is True:
        reader.problem(
            ("schema",), f"the scheme does not state schema = {SCHEMA}.", f"Begin it with schema = {SCHEMA}."
        )
    questions: dict[str, Question] = {}
    taken = {*PAPER_COLUMNS, "rowid", "oid", "_rowid_"}  # SQLite's own names of a row
    for question in (*reader.stages(data.get("stage", {})), *reader.facets(data.get("facet", {}))):
        where = ("facet", question.facet)
        columns = set(filter(None, question.columns))
        if question.id in questions:
            reader.problem(where, f"{question.id!r} is a question already.", "Give it another name.")
        elif columns & taken:
            what = f"a paper has something else called {min(columns & taken)!r}."
            reader.problem(where, what, "Give the facet another name.")
        else:
            questions[question.id] = question
            taken |= columns
    negation = reader.table(data.get("negation", {}), ("negation",), ("after", "before"))
    scheme = Scheme(
        questions,
        reader.compositions(data.get("compose", {}), questions),
        reader.phrases(negation, "after", ("negation",)),
        reader.phrases(negation, "before", ("negation",)),
    )
    return scheme, sorted(reader.problems)


class _SchemeReader(Reader):
    """Builds the values of a scheme and notes what is wrong on the way."""

    def stages(self, data: Any) -> Iterator[Question]:  # noqa: ANN401 - whatever the file holds
        """Yield the stages; the codes of a stage are its answers, and `exclude.<reason>` implies `exclude`."""
        for name, value in self.table(data, ("stage",)).items():
            where = ("stage", name)
            if not self.valid(name, _ID, where):
                continue
            stage = self.table(value, where, ("label", "definition", "reasons"))
            codes = [Code(INCLUDE, "Include"), Code(MAYBE, "Maybe"), Code(EXCLUDE, "Exclude")]
            for reason, text in self.table(stage.get("reasons", {}), (*where, "reasons")).items():
                here = (*where, "reasons", reason)
                if self.valid(reason, _ID, here):
                    about = self.table(text, here, ("label", "definition", "not_retrieved"))
                    texts = self.string(about, "label", here, reason), self.string(about, "definition", here)
                    missing = self.flag(about, "not_retrieved", here)
                    codes.append(Code(f"{EXCLUDE}.{reason}", *texts, not_retrieved=missing))
            yield Question(
                id=name,
                kind="stage",
                single=True,
                facet=name,
                label=self.string(stage, "label", where, name),
                definition=self.string(stage, "definition", where),
                suggested=False,
                codes={code.id: code for code in codes},
            )

    def facets(self, data: Any) -> Iterator[Question]:  # noqa: ANN401 - whatever the file holds
        """Yield one question for each facet, or for each of its layers; rules answer the first layer."""
        for name, value in self.table(data, ("facet",)).items():
            where = ("facet", name)
            if not self.valid(name, _ID, where):
                continue
            facet = self.table(value, where, _FACET_KEYS)
            label = self.string(facet, "label", where, name.replace("_", " ").capitalize())
            definition = self.string(facet, "definition", where)
            kind = self.string(facet, "kind", where, "codes")
            if kind not in ("codes", "text"):
                self.problem((*where, "kind"), f"kind = {kind!r} is unknown.", 'Use "codes" or "text".')
                continue
            if kind == "text" and "codes" in facet:
                self.problem((*where, "codes"), "a facet answered by text has codes.", 'Leave out kind = "text".')
            codes = dict(self.codes(name, facet.get("codes", {}))) if kind == "codes" else {}
            rules = any(code.phrases or code.hints for code in codes.values())
            layers = self.table(facet.get("layers", {}), (*where, "layers"))
            names = [layer for layer in layers if self.valid(layer, _ID, (*where, "layers", layer))]
            ignored, passing = self.phrases(facet, "ignored", where), self.phrases(facet, "passing", where)
            title_first, single = (self.flag(facet, key, where) for key in ("title_first", "single"))
            for number, layer in enumerate(names or [""]):
                about = self.string(layers, layer, (*where, "layers")) if layer else ""
                yield Question(
                    id=f"{name}.{layer}" if layer else name,
                    kind="codes" if kind == "codes" else "text",
                    facet=name,
                    label=f"{label} ({layer})" if layer else label,
                    definition=f"{definition} {about}".strip(),
                    suggested=rules and number == 0,
                    codes=codes,
                    ignored=ignored,
                    passing=passing,
                    title_first=title_first,
                    single=single,
                )

    def codes(self, facet: str, data: Any) -> Iterator[tuple[str, Code]]:  # noqa: ANN401 - whatever the file holds
        """Yield the codes of one facet."""
        for name, value in (table := self.table(data, ("facet", facet, "codes"))).items():
            where = ("facet", facet, "codes", name)
            if not self.valid(name, _CODE, where):
                continue
            missing = [name[: dot.start()] for dot in re.finditer(r"\.", name) if name[: dot.start()] not in table]
            if missing:
                self.problem(where, f"the code {name!r} has no parent code.", f"Add {missing[0]!r}.")
                continue
            code = self.table(value, where, _CODE_KEYS)
            for key in ("not_with", "only_with"):
                if key in code and "hints" not in code:
                    self.problem((*where, key), f"{key} limits hints, and there are none.", "Move words to hints.")
            yield (
                name,
                Code(
                    id=name,
                    label=self.string(code, "label", where, name),
                    definition=self.string(code, "definition", where),
                    group=self.string(code, "group", where),
                    anchors={key: self.string(code, key, where) for key in _ANCHORS if key in code},
                    phrases=self.phrases(code, "words", where) + self.phrases(code, "acronyms", where, cased=True),
                    hints=self.phrases(code, "hints", where),
                    not_after=self.phrases(code, "not_after", where),
                    not_before=self.phrases(code, "not_before", where),
                    not_with=self.phrases(code, "not_with", where),
                    only_with=self.phrases(code, "only_with", where),
                    title_only=self.flag(code, "title_only", where),
                    alone=self.flag(code, "alone", where),
                ),
            )

    def phrases(self, table: dict[str, Any], key: str, where: Path, *, cased: bool = False) -> tuple[Phrase, ...]:
        """Compile the list of patterns at `key`."""
        compiled: list[Phrase] = []
        for pattern, path in self.strings(table, key, where):
            parts = _PATTERN_GAP.split(pattern.strip())
            if all(_PATTERN_WORD.fullmatch(part) for part in parts):
                compiled.append(Phrase(pattern, tuple(parts), cased))
            else:
                self.problem(
                    path,
                    f"the pattern {pattern!r} does not compile.",
                    "A pattern is words of letters and digits, with * at the start or the end of a word.",
                )
        return tuple(compiled)

    def compositions(self, data: Any, questions: Mapping[str, Question]) -> dict[str, tuple[Composition, ...]]:  # noqa: ANN401 - whatever the file holds
        """Return the compositions of each facet."""
        result: dict[str, tuple[Composition, ...]] = {}
        for facet, value in self.table(data, ("compose",)).items():
            where = ("compose", facet)
            known = next((q.codes for q in questions.values() if q.facet == facet and q.kind == "codes"), None)
            if known is None:
                self.problem(where, f"there is no facet {facet!r} to compose codes of.", "Define it.")
                continue
            rules = self.table(value, where, ("cues", "leaves"))
            cues = self.table(rules.get("cues", {}), (*where, "cues"))
            compiled = {name: self.phrases(cues, name, (*where, "cues")) for name in cues}
            made: list[Composition] = []
            for root, leaves in self.table(rules.get("leaves", {}), (*where, "leaves")).items():
                for cue in (table := self.table(leaves, (*where, "leaves", root))):
                    here = (*where, "leaves", root)
                    leaf = self.string(table, cue, here)
                    unknown = [code for code in (root, leaf) if code not in known]
                    unknown += [cue] if cue not in compiled else []
                    if unknown:
                        self.problem((*here, cue), f"{unknown[0]!r} is not defined.", "Define it.")
                    else:
                        made.append(Composition(root, leaf, compiled[cue]))
            result[facet] = tuple(made)
        return result
