"""Uplift: how far learners are from what treatment does to each customer, and whether intervals hold the truth.

Customers have eight features; treatment raises the chance to buy of those with a positive fourth feature and lowers it
for those with a large fifth one. In the randomised worlds two fifths are treated, in the confounded ones those who buy
anyway are treated more often. Spend is an amount with a long tail in place of a yes or no. Scores are judged on
customers that no model was fitted to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from ml.lifetime.value import Horizon, LifetimeModel, value_difference
from ml.uplift.answer import LEARNERS, answer_of
from ml.uplift.estimate import Estimate
from ml.uplift.learners import UpliftLearner
from ml.uplift.nuisance import Expected, effect_scores
from ml.uplift.policy import policy_value
from ml.uplift.ranking import ranking_of
from ml.uplift.sample import Floats
from validation import uplift_worlds
from validation.customers import BETTER, PARAMETERS, Treated, bought, treated_world, true_value

SEEDS: Final = range(201, 211)
PEOPLE: Final = 20_000
TRIALS: Final = 400  # worlds in which intervals are tried
TRIED: Final = 4_000  # customers of each
VALUE, COST = 50.0, 4.0
WORLDS: Final = range(301, 321)
LIVED: Final = 30_000
LEAST_HELD: Final = 0.75  # of 20 worlds, where 18 are expected and chance leaves 15
COVERAGE: Final = (0.86, 0.94)
MOST_PROVEN: Final = 0.08  # of worlds without effects, where 5 % are expected

_WORLDS: Final[Mapping[str, dict[str, bool]]] = {
    "randomised": {},
    "randomised, spend": {"spend": True},
    "confounded, chances known": {"confounded": True},
    "confounded, chances estimated": {"confounded": True, "known": False},
}


def sections(reference: Path | None) -> Iterator[str]:  # noqa: ARG001  (its truth is not known)
    """The page's text."""
    yield from _learners()
    found = {name: _coverage(options) for name, options in _WORLDS.items() if options.get("known", True)}
    yield from _intervals(found)
    yield from _nothing()
    yield from _worlds()
    yield from _lifetime()


def _learners() -> Iterator[str]:
    yield f"\n### Errors of effects\n\nOver {len(SEEDS)} worlds of {PEOPLE:,} customers: the root mean square error, "
    yield "as a part of the scatter of true effects\n(1 is what one effect for all would have), and in brackets the "
    yield "correlation.\n\n"
    yield from _row("learner", *_WORLDS)
    yield from _row(*["---"] * (len(_WORLDS) + 1))
    for name, learner in LEARNERS.items():
        cells = []
        for options in _WORLDS.values():
            figures = np.array([_error(learner, treated_world(seed, PEOPLE, **options)) for seed in SEEDS])
            cells.append("{:.2f} ({:.2f})".format(*figures.mean(axis=0)))
        yield from _row(name, *cells)


def _error(learner: type[UpliftLearner], made: Treated) -> tuple[float, float]:
    fitted = learner().fit_sample(made.sample)
    others = treated_world(7, PEOPLE)
    effect = others.effect * made.scale
    found = fitted.predict(others.sample.features)
    return float(np.sqrt(np.mean((found - effect) ** 2)) / effect.std()), float(np.corrcoef(found, effect)[0, 1])


def _coverage(options: Mapping[str, bool]) -> dict[str, float]:
    """The share of worlds in which an interval of 90 % holds the truth."""
    truth = _figures(treated_world(1, 1_000_000, **options), exact=True)
    held = dict.fromkeys(truth, 0)
    for seed in range(TRIALS):
        for name, found in _figures(treated_world(10_000 + seed, TRIED, **options)).items():
            held[name] += found.low <= truth[name].estimate <= found.high
    return {name: count / TRIALS for name, count in held.items()}


def _figures(made: Treated, *, exact: bool = False) -> dict[str, Estimate]:
    """All figures of a score that knows one of the two causes; ``exact`` from the effects themselves."""
    uplift = made.sample.features[:, 3].astype(np.float64)
    effects = made.effect if exact else _scores(made)
    ranking = ranking_of(uplift, effects, draws=20 if exact else 200)
    policy = policy_value(uplift > 0.5, effects, value=VALUE, cost=COST)
    return {
        "effect": ranking.effect,
        "Qini": ranking.qini,
        "AUTOC": ranking.autoc,
        "AUUC": ranking.auuc,
        "uplift of the top 10 %": ranking.tops[0].uplift,
        "policy against nobody": policy.gain,
        "against everybody": policy.over_everybody,
    }


