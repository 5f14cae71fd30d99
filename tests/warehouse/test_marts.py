"""Views that say more than a table does: what stands in them for known files."""

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import text

from tests.warehouse.conftest import let_read_everything
from tests.warehouse.exports import Desk, every_day, google, table
from tests.warehouse.state import seen
from warehouse.sessions import Warehouse


@pytest.fixture(scope="module")
def desk(settings, tmp_path_factory):
    """Two loads of Google, one of Meta in another currency, orders, and a refused file."""
    warehouse = Warehouse.connect(settings)
    let_read_everything(warehouse)
    desk = Desk(warehouse, tmp_path_factory.mktemp("files"))
    desk.load(google(every_day("2026-06-01", 40, kind="Performance Max") + every_day("2026-06-01", 40, campaign="2")))
    desk.load(google(every_day("2026-07-01", 15, kind="Performance Max", spend="12.00")), "july.csv")
    meta = (
        "Campaign name,Campaign ID,Day,Impressions,Link clicks,Amount spent (EUR),Purchases,Purchases conversion value"
    )
    desk.load(
        table(meta, [["Social", 801, f"2026-06-{d:02d}", 10, 2, "3.00", "", ""] for d in range(1, 11)]), "meta.csv"
    )
    desk.load(
        table("Day,Orders,Net sales", [["2026-06-01", 4, "25.00"], ["2026-06-02", 0, "0.00"]]),
        "o.csv",
        source="shopify",
    )
    desk.load("no,table\nthat,anybody knows\n")
    yield desk
    warehouse.engine.dispose()


def ask(desk, sql):
    return seen(desk.warehouse, sql)


def test_ratios_are_there_for_every_row(desk):
    row = ask(
        desk,
        """SELECT ctr, cpc, cpa, cvr, roas, roi FROM mart.campaign_daily
           WHERE platform = 'google_ads' AND date_day = '2026-06-01' AND campaign_id = '901'""",
    )
    assert [tuple(map(float, r)) for r in row] == [(0.1, 1.0, 10.0, 0.1, 2.0, 1.0)]
    assert ask(desk, "SELECT DISTINCT roas, cpa FROM mart.campaign_daily WHERE platform = 'meta_ads'") == [(None, None)]


def test_how_clicks_and_conversions_were_counted_is_said(desk):
    found = ask(
        desk,
        """SELECT DISTINCT platform, click_definition, attribution_setting, conversion_basis FROM mart.campaign_daily
           ORDER BY platform""",
    )
    assert found == [
        ("google_ads", "all", "google:account_default", "click"),
        ("meta_ads", "link", None, "impression"),
    ]


def test_channels_come_from_the_taxonomy(desk):
    found = ask(desk, "SELECT DISTINCT campaign_id, channel FROM mart.campaign_daily ORDER BY 1")
    assert found == [("801", "paid_social"), ("901", "performance_max"), ("902", "paid_search")]


def test_the_channel_view_adds_up_to_the_campaign_view(desk):
    sums = "sum(spend), sum(impressions), sum(clicks), sum(conversions), sum(conversion_value), bool_and(is_final)"
    by = "date_day, platform, channel, account_id, campaign_type, currency"
    daily = ask(desk, f"SELECT {by}, {sums} FROM mart.campaign_daily GROUP BY {by} ORDER BY {by}")
    assert daily == ask(desk, f"SELECT {by}, {sums} FROM mart.channel_daily GROUP BY {by} ORDER BY {by}")
    assert len(daily) > 80


def test_fivetrans_report_holds_the_same_numbers(desk):
    columns = "date_day, platform, account_id, account_name, campaign_id, campaign_name, clicks, impressions, spend"
    ours = ask(desk, f"SELECT {columns}, conversions, conversion_value FROM mart.campaign_daily ORDER BY 1, 5")
    theirs = ask(
        desk, f"SELECT {columns}, conversions, conversions_value FROM mart.ad_reporting__campaign_report ORDER BY 1, 5"
    )
    assert ours == theirs


def test_restatements_tell_before_and_now(desk):
    told = ask(
        desk,
        """SELECT date_day, campaign_id, vanished, old_spend, current_spend, currency FROM mart.restatement
           ORDER BY date_day, campaign_id""",
    )
    assert told[0] == (dt.date(2026, 7, 1), "901", False, Decimal("10.000000"), Decimal("12.000000"), "USD")
    # The second file has July without campaign 2.
    assert [(row[1], row[2], row[4]) for row in told if row[1] == "902"] == [("902", True, None)] * 10


