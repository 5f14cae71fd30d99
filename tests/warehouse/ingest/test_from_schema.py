"""Tables that a connector landed in the same PostgreSQL."""

import csv
import datetime as dt
import io
import tracemalloc
from decimal import Decimal

import pytest
from sqlalchemy import create_engine, text

from tests.warehouse.ingest.store.test_adoption import EXPECTED, LANDED, ad_days
from tests.warehouse.state import assert_consistent, dump, facts, one, rows, seen
from warehouse.errors import LoadRefused, NotFound
from warehouse.ingest.from_schema import load_schema
from warehouse.ingest.load import LoadOptions
from warehouse.sessions import Warehouse

# As Fivetran types them.
TYPES = {
    "ad_id": "bigint", "id": "bigint", "account_id": "bigint", "ad_set_id": "bigint", "campaign_id": "bigint",
    "date": "date", "impressions": "bigint", "inline_link_clicks": "bigint", "spend": "double precision",
    "value": "double precision", "index": "int", "_fivetran_synced": "timestamptz", "updated_time": "timestamptz",
}  # fmt: skip


def land(warehouse, schema, name, content):
    """A table as a connector writes it, by the log-in itself."""
    schema, name = (n.replace('"', '""') for n in (schema, name))
    header, *lines = csv.reader(io.StringIO(content))
    columns = ", ".join(f'"{c}" {TYPES.get(c, "text")}' for c in header)
    with warehouse.engine.begin() as connection:
        connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))
        connection.execute(text(f'CREATE TABLE "{schema}"."{name}" ({columns})'))
        values = ", ".join(f":v{i}" for i in range(len(header)))
        connection.execute(
            text(f'INSERT INTO "{schema}"."{name}" VALUES ({values})'),
            [{f"v{i}": cell or None for i, cell in enumerate(line)} for line in lines],
        )


@pytest.fixture
def landed(empty_warehouse):
    """A warehouse beside whose schemas Fivetran keeps one of its own."""
    for name, content in LANDED.items():
        land(empty_warehouse, "facebook_ads", name.removeprefix("facebook_ads_").removesuffix("_data.csv"), content)
    return empty_warehouse


def test_a_landed_schema_becomes_the_same_warehouse_as_its_files(landed):
    results = load_schema(landed, "facebook_ads", LoadOptions())
    assert {r.path: r.status for r in results} == {
        f"facebook_ads.{name}": "loaded"
        for name in (
            "ad_history",
            "ad_set_history",
            "basic_ad",
            "basic_ad_action_values",
            "basic_ad_actions",
            "campaign_history",
        )
    }
    assert [r.path for r in results] == sorted(r.path for r in results)
    assert ad_days(landed) == EXPECTED
    assert_consistent(landed)


def test_loading_it_again_changes_nothing(landed):
    load_schema(landed, "facebook_ads", LoadOptions())
    before = dump(landed)
    again = load_schema(landed, "facebook_ads", LoadOptions())
    assert [r.status for r in again] == ["unchanged"] * 6
    assert dump(landed) == before


def test_what_the_connector_restates_is_restated(landed):
    load_schema(landed, "facebook_ads", LoadOptions())
    with landed.engine.begin() as connection:
        connection.execute(
            text("UPDATE facebook_ads.basic_ad SET spend = 6.25 WHERE ad_id = 77 AND date = '2026-06-01'")
        )
    results = {r.path: r for r in load_schema(landed, "facebook_ads", LoadOptions())}
    assert (results["facebook_ads.basic_ad"].restated, results["facebook_ads.basic_ad"].accepted) == (1, 1)
    assert one(landed, "SELECT sum(spend) FROM mart.campaign_daily") == Decimal("11.75")


def test_tables_that_nobody_knows_are_refused_with_a_report_and_internal_ones_left_out(landed):
    land(landed, "facebook_ads", "playground", "colour,taste\nred,sweet\n")
    land(landed, "facebook_ads", "fivetran_audit", "id,message\n1,x\n")
    land(landed, "facebook_ads", "_airbyte_raw_ads", "_airbyte_ab_id,_airbyte_data\n1,x\n")
    land(landed, "facebook_ads", "_dlt_loads", "load_id,status\n1,0\n")
    results = load_schema(landed, "facebook_ads", LoadOptions())
    assert len(results) == 7
    (refused,) = [r for r in results if r.status == "refused"]
    assert refused.path == "facebook_ads.playground"
    assert "colour" in refused.reason


def test_views_over_the_tables_are_not_read(landed):
    with landed.engine.begin() as connection:
        connection.execute(text("CREATE VIEW facebook_ads.basic_ad_copy AS SELECT * FROM facebook_ads.basic_ad"))
    assert len(load_schema(landed, "facebook_ads", LoadOptions())) == 6


def test_a_dry_run_leaves_nothing(landed):
    before = dump(landed)
    results = load_schema(landed, "facebook_ads", LoadOptions(dry_run=True))
    assert sum(r.accepted for r in results) > 0
    assert dump(landed) == before


