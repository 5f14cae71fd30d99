"""What shape a message has, where neither an address nor a header says it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from warehouse.stream import measurement_protocol, segment
from warehouse.stream.events import Refusal, StreamEvent, Unusable, refused


def read_message(
    said: Any, account_key: int, arrived_at: dt.datetime, shape: str | None = None
) -> tuple[list[StreamEvent], list[Refusal]]:
    """The events of a message, and what cannot be taken of it.

    ``shape`` is ``ga4_mp`` or the name of a Segment call; when omitted the message itself tells: the Measurement
    Protocol has ``events``, Segment a ``type``, a ``messageId`` or a ``batch``.
    """
    if not isinstance(said, dict):
        return [], [refused(said, Unusable("not_an_object", "A message is one object in JSON."))]
    if shape == measurement_protocol.SOURCE or (shape is None and "events" in said):
        return measurement_protocol.read_measurement_protocol(said, account_key, arrived_at)
    if shape is not None or said.keys() & {"type", "messageId", "batch", "anonymousId", "userId"}:
        return segment.read_segment(said, account_key, arrived_at, shape)
    reason = "The message is neither of the Measurement Protocol (events) nor a call of Segment (type, messageId)."
    return [], [refused(said, Unusable("unknown_shape", reason))]
