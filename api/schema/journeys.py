"""Journeys: which channels customers met on the way to a conversion, and how far visits came."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import Annotated

import strawberry

from api.schema.context import Info
from api.schema.described import choice, resolved
from api.schema.filters import FilterArgument, settled, unsettled
from api.schema.paging import First, page_size
from api.schema.scalars import Money
from warehouse.filters import Filter
from warehouse.queries import funnel
from warehouse.queries import journeys as queries
from warehouse.queries.journeys import FEWEST_STEPS, MOST_STEPS
from warehouse.schema.commerce import ConversionKind


@strawberry.enum(description="The kind of conversion that journeys are looked at for.")
class Goal(Enum):
    ORDER = choice("order", "Orders of the shop.")
    LEAD = choice("lead", "Leads.")
    DEAL = choice("deal", "Deals that were won.")
    OFFLINE = choice("offline", "Conversions uploaded by click id.")
    SIGNUP = choice("signup", "Sign-ups.")


Steps = Annotated[
    int, strawberry.argument(description=f"How many steps are told apart, from {FEWEST_STEPS} to {MOST_STEPS}.")
]


@strawberry.type(description="Journeys of a period. That touches came before a conversion does not say they caused it.")
class JourneyTotals:
    conversions: int = strawberry.field(description="Conversions of known customers.")
    touched: int = strawberry.field(description="Those of them with a known touch within the lookback.")
    several: int = strawberry.field(description="Those of them with touches of several channels.")
    new_customers: int = strawberry.field(description="Those that were the customer's first, where known.")
    value: Money | None = strawberry.field(description="Their value; null where none is known.")
    touches: int = strawberry.field(description="Touches before them.")
    seconds: float | None = strawberry.field(description="From the first touch to the conversion, on average.")
    null_paths: int = strawberry.field(description="Journeys that no conversion followed within the lookback.")
    nobodys: int = strawberry.field(description="Conversions on top of these, of whom nobody is known.")


@strawberry.type(description="A path of channels with its journeys.")
class JourneyPath:
    channels: list[str] = strawberry.field(description="The channels in order, one per touch.")
    conversions: int = strawberry.field(description="Journeys along this path that ended in a conversion.")
    new_customers: int = strawberry.field(description="Those that were the customer's first, where known.")
    value: Money | None = strawberry.field(description="Value of the conversions; null where none is known.")
    seconds: float | None = strawberry.field(description="From the first touch to the conversion, on average.")
    null_paths: int = strawberry.field(description="Journeys along this path that no conversion followed.")
    conversion_share: float = strawberry.field(description="The share of the journeys that ended in a conversion.")


@strawberry.type(description="Journeys of so many touches.")
class PathLength:
    touches: int = strawberry.field(description="Touches; a conversion without a known touch has none.")
    conversions: int = strawberry.field(description="Journeys that ended in a conversion.")
    null_paths: int = strawberry.field(description="Journeys that no conversion followed.")


@strawberry.type(description="Conversions whose first touch came between so and so many hours before them.")
class TimeClass:
    from_hours: int = strawberry.field(description="At least so many hours.")
    to_hours: int | None = strawberry.field(description="Less than so many hours; null for the last class.")
    conversions: int = strawberry.field(description="Conversions.")


@strawberry.type(description="Conversions whose journey went from one channel to the next; repetitions count once.")
class StepFlow:
    position: int = strawberry.field(description="The place of the source in the journey, from 1.")
    source: str = strawberry.field(description="The channel.")
    target: str | None = strawberry.field(
        description="The next channel; null where the conversion came next, empty where further steps follow."
    )
    conversions: int = strawberry.field(description="Conversions.")


@strawberry.type(description="Visits of a channel that came at least so far.")
class ChannelFunnel:
    channel: str = strawberry.field(description="Channel of the taxonomy.")
    sessions: int = strawberry.field(description="Visits.")
    product: int = strawberry.field(description="Visits that saw a product.")
    cart: int = strawberry.field(description="Visits that put something into the cart.")
    checkout: int = strawberry.field(description="Visits that began to check out.")
    purchase: int = strawberry.field(description="Visits that bought.")


@strawberry.type(description="Journeys of a period, for who may read every account of an advertiser.")
class Journeys:
    filter_: strawberry.Private[Filter]
    kind: strawberry.Private[ConversionKind]
    goal: Goal = strawberry.field(description="The kind of conversion that these are about.")
    goals: list[Goal] = strawberry.field(description="The kinds of conversions that have journeys.")
    currency: str = strawberry.field(description="Currency of all amounts.")
    lookback_days: int | None = strawberry.field(
        description="How long before a conversion a touch may lie; null before the job journeys ran."
    )
    built_at: dt.datetime | None = strawberry.field(description="When journeys were last brought up to date.")
    waiting: int = strawberry.field(description="Customers whose latest changes are not built in yet.")
    hidden_advertisers: int = strawberry.field(
        description="Advertisers of which you see some accounts, and because of the others no journey."
    )

    @resolved("Totals of the period.")
    def totals(self, info: Info) -> JourneyTotals:
        return _totals(queries.journey_totals(info.context.session, self.filter_, self.kind)[0])

    @resolved("Totals of the compared period; null without comparison.")
    def previous(self, info: Info) -> JourneyTotals | None:
        found = queries.journey_totals(info.context.session, self.filter_, self.kind)[1]
        return None if found is None else _totals(found)

    @resolved("The paths with the most conversions.")
    def paths(self, info: Info, first: First = 50) -> list[JourneyPath]:
        found = queries.top_paths(info.context.session, self.filter_, self.kind, limit=page_size(first))
        return [
            JourneyPath(
                channels=list(path.channels), conversions=path.conversions, new_customers=path.new_customers,
                value=None if path.value is None else Money(path.value), seconds=path.seconds,
                null_paths=path.null_paths, conversion_share=path.conversion_share,
            )
            for path in found
        ]  # fmt: skip

    @resolved("Journeys by their number of touches.")
    def lengths(self, info: Info) -> list[PathLength]:
        found = queries.path_lengths(info.context.session, self.filter_, self.kind)
        return [PathLength(touches=n.touches, conversions=n.conversions, null_paths=n.null_paths) for n in found]

    @resolved("Conversions by the time from the first touch.")
    def times(self, info: Info) -> list[TimeClass]:
        found = queries.time_to_convert(info.context.session, self.filter_, self.kind)
        return [TimeClass(from_hours=c.from_hours, to_hours=c.to_hours, conversions=c.conversions) for c in found]

    @resolved("How converting journeys went on from each of their first channels, the largest flows first.")
    def steps(self, info: Info, steps: Steps = 4, first: First = 100) -> list[StepFlow]:
        found = queries.step_flows(info.context.session, self.filter_, self.kind, steps=steps)
        return [
            StepFlow(position=f.position, source=f.source, target=f.target, conversions=f.conversions)
            for f in found[: page_size(first)]
        ]


@strawberry.type
class JourneyQuery:
    @resolved("Which channels customers met on the way to a conversion; credit and order, not cause.")
    def journeys(
        self,
        info: Info,
        filter_: FilterArgument = None,
        goal: Annotated[
            Goal | None,
            strawberry.argument(description="The kind of conversion; orders, or what there is, if omitted."),
        ] = None,
    ) -> Journeys:
        given = unsettled(filter_, info.context)
        state = queries.journey_state(info.context.session, given)
        chosen = state.with_currency(given, settled(filter_, info.context).currency or "")
        kind = ConversionKind(goal.value) if goal else next(iter(state.goals), ConversionKind.order)
        return Journeys(
            filter_=chosen, kind=kind, goal=Goal(kind.value), goals=[Goal(g.value) for g in state.goals],
            currency=chosen.currency or "", lookback_days=state.lookback_days, built_at=state.built_at,
            waiting=state.waiting, hidden_advertisers=state.hidden,
        )  # fmt: skip

    @resolved("How far the visits of each channel came, from the visit to the purchase.")
    def channel_funnel(self, info: Info, filter_: FilterArgument = None) -> list[ChannelFunnel]:
        found = funnel.channel_funnel(info.context.session, settled(filter_, info.context))
        return [
            ChannelFunnel(
                channel=f.channel, sessions=f.sessions, product=f.product, cart=f.cart, checkout=f.checkout,
                purchase=f.purchase,
            )
            for f in found
        ]  # fmt: skip


def _totals(found: queries.JourneyTotals) -> JourneyTotals:
    return JourneyTotals(
        conversions=found.conversions, touched=found.touched, several=found.several,
        new_customers=found.new_customers, value=None if found.value is None else Money(found.value),
        touches=found.touches, seconds=found.seconds, null_paths=found.null_paths, nobodys=found.nobodys,
    )  # fmt: skip
