import pytest

from tests.warehouse.ingest.tables import parse, table
from warehouse.errors import BadSetting, LoadRefused
from warehouse.ingest.detect import detect, vocabulary
from warehouse.ingest.mapping_report import mapping_report
from warehouse.ingest.read.headers import normalise_header
from warehouse.ingest.sources.registry import all_platforms, all_sources
from warehouse.taxonomy import PLATFORMS

DAYS = (
    "Date,Campaign type,Impressions,Clicks,Cost,Conversions,Revenue\n2024-01-01,Search,3701.0,251.0,496.5,4.5,576.4\n"
)
STRANGE = "when,what,paid,seen\n2026-09-01,Brand,12.50,100\n"


def found(text, name="export.csv", source=None, mapping=None):
    return detect(table(text, name=name), source=source, mapping=mapping or {})


def test_every_platform_of_a_source_is_known_to_the_warehouse():
    assert set(all_platforms()) == set(PLATFORMS)
    assert {s.platform.name for s in all_sources()} <= set(PLATFORMS)


def test_every_source_has_its_own_name():
    names = [s.name for s in all_sources()]
    assert len(names) == len(set(names))
    assert all(s.name.startswith(s.platform.name + ".") for s in all_sources())


def test_every_refusal_says_what_to_do():
    assert all(s.refusal.remedy for s in all_sources() if s.refusal)


def test_the_vocabulary_has_every_spelling_of_a_header():
    for header in (
        "Campaign ID",
        "campaign_id",
        "CampaignId",
        "Impr.",
        "metrics.cost_micros",
        "metrics_cost_micros",
        "Coût\u00a0",
    ):
        assert normalise_header(header) in vocabulary()


def test_a_plain_table_of_ad_days_needs_a_platform():
    with pytest.raises(LoadRefused, match="--source google_ads"):
        found(DAYS)
    assert found(DAYS, source="google_ads").name == "google_ads.ad_days"
    assert found(DAYS, source="bing").platform.name == "microsoft_ads"
    assert found(DAYS, source="other_ads").platform.name == "other_ads"


def test_the_files_name_may_say_the_platform_which_is_an_assumption():
    parsed, rows = parse(DAYS, name="metaads-performance.csv")
    assert (parsed.platform, parsed.level) == ("meta_ads", "account")
    assert [(a.field, a.value) for a in parsed.assumptions] == [("platform", "meta_ads")]
    assert rows["campaign_type"].to_list() == ["Search"]


@pytest.mark.parametrize("name", ["metadata.csv", "google_vs_meta.csv", "export.csv"])
def test_a_name_that_says_nothing_or_two_things_is_not_guessed_from(name):
    with pytest.raises(LoadRefused, match="of which platform"):
        found(DAYS, name=name)


def test_an_unknown_source_lists_the_known_ones():
    with pytest.raises(LoadRefused, match="google_ads"):
        found(DAYS, source="myspace")


def test_a_stated_source_must_fit():
    with pytest.raises(LoadRefused, match="No known export"):
        found(DAYS, source="meta_ads.fivetran.basic_ad")


def test_tables_with_the_same_columns_are_told_apart_by_name():
    text = "id,name,_fivetran_synced\n1,Acme,2026-09-01 00:00:00\n"
    assert found(text, name="exports/facebook_ads/account_history").name == "meta_ads.fivetran.account_history"
    assert found(text, source="meta_ads.fivetran.account_history").name == "meta_ads.fivetran.account_history"
    with pytest.raises(LoadRefused):
        found(text, name="account_history.csv")


def test_headers_win_over_a_wrong_name():
    text = "ad_id,ad_name,adgroup_id,campaign_id,advertiser_id,updated_at\n1,A,2,3,4,2026-09-01\n"
    assert found(text, name="tiktok_campaign_history_data.csv").name == "tiktok_ads.fivetran.ad_history"


def test_a_connectors_unknown_table_is_not_guessed_at():
    with pytest.raises(LoadRefused, match="No known export"):
        found("date,clicks,cost,_fivetran_synced\n2026-09-01,1,2,2026-09-02\n", name="google_ads_shopping.csv")


def test_an_unknown_file_is_refused_with_a_report():
    with pytest.raises(LoadRefused) as caught:
        found(STRANGE)
    assert "'paid'" in str(caught.value)
    assert "--map" in str(caught.value)


def test_an_unknown_file_can_be_mapped():
    mapping = {"when": "date", "what": "campaign_name", "paid": "spend", "seen": "impressions"}
    parsed, rows = parse(STRANGE, source="reddit_ads", mapping=mapping)
    assert (parsed.platform, parsed.level) == ("reddit_ads", "campaign")
    assert (rows["spend"].to_list(), rows["impressions"].to_list()) == (["12.50"], [100])


def test_a_mapping_wins_over_what_is_known_and_ignores_what_it_is_told():
    text = "Day,Campaign,Impr.,Clicks,Interactions,Cost\n2026-09-01,A,100,5,9,5.50\n"
    _, rows = parse(text, mapping={"Interactions": "clicks"})
    assert rows["clicks"].to_list() == [9]
    _, rows = parse(text, mapping={"clicks": "ignore"})
    assert rows["clicks"].to_list() == [None]


def test_a_mapping_of_an_absent_column_is_said():
    parsed, _ = parse(DAYS, source="google_ads", mapping={"nowhere": "clicks"})
    assert [f.code for f in parsed.findings] == ["mapping_unused"]


def test_a_mapping_to_no_field_is_wrong_usage():
    with pytest.raises(BadSetting, match='there is no field "costs". Is it cost or .* lists the fields'):
        parse(DAYS, source="google_ads", mapping={"Cost": "costs"})


def test_a_report_tells_what_is_understood():
    report = mapping_report(
        table("campaign_id,date_start,spend,impressions,conversion,daily_budget,mood\n1,2026-09-01,5,9,1,2,3\n"), None
    )
    assert report.source == "meta_ads.insights"
    assert report.recognised == {
        "date": "date_start",
        "campaign_id": "campaign_id",
        "impressions": "impressions",
        "spend": "spend",
    }
    assert (list(report.ambiguous), report.ignored, report.unknown) == (["conversion"], ("daily_budget",), ("mood",))
    assert "ambiguous: 'conversion'" in report.as_text()


def test_a_report_about_a_stranger_names_what_is_missing():
    report = mapping_report(table(STRANGE), None)
    assert report.source is None
    assert report.missing
    assert report.unknown == ("when", "what", "paid", "seen")
    assert "not recognised" in report.as_text()


def test_a_report_about_ten_thousand_columns_is_short():
    header = ",".join(f"c{n}" for n in range(10_000))
    assert len(mapping_report(table(header + "\n"), None).as_text()) < 5000
