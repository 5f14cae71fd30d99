import csv
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

import pytest

from tests.made_exports.folder import FEWEST_DAYS, write_exports

END = date(2026, 11, 21)
RESTATED, RESTATING = "02_google_ads_us_campaign_report.csv", "13_google_ads_us_last_30_days.csv"
SPOILED = "06_microsoft_ads_us_campaign_performance.csv"
# file -> (the header's columns: day, spend, impressions, clicks), spend's unit
COLUMNS = {
    "01_google_ads_us_first_month_excel.csv": ("Day", "Cost", "Impr.", "Clicks"),
    "02_google_ads_us_campaign_report.csv": ("Day", "Cost", "Impr.", "Clicks"),
    "03_google_ads_outlet_airbyte_campaign.csv": (
        "segments_date",
        "metrics_cost_micros",
        "metrics_impressions",
        "metrics_clicks",
    ),
    "04_google_ads_germany_kampagnenbericht.csv": ("Tag", "Kosten", "Impr.", "Klicks"),
    "05_meta_ads_europe_ads_by_day.csv": ("Day", "Amount spent (EUR)", "Impressions", "Link clicks"),
    "06_microsoft_ads_us_campaign_performance.csv": ("TimePeriod", "Spend", "Impressions", "Clicks"),
    "07_linkedin_ads_campaign_performance.csv": ("Start Date (in UTC)", "Total Spent", "Impressions", "Clicks"),
    "08_tiktok_ads_daily.csv": ("By Day", "Cost", "Impressions", "Clicks (destination)"),
    "13_google_ads_us_last_30_days.csv": ("Day", "Cost", "Impr.", "Clicks"),
}


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    return write_exports(tmp_path_factory.mktemp("demo"), seed=7, end=END)


def read(path, day_column):
    """Preamble lines, header, data rows and total rows of a file, read without any of the code that wrote it."""
    content = path.read_bytes()
    utf16 = content.startswith(b"\xff\xfe")
    text = content.decode("utf-16" if utf16 else "utf-8-sig")
    records = list(csv.reader(text.splitlines(), delimiter="\t" if utf16 else ","))
    top = next(number for number, cells in enumerate(records) if day_column in cells)
    header = records[top]
    body = [cells for cells in records[top + 1 :] if len(cells) == len(header)]
    day = header.index(day_column)
    rows = [cells for cells in body if cells[day][:1].isdigit()]
    return records[:top], header, rows, [cells for cells in body if not cells[day][:1].isdigit()]


def number(text, german=False):
    text = text.replace(".", "").replace(",", ".") if german else text.replace(",", "")
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


@pytest.fixture(params=sorted(COLUMNS))
def opened(request, manifest):
    export = manifest.file(request.param)
    columns = COLUMNS[request.param]
    _, header, rows, totals = read(export.path, columns[0])
    places = {
        "spend": header.index(columns[1]),
        "impressions": header.index(columns[2]),
        "clicks": header.index(columns[3]),
    }
    return export, places, rows, totals, "germany" in request.param


def test_same_arguments_same_bytes(manifest, tmp_path):
    again = write_exports(tmp_path, seed=7, end=END)
    for path in manifest.folder.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()
    assert [export.sums for export in again.files] == [export.sums for export in manifest.files]


def test_another_seed_other_bytes(manifest, tmp_path):
    other = write_exports(tmp_path, seed=8, end=END)
    for export, different in zip(manifest.files, other.files, strict=True):
        assert export.path.name == different.path.name
        assert export.path.read_bytes() != different.path.read_bytes()


def test_size_is_that_of_a_demo(manifest):
    assert 15_000 <= sum(export.rows_read for export in manifest.files) <= 25_000
    assert {export.platform for export in manifest.files} == {
        "google_ads", "meta_ads", "microsoft_ads", "linkedin_ads", "tiktok_ads", "pinterest_ads",
        "shopify", "ga4", "fx",
    }  # fmt: skip


def test_files_are_delivered_in_the_order_of_their_names_and_are_the_whole_folder(manifest):
    names = [export.path.name for export in manifest.files]
    assert names == sorted(names)
    assert sorted(path.name for path in manifest.folder.iterdir()) == [*names, "README.txt"]


def test_everything_says_that_it_is_a_demo(manifest):
    assert (manifest.folder / "README.txt").read_text(encoding="utf-8").startswith("DEMO DATA")
    for export in manifest.files:
        assert export.account_name is None or export.account_name.startswith("Demo Store")


def test_manifest_counts_are_those_of_the_file(opened):
    export, places, rows, totals, german = opened
    readable = [cells for cells in rows if number(cells[places["spend"]], german) is not None]
    impossible = [cells for cells in readable if cells[0].endswith("-02-30")]
    assert len(readable) - len(impossible) == export.accepted
    assert len(rows) - export.accepted == export.rejected
    assert len(totals) == export.skipped_totals
    assert len(rows) + len(totals) == export.rows_read


def test_manifest_sums_are_those_of_the_file(opened):
    export, places, rows, _, german = opened
    good = [cells for cells in rows if cells[places["spend"]] != "#REF!" and not cells[0].endswith("-02-30")]
    for measure, place in places.items():
        total = sum(number(cells[place], german) for cells in good)
        unit = 1_000_000 if measure == "spend" and "airbyte" in export.path.name else 1
        assert total / unit == export.sums[measure], measure


