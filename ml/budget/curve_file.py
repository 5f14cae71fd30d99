"""Files of response curves: sampled points, or a family with its parameters, a channel each."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from ml.budget.channels import Channel
from ml.budget.curves import Curve, Parametric, Sampled
from ml.mix.saturation import SATURATIONS
from warehouse.errors import BadSetting, LoadRefused

_MONEY: Final = ("current", "low", "high")
_SHOWN: Final = 60  # characters of a bad cell


def read_curves(file: Path | str) -> tuple[Channel, ...]:
    """Read a CSV file (comma, semicolon or tab) of sampled curves or of parametric ones, by its columns.

    Sampled: channel, spend and response, a row per point, in any order. Parametric: channel, family and the columns of
    the family's parameters, a row per channel. Both may have current (today's spend), low and high (bounds of what may
    be spent). Raises :class:`LoadRefused`, naming row and column.
    """
    place = Path(file)
    rows = list(_rows(place))
    columns = rows[0].cells
    if "family" in columns:
        return tuple(_parametric(rows))
    for needed in ("channel", "spend", "response"):
        if needed not in columns:
            raise LoadRefused(
                f"{place.name} has no column {needed!r}; it has: {', '.join(columns) or 'nothing'}.",
                remedy="Give channel, spend, response, or channel, family and its parameters.",
            )
    return tuple(_sampled(place.name, rows))


@dataclass(frozen=True, slots=True)
class _Row:
    """A row by its columns, with the number that a spreadsheet shows."""

    file: str
    number: int
    cells: Mapping[str, str]

    @property
    def channel(self) -> str:
        name = self.cells["channel"]
        if not name:
            raise LoadRefused(f"{self.file}, row {self.number}, column 'channel' is empty.", remedy="Name the channel.")
        return name

    def number_in(self, column: str) -> float:
        text = self.cells.get(column, "")
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise self.refused(column, f"{text[:_SHOWN]!r} is no number" if text else "a number is missing")
        return number

    def money_in(self, column: str) -> Decimal | None:
        text = self.cells.get(column, "")
        if not text:
            return None
        try:
            amount = Decimal(text)
        except InvalidOperation:
            amount = Decimal("nan")
        if not amount.is_finite():
            raise self.refused(column, f"{text[:_SHOWN]!r} is no amount")
        if amount < 0:
            raise self.refused(column, f"{amount} is below 0")
        return amount

    def refused(self, column: str, why: str) -> LoadRefused:
        return LoadRefused(f"{self.file}, row {self.number}, column {column!r}: {why}.", remedy="Correct the cell.")


def _rows(place: Path) -> Iterator[_Row]:
    try:
        text = place.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LoadRefused(f"{place} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    lines = text.splitlines()
    head = lines[0] if lines else ""
    read = csv.reader(lines, delimiter=max(",;\t", key=head.count))
    columns = [name.strip().lower() for name in next(read, [])]
    if "channel" not in columns:
        raise LoadRefused(
            f"{place.name} has no column 'channel'; it has: {', '.join(filter(None, columns)) or 'nothing'}.",
            remedy="Give channel, spend, response, or channel, family and its parameters.",
        )
    doubled = [name for name in columns if name and columns.count(name) > 1]
    if doubled:
        raise LoadRefused(f"{place.name} has two columns {doubled[0]!r}.", remedy="Leave one out.")
    found = False
    for cells in read:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(columns):
            raise LoadRefused(
                f"{place.name}, row {read.line_num} has {len(cells)} cells, and there are {len(columns)} columns.",
                remedy="Write numbers without thousands separators.",
            )
        found = True
        padded = [cell.strip() for cell in cells] + [""] * (len(columns) - len(cells))
        yield _Row(place.name, read.line_num, dict(zip(columns, padded, strict=True)))
    if not found:
        raise LoadRefused(f"{place.name} has no row below its header.", remedy="Give a row per point or per channel.")


def _parametric(rows: list[_Row]) -> Iterator[Channel]:
    seen: dict[str, int] = {}
    for row in rows:
        name = row.channel
        if name in seen:
            raise LoadRefused(
                f"{row.file}: {name!r} stands in rows {seen[name]} and {row.number}; a channel has one curve.",
                remedy="Leave one out.",
            )
        seen[name] = row.number
        family = row.cells["family"].lower()
        if family not in SATURATIONS:
            raise row.refused("family", f"there is no family {family[:_SHOWN]!r}, only {', '.join(SATURATIONS)}")
        shape = SATURATIONS[family].shape
        parameters = {column: row.number_in(column) for column in ("beta", *shape)}
        for column, value in parameters.items():
            if value < 0 or (value == 0 and column != "beta"):
                raise row.refused(column, f"{value:g} must be {'0 or more' if column == 'beta' else 'above 0'}")
        yield _channel(row, name, Parametric.of(family, parameters["beta"], *(parameters[each] for each in shape)))


def _sampled(file: str, rows: list[_Row]) -> Iterator[Channel]:
    by_channel: dict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        by_channel[row.channel].append(row)
    for name, own in by_channel.items():
        for row in own:
            if row.number_in("spend") < 0:
                raise row.refused("spend", f"{row.cells['spend']} is below 0")
        try:
            curve = Sampled.of([row.number_in("spend") for row in own], [row.number_in("response") for row in own])
        except BadSetting as error:
            where = (
                f"{file}, rows {own[0].number} to {own[-1].number}" if len(own) > 1 else f"{file}, row {own[0].number}"
            )
            raise LoadRefused(f"{where}, channel {name!r}: {error.message}", remedy=error.remedy) from error
        for row in own[1:]:
            for column in _MONEY:
                if row.money_in(column) not in {None, own[0].money_in(column)}:
                    raise row.refused(column, f"{row.cells[column]} is another amount than in row {own[0].number}")
        yield _channel(own[0], name, curve)


def _channel(row: _Row, name: str, curve: Curve) -> Channel:
    current, low, high = (row.money_in(column) for column in _MONEY)
    if low is not None and high is not None and low > high:
        raise row.refused("low", f"{low} is more than the high {high}")
    return Channel(name, curve, current, low, high)
