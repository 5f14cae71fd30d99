"""Small exports in the platforms' own shapes, made of rows that a test states, and loading them."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from warehouse.ingest.load import LoadOptions, load_paths
from warehouse.ingest.outcome import LoadResult
from warehouse.sessions import Warehouse

_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Day:
    """One campaign on one day, as a Google Ads report by day says it. None is "not reported"."""

    date: str
    campaign: str = "1"
    spend: str | None = "10.00"
    impressions: int | None = 100
    clicks: int | None = 10
    conversions: str | None = "1.00"
    value: str | None = "20.00"
    account: str = "111-222-3333"
    currency: str = "USD"
    kind: str = "Search"
    name: str = ""
    device: str = "Computers"

    def but(self, **changes: str | int | None) -> Day:
        return replace(self, **changes)  # type: ignore[arg-type]


# Column of Google's report -> how a Day says it.
_CELLS = {
    "Day": lambda d: d.date,
    "Customer ID": lambda d: d.account,
    "Account name": lambda d: f"Shop {d.account}",
    "Currency code": lambda d: d.currency,
    "Campaign ID": lambda d: f"90{d.campaign}",
    "Campaign": lambda d: d.name or f"Campaign {d.campaign}",
    "Campaign type": lambda d: d.kind,
    "Device": lambda d: d.device,
    "Impr.": lambda d: d.impressions,
    "Clicks": lambda d: d.clicks,
    "Cost": lambda d: d.spend,
    "Conversions": lambda d: d.conversions,
    "Conv. value": lambda d: d.value,
}
USUAL = tuple(c for c in _CELLS if c not in {"Device", "Account name"})


def google(days: Iterable[Day], columns: Sequence[str] = USUAL, *, without: Sequence[str] = ()) -> str:
    """A Google Ads campaign report with the days as its rows."""
    chosen = [c for c in columns if c not in without]
    lines = ["Campaign report", "All time", ",".join(chosen)]
    for day in days:
        cells = [_CELLS[c](day) for c in chosen]
        lines.append(",".join(" --" if cell is None else str(cell) for cell in cells))
    return "\n".join(lines) + "\n"


def every_day(first: str, count: int, **like: str | int | None) -> list[Day]:
    """``count`` days in a row of one campaign."""
    start = dt.date.fromisoformat(first)
    return [Day((start + dt.timedelta(days=i)).isoformat()).but(**like) for i in range(count)]


def table(header: str, rows: Iterable[Sequence[object]]) -> str:
    """A CSV file; None is the empty cell."""
    lines = [",".join("" if cell is None else str(cell) for cell in row) for row in rows]
    return "\n".join([header, *lines]) + "\n"


@dataclass
class Desk:
    """Writes files into a folder and loads them into a warehouse, as a person would."""

    warehouse: Warehouse
    folder: Path
    results: list[LoadResult] = field(default_factory=list)

    def load(
        self,
        content: str | bytes,
        name: str = "report.csv",
        *,
        account: str | None = None,
        currency: str | None = None,
        source: str | None = None,
        mapping: Mapping[str, str] | None = None,
        dry_run: bool = False,
    ) -> LoadResult:
        """Load a file that holds one table. Every file has a folder of its own, so names may repeat."""
        return self.load_all(content, name, LoadOptions(account, currency, source, mapping or {}, dry_run=dry_run))[0]

    def load_all(self, content: str | bytes, name: str, options: LoadOptions | None = None) -> list[LoadResult]:
        """Load a file; one result per table. Counts must add up, whatever happens."""
        path = self.folder / f"{next(_numbers):05d}" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return self.load_path(str(path), options)

    def load_path(self, path: str, options: LoadOptions | None = None) -> list[LoadResult]:
        """Load what a path means."""
        results = load_paths(self.warehouse, [path], options)
        for result in results:
            assert result.rows_read == result.accepted + result.rejected + result.skipped, result
            assert result.skipped == sum(result.skipped_by_reason.values()), result
            assert (result.reason is not None) == (result.status == "refused"), result
        self.results += results
        return results
