"""Papers of which a code is said at all, by coders or by a rule: a filter that Datasette has not."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from reviewdb.site import links
from reviewdb.site.about import About, Question, statement

#: The parameter of an address; each of its values is `question:code`.
PARAMETER = "_either"


def pair(question: Question, code: str) -> links.Pair:
    """Return what an address says to choose papers by a code, coded or suggested."""
    return PARAMETER, f"{question.id}:{code}"


def in_words(about: About, value: str) -> str:
    """Return what people call the choice; the value as it is where the review has no such code."""
    question, _, code = value.partition(":")
    asked = about.questions.get(question)
    return f"{about.full_label(asked, code)} (coded or suggested)" if asked else value


def condition(values: Iterable[str]) -> tuple[str, dict[str, Any]]:
    """Return the condition on papers that all values set, in SQL, and its parameters."""
    asked = [value.partition(":")[::2] for value in values]
    return statement("either"), {"either": json.dumps(asked)}
