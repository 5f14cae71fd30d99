"""GA4's Measurement Protocol: ``{client_id, user_id, timestamp_micros, events: [{name, params}]}``.

Source: developers.google.com/analytics/devguides/collection/protocol/ga4/reference. An event has no id there: unless
``params.event_id`` gives one, its id is a digest of everything it says (of a purchase, of its transaction).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import orjson

from warehouse.schema.people import IdentifierKind
from warehouse.stream.events import (
    Refusal,
    StreamEvent,
    Unusable,
    address_fields,
    amount_of,
    currency_of,
    digest_of,
    moment_of_micros,
    name_of,
    refunded_of,
    refused,
    require_plausible,
    text_of,
)

SOURCE: Final = "ga4_mp"


def read_measurement_protocol(
    body: Mapping[str, Any], account_key: int, arrived_at: dt.datetime
) -> tuple[list[StreamEvent], list[Refusal]]:
    """The events of a body, and what cannot be taken of them."""
    events: list[StreamEvent] = []
    refusals: list[Refusal] = []
    try:
        listed = _listed(body)
        people = _people(body)
        shared = _shared_fields(body)
        sent_at = moment_of_micros(body.get("timestamp_micros"), "timestamp_micros")
    except Unusable as error:
        return [], [refused(body, error)]
    repeated: Counter[str] = Counter()
    consent = _consents(body)
    who = "\x1f".join(f"{kind}:{value}" for kind, value in people.items())
    for sent in listed:
        try:
            event = _event(sent, account_key, people, shared, sent_at)
            require_plausible(event.at, arrived_at)
        except Unusable as error:
            refusals.append(refused(sent, error, sent.get("name") if isinstance(sent, dict) else None))
            continue
        if not event.event_id:
            event.event_id = _digest(sent, account_key, who, event)
            # Two equal events of one body are two; the same body again is a repetition.
            repeated[event.event_id] += 1
            if repeated[event.event_id] > 1:
                event.event_id = digest_of(account_key, event.event_id, str(repeated[event.event_id]))
        event.consent = consent
        events.append(event)
    return events, refusals


_CLICK: Final = IdentifierKind.click.value
_KINDS: Final = (
    (IdentifierKind.client.value, "client_id"),
    (IdentifierKind.device.value, "app_instance_id"),
    (IdentifierKind.user.value, "user_id"),
)
_HASHED: Final = (
    (IdentifierKind.email.value, "sha256_email_address"),
    (IdentifierKind.phone.value, "sha256_phone_number"),
)


def _listed(body: Mapping[str, Any]) -> list[Any]:
    listed = body.get("events")
    if not isinstance(listed, list) or not listed:
        raise Unusable("no_events", "The body has no events. Send {client_id, events: [{name, params}]}.")
    return listed


def _event(
    sent: Any, account_key: int, people: Mapping[str, str], shared: Mapping[str, str], sent_at: dt.datetime | None
) -> StreamEvent:
    if not isinstance(sent, dict):
        raise Unusable("not_an_event", "An event is an object with name and params.")
    name = name_of(sent.get("name"))
    params = sent.get("params") or {}
    if not isinstance(params, dict):
        raise Unusable("bad_params", "params must be an object.")
    found, click = address_fields(
        text_of(params.get("page_location"), "page_location"), text_of(params.get("page_referrer"), "page_referrer")
    )
    fields = {**shared, **found}
    for field, parameter in _PARAMETERS:
        value = text_of(params.get(parameter), parameter) if parameter in params else None
        if value is not None:
            fields[field] = value
    money = {"value": amount_of(params.get("value"), "value"), "currency": currency_of(params.get("currency"))}
    if name == "refund" and money["value"] is None:
        money["value"] = refunded_of(params.get("items"))
    fields |= {field: read for field, read in money.items() if read is not None}
    if name in _OF_ORDERS and "transaction_id" not in fields:
        raise Unusable("no_transaction_id", _OF_ORDERS[name])
    if click:
        people = {**people, _CLICK: click}
    at = moment_of_micros(sent.get("timestamp_micros"), "timestamp_micros") or sent_at
    said = text_of(params.get("event_id"), "event_id")
    return StreamEvent("" if said is None else digest_of(account_key, "event", said), name, at, people, fields)


_OF_ORDERS: Final = {
    "purchase": "A purchase needs params.transaction_id, or it could be counted twice.",
    "refund": "A refund needs params.transaction_id, which says what was refunded.",
}
_PARAMETERS: Final = (
    ("session", "session_id"),
    ("session", "ga_session_id"),
    ("source", "source"),
    ("medium", "medium"),
    ("campaign", "campaign"),
    ("transaction_id", "transaction_id"),
    ("engaged", "session_engaged"),
    ("engagement_ms", "engagement_time_msec"),
)


def _digest(sent: Mapping[str, Any], account_key: int, who: str, event: StreamEvent) -> str:
    if event.name == "purchase":
        return digest_of(account_key, "purchase", event.fields["transaction_id"])
    try:
        said = orjson.dumps(sent, option=orjson.OPT_SORT_KEYS).decode()
    except orjson.JSONEncodeError as error:
        raise Unusable("bad_value", f"The event holds a value that cannot be read: {error}.") from error
    return digest_of(account_key, who, "" if event.at is None else event.at.isoformat(), said)


def _people(body: Mapping[str, Any]) -> dict[str, str]:
    people = {kind: value for kind, name in _KINDS if (value := text_of(body.get(name), name)) is not None}
    if not people:
        raise Unusable("nobody", "The body has neither client_id nor app_instance_id nor user_id.")
    data = body.get("user_data")
    if isinstance(data, dict):
        for kind, name in _HASHED:
            given = data.get(name)
            value = text_of(given[0] if isinstance(given, list) and given else given or None, name)
            if value is not None:
                people[kind] = value
    return people


def _shared_fields(body: Mapping[str, Any]) -> dict[str, str]:
    device, place = body.get("device"), body.get("user_location")
    found = {
        "device": text_of(device.get("category"), "device") if isinstance(device, dict) else None,
        "region": text_of(place.get("region_id") or place.get("country_id"), "region")
        if isinstance(place, dict)
        else None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _consents(body: Mapping[str, Any]) -> bool:
    consent = body.get("consent")
    return not (isinstance(consent, dict) and str(consent.get("ad_user_data")).upper() == "DENIED")
