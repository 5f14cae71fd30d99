"""What no honest mix can be made of is refused, in a sentence that says what to do."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from ml.mix.inputs import Channel, Control, MixInput
from tests.ml.mix.worlds import told
from warehouse.errors import BadSetting, CausewayError, NotEnoughData

GOOD = told()


def series(**changes: float) -> np.ndarray:
    values = np.array(GOOD.channels[0].spend)
    for place, value in changes.items():
        values[int(place[1:])] = value
    return values


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda: GOOD.first(29), NotEnoughData, "at least 30"),
        (lambda: replace(GOOD, channels=()), BadSetting, "No channel"),
        (lambda: replace(GOOD, outcome=np.ones(104)), NotEnoughData, "same in every period"),
        (lambda: replace(GOOD, outcome=np.ones(103)), BadSetting, "One value per period"),
        (lambda: with_channel(Channel("tv", np.full(104, 5.0))), NotEnoughData, "5 in every period"),
        (lambda: with_channel(Channel("tv", series(_7=-3))), BadSetting, "below zero"),
        (lambda: with_channel(Channel("tv", series(_7=np.nan))), BadSetting, "row 8"),
        (lambda: with_channel(Channel("channel_0", series())), BadSetting, "named 2 times"),
        (lambda: replace(GOOD, periods=(*GOOD.periods[:-1], GOOD.periods[-2])), BadSetting, "2 times"),
        (lambda: replace(GOOD, periods=GOOD.periods[::-1]), BadSetting, "ascend"),
        (lambda: with_control(Control("x", np.ones(104))), BadSetting, "controls nothing"),
        (lambda: with_control(Control("x", series(), "mediator")), BadSetting, "mediator of channel_0, channel_1"),
        (lambda: with_control(Control("x", series(), "mediator", ("channel_1",))), BadSetting, "of channel_1:"),
    ],
)  # fmt: skip
def test_what_cannot_be_fitted_is_refused(change: object, error: type[CausewayError], words: str) -> None:
    with pytest.raises(error) as refused:
        change()  # type: ignore[operator]
    assert words in str(refused.value)


def with_channel(channel: Channel) -> MixInput:
    return replace(GOOD, channels=(*GOOD.channels, channel))


def with_control(control: Control) -> MixInput:
    return replace(GOOD, controls=(control,))


def test_a_missing_week_is_named() -> None:
    later = tuple(day + dt.timedelta(weeks=1) if place >= 50 else day for place, day in enumerate(GOOD.periods))
    with pytest.raises(BadSetting, match=f"Between {GOOD.periods[49]} and {later[50]}"):
        replace(GOOD, periods=later)


def test_spend_without_any_outcome_is_refused() -> None:
    spend = np.zeros(104)
    spend[:5] = [1, 2, 3, 4, 5]
    outcome = np.where(spend > 0, 0.0, GOOD.outcome)
    with pytest.raises(NotEnoughData, match="wherever there is spend on tv"):
        replace(GOOD, outcome=outcome, channels=(Channel("tv", spend),))


def test_months_may_differ_by_days() -> None:
    days = tuple(dt.date(2020 + month // 12, month % 12 + 1, 1) for month in range(48))
    spend = np.random.default_rng(1).random(48)
    assert MixInput(days, spend + 3, (Channel("tv", spend),)).per_year == pytest.approx(12, abs=0.02)


def test_what_a_mediator_mediates_must_be_in_the_mix() -> None:
    assert with_control(Control("x", series(), "mediator", ("radio",))).controls[0].role == "mediator"
