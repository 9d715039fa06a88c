"""How a national rule withdraws local ones (S3-29): events that follow from the dates, recorded by no one."""

from __future__ import annotations

from collections.abc import Iterator

from huren.graph.model.dated import StatusEvent, start
from huren.graph.model.facts import Known
from huren.graph.model.scheme import CertificationRule, RuleKind, TextState
from huren.graph.model.terms import Level


def withdrawals(rule: CertificationRule, known: Known) -> tuple[StatusEvent[TextState], ...]:
    """The events by which national rules withdraw the local ``rule``, by day; R8 decides on certificates.

    Each names the categories that fall and until when certificates are still taken. Cost: O(rules).
    """
    if rule.level is not Level.LOCAL or rule.effective is None:
        return ()
    found = [event for other in known.rules.values() for event in _by(other, rule, known)]
    return tuple(sorted(found, key=lambda event: (start(event.valid_from), event.reason)))


def _by(
    national: CertificationRule, local: CertificationRule, known: Known
) -> Iterator[StatusEvent[TextState]]:
    falls = national.locals_fall_on or national.effective
    if national.level is not Level.NATIONAL or national.kind is RuleKind.GENERAL or falls is None:
        return
    fallen = _fallen(national, local, known)
    if fallen and _same_country(national, local, known):
        grace = national.transition_until or local.transition_until
        until = f"; certificates are taken until {grace}" if grace else ""
        reason = f"national rule {national.id} for {', '.join(fallen)} (S3-29){until}"
        yield StatusEvent(TextState.WITHDRAWN, falls, reason, national.source)


def _fallen(national: CertificationRule, local: CertificationRule, known: Known) -> tuple[str, ...]:
    held = {row.category for row in national.categories if row.category}
    mine = (row.category for row in local.categories if row.category)
    return tuple(category for category in mine if held & set(known.category_line(category)))


def _same_country(national: CertificationRule, local: CertificationRule, known: Known) -> bool:
    if national.country is None or national.effective is None:
        return national.country is None
    where = local.region or local.country
    return where is None or known.within(where, national.country, start(national.effective))
