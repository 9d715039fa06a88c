"""`huren token-key`: the keys that access tokens are signed with."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import typer

from huren.app import open_exchange
from huren.auth.token_keys import TokenKeys
from huren.commands.console import tell
from huren.errors import BadInput
from huren.graph import tokens
from huren.graph.model.token import TokenKey
from huren.graph.revision import utc_now
from huren.graph.writing import Write, write_once
from huren.settings import Settings


async def rotate(settings: Settings, lead: int) -> None:
    """Make the next key and publish it. Raises: BadInput; Conflict where a next key waits already."""
    if not 1 <= lead <= 86_400:
        raise BadInput(
            "a key is published 1 to 86,400 seconds before it signs",
            "密钥须在签名前 1 至 86,400 秒公布",
            fix="Leave `--lead` out: ten minutes are twice as long as anyone may cache the keys.",
            fix_zh="请省略 `--lead`:默认十分钟,为密钥缓存时间的两倍。",
        )
    keys = TokenKeys(settings.home)
    async with open_exchange(settings, tell) as exchange:
        made = keys.rotate(utc_now(), timedelta(seconds=lead))
        body = {"keys": [made.kid]}
        write = Write("huren", "huren-cli", uuid4().hex, "recordTokenKeys", body)
        await write_once(exchange.database, write, tokens.record(keys.public(utc_now())))
    typer.echo(_line(made))


def list_all(settings: Settings) -> None:
    """Print every key of the home, the oldest first. Raises: BadInput."""
    for key in TokenKeys(settings.home).public(utc_now()):
        typer.echo(_line(key))


def _line(key: TokenKey) -> str:
    until = key.until.isoformat() if key.until else ""
    return f"{key.kid}  {key.alg}  {key.since.isoformat()} –{until and ' ' + until}"
