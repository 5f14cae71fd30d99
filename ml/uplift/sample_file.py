"""Files of customers: who was in which arm, what they did, and what was known of them before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from ml.customer_file import numbers, read_texts
from ml.uplift.sample import Bools, Floats, Sample
from warehouse.errors import LoadRefused

MOST_VALUES: Final = 20  # of a text that get a column each; others share one
_MOSTLY: Final = 0.5  # of the cells that are numbers make a column of numbers
_SHOWN: Final = 60  # characters of a bad cell
_NONE: Final = ("na", "n/a", "nan", "null", "none", "-")  # in a column of numbers


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns mean what. ``unit`` None stands for the number of the row, ``propensity`` None for none."""

    arm: str
    outcome: str
    features: tuple[str, ...]
    unit: str | None = None
    propensity: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SampleFile:
    """Customers of two arms. ``remarks`` tell what was made of cells that say nothing."""

    units: tuple[str, ...]
    sample: Sample
    treated: str
    control: str
    remarks: tuple[str, ...]


def read_sample(
    file: Path | str,
    columns: Columns,
    *,
    treated: str | None = None,
    control: str | None = None,
    propensity: float | None = None,
) -> SampleFile:
    """Read a CSV file, gzipped or not, with a row per customer; columns are told apart by comma, semicolon or tab.

    ``treated`` and ``control`` are values of the arm's column; rows of other arms are left out. ``propensity`` is the
    known chance of treatment, the same for all, where no column has it; without either it is estimated. A text becomes
    a column of zeros and ones for each of its values, from the 20th on one for all of them. An empty cell of a feature
    is a missing value, of any other column a refusal.

    Raises :class:`LoadRefused`, naming row and column, and as :meth:`Sample.of`.
    """
    place = Path(file)
    table = read_texts(place, _asked(columns))
    with_, without = _arms(place.name, table, columns.arm, treated, control)
    table = table.filter(pl.col(columns.arm).is_in([with_, without]))
    units = _units(place.name, table, columns.unit)
    remarks: list[str] = []
    encoded = {
        name: values
        for feature in columns.features
        for name, values in _encoded(place.name, table.select("row", feature), remarks)
    }
    features = pl.DataFrame(encoded)
    chance: Floats | float | None = propensity
    if columns.propensity is not None:
        chance = numbers(place.name, table, columns.propensity)
    took_part: Bools = (table[columns.arm] == with_).to_numpy()
    sample = Sample.of(features, numbers(place.name, table, columns.outcome), took_part, chance)
    return SampleFile(units, sample, with_, without, tuple(remarks))


def _asked(columns: Columns) -> list[str]:
    if not columns.features:
        raise LoadRefused("No feature is named.", remedy="Name columns that were known before anybody was treated.")
    roles = [("arm", columns.arm), ("outcome", columns.outcome), ("unit", columns.unit), ("chance", columns.propensity)]
    for role, name in roles:
        if name in columns.features:
            raise LoadRefused(f"Column {name!r} is the {role}, so it is no feature.", remedy="Leave it out.")
    return [*columns.features, *(name for _, name in roles if name is not None)]


def _arms(file: str, table: pl.DataFrame, arm: str, treated: str | None, control: str | None) -> tuple[str, str]:
    empty = table.filter(pl.col(arm).is_null())
    if empty.height:
        raise LoadRefused(
            f"{file}, row {empty['row'][0]}, column {arm!r} is empty.",
            remedy="Say in which arm the customer was, or leave the row out.",
        )
    there = table[arm].unique().sort().to_list()
    if treated is None and control is None and there == ["0", "1"]:
        return "1", "0"
    for option, name in (("--treated", treated), ("--control", control)):
        if name is None or name not in there:
            told = "is not named" if name is None else f"is {name!r}, which nobody was in"
            arms = ", ".join(map(repr, there[:_SHOWN])) or "none"
            raise LoadRefused(
                f"The {option.strip('-')} arm {told}; column {arm!r} has: {arms}.", remedy=f"Name it with {option}."
            )
    if treated == control:
        raise LoadRefused(f"Both arms are {treated!r}.", remedy="Name two different ones.")
    return str(treated), str(control)


def _units(file: str, table: pl.DataFrame, unit: str | None) -> tuple[str, ...]:
    if unit is None:
        return tuple(map(str, table["row"]))
    empty = table.filter(pl.col(unit).is_null())
    if empty.height:
        raise LoadRefused(f"{file}, row {empty['row'][0]}, column {unit!r} is empty.", remedy="Say who it is.")
    again = table.filter(pl.col(unit).is_duplicated()).head(1)
    if again.height:
        rows = table.filter(pl.col(unit) == again[unit][0])["row"].to_list()
        raise LoadRefused(
            f"{file}: {again[unit][0][:_SHOWN]!r} stands in rows {rows[0]} and {rows[1]}; a customer has one row.",
            remedy="Add up what the customer did, or choose the column that tells customers apart.",
        )
    return tuple(table[unit])


def _encoded(file: str, column: pl.DataFrame, remarks: list[str]) -> Iterator[tuple[str, npt.NDArray[np.float32]]]:
    """A feature as columns of numbers."""
    name = column.columns[1]
    texts = column[name]
    empty = texts.null_count()
    if empty == texts.len():
        raise LoadRefused(f"{file}: column {name!r} is empty.", remedy="Leave it out.")
    unsaid = texts.is_null() | texts.str.to_lowercase().is_in(_NONE)
    cast = column.select(pl.when(~unsaid).then(pl.col(name)).cast(pl.Float64, strict=False)).to_series()
    bad = ~unsaid & cast.is_null()
    missing = int(unsaid.sum())
    if cast.count() > _MOSTLY * (texts.len() - missing):
        wrong = bad | cast.is_infinite().fill_null(value=False)
        if wrong.any():
            row, cell = column.filter(wrong).row(0)
            raise LoadRefused(
                f"{file}, row {row}, column {name!r}: {cell[:_SHOWN]!r} is no number, as the others are.",
                remedy="Correct the cell, or leave the row out.",
            )
        if missing:
            remarks.append(_missing(name, missing))
        yield name, cast.cast(pl.Float32).fill_null(float("nan")).to_numpy()
        return
    if empty:
        remarks.append(_missing(name, empty))
    counts = texts.drop_nulls().value_counts(sort=True).sort("count", name, descending=[True, False])
    if counts.height > _MOSTLY * (texts.len() - empty):
        raise LoadRefused(
            f"{file}: column {name!r} has a text of its own for most customers, so it says nothing of others.",
            remedy="Leave it out.",
        )
    values = counts[name].to_list()
    kept = values if len(values) <= MOST_VALUES else values[: MOST_VALUES - 1]
    for value in kept:
        yield f"{name} = {value}", (texts == value).fill_null(value=False).cast(pl.Float32).to_numpy()
    if len(kept) < len(values):
        remarks.append(f"Feature {name!r} has {len(values):,} values; all but the {len(kept)} most frequent are one.")
        other = texts.is_not_null() & ~texts.is_in(kept)
        yield f"{name} = (others)", other.fill_null(value=False).cast(pl.Float32).to_numpy()


def _missing(name: str, count: int) -> str:
    return f"Feature {name!r} is missing for {count:,} customers, which counts as a value of its own."
