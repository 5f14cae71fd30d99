"""Everything that one view of attribution shows: published where a run has it, otherwise asked of its path counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeVar, cast

from dashboard.attribution.asked import EVERY, Asked
from dashboard.reading import Reading
from dashboard.state import Days, View
from ml.attribution.answer import CALIBRATED
from ml.attribution.changes import Change, changes_between
from ml.attribution.held import Held, held_journeys
from ml.attribution.inputs import Customers, Dimension, Worth
from ml.attribution.journey_shape import Bin, Position, Transition, days_before, positions, touches_before, transitions
from ml.attribution.models import RULES
from ml.attribution.question import Question, lookback_said, settled
from ml.attribution.what_if import LiveCredits, WhatIf, what_if
from warehouse.errors import BadSetting, CausewayError, MissingRate, NotEnoughData
from warehouse.filters import Filter
from warehouse.queries.attribution import (
    Agreement,
    AttributionRun,
    CreditDay,
    CreditedPath,
    CreditRow,
    Dated,
    Grain,
    agreement,
    attribution_run,
    attribution_runs,
    credit_days,
    credited,
    credited_paths,
    published_attribution,
)
from warehouse.queries.journeys import JourneyState, StepFlow, journey_state, step_flows
from warehouse.queries.scope import Scope
from warehouse.schema.commerce import ConversionKind

T = TypeVar("T")

LAST: Final = "last"
BESIDE: Final = (LAST, "shapley", "fractional")  # what a model is compared with, where few are
AT_ONCE: Final = (*RULES, "markov", "shapley", "shapley_ordered", CALIBRATED)  # the others take longer than one waits
PATHS: Final = 100


@dataclass(frozen=True, slots=True)
class Told:
    """What attribution tells of one goal.

    ``compared`` has the channels' credits by model; ``channels`` are those of the model looked at, as asked, ``rows``
    those that the filter leaves, ``parts`` the same split as asked, ``daily`` by day of the conversion or of the touch.
    ``is_live`` is whether they were asked of path counts. ``usual`` are the model's credits without other settings,
    empty where none were asked. ``paths``, ``agreement`` and ``changes`` are those of the published run.
    """

    goal: ConversionKind
    model: str
    is_live: bool
    conversions: float
    untouched: float
    compared: Mapping[str, list[CreditRow]]
    usual: list[CreditRow]
    channels: list[CreditRow]
    rows: list[CreditRow]
    parts: list[CreditRow]
    campaign: str
    daily: list[CreditDay]
    agreement: list[Agreement]
    paths: list[CreditedPath]
    steps: list[StepFlow]
    transitions: list[Transition]
    positions: list[Position]
    touches: list[Bin]
    days: list[Bin]
    earlier: list[AttributionRun]
    changes: list[Change]

    @property
    def total(self) -> float:
        """Conversions that the model gives away."""
        return sum(row.conversions for row in self.channels)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a view shows. ``filter`` is the view's, of the run's period where the address says none.

    ``run`` is the published run of the goal, ``goals`` those that it has. ``told`` is None where nothing can be said;
    ``refused`` is then why, unless there is no run.
    """

    view: View
    scope: Scope
    days: Days
    filter: Filter
    state: JourneyState
    run: AttributionRun | None
    goals: tuple[ConversionKind, ...]
    told: Told | None
    refused: CausewayError | None

    @property
    def asked(self) -> Asked:
        return self.view.asked

    @property
    def currency(self) -> str:
        return self.filter.currency or ""

    @property
    def names(self) -> dict[str, str]:
        """What the keys of channels are called."""
        return {choice.key: choice.label for choice in (*self.scope.channels, *self.state.channels)}

    @property
    def is_whole(self) -> bool:
        """Whether the period is that of the published run."""
        return self.run is not None and (self.filter.start, self.filter.end) == (self.run.first_day, self.run.last_day)


def read_attribution(reading: Reading, query: dict[str, str]) -> Shown:
    """Read what an address shows. Raises :class:`~warehouse.errors.BadFilter` for one that means nothing."""
    days = reading.days
    view = View.from_query(query, days)
    state = journey_state(reading.session, view.filter)
    runs = published_attribution(reading.session, view.filter)
    runs = [run for run in runs if run.advertiser_key == runs[0].advertiser_key]
    run = next((run for run in runs if run.goal == view.goal), next(iter(runs), None))
    if run is None:
        return Shown(
            view, replace(reading.scope, channels=state.channels), days, view.filter, state, None, (), None, None
        )
    if not query.keys() & {"from", "to", "period"}:
        view = view.dated(run.first_day, run.last_day)
    filter_ = replace(view.filter, currency=view.filter.currency or run.currency)
    shown = Shown(
        view, replace(reading.scope, channels=state.channels), days, filter_, state, run,
        tuple(run.goal for run in runs), None, None,
    )  # fmt: skip
    try:
        return replace(shown, told=_told(reading, shown, run))
    except (BadSetting, NotEnoughData, MissingRate) as error:
        return replace(shown, refused=error)


