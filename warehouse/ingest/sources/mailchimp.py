"""Mailchimp: campaigns as downloaded."""

from __future__ import annotations

from warehouse.ingest.sources.model import Platform, Source, column

PLATFORM = Platform(name="mailchimp", label="Mailchimp", words=("mailchimp",), lookback_days=30)

SOURCES = (
    Source(
        name="mailchimp.campaigns",
        platform=PLATFORM,
        label="Mailchimp campaigns, downloaded",
        dataset="email_day",
        columns={
            "date": column("send date", "sendtime", "send time"),
            "campaign_id": column("unique id", "campaign id"),
            "campaign_name": column("title", "campaign title"),
            "sent": column("total recipients", "emails sent"),
            "delivered": column("successful deliveries"),
            "opens": column("unique opens"),
            "clicks": column("unique clicks"),
            "unsubscribes": column("unsubscribes"),
            "revenue": column("total revenue", "total gross sales"),
        },
        signature=("title|campaign title", "send date|send time", "total recipients|emails sent", "unique opens",
                   "unique clicks"),
        required=("date", "sent"),
        ignored=("subject", "list", "audience", "send weekday", "soft bounces", "hard bounces", "total bounces",
                 "times forwarded", "forwarded opens", "open rate", "total opens", "click rate", "total clicks",
                 "abuse complaints", "times liked on facebook", "folder id", "total orders", "analytics roi",
                 "campaign cost", "revenue created", "visits", "new visitors", "pages/visit", "bounce rate",
                 "time on site", "goal conversion rate", "per visit goal value", "transactions",
                 "ecommerce conversion rate", "per visit value", "average value", "goal"),
    ),
)  # fmt: skip
