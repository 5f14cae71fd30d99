from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, text

from ml.estimate.job import ESTIMATE, settle
from ml.worker import work_once
from tests.warehouse.seed import FIRST_DAY, GOOGLE, google_report
from warehouse import job_queue
from warehouse.errors import BadSetting
from warehouse.ingest.load import LoadOptions, load_paths
from warehouse.job_queue import JobState
from warehouse.local_owner import local_owner
from warehouse.sessions import Warehouse
from warehouse.settings import Settings

MISSING_COST, MISSING_VALUE = range(3), range(10, 12)


@pytest.fixture(scope="module")
def warehouse(settings: Settings, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """One account that lacks cost on three days and value on two, of both campaigns."""
    warehouse = Warehouse(settings, engine)
    path = tmp_path_factory.mktemp("exports") / "google.csv"
    path.write_text(google_report(missing={"Cost": MISSING_COST, "Conv. value": MISSING_VALUE}), encoding="utf-8")
    (result,) = load_paths(warehouse, [str(path)], LoadOptions(account=GOOGLE))
    assert (result.status, result.rejected) == ("loaded", 0)
    return warehouse


def run(warehouse: Warehouse, **parameters: Any) -> JobState:
    owner = local_owner(warehouse)
    with warehouse.writing() as session:
        account = session.execute(text("SELECT account_key FROM core.account")).scalar_one()
        key = job_queue.submit(
            session, job="estimate", account_key=account, parameters=settle(parameters), requested_by=owner.id
        )
    assert work_once(warehouse, {"estimate": ESTIMATE})
    with warehouse.writing() as session:
        return job_queue.state(session, key)


def read(warehouse: Warehouse, sql: str) -> list[tuple[Any, ...]]:
    with warehouse.reading(local_owner(warehouse)) as session:
        return [tuple(row) for row in session.execute(text(sql))]


def test_estimates_stand_beside_the_reported_numbers(warehouse: Warehouse) -> None:
    before = read(warehouse, "SELECT sum(spend), sum(conversion_value), count(spend) FROM mart.campaign_daily")
    state = run(warehouse)
    assert state.state == "done", state.error
    assert state.stage == "Estimated 6 campaign-days of spend, 4 campaign-days of conversion_value."

    rows = read(
        warehouse,
        "SELECT date_day, campaign_name, rule, estimate, low <= estimate AND estimate <= high, level, run_key "
        "FROM mart.estimate WHERE measure = 'spend' ORDER BY date_day, campaign_name",
    )
    assert [(day, name, rule, amount) for day, name, rule, amount, *_ in rows] == [
        (FIRST_DAY + dt.timedelta(days=day), f"Campaign {c}", "CPC x clicks", Decimal(5 * c))
        for day in MISSING_COST
        for c in (1, 2)
    ]
    assert {row[4:] for row in rows} == {(True, Decimal("0.900"), state.run_key)}
    assert read(warehouse, "SELECT DISTINCT rule FROM mart.estimate WHERE measure = 'conversion_value'") == [
        ("(1 + ROI) x spend",)
    ]
    after = read(warehouse, "SELECT sum(spend), sum(conversion_value), count(spend) FROM mart.campaign_daily")
    assert after == before


def test_a_new_run_replaces_what_readers_see(warehouse: Warehouse) -> None:
    run(warehouse)
    state = run(warehouse, measures=["spend"], level=0.5, to="2026-06-01")
    assert read(warehouse, "SELECT DISTINCT run_key, level, measure, date_day FROM mart.estimate") == [
        (state.run_key, Decimal("0.500"), "spend", FIRST_DAY)
    ]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"measure": "spend"}, "estimate has no parameter 'measure'"),
        ({"measures": ["clicks"]}, "measures == ['clicks'], must be a list of spend, conversion_value"),
        ({"measures": "spend"}, "measures == 'spend', must be a list"),
        ({"level": 1}, "level == 1, must be between 0 and 1"),
        ({"level": "high"}, "level == 'high'"),
        ({"draws": 0}, "draws == 0, must be a whole number"),
        ({"seed": True}, "seed == True"),
        ({"from": "yesterday"}, "from == 'yesterday' is not a date"),
    ],
)
def test_bad_parameters_are_named(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(BadSetting) as refused:
        settle(parameters)
    assert message in str(refused.value)


def test_equal_requests_become_equal_parameters() -> None:
    assert settle({"measures": ["conversion_value", "spend"]}) == settle({})