def test_total_rows_are_exact_sums_of_the_rows_as_written(opened):
    export, places, rows, totals, german = opened
    for cells in totals:
        part = rows
        if "Performance Max" in cells[0]:
            part = [row for row in rows if "Performance Max" in row]
            assert 0 < len(part) < len(rows)
        for place in places.values():
            assert number(cells[place], german) == sum(number(row[place], german) for row in part)
    assert bool(totals) == (export.skipped_totals > 0)


def test_spend_is_told_by_currency(manifest):
    germany = manifest.file("04_google_ads_germany_kampagnenbericht.csv")
    assert germany.spend == {"EUR": germany.sums["spend"]}
    assert manifest.file("09_pinterest_campaign_report.csv").spend.keys() == {None}
    assert manifest.file("12_fx_rates_eur_usd.csv").spend == {}


def test_two_rows_are_bad_and_only_in_one_file(manifest):
    assert {export.path.name: export.rejected for export in manifest.files if export.rejected} == {SPOILED: 2}
    text = manifest.file(SPOILED).path.read_text(encoding="utf-8-sig")
    assert text.count('"#REF!"') == 1
    assert text.count('-02-30"') == 1


def test_the_last_file_restates_the_last_thirty_days(manifest):
    known_file, restating = manifest.file(RESTATED), manifest.file(RESTATING)
    assert (restating.first_day, restating.last_day) == (END - timedelta(days=29), END)
    _, header, rows, _ = read(known_file.path, "Day")
    _, _, new_rows, _ = read(restating.path, "Day")
    key = [header.index(name) for name in ("Day", "Campaign ID")]
    measures = [header.index(name) for name in ("Impr.", "Clicks", "Cost", "Conversions", "Conv. value")]

    def keyed(cells_of):
        return {tuple(row[place] for place in key): [row[place] for place in measures] for row in cells_of}

    known = {day: row for day, row in keyed(rows).items() if day[0] >= restating.first_day.isoformat()}
    new = keyed(new_rows)
    same = {day for day in new if known.get(day) == new[day]}
    changed = {day for day in new if day in known} - same
    assert (len(changed), len(same)) == (restating.restated, restating.unchanged)
    assert len(new.keys() - known.keys()) == restating.added
    assert len(known.keys() - new.keys()) == restating.vanished == 1
    assert min(len(changed), len(same)) > 20
    assert any(known[day][2] != new[day][2] for day in changed)
    assert any(known[day][3] != new[day][3] for day in changed)


def test_shapes_are_those_of_the_platforms(manifest):
    excel = manifest.files[0].path.read_bytes()
    assert excel.startswith(b"\xff\xfeC\0a\0m\0")
    preamble, header, rows, totals = read(manifest.file(RESTATED).path, "Day")
    assert preamble[0] == ["Campaign report"]
    assert preamble[1] == ["October 28, 2025 - November 14, 2026"]
    assert [cells[0] for cells in totals] == [
        "Total: Account", "Total: Campaigns", "Total: Performance Max campaigns",
    ]  # fmt: skip
    share = header.index("Search impr. share")
    assert {cells[share] for cells in rows} >= {" --", "< 10%"}
    linkedin = manifest.file("07_linkedin_ads_campaign_performance.csv").path.read_bytes().decode("utf-16")
    assert "\r\n9/28/2025\tDemo Store Business\t" in linkedin
    tiktok = manifest.file("08_tiktok_ads_daily.csv").path.read_text(encoding="utf-8")
    assert tiktok.splitlines()[-1].startswith("Total of 1176 results,-,-,-,-,")
    microsoft = manifest.file(SPOILED).path.read_text(encoding="utf-8-sig")
    assert microsoft.startswith('"Report Name: Campaign Performance"\n')
    assert microsoft.endswith('\n\n"©2026 Microsoft Corporation. All rights reserved. "\n')


def test_ga4_and_shop_files_hold_what_the_manifest_says(manifest):
    ga4 = manifest.file("11_ga4_traffic_acquisition.csv")
    text = ga4.path.read_text(encoding="utf-8")
    table, chart = text.split("Nth day,Sessions\n")
    rows = list(csv.reader(line for line in table.splitlines() if not line.startswith("#")))[1:]
    assert len(rows) == ga4.accepted
    assert sum(int(row[2]) for row in rows) == ga4.sums["sessions"] == sum(int(line[5:]) for line in chart.split())
    assert len(chart.split()) == ga4.other_table_rows
    books = manifest.file("10_shopify_total_sales_over_time.csv")
    days = list(csv.DictReader(books.path.read_text(encoding="utf-8").splitlines()))
    assert len(days) == books.accepted
    assert sum(Decimal(day["Net sales"]) for day in days) == books.sums["net_sales"]


def test_few_days_are_enough(tmp_path):
    manifest = write_exports(tmp_path, seed=1, end=END, days=FEWEST_DAYS)
    assert all(export.accepted > 0 for export in manifest.files)
    assert manifest.files[-1].vanished == 1


def test_too_few_days_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"days == 5, must be >= 6\."):
        write_exports(tmp_path, seed=1, end=END, days=5)


def test_progress_names_every_file_and_ends_at_the_end(tmp_path):
    heard = []
    manifest = write_exports(
        tmp_path, seed=1, end=END, days=FEWEST_DAYS, progress=lambda name, done, of: heard.append((name, done, of))
    )
    count = len(manifest.files)
    assert [name for name, _, _ in heard] == [*(export.path.name for export in manifest.files), "README.txt"]
    assert [(done, of) for _, done, of in heard] == [(done, count) for done in range(count + 1)]
