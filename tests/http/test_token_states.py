"""Tokens of the authorization server before the API: forged, revoked, of other keys, without a database."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from httpx2 import ASGITransport, AsyncClient
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey

from huren.app import create_app, exchange_over
from huren.auth.authority import Authority
from huren.auth.keys import Keys, local_keys
from huren.auth.token_keys import TokenKeys
from huren.graph import clients, tokens
from huren.graph.database import Address, Database
from huren.graph.model.token import TokenKey, TokenStates
from huren.graph.revision import utc_now
from huren.graph.writing import Write, write_once
from huren.http.token_states import States
from huren.resolvers.context import Exchange
from tests.faults.link import linked
from tests.http.integrator import HELLO, ISSUER, Integrator, claims_of, do, proof, register, seconds


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """The keys of a home that no other file turns."""
    return local_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
async def workers(exchange: Exchange) -> AsyncIterator[list[AsyncClient]]:
    """Two workers of one home: what one knows, the other has to read."""
    async with AsyncExitStack() as stack:
        found = []
        for _ in range(2):
            app = create_app(exchange, Authority(ISSUER))
            transport = ASGITransport(app, raise_app_exceptions=False)
            client = AsyncClient(transport=transport, base_url=ISSUER)
            found.append(await stack.enter_async_context(client))
        yield found


@pytest.fixture(scope="module")
async def caller(workers: list[AsyncClient], exchange: Exchange) -> Integrator:
    """A client that is served by the first worker."""
    return await register(workers[0], exchange.database)


def b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def resigned(key: OKPKey, good: str, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """``good`` with changes, signed by the right key, whatever it says; None leaves a member out."""
    whole: list[dict[str, Any]] = [
        json.loads(base64.urlsafe_b64decode(good.split(".", maxsplit=1)[0] + "==")) | header,
        claims_of(good) | claims,
    ]
    kept = [{n: v for n, v in part.items() if v is not None} for part in whole]
    signed = ".".join(b64(json.dumps(part).encode()) for part in kept)
    raw: Any = key.private_key
    return f"{signed}.{b64(raw.sign(signed.encode()))}"


HEADERS: dict[str, dict[str, Any]] = {
    **{f"alg {alg}": {"alg": alg} for alg in ("none", "None", "NONE", "nOnE", "", "HS256", "EdDSA", "ES256")},
    "alg absent": {"alg": None},
    "alg list": {"alg": ["Ed25519"]},
    "typ absent": {"typ": None},
    "typ JWT": {"typ": "JWT"},
    "typ of a proof": {"typ": "dpop+jwt"},
    "kid absent": {"kid": None},
    "kid is a path": {"kid": "../../../../dev/null"},
    "kid is a statement": {"kid": "x' OR 1=1 RETURN 1 //"},
    "kid is a list": {"kid": ["x"]},
    "kid is an object": {"kid": {}},
    "kid is empty": {"kid": ""},
    "jku": {"jku": "http://127.0.0.1:9/jwks"},
    "x5u": {"x5u": "http://127.0.0.1:9/x"},
    "x5c": {"x5c": ["AA"]},
    "jwk": {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}},
    "crit": {"crit": ["exp"]},
    "b64": {"b64": False, "crit": ["b64"]},
    "zip": {"zip": "DEF"},
    "cty": {"cty": "JWT"},
}
AT = seconds()
CLAIMS: dict[str, dict[str, Any]] = {
    **{
        f"{name} absent": {name: None}
        for name in ("iss", "aud", "sub", "org", "client_id", "scope", "iat", "exp")
    },
    **{
        f"{name} is a list": {name: ["x"]}
        for name in ("iss", "aud", "sub", "org", "client_id", "scope", "jti")
    },
    **{
        f"{name} is a number": {name: 1.5}
        for name in ("iss", "aud", "sub", "org", "client_id", "scope", "jti")
    },
    "other issuer": {"iss": "https://elsewhere.example"},
    "issuer with a slash": {"iss": f"{ISSUER}/"},
    "home's issuer": {"iss": "urn:huren:local"},
    "issuer to fetch": {"iss": "http://127.0.0.1:9"},
    "other audience": {"aud": "https://elsewhere.example"},
    "audience of an ID token": {"aud": "client"},
    "expired": {"iat": AT - 700, "exp": AT - 100},
    "issued in the future": {"iat": AT + 3_000, "exp": AT + 3_600},
    "not yet": {"nbf": AT + 3_000},
    "eleven minutes": {"iat": AT, "exp": AT + 660},
    "for ever": {"exp": 2**53},
    "beyond every clock": {"exp": 2**62},
    "exp is a boolean": {"exp": True},
    "exp is a text": {"exp": "9999999999"},
    "organisation with a slash": {"org": "a/b"},
    "organisation empty": {"org": ""},
    "bound by certificate": {"cnf": {"x5t#S256": "x"}},
    "bound to a number": {"cnf": {"jkt": 1}},
    "bound, without a proof": {"cnf": {"jkt": "x"}},
}


async def test_forged_tokens_are_401(
    caller: Integrator, exchange: Exchange, subtests: pytest.Subtests
) -> None:
    good = await caller.access_token()
    key = TokenKeys(exchange.keys.home).signing(utc_now())
    head, body, signature = good.split(".")
    public = key.as_dict(private=False)
    secrets = [
        str(public["x"]).encode(),
        base64.urlsafe_b64decode(str(public["x"]) + "=="),
        json.dumps(public).encode(),
        key.as_pem(private=False),
        b"",
    ]
    hs = b64(json.dumps({"alg": "HS256", "typ": "at+jwt", "kid": public["kid"]}).encode())
    said = f"{hs}.{body}"
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    stranger = OKPKey.generate_key("Ed25519", {"kid": str(public["kid"])})
    forged = {
        **{name: resigned(key, good, changes, {}) for name, changes in HEADERS.items()},
        **{name: resigned(key, good, {}, changes) for name, changes in CLAIMS.items()},
        **{
            f"HS256, reading {n}": f"{said}.{b64(hmac.digest(secret, said.encode(), 'sha256'))}"
            for n, secret in enumerate(secrets)
        },
        "stranger of the same kid": resigned(stranger, good, {}, {}),
        "key of this home's development tokens": resigned(exchange.keys.issuer.key, good, {}, {}),
        "no signature": f"{head}.{body}.",
        "zeros": f"{head}.{body}.{b64(bytes(64))}",
        "other bits": f"{head}.{body}.{signature[:-1]}{last[last.index(signature[-1]) & 48 | 1]}",
        "padded": f"{good}==",
        "standard base64": f"{head}.{body}.{signature[:-1]}+",
        "two parts": f"{head}.{body}",
        "five parts": f"{good}.{body}.{signature}",
        "a proof": proof(ECKey.generate_key("P-256"), "/graphql"),
        "claims are a list": f"{head}.{b64(b'[]')}.{signature}",
        "claims are not JSON": f"{head}.{b64(b'{')}.{signature}",
        "deep": f"{head}.{b64(b'[' * 2_000)}.{signature}",
        "huge": "a" * 9_000 + ".b.c",
    }
    assert len(forged) > 85
    for name, text in forged.items():
        with subtests.test(name):
            answer = await caller.call(text)
            assert answer.status_code == 401, answer.text
            assert 'error="invalid_token"' in answer.headers["www-authenticate"]
            assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
            if name in HEADERS:
                told = await caller.post("/oauth/introspect", {"token": text})
                assert told.json() == {"active": False}
    assert (await caller.call(good)).status_code == 200


async def test_a_revocation_reaches_the_other_worker_in_a_second(
    caller: Integrator, workers: list[AsyncClient], exchange: Exchange
) -> None:
    other = replace(caller, http=workers[1])
    doomed = await register(workers[0], exchange.database)
    token, theirs = await caller.access_token(), await doomed.access_token()
    assert (await other.call(token)).status_code == 200
    assert (await replace(doomed, http=workers[1]).call(theirs)).status_code == 200
    await caller.post("/oauth/revoke", {"token": token})
    await do(exchange.database, clients.disable(doomed.client.id))
    began = time.monotonic()
    while (await other.call(token)).status_code == 200 or (await other.call(theirs)).status_code == 200:
        assert time.monotonic() - began < 1
        await asyncio.sleep(0.01)
    print(f"\nrevoked on the other worker after {time.monotonic() - began:.2f} s")


async def test_what_a_check_costs(caller: Integrator, exchange: Exchange) -> None:
    """Printed, and no query of its own for each request."""
    token = await caller.access_token()
    await caller.call(token)
    began = time.perf_counter()
    for _ in range(100):
        await caller.call(token)
    plain = (time.perf_counter() - began) / 100
    key = ECKey.generate_key("P-256")
    form = {"grant_type": "client_credentials"}
    answer = await caller.post("/oauth/token", form, {"dpop": proof(key, "/oauth/token")})
    bound = answer.json()["access_token"]
    proofs = [proof(key, "/graphql", bound) for _ in range(100)]
    began = time.perf_counter()
    for shown in proofs:
        assert (await caller.call(bound, "DPoP", dpop=shown)).status_code == 200
    proved = (time.perf_counter() - began) / 100
    print(f"\na request: {plain * 1e3:.1f} ms with a bearer token, {proved * 1e3:.1f} ms with a DPoP proof")


async def test_keys_rotate_under_load_and_no_request_fails(
    caller: Integrator, workers: list[AsyncClient], exchange: Exchange
) -> None:
    """Six callers on two workers, some with tokens of before, while the key changes twice."""
    keys, statuses, kids = TokenKeys(exchange.keys.home), [], set()
    old, over = await caller.access_token(), asyncio.Event()

    async def work(number: int) -> None:
        one = replace(caller, http=workers[number % 2])
        while not over.is_set():
            answer = await one.token()
            statuses.append(answer.status_code)
            fresh = str(answer.json()["access_token"])
            kids.add(json.loads(base64.urlsafe_b64decode(fresh.split(".", maxsplit=1)[0] + "=="))["kid"])
            for token in (fresh, old):
                seen = await replace(caller, http=workers[(number + 1) % 2]).call(token)
                statuses.append(seen.status_code)

    async def signed(kid: str) -> None:
        while kid not in kids:  # noqa: ASYNC110  (it is other tasks that fill the set)
            await asyncio.sleep(0.05)

    async def rotate() -> None:
        for _ in range(2):
            await signed(str(keys.signing(utc_now()).kid))
            new = keys.rotate(utc_now(), timedelta(seconds=1))
            body = {"keys": [key.kid for key in keys.public(utc_now())]}
            write = Write("huren", "test", uuid4().hex, "recordTokenKeys", body)
            await write_once(exchange.database, write, tokens.record(keys.public(utc_now())))
            await signed(new.kid)
        over.set()

    await asyncio.gather(rotate(), *[work(number) for number in range(6)])
    assert set(statuses) == {200}
    print(f"\n{len(statuses)} requests, none failed; three keys signed")


async def test_every_home_on_one_database_takes_the_other_s_tokens(
    caller: Integrator, exchange: Exchange, tmp_path: Path
) -> None:
    app = create_app(replace(exchange, keys=local_keys(tmp_path)), Authority(ISSUER))
    async with AsyncClient(transport=ASGITransport(app), base_url=ISSUER) as http:
        there, over = replace(caller, http=http), asyncio.Event()

        async def busy() -> None:
            """Keeps what the first home's worker knows as old as it may be."""
            while not over.is_set():
                await caller.http.get("/oauth/jwks")

        asking = asyncio.create_task(busy())
        token = await there.access_token()
        assert (await caller.call(token)).status_code == 200, "the first token of a key that nobody had"
        over.set()
        await asking
        kids = {key["kid"] for key in (await caller.http.get("/oauth/jwks")).json()["keys"]}
        assert (await there.call(await caller.access_token())).status_code == 200
        assert TokenKeys(tmp_path).signing(utc_now()).kid in kids | {
            key["kid"] for key in (await caller.http.get("/oauth/jwks")).json()["keys"]
        }


