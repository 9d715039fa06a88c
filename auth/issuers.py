"""External OpenID issuers that are trusted: a fixed table, read once from a TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from huren.auth.administrator import ADMINISTRATOR
from huren.auth.jose import ALGORITHMS, PublicKey, key_set
from huren.auth.scopes import ALL_SCOPES
from huren.auth.tokens import Verifier
from huren.errors import BadInput, Place

LONGEST_LIFE = timedelta(minutes=15)
_MEMBERS = frozenset(
    {
        "iss",
        "jwks_uri",
        "jwks_file",
        "audience",
        "algorithms",
        "organisation",
        "organisation_claim",
        "scopes",
        "longest_life",
    }
)


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """One row of the table: either ``jwks_uri`` or ``keys``; ``organisation`` or ``organisation_claim``."""

    iss: str
    audience: str
    algorithms: frozenset[str]
    scopes: frozenset[str]
    longest_life: timedelta
    organisation: str | None = None
    organisation_claim: str = "sub"
    jwks_uri: str | None = None
    keys: Mapping[str, PublicKey] | None = None

    def verifier(self, keys: Mapping[str, PublicKey]) -> Verifier:
        """How its tokens are checked. A claim never names the administrator: only this table could."""
        return Verifier(
            self.iss,
            frozenset({self.audience}),
            self.algorithms,
            self.longest_life,
            self.scopes,
            keys=keys,
            organisation=self.organisation,
            organisation_claim=self.organisation_claim,
            never=frozenset() if self.organisation else frozenset({ADMINISTRATOR.id}),
            foreign=True,
        )


def read_table(path: Path) -> dict[str, TrustedIssuer]:
    """The issuers in ``path`` by ``iss``. Raises: BadInput, naming the row and what is wrong with it."""
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["issuer"]
        found = [_issuer(row, path, number) for number, row in enumerate(rows, 1)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _wrong(path, 0, f"it has no list of [[issuer]] tables ({type(error).__name__})") from error
    table = {issuer.iss: issuer for issuer in found}
    if len(table) != len(found):
        raise _wrong(path, 0, "two rows have the same `iss`")
    return table


def loopback(host: str | None) -> bool:
    """Whether ``host`` names this machine."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def _issuer(row: Mapping[str, Any], path: Path, number: int) -> TrustedIssuer:
    def need(condition: object, says: str) -> None:
        if not condition:
            raise _wrong(path, number, says)

    need(set(row) <= _MEMBERS, f"only {', '.join(sorted(_MEMBERS))} may be stated")
    texts = ("iss", "audience", "jwks_uri", "jwks_file", "organisation", "organisation_claim")
    for name in texts:
        need(isinstance(row.get(name, "x"), str) and row.get(name, "x"), f"`{name}` must be a text")
    need("iss" in row and "audience" in row, "`iss` and `audience` are needed")
    algorithms, scopes = _names(row, "algorithms"), _names(row, "scopes")
    need(algorithms and algorithms <= ALGORITHMS, f"`algorithms` are among {', '.join(sorted(ALGORITHMS))}")
    need(scopes and scopes <= ALL_SCOPES, f"`scopes` are among {', '.join(sorted(ALL_SCOPES))}")
    life = row.get("longest_life", 900)
    need(type(life) is int and 0 < life <= 900, "`longest_life` is 1 to 900 seconds")
    need(("organisation" in row) != ("organisation_claim" in row), "`organisation` or `organisation_claim`")
    need(("jwks_uri" in row) != ("jwks_file" in row), "`jwks_uri` or `jwks_file`")
    need("jwks_uri" not in row or _fetchable(row["jwks_uri"]), "`jwks_uri` is https, or http on loopback")
    return TrustedIssuer(
        row["iss"],
        row["audience"],
        algorithms,
        scopes,
        timedelta(seconds=life),
        row.get("organisation"),
        row.get("organisation_claim", "sub"),
        row.get("jwks_uri"),
        _file_keys(path, number, row["jwks_file"], algorithms) if "jwks_file" in row else None,
    )


def _names(row: Mapping[str, Any], member: str) -> frozenset[str]:
    given = row.get(member, [])
    return frozenset(map(str, given)) if isinstance(given, list) else frozenset()


def _fetchable(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        return parts.scheme == "https" or (parts.scheme == "http" and loopback(parts.hostname))
    except ValueError:
        return False


def _file_keys(path: Path, number: int, file: str, algorithms: frozenset[str]) -> Mapping[str, PublicKey]:
    """The keys in a file beside the table, or wherever its absolute name says."""
    try:
        keys = key_set(orjson.loads((path.parent / file).read_bytes()), algorithms)
    except (OSError, ValueError) as error:
        raise _wrong(path, number, f"`{file}` is not a JSON Web Key Set of public keys") from error
    if not keys:
        raise _wrong(path, number, f"`{file}` holds no key for its algorithms")
    return keys


def _wrong(path: Path, number: int, says: str) -> BadInput:
    where = f"[[issuer]] {number}: " if number else ""
    return BadInput(
        f"the table of issuers `{path}` cannot be used: {where}{says}",
        f"签发者表 `{path}` 不可用:{where}{says}",
        fix="Correct the file that HUREN_ISSUERS names, or unset it. The page docs/oauth.md shows one.",
        fix_zh="请改正 HUREN_ISSUERS 所指文件,或取消该设置。示例见 docs/oauth.md。",
        place=Place(file=str(path)),
    )
