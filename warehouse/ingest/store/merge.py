"""The merge of staged rows with what is there: repetitions, segments, restatements, rows that vanished.

Several rows of one key and segment are repetitions. A connector's repetitions say when they landed, and the newest
counts; otherwise the first counts, its identical copies are skipped, and a copy with other numbers is rejected,
because nobody can say which of the two is true. Then the segments of a key are summed.

A file speaks for its accounts, its level and the days from its first to its last. What is known of that range and is
not in the file has vanished, provided that the file brings at least half of what is known: otherwise it is taken for
a partial export (some campaigns, one page of a download), and the rest stays.

A platform may report the measures of one row in several tables (Meta's spend here, its conversions there). Such a table
speaks for its own measures alone. A measure that was not there before is filled in; only one that was is restated.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl
from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.ingest.contract import ParsedTable, RejectedRow
from warehouse.ingest.store.outcome import Stored

STAGE = """
DROP TABLE IF EXISTS incoming;
CREATE TEMPORARY TABLE incoming (
    line int, entity_key int NOT NULL, date date NOT NULL, account_key int NOT NULL, campaign_key int NOT NULL,
    measurement_key int NOT NULL, impressions bigint, clicks bigint, spend numeric(18, 6), conversions numeric(18, 6),
    conversion_value numeric(18, 6), segment text NOT NULL DEFAULT '', landed_at text
) ON COMMIT DROP
"""

_SUMS = ("impressions", "clicks", "spend", "conversions", "conversion_value")
_CONVERSIONS = frozenset({"conversions", "conversion_value"})

Spans = Mapping[int, tuple[dt.date, dt.date]]  # account key -> the file's first and last day of it


def merge(session: WriteSession, table: ParsedTable, load_key: int, stored: Stored, spans: Spans) -> None:
    """Merge the stage into ``core.performance`` and count in ``stored`` what became of every staged row.

    ``spans`` has the accounts that had rows on this level before.
    """
    _drop_repetitions(session, table, stored)
    measures = [m for m in _SUMS if m in table.measures]
    parameters = _scope(table, stored) | {"load": load_key, "final_before": stored.final_before}
    _compare(session, measures, parameters)
    counts = session.execute(text(_COUNTS)).one()
    stored.accepted += int(counts.accepted)
    stored.restated += int(counts.restated)
    if counts.same:
        stored.skipped["already known"] = stored.skipped.get("already known", 0) + int(counts.same)
    _combine_measurements(session, measures)
    session.execute(text(_KEEP_VERSION.format(condition=_RESTATED, vanished="false")), parameters)
    if measures:
        session.execute(text(_RESTATE.format(sets=", ".join(f"{m} = c.{m}" for m in measures))), parameters)
    session.execute(text(_CONFIRM), parameters)
    session.execute(text(_INSERT), parameters)
    if spans:
        _remove_vanished(session, table, stored, parameters, spans)
    _note_touched(session, stored)


def _compare(session: WriteSession, measures: list[str], parameters: dict[str, object]) -> None:
    """Sum the segments of every key and set each beside what is known of it."""
    differs = " OR ".join(f"p.{m} IS DISTINCT FROM i.{m}" for m in measures) or "false"
    restates = " OR ".join(f"p.{m} IS NOT NULL AND p.{m} IS DISTINCT FROM i.{m}" for m in measures) or "false"
    session.execute(text("DROP TABLE IF EXISTS change"))
    session.execute(
        text(
            f"""CREATE TEMPORARY TABLE change ON COMMIT DROP AS
            SELECT i.*, p.entity_key IS NOT NULL AS known, p.entity_key IS NOT NULL AND ({differs}) AS differs,
                   p.entity_key IS NOT NULL AND ({restates}) AS restates, p.is_final AS was_final,
                   p.measurement_key AS old_measurement_key
            FROM (
                SELECT entity_key, date, min(account_key) AS account_key, min(campaign_key) AS campaign_key,
                       max(measurement_key) AS measurement_key, count(*) AS file_rows,
                       {", ".join(f"sum({m}) AS {m}" for m in _SUMS)}
                FROM incoming GROUP BY entity_key, date
            ) i
            LEFT JOIN core.performance p ON p.entity_key = i.entity_key AND p.date = i.date
                AND p.level = CAST(:level AS core.level) AND p.date BETWEEN :first AND :last"""
        ),
        parameters,
    )
    session.execute(text("ANALYZE change"))


def _combine_measurements(session: WriteSession, measures: list[str]) -> None:
    """Of known rows keep how those measures are counted that this table does not bring."""
    brings_clicks, brings_conversions = "clicks" in measures, bool(_CONVERSIONS.intersection(measures))
    if brings_clicks and brings_conversions:
        return
    clicks = "n.click_definition" if brings_clicks else "o.click_definition"
    setting, basis = (f"{'n' if brings_conversions else 'o'}.{c}" for c in ("attribution_setting", "conversion_basis"))
    both = f"""
        SELECT DISTINCT c.measurement_key AS new_key, c.old_measurement_key AS old_key, {clicks} AS click_definition,
               {setting} AS attribution_setting, {basis} AS conversion_basis
        FROM change c
        JOIN core.measurement n ON n.measurement_key = c.measurement_key
        JOIN core.measurement o ON o.measurement_key = c.old_measurement_key
        WHERE c.differs"""
    columns = "click_definition, attribution_setting, conversion_basis"
    session.execute(
        text(
            f"""INSERT INTO core.measurement ({columns}) SELECT DISTINCT {columns} FROM ({both}) b
            ON CONFLICT DO NOTHING"""
        )
    )
    same = " AND ".join(f"m.{c} IS NOT DISTINCT FROM b.{c}" for c in columns.split(", "))
    session.execute(
        text(
            f"""UPDATE change c SET measurement_key = m.measurement_key
            FROM ({both}) b JOIN core.measurement m ON {same}
            WHERE c.differs AND c.measurement_key = b.new_key AND c.old_measurement_key = b.old_key"""
        )
    )


def take_back(session: WriteSession, load_key: int, stored: Stored) -> None:
    """Move what this load copied straight into the partitions back into the stage."""
    columns = f"entity_key, date, account_key, campaign_key, measurement_key, {', '.join(_SUMS)}"
    session.execute(
        text(
            f"""WITH moved AS (
                DELETE FROM core.performance WHERE load_key = :load AND date BETWEEN :first AND :last
                RETURNING {columns})
            INSERT INTO incoming ({columns}) SELECT {columns} FROM moved"""
        ),
        {"load": load_key, "first": stored.first_day, "last": stored.last_day},
    )


def unsettle(session: WriteSession, load_key: int, final_before: object) -> None:
    """Mark the rows of this load that may still move."""
    session.execute(
        text(
            """UPDATE core.performance SET is_final = false
               WHERE load_key = :load AND is_final AND date >= :final_before"""
        ),
        {"load": load_key, "final_before": final_before},
    )


def _scope(table: ParsedTable, stored: Stored) -> dict[str, object]:
    return {"level": table.level, "first": stored.first_day, "last": stored.last_day}


def _drop_repetitions(session: WriteSession, table: ParsedTable, stored: Stored) -> None:
    repeated = session.execute(
        text("SELECT 1 FROM incoming GROUP BY entity_key, date, segment HAVING count(*) > 1 LIMIT 1")
    ).first()
    if repeated is None:
        return
    same = " AND ".join(f"r.{m} IS NOT DISTINCT FROM r.first_{m}" for m in _SUMS)
    firsts = ", ".join(f"first_value({m}) OVER w AS first_{m}" for m in _SUMS)
    session.execute(text("DROP TABLE IF EXISTS repetition"))
    session.execute(
        text(
            f"""CREATE TEMPORARY TABLE repetition ON COMMIT DROP AS
            SELECT r.*, r.landed_at IS NOT NULL OR ({same}) AS harmless FROM (
                SELECT ctid AS place, line, entity_key, date, segment, landed_at, {", ".join(_SUMS)},
                       row_number() OVER w AS position, {firsts}
                FROM incoming
                WINDOW w AS (PARTITION BY entity_key, date, segment ORDER BY landed_at DESC NULLS LAST,
                             line NULLS FIRST)
            ) r WHERE r.position > 1"""
        )
    )
    session.execute(text("DELETE FROM incoming i USING repetition r WHERE i.ctid = r.place"))
    harmless = int(session.execute(text("SELECT count(*) FROM repetition WHERE harmless")).scalar_one())
    if harmless:
        stored.skipped["repeated row"] = stored.skipped.get("repeated row", 0) + harmless
    contradictions = session.execute(
        text(
            """SELECT r.line, r.date, concat_ws(', ', r.date, 'impressions ' || r.impressions, 'clicks ' || r.clicks,
                   'spend ' || r.spend, 'conversions ' || r.conversions, 'value ' || r.conversion_value) AS raw
               FROM repetition r WHERE NOT r.harmless ORDER BY r.line"""
        )
    )
    for row in contradictions:
        stored.rejected.append(
            RejectedRow(
                line=row.line or 0,
                column=None,
                code="duplicate_key",
                reason=f"An earlier row has the same {table.level} and day ({row.date}) with other numbers. If the "
                "export is broken down by something, export that column too, or leave the breakdown out.",
                raw=row.raw,
            )
        )


def _remove_vanished(
    session: WriteSession, table: ParsedTable, stored: Stored, parameters: dict[str, object], spans: Spans
) -> None:
    """Remove what the file's range no longer has, account by account.

    A table that brings only some of a row's measures takes away only those; the row goes when none is left.
    """
    mine = [m for m in _SUMS if m in table.measures]
    alone = table.facet == "main" and bool(_CONVERSIONS.intersection(mine))
    reported = " OR ".join(f"p.{m} IS NOT NULL" for m in mine) or "false"
    others = " OR ".join(f"p.{m} IS NOT NULL" for m in _SUMS if m not in mine) or "false"
    brought = "true" if alone else f"({reported}) OR NOT ({others})"
    vanished = _VANISHED.format(brought=brought)
    remove = [_DELETE.format(condition=vanished)]
    if not alone:
        emptied = ", ".join(f"{m} = NULL" for m in mine)
        remove = [
            _DELETE.format(condition=f"{vanished} AND NOT ({others})"),
            _EMPTY.format(sets=emptied, condition=f"{vanished} AND ({reported})"),
        ]
    within = {
        "accounts": list(spans),
        "first_days": [first for first, _ in spans.values()],
        "last_days": [last for _, last in spans.values()],
    }
    for span in session.execute(text(_SPANS.format(brought=brought)), parameters | within).all():
        if not span.missing:
            continue
        if span.present < span.missing:
            stored.kept += span.missing
            continue
        where = {**parameters, "account": span.account_key, "first": span.first_day, "last": span.last_day}
        session.execute(text(_KEEP_VERSION.format(condition=vanished, vanished="true")), where)
        for statement in remove:
            session.execute(text(_REMOVED.format(remove=statement)), where)
        stored.vanished += span.missing


def _note_touched(session: WriteSession, stored: Stored) -> None:
    rows = session.execute(
        text(
            """SELECT DISTINCT account_key, date FROM change
               WHERE NOT known OR differs OR was_final IS NOT TRUE"""
        )
    ).all()
    touched = pl.DataFrame(
        {"account_key": [r.account_key for r in rows], "date": [r.date for r in rows]},
        schema={"account_key": pl.Int32, "date": pl.Date},
    )
    stored.touched = pl.concat([stored.touched, touched]).unique()


_JOINED = "p.entity_key = c.entity_key AND p.date = c.date AND p.level = CAST(:level AS core.level)"

_COUNTS = """
SELECT coalesce(sum(file_rows) FILTER (WHERE NOT known OR differs), 0) AS accepted,
       coalesce(sum(file_rows) FILTER (WHERE restates), 0) AS restated,
       coalesce(sum(file_rows) FILTER (WHERE known AND NOT differs), 0) AS same
