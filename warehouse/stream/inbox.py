"""Where a stream's events become durable: one transaction for many senders, each event once.

What is written here is safe: an event that was answered for lies in ``landing.waiting_event`` or has been settled. An
id that was taken before is a repetition, whatever else about the event changed.
"""

from __future__ import annotations

import datetime as dt
import io
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.stream.digesting import Digests
from warehouse.stream.events import Refusal, StreamEvent

KEPT_REFUSALS: Final = 20  # of one request; the others are counted
PATIENCE_SECONDS: Final = 5.0  # for what others are writing; then senders are asked to come again


@dataclass(slots=True)
class Arrived:
    """What one sender sent at once for one account."""

    account_key: int
    source: str
    arrived_at: dt.datetime
    events: Sequence[StreamEvent]
    refusals: Sequence[Refusal] = ()


@dataclass(slots=True)
class Receipt:
    """What became of it: ``accepted + repeated + refused`` is what was sent."""

    accepted: int
    repeated: int
    refused: int


@dataclass(slots=True)
class _Count:
    events: int = 0
    repeated: int = 0
    refused: int = 0
    lag_ms: int = 0
    longest_lag_ms: int = 0

    def add(self, lag_ms: int) -> None:
        self.events += 1
        self.lag_ms += lag_ms
        self.longest_lag_ms = max(self.longest_lag_ms, lag_ms)


@dataclass(slots=True)
class _Batch:
    """The events of all senders as columns, each id once."""

    owner: dict[str, int] = field(default_factory=dict)  # event id -> position of the sender
    rows: list[tuple[Arrived, StreamEvent]] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)  # per sender


@dataclass(slots=True)
class Writer:
    """A process that takes events: the name under which it counts, and the digests that it has made."""

    name: uuid.UUID = field(default_factory=uuid.uuid4)
    digests: Digests = field(default_factory=Digests)


def accept(session: WriteSession, writer: Writer, arrived: Sequence[Arrived]) -> list[Receipt]:
    """Write what arrived, and count it; the answer to each sender, in order.

    It is durable once the session's transaction is committed.
    """
    batch = _gathered(arrived)
    known = _write(session, writer.digests, batch.rows) if batch.rows else set()
    counts: dict[tuple[dt.datetime, int, str], _Count] = {}
    for position, repeated in enumerate(batch.repeated):
        _count_of(counts, arrived[position]).repeated += repeated
    for sender, event in batch.rows:
        count = _count_of(counts, sender)
        if event.event_id in known:
            count.repeated += 1
            batch.repeated[batch.owner[event.event_id]] += 1
        else:
            lag = sender.arrived_at - (event.at or sender.arrived_at)
            count.add(max(0, round(lag.total_seconds() * 1000)))
    for sender in arrived:
        _count_of(counts, sender).refused += len(sender.refusals)
    _write_counts(session, writer.name, counts)
    _write_refusals(session, arrived)
    return [
        Receipt(len(sender.events) - repeated, repeated, len(sender.refusals))
        for sender, repeated in zip(arrived, batch.repeated, strict=True)
    ]


def _gathered(arrived: Sequence[Arrived]) -> _Batch:
    batch = _Batch()
    for position, sender in enumerate(arrived):
        batch.repeated.append(0)
        for event in sender.events:
            if event.event_id in batch.owner:
                batch.repeated[position] += 1
            else:
                batch.owner[event.event_id] = position
                batch.rows.append((sender, event))
    return batch


