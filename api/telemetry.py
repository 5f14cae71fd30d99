"""What Prometheus may ask: requests, their latency, SQL statements, loads by status, age of the data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from warehouse.engine import require_server
from warehouse.errors import WarehouseUnavailable
from warehouse.queries import condition
from warehouse.sessions import Warehouse


@dataclass(frozen=True, slots=True)
class Telemetry:
    """The metrics of one server, in a registry of its own."""

    registry: CollectorRegistry
    requests: Counter
    seconds: Histogram
    statements: Counter
    errors: Counter
    events: Counter

    def exposition(self) -> bytes:
        """All metrics in Prometheus' text format. Asks the warehouse."""
        return generate_latest(self.registry)


def telemetry_of(warehouse: Warehouse) -> Telemetry:
    """Fresh metrics of a server of this warehouse."""
    registry = CollectorRegistry()
    registry.register(_Data(warehouse))
    return Telemetry(
        registry=registry,
        requests=Counter("causeway_requests", "Requests answered.", ["route", "method", "status"], registry=registry),
        seconds=Histogram(
            "causeway_request_seconds",
            "Seconds until a request was answered.",
            ["route"],
            registry=registry,
            buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30),
        ),
        statements=Counter("causeway_sql_statements", "SQL statements run for requests.", ["route"], registry=registry),
        errors=Counter("causeway_errors", "Requests that failed unexpectedly.", registry=registry),
        events=Counter(
            "causeway_stream_events",
            "Events that were sent: accepted, repeated (of a known id), refused.",
            ["source", "outcome"],
            registry=registry,
        ),
    )


@dataclass(frozen=True, slots=True)
class _Data(Collector):
    """Gauges that are read from the warehouse when they are asked for."""

    warehouse: Warehouse
    up: str = field(default="causeway_warehouse_up")

    def describe(self) -> list[GaugeMetricFamily]:
        return []  # names are not checked against the others', so that registering asks the warehouse nothing

    def collect(self) -> Iterator[GaugeMetricFamily]:
        loads = GaugeMetricFamily("causeway_loads", "Loads by what became of them.", labels=["status"])
        ages = GaugeMetricFamily(
            "causeway_data_age_days", "Days since the newest day of a platform's data.", labels=["platform"]
        )
        answers = 1
        try:
            require_server(self.warehouse.engine)
            with self.warehouse.writing() as session:
                for status, number in condition.loads_by_status(session).items():
                    loads.add_metric([status], number)
                today = dt.datetime.now(dt.UTC).date()
                for age in condition.data_ages(session):
                    ages.add_metric([age.platform], (today - age.last_day).days)
        except WarehouseUnavailable:
            answers = 0
        yield GaugeMetricFamily(self.up, "1 while the warehouse answers.", value=answers)
        yield loads
        yield ages
