"""Everything that is asked of a table of units at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ml.experiments.analysis import Analysis
from ml.experiments.decision import DecisionValue, decision_value
from ml.experiments.information import Stakes
from ml.experiments.metrics import Kind, Metric, Role
from ml.experiments.questions import Design
from ml.experiments.readout import Change, Report
from ml.experiments.segments import heterogeneity
from ml.experiments.trial import Plan, analyse_table, novelty_of, segments_of
from ml.experiments.unit_file import UnitTable
from warehouse.errors import NotEnoughData


def report_of(
    table: UnitTable, plan: Plan, design: Design, *, segments: Sequence[str] = (), stakes: Stakes | None = None
) -> Report:
    """The analysis; and unless it is withheld, segments, novelty where rows have days, and what a rollout is worth.

    Novelty is told of primary means, worth of the first metric. Raises as :func:`analyse_table`.
    """
    analysis = analyse_table(table, plan, design)
    if analysis.withheld:
        return Report(analysis)
    parts = segments_of(table, plan, design, segments)
    return Report(
        analysis,
        parts,
        heterogeneity(parts),
        _novelty(table, plan) if table.log is not None else (),
        _value(analysis, stakes) if stakes is not None else {},
    )


def _novelty(table: UnitTable, plan: Plan) -> tuple[Change, ...]:
    asked = [metric for metric in plan.metrics if metric.role is Role.primary and metric.kind is Kind.mean]
    return tuple(_change(table, plan, arm, metric) for metric in asked for arm in table.arms if arm != plan.control)


def _change(table: UnitTable, plan: Plan, arm: str, metric: Metric) -> Change:
    try:
        found = novelty_of(table, plan, arm, metric.column)
    except NotEnoughData as error:
        return Change(metric.name, arm, None, str(error))
    return Change(metric.name, arm, found, found.words)


def _value(analysis: Analysis, stakes: Stakes) -> Mapping[tuple[str, str], DecisionValue]:
    first = analysis.results[0].metric
    return {
        (first.name, result.arm): decision_value(result.effect, stakes, higher_is_better=first.higher_is_better)
        for result in analysis.results
        if result.metric is first and result.effect is not None
    }
