"""Everything that a run tells of one kind of conversion: all models at every grain, their agreement, the top paths."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from ml.attribution.agreement import against_experiments, agreement_of, forgetful, share_distance
from ml.attribution.bootstrap import Draws
from ml.attribution.calibrated import Calibrated, Lift, calibrate
from ml.attribution.inputs import Dimension, Inputs, Journeys, Segment, converting_journeys, counted_paths
from ml.attribution.markov import ratio
from ml.attribution.models import Credits, Model, attribute
from ml.attribution.order import choose_order
from ml.attribution.parts import Parts, parts_of
from ml.attribution.path_credit import path_credits
from ml.attribution.paths import Floats, Paths
from ml.attribution.readout import Reading, lifts_within
from ml.attribution.rules import Lookback
from warehouse.changes.attribution import StoredAgreement, StoredCredit, StoredDay, StoredPath
from warehouse.errors import BadSetting, NotEnoughData

CALIBRATED: Final = "calibrated"
TOP_PATHS: Final = 500

# What a grain tells apart, and the column whose values its rows have.
GRAINS: Final[Mapping[str, Dimension]] = {
    "campaign": "campaign",
    "ad_group": "ad_group",
    "ad": "ad",
    "creative": "creative",
    "device": "device",
    "region": "region",
    "customer": "customer",
}
_KEYED: Final = ("campaign", "ad_group", "ad", "creative")
_LOOKBACKS: Final = (7.0, 14.0)
_LOST: Final = (0.1, 0.3)
_SOME_DRAWS: Final = 200  # of the calibrated model's are enough for what lies below the channel


@dataclass(frozen=True, slots=True)
class Settings:
    """Which models, and how their intervals are drawn. ``readings`` are the tests there are."""

    models: tuple[Model, ...]
    level: float = 0.9
    draws: int = 200
    seed: int = 1
    readings: tuple[Reading, ...] = ()


@dataclass(slots=True, eq=False)
class Findings:
    """Rows as they are stored. ``missing`` says of models that are not there why."""

    paths: Paths
    journeys: Journeys
    credits: list[StoredCredit] = field(default_factory=list)
    days: list[StoredDay] = field(default_factory=list)
    top: list[StoredPath] = field(default_factory=list)
    agreement: list[StoredAgreement] = field(default_factory=list)
    calibrated: Calibrated | None = None
    missing: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        """What experiments prove, and which models are missing."""
        proven = self.calibrated.words if self.calibrated else "No experiment says what any channel adds."
        return " ".join([proven, *self.missing])


def find(inputs: Inputs, segment: Segment, settings: Settings, begin: Callable[[str], None]) -> Findings:
    """Fit every model; one that the data are too thin for is missing with its reason. ``begin`` is told each.

    Raises :class:`NotEnoughData` where no journey of the segment has a touch.
    """
    paths = counted_paths(inputs, segment)
    if not paths.steps.size:
        raise NotEnoughData("No journey of this period has a touch.", remedy="Choose a longer period.")
    found = Findings(paths, converting_journeys(inputs, segment, paths.channels))
    fitted: dict[str, Credits] = {}
    for model in settings.models:
        begin(model.name)
        try:
            fitted[model.name] = fit(found, model, settings)
        except NotEnoughData as error:
            found.missing.append(f"{model.name} is missing: {error}")
    tests = lifts_within(settings.readings, segment.first, segment.last, paths.channels)
    base = fitted.get("markov") or next(iter(fitted.values()), None)
    if tests and base is not None and base.conversions.any():
        lifts = [lift for _, lift in tests]
        try:
            found.calibrated = calibrate(paths, base.conversions, lifts, level=settings.level, seed=settings.seed)
            fitted[CALIBRATED] = incremental(base, found.calibrated)
        except BadSetting as error:
            found.missing.append(f"{CALIBRATED} is missing: {error}")
    for name, credit in fitted.items():
        begin(f"what lies below the channels, by {name}")
        _add_credits(found, name, credit, settings.seed)
    found.top += top_paths(inputs, segment, paths, fitted)
    names, conversions = list(fitted), [credit.conversions for credit in fitted.values()]
    found.agreement += _between(names, conversions)
    found.agreement += _with_tests(fitted, tests)
    found.agreement += _shaken(found, fitted, settings.seed)
    return found


def fit(found: Findings, model: Model, settings: Settings) -> Credits:
    """A model's credits with their draws; from single journeys where it asks when touches were."""
    timed = model.name == "time_decay" or model.lookback is not None or model.view_weight is not None
    return attribute(
        found.journeys.paths if timed else found.paths,
        model,
        draws=settings.draws,
        level=settings.level,
        seed=settings.seed,
    )


