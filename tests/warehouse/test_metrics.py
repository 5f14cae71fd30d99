"""Every KPI: the same number from Python and from SQL, and words that are there."""

import math
from decimal import Decimal

import pytest
from sqlalchemy import text

from tests.warehouse.state import EVERYTHING
from warehouse.metrics import METRICS, OVERVIEW, SUMS

SAMPLES = [
    {"spend": Decimal("12.34"), "impressions": 5000, "clicks": 37, "conversions": Decimal("4.193582"),
     "conversion_value": Decimal("183.20"), "order_revenue": Decimal("150.00")},
    {"spend": Decimal(0), "impressions": 0, "clicks": 0, "conversions": Decimal(0), "conversion_value": Decimal(5),
     "order_revenue": Decimal(0)},
    {"spend": Decimal(7), "impressions": 10, "clicks": 3, "conversions": None, "conversion_value": None,
     "order_revenue": None},
    dict.fromkeys((*SUMS, "order_revenue")),
]  # fmt: skip
TYPES = {"impressions": "bigint", "clicks": "bigint"}


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("sums", SAMPLES, ids=("usual", "zero", "partly unknown", "unknown"))
def test_python_and_sql_give_the_same_number(engine, name, sums):
    columns = {s: f"CAST(:{s} AS {TYPES.get(s, 'numeric')})" for s in sums}
    with engine.connect() as connection:
        said = connection.execute(text(f"SELECT {METRICS[name].sql(columns)}"), sums).scalar_one()
    expected = METRICS[name].value(sums)
    assert (said is None) == (expected is None)
    assert said is None or math.isclose(said, expected, rel_tol=1e-12)


def test_known_numbers():
    sums = {
        "spend": Decimal(50),
        "impressions": 10_000,
        "clicks": 100,
        "conversions": Decimal(5),
        "conversion_value": Decimal(200),
    }
    expected = {
        "roas": 4, "roi": 3, "cpa": 10, "ctr": Decimal("0.01"), "cpc": Decimal("0.5"), "cpm": 5,
        "cvr": Decimal("0.05"), "aov": 40,
    }  # fmt: skip
    assert {name: METRICS[name].value(sums) for name in expected} == expected


def test_zero_of_something_is_zero_and_something_of_zero_is_unknown():
    assert METRICS["ctr"].value({"clicks": 0, "impressions": 10}) == 0
    assert METRICS["ctr"].value({"clicks": 0, "impressions": 0}) is None
    assert METRICS["spend"].value({"spend": Decimal(0)}) == 0


def test_unknown_is_never_taken_for_zero():
    assert METRICS["roi"].value({"spend": Decimal(5), "conversion_value": None}) is None
    assert METRICS["cpa"].value({"spend": None, "conversions": Decimal(5)}) is None


def test_every_kpi_has_words_and_a_name_of_its_own():
    assert {m.name for m in METRICS.values()} == METRICS.keys()
    assert len({m.label for m in METRICS.values()}) == len(METRICS)
    assert all(m.words.endswith(".") and m.label for m in METRICS.values())
    assert set(OVERVIEW) <= METRICS.keys()
    assert set(OVERVIEW) == {"spend", "revenue", "conversions", "roas", "cpa", "ctr", "cpc", "cvr", "roi"}


def test_the_mart_lists_what_python_knows(engine, settings):
    from warehouse.sessions import Warehouse

    with Warehouse(settings, engine).reading(EVERYTHING) as session:
        told = session.execute(text("SELECT kpi, label, formula, unit, good, words FROM mart.kpi")).all()
    assert [tuple(row) for row in told] == [
        (m.name, m.label, m.sql(), m.unit, m.good, m.words) for m in METRICS.values()
    ]