def _scores(made: Treated) -> Floats:
    """With an expectation of the outcome that is the same for all, as the worst model would give it."""
    chance = made.chance
    return effect_scores(made.sample, Expected(np.full(chance.size, made.sample.outcome.mean()), chance))


def _intervals(found: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    yield f"\n### Intervals\n\nThe share of {TRIALS} worlds of {TRIED:,} customers in which intervals of 90 % hold the "
    yield "truth, with nothing known\nof outcomes but their mean.\n\n"
    yield from _row("figure", *found, "")
    yield from _row(*["---"] * (len(found) + 2))
    for name in next(iter(found.values())):
        shares = [shares[name] for shares in found.values()]
        met = all(COVERAGE[0] <= share <= COVERAGE[1] for share in shares)
        yield from _row(name, *(f"{share:.0%}" for share in shares), "met" if met else "missed")
    yield f"\nThe target is {COVERAGE[0]:.0%} to {COVERAGE[1]:.0%}.\n"


def _nothing() -> Iterator[str]:
    yield "\n### Worlds in which treatment does nothing\n\n"
    proven = {
        name: np.mean(
            [
                answer_of(treated_world(30_000 + seed, TRIED, effects=False).sample, name, seed=seed).ranking.qini.low
                > 0
                for seed in range(60)
            ]
        )
        for name in LEARNERS
    }
    every = float(np.mean(list(proven.values())))
    yield "A difference in response is called proven, which it should be in one of twenty, in "
    yield ", ".join(f"{share:.0%} ({name})" for name, share in proven.items())
    yield f"\nof 60 worlds of {TRIED:,} customers; {'met' if every <= MOST_PROVEN else 'missed'}: at most "
    yield f"{MOST_PROVEN:.0%} over all.\n"


def _worlds() -> Iterator[str]:
    yield f"\n### In simulated advertisers\n\n{(uplift_worlds.__doc__ or '').partition(chr(10))[2].strip()}\n"
    yield f"{len(WORLDS)} worlds of {LIVED:,} customers; a policy treats whose effect pays for a contact.\n\n"
    found = [uplift_worlds.judged(seed, LIVED) for seed in WORLDS]
    yield from _row("figure", "said", "true", "worlds whose interval of 90 % holds the truth", "")
    yield from _row(*["---"] * 5)
    for name, held, said, true in uplift_worlds.rows(found):
        verdict = "met" if held >= LEAST_HELD else "missed"
        yield from _row(name, f"{said:.4f}", f"{true:.4f}", f"{held:.0%}", verdict)
    proven = [one.true["Qini"] for one in found if one.proven]
    right = sum(true > 0 for true in proven)
    yield f"\nThe target is {LEAST_HELD:.0%}. In {len(proven)} worlds a ranking is called proven; in {right} of them "
    yield "customers who are ranked higher\ntruly respond more.\n"


def _lifetime() -> Iterator[str]:
    yield "\n### Lifetime value\n\n"
    horizon = Horizon(26.0)
    truth = true_value(BETTER, horizon) - true_value(PARAMETERS, horizon)
    held = []
    for seed in range(TRIALS // 2):
        treated = bought(50_000 + seed, 2_000, parameters=BETTER)
        arms = [LifetimeModel.of(made.purchases, made.spending) for made in (treated, bought(seed, 2_000))]
        found = value_difference(arms[0], arms[1], horizon)
        held.append(found.low <= truth <= found.high)
    share = float(np.mean(held))
    yield "Treated customers leave later. The interval of 90 % of what that is worth over 26 weeks holds the truth in "
    yield f"{share:.0%}\nof {TRIALS // 2} worlds of 2,000 customers an arm: "
    yield f"{'met' if COVERAGE[0] <= share <= COVERAGE[1] else 'missed'}.\n"


def _row(*cells: str) -> Iterator[str]:
    yield "| " + " | ".join(cells) + " |\n"
