"""A web property, and a way to bring events to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, text

from warehouse.sessions import Warehouse
from warehouse.settings import Settings
from warehouse.stream.inbox import Arrived, Receipt, Writer, accept
from warehouse.stream.messages import read_message
from warehouse.stream.settle import settle

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def warehouse(settings: Settings, engine: Engine) -> Warehouse:
    return Warehouse(settings, engine)


@pytest.fixture
def account(warehouse: Warehouse) -> int:
    """A new property in euros on Berlin's clock, of an advertiser of its own."""
    with warehouse.writing() as session:
        return int(
            session.execute(
                text(
                    """WITH whose AS (
                        INSERT INTO core.advertiser (name) VALUES (gen_random_uuid()::text) RETURNING advertiser_key)
                    INSERT INTO core.account (advertiser_key, platform, account_id, name, currency,
                                              currency_is_stated, time_zone, time_zone_is_stated)
                    SELECT advertiser_key, 'ga4', gen_random_uuid()::text, 'Shop', 'EUR', true, 'Europe/Berlin', true
                    FROM whose RETURNING account_key"""
                )
            ).scalar_one()
        )


@pytest.fixture
def bring(warehouse: Warehouse, account: int) -> Callable[..., Receipt]:
    """Accept messages that arrive at noon, and settle them."""
    writer = Writer()

    def bring(*messages: Any, at: dt.datetime = NOON) -> Receipt:
        arrived = []
        for message in messages:
            events, refusals = read_message(message, account, at)
            arrived.append(Arrived(account, "segment", at, events, refusals))
        with warehouse.writing() as session:
            receipts = accept(session, writer, arrived)
        while settle(warehouse):
            pass
        return Receipt(*(sum(getattr(r, n) for r in receipts) for n in ("accepted", "repeated", "refused")))

    return bring


@pytest.fixture
def rows(warehouse: Warehouse, account: int) -> Callable[..., list[Any]]:
    """Ask the warehouse as itself; ``:account`` is the property."""

    def ask(sql: str, **parameters: Any) -> list[Any]:
        with warehouse.writing() as session:
            return list(session.execute(text(sql), {"account": account, **parameters}))

    return ask
