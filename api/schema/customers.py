"""Customers corrected and forgotten, and the advertisers whose customers they are. For administrators."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import strawberry

from api.actions import advertisers, customers
from api.actions.customers import Given
from api.schema.context import Info
from api.schema.described import changing, choice, resolved
from api.schema.outcomes import Failure, outcome
from api.schema.scalars import BigInt
from warehouse.changes import customers as changes
from warehouse.schema.people import IdentifierKind as Kind


@strawberry.enum(description="By what a person is known.")
class IdentifierKind(Enum):
    EMAIL = choice(Kind.email, "An e-mail address, or its SHA-256.")
    PHONE = choice(Kind.phone, "A phone number with its country, or its SHA-256.")
    USER = choice(Kind.user, "The user or customer id of a shop or a product.")
    CONTACT = choice(Kind.contact, "A contact or lead of a CRM; its namespace is the CRM.")
    DEVICE = choice(Kind.device, "A device.")
    CLIENT = choice(Kind.client, "A browser: GA4's user_pseudo_id, Segment's anonymousId.")
    CLICK = choice(Kind.click, "A click id: gclid, fbclid, ...")


@strawberry.input(description="By what a customer is known. The value is stored nowhere and never shown.")
class KnownByInput:
    kind: IdentifierKind = strawberry.field(description="What it is.")
    value: str = strawberry.field(description="As it is written.")
    namespace: str = strawberry.field(
        description="Whose id it is, where ids of several systems count alike.", default=""
    )


@strawberry.type(description="The customer that two identifiers are now.")
class MergedCustomer:
    customer_key: BigInt = strawberry.field(description="Its key.")


@strawberry.type(description="Whose two identifiers are after a tie was taken back.")
class PartedCustomers:
    customer_key: BigInt = strawberry.field(description="The customer of the first.")
    other_key: BigInt | None = strawberry.field(
        description="The customer of the other: the same one where other records still tie them. Null without an other."
    )


@strawberry.type(description="How many rows a deletion took out of a table.")
class DeletedRows:
    table: str = strawberry.field(description="The table.")
    rows: BigInt = strawberry.field(description="How many.")


@strawberry.type(description="A customer who is gone, and of whom nothing is taken again.")
class ForgottenCustomer:
    customer_key: BigInt = strawberry.field(description="The key that it had.")
    deleted: list[DeletedRows] = strawberry.field(description="What was deleted.")


@strawberry.type(description="Whose customers the people of some accounts are.")
class Advertiser:
    advertiser_key: int = strawberry.field(description="Its key.")
    name: str = strawberry.field(description="Its name.")
    accounts: list[str] = strawberry.field(description="Its accounts, as PLATFORM/ID.")


MergedCustomerResult = Annotated[
    MergedCustomer | Failure,
    strawberry.union("MergedCustomerResult", description="The customer, or why nothing was changed."),
]
PartedCustomersResult = Annotated[
    PartedCustomers | Failure,
    strawberry.union("PartedCustomersResult", description="The customers, or why nothing was changed."),
]
ForgottenCustomerResult = Annotated[
    ForgottenCustomer | Failure,
    strawberry.union("ForgottenCustomerResult", description="What was deleted, or why nothing was."),
]
AdvertiserResult = Annotated[
    Advertiser | Failure,
    strawberry.union("AdvertiserResult", description="The advertiser, or why nothing was changed."),
]

AdvertiserName = Annotated[str, strawberry.argument(description="The advertiser's name.")]
One = Annotated[KnownByInput, strawberry.argument(description="By what it is known.")]


@strawberry.type
class CustomerQuery:
    @resolved("Advertisers with their accounts. For administrators.")
    def advertisers(self, info: Info) -> list[Advertiser]:
        found = advertisers.list_advertisers(info.context.warehouse, info.context.identity)
        return [Advertiser(advertiser_key=a.advertiser_key, name=a.name, accounts=a.accounts) for a in found]


@strawberry.type
class CustomerMutation:
    @changing("Make two customers one. For administrators.")
    def merge_customers(
        self,
        info: Info,
        one: One,
        other: Annotated[KnownByInput, strawberry.argument(description="By what the other is known.")],
        advertiser: AdvertiserName = "default",
    ) -> MergedCustomerResult:
        c = info.context
        return outcome(
            lambda: MergedCustomer(
                customer_key=BigInt(
                    customers.merge_customers(
                        c.warehouse, c.identity, _given(one), _given(other), advertiser=advertiser
                    )
                )
            )
        )

    @changing("Take back what ties an identifier to another, or to all others. For administrators.")
    def split_customer(
        self,
        info: Info,
        one: One,
        other: Annotated[
            KnownByInput | None, strawberry.argument(description="By what the other is known; null for all others.")
        ] = None,
        advertiser: AdvertiserName = "default",
    ) -> PartedCustomersResult:
        c = info.context

        def change() -> PartedCustomers:
            second = None if other is None else _given(other)
            parted = customers.split_customer(c.warehouse, c.identity, _given(one), second, advertiser=advertiser)
            return PartedCustomers(
                customer_key=BigInt(parted.customer_key),
                other_key=None if parted.other_key is None else BigInt(parted.other_key),
            )

        return outcome(change)

    @changing("Delete a customer everywhere and for good. For administrators.")
    def forget_customer(self, info: Info, one: One, advertiser: AdvertiserName = "default") -> ForgottenCustomerResult:
        c = info.context
        return outcome(
            lambda: _forgotten(customers.forget_customer(c.warehouse, c.identity, _given(one), advertiser=advertiser))
        )

    @changing("Add an advertiser, to whom accounts can belong. For administrators.")
    def create_advertiser(self, info: Info, name: AdvertiserName) -> AdvertiserResult:
        c = info.context

        def change() -> Advertiser:
            key = advertisers.create_advertiser(c.warehouse, c.identity, name=name)
            return Advertiser(advertiser_key=key, name=name, accounts=[])

        return outcome(change)

    @changing("Let an account belong to an advertiser, before its first people are loaded. For administrators.")
    def assign_account(
        self,
        info: Info,
        account_key: Annotated[int, strawberry.argument(description="Key of the account.")],
        advertiser: AdvertiserName,
    ) -> AdvertiserResult:
        c = info.context

        def change() -> Advertiser:
            advertisers.assign_account(c.warehouse, c.identity, account_key=account_key, advertiser=advertiser)
            found = advertisers.list_advertisers(c.warehouse, c.identity)
            now = next(a for a in found if a.name == advertiser)
            return Advertiser(advertiser_key=now.advertiser_key, name=now.name, accounts=now.accounts)

        return outcome(change)


def _given(known_by: KnownByInput) -> Given:
    return Given(known_by.kind.value, known_by.value, known_by.namespace)


def _forgotten(gone: changes.Forgotten) -> ForgottenCustomer:
    deleted = [DeletedRows(table=table, rows=BigInt(rows)) for table, rows in sorted(gone.rows.items())]
    return ForgottenCustomer(customer_key=BigInt(gone.customer_key), deleted=deleted)
