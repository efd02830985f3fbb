"""Finding phrases in a text: looked up by their first word, so many patterns cost no more than few."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Generic, TypeVar

from reviewdb.text import fold, places, raw_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from reviewdb.scheme import Phrase

# Marks that may stand between two words of one phrase; a comma, a full stop or a bracket ends it.
_JOINTS = frozenset(" \t\n\r -‐‑‒–—/&+'’")
_SENTENCE_ENDS = frozenset(".?!")
# Words remembered before all of them are forgotten: a vocabulary, but not a library.
_MEMORY = 200_000

Owner = TypeVar("Owner")
#: The numbers of the first and the last word of a hit.
Match = tuple[int, int]


class Reading:
    """A text taken apart into words, and what stands between them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = raw_words(text)

    @cached_property
    def places(self) -> list[tuple[int, int]]:
        """Where each word starts and ends; most texts are never asked, as no phrase begins in them."""
        return places(self.text)

    def joined(self, left: int) -> bool:
        """Say whether word `left` and the next one may belong to one phrase."""
        if left < 0 or left + 1 >= len(self.words):
            return False
        between = self._between(left, left + 1)
        return between in {" ", "-"} or all(mark in _JOINTS for mark in between)

    def _between(self, left: int, right: int) -> str:
        return self.text[self.places[left][1] : self.places[right][0]]

    def bounds(self, match: Match) -> tuple[int, int]:
        """Return the character offsets of a hit."""
        return self.places[match[0]][0], self.places[match[1]][1]

    def unbroken(self, left: int, right: int, marks: str) -> bool:
        """Say whether none of `marks` stands between the words `left` and `right`."""
        return not any(mark in marks for mark in self._between(left, right))

    @cached_property
    def sentences(self) -> list[int]:
        """For each word the number of its sentence. A point within a number or a name ends none."""
        numbers: list[int] = []
        number = end = 0
        for first, last in self.places:
            number += first - end > 1 and end > 0 and self.text[end] in _SENTENCE_ENDS
            numbers.append(number)
            end = last
        return numbers


@dataclass(frozen=True, slots=True)
class _Word:
    """One word of a phrase, made ready to be compared."""

    core: str
    open_start: bool
    open_end: bool
    cased: bool

    def matches(self, word: str) -> bool:
        """Say whether it stands for a word of a text."""
        form, core = word if self.cased else fold(word), self.core
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

    def before(self, word: str) -> list[_Entry[Owner]]:
        """Return the longer phrases whose second word stands for `word`."""
        entries = self.next.get(word)
        if entries is None:
            entries = self.next[word] = [entry for entry in self.longer if entry[0][1].matches(word)]
        return entries


class _Known(dict[str, "_Opening[Owner] | None"], Generic[Owner]):
    """What may begin with each word met so far, looked for when it is met first; None for most words: nothing."""

    def __init__(self, look: Callable[[str], _Opening[Owner] | None]) -> None:
        super().__init__()
        self._look = look

    def __missing__(self, word: str) -> _Opening[Owner] | None:
        if len(self) >= _MEMORY:
            self.clear()
        found = self[word] = self._look(word)
        return found


class Index(Generic[Owner]):
    """Phrases by their first word, each with what it belongs to."""

    def __init__(self, phrases: Iterable[tuple[Phrase, Owner]]) -> None:
        self._whole: dict[str, list[_Entry[Owner]]] = defaultdict(list)
        self._starts: dict[str, list[_Entry[Owner]]] = defaultdict(list)
        self._ends: dict[str, list[_Entry[Owner]]] = defaultdict(list)
        self._within: list[_Entry[Owner]] = []
        self._known: _Known[Owner] = _Known(self._opening)
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
        words = reading.words
        last = len(words) - 1
        for at, opening in enumerate(map(self._known.__getitem__, words)):
            if opening is None:
                continue
            for owner in opening.alone:
                yield (at, at), owner
            if opening.longer and at < last:
                for phrase, owner in opening.before(words[at + 1]):
                    if _follows(reading, at, phrase):
                        yield (at, at + len(phrase) - 1), owner

    def _opening(self, word: str) -> _Opening[Owner] | None:
        entries = list(self._within)
        # The singular is looked up as well: "CNNs" is matched by the acronym CNN, "AnoGANs" by *GAN.
        for form in sorted({word, fold(word), word.removesuffix("s")}):
            keys = [form[:length] for length in self._start_lengths if length <= len(form)]
            entries += [entry for key in keys if key in self._starts for entry in self._starts[key]]
            keys = [form[-length:] for length in self._end_lengths if length < len(form)]
            entries += [entry for key in keys if key in self._ends for entry in self._ends[key]]
            entries += self._whole.get(form, ())
        found = [entry for entry in dict.fromkeys(entries) if entry[0][0].matches(word)]
        return _Opening(found) if found else None


def _follows(reading: Reading, at: int, words: tuple[_Word, ...]) -> bool:
    """Say whether the words of a phrase stand in a row, given that the first two of them stand there."""
    said = reading.words
    if at + len(words) > len(said) or not reading.joined(at):
        return False
    for offset in range(2, len(words)):
        if not words[offset].matches(said[at + offset]) or not reading.joined(at + offset - 1):
            return False
    return True
