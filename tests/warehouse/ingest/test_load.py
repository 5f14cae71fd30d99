"""One file after another into a real warehouse: what is new, what is known, what was restated, what vanished."""

import io
import zipfile
from decimal import Decimal

import pytest

from tests.warehouse.exports import Day, every_day, google, table
from tests.warehouse.state import (
    BOOKS,
    DATA,
    assert_consistent,
    campaign_days,
    dump,
    facts,
    one,
    rows,
    seen,
)
from warehouse.errors import LoadRefused
from warehouse.ingest.load import LoadOptions, load_paths

TWO_CAMPAIGNS = [*every_day("2026-06-01", 10, campaign="1"), *every_day("2026-06-01", 10, campaign="2", spend="5.00")]


@pytest.fixture
def loaded(desk):
    """A desk after one load of two campaigns, ten days each."""
    result = desk.load(google(TWO_CAMPAIGNS))
    assert (result.status, result.accepted, result.rows_read) == ("loaded", 20, 20)
    return desk


def test_fresh_rows_are_there_and_counted(loaded):
    assert_consistent(loaded.warehouse)
    assert one(loaded.warehouse, "SELECT sum(spend) FROM mart.campaign_daily") == Decimal("150.00")
    (load,) = seen(loaded.warehouse, "SELECT status, account, accepted, first_day::text, last_day::text FROM mart.load")
    assert load == ("loaded", "1112223333", 20, "2026-06-01", "2026-06-10")


def test_the_same_file_again_changes_nothing_at_all(loaded):
    before = dump(loaded.warehouse, *DATA, *BOOKS)
    path = loaded.results[0].path
    (again,) = loaded.load_path(path)
    assert (again.status, again.accepted, again.skipped, again.restated) == ("unchanged", 0, 20, 0)
    assert (again.source, again.account) == (loaded.results[0].source, "1112223333")
    assert dump(loaded.warehouse, *DATA, *BOOKS) == before


def test_the_same_rows_in_another_file_are_no_ops(loaded):
    before = dump(loaded.warehouse)
    again = loaded.load(google(reversed(TWO_CAMPAIGNS)))
    assert (again.status, again.accepted) == ("unchanged", 0)
    assert again.skipped_by_reason == {"already known": 20}
    assert dump(loaded.warehouse) == before


def test_restated_rows_become_a_new_version(loaded):
    changed = [d.but(conversions="3.50") if d.date == "2026-06-10" else d for d in TWO_CAMPAIGNS]
    result = loaded.load(google(changed))
    assert (result.status, result.accepted, result.restated, result.skipped) == ("loaded", 2, 2, 18)
    versions = seen(
        loaded.warehouse,
        """SELECT date_day::text, campaign_id, old_conversions, current_conversions, vanished, new_load_key
           FROM mart.restatement ORDER BY 2""",
    )
    assert versions == [
        ("2026-06-10", "901", Decimal("1.000000"), Decimal("3.500000"), False, result.load_key),
        ("2026-06-10", "902", Decimal("1.000000"), Decimal("3.500000"), False, result.load_key),
    ]
    assert_consistent(loaded.warehouse)


def test_a_measure_that_the_new_file_lacks_is_left_alone(loaded):
    result = loaded.load(google([d.but(spend="11.00") for d in TWO_CAMPAIGNS], without=["Conversions", "Conv. value"]))
    assert result.restated == 20
    assert seen(loaded.warehouse, "SELECT DISTINCT spend, conversions, conversion_value FROM mart.campaign_daily") == [
        (Decimal("11.000000"), Decimal("1.000000"), Decimal("20.000000"))
    ]


def test_rows_that_vanish_from_a_restated_range_vanish(loaded):
    kept = [d for d in TWO_CAMPAIGNS if not (d.campaign == "2" and d.date in {"2026-06-04", "2026-06-05"})]
    result = loaded.load(google(kept))
    assert (result.status, result.accepted, result.vanished) == ("loaded", 0, 2)
    assert len(campaign_days(loaded.warehouse)) == 18
    gone = seen(loaded.warehouse, "SELECT date_day::text, campaign_id, vanished, current_spend FROM mart.restatement")
    assert sorted(gone) == [("2026-06-04", "902", True, None), ("2026-06-05", "902", True, None)]
    assert [f.code for f in result.findings].count("vanished") == 1
    assert_consistent(loaded.warehouse)


