"""What moments are of: totals of outcomes over the days of a unit, as they are or capped, and what was before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any, Final, Literal

Part = Literal["value", "before", "unknown", "units"]

UNITS: Final = "(units)"  # how the count of a cluster's units is called
MOST_METRICS: Final = 12  # 24 totals have 300 products
SEVERAL_ARMS: Final = 0  # in place of an arm
SEVERAL_STRATA: Final = "(several)"  # of a cluster whose units are in more than one
NO_STRATUM: Final = "(empty)"


@dataclass(frozen=True, slots=True)
class Total:
    """One number of every unit.

    ``value``: what it did up to a day, each unit's at most ``cap``, which is the quantile ``winsorise`` of what units
    did before, where that was asked; ``before``: what it did before, 0 where that is not known; ``unknown``: 1 where
    it is not known; ``units``: how many units a cluster has.
    """

    outcome: str
    part: Part
    cap: float | None = None
    winsorise: float | None = None

    @property
    def name(self) -> str:
        """What its column is called."""
        if self.part == "value":
            return self.outcome if self.cap is None else f"{self.outcome} up to {self.cap:.6g}"
        return self.outcome if self.part == "units" else f"{self.outcome} {self.part}"


@dataclass(frozen=True, slots=True)
class Layout:
    """What a question of moments asks for.

    ``metrics`` are outcomes of which values are counted, ``centers`` are taken off the totals. A unit is cut by whether
    the outcome ``cut_by`` was above zero before. ``clusters``: moments are of clusters and not of units. ``strata``:
    told apart by stratum.
    """

    metrics: tuple[str, ...]
    totals: tuple[Total, ...]
    centers: tuple[float, ...]
    cut_by: str
    clusters: bool = False
    strata: bool = False


def totals_of(
    metrics: Sequence[str], capped: Iterable[Total] = (), named: Iterable[str] = (), *, clusters: bool = False
) -> tuple[Total, ...]:
    """Every metric, the capped ones, every metric before; and whether what is ``named`` was not known before."""
    found = [
        *(Total(metric, "value") for metric in metrics),
        *capped,
        *(Total(metric, "before") for metric in metrics),
        *(Total(metric, "unknown") for metric in named if metric in metrics),
        *([Total(UNITS, "units")] if clusters else []),
    ]
    return tuple(dict.fromkeys(found))


def pairs(totals: int) -> list[tuple[int, int]]:
    """Which totals each product is of, counted from 0."""
    return list(combinations_with_replacement(range(totals), 2))


def as_rows(totals: Sequence[Total]) -> list[list[Any]]:
    """As they are stored."""
    return [[total.outcome, total.part, total.cap, total.winsorise] for total in totals]


def from_rows(rows: Sequence[Sequence[Any]]) -> tuple[Total, ...]:
    """As they were stored."""
    return tuple(Total(*row) for row in rows)
