"""R24: the certificate stands on the day the destination looks at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from huren.graph.model.certificate import CertificateState
from huren.graph.model.dated import Certainty, StatusEvent, end, start
from huren.graph.model.terms import Purpose, ReferenceDate
from huren.graph.model.text import Text
from huren.mappings.dossier import Dossier
from huren.mappings.judgement import (
    Condition,
    Judgement,
    absent,
    blocked,
    conditional,
    equal,
    tempered,
    unknown,
)
from huren.mappings.lifetime import certificate_state
from huren.mappings.outcome import Outcome
from huren.mappings.quantity import Quantity
from huren.mappings.rule import Clause, Kind, Rule

_STOPPED = {
    CertificateState.SUSPENDED: Text("暂停", "suspended"),
    CertificateState.EXPIRED: Text("已过期", "expired"),
    CertificateState.WITHDRAWN: Text("已撤销", "withdrawn"),
    CertificateState.CANCELLED: Text("已注销", "cancelled"),
    CertificateState.VOID: Text("自始无效", "void from the start"),
    CertificateState.APPLIED: Text("尚在申请", "only applied for"),
    CertificateState.UNDER_REVIEW: Text("尚在审查", "still under review"),
}
_DISPUTE_MATTERS = frozenset({Purpose.LABEL, Purpose.PROCUREMENT, Purpose.CONSUMER_DISPLAY})
"""Display is as label, and a dispute freezes it (S3-24)."""


def ends_at(dossier: Dossier) -> datetime | None:
    """The printed end, else the scheme's term where that is verified; None: not stated."""
    certificate = dossier.certificate
    if certificate.valid_until is not None:
        return end(certificate.valid_until, dossier.zone)
    term = dossier.issuer_profile.term_months
    known = term is not None and term.certainty in (Certainty.VERIFIED, Certainty.SEED)
    if not known or term is None or term.value is None or dossier.issued is None:
        return None
    return months_later(dossier.issued, term.value)


def months_later(since: datetime, months: int) -> datetime:
    """The same day ``months`` later, the last day of a shorter month.

    >>> months_later(datetime(2025, 1, 31), 13).date().isoformat()
    '2026-02-28'
    """
    year, month = divmod(since.month - 1 + months, 12)
    year, month = since.year + year, month + 1
    first_of_next = date(year + month // 12, month % 12 + 1, 1)
    last = (first_of_next - date(year, month, 1)).days
    return since.replace(year=year, month=month, day=min(since.day, last))


def _reference(dossier: Dossier, kind: ReferenceDate) -> datetime | None:
    certificate = dossier.certificate
    if kind is ReferenceDate.TODAY:
        return dossier.as_of
    day = certificate.manufactured if kind is ReferenceDate.MANUFACTURING else certificate.imported
    return None if day is None else start(day, dossier.zone)


def _open(dossier: Dossier, state: CertificateState | None, at: datetime) -> Judgement:
    """A certificate within its dates."""
    due = dossier.certificate.next_surveillance
    disputed = state is CertificateState.DISPUTED
    asked = []
    if due is not None and at >= end(due, dossier.zone):
        overdue = Text("监督审核逾期:待补做", "surveillance is overdue: to be done")
        asked.append(Condition("surveillance", overdue))
    if disputed and dossier.purpose in _DISPUTE_MATTERS:
        asked.append(Condition("dispute_settled", Text("争议了结", "dispute settled")))
    if asked:
        because = Text(";".join(c.says.zh for c in asked), "; ".join(c.says.en for c in asked))
        return Judgement(Outcome.CONDITIONAL, because, conditions=tuple(asked))
    if disputed:
        return equal("证书有效", "valid", Text("证书存在争议", "the certificate is disputed"))
    return equal(f"{at.date().isoformat()} 时有效", f"valid on {at.date().isoformat()}")


def _sanctions(dossier: Dossier) -> Iterator[StatusEvent[CertificateState]]:
    """What sanctions of its holder or its body did to the certificate: a sanction moves those it names."""
    certificate, known = dossier.certificate, dossier.known
    body = known.bodies.get(certificate.body or "")
    for code in dict.fromkeys((certificate.holder, body.uscc if body else None)):
        for one in known.sanctions.get(code or "", ()):
            since = one.valid_from or one.published
            if one.effect and since is not None and certificate.number in one.certificates:
                yield StatusEvent(one.effect, since, recorded_at=one.recorded_at)


def _on(dossier: Dossier, at: datetime) -> Judgement:
    state = certificate_state(dossier.certificate, at, dossier.zone, _sanctions(dossier))
    if state in _STOPPED:
        return blocked(f"证书{_STOPPED[state].zh}", f"the certificate is {_STOPPED[state].en}")
    until = ends_at(dossier)
    if until is not None and at >= until and state is not CertificateState.RENEWAL_PENDING:
        return blocked(f"证书有效期至 {until.isoformat()}", f"validity ended at {until.isoformat()}")
    since = dossier.issued
    if since is not None and at < since:
        return blocked(f"证书自 {since.date()} 起才有效", f"valid only from {since.date()}")
    if since is None or until is None:
        return unknown(*absent(issued=since, valid_until=until))
    if at >= until:
        return conditional("renewal", "续证办理中", "renewal is pending")
    return _open(dossier, state, at)


def _compare(dossier: Dossier, quantity: Quantity) -> Judgement:
    wanted = dossier.want("reference_date", dossier.profile.reference_date, ReferenceDate.TODAY)
    if wanted.value is None:
        return unknown(wanted.name)
    at = _reference(dossier, wanted.value)
    if at is None:
        day = "manufactured" if wanted.value is ReferenceDate.MANUFACTURING else "imported"
        return unknown(day, *absent(issued=dossier.issued, valid_until=ends_at(dossier)))
    return tempered(_on(dossier, at), wanted)


VALIDITY = Rule(
    id="R24",
    code="validity",
    kind=Kind.LEGAL,
    says=Text("证书在目的地所看的日期有效", "the certificate stands on the day the destination looks at"),
    clause=Clause("产品碳足迹标识认证通用实施规则(试行)", ""),
    compare=_compare,
    outcomes=frozenset({Outcome.EQUAL, Outcome.CONDITIONAL, Outcome.UNKNOWN, Outcome.BLOCKED}),
    reads=(
        "certificate.number",
        "certificate.holder",
        "certificate.body",
        "issued",
        "zone",
        "certificate.valid_until",
        "certificate.manufactured",
        "certificate.imported",
        "certificate.next_surveillance",
        "certificate.events",
        "issuer_profile.term_months",
        "profile.reference_date",
    ),
    fix=Text("办理续证或恢复", "have it renewed or reinstated"),
)
