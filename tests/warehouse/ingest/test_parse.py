import datetime as dt

import polars as pl
import pytest

from tests.warehouse.ingest.tables import TODAY, parse, table
from warehouse.errors import LoadRefused
from warehouse.ingest.contract import RejectedRow
from warehouse.ingest.datasets.registry import DATASETS
from warehouse.ingest.parse import parse_table

GOOGLE = "Day,Campaign,Campaign ID,Campaign type,Currency code,Impr.,Clicks,Cost,Conversions,Conv. value\n"
ROW = "2026-09-01,Brand,21345678901,Search,USD,100,7,12.50,1.5,80.25\n"


def google(*rows, header=GOOGLE, **options):
    return parse(header + "".join(rows), **options)


def row(**cells):
    plain = dict(zip(GOOGLE.strip().split(","), ROW.strip().split(","), strict=True))
    return ",".join({**plain, **{k.replace("_", " "): v for k, v in cells.items()}}.values()) + "\n"


def codes(parsed):
    return [(r.column, r.code) for r in parsed.rejected]


def finding_codes(parsed):
    return [f.code for f in parsed.findings]


def test_a_row_becomes_exactly_what_it_says():
    parsed, rows = google(ROW)
    assert rows.schema == pl.Schema(dict(DATASETS["performance"].columns))
    (got,) = rows.iter_rows(named=True)
    assert {name: value for name, value in got.items() if value is not None} == {
        "__line": 2,
        "date": dt.date(2026, 9, 1),
        "campaign_id": "21345678901",
        "campaign_name": "Brand",
        "campaign_type": "Search",
        "currency": "USD",
        "attribution_setting": "google:account_default",
        "impressions": 100,
        "clicks": 7,
        "spend": "12.50",
        "conversions": "1.5",
        "conversion_value": "80.25",
        "segment": "",
    }
    assert (parsed.platform, parsed.level, parsed.facet, parsed.lookback_days) == ("google_ads", "campaign", "main", 30)
    assert (parsed.click_definition, parsed.conversion_basis) == ("all", "click")


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"Day": ""}, "Day", "missing_date"),
        ({"Day": "soon"}, "Day", "bad_date"),
        ({"Day": "2026-11-23"}, "Day", "future_date"),
        ({"Day": "1970-01-01"}, "Day", "date_out_of_range"),
        ({"Campaign": "", "Campaign ID": ""}, "Campaign ID", "missing_id"),
        ({"Cost": "-1"}, "Cost", "negative"),
        ({"Clicks": "-1"}, "Clicks", "negative"),
        ({"Cost": "NaN"}, "Cost", "bad_number"),
        ({"Cost": "inf"}, "Cost", "bad_number"),
        ({"Cost": "7%"}, "Cost", "bad_number"),
        ({"Cost": "=SUM(A1)"}, "Cost", "formula"),
        ({"Conversions": "#REF!"}, "Conversions", "formula"),
        ({"Impr.": "1.5"}, "Impr.", "bad_number"),
        ({"Currency code": "dollars"}, "Currency code", "bad_currency"),
        ({"Currency code": "ZZZ"}, "Currency code", "bad_currency"),
        ({"Campaign": "x" * 1001}, "Campaign", "too_long"),
    ],
)
def test_one_bad_cell_rejects_its_row_and_no_other(cells, column, code):
    parsed, rows = google(ROW, row(**cells), ROW)
    assert rows.height == 2
    (rejected,) = parsed.rejected
    assert (rejected.line, rejected.column, rejected.code) == (3, column, code)
    assert rejected.reason
    assert "Search" in rejected.raw


def test_a_row_with_several_faults_is_rejected_once():
    parsed, _ = google(row(Day="x", Cost="y", Clicks="-1"))
    assert codes(parsed) == [("Day", "bad_date")]


def test_today_is_not_in_the_future():
    _, rows = google(row(Day=TODAY.isoformat()))
    assert rows.height == 1


@pytest.mark.parametrize("missing", [" --", "--", "—", ""])
def test_not_reported_is_null_and_not_zero(missing):
    _, rows = google(row(Conversions=missing, **{"Conv. value": missing}))
    assert (rows["conversions"][0], rows["conversion_value"][0]) == (None, None)


