"""From the warehouse's frames to paths: any period, any customers, with what is known of each touch."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import polars as pl

from ml.attribution.path_file import MOST_TOUCHES, newest
from ml.attribution.paths import Paths, Rows, ends, paths_from_characters
from warehouse.errors import BadSetting

Customers = Literal["all", "new", "returning"]
Worth = Literal["revenue", "margin"]
Dimension = Literal["campaign", "ad_group", "ad", "creative", "device", "region", "customer", "touched", "date"]

CUSTOMERS: Final[tuple[Customers, ...]] = ("all", "new", "returning")
WORTHS: Final[tuple[Worth, ...]] = ("revenue", "margin")

_WORTH: Final[Mapping[Worth, str]] = {"revenue": "value", "margin": "margin"}


@dataclass(frozen=True, slots=True)
class Segment:
    """Which journeys count as conversions, and in what: those from ``first`` to ``last``, of ``customers``."""

    first: dt.date
    last: dt.date
    customers: Customers = "all"
    worth: Worth = "revenue"

    def __post_init__(self) -> None:
        """Raises :class:`BadSetting` for words that mean nothing."""
        for name, value, known in (("customers", self.customers, CUSTOMERS), ("worth", self.worth, WORTHS)):
            if value not in known:
                raise BadSetting(f"{name} == {value!r}, must be one of {', '.join(known)}.")
        if self.last < self.first:
            raise BadSetting(f"the period ends ({self.last}) before it begins ({self.first}).")


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """What attribution is computed from, as the warehouse hands it over.

    ``counts`` are paths by day, ``touches`` those of converting journeys (``warehouse/queries/path_counts.py``);
    ``steps`` says which channel a path's character is.
    """

    counts: pl.DataFrame
    touches: pl.DataFrame
    steps: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Journeys:
    """Converting journeys one by one: paths with ages and views, one conversion each, and their touches' frame (T,)."""

    paths: Paths
    touches: pl.DataFrame


def counted_paths(inputs: Inputs, segment: Segment) -> Paths:
    """Distinct paths of a segment's period with their counts. Null paths are nobody's: they count for every segment."""
    column = _WORTH[segment.worth]
    conversions, worth = {
        "all": (pl.col("conversions"), pl.col(column)),
        "new": (pl.col("new_customers"), pl.col(f"new_{column}")),
        "returning": (pl.col("conversions") - pl.col("new_customers"), pl.col(column) - pl.col(f"new_{column}")),
    }[segment.customers]
    frame = (
        inputs.counts.lazy()
        .filter(pl.col("date").is_between(segment.first, segment.last))
        .group_by("path")
        .agg(conversions.sum().alias("conversions"), worth.sum().alias("value"), pl.col("null_paths").sum())
        .filter((pl.col("conversions") > 0) | (pl.col("null_paths") > 0))
        .sort("path")
        .collect()
    )
    return paths_from_characters(
        frame["path"].to_list(), _met(inputs.steps, frame["path"]), *(
            frame[name].to_numpy().astype(np.float64) for name in ("conversions", "value", "null_paths")
        )
    )  # fmt: skip


def converting_journeys(inputs: Inputs, segment: Segment, channels: Sequence[str]) -> Journeys:
    """The segment's converting journeys with a touch, over the channels of its paths; of each its newest touches."""
    chosen = pl.col("date").is_between(segment.first, segment.last)
    if segment.customers != "all":
        chosen &= pl.col("is_new") == (segment.customers == "new")
    touches = inputs.touches.filter(chosen).with_columns(customer=pl.when("is_new").then(
        pl.lit("new")).otherwise(pl.lit("returning")))  # fmt: skip
    lengths: Rows = touches["journey"].rle().struct.field("len").to_numpy().astype(np.int64)
    first = ends(lengths)[:-1]
    places = {channel: place for place, channel in enumerate(channels)}
    codes = {step: places[channel] for step, channel in inputs.steps.items() if channel in places}
    paths = Paths(
        tuple(channels),
        touches["step"].replace_strict(codes, return_dtype=pl.Int32).to_numpy(),
        ends(lengths),
        np.ones(lengths.size),
        touches[_WORTH[segment.worth]].to_numpy()[first].astype(np.float64),
        np.zeros(lengths.size),
        np.maximum(touches["age"].to_numpy(), 0.0),
        touches["is_view"].to_numpy(),
    )
    if not (lengths > MOST_TOUCHES).any():
        return Journeys(paths, touches)
    after = np.repeat(paths.offsets[1:], paths.lengths) - np.arange(paths.steps.size)
    return Journeys(newest(paths, MOST_TOUCHES), touches.filter(pl.Series(after <= MOST_TOUCHES)))


def labels_of(journeys: Journeys, by: Sequence[Dimension]) -> tuple[pl.DataFrame, Rows]:
    """What touches can be told apart by: N rows with the columns ``by``, and the row (T,) of each touch.

    -1 where a touch tells nothing of any of them.
    """
    named = journeys.touches.select(by).with_row_index("touch")
    told = named.filter(~pl.all_horizontal(pl.col(by).is_null()))
    names = told.select(by).unique(maintain_order=True).with_row_index("label")
    found = told.join(names, on=list(by), how="left", nulls_equal=True, maintain_order="left")
    labels = np.full(named.height, -1, dtype=np.int64)
    labels[found["touch"].to_numpy()] = found["label"].to_numpy()
    return names.drop("label"), labels


def without_channel(paths: Paths, channel: str) -> Paths:
    """The paths as if nobody had seen this channel's touches. Raises :class:`BadSetting` for an unknown one."""
    kept = paths.keep(paths.steps != paths.place(channel))
    place = paths.place(channel)
    return replace(
        kept,
        channels=tuple(name for name in paths.channels if name != channel),
        steps=np.where(kept.steps > place, kept.steps - 1, kept.steps).astype(np.int32),
    )


def seconds_to_convert(inputs: Inputs, segment: Segment) -> float:
    """From the first touch to the conversion, on average over conversions with a touch; nan without any."""
    there = inputs.counts.filter(pl.col("date").is_between(segment.first, segment.last) & (pl.col("path") != ""))
    total = float(there["conversions"].sum())
    return float(there["seconds"].sum()) / total if total else float("nan")


def _met(steps: Mapping[str, str], paths: pl.Series) -> Mapping[str, str]:
    """The characters that occur."""
    there = set("".join(paths))
    return {step: channel for step, channel in steps.items() if step in there}
