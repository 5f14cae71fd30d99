"""Klaviyo: campaigns and flows as downloaded, and the opens and clicks of single people."""

from __future__ import annotations

from warehouse.ingest.sources.model import Platform, Source, column

PLATFORM = Platform(name="klaviyo", label="Klaviyo", words=("klaviyo",), lookback_days=30)

SOURCES = (
    Source(
        name="klaviyo.campaigns",
        platform=PLATFORM,
        label="Klaviyo campaigns or flows, downloaded",
        dataset="email_day",
        columns={
            "date": column("send time", "send date", "sent at", "day", "date"),
            "campaign_id": column("campaign id", "flow id"),
            "campaign_name": column("campaign name", "flow name"),
            "sent": column("total recipients", "recipients"),
            "delivered": column("successful deliveries", "delivered"),
            "opens": column("unique opens", "opens"),
            "clicks": column("unique clicks", "clicks"),
            "unsubscribes": column("unsubscribes", "unsubscribed"),
            "revenue": column("revenue", "placed order value", "conversion value"),
        },
        signature=("campaign name|flow name", "send time|send date|sent at|day|date", "total recipients|recipients",
                   "unique opens|opens"),
        excludes=("impressions", "spend", "cost", "title", "email name"),
        required=("date", "sent|delivered"),
        ignored=("tags", "subject", "list", "send weekday", "open rate", "click rate", "bounces", "bounce rate",
                 "spam complaints", "spam complaints rate", "unsubscribe rate", "total opens", "total clicks",
                 "unique placed order", "placed order rate", "total placed orders", "placed order", "winning variant?",
                 "variant name", "campaign channel", "message channel", "status"),
    ),
    Source(
        name="klaviyo.events",
        platform=PLATFORM,
        label="Klaviyo events: opens and clicks, person by person",
        dataset="touchpoint",
        constants={"utm_medium": "email"},
        columns={
            "at": column("timestamp", "datetime", "event datetime", "event time", "time"),
            "kind": column("metric name", "metric", "event name", "event"),
            "touch_id": column("event id", "uuid", "id"),
            "email": column("email", "profile email"),
            "campaign_id": column("campaign id", "message id", "flow id"),
            "campaign_name": column("campaign name", "message name", "flow name"),
        },
        signature=("metric name|metric|event name|event", "email|profile email",
                   "timestamp|datetime|event datetime|event time|time",
                   "campaign name|message name|flow name|campaign id|message id"),
        excludes=("impressions", "spend", "cost", "event params", "user pseudo id", "anonymous id"),
        required=("at", "kind", "email"),
        ignored=("first name", "last name", "profile id", "subject", "list", "url", "client name", "client os"),
    ),
)  # fmt: skip
