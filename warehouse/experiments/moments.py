"""Moments of an experiment, by arm, cut and day: one text in PostgreSQL's SQL, carried to whatever holds the outcomes.

Of K metrics there are 2K totals of every unit: of each metric the value up to a day, and then of each what it was
before the unit came in. What comes out is by how much a day changed their sums and the sums of their products.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations_with_replacement

import sqlglot
from sqlglot import exp

from warehouse.events.carry import Dialect, carried

MOST_METRICS = 12  # 24 totals have 300 products
SEVERAL_ARMS = 0  # in place of an arm


def moments(
    dialect: Dialect, sources: Mapping[str, str], metrics: Sequence[str], centers: Sequence[float], cut_metric: str
) -> str:
    """The question in an engine's own dialect.

    ``sources`` says what stands behind FROM, in the engine's own words: ``assignment`` (unit_key, arm_key, date: when
    the unit came in) and ``outcome`` (unit_key, metric, date, value, pre_value; without a date as of the unit's first).
    ``centers`` (2K) are taken off the totals. A unit is cut by whether ``cut_metric`` was above zero before.

    Out: arm_key, cut, date, units, known_1 … known_K, sum_1 … sum_2K and product_1 … product_K(2K+1), in the order of
    :func:`pairs`. A unit without a row of a metric did nothing: its total is zero. Outcomes from before a unit came in
    are part of what it was before.
    """
    return carried(sqlglot.parse_one(_text(metrics, centers, cut_metric), read="postgres"), dialect, sources)


def pairs(metrics: int) -> list[tuple[int, int]]:
    """Which totals each product is of, counted from 0."""
    return list(combinations_with_replacement(range(2 * metrics), 2))


def _text(metrics: Sequence[str], centers: Sequence[float], cut_metric: str) -> str:
    count = len(metrics)
    numbers = range(1, count + 1)
    names = [exp.Literal.string(metric).sql() for metric in metrics]
    added = _columns(
        f"COALESCE(SUM(CASE WHEN x.metric = {name} AND NOT x.is_before THEN x.value END), 0) AS added_{n}, "
        f"COUNT(CASE WHEN x.metric = {name} AND NOT x.is_before THEN x.value END) AS rows_{n}, "
        f"SUM(CASE WHEN x.metric = {name} AND x.is_before THEN x.value END) AS early_{n}, "
        f"MAX(CASE WHEN x.metric = {name} THEN x.pre_value END) AS pre_{n}"
        for n, name in zip(numbers, names, strict=True)
    )
    running = _columns(
        f"s.added_{n}, SUM(s.added_{n}) OVER so_far - ({_number(centers[n - 1])}) AS total_{n}, "
        f"COALESCE(MAX(s.pre_{n}) OVER ever, SUM(s.early_{n}) OVER ever, 0) - ({_number(centers[count + n - 1])}) "
        f"AS total_{count + n}, "
        f"CASE WHEN s.rows_{n} > 0 AND SUM(s.rows_{n}) OVER so_far = s.rows_{n} THEN 1 ELSE 0 END AS known_{n}"
        for n in numbers
    )
    here = [f"r.total_{n + 1}" for n in range(2 * count)]
    there = [f"(r.total_{n + 1} - r.added_{n + 1})" if n < count else f"r.total_{n + 1}" for n in range(2 * count)]
    cut = numbers[list(metrics).index(cut_metric)]
    return _QUESTION.format(
        several=SEVERAL_ARMS,
        added=added,
        running=running,
        cut=f"COALESCE(MAX(s.pre_{cut}) OVER ever, SUM(s.early_{cut}) OVER ever)",
        knowns=_columns(f"SUM(r.known_{n}) AS known_{n}" for n in numbers),
        sums=_columns(f"SUM({_change(n < count, here[n], there[n])}) AS sum_{n + 1}" for n in range(2 * count)),
        products=_columns(
            f"SUM({_change(a < count, f'{here[a]} * {here[b]}', f'{there[a]} * {there[b]}')}) AS product_{place}"
            for place, (a, b) in enumerate(pairs(count), start=1)
        ),
    )


def _change(moves: bool, here: str, there: str) -> str:
    """What a unit's day changes in a sum: all of it when the unit comes in, and later what moves."""
    return f"CASE WHEN r.enters THEN {here} ELSE {f'{here} - {there}' if moves else '0'} END"


def _columns(expressions: Iterable[str]) -> str:
    return ", ".join(expressions)


def _number(value: float) -> str:
    return f"CAST({value!r} AS DOUBLE PRECISION)"


# What a unit did before it came in stands on the day on which it comes in, of which every unit has a row.
_QUESTION = """
WITH unit AS (
    SELECT a.unit_key, CASE WHEN COUNT(*) = 1 THEN MIN(a.arm_key) ELSE {several} END AS arm_key, MIN(a.date) AS entered
    FROM assignment AS a
    GROUP BY a.unit_key
),
step AS (
    SELECT x.unit_key, x.arm_key, x.entered, x.date, {added}
    FROM (
        SELECT u.unit_key, u.arm_key, u.entered, GREATEST(COALESCE(o.date, u.entered), u.entered) AS date,
               COALESCE(o.date < u.entered, FALSE) AS is_before, o.metric,
               CAST(o.value AS DOUBLE PRECISION) AS value, CAST(o.pre_value AS DOUBLE PRECISION) AS pre_value
        FROM outcome AS o
        JOIN unit AS u ON u.unit_key = o.unit_key
        UNION ALL
        SELECT u.unit_key, u.arm_key, u.entered, u.entered, FALSE, NULL, NULL, NULL FROM unit AS u
    ) AS x
    GROUP BY x.unit_key, x.arm_key, x.entered, x.date
),
running AS (
    SELECT s.arm_key, s.date, s.date = s.entered AS enters,
           CASE WHEN {cut} > 0 THEN 'active' WHEN {cut} IS NULL THEN 'unknown' ELSE 'new' END AS cut, {running}
    FROM step AS s
    WINDOW
        so_far AS (PARTITION BY s.unit_key ORDER BY s.date ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
        ever AS (PARTITION BY s.unit_key)
)
SELECT r.arm_key, r.cut, r.date, SUM(CASE WHEN r.enters THEN 1 ELSE 0 END) AS units, {knowns}, {sums}, {products}
FROM running AS r
GROUP BY r.arm_key, r.cut, r.date
"""
