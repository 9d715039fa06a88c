"""Fetching the keys of an external issuer: when needed, within bounds, and never because of a flood."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from joserfc.jwk import ECKey

from huren.auth.issuers import TrustedIssuer
from huren.errors import Unavailable
from huren.http import foreign_keys
from huren.http.foreign_keys import ForeignKeys


class Origin:
    """A server of a key set that counts, and answers what it is told to."""

    def __init__(self) -> None:
        self.fetches, self.status, self.body = 0, 200, b""
        origin = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                origin.fetches += 1
                self.send_response(origin.status)
                if origin.status == 302:
                    self.send_header("location", "/other")
                self.send_header("content-length", str(len(origin.body)))
                self.end_headers()
                self.wfile.write(origin.body)

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def holds(self, *kids: str) -> None:
        keys = [ECKey.generate_key("P-256", {"kid": kid}).as_dict(private=False) for kid in kids]
        self.body = json.dumps({"keys": keys}).encode()

    @property
    def row(self) -> TrustedIssuer:
        uri = f"http://127.0.0.1:{self.server.server_port}/jwks"
        life, algorithms = timedelta(minutes=15), frozenset({"ES256"})
        return TrustedIssuer(
            "https://x.example", "a", algorithms, frozenset(), life, organisation="x", jwks_uri=uri
        )


@pytest.fixture
def origin() -> Iterator[Origin]:
    found = Origin()
    thread = threading.Thread(target=found.server.serve_forever)
    thread.start()
    yield found
    found.server.shutdown()
    found.server.server_close()
    thread.join()


async def test_a_flood_of_kids_is_one_fetch(origin: Origin) -> None:
    origin.holds("k1")
    keys = ForeignKeys()
    first = await asyncio.gather(*[keys.keys(origin.row, f"kid-{n}") for n in range(200)])
    assert all(set(found) == {"k1"} for found in first)
    for n in range(200):
        await keys.keys(origin.row, f"other-{n}")
        await keys.keys(origin.row, "k1")
    assert origin.fetches == 1


async def test_a_new_key_is_found_after_the_pause(origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    origin.holds("k1")
    keys = ForeignKeys()
    await keys.keys(origin.row, "k1")
    origin.holds("k1", "k2")
    assert set(await keys.keys(origin.row, "k2")) == {"k1"}
    monkeypatch.setattr(foreign_keys, "COOLDOWN", 0.0)
    assert set(await keys.keys(origin.row, "k2")) == {"k1", "k2"}
    origin.status = 500
    assert set(await keys.keys(origin.row, "k3")) == {"k1", "k2"}, "what is known stays known"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b""),
        (302, b""),
        (200, b""),
        (200, b"<html>"),
        (200, b'{"keys": 1}'),
        (200, b"[" * 300_000),
        (200, b'{"keys": [{"kty": "oct", "k": "AAAA"}]}'),
    ],
)
async def test_what_is_no_key_set_is_not_taken(origin: Origin, status: int, body: bytes) -> None:
    origin.status, origin.body = status, body
    with pytest.raises(Unavailable, match=r"x\.example"):
        await ForeignKeys().keys(origin.row, "k1")
    assert origin.fetches == 1, "a redirect is not followed"


@pytest.mark.parametrize("kid", [None, 1, ["k1"], {}, ""])
async def test_a_kid_that_is_no_name(origin: Origin, kid: object) -> None:
    origin.holds("k1")
    keys = ForeignKeys()
    for _ in range(3):
        assert set(await keys.keys(origin.row, kid)) == {"k1"}
    assert origin.fetches == 1


async def test_nobody_there(origin: Origin) -> None:
    row, keys = origin.row, ForeignKeys()
    origin.server.server_close()
    with pytest.raises(Unavailable):
        await keys.keys(row, "k1")
