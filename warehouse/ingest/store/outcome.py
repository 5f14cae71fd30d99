"""What storing a table came to."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import polars as pl

from warehouse.ingest.contract import RejectedRow

_ACCOUNT_DAYS = {"account_key": pl.Int32, "date": pl.Date}


@dataclass(slots=True)
class Stored:
    """What became of the rows of one table."""

    accepted: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    rejected: list[RejectedRow] = field(default_factory=list)
    restated: int = 0
    vanished: int = 0
    kept: int = 0  # rows of the range that a partial export did not bring and that stay
    first_day: dt.date | None = None
    last_day: dt.date | None = None
    final_before: dt.date | None = None
    accounts: dict[int, int] = field(default_factory=dict)  # account key -> rows
    touched: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_ACCOUNT_DAYS))
    moved: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_ACCOUNT_DAYS))  # by adoption, any level

    def skip(self, reason: str, count: int) -> None:
        """Count rows that were skipped for a reason."""
        if count:
            self.skipped[reason] = self.skipped.get(reason, 0) + count

    def note_days(self, days: pl.Series) -> None:
        """Widen the span to ``days``."""
        first, last = days.min(), days.max()
        if not isinstance(first, dt.date) or not isinstance(last, dt.date):
            raise TypeError("Parsed frames have dates.")
        self.first_day = min(first, self.first_day or first)
        self.last_day = max(last, self.last_day or last)

    def note_accounts(self, frame: pl.DataFrame) -> None:
        """Count the rows of each account."""
        for account_key, rows in frame.group_by("account_key").len().iter_rows():
            self.accounts[account_key] = self.accounts.get(account_key, 0) + rows
