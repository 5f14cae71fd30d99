"""Attribution: how far credit is from what channels brought.

A model's share error is the sum of absolute differences between its shares and the true ones, from 0 to 2, over all
channels of the paths; what is no advertising brought nothing. Credit is of the journeys that the logs show; people who
refused consent are in none. The truth of a channel is what would be lost without it alone.

The calibrated model is given experiments: the truth with an error of 15 %, drawn anew for every seed. In the worlds
without effects the error is 15 % of what first-order Markov credits. What untested channels may do was settled on
worlds with seeds 1 and 2; the worlds here have others.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from ml.attribution.agreement import rank_correlation, share_distance
from ml.attribution.calibrated import Lift, calibrate
from ml.attribution.fractional import Quality, held_out_quality
from ml.attribution.models import MODELS, Model, attribute
from ml.attribution.overlap import ALL
from ml.attribution.path_file import paths_from_text
from ml.attribution.paths import Floats, Rows
from validation.worlds import UNPAID, Known, known_world

PRESETS: Final = ("no preset", "confounded", "brand_search_trap", "collinear", "null")
SEEDS: Final = (101, 102, 103, 104)
CUSTOMERS, DAYS = 30_000, 120
TESTS: Final = 24  # draws of the experiments in each world
ERROR: Final = 0.15  # of an experiment
MOST_ERROR, MOST_OF_UNCALIBRATED = 0.10, 0.5
MOST_OFF: Final = 0.1
COVERAGE: Final = (0.80, 0.97)
REFERENCE: Final = "sim_truth"
_LEAST: Final = 0.1  # of a channel's mean effect: no experiment has a smaller error than that of such an effect
_BASE: Final = Model("markov")


def sections(reference: Path | None) -> Iterator[str]:
    """The page's text, world by world."""
    found: dict[str, list[World]] = {}
    for preset in PRESETS:
        found[preset] = [
            examined(known_world(None if preset == "no preset" else preset, seed, CUSTOMERS, DAYS)) for seed in SEEDS
        ]
    if reference:
        found[REFERENCE] = [examined(*reference_world(reference / "attribution"))]
    yield f"\n{len(SEEDS)} worlds of {CUSTOMERS:,} people and {DAYS} days by preset (seeds {SEEDS[0]} to {SEEDS[-1]})"
    yield f", {TESTS} draws of the experiments in each.\n"
    effective = {name: worlds for name, worlds in found.items() if name != "null"}
    yield from _distances(effective)
    yield from _calibrated(effective)
    yield from _without_effects(found["null"])
    yield from _hazards(found)


@dataclass(frozen=True, slots=True)
class Trial:
    """Means over draws of experiments on ``tested`` channels, and shares of intervals that held the truth.

    ``whole`` is whether one more experiment was of all channels together.
    ``total`` is the estimated incremental total as a part of the true one, nan where there is none.
    """

    tested: int
    whole: bool
    error: float
    covered: float
    covered_tested: float
    covered_untested: float
    total: float
    total_covered: float
    unproven: float


@dataclass(frozen=True, slots=True)
class World:
    """One world: share error and rank correlation by model, what is credited in all, and trials of the calibrated.

    ``hazard`` is how the fractional model's does on journeys held out.
    """

    errors: Mapping[str, float]
    ranks: Mapping[str, float]
    credited: float
    brought: float
    together: float
    every: Trial
    half: Trial
    whole: Trial
    hazard: Quality


