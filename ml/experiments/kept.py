"""Kept moments, which add up over days, as an analysis takes them: of totals up to a day, by arm, cut and stratum."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.experiments.contrast import Strata
from ml.experiments.moments import Floats, Moments
from warehouse.experiments.totals import UNITS, Total, pairs
from warehouse.queries.experiment_moments import NO_DAY, KeptMoments

Group = tuple[str, str, str]  # arm, cut and stratum


@dataclass(frozen=True, slots=True, eq=False)
class UpTo:
    """What was known up to a day: moments by arm, cut and stratum, and how many units have a value of each metric."""

    date: dt.date
    moments: Mapping[Group, Moments]
    known: Mapping[Group, NDArray[np.int64]]

    def by_arm(self, cut: str | None = None) -> dict[str, Moments]:
        """Moments of each arm, over all cuts or of one."""
        found: dict[str, Moments] = {}
        for (arm, of, _), moments in self.moments.items():
            if cut is None or of == cut:
                found[arm] = found[arm] + moments if arm in found else moments
        return found

    def strata_by_arm(self, cut: str | None = None) -> dict[str, Strata]:
        """The same by stratum, of which every arm has all, in the same order."""
        arms = self.by_arm(cut)
        names = sorted({stratum for _, of, stratum in self.moments if cut is None or of == cut})
        found: dict[tuple[str, str], Moments] = {}
        for (arm, of, stratum), moments in self.moments.items():
            if cut is None or of == cut:
                found[arm, stratum] = found[arm, stratum] + moments if (arm, stratum) in found else moments
        return {
            arm: tuple(found.get((arm, name), Moments.none(whole.columns)) for name in names)
            for arm, whole in arms.items()
        }

    def known_by_arm(self, place: int) -> dict[str, int]:
        """Units of each arm with a value of the metric in that place."""
        found: dict[str, int] = defaultdict(int)
        for (arm, _, _), known in self.known.items():
            found[arm] += int(known[place])
        return dict(found)

    @property
    def cuts(self) -> list[str]:
        """The parts that units fall into."""
        return sorted({cut for _, cut, _ in self.moments})


def units_in(moments: Moments) -> int:
    """How many units moments are of, also where they are of clusters."""
    return round(moments.n * moments.mean(UNITS)) if UNITS in moments.columns else moments.n


def before(metric: str) -> str:
    """The column of what a metric was before the experiment."""
    return Total(metric, "before").name


def days_of(kept: KeptMoments) -> Iterator[UpTo]:
    """What was known up to each day on which something was added, oldest first; at least the last one, if any."""
    columns, centers = tuple(total.name for total in kept.totals), np.array(kept.centers)
    sums: dict[Group, Floats] = {}
    known: dict[Group, NDArray[np.int64]] = {}
    dated = [row for row in kept.rows if row.arm_id is not None]
    for place, row in enumerate(dated):
        group = (row.arm_id or "", row.cut, row.stratum)
        added = np.concatenate([[row.units], row.sums, row.products])
        sums[group] = sums[group] + added if group in sums else added
        counted = np.array(row.known, dtype=np.int64)
        known[group] = known[group] + counted if group in known else counted
        if place + 1 == len(dated) or (dated[place + 1].date != row.date and row.date != NO_DAY):
            moments = {one: _moments(total, columns, centers) for one, total in sums.items()}
            yield UpTo(row.date, moments, dict(known))


def crossed(kept: KeptMoments) -> int:
    """Units in several arms."""
    return sum(row.units for row in kept.rows if row.arm_id is None)


def entered_by_day(kept: KeptMoments) -> tuple[list[dt.date], dict[str, NDArray[np.int64]]]:
    """All days from the first to the last on which units came in, and how many did, by arm; none without days."""
    counts: dict[tuple[str, dt.date], int] = defaultdict(int)
    for row in kept.rows:
        if row.arm_id is not None and row.date != NO_DAY and row.units:
            counts[row.arm_id, row.date] += row.units
    if not counts:
        return [], {}
    first, last = min(day for _, day in counts), max(day for _, day in counts)
    days = [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
    arms = sorted({arm for arm, _ in counts})
    return days, {arm: np.array([counts[arm, day] for day in days], dtype=np.int64) for arm in arms}


def _moments(total: Floats, columns: tuple[str, ...], centers: Floats) -> Moments:
    """Moments around the mean from sums around the centers (the centers being near the mean, nothing is lost)."""
    size = len(columns)
    n, sums, flat = round(float(total[0])), total[1 : 1 + size], total[1 + size :]
    if not n:
        return Moments.none(columns)
    products = np.zeros((size, size))
    for (one, other), product in zip(pairs(size), flat, strict=True):
        products[one, other] = products[other, one] = product
    products -= np.outer(sums, sums) / n
    diagonal = np.maximum(products.diagonal(), 0.0)
    np.fill_diagonal(products, diagonal)
    return Moments(columns, n, centers + sums / n, products)
