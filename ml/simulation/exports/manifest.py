"""What a loader should find in an export file, so that it can be compared with what it says it found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

import polars as pl

from ml.simulation.exports.parts import Part

DatasetName = Literal[
    "performance", "fx_rate", "order_day", "web_session_day", "touchpoint", "web_event", "order", "contact", "deal",
    "email_day", "organic_day", "creative", "experiment", "assignment", "exposure", "outcome",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One file and the counts that it should give.

    ``rows_read`` counts the records below the header that are rows of the file's main table, total rows included,
    preamble, footers and blank lines not: ``rows_read = accepted + rejected + skipped_totals``. ``footers`` counts
    closing lines (a copyright), ``other_table_rows`` the records of further tables in the same file; a loader may
    count either as skipped. ``account_id`` and ``account_name`` are None where the file does not say them.

    ``sums`` holds the sums of the accepted rows as they are written, by column of the frames in ``records``;
    ``spend`` (of performance) or sales (of orders) is there by currency too. A currency that the file does not say
    is None.

    ``restated``, ``unchanged``, ``added`` and ``vanished`` compare with the files before it in the manifest:
    accepted rows whose key was known with other numbers, with the same numbers, or not at all, and rows known for
    the days of this file that it no longer has.
    """

    path: Path
    platform: str
    dataset: DatasetName
    level: str | None
    account_id: str | None
    account_name: str | None
    currency: str | None
    first_day: date
    last_day: date
    accepted: int
    rejected: int = 0
    skipped_totals: int = 0
    footers: int = 0
    other_table_rows: int = 0
    sums: Mapping[str, Decimal] = field(default_factory=dict)
    restated: int = 0
    unchanged: int = 0
    added: int = 0
    vanished: int = 0

    @property
    def rows_read(self) -> int:
        return self.accepted + self.rejected + self.skipped_totals

    @property
    def spend(self) -> Mapping[str | None, Decimal]:
        """Spend of the accepted rows by currency, empty for files without spend."""
        return {self.currency: self.sums["spend"]} if "spend" in self.sums else {}


@dataclass(frozen=True, slots=True)
class ExportManifest:
    """The files of one folder, in the order in which they were delivered and should be loaded."""

    folder: Path
    files: tuple[ExportFile, ...]

    def file(self, name: str) -> ExportFile:
        """The file of that name; KeyError when there is none."""
        for export in self.files:
            if export.path.name == name:
                return export
        raise KeyError(name)


def performance_file(
    path: Path,
    platform: str,
    level: str,
    written: pl.DataFrame,
    *,
    says_account_id: bool = True,
    says_account_name: bool = True,
    says_currency: bool = True,
    measures: Sequence[str] = ("impressions", "clicks", "spend", "conversions", "value"),
    skipped_totals: int = 0,
    footers: int = 0,
) -> ExportFile:
    """The entry of a file that holds exactly the rows ``written`` (columns ``DAILY``, rounded as in the file)."""
    first_day, last_day = period(written)
    return ExportFile(
        path=path,
        platform=platform,
        dataset="performance",
        level=level,
        account_id=written["account_id"][0] if says_account_id else None,
        account_name=written["account_name"][0] if says_account_name else None,
        currency=written["currency"][0] if says_currency else None,
        first_day=first_day,
        last_day=last_day,
        accepted=written.height,
        skipped_totals=skipped_totals,
        footers=footers,
        sums=sums_of(written, *measures),
    )


def unnamed_file(part: Part, platform: str, dataset: DatasetName) -> ExportFile:
    """The entry of a month of records that do not say whose they are."""
    return ExportFile(
        part.path, platform, dataset, None, None, None, None, part.first_day, part.last_day, accepted=part.rows
    )


def unnamed_table(path: Path, platform: str, dataset: DatasetName, days: pl.Series) -> ExportFile:
    """The entry of a table with a row for every entry of ``days``, which has at least one."""
    first_day, last_day = period(days.alias("date").to_frame())
    return ExportFile(path, platform, dataset, None, None, None, None, first_day, last_day, accepted=len(days))


def period(rows: pl.DataFrame) -> tuple[date, date]:
    """First and last day of rows that have a ``date``; there is at least one row."""
    days: list[date] = rows["date"].to_list()
    return min(days), max(days)


def sums_of(written: pl.DataFrame, *columns: str) -> dict[str, Decimal]:
    """Exact sums of the named columns of rows as they were written."""
    return {name: Decimal(str(written[name].sum())) for name in columns}
