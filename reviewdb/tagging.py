"""The tagger: codes that the words of a text speak for, each with its evidence.

No regular expression of a coding scheme is ever run: patterns are rows of words, looked up by their
first word, so the cost of a text does not grow with the number of patterns and no pattern can hang.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Literal

from reviewdb.model import Span, Suggestion
from reviewdb.phrases import Index, Reading
from reviewdb.text import ancestors, fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewdb.phrases import Match
    from reviewdb.scheme import Code, Phrase, Scheme

# How many words may stand between "compared with" and what is only mentioned: "state of the art" is four.
_REACH = 5
_ENDS = ";:.?!"

#: What a phrase is there for; the names are those of the scheme's file.
_Role = Literal["code", "hint", "ignored", "passing", "cue", "after", "before", "not_with", "only_with"]
#: Role, facet, and code (for a cue: the number of its rule); a negation of any hit has neither facet nor code.
_Owner = tuple[_Role, str, str]
_Key = tuple[str, str]
_Hit = tuple["Match", _Owner]


class _Field:
    """One field of a paper, read once: the places of all phrases, by what they are there for."""

    def __init__(self, name: str, text: str, index: Index[_Owner]) -> None:
        self.name = name
        self.reading = Reading(text)
        self.matches: dict[_Owner, list[Match]] = {}
        #: Words that a hit may not follow (by the number of the last one) or precede (of the first one).
        self.after: set[tuple[str, str, int]] = set()
        self.before: set[tuple[str, str, int]] = set()
        for match, owner in index.matches(self.reading):
            role, facet, code = owner
            if role == "after":
                self.after.add((facet, code, match[1]))
            elif role == "before":
                self.before.add((facet, code, match[0]))
            else:
                self.matches.setdefault(owner, []).append(match)
        #: By facet, the words that look like a cue or a code and are none.
        self.hidden = {
            owner[1]: {word for first, last in matches for word in range(first, last + 1)}
            for owner, matches in self.matches.items()
            if owner[0] == "ignored"
        }

    def span(self, match: Match) -> Span:
        """Return the words of a match as evidence."""
        start, end = self.reading.bounds(match)
        return Span(self.name, start, end, self.reading.text[start:end])

    def denied(self, match: Match, facet: str, code: str) -> bool:
        """Say whether a word directly before or after a hit takes it back."""
        left, right = match[0] - 1, match[1] + 1
        return (((facet, code, left) in self.after or ("", "", left) in self.after) and self.reading.joined(left)) or (
            ((facet, code, right) in self.before or ("", "", right) in self.before) and self.reading.joined(match[1])
        )

    def hits(self) -> tuple[dict[_Key, list[Match]], dict[_Key, list[Match]]]:
        """Return the places of each code's phrases, and of its hints.

        Hits inside longer ones, mentions in passing and negations are left out.
        """
        by_facet: dict[str, list[_Hit]] = {}
        for owner, matches in self.matches.items():
            if owner[0] in {"code", "hint", "ignored"}:
                by_facet.setdefault(owner[1], []).extend((match, owner) for match in matches)
        firm: dict[_Key, list[Match]] = {}
        weak: dict[_Key, list[Match]] = {}
        for facet, hits in by_facet.items():
            for match, (role, _, code) in self._stated(_longest(hits), self.matches.get(("passing", facet, ""), [])):
                if role != "ignored" and not self.denied(match, facet, code):
                    (firm if role == "code" else weak).setdefault((facet, code), []).append(match)
        return firm, weak

    def _stated(self, hits: list[_Hit], passing: list[Match]) -> list[_Hit]:
        """Return the hits that are not only mentioned: "compared with GANs", "such as VAEs and autoencoders"."""
        if not passing:
            return hits
        cues = sorted(passing, key=lambda cue: cue[1])
        ends = [last for _, last in cues]
        stated: list[_Hit] = []
        mentioned, marks = -1, _ENDS
        for match, owner in hits:
            number = bisect_left(ends, match[0]) - 1
            if number >= 0 and self._reaches(ends[number], match[0]):
                mentioned = match[1]
                marks = _ENDS + "," if self._opens(cues[number][0]) else _ENDS
            elif mentioned >= 0 and self._linked(mentioned, match[0], marks):
                mentioned = match[1]
            else:
                stated.append((match, owner))
        return stated

    def _opens(self, word: int) -> bool:
        """Say whether a sentence begins with a word: the comma after "Unlike GANs, " ends what is mentioned."""
        return word == 0 or not self.reading.unbroken(word - 1, word, _ENDS)

    def _reaches(self, left: int, right: int) -> bool:
        return right - left <= _REACH + 1 and self.reading.unbroken(left, right, _ENDS + ",()[]")

    def _linked(self, left: int, right: int, marks: str) -> bool:
        """Say whether a hit goes on with what was mentioned: "VAEs and GANs", "autoencoders (AE)", "GAN, f-GAN"."""
        between = [fold(self.reading.words[n]) for n in range(left + 1, min(right, left + 4))]
        apart = [word for word in between if len(word) > 1]
        return apart in ([], ["and"], ["or"]) and self.reading.unbroken(left, right, marks)

    def cue(self, rule: str, facet: str, match: Match) -> Match | None:
        """Return the cue of a composition that is nearest to a hit in its sentence."""
        cues = self.matches.get(("cue", facet, rule), [])
        at = bisect_left(cues, match)
        sentences = self.reading.sentences
        hidden = self.hidden.get(facet, ())
        near = [
            cue
            for cue in cues[max(at - 1, 0) : at + 1]
            if sentences[cue[0]] == sentences[match[0]] and cue[0] not in hidden
        ]
        return min(near, key=lambda cue: abs(cue[0] - match[0]), default=None)


def _longest(hits: list[_Hit]) -> list[_Hit]:
    """Return the hits that do not lie inside a longer one, in order."""
    if len(hits) == 1:
        return hits
    hits.sort(key=lambda hit: (hit[0][0], -hit[0][1]))
    kept: list[_Hit] = []
    reach, longest = -1, (-1, -1)
    for match, owner in hits:
        if match[1] > reach or match == longest:
            kept.append((match, owner))
            reach, longest = match[1], match
    return kept


#: Of each code that texts speak for and each of its spans: question, code, field, start, end.
Told = list[tuple[str, str, str, int, int]]


class Tagger:
    """A coding scheme made ready to propose codes; pure and reusable for any number of texts."""

    def __init__(self, scheme: Scheme) -> None:
        self._scheme = scheme
        questions = [q for q in scheme.questions.values() if q.suggested]
        codes = [(q.facet, c) for q in questions for c in (*q.codes.values(), *q.former.values())]
        # The words of a code that became one other speak for that one, each in the company that its own code asks for.
        self._codes: dict[_Key, Code] = {
            (facet, c.id): c for facet, c in codes if c.became is None or len(c.became) == 1
        }
        self._now = {(facet, c.id): (facet, c.became[0] if c.became else c.id) for (facet, _), c in self._codes.items()}
        self._order = {key: number for number, key in enumerate(self._codes)}
        #: The finer codes that a root may become, each with the number of its rule.
        self._leaves: dict[_Key, list[tuple[str, str]]] = defaultdict(list)
        for facet, rules in scheme.compositions.items():
            for number, rule in enumerate(rules):
                if (facet, rule.leaf) in self._now:
                    self._leaves[facet, rule.root].append((self._now[facet, rule.leaf][1], str(number)))
        self._title_first = {q.facet for q in questions if q.title_first}
        self._index: Index[_Owner] = Index(self._phrases(scheme))

    def _phrases(self, scheme: Scheme) -> Iterator[tuple[Phrase, _Owner]]:
        for (facet, id_), code in self._codes.items():
            yield from ((phrase, ("code", facet, id_)) for phrase in code.phrases)
            yield from ((phrase, ("hint", facet, id_)) for phrase in code.hints)
            yield from ((phrase, ("after", facet, id_)) for phrase in code.not_after)
            yield from ((phrase, ("before", facet, id_)) for phrase in code.not_before)
            yield from ((phrase, ("not_with", facet, id_)) for phrase in code.not_with)
            yield from ((phrase, ("only_with", facet, id_)) for phrase in code.only_with)
        for q in (q for q in scheme.questions.values() if q.suggested):
            yield from ((phrase, ("ignored", q.facet, "")) for phrase in q.ignored)
            yield from ((phrase, ("passing", q.facet, "")) for phrase in q.passing)
        for facet, rules in scheme.compositions.items():
            for number, rule in enumerate(rules):
                yield from ((phrase, ("cue", facet, str(number))) for phrase in rule.cues)
        yield from ((phrase, ("after", "", "")) for phrase in scheme.negated_after)
        yield from ((phrase, ("before", "", "")) for phrase in scheme.negated_before)

    def suggest(self, fields: Mapping[str, str]) -> list[Suggestion]:
        """Return the codes that `fields` (such as `title`, `abstract`) speak for, in the order of the scheme.

        Where a code and one of its ancestors are both hit, only the more specific one is returned, with
        the evidence of both. A hit inside a longer hit of the same facet does not count ("supervised" in
        "self-supervised"). Where the scheme puts a facet's `title_first`, other fields make the title's answer
        finer but add none of their own.
        """
        read = [_Field(name, text, self._index) for name, text in fields.items() if text]
        read.sort(key=lambda field: field.name != "title")
        title: set[_Key] | None = None
        found: dict[_Key, set[Span]] = {}
        for field in read:
            kept, weak = field.hits()
            hints = {key: hits for key, hits in weak.items() if self._counts(key, field, read, kept)}
            for key, hits in hints.items():
                kept[key] = kept.get(key, []) + hits
            for key, hits in kept.items():
                found.setdefault(self._now[key], set()).update(map(field.span, hits))
                if key in self._leaves:
                    self._compose(key, hits, field, read, found)
            if field.name == "title":
                title = set(found)
        found = {key: spans for key, spans in found.items() if title is None or not self._beside(key, title)}
        implied: set[_Key] = set()
        for facet, code in list(found):
            for parent in ancestors(code):
                if (facet, parent) in found:
                    found[facet, code] |= found[facet, parent]
                    implied.add((facet, parent))
        facets = {facet for facet, code in found if not self._codes[facet, code].alone}
        return [
            Suggestion(*key, tuple(sorted(found[key], key=lambda s: (s.field != "title", s.field, s.start, s.end))))
            for key in sorted(found.keys() - implied, key=self._order.__getitem__)
            if not (self._codes[key].alone and key[0] in facets)
        ]

    def told(self, fields: Mapping[str, str]) -> Told:
        """Return what `suggest` does, with the question that a code answers: as tuples, which travel light."""
        return [
            (self._scheme.suggested_question(found.facet).id, found.code, span.field, span.start, span.end)
            for found in self.suggest(fields)
            for span in found.evidence
        ]

    def _beside(self, key: _Key, title: set[_Key]) -> bool:
        """Say whether the title is the place to look for a code, and says something else, no coarser code either."""
        facet, code = key
        if facet not in self._title_first:
            return self._codes[key].title_only and key not in title
        named = {name for of, name in title if of == facet and not self._codes[of, name].alone}
        finest = named.difference(*map(ancestors, named))
        return bool(finest) and finest.isdisjoint({code, *ancestors(code)}) and code not in named

    def _counts(self, key: _Key, field: _Field, read: list[_Field], firm: Mapping[_Key, list[Match]]) -> bool:
        """Say whether the hints of a code stand in the right company: the words they need, none that cast doubt."""
        facet, code = key
        doubted = ("not_with", *key) in field.matches
        vouched = any((facet, name) in firm for name in (code, *ancestors(code)))
        needs = self._codes[key].only_with and not any(("only_with", *key) in other.matches for other in read)
        return vouched or not (doubted or needs)

    def _compose(
        self, key: _Key, hits: list[Match], field: _Field, read: list[_Field], found: dict[_Key, set[Span]]
    ) -> None:
        """Add the finer codes of a root: by the cue directly before it, or else by the nearest of each kind.

        A cue in the title speaks for the other fields as well: who writes of brains there means them in the abstract.
        """
        for hit in hits:
            near = [(leaf, rule, field.cue(rule, key[0], hit)) for leaf, rule in self._leaves[key]]
            direct = [
                entry for entry in near if entry[2] and entry[2][1] == hit[0] - 1 and field.reading.joined(hit[0] - 1)
            ]
            for leaf, rule, cue in direct or near:
                spans = {field.span(cue)} if cue else self._cued(rule, key[0], field, read)
                if spans:
                    found.setdefault((key[0], leaf), set()).update(spans, [field.span(hit)])

    @staticmethod
    def _cued(rule: str, facet: str, field: _Field, read: list[_Field]) -> set[Span]:
        titles = (other for other in read if other.name == "title" and other is not field)
        return {
            title.span(cue)
            for title in titles
            for cue in title.matches.get(("cue", facet, rule), [])[:1]
            if cue[0] not in title.hidden.get(facet, ())
        }


def replies(jobs: Iterator[Any]) -> Iterator[list[Told]]:
    """Work apart: of a scheme, and then batches of texts, yield for each batch what is told of each of its texts."""
    tagger = Tagger(next(jobs))
    for batch in jobs:
        yield [tagger.told(fields) for fields in batch]
