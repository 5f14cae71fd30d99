"""Keeping what units did in the halves of their time: read once a week, and when the experiment is over.

Halves move with every day, so nothing of them can be added up day by day: each time all outcomes of a metric are read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from warehouse.engine import WriteSession
from warehouse.experiments.build import Asking, Refreshed
from warehouse.experiments.choices import choices_of
from warehouse.experiments.sources import everybody
from warehouse.experiments.values import halves

STANDS_FOR: Final = dt.timedelta(days=7)


def refresh_halves(
    session: WriteSession, experiment_key: int, metrics: Sequence[str], refreshed: Refreshed, *, is_over: bool
) -> None:
    """Bring the halves of some metrics up to date where that is due, after the moments were.

    While an experiment runs they stand for a week; when it is over, until an outcome changes.
    """
    ask = Asking(session, experiment_key)
    standing = ask(_STANDING).one()
    is_new = refreshed.units is None or set(standing.metrics or ()) != set(metrics)
    is_old = standing.as_of is None or standing.last is None or standing.last - standing.as_of >= STANDS_FOR
    is_last = is_over and (bool(refreshed.units) or standing.last != standing.as_of)
    if not (is_new or is_old or is_last):
        return
    ask("DELETE FROM core.half_moment WHERE experiment_key = :experiment")
    sources = everybody(experiment_key, choices_of(ask).counts)
    for metric in metrics:
        ask(_WRITE.format(halves=halves("postgres", sources, metric).replace(":", r"\:")), metric=metric)


_STANDING: Final = """
SELECT (SELECT array_agg(DISTINCT h.metric) FROM core.half_moment h WHERE h.experiment_key = :experiment) AS metrics,
       (SELECT max(h.as_of) FROM core.half_moment h WHERE h.experiment_key = :experiment) AS as_of,
       (SELECT max(m.date) FROM core.moment m WHERE m.experiment_key = :experiment) AS last
"""

_WRITE: Final = """
INSERT INTO core.half_moment (experiment_key, metric, arm_key, as_of, units, early, late, early_squares, products,
                              late_squares)
SELECT :experiment, :metric, q.arm_key, q.as_of, q.units, q.early, q.late, q.early_variance * q.units,
       q.covariance * q.units, q.late_variance * q.units
FROM ({halves}) AS q
"""
