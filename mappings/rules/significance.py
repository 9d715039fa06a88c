"""R28: whether the number is lower than another's beyond their combined uncertainty."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from math import exp, hypot, log

from huren.graph.model.text import Text
from huren.mappings.comparison import Compared, Comparison
from huren.mappings.dossier import Dossier, Rival, Terms
from huren.mappings.judgement import Judgement, blocked, equal, not_applicable, unknown
from huren.mappings.outcome import SURE, Outcome
from huren.mappings.quantity import Quantity, said
from huren.mappings.rule import Clause, Kind, Rule

_FOUND = {
    Compared.LOWER: Text("低于", "lower than"),
    Compared.HIGHER: Text("高于", "higher than"),
    Compared.NOT_DISTINGUISHABLE: Text("无法区分于", "not distinguishable from"),
}


def _refused(rival: Rival, zh: str, en: str) -> Judgement:
    found = blocked(f"不可比:{zh}", f"not comparable: {en}")
    return replace(found, comparison=Comparison(Compared.REFUSED, rival.theirs.number))


def _unknown(rival: Rival, *missing: str) -> Judgement:
    return replace(unknown(*missing), comparison=Comparison(Compared.UNKNOWN, rival.theirs.number))


def _outside(rival: Rival) -> Judgement | None:
    """Why the two are not in one comparable set; None: they are (one class, both on the same terms)."""
    ours, theirs = rival.ours, rival.theirs
    nameless = tuple(f"{side}.category" for side, t in _sides(rival) if t.category is None)
    if nameless:
        return _unknown(rival, *nameless)
    if ours.category != theirs.category:
        return _refused(
            rival,
            f"产品类别不同({ours.category}、{theirs.category})",
            f"two product classes ({ours.category}, {theirs.category})",
        )
    for side, terms in _sides(rival):
        if terms.outcome is Outcome.UNKNOWN:
            return _unknown(rival, *(f"{side}.{name}" for name in terms.missing))
        if terms.outcome not in SURE:
            number, why = terms.number, terms.because
            return _refused(rival, f"{number}:{why.zh}", f"{number}: {why.en}")
    return None


def _sides(rival: Rival) -> tuple[tuple[str, Terms], tuple[str, Terms]]:
    return ("ours", rival.ours), ("theirs", rival.theirs)


def _compared(rival: Rival) -> Judgement:
    """LOWER when ln(b/a) > sqrt(ua² + ub²) with u = ln(gsd²), at the near ends of converted values."""
    ours, theirs = rival.ours.quantity, rival.theirs.quantity
    if min(ours.low, theirs.low) <= 0:
        return _refused(rival, "数值不为正", "a value is not positive, so no ratio of them means anything")
    gsds = [terms.gsd for _, terms in _sides(rival)]
    silent = tuple(f"{side}.uncertainty_gsd" for side, t in _sides(rival) if t.gsd is None)
    if silent:
        return _unknown(rival, *silent)
    threshold = hypot(*(2 * log(float(gsd)) for gsd in gsds if gsd is not None))
    lower, higher = log(float(theirs.low / ours.high)), log(float(ours.low / theirs.high))
    verdict = Compared.NOT_DISTINGUISHABLE
    if max(lower, higher) > threshold:
        verdict = Compared.LOWER if lower > higher else Compared.HIGHER
    ratio, needed = theirs.value / ours.value, Decimal(f"{exp(threshold):.12g}")
    said_so, number = _FOUND[verdict], rival.theirs.number
    found = equal(
        f"{said(ours.value)} {said_so.zh} {number} 的 {said(theirs.value)}(95 % 显著所需比值 {needed:.4g})",
        f"{said(ours.value)} is {said_so.en} {said(theirs.value)} of {number} "
        f"(significant at 95 % from a ratio of {needed:.4g})",
    )
    return replace(found, comparison=Comparison(verdict, number, Decimal(f"{ratio:.12g}"), needed))


def _compare(dossier: Dossier, quantity: Quantity) -> Judgement:
    if dossier.rival is None:
        return not_applicable("没有要比较的数值", "nothing is compared")
    return _outside(dossier.rival) or _compared(dossier.rival)


SIGNIFICANCE = Rule(
    id="R28",
    code="significance",
    kind=Kind.COMPARISON,
    says=Text(
        "差异须大于合成不确定度,方可称更低", "a difference counts only beyond the combined uncertainty"
    ),
    clause=Clause("发改环资〔2023〕1529号; 国市监认证发〔2024〕85号", "S3-19, S1-17"),
    compare=_compare,
    outcomes=frozenset({Outcome.EQUAL, Outcome.UNKNOWN, Outcome.BLOCKED}),
    reads=("comparing", "rival"),
    fix=Text(
        "只比较同一可比集合内、已说明不确定度的数值",
        "compare only within a comparable set, with both uncertainties stated",
    ),
)
