"""Held against published figures, and against customers drawn from the models themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.special import hyp2f1

from ml.lifetime import beta_geometric, gamma_gamma
from ml.lifetime.beta_geometric import expected_purchases, fit_bg_nbd, fit_mbg_nbd
from ml.lifetime.gamma_gamma import Spending, fit_gamma_gamma
from ml.lifetime.pareto import fit_pareto_nbd
from ml.lifetime.purchases import Floats, Purchases
from validation.customers import AMOUNTS, PARAMETERS, bought
from warehouse.errors import BadSetting, CausewayError, NotEnoughData

ONE = Purchases.of([2], [30.43], [38.86])


@pytest.fixture(scope="module")
def cdnow(reference_data: Path) -> pl.DataFrame:
    return pl.read_csv(reference_data / "effects" / "cdnow_summary.csv")


@pytest.fixture(scope="module")
def told(reference_data: Path) -> dict[str, Any]:
    return dict(json.loads((reference_data / "effects" / "ref_cdnow_lifetimes.json").read_text(encoding="utf-8")))


def test_bg_nbd_is_what_was_published(cdnow: pl.DataFrame, told: dict[str, Any]) -> None:
    purchases = Purchases.of(cdnow["x"], cdnow["t_x"], cdnow["T"])
    found = fit_bg_nbd(purchases)
    assert found.fit.parameters == pytest.approx([0.24259, 4.41353, 0.79289, 2.42575], abs=5e-6)
    assert found.fit.errors == pytest.approx([0.01256, 0.37822, 0.18572, 0.70535], abs=5e-6)
    assert found.fit.log_likelihood == pytest.approx(told["bgnbd_total_ll"], abs=1e-5)
    assert found.expected(ONE, 39).item() == pytest.approx(told["bgnbd_cond_2_3043_3886_t39"], rel=1e-6)
    assert found.alive(ONE).item() == pytest.approx(told["bgnbd_palive_2_3043_3886"], rel=1e-6)


def test_the_models_that_check_it_are_what_was_published(cdnow: pl.DataFrame, told: dict[str, Any]) -> None:
    purchases = Purchases.of(cdnow["x"], cdnow["t_x"], cdnow["T"])
    modified, pareto = fit_mbg_nbd(purchases), fit_pareto_nbd(purchases)
    assert modified.fit.parameters == pytest.approx(list(told["mbgnbd"].values()), rel=1e-5)
    assert pareto.fit.parameters == pytest.approx(list(told["paretonbd"].values()), rel=1e-3)
    totals = [float(m.expected(purchases, 39) @ purchases.count) for m in (fit_bg_nbd(purchases), modified, pareto)]
    assert max(totals) < 1.06 * min(totals)


def test_gamma_gamma_is_what_was_published(cdnow: pl.DataFrame, told: dict[str, Any]) -> None:
    spending = Spending.of(cdnow["x"], cdnow["zbar"])
    found = fit_gamma_gamma(spending)
    assert spending.repeats.frequency.size == 946
    assert found.fit.parameters == pytest.approx([6.2488, 3.7446, 15.4477], abs=6e-5)
    assert found.fit.parameters == pytest.approx(list(told["gammagamma"].values()), rel=1e-6)


def by_differences(pieces: Any, parameters: Floats) -> tuple[Floats, Floats]:
    """Slope and curvature of the sum by central differences."""
    size, steps = parameters.size, 1e-5 * parameters
    slope, bend = np.zeros(size), np.zeros((size, size))
    for place in range(size):
        up, down = parameters.copy(), parameters.copy()
        up[place] += steps[place]
        down[place] -= steps[place]
        slope[place] = (pieces(up)[0].sum() - pieces(down)[0].sum()) / (2 * steps[place])
        bend[place] = (pieces(up)[1].sum(axis=1) - pieces(down)[1].sum(axis=1)) / (2 * steps[place])
    return slope, bend


@pytest.mark.parametrize("first_chances", [0, 1])
def test_slope_and_curvature_of_buying(first_chances: int) -> None:
    purchases = bought(1, 300).purchases

    def pieces(parameters: Floats) -> Any:
        return beta_geometric._pieces(parameters, purchases, first_chances)

    for parameters in (PARAMETERS, np.array([2.0, 3.0, 0.4, 1.2])):
        slope, bend = by_differences(pieces, parameters)
        assert pieces(parameters)[1].sum(axis=1) == pytest.approx(slope, rel=1e-5, abs=1e-4)
        assert pieces(parameters)[2].sum(axis=2) == pytest.approx(bend, rel=1e-4, abs=1e-3)


def test_slope_and_curvature_of_amounts() -> None:
    spending = bought(1, 300).spending.repeats
    slope, bend = by_differences(lambda parameters: gamma_gamma._pieces(parameters, spending), AMOUNTS)
    value = gamma_gamma._pieces(AMOUNTS, spending)
    assert value[1].sum(axis=1) == pytest.approx(slope, rel=1e-5, abs=1e-4)
    assert value[2].sum(axis=2) == pytest.approx(bend, rel=1e-4, abs=1e-3)


def test_what_is_to_come_is_equation_10() -> None:
    purchases = bought(2, 200).purchases
    r, alpha, a, b = PARAMETERS
    x, last, age = purchases.frequency, purchases.recency, purchases.age
    left = (alpha + age) / (alpha + age + 26)
    upper = 1 - left ** (r + x) * hyp2f1(r + x, b + x, a + b + x - 1, 1 - left)
    lower = 1 + (x > 0) * a / (b + x - 1) * ((alpha + age) / (alpha + last)) ** (r + x)
    expected = (a + b + x - 1) / (a - 1) * upper / lower
    assert expected_purchases(PARAMETERS, purchases, 26) == pytest.approx(expected, rel=1e-9)


def test_at_the_pole_it_is_the_limit() -> None:
    beside = [expected_purchases(np.array([0.6, 8.0, a, 2.5]), ONE, 26).item() for a in (0.999, 1.0, 1.001)]
    assert beside[1] == pytest.approx((beside[0] + beside[2]) / 2, rel=1e-5)


def test_frequent_customers_are_no_trouble() -> None:
    often = Purchases.of([900], [364.9], [365.0])
    assert expected_purchases(np.array([0.6, 8.0, 0.05, 8.0]), often, 365).item() == pytest.approx(880, rel=0.06)


def test_parameters_are_found_again() -> None:
    made = bought(3, 20_000)
    buying, amounts = fit_bg_nbd(made.purchases).fit, fit_gamma_gamma(made.spending).fit
    assert (np.abs(buying.parameters - PARAMETERS) < 4 * buying.errors).all()
    assert (np.abs(amounts.parameters - AMOUNTS) < 4 * amounts.errors).all()
    assert (buying.errors < 0.2 * PARAMETERS).all()


def test_standard_errors_are_the_scatter() -> None:
    fits = [fit_bg_nbd(bought(seed, 3_000).purchases).fit for seed in range(40)]
    scatter = np.std([np.log(fit.parameters) for fit in fits], axis=0, ddof=1)
    told = np.mean([fit.errors / fit.parameters for fit in fits], axis=0)
    assert ((scatter / told > 0.7) & (scatter / told < 1.4)).all(), scatter / told


def test_who_is_alive_is_what_is_said() -> None:
    made = bought(4, 30_000, horizon=400.0)  # long enough for nearly all who are there to come
    model = fit_bg_nbd(made.purchases)
    alive = model.alive(made.purchases)[made.purchases.history]
    assert ((alive > 0) & (alive <= 1)).all()
    assert (alive[made.frequency == 0] == 1).all()
    of = made.frequency >= 2
    came = (made.later > 0)[of]
    assert came.mean() == pytest.approx(alive[of].mean(), abs=0.03)
    order = np.argsort(alive[of])
    assert came[order[-500:]].mean() > came[order[:500]].mean() + 0.3


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (([1], [2], [1]), "Customer 1 has a recency that is negative or above the age"),
        (([1, -1], [2, 0], [3, 3]), "Customer 2 has a frequency that is no count"),
        (([1.5], [2], [3]), "has a frequency that is no count"),
        (([0], [2], [3]), "never came again, but has a recency"),
        (([2], [0], [3]), "came again, but has no recency"),
        (([0], [0], [0]), "has an age of 0 or less"),
        (([0], [0], [np.nan]), "has no number"),
        (([0], [0, 0], [1]), "have 1, 2 and 1 entries"),
    ],
)
def test_histories_that_cannot_be_are_refused(wrong: tuple[Any, ...], words: str) -> None:
    with pytest.raises(BadSetting, match=words):
        Purchases.of(*wrong)


@pytest.mark.parametrize(("frequency", "mean"), [([1], [0]), ([1], [-2]), ([1], [np.nan]), ([-1], [2]), ([1, 2], [3])])
def test_amounts_that_cannot_be_are_refused(frequency: list[float], mean: list[float]) -> None:
    with pytest.raises(BadSetting):
        Spending.of(frequency, mean)


@pytest.mark.parametrize("fit", [fit_bg_nbd, fit_mbg_nbd, fit_pareto_nbd])
def test_too_few_or_too_alike_are_refused(fit: Any) -> None:
    ones = np.ones(50)
    with pytest.raises(NotEnoughData, match="0 of 50 customers came again; 30 are needed"):
        fit(Purchases.of(0 * ones, 0 * ones, ones))
    with pytest.raises(CausewayError, match="has no maximum"):
        fit(Purchases.of(4 * ones, 10 * ones, 10 * ones))


def test_amounts_without_a_mean_are_refused() -> None:
    with pytest.raises(NotEnoughData, match="29 customers have amounts"):
        fit_gamma_gamma(Spending.of(np.ones(29), np.ones(29)))
    wild = bought(1, 3_000, amounts=np.array([6.0, 0.7, 15.0])).spending
    with pytest.raises(NotEnoughData, match="they have no mean"):
        fit_gamma_gamma(wild)
