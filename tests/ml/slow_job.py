"""A worker whose one job takes a moment and leaves one row: run as a program, so that it can be killed."""

from __future__ import annotations

import datetime as dt
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from ml.job import Job, Outcome, Task
from ml.worker import work
from warehouse.engine import WriteSession
from warehouse.sessions import Warehouse
from warehouse.settings import Settings

FIRST_DAY = dt.date(2026, 1, 1)


def settle(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return dict(parameters)


def compute(task: Task) -> Outcome:
    for step in range(5):
        task.report(f"step {step}", step / 5)
        time.sleep(0.02)

    def write(session: WriteSession, run_key: int) -> None:
        row = {"run": run_key, "account": task.account_key, "day": FIRST_DAY + dt.timedelta(days=task.parameters["n"])}
        session.execute(text(_INSERT), row)
        time.sleep(0.02)  # so that some are killed with the row written and not committed

    return Outcome(write, f"number {task.parameters['n']}")


_INSERT = """
INSERT INTO results.estimate (run_key, account_key, campaign_key, date, measure, rule, estimate, low, high, level)
SELECT :run, :account, min(campaign_key), :day, 'spend', 'test', 1, 1, 1, 0.9
FROM core.campaign WHERE account_key = :account
"""

SLOW = Job("slow", "Takes a moment.", 1, settle, compute)

if __name__ == "__main__":
    work(Warehouse.connect(Settings.from_environment()), {"slow": SLOW}, threading.Event(),
         lease_seconds=float(sys.argv[1]), idle_seconds=0.05)  # fmt: skip
