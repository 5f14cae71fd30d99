"""Which channel's uncertainty costs most, hence which experiment to run next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.budget.curves import Floats
from ml.budget.draws import Drawn, as_joint
from ml.budget.judged import clairvoyant
from warehouse.errors import NotEnoughData

_PLANS: Final = 60  # that are weighed against one another
_SHUFFLES: Final = 8
_FEWEST: Final = 100  # draws from which a regression says something


@dataclass(frozen=True, slots=True)
class Worth:
    """What knowing one channel's curve for certain would add to the outcome of the plan, on average; 0 at least."""

    channel: str
    worth: float


def value_of_information(
    draws: Mapping[str, Drawn],
    proposed: Mapping[str, float],
    bounds: Mapping[str, tuple[float, float]],
    *,
    seed: int = 1,
) -> tuple[Worth, ...]:
    """The expected value of perfect information about each channel, the dearest first.

    What each of some plans would bring, given the channel's curve, is regressed on that curve, and the best of the
    fitted ones is taken draw by draw (Strong, Oakley and Brennan 2014, doi 10.1177/0272989X13505910). What a curve of
    another draw seems to tell is chance, and taken off. Raises :class:`NotEnoughData` for less than 100 draws.
    """
    count = as_joint(draws)
    if count < _FEWEST:
        raise NotEnoughData(
            f"{count} draws say too little of what knowing more is worth.", remedy=f"Give {_FEWEST} or more."
        )
    listed = list(draws.values())
    own = np.array([proposed[name] for name in draws])
    _, plans = clairvoyant(listed, [bounds[name] for name in draws], float(own.sum()))
    chance = np.random.default_rng(seed)
    chosen = plans[chance.permutation(count)[:_PLANS]]
    mixed = (chosen + own) / 2  # less far from the plan, as what is half known would lead to
    every = np.vstack([own, chosen, mixed])
    outcomes = sum(drawn.by_draw(every[:, place]) for place, drawn in enumerate(listed))
    gains = np.asarray(outcomes) - np.asarray(outcomes)[:, :1]
    found = []
    for place, (name, drawn) in enumerate(draws.items()):
        features = _features(drawn.by_draw(every[:, place]))
        told = _best_known(features, gains)
        by_chance = [_best_known(features[chance.permutation(count)], gains) for _ in range(_SHUFFLES)]
        found.append(Worth(name, max(told - float(np.mean(by_chance)), 0.0)))
    return tuple(sorted(found, key=lambda each: -each.worth))


def _features(responses: Floats) -> Floats:
    """(D, k) what tells a channel's curve: two main directions of its responses, with squares and product."""
    centred = responses - responses.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    main = left[:, :2] * np.where(sizes[:2] > 1e-9 * max(sizes[0], 1e-300), len(centred) ** 0.5, 0.0)
    squares = [main[:, 0] ** 2, main[:, 1] ** 2, main[:, 0] * main[:, 1]]
    return np.column_stack([np.ones(len(main)), main, *squares])


def _best_known(features: Floats, gains: Floats) -> float:
    """The mean of the best fitted gain, over that of the best plan without knowing."""
    fitted = features @ np.linalg.lstsq(features, gains, rcond=None)[0]
    return float(fitted.max(axis=1).mean() - gains.mean(axis=0).max())