FROM change
"""

_RESTATED = f"""EXISTS (SELECT FROM change c WHERE c.restates AND {_JOINED})
    AND p.date BETWEEN :first AND :last"""

_VANISHED = f"""p.account_key = :account AND p.level = CAST(:level AS core.level) AND p.date BETWEEN :first AND :last
    AND p.load_key <> :load AND ({{brought}}) AND NOT EXISTS (SELECT FROM change c WHERE {_JOINED})"""

_DELETE = "DELETE FROM core.performance p WHERE {condition} RETURNING p.account_key, p.date"

_EMPTY = """UPDATE core.performance p SET {sets}, load_key = :load WHERE {condition}
RETURNING p.account_key, p.date"""

_REMOVED = """
WITH gone AS ({remove})
INSERT INTO change (entity_key, date, account_key, file_rows, known, differs)
SELECT DISTINCT 0, g.date, g.account_key, 0, true, true FROM gone g
"""

_KEEP_VERSION = """
INSERT INTO core.performance_version (entity_key, date, level, account_key, campaign_key, measurement_key, load_key,
    superseded_by, vanished, impressions, clicks, spend, conversions, conversion_value)
SELECT p.entity_key, p.date, p.level, p.account_key, p.campaign_key, p.measurement_key, p.load_key, :load, {vanished},
       p.impressions, p.clicks, p.spend, p.conversions, p.conversion_value
