"""The coding scheme: stages with their exclusion reasons, facets with their codes, and the patterns of codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from reviewdb.model import EXCLUDE, INCLUDE, MAYBE
from reviewdb.questions import Code, Composition, Phrase, Question, Scheme
from reviewdb.text import ancestors
from reviewdb.toml_reader import Path, Reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reviewdb.errors import Problem

__all__ = ["CODE", "ID", "PAPER_COLUMNS", "SCHEMA", "Code", "Composition", "Phrase", "Question", "Scheme", "parse"]

#: The shape of a reason, a facet or a stage.
ID = re.compile(r"[a-z][a-z0-9_]*")
#: The shape of a code.
CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")
# One word of a pattern: letters and digits, with a star for "any letters here" at its start or end.
_PATTERN_WORD = re.compile(r"\*?[^\W_]+\*?")
_PATTERN_GAP = re.compile(r"[\s\-/&+'.]+")

_ANCHORS = ("mesh", "radlex", "dicom")
_NUMBER_KEYS = ("unit", "minimum", "maximum")
_FACET_KEYS = (
    *("label", "definition", "kind", "single", "layers", "ignored", "passing", "title_first", "codes"),
    *_NUMBER_KEYS,
)
_KINDS: Mapping[Any, Literal["codes", "text", "number"]] = {"codes": "codes", "text": "text", "number": "number"}
_CODE_KEYS = (
    *("label", "definition", "became", "group", *_ANCHORS, "words", "acronyms"),
    *("hints", "not_after", "not_before", "not_with", "only_with", "title_only", "alone"),
)

#: The version of the file's layout that this software reads.
SCHEMA = 1
#: What the database says of a paper besides the answers to questions: names that no facet may have.
PAPER_COLUMNS = (
    *("id", "key", "title", "authors", "year", "venue", "volume", "pages", "doi", "url", "abstract", "citations"),
    *("venue_type", "published", "study_id", "status", "stage", "reason", "terms"),
)


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
            if not self.valid(name, ID, where):
                continue
            stage = self.table(value, where, ("label", "definition", "reasons"))
            codes, former = self.parted(self.answers(stage, where), (*where, "reasons"), f"{EXCLUDE}.")
            yield Question(
                id=name,
                kind="stage",
                single=True,
                facet=name,
                label=self.string(stage, "label", where, name),
                definition=self.string(stage, "definition", where),
                suggested=False,
                codes=codes,
                former=former,
            )

    def answers(self, stage: dict[str, Any], where: Path) -> Iterator[Code]:
        """Yield the answers to a stage."""
        yield from (Code(INCLUDE, "Include"), Code(MAYBE, "Maybe"), Code(EXCLUDE, "Exclude"))
        for reason, text in self.table(stage.get("reasons", {}), (*where, "reasons")).items():
            here = (*where, "reasons", reason)
            if self.valid(reason, ID, here):
                about = self.table(text, here, ("label", "definition", "not_retrieved", "became"))
                yield Code(
                    f"{EXCLUDE}.{reason}",
                    self.string(about, "label", here, reason),
                    self.string(about, "definition", here),
                    not_retrieved=self.flag(about, "not_retrieved", here),
                    became=self.became(about, here, f"{EXCLUDE}."),
                )

    def became(self, table: dict[str, Any], where: Path, prefix: str = "") -> tuple[str, ...] | None:
        """Return what a code became; None where it is in use."""
        return tuple(prefix + code for code, _ in self.strings(table, "became", where)) if "became" in table else None

    def parted(self, codes: Iterable[Code], where: Path, prefix: str = "") -> tuple[dict[str, Code], dict[str, Code]]:
        """Return the codes in use, and the former ones with the codes in use that they became."""
        every = {code.id: code for code in codes}
        used = {id_: code for id_, code in every.items() if code.became is None}
        for code in every.values():
            here = (*where, code.id.removeprefix(prefix))
            above = next((above for above in ancestors(code.id) if above in every and above not in used), "")
            if code.id in used and above:
                self.problem(
                    here, f"{code.id!r} is in use, and {above!r} above it is not.", "Give it a became as well."
                )
            for name in code.became or ():
                if name not in every:
                    what = f"{code.id!r} became {name!r}, which is not defined."
                    self.problem((*here, "became"), what, "Define it, or say became = [].")
        return used, {id_: replace(code, became=_in_use(code, every)) for id_, code in every.items() if id_ not in used}

    def facets(self, data: Any) -> Iterator[Question]:  # noqa: ANN401 - whatever the file holds
        """Yield one question for each facet, or for each of its layers; rules answer the first layer."""
        for name, value in self.table(data, ("facet",)).items():
            where = ("facet", name)
            if not self.valid(name, ID, where):
                continue
            facet = self.table(value, where, _FACET_KEYS)
            label = self.string(facet, "label", where, name.replace("_", " ").capitalize())
            definition = self.string(facet, "definition", where)
            kind = self.kind(facet, where)
            if kind is None:
                continue
            found = self.codes(name, facet.get("codes", {})) if kind == "codes" else ()
            codes, former = self.parted(found, (*where, "codes"))
            rules = any(code.phrases or code.hints for code in codes.values())
            layers = self.table(facet.get("layers", {}), (*where, "layers"))
            names = [layer for layer in layers if self.valid(layer, ID, (*where, "layers", layer))]
            ignored, passing = self.phrases(facet, "ignored", where), self.phrases(facet, "passing", where)
            title_first, single = (self.flag(facet, key, where) for key in ("title_first", "single"))
            minimum, maximum = self.limits(facet, where)
            for number, layer in enumerate(names or [""]):
                about = self.string(layers, layer, (*where, "layers")) if layer else ""
                yield Question(
                    id=f"{name}.{layer}" if layer else name,
                    kind=kind,
                    facet=name,
                    label=f"{label} ({layer})" if layer else label,
                    definition=f"{definition} {about}".strip(),
                    suggested=rules and number == 0,
                    codes=codes,
                    ignored=ignored,
                    passing=passing,
                    title_first=title_first,
                    single=single,
                    former=former,
                    unit=self.string(facet, "unit", where).strip(),
                    minimum=minimum,
                    maximum=maximum,
                )

    def kind(self, facet: dict[str, Any], where: Path) -> Literal["codes", "text", "number"] | None:
        """Return what answers a facet, and note what does not go with it; None: nothing that is known."""
        said = self.string(facet, "kind", where, "codes")
        if said not in _KINDS:
            self.problem((*where, "kind"), f"kind = {said!r} is unknown.", 'Use "codes", "text" or "number".')
        if said in ("text", "number") and "codes" in facet:
            self.problem((*where, "codes"), f"a facet answered by {said} has codes.", f'Leave out kind = "{said}".')
        for key in _NUMBER_KEYS:
            if key in facet and said != "number":
                self.problem((*where, key), f"{key} is for numbers.", 'Leave it out, or say kind = "number".')
        return _KINDS.get(said)

    def limits(self, facet: dict[str, Any], where: Path) -> tuple[float | None, float | None]:
        """Return the least and the greatest number that may answer a facet."""
        minimum, maximum = (self.number(facet, key, where) for key in ("minimum", "maximum"))
        if minimum is not None and maximum is not None and minimum > maximum:
            self.problem((*where, "maximum"), "the maximum is less than the minimum.", "Exchange them.")
        return minimum, maximum

    def codes(self, facet: str, data: Any) -> Iterator[Code]:  # noqa: ANN401 - whatever the file holds
        """Yield the codes of one facet."""
        for name, value in (table := self.table(data, ("facet", facet, "codes"))).items():
            where = ("facet", facet, "codes", name)
            if not self.valid(name, CODE, where):
                continue
            missing = [name[: dot.start()] for dot in re.finditer(r"\.", name) if name[: dot.start()] not in table]
            if missing:
                self.problem(where, f"the code {name!r} has no parent code.", f"Add {missing[0]!r}.")
                continue
            code = self.table(value, where, _CODE_KEYS)
            for key in ("not_with", "only_with"):
                if key in code and "hints" not in code:
                    self.problem((*where, key), f"{key} limits hints, and there are none.", "Move words to hints.")
            yield Code(
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
                became=self.became(code, where),
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
            known = next(
                ({**q.codes, **q.former} for q in questions.values() if q.facet == facet and q.kind == "codes"), None
            )
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


def _in_use(code: Code, every: Mapping[str, Code]) -> tuple[str, ...]:
    """Return the codes in use that a code became, over any number of steps."""
    reached = [code.id]
    for name in reached:  # grows on the way
        known = every.get(name)
        reached += [new for new in (known.became or () if known else ()) if new not in reached]
    return tuple(name for name in reached if name in every and every[name].became is None)
