"""Moments of an experiment, by arm, cut and day: one text in PostgreSQL's SQL, carried to whatever holds the outcomes.

What comes out is by how much a day changed the sums of the units' totals, and the sums of their products.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from warehouse.dialects import Dialect
from warehouse.experiments.totals import NO_STRATUM, SEVERAL_ARMS, SEVERAL_STRATA, Layout, Total, pairs


def moments(dialect: Dialect, sources: Mapping[str, str], layout: Layout) -> str:
    """The question in an engine's own dialect.

    ``sources`` says what stands behind FROM, in the engine's own words: ``assignment`` (unit_key, arm_key, date: when
    the unit came in; with strata also stratum, with clusters cluster_key) and ``outcome`` (unit_key, metric, date,
    value, pre_value; without a date as of the unit's first).

    Out: arm_key, cut, stratum, date, units, known_1 … by metric, sum_1 … by total, and product_1 … in the order of
    :func:`pairs`. A unit without a row of a metric did nothing: its total is zero. Outcomes from before a unit came in
    are part of what it was before.
    """
    return placed(dialect, sources, lambda standing: _text(layout, standing))


def placed(dialect: Dialect, sources: Mapping[str, str], text: Callable[[Mapping[str, str]], str]) -> str:
    """A text in PostgreSQL's SQL for an engine, with what stands behind FROM in the place of its inputs.

    For PostgreSQL itself it is as it is written: to parse and write it anew takes longer than a day's changes do.
    """
    if dialect == "postgres":
        return text(sources)
    import sqlglot

    from warehouse.events.carry import carried

    return carried(sqlglot.parse_one(text({name: name for name in sources}), read="postgres"), dialect, sources)


def units_of(sources: Mapping[str, str], columns: str = "") -> str:
    """Every unit with its arm and the day on which it came in, as the first of several queries."""
    return _UNIT.format(several=SEVERAL_ARMS, columns=columns, assignment=sources["assignment"])


def cut_of(before: str) -> str:
    """Into which part of the units one falls, by what it did before."""
    return f"CASE WHEN {before} > 0 THEN 'active' WHEN {before} IS NULL THEN 'unknown' ELSE 'new' END"


def quoted(name: str) -> str:
    """A name as a text of SQL."""
    return "'" + name.replace("'", "''") + "'"


def number(value: float) -> str:
    """A number as SQL says it."""
    return f"CAST({value!r} AS DOUBLE PRECISION)"


def _text(layout: Layout, sources: Mapping[str, str]) -> str:
    metrics, totals = range(1, len(layout.metrics) + 1), range(1, len(layout.totals) + 1)
    moving = [layout.clusters or total.part == "value" for total in layout.totals]
    here = [f"r.total_{n}" for n in totals]
    there = [f"({one} - r.moved_{n})" if moves else one for n, one, moves in zip(totals, here, moving, strict=True)]
    moves_of = [moving[a] or moving[b] for a, b in pairs(len(totals))]
    carried_along = "s.stratum, " * layout.strata + "s.cluster_key, " * layout.clusters
    steps = [
        units_of(
            sources,
            ", MAX(a.stratum) AS stratum" * layout.strata + ", MIN(a.cluster_key) AS cluster_key" * layout.clusters,
        ),
        _STEP.format(
            along=carried_along.replace("s.", "x."),
            of_unit="u.stratum, " * layout.strata + "u.cluster_key, " * layout.clusters,
            added=_columns(map(_added, metrics, layout.metrics)),
            outcome=sources["outcome"],
        ),
        (_RUNNING_IN_CLUSTER if layout.clusters else _RUNNING).format(
            along=carried_along,
            before=_before(_place(layout, layout.cut_by)),
            cut=cut_of(_before(_place(layout, layout.cut_by))),
            known=_columns(map(_known, metrics)),
            totals=_columns(_running(layout, n, total) for n, total in zip(totals, layout.totals, strict=True)),
        ),
    ]
    if layout.clusters:
        steps.append(_cluster_steps(layout))
    return _QUESTION.format(
        steps=",".join(steps),
        stratum=f"COALESCE(r.stratum, {quoted(NO_STRATUM)})" if layout.strata else "''",
        by_stratum=", r.stratum" * layout.strata,
        knowns=_columns(f"SUM(r.known_{n}) AS known_{n}" for n in metrics),
        sums=_columns(f"SUM({_change(moving[n - 1], here[n - 1], there[n - 1])}) AS sum_{n}" for n in totals),
        products=_columns(
            f"SUM({_change(moves_of[n], f'{here[a]} * {here[b]}', f'{there[a]} * {there[b]}')}) AS product_{n + 1}"
            for n, (a, b) in enumerate(pairs(len(totals)))
        ),
        source="running_cluster" if layout.clusters else "running",
    )


def _added(place: int, metric: str) -> str:
    """What a unit's day added to a metric, in how many rows, and what is known of it before."""
    this = f"x.metric = {quoted(metric)}"
    return (
        f"COALESCE(SUM(CASE WHEN {this} AND NOT x.is_before THEN x.value END), 0) AS added_{place}, "
        f"COUNT(CASE WHEN {this} AND NOT x.is_before THEN x.value END) AS rows_{place}, "
        f"SUM(CASE WHEN {this} AND x.is_before THEN x.value END) AS early_{place}, "
        f"MAX(CASE WHEN {this} THEN x.pre_value END) AS pre_{place}"
    )


def _known(place: int) -> str:
    first = f"SUM(s.rows_{place}) OVER so_far = s.rows_{place}"
    return f"CASE WHEN s.rows_{place} > 0 AND {first} THEN 1 ELSE 0 END AS known_{place}"


def _before(place: int) -> str:
    return f"COALESCE(MAX(s.pre_{place}) OVER ever, SUM(s.early_{place}) OVER ever)"


def _running(layout: Layout, n: int, total: Total) -> str:
    """A unit's total on a day less its center, and what the day moved; in clusters only what it moved."""
    center = number(layout.centers[n - 1])
    if total.part == "value":
        place = _place(layout, total.outcome)
        now, moved = f"(SUM(s.added_{place}) OVER so_far)", f"s.added_{place}"
        if total.cap is not None:
            earlier = f"LEAST({now} - {moved}, {number(total.cap)})"
            now = f"LEAST({now}, {number(total.cap)})"
            moved = f"{now} - {earlier}"
        return f"{moved} AS moved_{n}" + f", {now} - ({center}) AS total_{n}" * (not layout.clusters)
    held = "1"
    if total.part != "units":
        before = _before(_place(layout, total.outcome))
        held = f"COALESCE({before}, 0)" if total.part == "before" else f"CASE WHEN {before} IS NULL THEN 1 ELSE 0 END"
    if layout.clusters:
        return f"CASE WHEN s.date = s.entered THEN {held} ELSE 0 END AS moved_{n}"
    return f"{held} - ({center}) AS total_{n}"


def _cluster_steps(layout: Layout) -> str:
    metrics, totals = range(1, len(layout.metrics) + 1), range(1, len(layout.totals) + 1)
    one_stratum = "MIN(COALESCE(u.stratum, {0})) = MAX(COALESCE(u.stratum, {0}))".format(quoted(NO_STRATUM))
    stratum = f", CASE WHEN {one_stratum} THEN MIN(u.stratum) ELSE {quoted(SEVERAL_STRATA)} END AS stratum"
    return _CLUSTERS.format(
        several=SEVERAL_ARMS,
        of_cluster=stratum * layout.strata,
        along="c.stratum, " * layout.strata,
        by_stratum=", c.stratum" * layout.strata,
        carried_along="s.stratum, " * layout.strata,
        knowns=_columns(f"SUM(r.known_{n}) AS known_{n}" for n in metrics),
        moves=_columns(f"SUM(r.moved_{n}) AS moved_{n}" for n in totals),
        known=_columns(f"s.known_{n}" for n in metrics),
        cut=cut_of("SUM(s.before) OVER ever"),
        totals=_columns(
            f"s.moved_{n}, SUM(s.moved_{n}) OVER so_far - ({number(layout.centers[n - 1])}) AS total_{n}"
            for n in totals
        ),
    )


def _place(layout: Layout, metric: str) -> int:
    return layout.metrics.index(metric) + 1


def _change(moves: bool, here: str, there: str) -> str:
    """What a unit's day changes in a sum: all of it when the unit comes in, and later what moves."""
    return f"CASE WHEN r.enters THEN {here} ELSE {f'{here} - {there}' if moves else '0'} END"


def _columns(expressions: Iterable[str]) -> str:
    return ", ".join(expressions)


_UNIT: Final = """
unit AS (
    SELECT a.unit_key, CASE WHEN COUNT(*) = 1 THEN MIN(a.arm_key) ELSE {several} END AS arm_key,
           MIN(a.date) AS entered{columns}
    FROM {assignment} AS a
    GROUP BY a.unit_key
)"""

# What a unit did before it came in stands on the day on which it comes in, of which every unit has a row.
_STEP: Final = """
step AS (
    SELECT x.unit_key, x.arm_key, {along}x.entered, x.date, {added}
    FROM (
        SELECT u.unit_key, u.arm_key, {of_unit}u.entered, GREATEST(COALESCE(o.date, u.entered), u.entered) AS date,
               COALESCE(o.date < u.entered, FALSE) AS is_before, o.metric,
               CAST(o.value AS DOUBLE PRECISION) AS value, CAST(o.pre_value AS DOUBLE PRECISION) AS pre_value
        FROM {outcome} AS o
        JOIN unit AS u ON u.unit_key = o.unit_key
        UNION ALL
        SELECT u.unit_key, u.arm_key, {of_unit}u.entered, u.entered, FALSE, NULL, NULL, NULL FROM unit AS u
    ) AS x
    GROUP BY x.unit_key, x.arm_key, {along}x.entered, x.date
)"""

_RUNNING: Final = """
running AS (
    SELECT s.arm_key, {along}s.date, s.date = s.entered AS enters, {cut} AS cut, {totals}, {known}
    FROM step AS s
    WINDOW
        so_far AS (PARTITION BY s.unit_key ORDER BY s.date ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
        ever AS (PARTITION BY s.unit_key)
)"""
_RUNNING_IN_CLUSTER: Final = """
running AS (
    SELECT {along}s.date, CASE WHEN s.date = s.entered THEN {before} END AS before, {totals}, {known}
    FROM step AS s
    WINDOW
        so_far AS (PARTITION BY s.unit_key ORDER BY s.date ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
        ever AS (PARTITION BY s.unit_key)
)"""

# A cluster grows by the days of its units, whenever each of them comes in.
_CLUSTERS: Final = """
cluster AS (
    SELECT u.cluster_key, CASE WHEN MIN(u.arm_key) = MAX(u.arm_key) THEN MIN(u.arm_key) ELSE {several} END AS arm_key,
           MIN(u.entered) AS entered{of_cluster}
    FROM unit AS u
    GROUP BY u.cluster_key
),
cluster_step AS (
    SELECT c.cluster_key, c.arm_key, {along}c.entered, r.date, SUM(r.before) AS before, {knowns}, {moves}
    FROM running AS r
    JOIN cluster AS c ON c.cluster_key = r.cluster_key
    GROUP BY c.cluster_key, c.arm_key{by_stratum}, c.entered, r.date
),
running_cluster AS (
    SELECT s.arm_key, {carried_along}s.date, s.date = s.entered AS enters, {cut} AS cut, {totals}, {known}
    FROM cluster_step AS s
    WINDOW
        so_far AS (PARTITION BY s.cluster_key ORDER BY s.date ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
        ever AS (PARTITION BY s.cluster_key)
)"""

_QUESTION: Final = """
WITH {steps}
SELECT r.arm_key, r.cut, {stratum} AS stratum, r.date, SUM(CASE WHEN r.enters THEN 1 ELSE 0 END) AS units,
       {knowns}, {sums}, {products}
FROM {source} AS r
GROUP BY r.arm_key, r.cut{by_stratum}, r.date
"""
