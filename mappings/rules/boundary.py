"""R10: the number covers the same stages and parts; stages are cut by a breakdown or added by a scenario."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from huren.graph.model.quantity import Component, Scenario
from huren.graph.model.supply import Stage
from huren.graph.model.terms import RecordType
from huren.graph.model.text import Text
from huren.mappings.boundary import boundary_of, part_of
from huren.mappings.dossier import Dossier
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
from huren.mappings.quantity import Quantity, said
from huren.mappings.rule import Clause, Kind, Rule

STAGE_NAMES = {
    Stage.RAW_MATERIAL: Text("原材料", "raw material"),
    Stage.PRODUCTION: Text("生产", "production"),
    Stage.DISTRIBUTION: Text("分销", "distribution"),
    Stage.USE: Text("使用", "use"),
    Stage.END_OF_LIFE: Text("生命末期", "end of life"),
}


def _named(stages: frozenset[Stage]) -> Text:
    inside = [name for stage, name in STAGE_NAMES.items() if stage in stages]
    return Text("、".join(n.zh for n in inside), ", ".join(n.en for n in inside))


def _kept(dossier: Dossier, quantity: Quantity, wanted: frozenset[Stage]) -> Judgement:
    """``wanted`` out of a wider boundary: the sum of its stages where a breakdown gives them."""
    names = _named(wanted)
    value = part_of(dossier.certificate, wanted)
    if value is None:
        return conditional(
            "breakdown", f"提供分阶段数值({names.zh})", f"state the value of {names.en}", "breakdown"
        )
    lost = not all(gas.stage for gas in quantity.gases)
    cut = quantity.step(
        f"Σ({names.en}) = {said(value)}",
        value,
        stages=wanted,
        gases=() if lost else tuple(g for g in quantity.gases if g.stage in wanted),
        gas_shares=(),
        electricity=None
        if quantity.electricity is None
        else tuple(use for use in quantity.electricity if (use.stage or Stage.PRODUCTION) in wanted),
    )
    return convertible(cut, f"按阶段取{names.zh}之和", f"the sum of {names.en}")


def _scenario(dossier: Dossier, stage: Stage) -> Scenario | None:
    """The best scenario for a stage: from B's own rule or verified, before a merely disclosed one."""
    found = [s for s in dossier.certificate.scenarios if s.stage is stage]
    return max(found, key=lambda s: _trusted(s, dossier), default=None)


def _trusted(scenario: Scenario, dossier: Dossier) -> bool:
    target = dossier.target.scheme
    return scenario.verified or scenario.from_scheme in (target.id, dossier.known.root(target).id)


def _added(dossier: Dossier, quantity: Quantity, lacking: frozenset[Stage]) -> Judgement:
    """Stages beyond the stated boundary, added by a disclosed scenario."""
    names = _named(lacking)
    scenarios = [_scenario(dossier, stage) for stage in Stage if stage in lacking]
    if any(s is None for s in scenarios):
        if Stage.RAW_MATERIAL in lacking:
            return blocked("缺少上游排放,无法补算", "it lacks upstream emissions, which cannot be restored")
        return conditional(
            "scenario", f"提供{names.zh}阶段的情景", f"disclose a scenario for {names.en}", "scenarios"
        )
    kg = sum((s.kg for s in scenarios if s), Decimal(0))
    more = quantity.moved(
        kg,
        f"+ {said(kg)}",
        stages=(quantity.stages or frozenset()) | lacking,
        fixed=quantity.fixed + kg,
    )
    if all(s and _trusted(s, dossier) for s in scenarios):
        return convertible(more, f"按已披露情景补加{names.zh}", f"{names.en} added by a disclosed scenario")
    asked = conditional(
        "verify_scenario", f"{names.zh}的情景须经核查", f"the scenario for {names.en} to be verified"
    )
    return replace(asked, quantity=more)


