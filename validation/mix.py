"""Mix: what channels are found to have brought, and whether the card says when that is wrong.

Worlds are made, 156 weeks each; in all but the first two one thing is against the model. An error is that of a
channel's contribution over the truth, without sign, on average over channels and seeds. An interval of 90 % should hold
it in 90 %. With experiments, every channel was tested for half a year, with an error of 5 %. A silent failure is a
world whose error is above 25 % and whose card is green.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ml.mix.mix import MixFit, fit_mix
from ml.mix.mix_file import read_mix
from ml.mix.results import channel_results
from ml.mix.trust.card import trust_of
from ml.mix.trust.finding import Status
from validation.mix_worlds import WORLDS, World

SEEDS: Final = {"clean": 20, "realistic": 20}
OTHER_SEEDS: Final = 10
TESTED: Final = 4  # of the seeds, also with experiments
FIRST: Final = 1_000
WRONG: Final = 0.25
NO_EFFECT: Final = "no_effect"
CANNOT: Final = "negative_effect"  # the model cannot say that a channel takes sales away


def sections(reference: Path | None) -> Iterator[str]:
    """The page's text."""
    if reference is not None:
        yield from _documented(reference / "mix" / "tutorial_two_channels.csv")
    yield "\n| world | error | held | with experiments | held | green | silent failures |\n"
    yield "|---|---|---|---|---|---|---|\n"
    for name in WORLDS:
        if name != NO_EFFECT:
            seeds = range(SEEDS.get(name, OTHER_SEEDS))
            yield _row(name, [_trial(name, FIRST + seed, seed < TESTED) for seed in seeds])
    yield from _without_effect()


@dataclass(frozen=True, slots=True)
class Trial:
    """Mean error over channels and share of intervals that held, without and with experiments, and the card."""

    error: float
    held: float
    status: Status
    tested: tuple[float, float] | None


def _trial(name: str, seed: int, tested: bool) -> Trial:
    world = WORLDS[name](seed)
    fit = fit_mix(world.told)
    error, held = _recovery(fit, world)
    after = _recovery(fit_mix(world.told, lifts=world.lifts()), world) if tested and name != CANNOT else None
    return Trial(error, held, trust_of(fit).status, after)


def _recovery(fit: MixFit, world: World) -> tuple[float, float]:
    results = [result.contribution for result in channel_results(fit)]
    off = [abs(found.estimate / truth - 1) for found, truth in zip(results, world.totals, strict=True)]
    held = [found.low <= truth <= found.high for found, truth in zip(results, world.totals, strict=True)]
    return float(np.mean(off)), float(np.mean(held))


def _row(name: str, trials: list[Trial]) -> str:
    error, held = (float(np.mean(values)) for values in ([t.error for t in trials], [t.held for t in trials]))
    tested = [trial.tested for trial in trials if trial.tested is not None]
    after = [f"{np.mean([one[0] for one in tested]):.3f}", f"{np.mean([one[1] for one in tested]):.0%}"]
    green = sum(trial.status == "green" for trial in trials)
    silent = sum(trial.status == "green" and trial.error > WRONG for trial in trials)
    wrong = sum(trial.error > WRONG for trial in trials)
    told = [name, f"{error:.3f}", f"{held:.0%}", *(after if tested else ["", ""])]
    return f"| {' | '.join([*told, f'{green} of {len(trials)}', f'{silent} of {wrong}'])} |\n"


def _documented(file: Path) -> Iterator[str]:
    truth = read_mix(
        file, date="date_week", outcome="y", media=["x1_contribution_true", "x2_contribution_true"]
    )  # fmt: skip
    told = read_mix(file, date="date_week", outcome="y", media=["x1", "x2"], controls=["event_1", "event_2"])
    yield "\nThe process that the tutorial of another package documents (carry-over 0.4 and 0.2):\n\n"
    yield "| channel | found over truth | interval | carried over |\n|---|---|---|---|\n"
    for result, known in zip(channel_results(fit_mix(told)), truth.channels, strict=True):
        found, brought = result.contribution, known.spend.sum()
        yield f"| {result.channel} | {found.estimate / brought:.3f} | {found.low / brought:.2f} to "
        yield f"{found.high / brought:.2f} | {result.carried.estimate:.2f} |\n"


def _without_effect() -> Iterator[str]:
    shares, least = [], []
    for seed in range(OTHER_SEEDS):
        fit = fit_mix(WORLDS[NO_EFFECT](FIRST + seed).told)
        shares.append(float(np.median(fit.totals.sum(axis=0)) / fit.told.outcome.sum()))
        least.append(float(np.quantile(fit.totals.sum(axis=0), 0.05) / fit.told.outcome.sum()))
    yield f"\nWhere no advertising works ({OTHER_SEEDS} worlds), all channels together are credited with "
    yield f"{np.mean(shares):.1%} of the outcome; the intervals begin at {np.mean(least):.1%} on average.\n"
