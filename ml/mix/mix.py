"""The mix model: from what was spent and what came, to joint draws of what each channel brought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from threadpoolctl import threadpool_limits

from ml.mix.adstock import ADSTOCKS, Adstock
from ml.mix.baseline import Baseline, baseline_of, demand_part
from ml.mix.family import FamilyFit, fit_family
from ml.mix.importance import resampled
from ml.mix.inputs import MixInput
from ml.mix.lifts import Lift, lift_rows
from ml.mix.loo import stacking_weights
from ml.mix.media import Media, media_of
from ml.mix.prior import Prior, Return, prior_of
from ml.mix.saturation import SATURATIONS, Floats, Saturation
from warehouse.errors import BadSetting

Families = tuple[tuple[str, str], ...]
ALL_FAMILIES: Final[Families] = tuple((adstock, saturation) for adstock in ADSTOCKS for saturation in SATURATIONS)
DRAWS: Final = 1000


@dataclass(frozen=True, slots=True, eq=False)
class FamilyDraws:
    """Joint draws of one pair of families.

    They are ``free`` parameters (P, S), the variance of the ``noise`` (S,), and ``coefficients`` (K, S) of the linear
    block.
    """

    media: Media
    free: Floats
    noise: Floats
    coefficients: Floats


@dataclass(frozen=True, slots=True, eq=False)
class MixFit:
    """A fitted mix: ``families`` with their stacking ``weights``, and equally weighted joint draws of the mixture.

    ``drawn`` holds those draws by family, in proportion to the weights; ``contributions`` (C, T, S) and the parts of
    the ``baseline`` (B, T, S) are of the same draws in the same order, so that sums over them have honest intervals.
    """

    told: MixInput
    lifts: tuple[Lift, ...]
    prior: Prior
    families: tuple[FamilyFit, ...]
    weights: Floats
    drawn: tuple[FamilyDraws, ...]
    contributions: Floats
    baseline: Mapping[str, Floats]

    @property
    def best(self) -> FamilyFit:
        """The pair of families with the largest weight."""
        return self.families[int(np.argmax(self.weights))]

    @property
    def totals(self) -> Floats:
        """What each channel brought over the data (C, S)."""
        return np.asarray(self.contributions.sum(axis=1))

    @property
    def base(self) -> Floats:
        """What would have come without advertising (T, S)."""
        return np.asarray(sum(self.baseline.values()))


def fit_mix(
    told: MixInput,
    *,
    lifts: Sequence[Lift] = (),
    returns: Mapping[str, Return] = MappingProxyType({}),
    families: Families = ALL_FAMILIES,
    earlier: MixFit | None = None,
    draws: int = DRAWS,
    seed: int = 1,
) -> MixFit:
    """Fit every pair of families, weigh them by how well they predict, and draw from their mixture.

    ``lifts`` are experiments, ``returns`` stated priors of return on spend by channel. With an ``earlier`` fit, of
    fewer or other periods, the search begins where that ended, and its scales are kept. The same seed gives the same
    draws.
    Raises :class:`BadSetting` for families, lifts or returns that do not fit the input.
    """
    with threadpool_limits(1):  # matrices are small: threads that wait for one another cost more than they bring
        return _fitted(told, tuple(lifts), returns, families, earlier, draws, seed)


def _fitted(
    told: MixInput, lifts: tuple[Lift, ...], returns: Mapping[str, Return], families: Families, earlier: MixFit | None,
    draws: int, seed: int,
) -> MixFit:  # fmt: skip
    prior, baseline, rows = prior_of(told, returns), baseline_of(told), lift_rows(told, lifts)
    if earlier is not None:
        prior = prior.anchored(
            {c.name: u for c, u in zip(earlier.told.channels, earlier.prior.usual, strict=True)}, told
        )
    fitted: list[FamilyFit] = []
    for pair in families:
        media = media_of(told, *named_families(pair), prior)
        near = _near(media, (*fitted, *(earlier.families if earlier else ())), earlier is not None)
        fitted.append(fit_family(told.outcome, media, baseline, rows, seed=seed, near=near))
    weights = stacking_weights([fit.predicted for fit in fitted], [fit.draws.log_evidence for fit in fitted])
    return _mixture(told, lifts, prior, tuple(fitted), weights, draws, seed)


def _mixture(
    told: MixInput, lifts: tuple[Lift, ...], prior: Prior, fitted: tuple[FamilyFit, ...], weights: Floats, draws: int,
    seed: int,
) -> MixFit:  # fmt: skip
    """Draw from fitted families in proportion to their weights."""
    chance = np.random.default_rng(seed)
    drawn, contributions, baselines = [], [], []
    for fit, count in zip(fitted, _shares(weights, draws), strict=True):
        if not count:
            continue
        free = resampled(fit.draws, count, chance)
        media, block = fit.posterior.media, fit.posterior.block
        brought = media.contributions(free)
        rest = fit.posterior.rest(brought)
        noise = block.noise_variances(rest, chance)
        drawn.append(FamilyDraws(media, free, noise, block.coefficients(rest, noise, chance)))
        contributions.append(brought)
        baselines.append(_parts(fit.baseline, drawn[-1].coefficients, media, brought))
    parts = {part: np.hstack([found[part] for found in baselines]) for part in baselines[0]}
    return MixFit(
        told,
        lifts,
        prior,
        fitted,
        weights,
        tuple(drawn),
        np.concatenate(contributions, axis=2),
        MappingProxyType(parts),
    )


def named_families(pair: tuple[str, str]) -> tuple[Adstock, Saturation]:
    adstock, saturation = pair
    if adstock not in ADSTOCKS or saturation not in SATURATIONS:
        raise BadSetting(
            f"There is no family {adstock}, {saturation}.",
            remedy=f"Adstock is {', '.join(ADSTOCKS)}; saturation is {', '.join(SATURATIONS)}.",
        )
    return ADSTOCKS[adstock], SATURATIONS[saturation]


def _near(media: Media, fits: Sequence[FamilyFit], earlier: bool) -> FamilyFit | None:
    """The fit to begin from: the same pair of an earlier fit, else the first of the same adstock."""
    alike = [fit for fit in fits if fit.posterior.media.adstock is media.adstock]
    same = [fit for fit in alike if earlier and fit.posterior.media.saturation is media.saturation]
    return next(iter((*same, *alike)), None)


def _shares(weights: Floats, draws: int) -> list[int]:
    """How many of the draws each family has: proportional, and exactly that many in all."""
    ends = np.round(np.cumsum(weights) * draws).astype(int)
    return [int(count) for count in np.diff(ends, prepend=0)]


def _parts(baseline: Baseline, coefficients: Floats, media: Media, brought: Floats) -> dict[str, Floats]:
    """What each part of the linear block makes up in each period (T, S).

    What moves with spend that demand leads is the effect and the demand together; the effect is taken out of it.
    """
    parts = {
        part: baseline.columns[:, place] @ coefficients[place]
        for part in dict.fromkeys(baseline.parts)
        for place in [np.flatnonzero(np.array(baseline.parts) == part)]
    }
    for name, led, series in zip(media.names, media.led, brought, strict=True):
        if led:
            parts[demand_part(name)] -= series
    return parts
