"""The states of tokens in the graph: used once, revoked, and the public keys that they are checked with.

They are no data of the exchange: they raise no revision, and end with the tokens that they are of.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any

from neo4j import AsyncManagedTransaction
from neo4j.exceptions import ConstraintError

from huren.graph.database import Database, rows_of
from huren.graph.model.token import TokenKey, TokenStates
from huren.graph.writing import Effect, Stamp

USE = "CREATE (:UsedToken {id: $id, expires: $expires})"

REVOKE = """
MERGE (t:RevokedToken {id: $id})
ON CREATE SET t.expires = $expires
"""

STATES = """
CALL () { MATCH (t:RevokedToken) WHERE t.expires > $now RETURN collect(t.id) AS revoked }
CALL () { MATCH (c:Client) WHERE c.disabled RETURN collect(c.id) AS disabled }
CALL () {
  MATCH (k:TokenKey) WHERE k.until IS NULL OR k.until > $oldest
  RETURN collect({kid: k.kid, alg: k.alg, jwk: k.jwk, since: k.since, until: k.until}) AS keys
}
RETURN revoked, disabled, keys
"""

SWEEP_USED = """
MATCH (t:UsedToken) WHERE t.expires < $now
WITH t LIMIT 10000
DELETE t
"""

SWEEP_REVOKED = """
MATCH (t:RevokedToken) WHERE t.expires < $now
WITH t LIMIT 10000
DELETE t
"""

RECORD_KEYS = """
UNWIND $rows AS row
MERGE (k:TokenKey {kid: row.kid})
ON CREATE SET k.alg = row.alg, k.jwk = row.jwk, k.since = row.since
SET k.until = CASE WHEN row.until IS NULL OR k.until < row.until THEN k.until ELSE row.until END
"""

_KEPT = timedelta(minutes=1)
"""States outlive their tokens by this much, since clocks differ."""


def token_id(*names: str) -> str:
    """A short name of a token by what identifies it, such as its issuer and ``jti``: SHA-256, hexadecimal.

    >>> token_id("a", "bc") == token_id("ab", "c")
    False
    """
    return sha256(json.dumps(names).encode()).hexdigest()


async def use_once(db: Database, id: str, expires: datetime) -> bool:
    """Whether this is the first use of ``id``; it is remembered until ``expires``. One small write.

    Exactly one of any number of callers is first, whichever worker they ask. Raises: Unavailable, and then
    it may count as used.
    """
    try:
        await db.write_with(partial(rows_of, query=USE, id=id, expires=expires + _KEPT))
    except ConstraintError:
        return False
    return True


async def revoke(db: Database, id: str, expires: datetime) -> None:
    """Refuse the token ``id``, which ends at ``expires``. Doing it again changes nothing."""
    await db.write_with(partial(rows_of, query=REVOKE, id=id, expires=expires + _KEPT))


async def states(db: Database, now: datetime, longest_life: timedelta) -> TokenStates:
    """What has been said of tokens that may still live. One query."""
    oldest = now - longest_life - _KEPT
    [row] = await db.read(STATES, now=now, oldest=oldest)
    keys = {key["kid"]: _key(key) for key in row["keys"]}
    return TokenStates(frozenset(row["revoked"]), frozenset(row["disabled"]), keys)


async def sweep(db: Database, now: datetime) -> None:
    """Forget what has ended, ten thousand of each kind at most."""
    await db.write_with(partial(rows_of, query=SWEEP_USED, now=now))
    await db.write_with(partial(rows_of, query=SWEEP_REVOKED, now=now))


def record(ours: Sequence[TokenKey]) -> Effect:
    """Put public keys, and the ends of their periods, on record. Answers their kids."""

    async def effect(tx: AsyncManagedTransaction, _: Stamp) -> dict[str, Any]:
        rows = [
            {"kid": k.kid, "alg": k.alg, "jwk": json.dumps(dict(k.jwk)), "since": k.since, "until": k.until}
            for k in ours
        ]
        await tx.run(RECORD_KEYS, rows=rows)
        return {"keys": [key.kid for key in ours]}

    return effect


def _key(row: Any) -> TokenKey:
    since, until = (
        None if row[name] is None else row[name].to_native().astimezone(UTC) for name in ("since", "until")
    )
    assert since is not None
    return TokenKey(row["kid"], row["alg"], json.loads(row["jwk"]), since, until)
