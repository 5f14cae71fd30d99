"""Files of units: who was in which arm, and what they did. One row a unit or, with a day, one for each thing done."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from ml.experiments.arms import told_apart
from warehouse.errors import BadSetting, LoadRefused

MISSING: Final = ("", "na", "n/a", "nan", "null", "none")  # how empty cells are written, in small letters
YES, NO = ("true", "yes"), ("false", "no")  # how 1 and 0 are written too
EVERYBODY: Final = "everybody"  # the arm of all, where there are none
_HEAD: Final = 1 << 16  # bytes of the first line, at most
_SHOWN: Final = 60  # characters of a bad cell


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns of a file are what. ``numbers`` are those of metrics, ``covariates`` known before the start.

    Without an ``arm`` all units are in one, as they are before a test.
    ``labels`` are strata, segments and the like. ``day`` is when a row happened; ``assigned`` and ``exposed`` say when
    the unit was put into its arm and when it met the treatment.
    """

    unit: str
    arm: str | None
    numbers: tuple[str, ...]
    covariates: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    cluster: str | None = None
    day: str | None = None
    assigned: str | None = None
    exposed: str | None = None
    is_empty_zero: bool = False

    @property
    def days(self) -> tuple[str, ...]:
        """The columns that are days."""
        return tuple(name for name in (self.day, self.assigned, self.exposed) if name)

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns, each once."""
        named = (self.unit, self.arm, self.cluster, *self.numbers, *self.covariates, *self.labels, *self.days)
        return tuple(dict.fromkeys(name for name in named if name))


@dataclass(frozen=True, slots=True, eq=False)
class UnitTable:
    """What a file holds: one row per unit that was in one arm.

    ``units`` has ``unit``, ``arm``, ``cluster`` where there are clusters, and the file's columns as ``n:`` numbers,
    ``c:`` covariates and ``l:`` labels, empty cells null. ``crossed`` of ``everybody`` (clusters, where there are any)
    were in several arms and are left out.

    Where exposures are known, ``unexposed`` units never met the treatment and ``before`` rows were earlier than that:
    both are left out. Where assignments are known too, ``early`` units met it before they were assigned. ``log`` has
    unit, arm, ``day``, ``start`` (the exposure, null where it is not known) and the numbers of every row, where rows
    have days.
    """

    units: pl.DataFrame
    everybody: int
    crossed: int
    unexposed: int | None = None
    early: int | None = None
    before: int = 0
    log: pl.DataFrame | None = None

    @property
    def arms(self) -> tuple[str, ...]:
        """The names of the arms, in alphabetical order."""
        return tuple(sorted(self.units["arm"].unique().to_list()))


def read_units(file: Path | str, layout: Layout) -> UnitTable:
    """Read a CSV file, also gzipped, told apart by comma, semicolon or tab. Only the columns of the layout are held.

    Without a day a unit has one row; with one, its rows are added up. Raises :class:`LoadRefused`, naming row and
    column, for what is no number or no day, and for a unit or an arm without a name.
    """
    place = Path(file)
    lazy = _opened(place, layout)
    try:
        frame = lazy.select(_typed(layout)).collect(engine="streaming")
    except pl.exceptions.PolarsError as error:
        raise LoadRefused(
            f"{place.name} cannot be read as CSV: {str(error).splitlines()[0]}", remedy="Export it anew."
        ) from error
    if not frame.height:
        raise LoadRefused(f"{place.name} has no row below its header.", remedy="Export it anew.")
    if frame["wrong"].any():
        raise _refusal(place, lazy, layout)
    told_apart(frame["arm"].unique().to_list())
    return _table(frame.drop("wrong"), place, lazy, layout)


def _opened(file: Path, layout: Layout) -> pl.LazyFrame:
    try:
        with file.open("rb") as opened:
            head = opened.read(2)
        with gzip.open(file) if head == b"\x1f\x8b" else file.open("rb") as text:
            first = text.readline(_HEAD).decode("utf-8-sig", errors="replace").rstrip("\r\n")
    except (OSError, EOFError) as error:
        raise LoadRefused(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    separator = max(",;\t", key=first.count)
    names = [name.strip() for name in next(csv.reader([first], delimiter=separator), [])]
    for needed in layout.columns:
        if needed not in names:
            raise LoadRefused(
                f"{file.name} has no column {needed!r}; it has: {', '.join(names) or 'nothing'}.",
                remedy="Name the columns as the file does.",
            )
    repeated = next((name for name in layout.columns if names.count(name) > 1), None)
    if repeated:
        raise LoadRefused(f"{file.name} has two columns {repeated!r}.", remedy="Give each column one name.")
    lazy = pl.scan_csv(file, separator=separator, infer_schema=False, new_columns=names, encoding="utf8-lossy")
    return lazy.select(pl.col(layout.columns).str.strip_chars()).with_row_index("row", offset=2)


def _text(name: str) -> pl.Expr:
    """A cell, null where it is empty in any spelling."""
    return pl.when(pl.col(name).str.to_lowercase().is_in(MISSING).not_()).then(pl.col(name))


def _number(name: str) -> pl.Expr:
    small = pl.col(name).str.to_lowercase()
    number = _text(name).cast(pl.Float64, strict=False)
    return pl.when(small.is_in(YES)).then(1.0).when(small.is_in(NO)).then(0.0).otherwise(number)


def _day(name: str) -> pl.Expr:
    return _text(name).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)


def _wrong(name: str, layout: Layout) -> pl.Expr:
    """Whether a cell is not what its column must hold."""
    if name in (layout.unit, layout.arm, layout.cluster):
        return pl.col(name).is_null() | (pl.col(name) == "")
    if name in layout.days:
        needed = pl.lit(name == layout.day)
        return _day(name).is_null() & (needed | _text(name).is_not_null())
    if name in (*layout.numbers, *layout.covariates):
        return _text(name).is_not_null() & (_number(name).is_null() | _number(name).is_finite().not_())
    return pl.lit(value=False)


def _typed(layout: Layout) -> list[pl.Expr]:
    """Units and clusters by a hash of 64 bits, which is all that they are told apart by."""
    numbers = [_number(name) for name in layout.numbers]
    if layout.is_empty_zero:
        numbers = [number.fill_null(0.0) for number in numbers]
    return [
        pl.col(layout.unit).hash().alias("unit"),
        (pl.col(layout.arm) if layout.arm else pl.lit(EVERYBODY)).alias("arm"),
        *([pl.col(layout.cluster).hash().alias("cluster")] if layout.cluster else []),
        *(number.alias(f"n:{name}") for number, name in zip(numbers, layout.numbers, strict=True)),
        *(_number(name).alias(f"c:{name}") for name in layout.covariates),
        *(_text(name).alias(f"l:{name}") for name in layout.labels),
        *(_day(name).alias(f"d:{name}") for name in layout.days),
        pl.any_horizontal(_wrong(name, layout) for name in layout.columns).alias("wrong"),
    ]


def _table(frame: pl.DataFrame, file: Path, lazy: pl.LazyFrame, layout: Layout) -> UnitTable:
    if layout.day is None and frame.select(pl.struct("unit", "arm").is_duplicated().any()).item():
        raise _repeated(file, lazy, layout)
    who = "cluster" if layout.cluster else "unit"
    arms = frame.group_by(who).agg(pl.col("arm").n_unique().alias("arms"))
    crossed = arms.filter(pl.col("arms") > 1)
    if crossed.height:
        frame = frame.join(crossed, on=who, how="anti")
    unexposed = early = None
    rows = frame.height
    if layout.exposed:
        frame, unexposed, early = _exposed(frame, layout, f"d:{layout.exposed}")
        rows = frame.height
        if layout.day:
            frame = frame.filter(pl.col(f"d:{layout.day}") >= pl.col(f"d:{layout.exposed}"))
    before, log = rows - frame.height, None
    if layout.day:
        start = pl.col(f"d:{layout.exposed}") if layout.exposed else pl.lit(None, pl.Date)
        log = frame.select(
            "unit", "arm", pl.col(f"d:{layout.day}").alias("day"), start.alias("start"), pl.col("^n:.*$")
        )
        frame = _added_up(frame, layout)
    return UnitTable(frame, arms.height, crossed.height, unexposed, early, before, log)


def _exposed(frame: pl.DataFrame, layout: Layout, met: str) -> tuple[pl.DataFrame, int, int | None]:
    """The rows of units that met the treatment; how many did not, and how many did before they were assigned."""
    days = [f"d:{name}" for name in (layout.exposed, layout.assigned) if name]
    units = frame.group_by("unit").agg(pl.col(days).min())
    early = units.filter(pl.col(met) < pl.col(f"d:{layout.assigned}")).height if layout.assigned else None
    there = units.drop_nulls(met)
    kept = frame.drop(met).join(there.select("unit", met), on="unit")
    return kept, units.height - there.height, early


def _added_up(frame: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """Rows of a log by unit. What was known before must be one value for each unit."""
    known = [name for name in frame.columns if name.startswith(("c:", "l:")) or name == "cluster"]
    numbers = [name for name in frame.columns if name.startswith("n:")]
    units = frame.group_by("unit", maintain_order=True).agg(
        pl.col("arm").first(),
        *(pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).alias(name) for name in numbers),
        *(pl.col(name).drop_nulls().first().alias(name) for name in known),
        *(pl.col(name).drop_nulls().n_unique().alias(f"values:{name}") for name in known),
    )
    for name in known:
        if (units[f"values:{name}"] > 1).any():
            column = name.partition(":")[2] or layout.cluster
            raise BadSetting(
                f"{column} is not the same on all rows of a unit.",
                remedy="It must be known before the start: give it the value it had then.",
            )
    return units.select("unit", "arm", *numbers, *known)


def _refusal(file: Path, lazy: pl.LazyFrame, layout: Layout) -> LoadRefused:
    """Why a file was not taken: the first cell that is not what it must be."""
    for name in layout.columns:
        found = lazy.filter(_wrong(name, layout)).select("row", name).head(1).collect()
        if found.height:
            row, cell = found.row(0)
            place = f"{file.name}, row {row}, column {name!r}"
            if name in layout.days:
                remedy = "Write days as 2026-09-30."
                return LoadRefused(f"{place}: {(cell or '')[:_SHOWN]!r} is no day.", remedy=remedy)
            if name in (layout.unit, layout.arm, layout.cluster):
                return LoadRefused(f"{place}: the cell is empty.", remedy="Name it, or leave the row out.")
            remedy = "Correct the cell, or leave it empty where nothing is known."
            return LoadRefused(f"{place}: {cell[:_SHOWN]!r} is no number.", remedy=remedy)
    return LoadRefused(f"{file.name} cannot be read.", remedy="Export it anew.")


def _repeated(file: Path, lazy: pl.LazyFrame, layout: Layout) -> LoadRefused:
    """Which unit has two rows in one arm."""
    key = [name for name in (layout.unit, layout.arm) if name]
    found = lazy.filter(pl.struct(key).is_duplicated()).select("row", layout.unit).sort(layout.unit, "row").head(2)
    (row, unit), (other, _) = found.collect().rows()
    return LoadRefused(
        f"{file.name}, rows {row} and {other}: {unit!r} stands in both.",
        remedy="A unit has one row. Where rows are days or orders, name their day with --date: they are then added up.",
    )
