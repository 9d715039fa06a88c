"""The keys that seal decisions: a file of the home, never the key of access tokens. Each has its period.

Periods are whole seconds and follow one another without gap. A rotation and a signature exclude each other
by a lock on a file, so a signature always lies in the period of its key, whatever happens meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey, OKPKey

from huren.auth.key_file import locked, read, unusable, write
from huren.auth.seals import ALGORITHMS, DEFAULT, algorithm, public
from huren.errors import BadInput
from huren.graph.model.canonical import parse
from huren.graph.model.seal import SealKey
from huren.graph.revision import utc_now

KEY_FILE = "seal-keys.json"
LOCK_FILE = "seal-keys.lock"


@dataclass(frozen=True, slots=True)
class Signing:
    """The key that signs, and the instant it signs at, which lies in the key's period."""

    key: OKPKey | ECKey
    alg: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SealKeys:
    """The seal keys of ``home``. Nothing is kept in memory: the file is read each time (0.2 ms)."""

    home: Path

    def public(self) -> tuple[SealKey, ...]:
        """Every key of the home, the oldest first; none where nothing was ever sealed. Raises: BadInput."""
        path = self.home / KEY_FILE
        return tuple(_public(row, path) for row in _rows(path)) if path.exists() else ()

    def ensure(self) -> None:
        """Make the first key where there is none. Raises: BadInput."""
        with locked(self.home / LOCK_FILE):
            path = self.home / KEY_FILE
            if not path.exists():
                write(path, {"keys": [_new(DEFAULT, utc_now().replace(microsecond=0))]})

    @contextmanager
    def signing(self) -> Iterator[Signing]:
        """The current key for as long as one signature takes; no rotation falls inside. Raises: BadInput."""
        path = self.home / KEY_FILE
        if not path.exists():
            self.ensure()
        with locked(self.home / LOCK_FILE):
            row = _rows(path)[-1]
            # After a rotation the new period begins within a second; clocks may also be set back.
            at = max(utc_now(), _public(row, path).since)
            yield Signing(_private(row, path), row["alg"], at)

    def rotate(self, alg: str = DEFAULT) -> SealKey:
        """Retire the current key and make a new one, which signs from the next whole second on.

        Of a retired key only the public part is kept. Raises: BadInput.
        """
        algorithm(alg)
        path = self.home / KEY_FILE
        self.ensure()
        with locked(self.home / LOCK_FILE):
            rows = _rows(path)
            began = _public(rows[-1], path).since
            change = max(utc_now().replace(microsecond=0), began) + timedelta(seconds=1)
            last = rows[-1] | {"jwk": _public(rows[-1], path).jwk, "until": _text(change)}
            row = _new(alg, change)
            write(path, {"keys": [*rows[:-1], last, row]})
        return _public(row, path)


def union(*many: Iterable[SealKey]) -> dict[str, SealKey]:
    """The keys of several sources by kid, in order of their periods; a retirement that any knows of holds."""
    found: dict[str, SealKey] = {}
    for key in (key for keys in many for key in keys):
        if key.kid not in found or key.until is not None:
            found[key.kid] = key
    return dict(sorted(found.items(), key=lambda item: (item[1].since, item[0])))


def published(keys: Iterable[SealKey]) -> dict[str, Any]:
    """``keys`` as a JSON Web Key Set, with their periods as ``nbf`` and ``exp`` (seconds since 1970)."""
    return {"keys": [_published(key) for key in keys]}


def _published(key: SealKey) -> dict[str, Any]:
    whole = {**key.jwk, "kid": key.kid, "alg": key.alg, "use": "sig", "nbf": int(key.since.timestamp())}
    return whole if key.until is None else {**whole, "exp": int(key.until.timestamp())}


def read_published(text: bytes, file: str) -> dict[str, SealKey]:
    """The keys of a JSON Web Key Set by kid; those of other kinds and uses are passed over (RFC 7517 5).

    Raises: BadInput for what is no key set, or for a key that is not what it says it is.
    """
    try:
        rows = parse(text)["keys"]
        ours = [row for row in rows if row.get("alg") in ALGORITHMS and row.get("use", "sig") == "sig"]
        keys = [_of_published(row) for row in ours]
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise BadInput(
            f"`{file}` is not a JSON Web Key Set with periods",
            f"`{file}` 不是含有效期的 JSON Web Key Set",
            fix="Fetch it from `/.well-known/huren/jwks` of the exchange that sealed.",
            fix_zh="请从封存方的 `/.well-known/huren/jwks` 获取。",
        ) from error
    return union(keys)


def _of_published(row: Mapping[str, Any]) -> SealKey:
    ends = row.get("exp")
    return _checked(row, row["alg"], row["kid"], _moment(row["nbf"]), None if ends is None else _moment(ends))


def _moment(seconds: Any) -> datetime:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise ValueError("not a numeric date")
    return datetime.fromtimestamp(seconds, UTC)


def _checked(jwk: Mapping[str, Any], alg: str, kid: str, since: datetime, until: datetime | None) -> SealKey:
    """A public key. Raises: ValueError where its kid is no thumbprint, or its kind not that of ``alg``."""
    key = ALGORITHMS[alg].load({name: value for name, value in jwk.items() if name != "d"})
    if key.thumbprint() != kid:
        raise ValueError("the kid is not the thumbprint of the key")
    return SealKey(kid, alg, public(key), since, until)


def _new(alg: str, since: datetime) -> dict[str, Any]:
    key = ALGORITHMS[alg].generate()
    return {"kid": key.thumbprint(), "alg": alg, "from": _text(since), "jwk": key.as_dict(private=True)}


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _rows(path: Path) -> list[dict[str, Any]]:
    """The rows of the file, the current key last."""
    whole = read(path)
    try:
        rows: list[dict[str, Any]] = whole["keys"]
        open_ended = ["until" not in row for row in rows]
    except (ValueError, KeyError, TypeError) as error:
        raise unusable(path, "it is not a list of keys", "它不是密钥列表") from error
    if not rows or open_ended != [False] * (len(rows) - 1) + [True]:
        raise unusable(path, "it has not exactly one current key, the last", "当前密钥须恰为最后一个")
    return rows


def _public(row: Mapping[str, Any], path: Path) -> SealKey:
    try:
        until = row.get("until")
        since = datetime.fromisoformat(row["from"])
        ends = None if until is None else datetime.fromisoformat(until)
        return _checked(row["jwk"], row["alg"], row["kid"], since.astimezone(UTC), ends)
    except (ValueError, KeyError, TypeError) as error:
        raise unusable(path, "a key in it is not what it says it is", "其中的密钥与其说明不符") from error


def _private(row: Mapping[str, Any], path: Path) -> OKPKey | ECKey:
    try:
        key = ALGORITHMS[row["alg"]].load(row["jwk"])
    except (ValueError, KeyError) as error:
        raise unusable(path, "a key in it is not what it says it is", "其中的密钥与其说明不符") from error
    if not key.is_private:
        raise unusable(path, "its current key has no private part", "当前密钥缺少私钥部分")
    return key
