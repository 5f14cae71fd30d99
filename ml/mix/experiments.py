"""What every experiment changed: the same window before and after the fit knew of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ml.mix.lifts import Lift, lift_rows
from ml.mix.mix import MixFit
from ml.mix.results import Estimate, estimate_of
from ml.mix.saturation import Floats
from ml.mix.trust.finding import Finding
from ml.plain import plain


@dataclass(frozen=True, slots=True)
class ExperimentEffect:
    """What the fit says of the window of a ``lift`` without experiments and with them, and of the channel's total.

    ``surprise`` is by how many standard errors the experiment is off what history alone says.
    """

    lift: Lift
    before: Estimate
    after: Estimate
    total_before: Estimate
    total_after: Estimate
    surprise: float

    @property
    def words(self) -> str:
        """In a sentence."""
        return (
            f"{self.lift.channel}, {self.lift.start} to {self.lift.end}: measured {plain(self.lift.lift)}; history "
            f"alone says {_told(self.before)}, with the experiments {_told(self.after)}."
        )


def experiment_effects(fit: MixFit, without: MixFit) -> tuple[ExperimentEffect, ...]:
    """For every lift of a fit, against the fit of the same data ``without`` lifts."""
    rows = lift_rows(fit.told, fit.lifts)
    found = []
    for lift, place, window in zip(fit.lifts, rows.places, rows.windows, strict=True):
        before, after = (_window(one, place, window) for one in (without, fit))
        found.append(
            ExperimentEffect(
                lift,
                estimate_of(before),
                estimate_of(after),
                estimate_of(without.totals[place]),
                estimate_of(fit.totals[place]),
                float((lift.lift - before.mean()) / np.hypot(lift.se, before.std())),
            )
        )
    return tuple(found)


def experiment_findings(effects: Sequence[ExperimentEffect]) -> Iterator[Finding]:
    """Whether experiments and history tell the same."""
    if not effects:
        return
    worst = max(effects, key=lambda effect: abs(effect.surprise))
    size = abs(worst.surprise)
    if size <= 2.5:
        yield Finding("experiments", "green", "Experiments and history tell the same.", "", size)
        return
    kept = worst.after.low - worst.lift.se <= worst.lift.lift <= worst.after.high + worst.lift.se
    yield Finding(
        "experiments", "amber" if kept else "red",
        f"History alone says {_told(worst.before)} where the experiment on {worst.lift.channel} found "
        f"{plain(worst.lift.lift)}: the model misses something"
        + (", which the experiment corrects for this channel." if kept else ", and cannot follow the experiment."),
        "Experiments on the other channels, and a look for what drives both spend and outcome.",
        size,
    )  # fmt: skip


def _window(fit: MixFit, place: int, window: slice) -> Floats:
    return np.asarray(fit.contributions[place, window].sum(axis=0))


def _told(estimate: Estimate) -> str:
    return f"{plain(estimate.estimate)} ({plain(estimate.low)} to {plain(estimate.high)})"
