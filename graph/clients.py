"""Clients of the authorization server in the graph."""

from __future__ import annotations

import json
from typing import Any

from neo4j import AsyncManagedTransaction

from huren.errors import Conflict, NotFound
from huren.graph.database import Database, rows_of
from huren.graph.model.client import Client
from huren.graph.writing import Effect, Stamp

GET = """
MATCH (c:Client {id: $id})
RETURN c.id AS id, c.name AS name, c.org AS org, c.scopes AS scopes, c.jwks AS jwks,
       c.secretHash AS secretHash, c.dpop AS dpop, c.disabled AS disabled
"""

ALL = """
MATCH (c:Client)
RETURN c.id AS id, c.name AS name, c.org AS org, c.scopes AS scopes, c.jwks AS jwks,
       c.secretHash AS secretHash, c.dpop AS dpop, c.disabled AS disabled
ORDER BY name, id
"""

CREATE = """
MATCH (w:Write {id: $write})
CREATE (c:Client {id: $id, name: $name, org: $org, scopes: $scopes, jwks: $jwks, secretHash: $secretHash,
                  dpop: $dpop, disabled: $disabled})
CREATE (c)-[:WRITTEN_BY]->(w)
"""

DISABLE = """
MATCH (c:Client {id: $id})
SET c.disabled = true
RETURN c.id AS id
"""

SET_SECRET = """
MATCH (c:Client {id: $id})
SET c.secretHash = $secretHash
RETURN c.id AS id
"""


async def get(db: Database, id: str) -> Client:
    """The client of this id. One query. Raises: NotFound."""
    rows = await db.read(GET, id=id)
    if not rows:
        raise _no_client(id)
    return _client(rows[0])


async def every(db: Database) -> tuple[Client, ...]:
    """All clients, by name. One query."""
    return tuple(_client(row) for row in await db.read(ALL))


def register(client: Client) -> Effect:
    """Add a client. Answers its id."""

    async def effect(tx: AsyncManagedTransaction, stamp: Stamp) -> dict[str, Any]:
        row = {
            "id": client.id,
            "name": client.name,
            "org": client.org,
            "scopes": sorted(client.scopes),
            "jwks": None if client.jwks is None else json.dumps(dict(client.jwks)),
            "secretHash": client.secret_hash,
            "dpop": client.dpop,
            "disabled": client.disabled,
        }
        await tx.run(CREATE, row, write=stamp.write)
        return {"id": client.id}

    return effect


def disable(id: str) -> Effect:
    """Refuse a client and its tokens from now on. Answers its id. The effect raises NotFound."""

    async def effect(tx: AsyncManagedTransaction, _: Stamp) -> dict[str, Any]:
        if not await rows_of(tx, DISABLE, id=id):
            raise _no_client(id)
        return {"id": id}

    return effect


def set_secret(id: str, secret_hash: str) -> Effect:
    """Replace the secret of a client. Answers its id. The effect raises NotFound; Conflict: it has none."""

    async def effect(tx: AsyncManagedTransaction, _: Stamp) -> dict[str, Any]:
        rows = await rows_of(tx, GET, id=id)
        if not rows:
            raise _no_client(id)
        if rows[0]["secretHash"] is None:
            raise _no_secret(id)
        await tx.run(SET_SECRET, id=id, secretHash=secret_hash)
        return {"id": id}

    return effect


def _client(row: Any) -> Client:
    return Client(
        row["id"],
        row["name"],
        row["org"],
        frozenset(row["scopes"]),
        None if row["jwks"] is None else json.loads(row["jwks"]),
        row["secretHash"],
        row["dpop"],
        row["disabled"],
    )


def _no_client(id: str) -> NotFound:
    return NotFound(
        f"no client `{id}`",
        f"没有客户端“{id}”",
        fix="Give an id that `huren client list` prints.",
        fix_zh="请使用 `huren client list` 列出的标识。",
    )


def _no_secret(id: str) -> Conflict:
    return Conflict(
        f"the client `{id}` signs with its own key and has no secret",
        f"客户端“{id}”使用自有密钥签名,没有口令",
        fix="Create a client with the new keys (`--jwks FILE`), and disable this one.",
        fix_zh="请用新密钥创建客户端(`--jwks FILE`),并停用此客户端。",
    )
