"""Curves of a fit are those of the mix model, draw by draw."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ml.budget.curves import believed_up_to
from ml.budget.learnt import learnt_curves
from ml.mix.inputs import Channel
from ml.mix.mix import fit_mix
from ml.mix.results import response_curve
from tests.ml.mix.worlds import told

FAMILIES = (
    ("geometric", "exponential"), ("geometric", "michaelis_menten"), ("geometric", "hill"), ("geometric", "logistic"),
)  # fmt: skip


def test_each_draw_is_that_of_the_fit_in_money_also_where_exposure_works() -> None:
    world = told()
    shown = Channel("channel_1", 0.03 * world.channels[1].spend, world.channels[1].spend)  # impressions at 3 cents
    fit = fit_mix(replace(world, channels=(world.channels[0], shown)), families=FAMILIES, draws=60)
    curves = learnt_curves(fit)
    assert {part.family for part in curves["channel_0"].parts} > {"hill"}
    for name, drawn in curves.items():
        curve = response_curve(fit, name)
        np.testing.assert_allclose(drawn.by_draw(curve.spend).T, curve.draws, rtol=1e-9, atol=1e-9)
    assert curves["channel_1"].top == believed_up_to(shown.spend)


def test_what_costs_nothing_has_no_curve() -> None:
    world = told()
    mails = Channel("mails", np.zeros(104), world.channels[1].spend)
    fit = fit_mix(replace(world, channels=(world.channels[0], mails)), families=FAMILIES[:1], draws=60)
    assert list(learnt_curves(fit)) == ["channel_0"]
    assert learnt_curves(fit)["channel_0"].count == 60