def test_names_of_any_kind(empty_warehouse):
    content = 'segments.date,customer.id,campaign.id,"metrics.cost_micros",metrics.clicks,metrics.impressions\n'
    land(empty_warehouse, 'odd "schema"; %s', "Campaign 100%", content + "2026-06-01,111,901,5000000,5,50\n")
    (result,) = load_schema(empty_warehouse, 'odd "schema"; %s', LoadOptions())
    assert (result.status, result.accepted) == ("loaded", 1)
    assert one(empty_warehouse, "SELECT spend FROM mart.campaign_daily") == 5


@pytest.mark.parametrize("schema", ["nowhere", "public"])
def test_a_schema_that_is_not_there_is_not_found(empty_warehouse, schema):
    with pytest.raises(NotFound, match=schema):
        load_schema(empty_warehouse, schema, LoadOptions())


def test_the_schemas_that_are_there_are_named(landed):
    with pytest.raises(NotFound, match="There are: facebook_ads, public"):
        load_schema(landed, "facebok_ads", LoadOptions())


@pytest.mark.parametrize("schema", ["core", "mart", "ops"])
def test_the_warehouses_own_schemas_are_no_source(empty_warehouse, schema):
    with pytest.raises(LoadRefused, match="own"):
        load_schema(empty_warehouse, schema, LoadOptions())


def test_a_table_that_the_log_in_may_not_read_is_refused_and_the_others_are_loaded(landed, empty_url):
    """The log-in of the program is a member of its roles, and has no right that it was not given."""
    with landed.engine.begin() as connection:
        connection.execute(text("CREATE ROLE small_loader LOGIN CREATEROLE"))
        connection.execute(text("GRANT causeway_owner, causeway_writer, causeway_app TO small_loader"))
        connection.execute(text("GRANT USAGE ON SCHEMA facebook_ads TO small_loader"))
        connection.execute(text("GRANT SELECT ON facebook_ads.basic_ad TO small_loader"))
    engine = create_engine(empty_url.set(username="small_loader"))
    try:
        results = load_schema(Warehouse(landed.settings, engine), "facebook_ads", LoadOptions())
        statuses = {r.path: r.status for r in results}
        assert statuses.pop("facebook_ads.basic_ad") == "loaded"
        assert set(statuses.values()) == {"refused"}
        assert "GRANT SELECT ON facebook_ads.ad_history" in results[0].reason
    finally:
        engine.dispose()
        with landed.engine.begin() as connection:
            connection.execute(text("DROP OWNED BY small_loader"))
            connection.execute(text("DROP ROLE small_loader"))


def test_memory_does_not_grow_with_the_table(empty_warehouse):
    peaks = [_peak(empty_warehouse, f"landed_{days}", days) for days in (500, 1000)]
    assert peaks[1] < 1.5 * peaks[0]
    assert one(empty_warehouse, "SELECT count(*) FROM mart.campaign_daily") == 1000 * 300


def _peak(warehouse, schema, days):
    """Bytes that loading a table of so many days and 300 campaigns takes at most."""
    with warehouse.engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
        connection.execute(
            text(
                f"""CREATE TABLE {schema}.campaign_stats AS
                SELECT 111 AS customer_id, c AS id, date '2024-01-01' + d AS date, 1000000 * c AS cost_micros,
                       10 AS clicks, 100 AS impressions, 1.5 AS conversions, 20.25 AS conversions_value
                FROM generate_series(1, 300) c, generate_series(0, :days - 1) d"""
            ),
            {"days": days},
        )
    tracemalloc.start()
    (result,) = load_schema(warehouse, schema, LoadOptions())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert result.status == "loaded", result
    return peak


def test_numbers_and_days_keep_their_exact_form(empty_warehouse):
    with empty_warehouse.engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA google_ads"))
        connection.execute(
            text(
                """CREATE TABLE google_ads.campaign_stats AS
                SELECT 6215762744671234567::bigint AS id, 111::bigint AS customer_id, date '2026-06-01' AS date,
                       1234567::bigint AS cost_micros, 3 AS clicks, 100 AS impressions,
                       4.193582::float8 AS conversions, 123456789.123456::numeric AS conversions_value"""
            )
        )
    load_schema(empty_warehouse, "google_ads", LoadOptions())
    (fact,) = facts(empty_warehouse)
    assert (fact[3], fact[6]) == ("6215762744671234567", dt.date(2026, 6, 1))
    assert fact[11:14] == (Decimal("1.234567"), Decimal("4.193582"), Decimal("123456789.123456"))


def test_each_load_is_in_the_books_with_its_rejected_rows(empty_warehouse):
    land(
        empty_warehouse,
        "facebook_ads",
        "basic_ad",
        "ad_id,date,account_id,impressions,inline_link_clicks,spend\n1,2026-06-01,5,10,1,2.5\n2,2026-06-01,5,10,1,-2.5\n",
    )
    (result,) = load_schema(empty_warehouse, "facebook_ads", LoadOptions())
    assert (result.accepted, result.rejected) == (1, 1)
    assert seen(empty_warehouse, "SELECT path, rejected FROM mart.load") == [("facebook_ads.basic_ad", 1)]
    assert rows(empty_warehouse, "SELECT line, code FROM landing.rejected_row") == [(2, "negative")]
