"""Whole columns as text at once: amounts, moments, JSON, lines. Numbers keep exactly their digits."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl


def csv_text(rows: pl.DataFrame) -> bytes:
    """Rows as CSV without a header."""
    return rows.write_csv(include_header=False).encode()


def line_text(rows: pl.DataFrame, line: pl.Expr) -> bytes:
    """One line a row."""
    return rows.select(line).write_csv(include_header=False, quote_style="never").encode()


def money(cents: pl.Expr) -> pl.Expr:
    """Whole cents, not below zero, as an amount with two decimals."""
    return pl.concat_str(cents // 100, pl.lit("."), (cents % 100).cast(pl.String).str.zfill(2))


def micros(amount: pl.Expr) -> pl.Expr:
    """Whole millionths, not below zero, as an amount with six decimals."""
    return pl.concat_str(amount // 1_000_000, pl.lit("."), (amount % 1_000_000).cast(pl.String).str.zfill(6))


def quoted(value: pl.Expr) -> pl.Expr:
    """Text as a JSON string, null where it is null. The text holds no control characters."""
    escaped = (
        value.cast(pl.String).str.replace_all("\\", "\\\\", literal=True).str.replace_all('"', '\\"', literal=True)
    )
    return pl.concat_str(pl.lit('"'), escaped, pl.lit('"'))


def bare(value: pl.Expr) -> pl.Expr:
    """A number or a boolean as it is written in JSON."""
    return value.cast(pl.String)


def json_object(members: Mapping[str, pl.Expr]) -> pl.Expr:
    """An object of members that are JSON already; a member that is null is left out. The first is never null."""
    (first, value), *others = members.items()
    pieces = [pl.lit(f'{{"{first}":'), value]
    for name, other in others:
        pieces.append(pl.concat_str(pl.lit(f',"{name}":'), other).fill_null(""))
    return pl.concat_str(*pieces, pl.lit("}"))


def json_array(values: list[pl.Expr]) -> pl.Expr:
    """An array of what is not null; the first never is."""
    first, *others = values
    return pl.concat_str(
        pl.lit("["), first, *(pl.concat_str(pl.lit(","), other).fill_null("") for other in others), pl.lit("]")
    )
