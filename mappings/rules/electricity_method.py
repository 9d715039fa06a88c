"""R18: electricity is attributed by a method that the destination takes, and a claim is proven."""

from __future__ import annotations

from dataclasses import replace

from huren.graph.model.quantity import ElectricityUse, Factor, Proof
from huren.graph.model.terms import ElectricityMethod
from huren.graph.model.text import Text
from huren.mappings.dossier import Dossier
from huren.mappings.exchange import can_exchange, exchange, replacement
from huren.mappings.judgement import (
    Judgement,
    absent,
    blocked,
    conditional,
    convertible,
    equal,
    tempered,
    unknown,
)
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Quantity
from huren.mappings.rule import Clause, Kind, Rule
from huren.mappings.wanted import Wanted

_CLAIMS = frozenset({ElectricityMethod.CONTRACT, ElectricityMethod.CERTIFICATE})
_NO_PROOF = Proof()


def _unproven(use: ElectricityUse) -> tuple[str, ...]:
    """The parts of a proof that a claim lacks."""
    proof = use.proof or _NO_PROOF
    if use.method not in _CLAIMS:
        return ()
    return tuple(
        f"electricity.proof.{name}"
        for name in ("single_use", "same_grid", "same_period")
        if getattr(proof, name) is None
    )


def _disproven(use: ElectricityUse) -> bool:
    """A claim whose power came from another grid or period: not acceptable as a claim."""
    proof = use.proof or _NO_PROOF
    return use.method in _CLAIMS and (proof.same_grid is False or proof.same_period is False)


def _restated(
    dossier: Dossier, quantity: Quantity, refused: list[int], factor: Wanted[tuple[Factor, ...]]
) -> Judgement:
    uses = quantity.electricity or ()
    if not all(can_exchange(uses[n]) for n in refused):
        return conditional(
            "supply_kwh", "提供电量和所用因子", "supply kWh and the factor claimed", "electricity.kwh"
        )
    put_in = replacement(factor.value, (uses[n] for n in refused), dossier)
    if put_in is None:
        return unknown(factor.name)
    named = f"{put_in.name or ''} {put_in.year or ''} {put_in.value}".strip()
    changed = exchange(quantity, refused, put_in)
    return convertible(
        changed, f"电力按目的地因子重算({named})", f"electricity restated with {named} kg CO2e/kWh"
    )


def _proof(unproven: tuple[str, ...]) -> Judgement:
    return conditional(
        "proof",
        "证明绿电唯一使用、同电网、同期",
        "proof of single use, same grid, same period",
        *unproven,
    )


def _and_proof(found: Judgement, unproven: tuple[str, ...]) -> Judgement:
    """``found`` on the uses exchanged; a claim that is kept still has to be proven."""
    if not unproven or found.outcome.severity > Outcome.CONDITIONAL.severity:
        return found
    asked = _proof(unproven)
    return replace(
        asked,
        conditions=(*found.conditions, *asked.conditions),
        missing=(*found.missing, *asked.missing),
        quantity=found.quantity,
    )


def _compare(dossier: Dossier, quantity: Quantity) -> Judgement:
    uses = quantity.electricity
    stated = uses is not None and all(use.method for use in uses)
    methods = dossier.want("electricity_methods", dossier.profile.electricity_methods)
    if uses is None or not stated or methods.value is None:
        names = absent(electricity_method=stated or None, destination__electricity_methods=methods.value)
        return unknown(*names)
    if any(use.proof and use.proof.single_use is False for use in uses):
        return blocked("绿电被重复主张", "double count: a green-power claim was used twice")
    refused = [n for n, use in enumerate(uses) if use.method not in methods.value or _disproven(use)]
    kept = (use for n, use in enumerate(uses) if n not in refused)
    unproven = tuple(dict.fromkeys(name for use in kept for name in _unproven(use)))
    if refused:
        factor = dossier.want("electricity_factors", dossier.profile.electricity_factors)
        found = _restated(dossier, quantity, refused, factor)
        return tempered(_and_proof(found, unproven), methods, factor)
    if unproven:
        return tempered(_proof(unproven), methods.agreed())
    return tempered(
        equal("电力归属方法可接受", "the method of attribution is one that the destination takes"), methods
    )


ELECTRICITY_METHOD = Rule(
    id="R18",
    code="electricity_method",
    kind=Kind.TECHNICAL,
    says=Text(
        "电力按目的地接受的方法归属并有证明", "electricity is attributed by an accepted, proven method"
    ),
    clause=Clause("ISO 14067:2018", "6.4.9.4"),
    compare=_compare,
    outcomes=frozenset(Outcome),
    reads=("certificate.electricity", "profile.electricity_methods", "profile.electricity_factors"),
    fix=Text("提供电量、因子和绿电证明", "supply kWh, factors and the proof of the claim"),
    turn=4,
    needs_footprint=True,
)
