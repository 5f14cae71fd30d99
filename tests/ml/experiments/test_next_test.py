"""Which test next, against decisions played through by chance."""

import numpy as np
import pytest

from ml.experiments.next_test import Belief, Proposal, Stakes, rank, weekly_variance
from warehouse.errors import BadSetting, NotEnoughData

WEEKLY = [1000.0, 1040.0, 980.0, 1010.0, 1030.0, 990.0, 1020.0, 1000.0]
STAKES = Stakes(value=50.0)


def best(belief: Belief) -> Proposal:
    (found,) = rank([belief], WEEKLY, STAKES)
    return found


def error_of_test(found: Proposal) -> float:
    """Of the test alone: precisions, one over the variances, add up."""
    return (found.precision**-2 - found.belief.sd**-2) ** -0.5


def test_information_is_what_deciding_after_the_test_gains_on_average() -> None:
    belief = Belief("search", mean=100.0, sd=60.0, spend=5500.0)
    found = best(belief)
    chance = np.random.default_rng(1)
    truth = chance.normal(belief.mean, belief.sd, 400_000)
    se = error_of_test(found)
    seen = chance.normal(truth, se)
    weight = belief.sd**2 / (belief.sd**2 + se**2)
    believed = belief.mean + weight * (seen - belief.mean)
    gain = truth * STAKES.value - belief.spend
    after = np.where(believed * STAKES.value > belief.spend, gain, 0.0).mean()
    today = max(belief.mean * STAKES.value - belief.spend, 0.0)
    assert found.information == pytest.approx((after - today) * STAKES.horizon, rel=0.02)
    assert found.chance_wrong == pytest.approx(
        np.mean((gain > 0) != (belief.mean * STAKES.value > belief.spend)), abs=0.005
    )


def test_precision_is_what_regions_tell() -> None:
    """Regions of a share without the ads, compared with the others scaled to their size."""
    found = best(Belief("search", mean=100.0, sd=60.0, spend=5500.0))
    variance, share = weekly_variance(WEEKLY), found.share
    chance, shape = np.random.default_rng(2), (100_000, found.weeks)
    dark = chance.normal(0, np.sqrt(variance * share), shape).sum(axis=1)
    others = chance.normal(0, np.sqrt(variance * (1 - share)), shape).sum(axis=1) * share / (1 - share)
    estimate = (others - dark) / (share * found.weeks)
    assert np.std(estimate) == pytest.approx(error_of_test(found), rel=0.02)


def test_the_most_uncertain_of_what_costs_most_is_first_and_what_is_settled_last() -> None:
    close = Belief("close", mean=100.0, sd=60.0, spend=5000.0)
    small = Belief("small", mean=10.0, sd=6.0, spend=500.0)
    settled = Belief("settled", mean=400.0, sd=5.0, spend=5000.0)
    assert [one.belief.channel for one in rank([settled, small, close], WEEKLY, STAKES)] == [
        "close",
        "small",
        "settled",
    ]


def test_what_is_known_for_certain_is_worth_no_test() -> None:
    found = best(Belief("known", mean=200.0, sd=0.0, spend=5000.0))
    assert (found.information, found.chance_wrong) == (0.0, 0.0)
    assert found.net < 0


def test_a_test_costs_what_is_not_done_meanwhile() -> None:
    kept = best(Belief("kept", mean=200.0, sd=50.0, spend=5000.0))
    assert kept.cost == pytest.approx(kept.weeks * kept.share * 5000)
    dropped = best(Belief("dropped", mean=50.0, sd=50.0, spend=5000.0))
    assert dropped.cost == pytest.approx(dropped.weeks * (1 - dropped.share) * 2500)


def test_a_trend_is_no_scatter_and_counts_scatter_at_least_as_counts() -> None:
    assert weekly_variance(np.arange(10) * 100.0 + 500) == pytest.approx(950)
    chance = np.random.default_rng(3)
    assert weekly_variance(1000 + chance.normal(0, 100, 4000)) == pytest.approx(10_000, rel=0.1)


def test_what_tells_nothing_is_refused() -> None:
    with pytest.raises(NotEnoughData, match="5 whole weeks"):
        rank([], WEEKLY[:5], STAKES)
    with pytest.raises(BadSetting):
        Stakes(value=0.0)
