"""Deals (opportunities) into ``core.deal``, the stages that they entered, and a conversion for each that is won.

A deal was won when it entered the stage that it is won in, if that is known, else when it closed. A deal that is no
longer won keeps its conversion, which does not count.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import orjson
import polars as pl
from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.ingest.contract import LINE, Finding, RejectedRow
from warehouse.ingest.currency import CURRENCIES
from warehouse.ingest.store.conversions import STAGE as CONVERSION_STAGE
from warehouse.ingest.store.conversions import merge_conversions
from warehouse.ingest.store.copying import copy_frame
from warehouse.ingest.store.crm_ids import id_lists, one_spelling
from warehouse.ingest.store.outcome import Stored
from warehouse.ingest.store.versions import Records, merge_records, stage_records
from warehouse.ingest.store.whose import Whose
from warehouse.ingest.store.writer import Ground
from warehouse.ingest.times import read_moments

DEALS: Final = Records(
    "core.deal",
    "deal_id",
    ("contact_id", "identifier_key", "customer_key", "pipeline", "stage", "amount", "currency", "created_at",
     "updated_at", "closes_at", "source", "campaign_id"),
    flags=("is_won", "is_closed", "is_deleted"),
)  # fmt: skip
_WON: Final = r"(?i)closed[\s_-]*won|^won$|^gewonnen"
_LOST: Final = r"(?i)closed[\s_-]*lost|^lost$|^verloren"


@dataclass(slots=True)
class DealWriter:
    """Writes one parsed table of ``DEAL``."""

    at: Ground
    whose: Whose
    stored: Stored = field(default_factory=Stored)
    _staged: bool = False
    _untold: set[str] = field(default_factory=set)  # stages of which nothing says whether they are won

    def add(self, frame: pl.DataFrame) -> None:
        """Stage a frame and the stages that its deals entered."""
        frame = self._with_known_currencies(frame)
        if frame.is_empty():
            return
        platform = self.at.parsed.platform
        frame = frame.with_columns(account_key=self.at.accounts.keys(frame))
        frame = frame.with_columns(
            one_spelling(frame["deal_id"], platform),
            one_spelling(id_lists(frame["contact_id"]).list.first(), platform).alias("contact_id"),
            currency=pl.coalesce("deal_currency", self._own_currencies(frame["account_key"])),
        )
        self.stored.note_accounts(frame)
        frame = self.whose.identified(self._judged(frame), self.stored).rename({LINE: "line"})
        if not self._staged:
            stage_records(self.at.session, DEALS)
            self.at.session.execute(text(STAGE_STAGES))
            self._staged = True
        copy_frame(self.at.session, "incoming_record", frame, DEALS.staged)
        stages = _stages(frame)
        copy_frame(self.at.session, "incoming_stage", stages, stages.columns)

    def finish(self) -> Stored:
        """Merge the newest versions, and the conversions that follow."""
        if not self._staged:
            return self.stored
        session, load = self.at.session, self.at.load_key
        merge_records(session, DEALS, load, self.stored)
        session.execute(text(_WRITE_STAGES), {"load": load})
        settle_deals(session, load, "SELECT account_key, deal_id FROM record_change")
        span = session.execute(text("SELECT min(created_at)::date, max(created_at)::date FROM record_change")).one()
        self.stored.first_day, self.stored.last_day = span
        self.whose.settle()
        if self._untold:
            named = ", ".join(f'"{stage}"' for stage in sorted(self._untold)[:10])
            words = (
                f"Nothing says whether deals in stage {named} are won; they are taken for open. Say which are, once "
                "for the account: --map COLUMN=won:ID,ID,lost:ID with the stage's column. Or export hs_is_closed_won."
            )
            self.at.parsed.findings.append(Finding("stage_untold", "warning", words))
        return self.stored

    def _with_known_currencies(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows whose currency exists, in capitals; the others are rejected."""
        frame = frame.with_columns(pl.col("deal_currency").str.to_uppercase())
        odd = (~frame["deal_currency"].is_in(CURRENCIES)).fill_null(value=False)
        for row in frame.filter(odd).iter_rows(named=True):
            reason = f'"{row["deal_currency"]}" is not a currency code of ISO 4217.'
            self.stored.rejected.append(RejectedRow(row[LINE], "deal_currency", "bad_currency", reason, row["deal_id"]))
        return frame.filter(~odd)

    def _own_currencies(self, accounts: pl.Series) -> pl.Series:
        return accounts.replace_strict(
            {key: account.currency for key, account in self.at.accounts.used.items()}, return_dtype=pl.String
        )

    def _judged(self, frame: pl.DataFrame) -> pl.DataFrame:
        """With what the stage means where the record does not say it itself."""
        stage = pl.col("stage")
        by_stage = (
            pl.when(stage.str.contains(_WON)).then(statement=True)
            # Stages that are numbers are a pipeline's own: their names do not tell.
            .when(stage.str.contains(_LOST) | ~stage.str.contains(r"^\d+$")).then(statement=False)
        )  # fmt: skip
        dated = pl.when(pl.col("won_at").is_not_null()).then(statement=True)
        won = pl.coalesce("is_won", dated, pl.col("probability").cast(pl.Float64) >= 1, by_stage)
        frame = frame.with_columns(
            is_won=won, amount=pl.coalesce("amount", "home_amount"),
            currency=pl.when(pl.col("amount").is_null() & pl.col("home_amount").is_not_null())
            .then(self._own_currencies(frame["account_key"])).otherwise("currency"),
        )  # fmt: skip
        self._untold |= set(frame.filter(pl.col("is_won").is_null())["stage"].drop_nulls().unique())
        lost = pl.col("stage").str.contains(_LOST)
        return frame.with_columns(is_closed=pl.coalesce("is_closed", pl.col("is_won") | lost))


