"""Edits of the coding scheme: what a recoding, or the undoing of one, changes of the files that people write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from reviewdb.model import EXCLUDE, Recoding
from reviewdb.recodings import Step, is_rename
from reviewdb.toml_editor import Editor
from reviewdb.toml_reader import Path


@dataclass(frozen=True, slots=True)
class Place:
    """Where the codes of a facet stand in the scheme: those of a stage are the reasons to exclude."""

    facet: str
    is_stage: bool

    @property
    def path(self) -> Path:
        """The table of the codes."""
        return ("stage", self.facet, "reasons") if self.is_stage else ("facet", self.facet, "codes")

    def name(self, code: str) -> str:
        """Return the name of a code in that table."""
        return code.removeprefix(f"{EXCLUDE}.") if self.is_stage else code

    def code(self, name: str) -> str:
        """Return the code of a name."""
        return f"{EXCLUDE}.{name}" if self.is_stage else name


@dataclass(slots=True)
class Edited:
    """The two files that name codes, on their way to what a recoding makes of them."""

    scheme: Editor
    protocol: Editor

    @classmethod
    def of(cls, scheme: str, protocol: str) -> Edited:
        """Begin with the texts of the coding scheme and the protocol."""
        return cls(Editor(scheme), Editor(protocol))

    def make(self, made: Recoding, place: Place) -> None:
        """Change what `made` says; what is so already stays. Raises CannotEditError where a person has to."""
        if is_rename(made):
            self._rename(made.codes[0], made.became[0], place)
            return
        step = Step(made.codes, made.became, "", "", made)
        codes = self._codes(place)
        finer = len(made.became) > 1 and all(new.startswith(f"{made.codes[0]}.") for new in made.became)
        gone = [] if finer else [code for code in codes if step.above(code) and not self._kept(code, step)]
        known = set(codes)
        for new in dict.fromkeys([*made.became, *(to for code in gone for to in _became(step, code))]):
            if new not in known:
                like = next((code for code in gone if _became(step, code) == (new,)), made.codes[0])
                self._add(place, new, like if like in codes else list(codes)[-1])
                known.add(new)
        for code in gone:
            if "became" not in codes[code]:
                names = [place.name(new) for new in _became(step, code)]
                self.scheme.put((*place.path, place.name(code)), "became", names)

    def undo(self, made: Recoding, place: Place, others: Iterable[Recoding]) -> None:
        """Change back what `made` changed; codes that others took out of use as well, and codes added, stay."""
        if is_rename(made):
            self._rename(made.became[0], made.codes[0], place)
            return
        step = Step(made.codes, made.became, "", "", made)
        beside = [Step(other.codes, other.became, "", "", other) for other in others]
        for code, value in self._codes(place).items():
            ours = step.above(code) and not self._kept(code, step)
            if ours and not any(other.above(code) and not self._kept(code, other) for other in beside):
                names = [place.name(new) for new in _became(step, code)]
                if value.get("became") == names:
                    self.scheme.drop((*place.path, place.name(code)), "became")

    def _rename(self, old: str, new: str, place: Place) -> None:
        codes = self._codes(place)
        if old not in codes:
            return

        def now(code: str) -> str:
            return new + code.removeprefix(old) if code == old or code.startswith(f"{old}.") else code

        self._follow(place, now)
        for code in codes:
            if now(code) != code:
                self.scheme.rename((*place.path, place.name(code)), place.name(now(code)))

    def _follow(self, place: Place, now: Callable[[str], str]) -> None:
        """Let all that names codes name those of now: what former codes became, compositions, criteria."""
        for number, criterion in enumerate(self.protocol.data.get("criteria", []) if place.is_stage else []):
            name = place.name(now(place.code(str(criterion.get("reason")))))
            if criterion.get("stage") == place.facet and name != criterion.get("reason"):
                self.protocol.set_string(("criteria", str(number), "reason"), name)
        for code, value in self._codes(place).items():
            for number, name in enumerate(value.get("became", [])):
                if place.name(now(place.code(name))) != name:
                    where = (*place.path, place.name(code), "became", str(number))
                    self.scheme.set_string(where, place.name(now(place.code(name))))
        self._follow_composed(("compose", place.facet, "leaves"), now)

    def _follow_composed(self, compose: Path, now: Callable[[str], str]) -> None:
        for root, leaves in self._table(compose).items():
            for cue, leaf in leaves.items():
                if now(leaf) != leaf:
                    self.scheme.set_string((*compose, root, cue), now(leaf))
        for root in self._table(compose):
            if now(root) != root:
                self.scheme.rename((*compose, root), now(root))

    def _add(self, place: Place, code: str, after: str) -> None:
        label = code.rpartition(".")[2].replace("_", " ").capitalize()
        where = (*place.path, place.name(after))
        self.scheme.add(where, (*place.path, place.name(code)), {"label": label})

    def _kept(self, code: str, step: Step) -> bool:
        return step.now(code) == (code,)

    def _codes(self, place: Place) -> dict[str, dict[str, Any]]:
        return {place.code(name): value for name, value in self._table(place.path).items()}

    def _table(self, where: Path) -> dict[str, dict[str, Any]]:
        found: Any = self.scheme.data
        for part in where:
            found = found.get(part, {})
        return dict(found)


def _became(step: Step, code: str) -> Sequence[str]:
    """Return what the scheme is to say that a code became."""
    if not step.became:
        return ()
    return step.now(code) or step.became
