"""From the text of a document to something that may be executed: parsed, bounded, validated; remembered."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
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

KEPT = 200_000
"""Characters of documents that are remembered: some 50 MB of parsed ones at worst."""

_ABORTED = {"tokens": "tokens", "comments": "comments", "nesting": "nested too deeply"}
"""What the parser says of a bound: its text alone tells that from bad syntax."""


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
    fragments: dict[str, FragmentDefinitionNode]

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

    def __init__(self, schema: GraphQLSchema, limits: Limits = LIMITS, *, introspection: bool = True) -> None:
        self._schema, self._limits, self._introspection = schema, limits, introspection
        self._kept: OrderedDict[str, Prepared] = OrderedDict()
        self._characters = 0

    def known(self, text: str) -> Prepared | None:
        """The document of ``text`` if it is remembered."""
        found = self._kept.get(text)
        if found is not None:
            self._kept.move_to_end(text)
        return found

    def keep(self, text: str, prepared: Prepared) -> Prepared:
        """Remember ``prepared``, and forget what was not asked for longest."""
        if text not in self._kept:
            self._kept[text] = prepared
            self._characters += len(text)
            while self._characters > KEPT:
                self._characters -= len(self._kept.popitem(last=False)[0])
        return prepared

    def prepare(self, text: str) -> Prepared:
        """The document of ``text``, remembered or new. Raises: as :meth:`make`."""
        return self.known(text) or self.keep(text, self.make(text))

    def make(self, text: str) -> Prepared:
        """A new document, not remembered; may be called in another thread.

        Cost: 40 ms at worst within the limits. Raises: Refused (syntax, validation); LimitExceeded.
        """
        try:
            return self._make(text)
        except RecursionError:
            raise too_much("nesting", self._limits.nesting) from None

    def _make(self, text: str) -> Prepared:
        document = self._parse(text)
        check(document, self._limits)
        errors = validate(
            self._schema,
            document,
            max_errors=self._limits.errors,
            hide_suggestions=not self._introspection,
            allow_empty_selection_sets=False,
        )
        if errors:
            raise Refused("GRAPHQL_VALIDATION_FAILED", errors)
        operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        fragments = [d for d in document.definitions if isinstance(d, FragmentDefinitionNode)]
        named = {d.name.value if d.name else "": d for d in operations}
        return Prepared(document, named, {d.name.value: d for d in fragments})

    def _parse(self, text: str) -> DocumentNode:
        if len(text) > self._limits.characters:
            raise too_much("characters", self._limits.characters)
        if text.count("\n") + text.count("\r") > self._limits.lines:
            raise too_much("lines", self._limits.lines)
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
        for bound, said in _ABORTED.items():
            if error.message.endswith(f"{said}. Parsing aborted."):
                return too_much(bound, getattr(self._limits, bound))
        return Refused("GRAPHQL_PARSE_FAILED", [error])


def _refused(message: str) -> Refused:
    return Refused("BAD_USER_INPUT", [GraphQLError(message)])
