"""Adjusted contrasts against brute force, and against other software."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import tea_tasting as tt

from ml.experiments.contrast import Quantity, mean_contrast
from ml.experiments.effect import effect_of
from ml.experiments.methods import FixedHorizon
from ml.experiments.moments import Distribution, Floats, Moments
from ml.experiments.quantile import quantile_contrast
from tests.ml.experiments.made import COLUMNS, bootstrap_se, buyers
from warehouse.errors import BadSetting, NotEnoughData

DRAWS = 1_500
NEAR = 0.08  # of a standard error: four times what so many draws are off themselves


@pytest.fixture(scope="module")
def arms() -> tuple[Floats, Floats]:
    generator = np.random.default_rng(3)
    return buyers(generator, 1_200, lift=0.1), buyers(generator, 2_000)


def moments(values: Floats) -> tuple[Moments, ...]:
    return (Moments.of(COLUMNS, values),)


@pytest.mark.parametrize("covariate", [None, "before"])
@pytest.mark.parametrize("metric", ["spend", "spend/orders"])
def test_as_other_software_has_it(arms: tuple[Floats, Floats], metric: str, covariate: str | None) -> None:
    frame = pd.DataFrame(np.vstack(arms), columns=list(COLUMNS))
    frame["variant"] = [1] * len(arms[0]) + [0] * len(arms[1])
    numerator, _, denominator = metric.partition("/")
    other = tt.RatioOfMeans(numerator, denominator or None, covariate) if denominator else tt.Mean(numerator, covariate)
    theirs = tt.Experiment(metric=other).analyze(frame)["metric"]
    adjusted = [Quantity(covariate)] if covariate else []
    ours = mean_contrast(*map(moments, arms), Quantity(numerator, denominator or None), adjusted)
    effect = effect_of(ours, FixedHorizon())
    told = (effect.difference.estimate, effect.difference.low, effect.difference.high, effect.p_value)
    assert told == pytest.approx(
        (theirs.effect_size, theirs.effect_size_ci_lower, theirs.effect_size_ci_upper, theirs.pvalue), rel=1e-9
    )


def test_covariates_and_ratios_are_as_sure_as_when_drawn_again(arms: tuple[Floats, Floats]) -> None:
    def difference(treated: Floats, control: Floats) -> float:
        return mean_contrast(moments(treated), moments(control), ratio, adjusted).difference

    ratio, adjusted = Quantity("spend", "orders"), [Quantity("before"), Quantity("visits")]
    found = mean_contrast(*map(moments, arms), ratio, adjusted)
    assert found.se == pytest.approx(bootstrap_se(*arms, difference, DRAWS), rel=NEAR)


def test_levels_are_as_sure_and_as_tied_as_when_drawn_again(arms: tuple[Floats, Floats]) -> None:
    generator = np.random.default_rng(5)
    drawn = [
        mean_contrast(
            *(moments(arm[generator.integers(0, len(arm), len(arm))]) for arm in arms),
            Quantity("spend"),
            [Quantity("before"), Quantity("visits")],
        )
        for _ in range(DRAWS)
    ]
    spread = np.cov([one.treated for one in drawn], [one.control for one in drawn])
    found = mean_contrast(*map(moments, arms), Quantity("spend"), [Quantity("before"), Quantity("visits")])
    assert (found.var_treated, found.var_control) == pytest.approx(tuple(spread.diagonal()), rel=0.15)
    # As far off as so many draws may be, and not as far as no covariance at all would be.
    near = 3 * np.sqrt(spread[0, 0] * spread[1, 1] / DRAWS)
    assert found.covariance == pytest.approx(spread[0, 1], abs=near)
    plain = mean_contrast(*map(moments, arms), Quantity("spend"))
    assert found.se < 0.97 * plain.se


def test_clusters_are_what_is_drawn(arms: tuple[Floats, Floats]) -> None:
    generator = np.random.default_rng(8)

    def clusters(count: int, lift: float) -> Floats:
        """(count, 3) sums of the outcome and of the covariate over a cluster's units, and how many these are."""
        sizes = generator.integers(1, 12, count)
        known = generator.standard_normal(count)
        means = lift + known + generator.standard_normal(count)
        outcome = [(means[i] + generator.standard_normal(n)).sum() for i, n in enumerate(sizes)]
        return np.column_stack([outcome, known * sizes, sizes])

    def contrast(treated: Floats, control: Floats) -> float:
        return mean_contrast(*((Moments.of(names, arm),) for arm in (treated, control)), *asked).difference

    names, asked = ("outcome", "known", "units"), (Quantity("outcome", "units"), [Quantity("known", "units")])
    treated, control = clusters(400, 0.3), clusters(500, 0.0)
    found = mean_contrast(*((Moments.of(names, arm),) for arm in (treated, control)), *asked)
    assert found.se == pytest.approx(bootstrap_se(treated, control, contrast, DRAWS), rel=NEAR)
    assert found.difference == pytest.approx(0.3, abs=3 * found.se)
    units = treated[:, 2].sum() + control[:, 2].sum()
    assert found.n == 900 < units


