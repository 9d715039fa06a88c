"""The picture of a chain in GraphQL: what a Sankey diagram is drawn from. Values are kg CO2e."""

from __future__ import annotations

from typing import Annotated

import strawberry

from huren.graph.model import rollup as model
from huren.schema.coverage import Products
from huren.schema.paging import MOST_NODES
from huren.schema.product import Product
from huren.schema.scalars import DecimalText, exact, maybe

NODES = 50

Nodes = Annotated[
    int,
    strawberry.argument(
        description=f"Products shown: the root, and those through which most passes; 1 to {MOST_NODES}."
    ),
]


@strawberry.type(description="A product of the picture, or all those that it does not show, as one.")
class DiagramNode:
    """What flows in and what is emitted here flows out; at the root it is the total."""

    key: str | None = strawberry.field(
        description="owner/code of the product; null for the node of those not shown, the last."
    )
    product: Product | None = strawberry.field(
        description="The product; null where the caller knows the key alone, and for those not shown."
    )
    count: int = strawberry.field(description="How many products it stands for.")
    own: DecimalText = strawberry.field(description="kg CO2e emitted here.")
    value: DecimalText = strawberry.field(description="kg CO2e that flow in, and are emitted here.")
    share: DecimalText | None = strawberry.field(
        description="`value` as a part of the total; null where the total is 0."
    )

    @classmethod
    def of(cls, node: model.DiagramNode, products: Products) -> DiagramNode:
        """The door from the domain."""
        return cls(
            key=node.product,
            product=Product.maybe(products.get(node.product)) if node.product else None,
            count=node.count,
            own=exact(node.own),
            value=exact(node.value),
            share=maybe(node.share),
        )


@strawberry.type(description="What passes from a supplier to a consumer, with all that is behind it.")
class DiagramLink:
    """Net of what only goes round in loops, so that no cycle is left to draw."""

    source: int = strawberry.field(description="The supplier: its place in `nodes`, from 0.")
    target: int = strawberry.field(description="The consumer: its place in `nodes`.")
    value: DecimalText = strawberry.field(description="kg CO2e; negative for a credit.")


@strawberry.type(description="A chain as nodes and links, as a Sankey diagram is drawn from them.")
class Diagram:
    """At each node inflow and `own` are the outflow, at the root the total."""

    nodes: list[DiagramNode] = strawberry.field(description="The root first.")
    links: list[DiagramLink] = strawberry.field(description="By size.")

    @classmethod
    def of(cls, value: model.Diagram, products: Products) -> Diagram:
        """The door from the domain."""
        return cls(
            nodes=[DiagramNode.of(node, products) for node in value.nodes],
            links=[
                DiagramLink(source=link.source, target=link.target, value=exact(link.value))
                for link in value.links
            ],
        )
