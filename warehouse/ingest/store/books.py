"""The books of loading: which files came, what became of them, and what people said about their columns."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.ingest.contract import Finding, ParsedTable, RejectedRow
from warehouse.ingest.outcome import LoadResult
from warehouse.ingest.read.headers import normalise_header
from warehouse.ingest.store.copying import copy_frame

# Loads run one after the other, so that two never merge into the same days; what else changes rows about people
# (settling a stream, merging and deleting customers) takes its turn with them.
_LOCK = 7_203_003


@dataclass(frozen=True, slots=True)
class KnownLoad:
    """An earlier load of the same bytes under the same options."""

    load_key: int
    path: str
    source: str | None
    platform: str | None
    account: str | None
    rows_read: int
    rejected: int
    first_day: dt.date | None
    last_day: dt.date | None


def lock(session: WriteSession) -> None:
    """Wait until no other load runs, and hold the place until the transaction ends. Whoever comes first is first."""
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def known(session: WriteSession, digest: str) -> list[KnownLoad]:
    """The tables of an earlier load of this digest; empty if there is none or one of them was refused then.

    Creatives are never known by their bytes: the pictures beside the file may be others now.
    """
    rows = session.execute(
        text(
            """SELECT load_key, path, source, platform, account, rows_read, rejected, first_day, last_day,
                      status = 'refused' OR dataset = 'creative' AS again
               FROM landing.load WHERE digest = :digest
                 AND started_at = (SELECT max(started_at) FROM landing.load WHERE digest = :digest)
               ORDER BY load_key"""
        ),
        {"digest": digest},
    ).all()
    if any(row.again for row in rows):
        return []
    return [KnownLoad(*row[:-1]) for row in rows]


def open_load(session: WriteSession, path: str, digest: str | None, size: int | None, parsed: ParsedTable) -> int:
    """Enter a load, so that its rows can name it; returns its key."""
    return int(
        session.execute(
            text(
                """INSERT INTO landing.load (path, digest, bytes, status, source, platform, dataset, level, segments)
                   VALUES (:path, :digest, :bytes, 'loaded', :source, :platform, :dataset, :level,
                           CAST(:segments AS jsonb))
                   RETURNING load_key"""
            ),
            {
                "path": path,
                "digest": digest,
                "bytes": size,
                "source": parsed.source,
                "platform": parsed.platform,
                "dataset": parsed.dataset.name,
                "level": parsed.level,
                "segments": json.dumps(parsed.segments),
            },
        ).scalar_one()
    )


def close_load(
    session: WriteSession, result: LoadResult, final_before: dt.date | None, mapping: Mapping[str, str], seconds: float
) -> None:
    """Enter what the load came to."""
    session.execute(
        text(
            """UPDATE landing.load SET status = :status, account = :account, rows_read = :rows_read,
                   accepted = :accepted, rejected = :rejected, skipped = :skipped,
                   skipped_by_reason = CAST(:skipped_by_reason AS jsonb), restated = :restated, vanished = :vanished,
                   first_day = :first_day, last_day = :last_day, final_before = :final_before,
                   assumptions = CAST(:assumptions AS jsonb), mapping = CAST(:mapping AS jsonb), seconds = :seconds
               WHERE load_key = :load_key"""
        ),
        _counts(result)
        | {
            "load_key": result.load_key,
            "first_day": result.first_day,
            "last_day": result.last_day,
            "final_before": final_before,
            "mapping": json.dumps(dict(mapping)),
            "seconds": seconds,
        },
    )
    write_findings(session, result.load_key, result.findings)


def record_refusal(session: WriteSession, result: LoadResult, digest: str | None, size: int | None) -> None:
    """Enter a refused file or table, of which nothing else is kept."""
    result.load_key = int(
        session.execute(
            text(
                """INSERT INTO landing.load (path, digest, bytes, status, reason, source, platform, account, rows_read,
                       accepted, rejected, skipped, skipped_by_reason, assumptions)
                   VALUES (:path, :digest, :bytes, :status, :reason, :source, :platform, :account, :rows_read,
                       :accepted, :rejected, :skipped, CAST(:skipped_by_reason AS jsonb), CAST(:assumptions AS jsonb))
                   RETURNING load_key"""
            ),
            _counts(result)
            | {
                "path": result.path,
                "digest": digest,
                "bytes": size,
                "reason": result.reason,
                "source": result.source,
                "platform": result.platform,
            },
        ).scalar_one()
    )
    write_findings(session, result.load_key, result.findings)


def write_rejected(session: WriteSession, load_key: int, rows: Sequence[RejectedRow]) -> None:
    """Keep rejected rows with their reasons."""
    if not rows:
        return
    frame = pl.DataFrame(
        {
            "load_key": [load_key] * len(rows),
            "line": [r.line for r in rows],
            "column": [r.column for r in rows],
            "code": [r.code for r in rows],
            "reason": [r.reason for r in rows],
            "raw": [r.raw.replace("\x00", "\N{SYMBOL FOR NULL}") for r in rows],  # PostgreSQL has no NUL in text
        },
        schema_overrides={"column": pl.String},
    )
    copy_frame(session, "landing.rejected_row", frame, frame.columns)


def first_reason(session: WriteSession, load_key: int) -> str:
    """Why the first rejected row of a load was rejected."""
    return str(
        session.execute(
            text("SELECT reason FROM landing.rejected_row WHERE load_key = :key ORDER BY rejected_row_key LIMIT 1"),
            {"key": load_key},
        ).scalar_one()
    )


def write_findings(session: WriteSession, load_key: int | None, findings: Sequence[Finding]) -> None:
    """Keep what a person should know about a load."""
    if findings:
        session.execute(
            text(
                """INSERT INTO landing.finding (load_key, code, severity, message)
                   VALUES (:load_key, :code, :severity, :message)"""
            ),
            [{"load_key": load_key, "code": f.code, "severity": f.severity, "message": f.message} for f in findings],
        )


def link_accounts(session: WriteSession, load_key: int, rows: Mapping[int, int]) -> None:
    """Enter which accounts a load touched, from which access to it follows."""
    if rows:
        session.execute(
            text("INSERT INTO landing.load_account (load_key, account_key, rows) VALUES (:load, :account, :rows)"),
            [{"load": load_key, "account": account, "rows": count} for account, count in rows.items()],
        )


def remembered_mappings(session: WriteSession) -> dict[str, dict[str, str]]:
    """Account id -> header (normalised) -> field, as people said it before."""
    rows = session.execute(
        text("SELECT account_id, header, field FROM landing.column_mapping ORDER BY account_id, header")
    )
    mappings: dict[str, dict[str, str]] = {}
    for row in rows:
        mappings.setdefault(row.account_id, {})[row.header] = row.field
    return mappings


def remember_mapping(session: WriteSession, accounts: Iterable[str], mapping: Mapping[str, str]) -> None:
    """Keep what a person says about columns for the accounts' next files."""
    said = [
        {"account": account, "header": normalise_header(header), "field": field}
        for account in accounts
        for header, field in mapping.items()
    ]
    if said:
        session.execute(
            text(
                """INSERT INTO landing.column_mapping (account_id, header, field) VALUES (:account, :header, :field)
                   ON CONFLICT (account_id, header) DO UPDATE SET field = excluded.field, updated_at = now()
                   WHERE column_mapping.field <> excluded.field"""
            ),
            said,
        )


