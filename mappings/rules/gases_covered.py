"""R14b: the number counts every gas that the destination counts; a missing one is added by its kg."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from huren.graph import gwp
from huren.graph.model.quantity import GasAmount
from huren.graph.model.supply import GwpSet
from huren.graph.model.text import Text
from huren.mappings.dossier import Dossier
from huren.mappings.gases import covers, named
from huren.mappings.judgement import (
    Judgement,
    blocked,
    conditional,
    convertible,
    equal,
    tempered,
    unknown,
)
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Quantity, said
from huren.mappings.restatement import weighed
from huren.mappings.rule import Clause, Kind, Rule

THRESHOLD = Decimal("0.01")
"""Default of the destination's ``missing_gas_threshold`` (domain 3a): 1 % of the CO2e total."""


def _outside(quantity: Quantity, covered: frozenset[str]) -> Quantity:
    """``quantity`` with those gases alone that its value leaves out.

    A row that has no factor, or is not counted, such as CO2 of biogenic origin, is nothing to add.
    """
    gases = (row for row in quantity.gases if gwp.canonical(row.gas) and gwp.counted(row.gas, row.origin))
    return replace(
        quantity,
        gases=tuple(row for row in gases if not covers(covered, row.gas)),
        gas_shares=tuple(row for row in quantity.gas_shares if not covers(covered, row.gas)),
    )


def _rows(outside: Quantity, gas: str) -> tuple[GasAmount, ...]:
    """What is stated in kg of ``gas``, or of the members of that family."""
    return tuple(row for row in outside.gases if covers((gas,), row.gas))


def _share(outside: Quantity, gas: str) -> Decimal | None:
    """The stated share of ``gas``, or of the members of that family; None: not stated."""
    found = [row.share for row in outside.gas_shares if covers((gas,), row.gas)]
    return sum(found, Decimal(0)) if found else None


def _under(dossier: Dossier, quantity: Quantity) -> GwpSet | None:
    """The set of the value after R14: its own where the destination takes it, else the first taken."""
    wanted = dossier.want("gwp_sets", dossier.profile.gwp_sets).value or ()
    own = [one for one in wanted if quantity.gwp_sets == frozenset({one})]
    return next(iter((*own, *wanted)), None)


def _added(quantity: Quantity, rows: tuple[GasAmount, ...], under: GwpSet, names: str) -> Judgement:
    """``rows`` put into the value under one set."""
    kg, low, high = weighed(rows, under)
    if low == high == 0:
        return equal(f"未计入的 {names} 排放为零", f"{names} is not counted, and none is emitted")
    value = quantity.value + kg
    formula = f"{said(quantity.value)} + {said(kg)} ({names}) = {said(value)}"
    more = quantity.step(formula, value, (quantity.low + low, quantity.high + high))
    return convertible(
        more, f"按 {under} 补加 {names}:{said(kg)} kg", f"{names} added under {under}: {said(kg)} kg CO2e"
    )


def _by_share(dossier: Dossier, outside: Quantity, gases: list[str]) -> Judgement:
    """The gases that no kg are stated for, against the threshold."""
    limit = dossier.want("missing_gas_threshold", dossier.profile.missing_gas_threshold, THRESHOLD)
    if limit.value is None:
        return unknown(limit.name)
    shares = [_share(outside, gas) for gas in gases]
    known = [share for share in shares if share is not None]
    total, names = sum(known, Decimal(0)), ", ".join(gases)
    left_out = Text(
        f"未计入的 {names} 占 {said(total * 100)}%(上限 {said(limit.value * 100)}%)",
        f"{names} left out: {said(total * 100)} %, of {said(limit.value * 100)} % allowed",
    )
    if total > limit.value:
        return tempered(blocked(left_out.zh, left_out.en), limit)
    if len(known) == len(shares):
        return tempered(equal(left_out.zh, left_out.en), limit)
    says = f"提供未计入气体的数据:{names}", f"supply the missing gases: {names}"
    return conditional("supply_missing_gases", *says, "gases")


def _lacking(dossier: Dossier, quantity: Quantity, outside: Quantity, gases: list[str]) -> Judgement:
    """``gases`` are missing from the value: those in kg are added, the rest is weighed by its share."""
    rows = {gas: _rows(outside, gas) for gas in gases}
    given = [gas for gas in gases if rows[gas]]
    rest = [gas for gas in gases if not rows[gas]]
    under = _under(dossier, quantity)
    if given and under is None:
        return unknown("destination.gwp_set")
    added = None
    if given and under is not None:
        # A gas of a family that is asked for by name too is added once.
        once = tuple(row for row in outside.gases if any(row in rows[gas] for gas in given))
        added = _added(quantity, once, under, ", ".join(given))
    if not rest:
        return added or equal("无遗漏气体", "no gas is missing")
    left = _by_share(dossier, outside, rest)
    if added is None or added.quantity is None or left.outcome.severity > Outcome.CONDITIONAL.severity:
        return left
    if left.outcome is Outcome.EQUAL:
        return replace(added, warnings=(*left.warnings, left.because))
    return replace(left, quantity=added.quantity)


def _compare(dossier: Dossier, quantity: Quantity) -> Judgement:
    wanted = dossier.want("gases", dossier.profile.gases)
    covered = dossier.certificate.gases_covered
    if wanted.value is None:
        return unknown(wanted.name)
    if not wanted.value:
        return tempered(equal("目的地不限定气体", "the destination names no gases"), wanted)
    if covered is None:
        asked = conditional(
            "supply_missing_gases", "说明计入了哪些气体", "state which gases are counted", "gases_covered"
        )
        return tempered(asked, wanted)
    missing = sorted({named(gas) for gas in wanted.value if not covers(covered, gas)})
    if not missing:
        found = equal("目的地要求的气体均已计入", "every gas that the destination counts is counted")
        return tempered(found, wanted.agreed())
    return tempered(_lacking(dossier, quantity, _outside(quantity, covered), missing), wanted)


GASES_COVERED = Rule(
    id="R14b",
    code="gases_covered",
    kind=Kind.TECHNICAL,
    says=Text(
        "数值计入了目的地要求的全部温室气体", "the number counts every gas that the destination counts"
    ),
    clause=Clause("ISO 14067:2018", "6.5.2"),
    compare=_compare,
    outcomes=frozenset(Outcome),
    reads=(
        "certificate.gases_covered",
        "certificate.gases",
        "certificate.gas_shares",
        "certificate.gwp_sets",
        "profile.gases",
        "profile.gwp_sets",
        "profile.missing_gas_threshold",
    ),
    fix=Text("提供未计入气体的千克数", "supply the kilograms of the gases left out"),
    turn=6,
    needs_footprint=True,
)