def test_freshness_says_how_far_data_reach_and_until_when_they_move(desk):
    found = ask(desk, "SELECT platform, level, first_day, last_day, final_before, loads FROM mart.freshness ORDER BY 1")
    assert found == [
        ("google_ads", "campaign", dt.date(2026, 6, 1), dt.date(2026, 7, 15), dt.date(2026, 6, 16), 2),
        ("meta_ads", "campaign", dt.date(2026, 6, 1), dt.date(2026, 6, 10), dt.date(2026, 5, 14), 1),
        ("shopify", "order_day", dt.date(2026, 6, 1), dt.date(2026, 6, 2), None, 1),
    ]


def test_the_claim_ratio_is_per_currency_and_day(desk):
    found = ask(
        desk,
        """SELECT date_day, currency, conversion_value, order_revenue, claim_ratio
           FROM mart.claim_ratio_daily ORDER BY 1""",
    )
    assert found == [
        (dt.date(2026, 6, 1), "USD", Decimal(40), Decimal(25), Decimal("1.6")),
        (dt.date(2026, 6, 2), "USD", Decimal(40), Decimal(0), None),
    ]


def test_every_load_is_there_with_what_became_of_it(desk):
    found = ask(
        desk,
        """SELECT status, platform, dataset, rows_read, accepted, restated, vanished
           FROM mart.load ORDER BY load_key""",
    )
    assert found == [
        ("loaded", "google_ads", "performance", 80, 80, 0, 0),
        ("loaded", "google_ads", "performance", 15, 15, 10, 10),
        ("loaded", "meta_ads", "performance", 10, 10, 0, 0),
        ("loaded", "shopify", "order_day", 2, 2, 0, 0),
        ("refused", None, None, 0, 0, 0, 0),
    ]
    assert ask(desk, "SELECT count(*) FROM mart.load WHERE status = 'refused' AND reason <> ''") == [(1,)]


def test_the_calendar_knows_iso_weeks(desk):
    found = ask(
        desk,
        """SELECT iso_year, iso_week, weekday, week_start, quarter_start FROM mart.calendar
           WHERE date_day = '2027-01-03'""",
    )
    assert found == [(2026, 53, 7, dt.date(2026, 12, 28), dt.date(2027, 1, 1))]


def test_a_run_is_published_or_not(desk):
    with desk.warehouse.writing() as session:
        session.execute(
            text(
                """WITH a AS (SELECT min(account_key) AS key FROM core.account), r AS (
                    INSERT INTO results.run (job, account_key, parameters, code_version, data_watermark, state)
                    SELECT 'estimate', key, '{}', v, 1, 'done' FROM a, unnest(ARRAY['1', '2']) AS v
                    RETURNING run_key, account_key)
                INSERT INTO results.publication (job, account_key, run_key)
                SELECT 'estimate', account_key, max(run_key) FROM r GROUP BY account_key"""
            )
        )
        session.execute(
            text(
                """INSERT INTO results.estimate
                SELECT r.run_key, c.campaign_key, date '2026-06-01', 'spend', r.account_key, 'CPC x clicks',
                       1, 0, 2, 0.9
                FROM results.run r JOIN core.campaign c ON c.account_key = r.account_key"""
            )
        )
    assert ask(desk, "SELECT code_version, is_published FROM mart.run ORDER BY 1") == [("1", False), ("2", True)]
    published = ask(
        desk, "SELECT DISTINCT e.run_key = r.run_key FROM mart.estimate e JOIN mart.run r ON r.is_published"
    )
    assert published == [(True,)]


def test_rows_that_came_in_parts_are_one_campaign_day(empty_warehouse, tmp_path):
    """Ads of one campaign-day, counted in different ways: summed, and said of nothing what is not one."""
    desk = Desk(empty_warehouse, tmp_path)
    header = "Day,Customer ID,Campaign,Campaign ID,Ad group,Ad group ID,Ad ID,Impr.,Clicks,Cost"
    desk.load(table(header, [["2026-06-01", "1", "C", 9, "G", 5, ad, 10, 1, "2.00"] for ad in (1, 2, 3)]))
    found = seen(empty_warehouse, "SELECT level, spend, impressions, clicks, conversions FROM mart.campaign_daily")
    assert found == [("ad", 6, 30, 3, None)]
