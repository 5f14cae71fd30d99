"""Web servers: visits out of access logs, as far as their addresses say where they came from."""

from __future__ import annotations

from warehouse.ingest.sources.model import Alias, Platform, Source, column

PLATFORM = Platform(name="web", label="Web server", words=("access", "accesslog", "nginx", "apache"), lookback_days=1)

_CLICKS = (
    "gclid",
    "fbclid",
    "msclkid",
    "ttclid",
    "li_fat_id",
    "wbraid",
    "gbraid",
    "twclid",
    "epik",
    "ScCid",
    "rdt_cid",
)


def _tag(*names: str) -> tuple[Alias, ...]:
    """Parameters of the request's address."""
    return tuple(Alias("log request", query=name) for name in names)


SOURCES = (
    Source(
        name="web.access_log",
        platform=PLATFORM,
        label="Access log of a web server, combined format",
        dataset="touchpoint",
        columns={
            "at": column("log time"),
            "page": column("log request"),
            "status": column("log status"),
            "referrer": column("log referrer"),
            "agent": column("log agent"),
            "click_id": column(*_tag(*_CLICKS), combine="coalesce"),
            "utm_source": column(*_tag("utm_source"), combine="coalesce"),
            "utm_medium": column(*_tag("utm_medium"), combine="coalesce"),
            "utm_campaign": column(*_tag("utm_id", "utm_campaign"), combine="coalesce"),
        },
        signature=("log time", "log request", "log status"),
        ignored=("log method",),
        constants={"kind": "visit"},
    ),
)
