"""A topic read by consumers that are killed again and again: every message is in the warehouse, and once."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

import pytest
from confluent_kafka import Producer
from sqlalchemy import text

from tests.conftest import REPOSITORY
from warehouse.errors import BadSetting, Conflict
from warehouse.sessions import Warehouse
from warehouse.stream.kafka import Topic, consume
from warehouse.stream.offsets import advance, stored_offsets

KILLS = 18
MESSAGES = 4_000
SEED = 20261122

CONSUMER = """
import logging, signal, sys, threading
from pathlib import Path
from warehouse.sessions import Warehouse
from warehouse.settings import Settings
from warehouse.stream import kafka
url, home, brokers, name, account, most = sys.argv[1:]
kafka.MOST_TOGETHER = int(most)
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
warehouse = Warehouse.connect(Settings(home=Path(home), database_url=url))
quick = {"session.timeout.ms": "1500", "heartbeat.interval.ms": "300"}
print("ready", flush=True)
kafka.consume(warehouse, kafka.Topic(brokers, name, "causeway", int(account), quick), stop)
"""


@dataclass
class Cluster:
    """librdkafka's own mock cluster: brokers that speak the protocol, in this process."""

    producer: Producer
    brokers: str

    def send(self, topic: str, *values: object) -> None:
        for value in values:
            raw = value if isinstance(value, bytes) else json.dumps(value).encode()
            self.producer.produce(topic, raw)
            self.producer.poll(0)
        assert self.producer.flush(30) == 0


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    producer = Producer({"bootstrap.servers": "nobody", "test.mock.num.brokers": 3, "linger.ms": 5})
    found = producer.list_topics(timeout=10).brokers.values()
    return Cluster(producer, ",".join(f"{b.host}:{b.port}" for b in found))


@pytest.fixture(scope="module")
def warehouse(settings: Any, engine: Any) -> Warehouse:
    return Warehouse(settings, engine)


@pytest.fixture(scope="module")
def account(warehouse: Warehouse) -> int:
    with warehouse.writing() as session:
        return int(
            session.execute(
                text(
                    """INSERT INTO core.account (platform, account_id, name, currency, currency_is_stated, time_zone,
                                                 time_zone_is_stated)
                    VALUES ('ga4', 'shop', 'Shop', 'EUR', true, 'UTC', true) RETURNING account_key"""
                )
            ).scalar_one()
        )


def message(number: int, name: str = "view_item") -> dict[str, Any]:
    return {
        "type": "track", "event": name, "messageId": f"{name}-{number}", "anonymousId": f"visitor-{number % 300}",
        "timestamp": "2026-11-22T09:00:00Z", "properties": {"revenue": number % 50},
    }  # fmt: skip


def names(warehouse: Warehouse, name: str) -> int:
    with warehouse.writing() as session:
        sql = "SELECT count(*) FROM landing.streamed_event WHERE name = :name"
        return int(session.execute(text(sql), {"name": name}).scalar_one())


def counted(warehouse: Warehouse, source: str) -> Any:
    with warehouse.writing() as session:
        sql = """SELECT coalesce(sum(events), 0) AS events, coalesce(sum(repeated), 0) AS repeated,
                        coalesce(sum(refused), 0) AS refused FROM landing.stream_minute WHERE source = :source"""
        return session.execute(text(sql), {"source": source}).one()


class Reader:
    """A consumer in a process of its own."""

    def __init__(self, warehouse: Warehouse, cluster: Cluster, topic: str, account: int, most: int = 50) -> None:
        arguments = [warehouse.settings.database_url, warehouse.settings.home, cluster.brokers, topic, account, most]
        command = [sys.executable, "-c", CONSUMER, *map(str, arguments)]
        self.process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"

    def end(self, number: int) -> None:
        self.process.send_signal(number)
        self.process.communicate(timeout=60)


