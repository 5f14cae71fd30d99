"""How many units, how small an effect, how sure: each from the others, for every way of looking.

All follow from one number, the drift: how many standard errors the effect is at the planned end. It depends on the
method and its looks alone, not on the metric.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

import numpy as np
from scipy.optimize import brentq

from ml.experiments.group_sequential import boundaries, crossing
from ml.experiments.methods import ConfidenceSequence, FixedHorizon, level_said
from ml.experiments.moments import Floats
from warehouse.errors import BadSetting

MethodName = Literal["sequential", "fixed", "group"]


@dataclass(frozen=True, slots=True)
class Rule:
    """By what a test will decide, and how often an effect of the planned size is to be found.

    ``looks`` are evenly spread over the test; a fixed horizon has one whatever they are. Where ``comparisons`` are
    more than one, each is held to its part of the error (Bonferroni, which Holm never falls behind).
    """

    method: MethodName = "sequential"
    level: float = 0.95
    power: float = 0.8
    looks: int = 20
    comparisons: int = 1

    def __post_init__(self) -> None:
        """Raises :class:`BadSetting` for settings out of range."""
        level_said(self.level)
        if self.method not in get_args(MethodName):
            raise BadSetting(
                f"There is no method {self.method!r}.", remedy=f"There are: {', '.join(get_args(MethodName))}."
            )
        if not 1 - self.level < self.power < 1:
            raise BadSetting(f"power == {self.power}, must be above the error and below 1.", remedy="Write 0.8.")
        if not 1 <= self.looks <= 100 or self.comparisons < 1:
            raise BadSetting(f"looks == {self.looks} must be 1 to 100, comparisons == {self.comparisons} 1 or more.")

    @property
    def times(self) -> Floats:
        """(k,) the parts of the test at which is looked."""
        return np.ones(1) if self.method == "fixed" else np.arange(1, self.looks + 1) / self.looks

    @property
    def critical(self) -> Floats:
        """(k,) how many standard errors the interval goes to each side at each look."""
        return _critical(self)

    @property
    def drift(self) -> float:
        """How many standard errors at the end an effect must be to be found as often as planned."""
        return _drift(self)

    def power_at(self, drift: float) -> float:
        """How often an effect of so many standard errors at the end is found, at whichever look."""
        return float(crossing(self.times.tolist(), self.critical, drift).sum())

    def part_needed(self, drift: float) -> float:
        """The part of the test after which it stops on average, when the first look that finds something ends it."""
        found = crossing(self.times.tolist(), self.critical, drift)
        return float(found @ self.times + (1 - found.sum()))


@dataclass(frozen=True, slots=True)
class Sizes:
    """What a unit brings: its standard deviation ``sd``, and the parts of all units that the two arms get."""

    sd: float
    treated: float = 0.5
    control: float = 0.5

    def __post_init__(self) -> None:
        """Raises :class:`BadSetting` for what is no deviation, and for shares above 1 together."""
        if not (self.sd > 0 and np.isfinite(self.sd)):
            raise BadSetting(f"sd == {self.sd}, must be above 0.", remedy="A metric that does not vary needs no test.")
        if not (self.treated > 0 and self.control > 0 and self.treated + self.control <= 1 + 1e-9):
            raise BadSetting(f"shares {self.treated} and {self.control} must be above 0 and at most 1 together.")

    def se(self, units: float) -> float:
        """The standard error of the difference, with so many units in all arms together."""
        return self.sd * float(np.sqrt((1 / self.treated + 1 / self.control) / units))


def power(effect: float, units: int, sizes: Sizes, rule: Rule) -> float:
    """How often a difference of ``effect``, in the metric's unit, is found with so many units."""
    return rule.power_at(abs(effect) / sizes.se(_some(units)))


def minimum_detectable_effect(units: int, sizes: Sizes, rule: Rule) -> float:
    """The smallest difference that is found as often as planned with so many units."""
    return rule.drift * sizes.se(_some(units))


def sample_size(effect: float, sizes: Sizes, rule: Rule) -> int:
    """Units in all arms together to find a difference as often as planned. Raises :class:`BadSetting` for no effect."""
    if effect == 0 or not np.isfinite(effect):
        raise BadSetting(f"effect == {effect}, must not be 0.", remedy="Say which effect would still be worth knowing.")
    return int(np.ceil((rule.drift * sizes.se(1) / effect) ** 2))


def half_width(units: int, sizes: Sizes, rule: Rule) -> float:
    """How far the interval goes to each side at the end."""
    return float(rule.critical[-1]) * sizes.se(_some(units))


def units_for_width(half: float, sizes: Sizes, rule: Rule) -> int:
    """Units in all arms together until the interval goes at most so far. Raises as :func:`sample_size`."""
    if half <= 0 or not np.isfinite(half):
        raise BadSetting(f"width == {half}, must be above 0.", remedy="Say how exactly it must be known.")
    return int(np.ceil((float(rule.critical[-1]) * sizes.se(1) / half) ** 2))


@lru_cache(maxsize=256)
def _critical(rule: Rule) -> Floats:
    level = 1 - (1 - rule.level) / rule.comparisons
    if rule.method == "fixed":
        return np.array([FixedHorizon(level).critical(0, np.inf)])
    if rule.method == "group":
        return boundaries(rule.times.tolist(), 1 - level)
    # Planned for its end, a sequence is the same at the same part of it, whatever the number of units.
    planned = ConfidenceSequence(level, _MANY)
    return np.array([planned.critical(round(part * _MANY), np.inf) for part in rule.times.tolist()])


@lru_cache(maxsize=256)
def _drift(rule: Rule) -> float:
    return float(brentq(lambda drift: rule.power_at(drift) - rule.power, 0.0, _FARTHEST, xtol=1e-8))


def _some(units: int) -> int:
    if units < 2:
        raise BadSetting(f"units == {units}, must be 2 or more.", remedy="Each arm needs one at least.")
    return units


_MANY = 10**9
_FARTHEST = 30.0  # standard errors: no rule needs as many
