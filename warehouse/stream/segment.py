"""Calls in Segment's shape: track, page, screen, identify and alias, alone or in a batch.

Source: segment.com/docs/connections/sources/catalog/libraries/server/http-api and the ecommerce spec, whose names of
events are translated into GA4's. The ``messageId`` is the event's id.
"""

from __future__ import annotations

import datetime as dt
import re
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
    moment_of_text,
    name_of,
    refunded_of,
    refused,
    require_plausible,
    text_of,
)

SOURCE: Final = "segment"
CALLS: Final = ("track", "page", "screen", "identify", "alias", "group")
IDENTIFY: Final = "identify"  # who somebody is, and nothing that they did


def read_segment(
    body: Mapping[str, Any], account_key: int, arrived_at: dt.datetime, call: str | None = None
) -> tuple[list[StreamEvent], list[Refusal]]:
    """The events of a call or of a batch of calls. ``call`` is what the address says (``track``), if it says it."""
    events: list[StreamEvent] = []
    refusals: list[Refusal] = []
    messages = body.get("batch") if "batch" in body else [body]
    if not isinstance(messages, list) or not messages:
        error = Unusable("no_events", "batch must be a list of calls.")
        return [], [refused(body, error)]
    shared = body.get("context") if "batch" in body else None
    for message in messages:
        try:
            event = _event(message, account_key, call, shared)
            require_plausible(event.at, arrived_at)
        except Unusable as error:
            refusals.append(refused(message, error, message.get("event") if isinstance(message, dict) else None))
        else:
            events.append(event)
    return events, refusals


# The ecommerce spec's names in small letters -> GA4's.
_NAMES: Final = {
    "order completed": "purchase",
    "completed order": "purchase",
    "order refunded": "refund",
    "product viewed": "view_item",
    "viewed product": "view_item",
    "product list viewed": "view_item_list",
    "product added": "add_to_cart",
    "added product": "add_to_cart",
    "product removed": "remove_from_cart",
    "cart viewed": "view_cart",
    "checkout started": "begin_checkout",
    "payment info entered": "add_payment_info",
    "checkout step completed": "checkout_progress",
    "products searched": "search",
    "promotion viewed": "view_promotion",
    "promotion clicked": "select_promotion",
    "signed up": "sign_up",
    "account created": "sign_up",
    "signed in": "login",
}


_OF_ORDERS: Final = {
    "purchase": "An order needs properties.order_id, or it could be counted twice.",
    "refund": "A refund needs properties.order_id, which says what was refunded.",
}


def _event(message: Any, account_key: int, call: str | None, shared: Any) -> StreamEvent:
    if not isinstance(message, dict):
        raise Unusable("not_an_event", "A call is an object with type, messageId and what happened.")
    call = call if call in CALLS else message.get("type")
    properties = message.get("traits" if call == IDENTIFY else "properties") or {}
    context = {**(shared if isinstance(shared, dict) else {}), **_object(message.get("context"))}
    if not isinstance(properties, dict):
        raise Unusable("bad_properties", "properties must be an object.")
    page = _object(context.get("page"))
    fields, click = address_fields(
        text_of(properties.get("url") or page.get("url"), "url"),
        text_of(properties.get("referrer") or page.get("referrer"), "referrer"),
    )
    if "page" not in fields and (path := text_of(properties.get("path") or page.get("path"), "path")):
        fields["page"] = path.partition("?")[0]
    _read_context(context, fields)
    said_at = message.get("timestamp") or message.get("originalTimestamp") or message.get("sentAt")
    return StreamEvent(
        _id(message, account_key),
        _name(call, message, properties, fields),
        moment_of_text(said_at, "timestamp"),
        _people(message, context, properties, click),
        fields,
        _consents(context),
    )


