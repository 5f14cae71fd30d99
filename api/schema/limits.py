"""What a query may ask at most: depth, aliases, tokens, and a cost that is known before anything runs.

The rules are built once. Given as factories in Strawberry's documented way they would be new for every request, and
no validated document could be found again (strawberry#4635).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    IntValueNode,
    NamedTypeNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
)
from graphql.validation import ValidationRule
from strawberry.extensions.max_aliases import create_validator as alias_rule
from strawberry.extensions.query_depth_limiter import create_validator as depth_rule

from api.schema.paging import LARGEST

MOST_DEPTH = 8
MOST_ALIASES = 15
MOST_TOKENS = 1_000
MOST_COST = 20_000

RULES: tuple[type[ValidationRule], ...] = (depth_rule(MOST_DEPTH, None), alias_rule(MOST_ALIASES))

# Lists without `first`: those of objects are short (accounts, channels), those of scalars the columns of a trend.
_OBJECTS, _SCALARS = 20, 100
_INTROSPECTION = 2_000  # the whole schema, about
_COMPUTED = {"allocate": 4_000, "saveScenario": 10_000}  # what is computed on request, in leaves of the same time


def cost_of(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> int:
    """How many leaves the answer may have: the sum over fields of ``first`` times what is asked of each.

    The document must be valid, so that fragments do not form a circle.
    """
    root = schema.get_root_type(operation.operation)
    if root is None:
        return 0
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    return _Cost(schema, fragments, variables).of(operation.selection_set, root, LARGEST)


@dataclass(frozen=True, slots=True)
class _Cost:
    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]

    def of(self, selections: SelectionSetNode, parent: GraphQLObjectType | GraphQLUnionType, length: int) -> int:
        """The cost of one object; ``length`` is that of the lists of objects directly in it."""
        total = 0
        for node in selections.selections:
            if isinstance(node, FieldNode):
                total += self._field(node, parent, length)
                continue
            condition: NamedTypeNode | None = None
            if isinstance(node, FragmentSpreadNode):
                fragment = self.fragments[node.name.value]
                condition, inner = fragment.type_condition, fragment.selection_set
            elif isinstance(node, InlineFragmentNode):
                condition, inner = node.type_condition, node.selection_set
            else:
                continue
            within = self.schema.type_map[condition.name.value] if condition else parent
            if isinstance(within, GraphQLObjectType | GraphQLUnionType):
                total += self.of(inner, within, length)
        return total

    def _field(self, node: FieldNode, parent: GraphQLObjectType | GraphQLUnionType, length: int) -> int:
        name = node.name.value
        if name.startswith("__") or not isinstance(parent, GraphQLObjectType):
            return 1 if name == "__typename" else _INTROSPECTION
        field = parent.fields[name]
        within = get_named_type(field.type)
        many = isinstance(get_nullable_type(field.type), GraphQLList)
        if is_leaf_type(within):
            return _SCALARS if many else 1
        if node.selection_set is None or not isinstance(within, GraphQLObjectType | GraphQLUnionType):
            return 1
        first, own = self._first(node, field), 1 + _COMPUTED.get(name, 0)
        if many:
            return own + (length if first is None else first) * self.of(node.selection_set, within, _OBJECTS)
        return own + self.of(node.selection_set, within, _OBJECTS if first is None else first)

    def _first(self, node: FieldNode, field: GraphQLField) -> int | None:
        """The argument ``first``, or None for a field that has none. What is no page size is refused by the field."""
        if "first" not in field.args:
            return None
        value: Any = field.args["first"].default_value
        for argument in node.arguments or ():
            if argument.name.value == "first":
                value = argument.value
        if isinstance(value, IntValueNode):
            value = int(value.value)
        elif isinstance(value, VariableNode):
            value = self.variables.get(value.name.value, LARGEST)
        return min(max(value, 0), LARGEST) if isinstance(value, int) else LARGEST
