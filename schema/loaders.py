"""Loaders: what the fields of one request need of a kind is read in one query."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from strawberry.dataloader import DataLoader

from huren.graph.model.organisation import Organisation
from huren.graph.model.region import Region
from huren.graph.model.release import Release
from huren.graph.model.supply import Product, Recipe
from huren.resolvers import certificate_sight, organisations, products, regions
from huren.resolvers.context import Context

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Loaders:
    """One loader for each kind, keyed as the graph is; None for what is not there or not to be seen."""

    product: DataLoader[str, Product | None]
    recipe: DataLoader[str, Recipe | None]
    suppliers: DataLoader[str, tuple[str, ...] | None]
    release: DataLoader[str, Release | None]
    organisation: DataLoader[str, Organisation | None]
    region: DataLoader[str, Region | None]
    hidden: DataLoader[str, frozenset[str] | None]

    @classmethod
    def of(cls, context: Context) -> Loaders:
        """Loaders for the viewer of ``context``; make new ones for each request."""
        return cls(
            _loader(context, products.visible),
            _loader(context, products.recipes),
            _loader(context, products.suppliers),
            _loader(context, products.released),
            _loader(context, organisations.by_name),
            _loader(context, regions.by_code),
            _loader(context, certificate_sight.hidden),
        )


def _loader(
    context: Context, read: Callable[[Context, Sequence[str]], Awaitable[dict[str, V]]]
) -> DataLoader[str, V | None]:
    async def load(keys: list[str]) -> Sequence[V | None]:
        found = await read(context, keys)
        return [found.get(key) for key in keys]

    return DataLoader(load_fn=load)