def settle_deals(session: WriteSession, load_key: int, touched: str) -> None:
    """Decide anew when the deals of ``touched`` (a query of account and deal) were won, and their conversions."""
    session.execute(text(_WON_AT.format(touched=touched)))
    session.execute(text(CONVERSION_STAGE))
    session.execute(text(_CONVERSIONS.format(touched=touched)))
    merge_conversions(session, load_key)


def _stages(frame: pl.DataFrame) -> pl.DataFrame:
    """One row for each stage that a deal entered, from the JSON of the deals and their own ``won_at``."""
    rows: list[tuple[int, str, str, str]] = []
    for account, deal, cell in frame.select("account_key", "deal_id", "stages").drop_nulls("stages").iter_rows():
        rows += [(account, deal, stage, at) for stage, at in orjson.loads(cell).items()]
    stages = pl.DataFrame(
        rows,
        schema={"account_key": pl.Int32, "deal_id": pl.String, "stage": pl.String, "entered_at": pl.String},
        orient="row",
    )
    entered = stages.with_columns(read_moments(stages["entered_at"]).values.alias("entered_at"))
    said = frame.filter(pl.col("won_at").is_not_null(), pl.col("stage").is_not_null())
    own = said.select("account_key", "deal_id", "stage", entered_at="won_at")
    return pl.concat([entered, own]).drop_nulls("entered_at")


STAGE_STAGES: Final = """
DROP TABLE IF EXISTS incoming_stage;
CREATE TEMPORARY TABLE incoming_stage (account_key int, deal_id text, stage text, entered_at timestamptz) ON COMMIT DROP
"""

_WRITE_STAGES = """
INSERT INTO core.deal_stage (account_key, deal_id, stage, entered_at, load_key)
SELECT DISTINCT account_key, deal_id, stage, entered_at, CAST(:load AS int) FROM incoming_stage ON CONFLICT DO NOTHING
"""

# What closes in the future was not won then: the record's last change has to do.
_WON_AT = """
UPDATE core.deal d SET won_at = w.won_at
FROM (
    SELECT x.account_key, x.deal_id, CASE WHEN x.is_won AND NOT x.is_deleted THEN coalesce(
        (SELECT max(s.entered_at) FROM core.deal_stage s
         WHERE s.account_key = x.account_key AND s.deal_id = x.deal_id AND s.stage = x.stage),
        CASE WHEN x.closes_at <= now() THEN x.closes_at END, x.updated_at, x.created_at) END AS won_at
    FROM core.deal x WHERE (x.account_key, x.deal_id) IN ({touched})
) w
WHERE d.account_key = w.account_key AND d.deal_id = w.deal_id AND d.won_at IS DISTINCT FROM w.won_at
"""

_CONVERSIONS = """
INSERT INTO incoming_conversion
SELECT d.account_key, 'deal', d.deal_id, coalesce(d.won_at, v.at), d.identifier_key, d.customer_key, d.amount, NULL,
       d.currency, NULL, d.won_at IS NOT NULL
FROM core.deal d
LEFT JOIN core.conversion v ON v.account_key = d.account_key AND v.kind = 'deal' AND v.source_id = d.deal_id
WHERE (d.account_key, d.deal_id) IN ({touched}) AND (d.won_at IS NOT NULL OR v.conversion_key IS NOT NULL)
"""
