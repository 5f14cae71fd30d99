"""Everything that is told of a mix: results, what experiments changed, and how far it can be believed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ml.mix.experiments import ExperimentEffect, experiment_effects
from ml.mix.inputs import MixInput
from ml.mix.lifts import Lift
from ml.mix.mix import ALL_FAMILIES, DRAWS, Families, fit_mix
from ml.mix.prior import Return
from ml.mix.results import BaselineResult, ChannelResult, baseline_result, channel_results
from ml.mix.trust.card import TrustCard, trust_of


@dataclass(frozen=True, slots=True)
class FamilyWeight:
    """A pair of families, and its part in the answer."""

    name: str
    weight: float


@dataclass(frozen=True, slots=True)
class Line:
    """A channel as it is printed: numbers with their intervals."""

    channel: str
    contribution: str
    roi: str
    marginal_roi: str
    half_life: str


@dataclass(frozen=True, slots=True)
class MixAnswer:
    """What is told of a mix from its ``first`` to its ``last`` period."""

    first: dt.date
    last: dt.date
    channels: tuple[ChannelResult, ...]
    baseline: BaselineResult
    families: tuple[FamilyWeight, ...]
    experiments: tuple[ExperimentEffect, ...]
    trust: TrustCard


def mix_answer(
    told: MixInput,
    *,
    lifts: Sequence[Lift] = (),
    returns: Mapping[str, Return] = MappingProxyType({}),
    families: Families = ALL_FAMILIES,
    draws: int = DRAWS,
    seed: int = 1,
) -> MixAnswer:
    """Fit, with the experiments and, to show what they changed, without them. Raises as :func:`fit_mix`."""
    fit = fit_mix(told, lifts=lifts, returns=returns, families=families, draws=draws, seed=seed)
    without = fit_mix(told, returns=returns, families=families, draws=draws, seed=seed) if lifts else fit
    experiments = experiment_effects(fit, without)
    weights = zip(fit.families, fit.weights, strict=True)
    return MixAnswer(
        told.periods[0],
        told.periods[-1],
        channel_results(fit),
        baseline_result(fit),
        tuple(FamilyWeight(family.name, float(weight)) for family, weight in weights),
        experiments,
        trust_of(fit, experiments),
    )
