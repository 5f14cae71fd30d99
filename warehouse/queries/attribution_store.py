"""What attribution runs keep of what they were computed from, and whether that has changed since."""

from __future__ import annotations

import io
from typing import Final

import polars as pl
from sqlalchemy import text

from warehouse.engine import ReadSession, WriteSession
from warehouse.errors import NotFound
from warehouse.schema.commerce import ConversionKind

KEPT_INPUTS: Final = 30  # runs of an advertiser whose path counts are kept; of older ones the results are


def stored_inputs(session: ReadSession, run_key: int, goal: ConversionKind) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The path counts (columns ``PATHS``) and touches (``TOUCHES``) of a run.

    Raises :class:`NotFound` where the run has none, or the reader may not see them.
    """
    sql = """SELECT paths, touches FROM results.attribution_input
             WHERE run_key = :run AND goal = CAST(:goal AS core.conversion_kind)"""
    row = session.execute(text(sql), {"run": run_key, "goal": goal.value}).one_or_none()
    if row is None:
        raise NotFound(
            f"The paths of run {run_key} are not kept for {goal}.",
            remedy=f"Those of the newest {KEPT_INPUTS} runs are; run `causeway run attribution` anew.",
        )
    return pl.read_parquet(io.BytesIO(row.paths)), pl.read_parquet(io.BytesIO(row.touches))


def is_behind(session: WriteSession, account_key: int) -> bool:
    """Whether journeys were built, or wait to be, or tests found something new, since the published run read them."""
    return bool(session.execute(text(_BEHIND), {"account": account_key}).scalar_one())


_BEHIND = """
SELECT EXISTS (SELECT FROM core.touched_customer t JOIN core.account a ON a.advertiser_key = t.advertiser_key
               WHERE a.account_key = :account)
    OR EXISTS (
        SELECT FROM results.publication p JOIN results.attribution_result r ON r.run_key = p.run_key
        JOIN core.journey_build b ON b.advertiser_key = r.advertiser_key
        WHERE p.job = 'attribution' AND p.account_key = :account AND b.built_at > r.built_at)
    OR EXISTS (
        SELECT FROM results.publication p
        JOIN core.account a ON a.account_key = p.account_key
        JOIN core.account b ON b.advertiser_key = a.advertiser_key
        JOIN results.publication e ON e.job = 'experiments' AND e.account_key = b.account_key
        JOIN results.lift_evidence v ON v.run_key = e.run_key
        WHERE p.job = 'attribution' AND p.account_key = :account AND NOT EXISTS (
            SELECT FROM results.lift_evidence o JOIN results.run r ON r.run_key = o.run_key
            WHERE r.finished_at < p.published_at AND o.experiment_key = v.experiment_key
              AND (o.channel, o.metric, o.lift, o.se) = (v.channel, v.metric, v.lift, v.se)))
"""