def what_is_asked(asked: Asked, model: str, run: AttributionRun) -> WhatIf:
    """The question with everything said; what is not asked is as in the run."""
    return settled(question_of(asked, model), run)


def question_of(asked: Asked, model: str, by: tuple[Dimension, ...] = ()) -> Question:
    """The question of a model, with the settings that matter to it, split by ``by``."""
    chain = "markov" if model == CALIBRATED else model
    first, last = asked.ends
    looks_back = asked.window and chain in (*RULES, "shapley", "shapley_ordered")
    return Question(
        model,
        order=int(asked.order) if asked.order else None,
        first=first,
        last=last,
        half_life_days=float(asked.half_life) if asked.half_life else None,
        lookback=lookback_said(asked.window) if looks_back else None,
        view_weight=int(asked.views) / 100 if asked.views and chain in RULES else None,
        customers=cast("Customers", asked.customers),
        worth=cast("Worth", asked.worth),
        without=asked.without if asked.without and model != CALIBRATED else None,
        by=by,
    )


def model_of(asked: Asked, run: AttributionRun) -> str:
    """The model that is looked at: the one that was asked for, or one that the run has."""
    return asked.model if asked.model in run.models else next(m for m in (*BESIDE, *run.models) if m in run.models)


def _told(reading: Reading, shown: Shown, run: AttributionRun) -> Told:
    """What is published is kept until something else is; what is asked live, until something is loaded."""
    asked = shown.asked
    model = model_of(asked, run)
    held = _Kept(reading, shown, run)
    usual, mine = what_is_asked(Asked(), model, run), what_is_asked(asked, model, run)
    is_asked = usual != mine
    beside = run.models if asked.models == EVERY else tuple(name for name in BESIDE if name in run.models)
    if shown.is_whole:
        published = held("credits", lambda: credited(reading.session, run))
        compared = {name: [row for row in published if row.model == name] for name in run.models}
        conversions, untouched = float(run.conversions), float(run.untouched)
    else:
        compared = {
            name: list(held.live(what_is_asked(Asked(), name, run)).rows)
            for name in dict.fromkeys((*beside, model))
            if name in AT_ONCE
        }
        live = held.live(usual if model in AT_ONCE else what_is_asked(Asked(), LAST, run))
        conversions, untouched = live.conversions, live.untouched
    chosen = compared.get(model, [])
    if is_asked:
        live = held.live(mine)
        chosen, conversions, untouched = list(live.rows), live.conversions, live.untouched
    elif not chosen:
        raise NotEnoughData(
            f"{model} takes too long to be asked of another period.", remedy="Choose the published run's, or a model."
        )
    parts, campaign = _parts(reading, shown, run, held, model, mine if is_asked or not shown.is_whole else None, chosen)
    period = replace(shown.filter, channels=(), campaigns=(), platforms=(), campaign_types=())
    runs = held("runs", lambda: attribution_runs(reading.session, advertiser_key=run.advertiser_key, goal=run.goal))
    earlier = [one for one in runs if one.has_paths and one.run_key != run.run_key]
    return Told(
        goal=run.goal,
        model=model,
        is_live=is_asked or not shown.is_whole,
        conversions=conversions,
        untouched=untouched,
        compared={name: compared[name] for name in compared if name in (*beside, model, CALIBRATED)},
        usual=compared.get(model, []) if is_asked else [],
        channels=chosen,
        rows=_within(chosen, shown.filter),
        parts=parts,
        campaign=campaign,
        daily=_daily(reading, shown, run, held, model, mine if is_asked or not shown.is_whole else None),
        agreement=held("agreement", lambda: agreement(reading.session, run)),
        paths=held(f"paths {model}", lambda: credited_paths(reading.session, run, model, limit=PATHS)),
        steps=held("steps", lambda: step_flows(reading.session, period, run.goal)),
        transitions=held("transitions", lambda: transitions(held.journeys)),
        positions=held("positions", lambda: positions(held.journeys)),
        touches=held("touches", lambda: touches_before(held.journeys)),
        days=held("days", lambda: days_before(reading.session, held.journeys)),
        earlier=earlier,
        changes=_changes(reading, held, run, earlier, model, asked.run),
    )


