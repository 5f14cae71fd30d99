from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from ml.estimate.rule import FEWEST_DAYS, estimate_missing
from tests.made_exports.plan import demo_plan
from tests.made_exports.world import as_reported, simulate
from warehouse.errors import NotEnoughData

FIRST_DAY = dt.date(2026, 6, 1)


def history(days: int = 20, *, campaign_type: str = "Search", key: int = 1, cpc: float = 0.5) -> pl.DataFrame:
    """Every day ten clicks, two conversions worth forty, at the same cost."""
    return pl.DataFrame({
        "campaign_key": [key] * days,
        "campaign_type": [campaign_type] * days,
        "date": [FIRST_DAY + dt.timedelta(days=i) for i in range(days)],
        "is_final": [True] * days,
        "clicks": [10.0] * days,
        "conversions": [2.0] * days,
        "spend": [10 * cpc] * days,
        "conversion_value": [40.0] * days,
    })  # fmt: skip


def without(frame: pl.DataFrame, day: int, *columns: str) -> pl.DataFrame:
    """The frame with some columns unknown on one day, and twice the usual numbers in the others."""
    that = pl.col("date") == FIRST_DAY + dt.timedelta(days=day)
    doubled = [pl.when(that).then(pl.col(c) * 2).otherwise(pl.col(c)).alias(c)
               for c in ("clicks", "conversions", "spend", "conversion_value") if c not in columns]  # fmt: skip
    unknown = [pl.when(that).then(None).otherwise(pl.col(c)).alias(c) for c in columns]
    return frame.with_columns(*doubled, *unknown)


@pytest.mark.parametrize(
    ("unknown", "measure", "rule", "expected"),
    [
        (["spend"], "spend", "CPC x clicks", 10.0),  # 0.50 a click, 20 clicks
        (["spend", "clicks"], "spend", "CPA x conversions", 10.0),  # 2.50 a conversion, 4 conversions
        (["conversion_value"], "conversion_value", "(1 + ROI) x spend", 80.0),  # ROI 7, spend 10
        (["conversion_value", "spend"], "conversion_value", "value per conversion x conversions", 80.0),
    ],
)
def test_each_rule_in_its_turn(unknown: list[str], measure: str, rule: str, expected: float) -> None:
    found = estimate_missing(without(history(), 5, *unknown), measures=[measure])
    assert found.rows.select("campaign_key", "date", "measure", "rule").rows() == [
        (1, FIRST_DAY + dt.timedelta(days=5), measure, rule)
    ]
    assert found.rows.select("estimate", "low", "high").row(0) == pytest.approx((expected, expected, expected))
    assert found.gaps == ()


def test_the_median_is_not_moved_by_one_strange_day() -> None:
    strange = pl.col("date") == FIRST_DAY
    days = without(history(), 5, "spend").with_columns(
        pl.when(strange).then(1e6).otherwise(pl.col("spend")).alias("spend")
    )
    assert estimate_missing(days, measures=["spend"]).rows["estimate"].item() == pytest.approx(10.0)


def test_types_do_not_borrow_from_each_other() -> None:
    days = pl.concat([
        without(history(), 5, "spend"),
        without(history(campaign_type="Video", key=2, cpc=0.1), 5, "spend"),
    ])  # fmt: skip
    rows = estimate_missing(days, measures=["spend"]).rows.sort("campaign_key")
    assert rows["estimate"].to_list() == pytest.approx([10.0, 2.0])


def test_thin_history_is_refused_with_what_is_there_and_what_is_needed() -> None:
    with pytest.raises(NotEnoughData, match=rf'"Search".*needs {FEWEST_DAYS} final days.*there are {FEWEST_DAYS - 1}'):
        estimate_missing(without(history(FEWEST_DAYS), 5, "spend"), measures=["spend"])
    assert estimate_missing(without(history(FEWEST_DAYS + 1), 5, "spend"), measures=["spend"]).rows.height == 1


def test_days_that_may_still_change_teach_nothing() -> None:
    days = without(history(20), 5, "spend").with_columns(is_final=pl.col("date") < FIRST_DAY + dt.timedelta(days=10))
    with pytest.raises(NotEnoughData, match="there are 9"):
        estimate_missing(days, measures=["spend"])


def test_a_type_that_cannot_be_estimated_is_told_beside_one_that_can() -> None:
    days = pl.concat([without(history(), 5, "spend"), without(history(3, campaign_type="Video", key=2), 1, "spend")])
    found = estimate_missing(days, measures=["spend"])
    assert found.rows["campaign_key"].to_list() == [1]
    assert [(gap.campaign_type, gap.campaign_days) for gap in found.gaps] == [("Video", 1)]


