"""What an experiment's moments must be of, by how its metrics were registered to be told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from warehouse.experiments.totals import MOST_METRICS, Total, totals_of
from warehouse.schema.experiments import Counted

Ask = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Choices:
    """What was chosen before the start: whose moments, by what, and what is capped or adjusted for.

    The caps of totals that are winsorised are not known yet.
    """

    counts: Counted
    clusters: bool
    strata: bool
    capped: tuple[Total, ...]
    named: tuple[str, ...]

    def totals(self, metrics: Sequence[str]) -> tuple[Total, ...]:
        """The totals of measured metrics."""
        capped = [total for total in self.capped if total.outcome in metrics]
        return totals_of(metrics, capped, self.named, clusters=self.clusters)


def choices_of(ask: Ask) -> Choices:
    """The choices of the experiment that is asked about."""
    said, metrics = ask(_EXPERIMENT).one(), ask(_METRICS).all()
    capped = [
        Total(row.outcome, "value", row.cap, row.winsorise)
        for row in metrics
        if row.cap is not None or row.winsorise is not None
    ]
    named = [covariate for row in metrics for covariate in row.covariates or ()]
    return Choices(
        Counted(said.counts), said.clusters, said.strata, tuple(dict.fromkeys(capped)), tuple(dict.fromkeys(named))
    )


def measured(ask: Ask, build: Any) -> tuple[str, ...]:
    """The outcomes that were measured, those of primary metrics first; of a build, by what came since."""
    rows = ask(_MEASURED.format(measured=_ALL if build is None else _KNOWN)).scalars()
    return tuple(rows)[:MOST_METRICS]


def with_caps(ask: Ask, totals: Sequence[Total]) -> tuple[Total, ...]:
    """With the caps that are a quantile of what units did before; without any such value there is no cap."""
    return tuple(
        replace(total, cap=ask(_CAP, metric=total.outcome, part=total.winsorise).scalar_one())
        if total.winsorise is not None
        else total
        for total in totals
    )


def without_caps(totals: Sequence[Total]) -> tuple[Total, ...]:
    """As they are asked for, before caps are taken."""
    return tuple(replace(total, cap=None) if total.winsorise is not None else total for total in totals)


_EXPERIMENT: Final = """
SELECT e.counts::text AS counts, e.cluster IS NOT NULL AS clusters, e.strata IS NOT NULL AS strata
FROM core.experiment e WHERE e.experiment_key = :experiment
"""
_METRICS: Final = """
SELECT coalesce(m.outcome, m.metric) AS outcome, m.cap::float8 AS cap, m.winsorise::float8 AS winsorise, m.covariates
FROM core.experiment_metric m WHERE m.experiment_key = :experiment ORDER BY m.metric
"""

_ALL: Final = "SELECT DISTINCT o.metric FROM core.unit_outcome o WHERE o.experiment_key = :experiment"
_KNOWN: Final = """
SELECT unnest(b.metrics) AS metric FROM core.moment_build b WHERE b.experiment_key = :experiment
UNION SELECT c.metric FROM core.outcome_change c WHERE c.experiment_key = :experiment
"""
# The primary ones first, then as they are registered, those that nobody registered last.
_MEASURED: Final = """
SELECT k.metric FROM ({measured}) k
LEFT JOIN (
    SELECT coalesce(m.outcome, m.metric) AS metric, min(m.role) AS role FROM core.experiment_metric m
    WHERE m.experiment_key = :experiment GROUP BY 1
) m ON m.metric = k.metric
ORDER BY m.role NULLS LAST, k.metric
"""

# Of what was other than nothing, as a file's values are capped.
_CAP: Final = """
SELECT percentile_cont(:part) WITHIN GROUP (ORDER BY b.value) FROM (
    SELECT max(o.pre_value)::float8 AS value FROM core.unit_outcome o
    WHERE o.experiment_key = :experiment AND o.metric = :metric GROUP BY o.unit_key) b
WHERE b.value <> 0
"""
