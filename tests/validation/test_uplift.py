from __future__ import annotations

import numpy as np
import pytest

from ml.uplift.orthogonal import DRLearner
from validation.customers import BETTER, PARAMETERS, bought, treated_world
from validation.uplift import SEEDS, _error, _figures
from validation.uplift_worlds import COST, VALUE, carried_out, lived_trial


def test_worlds_are_as_they_are_said_to_be() -> None:
    made = treated_world(1, 50_000, confounded=True, spend=True)
    assert made.sample.treated.mean() == pytest.approx(made.chance.mean(), abs=0.01)
    assert np.corrcoef(made.chance, made.untreated)[0, 1] > 0.3
    nearly = made.untreated + made.effect * made.sample.treated
    assert made.sample.outcome.mean() == pytest.approx(nearly.mean(), rel=0.05)
    assert treated_world(1, 400, known=False).sample.propensity is None
    assert not treated_world(1, 400, effects=False).effect.any()


def test_who_leaves_later_buys_more() -> None:
    plain, better = (bought(1, 20_000, parameters=each) for each in (PARAMETERS, BETTER))
    assert better.later.mean() > 1.2 * plain.later.mean()


def test_errors_and_figures_are_about_the_same_effects() -> None:
    error, correlation = _error(DRLearner, treated_world(SEEDS[0], 10_000, spend=True))
    assert 0 < error < 0.9
    assert correlation > 0.6
    made = treated_world(3, 100_000)
    exact, found = _figures(made, exact=True), _figures(made)
    for name, estimate in found.items():
        assert abs(estimate.estimate - exact[name].estimate) < 4 * estimate.se, name


def test_true_uplift_is_of_the_customers_whom_the_learner_sees() -> None:
    trial = lived_trial(1, 3_000)
    treated, uplift = trial.sample.treated, trial.uplift
    assert uplift.size == trial.sample.size > 300
    assert set(trial.sample.names) >= {"visits", "mobile_share", "orders_before"}
    difference = trial.sample.outcome[treated].mean() - trial.sample.outcome[~treated].mean()
    assert difference == pytest.approx(uplift.mean(), abs=0.15)
    assert uplift.any()


def test_a_rule_carried_out_in_the_world_lived_on_earns_what_it_changes() -> None:
    trial = lived_trial(1, 3_000)
    everybody = np.ones(trial.world.config.customers, dtype=np.bool_)
    assert carried_out(trial, ~everybody) == 0
    # Nobody is harmed by this treatment, so at most what it costs is lost.
    assert -COST < carried_out(trial, everybody) < VALUE
