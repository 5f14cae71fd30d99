"""One event as every sender's shape is read into it, and what is said of one that cannot be taken.

The names of events are GA4's, whoever sends them: ``purchase``, ``page_view``, ``add_to_cart``.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import orjson

from warehouse.ingest.faults import without_addresses

LONGEST_NAME: Final = 200
LONGEST_TEXT: Final = 1_000
LONGEST_SHAPE: Final = 2_000
OLDEST_DAYS: Final = 3_653  # ten years: what is older has a broken clock
AHEAD: Final = dt.timedelta(days=1)  # a clock that goes wrong, and any time zone that was left out

# The parameters by which platforms mark the address that a click led to, with the source and medium that they imply.
CLICKS: Final[Mapping[str, tuple[str, str]]] = {
    "gclid": ("google", "cpc"),
    "gbraid": ("google", "cpc"),
    "wbraid": ("google", "cpc"),
    "msclkid": ("bing", "cpc"),
    "fbclid": ("facebook", "social"),  # Meta marks links in posts with it as well
    "ttclid": ("tiktok", "paid"),
    "li_fat_id": ("linkedin", "paid"),
    "twclid": ("twitter", "paid"),
    "epik": ("pinterest", "paid"),
    "ScCid": ("snapchat", "paid"),
    "rdt_cid": ("reddit", "paid"),
}


class Unusable(Exception):
    """An event that cannot be taken: ``code`` for programs, the reason for people."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(slots=True)
class StreamEvent:
    """One event. ``event_id`` is a digest of the account and the sender's id, 32 hexadecimal digits.

    ``people`` holds what it is known by, by kind of identifier as it came, and is hashed before anything is written.
    ``at`` is None where the sender states no time: the time of arrival is taken. ``fields`` are those of
    :data:`FIELDS` that are known, as text.
    """

    event_id: str
    name: str
    at: dt.datetime | None
    people: Mapping[str, str]
    fields: dict[str, str] = field(default_factory=dict)
    consent: bool = True  # False: nobody is to be known by it


@dataclass(slots=True, frozen=True)
class Refusal:
    """An event that was not taken. ``shape`` is the message without its values."""

    name: str | None
    code: str
    reason: str
    shape: str


FIELDS: Final = (
    "session", "page", "source", "medium", "campaign", "device", "region", "value", "currency", "transaction_id",
    "engaged", "engagement_ms",
)  # fmt: skip


def digest_of(account_key: int, *parts: str) -> str:
    """The first 128 bits of the SHA-256 of an account and some texts, which are kept apart from each other."""
    return hashlib.sha256("\x1f".join((str(account_key), *parts)).encode()).hexdigest()[:32]


def refused(message: Any, error: Unusable, name: object = None) -> Refusal:
    """The refusal of a message."""
    said = name if isinstance(name, str) else None
    return Refusal(
        None if said is None else without_addresses(printable(said)[:LONGEST_NAME]),
        error.code,
        without_addresses(error.reason),
        shape_of(message),
    )


def shape_of(message: Any) -> str:
    """A message with every value replaced by its type, so that a fault can be found and nothing personal is kept."""
    try:
        return orjson.dumps(_masked(message, 0)).decode()[:LONGEST_SHAPE]
    except (orjson.JSONEncodeError, RecursionError):
        return '"nothing readable"'


def _masked(value: Any, depth: int) -> Any:
    if isinstance(value, dict):
        kept = list(value.items())[:40] if depth < 5 else []
        return {printable(str(name))[:60]: _masked(v, depth + 1) for name, v in kept}
    if isinstance(value, list):
        return [_masked(v, depth + 1) for v in value[:3]] if depth < 5 else ["..."]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, (bytes, str)):
        return f"text of {len(value)}"
    return type(value).__name__


def printable(text: str) -> str:
    """Text that PostgreSQL and a terminal can take: what is no character becomes a mark."""
    return text if text.isprintable() else "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


# --- Reading the values of a message ---------------------------------------------------------------------------------


def name_of(value: Any) -> str:
    """An event's name. Raises :class:`Unusable`."""
    if not isinstance(value, str) or not value.strip():
        raise Unusable("no_name", "The event has no name. Send one, such as page_view or purchase.")
    if len(value) > LONGEST_NAME or not value.isprintable():
        raise Unusable("bad_name", f"The event's name must have 1 to {LONGEST_NAME} printable characters.")
    return value.strip()


def text_of(value: Any, what: str = "") -> str | None:
    """A text or number as text; None where there is none. Cut where it is longer than any honest value."""
    if isinstance(value, str):
        text = value.strip()
        if len(text) <= LONGEST_TEXT and text.isprintable():
            return text or None
    elif isinstance(value, bool) or value is None:
        return None
    elif isinstance(value, int):
        text = str(value)
    elif isinstance(value, float) and math.isfinite(value):
        text = str(int(value)) if value.is_integer() else repr(value)
    else:
        raise Unusable(f"bad_{what}" if what else "bad_value", f"{what or 'A value'} must be text or a number.")
    return printable(text)[:LONGEST_TEXT] if text else None


