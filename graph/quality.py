"""Data quality of a solved roll-up: kinds of data, ratings, age and traceability by contribution. Pure.

Source: ISO 14067 6.3.5; PACT Methodology 3 on the primary data share; the ratings are 1 (best) to 5.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from functools import partial

import numpy as np

from huren.errors import BadInput
from huren.graph.factors import FloatArray
from huren.graph.model.quality import DataShares, Quality, Rated, Stale, TraceLevel, WeakLink
from huren.graph.model.rollup import share
from huren.graph.model.supply import GATE, Product
from huren.graph.root import Solved
from huren.graph.uncertainty.parameters import KINDS, Parameters

WORST = 5.0
"""The worst rating there is, which an unrated product is taken to deserve when links are ranked."""
_YEAR = 365.25


def quality(solved: Solved, today: date) -> Quality:
    """What the data behind a roll-up are worth on ``today``. Cost: the rows and products upstream."""
    products = [_product(solved, i) for i in solved.root.chain.tolist()]
    sizes = np.abs(solved.emitted)
    rate = partial(_rated, solved, sizes)
    return Quality(
        kinds=_kinds(solved),
        technological=rate([product.dqr_tech for product in products]),
        geographical=rate([product.dqr_geo for product in products]),
        temporal=rate([product.dqr_time for product in products]),
        age=rate([_years(product, today) for product in products]),
        traceability=_traceability(products, sizes),
        weak=partial(_weak, solved, today),
        stale=partial(_stale, solved),
    )


def _product(solved: Solved, position: int) -> Product:
    return solved.system.supply.products[solved.system.keys[position]]


def _kinds(solved: Solved) -> DataShares:
    """Every emission row that counts, by its size for the amount asked."""
    rows = Parameters.of(solved.system, [solved.root], solved.gwp)
    units = np.zeros(len(solved.system.keys))
    units[solved.root.chain] = solved.units
    called = np.where(rows.late, solved.amount, units[rows.products[rows.consumer]])
    emitted = ~rows.inputs
    sizes = np.abs(called * rows.value)[emitted]
    sums = np.bincount(rows.kind[emitted], sizes, minlength=len(KINDS)).tolist()
    return DataShares(*(share(size, float(sizes.sum())) for size in sums))


def _rated(solved: Solved, sizes: FloatArray, ratings: list[float | None]) -> Rated:
    values = np.array([np.nan if rating is None else rating for rating in ratings], dtype=np.float64)
    known = ~np.isnan(values) & (sizes > 0)
    weight = float(sizes[known].sum())
    if not known.any():
        return Rated(None, share(weight, float(sizes.sum())), None, None)
    worst = int(np.flatnonzero(known)[np.argmax(values[known])])
    return Rated(
        weighted=float((sizes[known] * values[known]).sum() / weight),
        stated=share(weight, float(sizes.sum())),
        worst=float(values[worst]),
        product=solved.system.keys[int(solved.root.chain[worst])],
    )


def _years(product: Product, today: date) -> float | None:
    """Age of the data: since the last day of their period, 0 where that is to come."""
    return None if product.period_end is None else max((today - product.period_end).days, 0) / _YEAR


def _traceability(products: list[Product], sizes: FloatArray) -> tuple[TraceLevel, ...]:
    counts: dict[str | None, int] = defaultdict(int)
    weights: dict[str | None, float] = defaultdict(float)
    for product, size in zip(products, sizes.tolist(), strict=True):
        counts[product.traceability] += 1
        weights[product.traceability] += size
    order = sorted(counts, key=lambda level: (-weights[level], level is None, level or ""))
    whole = float(sizes.sum())
    return tuple(TraceLevel(level, counts[level], share(weights[level], whole)) for level in order)


def _weak(solved: Solved, today: date, count: int) -> tuple[WeakLink, ...]:
    """By |contribution| × worst rating, where an unrated product counts as rated worst; then by key."""
    if count < 1:
        raise BadInput(
            "the number of links must be at least 1",
            "环节数量至少为 1",
            fix="Ask for one or more.",
            fix_zh="请查询一个或多个。",
        )
    links = [
        _link(solved, position, value, today)
        for position, value in zip(solved.root.chain.tolist(), solved.emitted.tolist(), strict=True)
        if value
    ]
    return tuple(
        sorted(links, key=lambda link: (-abs(link.value) * (link.rating or WORST), link.product))[:count]
    )


def _link(solved: Solved, position: int, value: float, today: date) -> WeakLink:
    product = _product(solved, position)
    ratings = [one for one in (product.dqr_tech, product.dqr_geo, product.dqr_time) if one is not None]
    rating = max(ratings, default=None)
    return WeakLink(
        solved.system.keys[position], value, share(value, solved.total), rating, _years(product, today)
    )


def _stale(solved: Solved, before: date | None) -> tuple[Stale, ...]:
    """Products whose data ended before that day or before a supplier's began, by |contribution| then key."""
    pairs = zip(solved.root.chain.tolist(), solved.emitted.tolist(), strict=True)
    found = [stale for position, value in pairs for stale in _out_of_date(solved, position, value, before)]
    return tuple(sorted(found, key=lambda one: (-abs(one.value), one.product)))


def _out_of_date(solved: Solved, position: int, value: float, before: date | None) -> Iterator[Stale]:
    """At most one: the supplier whose data began last, or the day asked."""
    product, key = _product(solved, position), solved.system.keys[position]
    if product.period_end is None:
        return
    part = share(value, solved.total)
    began, supplier = max(_begun(solved, position), default=(date.min, None))
    if began > product.period_end:
        yield Stale(key, product.period_end, supplier, began, value, part)
    elif before is not None and product.period_end < before:
        yield Stale(key, product.period_end, None, None, value, part)


def _begun(solved: Solved, position: int) -> Iterator[tuple[date, str]]:
    """First days of the data of what a product needs: up to the gate, and for the root all of it."""
    for row in solved.system.side(position).inputs:
        start = solved.system.supply.products[row.supplier].period_start
        counts = position == solved.root.position or row.stage is None or row.stage in GATE
        if counts and start is not None:
            yield start, row.supplier
