"""Changes to experiments: registered, started, stopped, decided."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any

import strawberry

from api.actions import experiments as actions
from api.schema.context import Info
from api.schema.described import changing
from api.schema.experiments import ExperimentKey
from api.schema.outcomes import Failure, outcome
from warehouse.changes.experiments import Standing


@strawberry.input(description="An arm of an experiment.")
class ArmInput:
    arm: str = strawberry.field(description="Its id.")
    share: Decimal | None = strawberry.field(description="The part of the units that it is meant to get.", default=None)
    is_control: bool = strawberry.field(description="Whether the others are compared with it.", default=False)


@strawberry.input(description="What an experiment is judged by.")
class MetricInput:
    metric: str = strawberry.field(description="The metric, as outcomes name it.")
    role: str = strawberry.field(description="primary, secondary or guardrail.", default="primary")
    better: str = strawberry.field(description="higher or lower.", default="higher")
    margin: Decimal | None = strawberry.field(
        description="What a guardrail may lose, as a part of the control's mean.", default=None
    )
    denominator: str | None = strawberry.field(description="The outcome that it is divided by.", default=None)
    outcome: str | None = strawberry.field(
        description="The outcome that it is told of, where its name is another one.", default=None
    )
    statistic: str | None = strawberry.field(
        description="mean, share or quantile; p90:revenue and share:visit say it by their name.", default=None
    )
    quantile: Decimal | None = strawberry.field(description="Which quantile, such as 0.9.", default=None)
    cap: Decimal | None = strawberry.field(description="Values of a unit above it count as it.", default=None)
    winsorise: Decimal | None = strawberry.field(
        description="The same by a quantile of what units did before, such as 0.99.", default=None
    )
    covariates: list[str] | None = strawberry.field(
        description="Outcomes before the start to adjust for; all that are known when omitted.", default=None
    )


@strawberry.input(description="An experiment to be registered.")
class ExperimentInput:
    experiment_id: str = strawberry.field(description="Its id, as rows of files name it.")
    name: str | None = strawberry.field(description="Its name.", default=None)
    hypothesis: str | None = strawberry.field(description="What it asks.", default=None)
    owner: str | None = strawberry.field(description="Who owns it.", default=None)
    kind: str = strawberry.field(description="ab, geo, holdout, go_dark or switchback.", default="ab")
    unit: str | None = strawberry.field(description="user, session, geo or time_slot.", default=None)
    starts_at: dt.datetime | None = strawberry.field(description="Start; without it, it is a draft.", default=None)
    stops_at: dt.datetime | None = strawberry.field(description="Planned stop.", default=None)
    exposure_rule: str | None = strawberry.field(description="When a unit has met its treatment.", default=None)
    planned_units: int | None = strawberry.field(description="Units that are planned.", default=None)
    channels: list[str] = strawberry.field(description="Channels concerned.", default_factory=list)
    campaign_ids: list[str] = strawberry.field(description="Campaigns concerned.", default_factory=list)
    arms: list[ArmInput] = strawberry.field(description="Its arms, at least two for a comparison.")
    metrics: list[MetricInput] = strawberry.field(description="What it is judged by.")
    inference: str = strawberry.field(
        description="How it is read: sequential (at any look), fixed (once, at the end) or group_sequential.",
        default="sequential",
    )
    layer: str | None = strawberry.field(description="A unit is in one experiment of a layer.", default=None)
    counts: str = strawberry.field(
        description="Which units count: assigned, or exposed: those that met the treatment, from that day on.",
        default="assigned",
    )
    strata: str | None = strawberry.field(
        description="What units are weighed within, as assignments say it in their column stratum.", default=None
    )
    cluster: str | None = strawberry.field(
        description="What was put into arms, as assignments say it of each unit in their column cluster.", default=None
    )


@strawberry.type(description="Where an experiment stands.")
class ExperimentStanding:
    experiment_key: int = strawberry.field(description="Causeway's own key.")
    experiment_id: str = strawberry.field(description="Its id.")
    status: str = strawberry.field(description="draft, running, stopped or decided.")
    starts_at: dt.datetime | None = strawberry.field(description="Start.")
    stops_at: dt.datetime | None = strawberry.field(description="Stop.")
    decision: str | None = strawberry.field(description="What was decided.")


ExperimentResult = Annotated[
    ExperimentStanding | Failure,
    strawberry.union("ExperimentResult", description="Where it stands now, or why nothing was changed."),
]
At = Annotated[dt.datetime | None, strawberry.argument(description="The moment; now when omitted.")]


@strawberry.type
class ExperimentMutation:
    @changing("Register an experiment. For managers of its account.")
    def create_experiment(
        self,
        info: Info,
        experiment: Annotated[ExperimentInput, strawberry.argument(description="The experiment.")],
        account_key: Annotated[
            int | None, strawberry.argument(description="Its account; that of experiments when omitted.")
        ] = None,
    ) -> ExperimentResult:
        c = info.context
        said = _definition(experiment)
        return outcome(
            lambda: _standing(actions.create_experiment(c.warehouse, c.identity, said, account_key=account_key))
        )

    @changing("Let a draft run. How it is read is fixed from then on.")
    def start_experiment(self, info: Info, experiment_key: ExperimentKey, at: At = None) -> ExperimentResult:
        c = info.context
        return outcome(
            lambda: _standing(actions.start_experiment(c.warehouse, c.identity, experiment_key=experiment_key, at=at))
        )

    @changing("Stop an experiment that runs.")
    def stop_experiment(self, info: Info, experiment_key: ExperimentKey, at: At = None) -> ExperimentResult:
        c = info.context
        return outcome(
            lambda: _standing(actions.stop_experiment(c.warehouse, c.identity, experiment_key=experiment_key, at=at))
        )

    @changing("Say what was decided of a stopped experiment, and why.")
    def decide_experiment(
        self,
        info: Info,
        experiment_key: ExperimentKey,
        decision: Annotated[str, strawberry.argument(description="The decision and its reasons.")],
    ) -> ExperimentResult:
        c = info.context
        return outcome(
            lambda: _standing(
                actions.decide_experiment(c.warehouse, c.identity, experiment_key=experiment_key, decision=decision)
            )
        )


def _definition(given: ExperimentInput) -> dict[str, Any]:
    """As a file would say it."""
    return {
        "id": given.experiment_id,
        "name": given.name,
        "hypothesis": given.hypothesis,
        "owner": given.owner,
        "kind": given.kind,
        "unit": given.unit,
        "start": given.starts_at,
        "stop": given.stops_at,
        "exposure": given.exposure_rule,
        "planned_units": given.planned_units,
        "channels": given.channels or None,
        "campaigns": given.campaign_ids or None,
        "arms": [{"arm": arm.arm, "share": arm.share, "is_control": arm.is_control} for arm in given.arms],
        "metrics": [
            {
                "metric": m.metric,
                "role": m.role,
                "better": m.better,
                "margin": m.margin,
                "denominator": m.denominator,
                "outcome": m.outcome,
                "statistic": m.statistic,
                "quantile": m.quantile,
                "cap": m.cap,
                "winsorise": m.winsorise,
                "covariates": m.covariates,
            }
            for m in given.metrics
        ],
        "inference": given.inference,
        "layer": given.layer,
        "counts": given.counts,
        "strata": given.strata,
        "cluster": given.cluster,
    }


def _standing(found: Standing) -> ExperimentStanding:
    return ExperimentStanding(
        experiment_key=found.experiment_key,
        experiment_id=found.experiment_id,
        status=found.status.value,
        starts_at=found.starts_at,
        stops_at=found.stops_at,
        decision=found.decision,
    )
