"""What streams bring, as it arrives."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import strawberry

from api.schema.context import Info
from api.schema.described import resolved
from api.schema.paging import First, page_size
from api.schema.scalars import BigInt, Money
from warehouse.queries import live as queries


@strawberry.type(description="What arrived minute by minute, as columns.")
class LiveMinutes:
    minutes: list[dt.datetime] = strawberry.field(description="The minutes, in UTC and in order, without gaps.")
    events: list[int] = strawberry.field(description="Events that were taken.")
    repeated: list[int] = strawberry.field(description="Events whose id had been taken before.")
    refused: list[int] = strawberry.field(description="Events that were refused.")


@strawberry.type(description="One source of one account.")
class LiveSource:
    account_key: int = strawberry.field(description="Key of the account.")
    account_name: str = strawberry.field(description="Name of the account.")
    source: str = strawberry.field(description="ga4_mp, segment, or kafka/TOPIC.")
    events: BigInt = strawberry.field(description="Events that were taken in the minutes asked for.")
    repeated: BigInt = strawberry.field(description="Events whose id had been taken before.")
    refused: BigInt = strawberry.field(description="Events that were refused.")
    mean_lag: float | None = strawberry.field(description="Seconds from event to arrival, on average.")
    longest_lag: float | None = strawberry.field(description="Seconds from event to arrival, of the slowest.")
    last_arrived_at: dt.datetime | None = strawberry.field(description="The last minute in which anything came.")
    settled_at: dt.datetime | None = strawberry.field(
        description="When its newest events reached sessions, orders and sums."
    )


@strawberry.type(description="An event that was refused. Nothing personal is kept of it.")
class RefusedEvent:
    refused_event_key: int = strawberry.field(description="A number that grows with time.")
    arrived_at: dt.datetime = strawberry.field(description="When it came.")
    account_name: str = strawberry.field(description="Name of the account.")
    source: str = strawberry.field(description="ga4_mp, segment, or kafka/TOPIC.")
    name: str | None = strawberry.field(description="Its name, where it had one.")
    code: str = strawberry.field(description="Stable code of the reason.")
    reason: str = strawberry.field(description="The reason in words.")
    shape: str = strawberry.field(description="The message with every value replaced by its type.")


@strawberry.type(description="An event that was taken, without anything personal.")
class NewEvent:
    arrived_at: dt.datetime = strawberry.field(description="When it came.")
    at: dt.datetime = strawberry.field(description="When it happened.")
    account_name: str = strawberry.field(description="Name of the account.")
    source: str = strawberry.field(description="ga4_mp, segment, or kafka/TOPIC.")
    name: str = strawberry.field(description="Its name.")


@strawberry.type(description="What streams brought since midnight of each account's own clock, in one currency.")
class TodaySoFar:
    currency: str = strawberry.field(description="Currency of the accounts.")
    sessions: BigInt = strawberry.field(description="Sessions.")
    orders: BigInt = strawberry.field(description="Orders.")
    revenue: Money = strawberry.field(description="Revenue of the orders.")


@strawberry.type(description="What streams bring.")
class Live:
    last: strawberry.Private[int]

    @resolved("What arrived minute by minute, up to this one.")
    def minutes(self, info: Info) -> LiveMinutes:
        found = queries.minutes(info.context.session, last=self.last)
        return LiveMinutes(
            minutes=[m.minute for m in found],
            events=[m.events for m in found],
            repeated=[m.repeated for m in found],
            refused=[m.refused for m in found],
        )

    @resolved("Every source that ever brought an event, the busiest first.")
    def sources(self, info: Info) -> list[LiveSource]:
        return [
            LiveSource(
                account_key=s.account_key,
                account_name=s.account_name,
                source=s.source,
                events=BigInt(s.events),
                repeated=BigInt(s.repeated),
                refused=BigInt(s.refused),
                mean_lag=s.mean_lag,
                longest_lag=s.longest_lag,
                last_arrived_at=s.last_arrived_at,
                settled_at=s.settled_at,
            )
            for s in queries.sources(info.context.session, last=self.last)
        ]

    @resolved("Refused events, newest first.")
    def refused_events(self, info: Info, first: First = 50) -> list[RefusedEvent]:
        found = queries.refused_events(info.context.session, limit=page_size(first))
        return [
            RefusedEvent(
                refused_event_key=r.refused_event_key,
                arrived_at=r.arrived_at,
                account_name=r.account_name,
                source=r.source,
                name=r.name,
                code=r.code,
                reason=r.reason,
                shape=r.shape,
            )
            for r in found
        ]

    @resolved("The events that came last.")
    def newest_events(self, info: Info, first: First = 25) -> list[NewEvent]:
        found = queries.newest_events(info.context.session, limit=page_size(first))
        return [
            NewEvent(arrived_at=e.arrived_at, at=e.at, account_name=e.account_name, source=e.source, name=e.name)
            for e in found
        ]

    @resolved("Today so far, by currency; empty where nothing streams.")
    def today(self, info: Info) -> list[TodaySoFar]:
        return [
            TodaySoFar(
                currency=t.currency, sessions=BigInt(t.sessions), orders=BigInt(t.orders), revenue=Money(t.revenue)
            )
            for t in queries.today(info.context.session)
        ]


@strawberry.type
class LiveQuery:
    @resolved("What streams bring, as it arrives.")
    def live(
        self,
        last: Annotated[int, strawberry.argument(description="How many minutes to look back, up to 1440.")] = 60,
    ) -> Live:
        return Live(last=max(1, last))
