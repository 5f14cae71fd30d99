"""An advertiser with a test over users whose effects are known: whom it changes can be told from what was before.

Every third user opens e-mails: the coupon makes them order once more on average. Every third ordered lately: it keeps
them from 0.4 orders. The others it leaves as they are.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np

from warehouse.ingest.load import load_paths
from warehouse.sessions import Warehouse

USERS = 3_600
START, STOP = dt.date(2026, 3, 1), dt.date(2026, 3, 29)
EFFECTS = (1.0, -0.4, 0.0)  # of openers, of those who ordered lately, of the others
ACCOUNT = "experiments/experiments"

DEFINITIONS = """
experiments:
  - {id: coupon, name: Spring coupon, unit: user, status: stopped, start: 2026-03-01, stop: 2026-03-29,
     arms: {control: 0.5, coupon: 0.5}, metrics: {primary: [orders], secondary: [revenue]}}
  - {id: banner, unit: user, status: stopped, start: 2026-03-01, stop: 2026-03-29, arms: {control: 0.5, banner: 0.5},
     metrics: {primary: [orders]}}
  - {id: lopsided, unit: user, status: stopped, start: 2026-03-01, stop: 2026-03-29, arms: {control: 0.5, bent: 0.5},
     metrics: {primary: [orders]}}
  - {id: tiny, unit: user, status: running, start: 2026-03-01, arms: {control: 0.5, one: 0.5},
     metrics: {primary: [orders]}}
"""


def load_uplift_world(warehouse: Warehouse, folder: Path, seed: int = 5) -> None:
    """Write its files into ``folder`` and load them: what users did before and after, four tests, and outcomes."""
    chance = np.random.default_rng(seed)
    (folder / "1_experiments.yaml").write_text(DEFINITIONS)
    (folder / "2_touches.csv").write_text(_touches(chance))
    (folder / "3_orders.csv").write_text(_orders())
    arms = chance.integers(0, 2, USERS)
    effects = np.array(EFFECTS)[np.arange(USERS) % 3]
    named = {"coupon": (arms, effects), "banner": (chance.integers(0, 2, USERS), np.zeros(USERS)),
             "lopsided": ((chance.random(USERS) < 0.4).astype(int), np.zeros(USERS)),
             "tiny": (np.arange(40) % 2, np.zeros(40))}  # fmt: skip
    for name, (arm, effect) in named.items():
        (folder / f"4_{name}_assignments.csv").write_text(_assignments(name, arm))
        (folder / f"5_{name}_outcomes.csv").write_text(_outcomes(name, arm, effect, chance))
    for result in load_paths(warehouse, [str(path) for path in sorted(folder.iterdir())]):
        assert (result.status, result.rejected) == ("loaded", 0), result


def _touches(chance: np.random.Generator) -> str:
    """Visits and, of openers, e-mails: before the test, and as much of it until June."""
    rows = []
    for user in range(USERS):
        for month, day in ((11, 5), (2, 26), (5, 20)):
            year = 2025 if month == 11 else 2026
            rows += [
                f"{year}-{month:02}-{day + place:02}T10:00:00Z,visit,v{user}-{month}-{place},u{user},mobile"
                for place in range(1 + int(chance.integers(0, 3)))
            ]
            if user % 3 == 0:
                rows.append(f"{year}-{month:02}-{day:02}T08:00:00Z,email_open,e{user}-{month},u{user},mobile")
    return "\n".join(["at,kind,touch_id,user_id,device", *rows, ""])


def _orders() -> str:
    """Of every third user two, one before the test and one long after it."""
    rows = [
        f"{day}-{user},{day}T09:00:00Z,u{user},40.00,USD"
        for user in range(1, USERS, 3)
        for day in ("2026-02-28", "2026-05-22")
    ]
    return "\n".join(["order_id,created_at,user_id,revenue,currency", *rows, ""])


def _assignments(name: str, arms: np.ndarray[tuple[int], np.dtype[np.int64]]) -> str:
    treated = {"coupon": "coupon", "banner": "banner", "lopsided": "bent", "tiny": "one"}[name]
    rows = [f"{name},u{user},{treated if arm else 'control'},2026-03-0{1 + user % 9}T10:00:00Z"
            for user, arm in enumerate(arms)]  # fmt: skip
    return "\n".join(["experiment_id,user_id,variation,timestamp", *rows, ""])


def _outcomes(
    name: str, arms: np.ndarray[tuple[int], np.dtype[np.int64]], effects: np.ndarray[tuple[int], np.dtype[np.float64]],
    chance: np.random.Generator,
) -> str:  # fmt: skip
    orders = chance.poisson(0.5 + effects * arms)
    rows = [f"{name},u{user},orders,{count},0" for user, count in enumerate(orders)]
    rows += [f"{name},u{user},revenue,{count * 40},0" for user, count in enumerate(orders)]
    return "\n".join(["experiment_id,user_id,metric,value,pre_value", *rows, ""])
