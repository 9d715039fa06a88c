"""What a record is worth as evidence: accounted, verified or certified (S2-3, S3-14). Pure."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from huren.graph.model.certificate import Certificate, CertificateState
from huren.graph.model.dated import Certainty, end, start
from huren.graph.model.facts import Known
from huren.graph.model.scheme import Scheme
from huren.graph.model.terms import NO_FOOTPRINT, Party, RecordType
from huren.mappings.dossier import category_of, profile_of, record_type_of
from huren.mappings.lifetime import certificate_state
from huren.mappings.rules.validity import months_later

_ATTESTED = frozenset({RecordType.FOOTPRINT_CERTIFICATE, RecordType.EPD})
_ASSURED = frozenset({Party.SECOND, Party.THIRD})
_STANDING = frozenset({None, CertificateState.VALID, CertificateState.DISPUTED})


class Evidence(StrEnum):
    """From weak to strong."""

    ACCOUNTED = "ACCOUNTED"
    VERIFIED = "VERIFIED"
    CERTIFIED = "CERTIFIED"


def evidence(certificate: Certificate, as_of: datetime, known: Known) -> Evidence | None:
    """The evidence class of ``certificate`` at ``as_of``; None where its kind never carries a footprint.

    CERTIFIED: a footprint certificate or EPD that a named body issued under a scheme on record, and that
    is shown to be valid: an end that is neither printed nor verified in its scheme is not. VERIFIED: else,
    where a second or third party assured the value. ACCOUNTED: the rest.
    """
    issuer = known.schemes.get(certificate.scheme)
    kind = record_type_of(certificate, issuer, known)
    if kind in NO_FOOTPRINT:
        return None
    attested = kind in _ATTESTED and certificate.body is not None and issuer is not None
    if attested and issuer is not None and valid_at(certificate, issuer, as_of, known):
        return Evidence.CERTIFIED
    assured = certificate.assurance is not None and certificate.assurance.party in _ASSURED
    return Evidence.VERIFIED if assured else Evidence.ACCOUNTED


def valid_at(certificate: Certificate, issuer: Scheme, as_of: datetime, known: Known) -> bool:
    """Whether it is shown to be valid at ``as_of``; a dispute does not stop it."""
    state = certificate_state(certificate, as_of, issuer.zone)
    until = ends(certificate, issuer, as_of, known)
    if certificate.issued is None or until is None or state not in _STANDING:
        return False
    return start(certificate.issued, issuer.zone) <= as_of < until


def ends(certificate: Certificate, issuer: Scheme, as_of: datetime, known: Known) -> datetime | None:
    """The printed end, else the term of the scheme where that is verified; None: not known."""
    if certificate.valid_until is not None:
        return end(certificate.valid_until, issuer.zone)
    term = profile_of(issuer, category_of(certificate, known), as_of, known).term_months
    sure = term is not None and term.certainty in (Certainty.VERIFIED, Certainty.SEED)
    if term is None or not sure or term.value is None or certificate.issued is None:
        return None
    return months_later(start(certificate.issued, issuer.zone), term.value)
