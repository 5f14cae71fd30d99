"""Why credits changed from one run to another."""

from __future__ import annotations

from dataclasses import dataclass

from ml.attribution.difference import CAUSES, difference_of
from ml.attribution.inputs import Inputs, Segment, counted_paths
from ml.attribution.job import model_said
from ml.attribution.models import attribute
from ml.attribution.paths import Paths
from warehouse.engine import ReadSession
from warehouse.errors import BadSetting
from warehouse.queries.attribution import AttributionRun
from warehouse.queries.attribution_store import stored_inputs
from warehouse.queries.path_counts import journey_stores


@dataclass(frozen=True, slots=True)
class Change:
    """Why a channel's credit changed between two runs: ``change`` is the sum of the four causes after it."""

    channel: str
    before: float
    after: float
    volume: float
    mix: float
    rates: float
    model: float

    @property
    def change(self) -> float:
        """After less before."""
        return self.after - self.before


def changes_between(session: ReadSession, before: AttributionRun, after: AttributionRun, model: str) -> list[Change]:
    """Why a model's credits changed from one run to another: volumes, the mix of paths, how they convert, the model.

    The largest changes first. Raises :class:`~warehouse.errors.NotFound` where a run's paths are not kept,
    :class:`BadSetting` for runs of two advertisers.
    """
    if before.advertiser_key != after.advertiser_key:
        raise BadSetting("the two runs are of two advertisers.", remedy="Choose two runs of one.")
    one, other = (model_said(model, run.parameters, run.markov_order) for run in (before, after))
    found = difference_of(
        _paths_of(session, before),
        _paths_of(session, after),
        lambda seen: attribute(seen, one).conversions,
        lambda seen: attribute(seen, other).conversions,
    )
    rows = [
        Change(channel, float(found.before[place]), float(found.after[place]),
               **{cause: float(found.causes[number, place]) for number, cause in enumerate(CAUSES)})
        for place, channel in enumerate(found.channels)
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-abs(row.change), row.channel))


def _paths_of(session: ReadSession, run: AttributionRun) -> Paths:
    store = next(s for s in journey_stores(session) if s.advertiser_key == run.advertiser_key)
    inputs = Inputs(*stored_inputs(session, run.run_key, run.goal), store.steps)
    return counted_paths(inputs, Segment(run.first_day, run.last_day))
