"""Frames in the shapes that the warehouse's queries return, with made-up but lifelike numbers, always the same."""

from __future__ import annotations

import datetime as dt
import math
import random
from decimal import Decimal

import pandas as pd

from dashboard.figures.trend import Comparison
from warehouse.metrics import METRICS, SUMS

TODAY = dt.date(2026, 11, 22)
CHANNELS = ("Search", "Shopping", "Performance Max", "Social", "Video", "Display", "App", "Email", "Audio", "Affiliate")


def sums(rng: random.Random, size: float) -> dict[str, Decimal]:
    spend = size * rng.uniform(0.9, 1.1)
    clicks = spend / rng.uniform(0.6, 0.9)
    conversions = clicks * rng.uniform(0.02, 0.035)
    return {
        "spend": Decimal(f"{spend:.2f}"),
        "impressions": Decimal(int(clicks / rng.uniform(0.018, 0.026))),
        "clicks": Decimal(int(clicks)),
        "conversions": Decimal(f"{conversions:.1f}"),
        "conversion_value": Decimal(f"{conversions * rng.uniform(70, 95):.2f}"),
    }


def with_metrics(row: dict[str, Decimal]) -> dict[str, object]:
    return {**row, **{name: metric.value(row) for name, metric in METRICS.items()}}


def trend_frame(days: int = 60, last: dt.date = TODAY, seed: int = 1, size: float = 9000, open_days: int = 3):
    rng = random.Random(seed)
    rows = []
    for i in range(days):
        date = last - dt.timedelta(days=days - 1 - i)
        weekly = 1 + 0.18 * math.cos(date.weekday() / 7 * 2 * math.pi)
        found = with_metrics(sums(rng, size * weekly * (1 + 0.3 * i / days)))
        rows.append({"date": pd.Timestamp(date), **found, "is_final": i < days - open_days})
    return pd.DataFrame(rows)


def comparison(days: int = 60) -> Comparison:
    then = TODAY - dt.timedelta(days=364)
    frame = trend_frame(days, then, seed=2, size=8200, open_days=0)
    frame["compared_date"] = frame["date"]
    frame["date"] = frame["date"] + pd.Timedelta(days=364)
    return Comparison(frame, "the previous year on matched weekdays")


def breakdown(names: tuple[str, ...] = CHANNELS, seed: int = 3):
    rng = random.Random(seed)
    rows = []
    for i, name in enumerate(names):
        size = 120_000 / (i + 1)
        now, before = with_metrics(sums(rng, size)), with_metrics(sums(rng, size * rng.uniform(0.8, 1.2)))
        previous = {f"previous_{k}": v for k, v in before.items()}
        rows.append({"key": name.lower().replace(" ", "_"), "label": name, **now, **previous})
    return pd.DataFrame(rows)


def split_frame(days: int = 60):
    frames = []
    for i, name in enumerate(CHANNELS):
        frame = trend_frame(days, seed=10 + i, size=6000 / (i + 1))
        frames.append(frame.assign(key=name.lower().replace(" ", "_"), label=name))
    return pd.concat(frames, ignore_index=True)


def sources():
    day = dt.timedelta(days=1)
    return pd.DataFrame(
        {
            "label": ["Google Ads", "Meta Ads", "Microsoft Advertising", "LinkedIn Ads", "TikTok Ads"],
            "first_day": [TODAY - 700 * day, TODAY - 400 * day, TODAY - 35 * day, TODAY - 300 * day, None],
            "last_day": [TODAY - day, TODAY - day, TODAY - 2 * day, TODAY - 12 * day, None],
            "final_until": [TODAY - 8 * day, TODAY - 29 * day, TODAY - 2 * day, TODAY - 14 * day, None],
        }
    )


def campaigns(count: int = 400):
    rng = random.Random(5)
    kinds = ("Brand search", "Generic search", "Shopping | catalogue", "Retargeting", "Prospecting video")
    rows = []
    for i in range(count):
        found = with_metrics(sums(rng, 30_000 / (i + 1) ** 0.7))
        if i % 40 == 7:
            found |= {"conversions": None, "conversion_value": None, "revenue": None, "roas": None, "roi": None}
            found |= {"cpa": None, "cvr": None}
        label = f"{kinds[i % 5]} {i:03d}" if i != 3 else '=HYPERLINK("http://example.com","Sale")'
        rows.append({"key": f"c{i}", "label": label, "platform": "Google Ads", **found})
    return pd.DataFrame(rows)


assert set(SUMS) <= set(trend_frame(2).columns)
