"""The schema as a whole. ``api/schema.graphql`` is its text, committed so that every change of it is seen."""

from __future__ import annotations

from pathlib import Path

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from api.schema.attribution import AttributionQuery
from api.schema.audiences import AudienceMutation, AudienceQuery
from api.schema.budget import BudgetMutation, BudgetQuery
from api.schema.campaigns import CampaignQuery
from api.schema.cohorts import CohortQuery
from api.schema.commerce import CommerceQuery
from api.schema.creatives import CreativeQuery
from api.schema.customers import CustomerMutation, CustomerQuery
from api.schema.experiment_changes import ExperimentMutation
from api.schema.experiment_plans import PlanQuery
from api.schema.experiment_readouts import ReadoutQuery
from api.schema.experiments import ExperimentQuery
from api.schema.journeys import JourneyQuery
from api.schema.kpis import KpiQuery
from api.schema.live import LiveQuery
from api.schema.loads import LoadQuery
from api.schema.mix import MixQuery
from api.schema.next_tests import NextTestQuery
from api.schema.overview import OverviewQuery
from api.schema.people import PeopleQuery
from api.schema.people_changes import PeopleMutation
from api.schema.prepared import Prepared
from api.schema.scalars import SCALARS
from api.schema.scenarios import ScenarioMutation, ScenarioQuery
from api.schema.scope import ScopeQuery
from api.schema.taxonomy import TaxonomyMutation, TaxonomyQuery
from api.schema.uplift import UpliftQuery
from api.schema.web import WebQuery
from api.schema.what_if import WhatIfQuery

EXPORTED = Path(__file__).resolve().parent.parent / "schema.graphql"


@strawberry.type(description="What can be asked.")
class Query(
    OverviewQuery,
    CampaignQuery,
    ScopeQuery,
    LoadQuery,
    KpiQuery,
    TaxonomyQuery,
    PeopleQuery,
    LiveQuery,
    CreativeQuery,
    CommerceQuery,
    ExperimentQuery,
    ReadoutQuery,
    NextTestQuery,
    MixQuery,
    PlanQuery,
    UpliftQuery,
    AudienceQuery,
    BudgetQuery,
    ScenarioQuery,
    CohortQuery,
    CustomerQuery,
    JourneyQuery,
    AttributionQuery,
    WhatIfQuery,
    WebQuery,
):
    pass


@strawberry.type(description="What can be changed. Expected refusals are results, not errors.")
class Mutation(
    PeopleMutation,
    TaxonomyMutation,
    CustomerMutation,
    ExperimentMutation,
    AudienceMutation,
    BudgetMutation,
    ScenarioMutation,
):
    pass


class _Schema(strawberry.Schema):
    """Strawberry's schema, which leaves telling of errors to ``answer``: that knows which were expected."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Log nothing."""


schema = _Schema(
    query=Query,
    mutation=Mutation,
    extensions=[Prepared],
    config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
)


def exported() -> str:
    """The schema's text, as it is committed."""
    return schema.as_str() + "\n"
