"""Forecasts of plans, and fits that are brought up to date."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ml.mix.forecast import forecast, planned
from ml.mix.mix import MixFit, fit_mix
from ml.mix.refresh import refreshed
from tests.ml.mix.worlds import told
from validation.mix_worlds import clean
from warehouse.errors import BadSetting

ONE = (("geometric", "exponential"),)
WORLD = clean(6)


@pytest.fixture(scope="module")
def fit() -> MixFit:
    return fit_mix(WORLD.told.first(130), families=ONE, draws=500)


def test_what_came_is_within_what_was_forecast(fit: MixFit) -> None:
    ahead = forecast(fit, WORLD.told)
    assert ahead.outcome.shape == (26, 500)
    low, high = np.quantile(ahead.outcome, [0.05, 0.95], axis=1)
    truth = WORLD.told.outcome[130:]
    assert 0.75 <= np.mean((low <= truth) & (truth <= high)) <= 1
    assert np.abs(np.median(ahead.outcome, axis=1) - truth).mean() < 1.5 * 22


def test_what_was_spent_before_still_works(fit: MixFit) -> None:
    ahead = forecast(fit, planned(fit.told, np.zeros((4, 6))))
    television = ahead.contributions[0].mean(axis=1)
    assert television[0] > 0
    assert (np.diff(television) < 0).all()


def test_more_spend_brings_more(fit: MixFit) -> None:
    usual = np.array([[channel.spend.mean()] * 8 for channel in fit.told.channels])
    one, two = (forecast(fit, planned(fit.told, plan)).contributions.sum(axis=1) for plan in (usual, 2 * usual))
    assert (two > one).all()
    assert (two < 2 * one + 1e-9).all()


def test_a_plan_that_does_not_go_on_is_refused(fit: MixFit) -> None:
    with pytest.raises(BadSetting, match="goes on where the data end"):
        forecast(fit, fit.told)
    with pytest.raises(BadSetting, match="other channels"):
        forecast(fit, replace(WORLD.told, channels=WORLD.told.channels[:2]))
    with pytest.raises(BadSetting, match="at most as far ahead"):
        forecast(fit, planned(fit.told, np.ones((4, 131))))


def test_a_refresh_begins_where_the_fit_ended_and_tells_what_moved(fit: MixFit) -> None:
    found = refreshed(fit, WORLD.told.first(132))
    assert found.fit.families[0].scales == fit.families[0].scales
    np.testing.assert_array_equal(found.fit.prior.usual, fit.prior.usual)
    assert found.stability < 0.15
    for move in found.moves:
        assert move.moved == pytest.approx(move.by_data + move.by_families)
        assert move.after.estimate / move.before.estimate - 1 == pytest.approx(move.moved)
        assert move.channel in move.words


def test_a_refresh_of_other_periods_is_refused(fit: MixFit) -> None:
    with pytest.raises(BadSetting, match="do not begin with the periods"):
        refreshed(fit, told())
