"""The warehouse of a test's own, as the tests of the warehouse have it."""

from __future__ import annotations

from tests.warehouse.conftest import empty_url, empty_warehouse

__all__ = ["empty_url", "empty_warehouse"]
