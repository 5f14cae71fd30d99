"""Every file of real and real-shaped exports: taken with so many rows, or refused with words that help."""

from decimal import Decimal

import polars as pl
import pytest

from tests.warehouse.ingest.tables import parse
from warehouse.errors import LoadRefused
from warehouse.ingest.detect import vocabulary
from warehouse.ingest.read.open import open_tables

TAKEN = {
    "facebook_ads_account_history_data.csv": ("meta_ads.fivetran.account_history", 59),
    "facebook_ads_ad_history_data.csv": ("meta_ads.fivetran.ad_history", 12),
    "facebook_ads_ad_set_history_data.csv": ("meta_ads.fivetran.ad_set_history", 14),
    "facebook_ads_basic_ad_action_values_data.csv": ("meta_ads.fivetran.basic_ad_action_values", 10),
    "facebook_ads_basic_ad_actions_data.csv": ("meta_ads.fivetran.basic_ad_actions", 8),
    "facebook_ads_basic_ad_data.csv": ("meta_ads.fivetran.basic_ad", 10),
    "facebook_ads_campaign_history_data.csv": ("meta_ads.fivetran.campaign_history", 9),
    "facebook_kag_conversions.csv": ("meta_ads.ad_days", 1143),
    "google_ads_account_history_data.csv": ("google_ads.fivetran.account_history", 1),
    "google_ads_account_stats_data.csv": ("google_ads.fivetran.account_stats", 19),
    "google_ads_ad_group_history_data.csv": ("google_ads.fivetran.ad_group_history", 3),
    "google_ads_ad_group_stats_data.csv": ("google_ads.fivetran.ad_group_stats", 15),
    "google_ads_ad_history_data.csv": ("google_ads.fivetran.ad_history", 10),
    "google_ads_ad_stats_data.csv": ("google_ads.fivetran.ad_stats", 10),
    "google_ads_campaign_history_data.csv": ("google_ads.fivetran.campaign_history", 10),
    "google_ads_campaign_report_de.csv": ("google_ads.ui", 2),
    "google_ads_campaign_report_en_day.csv": ("google_ads.ui", 4),
    "google_ads_campaign_report_en_day.excel_utf16le_tab.csv": ("google_ads.ui", 4),
    "google_ads_campaign_stats.csv.gz": ("google_ads.gaql", 19272),
    "google_ads_campaign_stats_data.csv": ("google_ads.fivetran.campaign_stats", 16),
    "google_ads_keyword_stats_data.csv": ("google_ads.fivetran.keyword_stats", 15),
    "googleads-performance.csv": ("google_ads.ad_days", 714),
    "linkedin_ad_account_history_data.csv": ("linkedin_ads.fivetran.account_history", 14),
    "linkedin_ad_analytics_by_campaign_data.csv": ("linkedin_ads.analytics.by_campaign", 20),
    "linkedin_ad_analytics_by_creative_data.csv": ("linkedin_ads.analytics.by_creative", 100),
    "linkedin_ad_campaign_group_history_data.csv": ("linkedin_ads.fivetran.campaign_group_history", 4),
    "linkedin_ad_campaign_history_data.csv": ("linkedin_ads.fivetran.campaign_history", 100),
    "linkedin_campaign_performance_utf8.csv": ("linkedin_ads.ui", 3),
    "meta_ads_campaign_stats.csv.gz": ("meta_ads.insights", 3417),
    "meta_ads_manager_day_breakdown.csv": ("meta_ads.ui", 3),
    "metaads-performance.csv": ("meta_ads.ad_days", 182),
    "microsoft_ads_account_history_data.csv": ("microsoft_ads.fivetran.account_history", 3),
    "microsoft_ads_account_performance_daily_report_data.csv": ("microsoft_ads.fivetran.daily_report", 10),
    "microsoft_ads_ad_group_history_data.csv": ("microsoft_ads.fivetran.ad_group_history", 10),
    "microsoft_ads_ad_group_performance_daily_report_data.csv": ("microsoft_ads.fivetran.daily_report", 229),
    "microsoft_ads_ad_history_data.csv": ("microsoft_ads.fivetran.ad_history", 10),
    "microsoft_ads_ad_performance_daily_report_data.csv": ("microsoft_ads.fivetran.daily_report", 401),
    "microsoft_ads_api_report_with_header_footer.csv": ("microsoft_ads.report", 2),
    "microsoft_ads_campaign_history_data.csv": ("microsoft_ads.fivetran.campaign_history", 10),
    "microsoft_ads_campaign_performance_daily_report_data.head300.csv": ("microsoft_ads.fivetran.daily_report", 299),
    "microsoft_ads_campaign_stats.csv.gz": ("microsoft_ads.report", 2873),
    "microsoft_ads_keyword_performance_daily_report_data.csv": ("microsoft_ads.fivetran.daily_report", 53),
    "microsoftads-performance.csv": ("microsoft_ads.ad_days", 721),
    "pinterest_ad_group_history_data.csv": ("pinterest_ads.fivetran.ad_group_history", 4),
    "pinterest_ad_group_report_data.csv": ("pinterest_ads.report", 5),
    "pinterest_advertiser_history_data.csv": ("pinterest_ads.fivetran.advertiser_history", 1),
    "pinterest_advertiser_report_data.csv": ("pinterest_ads.report", 5),
    "pinterest_campaign_history_data.csv": ("pinterest_ads.fivetran.campaign_history", 1),
    "pinterest_campaign_report_data.csv": ("pinterest_ads.report", 5),
    "pinterest_keyword_report_data.csv": ("pinterest_ads.report", 6),
    "pinterest_pin_promotion_history_data.csv": ("pinterest_ads.fivetran.pin_promotion_history", 9),
    "pinterest_pin_promotion_report_data.csv": ("pinterest_ads.report", 5),
    "reddit_ads_account_conversions.csv": ("reddit_ads.fivetran.conversions", 8),
    "reddit_ads_account_data.csv": ("reddit_ads.fivetran.account", 1),
    "reddit_ads_account_report_data.csv": ("reddit_ads.fivetran.report", 56),
    "reddit_ads_ad_conversions.csv": ("reddit_ads.fivetran.conversions", 8),
    "reddit_ads_ad_data.csv": ("reddit_ads.fivetran.ad", 5),
    "reddit_ads_ad_group_conversions.csv": ("reddit_ads.fivetran.conversions", 8),
    "reddit_ads_ad_group_data.csv": ("reddit_ads.fivetran.ad_group", 19),
    "reddit_ads_ad_group_report_data.csv": ("reddit_ads.fivetran.report", 100),
    "reddit_ads_ad_report_data.csv": ("reddit_ads.fivetran.report", 100),
    "reddit_ads_business_account_data.csv": ("reddit_ads.fivetran.account", 1),
    "reddit_ads_campaign_conversions.csv": ("reddit_ads.fivetran.conversions", 8),
    "reddit_ads_campaign_data.csv": ("reddit_ads.fivetran.campaign", 10),
    "reddit_ads_campaign_report_data.csv": ("reddit_ads.fivetran.report", 79),
    "tiktok_ad_history_data.csv": ("tiktok_ads.fivetran.ad_history", 4),
    "tiktok_ad_report_hourly_data.csv": ("tiktok_ads.report", 4),
    "tiktok_adgroup_history_data.csv": ("tiktok_ads.fivetran.adgroup_history", 4),
    "tiktok_adgroup_report_hourly_data.csv": ("tiktok_ads.report", 4),
    "tiktok_ads_manager_daily.csv": ("tiktok_ads.ui", 2),
    "tiktok_advertiser_data.csv": ("tiktok_ads.fivetran.advertiser", 2),
    "tiktok_campaign_history_data.csv": ("tiktok_ads.fivetran.ad_history", 4),
    "tiktok_campaign_report_hourly_data.csv": ("tiktok_ads.report", 4),
}

