"""Contacts and leads into ``core.contact``; who is or was a lead is a conversion.

Contacts that a CRM merged into another stay as deleted records that name it, so that an older export does not revive
them, and are the same person from then on. A lead that was converted to a contact stays the lead that it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import polars as pl
from sqlalchemy import text

from warehouse.ingest.contract import LINE
from warehouse.ingest.store.conversions import STAGE as CONVERSION_STAGE
from warehouse.ingest.store.conversions import merge_conversions
from warehouse.ingest.store.copying import copy_frame
from warehouse.ingest.store.crm_ids import id_lists, one_spelling
from warehouse.ingest.store.outcome import Stored
from warehouse.ingest.store.versions import Records, merge_records, stage_records
from warehouse.ingest.store.whose import Whose
from warehouse.ingest.store.writer import Ground

CONTACTS: Final = Records(
    "core.contact",
    "contact_id",
    ("kind", "identifier_key", "customer_key", "click_key", "created_at", "updated_at", "lead_at", "stage", "source",
     "source_detail", "merged_into"),
    flags=("is_deleted",),
)  # fmt: skip

# Lifecycle stages of those who are more than subscribers, by HubSpot's own names without spaces and capitals.
_LEADS: Final = ("lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "evangelist")


@dataclass(slots=True)
class ContactWriter:
    """Writes one parsed table of ``CONTACT``."""

    at: Ground
    whose: Whose
    stored: Stored = field(default_factory=Stored)
    _staged: bool = False

    def add(self, frame: pl.DataFrame) -> None:
        """Stage a frame, with a record for every contact that was merged into one of it."""
        if frame.is_empty():
            return
        platform = self.at.parsed.platform
        frame = frame.with_columns(account_key=self.at.accounts.keys(frame))
        frame = frame.with_columns(
            one_spelling(frame["contact_id"], platform), one_spelling(frame["converted_to"], platform)
        )
        self.stored.note_accounts(frame)
        self._tie(frame.filter(pl.col("converted_to").is_not_null()), "converted_to")
        merged = frame.with_columns(merged_id=id_lists(frame["merged_ids"])).explode("merged_id")
        merged = merged.filter(pl.col("merged_id").is_not_null(), pl.col("merged_id") != pl.col("contact_id"))
        self._tie(merged, "merged_id")
        frame = self.whose.identified(_judged(frame), self.stored).rename({LINE: "line", "contact_kind": "kind"})
        if not self._staged:
            stage_records(self.at.session, CONTACTS)
            self.at.session.execute(text(_MERGED))
            self._staged = True
        copy_frame(self.at.session, "incoming_record", frame.with_columns(merged_into="converted_to"), CONTACTS.staged)
        columns = {"contact_id": "merged_id", "merged_into": "contact_id"}
        gone = merged.select("account_key", "contact_kind", "updated_at", **columns).rename({"contact_kind": "kind"})
        copy_frame(self.at.session, "merged_contact", gone, gone.columns)

    def finish(self) -> Stored:
        """Merge the newest versions, and the conversions that follow."""
        if not self._staged:
            return self.stored
        session, load = self.at.session, self.at.load_key
        merge_records(session, CONTACTS, load, self.stored)
        session.execute(text(_MARK_MERGED), {"load": load})
        session.execute(text(CONVERSION_STAGE))
        session.execute(text(_CONVERSIONS))
        merge_conversions(session, load)
        span = session.execute(text(_SPAN)).one()
        self.stored.first_day, self.stored.last_day = span
        self.whose.settle()
        return self.stored

    def _tie(self, rows: pl.DataFrame, other: str) -> None:
        """Make the record of another id the same person: both are known by what the row says of the one."""
        if not rows.is_empty():
            self.whose.recognised(rows.with_columns(contact_id=pl.col(other)))


def _judged(frame: pl.DataFrame) -> pl.DataFrame:
    """With since when each is a lead, where the record or its stage says that it is."""
    stage = pl.col("stage").str.to_lowercase().str.replace_all(r"[\s_-]", "")
    is_lead = (pl.col("contact_kind") == "lead") | stage.is_in(_LEADS)
    return frame.with_columns(lead_at=pl.coalesce("lead_at", pl.when(is_lead).then("created_at")))


_MERGED = """
DROP TABLE IF EXISTS merged_contact;
CREATE TEMPORARY TABLE merged_contact (
    account_key int, contact_id text, merged_into text, kind text, updated_at timestamptz) ON COMMIT DROP
"""

_MARK_MERGED = """
INSERT INTO core.contact AS c (account_key, contact_id, kind, merged_into, updated_at, is_deleted, load_key)
SELECT DISTINCT ON (account_key, contact_id) account_key, contact_id, CAST(kind AS core.contact_kind), merged_into,
       updated_at, true, :load
FROM merged_contact ORDER BY account_key, contact_id, updated_at DESC NULLS LAST
ON CONFLICT (account_key, contact_id) DO UPDATE SET merged_into = excluded.merged_into, is_deleted = true,
    updated_at = greatest(c.updated_at, excluded.updated_at)
WHERE NOT c.is_deleted OR c.merged_into IS DISTINCT FROM excluded.merged_into;
UPDATE core.contact c SET is_deleted = true FROM record_change r
WHERE c.account_key = r.account_key AND c.contact_id = r.contact_id AND c.kind = 'contact'
  AND c.merged_into IS NOT NULL AND NOT c.is_deleted
"""

_CONVERSIONS = """
INSERT INTO incoming_conversion
SELECT c.account_key, 'lead', c.contact_id, c.lead_at, c.identifier_key, c.customer_key, NULL, NULL, a.currency, NULL,
       NOT c.is_deleted
FROM core.contact c JOIN core.account a ON a.account_key = c.account_key
WHERE c.lead_at IS NOT NULL AND (c.account_key, c.contact_id) IN (
    SELECT account_key, contact_id FROM record_change WHERE NOT older
    UNION SELECT account_key, contact_id FROM merged_contact)
"""

_SPAN = """
SELECT min(coalesce(lead_at, created_at))::date, max(coalesce(lead_at, created_at))::date FROM record_change
"""
