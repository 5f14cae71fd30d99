"""The customers whose touchpoints or conversions a load changes, entered in the queue of journeys once each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import polars as pl

from warehouse.engine import WriteSession
from warehouse.ingest.store.copying import copy_frame

_LOOSE_MOST: Final = 250_000  # rows that are held beside the one of each customer


@dataclass(slots=True)
class Touched:
    """What of whom changed during one load."""

    session: WriteSession
    _held: list[pl.DataFrame] = field(default_factory=list)
    _rows: int = 0
    _customers: int = 0

    def note(self, rows: pl.DataFrame) -> None:
        """Remember the customers of rows with ``customer_key``, ``advertiser_key`` and ``at``."""
        mine = _earliest(rows.filter(pl.col("customer_key").is_not_null()).rename({"at": "since"}))
        self._held.append(mine)
        self._rows += mine.height
        if self._rows > self._customers + _LOOSE_MOST:
            self._held = [_earliest(pl.concat(self._held))]
            self._rows = self._customers = self._held[0].height

    def enter(self) -> None:
        """Append them to the queue."""
        if self._rows:
            touched = _earliest(pl.concat(self._held))
            copy_frame(self.session, "core.touched_customer", touched, touched.columns)
        self._held, self._rows, self._customers = [], 0, 0


def _earliest(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.group_by("customer_key", "advertiser_key").agg(pl.col("since").min())
