"""Worlds are told to the mix as their books have them, and what is found is held beside the truth."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from ml.mix.results import Estimate
from validation import mix_simulated
from validation.lived_weeks import MAILS, LivedWeeks, lived_weeks
from validation.mix_simulated import Fitted, Found

ONE = (("geometric", "exponential"),)


@pytest.fixture(scope="module")
def lived() -> LivedWeeks:
    return lived_weeks(None, seed=1, customers=800, weeks=40)


def test_weeks_are_told_as_the_books_have_them(lived: LivedWeeks) -> None:
    told, takings, spend = lived.told, lived.world.takings(), lived.world.spend()
    assert len(told.periods) == 40
    assert told.periods[0] == takings["date"][0]
    assert told.outcome[3] == pytest.approx(takings["revenue"][21:28].sum())
    social = spend.filter((pl.col("channel") == "paid_social") & (pl.col("date") < told.periods[1]))["cost"].sum()
    by_name = {channel.name: channel for channel in told.channels}
    assert by_name["paid_social"].spend[0] == pytest.approx(social)
    assert by_name[MAILS].organic
    assert {control.name for control in told.controls} == {"promotion", "price_index", "in_stock", "holidays"}


def test_what_is_found_stands_beside_the_truth_of_the_same_channel(lived: LivedWeeks) -> None:
    world, tested = mix_simulated.fitted_world(lived, families=ONE)
    truth = {entry["channel"]: entry for entry in lived.world.truth(down_to="channel")["channels"]}
    assert {one.channel for one in world.channels} == set(truth)
    for one in world.channels:
        assert one.true_brought == truth[one.channel]["incremental_revenue"]
        assert one.spend == truth[one.channel]["cost"]
        assert (one.marginal is None) == (one.channel == MAILS)
    assert world.revenue == pytest.approx(lived.told.outcome.sum())
    assert 0 < world.least < 0.5
    assert world.status != "green"  # so few people tell next to nothing
    assert {"prior", "demand-led"} <= set(world.doubts)
    assert tested.error < 0.7 * world.error
    assert "demand-led" not in tested.doubts


def test_the_table_counts_what_it_says() -> None:
    sure = Found("a", 100.0, Estimate(90.0, 80.0, 105.0), 100.0, Estimate(1.0, 0.5, 2.0), 0.4, 0.1)
    off = Found("b", 100.0, Estimate(200.0, 150.0, 250.0), 100.0, Estimate(1.0, 0.5, 2.0), None, 0.0)
    worlds = [Fitted((sure,), 1_000.0, 0.05, "green", ()), Fitted((sure, off), 1_000.0, 0.05, "green", ())]
    assert [one.marginal_held for one in (sure, off)] == [True, None]
    assert worlds[1].error == pytest.approx(110 / 200)
    assert mix_simulated._row("made", worlds, worlds[:1]) == (
        "| made | 0.33 | 2 of 3 | 2 of 2 | 2 green | 1 of 1 | 0.10 | 1 of 1 | 1 of 1 |\n"
    )
    nothing = Fitted(
        (Found("a", 9.0, Estimate(1.0, 0.1, 4.0), 0.0, None, None, 0.0),), 100.0, 0.001, "amber", ("prior",)
    )
    assert np.isinf(nothing.error)
    assert "1.0% of revenue" in "".join(mix_simulated._without_effect([nothing]))
