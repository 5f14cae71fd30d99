from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.uplift.nuisance import Expected, effect_scores
from ml.uplift.ranking import Ranking, ranking_of
from ml.uplift.sample import Floats
from validation.customers import treated_world
from warehouse.errors import BadSetting, NotEnoughData


def by_hand(uplift: Floats, effects: Floats) -> tuple[float, float]:
    """AUTOC and Qini by the definition: the mean over ranks j of TOC(j/n), and of j/n times it. Without ties."""
    order = np.argsort(-uplift)
    tocs = [effects[order[: rank + 1]].mean() - effects.mean() for rank in range(uplift.size)]
    weights = [(rank + 1) / uplift.size for rank in range(uplift.size)]
    return float(np.mean(tocs)), float(np.mean(np.multiply(tocs, weights)))


def test_figures_are_those_of_the_definition() -> None:
    generator = np.random.default_rng(4)
    uplift, effects = generator.normal(size=200), generator.normal(size=200)
    found = ranking_of(uplift, effects)
    assert (found.autoc.estimate, found.qini.estimate) == pytest.approx(by_hand(uplift, effects))
    assert found.effect.estimate == pytest.approx(effects.mean())
    best = effects[np.argsort(-uplift)]
    assert [top.uplift.estimate for top in found.tops] == pytest.approx(
        [best[: 20 * tenth].mean() for tenth in range(1, 11)]
    )
    assert found.tops[2].gain.estimate == pytest.approx(best[:60].sum() / 200)
    gains = np.cumsum(best) / 200
    assert found.auuc.estimate == pytest.approx(gains.mean())


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-5, 5)), min_size=30, max_size=60), st.randoms())
@settings(max_examples=30)
def test_the_order_of_equal_scores_does_not_matter(rows: list[tuple[int, int]], chance: object) -> None:
    def figures(pairs: list[tuple[int, int]]) -> list[float]:
        uplift, effects = (np.array(column, dtype=np.float64) for column in zip(*pairs, strict=True))
        found = ranking_of(uplift, effects, draws=20)
        return [found.qini.estimate, found.autoc.estimate, found.auuc.estimate, found.tops[1].uplift.estimate]

    shuffled = list(rows)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert figures(rows) == pytest.approx(figures(shuffled), abs=1e-9)


def test_scores_that_say_nothing_are_worth_nothing() -> None:
    effects = np.random.default_rng(1).normal(0.3, 1.0, 5_000)
    same = ranking_of(np.zeros(5_000), effects)
    assert (same.qini.estimate, same.qini.low, same.qini.high) == (0, 0, 0)
    assert (same.autoc.estimate, same.autoc.low, same.autoc.high) == (0, 0, 0)
    assert same.words.startswith("No difference in response between customers is proven")
    assert {round(top.uplift.estimate, 9) for top in same.tops} == {round(float(effects.mean()), 9)}


def test_words_say_what_is_proven() -> None:
    generator = np.random.default_rng(1)
    effects = generator.normal(size=2_000)
    assert "respond more" in ranking_of(effects + generator.normal(size=2_000), effects).words
    assert "these scores mislead" in ranking_of(-effects, effects).words


def found_in(seed: int, people: int, *, effects: bool, spend: bool = False) -> tuple[Ranking, Floats, Floats]:
    """A score that is right about one of the two causes, judged by scores of effects with known expectations."""
    made = treated_world(seed, people, effects=effects, spend=spend)
    chance = made.sample.propensity
    assert chance is not None
    scores = effect_scores(made.sample, Expected(made.untreated + (1 - chance) * made.effect, chance))
    uplift = made.sample.features[:, 3].astype(np.float64)
    return ranking_of(uplift, scores, draws=60), uplift, made.effect


@pytest.mark.parametrize("spend", [False, True])
def test_intervals_hold_the_truth(spend: bool) -> None:
    """Of 90 %, over 60 seeds: between 78 % and 99 % for chance's sake."""
    truth = ranking_of(*found_in(1_000, 400_000, effects=True, spend=spend)[1:], draws=20)
    held = np.zeros(4)
    for seed in range(60):
        found, _, _ = found_in(seed, 2_000, effects=True, spend=spend)
        for place, figure in enumerate(("effect", "qini", "autoc", "auuc")):
            interval = getattr(found, figure)
            held[place] += interval.low <= getattr(truth, figure).estimate <= interval.high
    assert ((held >= 0.78 * 60) & (held <= 0.99 * 60)).all(), held


def test_without_effects_nothing_is_proven() -> None:
    proven = sum(found_in(seed, 1_000, effects=False)[0].qini.low > 0 for seed in range(60))
    assert proven <= 8  # one in twenty is expected to be wrong


def test_the_same_seed_gives_the_same_intervals() -> None:
    generator = np.random.default_rng(1)
    uplift, effects = generator.normal(size=100), generator.normal(size=100)
    assert ranking_of(uplift, effects, seed=3) == ranking_of(uplift, effects, seed=3)
    assert ranking_of(uplift, effects, seed=3) != ranking_of(uplift, effects, seed=4)


def test_refusals() -> None:
    good = np.arange(40.0)
    with pytest.raises(BadSetting, match="scores of shape"):
        ranking_of(good, good[:10])
    with pytest.raises(NotEnoughData, match="29 customers to judge by"):
        ranking_of(good[:29], good[:29])
    with pytest.raises(BadSetting, match="missing for some customers"):
        ranking_of(np.where(good == 3, np.nan, good), good)
    with pytest.raises(BadSetting, match="shares =="):
        ranking_of(good, good, shares=(0.0,))
    with pytest.raises(BadSetting, match="draws == 3"):
        ranking_of(good, good, draws=3)
    with pytest.raises(BadSetting, match="level == 1"):
        ranking_of(good, good, level=1.0)
