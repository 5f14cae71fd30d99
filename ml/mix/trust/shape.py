"""Whether the answer hangs on what the curve does where no spend was seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from ml.mix.mix import MixFit
from ml.mix.trust.finding import Finding

_STEEP: Final = "michaelis_menten"  # rises most steeply from nothing
_FLAT: Final = ("hill", "logistic")  # can rise slowly at first
_SPEAKS: Final = 3.0  # logarithm of a Bayes factor: strong evidence
_DECIDES: Final = 4.6  # decisive evidence (Jeffreys 1961)
_UNSEEN: Final = 0.25  # of a contribution, that is brought below the least that was seen


def shape_findings(fit: MixFit) -> Iterator[Finding]:
    """Data that speak for a threshold, the more so where a channel was never low enough to show what lies below."""
    evidence: dict[str, float] = {}
    for family in fit.families:
        name = family.posterior.media.saturation.name
        evidence[name] = max(evidence.get(name, -np.inf), family.draws.log_evidence)
    flat = [evidence[name] for name in _FLAT if name in evidence]
    if not flat or _STEEP not in evidence:
        return
    threshold = float(np.logaddexp.reduce(flat) - np.log(len(flat)) - evidence[_STEEP])
    unseen = {channel.name: _unseen(fit, place) for place, channel in enumerate(fit.told.channels)}
    worst = max(unseen, key=lambda name: unseen[name])
    if threshold <= (_SPEAKS if unseen[worst] > _UNSEEN else _DECIDES):
        yield Finding(
            "shape", "green", "No contribution hangs on a part of its curve that was not seen.", "", threshold
        )
        return
    yield Finding(
        "shape", "amber",
        "Small spend seems to bring next to nothing, as below a threshold; a fit tends to credit it with too much. "
        f"Of {worst} {unseen[worst]:.0%} of what it is said to bring lies below the least spend that was seen.",
        f"A few weeks without {worst}, or a test in some markets.",
        threshold,
    )  # fmt: skip


def _unseen(fit: MixFit, place: int) -> float:
    """The part of a contribution that would have come at the lowest level that was seen."""
    shares = []
    for drawn in fit.drawn:
        levels = drawn.media.levels(place, drawn.free)
        shares.append(np.quantile(levels, 0.05, axis=0) / levels.mean(axis=0))
    return float(np.median(np.concatenate(shares)))
