"""What would have come without advertising: level, trend, season, weekdays, and the effects of controls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.mix.inputs import Channel, MixInput
from ml.mix.saturation import Floats

FLAT: Final = 1e6  # variance of a coefficient, in those of the noise, that nothing is assumed of
_ORDERS: Final = 6  # of the yearly season
_KNOTS_A_YEAR: Final = 4
GROUPS: Final = ("fixed", "trend", "season", "controls")


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """The linear block: ``columns`` (T, K) of about unit size, the ``part`` that each belongs to, and its ``group``.

    Coefficients of the group "fixed" are free. The others are normal about zero, with a variance that is that of the
    noise times one factor per group, learnt from the data, times ``relative`` (K,).
    """

    columns: Floats
    parts: tuple[str, ...]
    groups: tuple[str, ...]
    relative: Floats

    def variances(self, factors: dict[str, float]) -> Floats:
        """Of every coefficient (K,), in units of the noise's variance."""
        factor = [FLAT if group == "fixed" else factors[group] for group in self.groups]
        return np.array(factor) * self.relative


def baseline_of(told: MixInput, known: int | None = None) -> Baseline:
    """The linear block of an input; with ``known``, that of its first periods, continued over all of them.

    The trend is linear, with a change of slope every quarter of a year that is kept small unless data ask for it
    (Taylor and Letham 2018, eq. 3); the season is a Fourier series whose higher orders are smaller; days of the week
    count where periods are days. Confounders are free, controls for precision shrunk. Demand that leads the spend of a
    channel moves with it, freely; how it will move later is not known, so then it is what it was on average.
    """
    periods = known or len(told.periods)
    time = np.arange(len(told.periods))
    blocks: list[tuple[str, str, float, Floats]] = [
        ("intercept", "fixed", 1.0, np.ones(time.size)),
        ("trend", "fixed", 1.0, 2.0 * time / (periods - 1) - 1.0),
    ]
    gap = knot_gap(told)
    for knot in np.arange(gap, periods - gap / 2, gap):
        blocks += [("trend", "trend", 1.0, np.maximum(time - knot, 0.0) / told.per_year)]
    for order in range(1, _ORDERS + 1):
        if 2 * order >= told.per_year or periods < told.per_year / order:
            continue
        angle = 2 * np.pi * order * time / told.per_year
        blocks += [("season", "season", 1.0 / order**2, wave) for wave in (np.sin(angle), np.cos(angle))]
    if told.days < 1.5:
        weekday = np.array([period.weekday() for period in told.periods])
        blocks += [("season", "season", 1.0, (weekday == day) - (weekday == 6) * 1.0) for day in range(6)]
    for control in told.controls:
        seen = control.values[:periods]
        column = (control.values - seen.mean()) / seen.std()
        group = "fixed" if control.role == "confounder" else "controls"
        blocks.append((control.name, group, 1.0, column))
    for channel in told.channels:
        if channel.demand_led:
            blocks += [(demand_part(channel.name), "fixed", 1.0, column) for column in _demand(channel, periods)]
    parts, groups, relative, columns = zip(*blocks, strict=True)
    return Baseline(np.column_stack(columns), tuple(parts), tuple(groups), np.array(relative))


def demand_part(channel: str) -> str:
    """The name of the part of the baseline that leads a channel's spend."""
    return f"demand behind {channel}"


def _demand(channel: Channel, periods: int) -> Iterator[Floats]:
    """What moves with a channel's spend, at once and a period later."""
    spend = (channel.works - channel.works[:periods].mean()) / channel.works[:periods].std()
    for ago in (0, 1):
        column = np.concatenate([np.zeros(ago), spend[: spend.size - ago]])
        yield np.where(np.arange(spend.size) < periods, column, 0.0)


def knot_gap(told: MixInput) -> float:
    """Periods between two places where the slope of the trend may change."""
    return max(told.per_year / _KNOTS_A_YEAR, 4.0)
