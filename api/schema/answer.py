"""From a query's text to its answer: parse, validate, price, run, and say what went wrong without telling too much."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import structlog
from graphql import (
    DocumentNode,
    GraphQLError,
    get_operation_ast,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from api.identity import Identity
from api.refusals import graphql_error
from api.schema.context import Context
from api.schema.limits import MOST_COST, MOST_TOKENS, RULES, cost_of
from api.schema.root import schema
from warehouse.errors import CausewayError
from warehouse.outages import outage_of
from warehouse.sessions import Warehouse

_log = structlog.get_logger("causeway.graphql")

_CORE = schema._schema  # noqa: SLF001  # graphql-core's own schema, which Strawberry gives no other way
_RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
_KEPT = 500


@dataclass(frozen=True, slots=True)
class Question:
    """A query as sent."""

    query: str
    variables: Mapping[str, Any]
    operation_name: str | None


def answer(
    warehouse: Warehouse, identity: Identity, question: Question, charge: Callable[[int], None] | None = None
) -> dict[str, Any]:
    """The response to a question, run in this thread with one read transaction.

    ``charge`` is told the cost before anything runs and may refuse it by raising a :class:`CausewayError`. The
    response has ``data``, ``errors`` or both, as GraphQL says.
    """
    checked = prepared(question.query)
    if checked.errors:
        return {"errors": [_shown(error) for error in checked.errors]}
    operation = get_operation_ast(checked.document, question.operation_name)
    if operation is None:
        return {"errors": [_bad("Say with operationName which operation is meant.")]}
    cost = cost_of(_CORE, checked.document, operation, question.variables)
    if cost > MOST_COST:
        words = f"The query may return {cost:,} values, more than {MOST_COST:,}: ask for fewer with `first`."
        return {"errors": [_bad(words)]}
    if charge is not None:
        charge(cost)
    context = Context(warehouse, identity, checked.document)
    try:
        return asyncio.run(_run(question, context))
    finally:
        context.close()


@dataclass(frozen=True, slots=True)
class PreparedDocument:
    """A parsed document, valid when it has no errors."""

    document: DocumentNode
    errors: tuple[GraphQLError, ...]


@lru_cache(maxsize=_KEPT)
def prepared(query: str) -> PreparedDocument:
    """Parse and validate a text, or remember what came of it."""
    try:
        document = parse(query, max_tokens=MOST_TOKENS)
    except GraphQLError as error:
        return PreparedDocument(DocumentNode(definitions=()), (error,))
    # The limits follow fragments, so they look at documents only that are known to have no circles.
    errors = validate(_CORE, document, _RULES) or validate(_CORE, document, RULES)
    return PreparedDocument(document, tuple(errors))


async def _run(question: Question, context: Context) -> dict[str, Any]:
    result = await schema.execute(
        question.query,
        variable_values=dict(question.variables),
        context_value=context,
        operation_name=question.operation_name,
    )
    response: dict[str, Any] = {"data": result.data}
    if result.errors:
        response["errors"] = [_shown(error) for error in result.errors]
    return response


def _shown(error: GraphQLError) -> dict[str, Any]:
    """What the asker is told: our own errors in full, those of the query too, anything else only by an id."""
    cause = error.original_error
    shown: dict[str, Any] = dict(error.formatted)
    if cause is None or isinstance(cause, GraphQLError):
        return {**shown, "extensions": {"code": "BAD_QUERY"}}
    expected = cause if isinstance(cause, CausewayError) else outage_of(cause)
    if expected is not None:
        return {**shown, **graphql_error(expected)}
    number = secrets.token_hex(8)
    _log.error("unexpected failure", error_id=number, path=error.path, exc_info=cause)
    words = f"Something went wrong inside Causeway (id {number}); the log has more under this id."
    return {**shown, "message": words, "extensions": {"code": "INTERNAL", "id": number}}


def _bad(words: str) -> dict[str, Any]:
    return {"message": words, "extensions": {"code": "BAD_QUERY"}}
