"""From the text of a document to something that may be executed: parsed, bounded, validated; remembered."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    parse,
    validate,
)

from huren.errors import HurenError
from huren.schema.limits import LIMITS, Limits, check, too_much

KEPT = 500


class Refused(Exception):
    """A request error of GraphQL: nothing was executed. ``errors`` say why, ``code`` is theirs."""

    def __init__(self, code: str, errors: list[GraphQLError]) -> None:
        super().__init__(code)
        self.code, self.errors = code, errors


@dataclass(frozen=True, slots=True)
class Prepared:
    """A valid document and its operations by name ("" where it has none)."""

    document: DocumentNode
    operations: dict[str, OperationDefinitionNode]

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to execute. Raises: Refused unless ``name`` (or its absence) says which one."""
        if name is None and len(self.operations) > 1:
            named = ", ".join(sorted(self.operations))
            raise _refused(f"the document has several operations ({named}): say `operationName`")
        found = next(iter(self.operations.values())) if name is None else self.operations.get(name)
        if found is None:
            raise _refused(
                f"no operation `{name}` in the document" if name else "no operation in the document"
            )
        return found

    def mutates(self, name: str | None) -> bool:
        """Whether the operation that ``name`` chooses writes."""
        return self.operation(name).operation is OperationType.MUTATION


class Documents:
    """Prepares documents for one schema, and remembers the last valid ones by their text."""

    def __init__(self, schema: GraphQLSchema, limits: Limits = LIMITS) -> None:
        self._schema, self._limits = schema, limits
        self._kept: OrderedDict[str, Prepared] = OrderedDict()

    def prepare(self, text: str) -> Prepared:
        """Raises: Refused for a syntax or validation error; LimitExceeded."""
        if text in self._kept:
            self._kept.move_to_end(text)
            return self._kept[text]
        try:
            prepared = self._prepare(text)
        except RecursionError:
            raise too_much("nesting", self._limits.nesting) from None
        self._kept[text] = prepared
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return prepared

    def _prepare(self, text: str) -> Prepared:
        document = self._parse(text)
        check(document, self._limits)
        errors = validate(
            self._schema, document, max_errors=self._limits.errors, allow_empty_selection_sets=False
        )
        if errors:
            raise Refused("GRAPHQL_VALIDATION_FAILED", errors)
        operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        return Prepared(document, {d.name.value if d.name else "": d for d in operations})

    def _parse(self, text: str) -> DocumentNode:
        if len(text) > self._limits.characters:
            raise too_much("characters", self._limits.characters)
        try:
            return parse(
                text,
                max_lexical_tokens=self._limits.tokens,
                max_comments=self._limits.comments,
                allow_empty_selection_sets=False,
            )
        except GraphQLSyntaxError as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: GraphQLSyntaxError) -> HurenError | Refused:
        if "exceed" in error.message.lower() or "limit" in error.message.lower():
            return too_much("tokens", self._limits.tokens)
        return Refused("GRAPHQL_PARSE_FAILED", [error])


def _refused(message: str) -> Refused:
    return Refused("BAD_USER_INPUT", [GraphQLError(message)])
