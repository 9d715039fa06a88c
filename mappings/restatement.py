"""A footprint under another GWP set: exact from kilograms of gas, bounded from shares.

Only what is inside the value is restated: see ``inside``.

Methane of unknown origin counts 25/28/27.9 (AR4/AR5/AR6) within the interval from non-fossil to fossil.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from huren.graph import gwp
from huren.graph.model.certificate import Certificate
from huren.graph.model.quantity import Biogenic, GasAmount, GasShare
from huren.graph.model.supply import GwpSet, Origin, Stage
from huren.mappings.boundary import boundary_of
from huren.mappings.gases import covers
from huren.mappings.quantity import Quantity, said

Interval = tuple[Decimal, Decimal, Decimal]
"""Central, low, high."""

ZERO: Interval = (Decimal(0), Decimal(0), Decimal(0))


@lru_cache(maxsize=256)
def factors(gas: str, origin: Origin, under: GwpSet) -> Interval | None:
    """kg CO2e per kg: central, low and high; 0 for what is not counted; None for an unknown gas.

    >>> [str(f) for f in factors("CH4", Origin.UNSPECIFIED, GwpSet.AR6)]
    ['27.9', '27.0', '29.8']
    """
    if not gwp.counted(gas, origin):
        return ZERO
    found = [gwp.factor(gas, o, under) for o in _origins(gas, origin)]
    known = [Decimal(str(f)) for f in found if f is not None]
    return (known[0], min(known), max(known)) if known else None


def _origins(gas: str, origin: Origin) -> tuple[Origin, ...]:
    if origin is Origin.UNSPECIFIED and gwp.canonical(gas) == "CH4":
        return (origin, Origin.FOSSIL, Origin.BIOGENIC)
    return (origin,)


def unknown_gases(names: Iterable[str]) -> tuple[str, ...]:
    """The names that have no factor, or are already characterised and so cannot be restated."""
    return tuple(n for n in names if gwp.canonical(n) in (None, gwp.CO2E))


def _moved(kg: Decimal, gas: str, origin: Origin, old: GwpSet, new: GwpSet) -> Interval:
    """What ``kg`` of a gas adds to the value when ``old`` is replaced by ``new``."""
    before, after = factors(gas, origin, old), factors(gas, origin, new)
    if before is None or after is None:
        return ZERO
    ends = sorted(kg * (f - before[0]) for f in after[1:])
    return kg * (after[0] - before[0]), ends[0], ends[1]


def inside(quantity: Quantity, certificate: Certificate) -> Quantity:
    """``quantity`` with those gases alone that its value holds.

    A gas that ``gases_covered`` leaves out is stated beside the value, and so are emissions from a change
    of land use where the value does not count them.
    """
    covered, biogenic = certificate.gases_covered, certificate.biogenic
    apart = biogenic is not None and biogenic.land_use_change_counted is False

    def held(row: GasAmount | GasShare) -> bool:
        named = covered is None or gwp.canonical(row.gas) == gwp.CO2E or covers(covered, row.gas)
        return named and not (apart and row.origin is Origin.LAND_USE_CHANGE)

    return replace(
        quantity,
        gases=tuple(filter(held, quantity.gases)),
        gas_shares=tuple(filter(held, quantity.gas_shares)),
    )


def lost_stages(quantity: Quantity, certificate: Certificate) -> frozenset[Stage]:
    """The stages of the stated boundary that an earlier step left out."""
    have = boundary_of(certificate) or frozenset()
    return frozenset() if quantity.stages is None else have - quantity.stages


_AFTER_THE_GATE = frozenset({Stage.USE, Stage.END_OF_LIFE})


def net_biogenic(certificate: Certificate) -> Decimal | None:
    """Release less uptake within the stated boundary, kg CO2e; None: not stated.

    What is not stated is not zero, with one exception: what a product has taken up leaves it in use or at
    the end of its life, so a value that ends before holds the uptake alone (the -1/+1 balance of EN 15804).
    """
    stated = certificate.biogenic
    if stated is None or stated.release_kg is not None or stated.uptake_kg is None:
        return None if stated is None else stated.net_kg
    boundary = boundary_of(certificate)
    if boundary is None or boundary & _AFTER_THE_GATE:
        return None
    return -abs(stated.uptake_kg)


def beside(quantity: Quantity, certificate: Certificate) -> Decimal | None:
    """kg CO2e that the stated value counts and no inventory of gases holds: biogenic CO2 and storage.

    None: they are inside, but how much of them is left in ``quantity`` is not known.
    """
    stated = certificate.biogenic or Biogenic()
    parts = [
        kg
        for counted, kg in (
            (stated.biogenic_counted, net_biogenic(certificate)),
            (stated.stored_counted, stated.storage_kg),
        )
        if counted
    ]
    known = [kg for kg in parts if kg is not None]
    cut = any(known) and lost_stages(quantity, certificate)
    return None if cut or len(known) < len(parts) else sum(known, Decimal(0))


def by_gases(quantity: Quantity, old: GwpSet, new: GwpSet) -> Interval:
    """The change of the value, from kilograms of each gas."""
    return _sum(_moved(g.kg, g.gas, g.origin, old, new) for g in quantity.gases)


def by_shares(quantity: Quantity, old: GwpSet, new: GwpSet) -> Interval:
    """The change of the value, from shares of the value; the rest is read as CO2."""
    body = quantity.value - quantity.fixed
    moved = []
    for share in quantity.gas_shares:
        before = factors(share.gas, share.origin, old)
        kg = body * share.share / before[0] if before and before[0] else Decimal(0)
        moved.append(_moved(kg, share.gas, share.origin, old, new))
    return _sum(moved)


def from_inventory(quantity: Quantity, new: GwpSet) -> Interval:
    """The whole value from kilograms of each gas, where the stated value mixes sets."""
    return weighed(quantity.gases, new)


def weighed(gases: Iterable[GasAmount], under: GwpSet) -> Interval:
    """kg CO2e of ``gases`` under a set."""
    parts = [(g.kg, factors(g.gas, g.origin, under) or ZERO) for g in gases]
    return _sum((kg * c, min(kg * lo, kg * hi), max(kg * lo, kg * hi)) for kg, (c, lo, hi) in parts)


def _sum(intervals: Iterable[Interval]) -> Interval:
    central = low = high = Decimal(0)
    for c, lo, hi in intervals:
        central, low, high = central + c, low + lo, high + hi
    return central, low, high


def moved_by(quantity: Quantity, change: Interval, new: GwpSet) -> Quantity:
    """``quantity`` after a change of its value, now under ``new``."""
    central, low, high = change
    value = quantity.value + central
    formula = f"{said(quantity.value)} {'+' if central >= 0 else '−'} {said(abs(central))} = {said(value)}"
    return quantity.step(
        formula, value, (quantity.low + low, quantity.high + high), gwp_sets=frozenset({new})
    )
