"""A shop's orders with what became of them: held back until they are settled, then written month by month."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import polars as pl

from ml.simulation.exports.columns import csv_text, money
from ml.simulation.exports.identities import Advertiser, click_id
from ml.simulation.exports.manifest import ExportFile, unnamed_file
from ml.simulation.exports.parts import Parts
from ml.simulation.exports.shopify_orders import ORDERS_HEADER, orders_csv, orders_json
from ml.simulation.people.records import ORDER_CHANGES, empty

OrderShape = Literal["shopify_api", "shopify_download", "plain"]
HELD_DAYS = 60  # after which an order no longer changes


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop of an advertiser, the regions that it delivers to (None: all), and the shape of its orders."""

    advertiser: Advertiser
    shop_id: str
    shape: OrderShape
    regions: frozenset[str] | None = None


class OrderExport:
    """Writes orders as they stand ``HELD_DAYS`` after they were placed, or at the end of the world."""

    def __init__(self, folder: Path, shop: Shop) -> None:
        self._shop = shop
        self._parts = _parts(folder, shop)
        self._held: deque[tuple[date, pl.DataFrame]] = deque()
        self._changes: deque[tuple[date, pl.DataFrame]] = deque()

    def add(self, day: date, orders: pl.DataFrame, sessions: pl.DataFrame, changes: pl.DataFrame) -> None:
        """Take in what was placed on a day (columns ``ORDERS``) in which visits, and what changed on that day."""
        visits = sessions.select("session_id", "source", "medium", "campaign_id")
        mine = orders if self._shop.regions is None else orders.filter(pl.col("region").is_in(self._shop.regions))
        self._held.append((day, mine.join(visits, on="session_id", how="left", maintain_order="left")))
        self._changes.append((day, changes))
        self._settle(day - timedelta(days=HELD_DAYS))

    def finish(self) -> list[ExportFile]:
        """Write the orders that are still held; what was written. Only the plain shape says whose shop it is."""
        self._settle(date.max)
        platform = "other_shop" if self._shop.shape == "plain" else "shopify"
        return [unnamed_file(part, platform, "order") for part in self._parts.finish()]

    def _settle(self, until: date) -> None:
        """Write what was placed up to a day, and forget the changes that no held order can have."""
        while self._held and self._held[0][0] <= until:
            day, orders = self._held.popleft()
            self._parts.add(day, settled(orders, pl.concat([empty(ORDER_CHANGES), *(c for _, c in self._changes)])))
            while self._changes and self._changes[0][0] <= day:
                self._changes.popleft()


def settled(placed: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """Orders with what became of them (columns ``ORDER_CHANGES``).

    Adds ``refunded_cents`` (of goods, 0 when nothing was), ``back_cents`` (what was given back for them, with its part
    of tax and shipping), ``cancelled_at`` and ``updated_at``.
    """
    fate = changes.group_by("order_id").agg(
        pl.col("amount_cents").filter(pl.col("kind") == "refund").sum().alias("refunded_cents"),
        pl.col("at").filter(pl.col("kind") == "cancellation").min().alias("cancelled_at"),
        pl.col("at").max().alias("updated_at"),
    )
    revenue, refunded = pl.col("revenue_cents"), pl.col("refunded_cents")
    beside = pl.col("tax_cents") + pl.col("shipping_cents")
    return (
        placed.join(fate, on="order_id", how="left", maintain_order="left")
        .with_columns(refunded.fill_null(0), pl.col("updated_at").fill_null(pl.col("at")))
        .with_columns((refunded + refunded * beside // pl.max_horizontal(revenue, 1)).alias("back_cents"))
    )


def _parts(folder: Path, shop: Shop) -> Parts:
    match shop.shape:
        case "shopify_api":
            return Parts(
                folder, "shopify_orders", "jsonl", lambda orders: orders_json(orders, shop.advertiser), yearly=True
            )
        case "shopify_download":
            return Parts(
                folder, "shopify_orders_export", "csv",
                lambda orders: orders_csv(orders, shop.advertiser), header=",".join(ORDERS_HEADER), yearly=True,
            )  # fmt: skip
        case "plain":
            return Parts(
                folder, "orders", "csv", lambda orders: csv_text(orders.select(**_plain(shop))),
                header=",".join(_plain(shop)), yearly=True,
            )  # fmt: skip


def _plain(shop: Shop) -> Mapping[str, pl.Expr]:
    """The columns of a shop system's own table of orders, which knows margins and who is new."""

    def moment(column: str) -> pl.Expr:
        return pl.col(column).dt.strftime("%Y-%m-%dT%H:%M:%SZ")

    left = pl.col("revenue_cents") - pl.col("refunded_cents")
    kept_goods = pl.col("goods_cents") * left // pl.max_horizontal(pl.col("revenue_cents"), 1)
    return {
        "Order ID": pl.col("order_id").cast(pl.String),
        "Shop ID": pl.lit(shop.shop_id),
        "Created at": moment("at"),
        "Updated at": moment("updated_at"),
        "Currency": pl.lit(shop.advertiser.currency),
        "Customer ID": shop.advertiser.user(pl.col("customer")),
        "Email": shop.advertiser.address(pl.col("customer")),
        "Click ID": click_id(pl.col("click_id")),
        "Net revenue": money(left),
        "Discount": money(pl.col("discount_cents")),
        "Tax": money(pl.col("tax_cents")),
        "Shipping": money(pl.col("shipping_cents")),
        "Refunded": money(pl.col("back_cents")),
        "Margin": _signed(left - kept_goods),
        "Items": pl.col("items"),
        "Test order": pl.col("is_test"),
        "Cancelled at": moment("cancelled_at"),
        "New customer": pl.col("is_new_customer"),
        "UTM source": pl.col("source"),
        "UTM medium": pl.col("medium"),
        "UTM campaign": pl.col("campaign_id"),
    }


def _signed(cents: pl.Expr) -> pl.Expr:
    """An amount that may be below zero."""
    return pl.when(cents < 0).then(pl.concat_str(pl.lit("-"), money(-cents))).otherwise(money(cents))
