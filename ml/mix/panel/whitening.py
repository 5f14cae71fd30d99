"""What markets have in common taken out of them: baselines, shocks that all feel, and noise of each one's size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.mix.baseline import baseline_of
from ml.mix.collapsed import Collapsed
from ml.mix.inputs import MixInput
from ml.mix.saturation import Floats
from ml.mix.scales import Scales, first_scales, learnt_scales

_LARGEST: Final = 40  # markets from which scales are learnt


@dataclass(frozen=True, slots=True, eq=False)
class Whitening:
    """Series (G, T, M) of markets, made such that noise is alike and apart.

    Along time the ``block`` shrinks trend and season out of each market. Across markets a shock that all feel is taken
    out in part (``common``, the transform of Fuller and Battese 1974), and each is divided by the spread of its own
    noise (G,). ``held`` (Q, K) is an orthonormal basis of controls, whose effects are the same in all markets.
    """

    block: Collapsed
    spread: Floats
    common: float
    held: Floats

    def __call__(self, series: Floats) -> Floats:
        """Whiten (G, T, M)."""
        white = self._rows(series)
        if not self.held.size:
            return white
        flat = white.reshape(-1, white.shape[2])
        return np.asarray((flat - self.held @ (self.held.T @ flat)).reshape(white.shape))

    def _rows(self, series: Floats) -> Floats:
        markets, periods, draws = series.shape
        scaled = series / self.spread[:, None, None]
        scaled = scaled - self.common * scaled.mean(axis=0)
        wide = scaled.transpose(1, 0, 2).reshape(periods, markets * draws)
        return self.block.whiten(wide).reshape(periods, markets, draws).transpose(1, 0, 2)


def whitening_of(told: MixInput, rest: Floats, controls: Floats) -> tuple[Whitening, Scales]:
    """Learn it from what is left of the outcome of markets (G, T), with ``controls`` (K, G, T).

    ``told`` are all markets together, for the calendar; its controls are not looked at.
    """
    calendar = baseline_of(MixInput(told.periods, told.outcome, told.channels))
    spread = rest.std(axis=1)
    for _ in range(2):
        scaled = rest / spread[:, None]
        scales = learnt_scales(calendar, scaled.T[:, :_LARGEST], 1.0, first_scales())
        block = scales.block(calendar, 1.0)
        white = block.whiten(scaled.T).T
        free = max(rest.shape[1] - np.count_nonzero(block.kept < 0.5), 1)
        spread = spread * np.sqrt((white**2).sum(axis=1) / free)
    scaled = block.whiten((rest / spread[:, None]).T).T
    markets = len(rest)
    excess = max(float(scaled.mean(axis=0).var() * markets - 1.0), 0.0)
    common = 1.0 - 1.0 / np.sqrt(1.0 + excess)
    bare = Whitening(block, spread, common, np.zeros((0, 0)))
    if not len(controls):
        return bare, scales
    moved = bare(np.moveaxis(controls - controls.mean(axis=2, keepdims=True), 0, 2))
    basis, _ = np.linalg.qr(moved.reshape(-1, len(controls)))
    return Whitening(block, spread, common, basis), scales
