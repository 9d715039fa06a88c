"""`huren client`: who may ask the authorization server for tokens. The operator of the home decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import typer

from huren.app import open_exchange
from huren.auth.administrator import ADMINISTRATOR
from huren.auth.client_secrets import hash_secret, new_id, new_secret
from huren.auth.jose import CLIENT_ALGORITHMS, key_set
from huren.auth.roles import scopes_of
from huren.auth.scopes import ALL_SCOPES
from huren.commands.console import tell
from huren.errors import BadInput
from huren.graph import clients, organisations
from huren.graph.database import Database
from huren.graph.model.client import Client
from huren.graph.writing import Effect, Write, write_once
from huren.mappings.registration import check_organisation
from huren.settings import Settings

ACTOR = "huren-cli"
_LONGEST_NAME = 200


async def create(  # noqa: PLR0913, PLR0917  (what a client is)
    settings: Settings, name: str, org: str | None, scopes: Sequence[str], jwks: Path | None, dpop: bool
) -> None:
    """Register a client, and print ``client_id=…`` and, unless it signs, ``client_secret=…``.

    Raises: BadInput for a wrong name, scope, organisation's id or key set; what opening the home raises.
    """
    id, secret = new_id(), None if jwks else new_secret()
    speaks = check_organisation(org) if org else ADMINISTRATOR.id
    hashed, keys = (hash_secret(secret) if secret else None), (read_jwks(jwks) if jwks else None)
    asked = check_scopes(scopes)
    name = check_name(name)
    async with open_exchange(settings, tell) as exchange:
        held = asked or await _usual(exchange.database, speaks)
        client = Client(id, name, speaks, held, keys, hashed, dpop)
        await _write(
            exchange.database, "registerClient", {"client": id, "org": speaks}, clients.register(client)
        )
    typer.echo(f"client_id={id}")
    if secret:
        typer.echo(f"client_secret={secret}")


async def list_all(settings: Settings) -> None:
    """Print a line for each client."""
    async with open_exchange(settings, tell) as exchange:
        for client in await clients.every(exchange.database):
            typer.echo(line(client))


async def disable(settings: Settings, id: str) -> None:
    """Refuse a client and its tokens. Raises: NotFound."""
    async with open_exchange(settings, tell) as exchange:
        await _write(exchange.database, "disableClient", {"client": id}, clients.disable(id))
    typer.echo(f"disabled {id}")


async def rotate_secret(settings: Settings, id: str) -> None:
    """Replace a secret, and print the new one. Raises: NotFound; Conflict for a client that signs."""
    secret = new_secret()
    hashed = hash_secret(secret)
    async with open_exchange(settings, tell) as exchange:
        effect = clients.set_secret(id, hashed)
        await _write(exchange.database, "rotateClientSecret", {"client": id}, effect)
    typer.echo(f"client_secret={secret}")


def line(client: Client) -> str:
    """A client on one line; what is secret of it is not in it."""
    how = "private_key_jwt" if client.jwks is not None else "client_secret"
    bound = " dpop" if client.dpop else ""
    state = "disabled" if client.disabled else "active"
    return (
        f"{client.id}  {client.org}  {how}{bound}  {state}  {client.name}  {' '.join(sorted(client.scopes))}"
    )


def check_scopes(given: Sequence[str]) -> frozenset[str]:
    """The scopes named, each alone or several in one text. Raises: BadInput for one that does not exist."""
    asked = frozenset(scope for text in given for scope in text.replace(",", " ").split())
    if unknown := asked - ALL_SCOPES:
        raise BadInput(
            f"no scope `{min(unknown)}`",
            f"没有权限 `{min(unknown)}`",
            fix="Name scopes among: " + ", ".join(sorted(ALL_SCOPES)) + ".",
            fix_zh="可用权限:" + "、".join(sorted(ALL_SCOPES)) + "。",
        )
    return asked


def check_name(name: str) -> str:
    """``name`` itself. Raises: BadInput where it is no line of text."""
    if not name.strip() or not name.isprintable() or len(name) > _LONGEST_NAME:
        raise BadInput(
            "the name of a client is a line of 1 to 200 characters",
            "客户端名称须为 1 至 200 个可见字符",
            fix="Give it a short name.",
            fix_zh="请使用简短的名称。",
        )
    return name


def read_jwks(file: Path) -> Mapping[str, Any]:
    """The public keys in ``file``, without anything else that it says. Raises: BadInput."""
    try:
        keys = key_set(orjson.loads(file.read_bytes()), CLIENT_ALGORITHMS)
    except (OSError, ValueError) as error:
        raise _no_keys(file, str(error)) from error
    if not keys:
        raise _no_keys(file, f"it holds no key for {', '.join(CLIENT_ALGORITHMS)}")
    return {"keys": [{**key.as_dict(private=False), "kid": kid} for kid, key in keys.items()]}


async def _usual(database: Database, org: str) -> frozenset[str]:
    """What the role of an organisation gives; one that is not on record yet is a firm."""
    if org == ADMINISTRATOR.id:
        return ALL_SCOPES
    found = (await organisations.get_many(database, [org])).get(org)
    return scopes_of(found.roles if found else ())


async def _write(database: Database, name: str, body: Mapping[str, Any], effect: Effect) -> None:
    await write_once(database, Write(ADMINISTRATOR.id, ACTOR, uuid4().hex, name, body), effect)


def _no_keys(file: Path, why: str) -> BadInput:
    return BadInput(
        f"`{file}` is not a JSON Web Key Set of public keys: {why}",
        f"`{file}` 不是公钥的 JSON Web Key Set:{why}",
        fix='Give a file such as {"keys": [{"kty": "EC", "crv": "P-256", "x": "…", "y": "…"}]}.',
        fix_zh='请提供形如 {"keys": [{"kty": "EC", "crv": "P-256", "x": "…", "y": "…"}]} 的文件。',
    )
