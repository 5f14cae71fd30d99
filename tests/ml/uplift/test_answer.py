from __future__ import annotations

import numpy as np
import pytest

from ml.uplift.answer import LEARNERS, Answer, Terms, answer_of, split
from ml.uplift.kinds import Kind
from ml.uplift.sample import Sample
from tests.ml.uplift.made import rmse
from validation.customers import treated_world
from warehouse.errors import BadSetting, NotEnoughData

TERMS = Terms(value=50, cost=4)


@pytest.fixture(scope="module")
def answers() -> dict[str, Answer]:
    sample = treated_world(1, 12_000).sample
    return {learner: answer_of(sample, learner, terms=TERMS, draws=40) for learner in LEARNERS}


@pytest.mark.parametrize("learner", LEARNERS)
def test_every_learner_finds_who_responds(answers: dict[str, Answer], learner: str) -> None:
    found, made = answers[learner], treated_world(1, 12_000)
    assert found.words.startswith("Customers with higher scores respond more")
    assert found.ranking.effect.low < made.effect.mean() < found.ranking.effect.high
    assert {found.drivers[0].feature, found.drivers[1].feature} == {"feature 3", "feature 4"}
    assert [driver.direction is not None and driver.direction > 0 for driver in found.drivers[:2]] in (
        [True, False],
        [False, True],
    )
    assert found.policy.gain.low > 0
    assert found.policy.share == pytest.approx(found.treat[found.held_out].mean())
    assert found.treat.tolist() == (50 * found.uplift > 4).tolist()
    assert found.margin == 0.08
    assert rmse(found.untreated, made.untreated) < 0.1
    best = {each.kind: each for each in found.kinds}[Kind.PERSUADABLE]
    assert best.found is not None
    assert best.found.low > 0


def test_without_a_difference_none_is_found() -> None:
    proven = 0
    for seed in range(8):
        found = answer_of(treated_world(seed, 3_000, effects=False).sample, draws=40, seed=seed)
        proven += "is proven" not in found.words
        assert {"No difference in response", "Customers with higher"} & {
            found.ranking.words[:25], found.ranking.words[:21]
        }  # fmt: skip
    assert proven <= 2


def test_unknown_chances_are_estimated() -> None:
    made = treated_world(2, 12_000, confounded=True)
    naive = made.sample.outcome[made.sample.treated].mean() - made.sample.outcome[~made.sample.treated].mean()
    hidden = Sample(made.sample.features, made.sample.names, made.sample.outcome, made.sample.treated, None)
    for learner in ("dr", "t"):
        effect = answer_of(hidden, learner, draws=40).ranking.effect
        assert effect.low < made.effect.mean() < effect.high
        assert abs(effect.estimate - made.effect.mean()) < 0.5 * (naive - made.effect.mean())


def test_halves_are_drawn_in_either_arm() -> None:
    treated = np.arange(1_000) < 100
    out = split(treated, 0.3, seed=1)
    assert (out[treated].sum(), out[~treated].sum()) == (30, 270)
    assert out.tolist() == split(treated, 0.3, seed=1).tolist()
    assert out.tolist() != split(treated, 0.3, seed=2).tolist()


def test_refusals() -> None:
    sample = treated_world(1, 200).sample
    with pytest.raises(BadSetting, match="There is no learner 'z'. There are: s, t, x, r, dr"):
        answer_of(sample, "z")
    with pytest.raises(BadSetting, match="holdout == 1"):
        answer_of(sample, holdout=1.0)
    with pytest.raises(NotEnoughData, match="uplift needs 30"):
        answer_of(sample, holdout=0.1)
