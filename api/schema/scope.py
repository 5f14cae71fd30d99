"""What there is to look at: accounts, and the values that a filter may take."""

from __future__ import annotations

import datetime as dt

import strawberry

from api.schema.context import Info
from api.schema.described import resolved
from warehouse.queries.scope import AccountScope, Choice


@strawberry.type(description="An account at a platform, shop or analytics tool that the reader sees.")
class Account:
    account_key: int = strawberry.field(description="Causeway's own key, stable within one warehouse.")
    platform: str = strawberry.field(description="The platform, e.g. google_ads.")
    platform_name: str = strawberry.field(description="The platform in words.")
    account_id: str = strawberry.field(description="The platform's id.")
    name: str = strawberry.field(description="The account's name.")
    currency: str = strawberry.field(description="The account's one currency.")
    time_zone: str = strawberry.field(description="The zone of the account's days.")
    first_day: dt.date | None = strawberry.field(description="First day with performance rows.")
    last_day: dt.date | None = strawberry.field(description="Last day with performance rows.")
    role: str | None = strawberry.field(description="What the reader may do with it: viewer, analyst, manager, admin.")


@strawberry.type(description="A value that a filter may take.")
class FilterChoice:
    key: str = strawberry.field(description="The value, as the filter takes it.")
    label: str = strawberry.field(description="The value in words.")


@strawberry.type(description="The values that a filter may take, over all accounts that the reader sees.")
class FilterChoices:
    platforms: list[FilterChoice] = strawberry.field(description="Platforms with data.")
    channels: list[FilterChoice] = strawberry.field(description="Channels with campaigns.")
    campaign_types: list[FilterChoice] = strawberry.field(description="Campaign types as the platforms write them.")
    first_day: dt.date | None = strawberry.field(description="The first day with data.")
    last_day: dt.date | None = strawberry.field(description="The newest day with data.")
    watermark: int = strawberry.field(description="The newest load that brought anything; it grows with the data.")


@strawberry.type
class ScopeQuery:
    @resolved("Accounts that the reader sees.")
    def accounts(self, info: Info) -> list[Account]:
        return [_account(row, info) for row in info.context.scope.accounts]

    @resolved("The values that a filter may take.")
    def filter_choices(self, info: Info) -> FilterChoices:
        scope = info.context.scope
        return FilterChoices(
            platforms=_choices(scope.platforms),
            channels=_choices(scope.channels),
            campaign_types=_choices(scope.campaign_types),
            first_day=scope.first_day,
            last_day=scope.last_day,
            watermark=scope.watermark,
        )


def _account(row: AccountScope, info: Info) -> Account:
    role = info.context.identity.role_on(row.account_key)
    return Account(
        account_key=row.account_key,
        platform=row.platform,
        platform_name=row.platform_name,
        account_id=row.account_id,
        name=row.name,
        currency=row.currency,
        time_zone=row.time_zone,
        first_day=row.first_day,
        last_day=row.last_day,
        role=None if role is None else role.name,
    )


def _choices(choices: tuple[Choice, ...]) -> list[FilterChoice]:
    return [FilterChoice(key=c.key, label=c.label) for c in choices]
