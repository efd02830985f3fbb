"""Finding phrases in a text: looked up by their first word, so many patterns cost no more than few."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Generic, TypeVar

from reviewdb.text import Token, fold, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reviewdb.scheme import Phrase

# Marks that may stand between two words of one phrase; a comma, a full stop or a bracket ends it.
_JOINTS = frozenset(" \t\n\r -‐‑‒–—/&+'’")
_SENTENCE_ENDS = frozenset(".?!")
# Texts read before what was remembered of their words is forgotten: a vocabulary, but not a library.
_MEMORY = 5_000

Owner = TypeVar("Owner")
#: The numbers of the first and the last word of a hit.
Match = tuple[int, int]


class Reading:
    """A text taken apart into words, and what stands between them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.row = tokens(text)

    def joined(self, left: int) -> bool:
        """Say whether word `left` and the next one may belong to one phrase."""
        row = self.row
        if left < 0 or left + 1 >= len(row):
            return False
        between = self.text[row[left].end : row[left + 1].start]
        return between in {" ", "-"} or all(mark in _JOINTS for mark in between)

    def bounds(self, match: Match) -> tuple[int, int]:
        """Return the character offsets of a hit."""
        return self.row[match[0]].start, self.row[match[1]].end

    def unbroken(self, left: int, right: int, marks: str) -> bool:
        """Say whether none of `marks` stands between the words `left` and `right`."""
        between = self.text[self.row[left].end : self.row[right].start]
        return not any(mark in marks for mark in between)

    @cached_property
    def sentences(self) -> list[int]:
        """For each word the number of its sentence. A point within a number or a name ends none."""
        numbers: list[int] = []
        number = end = 0
        for token in self.row:
            between = self.text[end : token.start]
            number += len(between) > 1 and end > 0 and between[0] in _SENTENCE_ENDS
            numbers.append(number)
            end = token.end
        return numbers


@dataclass(frozen=True, slots=True)
class _Word:
    """One word of a phrase, made ready to be compared."""

    core: str
    open_start: bool
    open_end: bool
    cased: bool

    def matches(self, token: Token) -> bool:
        """Say whether the word stands for `token`."""
        form, core = token.raw if self.cased else token.folded, self.core
        if self.open_start:
            if self.open_end:
                return core in form
            return len(form) > len(core) and (form.endswith(core) or (self.cased and form.endswith(core + "s")))
        if self.open_end:
            # A cased beginning is the start of a compound name: "Swin*" is SwinUNet, not Swing.
            return form.startswith(core) and not (self.cased and form[len(core) : len(core) + 1].islower())
        # "CNNs" is the plural of the acronym CNN.
        return form == core or (self.cased and form == core + "s" and core[-1:].isupper())


def _compiled(phrase: Phrase) -> tuple[_Word, ...]:
    return tuple(
        _Word((word if phrase.cased else fold(word)).strip("*"), word[0] == "*", word[-1] == "*", phrase.cased)
        for word in phrase.words
    )


_Entry = tuple[tuple[_Word, ...], Owner]


class _Opening(Generic[Owner]):
    """What may begin with one word: the owners of it alone, and longer phrases by the word that comes next."""

    __slots__ = ("alone", "longer", "next")

    def __init__(self, entries: list[_Entry[Owner]]) -> None:
        self.alone = [owner for words, owner in entries if len(words) == 1]
        self.longer = [entry for entry in entries if len(entry[0]) > 1]
        self.next: dict[str, list[_Entry[Owner]]] = {}

    def before(self, token: Token) -> list[_Entry[Owner]]:
        """Return the longer phrases whose second word stands for `token`."""
        entries = self.next.get(token.raw)
        if entries is None:
            entries = self.next[token.raw] = [entry for entry in self.longer if entry[0][1].matches(token)]
        return entries


class Index(Generic[Owner]):
    """Phrases by their first word, each with what it belongs to."""

    def __init__(self, phrases: Iterable[tuple[Phrase, Owner]]) -> None:
        self._whole: dict[str, list[_Entry[Owner]]] = defaultdict(list)
        self._starts: dict[str, list[_Entry[Owner]]] = defaultdict(list)
        self._ends: dict[str, list[_Entry[Owner]]] = defaultdict(list)
        self._within: list[_Entry[Owner]] = []
        #: What may begin with a word, looked for once for each word of a language, and how much is remembered.
        self._known: dict[str, _Opening[Owner]] = {}
        self._texts = 0
        for phrase, owner in phrases:
            words = _compiled(phrase)
            first = words[0]
            if first.open_start and first.open_end:
                self._within.append((words, owner))
            else:
                place = self._ends if first.open_start else self._starts if first.open_end else self._whole
                place[first.core].append((words, owner))
        self._start_lengths = sorted({len(core) for core in self._starts})
        self._end_lengths = sorted({len(core) for core in self._ends})

    def matches(self, reading: Reading) -> Iterator[tuple[Match, Owner]]:
        """Yield every place in the text where a phrase stands, from left to right."""
        row, known = reading.row, self._known
        self._forget()
        last = len(row) - 1
        for at, token in enumerate(row):
            opening = known.get(token.raw)
            if opening is None:
                opening = known[token.raw] = self._opening(token)
            for owner in opening.alone:
                yield (at, at), owner
            if opening.longer and at < last:
                for words, owner in opening.before(row[at + 1]):
                    if _follows(reading, at, words):
                        yield (at, at + len(words) - 1), owner

    def _forget(self) -> None:
        self._texts += 1
        if self._texts >= _MEMORY:
            self._texts = 0
            self._known.clear()

    def _opening(self, token: Token) -> _Opening[Owner]:
        entries = list(self._within)
        # The singular is looked up as well: "CNNs" is matched by the acronym CNN, "AnoGANs" by *GAN.
        for form in sorted({token.raw, token.folded, token.raw.removesuffix("s")}):
            keys = [form[:length] for length in self._start_lengths if length <= len(form)]
            entries += [entry for key in keys if key in self._starts for entry in self._starts[key]]
            keys = [form[-length:] for length in self._end_lengths if length < len(form)]
            entries += [entry for key in keys if key in self._ends for entry in self._ends[key]]
            entries += self._whole.get(form, ())
        return _Opening([entry for entry in dict.fromkeys(entries) if entry[0][0].matches(token)])


def _follows(reading: Reading, at: int, words: tuple[_Word, ...]) -> bool:
    """Say whether the words of a phrase stand in a row, given that the first two of them stand there."""
    row = reading.row
    if at + len(words) > len(row) or not reading.joined(at):
        return False
    for offset in range(2, len(words)):
        if not words[offset].matches(row[at + offset]) or not reading.joined(at + offset - 1):
            return False
    return True