def incremental(base: Credits, found: Calibrated) -> Credits:
    """Incremental conversions in the shape of credits; each is worth what the channel's are on average."""
    worth = ratio(base.value, base.conversions)
    some = found.draws[:: max(found.draws.shape[0] // _SOME_DRAWS, 1)]
    return replace(
        base,
        conversions=found.conversions,
        value=found.conversions * worth,
        removal_effect=None,
        level=found.level,
        low=found.low,
        high=found.high,
        value_low=found.low * worth,
        value_high=found.high * worth,
        draws=Draws(some, some * worth),
    )


def chosen_order(inputs: Inputs, segment: Segment) -> int:
    """The order that tells later journeys apart best: fitted to seven tenths of the days, judged by the rest; or 1."""
    split = segment.first + (segment.last - segment.first) * 0.7
    earlier = counted_paths(inputs, replace(segment, last=split))
    later = counted_paths(inputs, replace(segment, first=split + dt.timedelta(days=1)))
    known = sorted({*earlier.channels, *later.channels})
    try:
        return choose_order(_over(earlier, known), _over(later, known)).order
    except NotEnoughData:
        return 1


def _over(paths: Paths, channels: Sequence[str]) -> Paths:
    """The same paths over a longer list of channels."""
    place = np.array([channels.index(name) for name in paths.channels], dtype=np.int32)
    return replace(paths, channels=tuple(channels), steps=place[paths.steps] if place.size else paths.steps)


def _add_credits(found: Findings, name: str, credit: Credits, seed: int) -> None:
    if credit.low is None or credit.high is None or credit.value_low is None or credit.value_high is None:
        raise NotEnoughData(f"{name} has no interval.")
    removal = credit.removal_effect
    columns = (credit.conversions, credit.low, credit.high, credit.value, credit.value_low, credit.value_high)
    for place, (channel, amounts) in enumerate(zip(credit.channels, zip(*columns, strict=True), strict=True)):
        effect = None if removal is None else float(removal[place])
        found.credits.append(_row(name, "channel", channel, None, None, amounts, effect))
    for grain, dimension in GRAINS.items():
        if found.journeys.touches[dimension].null_count() < found.journeys.touches.height:
            found.credits += _part_rows(
                name, grain, dimension, parts_of(found.journeys, credit, (dimension,), seed=seed)
            )
    for dated, dimension in (("conversion", "date"), ("touch", "touched")):
        by_day = parts_of(found.journeys, replace(credit, draws=None), (dimension,))
        found.days += [
            StoredDay(name, dated, day, by_day.channels[place], float(conversions), float(value))
            for day, place, conversions, value in zip(
                by_day.names[dimension], by_day.channel, by_day.conversions, by_day.value, strict=True
            )
            if day is not None
        ]


def _part_rows(name: str, grain: str, dimension: str, parts: Parts) -> Iterator[StoredCredit]:
    if parts.low is None or parts.high is None or parts.value_low is None or parts.value_high is None:
        return
    columns = (parts.conversions, parts.low, parts.high, parts.value, parts.value_low, parts.value_high)
    for said, place, amounts in zip(parts.names[dimension], parts.channel, zip(*columns, strict=True), strict=True):
        key, item = (said, None) if grain in _KEYED else (None, said)
        yield _row(name, grain, parts.channels[place], key, item, amounts, None)


def _row(
    model: str, grain: str, channel: str, key: int | None, item: str | None, amounts: Sequence[float],
    removal_effect: float | None,
) -> StoredCredit:  # fmt: skip
    conversions, low, high, value, value_low, value_high = map(float, amounts)
    return StoredCredit(
        model, grain, channel, key, item, conversions, low, high, value, value_low, value_high, removal_effect
    )


def top_paths(
    inputs: Inputs, segment: Segment, paths: Paths, fitted: Mapping[str, Credits], most: int = TOP_PATHS
) -> Iterator[StoredPath]:
    """The paths with the most conversions, then with the most null paths, and what each model gives on them."""
    new = counted_paths(inputs, replace(segment, customers="new"))
    firsts = {_named(new, row): new.conversions[row] for row in np.flatnonzero(new.conversions > 0)}
    order = np.lexsort((-paths.nulls, -paths.conversions))
    chosen = order[paths.lengths[order] > 0][:most]
    given = {
        name: path_credits(paths, chosen, credit, incremental=name == CALIBRATED) for name, credit in fitted.items()
    }
    for rank, row in enumerate(chosen):
        channels = _named(paths, row)
        yield StoredPath(
            channels,
            round(float(paths.conversions[row])),
            round(float(firsts.get(channels, 0.0))),
            float(paths.value[row]),
            round(float(paths.nulls[row])),
            {name: credit[rank] for name, credit in given.items()},
        )


def _named(paths: Paths, row: np.integer) -> tuple[str, ...]:
    return tuple(paths.channels[step] for step in paths.steps[paths.offsets[row] : paths.offsets[row + 1]])


def _between(names: Sequence[str], conversions: Sequence[Floats]) -> Iterator[StoredAgreement]:
    both = agreement_of(names, conversions)
    for one, name in enumerate(names):
        for other, another in enumerate(names):
            rank = float(both.rank[one, other])
            yield StoredAgreement(
                name, "model", another, distance=float(both.distance[one, other]),
                rank_correlation=None if np.isnan(rank) else rank,
            )  # fmt: skip


def _with_tests(fitted: Mapping[str, Credits], tests: Sequence[tuple[Reading, Lift]]) -> Iterator[StoredAgreement]:
    lifts = [lift for _, lift in tests]
    for name, credit in fitted.items():
        verdicts = against_experiments(name, credit.channels, credit.conversions, lifts)
        for (reading, _), verdict in zip(tests, verdicts, strict=True):
            yield StoredAgreement(
                name, "experiment", reading.experiment, verdict.channel, credited=verdict.credited, lift=verdict.lift,
                se=verdict.se, errors=verdict.errors,
            )  # fmt: skip


def _shaken(found: Findings, fitted: Mapping[str, Credits], seed: int) -> Iterator[StoredAgreement]:
    """How far shares move with other luck, a shorter lookback, and consent that is lost."""
    forgotten = {share: forgetful(found.paths, share, seed) for share in _LOST}
    for name, credit in fitted.items():
        if credit.draws is not None and name != CALIBRATED:
            distances = [share_distance(credit.conversions, draw) for draw in credit.draws.conversions]
            yield StoredAgreement(
                name, "sampling", "other journeys of the same kind", distance=float(np.mean(distances))
            )
        if name in _UNSHAKEN:
            continue
        for share, paths in forgotten.items():
            seen = attribute(paths, replace(credit.model, lookback=None, view_weight=None))
            yield StoredAgreement(name, "consent", f"{share:.0%} of touches end what is known of a customer",
                               distance=share_distance(credit.conversions, seen.conversions))  # fmt: skip
        if name in _NEEDS_NULLS:
            continue
        for days in _LOOKBACKS:
            seen = attribute(found.journeys.paths, replace(credit.model, lookback=Lookback(days, {})))
            yield StoredAgreement(name, "lookback", f"{days:.0f} days",
                               distance=share_distance(credit.conversions, seen.conversions))  # fmt: skip


# What takes long to fit anew, or has no journeys of its own.
_UNSHAKEN: Final = (CALIBRATED, "fractional", "shapley_rate")
_NEEDS_NULLS: Final = ("markov",)  # and when their touches were is not kept
