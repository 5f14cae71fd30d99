"""Journeys at hand, to be asked at once: those of a published run, or of any other period.

A published run keeps the path counts that it was computed from; what lies outside its period is read from the
journeys. Pages, GraphQL and the command line begin here.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import polars as pl

from ml.attribution.inputs import Inputs, Journeys, Segment, converting_journeys
from ml.attribution.paths import Paths
from warehouse.engine import ReadSession
from warehouse.errors import BadSetting, NotEnoughData
from warehouse.filters import Filter
from warehouse.queries.attribution import AttributionRun, published_attribution
from warehouse.queries.attribution_store import stored_inputs
from warehouse.queries.path_counts import (
    TOUCHES,
    JourneyStore,
    Window,
    converting_touches,
    journey_stores,
    path_counts,
)
from warehouse.schema.commerce import ConversionKind


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Journeys at hand: of which advertiser, towards what, and the published ``run`` of the goal, if there is one.

    ``is_kept`` is whether they are the path counts that the run keeps. Where they are not, the touches of converting
    journeys, which take longer to read, are read when they are needed.
    """

    store: JourneyStore
    goal: ConversionKind
    currency: str
    inputs: Inputs
    first: dt.date
    last: dt.date
    run: AttributionRun | None
    is_kept: bool

    @property
    def published(self) -> AttributionRun | None:
        """The run, where these are its journeys and no others."""
        run = self.run if self.is_kept else None
        return run if run and (run.first_day, run.last_day) == (self.first, self.last) else None

    @property
    def window(self) -> Window:
        """As the warehouse's questions take it."""
        return Window(self.store.advertiser_key, self.goal, self.first, self.last, self.currency)


def held_journeys(
    session: ReadSession,
    filter_: Filter,
    *,
    goal: ConversionKind | None = None,
    first: dt.date | None = None,
    last: dt.date | None = None,
) -> Held:
    """The journeys of the advertiser of the filter's accounts; without dates those of its published run.

    Within the period of the published run its own path counts answer, so that what is asked otherwise differs only in
    what was asked. Raises :class:`NotEnoughData` where there are no journeys, and as :func:`path_counts`.
    """
    runs = published_attribution(session, filter_)
    stores = [s for s in journey_stores(session) if not filter_.accounts or set(filter_.accounts) & set(s.accounts)]
    published = {run.advertiser_key for run in runs}
    store = next((s for s in stores if s.advertiser_key in published), next(iter(stores), None))
    if store is None:
        raise NotEnoughData(
            "There are no journeys, or they are of an advertiser with accounts that you may not read.",
            remedy="Load touchpoints and orders, and run `causeway run journeys`.",
        )
    mine = [run for run in runs if run.advertiser_key == store.advertiser_key]
    goal = goal or next(iter([*(run.goal for run in mine), *store.goals]), ConversionKind.order)
    run = next((run for run in mine if run.goal == goal), None)
    last = last or (run.last_day if run else store.last_day)
    first = first or (run.first_day if run else max(last - dt.timedelta(days=89), store.first_day))
    if last < first:
        raise BadSetting(f"the period ends ({last}) before it begins ({first}).", remedy="Swap the dates.")
    if run and run.has_paths and run.first_day <= first and last <= run.last_day and (
        filter_.currency in (None, run.currency)
    ):  # fmt: skip
        counts, touches = stored_inputs(session, run.run_key, goal)
        return Held(store, goal, run.currency, Inputs(counts, touches, store.steps), first, last, run, is_kept=True)
    currency = filter_.currency or next(iter(store.currencies), "USD")
    window = Window(store.advertiser_key, goal, first, last, currency)
    inputs = Inputs(path_counts(session, window), pl.DataFrame(schema=dict(TOUCHES)), store.steps)
    return Held(store, goal, currency, inputs, first, last, run, is_kept=False)


def journeys_of(session: ReadSession, held: Held, segment: Segment, paths: Paths) -> Journeys:
    """The converting journeys of a segment, with the channels of its paths."""
    inputs = held.inputs
    if not held.is_kept:
        inputs = replace(inputs, touches=converting_touches(session, held.window, held.store.touches))
    return converting_journeys(inputs, segment, paths.channels)
