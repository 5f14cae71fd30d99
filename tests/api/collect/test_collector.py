"""The queue behind the door: turned away before anything is taken, one bad sender alone, nothing left behind."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
import uuid
from typing import Any

import pytest
from sqlalchemy import text

from api.collect import collector as collecting
from api.collect.collector import Collector
from api.refusals import TooMany
from warehouse.outages import outage_of
from warehouse.sessions import Warehouse
from warehouse.stream.events import StreamEvent
from warehouse.stream.inbox import Arrived, Receipt


def event(name: str = "page_view") -> StreamEvent:
    return StreamEvent(uuid.uuid4().hex, name, None, {"client": "visitor"})


def arrived(account: int, *events: StreamEvent) -> Arrived:
    return Arrived(account, "segment", dt.datetime.now(dt.UTC), events)


def test_what_is_beyond_the_queue_is_turned_away_and_the_rest_is_written(
    warehouse: Warehouse, property_key: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()
    accept = collecting.accept

    def slowly(*args: Any) -> list[Receipt]:
        gate.wait(20)
        return accept(*args)

    monkeypatch.setattr(collecting, "accept", slowly)
    collector = Collector(warehouse, 10, lambda: None)
    collector.start()

    async def send() -> tuple[list[Receipt | BaseException], int]:
        sent = [asyncio.create_task(collector.take(arrived(property_key, event("shed")))) for _ in range(20)]
        await asyncio.sleep(0.2)
        turned_away = sum(task.done() for task in sent)
        gate.set()
        return await asyncio.gather(*sent, return_exceptions=True), turned_away

    answers, turned_away = asyncio.run(send())
    collector.stop()
    refused = [a for a in answers if isinstance(a, TooMany)]
    assert len(refused) == turned_away == 15  # a request costs one more than its events
    assert all(error.retry_after >= 1 for error in refused)
    with warehouse.writing() as session:
        written = session.execute(text("SELECT count(*) FROM landing.streamed_event WHERE name = 'shed'")).scalar_one()
    assert written == 20 - len(refused)
    assert collector.waiting == 0


def test_one_sender_that_cannot_be_written_harms_no_other(warehouse: Warehouse, property_key: int) -> None:
    collector = Collector(warehouse, 100, lambda: None)
    collector.start()

    async def send() -> list[Receipt | BaseException]:
        good, bad = arrived(property_key, event()), arrived(property_key, event("\x00"))
        return await asyncio.gather(*map(collector.take, (good, bad, good)), return_exceptions=True)

    first, second, third = asyncio.run(send())
    collector.stop()
    assert isinstance(second, Exception)
    assert isinstance(first, Receipt)
    assert isinstance(third, Receipt)
    assert sorted([(first.accepted, first.repeated), (third.accepted, third.repeated)]) == [(0, 1), (1, 0)]


def test_what_is_in_the_way_is_not_waited_for_without_end(
    warehouse: Warehouse, property_key: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The senders are told to come again, one and all, and nothing was taken of them."""
    monkeypatch.setattr(collecting, "PATIENCE_SECONDS", 0.05)
    collector = Collector(warehouse, 100, lambda: None)
    sent = [arrived(property_key, event("in the way")) for _ in range(3)]

    async def send() -> list[Receipt | BaseException]:
        return await asyncio.gather(*map(collector.take, sent), return_exceptions=True)

    collector.start()
    with warehouse.writing() as session:
        session.execute(text("LOCK TABLE landing.streamed_event IN EXCLUSIVE MODE"))
        answers = asyncio.run(send())
    assert all(isinstance(answer, Exception) and outage_of(answer) for answer in answers)
    assert collector.waiting == 0
    assert [a.accepted for a in asyncio.run(send()) if isinstance(a, Receipt)] == [1, 1, 1]
    collector.stop()


def test_stopping_writes_what_waits(warehouse: Warehouse, property_key: int) -> None:
    collector = Collector(warehouse, 100, lambda: None)

    async def send() -> Receipt:
        waiting = asyncio.create_task(collector.take(arrived(property_key, event())))
        await asyncio.sleep(0)
        collector.start()
        await asyncio.to_thread(collector.stop)
        return await waiting

    assert asyncio.run(send()).accepted == 1
