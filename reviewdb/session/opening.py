"""Opening: how a coder sits down before a review."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from reviewdb import build, coding, database
from reviewdb.build import Tell
from reviewdb.errors import ReviewError
from reviewdb.review import Review
from reviewdb.session import listing
from reviewdb.session.desk import Desk
from reviewdb.session.listing import Seat
from reviewdb.session.views import Mode


def open_desk(
    place: Review,
    coder: str,
    mode: Mode,
    tell: Tell,
    *,
    stage: str = "",
    unblind: bool = False,
    order: Iterable[str] | None = None,
) -> Desk:
    """Sit a coder down before a review, whose database is brought up to date first.

    `order` has ids of papers, the first to be read first; by default papers come in the order of arrival. Raises
    ReviewError where the text has problems, the coder has no name that can be one, or there is no such stage.
    """
    coding.check_coder(place, coder, "decisions")
    build.refresh(place, tell)
    scheme = coding.load_scheme(place)
    stages = tuple(question.id for question in scheme.stages)
    if stage and stage not in stages:
        raise ReviewError(f"there is no stage {stage!r}.", f"There are: {', '.join(stages)}.")
    if mode == "screen" and not stages:
        raise ReviewError("the coding scheme has no stages.", "Add [stage.screening] to data/coding-scheme.toml.")
    connection = database.reader(place.database)
    seats = [Seat(coder, mode, one, stages[:n], stages, unblind) for n, one in enumerate(stages)]
    if not seats:
        seat = Seat(coder, mode, "", (), (), unblind)
    else:
        rows = listing.load(connection, seats[0])
        waits = next((one for one in seats if any(map(one.unscreened, rows))), seats[-1])
        seat = replace(seats[stages.index(stage)], before=()) if stage else waits
        seat = replace(seat, screens=mode == "screen" or any(row.screened for row in rows))
    return Desk(place, connection, scheme, seat, order)
