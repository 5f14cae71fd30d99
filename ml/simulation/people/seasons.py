"""What surrounds people, day by day: the year, the week, holidays, promotions, prices, shortages, broken tracking.

Every day follows from the configuration and its number alone, so a world that runs longer has the same beginning.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from math import exp

import holidays
import numpy as np
import polars as pl
from numpy.typing import NDArray

from ml.simulation.people.chance import of_the_day
from ml.simulation.people.presets import WorldConfig
from ml.simulation.people.records import CONTROLS


@dataclass(frozen=True, slots=True)
class Surroundings:
    """One day. ``demand`` multiplies how often needs arise, ``regional`` the same by region (mean about 1)."""

    day: date
    demand: float
    regional: NDArray[np.float32]
    pressure: float  # of auctions: what competing bids are worth, in logarithms
    price_index: float
    promotion: float  # the discount, 0 to 1
    in_stock: float
    holiday: str | None
    tracking: bool


class Seasons:
    """The days of a world, any number of them."""

    def __init__(self, config: WorldConfig, regions: int) -> None:
        self._config, self._regions = config, regions
        self._mood: list[float] = []  # demand's slow wandering, by day
        self._local: list[NDArray[np.float64]] = []
        self._known: dict[int, Surroundings] = {}

    def __getitem__(self, number: int) -> Surroundings:
        if number not in self._known:
            self._known[number] = self._surroundings(number)
        return self._known[number]

    def _surroundings(self, number: int) -> Surroundings:
        config, temper = self._config, self._config.temper
        self._wander(number)
        day = config.first_day + timedelta(days=number)
        share = number / config.days
        promotion = _promotion(day) if temper.events else 0.0
        holiday = _holidays(day.year).get(day)
        year = 1.0 + temper.season * _year(day)
        week = (_BUSINESS_WEEK if temper.business else _WEEK)[day.weekday()]
        trend = 1.08 ** (number / 365.0)
        demand = max(year, 0.15) * week * trend * (0.85 if holiday else 1.0) * (1.0 + 1.1 * promotion)
        outage = config.days * 11 // 20
        return Surroundings(
            day=day,
            demand=demand * exp(temper.unrest * self._mood[number]),
            regional=np.exp(temper.unrest * self._local[number]).astype(np.float32),
            pressure=0.5 * temper.season * _year(day) + 0.4 * promotion,
            price_index=_price(share) if temper.events else 1.0,
            promotion=promotion,
            in_stock=0.6 if temper.events and _SHORTAGE[0] <= share < _SHORTAGE[1] else 1.0,
            holiday=holiday,
            tracking=not outage <= number < outage + temper.outage_days,
        )

    def _wander(self, number: int) -> None:
        """Demand's mood of every day up to this one: yesterday's lasts, a shock comes on top."""
        for day in range(len(self._mood), number + 1):
            rng = of_the_day(self._config.seed, day, 1)
            mood, local = (self._mood[-1], self._local[-1]) if day else (0.0, np.zeros(self._regions))
            self._mood.append(0.93 * mood + 0.035 * float(rng.standard_normal()))
            self._local.append(0.9 * local + 0.03 * rng.standard_normal(self._regions))


def controls(around: Surroundings) -> pl.DataFrame:
    """One row (``CONTROLS``)."""
    return pl.DataFrame(
        {
            "date": [around.day],
            "price_index": [around.price_index],
            "promotion": [around.promotion],
            "holiday": [around.holiday],
            "in_stock": [around.in_stock],
            "tracking": [around.tracking],
        },
        schema=dict(CONTROLS),
    )


_WEEK = (1.05, 1.02, 1.00, 0.98, 0.93, 0.95, 1.07)  # Monday first
_BUSINESS_WEEK = (1.22, 1.26, 1.24, 1.16, 0.96, 0.36, 0.40)
_SHORTAGE = (0.60, 0.62)  # shares of the period
_PRICES = ((0.0, 1.0), (0.45, 1.06), (0.8, 1.03))  # from which share of the period on


def _price(share: float) -> float:
    return [index for since, index in _PRICES if since <= share][-1]


def _year(day: date) -> float:
    """Demand of the day above or below an ordinary one: the winter peak, a busy May, quiet February and August."""
    number = day.timetuple().tm_yday
    peaks = ((335, 20, 0.55), (145, 28, 0.15), (40, 24, -0.15), (216, 24, -0.12))
    return sum(
        height * exp(-((min(abs(number - centre), 365 - abs(number - centre)) / width) ** 2))
        for centre, width, height in peaks
    )


def _promotion(day: date) -> float:
    """20 % from Black Friday's Monday to Cyber Monday, 15 % on 10 to 19 June, 10 % on 12 to 16 March."""
    november = date(day.year, 11, 1)
    friday = november + timedelta(days=(3 - november.weekday()) % 7 + 22)
    if friday - timedelta(days=4) <= day <= friday + timedelta(days=3):
        return 0.20
    if day.month == 6 and 10 <= day.day <= 19:
        return 0.15
    if day.month == 3 and 12 <= day.day <= 16:
        return 0.10
    return 0.0


@cache
def _holidays(year: int) -> dict[date, str]:
    return dict(holidays.country_holidays("US", years=year).items())
