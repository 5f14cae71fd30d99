"""What a little more money would have brought lately, against the model's own contributions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ml.mix.inputs import Channel
from ml.mix.lately import MORE, lately_returns
from ml.mix.mix import MixFit, fit_mix
from tests.ml.mix.worlds import told
from warehouse.errors import BadSetting

ONE = (("geometric", "exponential"),)


@pytest.fixture(scope="module")
def fit() -> MixFit:
    return fit_mix(told(), families=ONE, draws=200)


def test_a_raise_of_all_periods_is_more_than_the_next_unit_and_less_than_the_average(fit: MixFit) -> None:
    (first, _), totals = lately_returns(fit, 104, 20), np.median(fit.totals, axis=1)
    average = totals[0] / fit.told.channels[0].spend.sum()
    assert first is not None
    assert 0 < first.low < first.estimate < first.high
    assert first.estimate < average


def test_it_is_what_the_curve_says_of_spend_that_was_raised(fit: MixFit) -> None:
    drawn = fit.drawn[0]
    media, free = drawn.media, drawn.free
    beta = media.totals(0, free) / media.levels(0, free).sum(axis=0)
    spend = fit.told.channels[0].spend
    raised = spend * np.where(np.arange(104) < 100, 1.0, 1.0 + MORE)
    levels = []
    for series in (spend, raised):
        longer = np.append(series, [spend[-4:].mean()] * 3)
        weights = media.weights(0, free)
        working = np.stack([np.convolve(longer, weights[:, draw])[:107] for draw in range(200)], axis=1)
        levels.append(media.saturation.level(working, *media.curve(0, free)).sum(axis=0))
    expected = np.median(beta * (levels[1] - levels[0]) / (MORE * spend[-4:].sum()))
    found = lately_returns(fit, 4, 3)[0]
    assert found is not None
    assert found.estimate == pytest.approx(expected)


def test_what_comes_later_counts_only_where_it_is_asked_for(fit: MixFit) -> None:
    at_once, later = lately_returns(fit, 4, 0), lately_returns(fit, 4, 6)
    for one, two in zip(at_once, later, strict=True):
        assert one is not None
        assert two is not None
        assert one.estimate < two.estimate


def test_a_channel_that_rests_has_no_return_lately() -> None:
    world = told()
    first = world.channels[0]
    resting = Channel(first.name, np.where(np.arange(104) < 90, first.spend, 0.0))
    fit = fit_mix(replace(world, channels=(resting, world.channels[1])), families=ONE, draws=50)
    assert lately_returns(fit, 4, 4)[0] is None


@pytest.mark.parametrize(("periods", "after"), [(0, 4), (105, 4), (4, -1), (4, 200)])
def test_periods_that_are_not_there_are_refused(fit: MixFit, periods: int, after: int) -> None:
    with pytest.raises(BadSetting, match="of a fit of 104 periods"):
        lately_returns(fit, periods, after)
