"""Rows of several levels side by side: what counts, and when a day is final."""

import datetime as dt
from decimal import Decimal

import pytest

from tests.warehouse.exports import Day, every_day, google, table
from tests.warehouse.state import assert_consistent, one, rows, seen
from warehouse.ingest.store import performance

GROUPS = "Day,Customer ID,Campaign,Campaign ID,Ad group,Ad group ID,Impr.,Clicks,Cost"
ADS = "Day,Customer ID,Campaign,Campaign ID,Ad group,Ad group ID,Ad ID,Impr.,Clicks,Cost"
ACCOUNT = "date,customer_id,impressions,clicks,cost_micros,conversions,conversions_value"
KEYWORDS = "Day,Customer ID,Campaign,Campaign ID,Ad group,Ad group ID,Keyword ID,Keyword,Impr.,Clicks,Cost"


def total(desk):
    return one(desk.warehouse, "SELECT sum(spend) FROM mart.campaign_daily")


def ads(campaign, spends, day="2026-06-01"):
    return table(
        ADS, [[day, "111-222-3333", f"C{campaign}", campaign, "G", 5, i, 10, 1, s] for i, s in enumerate(spends)]
    )


def campaigns(spends, day="2026-06-01"):
    return google([Day(day, campaign=c, spend=s) for c, s in spends.items()])


def test_campaign_rows_win_over_ads_in_either_order(desk):
    # Performance Max has no ads: adding up ads gives 69.96, the account spent 211.12.
    desk.load(ads("901", ["30.00", "39.96"]))
    assert total(desk) == Decimal("69.96")
    desk.load(campaigns({"1": "69.96", "2": "141.16"}))
    assert total(desk) == Decimal("211.12")
    desk.load(ads("901", ["30.00", "39.96", "1.00"]))
    assert total(desk) == Decimal("211.12")
    assert seen(desk.warehouse, "SELECT DISTINCT level FROM mart.campaign_daily") == [("campaign",)]
    assert one(desk.warehouse, "SELECT count(*) FROM mart.ad_daily") == 3
    assert_consistent(desk.warehouse)


def test_ad_groups_win_over_ads_and_campaigns_over_both(desk):
    desk.load(ads("901", ["1.00", "2.00"]))
    desk.load(table(GROUPS, [["2026-06-01", "111-222-3333", "C901", "901", "G", 5, 10, 1, "4.00"]]))
    assert (total(desk), one(desk.warehouse, "SELECT level FROM mart.campaign_daily")) == (4, "ad_group")
    desk.load(campaigns({"1": "5.00"}))
    assert (total(desk), one(desk.warehouse, "SELECT level FROM mart.campaign_daily")) == (5, "campaign")
    assert_consistent(desk.warehouse)


def test_ads_count_again_when_the_campaigns_row_vanishes(desk):
    days = [d.but(spend="9.00") for d in every_day("2026-06-01", 4)]
    desk.load(google(days))
    desk.load(ads("901", ["1.00", "2.00"], "2026-06-02"))
    assert total(desk) == 36
    desk.load(google([d for d in days if d.date != "2026-06-02"]))
    assert total(desk) == 30
    assert_consistent(desk.warehouse)


def test_days_that_only_ads_have_count_by_their_ads(desk):
    desk.load(campaigns({"1": "5.00"}))
    desk.load(ads("901", ["1.00", "2.00"], "2026-06-02"))
    found = seen(desk.warehouse, "SELECT date_day::text, level, spend FROM mart.campaign_daily ORDER BY 1")
    assert found == [("2026-06-01", "campaign", 5), ("2026-06-02", "ad", 3)]


def test_keywords_never_count(desk):
    rows_ = [["2026-06-01", "111-222-3333", "C901", "901", "G", 5, 77, "shoes", 10, 1, "4.00"]]
    desk.load(table(KEYWORDS, rows_))
    assert total(desk) is None
    assert one(desk.warehouse, "SELECT spend FROM mart.keyword_daily") == 4
    desk.load(campaigns({"1": "5.00"}))
    assert total(desk) == 5
    assert_consistent(desk.warehouse)


