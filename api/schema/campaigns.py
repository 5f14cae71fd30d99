"""Campaigns with their KPIs, and their days one by one."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum
from typing import Annotated

import strawberry

from api.schema.context import Context, Info
from api.schema.described import choice, resolved
from api.schema.filters import FilterArgument, settled, unsettled
from api.schema.kpis import KpiName, Kpis, kpis_of
from api.schema.paging import After, First, PageInfo, cursor, page_size, position_of
from api.schema.scalars import BigInt, Money
from warehouse.queries import campaigns as queries
from warehouse.queries.campaigns import CampaignKpis, CampaignPosition, Order
from warehouse.queries.rows import CampaignDay as Row
from warehouse.queries.rows import Position, campaign_days


@strawberry.enum(description="Which way a list is sorted. What is unknown comes last either way.")
class Direction(Enum):
    ASC = choice("asc", "Smallest first.")
    DESC = choice("desc", "Largest first.")


@strawberry.input(description="By what campaigns are sorted.")
class CampaignOrder:
    kpi: KpiName | None = strawberry.field(
        description="The KPI to sort by; the campaign's name when null.", default=KpiName.SPEND
    )
    direction: Direction = strawberry.field(description="Which way.", default=Direction.DESC)


@strawberry.type(description="A campaign with its KPIs in a period.")
class Campaign:
    campaign_key: int = strawberry.field(description="Causeway's own key, stable within one warehouse.")
    campaign_id: str = strawberry.field(description="The platform's id; its name where the export has no id.")
    name: str = strawberry.field(description="The latest name.")
    campaign_type: str | None = strawberry.field(description="The platform's own campaign type.")
    status: str | None = strawberry.field(description="The platform's latest status, where an export says it.")
    platform: str = strawberry.field(description="The platform, e.g. google_ads.")
    channel: str = strawberry.field(description="The channel of the taxonomy.")
    account_key: int = strawberry.field(description="Key of the account.")
    account_id: str = strawberry.field(description="The platform's id of the account.")
    account_name: str = strawberry.field(description="Name of the account.")
    currency: str = strawberry.field(description="Currency of all amounts, the same for every campaign of the page.")
    is_final: bool = strawberry.field(description="False while the platform may still restate a day of the period.")
    kpis: Kpis = strawberry.field(description="KPIs of the period.")
    previous: Kpis | None = strawberry.field(description="KPIs of the compared period; null without rows in it.")
    position: strawberry.Private[CampaignPosition]


@strawberry.type(description="A campaign and the cursor of its place in the list.")
class CampaignEdge:
    cursor: str = strawberry.field(description="Give it as `after` to begin behind this campaign.")
    node: Campaign = strawberry.field(description="The campaign.")


@strawberry.type(description="A page of campaigns.")
class CampaignConnection:
    nodes: list[Campaign] = strawberry.field(description="The campaigns of this page.")
    total_count: int = strawberry.field(description="How many there are on all pages.")
    page_info: PageInfo = strawberry.field(description="Whether and how the list goes on.")
    question: strawberry.Private[str]

    @resolved("The same campaigns, each with its cursor.")
    def edges(self, info: Info) -> list[CampaignEdge]:
        return [CampaignEdge(cursor=_cursor(info.context, self.question, n.position), node=n) for n in self.nodes]


@strawberry.type(description="A campaign on one day, as its platform reports it, in the account's own currency.")
class CampaignDay:
    date_day: dt.date = strawberry.field(description="Day in the account's time zone.")
    platform: str = strawberry.field(description="The platform, e.g. google_ads.")
    channel: str = strawberry.field(description="The channel of the taxonomy.")
    account_id: str = strawberry.field(description="The platform's id of the account.")
    account_name: str = strawberry.field(description="Name of the account.")
    campaign_key: int = strawberry.field(description="Causeway's own key of the campaign.")
    campaign_id: str = strawberry.field(description="The platform's id of the campaign.")
    campaign_name: str = strawberry.field(description="The campaign's latest name.")
    campaign_type: str | None = strawberry.field(description="The platform's own campaign type.")
    currency: str = strawberry.field(description="Currency of spend and conversion value.")
    impressions: BigInt | None = strawberry.field(description="Impressions; null where not reported.")
    clicks: BigInt | None = strawberry.field(description="Clicks by the platform's own definition.")
    spend: Money | None = strawberry.field(description="What the platform charged.")
    conversions: Decimal | None = strawberry.field(description="Conversions that the platform claims.")
    conversion_value: Money | None = strawberry.field(description="Revenue that the platform claims.")
    is_final: bool = strawberry.field(description="False while the platform may still restate the day.")
    level: str = strawberry.field(
        description="The level that the numbers come from: campaign, ad_group, ad or account."
    )
    click_definition: str | None = strawberry.field(description="all, link, swipe, tap or destination.")
    load_key: int = strawberry.field(description="The load that wrote the current version.")


@strawberry.type(description="A page of campaign days.")
class CampaignDayConnection:
    nodes: list[CampaignDay] = strawberry.field(description="The rows of this page.")
    page_info: PageInfo = strawberry.field(description="Whether and how the list goes on.")


@strawberry.type
class CampaignQuery:
    @resolved("Campaigns with rows in the period or in the compared one, with their KPIs.")
    def campaigns(
        self,
        info: Info,
        filter_: FilterArgument = None,
        first: First = 100,
        after: After = None,
        order_by: Annotated[
            CampaignOrder | None, strawberry.argument(description="By what; largest spend first when omitted.")
        ] = None,
    ) -> CampaignConnection:
        context, chosen = info.context, settled(filter_, info.context)
        given = order_by or CampaignOrder()
        order = Order(given.kpi.value if given.kpi else queries.BY_NAME, given.direction is Direction.DESC)
        question = f"campaigns {order.by} {order.descending} {chosen.cache_key()}"
        position = position_of(context, question, after)
        page = queries.campaigns(
            context.session,
            chosen,
            order=order,
            limit=page_size(first),
            after=None if position is None else CampaignPosition(*position),
        )
        nodes = [_campaign(row, chosen.currency or "") for row in page.rows]
        return CampaignConnection(
            nodes=nodes,
            total_count=page.total,
            page_info=PageInfo(
                has_next_page=page.more,
                end_cursor=_cursor(context, question, nodes[-1].position) if nodes else None,
            ),
            question=question,
        )

    @resolved("Campaign days of the period, newest first; for many of them use /export.")
    def campaign_days(
        self, info: Info, filter_: FilterArgument = None, first: First = 100, after: After = None
    ) -> CampaignDayConnection:
        context, chosen, size = info.context, unsettled(filter_, info.context), page_size(first)
        question = f"campaign_days {chosen.cache_key()}"
        position = position_of(context, question, after)
        start = None if position is None else Position(dt.date.fromisoformat(position[0]), position[1])
        rows = campaign_days(context.session, chosen, limit=size + 1, after=start)
        shown = rows[:size]
        end = [shown[-1].date_day.isoformat(), shown[-1].campaign_key] if shown else None
        return CampaignDayConnection(
            nodes=[_day(row) for row in shown],
            page_info=PageInfo(
                has_next_page=len(rows) > size, end_cursor=cursor(context, question, end) if end else None
            ),
        )


def _cursor(context: Context, question: str, position: CampaignPosition) -> str:
    return cursor(context, question, [position.value, position.campaign_key])


def _campaign(row: CampaignKpis, currency: str) -> Campaign:
    before = row.previous_kpis()
    return Campaign(
        campaign_key=row.campaign_key,
        campaign_id=row.campaign_id,
        name=row.name,
        campaign_type=row.campaign_type,
        status=row.status,
        platform=row.platform,
        channel=row.channel,
        account_key=row.account_key,
        account_id=row.account_id,
        account_name=row.account_name,
        currency=currency,
        is_final=row.is_final,
        kpis=kpis_of(row.kpis()),
        previous=None if before is None else kpis_of(before),
        position=row.position,
    )


def _day(row: Row) -> CampaignDay:
    return CampaignDay(
        date_day=row.date_day,
        platform=row.platform,
        channel=row.channel,
        account_id=row.account_id,
        account_name=row.account_name,
        campaign_key=row.campaign_key,
        campaign_id=row.campaign_id,
        campaign_name=row.campaign_name,
        campaign_type=row.campaign_type,
        currency=row.currency,
        impressions=None if row.impressions is None else BigInt(row.impressions),
        clicks=None if row.clicks is None else BigInt(row.clicks),
        spend=None if row.spend is None else Money(row.spend),
        conversions=row.conversions,
        conversion_value=None if row.conversion_value is None else Money(row.conversion_value),
        is_final=row.is_final,
        level=row.level,
        click_definition=row.click_definition,
        load_key=row.load_key,
    )
