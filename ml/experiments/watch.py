"""Guards over time: whether an arm changed its name, tracking stopped, or somebody looked too early."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from scipy.special import bdtr

from ml.experiments.guards import Guard, Status
from ml.experiments.moments import Counts

OUTAGE_ALPHA: Final = 0.001  # over all days and arms
LEAST_OF_USUAL: Final = 0.5  # of what an arm has on other days
REACHED: Final = 0.99  # of the planned units
_FEWEST_DAYS: Final = 4


def outage(days: Sequence[dt.date], seen: Mapping[str, Counts]) -> Guard:
    """Whether an arm went unseen on a day on which the others were seen, or all of them did.

    ``seen`` has (d,) rows by arm, one for each of the days, which are all from the first to the last. A day fails an
    arm that has less than half of its usual part in it, by more than chance; a day that all arms lack is a warning,
    because it costs both alike.
    """
    table = np.array(list(seen.values()))
    totals = table.sum(axis=0)
    if len(days) < _FEWEST_DAYS:
        return Guard("outage", Status.passed, None, f"{len(days)} days are too few to see an outage among them.")
    parts = table.sum(axis=1) / max(totals.sum(), 1)
    p_values = bdtr(table.astype(np.float64), totals, parts[:, None])
    p_values[table >= LEAST_OF_USUAL * totals * parts[:, None]] = 1.0
    least = min(float(p_values.min()) * p_values.size, 1.0)
    if least < OUTAGE_ALPHA:
        arm, day = divmod(int(p_values.argmin()), len(days))
        name, usual = list(seen)[arm], totals[day] * parts[arm]
        words = (
            f"On {days[day]} the arm {name} has {table[arm, day]:,} rows where {usual:,.0f} are usual. "
            "Check its tracking and whether shares changed on the way; leave out the days on which an arm was not seen."
        )
        return Guard("outage", Status.failed, least, words)
    dark = [day for day, total in zip(days, totals, strict=True) if total < _DARK * np.median(totals)]
    if dark:
        words = (
            f"On {', '.join(map(str, dark[:5]))} hardly any rows came, of any arm. Check the tracking of these days."
        )
        return Guard("outage", Status.warned, least, words)
    return Guard("outage", Status.passed, least, "On no day an arm was seen much less than the others.")


def renamed(days: Sequence[dt.date], seen: Mapping[str, Counts]) -> Guard:
    """Whether an arm ends when another begins, as it does when its name was changed on the way. ``seen`` as above."""
    there = {arm: np.flatnonzero(counts) for arm, counts in seen.items() if counts.any()}
    for arm, on in there.items():
        for other, on_other in there.items():
            if on[-1] < on_other[0]:
                words = (
                    f"The arm {arm} ends on {days[on[-1]]} and {other} begins on {days[on_other[0]]}. "
                    "If that is one arm with two names, give it one in the data; else they were no experiment together."
                )
                return Guard("renamed", Status.failed, None, words)
    return Guard("renamed", Status.passed, None, "All arms were there at the same time.")


def peeking(units: int, planned: int | None) -> Guard:
    """Whether a test with a fixed horizon is read before its end."""
    if planned is None:
        words = (
            "A fixed horizon holds for one look at a size that was chosen before, and no planned size is given. "
            "Who looks more often takes the confidence sequence."
        )
        return Guard("peeking", Status.warned, None, words)
    if units < REACHED * planned:
        words = (
            f"{units:,} of {planned:,} planned units are there. A fixed horizon says nothing before its end: wait, or "
            "take the confidence sequence, which holds at every look."
        )
        return Guard("peeking", Status.failed, None, words)
    return Guard("peeking", Status.passed, None, f"All {planned:,} planned units are there.")


_DARK: Final = 0.1  # of the median day