FROM core.performance p WHERE {condition}
"""

# A row that two tables make up is final when both say so.
_RESTATE = f"""
UPDATE core.performance p
SET {{sets}}, load_key = :load, measurement_key = c.measurement_key,
    is_final = p.date < :final_before AND (p.is_final OR c.restates)
FROM change c WHERE c.differs AND {_JOINED} AND p.date BETWEEN :first AND :last
"""

# The same numbers in a later export: nothing changed, but the day may now be known to be final.
_CONFIRM = f"""
UPDATE core.performance p SET is_final = true
FROM change c WHERE c.known AND NOT c.differs AND NOT p.is_final AND p.date < :final_before AND {_JOINED}
  AND p.date BETWEEN :first AND :last
"""

_INSERT = """
INSERT INTO core.performance (entity_key, date, level, account_key, campaign_key, measurement_key, load_key, counted,
    is_final, impressions, clicks, spend, conversions, conversion_value)
SELECT c.entity_key, c.date, CAST(:level AS core.level), c.account_key, c.campaign_key, c.measurement_key, :load,
       :level <> 'keyword', c.date < :final_before, c.impressions, c.clicks, c.spend, c.conversions,
       c.conversion_value
FROM change c WHERE NOT c.known
"""

# Per account: how many rows of the file's range that were known before the file brings again, restated or not, and how
# many it does not.
_SPANS = f"""
SELECT s.account_key, s.first_day, s.last_day,
       count(*) FILTER (WHERE EXISTS (SELECT FROM change c WHERE c.known AND {_JOINED})) AS present,
       count(*) FILTER (WHERE p.load_key <> :load AND NOT EXISTS (SELECT FROM change c WHERE {_JOINED})) AS missing
FROM unnest(CAST(:accounts AS int[]), CAST(:first_days AS date[]), CAST(:last_days AS date[]))
    AS s (account_key, first_day, last_day)
JOIN core.performance p ON p.account_key = s.account_key AND p.level = CAST(:level AS core.level)
    AND p.date BETWEEN s.first_day AND s.last_day AND p.date BETWEEN :first AND :last AND ({{brought}})
GROUP BY s.account_key, s.first_day, s.last_day
"""
