"""Which account a row belongs to, and what the account says where the file is silent."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import polars as pl
from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.errors import LoadRefused
from warehouse.ingest.contract import Assumption


@dataclass(slots=True)
class StoredAccount:
    """An account as the warehouse knows it."""

    account_key: int
    account_id: str
    currency: str
    currency_is_stated: bool
    time_zone: str
    time_zone_is_stated: bool
    advertiser_key: int


@dataclass(slots=True)
class AccountBook:
    """Accounts of one platform during one load.

    ``asked`` is what the user named with ``--account``; ``stated_currency`` what they named with ``--currency``;
    ``advertiser_key`` is of the advertiser whom the user named with ``--advertiser``.
    """

    session: WriteSession
    platform: str
    asked: str | None
    stated_currency: str | None
    reporting_currency: str
    assumptions: list[Assumption]
    advertiser_key: int | None = None
    used: dict[int, StoredAccount] = field(default_factory=dict)
    _known: dict[tuple[str | None, str | None, str | None], StoredAccount] = field(default_factory=dict)

    def keys(self, frame: pl.DataFrame) -> pl.Series:
        """The account key of every row of a parsed frame.

        Raises :class:`LoadRefused` when the file's currency is not the account's, or when several accounts would
        become one.
        """
        described = [c for c in _DESCRIBING if c in frame.columns]
        alike = all(_same_everywhere(frame[c]) for c in described)  # most files are one account's
        distinct = frame.select(described).head(1) if alike else frame.select(described).unique(maintain_order=True)
        if self.asked and "account_id" in described:
            named = distinct["account_id"].drop_nulls().unique()
            if len(named) > 1:
                raise LoadRefused(
                    f"The file holds several accounts ({', '.join(sorted(named)[:5])}), and --account names one.",
                    remedy="Load it without --account.",
                )
        known = None
        if not self.asked and distinct.select(pl.all_horizontal(pl.col("^account_(id|name)$").is_null()).all()).item():
            known = self._known_by_entity(frame)
            if known is not None and known.null_count() == 0:
                return known
        keys = [self._account(row).account_key for row in distinct.iter_rows(named=True)]
        if len(keys) == 1 and known is None:
            return pl.Series("account_key", keys, dtype=pl.Int32).new_from_index(0, len(frame))
        named = frame.join(
            distinct.with_columns(account_key=pl.Series(keys, dtype=pl.Int32)),
            on=described,
            nulls_equal=True,
            how="left",
            maintain_order="left",
        )["account_key"]
        return named if known is None else pl.select(pl.coalesce(known, named)).to_series().alias("account_key")

    def at(self, platform: str) -> AccountBook:
        """The same load's accounts at another platform, for tables whose rows name their platform."""
        return self if platform == self.platform else replace(self, platform=platform, _known={})

    def _known_by_entity(self, frame: pl.DataFrame) -> pl.Series | None:
        """Accounts of rows whose table names none, from the coarsest id that the warehouse knows already.

        Where all known ids are of one account, the others of the table are new ones of the same.
        """
        for kind in ("campaign", "ad_group", "ad"):
            column = f"{kind}_id"
            if column not in frame.columns or frame[column].null_count() == len(frame):
                continue
            found = self.session.execute(
                text(
                    f"""SELECT e.{column} AS id, min(a.account_key) AS account_key
                    FROM core.{kind} e JOIN core.account a ON a.account_key = e.account_key
                    WHERE a.platform = :platform AND e.{column} = ANY (CAST(:ids AS text[]))
                    GROUP BY e.{column} HAVING count(DISTINCT a.account_key) = 1"""
                ),
                {"platform": self.platform, "ids": frame[column].drop_nulls().unique().to_list()},
            ).all()
            accounts = {r.account_key for r in found}
            if not found:
                continue
            by_id = pl.DataFrame(
                {column: [r.id for r in found], "account_key": [r.account_key for r in found]},
                schema={column: pl.String, "account_key": pl.Int32},
            )
            keys = frame.select(column).join(by_id, on=column, how="left", maintain_order="left")["account_key"]
            if len(accounts) == 1:
                keys = keys.fill_null(accounts.pop())
            self._note_known(frame.with_columns(account_key=keys))
            return keys
        return None

    def _note_known(self, frame: pl.DataFrame) -> None:
        """Settle what the table says of accounts that were found by their campaigns or ads."""
        said = [c for c in ("currency", "time_zone") if c in frame.columns]
        for row in frame.select("account_key", *said).drop_nulls("account_key").unique().iter_rows(named=True):
            account = self.used.get(row["account_key"]) or self._read("account_key = :id", row["account_key"])
            if account is None:
                raise ValueError("An entity has an account.")
            self.used[account.account_key] = account
            self._assume("account", account.account_id, "the file does not say; its ids are known from there")
            self._agree(account, row.get("currency") or self.stated_currency, row.get("time_zone"))

    def _account(self, row: dict[str, str | None]) -> StoredAccount:
        named = row.get("account_id") or row.get("account_name")
        currency, zone = row.get("currency") or self.stated_currency, row.get("time_zone")
        remembered = (named, currency, zone)
        if remembered not in self._known:
            account = self._settle(named, row.get("account_name"), currency, zone)
            self._known[remembered] = account
            self.used[account.account_key] = account
        return self._known[remembered]

    def _named(self, account_id: str, name: str | None) -> StoredAccount | None:
        """The account that is known by its name: one file says the name alone, another the id with it."""
        if name is None:
            return None
        if account_id != name:
            self.session.execute(text(_GIVE_ID), {"platform": self.platform, "id": account_id, "name": name})
            return self._read("account_id = :id", account_id)
        same = self.session.execute(
            text("SELECT account_key FROM core.account WHERE platform = :platform AND name = :name"),
            {"platform": self.platform, "name": name},
        ).all()
        return self._read("account_key = :id", same[0].account_key) if len(same) == 1 else None

    def _settle(self, named: str | None, name: str | None, currency: str | None, zone: str | None) -> StoredAccount:
        account_id = self.asked or named or self.platform
        if self.asked and named and named != self.asked:
            self._assume("account", self.asked, f"asked for; the file itself says {named}")
        elif not self.asked and not named:
            self._assume("account", account_id, "the file does not say; the platform's own account")
        account = self._read("account_id = :id", account_id) or self._named(account_id, name)
        if account and currency and account.currency != currency and not self.asked and not named:
            # An account has one currency, so this file is another account's.
            account_id = f"{self.platform}-{currency}"
            self._assume("account", account_id, f"the file is in {currency}, {self.platform} is in {account.currency}")
            account = self._read("account_id = :id", account_id)
        if account is None:
            account = self._create(account_id, name or account_id, currency, zone)
        if self.advertiser_key not in (None, account.advertiser_key):
            raise LoadRefused(
                f"Account {account.account_id} belongs to another advertiser.",
                remedy="Load it without --advertiser, or move the account with `causeway advertiser assign`.",
            )
        self._agree(account, currency, zone)
        return account

    def _agree(self, account: StoredAccount, currency: str | None, zone: str | None) -> None:
        """Take what the file states into the account, or note that the account spoke for the file."""
        if currency is None:
            self._assume("currency", account.currency, f"the file does not say; account {account.account_id} has it")
        elif currency != account.currency and account.currency_is_stated:
            raise LoadRefused(
                f"The file is in {currency}, but account {account.account_id} is in {account.currency}; "
                "an account has one currency.",
                remedy="Load it into another account with --account NAME.",
            )
        if zone is None:
            self._assume("time zone", account.time_zone, f"the file does not say; account {account.account_id} has it")
        changed_currency = currency is not None and not account.currency_is_stated
        changed_zone = zone is not None and not account.time_zone_is_stated
        if changed_currency:
            account.currency, account.currency_is_stated = str(currency), True
        if changed_zone:
            account.time_zone, account.time_zone_is_stated = str(zone), True
        if changed_currency or changed_zone:
            self.session.execute(
                text(
                    """UPDATE core.account SET currency = :currency, currency_is_stated = :currency_is_stated,
                       time_zone = :zone, time_zone_is_stated = :zone_is_stated WHERE account_key = :key"""
                ),
                {
                    "key": account.account_key,
                    "currency": account.currency,
                    "currency_is_stated": account.currency_is_stated,
                    "zone": account.time_zone,
                    "zone_is_stated": account.time_zone_is_stated,
                },
            )

    def _assume(self, field_: str, value: str, why: str) -> None:
        assumption = Assumption(field_, value, why)
        if assumption not in self.assumptions:
            self.assumptions.append(assumption)

    def _read(self, which: str, value: str | int) -> StoredAccount | None:
        row = self.session.execute(
            text(
                f"""SELECT account_key, account_id, currency, currency_is_stated, time_zone, time_zone_is_stated,
                           advertiser_key
                FROM core.account WHERE platform = :platform AND {which}"""
            ),
            {"platform": self.platform, "id": value},
        ).one_or_none()
        return StoredAccount(*row) if row is not None else None

    def _create(self, account_id: str, name: str, currency: str | None, zone: str | None) -> StoredAccount:
        row = self.session.execute(
            text(
                """INSERT INTO core.account (platform, account_id, name, currency, currency_is_stated, time_zone,
                                             time_zone_is_stated, advertiser_key)
                   VALUES (:platform, :id, :name, :currency, :currency_is_stated, :zone, :zone_is_stated,
                           coalesce(:advertiser, 1))
                   RETURNING account_key, account_id, currency, currency_is_stated, time_zone, time_zone_is_stated,
                             advertiser_key"""
            ),
            {
                "platform": self.platform,
                "id": account_id,
                "name": name,
                "currency": currency or self.reporting_currency,
                "currency_is_stated": currency is not None,
                "zone": zone or "UTC",
                "zone_is_stated": zone is not None,
                "advertiser": self.advertiser_key,
            },
        ).one()
        return StoredAccount(*row)


def _same_everywhere(column: pl.Series) -> bool:
    """Whether every row says the same, or none says anything."""
    nulls = column.null_count()
    return nulls == len(column) or (nulls == 0 and bool((column == column[0]).all()))


# An account whose id is its name was known by nothing else. What was remembered for it goes along.
_GIVE_ID = """
WITH renamed AS (
    UPDATE core.account SET account_id = :id WHERE platform = :platform AND account_id = :name AND name = :name
    RETURNING 1
)
UPDATE landing.column_mapping m SET account_id = :id
WHERE m.account_id = :name AND EXISTS (SELECT FROM renamed)
  AND NOT EXISTS (SELECT FROM landing.column_mapping o WHERE o.account_id = :id AND o.header = m.header)
"""

_DESCRIBING = ("account_id", "account_name", "currency", "time_zone")
