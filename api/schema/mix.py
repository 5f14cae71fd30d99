"""What each channel brought, by the mix model: fits, contributions by week, response curves, trust, tests and moves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import groupby
from typing import Annotated

import strawberry

from api.schema.context import Info
from api.schema.described import resolved
from api.schema.paging import First, page_size
from api.schema.scalars import Money
from api.schema.uplift import Interval
from warehouse.queries import mix as queries


@strawberry.type(description="What a channel brought over all weeks of a fit: incremental, as modelled.")
class MixChannel:
    channel: str = strawberry.field(description="Channel of the taxonomy.")
    organic: bool = strawberry.field(description="True for what costs nothing, such as mails.")
    spend: Money = strawberry.field(description="Spend over all weeks.")
    contribution: Interval = strawberry.field(description="What it brought, in units of the outcome.")
    share: Interval = strawberry.field(description="The same as a part of the outcome.")
    roi: Interval | None = strawberry.field(description="What one unit of money brought.")
    marginal_roi: Interval | None = strawberry.field(description="What one more unit in every week would have brought.")
    prior_roi: Interval | None = strawberry.field(description="What one unit was held to bring before the data spoke.")
    half_life: Interval = strawberry.field(description="Weeks until half of the effect has come.")
    carried: Interval = strawberry.field(description="Part of the effect that comes after the week of the spend.")
    learnt: float = strawberry.field(description="How much narrower data made the contribution: 0 nothing, 1 all.")
    current: Money = strawberry.field(description="Usual spend per week, where there was any.")
    trusted: Money = strawberry.field(description="Most spend per week that the data stand behind.")
    tests: int = strawberry.field(description="Tests of the channel that are rows of the fit.")


@strawberry.type(description="A part of the outcome, week by week; the parts of a week sum to its outcome.")
class MixPart:
    part: str = strawberry.field(description="The channel, or the part of the baseline.")
    kind: str = strawberry.field(description="channel, baseline or unexplained.")
    periods: list[dt.date] = strawberry.field(description="Mondays of the weeks; the other lists go with them.")
    estimate: list[float] = strawberry.field(description="What it makes up, in units of the outcome.")
    low: list[float] = strawberry.field(description="Lower ends of the intervals.")
    high: list[float] = strawberry.field(description="Upper ends.")
    spend: list[Money] | None = strawberry.field(description="What was spent on the channel.")
    exposure: list[float] | None = strawberry.field(description="What was shown or sent, where that is what works.")


@strawberry.type(description="What a channel brings per week, in the long run, at a steady spend, against no spend.")
class ResponseCurve:
    channel: str = strawberry.field(description="The channel.")
    spend: list[Money] = strawberry.field(
        description="Spend per week, what is sent where the channel is organic; the other lists go with it."
    )
    estimate: list[float] = strawberry.field(description="What it brings per week.")
    low: list[float] = strawberry.field(description="Lower ends of the intervals.")
    high: list[float] = strawberry.field(description="Upper ends.")
    trusted: list[bool] = strawberry.field(description="True up to the most spend that the data stand behind.")


@strawberry.type(description="One look of a fit's trust card.")
class MixFinding:
    finding: str = strawberry.field(description="What was looked at.")
    status: str = strawberry.field(description="green, amber or red.")
    words: str = strawberry.field(description="How it turned out.")
    help: str = strawberry.field(description="What would help where it is not green.")
    value: float | None = strawberry.field(description="What was measured, where it is a number.")


@strawberry.type(description="A test of a channel: what it measured, and what it changed in the fit.")
class MixLift:
    experiment_id: str = strawberry.field(description="The experiment.")
    channel: str = strawberry.field(description="The channel.")
    metric: str = strawberry.field(description="What it measured.")
    first_day: dt.date = strawberry.field(description="First day of the test.")
    last_day: dt.date = strawberry.field(description="Last day.")
    is_used: bool = strawberry.field(description="Whether it is a row of the fit.")
    reason: str | None = strawberry.field(description="Why it is none.")
    first_period: dt.date | None = strawberry.field(description="First week that the row is of.")
    last_period: dt.date | None = strawberry.field(description="Last week.")
    lift: float | None = strawberry.field(description="What the channel brought in these weeks by the test.")
    se: float | None = strawberry.field(description="Its standard error.")
    before: Interval | None = strawberry.field(description="The same by the weeks alone, without any test.")
    after: Interval | None = strawberry.field(description="The same by the fit.")
    surprise: float | None = strawberry.field(description="Standard errors between the test and the weeks alone.")
    words: str = strawberry.field(description="In a sentence.")


@strawberry.type(description="What moved since the fit before, over the weeks that both know.")
class MixMove:
    channel: str = strawberry.field(description="The channel.")
    first_period: dt.date = strawberry.field(description="First week that both know.")
    last_period: dt.date = strawberry.field(description="Last week.")
    before: float = strawberry.field(description="What the fit before said it brought in these weeks.")
    before_low: float | None = strawberry.field(description="Lower end; null where that fit knew other weeks, too.")
    before_high: float | None = strawberry.field(description="Upper end.")
    after: Interval = strawberry.field(description="What this fit says.")
    moved: float = strawberry.field(description="The change as a part of what it was.")
    surprise: float | None = strawberry.field(description="The change in standard deviations of what was believed.")
    words: str = strawberry.field(description="In a sentence, with what had become known.")


@strawberry.type(description="A mix model of one outcome: what weeks and tests say that advertising brought.")
class MixFit:
    fit_key: int = strawberry.field(description="Causeway's own key.")
    run_key: int = strawberry.field(description="The run that computed it.")
    advertiser: str = strawberry.field(description="Whose outcome it is.")
    outcome: str = strawberry.field(description="revenue, margin, conversions or new_customers.")
    goal: str = strawberry.field(description="The kind of conversion that is counted, or whose amounts are.")
    currency: str = strawberry.field(description="Currency of spend, and of an outcome in money.")
    first_period: dt.date = strawberry.field(description="Monday of the first week.")
    last_period: dt.date = strawberry.field(description="Monday of the last week.")
    periods: int = strawberry.field(description="How many weeks there are.")
    status: str = strawberry.field(description="The trust card: green, amber or red.")
    words: str = strawberry.field(description="What it means.")
    outcome_total: float = strawberry.field(description="The outcome over all weeks.")
    baseline: Interval = strawberry.field(description="What would have come without advertising.")
    baseline_share: Interval = strawberry.field(description="The same as a part of the outcome.")
    level: float = strawberry.field(description="Level of all intervals.")
    draws: int = strawberry.field(description="Joint draws behind them.")
    finished_at: dt.datetime = strawberry.field(description="When the run ended.")
    is_current: bool = strawberry.field(description="True for the fit that readers follow.")

    @resolved("What each channel brought.")
    def channels(self, info: Info) -> list[MixChannel]:
        return [_channel(row) for row in queries.mix_channels(info.context.session, self.fit_key)]

    @resolved("The outcome taken apart, part by part.")
    def contributions(
        self,
        info: Info,
        parts: Annotated[list[str] | None, strawberry.argument(description="Only these; all if omitted.")] = None,
        first: First = 20,
    ) -> list[MixPart]:
        rows = queries.mix_contributions(info.context.session, self.fit_key)
        kept = [row for row in rows if parts is None or row.part in parts]
        found = [_part(name, list(rows)) for name, rows in groupby(kept, key=lambda row: row.part)]
        return found[: page_size(first)]

    @resolved("The response curves, channel by channel.")
    def curves(
        self,
        info: Info,
        channels: Annotated[list[str] | None, strawberry.argument(description="Only these; all if omitted.")] = None,
        first: First = 20,
    ) -> list[ResponseCurve]:
        rows = queries.response_curves(info.context.session, self.fit_key)
        kept = [row for row in rows if channels is None or row.channel in channels]
        found = [_curve(name, list(rows)) for name, rows in groupby(kept, key=lambda row: row.channel)]
        return found[: page_size(first)]

    @resolved("The trust card.")
    def findings(self, info: Info) -> list[MixFinding]:
        return [
            MixFinding(finding=row.finding, status=row.status, words=row.words, help=row.help, value=row.value)
            for row in queries.mix_findings(info.context.session, self.fit_key)
        ]

    @resolved("Every test of a channel, used or not.")
    def lifts(self, info: Info) -> list[MixLift]:
        return [_lift(row) for row in queries.mix_lifts(info.context.session, self.fit_key)]

    @resolved("What moved since the fit before, the largest change first.")
    def moves(self, info: Info) -> list[MixMove]:
        return [
            MixMove(
                channel=row.channel, first_period=row.first_period, last_period=row.last_period, before=row.before,
                before_low=row.before_low, before_high=row.before_high,
                after=Interval(estimate=row.after, low=row.after_low, high=row.after_high), moved=row.moved,
                surprise=row.surprise, words=row.words,
            )
            for row in queries.mix_moves(info.context.session, self.fit_key)
        ]  # fmt: skip


@strawberry.type
class MixQuery:
    @resolved("Mix models that readers follow, the newest first; with history the earlier ones, too.")
    def mix_fits(
        self,
        info: Info,
        history: Annotated[bool, strawberry.argument(description="Earlier fits, too.")] = False,
        first: First = 20,
    ) -> list[MixFit]:
        rows = queries.mix_fits(info.context.session, history=history, limit=page_size(first))
        return [_fit(row) for row in rows]

    @resolved("One mix model, also an earlier one.")
    def mix_fit(
        self, info: Info, fit_key: Annotated[int, strawberry.argument(description="Key of the fit.")]
    ) -> MixFit:
        return _fit(queries.mix_fit(info.context.session, fit_key))


def _fit(row: queries.Fit) -> MixFit:
    return MixFit(
        fit_key=row.fit_key,
        run_key=row.run_key,
        advertiser=row.advertiser,
        outcome=row.outcome,
        goal=row.goal,
        currency=row.currency,
        first_period=row.first_period,
        last_period=row.last_period,
        periods=row.periods,
        status=row.status,
        words=row.words,
        outcome_total=row.outcome_total,
        baseline=Interval(estimate=row.baseline, low=row.baseline_low, high=row.baseline_high),
        baseline_share=Interval(estimate=row.baseline_share, low=row.baseline_share_low, high=row.baseline_share_high),
        level=row.level,
        draws=row.draws,
        finished_at=row.finished_at,
        is_current=row.is_current,
    )


def _channel(row: queries.Channel) -> MixChannel:
    return MixChannel(
        channel=row.channel,
        organic=row.organic,
        spend=Money(row.spend),
        contribution=Interval(estimate=row.contribution, low=row.contribution_low, high=row.contribution_high),
        share=Interval(estimate=row.share, low=row.share_low, high=row.share_high),
        roi=_interval(row.roi, row.roi_low, row.roi_high),
        marginal_roi=_interval(row.marginal_roi, row.marginal_roi_low, row.marginal_roi_high),
        prior_roi=_interval(row.prior_roi, row.prior_roi_low, row.prior_roi_high),
        half_life=Interval(estimate=row.half_life, low=row.half_life_low, high=row.half_life_high),
        carried=Interval(estimate=row.carried, low=row.carried_low, high=row.carried_high),
        learnt=row.learnt,
        current=Money(row.current),
        trusted=Money(row.trusted),
        tests=row.tests,
    )


def _part(name: str, rows: Sequence[queries.Contribution]) -> MixPart:
    spend = [Money(row.spend) for row in rows if row.spend is not None]
    exposure = [row.exposure for row in rows if row.exposure is not None]
    return MixPart(
        part=name,
        kind=rows[0].kind,
        periods=[row.period for row in rows],
        estimate=[row.estimate for row in rows],
        low=[row.low for row in rows],
        high=[row.high for row in rows],
        spend=spend or None,
        exposure=exposure or None,
    )


def _curve(name: str, rows: Sequence[queries.CurvePoint]) -> ResponseCurve:
    return ResponseCurve(
        channel=name,
        spend=[Money(row.spend) for row in rows],
        estimate=[row.estimate for row in rows],
        low=[row.low for row in rows],
        high=[row.high for row in rows],
        trusted=[row.is_trusted for row in rows],
    )


def _lift(row: queries.Lift) -> MixLift:
    return MixLift(
        experiment_id=row.experiment,
        channel=row.channel,
        metric=row.metric,
        first_day=row.first_day,
        last_day=row.last_day,
        is_used=row.is_used,
        reason=row.reason,
        first_period=row.first_period,
        last_period=row.last_period,
        lift=row.lift,
        se=row.se,
        before=_interval(row.before, row.before_low, row.before_high),
        after=_interval(row.after, row.after_low, row.after_high),
        surprise=row.surprise,
        words=row.words,
    )


def _interval(estimate: float | None, low: float | None, high: float | None) -> Interval | None:
    return None if estimate is None or low is None or high is None else Interval(estimate=estimate, low=low, high=high)
