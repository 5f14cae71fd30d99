from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from ml.lift.case import Treatment, case_of
from ml.lift.lift import lift_of
from ml.lift.methods import Method
from ml.lift.panel import Panel
from validation.panels import FIRST, days, factor_panel, names
from warehouse.errors import BadSetting, CausewayError, NotEnoughData

START = FIRST + dt.timedelta(days=60)
GOOD = Treatment(("m00",), START)


def test_a_panel_is_parted_by_markets_and_days() -> None:
    panel = factor_panel(1, markets=6)
    case = case_of(panel, Treatment(("m03", "m01"), START, START + dt.timedelta(days=6), ("m05",)))
    assert case.units == ("m03", "m01")
    assert case.donor_units == ("m00", "m02", "m04")
    assert (case.before, case.after, case.periods) == (60, 7, 67)
    assert case.outcome == pytest.approx(panel.values[[3, 1], :67].mean(axis=0))
    assert case.donors == pytest.approx(panel.values[[0, 2, 4], :67])
    swapped = case.instead(np.array([1]))
    assert (swapped.units, swapped.donor_units) == (("m02",), ("m00", "m04"))
    assert case.without(0).donor_units == ("m02", "m04")
    assert (case.earlier(40, 20).periods, case.earlier(40, 20).before) == (60, 40)


@pytest.mark.parametrize(
    ("treatment", "error", "words"),
    [
        (replace(GOOD, treated=()), BadSetting, "No treated market is named"),
        (replace(GOOD, treated=("m99", "m00")), BadSetting, "no market 'm99'"),
        (replace(GOOD, treated=("m00", "m00")), BadSetting, "named twice"),
        (replace(GOOD, excluded=("m00",)), BadSetting, "also excluded"),
        (replace(GOOD, first=FIRST), BadSetting, "must start after 2026-01-01"),
        (replace(GOOD, first=dt.date(2030, 1, 1)), BadSetting, "the panel goes from"),
        (replace(GOOD, first=dt.date(2020, 1, 1)), BadSetting, "the panel goes from"),
        (replace(GOOD, first=60), BadSetting, "written like 2026-01-01"),
        (replace(GOOD, last=START - dt.timedelta(days=1)), BadSetting, "before it starts"),
        (replace(GOOD, first=FIRST + dt.timedelta(days=3)), NotEnoughData, "3 periods before"),
        (replace(GOOD, treated=names(20)), NotEnoughData, "All 20 markets"),
        (replace(GOOD, treated=names(19)), NotEnoughData, "Only m19 is without treatment"),
        (replace(GOOD, excluded=names(20)[1:]), NotEnoughData, "so nothing can stand for"),
    ],
)
def test_what_cannot_be_parted(treatment: Treatment, error: type[CausewayError], words: str) -> None:
    with pytest.raises(error) as refused:
        case_of(factor_panel(1), treatment)
    assert words in str(refused.value)


def test_one_market_is_no_comparison() -> None:
    alone = Panel(("only",), days(80), np.random.default_rng(1).normal(size=(1, 80)))
    with pytest.raises(NotEnoughData, match="only market of this panel"):
        lift_of(alone, Treatment(("only",), START))
    assert lift_of(alone, Treatment(("only",), START), Method("its")).weights == {}


def test_what_does_not_move_has_no_path() -> None:
    panel = factor_panel(1)
    still = panel.values.copy()
    still[0] = 7.0
    with pytest.raises(NotEnoughData, match="m00 is 7 in every period"):
        lift_of(Panel(panel.units, panel.times, still), GOOD)


def test_a_market_under_two_names_is_no_comparison() -> None:
    panel = factor_panel(1)
    twin = panel.values.copy()
    twin[5] = twin[0]
    with pytest.raises(NotEnoughData, match="copy m00 without any error"):
        lift_of(Panel(panel.units, panel.times, twin), GOOD)


@pytest.mark.parametrize(
    ("panel", "words"),
    [
        (lambda p: Panel(("a", "a"), p.times, p.values[:2]), "stands twice"),
        (lambda p: Panel(("a", "b"), p.times[::-1], p.values[:2]), "do not ascend"),
        (lambda p: Panel(("a", "b"), p.times, p.values[:2] * np.nan), "is no number"),
        (lambda p: Panel(("a", "b"), p.times, p.values[:1]), "no values of that shape"),
        (lambda p: Panel((), (), np.zeros((0, 0))), "no values of that shape"),
    ],
)
def test_what_is_no_panel(panel: object, words: str) -> None:
    with pytest.raises(CausewayError, match=words):
        panel(factor_panel(1))  # type: ignore[operator]
