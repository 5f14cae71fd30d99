"""Touchpoints and visits by day and channel."""

from __future__ import annotations

import datetime as dt

import strawberry

from api.schema.context import Info
from api.schema.described import resolved
from api.schema.filters import FilterArgument, settled
from api.schema.scalars import BigInt
from warehouse.queries import web as queries


@strawberry.type(description="Contacts of people with channels by day, channel and kind, as columns of equal length.")
class TouchpointDays:
    dates: list[dt.date] = strawberry.field(description="Days in each account's time zone, in order.")
    channels: list[str] = strawberry.field(description="Channels.")
    kinds: list[str] = strawberry.field(description="impression, click, visit, email_open or email_click.")
    touchpoints: list[BigInt] = strawberry.field(description="Contacts.")
    customers: list[BigInt] = strawberry.field(
        description="People met on that day in that way; they do not add up over days."
    )


@strawberry.type(description="Visits by the day on which they began and by channel, as columns of equal length.")
class SessionDays:
    dates: list[dt.date] = strawberry.field(description="Days in each property's time zone, in order.")
    channels: list[str] = strawberry.field(description="Channels by source and medium.")
    sessions: list[BigInt] = strawberry.field(description="Visits.")
    engaged_sessions: list[BigInt] = strawberry.field(
        description="Visits of ten seconds, two page views or a key event; the others bounced."
    )
    page_views: list[BigInt] = strawberry.field(description="Page views.")
    duration_seconds: list[BigInt] = strawberry.field(description="Seconds that the visits took together.")
    purchases: list[BigInt] = strawberry.field(description="Visits with a purchase.")


@strawberry.type
class WebQuery:
    @resolved("Touchpoints of a period. Platforms, channels, accounts and campaigns of the filter narrow it.")
    def touchpoints_by_day(self, info: Info, filter_: FilterArgument = None) -> TouchpointDays:
        days = queries.touchpoints_by_day(info.context.session, settled(filter_, info.context))
        return TouchpointDays(
            dates=[d.date for d in days],
            channels=[d.channel for d in days],
            kinds=[d.kind for d in days],
            touchpoints=[BigInt(d.touchpoints) for d in days],
            customers=[BigInt(d.customers) for d in days],
        )

    @resolved("Visits of a period, from web events. Platforms, channels and accounts of the filter narrow it.")
    def sessions_by_day(self, info: Info, filter_: FilterArgument = None) -> SessionDays:
        days = queries.sessions_by_day(info.context.session, settled(filter_, info.context))
        return SessionDays(
            dates=[d.date for d in days],
            channels=[d.channel for d in days],
            sessions=[BigInt(d.sessions) for d in days],
            engaged_sessions=[BigInt(d.engaged_sessions) for d in days],
            page_views=[BigInt(d.page_views) for d in days],
            duration_seconds=[BigInt(d.duration_seconds) for d in days],
            purchases=[BigInt(d.purchases) for d in days],
        )
