"""Discovery: how early a screening found what it included. The figures are those of asreview-insights 1.6."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate


def wss(labels: Sequence[int], recall: float) -> float:
    """Return the work saved over sampling at a recall, as a share of all records.

    Cohen et al. 2006 (doi 10.1197/jamia.M1929) define it as the share that need not be read to reach the recall, less
    the share that chance would save. As in asreview-insights, it is what lies between the record at which that much is
    found and the one at which an evenly spread order would have found as much, with the last included record that does
    not pass the recall. `labels` are 1 or 0 in the order of screening. Raises ValueError where none is 1.
    """
    found = [n for n, label in enumerate(labels) if label]
    if not found:
        raise ValueError("nothing is included")
    wanted = max((k for k in range(1, len(found) + 1) if k / len(found) <= recall), default=len(found))
    # An even order has found none before it begins and all at its last record.
    last = len(labels) - 1
    step = len(found) / max(last, 1)
    evenly = next((n for n in range(last) if round(n * step) >= wanted), last)
    return (evenly - found[wanted - 1]) / len(labels)


def recall_at(labels: Sequence[int], share: float) -> float:
    """Return the share of the included that is found when `share` of the records is screened."""
    screened = max((n for n in range(len(labels) + 1) if n / len(labels) <= share), default=0)
    return sum(labels[:screened]) / sum(labels)


def atd(labels: Sequence[int]) -> float:
    """Return the average time to discovery: the mean place, from 1, of the included records.

    Ferdinands et al. 2023 (doi 10.1186/s13643-023-02257-7) define it; asreview-insights gives it in records.
    """
    places = [n for n, label in enumerate(labels, 1) if label]
    return sum(places) / len(places)


def stopped_after(labels: Sequence[int], irrelevant: int) -> int:
    """Return how many records somebody screens who stops after so many `irrelevant` ones in a row."""
    runs = accumulate(labels, lambda run, label: 0 if label else run + 1, initial=0)
    return next((n for n, run in enumerate(runs) if run == irrelevant), len(labels))