def examined(known: Known, unpaid: frozenset[str] = UNPAID) -> World:
    """All models against the truth of a world."""
    credit = {_named(model): attribute(known.paths, model).conversions for model in _models()}
    base = credit[_named(_BASE)]
    count = int(known.advertised.sum())
    return World(
        {name: share_distance(given, known.brought) for name, given in credit.items()},
        {name: rank_correlation(given, known.brought) for name, given in credit.items()},
        float(base.sum()),
        float(known.brought.sum()),
        known.together,
        trial(known, base, count, unpaid),
        trial(known, base, count // 2, unpaid),
        trial(known, base, count // 2, unpaid, whole=True),
        held_out_quality(known.paths),
    )


def trial(
    known: Known, credit: Floats, tested: int, unpaid: frozenset[str], draws: int = TESTS, *, whole: bool = False
) -> Trial:
    """Calibrate by experiments on channels drawn at random, and with ``whole`` by one of all channels, many times."""
    truth, channels = known.brought, known.paths.channels
    advertised = np.flatnonzero(known.advertised)
    effect = truth if truth.any() else credit
    errors = ERROR * np.maximum(effect, _LEAST * effect[advertised].mean())
    held: dict[bool, list[bool]] = {True: [], False: []}
    distances, totals, total_held, unproven = [], [], [], []
    for seed in range(draws):
        generator = np.random.default_rng(seed)
        chosen: Rows = generator.permutation(advertised)[:tested]
        lifts = [Lift(channels[c], truth[c] + errors[c] * generator.standard_normal(), errors[c]) for c in chosen]
        if whole:
            error = ERROR * (known.together or float(credit.sum()))
            lifts.append(Lift(ALL, known.together + error * generator.standard_normal(), error))
        found = calibrate(known.paths, credit, lifts, no_advertising=unpaid)
        distances.append(share_distance(found.conversions, truth))
        for channel in advertised:
            held[channel in chosen].append(bool(found.low[channel] <= truth[channel] <= found.high[channel]))
        totals.append(found.total.estimate)
        total_held.append(found.total.low <= known.together <= found.total.high)
        unproven.append(found.words.startswith("Nothing is proven"))
    return Trial(
        tested,
        whole,
        float(np.mean(distances)),
        float(np.mean(held[True] + held[False])),
        float(np.mean(held[True])),
        float(np.mean(held[False])) if held[False] else float("nan"),
        float(np.mean(totals)) / known.together if known.together else float("nan"),
        float(np.mean(total_held)),
        float(np.mean(unproven)),
    )


def reference_world(folder: Path) -> tuple[Known, frozenset[str]]:
    """The confounded simulation of the reference data; only direct visits have no effect there."""
    frame = pl.read_csv(folder / "sim_truth_paths.csv.gz")
    truth = json.loads((folder / "sim_truth.json").read_text(encoding="utf-8"))
    conversions, value, nulls = (
        frame[name].to_numpy().astype(np.float64)
        for name in ("total_conversions", "total_conversion_value", "total_null")
    )
    paths = paths_from_text(frame["path"], conversions, value, nulls)
    brought = np.array([truth["loo_incremental"][channel] for channel in paths.channels])
    together = truth["expected_full"] - truth["expected_none"]
    # Its direct visits were tested too: an experiment that finds nothing.
    return Known(paths, brought, np.ones(brought.size, dtype=np.bool_), together), frozenset({"direct"})


def _models() -> list[Model]:
    every = [Model(name) for name in MODELS]
    return every + [Model("markov", order=order) for order in (2, 3, 4)]


def _named(model: Model) -> str:
    return f"markov, order {model.order}" if model.name == "markov" else model.name


def _distances(found: Mapping[str, Sequence[World]]) -> Iterator[str]:
    yield "\n### Every model's share error\n\nAnd in brackets the rank correlation with the truth.\n\n"
    yield from _row("model", *found)
    yield from _row(*["---"] * (len(found) + 1))
    for name in next(iter(found.values()))[0].errors:
        yield from _row(name, *(_distance(name, worlds) for worlds in found.values()))
    yield from _row(
        "calibrated, all tested", *(f"{_mean(worlds, lambda w: w.every.error):.3f}" for worlds in found.values())
    )
    yield from _row(
        "calibrated, half tested", *(f"{_mean(worlds, lambda w: w.half.error):.3f}" for worlds in found.values())
    )
    yield from _row("and all together", *(f"{_mean(worlds, lambda w: w.whole.error):.3f}" for worlds in found.values()))
    yield "\nEvery model but the calibrated one hands out all conversions after a touch, which is so many times what\n"
    yield "advertising brought: "
    yield ", ".join(f"{name} {_mean(worlds, lambda w: w.credited / w.together):.1f}" for name, worlds in found.items())
    yield ".\n"


def _distance(model: str, worlds: Sequence[World]) -> str:
    return f"{_mean(worlds, lambda w: w.errors[model]):.2f} ({_mean(worlds, lambda w: w.ranks[model]):.2f})"


def _calibrated(found: Mapping[str, Sequence[World]]) -> Iterator[str]:
    yield "\n### The calibrated model\n\n"
    yield "Part of the uncalibrated error (first-order Markov), the share of its 90 % intervals of channels that hold\n"
    yield "the truth (tested and untested), its total as a part of the true one, and how often that interval held it.\n"
    yield "Experiments of one channel at a time do not say how channels stand in for each other, so the total may be\n"
    yield "off by as much; the third figure is what the channels' true effects, added up, are of the true total.\n"
    yield "One more experiment, of all channels together, settles it (*and all*).\n\n"
    yield from _row("world", "tested", "error", "of uncalibrated", "held", "tested, untested", "total", "held")
    yield from _row(*["---"] * 8)
    for name, worlds in found.items():
        for which in (lambda w: w.every, lambda w: w.half, lambda w: w.whole):
            yield from _trials(name, worlds, which)
    yield "\n| target | measured | |\n|---|---|---|\n"
    for words, measured, met in _targets(found):
        yield f"| {words} | {measured} | {'met' if met else 'missed'} |\n"


def _trials(name: str, worlds: Sequence[World], which: Callable[[World], Trial]) -> Iterator[str]:
    of = [which(world) for world in worlds]
    part = np.mean([each.error / world.errors[_named(_BASE)] for each, world in zip(of, worlds, strict=True)])
    untested = np.mean([each.covered_untested for each in of])
    yield from _row(
        name,
        str(of[0].tested) + " and all" * of[0].whole,
        f"{np.mean([each.error for each in of]):.3f}",
        f"{part:.2f}",
        f"{np.mean([each.covered for each in of]):.0%}",
        f"{np.mean([each.covered_tested for each in of]):.0%}, " + ("-" if np.isnan(untested) else f"{untested:.0%}"),
        f"{np.mean([each.total for each in of]):.2f} ({_mean(worlds, lambda w: w.brought / w.together):.2f})",
        f"{np.mean([each.total_covered for each in of]):.0%}",
    )


def _targets(found: Mapping[str, Sequence[World]]) -> Iterator[tuple[str, str, bool]]:
    if REFERENCE in found:
        error = _mean(found[REFERENCE], lambda w: w.every.error)
        yield f"{REFERENCE}, all tested: error <= {MOST_ERROR}", f"{error:.3f}", error <= MOST_ERROR
    for name in (REFERENCE, "confounded"):
        if name in found:
            part = _mean(found[name], lambda w: w.half.error / w.errors[_named(_BASE)])
            words = f"{name}, half tested: at most {MOST_OF_UNCALIBRATED} of the uncalibrated error"
            yield words, f"{part:.2f}", part <= MOST_OF_UNCALIBRATED
    for name, worlds in found.items():
        total = _mean(worlds, lambda w: w.whole.total)
        words = f"{name}: with a test of all channels the total is {MOST_OFF:.0%} off at most"
        yield words, f"{total - 1:+.0%}", abs(total - 1) <= MOST_OFF
    for name, worlds in found.items():
        held = _mean(worlds, lambda w: (w.every.covered + w.half.covered) / 2)
        words = f"{name}: {COVERAGE[0]:.0%} to {COVERAGE[1]:.0%} of the intervals of 90 % hold the truth"
        yield words, f"{held:.0%}", COVERAGE[0] <= held <= COVERAGE[1]


def _without_effects(worlds: Sequence[World]) -> Iterator[str]:
    yield "\n### Worlds in which advertising does nothing\n\n"
    every, half = (_mean(worlds, lambda w: w.every.unproven), _mean(worlds, lambda w: w.half.unproven))
    whole = _mean(worlds, lambda w: w.whole.unproven)
    yield f"The calibrated model says that nothing is proven in {every:.0%} of the draws with all channels tested,\n"
    yield f"in {half:.0%} with half of them, and in {whole:.0%} with half of them and a test of all together. Its\n"
    yield "intervals of 90 % may be wrong above in one of twenty, for the channels as a family and for their total.\n"


def _hazards(found: Mapping[str, Sequence[World]]) -> Iterator[str]:
    yield "\n### The conversion hazard of the fractional model\n\n"
    yield "On three tenths of the journeys, which it was not fitted to, in the first world of each kind: AUC by\n"
    yield "touch, the slope of calibration (1 is right), and rates of conversion by tenths of the touches.\n"
    yield "It judges the prediction, not the attribution.\n\n"
    yield from _row("world", "AUC", "slope", "predicted, lowest to highest", "observed")
    yield from _row(*["---"] * 5)
    for name, worlds in found.items():
        hazard = worlds[0].hazard
        rates = [" ".join(f"{rate:.2%}" for rate in rates) for rates in (hazard.predicted, hazard.observed)]
        yield from _row(name, f"{hazard.auc:.3f}", f"{hazard.slope:.2f}", *rates)


def _mean(worlds: Sequence[World], figure: Callable[[World], float]) -> float:
    return float(np.mean([figure(world) for world in worlds]))


def _row(*cells: str) -> Iterator[str]:
    yield "| " + " | ".join(cells) + " |\n"
