"""Who may read what: one policy for the program, for GraphQL and for the log-ins of BI tools."""

import inspect
import io
import pkgutil
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib import import_module

import pandas as pd
import polars as pl
import psycopg2.errors
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

import warehouse.queries
from tests.warehouse.budget_rows import write_budget_rows
from tests.warehouse.conftest import let_read_everything
from tests.warehouse.exports import Day, Desk, every_day, google, table
from tests.warehouse.mix_rows import write_mix_rows
from tests.warehouse.seed import FIRST_DAY, GOOGLE, seed_two_accounts
from tests.warehouse.state import EVERYTHING
from warehouse.access import _OPERATIONS, _PERSONAL, POLICIES, PUBLIC_TABLES, Reader
from warehouse.changes.bi_logins import create_login, drop_login
from warehouse.engine import ReadSession
from warehouse.errors import NotFound
from warehouse.filters import Dimension, Filter
from warehouse.marts import build
from warehouse.migrate import upgrade
from warehouse.queries.attribution import AttributionRun
from warehouse.queries.audiences import Audience
from warehouse.queries.budget_inputs import StoredChannel, StoredFit
from warehouse.queries.campaigns import Order
from warehouse.queries.live import Minute
from warehouse.queries.mix_inputs import Window as MixWindow
from warehouse.queries.path_counts import JourneyStore, Window
from warehouse.queries.uplift_inputs import Before, TrialCustomers
from warehouse.schema.commerce import ConversionKind
from warehouse.sessions import Warehouse

OUTSIDER = Reader("user:77", "reads one account that has no rows")
GOOGLE_ONLY = Reader("user:78", "reads the Google account")
# What is the same for everybody and tells nothing of any account.
PUBLIC_VIEWS = {"calendar", "holiday", "kpi", "fx_rate"}
PERIOD = Filter(FIRST_DAY, FIRST_DAY.replace(day=28), currency="USD")
WEEKS = MixWindow(1, ConversionKind.order, FIRST_DAY, FIRST_DAY.replace(day=22), "USD")
JOURNEYS = Window(1, ConversionKind.order, PERIOD.start, PERIOD.end, "USD")
CREDITED = AttributionRun(
    2, 1, "default", ConversionKind.order, PERIOD.start, PERIOD.end, "USD", 30, datetime(2026, 6, 2, tzinfo=UTC), 0.9,
    1, 1, 0, 0, 0, None, None, None, None, "", ("last",), {}, None, is_published=True, has_paths=True,
)  # fmt: skip

BEFORE = Before(1, date(2026, 6, 2), 30, "USD")
FIT = StoredFit(
    1, 1, 1, 1, "revenue", "order", "USD", FIRST_DAY, date(2026, 6, 22), 7, "green", 0.9, 100, "",
    (StoredChannel("paid_search", Decimal(100)),),
)  # fmt: skip
AUDIENCE = Audience(
    1, 1, 1, "google_ads", "1", "Spring", 1, "button", "orders", "higher", "b", Decimal(1), Decimal(0), None, "USD",
    0.0, None, Decimal("0.1"), 1, 1, 0, 1.0, 7, datetime(2026, 6, 1, tzinfo=UTC), *[None] * 11,
)  # fmt: skip


@pytest.fixture(scope="module")
def full(settings, tmp_path_factory):
    """A warehouse with rows in every table that belongs to accounts, and an account that nothing was loaded into."""
    warehouse = Warehouse.connect(settings)
    upgrade(warehouse.engine)  # a database that is copied does not take its own privileges along
    folder = tmp_path_factory.mktemp("files")
    seed = seed_two_accounts(warehouse, folder)
    let_read_everything(warehouse)
    desk = Desk(warehouse, folder)
    desk.load(google([Day("2026-06-01", account="1"), Day("2026-06-01", account="2"), Day("2026-06-02", spend="-1")]))
    desk.load("nothing,known\n1,2\n")
    desk.load(google(every_day("2026-06-01", 3, account="1", spend="11.00") + every_day("2026-06-01", 3, account="2")))
    desk.load(table("Day,Ad group,Ad group ID,Campaign,Campaign ID,Cost,Impr.", [["2026-06-01", "G", 5, "C", 6, 1, 2]]))
    desk.load(table("ad_id,date,account_id,impressions,inline_link_clicks,spend", [[7, "2026-06-01", 9, 10, 1, 2]]))
    keyword = "date,customer_id,campaign_id,ad_group_id,ad_group_criterion_criterion_id,cost_micros,clicks,impressions"
    desk.load(table(keyword, [["2026-06-01", "1", "901", "5", "44", 1000000, 1, 10]]))
    desk.load(google([Day("2026-06-01", account=GOOGLE, campaign="new")]))
    days = [(FIRST_DAY + timedelta(days=i)).isoformat() for i in range(28)]
    desk.load(table("date,from,to,rate", [[day, "EUR", "USD", "1.1"] for day in days]), "fx_rates.csv")
    desk.load(
        table("Day,Orders,Net sales", [[day, 3, "99.00"] for day in days]), "shopify_orders.csv", source="shopify"
    )
    desk.load(
        table("Date,Session default channel group,Sessions", [["20260601", "Paid Search", 5]]), "ga4.csv", source="ga4"
    )
    desk.load(google([Day("2026-06-05", account="1")]), mapping={"Conv. value": "ignore"})
    with warehouse.writing() as session:
        for statement in _MORE:
            session.execute(text(statement), {"google": seed.google})
        fit_key = write_mix_rows(session, seed.google)
        write_budget_rows(session, account_key=seed.google, fit_key=fit_key)
        empty = session.execute(text(_EMPTY_ACCOUNT)).scalar_one()
        for reader, account in ((OUTSIDER, empty), (GOOGLE_ONLY, seed.google)):
            session.execute(
                text("INSERT INTO ops.account_grant (reader, account_key, role) VALUES (:reader, :account, 'viewer')"),
                {"reader": reader.id, "account": account},
            )
    yield warehouse
    warehouse.engine.dispose()


