"""Planners at hand: of each fit that was asked about lately, so that a question is answered without reading it anew."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final
from weakref import WeakKeyDictionary

from ml.budget.known import known_of
from ml.budget.planning import Planner
from warehouse.engine import ReadSession
from warehouse.queries.budget_inputs import StoredFit, stored_draws, weekly_spends
from warehouse.sessions import Warehouse

MOST: Final = 8

_planners: WeakKeyDictionary[object, OrderedDict[int, Planner]] = WeakKeyDictionary()  # by the engine that reads
_lock = threading.Lock()


def planner_of(warehouse: Warehouse, session: ReadSession, fit: StoredFit) -> Planner:
    """The planner of a fit that the session's reader may see. A fit never changes, so a planner that is kept holds."""
    with _lock:
        kept = _planners.setdefault(warehouse.engine, OrderedDict())
        if fit.fit_key in kept:
            kept.move_to_end(fit.fit_key)
            return kept[fit.fit_key]
    made = Planner(known_of(fit, stored_draws(session, fit.fit_key), weekly_spends(session, fit.fit_key)))
    with _lock:
        kept[fit.fit_key] = made
        while len(kept) > MOST:
            kept.popitem(last=False)
        return made
