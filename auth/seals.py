"""Signing and checking sealed decisions: JWS compact (RFC 7515), with keys of their own.

Nothing in a JWS chooses how it is checked: its ``kid`` names a key that is already known, and the key
fixes the algorithm. Pure but for the randomness that ES256 needs.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey
from joserfc.jws import JWSRegistry

from huren.errors import BadInput, BadSeal
from huren.graph.model.canonical import parse
from huren.graph.model.seal import SealKey

TYPE = "huren-decision+jws"
MOST = 8 * 1024 * 1024
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Algorithm:
    """How one ``alg`` signs: the kind of its keys (RFC 7517) and their curve."""

    name: str
    kind: type[OKPKey] | type[ECKey]
    curve: str

    def generate(self) -> OKPKey | ECKey:
        """A new private key."""
        return self.kind.generate_key(self.curve)  # type: ignore[arg-type]

    def load(self, jwk: Mapping[str, Any]) -> OKPKey | ECKey:
        """The key in ``jwk``. Raises: ValueError for one of another kind or curve, or none at all."""
        if jwk.get("kty") != self.kind.key_type or jwk.get("crv") != self.curve:
            raise ValueError(f"not a key of {self.name}")
        try:
            key = self.kind.import_key({name: jwk[name] for name in _MEMBERS if name in jwk})
            _ = key.public_key
        except (JoseError, KeyError, TypeError) as error:
            raise ValueError(f"not a key of {self.name}") from error
        return key


_MEMBERS = ("kty", "crv", "x", "y", "d")

ALGORITHMS = MappingProxyType(
    {a.name: a for a in (Algorithm("Ed25519", OKPKey, "Ed25519"), Algorithm("ES256", ECKey, "P-256"))}
)
"""What can sign. Another one (SM2 with SM3) is an entry here, and a model of it in joserfc's registry."""

DEFAULT = "Ed25519"


class _Registry(JWSRegistry):
    """joserfc's, for payloads that hold every finding."""

    max_payload_length = MOST


@dataclass(frozen=True, slots=True)
class Signed:
    """A payload whose signature holds, and the key that made it."""

    payload: bytes
    key: SealKey


def algorithm(name: str) -> Algorithm:
    """The algorithm of this name. Raises: BadInput."""
    if name not in ALGORITHMS:
        raise BadInput(
            f"no algorithm `{name}`",
            f"没有算法 `{name}`",
            fix="Choose one of: " + ", ".join(ALGORITHMS) + ".",
            fix_zh="可选:" + "、".join(ALGORITHMS) + "。",
        )
    return ALGORITHMS[name]


def public(key: OKPKey | ECKey) -> dict[str, str]:
    """The public members of ``key``, which alone make its thumbprint."""
    found = key.as_dict(private=False)
    return {name: str(found[name]) for name in _MEMBERS if name in found}


def sign(payload: bytes, key: OKPKey | ECKey, alg: str) -> str:
    """``payload`` as a compact JWS with ``alg``, ``kid`` and ``typ`` in its header, and nothing else."""
    header = {"alg": alg, "kid": key.thumbprint(), "typ": TYPE}
    return jws.serialize_compact(header, payload, key, registry=_Registry(algorithms=[alg]))


def verify(text: str, keys: Mapping[str, SealKey]) -> Signed:
    """What ``text`` seals, by one of ``keys`` (by kid). Cost: about 0.3 ms.

    The time of signing stands in the payload, and is held against the key's period by who reads that.
    Raises: BadSeal, saying which check fails.
    """
    if len(text) > MOST or not _COMPACT.fullmatch(text):
        raise refused("it is not a compact JWS", "不是紧凑格式的 JWS")
    parts = text.split(".")
    if not all(_canonical(part) for part in parts):
        raise refused("a part of it is not canonical base64url", "含有不规范的 base64url 编码")
    header = _header(parts[0])
    key = keys.get(header["kid"])
    if key is None:
        raise refused(f"its key `{header['kid']}` is unknown", f"密钥 `{header['kid']}` 未知")
    if key.alg != header["alg"]:
        raise refused(
            f"it says `{header['alg']}`, but its key signs with `{key.alg}`",
            f"其标明 `{header['alg']}`,而该密钥使用 `{key.alg}`",
        )
    return Signed(_checked(text, key), key)


def _header(part: str) -> dict[str, str]:
    """The protected header, if it is one that :func:`sign` could have made."""
    try:
        header = parse(_decoded(part))
    except ValueError as error:
        raise refused("its header is not plain JSON", "头部不是规范的 JSON") from error
    if not isinstance(header, dict):
        raise refused("its header is not a JSON object", "头部不是 JSON 对象")
    if "crit" in header:
        raise refused("it has a critical header (`crit`), and none is known", "含有未知的关键头部(`crit`)")
    if header.get("typ") != TYPE:
        raise refused(f"its type is not `{TYPE}`", f"类型不是 `{TYPE}`")
    if header.get("alg") not in list(ALGORITHMS):
        alg = str(header.get("alg"))[:40]
        raise refused(f"its algorithm `{alg}` is not allowed", f"算法 `{alg}` 不被允许")
    if set(header) != {"alg", "kid", "typ"} or not isinstance(header["kid"], str):
        raise refused("its header has not exactly `alg`, `kid` and `typ`", "头部须恰为 `alg`、`kid`、`typ`")
    return header


def _checked(text: str, key: SealKey) -> bytes:
    try:
        loaded = ALGORITHMS[key.alg].load({n: v for n, v in key.jwk.items() if n != "d"})
        registry = _Registry(algorithms=[key.alg])
        return jws.deserialize_compact(text, loaded, registry=registry).payload
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise refused(
            "its signature does not hold: payload, header or signature was changed",
            "签名无效:内容、头部或签名被改动",
        ) from error


def _decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _canonical(part: str) -> bool:
    """Whether ``part`` is the one way to write its bytes, so that no second text passes for the first."""
    try:
        return urlsafe_b64encode(_decoded(part)).rstrip(b"=").decode() == part
    except ValueError:
        return False


def refused(en: str, zh: str) -> BadSeal:
    """The refusal of a sealed decision, saying why."""
    return BadSeal(
        f"the sealed decision is refused: {en}",
        f"封存的决定无效:{zh}",
        fix="Do not rely on it; ask who sealed it for the original and for the keys (JWKS).",
        fix_zh="请勿采信;请向封存方索取原件及该平台的公钥(JWKS)。",
    )
