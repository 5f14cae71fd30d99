"""Tables and columns of actions -> one count or value for each ad and day."""

from __future__ import annotations

import json
from dataclasses import replace

import polars as pl

from warehouse.errors import LoadRefused
from warehouse.ingest.binding import Binding, BoundField
from warehouse.ingest.contract import Finding, Tally
from warehouse.ingest.faults import MADE, Fault
from warehouse.ingest.goals import Goal
from warehouse.ingest.sources.model import Alias, Column

_ARRAYS = {"actions": "conversions", "action_values": "conversion_value"}
_ACTION = pl.List(pl.Struct({"action_type": pl.String(), "value": pl.String()}))
_EXACT = pl.Decimal(38, 6)


class Actions:
    """Turns actions into ordinary cells, batch by batch. Does nothing for tables without any."""

    def __init__(self, binding: Binding) -> None:
        fields = binding.fields
        self._fields = fields
        self._table = "action_type" in fields
        self._arrays = [a for a, field in _ARRAYS.items() if a in fields and field not in fields]
        self._results = {"results", "result_indicator"} <= fields.keys() and "conversions" not in fields
        column = next((fields[f].header for f in ("action_type", *_ARRAYS, "result_indicator") if f in fields), "")
        self._goal = Goal(column, chosen=binding.action)
        self._seen = pl.DataFrame(schema={"key": pl.UInt64(), "seen": pl.Int8()})
        self._left_out = 0

    @property
    def at_work(self) -> bool:
        return self._table or bool(self._arrays) or self._results

    def rebound(self, binding: Binding) -> Binding:
        """The binding with the measures that :meth:`apply` makes."""
        fields = {f: b for f, b in binding.fields.items() if f not in {*_ARRAYS, "results", "result_indicator"}}
        for array in self._arrays:
            fields[_ARRAYS[array]] = BoundField(
                Column(()), ((_made(_ARRAYS[array]), Alias(self._fields[array].header)),)
            )
        if self._results:
            fields["conversions"] = BoundField(
                Column(()), ((_made("conversions"), Alias(self._fields["results"].header)),)
            )
        return replace(binding, fields=fields)

    def apply(self, batch: pl.DataFrame, tally: Tally) -> tuple[pl.DataFrame, list[Fault]]:
        """The batch with only the rows and cells of the goal; rows left out are counted as skipped."""
        if self._table:
            return self._one_tier(batch, tally), []
        faults: list[Fault] = []
        for array in self._arrays:
            cells, unreadable = self._from_array(batch[self._fields[array].header])
            batch = batch.with_columns(cells.alias(_made(_ARRAYS[array])))
            faults.append(Fault("bad_actions", self._fields[array].header, unreadable))
        if self._results:
            chosen = self._goal.ranks(batch[self._fields["result_indicator"].header]).is_not_null()
            results = batch[self._fields["results"].header].set(~chosen, None)
            batch = batch.with_columns(results.alias(_made("conversions")))
        return batch, faults

    def findings(self) -> list[Finding]:
        return self._goal.findings(self._left_out) if self.at_work else []

    def _one_tier(self, batch: pl.DataFrame, tally: Tally) -> pl.DataFrame:
        """Of each key's rows those of its best tier. Keys are remembered as hashes, since their rows may be apart."""
        key = [
            self._fields[f].header
            for f in ("account_id", "campaign_id", "ad_group_id", "ad_id", "date")
            if f in self._fields
        ]
        ranked = batch.with_columns(
            __rank=self._goal.ranks(batch[self._fields["action_type"].header]),
            __key=batch.select(key).hash_rows(),
        )
        ranked = ranked.join(self._seen, left_on="__key", right_on="key", how="left", maintain_order="left")
        best = ranked.select(pl.col("__rank").min().over("__key")).to_series()
        if (ranked["seen"] > best).any():
            raise LoadRefused(
                f'The rows of one ad and day lie far apart and name different actions in "{self._goal.column}".',
                remedy=f'Order the table by ad and date, or choose: --map "{self._goal.column}=action:purchase".',
            )
        kept = (ranked["__rank"] == best) & (ranked["seen"].is_null() | (ranked["seen"] == best))
        kept = kept.fill_null(value=False)
        taken = ranked.filter(kept)
        new = taken.filter(pl.col("seen").is_null()).select(
            pl.col("__key").alias("key"), pl.col("__rank").alias("seen")
        )
        self._seen = pl.concat([self._seen, new.unique(maintain_order=True)])
        self._left_out += batch.height - taken.height
        tally.skip("other_action", batch.height - taken.height)
        return taken.select(batch.columns)

    def _from_array(self, cells: pl.Series) -> tuple[pl.Series, pl.Series]:
        """The goal's amount in each JSON array as text, "0" where the array lacks it; and which cells are no array."""
        arrays, unreadable = _decoded(cells)
        actions = (
            pl.DataFrame({"row": pl.int_range(len(cells), eager=True), "action": arrays})
            .explode("action")
            .unnest("action")
            .drop_nulls(["action_type", "value"])
        )
        actions = actions.with_columns(rank=self._goal.ranks(actions["action_type"]))
        self._left_out += actions["rank"].null_count()
        best = (
            actions.drop_nulls("rank")
            .filter(pl.col("rank") == pl.col("rank").min().over("row"))
            .group_by("row")
            .agg(pl.col("value").cast(_EXACT, strict=False).sum())
        )
        rows = pl.DataFrame({"row": pl.int_range(len(cells), eager=True)}).join(
            best, on="row", how="left", maintain_order="left"
        )
        return rows["value"].cast(pl.String).fill_null("0"), unreadable


def _made(field: str) -> str:
    return f"{MADE}{field}"


def _decoded(cells: pl.Series) -> tuple[pl.Series, pl.Series]:
    cells = cells.set(cells.str.strip_chars() == "", None)
    nothing = pl.repeat(value=False, n=len(cells), dtype=pl.Boolean, eager=True)
    try:
        return cells.str.json_decode(_ACTION), nothing
    except pl.exceptions.ComputeError:
        unreadable = pl.Series([not _is_array(cell) for cell in cells], dtype=pl.Boolean)
        return cells.set(unreadable, None).str.json_decode(_ACTION), unreadable


def _is_array(cell: str | None) -> bool:
    try:
        read = json.loads(cell) if cell is not None else []
    except ValueError:
        return False
    return isinstance(read, list) and all(isinstance(a, dict) for a in read)
