"""What a run found of whom a coupon changes, written as rows; whoever has an even key orders tomorrow."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from warehouse.engine import WriteSession

CUSTOMERS: Final = 400


def write_uplift_rows(session: WriteSession) -> int:
    """Make an account, its experiment with run, read-out and scores, and orders of tomorrow; the read-out's key.

    Scores go down with the key from 0.4 to -0.2; whoever has an even key orders tomorrow.
    """
    account_key, key = int(session.execute(text(_ACCOUNT)).scalar_one()), 0
    for statement in _STATEMENTS:
        found = session.execute(text(statement), {"account": account_key, "customers": CUSTOMERS})
        if statement is _READOUT:
            key = int(found.scalar_one())
    return key


_ACCOUNT: Final = """
INSERT INTO core.account (platform, account_id, name, currency, currency_is_stated, time_zone, time_zone_is_stated)
VALUES ('experiments', 'spring', 'Tests', 'USD', true, 'UTC', true) RETURNING account_key
"""
_READOUT: Final = """
INSERT INTO results.uplift_readout
    (run_key, experiment_key, metric, arm_id, control_id, state, better, learner, first_day, days, lookback_days,
     scored_on, watermark, level, treated, untreated, judged, scored, value, cost, currency, margin, usual, effect,
     effect_low, effect_high, qini, qini_low, qini_high, autoc, autoc_low, autoc_high, auuc, auuc_low, auuc_high, words)
SELECT max(r.run_key), max(e.experiment_key), 'orders', 'coupon', 'control', 'proven', 'higher', 'dr', '2026-03-01', 1,
       180, '2026-05-22', 1, 0.9, 1000, 1000, 1000, :customers, 40, 4, 'USD', 0.1, 0.5, 0.1, 0.05, 0.15, 0.03, 0.02,
       0.04, 0.1, 0.05, 0.15, 0.09, 0.07, 0.11, 'Customers with higher scores respond more.'
FROM results.run r CROSS JOIN core.experiment e WHERE r.job = 'uplift' AND e.experiment_id = 'coupon'
RETURNING readout_key
"""
_OF_IT: Final = """FROM results.uplift_readout r JOIN results.run u ON u.run_key = r.run_key"""

_STATEMENTS: Final = (
    """INSERT INTO core.experiment (account_key, experiment_id, name, kind, unit, status, starts_at, is_registered,
                                    load_key)
       VALUES (:account, 'coupon', 'Spring coupon', 'ab', 'user', 'stopped', '2026-03-01', true, 1)""",
    """INSERT INTO results.run (job, account_key, parameters, code_version, data_watermark, state)
       VALUES ('uplift', :account, '{}', '1', 1, 'done')""",
    """INSERT INTO results.publication (job, account_key, run_key)
       SELECT job, account_key, run_key FROM results.run WHERE job = 'uplift'""",
    _READOUT,
    f"""INSERT INTO results.uplift_check (readout_key, place, experiment_key, name, status, words)
        SELECT r.readout_key, 0, r.experiment_key, 'ranking', 'passed', 'It ranks.' {_OF_IT}""",
    f"""INSERT INTO results.uplift_curve (readout_key, place, experiment_key, share, least, gain, gain_low, gain_high,
                                          rest, rest_low, rest_high)
        SELECT r.readout_key, s - 1, r.experiment_key, s / 50.0, 0.4 - 0.6 * s / 50, g, g - 0.02, g + 0.02,
               0.1 - g, 0.08 - g, 0.12 - g
        {_OF_IT} CROSS JOIN generate_series(1, 50) s
        CROSS JOIN LATERAL (SELECT 0.4 * s / 50 - 0.3 * (s / 50.0) ^ 2 AS g) c""",
    f"""INSERT INTO results.uplift_kind (readout_key, kind, experiment_key, customers, share, predicted, untreated,
                                         found, found_low, found_high)
        SELECT r.readout_key, k, r.experiment_key, 250, 0.25, e, 0.5, e, e - 0.1, e + 0.1
        {_OF_IT} CROSS JOIN (VALUES ('persuadable', 0.3), ('sure thing', 0.05), ('lost cause', 0.0),
                                    ('sleeping dog', -0.15)) v (k, e)""",
    f"""INSERT INTO results.uplift_driver (readout_key, place, experiment_key, feature, contribution, direction)
        SELECT r.readout_key, p, r.experiment_key, f, c, d
        {_OF_IT} CROSS JOIN (VALUES (0, 'emails_opened', 0.1, 1.0), (1, 'orders', 0.05, -0.8)) v (p, f, c, d)""",
    """INSERT INTO core.customer (customer_key, advertiser_key)
       SELECT k, 1 FROM generate_series(1, :customers) k ON CONFLICT DO NOTHING""",
    f"""INSERT INTO results.uplift_score (readout_key, identifier_key, customer_key, advertiser_key, effect, untreated,
                                          kind, reasons, reason_values, reason_effects)
        SELECT r.readout_key, k, k, 1, 0.4 - 0.6 * k / :customers, 0.5,
               CASE WHEN k < 200 THEN 'persuadable' WHEN k < 300 THEN 'sure thing' ELSE 'sleeping dog' END,
               '{{emails_opened,orders}}', '{{3,NULL}}', '{{0.1,-0.02}}'
        {_OF_IT} CROSS JOIN generate_series(1, :customers) k""",
    """INSERT INTO core.shop_order (account_key, order_id, at, customer_key, revenue, is_test, load_key)
       SELECT :account, 'later-' || k, date_trunc('day', now()) + interval '36 hours', k, 40, false, 1
       FROM generate_series(2, :customers, 2) k""",
)
