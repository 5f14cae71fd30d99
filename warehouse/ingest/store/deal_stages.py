"""Histories of stages that come in a table of their own, and campaign members of a CRM."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import polars as pl
from sqlalchemy import text

from warehouse.ingest.contract import LINE
from warehouse.ingest.store.copying import copy_frame
from warehouse.ingest.store.crm_ids import one_spelling
from warehouse.ingest.store.deals import STAGE_STAGES, settle_deals
from warehouse.ingest.store.outcome import Stored
from warehouse.ingest.store.versions import Records, merge_records, stage_records
from warehouse.ingest.store.writer import Ground

MEMBERS: Final = Records(
    "core.campaign_member",
    "member_id",
    ("campaign_id", "contact_id", "status", "responded_at", "created_at", "updated_at"),
    flags=("is_deleted",),
)


@dataclass(slots=True)
class DealStageWriter:
    """Writes one parsed table of ``DEAL_STAGE``. Its deals may come before it or after it."""

    at: Ground
    stored: Stored = field(default_factory=Stored)
    _staged: bool = False

    def add(self, frame: pl.DataFrame) -> None:
        """Stage the rows that tell of a stage."""
        other = (frame["changed"].str.to_lowercase() != "stagename").fill_null(value=False)
        self.stored.skip("change of another field", int(other.sum()))
        frame = frame.filter(~other)
        nameless = frame["stage"].is_null()
        self.stored.skip("no stage", int(nameless.sum()))
        frame = frame.filter(~nameless)
        if frame.is_empty():
            return
        frame = frame.with_columns(
            one_spelling(frame["deal_id"], self.at.parsed.platform), account_key=self.at.accounts.keys(frame)
        )
        self.stored.note_accounts(frame)
        self.stored.note_days(frame["at"].dt.date())
        if not self._staged:
            self.at.session.execute(text(STAGE_STAGES))
            self._staged = True
        rows = frame.select("account_key", "deal_id", "stage", entered_at="at")
        copy_frame(self.at.session, "incoming_stage", rows, rows.columns)

    def finish(self) -> Stored:
        """Write what is new, and decide anew when deals were won."""
        if not self._staged:
            return self.stored
        session, load = self.at.session, self.at.load_key
        counts = session.execute(text(_WRITE), {"load": load}).one()
        self.stored.accepted = counts.written
        self.stored.skip("already known", counts.rows - counts.written)
        settle_deals(session, load, "SELECT account_key, deal_id FROM incoming_stage")
        return self.stored


@dataclass(slots=True)
class CampaignMemberWriter:
    """Writes one parsed table of ``CAMPAIGN_MEMBER``."""

    at: Ground
    stored: Stored = field(default_factory=Stored)
    _staged: bool = False

    def add(self, frame: pl.DataFrame) -> None:
        """Stage a frame."""
        if frame.is_empty():
            return
        spelled = [one_spelling(frame[c], self.at.parsed.platform) for c in ("member_id", "campaign_id", "contact_id")]
        frame = frame.with_columns(*spelled, account_key=self.at.accounts.keys(frame)).rename({LINE: "line"})
        responded = pl.coalesce("responded_at", pl.when("has_responded").then(pl.coalesce("updated_at", "created_at")))
        self.stored.note_accounts(frame)
        if not self._staged:
            stage_records(self.at.session, MEMBERS)
            self._staged = True
        copy_frame(self.at.session, "incoming_record", frame.with_columns(responded_at=responded), MEMBERS.staged)

    def finish(self) -> Stored:
        """Merge the newest versions."""
        if self._staged:
            merge_records(self.at.session, MEMBERS, self.at.load_key, self.stored)
        return self.stored


_WRITE = """
WITH written AS (
    INSERT INTO core.deal_stage (account_key, deal_id, stage, entered_at, load_key)
    SELECT DISTINCT account_key, deal_id, stage, entered_at, CAST(:load AS int) FROM incoming_stage
    ON CONFLICT DO NOTHING RETURNING 1)
SELECT (SELECT count(*) FROM written) AS written, (SELECT count(*) FROM incoming_stage) AS rows
"""
