"""By what a simulated person is known: the ids, cookies and addresses that the exports of one advertiser write.

The world counts people; no export may write that number as it is, for no source knows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

CLICK_PARAMETERS: Mapping[str, str] = {  # of the source that a visit's landing address names
    "google": "gclid",
    "bing": "msclkid",
    "facebook": "fbclid",
    "tiktok": "ttclid",
}


_FIRST_USER = 10_000_000_000


@dataclass(frozen=True, slots=True)
class Advertiser:
    """A simulated advertiser.

    ``handle`` is what its tools call its account; ``domain`` is one that nobody can own; all money is in ``currency``.
    """

    name: str
    handle: str
    domain: str
    currency: str

    def user(self, customer: pl.Expr) -> pl.Expr:
        """The shop's own number of a customer, as text."""
        return (customer.cast(pl.Int64) + _FIRST_USER).cast(pl.String)

    def address(self, customer: pl.Expr) -> pl.Expr:
        """The e-mail address of a customer."""
        return pl.concat_str(pl.lit("customer"), customer, pl.lit(f"@mail.{self.domain}"))


def client_id(client: pl.Expr) -> pl.Expr:
    """A browser as Google Analytics numbers it: two numbers with a dot."""
    return pl.concat_str(client // 4_294_967_296, pl.lit("."), client % 4_294_967_296)


def click_id(click: pl.Expr) -> pl.Expr:
    """What a platform appends to the address of a click."""
    return pl.concat_str(pl.lit("Sim-"), click)


def landing_query() -> pl.Expr:
    """What a visit's address carries behind the path: utm parameters and the click's id; "" for one without.

    Of rows with ``source``, ``medium``, ``campaign_id`` and ``click_id``.
    """
    campaign = pl.col("campaign_id")
    clicks = [
        pl.when(pl.col("source") == source).then(pl.concat_str(pl.lit(f"&{name}="), click_id(pl.col("click_id"))))
        for source, name in CLICK_PARAMETERS.items()
    ]
    tagged = pl.concat_str(
        pl.lit("?utm_source="), pl.col("source"), pl.lit("&utm_medium="), pl.col("medium"),
        pl.lit("&utm_campaign="), campaign, pl.lit("&utm_id="), campaign, pl.coalesce(*clicks, pl.lit("")),
    )  # fmt: skip
    return tagged.fill_null("")
