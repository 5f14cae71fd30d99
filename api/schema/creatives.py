"""What ads show: creatives, the pictures in them, and what they did day by day."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated

import strawberry

from api.schema.context import Info
from api.schema.described import resolved
from api.schema.paging import After, First, PageInfo, cursor, page_size, position_of
from api.schema.scalars import BigInt, Money
from warehouse.queries import creatives as queries


@strawberry.type(description="One text of a responsive ad.")
class CreativeAsset:
    kind: str = strawberry.field(description="headline or description.")
    text: str = strawberry.field(description="The text.")


@strawberry.type(description="A further column of the export that brought the creative.")
class CreativeDetail:
    name: str = strawberry.field(description="Name of the column.")
    value: str = strawberry.field(description="Its value.")


@strawberry.type(description="A creative on a day: what the ads that show it did, in the account's own currency.")
class CreativeDay:
    date_day: dt.date = strawberry.field(description="The day.")
    currency: str = strawberry.field(description="Currency of the amounts.")
    impressions: BigInt | None = strawberry.field(description="Impressions.")
    clicks: BigInt | None = strawberry.field(description="Clicks by the platform's own definition.")
    spend: Money | None = strawberry.field(description="What the platform charged.")
    conversions: Decimal | None = strawberry.field(description="Conversions that the platform claims.")
    conversion_value: Money | None = strawberry.field(description="Revenue that the platform claims.")
    is_final: bool = strawberry.field(description="False while the platform may still restate the day.")


@strawberry.type(description="What an ad shows, in its newest version.")
class Creative:
    creative_key: int = strawberry.field(description="Causeway's own key, stable within one warehouse.")
    platform: str = strawberry.field(description="The platform.")
    account_id: str = strawberry.field(description="The platform's id of the account.")
    account_name: str = strawberry.field(description="Name of the account.")
    creative_id: str = strawberry.field(description="The platform's id of the creative.")
    name: str | None = strawberry.field(description="Its name.")
    format: str | None = strawberry.field(description="image, video, carousel, text, link, product, or another word.")
    headline: str | None = strawberry.field(description="Headline; of a responsive ad the first one.")
    body: str | None = strawberry.field(description="Body text; of a responsive ad the first description.")
    call_to_action: str | None = strawberry.field(description="Call to action, in the platform's words.")
    landing_page: str | None = strawberry.field(description="Where it leads.")
    language: str | None = strawberry.field(description="Language.")
    tags: list[str] = strawberry.field(description="Tags.")
    assets: list[CreativeAsset] = strawberry.field(description="All texts of a responsive ad.")
    details: list[CreativeDetail] = strawberry.field(description="Further columns of the export.")
    image_reference: str | None = strawberry.field(description="The picture as the export names it.")
    image_path: str | None = strawberry.field(description="Where this server serves the picture, where it was loaded.")
    width: int | None = strawberry.field(description="Width in pixels.")
    height: int | None = strawberry.field(description="Height in pixels.")
    duration_seconds: Decimal | None = strawberry.field(description="Duration of a video.")
    first_day: dt.date | None = strawberry.field(description="First day that it runs, where an export says it.")
    last_day: dt.date | None = strawberry.field(description="Last day that it runs, where an export says it.")
    ad_ids: list[str] = strawberry.field(description="The platform's ids of the ads that show it.")
    updated_at: dt.datetime = strawberry.field(description="When a load last changed it.")


@strawberry.type(description="A page of creatives.")
class CreativeConnection:
    nodes: list[Creative] = strawberry.field(description="The creatives of this page.")
    page_info: PageInfo = strawberry.field(description="Whether and how the list goes on.")


CreativeKey = Annotated[int, strawberry.argument(description="Causeway's key of the creative.")]


@strawberry.type
class CreativeQuery:
    @resolved("Creatives, in the order in which they were first seen.")
    def creatives(
        self,
        info: Info,
        format: Annotated[  # noqa: A002 - the name in the schema
            str | None, strawberry.argument(description="Only those of this format.")
        ] = None,
        first: First = 50,
        after: After = None,
    ) -> CreativeConnection:
        context, size, question = info.context, page_size(first), f"creatives {format}"
        position = position_of(context, question, after)
        rows = queries.creatives(context.session, format_=format, limit=size + 1, after=position[0] if position else 0)
        shown = rows[:size]
        return CreativeConnection(
            nodes=[_creative(row) for row in shown],
            page_info=PageInfo(
                has_next_page=len(rows) > size,
                end_cursor=cursor(context, question, [shown[-1].creative_key]) if shown else None,
            ),
        )

    @resolved("One creative.")
    def creative(self, info: Info, creative_key: CreativeKey) -> Creative:
        return _creative(queries.creative(info.context.session, creative_key))

    @resolved("What a creative did, newest day first; nothing where the platform reports no single ads.")
    def creative_days(self, info: Info, creative_key: CreativeKey, first: First = 28) -> list[CreativeDay]:
        rows = queries.creative_days(info.context.session, creative_key, limit=page_size(first))
        return [
            CreativeDay(
                date_day=row.date_day,
                currency=row.currency,
                impressions=None if row.impressions is None else BigInt(row.impressions),
                clicks=None if row.clicks is None else BigInt(row.clicks),
                spend=None if row.spend is None else Money(row.spend),
                conversions=row.conversions,
                conversion_value=None if row.conversion_value is None else Money(row.conversion_value),
                is_final=row.is_final,
            )
            for row in rows
        ]


def _creative(row: queries.Creative) -> Creative:
    return Creative(
        creative_key=row.creative_key,
        platform=row.platform,
        account_id=row.account_id,
        account_name=row.account_name,
        creative_id=row.creative_id,
        name=row.creative_name,
        format=row.format,
        headline=row.headline,
        body=row.body,
        call_to_action=row.call_to_action,
        landing_page=row.landing_page,
        language=row.language,
        tags=row.tags,
        assets=[CreativeAsset(kind=asset["kind"], text=asset["text"]) for asset in row.assets],
        details=[CreativeDetail(name=name, value=str(value)) for name, value in row.metadata.items()],
        image_reference=row.image_reference,
        image_path=row.image_path,
        width=row.width,
        height=row.height,
        duration_seconds=row.duration_seconds,
        first_day=row.first_day,
        last_day=row.last_day,
        ad_ids=row.ad_ids,
        updated_at=row.updated_at,
    )
