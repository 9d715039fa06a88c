"""Accounted, verified, certified: by meaning, on the day."""

from __future__ import annotations

from typing import Any

import pytest

from huren.mappings.evidence import Evidence, evidence
from huren.mappings.state import state_at, valid_at

SUSPENDED = {"events": [{"state": "suspended", "valid_from": "2026-05-01"}]}
DISPUTED = {"events": [{"state": "disputed", "valid_from": "2026-05-01"}]}
VOID = {"events": [{"state": "void", "valid_from": "2026-12-01"}]}
REPORT = {"record_type": "accounting_report"}


def of(make: Any, **certificate: Any) -> Evidence | None:
    world = make({"certificate": certificate})
    known = world.facts.at(world.question.known_at)
    return evidence(known.certificates["C1"], world.question.as_of, known)


@pytest.mark.parametrize(
    ("stated", "wanted"),
    [
        ({}, Evidence.CERTIFIED),
        ({"record_type": "epd"}, Evidence.CERTIFIED),
        ({"without": ["record_type"]}, Evidence.CERTIFIED),  # the scheme issues nothing else
        ({"assurance": {"party": "first"}}, Evidence.CERTIFIED),  # a certificate, whoever verified
        (DISPUTED, Evidence.CERTIFIED),
        ({"without": ["valid_until"]}, Evidence.CERTIFIED),  # the verified term of the scheme, 24 months
        (REPORT, Evidence.VERIFIED),
        (REPORT | {"assurance": {"party": "second"}}, Evidence.VERIFIED),
        (REPORT | {"assurance": {"party": "first"}}, Evidence.ACCOUNTED),
        (REPORT | {"assurance": {"party": "none"}}, Evidence.ACCOUNTED),
        (REPORT | {"without": ["assurance"]}, Evidence.ACCOUNTED),
        ({"record_type": "pact_record", "without": ["assurance"]}, Evidence.ACCOUNTED),
        ({"without": ["body"]}, Evidence.VERIFIED),
        ({"scheme": "NOBODYS"}, Evidence.VERIFIED),
        ({"valid_until": "2026-05-31"}, Evidence.VERIFIED),
        ({"issued": "2026-06-02"}, Evidence.VERIFIED),
        (SUSPENDED, Evidence.VERIFIED),
        (VOID, Evidence.VERIFIED),
        (SUSPENDED | {"without": ["assurance"]}, Evidence.ACCOUNTED),
        ({"record_type": "neutral_mark"}, None),
        ({"record_type": "management_system"}, None),
        ({"record_type": "reduction_mark"}, None),
    ],
)
def test_class(make: Any, stated: dict[str, Any], wanted: Evidence | None) -> None:
    assert of(make, **stated) is wanted


@pytest.mark.parametrize(
    ("stated", "wanted"),
    [
        ({}, "valid"),
        ({"issued": "2026-06-02"}, "not_yet_valid"),
        ({"issued": "2026-06-01"}, "valid"),
        ({"valid_until": "2026-05-31"}, "expired"),
        ({"valid_until": "2026-06-01"}, "valid"),  # the last day is included
        (SUSPENDED, "suspended"),
        (DISPUTED, "disputed"),
        (DISPUTED | {"valid_until": "2026-05-31"}, "expired"),
        (VOID, "void"),
        ({"without": ["issued"]}, "unknown"),
        ({"scheme": "ISO14067", "without": ["valid_until"]}, "unknown"),
        ({"scheme": "NOBODYS", "without": ["valid_until"]}, "unknown"),
        ({"without": ["valid_until"], "issued": "2024-06-01"}, "expired"),  # 24 months to 2026-06-01
        ({"without": ["valid_until"], "issued": "2024-06-02"}, "valid"),
    ],
)
def test_state_on_the_day(make: Any, stated: dict[str, Any], wanted: str) -> None:
    world = make({"certificate": stated})
    known = world.facts.at(world.question.known_at)
    certificate = known.certificates["C1"]
    assert state_at(certificate, world.question.as_of, known) == wanted
    assert valid_at(certificate, world.question.as_of, known) is (wanted in ("valid", "disputed"))
