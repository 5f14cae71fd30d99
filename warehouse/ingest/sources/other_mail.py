"""E-mail by campaign and day in nobody's own shape."""

from __future__ import annotations

from warehouse.ingest.sources.model import Platform, Source, column

PLATFORM = Platform(name="other_mail", label="Other e-mail", words=("newsletter", "email", "mail"), lookback_days=30)

SOURCES = (
    Source(
        name="other_mail.by_day",
        platform=PLATFORM,
        label="E-mail by campaign and day",
        dataset="email_day",
        priority=-1,
        columns={
            "date": column("date", "day", "send date", "sent on"),
            "account_id": column("account id"),
            "currency": column("currency"),
            "campaign_id": column("campaign id", "mailing id", "email id"),
            "campaign_name": column("campaign", "campaign name", "mailing", "subject", "email name"),
            "sent": column("sent", "sends", "recipients", "emails sent"),
            "delivered": column("delivered", "deliveries"),
            "opens": column("opens", "opened", "unique opens"),
            "clicks": column("clicks", "clicked", "unique clicks"),
            "unsubscribes": column("unsubscribes", "unsubscribed"),
            "revenue": column("revenue", "order revenue"),
        },
        signature=("date|day|send date|sent on", "sent|sends|recipients|emails sent|delivered",
                   "opens|opened|unique opens|clicks|clicked|unique clicks"),
        excludes=("impressions", "spend", "cost"),
        required=("date", "sent|delivered"),
    ),
)  # fmt: skip
