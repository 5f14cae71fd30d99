"""From a table of units to questions that can be answered: samples of each metric by arm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from ml.experiments.analysis import Question
from ml.experiments.contrast import Strata
from ml.experiments.metrics import Kind, Metric
from ml.experiments.moments import Distribution, Floats, Moments
from warehouse.errors import BadSetting, NotEnoughData
from warehouse.experiments.totals import SEVERAL_STRATA, UNITS


@dataclass(frozen=True, slots=True)
class Design:
    """How units become samples: which covariates, in which strata, by clusters or not.

    ``winsorised`` is the quantile among values other than 0 above which values of means and ratios are capped, in all
    arms at the same value. ``caps`` are such values that were settled before, by column.
    """

    covariates: tuple[str, ...] = ()
    strata: str | None = None
    is_clustered: bool = False
    winsorised: float | None = None
    caps: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises :class:`BadSetting` for a quantile that is none, and for a cap that is not above 0."""
        for column, cap in self.caps.items():
            if not 0 < cap < np.inf:
                raise BadSetting(f"cap of {column} == {cap}, must be above 0.", remedy="Write --cap spend=500.")
        if self.winsorised is not None and not 0 < self.winsorised < 1:
            raise BadSetting(f"winsorise == {self.winsorised}, must be between 0 and 1.", remedy="Write 0.99.")


def questions_of(units: pl.DataFrame, arms: Sequence[str], metrics: Sequence[Metric], design: Design) -> list[Question]:
    """A question for each metric, over the units that have a value of it; ``units`` as in a :class:`UnitTable`.

    An unknown covariate gets the mean of all arms, and a covariate more says that it was unknown. Raises
    :class:`NotEnoughData` where a stratum has too few units in an arm.
    """
    return [
        _question(units.drop_nulls([f"n:{name}" for name in metric.columns]), arms, metric, design)
        for metric in metrics
    ]


def covariate_moments(units: pl.DataFrame, arms: Sequence[str], design: Design) -> dict[str, Moments]:
    """The moments of covariates alone, by arm: over all units, or over the means of all clusters."""
    filled, names = _filled(units, design.covariates)
    columns = [f"c:{name}" for name in names]
    if design.is_clustered:
        filled = filled.group_by("arm", "cluster").agg(pl.col(columns).mean())
    return {arm: Moments.of(names, _values(filled, arm, columns)) for arm in arms}


def _question(units: pl.DataFrame, arms: Sequence[str], metric: Metric, design: Design) -> Question:
    numbers = [f"n:{name}" for name in metric.columns]
    if metric.kind is Kind.quantile:
        if design.is_clustered or design.strata:
            raise BadSetting(
                f"{metric.name} is neither clustered nor stratified.",
                remedy=f"Take the mean for that: {metric.column}.",
            )
        return Question(metric, {arm: Distribution.of(_values(units, arm, numbers)[:, 0]) for arm in arms})
    names: tuple[str, ...] = ()
    note = ""
    if metric.kind is not Kind.share:
        limits = {f"n:{name}": design.caps[name] for name in metric.columns if name in design.caps}
        if design.winsorised is not None:
            limits = {name: _limit(units[name], design.winsorised) for name in numbers} | limits
        if limits:
            units = units.with_columns(units[name].clip(upper_bound=limit) for name, limit in limits.items())
            note = f"winsorised at {', '.join(f'{limit:.4g}' for limit in limits.values())}"
        units, names = _filled(units, design.covariates)
    columns = [*numbers, *(f"c:{name}" for name in names)]
    strata = f"l:{design.strata}" if design.strata else None
    if design.is_clustered:
        by = ["arm", "cluster", *([strata] if strata else [])]
        if strata:  # a cluster is one, also where its units are in several strata
            is_in_one = pl.col(strata).n_unique().over("cluster") == 1
            units = units.with_columns(pl.when(is_in_one).then(pl.col(strata)).otherwise(pl.lit(SEVERAL_STRATA)))
        units = units.group_by(by).agg(pl.col(columns).sum(), pl.len().cast(pl.Float64).alias(f"n:{UNITS}"))
        columns.append(f"n:{UNITS}")
    by_arm = _samples(units, arms, columns, strata)
    return Question(metric, by_arm, names, UNITS if design.is_clustered else None, note)


def _samples(units: pl.DataFrame, arms: Sequence[str], columns: Sequence[str], strata: str | None) -> dict[str, Strata]:
    names = [column.partition(":")[2] for column in columns]
    if strata is None:
        return {arm: (Moments.of(names, _values(units, arm, columns)),) for arm in arms}
    parts = units.partition_by(strata, maintain_order=True)
    found = {arm: tuple(Moments.of(names, _values(part, arm, columns)) for part in parts) for arm in arms}
    for place, part in enumerate(parts):
        for arm, samples in found.items():
            if samples[place].n < 2:
                stratum = part[strata][0] or "(empty)"
                raise NotEnoughData(
                    f"The stratum {stratum} has fewer than two units in the arm {arm}.",
                    remedy="Put small strata together.",
                )
    return found


def _values(units: pl.DataFrame, arm: str, columns: Sequence[str]) -> Floats:
    """(n, k) the columns of an arm's units."""
    return np.asarray(units.filter(pl.col("arm") == arm).select(columns).to_numpy(), dtype=np.float64)


def _limit(values: pl.Series, quantile: float) -> float:
    """The quantile of the values other than 0; what caps nothing where there are none."""
    limit = values.filter(values != 0).quantile(quantile, "linear")
    return np.inf if limit is None else limit


def _filled(units: pl.DataFrame, covariates: Sequence[str]) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Units whose covariates are all known, and the covariates' names with those of what was unknown."""
    unknown = [name for name in covariates if units[f"c:{name}"].null_count()]
    nothing = [name for name in unknown if units[f"c:{name}"].null_count() == units.height]
    if nothing:
        raise NotEnoughData(f"No unit has a value of {nothing[0]}.", remedy="Leave this covariate out.")
    filled = units.with_columns(
        *(pl.col(f"c:{name}").is_null().cast(pl.Float64).alias(f"c:{_unknown(name)}") for name in unknown),
        *(pl.col(f"c:{name}").fill_null(strategy="mean") for name in unknown),
    )
    return filled, (*covariates, *map(_unknown, unknown))


def _unknown(name: str) -> str:
    return f"{name} unknown"
