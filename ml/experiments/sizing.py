"""How many units a test needs and how long it takes, from what is known of a metric: answered while one types."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from math import ceil, isfinite, sqrt
from typing import Final

from ml.experiments.power import Rule, Sizes, half_width, minimum_detectable_effect, power, sample_size
from warehouse.errors import BadSetting

WEEK: Final = 7
LONGEST: Final = 520  # weeks: a test that takes longer is none
POINTS: Final = 20  # of the power curve
WEEKS_SHOWN: Final = 24


@dataclass(frozen=True, slots=True)
class Wanted:
    """A test of one arm against a control.

    ``level`` is the metric's mean over units and ``sd`` how far single units are from it; None where the metric is 0
    or 1. ``effect`` is the smallest that is worth knowing, as a part of the level. ``units_a_day`` come each day for
    the first time, of which the part ``treated`` gets the arm. ``explained`` is the part of the variance that is known
    before the start (CUPED).
    """

    level: float
    effect: float
    units_a_day: float
    sd: float | None = None
    treated: float = 0.5
    explained: float = 0.0
    rule: Rule = field(default_factory=Rule)

    def __post_init__(self) -> None:
        """Raises :class:`BadSetting` for what cannot be."""
        if not (isfinite(self.level) and self.level > 0):
            raise BadSetting(f"The metric is {self.level:g} now, must be above 0.", remedy="Write its mean over units.")
        if self.sd is None and self.level >= 1:
            raise BadSetting(
                f"A mean of {self.level:g} is no share.", remedy="Write how far single units are from it (the spread)."
            )
        if self.sd is not None and not (isfinite(self.sd) and self.sd > 0):
            raise BadSetting(f"The spread is {self.sd:g}, must be above 0.", remedy="Leave it empty for a share.")
        if not (isfinite(self.effect) and self.effect > 0):
            raise BadSetting(
                f"The effect is {self.effect:g}, must be above 0.", remedy="Write the smallest one that matters."
            )
        if not (isfinite(self.units_a_day) and self.units_a_day > 0):
            raise BadSetting(
                f"{self.units_a_day:g} units come a day, must be above 0.", remedy="Write how many are new each day."
            )
        if not 0 < self.treated < 1:
            raise BadSetting(
                f"The treated part is {self.treated:.0%}, must be between 0 and 100 %.", remedy="Write 50 %."
            )
        if not 0 <= self.explained < 1:
            raise BadSetting(
                f"The part explained is {self.explained:.0%}, must be 0 or more and below 100 %.",
                remedy="Write 0 % where nothing is known before.",
            )

    @property
    def sizes(self) -> Sizes:
        """What a unit brings, after what is known before."""
        sd = sqrt(self.level * (1 - self.level)) if self.sd is None else self.sd
        return Sizes(sd * sqrt(1 - self.explained), self.treated, 1 - self.treated)


@dataclass(frozen=True)
class Sized:
    """The test that finds the effect as often as planned. Effects are parts of the level.

    ``units`` are needed, which are there after ``days``, whole weeks because days of the week differ. ``expected_days``
    is when it ends on average, if the effect is as large as wanted and it is stopped when it is found. ``precision`` is
    how far the interval goes to each side at the end.
    """

    wanted: Wanted
    units: int
    days: int
    expected_days: float
    precision: float

    @property
    def words(self) -> str:
        """What is needed, in a sentence."""
        return (
            f"To find an effect of {self.wanted.effect:.3g} of the level in {self.wanted.rule.power:.0%} of tests you "
            f"need {self.units:,} units, {self.days:,} days."
        )

    @cached_property
    def chances(self) -> list[tuple[float, float]]:
        """The power curve: effects from 0 to twice the one wanted, and how often each is found by this test."""
        wanted, came = self.wanted, self._came(self.days)
        effects = [2 * wanted.effect * step / POINTS for step in range(POINTS + 1)]
        return [(effect, power(effect * wanted.level, came, wanted.sizes, wanted.rule)) for effect in effects]

    @cached_property
    def smallest(self) -> list[tuple[int, float]]:
        """After how many weeks which effect is found as often as planned."""
        wanted, whole = self.wanted, self.days // WEEK
        step = max(1, ceil(2 * whole / WEEKS_SHOWN))
        weeks = sorted({*range(step, max(2 * whole, 4) + 1, step), whole})
        return [
            (week, minimum_detectable_effect(self._came(week * WEEK), wanted.sizes, wanted.rule) / wanted.level)
            for week in weeks
        ]

    def _came(self, days: int) -> int:
        return max(2, int(days * self.wanted.units_a_day))


def size_of(wanted: Wanted) -> Sized:
    """The test to make. Raises :class:`BadSetting` where it would take more than ten years."""
    units = max(2, sample_size(wanted.effect * wanted.level, wanted.sizes, wanted.rule))
    weeks = ceil(units / wanted.units_a_day / WEEK)
    if weeks > LONGEST:
        raise BadSetting(
            f"{units:,} units are needed, which take {weeks / 52:,.0f} years to come.",
            remedy="Look for a larger effect, take more units a day, or a metric that varies less.",
        )
    days = weeks * WEEK
    came = max(2, int(days * wanted.units_a_day))
    drift = wanted.effect * wanted.level / wanted.sizes.se(came)
    return Sized(
        wanted,
        units,
        days,
        wanted.rule.part_needed(drift) * days,
        half_width(came, wanted.sizes, wanted.rule) / wanted.level,
    )
