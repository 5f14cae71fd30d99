"""HubSpot: contacts and deals as exported, with the dates on which a deal entered its stages."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl

from ml.simulation.exports.columns import csv_text, money
from ml.simulation.exports.identities import Advertiser, click_id
from ml.simulation.exports.manifest import ExportFile, unnamed_table
from ml.simulation.people.records import CONTACTS, DEAL_STAGES, empty

STAGES = ("lead", "qualified", "proposal", "negotiation", "closed_won", "closed_lost")
_USUALLY_OPEN = 60  # days from now until an open deal is expected to close


class CrmExport:
    """Keeps contacts and stages of deals, and writes both tables as they stand at the end."""

    def __init__(self, folder: Path, of: Advertiser) -> None:
        self._folder, self._of = folder, of
        self._contacts, self._stages = [empty(CONTACTS)], [empty(DEAL_STAGES)]

    def add(self, contacts: pl.DataFrame, deal_stages: pl.DataFrame) -> None:
        """Take in a day (columns ``CONTACTS`` and ``DEAL_STAGES``)."""
        self._contacts.append(contacts)
        self._stages.append(deal_stages)

    def finish(self, last_day: date) -> list[ExportFile]:
        """Write the tables; nothing where there is no contact. They do not say whose they are."""
        contacts, stages = pl.concat(self._contacts), pl.concat(self._stages)
        if contacts.is_empty():
            return []
        self._folder.mkdir(parents=True, exist_ok=True)
        written = [self._write("hubspot_contacts.csv", "contact", self._contact_table(contacts), contacts)]
        if stages.height:
            written.append(self._write("hubspot_deals.csv", "deal", *self._deal_table(stages, last_day)))
        return written

    def _write(self, name: str, dataset: str, table: pl.DataFrame, dated: pl.DataFrame) -> ExportFile:
        path = self._folder / name
        header = ",".join(f'"{column}"' for column in table.columns)
        path.write_bytes(header.encode() + b"\n" + csv_text(table))
        return unnamed_table(path, "hubspot", "contact" if dataset == "contact" else "deal", dated["at"].dt.date())

    def _contact_table(self, contacts: pl.DataFrame) -> pl.DataFrame:
        return contacts.select(
            pl.col("contact_id").alias("Record ID"),
            self._of.address(pl.col("customer")).alias("Email"),
            _moment("at").alias("Create Date"),
            _moment("at").alias("Last Modified Date"),
            _moment("at").alias("Became a Lead Date"),
            pl.lit("lead").alias("Lifecycle Stage"),
            pl.col("source").alias("Original Source"),
            click_id(pl.col("click_id")).alias("Google ad click id"),
        )

    def _deal_table(self, stages: pl.DataFrame, last_day: date) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The table, and the deals with the moment ``at`` at which each was made."""
        deals = (
            stages.sort("at", maintain_order=True)
            .group_by("deal_id", maintain_order=True)
            .agg(
                pl.col("contact_id").first(),
                pl.col("at").first(),
                pl.col("at").last().alias("changed_at"),
                pl.col("stage").last(),
                pl.col("amount_cents").last(),
                *(pl.col("at").filter(pl.col("stage") == stage).first().alias(f"in_{stage}") for stage in STAGES),
            )
        )
        closed = pl.col("stage").is_in(["closed_won", "closed_lost"])
        expected = pl.lit(last_day + timedelta(days=_USUALLY_OPEN))
        table = deals.select(
            pl.col("deal_id").alias("Record ID"),
            pl.concat_str(pl.lit("Simulated deal "), pl.col("deal_id")).alias("Deal Name"),
            pl.col("stage").alias("Deal Stage"),
            pl.lit("Sales Pipeline").alias("Pipeline"),
            money(pl.col("amount_cents")).alias("Amount"),
            pl.lit(self._of.currency).alias("Currency"),
            _moment("at").alias("Create Date"),
            _moment("changed_at").alias("Last Modified Date"),
            pl.when(closed).then(pl.col("changed_at").dt.date()).otherwise(expected).alias("Close Date"),
            pl.col("contact_id").alias("Associated Contact IDs"),
            (pl.col("stage") == "closed_won").alias("Is Closed Won"),
            closed.alias("Is Deal Closed?"),
            *(_moment(f"in_{stage}").alias(f"Date entered '{stage}'") for stage in STAGES),
        )
        return table, deals


def _moment(column: str) -> pl.Expr:
    return pl.col(column).dt.strftime("%Y-%m-%d %H:%M:%S")
