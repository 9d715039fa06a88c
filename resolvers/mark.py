"""The public page of a mark: one computation for a crowd that scans the same code."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from datetime import datetime, timedelta

from huren.auth.visibility import Viewer
from huren.graph import certificates, organisations, products
from huren.graph.model.certificate import Certificate
from huren.graph.model.organisation import Organisation
from huren.graph.model.supply import Product
from huren.graph.model.text import Text
from huren.graph.revision import Pin, pin
from huren.mappings.public_mark import Names, PublicMark, public_mark
from huren.resolvers.computing import HEAVY, compute
from huren.resolvers.context import Exchange
from huren.resolvers.knowledge import with_certificates
from huren.resolvers.sight import sight

LIFE = timedelta(seconds=60)
KEPT = 1_000
LONGEST = 200

_Kept = tuple[datetime, asyncio.Task[PublicMark | None]]


class Marks:
    """The pages by number and revision, each kept for LIFE. Belongs to one event loop; asks no token."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._kept: OrderedDict[tuple[str, int], _Kept] = OrderedDict()

    async def of(self, number: str) -> PublicMark | None:
        """The page on the certificate of this number, or of a mark of this number; None where there is none.

        Cost: one small query; at most seven more and some decisions the first time in a minute.
        Raises: Unavailable.
        """
        if not 0 < len(number) <= LONGEST:
            return None
        pinned = await pin(self._exchange.database, None, self._exchange.clock)
        key, now = (number, pinned.revision), self._exchange.clock()
        kept = self._kept.get(key)
        if kept is None or kept[0] <= now or _failed(kept[1]):
            kept = self._kept[key] = now + LIFE, asyncio.ensure_future(self._read(number, pinned, now))
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return await asyncio.shield(kept[1])

    async def _read(self, number: str, pinned: Pin, now: datetime) -> PublicMark | None:
        database = self._exchange.database
        found = (await certificates.get_many(database, pinned, [number])).get(number)
        certificate = found or await certificates.of_mark(database, pinned, number)
        if certificate is None:
            return None
        names = await self._names(certificate, pinned)
        known = with_certificates(await self._exchange.knowledge.at(pinned), [certificate])
        return await compute(HEAVY, public_mark, certificate, names, now, known)

    async def _names(self, certificate: Certificate, pinned: Pin) -> Names:
        database, key = self._exchange.database, certificate.product
        holder = (await organisations.get_many(database, [certificate.holder])).get(certificate.holder)
        product = (await products.get_many(database, pinned, [key])).get(key) if key else None
        if product and product.owner not in {self._exchange.administrator, *_ids(holder)}:
            product = await self._public(product, pinned)
        return Names(product.name if product else Text(), holder.name if holder else Text())

    async def _public(self, product: Product, pinned: Pin) -> Product | None:
        """``product`` as everyone may see it: who certifies what is another's does not publish its name."""
        seen = await sight(self._exchange.database, pinned, Viewer(""), None, self._exchange.clock())
        await seen.look_up([product])
        return seen.mask(product)


def _ids(holder: Organisation | None) -> tuple[str | None, ...]:
    return (holder.id, holder.uscc) if holder else ()


def _failed(task: asyncio.Task[PublicMark | None]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
