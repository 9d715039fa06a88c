"""The strict door: what is written is read again, and nothing unknown comes in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from huren.errors import BadInput
from huren.graph.model.agreement import Agreement
from huren.graph.model.certificate import Certificate
from huren.mappings.records import decode, encode, kind_of

STATED = {"number": "C", "holder": "H", "scheme": "S"}


@given(certificate=..., agreement=...)
def test_what_is_written_is_read_again(certificate: Certificate, agreement: Agreement) -> None:
    assert decode("certificate", encode(certificate)) == certificate
    assert decode("agreement", encode(agreement)) == agreement


def test_every_default_record_is_read_again(make: Any) -> None:
    facts = make({}).facts
    records = [r for field in facts.__slots__ for r in getattr(facts, field)]
    assert len(records) > 30
    for record in records:
        assert decode(kind_of(record), encode(record)) == record


@pytest.mark.parametrize(
    ("stated", "key", "reason"),
    [
        ({"gwp": "AR6"}, "gwp", "unknown key"),
        ({"assurance": {"party": "third", "who": "me"}}, "assurance.who", "unknown key"),
        ({"value": float("nan")}, "value", "finite"),
        ({"value": "1e400"}, "value", "slip of the pen"),
        ({"issued": 20260601}, "issued", "write a day"),
        ({"issued": "01/06/2026"}, "issued", "isoformat"),
        ({"issued": "2026-06-01T00:00:00"}, "issued", "offset"),
        ({"stages": ["cradle"]}, "stages", "raw_material"),
        ({"record_type": "certificate"}, "record_type", "footprint_certificate"),
        ({"breakdown": {"use": "much"}}, "breakdown", "decimal"),
    ],
)
def test_what_is_wrong_is_named(stated: dict[str, Any], key: str, reason: str) -> None:
    with pytest.raises(BadInput, match=reason) as refused:
        decode("certificate", STATED | stated, "certificates.toml")
    place = refused.value.place
    assert place is not None
    assert place.file == "certificates.toml"
    assert (place.column or "").startswith(key)
    assert refused.value.fix
    assert refused.value.zh != refused.value.en
