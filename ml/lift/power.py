"""Power of a test of markets: which effects it would have found in the past, in which there was none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ml.lift.case import FEWEST_BEFORE, Treatment, case_of
from ml.lift.comparison import compare
from ml.lift.forecast import FEWEST_BEFORE as FEWEST_FORECAST
from ml.lift.forecast import forecast
from ml.lift.methods import Method
from ml.lift.panel import Floats, Panel, Places
from warehouse.errors import BadSetting, NotEnoughData

SIMULATIONS: Final = 200
TARGET: Final = 0.8
_BLOCK: Final = 7
_SYNTHETIC: Final = Method()
_BY_MARKETS: Final = ("synthetic", "augmented", "sdid", "did", "go_dark")


@dataclass(frozen=True, slots=True, eq=False)
class Power:
    """What a test of ``treated`` markets over ``periods`` would find.

    ``lows`` and ``highs`` (S,) are ends of the intervals of lift in simulated tests without effect. The minimum
    detectable effect ``mde`` is the lift, a part of the outcome, that is found with chance ``target``.
    """

    treated: tuple[str, ...]
    periods: int
    level: float
    target: float
    mde: float
    lows: Floats
    highs: Floats

    def at(self, lift: float) -> float:
        """The chance that an effect of this lift is found."""
        return float(np.mean((self.lows + lift >= 0) | (self.highs + lift <= 0)))

    @property
    def false_positives(self) -> float:
        """The share of tests without effect in which one was found."""
        return self.at(0.0)


def power_of(
    panel: Panel, treated: Sequence[str], periods: int, *, excluded: Sequence[str] = (), method: Method = _SYNTHETIC,
    level: float = 0.9, target: float = TARGET, simulations: int = SIMULATIONS, seed: int = 1,
) -> Power:  # fmt: skip
    """Simulate tests on moving-block nulls of a history in which nothing was tested.

    In a null the test is a window of the history, and the time before it is made of blocks of a week of the rest, in
    which all markets stand beside each other as they did (Künsch 1989, doi 10.1214/aos/1176347265). No period is in
    both, or the fit would know the answer. A forecast needs time in its order: there nulls are windows of the past. The
    interval of a test moves along with an effect, so one fit of each null tells the power at every effect.

    Raises :class:`NotEnoughData` for a history too short for the test, and as :func:`compare`; :class:`BadSetting` for
    methods that assign treatment by chance.
    """
    if method.name not in {*_BY_MARKETS, "its"} or method.predictors:
        raise BadSetting(
            f"There is no simulation for {method.name}{' with predictors' if method.predictors else ''}.",
            remedy=f"Take {', '.join(_BY_MARKETS)} or its.",
        )
    if not 0 < target < 1:
        raise BadSetting(f"target == {target}, must be above 0 and below 1.")
    before = len(panel.times) - periods
    if periods < 1 or before < max(FEWEST_BEFORE, periods):
        raise NotEnoughData(
            f"A history of {len(panel.times)} periods is too short for a test of {periods}.",
            remedy=f"Give at least {max(2 * periods, periods + FEWEST_BEFORE)} periods, or plan a shorter test.",
        )
    treatment = Treatment(tuple(treated), panel.times[before], None, tuple(excluded))
    case_of(panel, treatment, needs_donors=method.name != "its")  # says what is wrong before anything is drawn
    nulls = (
        _windows(panel, periods, simulations) if method.name == "its" else _blocks(panel, periods, simulations, seed)
    )
    ends = np.array([_interval(null, treatment, periods, method, level) for null in nulls])
    needed = np.sort(-ends[:, 0])
    mde = float(needed[min(int(np.ceil(target * len(ends))), len(ends)) - 1])
    return Power(tuple(treated), periods, level, target, max(mde, 0.0), ends[:, 0], ends[:, 1])


def moving_blocks(count: int, test: int, generator: np.random.Generator) -> Places:
    """(T,) places of a history of ``count`` periods: blocks of all but a window of ``test``, then the window."""
    first = int(generator.integers(count - test + 1))
    length = min(_BLOCK, max(first, count - first - test))
    starts = np.arange(count - length + 1)
    starts = starts[(starts + length <= first) | (starts >= first + test)]
    chosen = starts[generator.integers(starts.size, size=-(-(count - test) // length))]
    before = (chosen[:, None] + np.arange(length)).ravel()[: count - test]
    return np.concatenate([before, np.arange(first, first + test)])


def _blocks(panel: Panel, periods: int, simulations: int, seed: int) -> Iterator[Panel]:
    generator = np.random.default_rng(seed)
    for _ in range(simulations):
        order = moving_blocks(len(panel.times), periods, generator)
        yield replace(panel, values=panel.values[:, order])


def _windows(panel: Panel, periods: int, simulations: int) -> Iterator[Panel]:
    """The panel as it was at up to so many moments of its later half."""
    end = len(panel.times)
    earliest = min(max(end // 2, 2 * FEWEST_FORECAST), end - periods) + periods
    for last in np.unique(np.linspace(earliest, end, simulations).astype(np.int64)):
        yield Panel(panel.units, panel.times[:last], panel.values[:, :last])


def _interval(null: Panel, treatment: Treatment, periods: int, method: Method, level: float) -> tuple[float, float]:
    """The interval of lift in a null, whose last periods are the test, as parts of what the treated markets had."""
    treatment = replace(treatment, first=null.times[-periods])
    if method.name == "its":
        case = case_of(null, treatment, needs_donors=False)
        found = forecast(case.outcome, case.times, case.before)
        observed = float(case.outcome[case.before :].mean())
        ends = (observed - found.quantile((1 + level) / 2), observed - found.quantile((1 - level) / 2))
    else:
        case = case_of(null, treatment)
        att = compare(case, method.estimator(case, null), method, level).inference.att
        observed = float(case.outcome[case.before :].mean())
        ends = (att.low, att.high)
    if not observed > 0:
        raise NotEnoughData(
            "The treated markets have periods of a whole test without any outcome, so a lift means nothing.",
            remedy="Take larger markets, or a longer test.",
        )
    return ends[0] / observed, ends[1] / observed
