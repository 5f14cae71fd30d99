"""One learner fitted to some customers and judged on the others: what commands and programs are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ml.uplift.boosting import StoppedTrees
from ml.uplift.conventions import Conventions, conventions_of
from ml.uplift.kinds import KindOfCustomer, kinds_found, kinds_of, margin_of
from ml.uplift.leaks import refuse_leaks
from ml.uplift.learners import SLearner, TLearner, UpliftLearner, XLearner
from ml.uplift.nuisance import Expected, Nuisances, effect_scores, fit_nuisances, shared
from ml.uplift.orthogonal import DRLearner, RLearner
from ml.uplift.policy import PolicyValue, policy_value, worth_treating
from ml.uplift.ranking import Ranking, ranking_of
from ml.uplift.sample import Bools, Floats, Rows, Sample
from warehouse.errors import BadSetting

LEARNERS: Final[Mapping[str, type[UpliftLearner]]] = {
    "s": SLearner, "t": TLearner, "x": XLearner, "r": RLearner, "dr": DRLearner,
}  # fmt: skip
_EXPLAINED: Final = 20_000  # customers whose contributions are looked at to say which features matter


@dataclass(frozen=True, slots=True)
class Terms:
    """What one unit of the outcome is worth, what treating a customer costs, and the uplift that makes a kind.

    ``margin`` None means what pays for a treatment, and where that is nothing a tenth of the usual outcome.
    """

    value: float = 1.0
    cost: float = 0.0
    margin: float | None = None


@dataclass(frozen=True, slots=True)
class Driver:
    """A feature: the mean size of what it adds to customers' uplift, and whether more of it goes with more (1 to -1).

    ``direction`` is the rank-free correlation of the feature with its contribution, None where either does not vary.
    """

    feature: str
    contribution: float
    direction: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """A fitted ``learner``, how it was judged on those held out, and of every customer (n,) what it says.

    ``held_out`` are the customers it was not fitted to, ``effects`` their effect scores. ``untreated`` is what a
    customer is expected to do without treatment, ``kind`` one of four, ``treat`` whether treating pays. ``nuisances``
    are what is expected of customers whatever the treatment does, by which others can be told of, too.
    """

    learner: UpliftLearner
    ranking: Ranking
    conventions: Conventions
    policy: PolicyValue
    kinds: tuple[KindOfCustomer, ...]
    drivers: tuple[Driver, ...]
    held_out: Bools
    uplift: Floats
    untreated: Floats
    kind: npt.NDArray[np.str_]
    treat: Bools
    margin: float
    effects: Floats
    nuisances: Nuisances

    @property
    def words(self) -> str:
        """What is proven, in two sentences."""
        return f"{self.ranking.words} {self.policy.words}"


def answer_of(
    sample: Sample,
    learner: str = "dr",
    *,
    terms: Terms | None = None,
    holdout: float = 0.5,
    draws: int = 200,
    level: float = 0.9,
    seed: int = 1,
) -> Answer:
    """Fit a learner by its name to a part of the customers and judge it on ``holdout`` of them.

    Raises as :func:`refuse_leaks`, :meth:`Sample.of`, :func:`ranking_of` and :func:`policy_value`; :class:`BadSetting`
    for an unknown learner or a share that is none.
    """
    if learner not in LEARNERS:
        raise BadSetting(f"There is no learner {learner!r}.", remedy=f"There are: {', '.join(LEARNERS)}.")
    asked = terms or Terms()
    refuse_leaks(sample)
    held_out = split(sample.treated, holdout, seed)
    fitted_to, judged = sample.take(~held_out), sample.take(held_out)
    for part in (fitted_to, judged):
        part.require_enough()
    fitted = LEARNERS[learner](seed=seed).fit_sample(fitted_to)
    nuisances = fitted.nuisances_ if isinstance(fitted, DRLearner) else _nuisances(fitted_to, seed)
    uplift = fitted.predict(sample.features)
    expected = nuisances.expected(sample.features, sample.propensity)
    untreated = expected.outcome - (1 - expected.propensity) * uplift
    effects = effect_scores(judged, _part(expected, held_out))
    margin = margin_of(untreated, value=asked.value, cost=asked.cost) if asked.margin is None else asked.margin
    kind = kinds_of(uplift, untreated, margin)
    treat = worth_treating(uplift, value=asked.value, cost=asked.cost)
    return Answer(
        fitted,
        ranking_of(uplift[held_out], effects, draws=draws, level=level, seed=seed),
        conventions_of(uplift[held_out], judged.outcome, judged.treated),
        policy_value(treat[held_out], effects, value=asked.value, cost=asked.cost, level=level),
        kinds_found(kind[held_out], uplift[held_out], untreated[held_out], effects, level),
        drivers_of(fitted, judged, seed),
        held_out,
        uplift,
        untreated,
        kind,
        treat,
        margin,
        effects,
        nuisances,
    )


def split(treated: Bools, holdout: float, seed: int) -> Bools:
    """(n,) a random share of either arm. Raises :class:`BadSetting` for a share that is none."""
    if not 0 < holdout < 1:
        raise BadSetting(f"holdout == {holdout}, must be above 0 and below 1, such as 0.5.")
    generator = np.random.default_rng(seed)
    out = np.zeros(treated.size, dtype=np.bool_)
    for arm in (treated, ~treated):
        rows: Rows = generator.permutation(np.flatnonzero(arm))
        out[rows[: round(holdout * rows.size)]] = True
    return out


def drivers_of(fitted: UpliftLearner, sample: Sample, seed: int) -> tuple[Driver, ...]:
    """Features by how much they move uplift, over at most 20,000 customers; the strongest first."""
    rows = np.random.default_rng(seed).permutation(sample.size)[:_EXPLAINED]
    table = sample.features[rows]
    shares = fitted.contributions(table)
    found = [
        Driver(
            name, float(np.abs(shares[:, place]).mean()), _direction(table[:, place].astype(float), shares[:, place])
        )
        for place, name in enumerate(sample.names)
    ]
    return tuple(sorted(found, key=lambda driver: (-driver.contribution, driver.feature)))


def _direction(values: Floats, shares: Floats) -> float | None:
    there = ~np.isnan(values)
    if there.sum() < 2 or np.ptp(values[there]) == 0 or np.ptp(shares[there]) == 0:
        return None
    return float(np.corrcoef(values[there], shares[there])[0, 1])


def _nuisances(sample: Sample, seed: int) -> Nuisances:
    model = StoppedTrees(refit=False, seed=seed)
    data = shared(sample.features, model, seed=seed)
    return fit_nuisances(sample, data, model, model, folds=2, seed=seed)[0]


def _part(expected: Expected, rows: Bools) -> Expected:
    return Expected(expected.outcome[rows], expected.propensity[rows])
