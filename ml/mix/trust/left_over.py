"""What the residuals still hold: a score test for each thing that the model leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Final

import numpy as np
from scipy.special import chdtrc, ndtri

from ml.mix.mix import MixFit
from ml.mix.posterior import jacobian_of, noise_of
from ml.mix.saturation import Floats
from ml.mix.trust.finding import Finding

_CHANCE: Final = 0.0005  # how often each test may alarm where there is nothing
_EDGE: Final = 8  # periods at either end at which no break is sought


class LeftOver:
    """Residuals of the best family at its mode, and the score of any direction (T,) in them.

    A direction is what one more term would add to the outcome; what linear block and media could do of it is taken
    out first, so the score is standard normal where the term is not needed (Rao 1948).
    """

    def __init__(self, fit: MixFit) -> None:
        posterior, free = fit.best.posterior, fit.best.modes[0].free
        self._block = posterior.block
        self._noise = noise_of(posterior, free)
        brought = posterior.media.contributions(free[:, None])
        rest = posterior.rest(brought)
        # history tells nothing of what a channel brings whose spend demand leads
        self.contributions = np.where(np.array(posterior.media.led)[:, None], 0.0, brought[:, :, 0])
        self.residuals = self._block.whiten(rest)[:, 0] / self._noise
        jacobian = jacobian_of(free, posterior, self._noise)
        self._moves = jacobian[: len(fit.told.periods)]
        self._inner = np.linalg.inv(jacobian.T @ jacobian)

    def scores(self, directions: Floats) -> tuple[Floats, Floats]:
        """Scores (Q,) of directions (T, Q), and their correlations (Q, Q)."""
        white = self._block.whiten(directions) / self._noise
        cleared = white - self._moves @ (self._inner @ (self._moves.T @ white))
        information = white.T @ cleared
        scale = np.sqrt(np.maximum(np.diag(information), 1e-12 * np.diag(white.T @ white) + 1e-300))
        return (cleared.T @ self.residuals) / scale, information / np.outer(scale, scale)


def left_over_findings(fit: MixFit) -> Iterator[Finding]:
    """Breaks of the level, effects that change over time, channels that work together, spend that knows the future."""
    left = LeftOver(fit)
    yield _breaks(fit, left)
    yield _drift(fit, left)
    if len(fit.told.channels) > 1:
        yield _interactions(fit, left)
    yield _future(fit, left)


def _breaks(fit: MixFit, left: LeftOver) -> Finding:
    periods = np.arange(len(fit.told.periods))
    places = periods[_EDGE:-_EDGE]
    scores, _ = left.scores((periods[:, None] >= places).astype(float))
    worst = int(np.argmax(np.abs(scores)))
    largest, limit = abs(float(scores[worst])), _limit(len(places))
    when = fit.told.periods[places[worst]]
    if largest <= limit:
        return Finding("breaks", "green", "The level of the outcome has no break that is not explained.", "", largest)
    return Finding(
        "breaks", "red" if largest > limit + 3 else "amber",
        f"About {when} the level of the outcome changed at once, and nothing in the data says why.",
        "Add a control that is 0 before and 1 after, if it is known what happened.",
        largest,
    )  # fmt: skip


def _drift(fit: MixFit, left: LeftOver) -> Finding:
    time = np.linspace(-1, 1, len(fit.told.periods))
    shapes = np.stack([time, np.sign(time)])
    directions = np.concatenate([series * shapes for series in left.contributions]).T
    scores, _ = left.scores(directions)
    worst = int(np.argmax(np.abs(scores)))
    name = fit.told.channels[worst // 2].name
    largest = abs(float(scores[worst]))
    if largest <= _limit(len(scores)):
        return Finding("drift", "green", "No channel works visibly better or worse as time goes on.", "", largest)
    more = "more" if scores[worst] > 0 else "less"
    return Finding(
        "drift", "amber",
        f"{name} seems to bring {more} for the same spend late in the data than early; the numbers are an average.",
        "Fit the last year alone, or let effectiveness vary, before money is moved.",
        largest,
    )  # fmt: skip


def _interactions(fit: MixFit, left: LeftOver) -> Finding:
    pairs = list(combinations(range(len(fit.told.channels)), 2))
    rows = left.contributions
    directions = np.stack([_centred(rows[one]) * _centred(rows[other]) for one, other in pairs]).T
    scores, _ = left.scores(directions)
    worst = int(np.argmax(np.abs(scores)))
    largest = abs(float(scores[worst]))
    if largest <= _limit(len(pairs)):
        return Finding("interaction", "green", "No two channels visibly change each other's effect.", "", largest)
    one, other = (fit.told.channels[place].name for place in pairs[worst])
    how = "more" if scores[worst] > 0 else "less"
    return Finding(
        "interaction", "amber",
        f"{one} and {other} seem to bring {how} together than each alone; the model adds them up.",
        f"A test with {one} off while {other} runs.",
        largest,
    )  # fmt: skip


def _future(fit: MixFit, left: LeftOver) -> Finding:
    """Spend of the next periods cannot have worked yet: where it explains the outcome, something drives both."""
    rows = []
    for channel in fit.told.channels:
        works = channel.works / channel.works.max()
        rows += [np.append(works[ahead:], np.repeat(works[-1], ahead)) for ahead in (1, 2)]
    scores, correlations = left.scores(np.stack(rows).T)
    joint = float(scores @ np.linalg.pinv(correlations, rcond=1e-6) @ scores)
    chance = float(chdtrc(np.linalg.matrix_rank(correlations, tol=1e-6), joint))
    if chance >= _CHANCE:
        return Finding(
            "future-spend", "green", "Spend that is still to come does not explain today's outcome.", "", chance
        )
    name = fit.told.channels[int(np.argmax(np.abs(scores))) // 2].name
    return Finding(
        "future-spend", "amber" if chance > 1e-6 else "red",
        f"Spend that is still to come, most of all on {name}, explains today's outcome (p = {chance:.1g}): something "
        "that is not in the data drives both.",
        f"Add what drives demand as a confounder, or run a test of {name}.",
        chance,
    )  # fmt: skip


def _limit(tests: int) -> float:
    """The largest of so many normal scores that chance reaches as rarely as ``_CHANCE``."""
    return float(-ndtri(_CHANCE / (2 * tests)))


def _centred(series: Floats) -> Floats:
    return np.asarray(series - series.mean())