REFUSED = {
    "facebook_ads_demographics_country_actions_data.csv": "Load basic_ad_actions",
    "facebook_ads_demographics_country_data.csv": "Load basic_ad,",
    "facebook_ads_demographics_region_actions_data.csv": "Load basic_ad_actions",
    "facebook_ads_demographics_region_data.csv": "Load basic_ad,",
    "google_ads_ad_group_criterion_history_data.csv": "keyword_stats brings",
    "google_ads_campaign_report_alltime_NO_DAY_must_be_refused.csv": "period total",
    "google_ads_search_term_keyword_stats_data.csv": "Load campaign_stats or keyword_stats",
    "linkedin_geo_data.csv": "Leave it out",
    "linkedin_monthly_ad_analytics_by_member_country_data.csv": "Load ad_analytics_by_campaign",
    "linkedin_monthly_ad_analytics_by_member_region_data.csv": "Load ad_analytics_by_campaign",
    "meta_ads_manager_aggregated_MUST_be_refused.csv": "2025-12-10.*2026-08-10.*period total",
    "microsoft_ads_geographic_performance_daily_report_data.csv": "Load campaign_performance_daily_report",
    "microsoft_ads_keyword_history_data.csv": "keyword_performance_daily_report brings",
    "microsoft_ads_search_performance_daily_report_data.csv": "Load the keyword or the campaign",
    "pinterest_keyword_history_data.csv": "keyword_report brings",
    "pinterest_pin_promotion_targeting_report_data.csv": "Load pin_promotion_report",
    "pinterest_targeting_geo_data.csv": "Leave it out",
    "pinterest_targeting_geo_region_data.csv": "Leave it out",
    "reddit_ads_campaign_country_conversions_report_data.csv": "Load campaign_report",
    "reddit_ads_campaign_country_report_data.csv": "Load campaign_report",
    "social_campaigns_1000.csv": "no column with the day",
    "tiktok_campaign_country_report_data.csv": "Load campaign_report_hourly",
}


