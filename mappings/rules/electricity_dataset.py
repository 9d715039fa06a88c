"""R19: the electricity factor is of the family, dataset and year that the destination takes."""

from __future__ import annotations

from huren.graph.model.quantity import ElectricityUse, Factor
from huren.graph.model.terms import ElectricityMethod, FactorFamily
from huren.graph.model.text import Text
from huren.mappings.dossier import Dossier
from huren.mappings.exchange import can_exchange, exchange, fits, replacement
from huren.mappings.judgement import (
    Judgement,
    absent,
    blocked,
    conditional,
    convertible,
    equal,
    not_applicable,
    tempered,
    unknown,
)
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Quantity, said
from huren.mappings.rule import Clause, Kind, Rule
from huren.mappings.wanted import Wanted

_GRID = frozenset({ElectricityMethod.LOCATION, ElectricityMethod.RESIDUAL})


def _same(factor: Factor, wanted: Factor) -> bool:
    """One dataset: the same value, or the same name and year."""
    if factor.value is not None and wanted.value is not None:
        return factor.value == wanted.value
    return factor.name is not None and (factor.name, factor.year) == (wanted.name, wanted.year)


def _strange(
    dossier: Dossier, use: ElectricityUse, family: FactorFamily, accepted: tuple[Factor, ...]
) -> bool:
    """A factor of the other family; or, for grid power, none of the datasets accepted for that grid.

    For the grid of another country the destination's own average is no dataset to hold it against.
    """
    factor = use.factor
    if factor is None:
        return False
    if factor.family is not family:
        return True
    mine = [one for one in accepted if fits(one, use, dossier)] if use.method in _GRID else []
    return bool(mine) and not any(_same(factor, one) for one in mine)


def _other_family(quantity: Quantity, strange: list[int], family: FactorFamily) -> bool:
    uses = quantity.electricity or ()
    return any((f := uses[n].factor) is not None and f.family is not family for n in strange)


def _restated(
    dossier: Dossier,
    quantity: Quantity,
    strange: list[int],
    family: FactorFamily,
    factors: Wanted[tuple[Factor, ...]],
) -> Judgement:
    uses = quantity.electricity or ()
    known = all(can_exchange(uses[n]) for n in strange)
    if _other_family(quantity, strange, family) and not (known and quantity.electricity_complete):
        return blocked(
            "使用了 CO2 排放因子,且并非全部用电量已知",
            "a factor of the other family, and not all electricity is known in kWh",
        )
    if not known:
        return conditional("supply_kwh", "提供电量", "supply kWh", "electricity.kwh")
    wanted = replacement(factors.value, (uses[n] for n in strange), dossier)
    if wanted is None or wanted.value is None:
        return unknown(factors.name)
    changed = exchange(quantity, strange, wanted)
    said_so = said(wanted.value)
    return convertible(
        changed, f"按目的地因子 {said_so} 重算", f"restated with the destination's factor {said_so}"
    )


def _compare(dossier: Dossier, quantity: Quantity) -> Judgement:
    uses = quantity.electricity
    family = dossier.want("factor_family", dossier.profile.factor_family)
    factors = dossier.want("electricity_factors", dossier.profile.electricity_factors, ())
    if uses is None or family.value is None:
        return unknown(*absent(electricity=uses, destination__factor_family=family.value))
    own = [(n, use) for n, use in enumerate(uses) if n not in quantity.replaced]
    if not own:
        return _put_in(dossier, quantity, family, factors)
    if any(use.factor is None or use.factor.family is None for _, use in own):
        return unknown("electricity.factor.family")
    strange = [n for n, use in own if _strange(dossier, use, family.value, factors.value or ())]
    if not strange and factors.value is None and any(use.method in _GRID for _, use in own):
        return unknown(factors.name)
    if not strange:
        return tempered(
            equal("电力因子类别和数据集一致", "the factors are of the family and dataset taken"), family
        )
    found = _restated(dossier, quantity, strange, family.value, factors)
    same = not _other_family(quantity, strange, family.value)
    return tempered(found, family.agreed() if same else family, factors)


def _put_in(
    dossier: Dossier,
    quantity: Quantity,
    family: Wanted[FactorFamily],
    factors: Wanted[tuple[Factor, ...]],
) -> Judgement:
    """Where R18 restated all electricity, only the factor it put in is checked."""
    if not quantity.replaced:
        return not_applicable("不使用电力", "no electricity is used")
    uses = quantity.electricity or ()
    put_in = replacement(factors.value, (uses[n] for n in quantity.replaced), dossier)
    if put_in is None or put_in.family is not family.value:
        return blocked("代入的因子类别不符", "the factor put in is of the other family")
    return tempered(equal("代入的因子符合要求", "the factor put in is the one asked for"), family)


ELECTRICITY_DATASET = Rule(
    id="R19",
    code="electricity_dataset",
    kind=Kind.TECHNICAL,
    says=Text(
        "电力因子的类别、数据集和年份一致", "the electricity factor is of the same family, dataset and year"
    ),
    clause=Clause("GB/T 24067-2024", ""),
    compare=_compare,
    outcomes=frozenset(Outcome),
    reads=(
        "certificate.electricity",
        "certificate.electricity_complete",
        "profile.factor_family",
        "profile.electricity_factors",
    ),
    fix=Text("提供全部用电量和所用因子", "supply all kWh and the factors used"),
    turn=5,
    needs_footprint=True,
)
