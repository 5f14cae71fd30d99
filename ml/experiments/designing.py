"""A design as it is asked for: what is given, and all that follows from it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ml.experiments.contrast import Level
from ml.experiments.information import Stakes, propose
from ml.experiments.posterior import Prior
from ml.experiments.power import Rule, Sizes, half_width, minimum_detectable_effect, power, sample_size
from warehouse.errors import BadSetting, NotEnoughData

WEEK = 7


@dataclass(frozen=True, slots=True)
class Asked:
    """What is given of a design: the ``effect`` as a part of the level, ``units``, or ``days`` with units a day."""

    effect: float | None = None
    units: int | None = None
    days: int | None = None
    units_per_day: float | None = None


@dataclass(frozen=True, slots=True)
class Designed:
    """A test of ``units`` in all arms together.

    It finds ``effect`` (a part of the level; ``difference`` in the metric's unit) in the part ``power`` of tests, its
    intervals go ``half_width`` to each side at the end, and it stops after ``part_needed`` of it on average when it
    stops as soon as it has found the effect. ``days`` where units a day are known.
    """

    units: int
    days: int | None
    effect: float
    difference: float
    half_width: float
    power: float
    part_needed: float
    explained: float
    method: str
    words: str


def designed(base: Level, rule: Rule, arms: int, asked: Asked) -> Designed:
    """What is not given from what is: units from the effect, the effect from units or days, the power from both.

    Days are whole weeks, because days of the week differ. Raises :class:`BadSetting` where nothing, or both units and
    days, are given, :class:`NotEnoughData` where the level is not above zero.
    """
    if base.level <= 0:
        raise NotEnoughData(f"The metric's mean is {base.level:g}.", remedy="An effect is a part of a mean above 0.")
    if (asked.units is not None and asked.days is not None) or (asked.days is not None and not asked.units_per_day):
        raise BadSetting(
            "Days need units a day, and stand in place of units.", remedy="Give --days and --units-per-day."
        )
    sizes = sizes_of(base, arms)
    units, effect, found = _units(asked), asked.effect, rule.power
    if units is None:
        if effect is None:
            raise BadSetting("Nothing is given.", remedy="Give --effect, --units, or --days with --units-per-day.")
        units = _whole_weeks(sample_size(effect * base.level, sizes, rule), asked.units_per_day)
    if effect is None:
        effect = minimum_detectable_effect(units, sizes, rule) / base.level
    else:
        found = power(effect * base.level, units, sizes, rule)
    days = None if asked.units_per_day is None else int(np.ceil(units / asked.units_per_day - 1e-9))
    difference = effect * base.level
    width = half_width(units, sizes, rule)
    part = rule.part_needed(abs(difference) / sizes.se(units))
    lasting = "" if days is None else f", {days} days,"
    words = (
        f"{units:,} units in {arms} arms{lasting} find an effect of {effect:.2%} ({difference:.4g}) in {found:.0%} of "
        f"tests; at the end the difference is known to ±{width:.4g}."
    )
    if rule.method != "fixed":
        words += f" Stopped as soon as it is found, the test needs {part:.0%} of that on average."
    return Designed(units, days, effect, difference, width, found, part, base.explained, rule.method, words)


def proposed(
    base: Level, rule: Rule, arms: int, prior_mean: float, prior_sd: float, stakes: Stakes, *, most: int
) -> dict[str, Any]:
    """The test that pays most for effects that are believed to be so, as parts of the level. Raises as above."""
    if base.level <= 0:
        raise NotEnoughData(f"The metric's mean is {base.level:g}.", remedy="An effect is a part of a mean above 0.")
    prior = Prior(prior_mean * base.level, prior_sd * base.level)
    found = propose(sizes_of(base, arms), prior, stakes, rule, most=most)
    money = {name: f"{amount:f}" for name, amount in asdict(found.worth).items() if name != "units"}
    return {
        "units": found.worth.units,
        "precision": found.precision,
        "detectable": found.detectable,
        **money,
        "net": f"{found.worth.net:f}",
        "words": found.words,
    }


def sizes_of(base: Level, arms: int) -> Sizes:
    """Two of so many arms that are all alike. Raises as :class:`Sizes`."""
    return Sizes(float(np.sqrt(max(base.variance, 0.0))), 1 / arms, 1 / arms)


def _units(asked: Asked) -> int | None:
    if asked.days is not None and asked.units_per_day is not None:
        return round(asked.days * asked.units_per_day)
    return asked.units


def _whole_weeks(units: int, a_day: float | None) -> int:
    return units if a_day is None else round(np.ceil(units / (WEEK * a_day)) * WEEK * a_day)
