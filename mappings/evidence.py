"""What a record is worth as evidence: accounted, verified or certified (S2-3, S3-14). Pure."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from huren.graph.model.certificate import Certificate
from huren.graph.model.facts import Known
from huren.graph.model.terms import NO_FOOTPRINT, Party, RecordType
from huren.mappings.dossier import record_type_of
from huren.mappings.state import valid_at

_ATTESTED = frozenset({RecordType.FOOTPRINT_CERTIFICATE, RecordType.EPD})
_ASSURED = frozenset({Party.SECOND, Party.THIRD})


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
    if attested and valid_at(certificate, as_of, known):
        return Evidence.CERTIFIED
    assured = certificate.assurance is not None and certificate.assurance.party in _ASSURED
    return Evidence.VERIFIED if assured else Evidence.ACCOUNTED
