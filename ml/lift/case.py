"""What a method is given: the treated markets, the markets that may stand for them, and where treatment began."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ml.lift.panel import Floats, Panel, Places, Time
from warehouse.errors import BadSetting, NotEnoughData

FEWEST_BEFORE: Final = 8  # periods, without which no path can be matched
_SAME: Final = 1e-9  # of a series' own scatter: nothing but rounding


@dataclass(frozen=True, slots=True)
class Treatment:
    """The markets ``treated`` from ``first`` to ``last`` (the end of the panel, if it is not said).

    ``excluded`` markets do not stand for the treated ones: they had something else, or were touched too.
    """

    treated: tuple[str, ...]
    first: Time
    last: Time | None = None
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """Outcomes of treated markets (k, T) and of donors (J, T); treatment begins after ``before`` periods.

    ``treated_traits`` (K,) and ``donor_traits`` (J, K) are what :mod:`ml.lift.predictors` matches; they have no columns
    where a method matches paths alone.
    """

    units: tuple[str, ...]
    donor_units: tuple[str, ...]
    times: tuple[Time, ...]
    treated: Floats
    donors: Floats
    before: int
    treated_traits: Floats
    donor_traits: Floats

    @property
    def outcome(self) -> Floats:
        """(T,) the mean of the treated markets, which is handled as one series."""
        mean: Floats = self.treated.mean(axis=0)
        return mean

    @property
    def periods(self) -> int:
        """T, with and without treatment."""
        return int(self.treated.shape[1])

    @property
    def after(self) -> int:
        """Periods with treatment."""
        return self.periods - self.before

    def instead(self, chosen: Places) -> Case:
        """The same with donors ``chosen`` taken for treated, and only the other donors to stand for them."""
        others = np.ones(len(self.donors), dtype=np.bool_)
        others[chosen] = False
        return replace(
            self,
            units=tuple(self.donor_units[place] for place in chosen),
            donor_units=tuple(name for name, other in zip(self.donor_units, others, strict=True) if other),
            treated=self.donors[chosen],
            donors=self.donors[others],
            treated_traits=self.donor_traits[chosen].mean(axis=0),
            donor_traits=self.donor_traits[others],
        )

    def without(self, donor: int) -> Case:
        """The same without one donor."""
        return replace(
            self,
            donor_units=self.donor_units[:donor] + self.donor_units[donor + 1 :],
            donors=np.delete(self.donors, donor, axis=0),
            donor_traits=np.delete(self.donor_traits, donor, axis=0),
        )

    def earlier(self, before: int, after: int) -> Case:
        """The same as if treatment had begun after ``before`` periods and been looked at for ``after``."""
        end = before + after
        return replace(
            self, times=self.times[:end], treated=self.treated[:, :end], donors=self.donors[:, :end], before=before
        )


def case_of(panel: Panel, treatment: Treatment, *, needs_donors: bool = True) -> Case:
    """Part the panel for a treatment.

    Raises :class:`BadSetting` for markets and days that the panel does not have, :class:`NotEnoughData` where too few
    markets or periods are left, or a series does not move.
    """
    if not treatment.treated:
        raise BadSetting("No treated market is named.", remedy="Name at least one.")
    for names in (treatment.treated, treatment.excluded):
        if len(set(names)) != len(names):
            raise BadSetting("A market is named twice.", remedy="Name each market once.")
    treated, excluded = panel.places(treatment.treated), panel.places(treatment.excluded)
    if np.isin(treated, excluded).any():
        raise BadSetting("A treated market is also excluded.", remedy="Name it in one of the two.")
    before, end = _window(panel, treatment)
    donors = np.setdiff1d(np.arange(len(panel.units)), np.concatenate([treated, excluded]))
    if needs_donors:
        _require_donors(panel, donors, len(treated))
    case = Case(
        treatment.treated,
        tuple(panel.units[place] for place in donors),
        panel.times[:end],
        panel.values[treated, :end],
        panel.values[donors, :end],
        before,
        np.zeros(0),
        np.zeros((len(donors), 0)),
    )
    _require_movement(case)
    return case


def _window(panel: Panel, treatment: Treatment) -> tuple[int, int]:
    """How many periods there are before treatment, and up to its end."""
    first, last = panel.times[0], panel.times[-1]
    before = panel.place(treatment.first)
    if before == len(panel.times) or before == 0:
        raise BadSetting(
            f"Treatment starts at {treatment.first}, and the panel goes from {first} to {last}.",
            remedy=f"It must start after {first}, and no later than {last}.",
        )
    end = len(panel.times)
    if treatment.last is not None:
        reached = panel.place(treatment.last)
        end = min(reached + 1, end) if reached < end and panel.times[reached] == treatment.last else reached
        if end <= before:
            raise BadSetting(
                f"Treatment ends at {treatment.last}, before it starts at {treatment.first}.",
                remedy="Give the last day with treatment, at or after the first.",
            )
    if before < FEWEST_BEFORE:
        raise NotEnoughData(
            f"There are {before} periods before {treatment.first}, and {FEWEST_BEFORE} are the fewest that tell "
            "which markets move alike.",
            remedy="Give a longer history, best three times as long as the treatment or more.",
        )
    return before, end


def _require_donors(panel: Panel, donors: Places, treated: int) -> None:
    if len(panel.units) == 1:
        raise NotEnoughData(
            f"{panel.units[0]} is the only market of this panel, so nothing can stand for it.",
            remedy="Give markets without treatment, or use the method its.",
        )
    if len(donors) == 0:
        raise NotEnoughData(
            f"All {treated} markets that are not excluded are treated, so nothing can stand for them.",
            remedy="Give markets without treatment, or use the method its.",
        )
    if len(donors) == 1:
        raise NotEnoughData(
            f"Only {panel.units[donors[0]]} is without treatment, and one market cannot tell luck from an effect.",
            remedy="Give more markets without treatment, or use the method its.",
        )


def _require_movement(case: Case) -> None:
    earlier = case.outcome[: case.before]
    if np.ptp(earlier) <= _SAME * max(abs(float(earlier.mean())), 1e-300):
        raise NotEnoughData(
            f"The outcome of {_named(case.units)} is {earlier[0]:g} in every period before treatment, so there is no "
            "path to match.",
            remedy="Check what was exported, or take an outcome that moves.",
        )


def require_difference(case: Case, gap: Floats) -> None:
    """Raise :class:`NotEnoughData` where what stands for the treated is a copy of it: ``gap`` (before,) is nothing."""
    scatter = float(np.std(case.outcome[: case.before]))
    if float(np.sqrt((gap**2).mean())) <= _SAME * max(scatter, 1e-300):
        raise NotEnoughData(
            f"Before treatment the other markets copy {_named(case.units)} without any error, so nothing tells how far "
            "chance goes.",
            remedy="Check for a market that stands under two names, or for more markets than periods.",
        )


def _named(units: Sequence[str]) -> str:
    return " and ".join(units) if len(units) < 3 else f"the {len(units)} treated markets"