def test_rows_vanish_also_where_all_others_are_restated(loaded):
    """A restated row is brought again as much as one that stayed the same."""
    result = loaded.load(google([d.but(spend="8.00") for d in TWO_CAMPAIGNS[:-2]] + every_day("2026-06-10", 1)))
    assert (result.restated, result.vanished) == (18, 2)
    assert len(campaign_days(loaded.warehouse)) == 18


def test_rows_outside_the_files_days_stay(loaded):
    loaded.load(google(every_day("2026-06-05", 3, campaign="1") + every_day("2026-06-05", 2, campaign="2")))
    days = {(c, str(day)) for _, c, day, *_ in campaign_days(loaded.warehouse)}
    assert ("902", "2026-06-07") not in days
    assert len(days) == 19


def test_days_of_a_new_campaign_count_for_the_files_range(loaded):
    """Rows that are copied straight belong to the file's range as much as those that are merged."""
    content = [*every_day("2026-06-01", 10, campaign="3"), *every_day("2026-06-01", 10, campaign="1")]
    content += every_day("2026-06-01", 5, campaign="2", spend="5.00")
    result = loaded.load(google(content))
    assert (result.accepted, result.vanished) == (10, 5)
    assert_consistent(loaded.warehouse)


def test_the_range_reaches_to_the_last_row_whatever_its_campaign(loaded):
    """The known campaigns end early in the file, and a new one goes on: the days in between are restated, too."""
    content = [*every_day("2026-06-01", 8, campaign="1"), *every_day("2026-06-01", 8, campaign="2")]
    content += every_day("2026-06-01", 10, campaign="3")
    result = loaded.load(google(content))
    assert result.vanished == 4
    assert_consistent(loaded.warehouse)


@pytest.mark.parametrize("campaign", ["1", "3"])
def test_a_partial_export_removes_nothing_and_says_so(loaded, campaign):
    known = 2 if campaign == "1" else 10
    result = loaded.load(
        google(every_day("2026-06-01", known, campaign=campaign) + every_day("2026-06-10", 1, campaign="1"))
    )
    assert result.vanished == 0
    assert [f.severity for f in result.findings if f.code == "partial_export"] == ["warning"]
    assert (
        len(
            {(c, day) for _, c, day, *_ in campaign_days(loaded.warehouse)}
            & {(c, day) for _, c, day, *_ in campaign_days(loaded.warehouse) if c in {"901", "902"}}
        )
        == 20
    )


def test_a_file_of_new_campaigns_only_says_that_the_others_stay(loaded):
    result = loaded.load(google(every_day("2026-06-01", 10, campaign="3")))
    assert (result.accepted, result.vanished) == (10, 0)
    assert [f.code for f in result.findings] == ["partial_export"]


def test_days_after_the_known_ones_take_nothing_away(loaded):
    result = loaded.load(google(every_day("2026-06-11", 5, campaign="3")))
    assert (result.accepted, result.findings) == (5, [])
    assert len(campaign_days(loaded.warehouse)) == 25


def test_other_accounts_are_not_touched_by_what_vanishes(loaded):
    loaded.load(google([d.but(account="999-888-7777") for d in TWO_CAMPAIGNS]))
    loaded.load(google([d for d in TWO_CAMPAIGNS if d.campaign == "1"]))
    per_account = seen(loaded.warehouse, "SELECT account_id, count(*) FROM mart.campaign_daily GROUP BY 1 ORDER BY 1")
    assert per_account == [("1112223333", 10), ("9998887777", 20)]


