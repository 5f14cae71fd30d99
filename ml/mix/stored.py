"""A fit as it is stored: results, series, curves, joint draws in units of money, and the card, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

import numpy as np

from ml.mix.evidence import Heard
from ml.mix.experiments import ExperimentEffect
from ml.mix.mix import MixFit
from ml.mix.results import LEVEL, ChannelResult, channel_results, curve_in_money, decomposition, response_curve
from ml.mix.trust.card import TrustCard
from warehouse.changes.mix_results import ChannelRow, CurveRow, DrawsRow, FindingRow, LiftRow, SeriesRow

_UNEXPLAINED: Final = "unexplained"
_NORMAL: Final = 1.6448536269514722  # standard deviations to either end of a 90 % interval


def channel_rows(fit: MixFit) -> Iterator[ChannelRow]:
    """Every channel, in the order of the input."""
    for place, (found, channel) in enumerate(zip(channel_results(fit), fit.told.channels, strict=True)):
        curve = response_curve(fit, channel.name, points=2)
        yield ChannelRow(
            channel=channel.name,
            organic=channel.organic,
            spend=money(channel.spend.sum()),
            contribution=found.contribution.estimate,
            contribution_low=found.contribution.low,
            contribution_high=found.contribution.high,
            share=found.share.estimate,
            share_low=found.share.low,
            share_high=found.share.high,
            **_returns(fit, place, found),
            half_life=found.half_life.estimate,
            half_life_low=found.half_life.low,
            half_life_high=found.half_life.high,
            carried=found.carried.estimate,
            carried_low=found.carried.low,
            carried_high=found.carried.high,
            learnt=found.learnt,
            current=money(curve.current),
            trusted=money(curve.trusted),
            tests=sum(lift.channel == channel.name for lift in fit.lifts),
        )


def series_rows(fit: MixFit) -> Iterator[SeriesRow]:
    """Every part of the outcome in every period: channels, parts of the baseline, and what is unexplained."""
    channels = {channel.name: channel for channel in fit.told.channels}
    for place, series in enumerate(decomposition(fit)):
        channel = channels.get(series.name)
        kind = "channel" if channel else "unexplained" if series.name == _UNEXPLAINED else "baseline"
        for at, period in enumerate(fit.told.periods):
            yield SeriesRow(
                series.name, period, place, kind, float(series.estimate[at]), float(series.low[at]),
                float(series.high[at]), money(channel.spend[at]) if channel else None,
                None if channel is None or channel.exposure is None else float(channel.exposure[at]),
            )  # fmt: skip


def curve_rows(fit: MixFit) -> Iterator[CurveRow]:
    """The response curve of every channel, with its interval."""
    for channel in fit.told.channels:
        curve = response_curve(fit, channel.name)
        low, middle, high = np.quantile(curve.draws, [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2], axis=1)
        for place, spend in enumerate(curve.spend):
            yield CurveRow(
                channel.name, place, money(spend), float(middle[place]), float(low[place]), float(high[place])
            )


def draws_rows(fit: MixFit) -> Iterator[DrawsRow]:
    """Joint draws of every channel's curve, family by family, as money per period buys what works."""
    first = 0
    for part, drawn in enumerate(fit.drawn):
        for place, channel in enumerate(fit.told.channels):
            beta, shape = curve_in_money(drawn, place, channel)
            yield DrawsRow(
                channel.name, part, drawn.media.adstock.name, drawn.media.saturation.name, first, beta.tolist(),
                shape[0].tolist(), shape[1].tolist() if len(shape) > 1 else None,
                drawn.media.weights(place, drawn.free).mean(axis=1).tolist(),
            )  # fmt: skip
        first += drawn.noise.size


def finding_rows(card: TrustCard) -> list[FindingRow]:
    """The card, in its order."""
    return [
        FindingRow(place, one.name, one.status, one.words, one.help,
                   None if one.value is None or not np.isfinite(one.value) else float(one.value))
        for place, one in enumerate(card.findings)
    ]  # fmt: skip


def lift_rows(heard: Sequence[Heard], effects: Sequence[ExperimentEffect]) -> list[LiftRow]:
    """Every test: with what it changed where it is a row of the fit, else with the reason why it is none."""
    changed: Mapping[int, ExperimentEffect] = {id(effect.lift): effect for effect in effects}
    return [_lift_row(place, one, changed) for place, one in enumerate(heard)]


def money(amount: float) -> Decimal:
    """An amount as it is stored, to the sixth decimal."""
    return Decimal(f"{amount:.6f}")


def _lift_row(place: int, one: Heard, changed: Mapping[int, ExperimentEffect]) -> LiftRow:
    test, lift = one.test, one.lift
    known = (place, test.experiment, test.channel, test.metric, test.first, test.last)
    if lift is None:
        nothing = (None,) * 11
        return LiftRow(*known, *nothing, one.reason, f"{test.experiment} is no row of this fit. {one.reason}")
    effect = changed[id(lift)]
    return LiftRow(
        *known, lift.start, lift.end, lift.lift, lift.se, effect.before.estimate, effect.before.low,
        effect.before.high, effect.after.estimate, effect.after.low, effect.after.high, effect.surprise, None,
        effect.words,
    )  # fmt: skip


def _returns(fit: MixFit, place: int, found: ChannelResult) -> dict[str, float | None]:
    """Return, marginal return, and the return that was held before the data spoke; of money only."""
    named: dict[str, float | None] = {}
    cost = float(fit.told.channels[place].spend.sum())
    spread = _NORMAL * float(np.hypot(fit.prior.shared[place], fit.prior.own[place]))
    for name, estimate in (("roi", found.roi), ("marginal_roi", found.marginal_roi)):
        named[name] = None if estimate is None else estimate.estimate
        named[f"{name}_low"] = None if estimate is None else estimate.low
        named[f"{name}_high"] = None if estimate is None else estimate.high
    for name, off in (("prior_roi", 0.0), ("prior_roi_low", -spread), ("prior_roi_high", spread)):
        named[name] = float(np.exp(fit.prior.centre[place] + off)) / cost if cost else None
    return named
