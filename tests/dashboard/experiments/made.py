"""A button that raises orders, over a few users and days, and a test without ads, to be looked at."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal

import numpy as np
from sqlalchemy import text

from ml.experiments.job import EXPERIMENTS
from ml.worker import work_once
from tests.warehouse.experiments.trial import Trial, on
from warehouse import job_queue, runs
from warehouse.changes.experiment_results import (
    Evidence,
    ExperimentFindings,
    GuardRow,
    LiftDay,
    LiftRow,
    Readout,
    write_experiments,
)
from warehouse.changes.next_tests import StoredTest, write_next_tests
from warehouse.local_owner import local_owner
from warehouse.schema.commerce import ConversionKind
from warehouse.sessions import Warehouse

METRICS = (("orders", "primary", 1), ("revenue", "secondary", 50))


def button_trial(warehouse: Warehouse) -> Trial:
    """160 users over eight days; nobody has read it yet."""
    trial = Trial(warehouse).begin()
    draws = np.random.default_rng(3)
    for unit in range(1, 161):
        arm, day = unit % 2, (unit // 2) % 8
        trial.assign(unit, arm, day)
        before = float(draws.integers(0, 2))
        trial.did(unit, "orders", day, float(draws.poisson(1 + before + 4 * arm)), before)
        trial.did(unit, "revenue", day, float(draws.normal(50, 10)), 50 * before)
    return trial


def read_all(trial: Trial) -> None:
    """Read every experiment of the trial's account."""
    owner, warehouse = local_owner(trial.warehouse), trial.warehouse
    account = trial.scalar("SELECT account_key FROM core.experiment WHERE experiment_key = :key")
    with warehouse.writing() as session:
        job_queue.submit(
            session, job="experiments", account_key=account, parameters={"level": 0.95}, requested_by=owner.id
        )
    assert work_once(warehouse, {"experiments": EXPERIMENTS})


def lift_trial(trial: Trial) -> int:
    """What a run found of a test without video ads in two of five regions, beside the trial; its key."""
    key = trial.scalar(
        """INSERT INTO core.experiment (account_key, experiment_id, name, kind, unit, status, is_registered, load_key,
                                        starts_at, stops_at, channels)
           SELECT account_key, 'dark-1', 'Video off', 'geo', 'geo', 'stopped', true, 1, '2026-03-20', '2026-03-30',
                  '["video"]'
           FROM core.experiment WHERE experiment_key = :key RETURNING experiment_key"""
    )
    run = trial.scalar("SELECT run_key FROM results.experiment_readout WHERE experiment_key = :key")
    first, last = on(19), on(29)
    found = ExperimentFindings(
        key,
        Readout(first, last, 5, 1, 0.95, "synthetic", withheld=False, health="green", verdict="won", words="Proven."),
        guards=[GuardRow("pre-fit", "passed", None, "They go together.")],
        lifts=[_lift(metric, role, scale, first, last) for metric, role, scale in METRICS],
        lift_days=[_day(metric, scale, day) for metric, _, scale in METRICS for day in range(30)],
        evidence=[
            Evidence("video", None, "orders", first, last, 0.4, is_dark=False, against="usual_ads", lift=40, se=10,
                     low=20, high=60, level=0.95, method="synthetic", identifies="What the ads brought.")
        ],
    )  # fmt: skip
    with trial.warehouse.writing() as session:
        write_experiments(session, [found], run)
    return key


def _lift(metric: str, role: str, scale: int, first: dt.date, last: dt.date) -> LiftRow:
    return LiftRow(
        metric, role, "synthetic; conformal", first, last, att=2.0 * scale, att_low=None, att_high=None,
        incremental=40.0 * scale, low=20.0 * scale, high=60.0 * scale, level=0.95, relative=0.1, se=10.0, p_value=0.01,
        spend=Decimal(800), currency="EUR", weights={"North": 0.75, "West": 0.25}, identifies="What the ads brought.",
    )  # fmt: skip


def _day(metric: str, scale: int, day: int) -> LiftDay:
    usual, is_test = scale * (20 + 3 * math.sin(day)), day >= 19
    return LiftDay(metric, on(day), usual + 4 * scale * is_test, usual, usual - 4 * scale, usual + 4 * scale, is_test)


def ranked_tests(trial: Trial) -> None:
    """Two channels of the trial's advertiser: one worth a test, and one that is known well enough."""
    account = trial.scalar("SELECT account_key FROM core.experiment WHERE experiment_key = :key")
    with trial.warehouse.writing() as session:
        run = runs.open_run(session, job="next_tests", account_key=account, parameters={}, code_version="1")
        find = "SELECT advertiser_key FROM core.account WHERE account_key = :account"
        advertiser = session.execute(text(find), {"account": account}).scalar_one()
        tests = [
            _ranked("video", 1300, 0.45, "video: leave its ads out for 4 weeks."),
            _ranked("display", 10, 0.01, "display: no test is worth its cost."),
        ]
        write_next_tests(session, tests, run_key=run.run_key, advertiser_key=advertiser)
        runs.publish(session, run)


def _ranked(channel: str, information: int, chance_wrong: float, words: str) -> StoredTest:
    return StoredTest(
        attribution_run_key=1, goal=ConversionKind.order, channel=channel, rests_on="tests", conversions=100.0,
        low=40.0, high=160.0, level=0.9, break_even=95.0, spend=Decimal(1900), currency="EUR",
        chance_wrong=chance_wrong, weeks=4, share=0.2, precision=21.0, information=Decimal(information),
        test_cost=Decimal(100), horizon_weeks=13, last_tested=None, words=words,
    )  # fmt: skip
