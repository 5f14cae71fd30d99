"""The numbers of a card as a query that somebody can run elsewhere."""

from __future__ import annotations

import json
from collections.abc import Sequence

from dashboard.components.cards import Query
from dashboard.overview.read import Shown
from warehouse.filters import Dimension, Filter
from warehouse.queries.as_sql import as_sql

_ARGUMENTS = {
    "platforms": "platforms",
    "channels": "channels",
    "campaign_types": "campaignTypes",
    "accounts": "accounts",
    "campaigns": "campaigns",
}


def trend_query(shown: Shown) -> Query:
    """The selected metric over time."""
    metric = shown.view.metric
    asked = f"trend {{ dates isFinal comparedDates series(kpis: [{metric.upper()}]) {{ kpi values previous }} }}"
    return Query(as_sql(shown.filter, shown.scope, "day", [metric]), _graphql(shown.filter, asked))


def parts_query(shown: Shown, by: Dimension, metrics: Sequence[str]) -> Query:
    """Metrics by a dimension."""
    fields = " ".join(metrics)
    asked = f"breakdown(by: {by.upper()}) {{ key label kpis {{ {fields} }} previous {{ {fields} }} }}"
    return Query(as_sql(shown.filter, shown.scope, by, metrics), _graphql(shown.filter, asked))


def _graphql(filter_: Filter, asked: str) -> str:
    arguments = [
        f'from: "{filter_.start}"',
        f'to: "{filter_.end}"',
        f"compare: {filter_.compare.upper()}",
        f"grain: {filter_.grain.upper()}",
        f'currency: "{filter_.currency}"',
        *(f"{name}: {json.dumps(list(getattr(filter_, field)))}" for field, name in _ARGUMENTS.items()
          if getattr(filter_, field)),
    ]  # fmt: skip
    return f"{{\n  overview(filter: {{{', '.join(arguments)}}}) {{\n    currency\n    {asked}\n  }}\n}}"
