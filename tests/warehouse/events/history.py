"""A small advertiser whose touchpoints and conversions a test writes, merges, restates and deletes."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from warehouse.events.build import Built, Rules, build_journeys
from warehouse.events.carry import written
from warehouse.sessions import Warehouse

START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
RULES = Rules(lookback_days=10)


def at(days: float) -> dt.datetime:
    """So many days after the first of March 2026, UTC."""
    return START + dt.timedelta(days=days)


@dataclass(slots=True)
class History:
    """One advertiser with one account. Every change enters its customers in the queue, as whoever writes does."""

    warehouse: Warehouse
    advertiser: int = 1
    account: int = 0

    def begin(self, time_zone: str = "UTC") -> History:
        self.account = self.scalar(
            """INSERT INTO core.account (platform, account_id, name, currency, currency_is_stated, time_zone,
                                         time_zone_is_stated, advertiser_key)
               VALUES ('shopify', :id, 'Shop', 'EUR', true, :zone, true, :advertiser) RETURNING account_key""",
            id=uuid.uuid4().hex, zone=time_zone, advertiser=self.advertiser,
        )  # fmt: skip
        self.do("SELECT core.ensure_event_partitions('touchpoint', '2026-02-01', '2026-06-30')")
        return self

    def touch(self, customer: int, days: float, channel: str = "search", kind: str = "click") -> None:
        self.do(
            """INSERT INTO core.touchpoint (at, touch_id, account_key, identifier_key, customer_key, kind, channel,
                                            load_key)
               VALUES (:at, gen_random_uuid(), :account, :customer, :customer, CAST(:kind AS core.touch_kind),
                       :channel, 1)""",
            at=at(days), account=self.account, customer=customer, kind=kind, channel=channel,
        )  # fmt: skip
        self.touched(customer, days)

    def convert(self, customer: int, days: float, value: float | None = 10, kind: str = "order", **more: Any) -> int:
        key = self.scalar(
            """INSERT INTO core.conversion (account_key, kind, source_id, at, identifier_key, customer_key, value,
                                            margin, currency, is_new_customer, counts, load_key)
               VALUES (:account, CAST(:kind AS core.conversion_kind), :id, :at, :customer, :customer, :value, NULL,
                       :currency, :new, true, 1) RETURNING conversion_key""",
            account=self.account, kind=kind, id=uuid.uuid4().hex, at=at(days), customer=customer, value=value,
            currency=more.get("currency", "EUR"), new=more.get("new"),
        )  # fmt: skip
        self.touched(customer, days)
        return key

    def refund(self, conversion: int, value: float) -> None:
        self._change(conversion, "value = :value", value=value)

    def cancel(self, conversion: int) -> None:
        self._change(conversion, "counts = NOT counts")

    def move(self, conversion: int, days: float) -> None:
        """The conversion is known to have been at another time: nothing before the earlier of the two changed."""
        self._change(conversion, "at = :at", at=at(days))
        self.do(
            """INSERT INTO core.touched_customer (customer_key, advertiser_key, since)
               SELECT customer_key, :advertiser, at FROM core.conversion WHERE conversion_key = :key""",
            advertiser=self.advertiser, key=conversion,
        )  # fmt: skip

    def merge(self, one: int, other: int) -> None:
        """What was seen of the other is now the one's."""
        for table in ("core.touchpoint", "core.conversion"):
            self.do(f"UPDATE {table} SET customer_key = :one WHERE customer_key = :other", one=one, other=other)
        self.touched(one, None)
        self.touched(other, None)

    def split(self, customer: int) -> None:
        """Everybody whom the customer was made of is somebody of their own again."""
        for table in ("core.touchpoint", "core.conversion"):
            found = self.rows(
                f"UPDATE {table} SET customer_key = identifier_key WHERE customer_key = :key RETURNING identifier_key",
                key=customer,
            )
            for (key,) in found:
                self.touched(key, None)
        self.touched(customer, None)

    def delete(self, customer: int) -> None:
        for table in ("core.touchpoint", "core.conversion"):
            self.do(f"DELETE FROM {table} WHERE customer_key = :key", key=customer)
        self.touched(customer, None)

    def touched(self, customer: int, days: float | None) -> None:
        self.do(
            """INSERT INTO core.touched_customer (customer_key, advertiser_key, since)
               VALUES (:key, :advertiser, :since)""",
            key=customer, advertiser=self.advertiser, since=None if days is None else at(days),
        )  # fmt: skip

    def build(self, rules: Rules = RULES) -> Built:
        with self.warehouse.writing() as session:
            return build_journeys(session, self.advertiser, rules)

    def build_anew(self, rules: Rules = RULES) -> Built:
        self.do("DELETE FROM core.journey_build WHERE advertiser_key = :key", key=self.advertiser)
        return self.build(rules)

    def journeys(self) -> list[tuple[Any, ...]]:
        """All journeys, with the channels of their paths."""
        return self.rows(
            """SELECT j.customer_key, j.kind::text, j.ending, j.date, j.began_at, j.ended_at, j.touches, coalesce((
                   SELECT string_agg(s.channel, ' > ' ORDER BY n) FROM regexp_split_to_table(j.path, '')
                       WITH ORDINALITY AS x (step, n)
                   JOIN core.journey_step s ON s.advertiser_key = j.advertiser_key AND s.step = x.step), ''),
                   j.value, j.margin, j.currency, j.is_new_customer
               FROM core.journey j WHERE j.advertiser_key = :key ORDER BY 1, 2, 3""",
            key=self.advertiser,
        )

    def paths(self) -> list[tuple[Any, ...]]:
        """The counts of all paths."""
        return self.rows(
            "SELECT * FROM ("
            + written("path_counts", "postgres", {"journey": "core.journey"})
            + ") x ORDER BY 1, 2, 3",
        )

    def _change(self, conversion: int, change: str, **values: Any) -> None:
        self.do(
            """INSERT INTO core.touched_customer (customer_key, advertiser_key, since)
               SELECT customer_key, :advertiser, at FROM core.conversion WHERE conversion_key = :key""",
            advertiser=self.advertiser, key=conversion,
        )  # fmt: skip
        self.do(f"UPDATE core.conversion SET {change} WHERE conversion_key = :key", key=conversion, **values)

    def do(self, sql: str, **values: Any) -> None:
        with self.warehouse.writing() as session:
            session.execute(text(sql), values)

    def scalar(self, sql: str, **values: Any) -> int:
        with self.warehouse.writing() as session:
            found: int = session.execute(text(sql), values).scalar_one()
            return found

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        with self.warehouse.writing() as session:
            return [tuple(row) for row in session.execute(text(sql), values)]
