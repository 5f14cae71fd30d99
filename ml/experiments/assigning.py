"""A file of units, each with its arm."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ml.experiments.balance import assigned, balanced, stratified
from ml.experiments.moments import Floats
from warehouse.errors import BadSetting, LoadRefused
from warehouse.experiments.assignment import Assignment
from warehouse.queries.formats import replacing


@dataclass(frozen=True, slots=True)
class Assigned:
    """The arms of units, in the file's order; who takes no part is left out. ``words`` say how they came about."""

    units: tuple[str, ...]
    arms: tuple[str, ...]
    words: tuple[str, ...]

    def write(self, file: Path | None) -> None:
        """Write unit and arm as CSV, to a file or to standard output. Raises :class:`BadSetting` where it cannot be."""
        frame = pl.DataFrame({"unit": self.units, "arm": self.arms}, schema={"unit": pl.String, "arm": pl.String})
        if file is None:
            sys.stdout.write(frame.write_csv())
            return
        with replacing(file) as draft:
            frame.write_csv(draft)


def assign_file(
    file: Path, unit: str, assignment: Assignment, shares: Mapping[str, float], *, strata: str | None = None,
    balance: Sequence[str] = (),
) -> Assigned:  # fmt: skip
    """Put the units of a CSV file into arms; with strata shared out in each, with balance by the best of many salts.

    Raises :class:`LoadRefused` for a file without these columns, :class:`BadSetting` for both at once, and for either
    within a layer or a hold-out.
    """
    if (strata and balance) or ((strata or balance) and assignment.within is not None):
        raise BadSetting(
            "Strata and balance are not for both, nor within a layer or a hold-out.",
            remedy="Take one; keep who is held out from the file.",
        )
    frame = _read(file, [unit, *([strata] if strata else []), *balance])
    units = frame[unit].to_list()
    words: list[str] = []
    if strata:
        arms = stratified(units, frame[strata].fill_null("").to_list(), shares, assignment.salt)
    else:
        if balance:
            known = _numbers(file, frame, balance)
            found = balanced(units, known, shares, assignment.salt)
            assignment = found.assignment
            apart = f"arms lie {found.imbalance:.3g} apart, where {found.usual:.3g} is usual"
            words.append(f"The salt is {assignment.salt}: {apart}.")
        arms = assigned(units, assignment)
    there = [(name, arm) for name, arm in zip(units, arms, strict=True) if arm is not None]
    counts = Counter(arm for _, arm in there)
    words.append(", ".join(f"{arm}: {counts[arm]:,}" for arm in shares) + f"; no part: {len(units) - len(there):,}.")
    return Assigned(tuple(name for name, _ in there), tuple(arm for _, arm in there), tuple(words))


def _read(file: Path, columns: Sequence[str]) -> pl.DataFrame:
    try:
        frame = pl.read_csv(file, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise LoadRefused(f"{file} cannot be read: {str(error).splitlines()[0]}.") from error
    missing = next((name for name in columns if name not in frame.columns), None)
    if missing is not None:
        raise LoadRefused(f"{file.name} has no column {missing!r}; it has: {', '.join(frame.columns)}.")
    unit = frame[columns[0]]
    if not frame.height or unit.null_count() or unit.is_duplicated().any():
        raise LoadRefused(f"{file.name} needs units, and in each row another one.", remedy="One row a unit.")
    return frame


def _numbers(file: Path, frame: pl.DataFrame, columns: Sequence[str]) -> Floats:
    numbers = frame.select(pl.col(columns).cast(pl.Float64, strict=False))
    for name in columns:
        bad = numbers[name].is_null() | numbers[name].is_finite().not_()
        if bad.any():
            row = int(bad.arg_max() or 0)
            raise LoadRefused(
                f"{file.name}, row {row + 2}, column {name!r}: {frame[name][row]!r} is no number.",
                remedy="Correct the cell, or balance by other columns.",
            )
    return numbers.to_numpy()
