"""Hands Strawberry a document that was parsed and validated before."""

from __future__ import annotations

from collections.abc import Iterator

from strawberry.extensions import SchemaExtension


class Prepared(SchemaExtension):
    """Takes the document from the request's context, where ``answer`` has put it after checking it."""

    def on_parse(self) -> Iterator[None]:
        self.execution_context.graphql_document = self.execution_context.context.document
        yield

    def on_validate(self) -> Iterator[None]:
        self.execution_context.pre_execution_errors = []
        yield
