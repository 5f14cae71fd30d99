"""A copied query gives the number of the card that it was copied from."""

from __future__ import annotations

from decimal import Decimal

import pytest

from api.schema.answer import Question, answer
from dashboard.cache import Cache
from dashboard.overview.read import Shown, read_overview
from dashboard.overview.spoken import parts_query, trend_query
from dashboard.reading import Reading, Shared
from dashboard.state import View
from warehouse.metrics import OVERVIEW
from warehouse.queries.scope import read_scope
from warehouse.queries.tables import ask


@pytest.fixture
def shown(warehouse, owner, seed):
    """Read a view of the account that needs no rate."""

    def read(**query: str) -> Shown:
        with warehouse.reading(owner.reader) as session:
            reading = Reading(session, read_scope(session), owner, Shared(warehouse, Cache(), ()))
            found = read_overview(reading, View.from_query({"account": str(seed.google), **query}, reading.days))
        assert isinstance(found, Shown)
        return found

    return read


def by_sql(warehouse, owner, sql: str) -> list[dict[str, object]]:
    with warehouse.reading(owner.reader) as session:
        found = ask(session, sql)
        names = [column.name for column in found.columns]
        return [dict(zip(names, row, strict=True)) for batch in found.batches for row in batch]


def by_graphql(warehouse, owner, query: str) -> dict[str, object]:
    found = answer(warehouse, owner, Question(query, {}, None))
    assert "errors" not in found, found
    return found["data"]["overview"]


@pytest.mark.parametrize("by", ["platform", "channel", "campaign_type", "campaign", "account", "day"])
def test_a_breakdown(warehouse, owner, shown, by) -> None:
    found = shown(by=by, channel="paid_search,shopping")
    query = parts_query(found, by, OVERVIEW)
    spend = sorted(found.parts["spend"])
    assert sorted(row["spend"] for row in by_sql(warehouse, owner, query.sql)) == spend
    found_rows = by_graphql(warehouse, owner, query.graphql)["breakdown"]
    rows = [row for row in found_rows if row["kpis"]["spend"] is not None]
    assert sorted(Decimal(row["kpis"]["spend"]) for row in rows) == spend
    roas = {row["key"]: row["roas"] for row in found.parts.to_dict("records")}
    assert {row["key"]: Decimal(row["kpis"]["roas"]) for row in rows} == pytest.approx(roas)


@pytest.mark.parametrize("grain", ["day", "week", "month"])
def test_a_trend(warehouse, owner, shown, grain) -> None:
    found = shown(grain=grain, metric="revenue", compare="year", campaign="1,2")
    query = trend_query(found)
    values = list(found.trend["revenue"])
    (series,) = by_graphql(warehouse, owner, query.graphql)["trend"]["series"]
    assert [Decimal(value) for value in series["values"]] == values
    assert sum(row["revenue"] for row in by_sql(warehouse, owner, query.sql)) == sum(values)
