"""Rules: an ordered table, kept as data, of what evidence makes two records the same, versions or doubtful."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache, partial
from importlib.resources import files
from operator import ge, le
from typing import TYPE_CHECKING, Any

import numpy as np

from reviewdb.matching.evidence import Evidence
from reviewdb.matching.wording import AGREE, DIFFER, UNKNOWN
from reviewdb.model import Relation

if TYPE_CHECKING:
    from reviewdb.matching.prepared import Flags, Integers

_BOUND = re.compile(r"(>=|<=) (\d+)")
_RANGE = re.compile(r"(\d+)\.\.(\d+)")
_BOUNDS: Mapping[str, Callable[[Any, float], Any]] = {">=": ge, "<=": le}
_ANSWERS = {"agree": AGREE, "unknown": UNKNOWN, "differ": DIFFER}
_FIELD = re.compile(r"\{(\w+)")


@dataclass(frozen=True, slots=True)
class Rule:
    """What must hold of a pair for it to be related as `relation`."""

    name: str
    relation: Relation
    #: A sentence with fields of the evidence in braces.
    reason: str
    #: A test for each field of the evidence that the rule asks for.
    tests: Mapping[str, Callable[[Any], Any]]

    def holds(self, evidence: Evidence) -> Flags:
        """Return for each pair whether the rule holds of it."""
        found = np.ones(len(evidence), np.bool_)
        for field, test in self.tests.items():
            found &= test(getattr(evidence, field))
        return found

    def because(self, evidence: Evidence, pair: int) -> str:
        """Return why one pair is related so."""
        said = {name: float(getattr(evidence, name)[pair]) for name in _FIELD.findall(self.reason)}
        return self.reason.format(**said)


@cache
def rules() -> tuple[Rule, ...]:
    """Return the rules in their order: the first that holds of a pair decides."""
    text = (files("reviewdb.matching") / "rules.toml").read_text(encoding="utf-8")
    return tuple(map(_rule, tomllib.loads(text)["rule"]))


def _rule(said: dict[str, Any]) -> Rule:
    known = {field.name for field in fields(Evidence)}
    name, relation, reason = said.pop("name"), Relation(said.pop("relation")), said.pop("reason")
    if strange := (said.keys() | set(_FIELD.findall(reason))) - known:
        raise ValueError(f"rule {name}: there is no evidence {', '.join(sorted(strange))}")
    return Rule(name, relation, reason, {field: _test(text) for field, text in said.items()})


def _test(text: str) -> Callable[[Any], Any]:
    return partial(_any, tuple(map(_alternative, text.split(" or "))))


def _any(tests: tuple[Callable[[Any], Any], ...], values: Any) -> Any:  # noqa: ANN401 - an array of any numbers
    found = tests[0](values)
    for test in tests[1:]:
        found = found | test(values)
    return found


def _alternative(text: str) -> Callable[[Any], Any]:
    if bound := _BOUND.fullmatch(text):
        return partial(_bounded, _BOUNDS[bound[1]], float(bound[2]))
    if between := _RANGE.fullmatch(text):
        return partial(_between, float(between[1]), float(between[2]))
    if text == "missing":
        return np.isnan
    return partial(np.equal, _ANSWERS[text])


def _bounded(compare: Callable[[Any, float], Any], bound: float, values: Any) -> Any:  # noqa: ANN401
    return compare(values, bound)


def _between(least: float, most: float, values: Any) -> Any:  # noqa: ANN401
    return (values >= least) & (values <= most)


def decide(evidence: Evidence) -> Integers:
    """Return for each pair the place of the first rule that holds, -1 where none does."""
    found = np.full(len(evidence), -1, np.int64)
    for place, rule in enumerate(rules()):
        found[(found < 0) & rule.holds(evidence)] = place
    return found
