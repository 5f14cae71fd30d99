"""Guards fire where something is wrong, rarely where nothing is, and say what to look at."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from scipy.stats import chi2_contingency, chisquare

from ml.experiments.guards import (
    RATIO_ALPHA,
    Status,
    early_exposure,
    exposure,
    imbalance,
    missing,
    multiple_exposure,
    negative_values,
    sample_ratio,
)
from ml.experiments.moments import Counts, Moments
from ml.experiments.watch import outage, peeking, renamed
from warehouse.errors import BadSetting

DAYS = [dt.date(2026, 9, 1) + dt.timedelta(days=number) for number in range(10)]


def test_a_famous_test_whose_arms_are_not_alike() -> None:
    """Cookie Cats (Mobile Games A/B Testing, DataCamp): 44,700 and 45,489 players."""
    once, always = sample_ratio({"gate_30": 44_700, "gate_40": 45_489})
    assert once.p_value == pytest.approx(0.0086, abs=1e-4)
    assert (once.status, always.status) == (Status.failed, Status.passed)
    assert "gate_30 44,700 of 45,094 planned" in once.words
    assert "redirects" in once.words


def test_shares_are_those_that_were_planned() -> None:
    units = {"control": 8_960, "green": 1_040}
    once, always = sample_ratio(units, {"green": 1, "control": 9})
    assert once.p_value == pytest.approx(chisquare([8_960, 1_040], [9_000, 1_000]).pvalue)
    assert (once.status, always.status) == (Status.passed, Status.passed)
    assert [guard.status for guard in sample_ratio(units)] == [Status.failed] * 2


def test_the_sequential_test_is_rarely_wrong_at_any_look() -> None:
    generator = np.random.default_rng(1)
    wrong = []
    for _ in range(400):
        treated = np.cumsum(generator.binomial(500, 0.5, 20))
        looks = [sample_ratio({"a": int(n), "b": 500 * (i + 1) - int(n)}) for i, n in enumerate(treated)]
        wrong.append([any(look[which].status is Status.failed for look in looks) for which in (0, 1)])
    once, always = np.mean(wrong, axis=0)
    assert always <= RATIO_ALPHA < once
    # ... and sure to find what is there.
    assert sample_ratio({"a": 52_000, "b": 50_000})[1].status is Status.failed


def test_shares_of_other_arms_are_refused() -> None:
    for shares in ({"control": 1.0, "blue": 1.0}, {"control": 1.0}):
        with pytest.raises(BadSetting, match="renamed"):
            sample_ratio({"control": 10, "green": 10}, shares)
    with pytest.raises(BadSetting, match="not above 0"):
        sample_ratio({"control": 10, "green": 10}, {"control": 1.0, "green": 0.0})
    with pytest.raises(BadSetting, match="one arm, 'control'"):
        sample_ratio({"control": 10})
    assert sample_ratio({"control": 0, "green": 0})[0].status is Status.failed


@pytest.mark.parametrize(("some", "status"), [(0, "passed"), (10, "warned"), (11, "failed")])
def test_units_in_two_arms_and_treated_too_early(some: int, status: str) -> None:
    assert multiple_exposure(1_000, some).status == status
    assert early_exposure(1_000, some).status == status
    assert "1,000 units" in multiple_exposure(1_000, some).words
    assert exposure(1_000, some, 0).status == ("warned" if some else "passed")


def test_arms_that_were_not_alike_before() -> None:
    generator = np.random.default_rng(2)
    wrong = 0
    for _ in range(300):
        values = generator.standard_normal((300, 2)) @ np.array([[1.0, 0.9], [0.0, 0.1]])
        arms = {str(arm): Moments.of(["age", "spend"], part) for arm, part in enumerate(np.split(values, 3))}
        wrong += (imbalance(arms).p_value or 0) < 0.05
    assert 0.02 < wrong / 300 < 0.08
    # Each column is as it may be; what they say together is not.
    values[:100] += np.array([0.3, -0.1])
    arms = {str(arm): Moments.of(["age", "spend"], part) for arm, part in enumerate(np.split(values, 3))}
    found = imbalance(arms)
    assert found.status is Status.failed
    assert "Check that assignment did not depend on it" in found.words
    still = {arm: Moments.of(["age"], np.ones((5, 1))) for arm in "ab"}
    assert imbalance(still).status is Status.warned


def test_values_that_are_missing() -> None:
    units = {"control": 1_000, "green": 1_000}
    assert missing("spend", units, {}).status is Status.passed
    alike = missing("spend", units, {"control": 20, "green": 25})
    assert alike.status is Status.warned
    assert alike.p_value == pytest.approx(chi2_contingency([[20, 25], [980, 975]], correction=False).pvalue)
    assert missing("spend", units, {"control": 10, "green": 40}).status is Status.failed
    everywhere = missing("spend", units, {"control": 900, "green": 900})
    assert (everywhere.status, everywhere.name) == (Status.failed, "missing:spend")
    assert "say 0" in everywhere.words
    assert missing("spend", units, {"control": 1_000, "green": 1_000}).status is Status.failed


def test_refunds_are_a_finding() -> None:
    found = negative_values("revenue", 12, -40.0)
    assert (found.status, "12 units" in found.words, "-40" in found.words) == (Status.warned, True, True)
    assert negative_values("revenue", 0, 0.0).status is Status.passed


def seen(**arms: list[int]) -> dict[str, Counts]:
    return {arm: np.array(rows, dtype=np.int64) for arm, rows in arms.items()}


def test_an_arm_that_went_unseen_for_a_day() -> None:
    generator = np.random.default_rng(3)
    usual = {arm: generator.poisson(200, 10).tolist() for arm in ("control", "green")}
    assert outage(DAYS, seen(**usual)).status is Status.passed
    lost = seen(control=usual["control"], green=[*usual["green"][:4], 12, *usual["green"][5:]])
    found = outage(DAYS, lost)
    assert found.status is Status.failed
    assert "On 2026-09-05 the arm green has 12 rows" in found.words
    dark = {arm: [*rows[:4], 0, *rows[5:]] for arm, rows in usual.items()}
    assert outage(DAYS, seen(**dark)).status is Status.warned
    assert "2026-09-05" in outage(DAYS, seen(**dark)).words
    assert outage(DAYS[:2], seen(control=[5, 0], green=[0, 5])).status is Status.passed


def test_an_arm_that_changed_its_name() -> None:
    found = renamed(DAYS[:4], seen(control=[9, 9, 9, 9], green=[9, 9, 0, 0], lime=[0, 0, 9, 9]))
    assert found.status is Status.failed
    assert "green ends on 2026-09-02 and lime begins on 2026-09-03" in found.words
    assert renamed(DAYS[:4], seen(control=[9, 9, 9, 9], green=[0, 9, 9, 0])).status is Status.passed


def test_a_fixed_horizon_that_is_read_too_early() -> None:
    assert peeking(500, 1_000).status is Status.failed
    assert "500 of 1,000 planned units" in peeking(500, 1_000).words
    assert peeking(995, 1_000).status is Status.passed
    assert peeking(500, None).status is Status.warned
