"""R21: no offset or other credit is inside the number; a stated one is added back."""

from __future__ import annotations

from huren.graph.model.text import Text
from huren.mappings.dossier import Dossier
from huren.mappings.judgement import Judgement, absent, blocked, convertible, equal, tempered, unknown
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Quantity, said
from huren.mappings.rule import Clause, Kind, Rule


def _compare(dossier: Dossier, quantity: Quantity) -> Judgement:
    offsets = dossier.certificate.offsets
    allowed = dossier.want("offsets_allowed", dossier.profile.offsets_allowed, False)
    if offsets is not None and offsets.kg == 0:
        return equal("数值中不含抵消", "no offset is inside the number")
    if offsets is None or allowed.value is None:
        return unknown(*absent(offsets=offsets, destination__offsets_allowed=allowed.value))
    if allowed.value:
        return tempered(equal("目的地允许计入抵消", "the destination allows offsets"), allowed)
    if offsets.kg is None:
        return blocked("数值中含抵消,但数量未说明", "offsets of an unstated amount are inside the number")
    # A credit is written as 5 or as -5: either way it made the number smaller.
    credit = abs(offsets.kg)
    gross = quantity.moved(credit, f"+ {said(credit)}")
    kg = said(credit)
    return tempered(convertible(gross, f"加回抵消量 {kg} kg", f"offsets of {kg} kg added back"), allowed)


OFFSETS = Rule(
    id="R21",
    code="offsets",
    kind=Kind.TECHNICAL,
    says=Text("数值中不含碳抵消", "no offset is inside the number"),
    clause=Clause("GB/T 24067-2024; ISO 14067:2018", "1; 6.3.4.1"),
    compare=_compare,
    outcomes=frozenset(Outcome),
    reads=("certificate.offsets", "profile.offsets_allowed"),
    fix=Text("说明数值中包含的抵消量", "state the amount of offsets inside the number"),
    turn=2,
    needs_footprint=True,
)
