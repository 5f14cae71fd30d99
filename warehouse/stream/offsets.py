"""How far a consumer group has read, kept beside the rows and moved in their transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.errors import Conflict


def stored_offsets(session: WriteSession, group: str, topic: str, partitions: Iterable[int]) -> dict[int, int]:
    """The next offset to read of each partition that was read before."""
    rows = session.execute(text(_STORED), {"group": group, "topic": topic, "partitions": list(partitions)})
    return {row.partition: row.next_offset for row in rows}


def advance(session: WriteSession, group: str, topic: str, moves: Mapping[int, tuple[int | None, int]]) -> None:
    """Move partitions on, from where this reader believes them to be (None: never read) to the next offset.

    Raises :class:`Conflict` when another reader of the group moved one meanwhile: then what this one read is the
    other's, and must not be written.
    """
    for partition, (expected, following) in sorted(moves.items()):
        moved = session.execute(
            text(_ADVANCE),
            {"group": group, "topic": topic, "partition": partition, "expected": expected, "following": following},
        )
        if moved.scalar_one_or_none() is None:
            raise Conflict(
                f"Partition {partition} of {topic} was read further by another consumer of group {group}.",
                remedy="Give every consumer that shall read everything a group of its own.",
            )


_STORED = """
SELECT partition, next_offset FROM ops.stream_offset
WHERE consumer_group = :group AND topic = :topic AND partition = ANY (CAST(:partitions AS int[]))
"""

_ADVANCE = """
INSERT INTO ops.stream_offset AS s (consumer_group, topic, partition, next_offset)
VALUES (:group, :topic, :partition, :following)
ON CONFLICT (consumer_group, topic, partition) DO UPDATE SET next_offset = excluded.next_offset, moved_at = now()
WHERE s.next_offset = :expected
RETURNING s.next_offset
"""