def test_segments_of_a_day_are_summed(desk):
    days = [Day("2026-06-01", device=d, spend=s) for d, s in (("Computers", "1.10"), ("Tablets", "2.20"), ("TV", None))]
    result = desk.load(google(days, [*("Day", "Campaign ID", "Campaign", "Device", "Impr.", "Clicks", "Cost")]))
    assert (result.accepted, result.rejected) == (3, 0)
    assert seen(desk.warehouse, "SELECT spend, impressions, conversions FROM mart.campaign_daily") == [
        (Decimal("3.300000"), 300, None)
    ]
    assert_consistent(desk.warehouse)


def test_a_segment_that_is_gone_changes_the_sum(desk):
    days = [Day("2026-06-01", device=d) for d in ("Computers", "Tablets")]
    columns = ("Day", "Campaign ID", "Campaign", "Device", "Impr.", "Clicks", "Cost")
    desk.load(google(days, columns))
    result = desk.load(google(days[:1], columns))
    assert (result.restated, result.vanished) == (1, 0)
    assert one(desk.warehouse, "SELECT spend FROM mart.campaign_daily") == 10


def test_repeated_rows_count_once(loaded):
    result = loaded.load(
        google([*TWO_CAMPAIGNS, *TWO_CAMPAIGNS[:3], *every_day("2026-06-11", 2), *every_day("2026-06-11", 1)])
    )
    assert result.accepted == 2
    assert result.skipped_by_reason == {"already known": 20, "repeated row": 4}
    assert one(loaded.warehouse, "SELECT count(*) FROM mart.campaign_daily") == 22


def test_repeated_rows_in_the_first_load_of_all(desk):
    result = desk.load(google([*TWO_CAMPAIGNS, *TWO_CAMPAIGNS[:3]]))
    assert (result.accepted, result.skipped_by_reason) == (20, {"repeated row": 3})
    assert_consistent(desk.warehouse)


def test_a_repetition_with_other_numbers_is_rejected_with_its_line(desk):
    result = desk.load(google([*TWO_CAMPAIGNS, TWO_CAMPAIGNS[0].but(spend="99.00")]))
    assert (result.accepted, result.rejected) == (20, 1)
    ((line, code, raw),) = seen(desk.warehouse, "SELECT line, code, raw FROM mart.rejected_row")
    assert (line, code) == (24, "duplicate_key")
    assert "99.00" in raw
    assert one(desk.warehouse, "SELECT sum(spend) FROM mart.campaign_daily") == 150
    assert_consistent(desk.warehouse)


def test_a_connectors_duplicates_count_by_when_they_landed(desk):
    measures = "metrics_cost_micros,metrics_clicks,metrics_impressions"
    header = f"segments_date,customer_id,campaign_id,{measures},_airbyte_extracted_at"
    lines = [
        ("2026-06-01", "111", "901", 5_000_000, 5, 50, "2026-06-02T01:00:00Z"),
        ("2026-06-01", "111", "901", 7_000_000, 7, 70, "2026-06-04T01:00:00Z"),
        ("2026-06-01", "111", "901", 6_000_000, 6, 60, "2026-06-03T01:00:00Z"),
    ]
    result = desk.load(table(header, lines), "campaign.csv")
    assert (result.accepted, result.rejected, result.skipped_by_reason) == (1, 0, {"repeated row": 2})
    assert [r[3:6] for r in campaign_days(desk.warehouse)] == [(70, 7, Decimal("7.000000"))]


def test_missing_is_not_zero(desk):
    desk.load(google([Day("2026-06-01", conversions=None, value=None), Day("2026-06-02", spend="0.00", value="0.00")]))
    assert seen(
        desk.warehouse, "SELECT spend, conversions, conversion_value, roas FROM mart.campaign_daily ORDER BY date_day"
    ) == [
        (10, None, None, None),
        (0, 1, 0, None),
    ]


def test_partitions_come_with_the_days(desk):
    desk.load(google([Day("2019-02-28"), Day("2026-11-01")]))
    names = {r[0] for r in rows(desk.warehouse, "SELECT inhrelid::regclass::text FROM pg_inherits")}
    assert {"core.performance_201902", "core.performance_202611"} <= names
    assert_consistent(desk.warehouse)


