from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from ml.uplift.sample import Sample
from warehouse.errors import BadSetting, CausewayError, NotEnoughData

GENERATOR = np.random.default_rng(1)
GOOD: dict[str, Any] = {
    "features": GENERATOR.normal(size=(200, 2)),
    "outcome": (np.arange(200) % 3 == 0).astype(float),
    "treatment": np.arange(200) % 2,
    "propensity": 0.5,
}


def test_frames_bring_their_names() -> None:
    sample = Sample.of(**{**GOOD, "features": pd.DataFrame(GOOD["features"], columns=["age", "orders"])})
    assert sample.names == ("age", "orders")
    assert (sample.size, sample.treated.sum()) == (200, 100)
    assert sample.propensity is not None
    assert sample.propensity.tolist() == [0.5] * 200
    assert Sample.of(**{**GOOD, "propensity": None}).propensity is None
    assert sample.take(np.arange(3)).features.shape == (3, 2)


@pytest.mark.parametrize(
    ("wrong", "kind", "words"),
    [
        ({"treatment": np.ones(200)}, NotEnoughData, "There are 0 untreated customers"),
        ({"treatment": np.arange(200) < 29}, NotEnoughData, "There are 29 treated customers; uplift needs 30"),
        ({"treatment": np.arange(200) % 3}, BadSetting, "treatment has the value 2"),
        ({"treatment": ["yes"] * 200}, BadSetting, "treatment holds what is no number"),
        ({"treatment": np.ones(199)}, BadSetting, "must have one entry for each of 200 customers"),
        ({"outcome": np.zeros(200)}, NotEnoughData, "The outcome is 0 for every customer"),
        ({"outcome": np.arange(200) < 12}, NotEnoughData, "Only 12 customers have another outcome than 0"),
        (
            {"outcome": np.where(np.arange(200) == 7, np.nan, 1)},
            BadSetting,
            "1 customers, the first .* place 7",
        ),
        ({"propensity": 0.0}, BadSetting, "propensity is 0 for 200 customers"),
        ({"propensity": np.where(np.arange(200) < 3, 1.0, 0.5)}, BadSetting, "propensity is 1 for 3 customers"),
        ({"propensity": 1.2}, BadSetting, "must be above 0 and below 1"),
        ({"propensity": np.nan}, BadSetting, "propensity is missing or infinite for 200"),
        ({"features": [["a", 1]] * 200}, BadSetting, "features hold what is no number"),
        ({"features": np.full((200, 2), np.inf)}, BadSetting, "'feature 0' is infinite"),
        ({"features": np.zeros(200)}, BadSetting, "must be a table"),
        ({"features": np.zeros((0, 2))}, BadSetting, "must be a table"),
    ],
)
def test_what_no_effect_can_be_told_from_is_refused(
    wrong: dict[str, Any], kind: type[CausewayError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        Sample.of(**{**GOOD, **wrong})
