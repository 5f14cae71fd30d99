"""A Kafka topic into the warehouse, each message once.

Offsets are stored in PostgreSQL in the transaction of the rows, so a reader that is killed at any moment goes on
exactly where the rows end. They are also committed to Kafka afterwards, where tools that watch the lag look for them.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
import structlog
from confluent_kafka import TIMESTAMP_NOT_AVAILABLE, Consumer, KafkaException, Message, TopicPartition

from warehouse.errors import BadSetting, Conflict
from warehouse.outages import outage_of
from warehouse.sessions import Warehouse
from warehouse.stream.events import Refusal, StreamEvent, Unusable, refused
from warehouse.stream.inbox import PATIENCE_SECONDS, Arrived, Writer, accept
from warehouse.stream.messages import read_message
from warehouse.stream.offsets import advance, stored_offsets
from warehouse.stream.settler import Settler

MOST_TOGETHER: Final = 2_000  # messages in one transaction
WAIT_SECONDS: Final = 0.2
REACH_SECONDS: Final = 10.0
BACK_OFF_SECONDS: Final = 2.0

_log = structlog.get_logger("causeway.kafka")


@dataclass(frozen=True, slots=True)
class Topic:
    """What is read: a topic as a consumer group, for an account. ``config`` goes to librdkafka as it is."""

    brokers: str
    name: str
    group: str
    account_key: int
    config: Mapping[str, str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        return f"kafka/{self.name}"


def consume(warehouse: Warehouse, topic: Topic, stop: threading.Event) -> int:
    """Read the topic until ``stop`` is set; returns how many messages were taken.

    Raises :class:`BadSetting` when no broker answers, or the topic is not there. What fails later is waited out.
    """
    settler = Settler(warehouse)
    settler.start()
    try:
        return _Reader(warehouse, topic, stop, settler).run()
    finally:
        settler.stop()


@dataclass(frozen=True, slots=True)
class _Sent:
    """A message as it was read."""

    partition: int
    offset: int
    value: bytes | None
    written_at: dt.datetime | None


class _Reader:
    """One consumer. ``_stored`` is, for each partition it was given, the offset that PostgreSQL holds."""

    def __init__(self, warehouse: Warehouse, topic: Topic, stop: threading.Event, settler: Settler) -> None:
        self._warehouse = warehouse
        self._topic = topic
        self._stop = stop
        self._settler = settler
        self._writer = Writer()
        self._stored: dict[int, int | None] = {}
        self._taken = 0
        self._consumer = Consumer(
            {
                "client.id": "causeway",
                "session.timeout.ms": 10_000,
                **topic.config,
                "bootstrap.servers": topic.brokers,
                "group.id": topic.group,
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "auto.offset.reset": "earliest",
                "error_cb": lambda error: _log.warning("kafka", error=error.str()),
            },
            logger=None,
        )

    def run(self) -> int:
        try:
            self._require_topic()
            self._consumer.subscribe([self._topic.name], on_assign=self._assigned, on_revoke=self._revoked)
            while not self._stop.is_set():
                self._round()
        finally:
            self._consumer.close()
        return self._taken

    def _require_topic(self) -> None:
        try:
            found = self._consumer.list_topics(self._topic.name, timeout=REACH_SECONDS).topics[self._topic.name]
        except KafkaException as error:
            raise BadSetting(
                f"No Kafka broker answers at {self._topic.brokers}: {error.args[0].str()}.",
                remedy="Check --kafka, and --config for how to sign in.",
            ) from error
        if found.error is not None:
            raise BadSetting(
                f"The topic {self._topic.name} cannot be read: {found.error.str()}.", remedy="Check --topic."
            )

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Go on where PostgreSQL says; a partition that was never read begins at its beginning."""
        numbers = [partition.partition for partition in partitions]
        found = self._read_stored(numbers)
        self._stored = {number: found.get(number) for number in numbers}
        for partition in partitions:
            stored = self._stored[partition.partition]
            if stored is not None:
                partition.offset = stored
        consumer.assign(partitions)
        _log.info("assigned", topic=self._topic.name, offsets=self._stored)

    def _revoked(self, _consumer: Consumer, _partitions: list[TopicPartition]) -> None:
        self._stored = {}

    def _read_stored(self, partitions: Sequence[int]) -> dict[int, int]:
        while True:
            try:
                with self._warehouse.writing() as session:
                    return stored_offsets(session, self._topic.group, self._topic.name, partitions)
            except Exception as error:
                if (outage := outage_of(error)) is None or self._stop.wait(BACK_OFF_SECONDS):
                    raise
                _log.warning("warehouse_away", error=str(outage))

    def _round(self) -> None:
        read = [_sent(message) for message in self._consumer.consume(MOST_TOGETHER, WAIT_SECONDS)]
        messages = [m for m in read if m is not None and m.partition in self._stored]
        if not messages:
            return
        try:
            self._take(messages)
        except Conflict as error:
            _log.warning("overtaken", error=str(error))
            self._go_back()
        except Exception as error:  # noqa: BLE001  # told apart below
            if (outage := outage_of(error)) is not None:
                _log.warning("warehouse_away", error=str(outage))
                self._stop.wait(BACK_OFF_SECONDS)
            else:
                _log.warning("batch_refused", messages=len(messages), exc_info=True)
                self._take_one_by_one(messages)
            self._go_back()

    def _take(self, messages: Sequence[_Sent]) -> None:
        arrived_at = dt.datetime.now(dt.UTC)
        arrived = [self._arrived(message, arrived_at) for message in messages]
        moves: dict[int, tuple[int | None, int]] = {}
        for message in messages:
            moves[message.partition] = (self._stored[message.partition], message.offset + 1)
        with self._warehouse.writing(patience=PATIENCE_SECONDS) as session:
            advance(session, self._topic.group, self._topic.name, moves)
            accept(session, self._writer, arrived)
        self._settle(moves, len(messages))

    def _take_one_by_one(self, messages: Sequence[_Sent]) -> None:
        """One of them cannot be written: it is refused, the others are taken, for as long as the warehouse is there."""
        for message in messages:
            try:
                self._take_or_refuse(message)
            except Exception as error:
                if _is_its_fault(error):
                    raise
                return

    def _take_or_refuse(self, message: _Sent) -> None:
        try:
            self._take([message])
        except Exception as error:
            if not _is_its_fault(error):
                raise
            _log.warning("message_refused", partition=message.partition, offset=message.offset, exc_info=True)
            unwritable = Unusable("not_writable", "PostgreSQL does not take a value of the message.")
            self._refuse(message, refused(_decoded(message), unwritable))

    def _refuse(self, message: _Sent, refusal: Refusal) -> None:
        arrived = Arrived(self._topic.account_key, self._topic.source, dt.datetime.now(dt.UTC), (), (refusal,))
        moves = {message.partition: (self._stored[message.partition], message.offset + 1)}
        with self._warehouse.writing(patience=PATIENCE_SECONDS) as session:
            advance(session, self._topic.group, self._topic.name, moves)
            accept(session, self._writer, [arrived])
        self._settle(moves, 1)

    def _settle(self, moves: Mapping[int, tuple[int | None, int]], messages: int) -> None:
        self._stored |= {partition: following for partition, (_, following) in moves.items()}
        self._taken += messages
        self._settler.arrived()
        told = [TopicPartition(self._topic.name, p, following) for p, (_, following) in moves.items()]
        try:
            self._consumer.commit(offsets=told, asynchronous=True)
        except KafkaException as error:  # only tools that watch the lag miss it
            _log.warning("kafka", error=error.args[0].str())

    def _go_back(self) -> None:
        """Read again from where PostgreSQL is."""
        found = self._read_stored(list(self._stored))
        for number in self._stored:
            self._stored[number] = found.get(number)
            offset = found.get(number, _BEGINNING)
            try:
                self._consumer.seek(TopicPartition(self._topic.name, number, offset))
            except KafkaException as error:  # it is another's by now, who begins where PostgreSQL is
                _log.warning("kafka", error=error.args[0].str())

    def _arrived(self, message: _Sent, arrived_at: dt.datetime) -> Arrived:
        events, refusals = read_kafka_message(message.value, self._topic.account_key, arrived_at)
        for event in events:
            event.at = event.at or message.written_at
        return Arrived(self._topic.account_key, self._topic.source, arrived_at, events, refusals)