async def test_a_key_that_is_not_on_record_or_long_retired_signs_nothing(
    caller: Integrator, exchange: Exchange
) -> None:
    good = await caller.access_token()
    key = OKPKey.generate_key("Ed25519")
    kid = key.thumbprint()
    token = resigned(key, good, {"kid": kid}, {})
    assert (await caller.call(token)).status_code == 401
    public = {str(n): str(v) for n, v in key.as_dict(private=False).items() if n in {"kty", "crv", "x"}}
    long_ago = utc_now() - timedelta(hours=2)
    ended = TokenKey(kid, "Ed25519", public, long_ago, long_ago + timedelta(hours=1))
    await do(exchange.database, tokens.record([replace(ended, until=None)]))
    await asyncio.sleep(0.5)
    assert (await caller.call(token)).status_code == 200
    await do(exchange.database, tokens.record([ended]))
    await asyncio.sleep(0.5)
    assert (await caller.call(token)).status_code == 401


async def test_without_the_database_nothing_is_accepted_and_nothing_is_500(
    address: Address, exchange: Exchange, caller: Integrator
) -> None:
    token = await caller.access_token()
    async with linked(address) as (_, other):
        database = await Database.open(other)
    app = create_app(exchange_over(database, exchange.keys), Authority(ISSUER))
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url=ISSUER) as http:
        lost = replace(caller, http=http)
        began = time.monotonic()
        answers = await asyncio.gather(
            lost.call(token), lost.token(), lost.post("/oauth/introspect", {"token": token})
        )
        answers.append(await http.get("/oauth/jwks"))
        for answer in answers:
            assert answer.status_code == 503
            assert answer.headers["retry-after"] == "1"
            assert answer.headers["content-type"].startswith("application/json")
        assert time.monotonic() - began < 12
        stranger = OKPKey.generate_key("Ed25519")
        foreign = resigned(stranger, token, {}, {"iss": "https://elsewhere.example"})
        assert (await lost.call(foreign)).status_code == 401
        assert (await http.get("/.well-known/oauth-authorization-server")).status_code == 200
    await database.close()


