"""Records that a system goes on changing (contacts, deals, campaign members): the newest version of each.

A newer version, by when the system changed it, replaces an older one; where a system does not say when, what is loaded
later is newer. What a version leaves out, an earlier one says.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.ingest.store.outcome import Stored


@dataclass(frozen=True, slots=True)
class Records:
    """A table of such records: its key beside the account, its other columns, and those that are false unless said."""

    table: str
    key: str
    columns: tuple[str, ...]
    flags: tuple[str, ...] = ()

    @property
    def staged(self) -> tuple[str, ...]:
        """The columns of ``incoming_record``."""
        return ("line", "account_key", self.key, *self.columns, *self.flags)


def stage_records(session: WriteSession, records: Records) -> None:
    """Make the temporary table ``incoming_record``."""
    columns = ", ".join(records.staged[1:])
    session.execute(text("DROP TABLE IF EXISTS incoming_record"))
    session.execute(
        text(
            f"CREATE TEMPORARY TABLE incoming_record ON COMMIT DROP AS "
            f"SELECT 0 AS line, {columns} FROM {records.table} WITH NO DATA"
        )
    )


def merge_records(session: WriteSession, records: Records, load_key: int, stored: Stored) -> None:
    """Write the newest version of every record of ``incoming_record`` and count what became of the rows.

    Leaves the temporary table ``record_change`` (``account_key``, the key, ``known``, ``differs``, ``older``).
    """
    columns = (*records.columns, *records.flags)
    compared = [c for c in columns if c not in {"customer_key", "updated_at"}]
    held = ", ".join(f"{_held(records, column)} AS {column}" for column in columns)
    session.execute(
        text(
            f"""ANALYZE incoming_record;
            DROP TABLE IF EXISTS record_change;
            CREATE TEMPORARY TABLE record_change ON COMMIT DROP AS
            WITH newest AS (
                SELECT DISTINCT ON (account_key, {records.key}) * FROM incoming_record
                ORDER BY account_key, {records.key}, updated_at DESC NULLS LAST, line DESC
            ),
            held AS (
                SELECT n.account_key, n.{records.key}, {held}, o.account_key IS NOT NULL AS known,
                       coalesce(n.updated_at < o.updated_at, false) AS older
                FROM newest n
                LEFT JOIN {records.table} o ON o.account_key = n.account_key AND o.{records.key} = n.{records.key}
            )
            SELECT h.*, h.known AND NOT h.older AND (
                ({", ".join(f"h.{c}" for c in compared)}) IS DISTINCT FROM ({", ".join(f"o.{c}" for c in compared)})
            ) AS differs
            FROM held h
            LEFT JOIN {records.table} o ON o.account_key = h.account_key AND o.{records.key} = h.{records.key}"""
        )
    )
    counts = session.execute(text(_COUNTS)).one()
    stored.accepted, stored.restated = counts.fresh + counts.restated, counts.restated
    stored.skip("older version", counts.older)
    stored.skip("already known", counts.same)
    all_columns = ", ".join(columns)
    session.execute(
        text(
            f"""UPDATE {records.table} o SET ({all_columns}) = ({", ".join(f"c.{c}" for c in columns)}),
                load_key = CASE WHEN c.differs THEN :load ELSE o.load_key END
            FROM record_change c
            WHERE c.known AND NOT c.older AND o.account_key = c.account_key AND o.{records.key} = c.{records.key}
              AND (c.differs OR c.updated_at IS DISTINCT FROM o.updated_at);
            INSERT INTO {records.table} (account_key, {records.key}, {all_columns}, load_key)
            SELECT account_key, {records.key}, {all_columns}, :load FROM record_change WHERE NOT known"""
        ),
        {"load": load_key},
    )


def _held(records: Records, column: str) -> str:
    """What holds from now on: what the newer version says, else what was known."""
    if column == "customer_key":
        return "CASE WHEN n.identifier_key IS NULL THEN o.customer_key ELSE n.customer_key END"
    return f"coalesce(n.{column}, o.{column}{', false' if column in records.flags else ''})"


_COUNTS = """
SELECT count(*) FILTER (WHERE NOT known) AS fresh, count(*) FILTER (WHERE differs) AS restated,
       count(*) FILTER (WHERE known AND NOT differs AND NOT older) AS same,
       count(*) FILTER (WHERE older) + (SELECT count(*) FROM incoming_record) - count(*) AS older
FROM record_change
"""
