"""Keys: what each one means, and which letter stands for which facet of a coding scheme."""

from __future__ import annotations

from collections.abc import Mapping
from string import ascii_lowercase

from reviewdb.scheme import Scheme

#: Keys that are no letter, as front ends name them.
ENTER, SPACE, ESCAPE, UP, DOWN, TAB, BACK_TAB = "enter", "space", "escape", "up", "down", "tab", "shift+tab"
HOME, END = "home", "end"

#: What the keys do, in the order in which help tells it: the key as it is written, and what it does.
KEYS: tuple[tuple[str, str], ...] = (
    ("Enter", "accept what is marked, and go on to the next paper"),
    ("a", "include"),
    ("x 1-9", "exclude, for the reason of that number; x again: other reasons"),
    ("space", "maybe"),
    ("1-9", "mark a code, or no longer; a code with children unfolds, 0 is then the code itself"),
    ("0", "no code applies; again: leave it open"),
    ("Tab", "the next facet; a facet's own letter stands beside its name, again: more codes"),
    ("e", "type the answer: codes with commas, or a text"),
    ("N", "a note: the reason, kept with what you decide next"),
    ("u  U", "undo, redo: as often as you like, earlier days and duplicates too"),
    ("j  k", "the next paper, the one before (arrows too)"),
    (
        "/",
        (
            "filter: untagged, unscreened, conflicts, mine, included, maybe, excluded, pending, reopened (its code was"
            " split), and any words"
        ),
    ),
    ("=", "conflicts: what you mark and accept settles one; = again goes back"),
    ("w", "why: rules, their words, and who said what"),
    ("c", "criteria, and the definitions of the codes"),
    ("d", "duplicate of another paper"),
    ("o", "open the paper's link"),
    ("PgUp PgDn", "scroll a page to read, or the paper"),
    ("?", "these keys"),
    ("q", "quit: all that you decided is on disk already"),
)

#: What the marks mean.
MARKS: tuple[tuple[str, str], ...] = (
    ("+ ~ -", "in the list: you include, maybe, exclude; ✓ you answered facets; = coders disagree"),
    (
        "✓ ? *",
        (
            "of a code: you said so; a rule proposes it, which Enter accepts, with how many of its proposals were kept"
            " (by you, while you code blind); marked by hand, and written with what you decide next"
        ),
    ),
)

#: Letters that are no facet's, since they do something else.
TAKEN = frozenset("acdejknoquwx")


def facet_keys(scheme: Scheme) -> Mapping[str, tuple[str, ...]]:
    """Return the letters of the facets, each with its questions, the one that people decide first.

    A facet takes the first letter of its name that is free, or else of the alphabet: modality m, supervision s,
    method t. Those without a free letter are reached with Tab.
    """
    keys: dict[str, tuple[str, ...]] = {}
    for facet in scheme.facets:
        free = [letter for letter in f"{facet}{ascii_lowercase}" if letter in ascii_lowercase]
        letter = next((one for one in free if one not in TAKEN and one not in keys), None)
        if letter:
            layers = [q.id for q in scheme.questions.values() if q.facet == facet and q.kind != "stage"]
            keys[letter] = tuple(reversed(layers))
    return keys
