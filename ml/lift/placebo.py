"""Placebo inference: what a method finds in markets that had no treatment."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import stdtr, stdtrit

from ml.lift.case import Case
from ml.lift.panel import Floats, Places
from ml.lift.results import Estimate, Inference
from ml.lift.synthetic import Counterfactual, Estimator, root_mean_square
from warehouse.errors import NotEnoughData

MOST: Final = 100  # groups of markets that are tried
FEWEST_FOR_VARIANCE: Final = 5
_ROUNDING: Final = 1 - 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Placebos:
    """Gaps (P, T) between groups of donors and what the method made of the other donors; ``before`` treatment began."""

    gaps: Floats
    before: int

    @property
    def atts(self) -> Floats:
        """(P,) effects that were found where there is none."""
        mean: Floats = self.gaps[:, self.before :].mean(axis=1)
        return mean

    @property
    def rmspes(self) -> Floats:
        """(P,) root mean squared errors before treatment."""
        errors: Floats = np.sqrt((self.gaps[:, : self.before] ** 2).mean(axis=1))
        return errors


def placebos_of(case: Case, estimator: Estimator, *, seed: int = 1) -> Placebos:
    """Take as many donors for treated as are treated, every one or 100 groups at random, and fit each."""
    fitted = []
    for chosen in _groups(len(case.donors), len(case.treated), seed):
        placebo = case.instead(chosen)
        fitted.append(placebo.outcome - estimator.fit(placebo).series)
    if not fitted:
        raise NotEnoughData(
            f"{len(case.donors)} markets without treatment cannot stand for {len(case.treated)} in a placebo test.",
            remedy="Give more markets without treatment, or use the inference conformal.",
        )
    return Placebos(np.array(fitted), case.before)


def placebo_inference(case: Case, found: Counterfactual, placebos: Placebos, level: float) -> Inference:
    """Rank the effect among those of placebos, each as a multiple of its error before treatment.

    Abadie, Diamond and Hainmueller 2010, sec. 3.4, with the ratio of means, which can be inverted to an interval:
    effects that could not be told from a placebo's. It holds where which market was treated has nothing to do with how
    well it is matched. Raises :class:`NotEnoughData` where there are too few placebos for the level.
    """
    gap = case.outcome - found.series
    error = root_mean_square(gap[: case.before])
    rank = math.ceil((len(placebos.gaps) + 1) * level)
    if rank > len(placebos.gaps):
        raise NotEnoughData(
            f"{len(placebos.gaps)} placebos cannot tell an interval of {level:.0%}.",
            remedy=f"It takes {fewest_placebos(level)}: give more markets or a lower level, or take conformal.",
        )
    floor = 1e-9 * float(placebos.rmspes.max())
    errors = np.maximum(placebos.rmspes, max(floor, 1e-300))
    ratios = np.sort(np.abs(placebos.atts) / errors)
    att = float(gap[case.before :].mean())
    half = float(ratios[rank - 1]) * error
    p_value = (1 + int(np.count_nonzero(ratios >= abs(att) / error * _ROUNDING))) / (len(ratios) + 1)
    by_period = np.sort(np.abs(placebos.gaps) / errors[:, None], axis=0)[rank - 1] * error
    return Inference("placebo", Estimate(att, att - half, att + half), p_value, by_period)


def placebo_variance(case: Case, found: Counterfactual, placebos: Placebos, level: float) -> Inference:
    """An interval with the standard deviation of placebo effects (Arkhangelsky et al. 2021, algorithm 4).

    It holds where treated markets scatter as the others do. Raises :class:`NotEnoughData` for fewer than five placebos.
    """
    count = len(placebos.gaps)
    if count < FEWEST_FOR_VARIANCE:
        raise NotEnoughData(
            f"{count} placebos do not tell how far chance goes.",
            remedy=f"Give {FEWEST_FOR_VARIANCE + 1 - count} more markets without treatment, or take synthetic.",
        )
    att = float((case.outcome - found.series)[case.before :].mean())
    errors = placebos.gaps.std(axis=0, ddof=1)
    return t_inference("placebo variance", att, float(placebos.atts.std(ddof=1)), errors, count - 1, level)


def t_inference(name: str, att: float, se: float, errors: Floats, df: int, level: float) -> Inference:
    """Two-sided, from a standard error of ``df`` degrees of freedom, with ``errors`` (T,) of single periods."""
    reach = float(-stdtrit(df, (1 - level) / 2))
    if not se > 0:
        raise NotEnoughData("The other markets do not scatter at all, so nothing tells how far chance goes.")
    p_value = 2 * float(stdtr(df, -abs(att) / se))
    return Inference(name, Estimate(att, att - reach * se, att + reach * se), p_value, reach * errors)


def fewest_placebos(level: float) -> int:
    """Placebos without which no interval of this level is finite."""
    return math.ceil(round(level / (1 - level), 9))


def rmspe_rank(case: Case, found: Counterfactual, placebos: Placebos) -> tuple[int, int]:
    """The place of the treated by how much its error grew with treatment, and among how many."""
    gap = case.outcome - found.series
    grown = root_mean_square(gap[case.before :]) / root_mean_square(gap[: case.before])
    others = np.sqrt((placebos.gaps[:, case.before :] ** 2).mean(axis=1)) / np.maximum(placebos.rmspes, 1e-300)
    return 1 + int(np.count_nonzero(others > grown)), len(others) + 1


def _groups(donors: int, size: int, seed: int) -> list[Places]:
    """Groups of ``size`` of the donors that leave at least two others: all single ones, else distinct random ones."""
    if donors - size < 2:
        return []
    generator = np.random.default_rng(seed)
    if size == 1:
        singles = np.arange(donors) if donors <= MOST else np.sort(generator.permutation(donors)[:MOST])
        return [np.array([place]) for place in singles]
    most = min(MOST, math.comb(donors, size))
    groups: dict[tuple[int, ...], Places] = {}
    for _ in range(20 * most):
        chosen = np.sort(generator.permutation(donors)[:size])
        groups.setdefault(tuple(chosen.tolist()), chosen)
        if len(groups) == most:
            break
    return list(groups.values())
