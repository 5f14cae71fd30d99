"""Alembic's entry: migrations run in the transaction that ``warehouse.migrate`` opened."""

from __future__ import annotations

import re

from alembic import context
from sqlalchemy.schema import SchemaItem

from warehouse.schema import (
    attribution,
    audiences,
    budget,
    calendar,
    commerce,
    creatives,
    crm,
    entities,
    events,
    experiment_results,
    experiments,
    journeys,
    landing,
    mix,
    moments,
    money,
    next_tests,
    operations,
    people,
    performance,
    results,
    stream,
    uplift,
)
from warehouse.schema.base import SCHEMAS, Base

# Importing the subjects fills the metadata.
SUBJECTS = (
    attribution,
    audiences,
    budget,
    calendar,
    commerce,
    creatives,
    crm,
    entities,
    events,
    experiment_results,
    experiments,
    journeys,
    landing,
    mix,
    moments,
    money,
    next_tests,
    operations,
    people,
    performance,
    results,
    stream,
    uplift,
)


def include_object(item: SchemaItem, name: str | None, type_: str, reflected: bool, compare_to: object) -> bool:
    """Leave out partitions: they are data's business, not the schema's."""
    table = getattr(getattr(item, "table", item), "name", None) or ""
    return not re.fullmatch(r"(performance|touchpoint|web_event)_\d{6}|journey_\d+(_[a-z]+)?", table)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_schemas=True,
    include_name=lambda name, kind, _: kind != "schema" or name in SCHEMAS,
    include_object=include_object,
    version_table_schema="ops",
    compare_type=True,
    compare_server_default=True,
    transaction_per_migration=False,
)
context.run_migrations()
