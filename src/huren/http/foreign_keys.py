"""The public keys of external issuers: fetched when first needed, kept, and refetched within bounds.

A token with an unknown ``kid`` makes at most one fetch every COOLDOWN seconds, however many come.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import requests

from huren.auth.issuers import TrustedIssuer
from huren.auth.jose import PublicKey, key_set
from huren.errors import Unavailable

log = logging.getLogger("huren")

COOLDOWN = 30.0
STALE = 300.0
OLDEST = 86_400.0
PATIENCE = 3.0
MOST_BYTES = 256 * 1024


@dataclass(slots=True)
class _Known:
    """What is known of one issuer; times are of the monotonic clock."""

    keys: Mapping[str, PublicKey] = field(default_factory=dict)
    fetched: float = float("-inf")
    tried: float = float("-inf")
    fetching: asyncio.Task[None] | None = None


class ForeignKeys:
    """The key sets by issuer, in this worker."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    async def keys(self, issuer: TrustedIssuer, kid: object) -> Mapping[str, PublicKey]:
        """The keys of ``issuer``; a fetch is waited for only where ``kid`` is not among them.

        Raises: Unavailable where none could be had yet, or the last ones are older than a day.
        """
        if issuer.keys is not None:
            return issuer.keys
        known, now = self._known.setdefault(issuer.iss, _Known()), time.monotonic()
        missing = not known.keys or (isinstance(kid, str) and kid not in known.keys)
        if (missing or now - known.fetched > STALE) and now - known.tried > COOLDOWN:
            known.tried = now
            known.fetching = asyncio.create_task(_refresh(known, issuer))
        if missing and known.fetching is not None and not known.fetching.done():
            await asyncio.wait({known.fetching}, timeout=PATIENCE)
        if time.monotonic() - known.fetched > OLDEST:
            raise _unreachable(issuer)
        return known.keys


async def _refresh(known: _Known, issuer: TrustedIssuer) -> None:
    assert issuer.jwks_uri is not None
    try:
        found = await asyncio.to_thread(_fetch, issuer.jwks_uri)
        known.keys, known.fetched = key_set(found, issuer.algorithms), time.monotonic()
    except (requests.RequestException, ValueError, OSError) as error:
        log.warning("the keys of %s could not be fetched: %s", issuer.iss, error)


def _fetch(uri: str) -> Any:
    """The JSON at ``uri``: no redirect is followed, no credentials are sent, size and time are bounded."""
    give_up = time.monotonic() + PATIENCE
    with requests.get(
        uri,
        allow_redirects=False,
        stream=True,
        timeout=PATIENCE,
        auth=lambda request: request,
        headers={"accept": "application/jwk-set+json, application/json", "accept-encoding": "identity"},
    ) as answer:
        if answer.status_code != 200:
            raise ValueError(f"status {answer.status_code}")
        body = bytearray()
        for chunk in answer.iter_content(16_384):
            body += chunk
            if len(body) > MOST_BYTES or time.monotonic() > give_up:
                raise ValueError("too large or too slow")
    return orjson.loads(bytes(body))


def _unreachable(issuer: TrustedIssuer) -> Unavailable:
    return Unavailable(
        f"the keys of the issuer `{issuer.iss}` cannot be had",
        f"无法获取签发者“{issuer.iss}”的密钥",
        fix="Send the request again after half a minute.",
        fix_zh="请半分钟后重新发送。",
    )