def _parquet():
    """A frame with a row, as hexadecimal digits."""
    buffer = io.BytesIO()
    pl.DataFrame({"path": ["A"]}).write_parquet(buffer)
    return buffer.getvalue().hex()


_PARQUET = _parquet()
_FOUND = "SELECT r.run_key, e.experiment_key"
_OF_IT = "FROM results.run r, core.experiment e WHERE r.job = 'experiments' AND e.experiment_id = 'button'"
_MORE = (
    "UPDATE core.daily_rollup SET is_final = true",
    "INSERT INTO core.holiday (country, date, name) VALUES ('US', '2026-06-19', 'Juneteenth')",
    """INSERT INTO results.run (job, account_key, parameters, code_version, data_watermark, state)
       VALUES ('estimate', :google, '{}', '1', 1, 'done')""",
    "INSERT INTO results.publication (job, account_key, run_key) SELECT job, account_key, run_key FROM results.run",
    """INSERT INTO results.estimate SELECT r.run_key, c.campaign_key, date '2026-06-01', 'spend', :google,
              'CPC x clicks', 1, 1, 1, 0.9 FROM results.run r, core.campaign c WHERE c.account_key = :google""",
    """INSERT INTO results.run (job, account_key, parameters, code_version, data_watermark, state)
       VALUES ('attribution', :google, '{}', '1', 1, 'done')""",
    """INSERT INTO results.publication (job, account_key, run_key)
       SELECT job, account_key, run_key FROM results.run WHERE job = 'attribution'""",
    """INSERT INTO results.attribution_result
       (run_key, goal, advertiser_key, currency, first_day, last_day, lookback_days, built_at, level, markov_order,
        conversions, untouched, null_paths, capped, value, words)
       SELECT run_key, 'order', 1, 'USD', '2026-06-01', '2026-06-02', 30, now(), 0.9, 1, 1, 0, 0, 0, 10, ''
       FROM results.run WHERE job = 'attribution'""",
    f"""INSERT INTO results.attribution_input (run_key, goal, advertiser_key, paths, touches)
       SELECT run_key, goal, advertiser_key, decode('{_PARQUET}', 'hex'), decode('{_PARQUET}', 'hex')
       FROM results.attribution_result""",
    """INSERT INTO results.attribution (run_key, place, advertiser_key, goal, model, grain, channel, conversions, low,
                                        high, value, value_low, value_high)
       SELECT run_key, 0, advertiser_key, goal, 'last', 'channel', 'paid_search', 1, 1, 1, 10, 10, 10
       FROM results.attribution_result""",
    """INSERT INTO results.attribution_day (run_key, goal, model, dated, date, channel, advertiser_key, conversions,
                                            value)
       SELECT run_key, goal, 'last', 'touch', '2026-06-01', 'paid_search', advertiser_key, 1, 10
       FROM results.attribution_result""",
    """INSERT INTO results.attribution_path (run_key, goal, rank, advertiser_key, channels, conversions, new_customers,
                                             value, null_paths, credit)
       SELECT run_key, goal, 1, advertiser_key, '["paid_search"]', 1, 0, 10, 0, '{"last": {"paid_search": 1}}'
       FROM results.attribution_result""",
    """INSERT INTO results.attribution_agreement (run_key, place, advertiser_key, goal, model, kind, other, distance)
       SELECT run_key, 0, advertiser_key, goal, 'last', 'model', 'first', 1 FROM results.attribution_result""",
    "INSERT INTO ops.job (job, account_key, parameters, requested_by) VALUES ('estimate', :google, '{}', 'user:1')",
    """INSERT INTO core.image (account_key, digest, media_type, bytes, width, height)
       VALUES (:google, 'ab', 'image/png', 1, 1, 1)""",
    "INSERT INTO core.creative (account_key, creative_id, image_digest) VALUES (:google, '1', 'ab')",
    """INSERT INTO core.creative (account_key, creative_id)
       SELECT d.account_key, d.ad_id FROM core.ad d
       JOIN core.performance p ON p.level = 'ad' AND p.entity_key = d.ad_key
       LIMIT 1""",
    """INSERT INTO core.ad_creative (account_key, ad_id, creative_key, load_key)
       SELECT account_key, creative_id, creative_key, 1 FROM core.creative""",
    """INSERT INTO core.experiment (account_key, experiment_id, name, kind, unit, status, is_registered, load_key)
       VALUES (:google, 'button', 'Button', 'geo', 'geo', 'draft', true, 1)""",
    """INSERT INTO core.experiment_arm (experiment_key, arm_id, name, share, is_control)
       SELECT experiment_key, 'a', 'A', 1, true FROM core.experiment""",
    """INSERT INTO core.experiment_metric (experiment_key, metric, role)
       SELECT experiment_key, 'orders', 'primary' FROM core.experiment""",
    """INSERT INTO core.experiment_unit (experiment_key, digest, name)
       SELECT experiment_key, gen_random_uuid(), 'north' FROM core.experiment""",
    """INSERT INTO core.assignment (experiment_key, unit_key, arm_key, at, load_key)
       SELECT experiment_key, unit_key, arm_key, '2026-06-01', 1
       FROM core.experiment_unit JOIN core.experiment_arm USING (experiment_key)""",
    """INSERT INTO core.exposure (experiment_key, unit_key, arm_key, at, load_key)
       SELECT experiment_key, unit_key, arm_key, at - interval '1 hour', load_key FROM core.assignment""",
    """INSERT INTO core.unit_outcome (experiment_key, unit_key, metric, date, value, load_key)
       SELECT experiment_key, unit_key, 'orders', '2026-06-01', 1, 1 FROM core.experiment_unit""",
    "INSERT INTO core.customer (customer_key, advertiser_key) VALUES (1, 1)",
    "INSERT INTO core.touched_customer (customer_key, advertiser_key) VALUES (1, 1)",
    "SELECT core.ensure_event_partitions('touchpoint', '2026-06-01', '2026-06-01')",
    "SELECT core.ensure_event_partitions('web_event', '2026-06-01', '2026-06-01')",
    """INSERT INTO core.touchpoint (at, touch_id, account_key, customer_key, kind, channel, load_key)
       VALUES ('2026-06-01', gen_random_uuid(), :google, 1, 'click', 'paid_search', 1)""",
    """INSERT INTO core.web_event (at, event_id, account_key, customer_key, name, load_key)
       VALUES ('2026-06-01', gen_random_uuid(), :google, 1, 'page_view', 1)""",
    """INSERT INTO core.web_session (account_key, session_id, customer_key, began_at, ended_at, channel, events,
                                     page_views, engaged, funnel_step, load_key)
       VALUES (:google, gen_random_uuid(), 1, '2026-06-01', '2026-06-01', 'paid_search', 1, 1, true, 0, 1)""",
    """INSERT INTO core.shop_order (account_key, order_id, at, customer_key, revenue, is_test, load_key)
       VALUES (:google, '1', '2026-06-01', 1, 10, false, 1)""",
    """INSERT INTO core.conversion (account_key, kind, source_id, at, customer_key, value, currency, counts, load_key)
       VALUES (:google, 'order', '1', '2026-06-01', 1, 10, 'USD', true, 1)""",
    "INSERT INTO core.journey_step (advertiser_key, step, channel) VALUES (1, 'A', 'paid_search')",
    """INSERT INTO core.journey_build (advertiser_key, version, lookback_days, touches, goals, built_at)
       VALUES (1, 1, 30, '{click}', '{order}', '2026-06-02')""",
    "SET LOCAL ROLE causeway_owner",
    "CREATE TABLE core.journey_1 PARTITION OF core.journey FOR VALUES IN (1)",
    "SET LOCAL ROLE causeway_writer",
    """INSERT INTO core.journey (customer_key, kind, ending, advertiser_key, date, began_at, ended_at, touches, path,
                                 value, currency)
       VALUES (1, 'order', 1, 1, '2026-06-01', '2026-06-01', '2026-06-01', 1, 'A', 10, 'USD')""",
    """INSERT INTO core.contact (account_key, contact_id, kind, customer_key, created_at, lead_at, is_deleted, load_key)
       VALUES (:google, '1', 'lead', 1, '2026-06-01', '2026-06-01', false, 1)""",
    """INSERT INTO core.deal (account_key, deal_id, customer_key, stage, amount, currency, created_at, is_won,
                              is_closed,
                              is_deleted, load_key)
       VALUES (:google, '1', 1, 'open', 10, 'USD', '2026-06-01', false, false, false, 1)""",
    """INSERT INTO core.deal_stage (account_key, deal_id, stage, entered_at, load_key)
       VALUES (:google, '1', 'open', '2026-06-01', 1)""",
    """INSERT INTO core.campaign_member (account_key, member_id, campaign_id, contact_id, is_deleted, load_key)
       VALUES (:google, '1', '1', '1', false, 1)""",
    """INSERT INTO core.email_day (account_key, date, campaign_id, sent, load_key)
       VALUES (:google, '2026-06-01', '1', 10, 1)""",
    """INSERT INTO core.organic_day (account_key, date, origin, clicks, load_key)
       VALUES (:google, '2026-06-01', 'organic_search', 10, 1)""",
    """INSERT INTO landing.streamed_event (event_id, account_key, source, name, at)
       VALUES (gen_random_uuid(), :google, 'segment', 'page_view', '2026-06-01')""",
    """INSERT INTO landing.refused_event (account_key, source, code, reason, shape)
       VALUES (:google, 'segment', 'no_name', 'It has no name.', '{}')""",
    """INSERT INTO landing.stream_minute (minute, account_key, source, writer, events, repeated, refused, lag_ms,
                                          longest_lag_ms)
       VALUES (date_trunc('minute', now()), :google, 'segment', gen_random_uuid(), 1, 0, 1, 10, 10)""",
    """INSERT INTO landing.stream_source (account_key, source, load_key, settled_at)
       VALUES (:google, 'segment', 1, now())""",
    """INSERT INTO core.experiment (account_key, experiment_id, name, kind, unit, status, starts_at, stops_at, channels,
                                    is_registered, load_key)
       VALUES (:google, 'dark', 'Dark', 'go_dark', 'time_slot', 'stopped', '2026-06-01', '2026-06-08',
               '["paid_search"]', true, 1)""",
    """INSERT INTO core.experiment_unit (experiment_key, digest)
       SELECT experiment_key, gen_random_uuid() FROM core.experiment WHERE experiment_id = 'dark'""",
    """INSERT INTO core.unit_outcome (experiment_key, unit_key, metric, date, value, load_key)
       SELECT experiment_key, unit_key, 'orders', '2026-06-01', 1, 1
       FROM core.experiment_unit JOIN core.experiment USING (experiment_key) WHERE experiment_id = 'dark'""",
    """INSERT INTO core.moment_build (experiment_key, version, metrics, totals, centers, built_at)
       SELECT experiment_key, 1, '{orders}', '[["orders", "value", null, null], ["orders", "before", null, null]]',
              '{0,0}', now() FROM core.experiment WHERE experiment_id = 'button'""",
    """INSERT INTO core.moment (experiment_key, arm_key, cut, date, units, known, sums, products)
       SELECT experiment_key, arm_key, 'new', '2026-06-01', 1, '{1}', '{1,0}', '{1,0,0}' FROM core.experiment_arm""",
    """INSERT INTO core.half_moment (experiment_key, metric, arm_key, as_of, units, early, late, early_squares,
                                     products, late_squares)
       SELECT experiment_key, 'orders', arm_key, '2026-06-01', 1, 1, 1, 0, 0, 0 FROM core.experiment_arm""",
    """INSERT INTO results.run (job, account_key, parameters, code_version, data_watermark, state)
       VALUES ('experiments', :google, '{}', '1', 1, 'done')""",
    """INSERT INTO results.publication (job, account_key, run_key)
       SELECT job, account_key, run_key FROM results.run WHERE job = 'experiments'""",
    f"""INSERT INTO results.experiment_readout (run_key, experiment_key, units, looks, level, inference, withheld,
                                               health, verdict, words) {_FOUND}, 1, 1, 0.95, 'sequential', false,
               'green', 'open', '' {_OF_IT}""",
    f"""INSERT INTO results.experiment_guard (run_key, experiment_key, place, name, status, words)
       {_FOUND}, 0, 'sample_ratio', 'passed', '' {_OF_IT}""",
    f"""INSERT INTO results.experiment_effect (run_key, experiment_key, place, metric, role, arm_id, control_id, cut,
           units, control_units, mean, control_mean, difference, low, high, method, verdict)
       {_FOUND}, 0, 'orders', 'primary', 'b', 'a', '', 1, 1, 2, 1, 1, 0, 2, 't', 'open' {_OF_IT}""",
    f"""INSERT INTO results.experiment_day (run_key, experiment_key, metric, arm_id, date, units, difference, low, high)
       {_FOUND}, 'orders', 'b', '2026-06-01', 1, 1, 0, 2 {_OF_IT}""",
    f"""INSERT INTO results.experiment_novelty (run_key, experiment_key, metric, arm_id, as_of, units, early, early_low,
           early_high, late, late_low, late_high, change, change_low, change_high, p_value, words)
       {_FOUND}, 'orders', 'b', '2026-06-01', 1, 1, 0, 2, 1, 0, 2, 0, -1, 1, 1, '' {_OF_IT}""",
    f"""INSERT INTO results.lift (run_key, experiment_key, metric, role, method, first_day, last_day, att, incremental,
                                 level, weights, identifies)
       {_FOUND}, 'orders', 'primary', 'its', '2026-06-01', '2026-06-07', 1, 7, 0.9, '{{}}', '' {_OF_IT}""",
    f"""INSERT INTO results.lift_day (run_key, experiment_key, metric, date, actual, counterfactual, is_test)
       {_FOUND}, 'orders', '2026-06-01', 1, 2, true {_OF_IT}""",
    f"""INSERT INTO results.lift_evidence (run_key, place, experiment_key, channel, metric, first_day, last_day, share,
                                          is_dark, against, lift, se, low, high, level, method, identifies)
       SELECT r.run_key, 0, e.experiment_key, 'paid_search', 'orders', '2026-06-01', '2026-06-07', 1, true,
              'no_ads', 7, 1, 5, 9,
              0.9, 'its', '' {_OF_IT}""",
    """INSERT INTO results.run (job, account_key, parameters, code_version, data_watermark, state)
       VALUES ('next_tests', :google, '{}', '1', 1, 'done')""",
    """INSERT INTO results.publication (job, account_key, run_key)
       SELECT job, account_key, run_key FROM results.run WHERE job = 'next_tests'""",
    """INSERT INTO results.next_test
       (run_key, place, advertiser_key, attribution_run_key, goal, channel, rests_on, conversions, low, high, level,
        break_even, spend, currency, chance_wrong, weeks, share, precision, information, test_cost, horizon_weeks,
        words)
       SELECT run_key, 0, 1, run_key, 'order', 'paid_search', 'credit', 1, 0, 2, 0.9, 1, 10, 'USD', 0.5, 4, 0.2, 1, 9,
              1, 13, '' FROM results.run WHERE job = 'next_tests'""",
    """INSERT INTO results.run (job, account_key, parameters, code_version, data_watermark, state)
       VALUES ('uplift', :google, '{}', '1', 1, 'done')""",
    """INSERT INTO results.publication (job, account_key, run_key)
       SELECT job, account_key, run_key FROM results.run WHERE job = 'uplift'""",
    """INSERT INTO results.uplift_readout (run_key, experiment_key, metric, arm_id, control_id, state, better, learner,
                                           days, watermark, level, treated, untreated, judged, scored, value, cost,
                                           words)
       SELECT r.run_key, e.experiment_key, 'orders', 'b', 'a', 'proven', 'higher', 'dr', 7, 1, 0.9, 1, 1, 1, 1, 1, 0, ''
       FROM results.run r CROSS JOIN core.experiment e WHERE r.job = 'uplift' AND e.experiment_id = 'button'""",
    """INSERT INTO results.uplift_check (readout_key, place, experiment_key, name, status, words)
       SELECT readout_key, 0, experiment_key, 'ranking', 'passed', '' FROM results.uplift_readout""",
    """INSERT INTO results.uplift_curve (readout_key, place, experiment_key, share, least, gain, gain_low, gain_high,
                                         rest, rest_low, rest_high)
       SELECT readout_key, 0, experiment_key, 1, 0, 1, 0, 2, 0, 0, 0 FROM results.uplift_readout""",
    """INSERT INTO results.uplift_kind (readout_key, kind, experiment_key, customers, share, predicted, untreated)
       SELECT readout_key, 'persuadable', experiment_key, 1, 1, 1, 1 FROM results.uplift_readout""",
    """INSERT INTO results.uplift_driver (readout_key, place, experiment_key, feature, contribution)
       SELECT readout_key, 0, experiment_key, 'visits', 1 FROM results.uplift_readout""",
    """INSERT INTO results.uplift_score (readout_key, identifier_key, customer_key, advertiser_key, effect, untreated,
                                         kind, reasons, reason_values, reason_effects)
       SELECT readout_key, 1, 1, 1, 1, 1, 'persuadable', '{visits}', '{1}', '{1}' FROM results.uplift_readout""",
    """INSERT INTO ops.audience (account_key, advertiser_key, readout_key, name, value, cost, least, holdout, seed,
                                 customers, held_out, predicted, days, created_by)
       SELECT :google, 1, readout_key, 'Spring', 1, 0, 0, 0.1, 1, 1, 0, 1, 7, 'user:1' FROM results.uplift_readout""",
    """INSERT INTO ops.audience_member (audience_key, identifier_key, customer_key, advertiser_key, effect, is_held_out)
       SELECT audience_key, 1, 1, 1, 1, false FROM ops.audience""",
    """INSERT INTO ops.audience_verification (audience_key, advertiser_key, verified_by, measure, level, treated,
                                              held_out, predicted, found, found_low, found_high, provable, is_kept,
                                              groups, words)
       SELECT audience_key, 1, 'user:1', 'orders', 0.9, 1, 1, 1, 1, 0, 2, 1, true, '[]', '' FROM ops.audience""",
)
_EMPTY_ACCOUNT = """
INSERT INTO core.account (platform, account_id, name, currency, currency_is_stated, time_zone, time_zone_is_stated)
VALUES ('x_ads', 'quiet', 'Quiet', 'USD', true, 'UTC', true) RETURNING account_key
"""


