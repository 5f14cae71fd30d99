"""What every learner owes to everybody."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xgboost as xgb
from sklearn.base import clone
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsRegressor

from ml.uplift.answer import LEARNERS
from ml.uplift.learners import SLearner, TLearner, UpliftLearner, XLearner
from ml.uplift.orthogonal import DRLearner, RLearner
from tests.ml.uplift.made import rmse
from validation.customers import Treated, treated_world
from warehouse.errors import BadSetting, NotEnoughData

CROSS_FITTED = [XLearner, RLearner, DRLearner]
every = pytest.mark.parametrize("learner", LEARNERS.values(), ids=list(LEARNERS))


@pytest.fixture(scope="module")
def randomised() -> Treated:
    return treated_world(1, 16_000)


@pytest.fixture(scope="module")
def confounded() -> Treated:
    return treated_world(2, 16_000, confounded=True)


def fitted(learner: UpliftLearner, of: Treated, *, known: bool = True) -> UpliftLearner:
    sample = of.sample
    return learner.fit(sample.features, sample.outcome, sample.treated, sample.propensity if known else None)


@every
@pytest.mark.parametrize("known", [True, False])
def test_effects_are_found(learner: type[UpliftLearner], known: bool, randomised: Treated, confounded: Treated) -> None:
    unseen = treated_world(9, 5_000)
    for of in (randomised, confounded):
        found = fitted(learner(), of, known=known).predict(unseen.sample.features)
        assert np.corrcoef(found, unseen.effect)[0, 1] > 0.8
        if learner is not SLearner:  # which shrinks all effects, and cannot be helped
            assert rmse(found, unseen.effect) < 0.5 * unseen.effect.std()
            assert found.mean() == pytest.approx(unseen.effect.mean(), abs=0.02)


@every
def test_learners_are_of_scikit_learns_kind(learner: type[UpliftLearner], randomised: Treated) -> None:
    asked = learner(seed=7)
    assert asked.get_params()["seed"] == 7
    assert clone(asked.set_params(seed=8)).seed == 8
    frame = pd.DataFrame(randomised.sample.features, columns=list("abcdefgh"))
    sample = randomised.sample
    said = asked.fit(frame, sample.outcome.tolist(), sample.treated.astype(int).tolist(), 0.4)
    assert said is asked
    assert said.feature_names_ == tuple("abcdefgh")
    again = clone(asked).fit(frame, sample.outcome, sample.treated, 0.4)
    assert np.array_equal(asked.predict(frame[:500]), again.predict(frame[:500]))
    assert not np.array_equal(asked.predict(frame[:500]), learner(seed=9).fit(
        frame, sample.outcome, sample.treated, 0.4).predict(frame[:500]))  # fmt: skip


@every
def test_any_regressor_will_do(learner: type[UpliftLearner], randomised: Treated) -> None:
    sample = randomised.sample
    for model in (LinearRegression(), KNeighborsRegressor(200), xgb.XGBRegressor(n_estimators=10, max_depth=2)):
        given = {name: model for name in learner().get_params() if name in {"outcome_model", "effect_model"}}
        if learner is RLearner and isinstance(model, KNeighborsRegressor):
            del given["effect_model"]  # whose residuals have weights
        small = sample.take(np.arange(4_000))
        found = learner(**given).fit(small.features, small.outcome, small.treated, 0.4).predict(small.features)
        if learner is SLearner and isinstance(model, LinearRegression):
            assert np.ptp(found) < 1e-5  # a line has the same slope for everybody
        else:
            assert np.corrcoef(found, randomised.effect[:4_000])[0, 1] > 0.2


@pytest.mark.parametrize("learner", CROSS_FITTED)
def test_a_classifier_may_estimate_the_propensity(learner: type[UpliftLearner], confounded: Treated) -> None:
    found = fitted(learner(propensity_model=LogisticRegression()), confounded, known=False)
    assert rmse(found.predict(confounded.sample.features), confounded.effect) < 0.6 * confounded.effect.std()


@every
def test_contributions_sum_to_the_score(learner: type[UpliftLearner], randomised: Treated) -> None:
    for model in (None, xgb.XGBRegressor(n_estimators=15, max_depth=3)):
        given = {} if model is None else {
            name: model for name in learner().get_params() if name in {"outcome_model", "effect_model"}
        }  # fmt: skip
        said = fitted(learner(**given), randomised)
        table = randomised.sample.features[:2_000]
        shares = said.contributions(table)
        assert shares.shape == (2_000, 9)
        assert shares.sum(axis=1) == pytest.approx(said.predict(table), abs=1e-5)
        mean = np.abs(shares[:, :-1]).mean(axis=0)
        assert set(np.argsort(-mean)[:2]) == {3, 4}


@every
def test_only_trees_explain_themselves(learner: type[UpliftLearner], randomised: Treated) -> None:
    given = {name: LinearRegression() for name in learner().get_params() if name in {"outcome_model", "effect_model"}}
    said = fitted(learner(**given), randomised)
    with pytest.raises(BadSetting, match="not of LinearRegression"):
        said.contributions(randomised.sample.features[:10])


@every
def test_missing_values_are_values(learner: type[UpliftLearner], randomised: Treated) -> None:
    holes = randomised.sample.features.copy()
    holes[holes[:, 3] > 0, 3] = np.nan
    sample = randomised.sample
    found = learner().fit(holes, sample.outcome, sample.treated, 0.4).predict(holes)
    assert rmse(found, randomised.effect) < 0.6 * randomised.effect.std()


@every
def test_tables_of_another_width_are_refused(learner: type[UpliftLearner], randomised: Treated) -> None:
    said = fitted(learner(), randomised)
    with pytest.raises(BadSetting, match="there are 7 features, must be 8"):
        said.predict(randomised.sample.features[:, :7])


@pytest.mark.parametrize("learner", CROSS_FITTED)
def test_treatment_that_features_decide_leaves_nobody_to_compare(
    learner: type[UpliftLearner], randomised: Treated
) -> None:
    features = randomised.sample.features
    with pytest.raises(NotEnoughData, match="next to certain"):
        learner().fit(features, randomised.sample.outcome, features[:, 5] > 0)


def test_either_half_of_a_doubly_robust_learner_may_be_wrong(confounded: Treated) -> None:
    """Of two expectations one is enough: with a constant for the propensity, or one for the outcome."""
    from sklearn.dummy import DummyClassifier, DummyRegressor

    truth = confounded.effect.mean()
    sample = confounded.sample
    naive = sample.outcome[sample.treated].mean() - sample.outcome[~sample.treated].mean()
    assert naive - truth > 0.02
    for given in ({"propensity_model": DummyClassifier(strategy="prior")}, {"outcome_model": DummyRegressor()}):
        found = fitted(DRLearner(**given), confounded, known=False).predict(sample.features)
        assert found.mean() == pytest.approx(truth, abs=0.012)


def test_with_one_chance_for_all_x_weighs_by_it(randomised: Treated) -> None:
    said = fitted(XLearner(), randomised)
    table = randomised.sample.features[:100]
    parts = [model.predict(table) for model in (said.from_untreated_, said.from_treated_)]
    assert said.predict(table) == pytest.approx(0.4 * parts[0] + 0.6 * parts[1])


def test_s_is_one_model_and_t_are_two(randomised: Treated) -> None:
    table = randomised.sample.features[:100]
    s, t = fitted(SLearner(), randomised), fitted(TLearner(), randomised)
    with_, without = (np.column_stack([table, np.full(100, arm, dtype=np.float32)]) for arm in (1, 0))
    assert s.predict(table) == pytest.approx(s.model_.predict(with_) - s.model_.predict(without))
    assert t.predict(table) == pytest.approx(t.treated_.predict(table) - t.untreated_.predict(table))
