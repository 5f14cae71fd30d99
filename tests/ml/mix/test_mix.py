"""The whole fit: it finds what was put in, sums up, repeats, and takes experiments as they are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ml.mix.experiments import experiment_effects
from ml.mix.inputs import Channel
from ml.mix.lifts import Lift
from ml.mix.mix import MixFit, fit_mix
from ml.mix.mix_file import read_mix
from ml.mix.prior import Return
from ml.mix.results import baseline_result, channel_results, decomposition, response_curve
from tests.ml.mix.worlds import told
from validation.mix_worlds import clean
from warehouse.errors import BadSetting

ONE = (("geometric", "exponential"),)
FEW = (*ONE, ("weibull", "hill"))


@pytest.fixture(scope="module")
def fit() -> MixFit:
    return fit_mix(clean(5).told, families=FEW, draws=600)


def test_contributions_are_found_with_intervals_that_hold_them(fit: MixFit) -> None:
    held = []
    for result, truth in zip(channel_results(fit), clean(5).totals, strict=True):
        held.append(result.contribution.low <= truth <= result.contribution.high)
        assert result.contribution.estimate == pytest.approx(truth, rel=0.4)
        assert result.roi is not None
        assert result.marginal_roi is not None
        assert 0 < result.marginal_roi.estimate < result.roi.estimate
    assert sum(held) >= 3  # nine of ten in the long run


def test_the_parts_sum_to_the_outcome(fit: MixFit) -> None:
    parts = decomposition(fit)
    np.testing.assert_allclose(sum(part.estimate for part in parts), fit.told.outcome)
    assert [part.name for part in parts][-5:] == ["intercept", "trend", "season", "price", "unexplained"]
    assert all((part.low <= part.high).all() for part in parts)
    shares = sum(result.share.estimate for result in channel_results(fit))
    assert baseline_result(fit).share.estimate == pytest.approx(1 - shares, abs=0.05)


def test_families_are_averaged_and_not_picked(fit: MixFit) -> None:
    assert fit.weights.sum() == pytest.approx(1)
    assert (fit.weights > 0).all()
    assert fit.contributions.shape == (4, 156, 600)
    assert sum(drawn.noise.size for drawn in fit.drawn) == 600


def test_the_same_seed_gives_the_same_answer() -> None:
    one, other, different = (fit_mix(told(), families=ONE, draws=50, seed=seed).totals for seed in (4, 4, 5))
    np.testing.assert_array_equal(one, other)
    assert not np.array_equal(one, different)


def test_units_of_money_and_outcome_do_not_matter(fit: MixFit) -> None:
    world = clean(5).told
    pence = tuple(Channel(channel.name, 100 * channel.spend) for channel in world.channels)
    scaled = fit_mix(replace(world, outcome=1e6 * world.outcome, channels=pence), families=FEW, draws=600)
    np.testing.assert_allclose(scaled.totals / 1e6, fit.totals, rtol=1e-3)


def test_a_curve_starts_at_nothing_rises_and_levels_off(fit: MixFit) -> None:
    curve = response_curve(fit, "Search")
    middle = np.median(curve.draws, axis=1)
    assert middle[0] == 0
    assert (np.diff(curve.draws, axis=0) >= 0).all()
    assert middle[-1] - middle[-2] < middle[2] - middle[1]
    assert curve.current < curve.trusted


def test_an_experiment_is_taken_as_it_is() -> None:
    world = clean(4)
    days = world.told.periods
    window = slice(50, 70)
    truth = float(world.brought[3, window].sum())
    lift = Lift("Display", days[50], days[69], truth, 0.02 * truth)
    before = fit_mix(world.told, families=ONE, draws=500)
    after = fit_mix(world.told, lifts=[lift], families=ONE, draws=500)
    (effect,) = experiment_effects(after, before)
    assert effect.after.estimate == pytest.approx(truth, rel=0.03)
    assert effect.after.high - effect.after.low < 0.5 * (effect.before.high - effect.before.low)
    assert after.totals[3].std() < 0.5 * before.totals[3].std()


@pytest.mark.parametrize(
    ("lift", "words"),
    [
        ({"channel": "Radio"}, "no channel of this fit"),
        ({"start": "2019-01-01", "end": "2019-02-01"}, "not within the data"),
        ({"start": "2021-03-01", "end": "2021-02-01"}, "before it starts"),
        ({"se": 0.0}, "above 0"),
    ],
)
def test_lifts_that_do_not_fit_are_refused(lift: dict[str, object], words: str) -> None:
    import datetime as dt

    values = {"channel": "TV", "start": "2021-02-01", "end": "2021-03-01", "lift": 100.0, "se": 10.0} | lift
    days = {name: dt.date.fromisoformat(str(values[name])) for name in ("start", "end")}
    with pytest.raises(BadSetting, match=words):
        fit_mix(clean(1).told, lifts=[Lift(**(values | days))], families=ONE)  # type: ignore[arg-type]


def test_a_stated_return_counts() -> None:
    world = told(periods=60)
    stated = fit_mix(world, returns={"channel_0": Return(5.0, 1.05)}, families=ONE, draws=300)
    roi = channel_results(stated)[0].roi
    assert roi is not None
    assert roi.estimate == pytest.approx(5.0, rel=0.1)
    with pytest.raises(BadSetting, match="no spend on 'radio'"):
        fit_mix(world, returns={"radio": Return(1.0)}, families=ONE)
    with pytest.raises(BadSetting, match="is none"):
        Return(-1.0)
    with pytest.raises(BadSetting, match="must be a part"):
        Return(1.0, common=2.0)


def test_what_returns_have_in_common_is_learnt_by_one_channel_of_the_other() -> None:
    world = told(periods=60)
    known = Lift("channel_0", world.periods[10], world.periods[40], 20.0, 1.0)  # next to nothing

    def other(common: float) -> float:
        returns = {channel.name: Return(1.0, 4.0, common) for channel in world.channels}
        led = replace(world, channels=(world.channels[0], replace(world.channels[1], demand_led=True)))
        return float(np.median(fit_mix(led, lifts=[known], returns=returns, families=ONE, draws=300).totals[1]))

    assert other(0.9) < 0.6 * other(0.0)


def test_unknown_families_are_named() -> None:
    with pytest.raises(BadSetting, match="no family geometric, cubic"):
        fit_mix(told(), families=(("geometric", "cubic"),))


def test_the_documented_process_is_found_again(reference_data: Path) -> None:
    world = read_mix(
        reference_data / "mix" / "tutorial_two_channels.csv", date="date_week", outcome="y", media=["x1", "x2"],
        controls=["event_1", "event_2"],
    )  # fmt: skip
    truth = [
        read_mix(
            reference_data / "mix" / "tutorial_two_channels.csv", date="date_week", outcome="y",
            media=[f"{name}_contribution_true"],
        ).channels[0].spend.sum()
        for name in ("x1", "x2")
    ]  # fmt: skip
    for result, brought, alpha in zip(channel_results(fit_mix(world)), truth, (0.4, 0.2), strict=True):
        assert result.contribution.estimate == pytest.approx(brought, rel=0.05)
        assert result.contribution.low <= brought <= result.contribution.high
        assert result.carried.estimate == pytest.approx(alpha, abs=0.05)
