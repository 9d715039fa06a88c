"""R17: co-products and the end of life are allocated by a method that the destination takes."""

from __future__ import annotations

from decimal import Decimal

from huren.graph.model.quantity import AllocationStatement
from huren.graph.model.supply import Stage
from huren.graph.model.text import Text
from huren.mappings.dossier import Dossier
from huren.mappings.judgement import (
    Judgement,
    blocked,
    conditional,
    convertible,
    equal,
    tempered,
    together,
    unknown,
)
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Quantity, said
from huren.mappings.restatement import lost_stages
from huren.mappings.rule import Clause, Kind, Rule
from huren.mappings.wanted import Wanted

TOLERANCE = Decimal("0.05")
"""Default of the destination's ``allocation_tolerance`` (domain 3a)."""

NOTHING = "none"
"""The method of a process that has nothing to allocate."""

_PHYSICAL = frozenset({"mass", "energy", "volume"})
_NONE_STATED = AllocationStatement()

NAMES = {
    "allocation": Text("副产品分配", "allocation among co-products"),
    "end_of_life": Text("生命末期分配", "allocation at the end of life"),
}


def _takes(methods: tuple[str, ...], method: str) -> bool:
    """Whether ``methods`` hold ``method``; allocation by mass, energy or volume is a physical one."""
    return method in methods or ("physical" in methods and method in _PHYSICAL)


def _theirs(stated: AllocationStatement, methods: tuple[str, ...]) -> tuple[str, Decimal] | None:
    """The stated result under the method that the destination prefers among its own."""
    for method in methods:
        # Its own name before that of a kind of it, such as mass for physical.
        for name, kg in sorted(stated.results, key=lambda row: (row[0] != method, row)):
            if _takes((method,), name):
                return name, kg
    return None


def _ask(part: str, *missing: str) -> Judgement:
    """Named by part, so that stating one leaves the other open."""
    name = NAMES[part]
    says = f"说明{name.zh}的方法和两种结果", f"state both results of the {name.en}"
    return conditional(
        "both_results" if part == "allocation" else "both_results_end_of_life", *says, *missing
    )


def _alike(part: str, en: str = "is alike") -> Judgement:
    name = NAMES[part]
    return equal(f"{name.zh}可接受", f"{name.en} {en}")


def _moved(quantity: Quantity, part: str, own: Decimal, theirs: tuple[str, Decimal]) -> Judgement:
    """The difference of both results is carried over, never their ratio.

    Earlier steps cut stages, added scenarios, offsets and another grid: none of these was allocated, and a
    ratio would scale them; it also breaks down where results are near zero or differ in sign.
    """
    method, kg = theirs
    by = kg - own
    changed = quantity.moved(by, f"{'+' if by >= 0 else '−'} {said(abs(by))} ({method})")
    name = NAMES[part]
    return convertible(
        changed, f"{name.zh}改按 {method}:{said(by)} kg", f"{name.en} by {method}: {said(by)} kg CO2e"
    )


def _compared(
    dossier: Dossier, quantity: Quantity, part: str, methods: tuple[str, ...], tolerance: Decimal
) -> Judgement:
    """A stated method that the destination does not take; the value itself is the result under it."""
    stated = _stated(dossier, part)
    own = dict(stated.results).get(stated.method or "", dossier.certificate.value)
    theirs = _theirs(stated, methods)
    if own is not None and theirs is not None:
        if abs(theirs[1] - own) <= tolerance * abs(own):
            return _alike(part, f"moves the result by no more than {said(tolerance * 100)} %")
        lost = lost_stages(quantity, dossier.certificate)
        if part == "end_of_life" and Stage.END_OF_LIFE in lost:
            return _ask(part, f"{part}.results")  # how much of the difference was left out is not known
        return _moved(quantity, part, own, theirs)
    if stated.moves is None:
        return _ask(part, f"{part}.results")
    if abs(stated.moves) <= tolerance:
        return _alike(part, f"moves the result by no more than {said(tolerance * 100)} %")
    name, moves = NAMES[part], said(abs(stated.moves) * 100)
    return blocked(
        f"{name.zh}方法使结果变动 {moves}%,且无目的地方法的结果",
        f"{name.en} moves the result by {moves} %, and no result by the destination's method is stated",
    )


def _stated(dossier: Dossier, part: str) -> AllocationStatement:
    certificate = dossier.certificate
    found = certificate.allocation if part == "allocation" else certificate.end_of_life
    return found or _NONE_STATED


def _asked(dossier: Dossier, quantity: Quantity, part: str, methods: tuple[str, ...]) -> Judgement:
    method = _stated(dossier, part).method
    if not methods:
        return _alike(part, "may be by any method")
    if method is None:
        return _ask(part, f"{part}.method")
    if _takes(methods, method):
        return _alike(part, "is by a method that the destination takes")
    tolerance = dossier.want("allocation_tolerance", dossier.profile.allocation_tolerance, TOLERANCE)
    if tolerance.value is None:
        return unknown(tolerance.name)
    return tempered(_compared(dossier, quantity, part, methods, tolerance.value), tolerance.agreed())


def _one(dossier: Dossier, quantity: Quantity, part: str, wanted: Wanted[tuple[str, ...]]) -> Judgement:
    if _stated(dossier, part).method == NOTHING:
        return _alike(part, "has nothing to allocate")
    if wanted.value is None:
        return unknown(wanted.name)
    return tempered(_asked(dossier, quantity, part, wanted.value), wanted)


def _compare(dossier: Dossier, quantity: Quantity) -> Judgement:
    products = dossier.want("allocation", dossier.profile.allocation)
    found = _one(dossier, quantity, "allocation", products)
    end_of_life = dossier.want("end_of_life", dossier.profile.end_of_life)
    if not end_of_life.asked:
        return found
    after = _one(dossier, found.quantity or quantity, "end_of_life", end_of_life)
    return together((found, after))


ALLOCATION = Rule(
    id="R17",
    code="allocation",
    kind=Kind.TECHNICAL,
    says=Text(
        "按目的地接受的方法分配副产品和生命末期",
        "co-products and end of life are allocated by an accepted method",
    ),
    clause=Clause("ISO 14044:2006", "4.3.4"),
    compare=_compare,
    outcomes=frozenset(Outcome),
    reads=(
        "certificate.value",
        "certificate.allocation",
        "certificate.end_of_life",
        "certificate.stages",
        "certificate.breakdown",
        "certificate.modules",
        "profile.allocation",
        "profile.end_of_life",
        "profile.allocation_tolerance",
    ),
    fix=Text(
        "说明自身方法和目的地方法下的两种结果", "state the result by your own and by the destination's method"
    ),
    turn=7,
    needs_footprint=True,
)
