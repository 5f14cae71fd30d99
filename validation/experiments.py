"""Experiments: how often tests are wrong, and whether intervals hold what they promise.

Tests in which nothing happens are read at 20 looks, 100 new units in each arm between them; a test is wrong when any
look says that the arms differ. Spend is 0 for nineteen of twenty units and log-normal for the others. Everything goes
the way that a user's numbers go: moments are added up look by look, and contrasts, intervals and guards are those of
the program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, get_args

import numpy as np
import polars as pl

from ml.experiments.contrast import Contrast, Quantity, mean_contrast
from ml.experiments.effect import Effect, effect_of
from ml.experiments.guards import RATIO_ALPHA, Status, imbalance, sample_ratio
from ml.experiments.methods import ConfidenceSequence, FixedHorizon, Method
from ml.experiments.moments import Distribution, Floats, Moments
from ml.experiments.power import MethodName, Rule, Sizes, minimum_detectable_effect
from ml.experiments.quantile import quantile_contrast
from ml.experiments.share import Shares
from warehouse.errors import NotEnoughData

LOOKS, UNITS = 20, 100  # units: new ones in each arm between two looks
REPETITIONS: Final = 4_000
COVERAGES: Final = 2_000
POWERS: Final = 1_500
ALPHA: Final = 0.05
COLUMNS: Final = ("spend", "orders", "visit", "before")

Draw = Callable[[np.random.Generator, int], Floats]


def sections(reference: Path | None) -> Iterator[str]:
    """The page's text."""
    yield from _false_alarms(REPETITIONS, reference)
    yield from _coverage(COVERAGES)
    yield from _power(POWERS)
    yield from _guards(COVERAGES)


@dataclass(frozen=True, slots=True)
class Question:
    """What is compared, and for what it is adjusted."""

    outcome: Quantity
    covariates: tuple[Quantity, ...] = ()


QUESTIONS: Final[Mapping[str, Question]] = {
    "spend": Question(Quantity("spend")),
    "visit, 0 or 1, of one in twenty": Question(Quantity("visit")),
    "spend, adjusted": Question(Quantity("spend"), (Quantity("before"),)),
    "spend/orders": Question(Quantity("spend", "orders")),
}


def units(generator: np.random.Generator, n: int) -> Floats:
    """(n, 4) units as ``COLUMNS`` have them; what they spent before tells something of what they spend."""
    taste = generator.standard_normal(n)
    buys = generator.random(n) < 0.05
    spend = np.where(buys, np.exp(3 + 0.8 * taste + 0.6 * generator.standard_normal(n)), 0.0)
    orders = 1.0 + generator.poisson(1.0, n)
    before = np.exp(2 + 0.8 * taste + 0.3 * generator.standard_normal(n)) * (0.3 + buys)
    return np.column_stack([spend, orders, buys, before])


def looked(
    question: Question, generator: np.random.Generator, draw: Draw, effect: float = 0.0
) -> list[Contrast | None]:
    """A test's contrasts at every look, None where there is none yet; ``effect`` is added to the treated's outcome."""
    treated = control = Moments.none(COLUMNS)
    column = COLUMNS.index(question.outcome.numerator)
    found: list[Contrast | None] = []
    for _ in range(LOOKS):
        moved = draw(generator, UNITS)
        moved[:, column] += effect
        treated += Moments.of(COLUMNS, moved)
        control += Moments.of(COLUMNS, draw(generator, UNITS))
        try:
            found.append(mean_contrast((treated,), (control,), question.outcome, question.covariates))
        except NotEnoughData:  # nobody in an arm has bought yet
            found.append(None)
    return found


def scores(contrasts: Sequence[Contrast | None]) -> Floats:
    """(k,) how many standard errors the arms lie apart at each look; 0 where that cannot be told."""
    return np.array([0.0 if one is None else abs(one.difference) / one.se for one in contrasts])


