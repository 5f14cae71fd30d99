"""Tests in the terms of a fit: whose money they are, which weeks they are of, and why some tell nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from ml.mix.evidence import Measure, channels_tested, heard, with_carried
from ml.mix.inputs import Channel
from ml.mix.lifts import Lift
from ml.mix.mix import fit_mix
from tests.ml.mix.worlds import told
from warehouse.queries.mix_inputs import Evidence

MADE = told(periods=60)
SPENT = MADE.channels[0].spend * (np.arange(60) != 40)  # a week without
TOLD = replace(MADE, channels=(Channel("channel_0", SPENT), *MADE.channels[1:]))
QUIET = TOLD.periods[40]
TEST = Evidence(
    "geo-1", "channel_0", None, "revenue", TOLD.periods[20], TOLD.periods[23] + dt.timedelta(days=6), 0.2, True,
    "no_ads", 100.0, 10.0, "USD",
)  # fmt: skip
REVENUE = Measure("revenue", ("revenue",), ("orders",), np.full(60, 50.0), "USD")


def test_what_few_went_without_is_told_for_the_many_who_did_not() -> None:
    (found,) = heard([TEST], TOLD, REVENUE)
    assert found.lift is not None
    assert (found.lift.lift, found.lift.se) == (pytest.approx(400), pytest.approx(40))
    assert (found.lift.start, found.lift.end) == (TOLD.periods[20], TOLD.periods[23])


def test_what_earlier_ads_still_do_is_added_and_its_error_counts() -> None:
    fit = fit_mix(TOLD, families=(("geometric", "exponential"),), draws=200)
    grown = []
    for weeks in (1, 4, 12):
        lift = Lift("channel_0", TOLD.periods[20], TOLD.periods[19 + weeks], 100.0, 10.0)
        whole = with_carried(lift, fit)
        assert whole.lift > 100
        assert whole.se / whole.lift > 0.1
        grown.append(whole.lift)
    assert grown[0] > grown[1] > grown[2], "a longer test sees more of what works"


def test_conversions_are_told_in_money_with_the_spread_of_their_worth() -> None:
    worth = replace(REVENUE, value=np.where(np.arange(60) < 30, 50.0, 70.0))
    (money,) = heard([replace(TEST, metric="orders")], TOLD, worth)
    (plain,) = heard([TEST], TOLD, REVENUE)
    assert money.lift is not None
    assert plain.lift is not None
    assert money.lift.lift == pytest.approx(50 * plain.lift.lift)
    assert money.lift.se > 50 * plain.lift.se


def test_the_metric_nearest_to_the_outcome_is_heard_once() -> None:
    found = heard([replace(TEST, metric="sessions"), replace(TEST, metric="orders"), TEST], TOLD, REVENUE)
    assert [one.test.metric for one in found] == ["revenue"]


def test_a_week_counts_when_most_of_its_days_are_in_the_test() -> None:
    moved = replace(TEST, first=TEST.first + dt.timedelta(days=3), last=TEST.last + dt.timedelta(days=3))
    (found,) = heard([moved], TOLD, REVENUE)
    assert found.lift is not None
    assert (found.lift.start, found.lift.end) == (TOLD.periods[20], TOLD.periods[23])
    later = replace(TEST, first=TEST.first + dt.timedelta(days=4), last=TEST.last + dt.timedelta(days=4))
    (found,) = heard([later], TOLD, REVENUE)
    assert found.lift is not None
    assert (found.lift.start, found.lift.end) == (TOLD.periods[21], TOLD.periods[24])


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"metric": "sessions"}, "It measured sessions, not revenue."),
        ({"channel": "*"}, "of all channels together"),
        ({"campaign_id": "1"}, "It is of one campaign"),
        ({"against": "usual_ads"}, "more ads than usual"),
        ({"currency": "EUR"}, "It is in EUR, the fit in USD."),
        ({"share": 1.0}, "Everybody went without the ads"),
        ({"share": 0.0}, "is not known"),
        ({"is_dark": False}, "Its people saw the ads"),
        ({"first": QUIET, "last": QUIET + dt.timedelta(days=6)}, "had no ads in these weeks"),
        ({"channel": "radio"}, "radio is no channel of this fit."),
        ({"first": dt.date(2020, 1, 6), "last": dt.date(2020, 2, 2)}, "It was not within the weeks of the fit"),
    ],
)
def test_why_a_test_is_no_row(changes: dict[str, object], why: str) -> None:
    (found,) = heard([replace(TEST, **changes)], TOLD, REVENUE)  # type: ignore[arg-type]  # of one field each
    assert found.lift is None
    assert why in (found.reason or "")


def test_a_channel_is_tested_by_a_test_that_fits() -> None:
    assert channels_tested([TEST, replace(TEST, channel="x", share=1.0)], REVENUE, TOLD.periods) == {"channel_0"}
