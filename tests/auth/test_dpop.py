"""DPoP against the vectors of RFC 9449, and every way a proof can be wrong."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from huren.auth.dpop import BadProof, check_proof, hash_of

# RFC 9449 section 4.1 (figures 1 and 2): a proof for the token endpoint.
TOKEN_PROOF = (
    "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklD"
    "UkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2"
    "R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHB"
    "zOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igi"
    "MLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
)
TOKEN_AT = datetime.fromtimestamp(1562262616, UTC)

# RFC 9449 section 7.1 (figures 12 and 13): a proof for a resource, and the access token that it is of.
ACCESS_TOKEN = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
RESOURCE_PROOF = (
    "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklD"
    "UkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2"
    "R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM"
    "6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8y"
    "cjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemA"
    "gR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA"
)
RESOURCE = "https://resource.example.org/protectedresource"
RESOURCE_AT = datetime.fromtimestamp(1562262618, UTC)
# RFC 9449 section 6.1 (figure 9): the thumbprint in `cnf`.
THUMBPRINT = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"


def test_the_proof_of_section_4() -> None:
    url = "https://server.example.com/token"
    proof = check_proof(TOKEN_PROOF, method="POST", url=url, now=TOKEN_AT)
    assert (proof.thumbprint, proof.jti) == (THUMBPRINT, "-BwC3ESc6acc2lTc")
    assert proof.expires > TOKEN_AT + timedelta(seconds=60)


def test_the_proof_of_section_7() -> None:
    proof = check_proof(
        RESOURCE_PROOF, method="GET", url=RESOURCE, now=RESOURCE_AT, access_token=ACCESS_TOKEN
    )
    assert proof.thumbprint == THUMBPRINT
    assert hash_of(ACCESS_TOKEN) == "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "POST"},
        {"method": "get"},
        {"url": "https://resource.example.org/other"},
        {"url": "http://resource.example.org/protectedresource"},
        {"url": "https://resource.example.org:8443/protectedresource"},
        {"url": "https://resource.example.com/protectedresource"},
        {"now": RESOURCE_AT + timedelta(seconds=61)},
        {"now": RESOURCE_AT - timedelta(seconds=6)},
        {"access_token": ACCESS_TOKEN + "x"},
    ],
)
def test_the_same_proof_for_another_request(changes: dict[str, Any]) -> None:
    asked = {"method": "GET", "url": RESOURCE, "now": RESOURCE_AT, "access_token": ACCESS_TOKEN}
    with pytest.raises(BadProof):
        check_proof(RESOURCE_PROOF, **(asked | changes))


@given(at=st.integers(0, len(RESOURCE_PROOF) - 1), char=st.characters(codec="ascii"))
def test_no_changed_character_passes(at: int, char: str) -> None:
    changed = RESOURCE_PROOF[:at] + char + RESOURCE_PROOF[at + 1 :]
    if changed != RESOURCE_PROOF:
        with pytest.raises(BadProof):
            check_proof(changed, method="GET", url=RESOURCE, now=RESOURCE_AT, access_token=ACCESS_TOKEN)


KEY = ECKey.generate_key("P-256")
PUBLIC = KEY.as_dict(private=False)


def signed(header: dict[str, Any], claims: dict[str, Any] | None = None, key: Any = KEY) -> str:
    said = {
        "jti": "j",
        "htm": "POST",
        "htu": "https://x.example/a?b#c",
        "iat": int(TOKEN_AT.timestamp()),
        **(claims or {}),
    }
    whole = {"typ": "dpop+jwt", "alg": "ES256", "jwk": PUBLIC, **header}
    kept = {name: value for name, value in whole.items() if value is not None}
    told = {name: value for name, value in said.items() if value is not None}
    return jwt.encode(kept, told, key, algorithms=[kept["alg"]])


def test_query_and_fragment_do_not_count() -> None:
    for url in ("https://x.example/a", "https://X.example:443/a?other"):
        assert check_proof(signed({}), method="POST", url=url, now=TOKEN_AT).jti == "j"


@pytest.mark.parametrize(
    ("header", "claims", "key"),
    [
        ({"typ": "JWT"}, {}, KEY),
        ({"typ": None}, {}, KEY),
        ({"jwk": None}, {}, KEY),
        ({"jwk": ECKey.generate_key("P-256").as_dict(private=False)}, {}, KEY),
        ({"jwk": KEY.as_dict(private=True)}, {}, KEY),
        ({"kid": "x"}, {}, KEY),
        ({"alg": "HS256", "jwk": {"kty": "oct", "k": "AAAA"}}, {}, OctKey.generate_key(256)),
        ({"alg": "HS256"}, {}, OctKey.import_key(json.dumps(PUBLIC).encode())),
        ({"alg": "ES384"}, {}, ECKey.generate_key("P-384")),
        ({"alg": "RS256"}, {}, RSAKey.generate_key(2048)),
        ({}, {"jti": None}, KEY),
        ({}, {"jti": ""}, KEY),
        ({}, {"jti": 7}, KEY),
        ({}, {"jti": "x" * 257}, KEY),
        ({}, {"htm": None}, KEY),
        ({}, {"htm": ["POST"]}, KEY),
        ({}, {"htu": None}, KEY),
        ({}, {"htu": "https://[::1"}, KEY),
        ({}, {"htu": "https://user@x.example/a"}, KEY),
        ({}, {"iat": None}, KEY),
        ({}, {"iat": "now"}, KEY),
        ({}, {"iat": True}, KEY),
        ({}, {"iat": 1e300}, KEY),
    ],
)
def test_proofs_that_are_none(header: dict[str, Any], claims: dict[str, Any], key: Any) -> None:
    with pytest.raises(BadProof):
        check_proof(signed(header, claims, key), method="POST", url="https://x.example/a", now=TOKEN_AT)


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a.b.c", "e30.e30.AA", "W10.e30.AA", "令.牌.x", "a" * 99_999]
)
def test_texts_that_are_no_proof(text: str) -> None:
    with pytest.raises(BadProof):
        check_proof(text, method="POST", url="https://x.example/a", now=TOKEN_AT)
