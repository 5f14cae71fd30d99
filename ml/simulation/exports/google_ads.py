"""Google Ads: the campaign report of the ads manager, in English or German, as CSV or "CSV (Excel)"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from ml.simulation.exports.manifest import ExportFile, performance_file, period, sums_of
from ml.simulation.exports.text import AMERICAN, GERMAN, NumberStyle, ratio, table

_MISSING = " --"  # Google really writes the space
_PMAX = "Performance Max"
_CENSORED_BELOW = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Language:
    """The words and numbers of the ads manager in one language."""

    title: str
    period: Callable[[date], str]
    header: tuple[str, ...]
    totals: tuple[str, ...]  # account, campaigns
    type_total: str  # with one %s
    numbers: NumberStyle
    types: dict[str, str]
    states: tuple[str, str]  # enabled, paused


def write_campaign_report(
    path: Path, rows: pl.DataFrame, *, language: Language | None = None, excel: bool = False
) -> ExportFile:
    """The campaign report by day as a CSV, or as the UTF-16 TAB file that "CSV (Excel)" gives.

    ``rows`` are those of one account (columns ``DAILY``), at least one. Totals are exact sums of the rounded rows.
    """
    words = language or ENGLISH
    written = rows.with_columns(pl.col("spend").round(2), pl.col("conversions").round(2), pl.col("value").round(2))
    first_day, last_day = period(written)
    budgets = _budgets(written)
    running = set(written.filter(pl.col("date") == last_day)["campaign_id"])
    lines: list[list[str]] = [list(words.header)]
    for row in written.iter_rows(named=True):
        campaign = row["campaign_id"]
        share = row["search_impression_share"]
        lines.append(
            [
                row["date"].isoformat(),
                words.states[0 if campaign in running else 1],
                row["account_name"],
                _dashed(row["account_id"]),
                row["campaign_name"],
                campaign,
                words.numbers.fixed(budgets[campaign], 2),
                row["currency"],
                words.types.get(row["campaign_type"], row["campaign_type"]),
                *_measures(words.numbers, row),
                _MISSING if share is None else _share(words.numbers, Decimal(str(round(share, 4)))),
            ]
        )
    totals = [(label, written) for label in words.totals]
    in_pmax = written.filter(pl.col("campaign_type") == _PMAX)
    if in_pmax.height:
        totals.append((words.type_total % _PMAX, in_pmax))
    lines += [_total(words, label, part) for label, part in totals]

    span = f"{words.period(first_day)} - {words.period(last_day)}"
    if excel:
        text = f"{words.title}\r\n{span}\r\n" + table(lines, delimiter="\t", line_end="\r\n")
        path.write_bytes(b"\xff\xfe" + text.encode("utf-16-le"))
    else:
        path.write_bytes((f'{words.title}\n"{span}"\n' + table(lines)).encode())
    return performance_file(path, "google_ads", "campaign", written, skipped_totals=len(totals))


_GERMAN_MONTHS = (
    "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
    "Dezember",
)  # fmt: skip
_ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

ENGLISH = Language(
    title="Campaign report",
    period=lambda day: f"{_ENGLISH_MONTHS[day.month - 1]} {day.day}, {day.year}",
    header=(
        "Day", "Campaign status", "Account name", "Customer ID", "Campaign", "Campaign ID", "Budget", "Currency code",
        "Campaign type", "Impr.", "Clicks", "CTR", "Avg. CPC", "Cost", "Conversions", "Conv. value",
        "Conv. value / cost", "Search impr. share",
    ),
    totals=("Total: Account", "Total: Campaigns"),
    type_total="Total: %s campaigns",
    numbers=AMERICAN,
    types={},
    states=("Enabled", "Paused"),
)  # fmt: skip
GERMAN_LANGUAGE = Language(
    title="Kampagnenbericht",
    period=lambda day: f"{day.day}. {_GERMAN_MONTHS[day.month - 1]} {day.year}",
    header=(
        "Tag", "Kampagnenstatus", "Kontoname", "Kundennummer", "Kampagne", "Kampagnen-ID", "Budget", "Währungscode",
        "Kampagnentyp", "Impr.", "Klicks", "CTR", "Durchschn. CPC", "Kosten", "Conversions", "Conv.-Wert",
        "Conv.-Wert/Kosten", "Anteil an mögl. Impr. im Suchnetzwerk",
    ),
    totals=("Gesamt: Konto", "Gesamt: Kampagnen"),
    type_total="Gesamt: %s-Kampagnen",
    numbers=GERMAN,
    types={"Search": "Suchnetzwerk", "Display": "Displaynetzwerk"},
    states=("Aktiviert", "Pausiert"),
)  # fmt: skip


def _measures(numbers: NumberStyle, row: Mapping[str, Any]) -> list[str]:
    """Impressions to value over cost, in the order of the header; ``row`` is a row or the sums of many."""
    ctr = ratio(row["clicks"], row["impressions"])
    cpc = ratio(row["spend"], row["clicks"])
    roas = ratio(row["value"], row["spend"])
    return [
        numbers.whole(int(row["impressions"])),
        numbers.whole(int(row["clicks"])),
        _MISSING if ctr is None else numbers.percent(ctr),
        _MISSING if cpc is None else numbers.fixed(cpc, 2),
        numbers.fixed(row["spend"], 2),
        numbers.fixed(row["conversions"], 2),
        numbers.fixed(row["value"], 2),
        _MISSING if roas is None else numbers.fixed(roas, 2),
    ]


def _total(words: Language, label: str, part: pl.DataFrame) -> list[str]:
    sums = sums_of(part, "impressions", "clicks", "spend", "conversions", "value")
    return [label, *[_MISSING] * 6, part["currency"][0], _MISSING, *_measures(words.numbers, sums), _MISSING]


def _share(numbers: NumberStyle, share: Decimal) -> str:
    return "< 10%" if share < _CENSORED_BELOW else numbers.percent(share)


def _budgets(written: pl.DataFrame) -> dict[str, Decimal]:
    """Today's budget, which exports repeat over all history: a fifth above the spend of the last 14 reported days."""
    recent = written.sort("date").group_by("campaign_id").agg(pl.col("spend").cast(pl.Float64).tail(14).mean())
    return {campaign: Decimal(5 * max(1, round(spend * 1.2 / 5))) for campaign, spend in recent.iter_rows()}


def _dashed(customer_id: str) -> str:
    return f"{customer_id[:3]}-{customer_id[3:6]}-{customer_id[6:]}"
