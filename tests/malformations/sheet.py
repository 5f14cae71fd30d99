"""Good export files taken apart, so that one thing at a time can be spoiled and the rest stays true."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from ml.simulation.exports import google_ads, meta_ads, microsoft_ads, tiktok_ads
from tests.made_exports import airbyte, linkedin_ads, pinterest_ads, plan, shop
from tests.made_exports.market import exchange_rates, session_days, shop_days
from tests.made_exports.world import as_reported, simulate

LAST_DAY = date(2026, 9, 28)  # all days of the files are above 12, so that none is ambiguous
DAYS = 6


@dataclass(frozen=True, slots=True)
class Sheet:
    """A delimited file in parts. ``roles`` names the columns that matter: date, spend, impressions, clicks, id, name,
    and currency where the shape has one."""

    name: str
    roles: Mapping[str, str]
    encoding: str
    delimiter: str
    line_end: str
    quote_all: bool
    before: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    totals: tuple[tuple[str, ...], ...]
    totals_first: bool
    after: str

    @property
    def count(self) -> int:
        return len(self.rows)

    def column(self, role: str) -> int:
        return self.header.index(self.roles[role])

    def text(self) -> str:
        records = [*self.totals, *self.rows] if self.totals_first else [*self.rows, *self.totals]
        header = [self.header] if self.header else []
        return self.before + self.table([*header, *records]) + self.after

    def table(self, records: Sequence[Sequence[str]]) -> str:
        out = io.StringIO()
        quoting = csv.QUOTE_ALL if self.quote_all else csv.QUOTE_MINIMAL
        csv.writer(out, delimiter=self.delimiter, lineterminator=self.line_end, quoting=quoting).writerows(records)
        return out.getvalue()

    def content(self) -> bytes:
        return self.text().encode(self.encoding)

    def changed(self, **parts: object) -> Sheet:
        return replace(self, **parts)

    def untotalled(self) -> Sheet:
        """Without its totals, so that a changed cell does not break the checksum as well."""
        return replace(self, totals=())

    def with_cells(self, role: str, change: Callable[[str, int], str], where: Sequence[int] | None = None) -> Sheet:
        """With the cells of one column changed (old text and row number in, new text out) in the rows ``where``."""
        column = self.column(role)
        chosen = range(self.count) if where is None else where
        rows = [list(row) for row in self.rows]
        for number in chosen:
            rows[number][column] = change(rows[number][column], number)
        return replace(self, rows=tuple(tuple(row) for row in rows))

    def without_column(self, role: str) -> Sheet:
        at = self.column(role)
        cut = tuple(
            tuple(cell for n, cell in enumerate(row) if n != at) for row in (self.header, *self.rows, *self.totals)
        )
        size = self.count + 1
        return replace(self, header=cut[0], rows=cut[1:size], totals=cut[size:])

    def renamed(self, names: Mapping[str, str]) -> Sheet:
        return replace(self, header=tuple(names.get(name, name) for name in self.header))


def good_sheets(folder: Path, seed: int) -> dict[str, Sheet]:
    """One small good file of every delimited shape, written into ``folder`` and read back in parts, by short name."""
    folder.mkdir(parents=True, exist_ok=True)
    world = simulate(plan.demo_plan(), seed=seed, end=LAST_DAY, days=DAYS)
    as_of = date(2026, 9, 29)
    landed = datetime(2026, 9, 29, 5, 30, tzinfo=UTC)
    rows = {account.id: as_reported(world, account, as_of) for account in {line.account for line in plan.demo_plan()}}
    rates = exchange_rates(world.first_day, world.last_day, seed=seed)
    books = shop_days(world, rates, seed=seed)
    us, german = rows[plan.GOOGLE_US.id], google_ads.GERMAN_LANGUAGE
    path = {short: folder / name for short, name in _NAMES.items()}
    google_ads.write_campaign_report(path["google"], us)
    google_ads.write_campaign_report(path["google_excel"], us, excel=True)
    google_ads.write_campaign_report(path["google_de"], rows[plan.GOOGLE_GERMANY.id], language=german)
    airbyte.write_airbyte_campaigns(path["airbyte"], rows[plan.GOOGLE_OUTLET.id], extracted_at=landed)
    meta_ads.write_ads_by_day(path["meta"], rows[plan.META_EUROPE.id])
    microsoft_ads.write_campaign_report(path["microsoft"], rows[plan.MICROSOFT_US.id])
    linkedin_ads.write_campaign_performance(path["linkedin"], rows[plan.LINKEDIN.id])
    tiktok_ads.write_daily_report(path["tiktok"], rows[plan.TIKTOK.id])
    pinterest_ads.write_landed_campaign_report(path["pinterest"], rows[plan.PINTEREST.id], synced_at=landed)
    shop.write_shopify_sales(path["shopify"], books)
    shop.write_fx_rates(path["fx"], rates)
    shop.write_ga4_traffic_acquisition(path["ga4"], session_days(world, books, seed=seed), property_name="Demo Store")
    return {short: _taken_apart(path[short], _ROLES[short]) for short in _NAMES}


PERFORMANCE = ("google", "google_excel", "google_de", "airbyte", "meta", "microsoft", "linkedin", "tiktok", "pinterest")
WITH_TOTALS = ("google", "google_excel", "google_de", "meta", "linkedin", "tiktok")
WITH_CURRENCY = ("google", "google_excel", "google_de", "airbyte", "microsoft", "linkedin", "tiktok")

_NAMES = {
    "google": "google_ads_campaign_report.csv",
    "google_excel": "google_ads_campaign_report_excel.csv",
    "google_de": "google_ads_kampagnenbericht.csv",
    "airbyte": "google_ads_airbyte_campaign.csv",
    "meta": "meta_ads_by_day.csv",
    "microsoft": "microsoft_ads_campaign_performance.csv",
    "linkedin": "linkedin_campaign_performance.csv",
    "tiktok": "tiktok_daily.csv",
    "pinterest": "pinterest_campaign_report.csv",
    "shopify": "shopify_total_sales_over_time.csv",
    "fx": "fx_rates.csv",
    "ga4": "ga4_traffic_acquisition.csv",
}
_GOOGLE = {
    "date": "Day", "spend": "Cost", "impressions": "Impr.", "clicks": "Clicks", "id": "Campaign ID", "name": "Campaign",
    "currency": "Currency code",
}  # fmt: skip
_ROLES: dict[str, dict[str, str]] = {
    "google": _GOOGLE,
    "google_excel": _GOOGLE,
    "google_de": {
        "date": "Tag", "spend": "Kosten", "impressions": "Impr.", "clicks": "Klicks", "id": "Kampagnen-ID",
        "name": "Kampagne", "currency": "Währungscode",
    },
    "airbyte": {
        "date": "segments_date", "spend": "metrics_cost_micros", "impressions": "metrics_impressions",
        "clicks": "metrics_clicks", "id": "campaign_id", "name": "campaign_name", "currency": "customer_currency_code",
    },
    "meta": {
        "date": "Day", "spend": "Amount spent (EUR)", "impressions": "Impressions", "clicks": "Link clicks",
        "id": "Campaign ID", "name": "Campaign name",
    },
    "microsoft": {
        "date": "TimePeriod", "spend": "Spend", "impressions": "Impressions", "clicks": "Clicks", "id": "CampaignId",
        "name": "CampaignName", "currency": "CurrencyCode",
    },
    "linkedin": {
        "date": "Start Date (in UTC)", "spend": "Total Spent", "impressions": "Impressions", "clicks": "Clicks",
        "id": "Campaign ID", "name": "Campaign Name", "currency": "Currency",
    },
    "tiktok": {
        "date": "By Day", "spend": "Cost", "impressions": "Impressions", "clicks": "Clicks (destination)",
        "id": "Campaign ID", "name": "Campaign name", "currency": "Currency",
    },
    "pinterest": {
        "date": "date", "spend": "spend_in_micro_dollar", "impressions": "impression_1", "clicks": "clickthrough_1",
        "id": "campaign_id", "name": "campaign_name",
    },
    "shopify": {"date": "Day", "spend": "Net sales", "impressions": "Orders"},
    "fx": {"date": "date", "spend": "rate", "currency": "from"},
    "ga4": {"date": "Date", "spend": "Total revenue", "impressions": "Sessions"},
}  # fmt: skip


def _taken_apart(path: Path, roles: Mapping[str, str]) -> Sheet:
    content = path.read_bytes()
    encoding = "utf-16" if content.startswith(b"\xff\xfe") else "utf-8-sig"
    text = content.decode(encoding)
    line_end, delimiter = ("\r\n", "\t") if encoding == "utf-16" else ("\n", ",")
    lines = text.split(line_end)
    parsed = [next(csv.reader([line], delimiter=delimiter), []) for line in lines]
    top = next(n for n, cells in enumerate(parsed) if roles["date"] in cells and roles["spend"] in cells)
    bottom = next(n for n, cells in enumerate(parsed) if n > top and len(cells) != len(parsed[top]))
    records, day = parsed[top + 1 : bottom], parsed[top].index(roles["date"])
    totals = [cells for cells in records if not any(figure.isdigit() for figure in cells[day][:1])]
    return Sheet(
        name=path.name,
        roles=roles,
        encoding=encoding if encoding == "utf-16" or content.startswith(b"\xef\xbb\xbf") else "utf-8",
        delimiter=delimiter,
        line_end=line_end,
        quote_all=lines[top].startswith('"') and lines[top].endswith('"'),
        before="".join(line + line_end for line in lines[:top]),
        header=tuple(parsed[top]),
        rows=tuple(tuple(cells) for cells in records if cells not in totals),
        totals=tuple(tuple(cells) for cells in totals),
        totals_first=bool(totals) and records[0] in totals,
        after=line_end.join(lines[bottom:]),
    )