def wait_until(done: Any, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:
        time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_consumers_that_are_killed_lose_nothing_and_double_nothing(
    warehouse: Warehouse, cluster: Cluster, account: int
) -> None:
    """No id is ever met a second time: the offsets alone keep messages from being read twice."""
    chance = random.Random(SEED)
    sent = 0
    for kill in range(KILLS):
        fresh = [message(number) for number in range(sent, sent + MESSAGES // KILLS)]
        sent += len(fresh)
        cluster.send("clicks", *fresh)
        before = counted(warehouse, "kafka/clicks").events
        reader = Reader(warehouse, cluster, "clicks", account)
        if kill % 3:  # in the middle of reading; the others die before or while they join
            wait_until(lambda before=before: counted(warehouse, "kafka/clicks").events > before, 20)
        time.sleep(chance.uniform(0, 0.15))
        reader.end(signal.SIGKILL)
    last = Reader(warehouse, cluster, "clicks", account)
    wait_until(lambda: names(warehouse, "view_item") >= sent)
    last.end(signal.SIGTERM)
    assert names(warehouse, "view_item") == sent
    found = counted(warehouse, "kafka/clicks")
    assert (found.events, found.repeated, found.refused) == (sent, 0, 0)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_two_consumers_of_a_group_share_the_partitions_and_one_may_die(
    warehouse: Warehouse, cluster: Cluster, account: int
) -> None:
    first, second = (Reader(warehouse, cluster, "shared", account) for _ in range(2))
    cluster.send("shared", *(message(number, "shared") for number in range(1_000)))
    wait_until(lambda: names(warehouse, "shared") > 0)
    first.end(signal.SIGKILL)
    cluster.send("shared", *(message(number, "shared") for number in range(1_000, 1_500)))
    wait_until(lambda: names(warehouse, "shared") >= 1_500)
    second.end(signal.SIGTERM)
    found = counted(warehouse, "kafka/shared")
    assert (names(warehouse, "shared"), found.events, found.repeated) == (1_500, 1_500, 0)


@pytest.mark.slow
def test_what_no_event_can_be_made_of_is_refused_and_the_rest_is_read(
    warehouse: Warehouse, cluster: Cluster, account: int
) -> None:
    bad = (b"\xff\xfe", b"", b"[1, 2]", b'{"neither": 1}', json.dumps({**message(3), "timestamp": "soon"}).encode())
    cluster.send(
        "poison", message(1, "poison"), *bad, message(2, "poison"), {"client_id": "1", "events": [{"name": "poison"}]}
    )
    reader = Reader(warehouse, cluster, "poison", account)
    wait_until(lambda: names(warehouse, "poison") >= 3 and counted(warehouse, "kafka/poison").refused >= len(bad))
    reader.end(signal.SIGTERM)
    with warehouse.writing() as session:
        codes = session.execute(text("SELECT code FROM landing.refused_event WHERE source = 'kafka/poison'")).scalars()
        assert sorted(codes) == ["bad_time", "empty", "not_an_object", "not_json", "unknown_shape"]
    assert names(warehouse, "poison") == 3


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_brokers_that_do_not_answer_for_a_while(warehouse: Warehouse, account: int) -> None:
    """The cluster's process is stopped and goes on; nothing is asked of anybody."""
    script = (
        "import sys, json; from tests.warehouse.stream.test_kafka import *\n"
        "p = Producer({'bootstrap.servers': 'nobody', 'test.mock.num.brokers': 1})\n"
        "b = [f'{x.host}:{x.port}' for x in p.list_topics(timeout=10).brokers.values()]\n"
        "c = Cluster(p, ','.join(b)); print(c.brokers, flush=True)\n"
        "for line in sys.stdin: c.send('stalled', *[message(n, 'stalled') for n in range(*map(int, line.split()))])\n"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    brokers = subprocess.Popen([sys.executable, "-c", script], cwd=REPOSITORY, text=True, **pipes)
    address = brokers.stdout.readline().strip()
    brokers.stdin.write("0 200\n")
    brokers.stdin.flush()
    reader = Reader(warehouse, Cluster(None, address), "stalled", account)
    wait_until(lambda: names(warehouse, "stalled") >= 200)
    os.kill(brokers.pid, signal.SIGSTOP)
    time.sleep(3)
    os.kill(brokers.pid, signal.SIGCONT)
    brokers.stdin.write("200 400\n")
    brokers.stdin.flush()
    wait_until(lambda: names(warehouse, "stalled") >= 400)
    reader.end(signal.SIGTERM)
    brokers.kill()
    brokers.communicate()
    assert (names(warehouse, "stalled"), counted(warehouse, "kafka/stalled").repeated) == (400, 0)


def test_a_reader_that_was_overtaken_writes_nothing(warehouse: Warehouse) -> None:
    with warehouse.writing() as session:
        advance(session, "g", "t", {0: (None, 10), 1: (None, 5)})
    with warehouse.writing() as session:
        assert stored_offsets(session, "g", "t", [0, 1, 2]) == {0: 10, 1: 5}
        advance(session, "g", "t", {0: (10, 20)})
    for expected in (None, 10, 21):
        with pytest.raises(Conflict, match="read further"), warehouse.writing() as session:
            advance(session, "g", "t", {1: (5, 6), 0: (expected, 30)})
    with warehouse.writing() as session:
        assert stored_offsets(session, "g", "t", [0, 1]) == {0: 20, 1: 5}
        assert stored_offsets(session, "other", "t", [0, 1]) == {}


def test_where_no_broker_answers(warehouse: Warehouse, account: int, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    from warehouse.stream import kafka

    monkeypatch.setattr(kafka, "REACH_SECONDS", 0.5)
    with pytest.raises(BadSetting, match="No Kafka broker answers"):
        consume(warehouse, Topic("127.0.0.1:1", "t", "g", account), threading.Event())
