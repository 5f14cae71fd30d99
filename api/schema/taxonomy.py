"""Channels and their rules, remembered column mappings, and the changes to both and to accounts."""

from __future__ import annotations

from typing import Annotated

import strawberry

from api.actions import accounts, taxonomy
from api.schema.context import Info
from api.schema.described import changing, resolved
from api.schema.outcomes import Failure, outcome
from warehouse.changes.entities import EditedAccount
from warehouse.queries import taxonomy as queries
from warehouse.queries.taxonomy import ChannelOfTaxonomy, ColumnMeaning


@strawberry.type(description="Campaigns of this platform and type belong to the channel.")
class ChannelRule:
    platform: str = strawberry.field(description="The platform.")
    type_key: str = strawberry.field(
        description="The campaign type in small letters without spaces, dashes and underscores; empty: the default."
    )


@strawberry.type(description="A marketing channel, the level at which budgets are thought about.")
class Channel:
    channel: str = strawberry.field(description="Its key, e.g. paid_search.")
    name: str = strawberry.field(description="Its name.")
    rules: list[ChannelRule] = strawberry.field(description="What belongs to it.")


@strawberry.type(description="What a header means in files of an account, said by a person.")
class ColumnMapping:
    account_id: str = strawberry.field(description="The platform's id of the account.")
    header: str = strawberry.field(description="The header in its normalised form.")
    field: str = strawberry.field(description="The field that it means.")


@strawberry.type(description="An account after a change.")
class ChangedAccount:
    account_key: int = strawberry.field(description="Its key.")
    platform: str = strawberry.field(description="The platform.")
    account_id: str = strawberry.field(description="The platform's id.")
    name: str = strawberry.field(description="Its name.")
    currency: str = strawberry.field(description="Its currency.")
    time_zone: str = strawberry.field(description="The zone of its days.")


ChannelResult = Annotated[
    Channel | Failure, strawberry.union("ChannelResult", description="The channel, or why it was not changed.")
]
ColumnMappingResult = Annotated[
    ColumnMapping | Failure,
    strawberry.union("ColumnMappingResult", description="The mapping, or why it was not changed."),
]
AccountResult = Annotated[
    ChangedAccount | Failure, strawberry.union("AccountResult", description="The account, or why it was not changed.")
]

ChannelKey = Annotated[str, strawberry.argument(description="The channel's key, e.g. paid_search.")]
ChannelName = Annotated[str, strawberry.argument(description="The channel's name.")]
PlatformKey = Annotated[str, strawberry.argument(description="The platform, e.g. google_ads.")]
CampaignType = Annotated[
    str, strawberry.argument(description="The campaign type as the platform writes it; empty for the default.")
]
AccountId = Annotated[str, strawberry.argument(description="The platform's id of the account.")]
Header = Annotated[str, strawberry.argument(description="The header as the file writes it.")]


@strawberry.type
class TaxonomyQuery:
    @resolved("The channel taxonomy.")
    def channels(self, info: Info) -> list[Channel]:
        return [_channel(c) for c in queries.channels(info.context.session)]

    @resolved("What people said that headers mean.")
    def column_mappings(self, info: Info) -> list[ColumnMapping]:
        return [_mapping(m) for m in queries.column_meanings(info.context.session)]


@strawberry.type
class TaxonomyMutation:
    @changing("Add a channel. For managers of every account.")
    def create_channel(self, info: Info, channel: ChannelKey, name: ChannelName) -> ChannelResult:
        c = info.context
        return outcome(lambda: _channel(taxonomy.create_channel(c.warehouse, c.identity, channel=channel, name=name)))

    @changing("Give a channel another name. For managers of every account.")
    def rename_channel(self, info: Info, channel: ChannelKey, name: ChannelName) -> ChannelResult:
        c = info.context
        return outcome(lambda: _channel(taxonomy.rename_channel(c.warehouse, c.identity, channel=channel, name=name)))

    @changing("Put a campaign type into a channel, at once and for the whole history.")
    def set_channel_rule(
        self, info: Info, platform: PlatformKey, campaign_type: CampaignType, channel: ChannelKey
    ) -> ChannelResult:
        c = info.context
        return outcome(
            lambda: _channel(
                taxonomy.put_channel_rule(
                    c.warehouse, c.identity, platform=platform, campaign_type=campaign_type, channel=channel
                )
            )
        )

    @changing("Remove a rule, so that the platform's default holds.")
    def delete_channel_rule(self, info: Info, platform: PlatformKey, campaign_type: CampaignType) -> ChannelResult:
        c = info.context
        return outcome(
            lambda: _channel(
                taxonomy.delete_channel_rule(c.warehouse, c.identity, platform=platform, campaign_type=campaign_type)
            )
        )

    @changing("Say what a header means in an account's files. For its managers.")
    def map_column(
        self,
        info: Info,
        account_id: AccountId,
        header: Header,
        field: Annotated[str, strawberry.argument(description="The field that it means, e.g. conversion_value.")],
    ) -> ColumnMappingResult:
        c = info.context
        return outcome(
            lambda: _mapping(
                accounts.map_column(c.warehouse, c.identity, account_id=account_id, header=header, field=field)
            )
        )

    @changing("Take back what was said about a header. For managers of the account.")
    def forget_column(self, info: Info, account_id: AccountId, header: Header) -> ColumnMappingResult:
        c = info.context
        return outcome(
            lambda: _mapping(accounts.forget_column(c.warehouse, c.identity, account_id=account_id, header=header))
        )

    @changing("Change an account's name, currency or zone; nothing is converted. For managers.")
    def edit_account(
        self,
        info: Info,
        account_key: Annotated[int, strawberry.argument(description="Key of the account.")],
        name: Annotated[str | None, strawberry.argument(description="Its new name.")] = None,
        currency: Annotated[str | None, strawberry.argument(description="What its amounts are in, e.g. EUR.")] = None,
        time_zone: Annotated[str | None, strawberry.argument(description="The zone of its days, IANA.")] = None,
    ) -> AccountResult:
        c = info.context
        return outcome(
            lambda: _account(
                accounts.edit_account(
                    c.warehouse, c.identity, account_key=account_key, name=name, currency=currency, time_zone=time_zone
                )
            )
        )


def _channel(found: ChannelOfTaxonomy) -> Channel:
    rules = [ChannelRule(platform=r.platform, type_key=r.type_key) for r in found.rules]
    return Channel(channel=found.channel, name=found.name, rules=rules)


def _mapping(found: ColumnMeaning) -> ColumnMapping:
    return ColumnMapping(account_id=found.account_id, header=found.header, field=found.field)


def _account(found: EditedAccount) -> ChangedAccount:
    return ChangedAccount(
        account_key=found.account_key,
        platform=found.platform,
        account_id=found.account_id,
        name=found.name,
        currency=found.currency,
        time_zone=found.time_zone,
    )
