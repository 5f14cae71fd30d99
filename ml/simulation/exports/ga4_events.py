"""Google Analytics 4: the raw events of its daily BigQuery export, as extracted to newline-delimited JSON."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from ml.simulation.exports.columns import json_array, json_object, line_text, money, quoted
from ml.simulation.exports.identities import Advertiser, click_id, client_id, landing_query
from ml.simulation.exports.manifest import ExportFile, unnamed_file
from ml.simulation.exports.parts import Parts
from ml.simulation.people.web import page_events


class RawEvents:
    """Writes the events of a world's sessions, a file a month."""

    def __init__(self, folder: Path, of: Advertiser) -> None:
        def encode(sessions: pl.DataFrame) -> bytes:
            return events_json(page_events(sessions), sessions, of)

        self._parts = Parts(folder, "ga4_events", "jsonl", encode)

    def add(self, day: date, sessions: pl.DataFrame) -> None:
        """Take in the sessions that began on a day (columns ``SESSIONS``)."""
        self._parts.add(day, sessions)

    def finish(self) -> list[ExportFile]:
        """What was written. The files do not say whose property it is."""
        return [unnamed_file(part, "ga4", "web_event") for part in self._parts.finish()]


def events_json(events: pl.DataFrame, sessions: pl.DataFrame, of: Advertiser) -> bytes:
    """Events (columns ``EVENTS``) of the sessions (columns ``SESSIONS``) as BigQuery writes them as JSON.

    Whole numbers of 64 bits are text, what is null is left out. An event says where its session came from when it
    is the session's first, and the person's number in the shop once that is known.
    """
    visits = sessions.select(
        "session_id", "source", "medium", "campaign_id", "click_id", "landing_page", "device", "region", "engaged",
        pl.col("at").dt.epoch("s").alias("began"),
    )  # fmt: skip
    return line_text(events.join(visits, on="session_id", how="left", maintain_order="left"), _event(of))


_STREAM_ID = "5550200000"
_TITLES = {"view_item": "Product", "add_to_cart": "Product", "begin_checkout": "Checkout", "purchase": "Thank you"}


def _event(of: Advertiser) -> pl.Expr:
    first = pl.col("sequence") == 0
    bought = pl.col("name") == "purchase"
    order, value = pl.col("order_id").cast(pl.String), money(pl.col("value_cents"))
    address = pl.concat_str(
        pl.lit(f"https://www.{of.domain}"),
        pl.col("page"),
        pl.when(first).then(landing_query()).otherwise(pl.lit("")),
    )
    parameters = json_array(
        [
            _parameter("page_location", "string_value", quoted(address)),
            _parameter("page_title", "string_value", quoted(pl.col("name").replace_strict(_TITLES, default="Shop"))),
            _parameter("ga_session_id", "int_value", quoted(pl.col("began")), where=pl.col("client").is_not_null()),
            _parameter("session_engaged", "string_value", quoted(pl.col("engaged").cast(pl.Int8))),
            _parameter("engagement_time_msec", "int_value", quoted(pl.lit(1_000)), where=~first),
            _parameter("transaction_id", "string_value", quoted(order), where=bought),
            # The same parameter comes as a whole number or as a fraction, as the shop's script happens to send it.
            _parameter("value", "int_value", quoted(pl.col("value_cents") // 100), where=_WHOLE),
            _parameter("value", "double_value", value, where=~_WHOLE),
            _parameter(
                "currency", "string_value", quoted(pl.lit(of.currency)), where=pl.col("value_cents").is_not_null()
            ),
        ]
    )
    campaign = json_object(
        {
            "manual_source": quoted(pl.col("source")),
            "manual_medium": quoted(pl.col("medium")),
            "manual_campaign_id": quoted(pl.col("campaign_id")),
            "manual_campaign_name": quoted(pl.col("campaign_id")),
            "gclid": pl.when(pl.col("source") == "google").then(quoted(click_id(pl.col("click_id")))),
        }
    )
    return json_object(
        {
            "event_date": quoted(pl.col("at").dt.strftime("%Y%m%d")),
            "event_timestamp": quoted(pl.col("at").dt.epoch("us")),
            "event_name": quoted(pl.col("name")),
            "event_params": parameters,
            "event_bundle_sequence_id": quoted(pl.col("session_id").cast(pl.String)),
            "batch_event_index": quoted(pl.col("sequence")),
            "user_id": quoted(of.user(pl.col("user"))),
            "user_pseudo_id": quoted(client_id(pl.col("client"))),
            "privacy_info": json_object({"analytics_storage": quoted(_consent())}),
            "device": json_object({"category": quoted(pl.col("device"))}),
            "geo": json_object({"country": quoted(pl.lit("United States")), "region": quoted(pl.col("region"))}),
            "stream_id": quoted(pl.lit(_STREAM_ID)),
            "platform": quoted(pl.lit("WEB")),
            "collected_traffic_source": pl.when(first & pl.col("source").is_not_null()).then(campaign),
            "ecommerce": pl.when(bought).then(
                json_object({"transaction_id": quoted(order), "purchase_revenue": value})
            ),
        }
    )


_WHOLE = pl.col("value_cents") % 100 == 0


def _parameter(key: str, kind: str, value: pl.Expr, *, where: pl.Expr | None = None) -> pl.Expr:
    """One entry of ``event_params``, null where the value is or ``where`` does not hold."""
    entry = pl.concat_str(pl.lit(f'{{"key":"{key}","value":{{"{kind}":'), value, pl.lit("}}"))
    return entry if where is None else pl.when(where).then(entry)


def _consent() -> pl.Expr:
    return pl.when(pl.col("client").is_null()).then(pl.lit("No")).otherwise(pl.lit("Yes"))
