"""What waits becomes part of the warehouse."""

from __future__ import annotations

from warehouse.sessions import Warehouse


def settle(warehouse: Warehouse) -> bool:
    """Settle a part of what waits. Whether more is left."""
    return False