async def test_what_has_ended_is_swept(exchange: Exchange) -> None:
    database, now = exchange.database, utc_now()
    await tokens.use_once(database, "old", now - timedelta(hours=1))
    await tokens.use_once(database, "new", now + timedelta(hours=1))
    await tokens.revoke(database, "old", now - timedelta(hours=1))
    await tokens.sweep(database, now)
    assert await tokens.use_once(database, "old", now)
    assert not await tokens.use_once(database, "new", now)
    left = await database.read("MATCH (t:RevokedToken {id: 'old'}) RETURN count(t) AS left")
    assert left == [{"left": 0}]


def test_the_battery_can_make_a_good_token() -> None:
    """Nothing but the change makes the forged ones bad."""
    key = OKPKey.generate_key("Ed25519")
    good = jwt.encode({"alg": "Ed25519", "kid": "x"}, {"a": 1}, key, algorithms=["Ed25519"])
    assert resigned(key, good, {}, {}).count(".") == 2
    assert jwt.decode(resigned(key, good, {}, {"b": 2}), key, algorithms=["Ed25519"]).claims == {
        "a": 1,
        "b": 2,
    }
    assert HELLO


async def test_a_slow_read_does_not_undo_a_younger_one(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two reads overlap: the one that began first ends last, and knows no key."""
    first, ended = asyncio.Event(), asyncio.Event()
    key = OKPKey.generate_key("Ed25519")
    public = {str(n): str(v) for n, v in key.as_dict(private=False).items() if n in {"kty", "crv", "x"}}
    whole = {key.thumbprint(): TokenKey(key.thumbprint(), "Ed25519", public, utc_now())}

    async def read(*_: Any) -> TokenStates:
        if not first.is_set():
            first.set()
            await ended.wait()
            return TokenStates(frozenset(), frozenset(), {})
        return TokenStates(frozenset({"revoked"}), frozenset(), whole)

    monkeypatch.setattr(tokens, "states", read)
    states = States(exchange.database, utc_now)
    slow = asyncio.create_task(states.current())
    await first.wait()
    states.forget()
    assert set((await states.current()).keys) == set(whole)
    ended.set()
    assert (await slow).revoked == {"revoked"}
    assert set(states.keys) == set(whole)
