"""R16: no more is cut off than the destination allows; more is grossed up as an interval where it may be."""

from __future__ import annotations

from decimal import Decimal

from huren.graph.model.profile import CutOffLimit
from huren.graph.model.terms import ShareKind
from huren.graph.model.text import Text
from huren.mappings.dossier import Dossier
from huren.mappings.judgement import Judgement, blocked, conditional, convertible, equal, tempered, unknown
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Quantity, said
from huren.mappings.rule import Clause, Kind, Rule
from huren.mappings.wanted import Wanted

Shares = dict[ShareKind, Decimal]
"""Excluded share (0..1) by what it is a share of."""

KIND_NAMES = {
    ShareKind.EMISSIONS: Text("排放", "emissions"),
    ShareKind.MASS: Text("质量", "mass"),
    ShareKind.ENERGY: Text("能量", "energy"),
}


def _shares(dossier: Dossier) -> Shares:
    """What is excluded in all, by kind; a kind that is not there is not stated."""
    shares: Shares = {}
    for one in dossier.certificate.exclusions:
        shares[one.kind] = shares.get(one.kind, Decimal(0)) + one.share
    return shares


def _nothing(shares: Shares) -> bool:
    """No emissions are excluded: they are stated as 0, or all that is stated is 0."""
    return bool(shares) and (shares.get(ShareKind.EMISSIONS) == 0 or not any(shares.values()))


def _ask(kind: ShareKind) -> Judgement:
    name = KIND_NAMES[kind]
    return conditional(
        "excluded_share", f"说明被舍去的{name.zh}份额", f"state the excluded share of {name.en}", "exclusions"
    )


def _grossed_up(quantity: Quantity, share: Decimal) -> Judgement:
    """The value stays; it may be as much as value ÷ (1 − share), on either side of zero."""
    if share >= 1:
        return blocked("舍去了全部排放,无法放大", "all emissions are excluded: nothing can be grossed up")
    kept = 1 - share
    low, high = min(quantity.low, quantity.low / kept), max(quantity.high, quantity.high / kept)
    value, most = said(quantity.value), said(quantity.value / kept)
    formula = f"{value} … {value} ÷ (1 − {said(share)}) = {most}"
    wider = quantity.step(formula, quantity.value, (low, high))
    return convertible(
        wider,
        f"按舍去份额 {said(share * 100)}% 放大为区间",
        f"an interval up to the value grossed up by the {said(share * 100)} % excluded",
    )


def _exceeds(quantity: Quantity, shares: Shares, limit: CutOffLimit, gross_up: Wanted[bool]) -> Judgement:
    if gross_up.value is None:
        return unknown(gross_up.name)
    if not gross_up.value:
        name, share = KIND_NAMES[limit.kind], shares[limit.kind]
        return blocked(
            f"舍去的{name.zh}份额 {said(share * 100)}% 超过 {said(limit.share * 100)}%",
            f"{said(share * 100)} % of {name.en} is excluded, more than {said(limit.share * 100)} %",
        )
    emissions = shares.get(ShareKind.EMISSIONS)
    return _ask(ShareKind.EMISSIONS) if emissions is None else _grossed_up(quantity, emissions)


def _within(dossier: Dossier, quantity: Quantity, shares: Shares, limit: CutOffLimit) -> Judgement:
    """What is excluded against a limit; a share only compares with a limit of its own kind."""
    if limit.share >= 1:
        return equal("目的地不限制舍去份额", "the destination sets no upper bound")
    share = shares.get(limit.kind)
    if share is None:
        return _ask(limit.kind)
    if share <= limit.share:
        return equal(
            f"舍去份额 {said(share * 100)}% 在限值内", f"{said(share * 100)} % excluded, within the limit"
        )
    gross_up = dossier.want("gross_up", dossier.profile.gross_up, False)
    return tempered(_exceeds(quantity, shares, limit, gross_up), gross_up.agreed())


def _compare(dossier: Dossier, quantity: Quantity) -> Judgement:
    shares = _shares(dossier)
    if any(share < 0 for share in shares.values()):
        return unknown("exclusions.share")
    if _nothing(shares):
        return equal("未舍去任何排放", "no emissions are excluded")
    limit = dossier.want("cut_off", dossier.profile.cut_off)
    if limit.value is None:
        return unknown(limit.name)
    return tempered(_within(dossier, quantity, shares, limit.value), limit)


CUT_OFF = Rule(
    id="R16",
    code="cut_off",
    kind=Kind.TECHNICAL,
    says=Text("舍去的份额不超过目的地的限值", "no more is cut off than the destination allows"),
    clause=Clause("ISO 14044:2006; EN 15804:2012+A2:2019", "4.2.3.3.3; 6.3.6"),
    compare=_compare,
    outcomes=frozenset(Outcome),
    reads=("certificate.exclusions", "profile.cut_off", "profile.gross_up"),
    fix=Text("说明被舍去的排放份额", "state the excluded share of emissions"),
    turn=8,
    needs_footprint=True,
)