def test_totals_are_skipped_and_checked():
    total = "Total: Account,--,--,--,USD,100,7,12.50,1.5,80.25\n"
    parsed, rows = google(ROW, total)
    assert (rows.height, parsed.tally.skipped, finding_codes(parsed)) == (1, {"total": 1}, [])
    parsed, _ = google(ROW, total.replace("12.50", "99.00"))
    assert finding_codes(parsed) == ["total_mismatch"]


def test_a_total_in_another_column_than_the_day():
    parsed, rows = parse(
        "Campaign,Day,Impr.,Clicks,Cost\nBrand,2026-09-01,100,7,12.50\nTotal: Account, --,100,7,12.50\n"
    )
    assert (rows.height, parsed.tally.skipped) == (1, {"total": 1})


def test_campaigns_named_like_totals_stay():
    _, rows = google(row(Campaign="Total Wine | PMAX"), row(Campaign="totalpass"), row(Campaign="Total"))
    assert rows["campaign_name"].to_list() == ["Total Wine | PMAX", "totalpass", "Total"]


def test_a_file_of_totals_only_is_refused():
    with pytest.raises(LoadRefused, match="total rows only"):
        google("Total: Account,--,--,--,USD,100,7,12.50,1.5,80.25\n")


def test_a_file_without_rows_says_so():
    parsed, _ = google()
    assert (finding_codes(parsed), parsed.tally.read) == (["empty"], 0)


def test_blank_records_and_footers_are_counted():
    misfits = [
        RejectedRow(5, None, "too_few_cells", "", '"©2026 Microsoft Corporation. All rights reserved. "'),
        RejectedRow(6, None, "too_few_cells", "Too few cells.", "2026-09-01,Brand"),
    ]
    parsed, _ = google(ROW, ",,,,,,,,,\n", misfits=misfits)
    assert parsed.tally.skipped == {"blank": 1, "footer": 1}
    assert [r.code for r in parsed.rejected] == ["too_few_cells"]
    assert parsed.tally.read == 4


def test_ids_keep_every_digit_and_lose_their_wrapping():
    _, rows = google(row(**{"Campaign ID": "120215518561610553"}), row(**{"Campaign ID": "customers/1/campaigns/45"}))
    assert rows["campaign_id"].to_list() == ["120215518561610553", "45"]


def test_rounded_ids_refuse_the_whole_file_even_late():
    parsed = parse_table(table(GOOGLE + ROW + row(**{"Campaign ID": "2.13457E+10"}), batch=1), today=TODAY)
    with pytest.raises(LoadRefused, match="rounded by a spreadsheet"):
        list(parsed.batches)


def test_segments_are_named_and_valued():
    header = GOOGLE.replace("Campaign type", "Device")
    parsed, rows = google(ROW.replace("Search", "Mobile"), ROW.replace("Search", "Tablet"), header=header)
    assert parsed.segments == ("Device",)
    assert rows["segment"].to_list() == ["Mobile", "Tablet"]


def test_a_conversion_segment_brings_conversions_only():
    header = GOOGLE.replace("Campaign type", "Conversion action")
    parsed, rows = google(ROW.replace("Search", "Purchase"), header=header)
    assert (parsed.facet, parsed.measures) == ("conversions", ("conversions", "conversion_value"))
    assert "conversions_only" in finding_codes(parsed)
    assert (rows["spend"][0], rows["impressions"][0], rows["conversions"][0]) == (None, None, "1.5")


def test_hours_are_summed_to_days():
    text = "TimePeriod,CampaignId,Spend,Impressions\n2026-09-01|00,1,5.50,100\n2026-09-01|13,1,2.50,50\n"
    parsed, rows = parse(text)
    assert parsed.segments == ("hour",)
    assert rows["segment"].to_list() == ["00", "13"]
    assert set(rows["date"]) == {dt.date(2026, 9, 1)}


def test_what_the_user_says_of_currency_fills_what_the_file_does_not_say():
    _, rows = google(row(**{"Currency code": ""}), currency="EUR")
    assert rows["currency"].to_list() == ["EUR"]


