"""The models by name: paths in, credits out, with intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ml.attribution import rules
from ml.attribution.bootstrap import Draws, any_draws, linear_draws, markov_draws, shared
from ml.attribution.fractional import fractional, fractional_draws
from ml.attribution.markov import chain_of, removal_effects
from ml.attribution.paths import Floats, Paths
from ml.attribution.shapley import containment_credits, containment_weights, rate_game
from warehouse.errors import BadSetting

RULES: Final = ("first", "last", "last_non_direct", "linear", "position", "time_decay")
MODELS: Final = (*RULES, "markov", "shapley", "shapley_ordered", "shapley_rate", "fractional")


@dataclass(frozen=True, slots=True)
class Model:
    """A model with its settings; those of other models do not matter.

    ``order`` of markov; ``first`` and ``last`` weights of position; of time_decay ``half_life_days`` where the paths
    say when their touches were and else ``half_life_touches``; ``direct`` of last_non_direct, in small letters.

    ``lookback`` leaves out older touches before any model looks, ``view_weight`` is what a mere view counts in a rule.
    """

    name: str
    order: int = 1
    first: float = 0.4
    last: float = 0.4
    half_life_days: float = 7.0
    half_life_touches: float = 1.0
    direct: frozenset[str] = rules.DIRECT
    lookback: rules.Lookback | None = None
    view_weight: float | None = None

    def __post_init__(self) -> None:
        """Raises :class:`BadSetting` for a name that is no model."""
        if self.name not in MODELS:
            raise BadSetting(f"there is no model {self.name!r}.", remedy=f"There are: {', '.join(MODELS)}.")
        if self.view_weight is not None and self.name not in RULES:
            raise BadSetting(f"{self.name} has no weight for views.", remedy="Only rules discount views.")


@dataclass(frozen=True, slots=True, eq=False)
class Credits:
    """What a model gives to each of C channels. Credit, not effect: it says who was there, not who caused it.

    ``conversions`` and ``value`` (C,) sum to what ended paths with a touch; ``removal_effect`` (C,) only of markov.
    ``low`` and ``high`` are ends of the interval of the conversions at ``level``, ``value_low`` and ``value_high`` of
    the value; without draws they are None. ``draws`` has the bootstrap's credits.
    """

    model: Model
    channels: tuple[str, ...]
    conversions: Floats
    value: Floats
    removal_effect: Floats | None = None
    level: float | None = None
    low: Floats | None = None
    high: Floats | None = None
    value_low: Floats | None = None
    value_high: Floats | None = None
    draws: Draws | None = None

    @property
    def shares(self) -> Floats:
        """(C,) shares of the credited conversions; zero where there are none."""
        total = self.conversions.sum()
        return self.conversions / total if total else np.zeros_like(self.conversions)


def attribute(paths: Paths, model: Model, *, draws: int = 0, level: float = 0.9, seed: int = 1) -> Credits:
    """Credits of a model, and with ``draws`` its bootstrap intervals.

    Where nothing converts all credits are zero. Raises :class:`NotEnoughData` where the paths lack what the model
    needs, :class:`BadSetting` for settings out of range.
    """
    if draws < 0 or not 0 < level < 1:
        raise BadSetting(f"draws == {draws} must not be negative, level == {level} must be between 0 and 1.")
    seen = rules.within(paths, model.lookback) if model.lookback else paths
    given = _credits(seen, model)
    if not draws:
        return given
    drawn = _drawn(seen, model, draws, seed)
    tails = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(drawn.conversions, tails, axis=0)
    value_low, value_high = np.quantile(drawn.value, tails, axis=0)
    return replace(given, level=level, low=low, high=high, value_low=value_low, value_high=value_high, draws=drawn)


def touch_weights(paths: Paths, model: Model) -> Floats | None:
    """(T,) what a model gives to each touch of a path, whose weights sum to one; None where it does not say."""
    if model.name in _WEIGHTS:
        weights = _WEIGHTS[model.name](paths, model)
        return weights if model.view_weight is None else rules.discounted(paths, weights, model.view_weight)
    return None


def _time_decay(paths: Paths, model: Model) -> Floats:
    if paths.ages is None:
        return rules.step_decay(paths, model.half_life_touches)
    return rules.time_decay(paths, model.half_life_days)


_WEIGHTS: Final[Mapping[str, Callable[[Paths, Model], Floats]]] = {
    "first": lambda paths, _: rules.first_touch(paths),
    "last": lambda paths, _: rules.last_touch(paths),
    "last_non_direct": lambda paths, model: rules.last_non_direct(paths, model.direct),
    "linear": lambda paths, _: rules.linear(paths),
    "position": lambda paths, model: rules.position_based(paths, model.first, model.last),
    "time_decay": _time_decay,
    "shapley": lambda paths, _: containment_weights(paths),
    "shapley_ordered": lambda paths, _: containment_weights(paths),
}


def _credits(paths: Paths, model: Model) -> Credits:
    if model.name in {"shapley", "shapley_ordered"}:
        return Credits(model, paths.channels, *containment_credits(paths))
    weights = touch_weights(paths, model)
    if weights is not None:
        return Credits(model, paths.channels, *rules.credited(paths, weights))
    if model.name == "markov":
        removal = removal_effects(chain_of(paths, model.order))
        conversions, value = _touched(paths)
        return Credits(
            model,
            paths.channels,
            shared([removal.conversions], np.array([conversions]))[0],
            shared([removal.value], np.array([value]))[0],
            removal.conversions,
        )
    if model.name == "fractional":
        fitted = fractional(paths)
        return Credits(model, paths.channels, fitted.conversions, fitted.value)
    return Credits(model, paths.channels, *_rate(paths))


def _drawn(paths: Paths, model: Model, draws: int, seed: int) -> Draws:
    weights = touch_weights(paths, model)
    if weights is not None:
        return linear_draws(paths, weights, draws, seed)
    if model.name == "markov":
        return markov_draws(paths, model.order, draws, seed)
    if model.name == "fractional":
        return fractional_draws(paths, fractional(paths), draws, seed)
    return any_draws(paths, _rate, draws, seed)


def _rate(paths: Paths) -> tuple[Floats, Floats]:
    conversions, value = _touched(paths)
    if not conversions:
        return np.zeros(len(paths.channels)), np.zeros(len(paths.channels))
    game = rate_game(paths)
    return game.share * conversions, game.value_share * value


def _touched(paths: Paths) -> tuple[float, float]:
    """Conversions and value at the end of paths with a touch."""
    touched = paths.lengths > 0
    return float(paths.conversions[touched].sum()), float(paths.value[touched].sum())