def false_alarms(question: Question, repetitions: int, draw: Draw = units) -> dict[str, float]:
    """The shares of tests without an effect that are wrong at any look, by how they are read."""
    generator = np.random.default_rng(1)
    n = 2 * UNITS * np.arange(1, LOOKS + 1)
    critical = {
        "sequence": _critical(ConfidenceSequence(1 - ALPHA), n),
        "sequence, size planned": _critical(ConfidenceSequence(1 - ALPHA, int(n[-1])), n),
        "group": Rule("group", looks=LOOKS).critical,
        "fixed, at every look": _critical(FixedHorizon(1 - ALPHA), n),
    }
    z = np.array([scores(looked(question, generator, draw)) for _ in range(repetitions)])
    found = {name: float((z > edges).any(axis=1).mean()) for name, edges in critical.items()}
    return found | {"fixed, once": float((z[:, -1] > critical["fixed, at every look"][-1]).mean())}


def _critical(method: Method, n: np.ndarray) -> Floats:
    return np.array([method.critical(int(units_), np.inf) for units_ in n])


def _false_alarms(repetitions: int, reference: Path | None) -> Iterator[str]:
    yield f"\n### Wrong at any of {LOOKS} looks\n\nOf {repetitions:,} tests without an effect, at a level of 95 %.\n\n"
    found = {name: false_alarms(question, repetitions) for name, question in QUESTIONS.items()}
    if reference:
        real = _real_spend(reference)
        found["spend of 64,000 real customers"] = false_alarms(Question(Quantity("spend")), repetitions, real)
    yield from _row("metric", *next(iter(found.values())))
    yield from _row(*["---"] * (len(next(iter(found.values()))) + 1))
    for name, shares in found.items():
        yield from _row(name, *(f"{share:.1%}" for share in shares.values()))
    worst = max(shares["sequence"] for shares in found.values())
    yield "\n| target | measured | |\n|---|---|---|\n"
    yield f"| the default is wrong in at most 5 % of tests | {worst:.1%} | {'met' if worst <= ALPHA else 'missed'} |\n"


def _real_spend(reference: Path) -> Draw:
    frame = pl.read_csv(reference / "effects" / "hillstrom.csv.gz", infer_schema_length=None)
    values = frame.select("spend", pl.lit(1.0), "visit", "history").to_numpy().astype(np.float64)
    return lambda generator, n: values[generator.integers(0, len(values), n)]


@dataclass(frozen=True, slots=True)
class Held:
    """The shares of intervals that held the truth: of the difference and of the relative effect, where there is one."""

    difference: float
    relative: float


def coverage(estimate: Callable[[np.random.Generator], Effect], truth: tuple[float, float], repetitions: int) -> Held:
    """How often intervals hold the true difference and relative effect."""
    generator = np.random.default_rng(2)
    effects = [estimate(generator) for _ in range(repetitions)]
    relative = [effect.relative for effect in effects if effect.relative is not None]
    return Held(
        float(np.mean([e.difference.low <= truth[0] <= e.difference.high for e in effects])),
        float(np.mean([e.low <= truth[1] <= e.high for e in relative])) if relative else float("nan"),
    )


def kinds() -> dict[str, tuple[Callable[[np.random.Generator], Effect], tuple[float, float]]]:
    """Every kind of estimate, as a function that draws a test of it, with its true difference and relative effect."""
    median = float(np.exp(1.0))
    return {
        "mean": (partial(_mean_test, covariates=()), (2.0, 0.2)),
        "mean, two covariates": (partial(_mean_test, covariates=(Quantity("x"), Quantity("w"))), (2.0, 0.2)),
        "mean, post-stratified": (_stratified_test, (2.0, 0.2)),
        "mean, units in clusters": (_clustered_test, (2.0, 0.2)),
        "ratio": (_ratio_test, (0.5, 0.1)),
        "share, about 10 events an arm": (partial(_share_test, rates=(0.03, 0.02), n=400), (0.01, 0.5)),
        "share, many events": (partial(_share_test, rates=(0.25, 0.2), n=1_000), (0.05, 0.25)),
        "median": (partial(_quantile_test, probability=0.5), (0.1 * median, 0.1)),
        "90 % quantile": (partial(_quantile_test, probability=0.9), (0.1 * median * _NINETY, 0.1)),
    }


