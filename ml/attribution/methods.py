"""The models in words: what readers know them by, what they do, how, and what has to be true for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Method:
    """A model's ``name`` for readers, what it does in one ``line``, ``how`` it does that, and what it ``assumes``."""

    name: str
    line: str
    how: str
    assumes: str


_RULE: Final = "The rule is a convention. Nothing in the data speaks for it or against it."
_GAME: Final = "Journeys that did not convert do not matter, so a channel that many meet in vain loses nothing by it."

METHODS: Final[Mapping[str, Method]] = {
    "first": Method(
        "First touch",
        "All credit to the first touch of a journey.",
        "The channel of the first touch within the lookback gets the whole conversion.",
        _RULE,
    ),
    "last": Method(
        "Last touch",
        "All credit to the last touch before the conversion, as most platforms report it.",
        "The channel of the last touch gets the whole conversion.",
        f"{_RULE} It favours channels that people use once they have decided.",
    ),
    "last_non_direct": Method(
        "Last non-direct",
        "All credit to the last touch that was no direct visit.",
        "As last touch, but direct visits count only where a journey has nothing else.",
        _RULE,
    ),
    "linear": Method(
        "Linear",
        "The same credit to every touch of a journey.",
        "A conversion is divided equally among the touches before it; a channel met twice gets two parts.",
        _RULE,
    ),
    "position": Method(
        "Position-based",
        "Fixed weights to the first and the last touch, the rest to those between.",
        "The first and the last touch get the weights that were set, the touches between share the rest equally.",
        _RULE,
    ),
    "time_decay": Method(
        "Time decay",
        "The more credit the closer a touch is to the conversion.",
        "A touch counts half as much as one that came a half-life later.",
        _RULE,
    ),
    "markov": Method(
        "Markov",
        "How many conversions would be lost if the touches of a channel led nowhere.",
        "Journeys are a chain of visits that ends in a conversion or in nothing. A channel's removal effect is the "
        "share of conversions that the chain loses when its touches end the journey; credit is in proportion to it. "
        "The chain is solved exactly, not simulated (Anderl, Becker, von Wangenheim and Schumann 2016).",
        "What comes next depends on the last touches alone, and who would not have met a channel would have left.",
    ),
    "shapley": Method(
        "Shapley",
        "A conversion is shared equally by the channels on its path: the containment game.",
        "The Shapley value of the game in which a set of channels is worth the conversions of paths that lie within it "
        "(Zhao, Mahboobi and Bagheri 2018).",
        _GAME,
    ),
    "shapley_ordered": Method(
        "Shapley by position",
        "The same game, told apart by where in the path a channel stands.",
        "The Shapley value of the containment game, shared among a channel's touches by their place.",
        _GAME,
    ),
    "shapley_rate": Method(
        "Shapley of rates",
        "How conversion rates differ between sets of channels, shared fairly.",
        "The Shapley value of the game in which a set of channels is worth the conversion rate of journeys within it. "
        "A channel whose journeys convert worse than others gets less than nothing.",
        "Sets of channels are met by the same kind of people.",
    ),
    "fractional": Method(
        "Data-driven",
        "What each touch adds to the chance to convert, learnt from all journeys.",
        "A hazard model of every touch, whether it led to a conversion or not, by channel, place, repetition and time; "
        "a channel's credit is how much less likely the conversion would have been without its touches.",
        "Whatever makes people both meet a channel and buy is among what the model knows. It seldom is.",
    ),
    "calibrated": Method(
        "Calibrated",
        "Credit brought to what experiments found: incremental conversions.",
        "A hierarchical model over the channels (Rubin 1981). Tested channels are pinned to what their tests found, "
        "with the tests' errors; untested ones borrow from the tested, with the width that few tests leave. What no "
        "channel adds is the baseline.",
        "The tests measured what switching a channel off loses, in the period or one like it.",
    ),
}  # fmt: skip

LIMITS: Final = (
    "A credit says who was there before a conversion. It is no effect: people who were about to buy meet channels too.",
    "Only the calibrated model, which rests on experiments, is incremental.",
    ("Journeys are those that the logs show. Touches without consent, on another device, or of somebody whom nobody "
    "could recognise are missing; their conversions stand under other channels, or under nobody."),
    "Touches longer ago than the lookback do not count.",
    ("Intervals of credits hold the luck of which journeys were seen, and nothing else. Those of the calibrated model "
    "hold the errors of the tests, and how unlike each other channels may be."),
    "Below the channel credit is shared by what its touches in converting journeys were of; parts sum to the channel.",
    ("Costs are the spend of the same days. Ads of these days also work later, and some conversions of these days were "
    "brought by earlier ads."),
)  # fmt: skip
