from __future__ import annotations

import numpy as np
import pytest

from ml.lift.methods import Method
from validation import lift
from validation.panels import days, factor_panel, names, with_effect


def test_made_panels_have_the_effect_that_they_are_said_to_have() -> None:
    still = factor_panel(1, markets=6, before=20, after=5)
    moved = with_effect(still, ("m01",), days(21)[-1], 5.0)
    change = moved.values - still.values
    assert change[1, 20:] == pytest.approx(np.full(5, 5.0))
    assert change.sum() == pytest.approx(25)
    assert still.units == names(6)


def test_a_trial_counts_what_held_and_what_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lift, "PANELS", 20)
    trial = lift._trial(Method(), 20, 60, 14, 0.3, 1)
    assert trial.held >= 0.65
    assert trial.found <= 0.35
    assert 0.3 < trial.width / trial.scatter < 3
    monkeypatch.setattr(lift, "EFFECT", 1e4)
    assert lift._trial(Method(match="level"), 20, 60, 14, 0.3, 1).held >= 0.65