_NINETY: Final = float(np.exp(1.2815515655446004))


def _mean_test(generator: np.random.Generator, covariates: tuple[Quantity, ...]) -> Effect:
    def arm(n: int, lift: float) -> tuple[Moments, ...]:
        x, w = generator.standard_normal(n), generator.exponential(1.0, n)
        y = 8 + lift + 3 * x + 2 * w + generator.exponential(2.0, n) - 2 + 0.3 * lift * x
        return (Moments.of(("y", "x", "w"), np.column_stack([y, x, w])),)

    return effect_of(mean_contrast(arm(150, 2.0), arm(450, 0.0), Quantity("y"), covariates), FixedHorizon())


def _stratified_test(generator: np.random.Generator) -> Effect:
    def arm(n: int, lift: float) -> tuple[Moments, ...]:
        stratum = generator.choice(3, n, p=[0.5, 0.3, 0.2])
        y = (
            np.array([6.0, 10.0, 20.0])[stratum]
            + lift
            + generator.standard_normal(n) * np.array([1.0, 3.0, 6.0])[stratum]
        )
        return tuple(Moments.of(("y",), y[stratum == s][:, None]) for s in range(3))

    return effect_of(mean_contrast(arm(200, 2.0), arm(200, 0.0), Quantity("y")), FixedHorizon())


def _clustered_test(generator: np.random.Generator) -> Effect:
    def arm(clusters: int, lift: float) -> tuple[Moments, ...]:
        sizes = generator.integers(1, 20, clusters)
        means = 10 + lift + 2 * generator.standard_normal(clusters)
        totals = sizes * means + np.sqrt(sizes) * 3 * generator.standard_normal(clusters)
        return (Moments.of(("y", "units"), np.column_stack([totals, sizes])),)

    return effect_of(mean_contrast(arm(100, 2.0), arm(100, 0.0), Quantity("y", "units")), FixedHorizon())


def _ratio_test(generator: np.random.Generator) -> Effect:
    def arm(n: int, each: float) -> tuple[Moments, ...]:
        orders = 1 + generator.poisson(2.0, n)
        revenue = orders * each * generator.lognormal(-0.125, 0.5, n)
        return (Moments.of(("revenue", "orders"), np.column_stack([revenue, orders])),)

    return effect_of(mean_contrast(arm(400, 5.5), arm(400, 5.0), Quantity("revenue", "orders")), FixedHorizon())


def _share_test(generator: np.random.Generator, rates: tuple[float, float], n: int) -> Effect:
    done, other = (int(generator.binomial(n, rate)) for rate in rates)
    return effect_of(Shares(max(done, 1), n, other, n), FixedHorizon())


def _quantile_test(generator: np.random.Generator, probability: float) -> Effect:
    one, other = (Distribution.of(scale * generator.lognormal(1.0, 1.0, 1_000)) for scale in (1.1, 1.0))
    return effect_of(quantile_contrast(one, other, probability), FixedHorizon())


def always_covered(repetitions: int, effect: float = 1.0) -> float:
    """The share of tests in which the sequence's intervals of all looks hold the truth."""
    generator, sequence = np.random.default_rng(3), ConfidenceSequence()
    held = [
        all(
            interval.low <= effect <= interval.high
            for contrast in looked(QUESTIONS["spend, adjusted"], generator, units, effect)
            if contrast is not None
            for interval in (effect_of(contrast, sequence).difference,)
        )
        for _ in range(repetitions)
    ]
    return float(np.mean(held))


def _coverage(repetitions: int) -> Iterator[str]:
    yield "\n### What intervals hold\n\n"
    yield f"Shares of {repetitions:,} intervals of 95 % that hold the true effect, looked at once; the arms have some\n"
    yield "hundred units each.\n\n"
    yield from _row("estimate", "difference", "relative effect")
    yield from _row("---", "---", "---")
    for name, (estimate, truth) in kinds().items():
        held = coverage(estimate, truth, repetitions)
        yield from _row(name, f"{held.difference:.1%}", f"{held.relative:.1%}")
    tests = repetitions // 2
    yield f"\nThe sequence's intervals hold the truth at all of {LOOKS} looks in {always_covered(tests):.1%} of"
    yield f" {tests:,} tests (spend,\nadjusted).\n"