def test_strata_take_out_what_is_between_them() -> None:
    generator = np.random.default_rng(9)
    level = np.array([0.0, 5.0, 20.0])

    def arm(n: int, lift: float) -> tuple[Moments, ...]:
        stratum = generator.integers(0, 3, n)
        values = level[stratum] + lift + generator.standard_normal(n)
        return tuple(Moments.of(["y"], values[stratum == s][:, None]) for s in range(3))

    found = [mean_contrast(arm(300, 1.0), arm(200, 0.0), Quantity("y")) for _ in range(400)]
    estimates = np.array([one.difference for one in found])
    assert estimates.std() == pytest.approx(np.mean([one.se for one in found]), rel=0.12)
    assert estimates.mean() == pytest.approx(1.0, abs=0.02)
    assert estimates.std() < 0.2 * np.sqrt(72.0 * (1 / 300 + 1 / 200))  # the variance between strata is 72


@pytest.mark.parametrize("probability", [0.5, 0.9])
def test_quantiles_are_as_sure_as_when_drawn_again(arms: tuple[Floats, Floats], probability: float) -> None:
    def difference(treated: Floats, control: Floats) -> float:
        return float(np.quantile(treated, probability) - np.quantile(control, probability))

    generator = np.random.default_rng(6)
    one, other = generator.lognormal(0.1, 1.0, 3_000), generator.lognormal(0.0, 1.0, 4_000)
    found = quantile_contrast(Distribution.of(one), Distribution.of(other), probability)
    assert found.difference == pytest.approx(difference(one, other))
    assert found.se == pytest.approx(bootstrap_se(one, other, difference, DRAWS), rel=0.15)


def test_covariates_in_line_count_once(arms: tuple[Floats, Floats]) -> None:
    def doubled(values: Floats) -> tuple[Moments, ...]:
        return (
            Moments.of((*COLUMNS, "again", "constant"), np.column_stack([values, 3 * values[:, 2], 0 * values[:, 2]])),
        )

    once = mean_contrast(*map(moments, arms), Quantity("spend"), [Quantity("before")])
    names = [Quantity("before"), Quantity("again"), Quantity("constant")]
    twice = mean_contrast(*map(doubled, arms), Quantity("spend"), names)
    assert (twice.difference, twice.se) == pytest.approx((once.difference, once.se))


def test_what_cannot_be_told_is_said(arms: tuple[Floats, Floats]) -> None:
    still = (Moments.of(COLUMNS, np.ones((50, 4))),)
    with pytest.raises(NotEnoughData, match="spend does not vary in an arm: it is 1"):
        mean_contrast(moments(arms[0]), still, Quantity("spend"))
    with pytest.raises(NotEnoughData, match="orders is 0 on average"):
        mean_contrast((Moments.of(COLUMNS, np.zeros((50, 4))),), still, Quantity("spend", "orders"))
    with pytest.raises(NotEnoughData, match="1 units have no variance"):
        mean_contrast(moments(arms[0][:1]), moments(arms[1]), Quantity("spend"))
    with pytest.raises(BadSetting, match="same strata"):
        mean_contrast(moments(arms[0]), (*moments(arms[1]), *moments(arms[1])), Quantity("spend"))
    few, many = Distribution.of(np.arange(40.0)), Distribution.of(np.zeros(1_000))
    with pytest.raises(NotEnoughData, match="Only 4 units"):
        quantile_contrast(few, few, 0.9)
    with pytest.raises(NotEnoughData, match="many units with the same value, 0"):
        quantile_contrast(many, many, 0.9)