@pytest.mark.parametrize("account_first", [True, False])
def test_account_rows_count_only_on_days_without_anything_finer(desk, account_first):
    account = table(ACCOUNT, [[f"2026-06-0{d}", "1112223333", 100, 10, 20_000_000, 1, 2] for d in (1, 2)])
    files = [account, campaigns({"1": "5.00"})]
    for content in files if account_first else reversed(files):
        desk.load(content)
    found = seen(
        desk.warehouse, "SELECT date_day::text, level, campaign_name, spend FROM mart.campaign_daily ORDER BY 1"
    )
    assert found == [("2026-06-01", "campaign", "Campaign 1", 5), ("2026-06-02", "account", "All campaigns", 20)]
    assert_consistent(desk.warehouse)


def test_ads_without_a_known_campaign_do_not_count_beside_campaigns_of_their_account(desk):
    """They are part of what the campaign rows hold; which part, nobody knows yet."""
    basic_ad = table(
        "ad_id,date,account_id,impressions,inline_link_clicks,spend", [[7, "2026-06-01", 55, 10, 1, "3.00"]]
    )
    desk.load(basic_ad, "facebook_ads_basic_ad.csv")
    assert total(desk) == 3
    insights = table("date_start,account_id,campaign_id,spend,impressions", [["2026-06-01", 55, 900, "8.00", 20]])
    desk.load(insights, "insights.csv")
    assert total(desk) == 8
    desk.load(basic_ad + "\n", "facebook_ads_basic_ad.csv")
    assert total(desk) == 8
    assert_consistent(desk.warehouse)


def finals(desk):
    found = seen(desk.warehouse, "SELECT date_day, is_final FROM mart.campaign_daily ORDER BY 1")
    return max((day for day, final in found if final), default=None), [final for _, final in found]


@pytest.mark.parametrize("most_held", [performance._MOST_HELD, 7], ids=["held", "copied and marked"])
def test_the_last_days_of_an_export_are_not_final(desk, monkeypatch, most_held):
    """Whether the rows that may still move fit into memory until the end, or not."""
    monkeypatch.setattr(performance, "_MOST_HELD", most_held)
    desk.load(google(every_day("2026-06-01", 60)))
    last_final, flags = finals(desk)
    # Taken on July 31st at the earliest; Google's numbers move for 30 days.
    assert last_final == dt.date(2026, 6, 30)
    assert flags == [True] * 30 + [False] * 30
    assert one(desk.warehouse, "SELECT final_before FROM mart.freshness") == dt.date(2026, 7, 1)


def test_the_same_numbers_in_a_later_export_make_a_day_final(desk):
    days = every_day("2026-06-01", 70)
    desk.load(google(days[:60]))
    result = desk.load(google(days))
    assert (result.accepted, result.skipped_by_reason) == (10, {"already known": 60})
    assert finals(desk)[0] == dt.date(2026, 7, 10)
    assert rows(desk.warehouse, "SELECT count(*) FROM core.performance_version") == [(0,)]
    assert one(desk.warehouse, "SELECT max(date_day) FROM mart.channel_daily WHERE is_final") == dt.date(2026, 7, 10)
    assert_consistent(desk.warehouse)


def test_an_older_export_of_the_same_numbers_does_not_take_that_back(desk):
    days = every_day("2026-06-01", 70)
    desk.load(google(days))
    desk.load(google(days[:60]) + "\n")
    assert finals(desk)[0] == dt.date(2026, 7, 10)


def test_a_restated_day_is_as_final_as_the_export_that_restates_it(desk):
    desk.load(google(every_day("2026-06-01", 60)))
    desk.load(google(every_day("2026-06-01", 20, spend="11.00")))
    assert finals(desk)[1] == [False] * 20 + [True] * 10 + [False] * 30
    assert_consistent(desk.warehouse)


def test_a_month_is_final_when_all_of_its_days_are(desk):
    desk.load(google(every_day("2026-04-01", 91)))
    found = rows(desk.warehouse, "SELECT month::text, is_final FROM core.monthly_rollup ORDER BY 1")
    assert found == [("2026-04-01", True), ("2026-05-01", True), ("2026-06-01", False)]