@dataclass(frozen=True, slots=True)
class Found:
    """How often an effect of the planned size was found, and the part of the test after which."""

    power: float
    part: float


def found_as_designed(method: MethodName, column: str, repetitions: int) -> Found:
    """Plan an effect on the mean of a column by a method, and look for it as often as the method looks."""
    rule, question = Rule(method, looks=LOOKS), Question(Quantity(column))
    sd = float(np.std(units(np.random.default_rng(4), 2_000_000)[:, COLUMNS.index(column)]))
    effect = minimum_detectable_effect(2 * UNITS * LOOKS, Sizes(sd), rule)
    generator = np.random.default_rng(5)
    times = (np.round(rule.times * LOOKS) - 1).astype(int)
    stops = []
    for _ in range(repetitions):
        contrasts = looked(question, generator, units, effect)
        crossed = np.flatnonzero(scores(contrasts)[times] > rule.critical)
        stops.append((times[crossed[0]] + 1) / LOOKS if crossed.size else np.inf)
    ended = np.array(stops)
    return Found(float(np.isfinite(ended).mean()), float(np.minimum(ended, 1.0).mean()))


def _power(repetitions: int) -> Iterator[str]:
    yield "\n### Power as designed\n\n"
    size = 2 * UNITS * LOOKS
    yield f"An effect that {size:,} units are to find in 80 % of tests, looked for in {repetitions:,} tests.\n"
    yield "Where nearly all is spent by one unit in twenty, the first looks see less of its variance than there is.\n\n"
    yield from _row("metric", "method", "found", "part of the test needed", "as designed")
    yield from _row(*["---"] * 5)
    for column in ("orders", "spend"):
        for method in get_args(MethodName):
            found, rule = found_as_designed(method, column, repetitions), Rule(method, looks=LOOKS)
            designed = rule.part_needed(rule.drift)
            yield from _row(column, method, f"{found.power:.1%}", f"{found.part:.2f}", f"{designed:.2f}")


def guard_alarms(repetitions: int) -> dict[str, float]:
    """How often guards fire in sound tests, looked at once and at any look."""
    generator = np.random.default_rng(6)
    once, ever, always, unlike = [], [], [], []
    for _ in range(repetitions):
        treated = np.cumsum(generator.binomial(2 * UNITS, 0.5, LOOKS))
        pairs = [sample_ratio({"a": int(n), "b": 2 * UNITS * (look + 1) - int(n)}) for look, n in enumerate(treated)]
        failed = np.array([[guard.status is Status.failed for guard in pair] for pair in pairs])
        once.append(failed[-1, 0])
        ever.append(failed[:, 0].any())
        always.append(failed[:, 1].any())
        drawn = units(generator, 1_000)[:, 2:]
        arms = {
            name: Moments.of(("visit", "before"), part) for name, part in zip("ab", np.split(drawn, 2), strict=True)
        }
        unlike.append(imbalance(arms).status is Status.failed)
    return {
        "sample_ratio, once": float(np.mean(once)),
        "sample_ratio, at any look": float(np.mean(ever)),
        "sample_ratio_sequential, at any look": float(np.mean(always)),
        "imbalance": float(np.mean(unlike)),
    }


def _guards(repetitions: int) -> Iterator[str]:
    yield "\n### Guards that fire for nothing\n\n"
    yield f"Of {repetitions:,} sound tests; sample ratios fire at {RATIO_ALPHA:.0%}.\n\n"
    yield from _row("guard", "fires")
    yield from _row("---", "---")
    for name, share in guard_alarms(repetitions).items():
        yield from _row(name, f"{share:.1%}")


def _row(*cells: str) -> Iterator[str]:
    yield "| " + " | ".join(cells) + " |\n"
