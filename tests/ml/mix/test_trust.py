"""The trust card: quiet where nothing is wrong, and loud where something is, about that thing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from ml.mix.experiments import experiment_effects
from ml.mix.inputs import Channel, Control, MixInput
from ml.mix.lifts import Lift
from ml.mix.mix import fit_mix
from ml.mix.trust.card import TrustCard, trust_of
from ml.mix.trust.identification import identification_findings
from validation import mix_worlds

FAMILIES = (("geometric", "exponential"), ("geometric", "michaelis_menten"), ("geometric", "hill"))


def card(told: MixInput) -> TrustCard:
    return trust_of(fit_mix(told, families=FAMILIES, draws=400))


def loud(found: TrustCard) -> set[str]:
    return {finding.name for finding in found.findings if finding.status != "green"}


@pytest.mark.parametrize("seed", [301, 303])
def test_a_clean_world_is_green(seed: int) -> None:
    found = card(mix_worlds.clean(seed).told)
    assert loud(found) == set()
    assert found.status == "green"
    assert {"hold-out", "refresh", "perturbation", "placebo", "weights", "prior"} <= {f.name for f in found.findings}


@pytest.mark.parametrize(
    ("world", "name"),
    [
        (mix_worlds.multicollinearity, "collinearity"),
        (mix_worlds.spend_outliers, "peaks"),
        (mix_worlds.trend_break, "breaks"),
        (mix_worlds.time_varying, "drift"),
        (mix_worlds.heavy_tails, "outliers"),
        (mix_worlds.unobserved_confounding, "budgets"),
        (mix_worlds.adstock_misspec, "precision"),
    ],
)
def test_what_is_wrong_is_named(world: Callable[[int], mix_worlds.World], name: str) -> None:
    assert name in loud(card(world(301).told))


def test_a_channel_that_takes_sales_away_is_named() -> None:
    found = {finding.name: finding for finding in card(mix_worlds.negative_effect(203).told).findings}
    assert found["sign"].status == "red"
    assert "Display" in found["sign"].words


def test_a_control_that_advertising_moves_is_named_a_mediator() -> None:
    world = mix_worlds.clean(301)
    chance = np.random.default_rng(1)
    awareness = 30 + world.brought[0] / 4 + chance.normal(0, 1, 156)
    demand = chance.normal(0, 1, 156)
    told = replace(world.told, controls=(Control("awareness", awareness), Control("demand", demand)))
    red = [finding for finding in card(told).findings if finding.status == "red"]
    assert [finding.name for finding in red] == ["mediator"]
    assert "awareness" in red[0].words


def test_an_experiment_against_history_is_told() -> None:
    world = mix_worlds.clean(301)
    days = world.told.periods
    truth = float(world.brought[0, 40:60].sum())
    lift = Lift("TV", days[40], days[59], 4 * truth, 0.05 * truth)
    fits = [fit_mix(world.told, lifts=lifts, families=FAMILIES, draws=400) for lifts in ([lift], [])]
    found = trust_of(fits[0], experiment_effects(*fits))
    assert "experiments" in loud(found)


def test_little_data_has_a_card_too() -> None:
    chance = np.random.default_rng(2)
    days = tuple(dt.date(2024, 1, 1) + dt.timedelta(weeks=week) for week in range(30))
    spend = chance.lognormal(0, 1, 30)
    found = card(MixInput(days, 50 + spend + chance.normal(0, 3, 30), (Channel("tv", spend),)))
    assert found.status != "green"


def test_more_than_all_that_came_is_not_believed() -> None:
    fit = fit_mix(mix_worlds.clean(301).told, families=FAMILIES[:1], draws=200)
    share = float(np.median(fit.totals.sum(axis=0))) / float(fit.told.outcome.sum())
    whole = {
        factor: next(
            one for one in identification_findings(replace(fit, contributions=fit.contributions * factor / share))
            if one.name == "whole"
        )
        for factor in (0.5, 1.0)
    }  # fmt: skip
    assert [whole[0.5].status, whole[1.0].status] == ["green", "red"]
    assert whole[1.0].value == pytest.approx(0.5, abs=0.01)