def test_an_ambiguous_column_stays_empty_until_it_is_mapped():
    text = "campaign_id,date_start,spend,clicks,impressions,conversion\n1,2026-09-01,85.0,37.0,5188.0,183.0\n"
    parsed, rows = parse(text)
    assert "ambiguous_column" in finding_codes(parsed)
    assert (rows["conversions"][0], rows["conversion_value"][0]) == (None, None)
    parsed, rows = parse(text, mapping={"conversion": "conversion_value"})
    assert finding_codes(parsed) == []
    assert rows["conversion_value"].to_list() == ["183.0"]
    assert rows["clicks"].to_list() == [37]


def test_an_index_column_is_dropped_without_a_word():
    for name in ("", "Unnamed: 0"):
        parsed, rows = parse(f"{name},campaign_id,segments_date,metrics_cost_micros\n0,1,2026-09-01,46980000\n")
        assert (rows.height, finding_codes(parsed)) == (1, [])
        assert rows["spend"].to_list() == ["46980000e-6"]


def test_the_latest_landing_is_kept_apart():
    header = "ad_id,date,account_id,impressions,inline_link_clicks,spend,_fivetran_synced\n"
    _, rows = parse(header + "1,2026-09-01,2,9,1,1.5,2026-09-02 5:00:00\n")
    assert rows["landed_at"].to_list() == ["2026-09-02T05:00:00.000000"]


def test_deleted_rows_are_skipped():
    text = (
        "ad_id,date,account_id,impressions,inline_link_clicks,spend,_fivetran_deleted\n"
        "1,2026-09-01,2,9,1,1.5,false\n2,2026-09-01,2,9,1,1.5,TRUE\n"
    )
    parsed, rows = parse(text)
    assert (rows["ad_id"].to_list(), parsed.tally.skipped) == (["1"], {"deleted": 1})


def test_metas_total_is_the_row_without_names():
    text = (
        "Reporting starts,Reporting ends,Campaign name,Day,Amount spent (USD),Impressions,Link clicks\n"
        '2026-08-01,2026-08-31,,,"1,425.06",22000,350\n'
        '2026-08-01,2026-08-31,Fall,2026-08-01,"1,425.06",22000,350\n'
    )
    parsed, rows = parse(text)
    assert parsed.tally.skipped == {"total": 1}
    assert finding_codes(parsed) == []
    assert (rows["spend"].to_list(), rows["currency"].to_list()) == (["1425.06"], ["USD"])
    assert rows["date"].to_list() == [dt.date(2026, 8, 1)]


def test_the_attribution_setting_is_kept_with_each_row():
    text = "Day,Ad set name,Amount spent (USD),Impressions,Attribution setting\n"
    _, rows = parse(text + "2026-08-01,A,1.50,9,7-day click or 1-day view\n2026-08-01,B,1.50,9,7-day click\n")
    assert rows["attribution_setting"].to_list() == ["meta:7d_click_1d_view", "meta:7d_click"]


def test_typed_tables_have_points_whatever_the_language():
    text = "Tag,Kampagne,Währungscode,Kosten,Impr.,Klicks\n2026-09-01 00:00:00,A,EUR,1.234,900.0,120.0\n"
    _, rows = parse(text, typed=True)
    assert (rows["spend"].to_list(), rows["impressions"].to_list()) == (["1.234"], [900])
    assert rows["segment"].to_list() == [""]


def test_counts_add_up_over_batches():
    parsed, rows = google(ROW, row(Cost="x"), "Total: Account,--,--,--,USD,1,1,1,1,1\n", ROW, batch=1)
    assert (parsed.tally.read, rows.height, parsed.tally.rejected, parsed.tally.skipped) == (4, 2, 1, {"total": 1})
    assert rows["__line"].to_list() == [2, 5]


def test_rows_that_add_no_measure_to_a_platform_day_are_kept():
    parsed, rows = google(row(Cost="0.00", Conversions="0", **{"Conv. value": "10"}))
    assert rows.height == 1
    assert "value_without_spend" in finding_codes(parsed)


def test_an_accounts_unknown_currency_is_left_out_and_said():
    text = "id,name,last_modified_time,time_zone,currency_code\n1,Acme,2026-09-01,Mars,CAN\n"
    parsed, rows = parse(text)
    assert rows.select("name", "currency", "time_zone").row(0) == ("Acme", None, None)
    assert finding_codes(parsed) == ["unknown_zone", "unknown_currency"]
