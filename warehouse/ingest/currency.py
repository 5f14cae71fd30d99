"""One account has one currency: held for every row of a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from warehouse.errors import LoadRefused

CURRENCIES: Final = frozenset(  # ISO 4217
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
    CLP CNH CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL
    HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD
    MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR
    RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD
    TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG ZWL
    """.split()  # noqa: SIM905 - a hundred and seventy quotation marks
)

# Signs that only one currency has. "$", "kr" and "¥" are several countries'.
SIGNS: Final[Mapping[str, str]] = {
    "€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "₺": "TRY", "zł": "PLN", "Kč": "CZK", "Ft": "HUF", "lei": "RON",
    "R$": "BRL", "₪": "ILS", "₫": "VND", "฿": "THB", "₴": "UAH", "₦": "NGN", "₽": "RUB", "₱": "PHP",
}  # fmt: skip


def currency_of_sign(sign: str | None) -> str | None:
    """The currency of a sign, where it has only one; a three-letter code is its own."""
    return sign if sign in CURRENCIES else SIGNS.get(sign or "")


class Currencies:
    """Which currency each account of a file has. ``stated`` is what the user said for the whole file."""

    def __init__(self, stated: str | None) -> None:
        self._stated = stated
        self._of: dict[str | None, str] = {}

    @property
    def only(self) -> str | None:
        """The file's currency, when it has just one."""
        codes = set(self._of.values())
        return codes.pop() if len(codes) == 1 else None

    def add(self, columns: Mapping[str, pl.Series]) -> None:
        """Take rows into account. Raises :class:`LoadRefused` for a second currency of an account."""
        if "currency" not in columns:
            return
        named = next((columns[n] for n in ("account_id", "account_name") if n in columns), None)
        pairs = pl.DataFrame({"currency": columns["currency"]})
        pairs = pairs.with_columns(account=pl.lit(None, dtype=pl.String) if named is None else named)
        for account, code in (
            pairs.drop_nulls("currency").unique(maintain_order=True).select("account", "currency").iter_rows()
        ):
            known = self._of.setdefault(account, code)
            if known != code:
                whose = f"account {account}" if account else "the file"
                raise LoadRefused(
                    f"Two currencies, {known} and {code}, stand in {whose}; their amounts must not be added.",
                    remedy="Split the file by currency and load each part into its own account with --account.",
                )
            if self._stated and self._stated != code:
                raise LoadRefused(
                    f"The file's amounts are in {code}, not in {self._stated}.",
                    remedy=f"Leave out --currency, or say --currency {code}.",
                )
