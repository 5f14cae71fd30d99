"""Keeping journeys: built whole once, then anew for the customers whose touchpoints or conversions changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.events.everybody import build_everybody
from warehouse.events.inputs import Inputs
from warehouse.events.touched import build_touched
from warehouse.schema.events import TouchKind

VERSION: Final = 1  # grows when the same events would make other journeys

# Looking a customer up costs about as much as building ten journeys of everybody's in one go. Few are cheap anyhow.
_CUSTOMERS_FEW: Final = 1_000
_JOURNEYS_A_LOOK_UP: Final = 10


@dataclass(frozen=True, slots=True)
class Rules:
    """What a journey is made of: touches of these kinds, at most so many days before the conversion."""

    lookback_days: int = 30
    # An opened e-mail is mostly a mail program's doing.
    touches: tuple[TouchKind, ...] = (TouchKind.impression, TouchKind.click, TouchKind.visit, TouchKind.email_click)


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did. ``customers`` were built anew, None: all of them. ``journeys`` is how many that made."""

    customers: int | None
    journeys: int


def build_journeys(session: WriteSession, advertiser_key: int, rules: Rules) -> Built:
    """Bring an advertiser's journeys up to date, in the caller's transaction.

    Another build of the same advertiser is waited for. Writers of events are not: what they commit meanwhile stays in
    the queue for the next time.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(7203005, :advertiser)"), {"advertiser": advertiser_key})
    inputs = _inputs(session, advertiser_key, rules)
    if _stands(inputs) and not _most_are_touched(inputs):
        customers, journeys = build_touched(inputs)
        built = Built(customers, journeys)
    else:
        built = Built(None, build_everybody(inputs))
    inputs.execute(_NOTE, version=VERSION, touches=sorted(inputs.touches), goals=list(inputs.goals))
    return built


def remove_journeys(session: WriteSession, advertiser_key: int, customers: Collection[int]) -> int:
    """Take the journeys of customers out at once, for people who are deleted; how many there were."""
    values = {"advertiser": advertiser_key, "customers": list(customers)}
    count: int = session.execute(text(_REMOVE_CUSTOMERS), values).rowcount  # type: ignore[attr-defined]  # a cursor's
    return count


def advertiser_of(session: WriteSession, account_key: int) -> int:
    """Whose account it is."""
    sql = "SELECT advertiser_key FROM core.account WHERE account_key = :account"
    return int(session.execute(text(sql), {"account": account_key}).scalar_one())


def is_due(session: WriteSession, account_key: int) -> bool:
    """Whether customers of the account's advertiser were touched since its journeys were built."""
    return bool(session.execute(text(_DUE), {"account": account_key}).scalar_one())


def _inputs(session: WriteSession, advertiser_key: int, rules: Rules) -> Inputs:
    found = session.execute(text(_INPUTS), {"advertiser": advertiser_key}).one()
    return Inputs(
        session, advertiser_key, tuple(found.accounts), tuple(found.goals), rules.touches, rules.lookback_days
    )


def _stands(inputs: Inputs) -> bool:
    """Whether what is there was built by the same rules and for the same goals."""
    state = inputs.execute(_STATE).one_or_none()
    return state is not None and (state.version, state.lookback_days, state.touches, state.goals) == (
        VERSION, inputs.lookback_days, ",".join(sorted(inputs.touches)), ",".join(inputs.goals),
    )  # fmt: skip


def _most_are_touched(inputs: Inputs) -> bool:
    """Whether so many customers were touched that to build everybody's journeys is less work."""
    found = inputs.execute(_HOW_MANY).one()
    return bool(found.touched > max(_CUSTOMERS_FEW, found.standing / _JOURNEYS_A_LOOK_UP))


_DUE = """
SELECT EXISTS (SELECT FROM core.touched_customer t JOIN core.account a ON a.advertiser_key = t.advertiser_key
               WHERE a.account_key = :account)
"""

# A goal is a kind of conversion that there is one of. Without any, everything that people met led to no order. They
# come in the order of an index: else all conversions would be looked through for a kind that there is none of.
_INPUTS = """
SELECT coalesce(array_agg(a.account_key ORDER BY a.account_key), '{}') AS accounts, coalesce((
    SELECT array_agg(DISTINCT k.kind::text) FROM unnest(enum_range(NULL::core.conversion_kind)) AS k (kind)
    JOIN core.account b ON b.advertiser_key = :advertiser
    CROSS JOIN LATERAL (
        SELECT FROM core.conversion c WHERE c.account_key = b.account_key AND c.kind = k.kind AND c.counts
        ORDER BY c.account_key, c.kind, c.source_id LIMIT 1) c), '{order}') AS goals
FROM core.account a WHERE a.advertiser_key = :advertiser
"""

_STATE = """
SELECT version, lookback_days, array_to_string(goals, ',') AS goals,
       (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM unnest(touches) t) AS touches
FROM core.journey_build WHERE advertiser_key = :advertiser
"""

# The journeys are those that the last ANALYZE saw: of a build of everybody, or of autovacuum.
_HOW_MANY = """
SELECT (SELECT count(DISTINCT customer_key) FROM core.touched_customer WHERE advertiser_key = :advertiser) AS touched,
       (SELECT coalesce(sum(greatest(c.reltuples, 0)), 0)
        FROM pg_partition_tree(to_regclass('core.journey_' || CAST(:advertiser AS int))) p
        JOIN pg_class c ON c.oid = p.relid WHERE p.isleaf) AS standing
"""

_REMOVE_CUSTOMERS = """
DELETE FROM core.journey
WHERE advertiser_key = :advertiser AND customer_key = ANY (CAST(:customers AS bigint[]))
"""

_NOTE = """
INSERT INTO core.journey_build (advertiser_key, version, lookback_days, touches, goals, built_at)
VALUES (:advertiser, :version, :lookback, CAST(:touches AS core.touch_kind[]), CAST(:goals AS core.conversion_kind[]),
        now())
ON CONFLICT (advertiser_key) DO UPDATE SET
    version = excluded.version, lookback_days = excluded.lookback_days, touches = excluded.touches,
    goals = excluded.goals, built_at = excluded.built_at
"""
