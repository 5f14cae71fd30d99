"""One outcome, fitted and looked at from all sides, as it is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from ml.mix.evidence import with_carried
from ml.mix.experiments import experiment_effects
from ml.mix.mix import Families, MixFit, fit_mix
from ml.mix.moves import moves
from ml.mix.prior import USUAL_RETURN, Return
from ml.mix.reading import Read
from ml.mix.results import LEVEL, BaselineResult, ChannelResult, Estimate, baseline_result, channel_results
from ml.mix.stored import channel_rows, curve_rows, draws_rows, finding_rows, lift_rows, series_rows
from ml.mix.trust.card import TrustCard, trust_of
from ml.plain import plain
from warehouse.changes.mix_results import FitRow, MixFindings

Progress = Callable[[str, float], None]
_WORDS: Final = {"revenue": "revenue", "margin": "margin", "new_customers": "new customers"}


def fitted(
    read: Read, said: Mapping[str, Any], families: Families, returns: Mapping[str, Return], report: Progress
) -> MixFindings:
    """Fit with the tests and, to show what they changed, without them; raises as :func:`fit_mix`."""
    told, manner = read.weekly.told, {"families": families, "draws": said["draws"], "seed": said["seed"]}
    here = {channel.name for channel in told.channels if not channel.organic}
    usual = dict.fromkeys(here, USUAL_RETURN) if read.outcome == "revenue" else {}
    stated = usual | {name: one for name, one in returns.items() if name in here}
    report(f"fitting {len(told.channels)} channels over {len(told.periods)} weeks", 0.0)
    without = fit_mix(told, returns=stated, **manner)
    tests = [replace(one, lift=with_carried(one.lift, without)) if one.lift else one for one in read.tests]
    lifts = tuple(one.lift for one in tests if one.lift is not None)
    report("fitting with tests", 0.4)
    fit = fit_mix(told, lifts=lifts, returns=stated, **manner) if lifts else without
    effects = experiment_effects(fit, without)
    report("asking how far it can be believed", 0.7)
    card = TrustCard((*trust_of(fit, effects).findings, *read.weekly.findings))
    by_channel: dict[str, frozenset[tuple[str, float]]] = {}
    for one in tests:
        if one.lift is not None:
            known = by_channel.get(one.lift.channel, frozenset())
            by_channel[one.lift.channel] = known | {(one.test.experiment, one.lift.lift)}
    return MixFindings(
        _fit_row(read, fit, card, said),
        tuple(channel_rows(fit)),
        tuple(series_rows(fit)),
        tuple(curve_rows(fit)),
        tuple(draws_rows(fit)),
        finding_rows(card),
        lift_rows(tests, effects),
        () if read.before is None else tuple(moves(read.before, fit, by_channel, said)),
    )


def _fit_row(read: Read, fit: MixFit, card: TrustCard, said: Mapping[str, Any]) -> FitRow:
    base = baseline_result(fit)
    return FitRow(
        outcome=read.outcome,
        goal=read.window.goal,
        currency=read.window.currency,
        first_period=read.window.first,
        last_period=read.window.last,
        periods=len(fit.told.periods),
        period_days=7,
        status=card.status,
        watermark=read.watermark,
        level=LEVEL,
        draws=fit.totals.shape[1],
        seed=said["seed"],
        outcome_total=float(fit.told.outcome.sum()),
        baseline=base.contribution.estimate,
        baseline_low=base.contribution.low,
        baseline_high=base.contribution.high,
        baseline_share=base.share.estimate,
        baseline_share_low=base.share.low,
        baseline_share_high=base.share.high,
        words=_words(read, fit, card, base),
    )


def _words(read: Read, fit: MixFit, card: TrustCard, base: BaselineResult) -> str:
    """What it comes to, in one or two sentences; of a red card why it comes to nothing."""
    name = _WORDS.get(read.outcome, f"{read.window.goal}s")
    weeks = len(fit.told.periods)
    if card.status == "red":
        worst = next(one for one in card.findings if one.status == "red")
        return f"What each channel brought cannot be told from these {weeks} weeks. {worst.words}"
    share = Estimate(1 - base.share.estimate, 1 - base.share.high, 1 - base.share.low)
    said = f"Advertising brought {_percent(share)} of the {name} of {weeks} weeks."
    paid = [one for one in channel_results(fit) if one.roi is not None]
    return f"{said} {_best(paid)}" if paid else said


def _best(paid: list[ChannelResult]) -> str:
    """The channel whose next unit of money brings most, by the middle of its draws."""
    best = max(paid, key=lambda one: one.marginal_roi.estimate if one.marginal_roi else 0.0)
    if best.marginal_roi is None:
        return ""
    next_unit = best.marginal_roi
    return (
        f"The next unit of money brings most in {best.channel}: {plain(next_unit.estimate, 2)} "
        f"({plain(next_unit.low, 2)} to {plain(next_unit.high, 2)})."
    )


def _percent(share: Estimate) -> str:
    return f"{share.estimate:.0%} ({share.low:.0%} to {share.high:.0%})"
