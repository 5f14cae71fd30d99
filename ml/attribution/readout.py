"""What tests of channels found, beside the credits of a period of which each held a part."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from ml.attribution.calibrated import Lift
from ml.attribution.overlap import ALL
from warehouse.queries.channel_tests import ChannelTest


@dataclass(frozen=True, slots=True)
class Reading:
    """A test of ``channel``, ``*`` for all together, from ``first`` to ``last``.

    It adds ``lift`` conversions in that time, among ``people``, the share of all conversions that are of the regions
    without ads, 1 for everybody. ``is_dark`` is whether there really were no ads, so that journeys of these days and
    people did not meet the channel.
    """

    experiment: str
    channel: str
    first: dt.date
    last: dt.date
    people: float
    lift: float
    se: float
    is_dark: bool = True

    def within(self, first: dt.date, last: dt.date) -> Lift:
        """The same as a lift beside the credits of a period, of which the test held a part.

        The period's credits lack what the test switched off, if it lies in the period.
        """
        days = (self.last - self.first).days + 1
        shared = max((min(self.last, last) - max(self.first, first)).days + 1, 0) if self.is_dark else 0
        covered = days * self.people / max((last - first).days + 1 - shared * self.people, 1.0)
        scale = min(1.0, 1 / covered)
        return Lift(self.channel, self.lift * scale, self.se * scale, min(covered, 1.0))


def readings_of(tests: Sequence[ChannelTest]) -> tuple[Reading, ...]:
    """The evidence of finished experiments."""
    return tuple(
        Reading(test.experiment, test.channel, test.first, test.last, test.share, test.lift, test.se, test.is_dark)
        for test in tests
    )


def lifts_within(readings: Sequence[Reading], first: dt.date, last: dt.date, channels: Sequence[str]) -> tuple[
    tuple[Reading, Lift], ...
]:  # fmt: skip
    """The tests of these channels that ended before the period did, beside what they mean for it."""
    used = [test for test in readings if test.channel in {*channels, ALL} and test.last <= last and test.se > 0]
    return tuple((test, test.within(first, last)) for test in used)
