"""One pair of families, fitted: joint draws of everything, how far they can be believed, and how well it predicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.mix.baseline import Baseline
from ml.mix.importance import Draws, importance_draws, resampled
from ml.mix.lifts import LiftRows
from ml.mix.loo import leave_one_out
from ml.mix.media import Media
from ml.mix.posterior import Mode, Posterior, mode_of
from ml.mix.saturation import Floats
from ml.mix.scales import Scales, first_scales, learnt_scales

_STARTS: Final = 3  # besides the middle of the prior
_START_SPREAD: Final = 0.7
_OTHER_MODE: Final = 6.0  # height below the highest at which a mode still counts
_APART: Final = 0.5  # between modes that are two


@dataclass(frozen=True, slots=True, eq=False)
class FamilyFit:
    """The posterior of one pair of families by weighted ``draws`` about its ``modes``, at learnt ``scales``.

    ``predicted`` (T,) is the log density of each period given the others.
    """

    posterior: Posterior
    baseline: Baseline
    scales: Scales
    modes: tuple[Mode, ...]
    draws: Draws
    predicted: Floats

    @property
    def name(self) -> str:
        """Both families."""
        media = self.posterior.media
        return f"{media.adstock.name}, {media.saturation.name}"


def fit_family(
    outcome: Floats, media: Media, baseline: Baseline, lifts: LiftRows, *, seed: int, near: FamilyFit | None = None
) -> FamilyFit:
    """Fit one pair of families to an outcome (T,).

    ``near`` is a fit of the same channels that is likely close, of the same adstock or of earlier data: its mode is
    where to begin, and its scales are kept.
    """
    chance = np.random.default_rng(seed)
    variance = float(outcome.var())
    if near is None:
        scales, free = _settle(outcome, media, baseline, lifts, variance)
    else:
        scales, free = near.scales, _carried(near, media)
    posterior = Posterior(outcome, media, scales.block(baseline, variance), lifts)
    others = _START_SPREAD * chance.standard_normal((_STARTS if near is None else 1, media.size))
    modes = _distinct([mode_of(posterior, begin) for begin in (free, *others)])
    draws = importance_draws(posterior.log_density, [(mode.free, mode.covariance) for mode in modes], chance)
    predicted = leave_one_out(posterior, resampled(draws, 500, chance))
    return FamilyFit(posterior, baseline, scales, modes, draws, predicted)


def _settle(
    outcome: Floats, media: Media, baseline: Baseline, lifts: LiftRows, variance: float
) -> tuple[Scales, Floats]:
    """Mode and scales in turn, from the middle of the prior."""
    scales, free = first_scales(), np.zeros(media.size)
    for _ in range(2):
        posterior = Posterior(outcome, media, scales.block(baseline, variance), lifts)
        free = mode_of(posterior, free).free
        rest = posterior.rest(media.contributions(free[:, None]))
        scales = learnt_scales(baseline, rest, variance, scales)
    return scales, free


def _carried(near: FamilyFit, media: Media) -> Floats:
    """The mode of another fit in the parameters of this one: those that both have, by channel."""
    other, found = near.posterior.media, np.zeros(media.size)
    mode = near.modes[0].free
    found[0] = mode[0]
    if other.adstock is not media.adstock:
        return found
    both = min(media.each, other.each)
    for place, name in enumerate(media.names):
        if name in other.names:
            found[media.own(place)][:both] = mode[other.own(other.names.index(name))][:both]
    return found


def _distinct(found: Sequence[Mode]) -> tuple[Mode, ...]:
    """The highest mode, and others that count beside it."""
    kept: list[Mode] = []
    for mode in sorted(found, key=lambda mode: -mode.height):
        if mode.height < found[0].height - _OTHER_MODE and kept:
            continue
        if all(np.linalg.norm(mode.free - other.free) > _APART for other in kept):
            kept.append(mode)
    return tuple(mode for mode in kept if mode.height > kept[0].height - _OTHER_MODE)