def test_a_day_that_reports_nothing_has_no_estimate() -> None:
    days = without(history(), 5, "spend", "clicks", "conversions")
    with pytest.raises(NotEnoughData, match="neither clicks nor conversions"):
        estimate_missing(days, measures=["spend"])


def test_no_conversions_say_nothing_about_spend_and_no_clicks_do() -> None:
    day = pl.col("date") == FIRST_DAY
    quiet = history().with_columns(
        spend=pl.when(day).then(None).otherwise(pl.col("spend")),
        conversions=pl.when(day).then(0.0).otherwise(pl.col("conversions")),
    )
    silent = quiet.with_columns(clicks=pl.when(day).then(None).otherwise(pl.col("clicks")))
    with pytest.raises(NotEnoughData):
        estimate_missing(silent, measures=["spend"])
    unclicked = quiet.with_columns(clicks=pl.when(day).then(0.0).otherwise(pl.col("clicks")))
    row = estimate_missing(unclicked, measures=["spend"]).rows
    assert row.select("estimate", "low", "high").row(0) == (0.0, 0.0, 0.0)


def test_a_median_of_nothing_is_no_estimate() -> None:
    seldom = without(history(), 5, "conversion_value").with_columns(
        conversion_value=pl.when(pl.col("date").dt.day() % 3 == 0).then(pl.col("conversion_value")).otherwise(
            pl.when(pl.col("conversion_value").is_not_null()).then(0.0)
        )
    )  # fmt: skip
    with pytest.raises(NotEnoughData, match="on most days with spend there was no conversion_value"):
        estimate_missing(seldom, measures=["conversion_value"])


def test_nothing_missing_is_no_failure() -> None:
    found = estimate_missing(history())
    assert (found.rows.height, found.gaps) == (0, ())


def test_only_the_days_asked_for_are_estimated_from_all_history() -> None:
    days = without(without(history(), 5, "spend"), 15, "spend")
    found = estimate_missing(days, first=FIRST_DAY + dt.timedelta(days=10), measures=["spend"])
    assert found.rows["date"].to_list() == [FIRST_DAY + dt.timedelta(days=15)]
    assert estimate_missing(days, last=FIRST_DAY, measures=["spend"]).rows.is_empty()


def test_the_same_seed_gives_the_same_interval() -> None:
    days = without(history().with_columns(spend=pl.col("spend") * (1 + pl.col("date").dt.day() % 5)), 5, "spend")
    one, same = (estimate_missing(days, measures=["spend"], seed=7).rows for _ in range(2))
    assert one.equals(same)
    assert one["low"].item() < one["estimate"].item() < one["high"].item()


@pytest.mark.parametrize(("measure", "hidden"), [("spend", []), ("spend", ["clicks"]), ("conversion_value", []),
                                                 ("conversion_value", ["spend"])])  # fmt: skip
def test_intervals_cover_what_was_hidden_as_often_as_they_say(measure: str, hidden: list[str]) -> None:
    world = simulate(demo_plan(), seed=3, end=dt.date(2026, 9, 30), days=300)
    covered = []
    for number, account in enumerate(dict.fromkeys(campaign.account for campaign in demo_plan())):
        truth = campaign_days(as_reported(world, account, dt.date(2026, 12, 31)))
        chosen = pl.int_range(pl.len()).hash(seed=number) % 7 == 0
        days = truth.with_columns(pl.when(chosen).then(None).otherwise(pl.col(c)).alias(c) for c in [measure, *hidden])
        try:
            rows = estimate_missing(days, measures=[measure]).rows
        except NotEnoughData:
            continue
        both = rows.join(truth, on=["campaign_key", "date"])
        covered += both.select(pl.col(measure).is_between(pl.col("low") - 1e-6, pl.col("high") + 1e-6))[
            measure
        ].to_list()
    assert len(covered) > 500
    assert 0.87 <= sum(covered) / len(covered) <= 0.96  # of a level of 0.9


def campaign_days(rows: pl.DataFrame) -> pl.DataFrame:
    """The simulator's rows as the warehouse would report them by campaign and day."""
    sums = rows.group_by("campaign_id", "campaign_type", "date").agg(
        pl.col("clicks", "conversions", "spend", "value").cast(pl.Float64).sum()
    )
    return sums.sort("date", "campaign_id").select(
        pl.col("campaign_id").rank("dense").cast(pl.Int64).alias("campaign_key"),
        pl.col("campaign_type").fill_null(""),
        "date",
        pl.lit(value=True).alias("is_final"),
        "clicks",
        "conversions",
        "spend",
        pl.col("value").alias("conversion_value"),
    )
