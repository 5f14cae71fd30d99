"""What writes the rows of one dataset, and what it is given to do so."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from warehouse.engine import WriteSession
from warehouse.ingest.contract import ParsedTable
from warehouse.ingest.store.accounts import AccountBook
from warehouse.ingest.store.outcome import Stored
from warehouse.ingest.store.pictures import Pictures


class Writer(Protocol):
    """Writes one parsed table: :meth:`add` for every frame, then :meth:`finish` once."""

    def add(self, frame: pl.DataFrame) -> None:
        """Take a frame with the columns of the table's dataset."""

    def finish(self) -> Stored:
        """Everything is written; what it came to."""


@dataclass(frozen=True, slots=True)
class Ground:
    """One table's load: the transaction, whose rows they are, the load that they name, pictures beside the file."""

    session: WriteSession
    accounts: AccountBook
    parsed: ParsedTable
    load_key: int
    today: dt.date
    pictures: Pictures
