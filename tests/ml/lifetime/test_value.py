from __future__ import annotations

import numpy as np
import pytest

from ml.lifetime.beta_geometric import fit_bg_nbd
from ml.lifetime.calibration import calibration_of
from ml.lifetime.gamma_gamma import Spending
from ml.lifetime.value import Horizon, LifetimeModel, value_difference
from validation.customers import BETTER, PARAMETERS, Bought, bought, true_value
from warehouse.errors import BadSetting

AHEAD = Horizon(26.0)


def model_of(made: Bought) -> LifetimeModel:
    return LifetimeModel.of(made.purchases, made.spending)


def test_intervals_hold_the_truth() -> None:
    """Of 90 %, over 40 seeds: between 75 % and 99 % for chance's sake."""
    truth, better = true_value(PARAMETERS, AHEAD), true_value(BETTER, AHEAD)
    held = np.zeros(2)
    for seed in range(40):
        plain = model_of(bought(seed, 1_000))
        mean = plain.mean(AHEAD)
        held[0] += mean.low <= truth <= mean.high
        found = value_difference(model_of(bought(seed + 500, 1_000, parameters=BETTER)), plain, AHEAD)
        held[1] += found.low <= better - truth <= found.high
    assert ((held >= 0.75 * 40) & (held <= 0.99 * 40)).all(), held


def test_what_treatment_changed_is_told() -> None:
    plain, better = model_of(bought(1, 4_000)), model_of(bought(2, 4_000, parameters=BETTER))
    found = value_difference(better, plain, AHEAD)
    assert found.difference == pytest.approx(found.treated.estimate - found.untreated.estimate)
    assert found.words.startswith("Treatment raises what customers will be worth: ")
    assert value_difference(plain, better, AHEAD).words.startswith("Treatment lowers")
    same = value_difference(model_of(bought(7, 4_000)), plain, AHEAD)
    assert same.words.startswith("That treatment changes what customers will be worth is not proven")


def test_values_are_purchases_times_amounts() -> None:
    made = bought(1, 2_000)
    model = model_of(made)
    values = model.values(AHEAD)
    come = model.buying.expected(made.purchases, 26.0)[made.purchases.history]
    assert values == pytest.approx(come * model.amounts.expected(made.spending))
    assert values.mean() == pytest.approx(model.mean(AHEAD).estimate)
    # Whoever bought nothing yet buys for as much as anybody.
    p, q, v = model.amounts.fit.parameters
    assert model.amounts.expected(made.spending)[made.frequency == 0] == pytest.approx(p * v / (q - 1))


def test_later_money_is_worth_less() -> None:
    model = model_of(bought(1, 2_000))
    plain, discounted = model.values(AHEAD), model.values(Horizon(26.0, 0.02))
    assert ((discounted < plain) & (discounted > plain * 0.98**26)).all()
    assert model.values(Horizon(26.0, 1e-12)) == pytest.approx(plain)


def test_predictions_are_held_against_what_came() -> None:
    made = bought(5, 20_000)
    purchases = made.purchases
    found = calibration_of(purchases, fit_bg_nbd(purchases).expected(purchases, 26.0), made.later)
    assert found.found == made.later.sum()
    assert found.predicted == pytest.approx(found.found, rel=0.05)
    assert found.correlation > 0.5
    assert [group.frequency for group in found.groups] == list(range(8))
    assert sum(group.customers for group in found.groups) == 20_000
    for group in found.groups:
        assert group.predicted == pytest.approx(group.found, abs=0.25 + 0.1 * group.found)
    with pytest.raises(BadSetting, match="are not of 20,000 customers"):
        calibration_of(purchases, np.ones(3), made.later)
    with pytest.raises(BadSetting, match="missing or negative"):
        calibration_of(purchases, np.ones(purchases.count.size), -made.later)


def test_refusals() -> None:
    made = bought(1, 500)
    with pytest.raises(BadSetting, match="horizon == 0"):
        Horizon(0)
    with pytest.raises(BadSetting, match="discount == 1"):
        Horizon(1, 1)
    with pytest.raises(BadSetting, match="500 histories for 1 amounts"):
        LifetimeModel.of(made.purchases, Spending.of([1], [2]))
    with pytest.raises(BadSetting, match="level == 0"):
        model_of(made).mean(AHEAD, 0)
