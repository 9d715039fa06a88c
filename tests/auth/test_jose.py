"""What our readers of tokens share: which keys are taken, and how secrets are kept."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from huren.auth.client_secrets import hash_secret, holds, new_id, new_secret
from huren.auth.jose import CLIENT_ALGORITHMS, fits, is_compact, key_set, public_key


def _short() -> dict[str, Any]:
    numbers = generate_private_key(65537, 1024).public_key().public_numbers()
    n = RSAKey.generate_key(2048).as_dict(private=False)
    from joserfc.util import int_to_base64

    return {"kty": "RSA", "n": int_to_base64(numbers.n), "e": n["e"]}


BAD: dict[str, dict[str, Any]] = {
    "RSA of 1,024 bits": _short(),
    "private": ECKey.generate_key("P-256").as_dict(private=True),
    "private RSA": RSAKey.generate_key(2048).as_dict(private=True),
    "symmetric": OctKey.generate_key(256).as_dict(),
    "X25519": OKPKey.generate_key("X25519").as_dict(private=False),
    "P-521": ECKey.generate_key("P-521").as_dict(private=False),
    "secp256k1": ECKey.generate_key("secp256k1").as_dict(private=False),
    "not on the curve": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
    "no members": {"kty": "EC", "crv": "P-256"},
    "numbers": {"kty": "OKP", "crv": "Ed25519", "x": 1},
    "kty is a list": {"kty": "OKP", "crv": "Ed25519", "x": ""},
    "crv is a list": {"kty": "EC", "crv": ["P-256"]},
    "nothing": {},
}


@pytest.mark.parametrize("jwk", BAD.values(), ids=BAD.keys())
def test_weak_and_private_keys_are_refused(jwk: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="key"):
        public_key(jwk)


def test_a_key_fits_the_algorithms_of_its_kind() -> None:
    keys = {"Ed25519": OKPKey.generate_key("Ed25519"), "ES256": ECKey.generate_key("P-256")}
    keys["PS256"] = RSAKey.generate_key(2048)  # type: ignore[assignment]
    for name, key in keys.items():
        read = public_key(key.as_dict(private=False))
        assert [alg for alg in CLIENT_ALGORITHMS if fits(alg, read)] == [name]
        assert not read.is_private


def test_a_key_set_passes_over_what_is_not_for_signing() -> None:
    key = ECKey.generate_key("P-256")
    rows: list[dict[str, Any]] = [
        key.as_dict(private=False),
        ECKey.generate_key("P-256").as_dict(private=False) | {"use": "enc", "kid": "e"},
        {"kty": "future"},
    ]
    assert set(key_set({"keys": rows})) == {key.thumbprint()}


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c.d", "a.b.c\n", "a.b.c=", "令.牌.值", "e30.e30.AB"])
def test_what_is_not_compact(text: str) -> None:
    assert not is_compact(text)


def test_secrets_are_long_and_hashed() -> None:
    secret = new_secret()
    assert len(bytes.fromhex(secret)) * 8 == 256
    assert len({new_id() for _ in range(1_000)} | {new_secret() for _ in range(1_000)}) == 2_000
    kept = hash_secret(secret)
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert secret not in kept
    assert holds(kept, secret)
    for wrong in ("", secret[:-1], secret + "x", "x" * 100_000):
        assert not holds(kept, wrong)
    assert not holds("no hash", secret)
