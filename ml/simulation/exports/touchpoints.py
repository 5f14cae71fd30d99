"""Contacts of people with ads and e-mails, one by one, in the shape that Causeway documents for any log of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl

from ml.simulation.exports.columns import csv_text, micros
from ml.simulation.exports.identities import Advertiser, click_id, client_id
from ml.simulation.exports.manifest import ExportFile, unnamed_file
from ml.simulation.exports.parts import Parts


class TouchExport:
    """Writes contacts with ads, with e-mails and with the site, all into one log; it says whose account each is of."""

    def __init__(self, folder: Path, of: Advertiser, campaigns: pl.DataFrame) -> None:
        known = campaigns.select("campaign_id", "account_id", "campaign_name", "campaign_type")
        ads, mails, visits = (_line(columns) for columns in (_ad_columns(of), _mail_columns(of), _visit_columns(of)))

        def encode_ads(rows: pl.DataFrame) -> bytes:
            return csv_text(rows.join(known, on="campaign_id", how="left", maintain_order="left").select(ads))

        self._encode_mails = lambda rows: csv_text(rows.select(mails))
        self._encode_visits = lambda rows: csv_text(rows.select(visits))
        self._parts = Parts(folder, "touchpoints", "csv", encode_ads, header=",".join(_COLUMNS))

    def add(self, day: date, touchpoints: pl.DataFrame, emails: pl.DataFrame) -> None:
        """Take in a day (columns ``TOUCHPOINTS`` and ``EMAILS``). Who refused consent is in no log of ads."""
        self._parts.add(day, emails.filter(pl.col("kind").is_in(["open", "click"])), self._encode_mails)
        self._parts.add(day, touchpoints.filter(pl.col("client").is_not_null()))

    def add_visits(self, day: date, sessions: pl.DataFrame) -> None:
        """Take in the visits of a day (columns ``SESSIONS``) of whose events there is no record."""
        self._parts.add(day, sessions, self._encode_visits)

    def finish(self) -> list[ExportFile]:
        """What was written."""
        return [unnamed_file(part, "touchpoints", "touchpoint") for part in self._parts.finish()]


_COLUMNS = (
    "touch_id", "at", "kind", "platform", "account_id", "campaign_id", "campaign_name", "campaign_type",
    "ad_group_id", "ad_id", "creative_id", "channel", "source", "medium", "campaign", "client_id", "user_id", "email",
    "click_id", "cost", "currency", "device", "region",
)  # fmt: skip


def _line(known: Mapping[str, pl.Expr]) -> list[pl.Expr]:
    """A whole line: every column of the log, empty where this kind of contact has none."""
    return [known.get(name, pl.lit(None, pl.String)).alias(name) for name in _COLUMNS]


def _ad_columns(of: Advertiser) -> Mapping[str, pl.Expr]:
    return {
        "touch_id": pl.col("touch_id"),
        "at": _moment(),
        "kind": pl.col("kind"),
        "platform": pl.col("platform"),
        "account_id": pl.col("account_id"),
        "campaign_id": pl.col("campaign_id"),
        "campaign_name": pl.col("campaign_name"),
        "campaign_type": pl.when(pl.col("platform") != "tiktok_ads").then("campaign_type"),  # as in its reports
        **{name: pl.when(_HAS_ADS).then(pl.col(name)) for name in ("ad_group_id", "ad_id", "creative_id")},
        "client_id": client_id(pl.col("client")),
        "click_id": click_id(pl.col("click_id")),
        "cost": micros(pl.col("cost_micros")),
        "currency": pl.lit(of.currency),
        "device": pl.col("device"),
        "region": pl.col("region"),
    }


def _mail_columns(of: Advertiser) -> Mapping[str, pl.Expr]:
    opened = pl.col("kind") == "open"
    return {
        "touch_id": pl.concat_str(pl.col("email_id"), pl.when(opened).then(pl.lit("1")).otherwise(pl.lit("2"))),
        "at": _moment(),
        "kind": pl.concat_str(pl.lit("email_"), pl.col("kind")),
        "platform": pl.lit("klaviyo"),
        "account_id": pl.lit(of.handle),
        "campaign_id": pl.col("campaign_id"),
        "campaign_name": pl.col("campaign_name"),
        "channel": pl.lit("email"),
        "email": of.address(pl.col("customer")),
        "click_id": click_id(pl.col("click_id")),
    }


def _visit_columns(of: Advertiser) -> Mapping[str, pl.Expr]:
    return {
        "touch_id": pl.col("session_id"),
        "at": _moment(),
        "kind": pl.lit("visit"),
        "platform": pl.lit("ga4"),
        "account_id": pl.lit(of.handle),
        "source": pl.col("source"),
        "medium": pl.col("medium"),
        "campaign": pl.col("campaign_id"),
        "client_id": client_id(pl.col("client")),
        "user_id": of.user(pl.col("user")),
        "click_id": click_id(pl.col("click_id")),
        "device": pl.col("device"),
        "region": pl.col("region"),
    }


_HAS_ADS = pl.col("channel") != "performance_max"  # the platform shows what it likes there, and says nothing of it


def _moment() -> pl.Expr:
    return pl.col("at").dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
