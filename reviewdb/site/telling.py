"""What happened to the review, in the words of its page of changes and of its feed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from reviewdb import origins
from reviewdb.changes import TURNED, Closed, Day, Named
from reviewdb.model import CITATIONS, TAKEN_IN
from reviewdb.site.about import About
from reviewdb.text import counted, listed

#: Papers that an entry names; of a day with many entries, fewer.
NAMED, _NAMED_OF_MANY, _MANY = 12, 3, 8
#: Papers that a page names before the days that follow are left to the next one.
_ON_A_PAGE = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened: `id` tells it from all others of its day, `more` are papers that are not named here."""

    id: str
    heading: str
    note: str
    papers: Sequence[Named] = ()
    more: int = 0

    @property
    def kind(self) -> str:
        """What kind of thing: found, included and the like, closed, coded, codes."""
        return self.id.partition(":")[0]

    @property
    def status(self) -> str:
        """The status that its papers came to; empty for what else happened."""
        return self.kind if self.kind in TURNED else ""

    @property
    def search(self) -> str:
        """The id of the search that found its papers; empty for what else happened."""
        kind, _, rest = self.id.partition(":")
        return rest if kind == "found" else ""


@dataclass(frozen=True, slots=True)
class Told:
    """A day in words."""

    day: Day
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of days, newest first; `before` is where the next one begins, empty at the end."""

    days: Sequence[Told]
    before: str


def tell(about: About, day: Day) -> Told:
    """Return a day in words."""
    entries = list(_entries(about, day))
    named = NAMED if len(entries) <= _MANY else _NAMED_OF_MANY
    return Told(
        day,
        [replace(one, papers=one.papers[:named], more=one.more + max(0, len(one.papers) - named)) for one in entries],
    )


def page(about: About, days: Iterable[Day], before: str = "") -> Page:
    """Return the page of the days before one; of all days, without one. Days after the page are not asked for."""
    shown: list[Told] = []
    named = 0
    for day in days:
        if before and day.date >= before:
            continue
        if named >= _ON_A_PAGE:
            return Page(shown, shown[-1].day.date)
        shown.append(tell(about, day))
        named += sum(1 + len(entry.papers) for entry in shown[-1].entries)
    return Page(shown, "")


def _entries(about: About, day: Day) -> Iterator[Entry]:
    for turned in day.turned:
        papers = counted(len(turned.papers), "paper")
        yield Entry(f"{turned.status}:", TURNED[turned.status].format(papers), _by(turned.coders), turned.papers)
    if day.closed:
        note = "The first included papers with both codes, which none had the day before."
        gaps = [Named(one.papers[0].key, one.papers[0].title, _pair(about, one)) for one in day.closed]
        yield Entry("closed:", f"{counted(len(gaps), 'gap')} closed", note, gaps)
    if day.coded:
        yield Entry("coded:", f"{counted(len(day.coded), 'paper')} coded", _by(day.coded_by), day.coded)
    for made in day.recoded:
        asked = [question for question in about.questions.values() if question.id.partition(".")[0] == made.facet]
        name = asked[0].label if asked else made.facet
        became = f"{listed(made.codes)} became {listed(made.became) or 'no code'}"
        what = f"the change of {made.undoes[:10]} was undone" if made.undoes else became
        yield Entry(f"codes:{made.facet}:{made.at}", f"Codes of {name}: {what}", f"By {made.coder}. {made.why}".strip())
    vain = 0
    for found in day.found:
        if not found.new:
            vain += 1
            continue
        followed = "citations followed, " if found.search.kind == CITATIONS else ""
        taken_in = f"{TAKEN_IN}, " if found.search.taken_in else ""
        note = f"{taken_in}{followed}{origins.told(found.search.source, found.search.query)}"
        heading = f"{counted(found.new, 'new paper')} found"
        yield Entry(f"found:{found.search.id}", heading, note[:1].upper() + note[1:], found.papers, found.more)
    if vain:
        yield Entry("vain:", f"{counted(vain, 'search', 'es')} found no new paper", "")


def _by(coders: Sequence[str]) -> str:
    return f"By {listed(coders)}."


def _pair(about: About, gap: Closed) -> str:
    """Return the two codes of a gap, with their facets: "Yes" alone says nothing."""
    labels = (about.questions[facet].label for facet in gap.facets)
    return " and ".join(f"{label}: {code}" for label, code in zip(labels, gap.codes, strict=True))
