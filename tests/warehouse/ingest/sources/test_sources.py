import pytest

from tests.warehouse.ingest.sources.cases import ACCEPTED, REFUSED
from tests.warehouse.ingest.tables import parse, table
from warehouse.errors import LoadRefused
from warehouse.ingest.detect import detect
from warehouse.ingest.sources.registry import all_sources


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: case.source)
def test_a_small_file_of_every_source(case):
    parsed, rows = parse(f"{case.header}\n{case.row}\n", name=case.name)
    assert (parsed.source, parsed.level, [r.reason for r in parsed.rejected]) == (case.source, case.level, [])
    (row,) = rows.iter_rows(named=True)
    assert {name: row[name] for name in case.gets} == dict(case.gets)


@pytest.mark.parametrize(("source", "header", "instead"), REFUSED, ids=[source for source, _, _ in REFUSED])
def test_what_would_count_twice_is_refused_with_what_to_load_instead(source, header, instead):
    raw = table(header + "\n" + ",".join("1" for _ in header.split(",")), name="linkedin_geo_data.csv")
    assert detect(raw, source=None, mapping={}).name == source
    with pytest.raises(LoadRefused) as refusal:
        parse(header + "\n", name="linkedin_geo_data.csv")
    assert instead in refusal.value.remedy


def test_the_second_table_of_ga4_is_skipped_whole():
    parsed, rows = parse("Nth day,Sessions\n0000,793\n0001,801\n")
    assert (rows.height, parsed.tally.skipped) == (0, {"repeats_another_table": 2})
    assert [f.code for f in parsed.findings] == ["skipped_table"]


def test_every_source_has_a_case():
    told = {case.source for case in ACCEPTED} | {source for source, _, _ in REFUSED}
    silent = {s.name for s in all_sources()} - told
    assert silent == {"ga4.nth_day", "other_ads.ad_days"}  # the test above; google_ads.ad_days is its case


def test_tiktok_metrics_may_come_as_json_objects():
    metrics = '{""spend"": ""5.50"", ""impressions"": ""100"", ""clicks"": 5, ""conversion"": ""-""}'
    header = "stat_time_day|campaign_id|advertiser_id|metrics|dimensions\n"
    parsed, rows = parse(f'{header}2026-09-01 00:00:00|1|2|"{metrics}"|{{}}\n', delimiter="|")
    assert (parsed.source, parsed.level) == ("tiktok_ads.report", "campaign")
    assert rows.select("spend", "impressions", "clicks", "conversions").row(0) == ("5.50", 100, 5, None)


@pytest.mark.parametrize(
    ("header", "row", "source"),
    [
        ("segments_date,campaign_id,metrics_cost_micros,metrics_clicks", "2026-09-01,1,5500000,5", "google_ads.gaql"),
        (
            "segments__date,campaign__id,metrics__cost_micros,metrics__clicks",
            "2026-09-01,1,5500000,5",
            "google_ads.gaql",
        ),
        ("segments.date,campaign.id,metrics.costMicros,metrics.clicks", "2026-09-01,1,5500000,5", "google_ads.gaql"),
        ("time_period,campaign_id,spend,clicks", "2026-09-01,1,5.5,5", "microsoft_ads.report"),
        (
            "start_date,campaignId,costInLocalCurrency,clicks",
            "2026-09-01,1,5.5,5",
            "linkedin_ads.analytics.by_campaign",
        ),
        (
            "metrics__spend,metrics__clicks,dimensions__stat_time_day,dimensions__campaign_id",
            "5.5,5,2026-09-01,1",
            "tiktok_ads.report",
        ),
    ],
)
def test_connectors_spell_one_field_in_many_ways(header, row, source):
    parsed, rows = parse(f"{header}\n{row}\n")
    assert parsed.source == source
    assert (rows.height, rows["clicks"][0]) == (1, 5)
