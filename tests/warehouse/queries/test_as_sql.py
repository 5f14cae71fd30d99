"""A query that is handed out gives what the program itself reads."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import Engine

from tests.warehouse.seed import DAYS, FIRST_DAY, seed_two_accounts
from warehouse.filters import Filter
from warehouse.ingest.load import load_paths
from warehouse.local_owner import local_owner
from warehouse.queries.as_sql import as_sql
from warehouse.queries.overview import breakdown, totals
from warehouse.queries.scope import read_scope
from warehouse.queries.tables import ask
from warehouse.sessions import Warehouse
from warehouse.settings import Settings

METRICS = ("spend", "revenue", "roas", "cpa", "ctr", "claim_ratio")
PERIOD = {"start": FIRST_DAY, "end": FIRST_DAY + dt.timedelta(days=DAYS - 1), "currency": "USD"}


@pytest.fixture(scope="module")
def warehouse(settings: Settings, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Google in USD and Meta in EUR, with rates on weekdays only."""
    found, folder = Warehouse(settings, engine), tmp_path_factory.mktemp("exports")
    seed_two_accounts(found, folder)
    days = (FIRST_DAY - dt.timedelta(days=4) + dt.timedelta(days=i) for i in range(DAYS + 4))
    lines = [f"{day},USD,EUR,{0.9 - 0.001 * day.day:.3f}" for day in days if day.weekday() < 5]
    (folder / "rates.csv").write_text("\n".join(["date,from,to,rate", *lines]) + "\n", encoding="utf-8")
    assert [r.status for r in load_paths(found, [str(folder / "rates.csv")])] == ["loaded"]
    return found


@pytest.mark.parametrize("by", [None, "platform", "channel", "campaign_type", "campaign", "account"])
@pytest.mark.parametrize(
    "narrowed", [{}, {"platforms": ("google_ads",)}, {"campaign_types": ("Search", "")}, {"currency": "EUR"}]
)
def test_the_sums_are_the_same(warehouse, by, narrowed) -> None:
    filter_ = Filter(**{**PERIOD, "compare": "none", **narrowed})
    with warehouse.reading(local_owner(warehouse)) as session:
        scope = read_scope(session)
        expected = totals(session, filter_).current if by is None else breakdown(session, filter_, by)
        found = ask(session, as_sql(filter_, scope, by, METRICS))
        names = [column.name for column in found.columns]
        rows = [dict(zip(names, row, strict=True)) for batch in found.batches for row in batch]
    if by is None:
        assert rows == [{name: pytest.approx(expected[name]) for name in METRICS if name != "claim_ratio"}]
        return
    for name in ("spend", "revenue"):
        assert sorted(row[name] for row in rows) == pytest.approx(sorted(expected[name])), name


def test_rates_are_only_asked_for_where_they_are_needed(warehouse) -> None:
    with warehouse.reading(local_owner(warehouse)) as session:
        scope = read_scope(session)
    assert "fx_rate" in as_sql(Filter(**PERIOD), scope, None, ("spend",))
    assert "fx_rate" not in as_sql(Filter(**PERIOD, platforms=("google_ads",)), scope, None, ("spend",))


def test_a_quote_in_a_value_stays_a_value(warehouse) -> None:
    nasty = "x') OR ('1'='1"
    filter_ = Filter(**PERIOD, platforms=("google_ads",), channels=(nasty,))
    with warehouse.reading(local_owner(warehouse)) as session:
        scope = read_scope(session)
        (row,) = (r for b in ask(session, as_sql(filter_, scope, None, ("spend",))).batches for r in b)
    assert row == (None,)


def test_accounts_that_nobody_has_give_nothing(warehouse) -> None:
    filter_ = Filter(**PERIOD, accounts=(99,))
    with warehouse.reading(local_owner(warehouse)) as session:
        (row,) = (r for b in ask(session, as_sql(filter_, read_scope(session), None, ("spend",))).batches for r in b)
    assert row == (None,)