_BEGINNING: Final = -2  # librdkafka's OFFSET_BEGINNING


def read_kafka_message(
    value: bytes | None, account_key: int, arrived_at: dt.datetime
) -> tuple[list[StreamEvent], list[Refusal]]:
    """The events of a message's value, and what cannot be taken of it."""
    if not value:
        return [], [refused(None, Unusable("empty", "The message has no value."))]
    try:
        said = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        reason = f"The message is no JSON: {error.msg} at character {error.pos}."
        return [], [refused(value, Unusable("not_json", reason))]
    return read_message(said, account_key, arrived_at)


def _is_its_fault(error: Exception) -> bool:
    """Whether a message is to blame: neither another consumer nor the warehouse."""
    return not isinstance(error, Conflict) and outage_of(error) is None


def _sent(message: Message) -> _Sent | None:
    """What was read; None for what librdkafka says of itself."""
    error, partition, offset = message.error(), message.partition(), message.offset()
    if error is not None or partition is None or offset is None:
        _log.warning("kafka", error="" if error is None else error.str())
        return None
    kind, millis = message.timestamp()
    written_at = None if kind == TIMESTAMP_NOT_AVAILABLE else dt.datetime.fromtimestamp(millis / 1000, dt.UTC)
    value = message.value()
    return _Sent(partition, offset, value.encode() if isinstance(value, str) else value, written_at)


def _decoded(message: _Sent) -> Any:
    try:
        return orjson.loads(message.value or b"null")
    except orjson.JSONDecodeError:
        return message.value