def amount_of(value: Any, what: str) -> str | None:
    """An amount as its digits; a number keeps those that it was written with. Raises :class:`Unusable`."""
    text = text_of(value, what)
    if text is None:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise Unusable(f"bad_{what}", f"{what} == {text[:40]!r} is not a number. Write it as 12.34.") from None
    if not amount.is_finite() or abs(amount) >= Decimal(10) ** 12:
        raise Unusable(f"bad_{what}", f"{what} == {text[:40]!r} is not an amount that can be kept.")
    return f"{amount:f}"


def refunded_of(items: Any) -> str | None:
    """What the items of a refund come to; None where none are named, since then all of the order is refunded.

    Raises :class:`Unusable` when they do not say it.
    """
    if not items:
        return None
    total = Decimal(0)
    for item in items if isinstance(items, list) else [items]:
        price, quantity = (amount_of(item.get(n), n) if isinstance(item, dict) else None for n in ("price", "quantity"))
        if price is None:
            raise Unusable("no_value", "A refund of some items needs a value, or a price (and quantity) of each item.")
        total += Decimal(price) * Decimal(quantity or 1)
    return amount_of(f"{total:f}", "value")


def currency_of(value: Any) -> str | None:
    """A currency's three letters. Raises :class:`Unusable`."""
    text = text_of(value, "currency")
    if text is None:
        return None
    if len(text) != 3 or not (text.isascii() and text.isalpha()):
        raise Unusable("bad_currency", f"currency == {text[:20]!r}. Write the three letters of ISO 4217, such as EUR.")
    return text.upper()


def moment_of_micros(value: Any, what: str) -> dt.datetime | None:
    """A moment from microseconds since 1970. Raises :class:`Unusable`."""
    if value is None:
        return None
    try:
        return _EPOCH + dt.timedelta(microseconds=int(value))
    except (TypeError, ValueError, OverflowError):
        raise Unusable(
            "bad_time", f"{what} == {str(value)[:40]!r} is not a number of microseconds since 1970."
        ) from None


def moment_of_text(value: Any, what: str) -> dt.datetime | None:
    """A moment from ISO 8601, or from milliseconds since 1970. Raises :class:`Unusable`."""
    if value is None or value == "":
        return None
    try:
        if isinstance(value, str):
            read = dt.datetime.fromisoformat(value)
            return read.astimezone(dt.UTC) if read.tzinfo else read.replace(tzinfo=dt.UTC)
        return _EPOCH + dt.timedelta(milliseconds=int(value))
    except (TypeError, ValueError, OverflowError):
        raise Unusable(
            "bad_time", f"{what} == {str(value)[:40]!r} is not a time. Write it as 2026-11-22T10:00:00.000Z."
        ) from None


def require_plausible(at: dt.datetime | None, arrived_at: dt.datetime) -> None:
    """Raise :class:`Unusable` for a time that has not come yet, or that only a broken clock says."""
    if at is None:
        return
    if at > arrived_at + AHEAD:
        raise Unusable("in_the_future", f"The event says that it happens at {at:%Y-%m-%d %H:%M} UTC, which is to come.")
    if at < arrived_at - dt.timedelta(days=OLDEST_DAYS):
        raise Unusable(
            "too_old", f"The event says that it happened at {at:%Y-%m-%d %H:%M} UTC. Check the unit of time."
        )


def address_fields(location: str | None, referrer: str | None = None) -> tuple[dict[str, str], str | None]:
    """What the address of a page says: its path and where the visit came from, and the click id that led there.

    Campaign parameters come first, then what a click id implies, then the site that referred.
    """
    if not location:
        return {}, None
    try:
        parts = urlsplit(location)
        other = urlsplit(referrer).hostname if referrer else None
    except ValueError:
        return {}, None
    found = {"page": printable(parts.path or "/")[:LONGEST_TEXT]}
    query = dict(parse_qsl(parts.query)) if parts.query and parts.query.count("&") < 100 else {}
    for name in ("source", "medium", "campaign"):
        if query.get(f"utm_{name}"):
            found[name] = printable(query[f"utm_{name}"])[:LONGEST_TEXT]
    click = next((name for name in CLICKS if query.get(name)), None)
    if "source" not in found:
        if click is not None:
            found["source"], found["medium"] = CLICKS[click]
        elif other and other != parts.hostname:
            found["source"], found["medium"] = printable(other)[:LONGEST_TEXT], "referral"
    return found, None if click is None else query[click]


_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
