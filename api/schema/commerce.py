"""Orders, conversions by day, deals and their stages, e-mail and organic traffic."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import strawberry

from api.schema.context import Info
from api.schema.described import resolved
from api.schema.filters import FilterArgument, unsettled
from api.schema.paging import After, First, PageInfo, cursor, page_size, position_of
from api.schema.scalars import BigInt, Money
from warehouse.queries import commerce, crm


@strawberry.type(description="An order in its newest version, without anything that names a customer.")
class ShopOrder:
    platform: str = strawberry.field(description="The shop system.")
    account_id: str = strawberry.field(description="The shop.")
    order_id: str = strawberry.field(description="The shop's id of the order.")
    order_name: str | None = strawberry.field(description="What the shop calls it, e.g. #1001.")
    ordered_at: dt.datetime = strawberry.field(description="When it was placed.")
    date_day: dt.date = strawberry.field(description="The day in the shop's time zone.")
    customer_key: BigInt | None = strawberry.field(description="Who ordered, as far as is known.")
    currency: str = strawberry.field(description="Currency of the amounts.")
    revenue: Money = strawberry.field(description="Goods after discounts and refunds, without tax and shipping.")
    margin: Money | None = strawberry.field(description="Revenue less the cost of the goods, where the shop says it.")
    refunded: Money | None = strawberry.field(description="What was given back, tax and shipping included.")
    items: int | None = strawberry.field(description="Pieces ordered.")
    counts: bool = strawberry.field(description="False for a test order and for a cancelled one.")
    is_test: bool = strawberry.field(description="Whether it is a test order.")
    cancelled_at: dt.datetime | None = strawberry.field(description="When it was cancelled.")
    is_new_customer: bool | None = strawberry.field(description="Whether it is the customer's first order there.")
    utm_source: str | None = strawberry.field(description="utm_source of the visit in which it was placed.")
    utm_medium: str | None = strawberry.field(description="utm_medium of that visit.")
    utm_campaign: str | None = strawberry.field(description="utm_campaign of that visit.")
    load_key: int = strawberry.field(description="The load that wrote this version.")


@strawberry.type(description="A page of orders.")
class ShopOrderConnection:
    nodes: list[ShopOrder] = strawberry.field(description="The orders of this page.")
    page_info: PageInfo = strawberry.field(description="Whether and how the list goes on.")


@strawberry.type(description="The conversions of one kind and currency on one day that count.")
class ConversionDay:
    date_day: dt.date = strawberry.field(description="Day in the account's time zone.")
    kind: str = strawberry.field(description="order, lead, deal, offline or signup.")
    currency: str = strawberry.field(description="Currency of the value.")
    conversions: BigInt = strawberry.field(description="How many.")
    value: Money | None = strawberry.field(description="What they are worth together; null where nothing says so.")
    new_customers: BigInt = strawberry.field(description="Orders that are a customer's first.")


@strawberry.type(description="A deal of a CRM in its newest version, without its title.")
class Deal:
    platform: str = strawberry.field(description="The CRM.")
    account_id: str = strawberry.field(description="Its account.")
    deal_id: str = strawberry.field(description="The CRM's id of the deal.")
    customer_key: BigInt | None = strawberry.field(description="Whose it is, as far as is known.")
    pipeline: str | None = strawberry.field(description="Pipeline or record type.")
    stage: str | None = strawberry.field(description="The stage it is in.")
    amount: Money | None = strawberry.field(description="What it is worth.")
    currency: str = strawberry.field(description="Currency of the amount.")
    created_at: dt.datetime | None = strawberry.field(description="When it was made.")
    updated_at: dt.datetime | None = strawberry.field(description="When the CRM last changed it.")
    closes_at: dt.datetime | None = strawberry.field(description="When it closed or is planned to.")
    is_won: bool = strawberry.field(description="Whether it is won.")
    won_at: dt.datetime | None = strawberry.field(description="When it was won.")
    is_closed: bool = strawberry.field(description="Whether it is won or lost.")
    source: str | None = strawberry.field(description="Where the CRM says that it came from.")
    campaign_id: str | None = strawberry.field(description="The CRM's primary campaign.")


@strawberry.type(description="A page of deals.")
class DealConnection:
    nodes: list[Deal] = strawberry.field(description="The deals of this page.")
    page_info: PageInfo = strawberry.field(description="Whether and how the list goes on.")


@strawberry.type(description="What became of the deals that entered a stage.")
class DealStage:
    platform: str = strawberry.field(description="The CRM.")
    pipeline: str | None = strawberry.field(description="Pipeline of the deals.")
    stage: str = strawberry.field(description="The stage.")
    deals: BigInt = strawberry.field(description="Deals that entered it.")
    moved_on: BigInt = strawberry.field(description="Those of them that entered another stage later.")
    won: BigInt = strawberry.field(description="Those of them that are won by now.")
    median_days: float | None = strawberry.field(description="Median days until the next stage.")


@strawberry.type(description="An e-mail campaign on a day.")
class EmailDay:
    date_day: dt.date = strawberry.field(description="Day of sending, or of the log.")
    platform: str = strawberry.field(description="The mail tool.")
    account_id: str = strawberry.field(description="Its account.")
    campaign_id: str = strawberry.field(description="Id of the campaign, or its name.")
    campaign_name: str | None = strawberry.field(description="Name of the campaign.")
    sent: BigInt | None = strawberry.field(description="E-mails sent.")
    delivered: BigInt | None = strawberry.field(description="E-mails delivered.")
    opens: BigInt | None = strawberry.field(description="Opens; inflated, since Apple's Mail opens everything itself.")
    clicks: BigInt | None = strawberry.field(description="Clicks.")
    unsubscribes: BigInt | None = strawberry.field(description="People who unsubscribed.")
    revenue: Money | None = strawberry.field(description="Revenue that the mail tool claims.")
    currency: str = strawberry.field(description="Currency of revenue.")


@strawberry.type(description="Unpaid traffic of one origin on a day.")
class OrganicDay:
    date_day: dt.date = strawberry.field(description="Day.")
    platform: str = strawberry.field(description="Where it was counted.")
    account_id: str = strawberry.field(description="The account, e.g. the property.")
    origin: str = strawberry.field(description="organic_search, or what the log calls it.")
    impressions: BigInt | None = strawberry.field(description="Impressions in unpaid results.")
    clicks: BigInt | None = strawberry.field(description="Clicks.")
    sessions: BigInt | None = strawberry.field(description="Sessions.")


@strawberry.type
class CommerceQuery:
    @resolved("Orders of the period, newest first; for many of them use /export.")
    def orders(
        self, info: Info, filter_: FilterArgument = None, first: First = 100, after: After = None
    ) -> ShopOrderConnection:
        context, chosen, size = info.context, unsettled(filter_, info.context), page_size(first)
        question = f"orders {chosen.cache_key()}"
        position = position_of(context, question, after)
        start = (
            None if position is None else commerce.OrderPosition(dt.datetime.fromisoformat(position[0]), *position[1:])
        )
        rows = commerce.orders(context.session, chosen, limit=size + 1, after=start)
        shown = rows[:size]
        end = (
            [shown[-1].ordered_at.isoformat(), shown[-1].platform, shown[-1].account_id, shown[-1].order_id]
            if shown
            else None
        )
        return ShopOrderConnection(
            nodes=[_order(row) for row in shown],
            page_info=PageInfo(
                has_next_page=len(rows) > size, end_cursor=cursor(context, question, end) if end else None
            ),
        )

    @resolved("What counts as a conversion, by day, kind and currency.")
    def conversions_by_day(self, info: Info, filter_: FilterArgument = None) -> list[ConversionDay]:
        rows = commerce.conversion_days(info.context.session, unsettled(filter_, info.context))
        return [
            ConversionDay(
                date_day=row.date_day,
                kind=row.kind,
                currency=row.currency,
                conversions=BigInt(row.conversions),
                value=_money(row.value),
                new_customers=BigInt(row.new_customers),
            )
            for row in rows
        ]

    @resolved("Deals, by CRM, account and id.")
    def deals(self, info: Info, first: First = 100, after: After = None) -> DealConnection:
        context, size = info.context, page_size(first)
        position = position_of(context, "deals", after)
        start = None if position is None else crm.DealPosition(*position)
        rows = crm.deals(context.session, limit=size + 1, after=start)
        shown = rows[:size]
        end = [shown[-1].platform, shown[-1].account_id, shown[-1].deal_id] if shown else None
        return DealConnection(
            nodes=[_deal(row) for row in shown],
            page_info=PageInfo(
                has_next_page=len(rows) > size, end_cursor=cursor(context, "deals", end) if end else None
            ),
        )

    @resolved("What became of the deals that entered each stage.")
    def deal_stages(self, info: Info) -> list[DealStage]:
        return [
            DealStage(
                platform=row.platform,
                pipeline=row.pipeline,
                stage=row.stage,
                deals=BigInt(row.deals),
                moved_on=BigInt(row.moved_on),
                won=BigInt(row.won),
                median_days=row.median_days,
            )
            for row in crm.stage_summaries(info.context.session)
        ]

    @resolved("E-mail of the period by campaign and day, newest first.")
    def email_by_day(self, info: Info, filter_: FilterArgument = None, first: First = 100) -> list[EmailDay]:
        rows = commerce.email_days(info.context.session, unsettled(filter_, info.context), limit=page_size(first))
        return [
            EmailDay(
                date_day=row.date_day,
                platform=row.platform,
                account_id=row.account_id,
                campaign_id=row.campaign_id,
                campaign_name=row.campaign_name,
                sent=_count(row.sent),
                delivered=_count(row.delivered),
                opens=_count(row.opens),
                clicks=_count(row.clicks),
                unsubscribes=_count(row.unsubscribes),
                revenue=_money(row.revenue),
                currency=row.currency,
            )
            for row in rows
        ]

    @resolved("Unpaid traffic of the period by origin and day, newest first.")
    def organic_by_day(self, info: Info, filter_: FilterArgument = None, first: First = 100) -> list[OrganicDay]:
        rows = commerce.organic_days(info.context.session, unsettled(filter_, info.context), limit=page_size(first))
        return [
            OrganicDay(
                date_day=row.date_day,
                platform=row.platform,
                account_id=row.account_id,
                origin=row.origin,
                impressions=_count(row.impressions),
                clicks=_count(row.clicks),
                sessions=_count(row.sessions),
            )
            for row in rows
        ]


def _order(row: commerce.Order) -> ShopOrder:
    return ShopOrder(
        platform=row.platform,
        account_id=row.account_id,
        order_id=row.order_id,
        order_name=row.order_name,
        ordered_at=row.ordered_at,
        date_day=row.date_day,
        customer_key=_count(row.customer_key),
        currency=row.currency,
        revenue=Money(row.revenue),
        margin=_money(row.margin),
        refunded=_money(row.refunded),
        items=row.items,
        counts=row.counts,
        is_test=row.is_test,
        cancelled_at=row.cancelled_at,
        is_new_customer=row.is_new_customer,
        utm_source=row.utm_source,
        utm_medium=row.utm_medium,
        utm_campaign=row.utm_campaign,
        load_key=row.load_key,
    )


def _deal(row: crm.Deal) -> Deal:
    return Deal(
        platform=row.platform,
        account_id=row.account_id,
        deal_id=row.deal_id,
        customer_key=_count(row.customer_key),
        pipeline=row.pipeline,
        stage=row.stage,
        amount=_money(row.amount),
        currency=row.currency,
        created_at=row.created_at,
        updated_at=row.updated_at,
        closes_at=row.closes_at,
        is_won=row.is_won,
        won_at=row.won_at,
        is_closed=row.is_closed,
        source=row.source,
        campaign_id=row.campaign_id,
    )


def _count(value: int | None) -> BigInt | None:
    return None if value is None else BigInt(value)


def _money(value: Decimal | None) -> Money | None:
    return None if value is None else Money(value)
