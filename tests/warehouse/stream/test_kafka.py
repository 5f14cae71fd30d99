"""A topic read by consumers that are killed again and again: every message is in the warehouse, and once."""

from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from confluent_kafka import Producer
from sqlalchemy import text

from tests.conftest import REPOSITORY
from warehouse.errors import BadSetting, Conflict
from warehouse.sessions import Warehouse
from warehouse.stream import kafka
from warehouse.stream.kafka import Topic, consume
from warehouse.stream.offsets import advance, stored_offsets

GROUPS, KILLS = 9, 2  # consumer groups that suffer beside each other, and how often each of them
MESSAGES = 300  # that are sent between two kills
SEED = 20261122

# Imports once, and for every line becomes two: the copy consumes until it is ended.
CONSUMERS = """
import os, signal, sys, threading
from pathlib import Path
from warehouse.sessions import Warehouse
from warehouse.settings import Settings
from warehouse.stream import kafka
url, home = sys.argv[1:]
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    copy = os.fork()
    if copy:
        print(copy, flush=True)
        continue
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what it logs is not what the test reads
    brokers, name, account, most = line.split()
    kafka.MOST_TOGETHER = int(most)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    warehouse = Warehouse.connect(Settings(home=Path(home), database_url=url))
    # No less: the mock cluster lets a new group wait for three seconds, in which nobody's session may end.
    quick = {"session.timeout.ms": "3500", "heartbeat.interval.ms": "500"}
    kafka.consume(warehouse, kafka.Topic(brokers, name, "causeway", int(account), quick), stop)
    os._exit(0)
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


class Readers:
    """Where consumers come from, each a process of its own."""

    def __init__(self, warehouse: Warehouse) -> None:
        command = [sys.executable, "-c", CONSUMERS, warehouse.settings.database_url, str(warehouse.settings.home)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.parent = subprocess.Popen(command, cwd=REPOSITORY, text=True, start_new_session=True, **pipes)
        self.one_at_a_time = threading.Lock()

    def start(self, brokers: str, topic: str, account: int, most: int = 50) -> int:
        """Let a consumer begin; returns its process's id."""
        with self.one_at_a_time:
            self.parent.stdin.write(f"{brokers} {topic} {account} {most}\n")
            self.parent.stdin.flush()
            return int(self.parent.stdout.readline())


def end(reader: int, number: int) -> None:
    """Send a signal, and wait until the process is gone."""
    process = os.pidfd_open(reader)
    os.kill(reader, number)
    gone, _, _ = select.select([process], [], [], 60)
    os.close(process)
    assert gone


@pytest.fixture(scope="module")
def readers(warehouse: Warehouse) -> Iterator[Readers]:
    readers = Readers(warehouse)
    yield readers
    os.killpg(readers.parent.pid, signal.SIGKILL)  # with the consumers that a failed test has left behind
    readers.parent.communicate()