def count(warehouse, reader, table_name):
    with warehouse.reading(reader) as session:
        return session.execute(text(f"SELECT count(*) FROM {table_name}")).scalar_one()


def test_every_table_is_under_a_policy_or_public_or_never_read(full):
    with full.reading(EVERYTHING) as session:
        tables = session.execute(
            text(
                """SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE n.nspname IN ('core', 'landing', 'results', 'ops') AND c.relkind IN ('r', 'p')
                     AND NOT c.relispartition AND c.relname <> 'alembic_version'"""
            )
        ).scalars()
        assert set(tables) == {*POLICIES, *PUBLIC_TABLES, *_OPERATIONS, *_PERSONAL}


@pytest.mark.parametrize("name", POLICIES)
def test_every_table_has_rows_that_only_some_may_see(full, name):
    everything = count(full, EVERYTHING, name)
    assert everything > 0, "there is nothing to hide"
    assert count(full, OUTSIDER, name) == (1 if name == "core.account" else 0)
    assert count(full, Reader("user:0", "nobody"), name) == 0
    mine = count(full, GOOGLE_ONLY, name)
    assert (mine > 0) == (name not in _NOT_GOOGLES)
    assert (mine < everything) == (name not in _ONLY_GOOGLES)


_NOT_GOOGLES = {
    "core.ad_group", "core.ad", "core.keyword", "core.performance_version", "core.order_day", "core.web_session_day",
    "landing.rejected_row", "landing.column_mapping", "core.advertiser", "core.customer", "core.touched_customer",
    "core.journey", "core.journey_step", "core.journey_build", "results.attribution_result",
    "results.attribution_input", "results.attribution", "results.attribution_day", "results.attribution_path",
    "results.attribution_agreement", "results.next_test", "results.mix_fit", "results.mix_channel",
    "results.mix_series", "results.mix_curve", "results.mix_draws", "results.mix_finding", "results.mix_lift",
    "results.mix_move", "results.uplift_score", "ops.audience", "ops.audience_member", "ops.audience_verification",
    "results.allocation", "results.allocation_line", "results.allocation_budget", "ops.scenario",
    "ops.scenario_line", "ops.scenario_binding", "ops.scenario_week", "ops.scenario_score",
    "ops.scenario_score_line",
}  # fmt: skip
_ONLY_GOOGLES = {
    "core.moment_build",
    "core.moment",
    "core.half_moment",
    "results.experiment_readout",
    "results.experiment_guard",
    "results.experiment_effect",
    "results.experiment_day",
    "results.experiment_novelty",
    "results.lift",
    "results.lift_day",
    "results.lift_evidence",
    "results.uplift_readout",
    "results.uplift_curve",
    "results.uplift_kind",
    "results.uplift_driver",
    "results.uplift_check",
    "core.image",
    "core.experiment",
    "core.experiment_arm",
    "core.experiment_metric",
    "core.experiment_unit",
    "core.assignment",
    "core.exposure",
    "core.unit_outcome",
    "core.touchpoint",
    "core.web_event",
    "core.web_session",
    "core.shop_order",
    "core.conversion",
    "core.contact",
    "core.deal",
    "core.deal_stage",
    "core.campaign_member",
    "core.email_day",
    "landing.streamed_event",
    "landing.refused_event",
    "landing.stream_minute",
    "landing.stream_source",
    "core.organic_day",
    "results.run",
    "results.publication",
    "results.estimate",
    "ops.job",
}


