"""Stating reference records: one mutation a kind, its input made from the domain's own record."""

from typing import Annotated, Any

import strawberry

from huren.graph.writing import Answer
from huren.mappings.records import KINDS
from huren.mappings.statement import camel
from huren.resolvers import stating
from huren.schema.context import Info
from huren.schema.mirror import mirrored, stated
from huren.schema.reference_records import TYPES
from huren.schema.scalars import InstantText
from huren.schema.statements import KEY

STATED = {
    "agreement": "Put an agreement of recognition on record.",
    "body": "Put a certification or verification body on record, with its approvals and what became of it.",
    "category": "Put a product category on record.",
    "code_map": "Put on record what a class of one classification is in another one.",
    "equivalence": "Put on record what experts found of two rule texts.",
    "instrument": "Put a legal text on record.",
    "membership": "Put on record that a region lies in another one.",
    "rule": "Put an edition of a certification rule on record.",
    "scale_map": "Put a published map between two scales of data quality on record.",
    "scheme": "Put a certification scheme on record.",
    "sanction": "Put a penalty on record, and its effect on each certificate that it names.",
}
"""What each kind's mutation does. Under an id that is on record it is a later statement."""


def mutation_of(kind: str) -> str:
    """The mutation that states a kind of record, as GraphQL spells it."""
    return "recordSanction" if kind == "sanction" else camel(f"put_{kind}")


def _input(kind: str) -> Any:
    name = mutation_of(kind)
    body = {
        "__annotations__": {"idempotency_key": strawberry.ID, kind: mirrored(KINDS[kind], put=True)},
        "__doc__": STATED[kind],
        "idempotency_key": strawberry.field(description=KEY),
        kind: strawberry.field(description="All that it states: what is left out is not stated."),
    }
    says = f"{STATED[kind]} What was stated before stays, for earlier times of knowledge."
    return strawberry.input(type(f"{name[0].upper()}{name[1:]}Input", (), body), description=says)


def _payload(kind: str) -> Any:
    made = TYPES[kind]
    body = {
        "__annotations__": {
            kind: made,
            "revision": str,
            "recorded_at": InstantText,
            "repeated": bool,
        },
        "__doc__": "What a statement did.",
        kind: strawberry.field(description="The record as it stands now."),
        "revision": strawberry.field(description="Revision of the graph that the write made."),
        "recorded_at": strawberry.field(description="When it was recorded."),
        "repeated": strawberry.field(description="Whether it had been done before, under this key."),
    }
    noun = made.__strawberry_definition__.name.removeprefix("Certification")
    return strawberry.type(type(f"{noun}Payload", (), body), description="What a statement did.")


def _mutation(kind: str) -> Any:
    payload = _payload(kind)

    async def state(self: Any, info: Info, input: Any) -> Any:
        facts, key = stated(getattr(input, kind)), input.idempotency_key
        if kind == "sanction":
            answer: Answer = await stating.record_sanction(info.context, key, facts)
        else:
            answer = await stating.put(info.context, kind, key, facts)
        record = await stating.on_record(info.context, kind, answer.body["id"])
        made = {kind: TYPES[kind].of(record), "revision": str(answer.revision)}
        return payload(**made, recorded_at=InstantText(answer.recorded_at), repeated=answer.repeated)

    given: Any = Annotated[
        _input(kind),
        strawberry.argument(description="What is stated."),
    ]
    state.__annotations__ = {"info": Info, "input": given, "return": payload | None}
    return strawberry.mutation(state, description=STATED[kind])


_FIELDS = {("record_sanction" if kind == "sanction" else f"put_{kind}"): _mutation(kind) for kind in STATED}

ReferenceMutation: Any = strawberry.type(
    type("ReferenceMutation", (), {"__doc__": "A mutation for each kind of reference record.", **_FIELDS})
)
