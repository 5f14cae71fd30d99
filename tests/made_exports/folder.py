"""A folder of exports: one invented advertiser, as eight platforms would hand out its numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import polars as pl

from ml.simulation.exports import google_ads, meta_ads, microsoft_ads, tiktok_ads
from ml.simulation.exports.manifest import ExportFile, ExportManifest, sums_of
from tests.made_exports import airbyte, linkedin_ads, pinterest_ads, shop
from tests.made_exports.market import exchange_rates, session_days, shop_days
from tests.made_exports.plan import (
    GOOGLE_GERMANY,
    GOOGLE_OUTLET,
    GOOGLE_US,
    LINKEDIN,
    META_EUROPE,
    MICROSOFT_US,
    PINTEREST,
    TIKTOK,
    Account,
    demo_plan,
)
from tests.made_exports.world import World, as_reported, simulate


def write_exports(
    folder: Path,
    *,
    seed: int,
    end: date,
    days: int = 420,
    progress: Callable[[str, int, int], None] | None = None,
) -> ExportManifest:
    """Write the export files for the ``days`` days up to ``end``, and say what a loader should find in them.

    The same arguments give the same bytes. File names sort in the order of delivery. One file has two rows that
    must be rejected; the last one restates the last 30 days of another. ``progress`` hears the name of each file,
    how many are done and how many there will be. ValueError when ``days`` is below ``FEWEST_DAYS``.
    """
    if days < FEWEST_DAYS:
        message = f"days == {days}, must be >= {FEWEST_DAYS}."
        raise ValueError(message)
    folder.mkdir(parents=True, exist_ok=True)
    deliveries = _deliveries(simulate(demo_plan(), seed=seed, end=end, days=days), seed)
    files: list[ExportFile] = []
    for done, delivery in enumerate(deliveries):
        if progress:
            progress(delivery.name, done, len(deliveries))
        files.append(delivery.write(folder / delivery.name))
    if progress:
        progress("README.txt", len(deliveries), len(deliveries))
    (folder / "README.txt").write_text(_README + "\n".join(_describe(files)) + "\n", encoding="utf-8", newline="\n")
    return ExportManifest(folder, tuple(files))


FEWEST_DAYS = 6
_MONTH = 30  # days of the first file, and of the restatement
_SESSIONS_KEPT = 180  # days of web analytics
_EARLIER = 7  # days by which the main Google file was downloaded before the others


@dataclass(frozen=True, slots=True)
class _Delivery:
    """A file to be written: its name, and what writes it there."""

    name: str
    write: Callable[[Path], ExportFile]


def _deliveries(world: World, seed: int) -> list[_Delivery]:
    today = world.last_day + timedelta(days=1)
    landed_at = datetime.combine(today, time(5, 30), tzinfo=UTC)
    rates = exchange_rates(world.first_day, world.last_day, seed=seed)
    books = shop_days(world, rates, seed=seed)
    sessions = session_days(world, books, seed=seed)
    sessions = sessions.filter(pl.col("date") > world.last_day - timedelta(days=_SESSIONS_KEPT))
    month, late = _google_us_dates(world)
    downloaded = world.last_day - timedelta(days=late - 1)

    def now(account: Account) -> pl.DataFrame:
        return as_reported(world, account, today)

    earlier = as_reported(world, GOOGLE_US, downloaded)
    after_month = world.first_day + timedelta(days=month)
    first, main = earlier.filter(pl.col("date") < after_month), earlier.filter(pl.col("date") >= after_month)
    again = now(GOOGLE_US).filter(pl.col("date") > world.last_day - timedelta(days=month))
    again = _without_one_row(again, before=downloaded)

    return [
        _Delivery(
            "01_google_ads_us_first_month_excel.csv",
            lambda path: google_ads.write_campaign_report(path, first, excel=True),
        ),
        _Delivery("02_google_ads_us_campaign_report.csv", lambda path: google_ads.write_campaign_report(path, main)),
        _Delivery(
            "03_google_ads_outlet_airbyte_campaign.csv",
            lambda path: airbyte.write_airbyte_campaigns(path, now(GOOGLE_OUTLET), extracted_at=landed_at),
        ),
        _Delivery(
            "04_google_ads_germany_kampagnenbericht.csv",
            lambda path: google_ads.write_campaign_report(
                path, now(GOOGLE_GERMANY), language=google_ads.GERMAN_LANGUAGE
            ),
        ),
        _Delivery("05_meta_ads_europe_ads_by_day.csv", lambda path: meta_ads.write_ads_by_day(path, now(META_EUROPE))),
        _Delivery(
            "06_microsoft_ads_us_campaign_performance.csv",
            lambda path: _write_with_bad_rows(path, now(MICROSOFT_US)),
        ),
        _Delivery(
            "07_linkedin_ads_campaign_performance.csv",
            lambda path: linkedin_ads.write_campaign_performance(path, now(LINKEDIN)),
        ),
        _Delivery("08_tiktok_ads_daily.csv", lambda path: tiktok_ads.write_daily_report(path, now(TIKTOK))),
        _Delivery(
            "09_pinterest_campaign_report.csv",
            lambda path: pinterest_ads.write_landed_campaign_report(path, now(PINTEREST), synced_at=landed_at),
        ),
        _Delivery("10_shopify_total_sales_over_time.csv", lambda path: shop.write_shopify_sales(path, books)),
        _Delivery(
            "11_ga4_traffic_acquisition.csv",
            lambda path: shop.write_ga4_traffic_acquisition(path, sessions, property_name="Demo Store - GA4"),
        ),
        _Delivery("12_fx_rates_eur_usd.csv", lambda path: shop.write_fx_rates(path, rates)),
        _Delivery(
            "13_google_ads_us_last_30_days.csv",
            lambda path: _compared(google_ads.write_campaign_report(path, again), main, again),
        ),
    ]


def _google_us_dates(world: World) -> tuple[int, int]:
    """Days of the first (and of the restating) file, and by how many days the main file ends before the world."""
    days = (world.last_day - world.first_day).days + 1
    return min(_MONTH, days // 3), min(_EARLIER, days // 6)


def _without_one_row(rows: pl.DataFrame, *, before: date) -> pl.DataFrame:
    """Without the cheapest row dated before ``before``: Google took all its clicks back."""
    known = rows.with_row_index("position").filter(pl.col("date") < before)
    cheapest = known.sort("spend", "position")["position"][0]
    return rows.with_row_index("position").filter(pl.col("position") != cheapest).drop("position")


def _compared(export: ExportFile, known: pl.DataFrame, again: pl.DataFrame) -> ExportFile:
    """The entry of a restating file, with the counts against the rows that were ``known`` for its days."""
    key, measures = ["date", "campaign_id"], ["impressions", "clicks", "spend", "conversions", "value"]
    known = known.filter(pl.col("date") >= export.first_day)
    both = again.join(known, on=key, suffix="_known")
    same = pl.all_horizontal(pl.col(name) == pl.col(f"{name}_known") for name in measures)
    unchanged = both.filter(same).height
    return replace(
        export,
        unchanged=unchanged,
        restated=both.height - unchanged,
        added=again.height - both.height,
        vanished=known.height - both.height,
    )


def _write_with_bad_rows(path: Path, rows: pl.DataFrame) -> ExportFile:
    """Microsoft's report after somebody opened it in a spreadsheet: a spend is "#REF!", a day is 30 February."""
    export = microsoft_ads.write_campaign_report(path, rows)
    lines = path.read_text(encoding="utf-8-sig").split("\n")
    header = next(number for number, line in enumerate(lines) if line.startswith('"TimePeriod"'))
    broken_spend, broken_day = rows.height // 3, 2 * rows.height // 3

    cells = lines[header + 1 + broken_spend].split('","')
    cells[lines[header].split('","').index("Spend")] = "#REF!"
    lines[header + 1 + broken_spend] = '","'.join(cells)
    cells = lines[header + 1 + broken_day].split('","')
    cells[0] = f'"{rows["date"][broken_day].year}-02-30'
    lines[header + 1 + broken_day] = '","'.join(cells)

    path.write_bytes(b"\xef\xbb\xbf" + "\n".join(lines).encode())
    lost = rows[[broken_spend, broken_day]]
    lost_sums = sums_of(lost, *export.sums)
    sums = {name: total - lost_sums[name] for name, total in export.sums.items()}
    return replace(export, accepted=export.accepted - lost.height, rejected=lost.height, sums=sums)


def _describe(files: list[ExportFile]) -> Iterator[str]:
    for export in files:
        yield f"{export.path.name}: {export.rows_read} rows, {export.first_day} to {export.last_day}"


_README = """\
DEMO DATA - nothing in this folder is real.

These files were written by Causeway's simulator in the shapes in which ad platforms deliver their exports.
"Demo Store" is an invented advertiser: its accounts, campaigns, people and money do not exist.

06_microsoft_ads_us_campaign_performance.csv has two bad rows on purpose, which are rejected with a reason.
13_google_ads_us_last_30_days.csv was "downloaded" a week after 02_google_ads_us_campaign_report.csv and restates
its last days: conversions that came in late, clicks that were credited back, one row that is gone.

"""