class _Kept:
    """What is asked about the journeys of one run and period, kept under the question; the journeys are read once."""

    def __init__(self, reading: Reading, shown: Shown, run: AttributionRun) -> None:
        self._reading = reading
        self._shown = shown
        self._about = f"run {run.run_key} {run.goal} {shown.state.built_at}"
        self._run = run

    def __call__(self, question: str, ask: Callable[[], T]) -> T:
        key = f"attribution {question} {self._about}"
        period = replace(self._shown.filter, channels=(), campaigns=(), platforms=(), campaign_types=())
        return self._reading.kept(key, period, lambda _session, _filter: ask())

    @property
    def journeys(self) -> Held:
        filter_ = self._shown.filter
        return self(
            "journeys",
            lambda: held_journeys(
                self._reading.session, filter_, goal=self._run.goal, first=filter_.start, last=filter_.end
            ),
        )

    def live(self, question: WhatIf) -> LiveCredits:
        return self(f"what if {question!r}", lambda: what_if(self._reading.session, self.journeys, question))


def _parts(
    reading: Reading, shown: Shown, run: AttributionRun, held: _Kept, model: str, mine: WhatIf | None,
    channels: list[CreditRow],
) -> tuple[list[CreditRow], str]:  # fmt: skip
    """Credits split as asked, within the chosen channels and campaign, and the campaign's name."""
    split, filter_ = cast("Grain", shown.asked.split), shown.filter
    if split == "channel" or (mine is not None and mine.without):
        return _within(channels, filter_), ""

    def rows(grain: Grain) -> list[CreditRow]:
        if mine is None:
            return held(f"{grain} {model}", lambda: credited(reading.session, run, grain=grain, models=[model]))
        return list(held.live(replace(mine, by=(cast("Dimension", grain),))).rows)

    if not filter_.campaigns:
        return _within(rows(split), filter_), ""
    if split == "campaign":
        return [row for row in _within(rows("campaign"), filter_) if row.item_key in filter_.campaigns], ""
    # Below a campaign two dimensions are asked for at once, and their names come as one.
    campaign = next((row.item for row in rows("campaign") if row.item_key in filter_.campaigns), None) or ""
    both = what_is_asked(shown.asked, model, run) if mine is None else mine
    found = held.live(replace(both, by=("campaign", cast("Dimension", split)))).rows if model in AT_ONCE else ()
    named = f"{campaign} · "
    return [
        replace(row, item=(row.item or "").removeprefix(named) if row.item != campaign else None)
        for row in _within(found, filter_)
        if row.item == campaign or (row.item or "").startswith(named)
    ], campaign


def _daily(
    reading: Reading, shown: Shown, run: AttributionRun, held: _Kept, model: str, mine: WhatIf | None
) -> list[CreditDay]:
    """Credits by day, within the chosen channels; none without a channel, which cannot be split."""
    dated = cast("Dated", shown.asked.dated)
    if mine is None:
        found = held(f"days {model} {dated}", lambda: credit_days(reading.session, run, model, dated=dated))
    elif mine.without:
        found = []
    else:
        dimension: Dimension = "touched" if dated == "touch" else "date"
        rows = held.live(replace(mine, by=(dimension,), draws=0)).rows
        found = [CreditDay(dt.date.fromisoformat(row.item), row.channel, row.conversions, row.value)
                 for row in rows if row.item]  # fmt: skip
    return [day for day in found if not shown.filter.channels or day.channel in shown.filter.channels]


def _within(rows: Iterable[CreditRow], filter_: Filter) -> list[CreditRow]:
    return [row for row in rows if not filter_.channels or row.channel in filter_.channels]


def _changes(
    reading: Reading, held: _Kept, run: AttributionRun, earlier: list[AttributionRun], model: str, chosen: str
) -> list[Change]:
    """Why the model's credits are others than those of the chosen run; nothing where none is chosen."""
    if not chosen or model in (CALIBRATED, "fractional", "shapley_rate") or not run.has_paths:
        return []
    before = next((one for one in earlier if one.run_key == int(chosen)), None)
    before = before or attribution_run(reading.session, int(chosen), run.goal)
    return held(f"changes {before.run_key} {model}", lambda: changes_between(reading.session, before, run, model))