def _name(call: Any, message: Mapping[str, Any], properties: Mapping[str, Any], fields: dict[str, str]) -> str:
    match call:
        case "track":
            name = name_of(message.get("event"))
            name = _NAMES.get(name.lower(), name)
            _read_properties(name, properties, fields)
            return name
        case "page":
            return "page_view"
        case "screen":
            return "screen_view"
        case "identify" | "alias":
            return IDENTIFY
        case "group":
            raise Unusable("not_used", "A group call says nothing about a person, and is not used.")
        case _:
            known = ", ".join(CALLS)
            raise Unusable("bad_type", f"type == {str(call)[:40]!r}, must be one of {known}.")


def _read_properties(name: str, properties: Mapping[str, Any], fields: dict[str, str]) -> None:
    amount = next((properties[key] for key in ("revenue", "value", "total") if properties.get(key) is not None), None)
    order = properties.get("order_id") or properties.get("orderId") or properties.get("transaction_id")
    said = {
        "value": amount_of(amount, "revenue"),
        "currency": currency_of(properties.get("currency")),
        "transaction_id": text_of(order, "order_id"),
    }
    if name == "refund" and amount is None:
        said["value"] = refunded_of(properties.get("products"))
    fields |= {field: value for field, value in said.items() if value is not None}
    if name in _OF_ORDERS and "transaction_id" not in fields:
        raise Unusable("no_order_id", _OF_ORDERS[name])


def _read_context(context: Mapping[str, Any], fields: dict[str, str]) -> None:
    campaign, place = _object(context.get("campaign")), _object(context.get("location"))
    session = context.get("sessionId") or _object(context.get("session")).get("id")
    for field, value in (
        ("source", campaign.get("source")),
        ("medium", campaign.get("medium")),
        ("campaign", campaign.get("name")),
        ("device", _device(context)),
        ("region", place.get("region") or place.get("country")),
        ("session", session),
    ):
        if value and (said := text_of(value, field)) is not None:
            fields[field] = said


def _people(
    message: Mapping[str, Any], context: Mapping[str, Any], traits: Mapping[str, Any], click: str | None
) -> dict[str, str]:
    known = {**_object(context.get("traits")), **traits}
    device = _object(context.get("device"))
    found = {
        _CLIENT: message.get("anonymousId") or message.get("previousId"),
        _USER: message.get("userId"),
        _EMAIL: known.get("email"),
        _PHONE: known.get("phone"),
        _DEVICE: device.get("advertisingId") or device.get("id"),
        _CLICK: click,
    }
    people = {kind: said for kind, value in found.items() if value and (said := text_of(value, kind)) is not None}
    if _CLIENT not in people and _USER not in people:
        raise Unusable("nobody", "The call has neither anonymousId nor userId.")
    return people


_CLIENT: Final = IdentifierKind.client.value
_USER: Final = IdentifierKind.user.value
_EMAIL: Final = IdentifierKind.email.value
_PHONE: Final = IdentifierKind.phone.value
_DEVICE: Final = IdentifierKind.device.value
_CLICK: Final = IdentifierKind.click.value


def _id(message: Mapping[str, Any], account_key: int) -> str:
    said = text_of(message.get("messageId"), "messageId")
    if said is not None:
        return digest_of(account_key, "message", said)
    told = {name: value for name, value in message.items() if name not in {"sentAt", "writeKey", "receivedAt"}}
    try:
        return digest_of(account_key, orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode())
    except orjson.JSONEncodeError as error:
        raise Unusable("bad_value", f"The call holds a value that cannot be read: {error}.") from error


def _device(context: Mapping[str, Any]) -> str | None:
    said = _object(context.get("device")).get("type")
    if isinstance(said, str) and said.lower() in {"desktop", "mobile", "tablet"}:
        return said.lower()
    if isinstance(said, str) and said:
        return "mobile"  # ios, android
    agent = context.get("userAgent")
    if not isinstance(agent, str) or not agent:
        return None
    if re.search(r"iPad|Tablet|PlayBook|Silk|Android(?!.*Mobile)", agent):
        return "tablet"
    return "mobile" if "Mobi" in agent else "desktop"


def _consents(context: Mapping[str, Any]) -> bool:
    said = _object(_object(context.get("consent")).get("categoryPreferences"))
    return not any(value is False for name, value in said.items() if name.lower() in {"analytics", "advertising"})


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
