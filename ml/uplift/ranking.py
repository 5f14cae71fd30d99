"""How well scores rank customers by what treatment does to them: targeting operator characteristic, Qini, uplift@k.

The definitions are those of Yadlowsky, Fleming, Shah, Brunskill and Wager 2025 (doi 10.1080/01621459.2024.2393466).
Of the top share q by score, TOC(q) is the mean effect less that of all. Its mean over q is AUTOC, its mean weighted by
q is the Qini coefficient: the area between the curve of cumulated gain and the line of random targeting, both axes per
customer. It is in units of the outcome, and 0 for scores that say nothing.

Effects are doubly robust scores of customers that the ranking was not fitted to; ties in rank share their mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.uplift.estimate import Estimate, estimated
from ml.uplift.sample import Floats, Rows
from warehouse.errors import BadSetting, NotEnoughData

SHARES: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
FEWEST_DRAWS: Final = 20


@dataclass(frozen=True, slots=True)
class Top:
    """The top ``share`` of customers by score: the mean effect among them.

    ``gain`` is what treating them adds per customer of all.
    """

    share: float
    uplift: Estimate
    gain: Estimate


@dataclass(frozen=True, slots=True)
class Ranking:
    """What scores are worth. ``effect`` is that of treating everybody, ``auuc`` the area under the curve of gains.

    All are in units of the outcome per customer, with intervals of ``level``.
    """

    level: float
    effect: Estimate
    qini: Estimate
    autoc: Estimate
    auuc: Estimate
    tops: tuple[Top, ...]

    @property
    def words(self) -> str:
        """Whether customers are proven to differ in what treatment does to them."""
        low, high = self.qini.low, self.qini.high
        if low == high == 0:
            return "No difference in response between customers is proven: nothing tells them apart, all score alike."
        between = f"Qini {self.qini.estimate:.3g}, {low:.3g} to {high:.3g} with {self.level:.0%} certainty"
        if low > 0:
            return f"Customers with higher scores respond more ({between})."
        if high < 0:
            return f"Customers with higher scores respond less ({between}): these scores mislead."
        return f"No difference in response between customers is proven ({between})."


def ranking_of(
    uplift: Floats,
    effects: Floats,
    *,
    shares: Sequence[float] = SHARES,
    draws: int = 200,
    level: float = 0.9,
    seed: int = 1,
) -> Ranking:
    """Judge scores (n,) by the effect scores (n,) of the same customers.

    Standard errors are of the half-sample bootstrap: the scatter of the same figures over random halves. Raises
    :class:`BadSetting` for arguments that mean nothing, :class:`NotEnoughData` below 30 customers.
    """
    if uplift.shape != effects.shape or uplift.ndim != 1:
        raise BadSetting(f"there are scores of shape {uplift.shape} for effects of shape {effects.shape}.")
    if uplift.size < 30:
        raise NotEnoughData(f"There are {uplift.size} customers to judge by, must be 30 or more.")
    if not np.isfinite(uplift).all() or not np.isfinite(effects).all():
        raise BadSetting("scores or effects are missing for some customers.", remedy="Leave them out.")
    if not all(0 < share <= 1 for share in shares):
        raise BadSetting(f"shares == {tuple(shares)}, must be above 0 and at most 1.")
    if draws < FEWEST_DRAWS:
        raise BadSetting(f"draws == {draws}, must be {FEWEST_DRAWS} or more.")
    order = np.argsort(-uplift, kind="stable")
    ranked = _Ranked(effects[order], _ties(uplift[order]), np.asarray(shares, dtype=np.float64))
    generator = np.random.default_rng(seed)
    drawn = np.array([ranked.figures(_half(generator, uplift.size)) for _ in range(draws)])
    effect, qini, autoc, auuc, *gains = (
        estimated(value, se, level)
        for value, se in zip(ranked.figures(np.ones(uplift.size)), drawn.std(axis=0, ddof=1), strict=True)
    )
    tops = tuple(Top(share, gain.times(1 / share), gain) for share, gain in zip(shares, gains, strict=True))
    return Ranking(level, effect, qini, autoc, auuc, tops)


@dataclass(frozen=True, slots=True, eq=False)
class _Ranked:
    """Effects (n,) from the highest score to the lowest, where runs of equal scores begin, and the shares of tops."""

    effects: Floats
    starts: Rows
    shares: Floats

    def figures(self, weights: Floats) -> Floats:
        """Effect, Qini, AUTOC, AUUC and the gains of the tops, every customer counting ``weights`` (n,) times."""
        weighted = weights * self.effects
        if self.starts.size < self.effects.size:
            weighted = weights * self._shared(weights, weighted)
        people, effect = np.cumsum(weights), np.cumsum(weighted)
        total = people[-1]
        mean = effect[-1] / total
        # Where all scores are alike, what rounding leaves must not look like a difference.
        beyond = effect - people * mean if self.starts.size > 1 else np.zeros_like(effect)
        toc = np.divide(beyond, people, out=np.zeros_like(beyond), where=people > 0)
        gains = np.interp(self.shares * total, np.append(0.0, people), np.append(0.0, effect)) / total
        area = weights @ effect / total**2
        return np.append([mean, weights @ beyond / total**2, weights @ toc / total, area], gains)

    def _shared(self, weights: Floats, weighted: Floats) -> Floats:
        """(n,) the mean effect of all with the same score."""
        sums, people = np.add.reduceat(weighted, self.starts), np.add.reduceat(weights, self.starts)
        means = np.divide(sums, people, out=np.zeros_like(sums), where=people > 0)
        return np.repeat(means, np.diff(np.append(self.starts, weights.size)))


def _ties(ranked: Floats) -> Rows:
    return np.append(0, np.flatnonzero(np.diff(ranked)) + 1)


def _half(generator: np.random.Generator, size: int) -> Floats:
    """(n,) ones for about half of the customers, zeros for the others."""
    bits = np.frombuffer(generator.bytes(size // 8 + 1), dtype=np.uint8)
    half: Floats = np.unpackbits(bits, count=size).astype(np.float64)
    return half
