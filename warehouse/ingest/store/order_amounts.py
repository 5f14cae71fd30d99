"""What an order earned, decided from what shops say of it.

``revenue`` is goods after discounts and refunds, without tax and shipping; in this order of trust:

1. ``net_revenue`` is that already.
2. ``current_subtotal`` (Shopify: after edits and returns), less the tax that it includes, less what was given back
   beyond the returned goods.
3. ``subtotal`` (goods after discounts), less the tax that it includes, less refunds.
4. ``total``, less tax and shipping, less refunds.

Where refunds are said line by line, the goods' part is known; else a refund is taken to pay back goods, tax and
shipping alike. Whether the subtotal includes the tax is said, or follows from which sum gives the total. A margin, or a
cost, shrinks with the refunded part.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import polars as pl

# Columns of the select below, made from a row of incoming_order (r).
_SHIPPING: Final = "coalesce(r.shipping, 0)"
_INCLUDED: Final = f"""coalesce(r.taxes_included, r.tax > 0
    AND abs(r.total - r.subtotal - {_SHIPPING}) < abs(r.total - r.subtotal - {_SHIPPING} - r.tax), false)"""


def _without_tax(subtotal: str, tax: str) -> str:
    """Goods without the tax that they include: their share of it, as shipping is taxed too."""
    return f"""{subtotal} - CASE WHEN {_INCLUDED} AND {subtotal} + {_SHIPPING} > 0
        THEN coalesce({tax}, 0) * {subtotal} / ({subtotal} + {_SHIPPING}) ELSE 0 END"""


# Goods before refunds (of the second way: after them), what was paid for the order, and what came back of it.
GOODS: Final = f"""coalesce(r.net_revenue, {_without_tax("r.current_subtotal", "coalesce(r.current_tax, r.tax)")},
    {_without_tax("r.subtotal", "r.tax")}, r.total - coalesce(r.tax, 0) - {_SHIPPING})"""
PAID: Final = f"""coalesce(r.total, r.subtotal + {_SHIPPING}
    + CASE WHEN {_INCLUDED} THEN 0 ELSE coalesce(r.tax, 0) END)"""
REFUNDED: Final = f"coalesce(r.refunded, r.refunded_lines, CASE WHEN r.status ~* '^refunded$' THEN {PAID} END)"

# Of a row that has the three above as goods, paid and back; the margin of one that has the revenue too.
REVENUE: Final = """CASE
    WHEN r.net_revenue IS NOT NULL THEN r.goods
    WHEN r.current_subtotal IS NOT NULL THEN r.goods - coalesce(r.refunded_beyond, 0)
    WHEN r.refunded_goods IS NOT NULL
        THEN r.goods - r.refunded_goods * CASE WHEN r.subtotal > 0 THEN r.goods / r.subtotal ELSE 1 END
             - coalesce(r.refunded_beyond, 0)
    WHEN r.back IS NOT NULL AND r.paid > 0 THEN r.goods - r.goods * least(r.back / r.paid, 1)
    ELSE r.goods END"""
MARGIN: Final = """CASE WHEN r.goods = 0 THEN CASE WHEN r.margin IS NOT NULL OR r.cost IS NOT NULL THEN 0 END
    ELSE coalesce(r.margin, r.goods - r.cost) * r.revenue / r.goods END"""


@dataclass(frozen=True, slots=True)
class Returned:
    """What came back of an order: the goods' part, all of it, and what was given back beyond returned goods."""

    goods: Decimal | None
    all: Decimal | None
    beyond: Decimal | None


def returned(cells: pl.Series) -> pl.DataFrame:
    """Of Shopify's ``refunds`` (JSON): ``refunded_goods``, ``refunded_lines`` and ``refunded_beyond``, exact text.

    Null where nothing was refunded, or where the array does not say for what. See :class:`Returned`.
    """
    rows = [_returned(cell) if cell is not None and len(cell) > len("[]") else _NOTHING for cell in cells]
    return pl.DataFrame(
        {
            name: [None if amount is None else str(amount) for amount in amounts]
            for name, amounts in (
                ("refunded_goods", [row.goods for row in rows]),
                ("refunded_lines", [row.all for row in rows]),
                ("refunded_beyond", [row.beyond for row in rows]),
            )
        },
        schema=dict.fromkeys(("refunded_goods", "refunded_lines", "refunded_beyond"), pl.String),
    )


def items(cells: pl.Series) -> pl.Series:
    """How many pieces the JSON arrays of ordered lines name; null where they name none."""
    return pl.Series("items", [_items(cell) for cell in cells], dtype=pl.Int64)


_NOTHING: Final = Returned(None, None, None)


def _returned(cell: str) -> Returned:
    lines, adjustments = [], []
    for refund in _listed(cell):
        lines += list(_nodes(refund.get("refund_line_items") or refund.get("refundLineItems")))
        adjustments += list(_nodes(refund.get("order_adjustments") or refund.get("orderAdjustments")))
    if not lines and not adjustments:
        return _NOTHING
    goods = sum((_amount(line, "subtotal") for line in lines), Decimal(0))
    tax = sum((_amount(line, "total_tax") for line in lines), Decimal(0))
    # Adjustments are below zero where the shop gave more back than the returned goods were worth.
    given = sum((_amount(a, "amount") + _amount(a, "tax_amount") for a in adjustments), Decimal(0))
    beyond = sum((_amount(a, "amount") for a in adjustments if a.get("kind") == "refund_discrepancy"), Decimal(0))
    return Returned(goods, goods + tax - given, -beyond)


def _items(cell: str | None) -> int | None:
    lines = list(_nodes(_parsed(cell))) if cell else []
    counts = [line.get("current_quantity", line.get("currentQuantity", line.get("quantity"))) for line in lines]
    return sum(int(count) for count in counts if isinstance(count, int)) if lines else None


def _amount(values: dict[str, Any], name: str) -> Decimal:
    """An amount in the shop's currency; zero where it is not said."""
    camel = name.replace("_a", "A").replace("_t", "T")
    both = values.get(f"{name}_set") or values.get(f"{camel}Set") or {}
    shop = both.get("shop_money") or both.get("shopMoney") or {} if isinstance(both, dict) else {}
    said = shop.get("amount", values.get(name))
    return Decimal(0) if said in {None, ""} else Decimal(str(said))


def _listed(cell: str) -> Iterator[dict[str, Any]]:
    yield from _nodes(_parsed(cell))


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    """The objects of an array, or of GraphQL's edges or nodes."""
    if isinstance(value, dict):
        value = value.get("nodes") or [edge.get("node") for edge in value.get("edges") or () if isinstance(edge, dict)]
    yield from (v for v in value or () if isinstance(v, dict))


def _parsed(cell: str) -> Any:
    try:
        return json.loads(cell, parse_float=Decimal)
    except json.JSONDecodeError:
        return None  # a connector's own spelling: then the sums of the order have to do
