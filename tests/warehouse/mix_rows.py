"""What a run found of a mix of two channels over forty weeks, and the fit before it, written as rows."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Final

from sqlalchemy import text

from warehouse.changes.mix_results import (
    ChannelRow,
    CurveRow,
    DrawsRow,
    FindingRow,
    FitRow,
    LiftRow,
    MixFindings,
    MoveRow,
    SeriesRow,
    write_mix,
)
from warehouse.engine import WriteSession
from warehouse.schema.commerce import ConversionKind

FIRST: Final = dt.date(2025, 1, 6)
WEEKS: Final = 40
LAST: Final = FIRST + dt.timedelta(weeks=WEEKS - 1)


def write_mix_rows(session: WriteSession, account_key: int, *, status: str = "amber", outcome: str = "revenue") -> int:
    """Two runs of an account, the second of them published; the key of its fit.

    Video brought 20,000 for 10,000, search 30,000 for 6,000, of 100,000 in all.
    """
    advertiser = int(session.execute(text(_ADVERTISER), {"account": account_key}).scalar_one())
    before = _write(session, account_key, advertiser, _findings("green", outcome, before=None))
    return _write(session, account_key, advertiser, _findings(status, outcome, before=before))


def _write(session: WriteSession, account_key: int, advertiser_key: int, found: MixFindings) -> int:
    run_key = int(session.execute(text(_RUN), {"account": account_key}).scalar_one())
    write_mix(session, [found], run_key=run_key, account_key=account_key, advertiser_key=advertiser_key)
    session.execute(text(_PUBLISH), {"account": account_key, "run": run_key})
    key = session.execute(text("SELECT fit_key FROM results.mix_fit WHERE run_key = :run"), {"run": run_key})
    return int(key.scalar_one())


def _findings(status: str, outcome: str, before: int | None) -> MixFindings:
    tested = ("geo-1", "video", "revenue", FIRST, FIRST + dt.timedelta(days=27))
    figures = (
        FIRST,
        FIRST + dt.timedelta(weeks=3),
        2_000.0,
        300.0,
        3_000.0,
        1_000.0,
        5_000.0,
        2_100.0,
        1_700.0,
        2_500.0,
    )
    moves = [
        MoveRow("video", before, FIRST, LAST, 18_000.0, 15_000.0, 21_000.0, 20_000.0, 15_000.0, 25_000.0, 0.11, 1.1,
                "video moved by +11%, within what was expected: its tests are others.")
    ] if before is not None else []  # fmt: skip
    return MixFindings(
        FitRow(outcome, ConversionKind.order, "USD", FIRST, LAST, WEEKS, 7, status, 1, 0.9, 4, 1, 100_000.0, 50_000.0,
               45_000.0, 55_000.0, 0.5, 0.45, 0.55, "Advertising brought 50% (45% to 55%) of the revenue of 40 weeks."),
        [_channel("video", 10_000, 20_000.0, 1), _channel("paid_search", 6_000, 30_000.0, 0)],
        [*_series("video", 0, "channel", 500.0, Decimal(250)),
         *_series("paid_search", 1, "channel", 750.0, Decimal(150)),
         *_series("intercept", 2, "baseline", 1_250.0, None), *_series("unexplained", 3, "unexplained", 0.0, None)],
        [CurveRow(channel, place, Decimal(100 * place), 300.0 * place**0.5, 200.0 * place**0.5, 400.0 * place**0.5)
         for channel in ("video", "paid_search") for place in range(10)],
        [DrawsRow(channel, part, "geometric", saturation, 2 * part, [900.0, 950.0], [300.0, 310.0], slope, [0.6, 0.4])
         for channel in ("video", "paid_search")
         for part, (saturation, slope) in enumerate((("exponential", None), ("hill", [1.1, 1.2])))],
        [FindingRow(0, "precision", status, "The fit expects contributions to be off by 30%, most of all video.",
                    "A test of video.", 0.3),
         FindingRow(1, "left-out", "green", "brand_search is left out: its spend follows demand.", "", None)],
        [LiftRow(0, *tested, *figures, 0.6, None, "video: measured 2,000."),
         LiftRow(1, "dark-1", "video", "revenue", FIRST, LAST, *(None,) * 11, "Everybody went without the ads.",
                 "dark-1 is no row of this fit.")],
        moves,
    )  # fmt: skip


def _channel(name: str, spend: int, brought: float, tests: int) -> ChannelRow:
    roi, share = brought / spend, brought / 100_000
    return ChannelRow(
        name, False, Decimal(spend), brought, 0.75 * brought, 1.25 * brought, share, 0.75 * share, 1.25 * share,
        roi, 0.75 * roi, 1.25 * roi, roi / 2, 0.4 * roi, 0.6 * roi, 1.5, 0.4, 5.0, 1.2, 0.8, 1.9, 0.4, 0.2, 0.6, 0.7,
        Decimal(spend) / 40, Decimal(700), tests,
    )  # fmt: skip


def _series(part: str, place: int, kind: str, each: float, spend: Decimal | None) -> list[SeriesRow]:
    weeks = (FIRST + dt.timedelta(weeks=week) for week in range(WEEKS))
    return [SeriesRow(part, week, place, kind, each, 0.75 * each, 1.25 * each, spend) for week in weeks]


_ADVERTISER: Final = "SELECT advertiser_key FROM core.account WHERE account_key = :account"
_RUN: Final = """
INSERT INTO results.run (job, account_key, parameters, code_version, data_watermark, state, finished_at)
VALUES ('mix', :account, '{}', '1', 1, 'done', now()) RETURNING run_key
"""
_PUBLISH: Final = """
INSERT INTO results.publication (job, account_key, run_key) VALUES ('mix', :account, :run)
ON CONFLICT (job, account_key) DO UPDATE SET run_key = excluded.run_key, published_at = now()
"""