def set_digest(session: WriteSession, load_keys: Sequence[int], digest: str) -> None:
    """Enter under which digest the tables of a file will be known."""
    session.execute(
        text("UPDATE landing.load SET digest = :digest WHERE load_key = ANY (CAST(:keys AS int[]))"),
        {"digest": digest, "keys": list(load_keys)},
    )


def accounts_with_the_same_campaigns(session: WriteSession, account_keys: Sequence[int]) -> list[str]:
    """Ids of other accounts of the same platforms that have campaigns of these accounts, by the platform's own ids."""
    found = session.execute(
        text(
            """SELECT DISTINCT o.account_id
               FROM core.campaign c
               JOIN core.account a ON a.account_key = c.account_key
               JOIN core.account o ON o.platform = a.platform AND o.account_key <> a.account_key
               JOIN core.campaign d ON d.account_key = o.account_key AND d.campaign_id = c.campaign_id
               WHERE a.account_key = ANY (:accounts) AND NOT c.id_is_name AND c.campaign_id NOT LIKE '(%'
               ORDER BY 1"""
        ),
        {"accounts": list(account_keys)},
    )
    return [row.account_id for row in found]


def _counts(result: LoadResult) -> dict[str, Any]:
    return {
        "status": result.status,
        "account": result.account,
        "rows_read": result.rows_read,
        "accepted": result.accepted,
        "rejected": result.rejected,
        "skipped": result.skipped,
        "restated": result.restated,
        "vanished": result.vanished,
        "skipped_by_reason": json.dumps(result.skipped_by_reason),
        "assumptions": json.dumps([{"field": a.field, "value": a.value, "why": a.why} for a in result.assumptions]),
    }
