"""Lift: how often intervals hold what is true, and tests without effect find nothing.

Panels are made: markets share three factors that wander, a trend and a week, each in its own measure, and have noise
that hangs together from day to day; no mean of others is exactly the treated one. The effect is 5 on an outcome of
about 40. An interval of 90 % should hold it in 90 %, and without effect something should be found in 10 %. Beside the
median width stands that of an interval from the estimate's true scatter, which nobody knows who has one panel.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ml.lift.case import Treatment, case_of
from ml.lift.comparison import compare
from ml.lift.forecast import forecast
from ml.lift.lift import lift_of
from ml.lift.methods import Method
from ml.lift.panel import Panel
from ml.lift.power import power_of
from validation.panels import days, factor_panel, names, wandering, with_effect

PANELS: Final = 200
PLANS: Final = 100
EFFECT: Final = 5.0
LEVEL: Final = 0.9
HELD: Final = (0.84, 0.96)  # with 200 panels chance moves the share of a right method by 0.04
_NORMAL: Final = 1.645

METHODS: Final = (
    Method(), Method(inference="conformal"), Method(match="level"), Method("augmented"), Method("sdid"), Method("did"),
)  # fmt: skip
WORLDS: Final = {
    "20 markets, 60 + 14 days, 1 treated": (20, 60, 14, 0.3, 1),
    "20 markets, 60 + 14 days, 3 treated": (20, 60, 14, 0.3, 3),
    "25 markets, 90 + 28 days, noise that lasts, 1 treated": (25, 90, 28, 0.6, 1),
    "40 markets, 30 + 14 days, 2 treated": (40, 30, 14, 0.2, 2),
}


def sections(reference: Path | None) -> Iterator[str]:  # noqa: ARG001  (panels are made)
    """The page's text."""
    yield f"\n### Comparisons with other markets\n\nOf {PANELS} panels each.\n"
    rows = [(world, method, _trial(method, *settings)) for world, settings in WORLDS.items() for method in METHODS]
    yield "\n| panels | method | held | found without effect | width | of the true scatter |\n"
    yield "|---|---|---|---|---|---|\n"
    for world, method, trial in rows:
        name = " ".join(filter(None, (method.name, method.match, method.inference)))
        yield f"| {world} | {name} | {trial.held:.0%} | {trial.found:.0%} | {trial.width:.2f} | {trial.scatter:.2f} |\n"
    usual = [trial for _, method, trial in rows if method == Method()]
    met = all(HELD[0] <= trial.held <= HELD[1] for trial in usual)
    yield f"\nThe method as it is without being told holds the truth in {HELD[0]:.0%} to {HELD[1]:.0%} of each kind of "
    yield f"panel: {'met' if met else 'missed'}.\n"
    yield from _forecasts()
    yield from _power()


@dataclass(frozen=True, slots=True)
class Trial:
    """Shares of intervals that held the effect, and of tests that found one where there was none; median widths."""

    held: float
    found: float
    width: float
    scatter: float


def _trial(method: Method, markets: int, before: int, after: int, persistence: float, treated: int) -> Trial:
    first, own = days(before + 1)[-1], names(treated)
    ends, found = [], []
    for seed in range(PANELS):
        still = factor_panel(seed, markets=markets, before=before, after=after, persistence=persistence)
        for effect in (EFFECT, 0.0):
            panel = with_effect(still, own, first, effect)
            case = case_of(panel, Treatment(own, first))
            inference = compare(case, method.estimator(case, panel), method, LEVEL).inference
            if effect:
                ends.append((inference.att.low, inference.att.high, inference.att.estimate))
            else:
                found.append(inference.p_value <= 1 - LEVEL + 1e-9)
    low, high, estimate = np.array(ends).T
    return Trial(
        float(np.mean((low <= EFFECT) & (high >= EFFECT))),
        float(np.mean(found)),
        float(np.median(high - low)),
        float(2 * _NORMAL * estimate.std()),
    )


def _forecasts() -> Iterator[str]:
    yield "\n### Forecasts without control\n\n"
    yield f"{PANELS} series of 84 days with trend and week, forecast for 14 more, by how long errors last.\n\n"
    yield "| of an error lasts to the next day | held |\n|---|---|\n"
    week = np.array([3, 0, -1, 0, 1, 4, 6.0])[np.arange(98) % 7]
    for persistence in (0.0, 0.5, 0.8, 0.9, 0.95, 0.98):
        held = 0
        for seed in range(PANELS):
            noise = 2 * wandering(np.random.default_rng(seed), (98,), persistence)
            values = 100 + 0.1 * np.arange(98) + week + noise
            made = forecast(values, days(98), 84)
            held += made.quantile(0.05) <= values[84:].mean() <= made.quantile(0.95)
        yield f"| {persistence:.0%} | {held / PANELS:.0%} |\n"


def _power() -> Iterator[str]:
    yield "\n### Power as planned\n\n"
    found, wrong = [], []
    for seed in range(PLANS):
        whole = factor_panel(1_000 + seed)
        past = Panel(whole.units, whole.times[:60], whole.values[:, :60])
        planned = power_of(past, ("m00",), 14, simulations=100, seed=seed)
        values = whole.values.copy()
        values[0, 60:] *= 1 + planned.mde
        found.append(lift_of(Panel(whole.units, whole.times, values), Treatment(("m00",), days(61)[-1])).is_proven)
        wrong.append(planned.false_positives)
    error = float(np.sqrt(0.8 * 0.2 / PLANS))
    yield f"{PLANS} tests with the effect that their plan says is found with chance 80 % found it in "
    yield f"{np.mean(found):.0%}\n(chance alone moves that by {error:.0%}); plans expect to find something where "
    yield f"there is nothing in {np.mean(wrong):.0%}.\n"
