"""Signatures of seals, held against a second implementation, and every JWS that must be refused.

``forged`` writes a JWS by hand with ``cryptography`` alone, so that neither side of a test is joserfc's.
"""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicNumbers,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from huren.auth.seals import ALGORITHMS, TYPE, public, sign, verify
from huren.errors import BadSeal
from huren.graph.model.seal import SealKey

START = datetime(2026, 1, 1, tzinfo=UTC)
PAYLOAD = b'{"a":"b"}'
# RFC 8037 appendix A.1 to A.4.
RFC_KEY = {
    "kty": "OKP",
    "crv": "Ed25519",
    "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
}
RFC_THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
RFC_INPUT = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
RFC_SIGNATURE = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Pair:
    """A private key of ``cryptography``, and the public key as the exchange knows it."""

    def __init__(self, alg: str) -> None:
        self.alg = alg
        ed25519 = alg == "Ed25519"
        self.private: Any = Ed25519PrivateKey.generate() if ed25519 else generate_private_key(SECP256R1())
        self.jwk = self._jwk()
        self.key = SealKey(ALGORITHMS[alg].load(self.jwk).thumbprint(), alg, self.jwk, START)

    def _jwk(self) -> dict[str, str]:
        if self.alg == "Ed25519":
            return {"kty": "OKP", "crv": "Ed25519", "x": b64(self.private.public_key().public_bytes_raw())}
        at = self.private.public_key().public_numbers()
        return {"kty": "EC", "crv": "P-256", "x": b64(at.x.to_bytes(32)), "y": b64(at.y.to_bytes(32))}

    def signature(self, text: bytes) -> bytes:
        if self.alg == "Ed25519":
            return bytes(self.private.sign(text))
        assert isinstance(self.private, EllipticCurvePrivateKey)
        r, s = decode_dss_signature(self.private.sign(text, ECDSA(SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)

    def header(self, **changed: Any) -> dict[str, Any]:
        return {"alg": self.alg, "kid": self.key.kid, "typ": TYPE} | changed

    def forged(self, header: dict[str, Any] | bytes, payload: bytes = PAYLOAD) -> str:
        text = header if isinstance(header, bytes) else json.dumps(header).encode()
        signed = f"{b64(text)}.{b64(payload)}"
        return f"{signed}.{b64(self.signature(signed.encode()))}"


@pytest.fixture(scope="module", params=sorted(ALGORITHMS))
def pair(request: pytest.FixtureRequest) -> Pair:
    return Pair(request.param)


def refusal(text: str, *keys: SealKey) -> str:
    with pytest.raises(BadSeal) as caught:
        verify(text, {key.kid: key for key in keys})
    assert caught.value.zh
    assert caught.value.fix
    return caught.value.en.removeprefix("the sealed decision is refused: ")


def test_the_vector_of_the_rfc() -> None:
    key = ALGORITHMS["Ed25519"].load(RFC_KEY)
    assert key.thumbprint() == RFC_THUMBPRINT
    operation: Any = key.get_op_key("sign")
    assert b64(operation.sign(RFC_INPUT)) == RFC_SIGNATURE
    header, payload, _ = sign(PAYLOAD, key, "Ed25519").split(".")
    assert json.loads(raw(header)) == {"alg": "Ed25519", "kid": RFC_THUMBPRINT, "typ": "huren-decision+jws"}
    assert raw(payload) == PAYLOAD


@pytest.mark.parametrize("alg", sorted(ALGORITHMS))
def test_cryptography_alone_verifies_what_is_signed(alg: str) -> None:
    key = ALGORITHMS[alg].generate()
    jwk = public(key)
    assert set(jwk) <= {"kty", "crv", "x", "y"}
    signed, _, signature = sign(PAYLOAD, key, alg).rpartition(".")
    if alg == "Ed25519":
        Ed25519PublicKey.from_public_bytes(raw(jwk["x"])).verify(raw(signature), signed.encode())
    else:
        x, y = (int.from_bytes(raw(jwk[name])) for name in "xy")
        r, s = (int.from_bytes(half) for half in (raw(signature)[:32], raw(signature)[32:]))
        known = EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()
        known.verify(encode_dss_signature(r, s), signed.encode(), ECDSA(SHA256()))


def test_what_cryptography_signs_is_verified(pair: Pair) -> None:
    signed = verify(pair.forged(pair.header()), {pair.key.kid: pair.key})
    assert (signed.payload, signed.key) == (PAYLOAD, pair.key)


def test_any_flipped_bit_is_refused(pair: Pair) -> None:
    keys, text = {pair.key.kid: pair.key}, pair.forged(pair.header()).encode()
    for at in range(len(text)):
        for bit in range(8):
            changed = text[:at] + bytes([text[at] ^ 1 << bit]) + text[at + 1 :]
            with pytest.raises(BadSeal):
                verify(changed.decode("latin-1"), keys)


def test_a_changed_payload_or_signature_says_so(pair: Pair) -> None:
    header, payload, signature = pair.forged(pair.header()).split(".")
    other, zeros = b64(b'{"a":"c"}'), b64(bytes(64))
    for text in (f"{header}.{other}.{signature}", f"{header}.{payload}.{zeros}"):
        assert refusal(text, pair.key).startswith("its signature does not hold")
    short = f"{header}.{payload}.{b64(raw(signature)[:-1])}"
    assert refusal(short, pair.key).startswith("its signature does not hold")


def test_an_unknown_key_is_refused(pair: Pair) -> None:
    other = Pair(pair.alg)
    assert refusal(pair.forged(pair.header())) == f"its key `{pair.key.kid}` is unknown"
    assert "is unknown" in refusal(pair.forged(pair.header()), other.key)
    stolen = other.forged(pair.header())
    assert refusal(stolen, pair.key, other.key).startswith("its signature does not hold")


def test_another_algorithm_than_the_keys_is_refused(pair: Pair) -> None:
    [other] = set(ALGORITHMS) - {pair.alg}
    said = refusal(pair.forged(pair.header(alg=other)), pair.key)
    assert said == f"it says `{other}`, but its key signs with `{pair.alg}`"
    for alg in ("none", "HS256", "RS256", "EdDSA", "ES384", "ed25519", "", None, 1, ["ES256"], {}):
        assert "is not allowed" in refusal(pair.forged(pair.header(alg=alg)), pair.key)


def test_the_public_key_as_a_secret_is_refused(pair: Pair) -> None:
    """The classical confusion: an HMAC under what everybody knows."""
    signed = f"{b64(json.dumps(pair.header(alg='HS256')).encode())}.{b64(PAYLOAD)}"
    for secret in (raw(pair.jwk["x"]), json.dumps(pair.jwk).encode()):
        text = f"{signed}.{b64(hmac.digest(secret, signed.encode(), 'sha256'))}"
        assert "`HS256` is not allowed" in refusal(text, pair.key)
    unsigned = f"{b64(json.dumps(pair.header(alg='none')).encode())}.{b64(PAYLOAD)}."
    assert refusal(unsigned, pair.key) == "it is not a compact JWS"


@pytest.mark.parametrize("crit", [["b64"], ["exp"], ["x"], [], None, "b64"])
def test_a_critical_header_is_refused(pair: Pair, crit: object) -> None:
    said = refusal(pair.forged(pair.header(crit=crit, b64=True)), pair.key)
    assert "critical header" in said


@pytest.mark.parametrize("typ", ["at+jwt", "JWT", TYPE.upper(), f"application/{TYPE}", None])
def test_another_type_is_refused(pair: Pair, typ: object) -> None:
    assert refusal(pair.forged(pair.header(typ=typ)), pair.key) == f"its type is not `{TYPE}`"


def test_other_members_of_the_header_are_refused(pair: Pair) -> None:
    said = "its header has not exactly `alg`, `kid` and `typ`"
    for extra in ({"jwk": pair.jwk}, {"jku": "https://example.org"}, {"b64": False}, {"x5c": []}, {"kid": 1}):
        assert refusal(pair.forged(pair.header(**extra)), pair.key) == said
    whole = pair.header()
    assert refusal(pair.forged({n: v for n, v in whole.items() if n != "kid"}), pair.key) == said


def test_a_header_that_is_no_plain_object_is_refused(pair: Pair) -> None:
    twice = json.dumps(pair.header()).encode()[:-1] + b', "alg": "Ed25519"}'
    for header in (twice, b"\xff", b"{}{}", b'{"alg": NaN}', b"[" * 10_000):
        assert refusal(pair.forged(header), pair.key) == "its header is not plain JSON"
    assert refusal(pair.forged(b'["alg"]'), pair.key) == "its header is not a JSON object"


PADDED: dict[str, Callable[[str], str]] = {
    "padding": lambda text: text + "=",
    "line end": lambda text: text + "\n",
    "blank before": lambda text: " " + text,
    "blank inside": lambda text: text.replace(".", " .", 1),
    "a fourth part": lambda text: text + ".x",
    "a part gone": lambda text: text.rpartition(".")[0],
    "empty": lambda text: "",
    "not ascii": lambda text: text + "é",
    "standard alphabet": lambda text: text + "+",
}


@pytest.mark.parametrize("change", PADDED.values(), ids=PADDED)
def test_what_is_no_compact_jws_is_refused(pair: Pair, change: Callable[[str], str]) -> None:
    assert refusal(change(pair.forged(pair.header())), pair.key) == "it is not a compact JWS"


def test_a_second_way_to_write_the_same_bytes_is_refused(pair: Pair) -> None:
    """64 bytes leave four bits of the last character unused."""
    text = pair.forged(pair.header())
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twin = text[:-1] + alphabet[alphabet.index(text[-1]) ^ 1]
    assert raw(twin.rpartition(".")[2]) == raw(text.rpartition(".")[2])
    assert refusal(twin, pair.key) == "a part of it is not canonical base64url"