@pytest.mark.parametrize("view", [v.name for v in build.views()])
def test_every_view_shows_another_accounts_reader_nothing(full, view):
    everything, outside = count(full, EVERYTHING, f"mart.{view}"), count(full, OUTSIDER, f"mart.{view}")
    if view in PUBLIC_VIEWS:
        assert outside == everything
        return
    assert everything > 0, "there is nothing to hide"
    assert outside == (1 if view == "account" else 0)  # its own account, and nothing of the others


def test_raw_rows_of_a_file_with_several_accounts_are_for_those_who_see_them_all(full):
    """The rejected row may be of either account, so a reader of one of them does not get to read it."""
    with full.writing() as session:
        key = session.execute(text("SELECT account_key FROM core.account WHERE account_id = '1'")).scalar_one()
        session.execute(
            text("INSERT INTO ops.account_grant (reader, account_key, role) VALUES ('user:79', :key, 'viewer')"),
            {"key": key},
        )
    reader = Reader("user:79", "reads one of the two accounts of a file")
    assert count(full, reader, "mart.load") > 0
    assert count(full, reader, "mart.rejected_row") == 0
    assert count(full, EVERYTHING, "mart.rejected_row") > 0


# One set of arguments for every read; what has none here fails the test below.
ARGUMENTS = {
    "campaigns.campaigns": {"filter_": PERIOD, "order": Order()},
    "cohorts.cohort_retention": {"currency": "USD"},
    "creatives.creative": {"creative_key": 1},
    "creatives.creative_days": {"creative_key": 2},
    "creatives.creatives": {},
    "creatives.image": {"digest": "ab"},
    "experiment_moments.currency_of": {"account_key": 1},
    "experiment_moments.early_exposures": {"experiment_key": 1},
    "experiment_moments.experiments_of": {"account_key": 1},
    "experiment_moments.half_moments": {"experiment_key": 1},
    "experiment_moments.kept_moments": {"experiment_key": 1},
    "region_days.region_days": {"experiment_key": 1},
    "experiment_moments.unclustered_units": {"experiment_key": 1},
    "experiment_moments.unexposed_units": {"experiment_key": 1},
    "unit_totals.unit_totals": {"experiment_key": 1, "metric": "orders", "cut_by": "orders"},
    "experiment_readouts.effect_days": {"experiment_key": 1},
    "experiment_readouts.effects": {"experiment_key": 1},
    "experiment_readouts.guards": {"experiment_key": 1},
    "experiment_readouts.headlines": {"experiment_keys": [1]},
    "experiment_readouts.lift_days": {"experiment_key": 1},
    "experiment_readouts.lift_evidence": {"experiment_key": 1},
    "experiment_readouts.lifts": {"experiment_key": 1},
    "experiment_readouts.novelty": {"experiment_key": 1},
    "experiment_readouts.readouts": {"experiment_keys": [1]},
    "experiments.arm_days": {"experiment_key": 1},
    "experiments.arms": {"experiment_key": 1},
    "experiments.experiment": {"experiment_key": 1},
    "experiments.experiments": {},
    "experiments.find_experiment": {"named": "button"},
    "experiments.geo_days": {"experiment_key": 1},
    "experiments.metrics": {"experiment_key": 1},
    "experiments.outcome_days": {"experiment_key": 1},
    "experiments.planned_arms": {"experiment_key": 1},
    "channel_tests.conversions_between": {
        "account_key": 1,
        "first": datetime(2026, 1, 1, tzinfo=UTC).date(),
        "last": datetime(2026, 12, 31, tzinfo=UTC).date(),
    },
    "mix.mix_channels": {"fit_key": 2},
    "mix.mix_contributions": {"fit_key": 2},
    "mix.mix_draws": {"fit_key": 2},
    "mix.mix_findings": {"fit_key": 2},
    "mix.mix_fit": {"fit_key": 2},
    "mix.mix_fits": {},
    "mix.mix_lifts": {"fit_key": 2},
    "mix.mix_moves": {"fit_key": 2},
    "mix.published_before": {"account_key": 1, "outcome": "revenue", "goal": "order"},
    "mix.response_curves": {"fit_key": 2},
    "mix.spending_account": {},
    "mix_inputs.channel_evidence": {"advertiser_key": 1},
    "mix_inputs.channel_weeks": {"window": WEEKS},
    "mix_inputs.email_weeks": {"window": WEEKS},
    "mix_inputs.goals_of": {"advertiser_key": 1},
    "mix_inputs.holiday_weeks": {"window": WEEKS, "country": "US"},
    "mix_inputs.known_weeks": {"advertiser_key": 1, "goal": ConversionKind.order, "currency": "USD"},
    "mix_inputs.outcome_weeks": {"window": WEEKS},
    "next_tests.last_tested": {"advertiser_key": 1},
    "next_tests.next_tests": {},
    "uplift.customers_above": {"readout_key": 1, "least": 0.0},
    "uplift.scored_kinds": {"readout_key": 1},
    "uplift.scores_of_customer": {"customer_key": 1},
    "uplift.uplift_checks": {"readout_key": 1},
    "uplift.uplift_curve": {"readout_key": 1},
    "uplift.uplift_drivers": {"readout_key": 1},
    "uplift.uplift_kinds": {"readout_key": 1},
    "uplift.uplift_readout": {"readout_key": 1},
    "uplift.uplift_readouts": {},
    "uplift.uplift_scores": {"readout_key": 1},
    "uplift_inputs.advertiser_of": {"account_key": 1},
    "uplift_inputs.customer_features": {"before": BEFORE},
    "uplift_inputs.newest_load": {"advertiser_key": 1},
    "uplift_inputs.source_spans": {"advertiser_key": 1},
    "uplift_inputs.trial_customers": {"experiment_key": 1, "metric": "orders"},
    "uplift_inputs.trial_span": {"experiment_key": 1},
    "uplift_inputs.worth_of_order": {"before": BEFORE},
    "audiences.audience": {"audience_key": 1},
    "audiences.audience_members": {"audience_key": 1},
    "audiences.audiences": {},
    "audiences.everybody_of": {"audience_key": 1},
    "audiences.find_audience": {"named": "Spring"},
    "audiences.members_to_treat": {"audience_key": 1},
    "audiences.realised": {
        "audience": AUDIENCE,
        "counted": "orders",
        "first": date(2026, 6, 1),
        "last": date(2026, 6, 2),
    },
    "budget.allocation_lines": {"allocation_key": 1},
    "budget.allocations": {},
    "budget.budget_frontier": {"allocation_key": 1},
    "budget.find_scenario": {"named": "Bold"},
    "budget.scenario": {"scenario_key": 1},
    "budget.scenario_lines": {"scenario_key": 1},
    "budget.scenario_rules": {"scenario_key": 1},
    "budget.scenario_weeks": {"scenario_key": 1},
    "budget.scenarios": {},
    "budget_inputs.campaign_spends": {"fit": FIT, "days": 28},
    "budget_inputs.fit_of_account": {"account_key": 1},
    "budget_inputs.outcome_between": {"fit_key": 1, "first": date(2025, 1, 1), "last": date(2026, 12, 31)},
    "budget_inputs.published_fits": {},
    "budget_inputs.stored_draws": {"fit_key": 1},
    "budget_inputs.stored_fit": {"fit_key": 1},
    "budget_inputs.weekly_spends": {"fit_key": 1},
    "commerce.orders": {"filter_": PERIOD},
    "commerce.conversion_days": {"filter_": PERIOD},
    "commerce.email_days": {"filter_": PERIOD},
    "commerce.organic_days": {"filter_": PERIOD},
    "crm.deals": {},
    "crm.stage_summaries": {},
    "attribution.agreement": {"run": CREDITED},
    "attribution.attribution_run": {"run_key": 2, "goal": ConversionKind.order},
    "attribution.attribution_runs": {},
    "attribution.credit_days": {"run": CREDITED, "model": "last", "dated": "touch"},
    "attribution.credited": {"run": CREDITED},
    "attribution.credited_paths": {"run": CREDITED, "model": "last"},
    "attribution.published_attribution": {"filter_": PERIOD},
    "attribution_cost.names_of": {"grain": "campaign", "keys": set(range(1, 20))},
    "attribution_cost.spend_by": {"window": JOURNEYS, "grain": "channel"},
    "attribution_store.stored_inputs": {"run_key": 2, "goal": ConversionKind.order},
    "channel_tests.channel_tests": {"advertiser_key": 1, "goal": ConversionKind.order},
    "path_counts.converting_touches": {"window": JOURNEYS, "touches": ("click",)},
    "path_counts.journey_store": {"account_key": 1},
    "path_counts.journey_stores": {},
    "path_counts.path_counts": {"window": JOURNEYS},
    "estimation.reported_days": {"account_key": 1},
    "funnel.channel_funnel": {"filter_": PERIOD},
    "journeys.journey_state": {"filter_": PERIOD},
    "journeys.journey_totals": {"filter_": PERIOD, "goal": ConversionKind.order},
    "journeys.path_lengths": {"filter_": PERIOD, "goal": ConversionKind.order},
    "journeys.step_flows": {"filter_": PERIOD, "goal": ConversionKind.order},
    "journeys.time_to_convert": {"filter_": PERIOD, "goal": ConversionKind.order},
    "journeys.top_paths": {"filter_": PERIOD, "goal": ConversionKind.order},
    "live.minutes": {},
    "live.newest_events": {},
    "live.refused_events": {},
    "live.sources": {},
    "live.today": {},
    "load_details.findings_of": {"load_keys": [*range(1, 20)], "limit": 5},
    "load_details.rejected_rows_of": {"load_keys": [*range(1, 20)], "limit": 5},
    "loads.changes_since": {"since": datetime(2020, 1, 1, tzinfo=UTC)},
    "loads.findings": {},
    "loads.freshness": {},
    "loads.load": {"load_key": 1},
    "loads.loads": {},
    "loads.rejected_rows": {"load_key": 3},
    "customers.advertisers": {},
    "accounts.find_account": {"named": "1112223333"},
    "overview.breakdown": {"filter_": PERIOD, "by": "campaign"},
    "overview.totals": {"filter_": PERIOD},
    "overview.trend": {"filter_": PERIOD},
    "overview.totals_and_trend": {"filter_": PERIOD},
    "rows.campaign_days": {"filter_": PERIOD},
    "scope.read_scope": {},
    "tables.ask": {"sql": "SELECT * FROM mart.campaign_daily"},
    "taxonomy.column_meanings": {},
    "taxonomy.channels": {},
    "web.sessions_by_day": {"filter_": PERIOD},
    "web.touchpoints_by_day": {"filter_": PERIOD},
}
PUBLIC_READS = {"taxonomy.channels", "mix_inputs.holiday_weeks"}


