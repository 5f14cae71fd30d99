"""Channels whose spend demand leads: history does not credit them with the demand, and experiments tell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ml.mix.experiments import experiment_effects
from ml.mix.forecast import forecast, planned
from ml.mix.inputs import Channel, MixInput
from ml.mix.lifts import Lift
from ml.mix.mix import MixFit, fit_mix
from ml.mix.results import channel_results, decomposition
from ml.mix.trust.card import trust_of
from tests.ml.mix.worlds import told

FAMILIES = (("geometric", "exponential"), ("geometric", "hill"))
TRUE = 6_000.0  # what search brings in all


def searched(demand_led: bool) -> MixInput:
    """Search is bought when people look, who would mostly have come anyway."""
    chance, world = np.random.default_rng(5), told()
    looking = 100 * np.exp(np.convolve(chance.normal(0, 0.25, 110), 0.7 ** np.arange(7))[3:107])
    spend = looking * chance.lognormal(0, 0.05, 104)
    brought = TRUE * spend / spend.sum()
    search = Channel("search", spend, demand_led=demand_led)
    return replace(world, outcome=world.outcome + 2.0 * looking + brought, channels=(*world.channels, search))


@pytest.fixture(scope="module")
def fit() -> MixFit:
    return fit_mix(searched(True), families=FAMILIES, draws=400)


def test_demand_is_not_taken_for_an_effect(fit: MixFit) -> None:
    believing = channel_results(fit_mix(searched(False), families=FAMILIES, draws=400))[2]
    asked = channel_results(fit)[2]
    assert believing.contribution.estimate > 2 * TRUE
    assert believing.contribution.low > TRUE
    assert asked.contribution.low < TRUE < asked.contribution.high
    assert asked.learnt < 0.2
    finding = next(each for each in trust_of(fit).findings if each.name == "demand-led")
    assert finding.status == "amber"
    assert "search" in finding.words


def test_others_are_found_as_without_it(fit: MixFit) -> None:
    without = fit_mix(told(), families=FAMILIES, draws=400)
    for one, other in zip(channel_results(fit), channel_results(without), strict=False):
        assert one.contribution.estimate == pytest.approx(other.contribution.estimate, rel=0.25)


def test_an_experiment_tells(fit: MixFit) -> None:
    world = searched(True)
    part = float(world.channels[2].spend[40:60].sum() / world.channels[2].spend.sum())
    lift = Lift("search", world.periods[40], world.periods[59], part * TRUE, 0.1 * part * TRUE)
    tested = fit_mix(world, lifts=[lift], families=FAMILIES, draws=400)
    assert channel_results(tested)[2].contribution.estimate == pytest.approx(TRUE, rel=0.2)
    card = trust_of(tested, experiment_effects(tested, fit))
    assert "demand-led" not in {each.name for each in card.findings}


def test_the_parts_sum_to_the_outcome_and_the_future_begins_where_the_past_ends(fit: MixFit) -> None:
    parts = decomposition(fit)
    assert "demand behind search" in {part.name for part in parts}
    np.testing.assert_allclose(sum(part.estimate for part in parts), fit.told.outcome)
    usual = np.array([[channel.spend.mean()] * 13 for channel in fit.told.channels])
    ahead = forecast(fit, planned(fit.told, usual)).outcome.mean()
    assert ahead == pytest.approx(fit.told.outcome.mean(), rel=0.15)
