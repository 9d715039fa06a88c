"""The keys that access tokens are signed with: a file of the home, one key at a time, the next one announced.

A key is published before it signs and stays published until the last token that it signed has ended, so
nobody who reads the published keys in between ever meets a token of a key that he does not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from huren.auth.key_file import locked, read, unusable, write
from huren.auth.tokens import ALGORITHM
from huren.errors import Conflict
from huren.graph.model.token import TokenKey

KEY_FILE = "token-keys.json"
LOCK_FILE = "token-keys.lock"
LEAD = timedelta(minutes=10)
"""How long before its first signature a key is published: twice as long as the key set may be cached."""


@dataclass(frozen=True, slots=True)
class TokenKeys:
    """The token keys of ``home``. Nothing is kept in memory: the file is read each time (0.2 ms)."""

    home: Path

    def public(self, now: datetime) -> tuple[TokenKey, ...]:
        """Every key of the home, the oldest first; the first one is made here. Raises: BadInput."""
        return tuple(_public(row, self._path) for row in self._ensured(now))

    def signing(self, now: datetime) -> OKPKey:
        """The private key whose period holds ``now``. Raises: BadInput."""
        rows = self._ensured(now)
        current = [row for row in rows if _public(row, self._path).since <= now]
        return _private((current or rows)[-1], self._path)

    def rotate(self, now: datetime, lead: timedelta = LEAD) -> TokenKey:
        """Make the next key, which signs from ``lead`` after ``now`` on; the present one signs until then.

        Private parts of keys that no longer sign are dropped. Raises: BadInput; Conflict where a next key
        waits already.
        """
        self._ensured(now)
        with locked(self.home / LOCK_FILE):
            rows = read(self._path)["keys"]
            last = _public(rows[-1], self._path)
            if last.since > now:
                raise _waits(last)
            change = max(now.replace(microsecond=0), last.since) + max(lead, timedelta(seconds=1))
            ended = [_without_secret(row, now) for row in rows[:-1]]
            row = _new(change)
            write(self._path, {"keys": [*ended, rows[-1] | {"until": change.isoformat()}, row]})
        return _public(row, self._path)

    @property
    def _path(self) -> Path:
        return self.home / KEY_FILE

    def _ensured(self, now: datetime) -> list[dict[str, Any]]:
        if not self._path.exists():
            with locked(self.home / LOCK_FILE):
                if not self._path.exists():
                    write(self._path, {"keys": [_new(now.replace(microsecond=0))]})
        try:
            rows: list[dict[str, Any]] = read(self._path)["keys"]
            if rows:
                return rows
        except (KeyError, TypeError) as error:
            raise unusable(self._path, "it is not a list of keys", "它不是密钥列表") from error
        raise unusable(self._path, "it holds no key", "其中没有密钥")


def published(keys: Iterable[TokenKey]) -> dict[str, Any]:
    """``keys`` as a JSON Web Key Set (RFC 7517)."""
    rows = sorted(keys, key=lambda key: (key.since, key.kid))
    return {"keys": [{**key.jwk, "kid": key.kid, "alg": key.alg, "use": "sig"} for key in rows]}


def _new(since: datetime) -> dict[str, Any]:
    key = OKPKey.generate_key("Ed25519")
    jwk = key.as_dict(private=True)
    return {"kid": key.thumbprint(), "alg": ALGORITHM, "from": since.astimezone(UTC).isoformat(), "jwk": jwk}


def _without_secret(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    if datetime.fromisoformat(row["until"]) > now:
        return row
    return row | {"jwk": {name: value for name, value in row["jwk"].items() if name != "d"}}


def _public(row: Mapping[str, Any], path: Path) -> TokenKey:
    try:
        until, since = row.get("until"), datetime.fromisoformat(row["from"]).astimezone(UTC)
        ends = None if until is None else datetime.fromisoformat(until).astimezone(UTC)
        jwk = {name: str(row["jwk"][name]) for name in ("kty", "crv", "x")}
        key = OKPKey.import_key(dict(jwk))
        if key.thumbprint() != row["kid"] or key.curve_name != "Ed25519" or row["alg"] != ALGORITHM:
            raise ValueError("not what it says it is")
        return TokenKey(row["kid"], row["alg"], jwk, since, ends)
    except (ValueError, KeyError, TypeError, AttributeError, JoseError) as error:
        raise unusable(path, "a key in it is not what it says it is", "其中的密钥与其说明不符") from error


def _private(row: Mapping[str, Any], path: Path) -> OKPKey:
    try:
        key = OKPKey.import_key({**row["jwk"], "kid": row["kid"]})
    except (ValueError, KeyError, TypeError, JoseError) as error:
        raise unusable(path, "a key in it is not what it says it is", "其中的密钥与其说明不符") from error
    if not key.is_private:
        raise unusable(path, "its current key has no private part", "当前密钥缺少私钥部分")
    return key


def _waits(key: TokenKey) -> Conflict:
    at = key.since.isoformat()
    return Conflict(
        f"a next key waits already; it signs from {at} on",
        f"已有待用密钥,将自 {at} 起签名",
        fix="Rotate again after that.",
        fix_zh="请在此之后再轮换。",
    )