def reads():
    """Every public function of warehouse/queries that takes a reader's session."""
    found = {}
    for module in pkgutil.iter_modules(warehouse.queries.__path__):
        loaded = import_module(f"warehouse.queries.{module.name}")
        for name, function in inspect.getmembers(loaded, inspect.isfunction):
            parameters = inspect.signature(function, eval_str=True).parameters
            first = next(iter(parameters.values()), None)
            own = function.__module__ == loaded.__name__ and not name.startswith("_")
            if (
                own
                and first is not None
                and ReadSession in (first.annotation, *getattr(first.annotation, "__args__", ()))
            ):
                found[f"{module.name}.{name}"] = function
    return found


READS = reads()
HELPERS = {"amounts.fetch", "copied.copied"}  # take the SQL of the reads above


@pytest.mark.parametrize("name", sorted(READS.keys() - HELPERS))
def test_every_query_gives_another_accounts_reader_nothing(full, name):
    with full.reading(EVERYTHING) as session:
        assert not _is_nothing(READS[name](session, **ARGUMENTS[name])), "there is nothing to hide"
    with full.reading(OUTSIDER) as session:
        try:
            answer = READS[name](session, **ARGUMENTS[name])
        except NotFound:
            return
        assert name in PUBLIC_READS or _is_nothing(answer), answer


