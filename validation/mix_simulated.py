"""Mix in whole worlds: what channels brought, and what one more dollar brings, against what is true of them.

Simulated advertisers live two years under campaigns, mails, seasons and moods of demand, and people, not curves,
make what comes ([a world whose truth is known](simulation.md)). The model sees weeks: revenue, spend by channel, mails
sent, prices, promotions, stock and holidays; it is told that search, shopping and retargeting are led by demand, and
that a channel usually brings 1.22 for a dollar, within a factor of 4.4. Each world is fitted by history alone, and with
a test of every channel over half a year that has an error of 15 %. The truth of a channel is what is lost in the same
world without it; that of its marginal return, what a fifth more spend brings in the last four weeks and the next four.

An error is the distance of all channels' contributions from the truth, over all that they brought. A world is wrong
where it is above 25 %; a silent failure is a wrong world whose card is green.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from ml.mix.experiments import ExperimentEffect, experiment_effects
from ml.mix.lately import lately_returns
from ml.mix.mix import ALL_FAMILIES, Families, MixFit, fit_mix
from ml.mix.results import Estimate, channel_results
from ml.mix.trust.card import trust_of
from ml.mix.trust.finding import Status
from ml.simulation.people.presets import PRESETS
from validation.lived_weeks import LivedWeeks, lived_weeks, tests_of, usual_returns

PEOPLE, WEEKS = 30_000, 104
SEEDS: Final = 1
BASE_SEEDS: Final = 4
WRONG: Final = 0.25
NULL, TRAP, BRAND = "null", "brand_search_trap", "brand_search"
_LAST, _AFTER = 4, 4  # weeks of the marginal return, as the simulator raises bids


@dataclass(frozen=True, slots=True)
class Found:
    """A channel: what it brought by the fit and in truth (dollars), its spend, and its marginal returns.

    ``true_marginal`` has the error ``luck``, by which the simulator still does not know it.
    """

    channel: str
    spend: float
    brought: Estimate
    true_brought: float
    marginal: Estimate | None
    true_marginal: float | None
    luck: float

    @property
    def held(self) -> bool:
        """Whether the interval holds what it truly brought."""
        return self.brought.low <= self.true_brought <= self.brought.high

    @property
    def marginal_held(self) -> bool | None:
        """Whether that of the marginal return comes within the truth's own error of it."""
        if self.marginal is None or self.true_marginal is None:
            return None
        slack = 1.645 * self.luck
        return self.marginal.low - slack <= self.true_marginal <= self.marginal.high + slack


@dataclass(frozen=True, slots=True)
class Fitted:
    """One fit: its channels, the revenue, and the card with the names of what is not green on it."""

    channels: tuple[Found, ...]
    revenue: float
    least: float  # the lower end of what all channels are said to bring, over revenue
    status: Status
    doubts: tuple[str, ...]

    @property
    def error(self) -> float:
        """The distance from the truth, over all that was brought."""
        off = sum(abs(one.brought.estimate - one.true_brought) for one in self.channels)
        brought = sum(abs(one.true_brought) for one in self.channels)
        return off / brought if brought else np.inf


def sections(reference: Path | None) -> Iterator[str]:  # noqa: ARG001  (all worlds are made)
    """The page's text."""
    yield f"\n{PEOPLE:,} people and {WEEKS} weeks; {BASE_SEEDS} worlds without a preset, {SEEDS} of each other.\n"
    yield "The last three columns are with tests.\n\n"
    yield "| preset | error | contributions held | marginal returns held | cards | silent failures "
    yield "| error | held | marginal held |\n|---|---|---|---|---|---|---|---|---|\n"
    alone: dict[str | None, list[Fitted]] = {}
    for preset in (None, *PRESETS):
        seeds = range(1, 1 + (SEEDS if preset else BASE_SEEDS))
        worlds = [fitted_world(lived_weeks(preset, seed, PEOPLE, WEEKS)) for seed in seeds]
        alone[preset] = [world for world, _ in worlds]
        if preset != NULL:
            yield _row(preset or "none", alone[preset], [tested for _, tested in worlds])
    yield from _without_effect(alone[NULL])
    yield from _trap(alone[TRAP])


def fitted_world(lived: LivedWeeks, families: Families = ALL_FAMILIES) -> tuple[Fitted, Fitted]:
    """Fit a world by history alone and with tests, and hold what was found beside its truth."""
    truth = lived.world.truth(down_to="channel")
    tests = tests_of(truth, lived.told, lived.world.config.seed)
    alone, tested = (
        fit_mix(lived.told, lifts=lifts, returns=usual_returns(lived.told), families=families) for lifts in ((), tests)
    )
    effects = experiment_effects(tested, alone)
    return _fitted(alone, truth, ()), _fitted(tested, truth, effects)


def _fitted(fit: MixFit, truth: Mapping[str, Any], effects: Sequence[ExperimentEffect]) -> Fitted:
    known: dict[str, dict[str, Any]] = {entry["channel"]: entry for entry in truth["channels"]}
    found = []
    for result, marginal in zip(channel_results(fit), lately_returns(fit, _LAST, _AFTER), strict=True):
        true = known[result.channel]
        found.append(
            Found(
                result.channel,
                float(true["cost"]),
                result.contribution,
                float(true["incremental_revenue"]),
                marginal,
                true["marginal_roas"],
                float(true["marginal_roas_se"] or 0.0),
            )
        )
    card = trust_of(fit, effects)
    doubts = tuple(finding.name for finding in card.findings if finding.status != "green")
    revenue = float(fit.told.outcome.sum())
    least = float(np.quantile(fit.totals.sum(axis=0), 0.05)) / revenue
    return Fitted(tuple(found), revenue, least, card.status, doubts)


def _row(preset: str, alone: Sequence[Fitted], tested: Sequence[Fitted]) -> str:
    cards = ", ".join(f"{count} {status}" for status, count in Counter(world.status for world in alone).items())
    wrong = [world for world in alone if world.error > WRONG]
    silent = sum(world.status == "green" for world in wrong)
    told = (preset, *_held(alone), cards, f"{silent} of {len(wrong)}", *_held(tested))
    return f"| {' | '.join(told)} |\n"


def _held(worlds: Sequence[Fitted]) -> tuple[str, str, str]:
    """The mean error, and how many intervals held, of contributions and of marginal returns."""
    held = [one.held for world in worlds for one in world.channels]
    marginal = [one.marginal_held for world in worlds for one in world.channels if one.marginal_held is not None]
    error = float(np.mean([world.error for world in worlds]))
    return f"{error:.2f}", f"{sum(held)} of {len(held)}", f"{sum(marginal)} of {len(marginal)}"


def _without_effect(worlds: Sequence[Fitted]) -> Iterator[str]:
    for world in worlds:
        said = sum(one.brought.estimate for one in world.channels) / world.revenue
        yield f"\nWhere advertising changes nobody's life, {said:.1%} of revenue is credited to it, in an interval "
        yield f"that\nbegins at {world.least:.1%}; the card is {world.status} ({', '.join(world.doubts)}).\n"


def _trap(worlds: Sequence[Fitted]) -> Iterator[str]:
    for world in worlds:
        brand = next(one for one in world.channels if one.channel == BRAND)
        said = brand.brought
        yield f"\nIn the trap, brand search brought {brand.true_brought / brand.spend:.2f} for a dollar; the fit says "
        yield f"{said.estimate / brand.spend:.2f} ({said.low / brand.spend:.2f} to {said.high / brand.spend:.2f}); "
        yield f"the card is\n{world.status} ({', '.join(world.doubts)}).\n"