def _write(session: WriteSession, digests: Digests, rows: Sequence[tuple[Arrived, StreamEvent]]) -> set[str]:
    """Enter new events; returns the ids of those that were known."""
    session.execute(text(_INCOMING))
    known = digests.of([event.people if event.consent else {} for _, event in rows])
    lines = []
    for (sender, event), people in zip(rows, known, strict=True):
        record = orjson.dumps({"name": event.name, "people": people, **event.fields}).decode()
        arrived_at = sender.arrived_at.isoformat()
        at = arrived_at if event.at is None else event.at.isoformat()
        line = f"{event.event_id}\t{sender.account_key}\t{sender.source}\t{event.name}\t{at}\t{arrived_at}\t{record}\n"
        lines.append(line.replace("\\", "\\\\"))  # the names are printable and JSON escapes the rest
    driver: Any = session.connection().connection.driver_connection
    with driver.cursor() as cursor:
        cursor.copy_expert("COPY arriving_event FROM STDIN", io.StringIO("".join(lines)))
    return {row.event_id.hex for row in session.execute(text(_ACCEPT))}


def _count_of(counts: dict[tuple[dt.datetime, int, str], _Count], sender: Arrived) -> _Count:
    minute = sender.arrived_at.replace(second=0, microsecond=0)
    return counts.setdefault((minute, sender.account_key, sender.source), _Count())


def _write_counts(session: WriteSession, writer: uuid.UUID, counts: dict[tuple[dt.datetime, int, str], _Count]) -> None:
    rows = [
        {
            "minute": minute, "account": account, "source": source, "writer": writer, "events": c.events,
            "repeated": c.repeated, "refused": c.refused, "lag": c.lag_ms, "longest": c.longest_lag_ms,
        }
        for (minute, account, source), c in sorted(counts.items())
        if c.events or c.repeated or c.refused
    ]  # fmt: skip
    if rows:
        session.execute(text(_COUNT), rows)


def _write_refusals(session: WriteSession, arrived: Sequence[Arrived]) -> None:
    rows = [
        {
            "account": sender.account_key, "source": sender.source, "at": sender.arrived_at, "name": refusal.name,
            "code": refusal.code, "reason": refusal.reason, "shape": refusal.shape,
        }
        for sender in arrived
        for refusal in sender.refusals[:KEPT_REFUSALS]
    ]  # fmt: skip
    if rows:
        session.execute(text(_REFUSE), rows)


_INCOMING: Final = """
CREATE TEMPORARY TABLE IF NOT EXISTS arriving_event (
    event_id uuid, account_key int, source text, name text, at timestamptz, arrived_at timestamptz, record jsonb
) ON COMMIT DELETE ROWS
"""

# In the order of ids, so that two processes with the same events wait for each other instead of both.
_ACCEPT: Final = """
WITH fresh AS (
    INSERT INTO landing.streamed_event (event_id, account_key, source, name, at, arrived_at)
    SELECT event_id, account_key, source, name, at, arrived_at FROM arriving_event ORDER BY event_id
    ON CONFLICT (event_id) DO NOTHING
    RETURNING event_id),
waiting AS (
    INSERT INTO landing.waiting_event (event_id, account_key, source, at, record)
    SELECT i.event_id, i.account_key, i.source, i.at, i.record
    FROM arriving_event i JOIN fresh f ON f.event_id = i.event_id)
SELECT i.event_id FROM arriving_event i WHERE NOT EXISTS (SELECT FROM fresh f WHERE f.event_id = i.event_id)
"""

_COUNT: Final = """
INSERT INTO landing.stream_minute AS m
    (minute, account_key, source, writer, events, repeated, refused, lag_ms, longest_lag_ms)
VALUES (:minute, :account, :source, :writer, :events, :repeated, :refused, :lag, :longest)
ON CONFLICT (minute, account_key, source, writer) DO UPDATE SET
    events = m.events + excluded.events, repeated = m.repeated + excluded.repeated,
    refused = m.refused + excluded.refused, lag_ms = m.lag_ms + excluded.lag_ms,
    longest_lag_ms = greatest(m.longest_lag_ms, excluded.longest_lag_ms)
"""

_REFUSE: Final = """
INSERT INTO landing.refused_event (account_key, source, arrived_at, name, code, reason, shape)
VALUES (:account, :source, :at, :name, :code, :reason, :shape)
"""