def _is_nothing(answer):
    """Whether an answer holds no number and no name of any account but the outsider's own."""
    match answer:
        case None:
            return True
        case pd.DataFrame():
            return answer.empty or bool(answer[[c for c in answer.columns if c in _NUMBERS]].isna().all(axis=None))
        case pl.DataFrame():
            return answer.is_empty()
        case tuple() if all(isinstance(part, pl.DataFrame) for part in answer):
            return False  # the frames of a run that is seen
        case tuple():
            return all(_is_nothing(part) for part in answer)
        case [Minute(), *_]:
            return not any(minute.events or minute.repeated or minute.refused for minute in answer)
        case list() | dict():
            values = answer.values() if isinstance(answer, dict) else answer
            return all(isinstance(v, list) and not v for v in values)
        case 0:
            return True
        case int() | Decimal() | JourneyStore():
            return False
        case TrialCustomers():
            return not answer.units
    if hasattr(answer, "current"):
        return all(v is None for v in answer.current.values()) and answer.previous is None
    if hasattr(answer, "accounts"):
        return [a.account_id for a in answer.accounts] in ([], ["quiet"]) and not answer.platforms
    if hasattr(answer, "goals"):
        return not (answer.goals or answer.waiting)
    if hasattr(answer, "null_paths"):
        return not (answer.conversions or answer.null_paths or answer.nobodys or answer.value)
    if hasattr(answer, "batches"):
        return not any(answer.batches)
    if hasattr(answer, "rows"):
        return not answer.rows
    return False


