from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.attribution.fractional import fractional, fractional_draws, halves, held_out_quality, quality
from ml.attribution.hazard import chances, features_of, fit_hazard
from ml.attribution.leaks import auc
from ml.attribution.models import Model, attribute
from ml.attribution.paths import Floats, Paths, paths_from_lists
from warehouse.errors import BadSetting, NotEnoughData


def world(seed: int, people: int = 20_000) -> tuple[Paths, Floats]:
    """People with intent meet "search" more and buy more; only "ad" makes anybody buy. And the intent at each touch."""
    generator = np.random.default_rng(seed)
    lists, conversions, intent = [], [], []
    for _ in range(people):
        keen = generator.random() < 0.3
        path, bought = [], False
        for _ in range(int(generator.geometric(0.4))):
            channel = "search" if generator.random() < (0.7 if keen else 0.2) else generator.choice(["ad", "mail"])
            path.append(str(channel))
            chance = (0.15 if keen else 0.01) + (0.05 if "ad" in path else 0.0)
            if generator.random() < chance:
                bought = True
                break
        lists.append(path)
        conversions.append(float(bought))
        intent += [float(keen)] * len(path)
    done = np.array(conversions)
    return paths_from_lists(lists, done, value=done * 10, nulls=1 - done), np.array(intent)


@pytest.fixture(scope="module")
def keen() -> tuple[Paths, Floats]:
    return world(1)


def test_credits_sum_and_follow_the_evidence(keen: tuple[Paths, Floats]) -> None:
    paths, intent = keen
    blind, seeing = fractional(paths), fractional(paths, {"intent": intent})
    for fitted in (blind, seeing):
        assert fitted.conversions.sum() == pytest.approx(paths.conversions.sum())
        assert fitted.value.sum() == pytest.approx(paths.value.sum())
    # Who wants to buy searches: without knowing of the intent, search looks as if it had made them buy.
    search, ad = paths.place("search"), paths.place("ad")
    assert blind.conversions[search] > 1.02 * seeing.conversions[search]
    assert blind.lost[search] > 1.1 * seeing.lost[search]
    assert seeing.lost[ad] > seeing.lost[paths.place("mail")]


def test_signals_improve_what_is_predicted(keen: tuple[Paths, Floats]) -> None:
    paths, intent = keen
    fitted_to, held_out = halves(paths, 0.7, seed=2)
    assert fitted_to.journeys + held_out.journeys == pytest.approx(paths.journeys)
    blind = quality(fit_hazard(fitted_to), held_out)
    seeing = quality(fit_hazard(fitted_to, {"intent": intent}), held_out, {"intent": intent})
    assert 0.5 < blind.auc < seeing.auc
    assert seeing.slope == pytest.approx(1.0, abs=0.25)
    assert seeing.predicted == pytest.approx(seeing.observed, abs=0.03)
    again = held_out_quality(paths, {"intent": intent}, share=0.7, seed=2)
    assert (again.auc, again.slope) == (seeing.auc, seeing.slope)


def test_coefficients_are_where_the_likelihood_is_flat(keen: tuple[Paths, Floats]) -> None:
    paths, _ = keen
    fitted = fit_hazard(paths)

    def likelihood(coefficients: Floats) -> float:
        total = -0.5 * float((coefficients[1:] ** 2).sum())
        for _, touches, features in features_of(paths, {}):
            logit = features @ coefficients
            events = np.zeros(logit.size)
            last = paths.offsets[1:] - 1 - touches.start
            events[last] = paths.conversions
            total += float((events * logit - np.logaddexp(0, logit)).sum())
        return total

    best = likelihood(fitted.coefficients)
    for place in range(fitted.coefficients.size):
        for step in (-0.02, 0.02):
            other = fitted.coefficients.copy()
            other[place] += step
            assert likelihood(other) < best


def test_draws_scatter_like_other_samples() -> None:
    samples = np.array([fractional(world(seed, 4_000)[0]).conversions for seed in range(2, 14)])
    paths, _ = world(1, 4_000)
    draws = fractional_draws(paths, fractional(paths), 60, seed=1).conversions
    ratio = draws.std(axis=0) / samples.std(axis=0)
    assert ((ratio > 0.4) & (ratio < 2.2)).all()
    credit = attribute(paths, Model("fractional"), draws=40)
    assert credit.low is not None
    assert credit.high is not None
    assert ((credit.low < credit.conversions) & (credit.conversions < credit.high)).all()


def test_the_chance_of_nothing_is_nothing() -> None:
    paths = paths_from_lists([[], ["a"], ["a", "b"]], [0, 40, 20], nulls=[0, 400, 500])
    assert chances(paths, {}, fit_hazard(paths).coefficients[:, None])[:, 0] == pytest.approx(
        [0.0, 40 / 440, 1 - (1 - 20 / 520) * (1 - 40 / 440)], abs=0.05
    )


@pytest.mark.parametrize("kind", ["outcome", "noisy outcome", "page of thanks", "missing"])
def test_signals_that_tell_the_outcome_are_refused(keen: tuple[Paths, Floats], kind: str) -> None:
    paths, _ = keen
    done = np.repeat(paths.conversions, paths.lengths)
    generator = np.random.default_rng(5)
    leak = {
        "outcome": 5 * done,
        "noisy outcome": done + 0.2 * generator.normal(size=done.size),
        "page of thanks": done * (generator.random(done.size) < 0.3),
        "missing": np.where(done > 0, 1.0, np.nan),
    }[kind]
    with pytest.raises(BadSetting, match="signal 'pages'"):
        fit_hazard(paths, {"pages": leak})


def test_refusals() -> None:
    with pytest.raises(NotEnoughData, match="needs 30 conversions"):
        fit_hazard(paths_from_lists([["a"]], [29], nulls=[100]))
    with pytest.raises(NotEnoughData, match="journeys without one"):
        fit_hazard(paths_from_lists([["a"]], [100]))
    paths = paths_from_lists([["a"]], [100], nulls=[100])
    with pytest.raises(BadSetting, match="has 2 entries for 1 touches"):
        fit_hazard(paths, {"pages": np.zeros(2)})
    with pytest.raises(NotEnoughData, match="end alike"):
        quality(fit_hazard(paths), paths_from_lists([["a"]], [0], nulls=[100]))


weighted = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=12)


@given(weighted)
@settings(max_examples=50)
def test_auc_is_the_share_of_pairs_in_order(scored: list[tuple[int, int, int]]) -> None:
    scores, good, bad = (np.array(each, dtype=np.float64) for each in zip(*scored, strict=True))
    pairs = [(a, b) for a, n, _ in scored for _ in range(n) for b, _, m in scored for _ in range(m)]
    expected = sum((a > b) + 0.5 * (a == b) for a, b in pairs) / len(pairs) if pairs else 0.5
    assert auc(scores, good, bad) == pytest.approx(expected)
