"""The registry of experiments, filled from files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import polars as pl

from warehouse.changes.experiments import enter
from warehouse.ingest.contract import LINE, Assumption, RejectedRow
from warehouse.ingest.store.definition_cells import BadDefinition
from warehouse.ingest.store.definitions import read_definition
from warehouse.ingest.store.outcome import Stored
from warehouse.ingest.store.writer import Ground
from warehouse.ingest.texts import as_json


@dataclass(slots=True)
class ExperimentsWriter:
    """Writes one parsed table of ``EXPERIMENT``. A definition replaces the earlier one of the same id as a whole."""

    at: Ground
    stored: Stored = field(default_factory=Stored)

    def add(self, frame: pl.DataFrame) -> None:
        """Enter the definitions of a frame."""
        frame = frame.with_columns(account_key=self.at.accounts.keys(frame))
        self.stored.note_accounts(frame)
        for row in frame.iter_rows(named=True):
            try:
                definition = read_definition(row)
                became = enter(self.at.session, row["account_key"], definition, self.at.load_key, self.at.today)
            except BadDefinition as error:
                said = as_json({name: row[name] for name in _SHOWN if row[name] is not None})
                self.stored.rejected.append(RejectedRow(row[LINE], error.column, error.code, error.reason, said))
                continue
            for name, value in definition.assumed.items():
                why = f"experiment {definition.experiment_id} does not say"
                self.at.parsed.assumptions.append(Assumption(name, value, why))
            for day in (definition.starts_at, definition.stops_at):
                if day is not None:
                    self.stored.note_days(pl.Series([day.date()]))
            if became == "known":
                self.stored.skipped["already known"] = self.stored.skipped.get("already known", 0) + 1
                continue
            self.stored.accepted += 1
            self.stored.restated += became == "changed"

    def finish(self) -> Stored:
        """Everything is entered already; what it came to."""
        return self.stored


_SHOWN: Final = ("experiment_id", "name", "kind", "unit", "starts_at", "stops_at", "arms", "metrics")