_NUMBERS = {"spend", "revenue", "conversions", "impressions", "clicks", "roas", "old_spend", "first_day"}


@pytest.mark.parametrize("by", Dimension.__args__)
def test_every_breakdown_gives_another_accounts_reader_nothing(full, by):
    with full.reading(OUTSIDER) as session:
        assert READS["overview.breakdown"](session, PERIOD, by).empty


@pytest.fixture
def bi(full):
    """An engine of a BI tool that may read the Google account."""
    with full.writing() as session:
        create_login(session, "bi_of_the_tests", "a long password", statement_timeout=30)
        session.execute(
            text(
                """INSERT INTO ops.account_grant (reader, account_key, role)
                   SELECT 'login:bi_of_the_tests', account_key, 'viewer' FROM core.account
                   WHERE account_id = '1112223333'"""
            )
        )
    url = full.engine.url.set(username="bi_of_the_tests", password="a long password")
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()
    with full.writing() as session:
        drop_login(session, "bi_of_the_tests")


def ask(engine, *statements):
    with engine.connect() as connection:
        for statement in statements:
            answer = connection.execute(text(statement))
        return answer.all() if answer.returns_rows else None


def test_a_bi_log_in_sees_its_accounts_in_every_view(bi, full):
    assert ask(bi, "SELECT DISTINCT account_id FROM mart.campaign_daily") == [("1112223333",)]
    assert ask(bi, "SELECT DISTINCT account_id FROM campaign_daily") == [("1112223333",)]
    for view in build.views():
        seen = ask(bi, f"SELECT count(*) FROM mart.{view.name}")[0][0]
        assert seen == count(full, GOOGLE_ONLY, f"mart.{view.name}"), view.name