def wait_until(done: Any, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_consumers_that_are_killed_lose_nothing_and_double_nothing(
    warehouse: Warehouse, cluster: Cluster, account: int, readers: Readers
) -> None:
    """No id is ever met a second time: the offsets alone keep messages from being read twice."""

    def suffer(number: int) -> int:
        """A group's sorrows; how often a kill found it in the middle of its messages."""
        topic, chance, sent, met = f"killed{number}", random.Random(SEED + number), 0, 0
        for kill in range(KILLS):
            cluster.send(topic, *(message(n, topic) for n in range(sent, sent + MESSAGES)))
            sent += MESSAGES
            before = names(warehouse, topic)
            reader = readers.start(cluster.brokers, topic, account, most=10)
            if kill:
                wait_until(lambda before=before: names(warehouse, topic) > before, 30)
            time.sleep(chance.uniform(0, 0.1 if kill else 3))  # the first while it connects or joins
            end(reader, signal.SIGKILL)
            met += before < names(warehouse, topic) < sent
        last = readers.start(cluster.brokers, topic, account)
        wait_until(lambda: names(warehouse, topic) >= sent)
        end(last, signal.SIGTERM)
        return met

    with ThreadPoolExecutor(GROUPS) as pool:
        met = list(pool.map(suffer, range(GROUPS)))
    assert sum(met) >= GROUPS, f"the kills met next to nothing: {met}"
    for number in range(GROUPS):
        found = counted(warehouse, f"kafka/killed{number}")
        assert names(warehouse, f"killed{number}") == KILLS * MESSAGES
        assert (found.events, found.repeated, found.refused) == (KILLS * MESSAGES, 0, 0)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_two_consumers_of_a_group_share_the_partitions_and_one_may_die(
    warehouse: Warehouse, cluster: Cluster, account: int, readers: Readers
) -> None:
    first, second = (readers.start(cluster.brokers, "shared", account) for _ in range(2))
    cluster.send("shared", *(message(number, "shared") for number in range(1_000)))
    wait_until(lambda: names(warehouse, "shared") > 0)
    end(first, signal.SIGKILL)
    cluster.send("shared", *(message(number, "shared") for number in range(1_000, 1_500)))
    wait_until(lambda: names(warehouse, "shared") >= 1_500)
    end(second, signal.SIGTERM)
    found = counted(warehouse, "kafka/shared")
    assert (names(warehouse, "shared"), found.events, found.repeated) == (1_500, 1_500, 0)


@pytest.mark.slow
def test_what_no_event_can_be_made_of_is_refused_and_the_rest_is_read(
    warehouse: Warehouse, cluster: Cluster, account: int, readers: Readers
) -> None:
    bad = (b"\xff\xfe", b"", b"[1, 2]", b'{"neither": 1}', json.dumps({**message(3), "timestamp": "soon"}).encode())
    cluster.send(
        "poison", message(1, "poison"), *bad, message(2, "poison"), {"client_id": "1", "events": [{"name": "poison"}]}
    )
    reader = readers.start(cluster.brokers, "poison", account)
    wait_until(lambda: names(warehouse, "poison") >= 3 and counted(warehouse, "kafka/poison").refused >= len(bad))
    end(reader, signal.SIGTERM)
    with warehouse.writing() as session:
        codes = session.execute(text("SELECT code FROM landing.refused_event WHERE source = 'kafka/poison'")).scalars()
        assert sorted(codes) == ["bad_time", "empty", "not_an_object", "not_json", "unknown_shape"]
    assert names(warehouse, "poison") == 3


def write(pipe: Any, numbers: range) -> None:
    for number in numbers:
        pipe.write(json.dumps(message(number, "stalled")) + "\n")
    pipe.flush()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_brokers_that_do_not_answer_for_a_while(warehouse: Warehouse, account: int, readers: Readers) -> None:
    """The cluster's process is stopped and goes on; nothing is asked of anybody."""
    script = (
        "import sys; from confluent_kafka import Producer\n"
        "p = Producer({'bootstrap.servers': 'nobody', 'test.mock.num.brokers': 1})\n"
        "print(*(f'{x.host}:{x.port}' for x in p.list_topics(timeout=10).brokers.values()), flush=True)\n"
        "for line in sys.stdin: p.produce('stalled', line.encode()); p.poll(0)\n"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    brokers = subprocess.Popen([sys.executable, "-c", script], cwd=REPOSITORY, text=True, **pipes)
    address = brokers.stdout.readline().strip()
    write(brokers.stdin, range(200))
    reader = readers.start(address, "stalled", account)
    wait_until(lambda: names(warehouse, "stalled") >= 200)
    os.kill(brokers.pid, signal.SIGSTOP)
    time.sleep(2)
    os.kill(brokers.pid, signal.SIGCONT)
    write(brokers.stdin, range(200, 400))
    wait_until(lambda: names(warehouse, "stalled") >= 400)
    end(reader, signal.SIGTERM)
    brokers.kill()
    brokers.communicate()
    assert (names(warehouse, "stalled"), counted(warehouse, "kafka/stalled").repeated) == (400, 0)


@pytest.mark.slow
def test_a_consumer_waits_out_what_is_in_the_way(
    warehouse: Warehouse, cluster: Cluster, account: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And takes it for nobody's fault: no message is refused, and none is taken twice."""
    monkeypatch.setattr(kafka, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(kafka, "BACK_OFF_SECONDS", 0.05)
    stop, tried = threading.Event(), threading.Event()
    accept = kafka.accept

    def trying(*arguments: Any) -> Any:
        tried.set()
        return accept(*arguments)

    monkeypatch.setattr(kafka, "accept", trying)
    cluster.send("late", *(message(number, "late") for number in range(50)))
    reader = threading.Thread(target=consume, args=(warehouse, Topic(cluster.brokers, "late", "g", account), stop))
    with warehouse.writing() as session:
        session.execute(text("LOCK TABLE landing.streamed_event IN EXCLUSIVE MODE"))
        reader.start()
        for _ in range(3):  # tries, of which the first two have failed by the third
            tried.clear()
            assert tried.wait(30)
    wait_until(lambda: names(warehouse, "late") >= 50)
    stop.set()
    reader.join()
    found = counted(warehouse, "kafka/late")
    assert (names(warehouse, "late"), found.events, found.repeated, found.refused) == (50, 50, 0, 0)


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
    monkeypatch.setattr(kafka, "REACH_SECONDS", 0.5)
    with pytest.raises(BadSetting, match="No Kafka broker answers"):
        consume(warehouse, Topic("127.0.0.1:1", "t", "g", account), threading.Event())
