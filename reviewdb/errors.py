"""What can go wrong, said once: what happened, where, what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_EXPECTED = 1
EXIT_USAGE = 2
EXIT_BLOCKED = 3
EXIT_BUG = 70
EXIT_INTERRUPTED = 130


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with a file of the review: a value that loaders return beside the good part."""

    path: str
    line: int
    what: str
    todo: str = ""

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.what}" + (f" {self.todo}" if self.todo else "")


class ReviewError(Exception):
    """An expected failure: one message for a person and the exit code that names its kind."""

    def __init__(self, what: str, todo: str = "", *, exit_code: int = EXIT_EXPECTED) -> None:
        super().__init__(what)
        self.what = what
        self.todo = todo
        self.exit_code = exit_code

    def __str__(self) -> str:
        return self.what + (f"\n{self.todo}" if self.todo else "")


class BlockedError(ReviewError):
    """A source refuses to answer us for now."""

    def __init__(self, what: str, todo: str = "") -> None:
        super().__init__(what, todo, exit_code=EXIT_BLOCKED)


class ChangedError(ReviewError):
    """A source answered with something that is neither hits nor a refusal; `page` is what came."""

    def __init__(self, what: str, todo: str = "", *, page: bytes = b"") -> None:
        super().__init__(what, todo)
        self.page = page


class BadReviewError(ReviewError):
    """The text of the review has problems; all of them are listed at once."""

    def __init__(self, problems: Sequence[Problem], todo: str) -> None:
        self.problems = tuple(sorted(problems))
        count = len(self.problems)
        head = f"{count} problem{'s' * (count != 1)} in the text of the review:"
        super().__init__("\n".join([head, *(f"  {problem}" for problem in self.problems)]), todo)