def test_a_dry_run_tells_all_and_leaves_nothing(loaded):
    before = dump(loaded.warehouse, *DATA, *BOOKS)
    result = loaded.load(google([d.but(spend="1.00", campaign="7") for d in TWO_CAMPAIGNS[:10]]), dry_run=True)
    assert (result.status, result.accepted) == ("loaded", 10)
    refused = loaded.load("nothing,known\n1,2\n", dry_run=True)
    assert refused.status == "refused"
    assert dump(loaded.warehouse, *DATA, *BOOKS) == before


def test_a_refused_file_leaves_only_its_reason(loaded):
    before = dump(loaded.warehouse)
    result = loaded.load("<html><body>Sign in</body></html>", "report.csv")
    assert result.status == "refused"
    assert dump(loaded.warehouse) == before
    assert seen(loaded.warehouse, "SELECT status, reason FROM mart.load ORDER BY load_key DESC LIMIT 1") == [
        ("refused", result.reason)
    ]


def test_a_file_whose_rows_are_all_rejected_is_refused_with_the_first_reason(desk):
    result = desk.load(google(every_day("2026-06-01", 3, spend="-1.00")))
    assert (result.status, result.rows_read, result.rejected) == ("refused", 3, 3)
    assert "first reason" in result.reason
    assert one(desk.warehouse, "SELECT count(*) FROM core.account") == 0


def test_some_rejected_rows_do_not_stop_the_rest(desk):
    result = desk.load(google([*TWO_CAMPAIGNS, Day("2026-06-11", spend="ten")]))
    assert (result.status, result.accepted, result.rejected) == ("loaded", 20, 1)
    assert_consistent(desk.warehouse)


def test_one_bad_table_leaves_the_others_of_its_file_alone(desk):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("good.csv", google(TWO_CAMPAIGNS))
        archive.writestr("middle.csv", google(every_day("2026-06-01", 2, spend="-5.00")))
        archive.writestr("unknown.csv", "a,b\n1,2\n")
        archive.writestr("last.csv", google(every_day("2026-07-01", 2)))
    results = desk.load_all(packed.getvalue(), "reports.zip")
    assert [r.status for r in results] == ["loaded", "refused", "refused", "loaded"]
    assert one(desk.warehouse, "SELECT count(*) FROM mart.campaign_daily") == 22
    assert_consistent(desk.warehouse)
    again = desk.load_path(desk.results[0].path.partition("!")[0])
    assert [r.status for r in again] == ["unchanged", "refused", "refused", "unchanged"]


def test_a_file_of_headers_only(desk):
    result = desk.load(google([]))
    assert (result.status, result.rows_read) == ("loaded", 0)


def test_a_path_that_means_nothing_is_an_error_of_the_call(desk):
    with pytest.raises(LoadRefused, match="matches no export"):
        load_paths(desk.warehouse, [str(desk.folder / "nothing*.csv")], LoadOptions())


def test_going_back_to_an_earlier_file_is_not_a_restatement(loaded):
    """Bytes that were loaded before are old news, also when a newer file came in between."""
    loaded.load(google([d.but(spend="77.00") for d in TWO_CAMPAIGNS]))
    now = facts(loaded.warehouse)
    (again,) = loaded.load_path(loaded.results[0].path)
    assert again.status == "unchanged"
    assert facts(loaded.warehouse) == now


def test_amounts_as_large_as_money_gets_stay_exact(desk):
    result = desk.load(google([Day("2026-06-01", spend="99999999999.999999", impressions=10**15)]))
    assert result.accepted == 1
    assert one(desk.warehouse, "SELECT spend FROM mart.campaign_daily") == Decimal("99999999999.999999")


def test_sums_that_no_column_holds_are_refused(desk):
    columns = ("Day", "Campaign ID", "Campaign", "Device", "Impr.", "Clicks", "Cost")
    days = [Day("2026-06-01", device=d, spend="999999999999.00") for d in ("Computers", "Tablets")]
    result = desk.load(google(days, columns))
    assert result.status == "refused"
    assert_consistent(desk.warehouse)
