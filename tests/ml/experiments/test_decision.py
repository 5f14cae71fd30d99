"""What is believed, what a decision is worth, and what it is worth to know more before it."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from ml.experiments.contrast import Contrast
from ml.experiments.decision import decision_value
from ml.experiments.effect import effect_of
from ml.experiments.information import Stakes, propose, worth_of_test
from ml.experiments.methods import ConfidenceSequence, FixedHorizon
from ml.experiments.multiplicity import benjamini_hochberg, holm
from ml.experiments.non_inferiority import Verdict, guardrail
from ml.experiments.posterior import Prior, expected_gain, posterior
from ml.experiments.power import Rule, Sizes
from warehouse.errors import BadSetting

STAKES = Stakes(Decimal(10), 100_000, cost_of_treating=Decimal("0.50"))


def contrast(treated: float, control: float, se: float) -> Contrast:
    return Contrast(treated, control, se**2 / 2, se**2 / 2, 0.0, 10_000, np.inf)


def test_a_belief_is_the_average_of_what_was_believed_and_seen() -> None:
    drawn = np.random.default_rng(1).normal(0.02, 0.03, 1_000_000)  # what is true, by the prior
    seen = 0.05
    weights = np.exp(-0.5 * ((seen - drawn) / 0.04) ** 2)
    found = posterior(seen, 0.04, prior=Prior(0.02, 0.03))
    assert found.mean == pytest.approx(np.average(drawn, weights=weights), abs=1e-4)
    assert found.probability == pytest.approx(np.average(drawn > 0, weights=weights), abs=2e-3)
    assert found.loss_of_treating == pytest.approx(np.average(np.clip(-drawn, 0, None), weights=weights), rel=0.03)
    assert found.loss_of_keeping == pytest.approx(np.average(np.clip(drawn, 0, None), weights=weights), rel=0.01)
    flat = posterior(seen, 0.04)
    assert (flat.mean, flat.sd) == (0.05, 0.04)
    assert flat.probability == pytest.approx(0.894350, abs=1e-6)
    assert posterior(seen, 0.04, higher_is_better=False).probability == pytest.approx(1 - flat.probability)
    assert expected_gain(-1.0, 0.0) == 0.0
    with pytest.raises(BadSetting, match="above 0"):
        Prior(0.0, 0.0)


def test_worth_is_money_of_the_same_interval() -> None:
    effect = effect_of(contrast(1.3, 1.0, 0.1), FixedHorizon())
    found = decision_value(effect, STAKES)
    assert found.estimate == Decimal("250000.00")
    assert float(found.low) == pytest.approx((effect.difference.low * 10 - 0.5) * 100_000, abs=0.01)
    assert found.probability == pytest.approx(0.99379, abs=1e-5)  # of a difference above 0.05, which treating costs
    assert found.regret > 0
    less = decision_value(effect, STAKES, higher_is_better=False)
    assert less.estimate == Decimal("-350000.00")
    assert less.low < less.estimate < less.high < 0


def test_a_handful_of_units_is_worth_anything() -> None:
    """Their interval at every look is wider than any amount is exact."""
    effect = effect_of(Contrast(36.2, 28.1, 20.0, 18.0, 0.0, 8, 5.9), ConfidenceSequence())
    found = decision_value(effect, STAKES)
    assert float(found.low) == pytest.approx((effect.difference.low * 10 - 0.5) * 100_000)
    assert found.low < -(10**20) < 10**20 < found.high


def test_information_is_worth_what_better_decisions_bring() -> None:
    generator = np.random.default_rng(2)
    prior, sizes, units = Prior(0.03, 0.1), Sizes(2.0), 3_000
    true = generator.normal(prior.mean, prior.sd, 400_000)
    se = sizes.se(units)
    seen = generator.normal(true, se)
    weight = prior.sd**2 / (prior.sd**2 + se**2)
    chosen = prior.mean + weight * (seen - prior.mean) > 0.05
    better = np.where(chosen, true - 0.05, 0.0).mean() - max(prior.mean - 0.05, 0.0)
    worth = worth_of_test(units, sizes, prior, STAKES)
    assert float(worth.information) == pytest.approx(better * 1_000_000, rel=0.02)


def test_a_proposal_is_the_test_that_pays_most() -> None:
    stakes = Stakes(Decimal(10), 100_000, Decimal("0.50"), Decimal(200), Decimal("0.05"))
    sizes, prior = Sizes(2.0), Prior(0.03, 0.1)
    found = propose(sizes, prior, stakes, Rule(), most=200_000, metric="orders")
    nearby = [
        worth_of_test(units, sizes, prior, stakes).net for units in (found.worth.units // 2, 2 * found.worth.units)
    ]
    assert found.worth.net > max(nearby)
    assert found.worth.cost == Decimal(200) + found.worth.units * Decimal("0.05")
    assert found.words.startswith(
        f"To learn the effect on orders to ±{found.precision:.4g} you need {found.worth.units:,}"
    )
    known = propose(sizes, Prior(0.5, 0.001), stakes, Rule(), most=200_000)
    assert known.words.startswith("No test of the metric is worth its cost")
    with pytest.raises(BadSetting, match="100 or more"):
        propose(sizes, prior, stakes, Rule(), most=50)
    with pytest.raises(BadSetting, match="must be above 0"):
        Stakes(Decimal(0), 10)


@pytest.mark.parametrize(
    ("treated", "higher", "verdict"),
    [
        (1.00, True, Verdict.holds),
        (0.985, True, Verdict.open),
        (0.90, True, Verdict.broken),
        (1.00, False, Verdict.holds),
        (1.10, False, Verdict.broken),
    ],
)
def test_a_guardrail_holds_only_when_it_is_known_to(treated: float, higher: bool, verdict: Verdict) -> None:
    found = guardrail(contrast(treated, 1.0, 0.01), FixedHorizon(), 0.03, higher_is_better=higher)
    assert found.verdict is verdict
    assert found.reserve.low < found.reserve.estimate < found.reserve.high
    assert (found.p_value < 0.05) == (verdict is not Verdict.open)


def test_a_margin_is_of_a_level_that_is_itself_uncertain() -> None:
    exact = Contrast(1.0, 1.0, 1e-4, 0.0, 0.0, 100, np.inf)
    unsure = Contrast(1.0, 1.0, 1e-4, 1e-4, 0.0, 100, np.inf)
    reserves = [guardrail(one, FixedHorizon(), 0.1, higher_is_better=True).reserve for one in (exact, unsure)]
    assert reserves[1].high - reserves[1].low == pytest.approx(
        (reserves[0].high - reserves[0].low) * np.sqrt(1 + 0.9**2)
    )
    with pytest.raises(BadSetting, match="from 0 to below 1"):
        guardrail(exact, FixedHorizon(), 2.0, higher_is_better=True)


def test_several_questions() -> None:
    """Worked by hand: Holm multiplies by 4, 3, 2, 1, Benjamini and Hochberg by 4, 2, 4/3, 1."""
    p_values = [0.01, 0.04, 0.03, 0.005]
    assert holm(p_values) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert benjamini_hochberg(p_values) == pytest.approx((0.02, 0.04, 0.04, 0.02))
    assert holm([0.6, 0.7]) == (1.0, 1.0)
    assert (holm([]), benjamini_hochberg([])) == ((), ())