@pytest.fixture(scope="module")
def files(reference_data):
    found = {path.name: path for path in (reference_data / "ads").rglob("*") if path.is_file()}
    found.pop("LICENSE", None)
    return found


def read(path, **options):
    return [parse(raw, **options) for raw in open_tables(str(path), vocabulary())]


def exact(frame, column):
    return sum((Decimal(cell) for cell in frame[column].drop_nulls()), Decimal())


def test_every_file_has_an_expected_outcome(files):
    assert set(files) == {*TAKEN, *REFUSED, "ga4_traffic_acquisition_ui.csv"}


@pytest.mark.parametrize(("name", "source", "rows"), [(n, s, r) for n, (s, r) in TAKEN.items()], ids=list(TAKEN))
def test_a_file_that_is_taken(files, name, source, rows):
    ((parsed, frame),) = read(files[name])
    assert (parsed.source, frame.height, parsed.rejected) == (source, rows, [])
    assert "total_mismatch" not in {f.code for f in parsed.findings}


@pytest.mark.parametrize(("name", "words"), REFUSED.items(), ids=list(REFUSED))
def test_a_file_that_is_refused(files, name, words):
    with pytest.raises(LoadRefused, match=words) as refusal:
        read(files[name])
    assert refusal.value.remedy


def test_the_two_tables_of_ga4(files):
    first, second = read(files["ga4_traffic_acquisition_ui.csv"])
    assert (first[0].source, first[1].height, first[0].period) == (
        "ga4.traffic_by_day",
        3,
        ("2026-09-01", "2026-09-02"),
    )
    assert (second[0].source, second[1].height) == ("ga4.nth_day", 0)


def test_the_campaign_days_of_a_real_advertiser(files):
    names = (
        "google_ads_campaign_stats.csv.gz",
        "meta_ads_campaign_stats.csv.gz",
        "microsoft_ads_campaign_stats.csv.gz",
    )
    (google, google_days), (meta, meta_days), (microsoft, microsoft_days) = (read(files[name])[0] for name in names)
    assert [google_days.height, meta_days.height, microsoft_days.height] == [19272, 3417, 2873]
    assert google_days.height + meta_days.height + microsoft_days.height == 25_562
    assert {google.level, meta.level, microsoft.level} == {"campaign"}
    assert exact(google_days, "spend") == Decimal("1946125.747066")
    assert google_days["impressions"].sum() == 266_151_792
    assert exact(microsoft_days, "spend").quantize(Decimal("0.01")) == Decimal("39430.44")
    assert meta_days["campaign_id"].str.len_chars().min() == 18


def test_metas_conversion_is_left_empty_until_somebody_says_what_it_is(files):
    path = files["meta_ads_campaign_stats.csv.gz"]
    ((parsed, frame),) = read(path)
    assert [f.code for f in parsed.findings] == ["ambiguous_column"]
    assert frame.select(pl.col("conversions", "conversion_value").null_count()).row(0) == (3417, 3417)
    ((_, mapped),) = read(path, mapping={"conversion": "conversion_value"})
    assert mapped["conversion_value"].null_count() == 0


def test_excel_and_plain_downloads_are_the_same(files):
    ((_, plain),) = read(files["google_ads_campaign_report_en_day.csv"])
    ((_, excel),) = read(files["google_ads_campaign_report_en_day.excel_utf16le_tab.csv"])
    assert plain.equals(excel)
    assert exact(plain, "spend") == Decimal("91878.09")


def test_what_metas_action_tables_come_to(files):
    ((_, leads),) = read(files["facebook_ads_basic_ad_actions_data.csv"])
    ((_, values),) = read(files["facebook_ads_basic_ad_action_values_data.csv"])
    assert exact(leads, "conversions") == 19
    assert exact(values, "conversion_value") == Decimal("61225.10")


def test_pinterests_two_impressions_are_added(files):
    ((_, rows),) = read(files["pinterest_campaign_report_data.csv"])
    assert rows["impressions"][0] == 30_000
    assert rows["spend"][0] == "2250000e-6"
