"""A fit brought up to date with new periods: what moved, by how much, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ml.mix.inputs import MixInput
from ml.mix.lifts import Lift
from ml.mix.mix import MixFit, fit_mix
from ml.mix.results import Estimate, estimate_of
from ml.mix.saturation import Floats
from warehouse.errors import BadSetting


@dataclass(frozen=True, slots=True)
class Move:
    """What a channel brought over the periods that both fits know, in each of them.

    ``moved`` is the change as a part of what it was; ``by_data`` of it came because each family of curves was fitted
    anew, ``by_families`` because others predict better now. ``surprise`` is the change in standard deviations of
    the earlier draws.
    """

    channel: str
    before: Estimate
    after: Estimate
    moved: float
    by_data: float
    by_families: float
    surprise: float

    @property
    def words(self) -> str:
        """In a sentence."""
        if abs(self.moved) < 0.02:
            return f"{self.channel} did not move."
        why = (
            "the new periods say so" if abs(self.by_data) >= abs(self.by_families)
            else "other shapes of its curve predict better now"
        )  # fmt: skip
        within = "within" if abs(self.surprise) <= 1.645 else "beyond"
        return f"{self.channel} moved by {self.moved:+.0%}, {within} what was expected, because {why}."


@dataclass(frozen=True, slots=True, eq=False)
class Refresh:
    """The new ``fit``, what ``moves`` there were, and their mean size, the figure by which refreshes are compared."""

    fit: MixFit
    moves: tuple[Move, ...]

    @property
    def stability(self) -> float:
        """The mean of the moves without sign."""
        return float(np.mean([abs(move.moved) for move in self.moves]))


def refreshed(before: MixFit, told: MixInput, *, lifts: Sequence[Lift] = (), seed: int = 1) -> Refresh:
    """Fit an input that goes on where that of ``before`` ended, from there, with the same scales and families.

    Lifts are those of the earlier fit and the new ones. Raises :class:`BadSetting` when the periods do not go on.
    """
    known = len(before.told.periods)
    if told.periods[:known] != before.told.periods:
        raise BadSetting(
            "The new data do not begin with the periods of the earlier fit.", remedy="Fit anew, or give all periods."
        )
    media = [family.posterior.media for family in before.families]
    families = tuple((one.adstock.name, one.saturation.name) for one in media)
    draws = before.totals.shape[1]
    fit = fit_mix(told, lifts=(*before.lifts, *lifts), families=families, earlier=before, draws=draws, seed=seed)
    names = [channel.name for channel in told.channels]
    both = [(place, names.index(channel.name)) for place, channel in enumerate(before.told.channels)
            if channel.name in names]  # fmt: skip
    return Refresh(fit, tuple(_move(before, fit, old, new, known) for old, new in both))


def _move(before: MixFit, after: MixFit, old: int, new: int, known: int) -> Move:
    was, now = before.contributions[old].sum(axis=0), after.contributions[new, :known].sum(axis=0)
    middle = float(np.median(was))
    moved = float(np.median(now)) / middle - 1.0
    fitted = before.weights @ (_by_family(after, new, known) - _by_family(before, old, known)) / middle
    by_data = float(np.clip(fitted, min(moved, 0.0), max(moved, 0.0)))
    surprise = (float(np.median(now)) - middle) / float(was.std())
    name = before.told.channels[old].name
    return Move(name, estimate_of(was), estimate_of(now), moved, by_data, moved - by_data, surprise)


def _by_family(fit: MixFit, place: int, known: int) -> Floats:
    """What each family says the channel brought over the first periods (K,)."""
    found = []
    for family in fit.families:
        media, draws = family.posterior.media, family.draws
        series = media.contribution(place, draws.points)[:known]
        found.append(float(series.sum(axis=0) @ draws.weights))
    return np.array(found)
