"""The state of a certificate as people read it: from its events and its dates together. Pure."""

from __future__ import annotations

from datetime import datetime

from huren.graph.model.certificate import Certificate, CertificateState
from huren.graph.model.dated import CHINA, Certainty, end, start
from huren.graph.model.facts import Known
from huren.mappings.dossier import category_of, profile_of
from huren.mappings.lifetime import certificate_state
from huren.mappings.rules.validity import months_later

NOT_YET_VALID = "not_yet_valid"
END_UNKNOWN = "unknown"
_WITHIN_DATES = frozenset({None, CertificateState.VALID, CertificateState.DISPUTED})
_VALID = frozenset({CertificateState.VALID.value, CertificateState.DISPUTED.value})


def state_at(certificate: Certificate, as_of: datetime, known: Known) -> str:
    """A name of CertificateState, or NOT_YET_VALID, or END_UNKNOWN where nothing shows that it still stands.

    A certificate in dispute is within its dates and says so.
    """
    issuer = known.schemes.get(certificate.scheme)
    zone = issuer.zone if issuer else CHINA
    state = certificate_state(certificate, as_of, zone)
    if state not in _WITHIN_DATES and state is not None:
        return state.value
    if certificate.issued is not None and as_of < start(certificate.issued, zone):
        return NOT_YET_VALID
    until = end_of(certificate, as_of, known)
    if until is not None and as_of >= until:
        return CertificateState.EXPIRED.value
    if certificate.issued is None or until is None:
        return END_UNKNOWN
    return (state or CertificateState.VALID).value


def valid_at(certificate: Certificate, as_of: datetime, known: Known) -> bool:
    """Whether it is shown to be valid at ``as_of``; a dispute does not stop it."""
    return state_at(certificate, as_of, known) in _VALID


def end_of(certificate: Certificate, as_of: datetime, known: Known) -> datetime | None:
    """The instant after its last day: printed, else by the term of its scheme where that is verified."""
    issuer = known.schemes.get(certificate.scheme)
    zone = issuer.zone if issuer else CHINA
    if certificate.valid_until is not None:
        return end(certificate.valid_until, zone)
    if issuer is None or certificate.issued is None:
        return None
    term = profile_of(issuer, category_of(certificate, known), as_of, known).term_months
    sure = term is not None and term.certainty in (Certainty.VERIFIED, Certainty.SEED)
    if term is None or not sure or term.value is None:
        return None
    return months_later(start(certificate.issued, zone), term.value)
