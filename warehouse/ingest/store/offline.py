"""Offline conversions: what was uploaded to ad platforms by click id, into ``core.conversion``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import polars as pl
from sqlalchemy import text

from warehouse.ingest.contract import LINE, RejectedRow
from warehouse.ingest.currency import CURRENCIES
from warehouse.ingest.digests import text_digests
from warehouse.ingest.store.conversions import STAGE, merge_conversions
from warehouse.ingest.store.copying import copy_frame
from warehouse.ingest.store.outcome import Stored
from warehouse.ingest.store.whose import Whose
from warehouse.ingest.store.writer import Ground

_STAGED: Final = (
    "account_key", "kind", "source_id", "at", "identifier_key", "customer_key", "value", "currency", "counts",
)  # fmt: skip


@dataclass(slots=True)
class OfflineWriter:
    """Writes one parsed table of ``OFFLINE_CONVERSION``. The same id, or click, name and time are one conversion."""

    at: Ground
    whose: Whose
    stored: Stored = field(default_factory=Stored)
    _staged: bool = False

    def add(self, frame: pl.DataFrame) -> None:
        """Stage a frame."""
        frame = self._with_known_currencies(frame)
        if frame.is_empty():
            return
        frame = frame.with_columns(source_id=_source_ids(frame), account_key=self.at.accounts.keys(frame))
        self.stored.note_accounts(frame)
        self.stored.note_days(frame["at"].dt.date())
        own = {key: account.currency for key, account in self.at.accounts.used.items()}
        frame = self.whose.identified(frame, self.stored).with_columns(
            kind=pl.lit("offline"),
            counts=pl.lit(value=True),
            currency=pl.coalesce("value_currency", pl.col("account_key").replace_strict(own, return_dtype=pl.String)),
        )
        if not self._staged:
            self.at.session.execute(text(STAGE))
            self._staged = True
        copy_frame(self.at.session, "incoming_conversion", frame, _STAGED)

    def finish(self) -> Stored:
        """Write what is new or differs, and count."""
        if not self._staged:
            return self.stored
        session, stored = self.at.session, self.stored
        repeated = session.execute(text(_DROP_REPEATED)).scalar_one()
        counts = session.execute(text(_COUNTS)).one()
        stored.accepted, stored.restated = counts.fresh + counts.restated, counts.restated
        stored.skip("repeated row", repeated)
        stored.skip("already known", counts.same)
        merge_conversions(session, self.at.load_key)
        self.whose.settle()
        return stored

    def _with_known_currencies(self, frame: pl.DataFrame) -> pl.DataFrame:
        frame = frame.with_columns(pl.col("value_currency").str.to_uppercase())
        odd = (~frame["value_currency"].is_in(CURRENCIES)).fill_null(value=False)
        for row in frame.filter(odd).iter_rows(named=True):
            reason = f'"{row["value_currency"]}" is not a currency code of ISO 4217.'
            raw = f"{row['name']}, {row['at']}"
            self.stored.rejected.append(RejectedRow(row[LINE], "value_currency", "bad_currency", reason, raw))
        return frame.filter(~odd)


def _source_ids(frame: pl.DataFrame) -> pl.Series:
    """The id that the upload names, else a digest of what tells it from others."""
    who = pl.coalesce("click_id", "email", "phone", "user_id")
    told = frame.select(pl.concat_str([who, pl.col("name").fill_null(""), pl.col("at").cast(pl.String)], separator="|"))
    return frame.select(pl.coalesce("conversion_id", text_digests(told.to_series()))).to_series()


# Of one conversion that stands twice in the upload the one with the larger value counts.
_DROP_REPEATED = """
WITH ranked AS (
    SELECT ctid AS place, row_number() OVER (PARTITION BY account_key, source_id ORDER BY value DESC NULLS LAST) AS nth
    FROM incoming_conversion),
gone AS (DELETE FROM incoming_conversion i USING ranked r WHERE i.ctid = r.place AND r.nth > 1 RETURNING 1)
SELECT count(*) FROM gone
"""

_COUNTS = """
SELECT count(*) FILTER (WHERE c.conversion_key IS NULL) AS fresh,
       count(*) FILTER (WHERE (c.at, c.value, c.currency) IS DISTINCT FROM (i.at, i.value, i.currency)
                        AND c.conversion_key IS NOT NULL) AS restated,
       count(*) FILTER (WHERE (c.at, c.value, c.currency) IS NOT DISTINCT FROM (i.at, i.value, i.currency)) AS same
FROM incoming_conversion i
LEFT JOIN core.conversion c ON c.account_key = i.account_key AND c.kind = 'offline' AND c.source_id = i.source_id
"""