@pytest.mark.parametrize(
    "setting",
    [
        "SET causeway.reader = 'user:1'",
        "SELECT set_config('causeway.reader', 'user:1', false)",
        "SET row_security = off",
        "SET session_replication_role = replica",
        "SET ROLE causeway_app",
        "SET ROLE causeway_owner",
        "SET SESSION AUTHORIZATION postgres",
    ],
)
def test_no_session_variable_changes_what_a_bi_log_in_sees(bi, setting):
    try:
        accounts = ask(bi, setting, "SELECT DISTINCT account_id FROM mart.campaign_daily")
    except DBAPIError as error:
        refused = error.orig
    else:
        assert accounts == [("1112223333",)]
        return
    assert isinstance(refused, psycopg2.errors.InsufficientPrivilege)


@pytest.mark.parametrize("name", [*POLICIES, *PUBLIC_TABLES, *_OPERATIONS, "ops.alembic_version"])
def test_a_bi_log_in_reads_no_table(bi, name):
    schema, _, relation = name.partition(".")
    with pytest.raises(DBAPIError) as refused:
        ask(bi, f'SELECT * FROM {schema}."{relation}" LIMIT 1')
    assert isinstance(refused.value.orig, psycopg2.errors.InsufficientPrivilege)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT core.ensure_partitions('2030-01-01', '2030-01-02')",
        "CREATE TABLE mart.mine (a int)",
        "CREATE TABLE public.mine (a int)",
        "CREATE TEMPORARY TABLE mine (a int)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION mart.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE OR REPLACE VIEW mart.campaign AS SELECT 1 AS a",
        "DROP VIEW mart.campaign",
        "DELETE FROM mart.campaign_daily",
        "UPDATE mart.account SET account_name = 'mine'",
        "INSERT INTO mart.calendar (date_day) VALUES ('2030-01-01')",
        "ALTER ROLE bi_of_the_tests SUPERUSER",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT pg_read_file('postgresql.conf')",
    ],
)
def test_a_bi_log_in_changes_nothing(bi, statement):
    # Its sessions begin as read-only, which it may turn off; its rights it may not.
    with pytest.raises(DBAPIError) as refused:
        ask(bi, "SET default_transaction_read_only = off", statement)
    expected = (psycopg2.errors.InsufficientPrivilege, psycopg2.errors.ObjectNotInPrerequisiteState)
    assert isinstance(refused.value.orig, expected), refused.value


def test_a_new_log_in_sees_nothing_until_it_is_granted_an_account(full):
    with full.writing() as session:
        create_login(session, "bi_without_accounts", "a long password", statement_timeout=30)
    engine = create_engine(full.engine.url.set(username="bi_without_accounts"), poolclass=NullPool)
    try:
        assert ask(engine, "SELECT count(*) FROM mart.account") == [(0,)]
        assert ask(engine, "SELECT count(*) FROM mart.kpi")[0][0] > 10
    finally:
        engine.dispose()
        with full.engine.begin() as connection:
            connection.execute(text("DROP ROLE bi_without_accounts"))


@pytest.mark.parametrize(
    "statement", ["UPDATE ops.audit SET actor = 'nobody'", "DELETE FROM ops.audit", "TRUNCATE ops.audit"]
)
@pytest.mark.parametrize("role", ["causeway_writer", "causeway_owner", "the log-in itself"])
def test_the_audit_is_append_only_for_everybody(full, statement, role):
    with full.engine.connect() as connection, connection.begin() as transaction:
        connection.execute(text("INSERT INTO ops.audit (actor, action, subject) VALUES ('user:1', 'a', 'b')"))
        if role.startswith("causeway"):
            connection.execute(text(f"SET LOCAL ROLE {role}"))
        with pytest.raises(DBAPIError, match="append-only|permission denied"):
            connection.execute(text(statement))
        transaction.rollback()


def test_reading_is_held_to_reading_by_postgresql(full):
    with full.reading(EVERYTHING) as session, pytest.raises(DBAPIError, match="read-only"):
        session.execute(text("DELETE FROM core.performance"))