def _stages(
    dossier: Dossier, quantity: Quantity, have: frozenset[Stage], wanted: frozenset[Stage]
) -> Judgement:
    if not wanted:
        return equal("目的地接受任何已说明的边界", "the destination takes any stated boundary")
    if have == wanted:
        names = _named(have)
        return equal(f"系统边界相同:{names.zh}", f"one boundary: {names.en}")
    lacking = wanted - have
    if not lacking:
        return _kept(dossier, quantity, wanted)
    if have - wanted:
        cut = _kept(dossier, quantity, wanted & have)
        if cut.quantity is None:
            return cut
        quantity = cut.quantity
    return _added(dossier, quantity, lacking)


def _part(quantity: Quantity, name: str, included: bool, stated: Component) -> Judgement:
    """A named part, such as the frame of a module, that must be inside or outside the value."""
    if stated.included == included:
        return equal(f"{name} 的处理一致", f"{name} is treated alike")
    if stated.kg is None:
        return conditional(
            f"component_{name}", f"提供 {name} 的排放量", f"state the emissions of {name}", "components"
        )
    kg = stated.kg if included else -stated.kg
    formula = f"{'+' if included else '−'} {said(stated.kg)} ({name})"
    changed = quantity.moved(kg, formula, fixed=quantity.fixed + kg)
    return convertible(changed, f"换算 {name}", f"{name} {'added' if included else 'taken out'}")


def _silent(dossier: Dossier) -> tuple[str, ...]:
    """The demanded parts on which the certificate says nothing."""
    demanded = dossier.want("components", dossier.profile.components, ()).value or ()
    stated = {c.name for c in dossier.certificate.components}
    return tuple(f"components.{d.name}" for d in demanded if d.name not in stated)


def _parts(dossier: Dossier, found: Judgement, quantity: Quantity) -> Judgement:
    """Carry every demanded part through, keeping the worst finding."""
    wanted = dossier.want("components", dossier.profile.components, ())
    if wanted.value is None:
        return unknown(wanted.name)
    silent = _silent(dossier)
    if silent and found.outcome is not Outcome.BLOCKED:
        return unknown(*silent)
    stated = {c.name: c for c in dossier.certificate.components}
    if all(stated[d.name].included == d.included for d in wanted.value if d.name in stated):
        wanted = wanted.agreed()
    for demand in (d for d in wanted.value or () if d.name in stated):
        now = found.quantity or quantity
        one = _part(now, demand.name, demand.included, stated[demand.name])
        if one.outcome.severity >= found.outcome.severity:
            found = replace(one, quantity=one.quantity or found.quantity)
        elif one.quantity is not None:
            found = replace(found, quantity=one.quantity)
    return tempered(found, wanted)


def _compare(dossier: Dossier, quantity: Quantity) -> Judgement:
    if not dossier.carries_footprint:
        return blocked("此类记录不含碳足迹", "no footprint: this kind of record never carries one")
    if dossier.record_type is RecordType.CBAM_DECLARATION:
        return blocked(
            "CBAM 数值缺少上游排放,无法补算", "a CBAM value lacks upstream emissions: not restorable"
        )
    wanted = dossier.want("stages", dossier.profile.stages)
    have = boundary_of(dossier.certificate)
    missing = absent(value=quantity.stated or None, boundary=have, destination__stages=wanted.value)
    if have is None or wanted.value is None or missing:
        return unknown(*missing, *_silent(dossier))
    found = tempered(_stages(dossier, quantity, have, wanted.value), wanted)
    return _parts(dossier, found, quantity)


BOUNDARY = Rule(
    id="R10",
    code="boundary",
    kind=Kind.TECHNICAL,
    says=Text("数值覆盖相同的生命周期阶段和部件", "the number covers the same stages and parts"),
    clause=Clause("ISO 14067:2018; EN 15804:2012+A2:2019", "6.3.4; 6.2"),
    compare=_compare,
    outcomes=frozenset(Outcome),
    reads=(
        "record_type",
        "certificate.value",
        "certificate.stages",
        "certificate.breakdown",
        "certificate.modules",
        "certificate.scenarios",
        "certificate.components",
        "profile.stages",
        "profile.components",
        "target.scheme.id",
        "target.scheme.uses",
    ),
    fix=Text("提供分阶段数值或经核查的情景", "state the value by stage, or a verified scenario"),
    turn=1,
)
